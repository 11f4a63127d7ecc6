//! Output formats that are a link to click.

use crate::cli::OutputForm;
use crate::error::Failure;

use super::link_request::LinkRequest;

/// Clicking a link sends a GET without headers.
pub fn check_clickable(link_request: &LinkRequest, form: OutputForm) -> Result<(), Failure> {
    let name = match form {
        OutputForm::Markdown => "markdown",
        OutputForm::Qr => "qr",
        _ => "html",
    };
    if link_request.method != "GET" {
        return Err(Failure::usage(format!(
            "--output {name} prints a link to click, which sends GET, not {}",
            link_request.method
        ))
        .hint("use `--output curl` or another command"));
    }
    if !link_request.parts.headers.is_empty() || !link_request.sign.request.header.is_empty() {
        return Err(Failure::usage(format!(
            "--output {name} prints a link to click, but browsers do not send its signed headers"
        ))
        .hint("use `--output curl` or another command"));
    }
    Ok(())
}
