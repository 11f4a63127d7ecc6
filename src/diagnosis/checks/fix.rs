//! The commands that make a link again.

use crate::diagnosis::case::Case;
use crate::diagnosis::url_parts::Anatomy;
use crate::sigv4::encode;
use crate::store::{Endpoint, is_region_name};
use crate::text::{CommandLine, escape_controls};

/// The command that makes the link again; options are added to it.
pub fn command(anatomy: &Anatomy, verb: &'static str) -> CommandLine {
    with_endpoint(
        CommandLine::cos_presign(verb).value(target(anatomy)),
        anatomy,
    )
}

/// The same, for a region whose endpoint is in the table.
pub fn region_command(anatomy: &Anatomy, region: &str) -> CommandLine {
    let command = CommandLine::cos_presign("get").value(target(anatomy));
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

/// The command that lists the bucket.
pub fn list_command(anatomy: &Anatomy) -> CommandLine {
    let command = CommandLine::cos_presign("list");
    let command = match anatomy.bucket.as_deref() {
        Some(bucket) => command.value(bucket),
        None => command.fixed("BUCKET"),
    };
    with_endpoint(command, anatomy)
}

/// The verb for the method that was used.
pub fn verb_of(case: &Case) -> &'static str {
    match case.method_used().as_deref() {
        Some("PUT") => "put",
        Some("HEAD") => "head",
        Some("DELETE") => "delete",
        _ => "get",
    }
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
    let bucket = anatomy.bucket.as_deref().unwrap_or("BUCKET");
    let key = anatomy.key.as_deref().unwrap_or(b"KEY");
    let fits = std::str::from_utf8(key).is_ok_and(|key| escape_controls(key) == key);
    match Endpoint::parse(&anatomy.endpoint()) {
        Ok(endpoint) if !fits => {
            let path = [b"/", bucket.as_bytes(), b"/", key].concat();
            format!("{endpoint}{}", encode::path(&path)).into_bytes()
        }
        _ => [bucket.as_bytes(), b"/", key].concat(),
    }
}
