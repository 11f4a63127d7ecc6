//! A store of the table, as text and JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::ReportForm;
use crate::store::{AddressingSupport, ExpiryLimit, Network, PROVIDERS, PostForms, Provider};
use crate::text::wrapped;

use super::diagnosis::WIDTH;

/// Start of the second column.
const INDENT: usize = 13;

#[derive(Serialize)]
struct Report<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'static str,
    aliases: &'a [&'a str],
    schemes: &'a [&'a str],
    endpoints: Vec<Endpoint>,
    base_path: Option<&'a str>,
    regions: &'a [&'a str],
    default_region: Option<&'a str>,
    region_is_checked: bool,
    addressing: &'a [&'a str],
    /// Seconds; `None` if there is no limit or it is unknown.
    max_expires: Option<u64>,
    max_expires_is_known: bool,
    /// Whether it accepts form uploads; `None` if unknown.
    post_forms: Option<bool>,
    max_parts: u64,
    /// Why it refuses presigned URLs, if it does.
    presign_problem: Option<&'a str>,
    notes: &'a [&'a str],
}

#[derive(Serialize)]
struct Endpoint {
    network: &'static str,
    host: String,
}

/// Endpoint hosts, or the hosts by which it is recognized.
fn endpoints(provider: &Provider) -> Vec<Endpoint> {
    let builds = provider.hosts.iter().any(|host| host.builds);
    let hosts = provider.hosts.iter().filter(|host| host.builds || !builds);
    let mut endpoints: Vec<Endpoint> = hosts
        .map(|host| Endpoint {
            network: host.network.as_str(),
            host: host
                .template
                .replace("{region}", "REGION")
                .replace("{account}", "ACCOUNT")
                .replace("{name}", "NAME")
                .replace("{vpce}", "VPCE")
                .replace("{aws}", "amazonaws.com"),
        })
        .collect();
    endpoints.sort_by_key(|endpoint| endpoint.network != Network::Public.as_str());
    endpoints
}

fn styles(provider: &Provider) -> &'static [&'static str] {
    match provider.addressing {
        AddressingSupport::Both => &["path", "virtual"],
        AddressingSupport::PathOnly => &["path"],
        AddressingSupport::VirtualOnly => &["virtual"],
    }
}

/// `7 days`, `none`, `not known`
pub fn limit_in_words(limit: ExpiryLimit) -> String {
    match limit {
        ExpiryLimit::Refused(seconds) => format!("{} days", seconds / 86_400),
        ExpiryLimit::None => "none".to_owned(),
        ExpiryLimit::Unknown => "not known".to_owned(),
    }
}

/// One store.
///
/// # Errors
/// The error of the writer.
pub fn write(form: ReportForm, provider: &Provider, out: &mut dyn Write) -> io::Result<()> {
    if form == ReportForm::Json {
        let report = Report {
            id: provider.id,
            name: provider.name,
            kind: provider.kind.as_str(),
            aliases: provider.aliases,
            schemes: provider.schemes,
            endpoints: endpoints(provider),
            base_path: provider.base_path,
            regions: provider.regions,
            default_region: provider.default_region,
            region_is_checked: provider.checks_region,
            addressing: styles(provider),
            max_expires: match provider.expiry_limit {
                ExpiryLimit::Refused(seconds) => Some(seconds),
                ExpiryLimit::None | ExpiryLimit::Unknown => None,
            },
            max_expires_is_known: provider.expiry_limit != ExpiryLimit::Unknown,
            post_forms: match provider.post_forms {
                PostForms::Served => Some(true),
                PostForms::NotServed => Some(false),
                PostForms::NotDocumented | PostForms::Unknown => None,
            },
            max_parts: provider.most_parts,
            presign_problem: provider.presign_problem.map(|found| found.problem),
            notes: provider.notes,
        };
        serde_json::to_writer(&mut *out, &report)?;
        return writeln!(out);
    }
    let mut row = |name: &str, text: &str| -> io::Result<()> {
        let indent = " ".repeat(INDENT);
        let lines = wrapped(text, &indent, WIDTH);
        writeln!(out, "{name:<INDENT$}{}", lines.trim_start())
    };
    let names: Vec<&str> = std::iter::once(provider.id)
        .chain(provider.aliases.iter().copied())
        .collect();
    row("store", provider.name)?;
    row("--provider", &names.join(", "))?;
    let endpoints = endpoints(provider);
    for (index, endpoint) in endpoints.iter().enumerate() {
        let network = if endpoint.network == Network::Public.as_str() {
            String::new()
        } else {
            format!(" ({})", endpoint.network)
        };
        row(
            if index == 0 { "endpoints" } else { "" },
            &format!("https://{}{network}", endpoint.host),
        )?;
    }
    if endpoints.is_empty() {
        row("endpoints", "your own: --endpoint URL")?;
    }
    if !provider.regions.is_empty() {
        row("regions", &provider.regions.join(", "))?;
    }
    if let Some(region) = provider.default_region {
        row("", &format!("{region} by default"))?;
    }
    row("addressing", &styles(provider).join(" and "))?;
    row("longest life", &limit_in_words(provider.expiry_limit))?;
    row(
        "forms",
        match provider.post_forms {
            PostForms::Served => "taken",
            PostForms::NotServed => "not taken",
            PostForms::NotDocumented => "not documented",
            PostForms::Unknown => "not known",
        },
    )?;
    if let Some(found) = provider.presign_problem {
        row("refused", &format!("a presigned URL {}", found.problem))?;
    }
    if !provider.schemes.is_empty() {
        let targets: Vec<String> = provider
            .schemes
            .iter()
            .map(|scheme| format!("{scheme}://BUCKET/KEY"))
            .collect();
        row("TARGET", &targets.join(", "))?;
    }
    for (index, note) in provider.notes.iter().enumerate() {
        row(if index == 0 { "notes" } else { "" }, note)?;
    }
    Ok(())
}

/// All stores, one per line.
///
/// # Errors
/// The error of the writer.
pub fn write_all(form: ReportForm, out: &mut dyn Write) -> io::Result<()> {
    for provider in PROVIDERS {
        if form == ReportForm::Json {
            write(form, provider, out)?;
            continue;
        }
        let regions = match provider.regions {
            [] => provider.default_region.unwrap_or("-").to_owned(),
            // As many as fit into 80 columns.
            few if few.len() <= 3 && few.join(", ").len() <= 28 => few.join(", "),
            many => format!("{}, … ({})", many[0], many.len()),
        };
        writeln!(
            out,
            "{:<12} {:<27} {:<10} {regions}",
            provider.id,
            provider.name,
            limit_in_words(provider.expiry_limit)
        )?;
    }
    Ok(())
}
