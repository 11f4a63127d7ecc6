//! `man`: the help as pages.

use crate::cli::{ManArgs, manual};
use crate::error::Failure;
use crate::text::escape_controls;

use super::ask::Streams;

pub fn run(args: &ManArgs, streams: Streams) -> anyhow::Result<()> {
    let Streams { out, .. } = streams;
    if !manual::write(args.verb.as_deref(), out)? {
        let given = escape_controls(args.verb.as_deref().unwrap_or_default()).into_owned();
        return Err(Failure::usage(format!("`{given}` is not a verb"))
            .hint("`cos-presign --help` lists them")
            .into());
    }
    Ok(out.flush()?)
}
