//! The commands that make a link again.

use crate::text::{escape_controls, shell_quote};

use crate::diagnosis::case::Case;
use crate::diagnosis::url_parts::Anatomy;

/// The command that makes the link again.
pub fn command(anatomy: &Anatomy, verb: &str, options: &str) -> String {
    let target = target(anatomy);
    format!(
        "cos-presign {verb} {target} --endpoint {}{options}",
        anatomy.endpoint()
    )
}

/// The same, for a region whose endpoint is in the table.
pub fn region_command(anatomy: &Anatomy, region: &str) -> String {
    let target = target(anatomy);
    let provider = anatomy.provider().map(|p| p.id);
    let provider = provider
        .filter(|id| !matches!(*id, "ibm" | "aws"))
        .map(|id| format!(" --provider {id}"))
        .unwrap_or_default();
    match anatomy.provider().is_some_and(|p| p.has_endpoint()) {
        true => format!("cos-presign get {} --region {region}{provider}", target),
        false => format!(
            "cos-presign get {} --region {region} --endpoint {}",
            target,
            anatomy.endpoint()
        ),
    }
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

/// `bucket/key` as a word for a shell.
fn target(anatomy: &Anatomy) -> String {
    let bucket = anatomy.bucket.as_deref().unwrap_or("BUCKET");
    let key = anatomy.key.as_deref().unwrap_or(b"KEY");
    let word = shell_quote(&[bucket.as_bytes(), b"/", key].concat());
    escape_controls(&String::from_utf8_lossy(&word)).into_owned()
}
