//! The commands that make a link again.

use crate::diagnosis::host::host_name;
use crate::diagnosis::url_parts::Anatomy;
use crate::sigv4::encode;
use crate::store::{Endpoint, check_bucket, is_region_name, recognize_host};
use crate::text::{CommandLine, escape_controls};

/// The command that makes the link again; options are added to it.
pub fn command(anatomy: &Anatomy, verb: &str) -> CommandLine {
    with_endpoint(
        CommandLine::cos_presign(verb).value(target(anatomy)),
        anatomy,
    )
}

/// The command that makes the link as it was meant: for the method that was used, the endpoint and
/// the region of the link.
pub fn again(anatomy: &Anatomy) -> CommandLine {
    let command = command(anatomy, anatomy.verb);
    match region(anatomy) {
        Some(region) if is_region_name(&region) => command.option("--region", region),
        _ => command,
    }
}

/// The same for another key.
pub fn again_for_key(anatomy: &Anatomy, key: &[u8]) -> CommandLine {
    let command = CommandLine::cos_presign(anatomy.verb).value(target_of(anatomy, key));
    let command = with_endpoint(command, anatomy);
    match region(anatomy) {
        Some(region) if is_region_name(&region) => command.option("--region", region),
        _ => command,
    }
}

/// The same at another port of the host.
pub fn again_at_port(anatomy: &Anatomy, port: u16) -> CommandLine {
    let host = host_name(&anatomy.parts.authority);
    let endpoint = format!("{}://{host}:{port}", anatomy.parts.scheme);
    let command = CommandLine::cos_presign(anatomy.verb).value(target(anatomy));
    match Endpoint::parse(&endpoint) {
        Ok(_) => command.option("--endpoint", endpoint),
        Err(_) => command.fixed_option("--endpoint", "http://HOST:9000"),
    }
}

/// The same at another host, which may begin with the bucket.
pub fn again_at_host(anatomy: &Anatomy, host: &str) -> CommandLine {
    let bucket = anatomy.bucket.as_deref().unwrap_or_default();
    let without = host
        .strip_prefix(bucket)
        .and_then(|rest| rest.strip_prefix('.'))
        .filter(|_| !bucket.is_empty())
        .unwrap_or(host);
    let command = CommandLine::cos_presign(anatomy.verb)
        .value(target(anatomy))
        .option("--endpoint", format!("https://{without}"));
    let region = recognize_host(without).and_then(|recognized| recognized.region);
    match region.or_else(|| region_of_scope(anatomy)) {
        Some(region) if is_region_name(&region) => command.option("--region", region),
        _ => command,
    }
}

fn region_of_scope(anatomy: &Anatomy) -> Option<String> {
    anatomy
        .credential
        .as_ref()
        .map(|credential| credential.region.clone())
}

/// The region to sign for: the host's where the store checks it, or else the signed one.
fn region(anatomy: &Anatomy) -> Option<String> {
    let of_host = anatomy
        .recognized
        .as_ref()
        .filter(|_| anatomy.provider().is_some_and(|store| store.checks_region))
        .and_then(|recognized| recognized.region.clone());
    of_host.or_else(|| {
        let region = region_of_scope(anatomy)?;
        Some(match anatomy.provider() {
            Some(store) => store.without_prefix(&region).to_owned(),
            None => region,
        })
    })
}

/// The same, for a region whose endpoint is in the table.
pub fn region_command(anatomy: &Anatomy, region: &str) -> CommandLine {
    let command = CommandLine::cos_presign(anatomy.verb).value(target(anatomy));
    let command = match is_region_name(region) {
        true => command.option("--region", region),
        false => command.fixed_option("--region", "REGION"),
    };
    let Some(provider) = anatomy.provider().filter(|p| p.has_endpoint()) else {
        return with_endpoint(command, anatomy);
    };
    match provider.id {
        "ibm" | "aws" => command,
        id => command.option("--provider", id),
    }
}

/// The command that makes a POST form for the bucket of the URL.
pub fn post_command(anatomy: &Anatomy, key: Option<&str>, region: Option<&str>) -> CommandLine {
    let command = CommandLine::cos_presign("post");
    let command = match (anatomy.bucket.as_deref(), key) {
        (Some(bucket), key) => command.value(format!("{bucket}/{}", key.unwrap_or_default())),
        (None, _) => command.fixed("BUCKET/PREFIX"),
    };
    let command = with_endpoint(command, anatomy);
    match region.filter(|region| is_region_name(region)) {
        Some(region) => command.option("--region", region),
        None => command,
    }
}

/// The command that lists the bucket.
pub fn list_command(anatomy: &Anatomy) -> CommandLine {
    let command = CommandLine::cos_presign("list");
    let command = match anatomy.bucket.as_deref() {
        Some(bucket) => command.value(bucket),
        None => command.fixed("BUCKET"),
    };
    with_endpoint(command, anatomy)
}

/// A host that is none is left for the reader to fill in.
fn with_endpoint(command: CommandLine, anatomy: &Anatomy) -> CommandLine {
    let endpoint = anatomy.endpoint();
    match Endpoint::parse(&endpoint) {
        Ok(_) => command.option("--endpoint", endpoint),
        Err(_) => command.fixed_option("--endpoint", "https://HOST"),
    }
}

/// `bucket/key`. A key that does not fit into a line is given as an address, percent-encoded.
fn target(anatomy: &Anatomy) -> Vec<u8> {
    target_of(anatomy, anatomy.key.as_deref().unwrap_or(b"KEY"))
}

fn target_of(anatomy: &Anatomy, key: &[u8]) -> Vec<u8> {
    let is_bucket = |name: &&str| check_bucket(name, anatomy.provider()).is_ok();
    let bucket = anatomy
        .bucket
        .as_deref()
        .filter(is_bucket)
        .unwrap_or("BUCKET");
    let fits = std::str::from_utf8(key).is_ok_and(|key| escape_controls(key) == key);
    match Endpoint::parse(&anatomy.endpoint()) {
        Ok(endpoint) if !fits => {
            let path = [b"/", bucket.as_bytes(), b"/", key].concat();
            format!("{endpoint}{}", encode::path(&path)).into_bytes()
        }
        _ => [bucket.as_bytes(), b"/", key].concat(),
    }
}
