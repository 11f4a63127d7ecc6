//! A self-contained page with links to many files.
//!
//! The links work without the script. A content security policy allows only the script of the page,
//! and images and downloads of the store.

use std::collections::BTreeSet;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use super::links::html::escape;
use super::links::template::filled;
use crate::text::{append_config_string, decimal_size, escape_controls, grouped, local_path};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Maximum size of an image shown as its own thumbnail.
const LARGEST_THUMBNAIL: u64 = 8_000_000;

/// Maximum number of links; browsers become slow with more.
pub const MOST_LINKS: usize = 10_000;

/// A page of links.
pub struct LinksPage<'a> {
    pub title: &'a str,
    /// The files, in the order of the page.
    pub entries: &'a [Entry],
    /// When the first URL expires.
    pub expires_at: DateTime<Utc>,
}

pub struct Entry {
    /// Its name on the page, and the path under which it is saved.
    pub name: String,
    /// The presigned URL.
    pub url: String,
    /// In bytes, if known.
    pub size: Option<u64>,
    /// If known.
    pub modified: Option<DateTime<Utc>>,
}

/// Writes the page.
///
/// # Errors
/// The error of the writer.
pub fn write(page: &LinksPage, out: &mut dyn Write) -> io::Result<()> {
    let hash = |text: &str| BASE64.encode(Sha256::digest(text.as_bytes()));
    let origins: BTreeSet<&str> = page
        .entries
        .iter()
        .map(|entry| origin(&entry.url))
        .collect();
    let origins = origins.into_iter().collect::<Vec<_>>().join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; \
         img-src data: {origins}; frame-src {origins}; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE),
    );
    let expires = page.expires_at;
    let values = [
        ("@POLICY@", escape(&policy)),
        ("@TITLE@", escape(&escape_controls(page.title))),
        ("@STYLE@", STYLE.to_owned()),
        ("@SUMMARY@", summary(page.entries)),
        ("@EXPIRES@", expires.timestamp().to_string()),
        ("@EXPIRES_TEXT@", date(expires)),
        // Without images the column is omitted.
        (
            "@CLASS@",
            match page.entries.iter().any(is_picture) {
                true => "pictures".to_owned(),
                false => "plain".to_owned(),
            },
        ),
        ("@FILES@", files(page.entries)),
        ("@COMMAND@", escape(&command(page.entries))),
        ("@SCRIPT@", SCRIPT.to_owned()),
    ];
    out.write_all(filled(PAGE, &values).as_bytes())
}

/// `3 files, 12.3 MB`
fn summary(entries: &[Entry]) -> String {
    let count = match entries.len() {
        1 => "1 file".to_owned(),
        count => format!("{} files", grouped(count as u64)),
    };
    let sizes: Option<Vec<u64>> = entries.iter().map(|entry| entry.size).collect();
    match sizes {
        Some(sizes) => format!("{count}, {}", decimal_size(sizes.iter().sum())),
        None => count,
    }
}

fn date(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Scheme, host and port.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..]
        .find(['/', '?'])
        .map_or(url.len(), |at| host + at);
    &url[..end]
}

fn is_picture(entry: &Entry) -> bool {
    let name = entry.name.to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "avif" | "gif" | "jpeg" | "jpg" | "png" | "webp")
        && entry.size.is_some_and(|size| size <= LARGEST_THUMBNAIL)
}

fn files(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let url = escape(&entry.url);
        let thumbnail = if is_picture(entry) {
            format!("<img src=\"{url}\" alt=\"\" loading=\"lazy\" decoding=\"async\">")
        } else {
            String::new()
        };
        let size = entry.size.map(decimal_size);
        let modified = entry.modified.map(|time| {
            format!(
                "<time datetime=\"{}\">{}</time>",
                time.to_rfc3339_opts(SecondsFormat::Secs, true),
                date(time)
            )
        });
        let facts: Vec<String> = size.into_iter().chain(modified).collect();
        text.push_str(&format!(
            "<li><a href=\"{url}\" rel=\"noreferrer noopener\">{thumbnail}<bdi>{}</bdi> \
             <span class=\"facts quiet\">{}</span></a></li>\n",
            escape(&escape_controls(&entry.name)),
            facts.join(", ")
        ));
    }
    text
}

/// curl reads the URLs as a config file from standard input, because they would exceed the maximum
/// length of arguments.
fn command(entries: &[Entry]) -> String {
    let mut text =
        b"curl --fail --globoff --path-as-is --create-dirs --config - <<'END'\n".to_vec();
    for entry in entries {
        text.extend_from_slice(b"url = \"");
        append_config_string(entry.url.as_bytes(), &mut text);
        text.extend_from_slice(b"\"\noutput = \"");
        append_config_string(local_path(entry.name.as_bytes()).as_bytes(), &mut text);
        text.extend_from_slice(b"\"\n");
    }
    text.extend_from_slice(b"END\n");
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const NASTY: &str = "</textarea></script><script>alert(1)</script>\"'&amp;\u{202e}\nEND\n<!--";

    fn page(names: &[&str]) -> String {
        let entries: Vec<Entry> = names
            .iter()
            .map(|name| Entry {
                name: (*name).to_owned(),
                url: "https://store.example:9000/b/k?X-Amz-Signature=0&a=b".to_owned(),
                size: Some(1_234_567),
                modified: DateTime::from_timestamp(1_769_860_800, 0),
            })
            .collect();
        let page = LinksPage {
            title: NASTY,
            entries: &entries,
            expires_at: DateTime::from_timestamp(4_000_000_000, 0).unwrap(),
        };
        let mut out = Vec::new();
        write(&page, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_and_titles_stay_text() {
        let page = page(&[NASTY, "a/b.jpg"]);
        assert!(!page.contains("<script>alert") && !page.contains("<!--"));
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("</textarea>").count(), 1);
        let (_, command) = page.split_once("<textarea").unwrap();
        assert_eq!(
            command.matches("\nEND\n").count(),
            1,
            "the end of the command"
        );
        assert!(!page.contains("@TITLE@") && !page.contains('\u{202e}'));
    }

    #[test]
    fn shows_names_sizes_dates_and_thumbnails() {
        let page = page(&["a/b.jpg", "c.txt"]);
        assert!(page.contains("2 files, 2.47 MB"));
        assert!(
            page.contains("1.23 MB, <time datetime=\"2026-01-31T12:00:00Z\">2026-01-31 12:00 UTC")
        );
        assert_eq!(page.matches("<img ").count(), 1);
        assert!(page.contains("output = &quot;a/b.jpg&quot;"));
    }

    #[test]
    fn the_policy_allows_this_script_and_pictures_of_this_store() {
        let page = page(&["a"]).replace("&#39;", "'");
        let hash = |text: &str| BASE64.encode(Sha256::digest(text.as_bytes()));
        assert!(page.contains(&format!("script-src 'sha256-{}'", hash(SCRIPT))));
        assert!(page.contains(&format!("style-src 'sha256-{}'", hash(STYLE))));
        let store = "https://store.example:9000";
        let sources = format!("img-src data: {store}; frame-src {store}; base-uri");
        assert!(page.contains(&sources));
        assert!(page.contains("default-src 'none'") && !page.contains("connect-src"));
    }
}
