//! `completions`, and the completion requests of its scripts.

use std::ffi::OsString;
use std::io::{self, Write};

use crate::cli::completion::{self, CompletionsArgs, Names};
use crate::diagnosis::CODES;
use crate::env::Env;
use crate::resolve::{AwsFiles, target_beginnings};
use crate::store::PROVIDERS;

use super::shared::link_request::Io;

pub fn run(args: &CompletionsArgs, streams: Io) -> anyhow::Result<()> {
    let Io { out, .. } = streams;
    completion::write_script(args.shell, out)?;
    Ok(out.flush()?)
}

/// Prints candidates for a shell. Errors are ignored: they would disturb the line being typed.
pub fn complete(
    shell: &str,
    args: Vec<OsString>,
    env: &Env,
    out: &mut dyn Write,
) -> io::Result<()> {
    // The name of the program, and `--`.
    let words = args.into_iter().skip(2).collect();
    let mut regions: Vec<String> = PROVIDERS
        .iter()
        .flat_map(|provider| provider.regions)
        .map(|&name| name.to_owned())
        .collect();
    regions.sort();
    regions.dedup();
    let names = Names {
        profiles: AwsFiles::read(env)
            .map(|files| files.profile_names())
            .unwrap_or_default(),
        regions,
        providers: PROVIDERS
            .iter()
            .map(|provider| provider.id.to_owned())
            .collect(),
        targets: target_beginnings(env),
        codes: CODES.iter().map(|code| code.code.to_owned()).collect(),
    };
    completion::complete(
        shell,
        words,
        &names,
        env.working_directory().as_deref(),
        out,
    )?;
    out.flush()
}
