//! The text around each URL in the output formats.

use std::borrow::Cow;
use std::io;

use crate::cli::OutputForm;
use crate::output::{Link, links};
use crate::sigv4::BulkSigner;
use crate::text;

use super::framing::Framing;

/// The text around each URL.
pub enum Form {
    /// The URL alone.
    Url,
    /// The key and a tab before it.
    Tsv,
    /// A list item with the key as link text.
    Markdown,
    /// The JSON object of a single URL; only URL and key differ.
    Json {
        before_url: Vec<u8>,
        before_key: Vec<u8>,
        after_key: Vec<u8>,
    },
    /// A curl config file: options for all transfers, then the URLs, each with its file.
    Curl {
        options: Vec<u8>,
        names_a_file: Option<&'static str>,
    },
    /// The manifest record of the key.
    Record {
        before_url: Vec<u8>,
        after_url: Vec<u8>,
    },
}

impl Form {
    /// Prepares the text that is the same for all keys; `sample` is a URL whose key is the prefix
    /// and one character.
    pub fn new(form: OutputForm, framing: &Framing, sample: &Link) -> io::Result<Form> {
        if let Framing::Records(layout) = framing {
            let [before_url, after_url] = layout.frame();
            return Ok(Form::Record {
                before_url,
                after_url,
            });
        }
        Ok(match form {
            OutputForm::Json => {
                let mut text = Vec::new();
                links::write(form, sample, false, &mut text)?;
                let url = serde_json::to_vec(sample.url())?;
                let key = serde_json::to_vec(&String::from_utf8_lossy(
                    sample.place.key.as_deref().unwrap_or_default(),
                ))?;
                let [before_url, rest] = around(&text, &[b"\"url\":".as_slice(), &url].concat(), 6);
                let [before_key, after_key] =
                    around(&rest, &[b"\"key\":".as_slice(), &key].concat(), 6);
                Form::Json {
                    before_url,
                    before_key,
                    after_key,
                }
            }
            OutputForm::Tsv => Form::Tsv,
            OutputForm::Markdown => Form::Markdown,
            OutputForm::Curl => curl(sample),
            _ => Form::Url,
        })
    }

    /// Number of bytes written with each URL, without the key and the rest of its record.
    pub fn length_without_url(&self) -> usize {
        match self {
            Form::Url | Form::Tsv => 2,
            // `- [](<>)`
            Form::Markdown => 9,
            Form::Json {
                before_url,
                before_key,
                after_key,
            } => before_url.len() + before_key.len() + after_key.len() + 4,
            // `url = ""`, `output = ""`, `upload-file = ""`
            Form::Curl { .. } => 32,
            Form::Record {
                before_url,
                after_url,
            } => before_url.len() + after_url.len(),
        }
    }

    /// Text before the first URL.
    pub fn beginning(&self) -> &[u8] {
        match self {
            Form::Curl { options, .. } => options,
            _ => &[],
        }
    }

    /// Writes a URL. `key` is the complete key, `record` the text around the place of the URL.
    pub fn write(
        &self,
        key: &[u8],
        prefix: usize,
        record: [&[u8]; 3],
        signer: &mut BulkSigner,
        out: &mut Vec<u8>,
    ) {
        let own = &key[prefix..];
        match self {
            Form::Url => {
                signer.push(own, out);
                out.push(b'\n');
            }
            Form::Tsv => {
                links::tsv::append_key(key, out);
                out.push(b'\t');
                signer.push(own, out);
                out.push(b'\n');
            }
            Form::Markdown => {
                out.extend_from_slice(b"- [");
                let text = String::from_utf8_lossy(key);
                out.extend_from_slice(links::markdown::text(&text).as_bytes());
                out.extend_from_slice(b"](<");
                signer.push(own, out);
                out.extend_from_slice(b">)\n");
            }
            Form::Json {
                before_url,
                before_key,
                after_key,
            } => {
                out.extend_from_slice(before_url);
                out.push(b'"');
                signer.push(own, out);
                out.push(b'"');
                out.extend_from_slice(before_key);
                append_json(key, out);
                out.extend_from_slice(after_key);
            }
            Form::Curl { names_a_file, .. } => {
                out.extend_from_slice(b"url = \"");
                signer.push(own, out);
                out.extend_from_slice(b"\"\n");
                if let Some(option) = names_a_file {
                    out.extend_from_slice(option.as_bytes());
                    out.extend_from_slice(b" = \"");
                    text::append_config_string(file_of(key, own, option).as_bytes(), out);
                    out.extend_from_slice(b"\"\n");
                }
            }
            Form::Record {
                before_url,
                after_url,
            } => {
                let [before, after, end] = record;
                out.extend_from_slice(before);
                out.extend_from_slice(before_url);
                signer.push(own, out);
                out.extend_from_slice(after_url);
                out.extend_from_slice(after);
                out.extend_from_slice(end);
            }
        }
    }
}

/// The local file: for an upload the one in the list, for a download the complete key.
fn file_of<'a>(key: &'a [u8], own: &'a [u8], option: &str) -> Cow<'a, str> {
    text::local_path(if option == UPLOADED { own } else { key })
}

/// Text before and after the value of a field that is always present; `name` is the length of its
/// name.
fn around(text: &[u8], field: &[u8], name: usize) -> [Vec<u8>; 2] {
    let at = memchr::memmem::find(text, field).unwrap_or(text.len() - field.len());
    [
        text[..at + name].to_vec(),
        text[at + field.len()..].to_vec(),
    ]
}

/// The key as a JSON string; bytes that are not UTF-8 are replaced, as for a single URL.
fn append_json(key: &[u8], out: &mut Vec<u8>) {
    let is_plain = key.iter().fold(true, |all, byte| {
        all & (0x20..0x7f).contains(byte) & (*byte != b'"') & (*byte != b'\\')
    });
    out.push(b'"');
    if is_plain {
        out.extend_from_slice(key);
    } else if let Ok(text) = serde_json::to_vec(&String::from_utf8_lossy(key)) {
        out.extend_from_slice(&text[1..text.len() - 1]);
    }
    out.push(b'"');
}

/// The curl option for the file to upload.
const UPLOADED: &str = "upload-file";

fn curl(sample: &Link) -> Form {
    let mut options = b"fail\ngloboff\npath-as-is\n".to_vec();
    let names_a_file = match sample.method {
        "GET" => {
            options.extend_from_slice(b"create-dirs\n");
            Some("output")
        }
        "PUT" => Some(UPLOADED),
        "HEAD" => {
            options.extend_from_slice(b"head\n");
            None
        }
        method => {
            options.extend_from_slice(format!("request = \"{method}\"\n").as_bytes());
            None
        }
    };
    for header in &sample.presigned.headers_to_send {
        options.extend_from_slice(b"header = \"");
        let separator: &[u8] = if header.value.is_empty() { b";" } else { b": " };
        text::append_config_string(
            &[header.name.as_bytes(), separator, &header.value].concat(),
            &mut options,
        );
        options.extend_from_slice(b"\"\n");
    }
    Form::Curl {
        options,
        names_a_file,
    }
}
