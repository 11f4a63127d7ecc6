//! From a presigned URL to bytes: one file per format.

#[cfg(feature = "cli")]
pub mod form;
#[cfg(feature = "cli")]
mod link;
#[cfg(feature = "cli")]
pub mod links;
#[cfg(feature = "cli")]
pub mod links_page;
#[cfg(feature = "cli")]
pub mod plan;
#[cfg(feature = "cli")]
pub mod qr;
pub mod reports;
#[cfg(feature = "cli")]
pub mod upload_page;
#[cfg(feature = "cli")]
pub mod verbose;

#[cfg(feature = "cli")]
use std::io::{self, Write};

#[cfg(feature = "cli")]
use crate::cli::OutputForm;

#[cfg(feature = "cli")]
pub use link::{Body, Link};

/// Writes a URL in the requested format.
///
/// # Errors
/// The error of the writer.
#[cfg(feature = "cli")]
pub fn write(form: OutputForm, link: &Link, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    match form {
        OutputForm::Url => crate::output::links::url::write(link, out),
        OutputForm::Json => crate::output::links::json::write(link, verbose, out),
        OutputForm::Tsv => crate::output::links::tsv::write(link, out),
        OutputForm::Curl => crate::output::links::curl::write(link, out),
        OutputForm::Wget => crate::output::links::wget::write(link, out),
        OutputForm::Powershell => crate::output::links::powershell::write(link, out),
        OutputForm::Python => crate::output::links::python::write(link, out),
        OutputForm::Html => crate::output::links::html::write(link, out),
        OutputForm::Markdown => crate::output::links::markdown::write(link, out),
        OutputForm::Qr => qr::write(link.url(), qr::Drawing::Text, out),
    }
}
