//! The texts of upload pages, and the page of `put --output html`.

use std::io::{self, Write};

use crate::cli::PageArgs;
use crate::error::Failure;
use crate::output::Link;
use crate::output::upload_page::{self, Sends, UploadPage};
use crate::text::CommandLine;

/// Texts of a page have no effect on other output.
pub fn check_words(words: &PageArgs, is_page: bool) -> Result<(), Failure> {
    let given = [
        ("--title", words.title.is_some()),
        ("--message", words.message.is_some()),
        ("--from", words.from.is_some()),
        ("--lang", words.lang.is_some()),
    ]
    .into_iter()
    .find(|(_, is_given)| *is_given);
    match given {
        Some((option, _)) if !is_page => {
            Err(Failure::usage(format!("{option} requires --output html"))
                .hint("add `--output html`"))
        }
        _ => Ok(()),
    }
}

pub fn write(link: &Link, words: &PageArgs, out: &mut dyn Write) -> io::Result<()> {
    let signed = |name: &str| {
        link.presigned
            .headers_to_send
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let size = signed("content-length").and_then(|header| text(&header.value).parse().ok());
    let title = words.title.clone().unwrap_or_else(|| {
        upload_page::default_title(words.lang.unwrap_or_default(), Some(&link.local_name()))
    });
    let page = UploadPage {
        title: &title,
        message: words.message.as_deref(),
        from: words.from.as_deref(),
        language: words.lang.unwrap_or_default(),
        bucket: link.place.bucket.as_deref().unwrap_or_default(),
        sends: Sends::Put {
            url: link.url(),
            headers: link
                .presigned
                .headers_to_send
                .iter()
                .map(|header| (header.name.clone(), text(&header.value)))
                .collect(),
        },
        min_size: size,
        max_size: size,
        content_types: signed("content-type")
            .map(|header| text(&header.value))
            .into_iter()
            .collect(),
        expires_at: u64::try_from(link.lifetime.expires_at.to_utc().timestamp())
            .unwrap_or_default(),
    };
    upload_page::write(&page, out)
}

/// Buckets refuse uploads from pages whose origin they do not allow, which the author of the page
/// does not see.
pub fn cors_note(bucket: &str) -> String {
    format!(
        "note: the bucket must allow the origin of the page: `{}` prints the rules",
        CommandLine::cos_presign("cors")
            .value(bucket)
            .fixed_option("--origin", "ORIGIN")
    )
}
