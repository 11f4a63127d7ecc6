//! Warnings and notes on standard error.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::cli::OutputForm;
use crate::output::Link;
use crate::resolve::{Place, Source, Sourced, Warning};
use crate::sigv4::{Credentials, Header, SECRET_HEADERS};
use crate::text;

/// Prints warnings and the headers that the client must send; each sentence once for all URLs.
pub fn print(
    link: &Link,
    form: OutputForm,
    printed: &mut HashSet<String>,
    err: &mut dyn Write,
) -> io::Result<()> {
    let mut lines: Vec<String> = link
        .warnings
        .iter()
        .map(|warning| format!("{}: {}", warning.label(), warning.message))
        .collect();
    // A printed command sends the headers itself.
    if !form.is_command() && !link.presigned.headers_to_send.is_empty() {
        let headers: Vec<String> = link
            .presigned
            .headers_to_send
            .iter()
            .map(header_for_people)
            .collect();
        lines.push(format!(
            "note: the client must send, unchanged: {}",
            headers.join(", ")
        ));
    }
    lines
        .into_iter()
        .try_for_each(|line| print_once(line, printed, err))
}

/// Prints a line, unless it was printed before.
pub fn print_once(
    line: String,
    printed: &mut HashSet<String>,
    err: &mut dyn Write,
) -> io::Result<()> {
    let shown = text::escape_controls(&line).into_owned();
    if !printed.contains(&shown) {
        writeln!(err, "{shown}")?;
        printed.insert(shown);
    }
    Ok(())
}

fn header_for_people(header: &Header) -> String {
    if SECRET_HEADERS.contains(&header.name.to_ascii_lowercase().as_str()) {
        return format!("`{}` (not shown)", header.name);
    }
    format!(
        "`{}: {}`",
        header.name,
        String::from_utf8_lossy(&header.value)
    )
}

pub fn warn_about_credentials(
    credentials: &Sourced<Credentials>,
    place: &Place,
    warnings: &mut Vec<Warning>,
) {
    if credentials.value.session_token().is_some() {
        warnings.push(Warning::new(
            "session-token",
            "the credentials are temporary: the URL expires with them, and it contains their \
             session token",
        ));
    }
    let of_ibm = match &credentials.source {
        Source::Variable(name) => name.starts_with("COS_") || name.ends_with("_SERVICES"),
        Source::File(_) => true,
        _ => false,
    };
    let id = credentials.value.access_key_id();
    if let Some(store) = place.provider
        && store.native_key_id_length == Some(id.len())
    {
        warnings.push(Warning::new(
            "master-key",
            format!(
                "the access key ID `{}` ({}) looks like a master key; {} refuses URLs signed with \
                 one: use an application key",
                crate::text::escape_controls(id),
                credentials.source,
                store.name
            ),
        ));
    }
    if of_ibm && place.provider.is_some_and(|p| p.is_aws()) {
        warnings.push(Warning::new(
            "credentials-of-ibm",
            format!(
                "the credentials ({}) are for IBM COS, but the URL is for Amazon S3; for IBM COS \
                 set --region or --endpoint",
                credentials.source
            ),
        ));
    }
}
