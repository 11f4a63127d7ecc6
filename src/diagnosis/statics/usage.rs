//! How the URL was used, as far as it was told.

use crate::text::escape_controls;

use super::super::anatomy::Anatomy;
use super::super::case::Case;
use super::super::finding::Finding;
use super::{command, is_checksum_of_nothing, verb_of};

/// What is wrong with it.
pub fn findings(anatomy: &Anatomy, case: &Case) -> Vec<Finding> {
    let mut found = Vec::new();
    let service = anatomy.credential.as_ref().map_or("s3", |credential| credential.service.as_str());
    if case.was_refused() && anatomy.recognized.is_none() && !service.starts_with("s3") {
        found.push(
            Finding::likely(
                "wrong-service",
                format!("the credential scope is for the service `{}`, and stores check `s3`", escape_controls(service)),
            )
            .fix("make the link for the service `s3`"),
        );
    }
    let mut unsigned = Vec::new();
    for (name, value) in case.sent_headers() {
        match name.as_str() {
            "authorization" => found.push(
                Finding::certain(
                    "two-auth-mechanisms",
                    "an Authorization header was sent with the URL, which has a signature already",
                )
                .fix("send the URL without the header"),
            ),
            "transfer-encoding" if String::from_utf8_lossy(&value).to_ascii_lowercase().contains("chunked") => found.push(
                Finding::likely("chunked-body", "the body was sent in chunks, without a length; stores refuse that")
                    .fix("send a file, not a pipe: `curl --upload-file FILE URL`"),
            ),
            "x-amz-date" => {}
            name if name.starts_with("x-amz-")
                && !anatomy.signed_headers.iter().any(|signed| signed.eq_ignore_ascii_case(name)) =>
            {
                unsigned.push(name.to_owned());
            }
            name if is_checksum_of_nothing(name, &value) && case.method.as_deref().is_none_or(|m| m == "PUT" || m == "POST") => {
                found.push(
                    Finding::certain(
                        "checksum-of-empty-body",
                        format!("{name} is the checksum of an empty body: every other upload is refused"),
                    )
                    .fix("leave the checksum out when signing, or give that of the body"),
                );
            }
            _ => {}
        }
    }
    if !unsigned.is_empty() {
        let list = unsigned.join(", ");
        let options: String = unsigned.iter().map(|name| format!(" -H '{name}: …'")).collect();
        found.push(
            Finding::likely(
                "header-not-signed",
                format!("`{list}` was sent and is not signed; stores refuse unsigned x-amz-… headers"),
            )
            .fix(format!("sign it too: `{}`", command(anatomy, verb_of(case), &options))),
        );
    }
    found
}
