//! A self-contained upload page: sends a form, a presigned PUT, or parts.
//!
//! Keys, titles and messages are never interpreted: they are escaped, or are strings of a JSON
//! block that the script reads. A content security policy allows only the script of the page, and
//! requests to the store.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::links::html::escape;
use super::links::template::filled;
use crate::cli::PageLanguage;
use crate::sigv4::FILENAME;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Texts of the page in a language, by name.
type Texts = BTreeMap<String, String>;

fn texts(language: PageLanguage) -> Texts {
    let json = match language {
        PageLanguage::De => include_str!("lang/de.json"),
        PageLanguage::En => include_str!("lang/en.json"),
        PageLanguage::Es => include_str!("lang/es.json"),
        PageLanguage::Fr => include_str!("lang/fr.json"),
    };
    serde_json::from_str(json).unwrap_or_default()
}

fn text(texts: &Texts, name: &str) -> String {
    texts.get(name).cloned().unwrap_or_default()
}

/// The default title: for one object, or for any files.
pub fn default_title(language: PageLanguage, object: Option<&str>) -> String {
    let texts = texts(language);
    match object {
        Some(name) => text(&texts, "title_file").replace("{name}", name),
        None => text(&texts, "title_files"),
    }
}

/// An upload page.
pub struct UploadPage<'a> {
    pub title: &'a str,
    /// Message of the requester; line breaks are kept.
    pub message: Option<&'a str>,
    /// Name of the requester.
    pub from: Option<&'a str>,
    /// Language of the page.
    pub language: PageLanguage,
    /// For hints about CORS.
    pub bucket: &'a str,
    /// How files are sent.
    pub sends: Sends<'a>,
    /// Minimum size of a file in bytes.
    pub min_size: Option<u64>,
    /// Maximum size of a file in bytes.
    pub max_size: Option<u64>,
    /// `image/` (prefix, checked against the type of the file), `image/png`; empty: any.
    pub content_types: Vec<String>,
    /// Unix seconds.
    pub expires_at: u64,
}

/// How files are sent.
pub enum Sends<'a> {
    /// A POST policy form.
    Form {
        url: &'a str,
        /// All fields except `file`, which comes last.
        fields: &'a [(String, String)],
        /// Source of the content type.
        content_type: FormContentType,
        /// Whether files keep their names, so that one can replace another.
        keeps_names: bool,
    },
    /// One object, by PUT.
    Put {
        url: &'a str,
        /// The signed headers.
        headers: Vec<(String, String)>,
    },
    /// One object, in parts.
    Parts {
        /// The URLs, in the order of the parts.
        parts: Vec<PagePart<'a>>,
        /// Headers of every part.
        headers: Vec<(String, String)>,
        /// The URL that completes the upload.
        complete_url: &'a str,
        /// Headers of that request.
        complete_headers: Vec<(String, String)>,
    },
}

/// A part of a file.
#[derive(Serialize)]
pub struct PagePart<'a> {
    /// From 1.
    pub part_number: u64,
    /// Offset in bytes.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    pub url: &'a str,
}

/// Source of the content type of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormContentType {
    /// The policy has no condition on it.
    Free,
    /// The form has the field.
    Fixed,
    /// The policy has a prefix; the page sends the type of the file.
    Chosen,
}

/// The data that the script reads.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    kind: &'a str,
    bucket: &'a str,
    url: &'a str,
    fields: &'a [(String, String)],
    key: &'a str,
    several_files: bool,
    keep_names: bool,
    type_is_chosen: bool,
    redirect: Option<&'a str>,
    headers: &'a [(String, String)],
    parts: &'a [PagePart<'a>],
    complete: Option<Complete<'a>>,
    min_size: Option<u64>,
    max_size: Option<u64>,
    content_types: &'a [String],
    expires_at: u64,
    texts: Texts,
}

#[derive(Serialize)]
struct Complete<'a> {
    url: &'a str,
    headers: &'a [(String, String)],
}

