//! From a signed link to bytes: one small file a form.

pub mod form;
pub mod links;
pub mod links_page;
pub mod plan;
pub mod qr;
pub mod reports;
pub mod upload_page;
pub mod verbose;

use std::ffi::OsStr;
use std::io::{self, Write};

use crate::cli::OutputForm;
use crate::resolve::{Lifetime, Place, Remote, Sourced, Warning};
use crate::sigv4::{Credentials, Header, Presigned};
use crate::text;

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
    /// What a printed command sends.
    pub body: Body<'a>,
    /// The name under which browsers save it (`--download-as`), for printed commands too.
    pub download_as: Option<&'a OsStr>,
}

/// The body that a printed command sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// None, or an empty one where the method wants one.
    Empty,
    /// This file.
    File(&'a [u8]),
    /// A file whose name was not given: one that is called as the object.
    FileOfSameName,
}

impl Link<'_> {
    /// Wipes the secret with which it was signed, and which nothing is left to be signed with.
    pub fn forget_secret(&mut self) {
        self.credentials.value.forget_secret();
        self.place.account.iter_mut().for_each(Remote::forget_keys);
    }

    /// The URL.
    pub fn url(&self) -> &str {
        self.presigned.url.as_str()
    }

    /// A name under which a download can be saved without doing harm.
    pub fn local_name(&self) -> String {
        match self.download_as {
            // A browser too takes no more than the last segment of it.
            Some(name) => text::local_name(name.as_encoded_bytes()),
            None => text::local_name(self.place.key.as_deref().unwrap_or_default()),
        }
    }

    /// Whether clients that tidy up paths would change this one.
    pub fn has_dot_segments(&self) -> bool {
        let path = &self.place.address.path;
        path.split(|b| *b == b'/')
            .any(|segment| segment == b"." || segment == b"..")
    }

    /// The file that a printed command uploads.
    pub fn file_to_upload(&self) -> Option<Vec<u8>> {
        match self.body {
            Body::Empty => None,
            Body::File(name) => Some(name.to_vec()),
            Body::FileOfSameName => Some(self.local_name().into_bytes()),
        }
    }

    /// The signed headers that a printed command has to name: the length of a file clients send by
    /// themselves.
    pub fn headers_to_name(&self) -> impl Iterator<Item = &Header> {
        let by_itself = self.body != Body::Empty;
        self.presigned.headers_to_send.iter().filter(move |header| {
            !(by_itself && header.name.eq_ignore_ascii_case("content-length"))
        })
    }

    /// Whether the client has to send a header of this name (lower case).
    pub fn signs_header(&self, name: &str) -> bool {
        self.presigned
            .headers_to_send
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(name))
    }
}

/// Writes a link in the form that was asked for.
///
/// # Errors
/// What writing gives.
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
