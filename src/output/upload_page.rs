//! A page with which anyone can upload: a form that browsers send by themselves.

use std::io::{self, Write};

use super::html::escape;

/// A page with which anyone can upload.
pub struct UploadPage<'a> {
    /// Title.
    pub title: &'a str,
    /// A sentence of the person who asks for the files.
    pub message: Option<&'a str>,
    /// How it sends.
    pub sends: Sends<'a>,
    /// Bytes of one file, at least.
    pub min_size: Option<u64>,
    /// Bytes of one file, at most.
    pub max_size: Option<u64>,
    /// `image/*`, `application/pdf`, `image/`; empty: any.
    pub content_types: Vec<String>,
    /// Unix seconds.
    pub expires_at: u64,
}

/// How a page sends.
pub enum Sends<'a> {
    /// A POST policy form.
    Form {
        /// Where to.
        url: &'a str,
        /// Without `file`, which comes last.
        fields: Vec<(String, String)>,
        /// What may be chosen of the key.
        key: FormKey,
        /// What may be chosen of the type.
        content_type: FormContentType,
    },
    /// One object, by PUT.
    Put {
        /// Where to.
        url: &'a str,
        /// Those that the link signs.
        headers: Vec<(String, String)>,
    },
}

/// What the uploader may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKey {
    /// One object.
    Fixed,
    /// The name of the file is a part of the key.
    Prefix,
}

/// Who says the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormContentType {
    /// Nobody.
    Free,
    /// The form.
    Fixed,
    /// The file.
    Chosen,
}

/// Writes the page.
///
/// # Errors
/// What writing gives.
pub fn write(page: &UploadPage, out: &mut dyn Write) -> io::Result<()> {
    let Sends::Form { url, fields, .. } = &page.sends else { return Err(io::ErrorKind::Unsupported.into()) };
    writeln!(out, "<!doctype html><meta charset=\"utf-8\"><title>{}</title>", escape(page.title))?;
    writeln!(out, "<form action=\"{}\" method=\"post\" enctype=\"multipart/form-data\">", escape(url))?;
    for (name, value) in fields {
        writeln!(out, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))?;
    }
    writeln!(out, "<input type=\"file\" name=\"file\"><button>Upload</button></form>")
}
