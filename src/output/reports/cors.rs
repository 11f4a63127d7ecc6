//! CORS rules as documents, and as the commands that set them.

use std::io::{self, Write};

use serde::Serialize;

use crate::store::CorsRule;
use crate::text::CommandLine;

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

/// The argument of `--cors-configuration` of `aws s3api` and `ibmcloud cos`.
///
/// # Errors
/// The error of the writer.
pub fn json(rule: &CorsRule, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &configuration(rule))?;
    writeln!(out)
}

/// A command of the AWS or IBM Cloud CLI, with its options.
///
/// # Errors
/// The error of the writer.
pub fn command(
    program: &'static str,
    bucket: &str,
    rule: &CorsRule,
    options: &[(&'static str, String)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let rules = serde_json::to_string(&configuration(rule))?;
    let command = CommandLine::new(program)
        .option("--bucket", bucket)
        .option("--cors-configuration", rules);
    let command = options.iter().fold(command, |command, (name, value)| {
        command.option(name, value)
    });
    out.write_all(&command.to_bytes())?;
    out.write_all(b"\n")
}

/// A presigned request, for users without these CLIs. The MD5 of the body is signed, which stores
/// require.
///
/// # Errors
/// The error of the writer.
pub fn curl(url: &str, content_md5: &str, xml: &str, out: &mut dyn Write) -> io::Result<()> {
    let command = CommandLine::curl()
        .fixed("--fail")
        .fixed("--globoff")
        .fixed_option("--request", "PUT")
        .option("--header", format!("Content-MD5: {content_md5}"))
        .fixed_option("--header", "'Content-Type: application/xml'")
        .option("--data-binary", xml)
        .value(url);
    out.write_all(&command.to_bytes())?;
    out.write_all(b"\n")
}