fn data<'a>(page: &'a UploadPage) -> Data<'a> {
    let common = Data {
        bucket: page.bucket,
        min_size: page.min_size,
        max_size: page.max_size,
        content_types: &page.content_types,
        expires_at: page.expires_at,
        texts: texts(page.language),
        ..Data::default()
    };
    match &page.sends {
        Sends::Form {
            url,
            fields,
            content_type,
            keeps_names,
        } => {
            let field = |name: &str| {
                fields
                    .iter()
                    .find(|(n, _)| n.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.as_str())
            };
            let key = field("key").unwrap_or_default();
            Data {
                kind: "form",
                url,
                fields,
                key,
                several_files: key.contains(FILENAME),
                keep_names: *keeps_names,
                type_is_chosen: *content_type == FormContentType::Chosen,
                redirect: field("success_action_redirect"),
                ..common
            }
        }
        Sends::Put { url, headers } => Data {
            kind: "put",
            url,
            headers,
            ..common
        },
        Sends::Parts {
            parts,
            headers,
            complete_url,
            complete_headers,
        } => Data {
            kind: "parts",
            url: complete_url,
            headers,
            parts,
            complete: Some(Complete {
                url: complete_url,
                headers: complete_headers,
            }),
            ..common
        },
    }
}

impl UploadPage<'_> {
    /// Scheme, host and port of the store.
    fn origin(&self) -> &str {
        let (Sends::Form { url, .. }
        | Sends::Put { url, .. }
        | Sends::Parts {
            complete_url: url, ..
        }) = &self.sends;
        let host = url.find("://").map_or(0, |at| at + 3);
        let end = url[host..]
            .find(['/', '?'])
            .map_or(url.len(), |at| host + at);
        &url[..end]
    }
}

/// Writes the page.
///
/// # Errors
/// The error of the writer.
pub fn write(page: &UploadPage, out: &mut dyn Write) -> io::Result<()> {
    let hash = |text: &str| BASE64.encode(Sha256::digest(text.as_bytes()));
    let origin = page.origin();
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; \
         connect-src {origin}; form-action {origin}; base-uri 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    let message = page
        .message
        .map(|text| format!("<p class=\"message\">{}</p>\n", escape(text)));
    let from = page.from.map(|name| {
        let text = text(&texts(page.language), "from").replace("{name}", name);
        format!("<p class=\"from\">{}</p>\n", escape(&text))
    });
    let values = [
        ("@POLICY@", escape(&policy)),
        ("@LANG@", page.language.as_str().to_owned()),
        ("@FROM@", from.unwrap_or_default()),
        ("@TITLE@", escape(page.title)),
        ("@STYLE@", STYLE.to_owned()),
        ("@MESSAGE@", message.unwrap_or_default()),
        ("@WITHOUT_SCRIPT@", without_script(page)),
        ("@DATA@", json_in_html(&serde_json::to_string(&data(page))?)),
        ("@SCRIPT@", SCRIPT.to_owned()),
    ];
    out.write_all(filled(PAGE, &values).as_bytes())
}

/// A form whose fields are all fixed works without the script.
fn without_script(page: &UploadPage) -> String {
    let texts = texts(page.language);
    // Without the script, files keep their names.
    let is_form = matches!(&page.sends, Sends::Form { content_type, keeps_names, fields, .. }
        if *content_type != FormContentType::Chosen
            && (*keeps_names || !fields.iter().any(|(_, value)| value.contains(FILENAME))));
    let Sends::Form { url, fields, .. } = &page.sends else {
        return format!("<p>{}</p>", escape(&text(&texts, "no_script")));
    };
    if !is_form {
        return format!("<p>{}</p>", escape(&text(&texts, "no_script")));
    }
    let fields = fields.iter().map(|(name, value)| {
        format!(
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">\n",
            escape(name),
            escape(value)
        )
    });
    format!(
        "<form action=\"{}\" method=\"post\" enctype=\"multipart/form-data\">\n{}\
         <p><label>{} <input type=\"file\" name=\"file\" required></label></p>\n\
         <p><button>{}</button></p>\n</form>",
        escape(url),
        fields.collect::<String>(),
        escape(&text(&texts, "file")),
        escape(&text(&texts, "upload"))
    )
}

