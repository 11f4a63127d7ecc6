//! Output formats of URLs, one per file.

pub mod curl;
pub mod html;
pub mod json;
pub mod markdown;
pub mod powershell;
pub mod python;
pub mod template;
pub mod tsv;
pub mod url;
pub mod wget;

use std::io::{self, Write};

use super::{Link, qr};
use crate::cli::OutputForm;

/// Writes a URL in the requested format.
///
/// # Errors
/// The error of the writer.
pub fn write(form: OutputForm, link: &Link, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    match form {
        OutputForm::Url => url::write(link, out),
        OutputForm::Json => json::write(link, verbose, out),
        OutputForm::Tsv => tsv::write(link, out),
        OutputForm::Curl => curl::write(link, out),
        OutputForm::Wget => wget::write(link, out),
        OutputForm::Powershell => powershell::write(link, out),
        OutputForm::Python => python::write(link, out),
        OutputForm::Html => html::write(link, out),
        OutputForm::Markdown => markdown::write(link, out),
        OutputForm::Qr => qr::write(link.url(), qr::Drawing::Text, out),
    }
}
