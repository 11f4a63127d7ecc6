//! `explain`: the meaning of a code.

use crate::cli::{ExplainArgs, ReportForm};
use crate::diagnosis::{CODES, explanation};
use crate::error::Failure;
use crate::output::reports::explanation as page;

use super::shared::link_request::Io;

pub fn run(args: &ExplainArgs, streams: Io) -> anyhow::Result<()> {
    let Io { out, .. } = streams;
    let form = args.report.form();
    match &args.code {
        None => page::write_all(form, out)?,
        Some(code) => {
            let Some(found) = explanation(&code.to_ascii_lowercase()) else {
                return Err(unknown(code).into());
            };
            page::write(form, found, out)?;
        }
    }
    if form == ReportForm::Text {
        Ok(out.flush()?)
    } else {
        Ok(())
    }
}

/// The most similar code.
fn unknown(code: &str) -> Failure {
    let lower = code.to_ascii_lowercase();
    let near = CODES.iter().find(|known| {
        lower.len() > 2 && (known.code.contains(&lower) || lower.contains(known.code))
    });
    let hint = match near {
        Some(near) => format!(
            "did you mean `{}`? `cos-presign explain` lists all",
            near.code
        ),
        None => "`cos-presign explain` lists all codes".to_owned(),
    };
    Failure::usage(format!(
        "`{}` is not a code",
        crate::text::escape_controls(code)
    ))
    .hint(hint)
}