/// JSON without characters that HTML could interpret; they all occur inside strings only.
fn json_in_html(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(c)))
            }
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "</script><script>alert(1)</script>\"'&amp;\u{2028}\u{202e}<!--";

    fn pages() -> Vec<String> {
        let fields = [
            ("key", format!("in/{NASTY}/{FILENAME}")),
            ("policy", "e30=".to_owned()),
            ("x-amz-meta-a", NASTY.to_owned()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        let headers = || vec![("x-amz-meta-a".to_owned(), NASTY.to_owned())];
        let url = "https://store.example:9000/bucket?X-Amz-Signature=0&a=b";
        let part = || PagePart {
            part_number: 1,
            offset: 0,
            size: 5,
            url,
        };
        [
            Sends::Form {
                url,
                fields: &fields,
                content_type: FormContentType::Fixed,
                keeps_names: true,
            },
            Sends::Form {
                url,
                fields: &fields,
                content_type: FormContentType::Chosen,
                keeps_names: false,
            },
            Sends::Put {
                url,
                headers: headers(),
            },
            Sends::Parts {
                parts: vec![part()],
                headers: headers(),
                complete_url: url,
                complete_headers: Vec::new(),
            },
        ]
        .map(|sends| {
            let page = UploadPage {
                title: NASTY,
                message: Some(NASTY),
                from: Some(NASTY),
                language: PageLanguage::Fr,
                bucket: "bucket",
                sends,
                min_size: None,
                max_size: Some(5),
                content_types: vec!["image/".to_owned()],
                expires_at: 4_000_000_000,
            };
            let mut out = Vec::new();
            write(&page, &mut out).expect("a page");
            String::from_utf8(out).expect("text")
        })
        .to_vec()
    }

    fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
        text.split_once(start)
            .and_then(|(_, rest)| rest.split_once(end))
            .map_or("", |(found, _)| found)
    }

    #[test]
    fn all_languages_have_the_same_texts_with_the_same_values() {
        let placeholders = |text: &str| -> Vec<String> {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
                .collect();
            names.sort();
            names
        };
        let english = texts(PageLanguage::En);
        assert!(english.len() > 60);
        for language in [PageLanguage::De, PageLanguage::Es, PageLanguage::Fr] {
            let others = texts(language);
            assert!(english.keys().eq(others.keys()), "{language:?}");
            for (name, text) in &english {
                assert_eq!(placeholders(text), placeholders(&others[name]), "{name}");
            }
        }
        for name in SCRIPT.split("texts.").skip(1).filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next()
        }) {
            assert!(english.contains_key(name), "{name}");
        }
    }

    #[test]
    fn nothing_breaks_out() {
        for page in pages() {
            assert!(
                !page.contains("<script>alert") && !page.contains("<!--"),
                "{page}"
            );
            assert_eq!(
                page.matches("<script").count(),
                2,
                "the data and the script"
            );
            let data: serde_json::Value =
                serde_json::from_str(between(&page, "id=\"upload\">", "</script>")).expect("JSON");
            assert_eq!(data["bucket"], "bucket");
            assert_eq!(data["maxSize"], 5);
            assert_eq!(data["minSize"], serde_json::Value::Null);
            assert!(data.to_string().contains("alert(1)"));
            assert!(!page.contains("@TITLE@") && !page.contains("@DATA@"));
        }
    }

    #[test]
    fn the_policy_allows_this_script_and_this_store() {
        for page in pages() {
            let policy =
                between(&page, "Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
            for (tag, directive) in [("script", "script-src"), ("style", "style-src")] {
                let text = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
                assert!(text.len() > 500);
                let hash = BASE64.encode(Sha256::digest(text.as_bytes()));
                assert!(
                    policy.contains(&format!("{directive} 'sha256-{hash}'")),
                    "{policy}"
                );
            }
            assert!(
                policy.contains("connect-src https://store.example:9000;"),
                "{policy}"
            );
            assert!(
                !page.contains("src=\"http") && !page.contains("href=\"http"),
                "{page}"
            );
            assert!(page.len() < 40_000, "{}", page.len());
        }
    }
}
