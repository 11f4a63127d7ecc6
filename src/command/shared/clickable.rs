//! Output formats that are a link to click.

use crate::cli::OutputForm;
use crate::error::Failure;

use super::link_request::LinkRequest;

/// Clicking a link sends a GET without headers.
pub fn check_clickable(ask: &LinkRequest, form: OutputForm) -> Result<(), Failure> {
    let name = match form {
        OutputForm::Markdown => "markdown",
        OutputForm::Qr => "qr",
        _ => "html",
    };
    if ask.method != "GET" {
        return Err(Failure::usage(format!(
            "--output {name} prints a link to click, which sends GET, not {}",
            ask.method
        ))
        .hint("use `--output curl` or another command"));
    }
    if !ask.parts.headers.is_empty() || !ask.sign.request.header.is_empty() {
        return Err(Failure::usage(format!(
            "--output {name} prints a link to click, but browsers do not send its signed headers"
        ))
        .hint("use `--output curl` or another command"));
    }
    Ok(())
}
