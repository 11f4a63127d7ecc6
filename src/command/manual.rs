//! `man`: man pages, and the reference in Markdown.

use crate::cli::{ManArgs, manual, reference};
use crate::error::Failure;
use crate::text::escape_controls;

use super::shared::link_request::Io;

pub fn run(args: &ManArgs, streams: Io) -> anyhow::Result<()> {
    let Io { out, .. } = streams;
    if args.markdown {
        reference::write(out)?;
        return Ok(out.flush()?);
    }
    if !manual::write(args.verb.as_deref(), out)? {
        let given = escape_controls(args.verb.as_deref().unwrap_or_default()).into_owned();
        return Err(Failure::usage(format!("`{given}` is not a verb"))
            .hint("`cos-presign --help` lists them")
            .into());
    }
    Ok(out.flush()?)
}
