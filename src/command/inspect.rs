//! `inspect`: decodes a URL, offline and without a secret.

use std::io::Write;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::{InspectArgs, ReportForm};
use crate::diagnosis::{Anatomy, Code, url_findings};
use crate::error::{Failure, Kind};
use crate::output::reports::inspection::{self, Inspection};
use crate::resolve::{parse_duration, parse_time};

use super::shared::link_request::Io;

/// Maximum length of a URL.
const LINE_LIMIT: u64 = 1 << 20;

pub fn run(args: &InspectArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, .. } = streams;
    let now = args
        .at
        .as_deref()
        .map(|text| parse_time("--at", text))
        .transpose()?
        .unwrap_or(env.now);
    let within = args
        .expires_within
        .as_deref()
        .map(|text| parse_duration("--expires-within", text))
        .transpose()?;
    let mut run = Run {
        args,
        now,
        within,
        out,
        count: 0,
        ending: Vec::new(),
        failures: Vec::new(),
    };
    if args.repair && (within.is_some() || args.report.json || args.report.output.is_some()) {
        return Err(Failure::usage(
            "--repair prints only the URL and cannot be combined with --expires-within or --output",
        )
        .hint("remove one of them")
        .into());
    }
    if args.urls.is_empty() {
        return Err(super::diagnose::no_url().into());
    }
    for url in &args.urls {
        if url != "-" {
            run.take(url)?;
            continue;
        }
        // A URL that was broken into several lines continues until it is complete.
        let mut pending: Option<String> = None;
        env.each_line(LINE_LIMIT, |line| -> anyhow::Result<()> {
            let line = match line {
                Ok(line) => String::from_utf8_lossy(line).into_owned(),
                Err(line) => {
                    if let Some(whole) = pending.take() {
                        run.take(&whole)?;
                    }
                    run.count += 1;
                    run.failures.push(line.into());
                    return Ok(());
                }
            };
            match &mut pending {
                Some(begun)
                    if !begins_url(&line)
                        && !is_whole(begun)
                        && begun.len() < LINE_LIMIT as usize =>
                {
                    begun.push('\n');
                    begun.push_str(&line);
                }
                _ => {
                    if let Some(whole) = pending.take() {
                        run.take(&whole)?;
                    }
                    pending = (!line.trim().is_empty()).then_some(line);
                }
            }
            Ok(())
        })
        .context("cannot read standard input")?;
        if let Some(whole) = pending {
            run.take(&whole)?;
        }
    }
    run.end()
}

fn begins_url(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    lower.contains("http://") || lower.contains("https://")
}

/// Whether no further lines are needed: the text has a complete signature, or is not a URL.
fn is_whole(text: &str) -> bool {
    let Ok(anatomy) = Anatomy::of(text.trim()) else {
        return true;
    };
    let signature = anatomy.text("X-Amz-Signature").unwrap_or_default();
    signature.len() >= 64 || anatomy.is_redacted()
}

struct Run<'a> {
    args: &'a InspectArgs,
    now: DateTime<Utc>,
    within: Option<u64>,
    out: &'a mut dyn Write,
    count: usize,
    /// URLs that expire too early.
    ending: Vec<String>,
    failures: Vec<Failure>,
}

impl Run<'_> {
    fn take(&mut self, url: &str) -> anyhow::Result<()> {
        self.count += 1;
        let anatomy = match Anatomy::of(url) {
            Ok(anatomy) => anatomy,
            Err(error) => {
                self.failures.push(super::diagnose::not_a_url(url, error));
                return Ok(());
            }
        };
        let found = url_findings(&anatomy, self.now);
        if self.args.repair {
            // What is cut off is missing from the text.
            if let Some(lost) = found
                .iter()
                .find(|finding| finding.code == Code::UrlTruncated)
            {
                self.failures.push(
                    Failure::new(
                        Kind::Refused,
                        format!("the URL cannot be repaired: {}", lost.message),
                    )
                    .hint("copy the complete URL again"),
                );
                return Ok(());
            }
            return Ok(writeln!(self.out, "{}", anatomy.text)?);
        }
        if let Some(within) = self.within {
            let limit = i64::try_from(within)
                .ok()
                .and_then(TimeDelta::try_seconds)
                .and_then(|delta| self.now.checked_add_signed(delta));
            let lasts = anatomy
                .expires_at
                .is_some_and(|ends| limit.is_some_and(|limit| ends > limit));
            if !lasts {
                let name = anatomy
                    .key
                    .as_deref()
                    .map(|key| String::from_utf8_lossy(key).into_owned());
                self.ending.push(name.unwrap_or_else(|| anatomy.endpoint()));
            }
        }
        if self.count > 1 && self.args.report.form() == ReportForm::Text {
            writeln!(self.out)?;
        }
        Ok(inspection::write(
            self.args.report.form(),
            &Inspection {
                anatomy: &anatomy,
                findings: &found,
                now: self.now,
            },
            self.out,
        )?)
    }

    fn end(self) -> anyhow::Result<()> {
        self.out.flush()?;
        if self.count == 0 {
            return Err(Failure::usage("standard input contains no URL")
                .hint("pass the URL, or write it to standard input: `cos-presign inspect -`")
                .into());
        }
        let failed = self.failures.len();
        if let Some(first) = self.failures.into_iter().next() {
            if self.count == 1 {
                return Err(first.into());
            }
            let message = format!(
                "{failed} of {} URLs cannot be read, the first: {}",
                self.count, first.message
            );
            return Err(Failure::new(Kind::Refused, message)
                .hint(first.hint.unwrap_or_default())
                .into());
        }
        let Some(first) = self.ending.first() else {
            return Ok(());
        };
        let within = self.args.expires_within.as_deref().unwrap_or_default();
        let message = match self.ending.len() {
            1 => format!(
                "the URL of `{first}` expires within {within}, has expired, or has no expiry"
            ),
            n => format!(
                "{n} of {} URLs expire within {within}, the first for `{first}`",
                self.count
            ),
        };
        Err(
            Failure::new(Kind::Refused, crate::text::escape_controls(&message))
                .hint("create a new URL")
                .into(),
        )
    }
}
