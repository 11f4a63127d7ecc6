//! `stores`: the table of known stores.

use crate::cli::StoresArgs;
use crate::error::Failure;
use crate::output::reports::stores;
use crate::store::{PROVIDERS, find_provider};
use crate::text::escape_controls;

use super::shared::link_request::Io;

pub fn run(args: &StoresArgs, streams: Io) -> anyhow::Result<()> {
    let Io { out, .. } = streams;
    let form = args.report.form();
    match &args.name {
        None => stores::write_all(form, out)?,
        Some(name) => {
            let Some(found) = find_provider(&name.to_ascii_lowercase()) else {
                let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.id).collect();
                return Err(Failure::usage(format!(
                    "`{}` is not a known store",
                    escape_controls(name)
                ))
                .hint(format!(
                    "the stores are {}; any other works with `--endpoint`",
                    names.join(", ")
                ))
                .into());
            };
            stores::write(form, found, out)?;
        }
    }
    Ok(out.flush()?)
}
