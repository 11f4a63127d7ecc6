//! Output formats that are a link to click on.

use crate::cli::OutputForm;
use crate::error::Failure;

use super::link_request::LinkRequest;

/// A link to click on is a GET without headers.
pub fn check_clickable(ask: &LinkRequest, form: OutputForm) -> Result<(), Failure> {
    let name = match form {
        OutputForm::Markdown => "markdown",
        OutputForm::Qr => "qr",
        _ => "html",
    };
    if ask.method != "GET" {
        return Err(Failure::usage(format!(
            "--output {name} makes a link to click on, which is always a GET, not a {}",
            ask.method
        ))
        .hint("use `--output curl` or another command"));
    }
    if !ask.parts.headers.is_empty() || !ask.sign.request.header.is_empty() {
        return Err(Failure::usage(format!(
            "--output {name} makes a link to click on, and browsers send no signed headers with it"
        ))
        .hint("use `--output curl` or another command"));
    }
    Ok(())
}
