//! How the URL was used, as far as it is known.

use crate::text::{CommandLine, escape_controls};

use super::{again, is_checksum_of_nothing};
use crate::diagnosis::case::Case;
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::url_parts::Anatomy;

/// What is wrong with it.
pub fn findings(anatomy: &Anatomy, case: &Case) -> Vec<Finding> {
    let mut found = Vec::new();
    let service = anatomy
        .credential
        .as_ref()
        .map_or("s3", |credential| credential.service.as_str());
    // Amazon's other services have links too: `sts.eu-west-1.amazonaws.com`, `ID.execute-api.…`.
    let is_of_host = anatomy.host().split('.').any(|label| label == service);
    if anatomy.recognized.is_none() && !service.starts_with("s3") && !is_of_host {
        found.push(
            Finding::likely(
                Code::WrongService,
                format!(
                    "the credential scope is for the service `{}`, and stores check `s3`",
                    escape_controls(service)
                ),
            )
            .fix("make the link for the service `s3`"),
        );
    }
    if case.usage_is_known() {
        found.extend(missing_headers(&anatomy.signed_headers, case));
    }
    let mut unsigned = Vec::new();
    let method = case.method.as_deref();
    let may_have_a_body = method.is_none_or(|method| ["PUT", "POST"].contains(&method));
    for (name, value) in case.sent_headers() {
        let has = |text: &str| {
            String::from_utf8_lossy(&value)
                .to_ascii_lowercase()
                .contains(text)
        };
        match name.as_str() {
            "authorization" => found.push(
                Finding::certain(
                    Code::TwoAuthMechanisms,
                    "an Authorization header was sent with the URL, which has a signature already",
                )
                .fix("send the URL without the header"),
            ),
            "transfer-encoding" if has("chunked") => found.push(
                Finding::likely(
                    Code::ChunkedBody,
                    "the body was sent in chunks, without a \
                     length; stores refuse that",
                )
                .fix("send a file, not a pipe: `curl --upload-file FILE URL`"),
            ),
            "content-encoding" if has("aws-chunked") => found.push(
                Finding::likely(
                    Code::ChunkedBody,
                    "the body was sent in the chunks of an SDK (aws-chunked), for which a link is \
                     not made",
                )
                .fix("send the file as it is: `curl --upload-file FILE URL`"),
            ),
            "x-amz-date" => {}
            name if name.starts_with("x-amz-")
                && !anatomy
                    .signed_headers
                    .iter()
                    .any(|signed| signed.eq_ignore_ascii_case(name)) =>
            {
                unsigned.push(name.to_owned());
            }
            name if is_checksum_of_nothing(name, &value) && may_have_a_body => {
                found.push(
                    Finding::certain(
                        Code::ChecksumOfEmptyBody,
                        format!(
                            "{name} is the checksum of an empty body: every other upload is \
                             refused"
                        ),
                    )
                    .fix("leave the checksum out when signing, or give that of the body"),
                );
            }
            _ => {}
        }
    }
    if !unsigned.is_empty() {
        let list = unsigned.join(", ");
        let command = unsigned
            .iter()
            .fold(again(anatomy), |command, name| command.header(name));
        found.push(
            Finding::likely(
                Code::HeaderNotSigned,
                format!(
                    "`{list}` was sent and is not signed; stores refuse unsigned x-amz-… headers"
                ),
            )
            .fix(format!("sign it too: `{command}`")),
        );
    }
    found
}

/// Signed headers of which nothing says that they were sent.
pub fn missing_headers(signed: &[String], case: &Case) -> Option<Finding> {
    let sent = case.sent_headers();
    let is_sent = |name: &str| {
        name.eq_ignore_ascii_case("host") || sent.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    };
    // A list that is written wrongly, `content-type,host`, has no names in it to look for.
    let is_name = |name: &str| !name.contains([',', ' ']);
    let missing: Vec<&str> = signed
        .iter()
        .map(String::as_str)
        .filter(|name| is_name(name) && !is_sent(name))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let command = missing
        .iter()
        .fold(CommandLine::curl(), |command, name| command.header(name))
        .fixed("URL");
    Some(
        Finding::likely(
            Code::SignedHeaderMissing,
            format!(
                "the link signs `{}`, and the client has to send it as it was signed",
                missing.join(", ")
            ),
        )
        .fix(format!(
            "send it: `{command}`; to check the signature, give it here too"
        )),
    )
}
