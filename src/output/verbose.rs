//! `-v`: every intermediate value of the signature, with the names of the specification, for
//! comparison with another program or with the values in a store's refusal.

use std::io::{self, Write};

use crate::sigv4::{Algorithm, KeyPair};

use super::Link;
use crate::text::escape_controls;

/// Writes the values of one URL.
///
/// # Errors
/// The error of the writer.
pub fn write(link: &Link, escape: bool, err: &mut dyn Write) -> io::Result<()> {
    if !escape {
        return values(link, false, err);
    }
    let mut lines = Vec::new();
    values(link, true, &mut lines)?;
    String::from_utf8_lossy(&lines)
        .lines()
        .try_for_each(|line| writeln!(err, "{}", escape_controls(line)))
}

fn values(link: &Link, escape: bool, err: &mut dyn Write) -> io::Result<()> {
    let place = &link.place;
    let canonical = &link.presigned.canonical_request;
    let shown = |text: &str| {
        if escape {
            escape_controls(text).into_owned()
        } else {
            text.to_owned()
        }
    };
    let key = place
        .key
        .as_ref()
        .map(|key| shown(&String::from_utf8_lossy(key)));
    let host = link.place.address.authority.as_str();
    writeln!(err, "method: {}", link.method)?;
    writeln!(err, "host: {host}")?;
    writeln!(
        err,
        "endpoint: {} ({})",
        place.endpoint.value, place.endpoint.source
    )?;
    if let Some(internal) = &place.internal_endpoint {
        writeln!(
            err,
            "internal endpoint: {} ({})",
            internal.value, internal.source
        )?;
    }
    writeln!(
        err,
        "store: {}",
        place.provider.map_or("not known", |p| p.name)
    )?;
    let regions = if place.algorithm == Algorithm::EcdsaP256Sha256 {
        "region set"
    } else {
        "region"
    };
    writeln!(
        err,
        "{regions}: {} ({})",
        place.region.value, place.region.source
    )?;
    writeln!(err, "addressing: {}", place.addressing.as_str())?;
    writeln!(err, "bucket: {}", place.bucket.as_deref().unwrap_or("-"))?;
    writeln!(err, "key: {}", key.as_deref().unwrap_or("-"))?;
    writeln!(
        err,
        "access key ID: {} ({})",
        link.credentials.value.access_key_id(),
        link.credentials.source
    )?;
    writeln!(
        err,
        "session token: {}",
        if link.credentials.value.session_token().is_some() {
            "present (not shown)"
        } else {
            "none"
        }
    )?;
    writeln!(err, "timestamp: {}", link.lifetime.signed_at.timestamp())?;
    writeln!(err, "datestamp: {}", link.lifetime.signed_at.datestamp())?;
    writeln!(
        err,
        "expires in: {} s, at {}",
        link.lifetime.expiry.as_seconds(),
        link.lifetime.expires_at.rfc3339()
    )?;
    writeln!(err, "canonical URI: {}", canonical.uri)?;
    let redacted = canonical.redacted();
    writeln!(
        err,
        "canonical query string: {}",
        redacted.lines().nth(2).unwrap_or_default()
    )?;
    writeln!(err, "canonical headers:")?;
    indented(&shown_lines(&canonical.redacted_headers(), escape), err)?;
    writeln!(err, "signed headers: {}", canonical.signed_headers)?;
    writeln!(err, "payload hash: {}", canonical.payload_hash)?;
    writeln!(err, "canonical request:")?;
    indented(&shown_lines(&redacted, escape), err)?;
    writeln!(
        err,
        "canonical request SHA-256: {}",
        hex::encode(canonical.sha256())
    )?;
    writeln!(err, "credential scope: {}", link.credential_scope)?;
    writeln!(err, "string to sign:")?;
    indented(link.presigned.string_to_sign.as_str(), err)?;
    writeln!(err, "signature: {}", link.presigned.signature)?;
    writeln!(err, "URL: {}", link.presigned.url.without_session_token())
}

/// `-vv`: the derived keys. Each of them can sign URLs like the secret, for its day, region and
/// service.
///
/// # Errors
/// The error of the writer.
pub fn write_keys(link: &Link, err: &mut dyn Write) -> io::Result<()> {
    let credentials = &link.credentials.value;
    if link.place.algorithm == Algorithm::EcdsaP256Sha256 {
        let pair = KeyPair::derive(credentials.access_key_id(), credentials.secret_access_key());
        let [x, y] = pair.public_key().coordinates();
        writeln!(
            err,
            "warning: the private key is a secret; with it anyone can sign links for every day, \
             region and service"
        )?;
        writeln!(err, "public key x: {}", hex::encode(x))?;
        writeln!(err, "public key y: {}", hex::encode(y))?;
        return writeln!(
            err,
            "private key: {}",
            hex::encode(pair.expose_private_key().expose_secret())
        );
    }
    let scope = &link.credential_scope;
    let Some(steps) = link.signing_key_steps() else {
        return Ok(());
    };
    writeln!(
        err,
        "warning: the following keys are secrets; with kSigning anyone can sign links for {scope}"
    )?;
    for (name, key) in [
        ("kDate", &steps.date),
        ("kRegion", &steps.region),
        ("kService", &steps.service),
        ("kSigning", &steps.signing),
    ] {
        writeln!(err, "{name}: {}", hex::encode(key))?;
    }
    Ok(())
}

fn shown_lines(text: &str, escape: bool) -> String {
    if !escape {
        return text.to_owned();
    }
    text.split('\n')
        .map(escape_controls)
        .collect::<Vec<_>>()
        .join("\n")
}

fn indented(text: &str, err: &mut dyn Write) -> io::Result<()> {
    for line in text.trim_end_matches('\n').split('\n') {
        writeln!(err, "  {line}")?;
    }
    Ok(())
}
