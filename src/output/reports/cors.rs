//! CORS rules as documents, and as the commands that set them.

use std::io::{self, Write};

use serde::Serialize;

use crate::store::CorsRule;
use crate::text::shell_quote;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rule<'a> {
    allowed_origins: &'a [String],
    allowed_methods: &'a [String],
    allowed_headers: &'a [String],
    expose_headers: &'a [String],
    max_age_seconds: u64,
}

#[derive(Serialize)]
struct Configuration<'a> {
    #[serde(rename = "CORSRules")]
    rules: [Rule<'a>; 1],
}

fn configuration(rule: &CorsRule) -> Configuration<'_> {
    Configuration {
        rules: [Rule {
            allowed_origins: &rule.origins,
            allowed_methods: &rule.methods,
            allowed_headers: &rule.headers,
            expose_headers: &rule.exposed,
            max_age_seconds: rule.max_age,
        }],
    }
}

/// What `aws s3api` and `ibmcloud cos` take as `--cors-configuration`.
///
/// # Errors
/// What writing gives.
pub fn json(rule: &CorsRule, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &configuration(rule))?;
    writeln!(out)
}

/// A command of AWS's or IBM's command line, with its options behind it.
///
/// # Errors
/// What writing gives.
pub fn command(
    program: &str,
    bucket: &str,
    rule: &CorsRule,
    options: &[(&str, String)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let word = |text: &str| String::from_utf8_lossy(&shell_quote(text.as_bytes())).into_owned();
    let rules = serde_json::to_string(&configuration(rule))?;
    write!(
        out,
        "{program} --bucket {} --cors-configuration {}",
        word(bucket),
        word(&rules)
    )?;
    for (option, value) in options {
        write!(out, " {option} {}", word(value))?;
    }
    writeln!(out)
}

/// A presigned request, for those who have neither command line. The body's MD5 is signed, which stores ask for.
///
/// # Errors
/// What writing gives.
pub fn curl(url: &str, content_md5: &str, xml: &str, out: &mut dyn Write) -> io::Result<()> {
    let words = [
        "curl",
        "--fail",
        "--globoff",
        "--request",
        "PUT",
        "--header",
        &format!("Content-MD5: {content_md5}"),
        "--header",
        "Content-Type: application/xml",
        "--data-binary",
        xml,
        url,
    ];
    let words: Vec<Vec<u8>> = words
        .iter()
        .map(|word| shell_quote(word.as_bytes()))
        .collect();
    out.write_all(&words.join(&b' '))?;
    out.write_all(b"\n")
}
