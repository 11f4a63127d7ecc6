//! From a signed link to bytes: one small file a form.

mod curl;
mod html;
mod json;
mod markdown;
mod powershell;
mod python;
pub mod text;
mod url;
pub mod verbose;
mod wget;

use std::io::{self, Write};

use crate::cli::OutputForm;
use crate::resolve::{Lifetime, Place, Sourced, Warning};
use crate::sigv4::{Credentials, Presigned};

/// A signed link with everything that can be said about it.
#[derive(Debug)]
pub struct Link<'a> {
    /// The link and the steps to it.
    pub presigned: Presigned,
    /// `GET`, `PUT`, …
    pub method: &'a str,
    /// Where it leads.
    pub place: Place,
    /// When it works.
    pub lifetime: Lifetime,
    /// Who signed.
    pub credentials: Sourced<Credentials>,
    /// `20130524/us-east-1/s3/aws4_request`
    pub credential_scope: String,
    /// What should be told.
    pub warnings: Vec<Warning>,
    /// The file that a printed command uploads.
    pub upload_file: Option<&'a [u8]>,
}

impl Link<'_> {
    /// The URL.
    pub fn url(&self) -> &str {
        self.presigned.url.as_str()
    }

    /// A name under which a download can be saved without doing harm.
    pub fn local_name(&self) -> String {
        text::local_name(self.place.key.as_deref().unwrap_or_default())
    }

    /// Whether clients that tidy up paths would change this one.
    pub fn has_dot_segments(&self) -> bool {
        let path = &self.place.address.path;
        path.split(|b| *b == b'/').any(|segment| segment == b"." || segment == b"..")
    }

    /// Whether the request has a body, and a printed command so needs a file.
    pub fn uploads(&self) -> bool {
        self.method == "PUT" || (self.method == "POST" && self.upload_file.is_some())
    }

    /// The file to upload: the one that was given, else one that is called as the object.
    pub fn file_to_upload(&self) -> Vec<u8> {
        self.upload_file.map_or_else(|| self.local_name().into_bytes(), <[u8]>::to_vec)
    }
}

/// Writes a link in the form that was asked for.
///
/// # Errors
/// What writing gives.
pub fn write(form: OutputForm, link: &Link, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    match form {
        OutputForm::Url => url::write(link, out),
        OutputForm::Json => json::write(link, verbose, out),
        OutputForm::Curl => curl::write(link, out),
        OutputForm::Wget => wget::write(link, out),
        OutputForm::Powershell => powershell::write(link, out),
        OutputForm::Python => python::write(link, out),
        OutputForm::Html => html::write(link, out),
        OutputForm::Markdown => markdown::write(link, out),
    }
}
