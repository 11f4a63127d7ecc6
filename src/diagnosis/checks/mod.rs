//! What can be seen without a secret: `form` looks at the parameters of the signature, `place` at
//! the store to which the URL leads, `parameters` at all others, `usage` at how it was used,
//! `clock` at when, and `posted_form` at a POST form beside its policy.

mod clock;
mod fix;
mod form;
mod parameters;
mod place;
mod posted_form;
mod usage;

use chrono::{DateTime, Utc};

use super::Damage;
use crate::forensics::{HmacScheme, OtherRequest, is_signed_with};
use crate::sigv4::Algorithm;
use crate::store::access_point_rules;
use crate::text::CommandLine;

use super::case::Case;
use super::code::Code;
use super::finding::Finding;
use super::host::host_name;
use super::url_parts::{Anatomy, SignatureKind};

pub use clock::{local_time, renew_by_redirect};
pub use fix::{
    again, again_at_host, again_at_port, again_for_key, command, list_command, post_command,
    region_command,
};
pub use form::is_altered_on_the_way;
pub use parameters::is_checksum_of_nothing;
pub use posted_form::{findings as form_findings, is_signed_here as form_is_signed_here};
pub use usage::missing_headers;

/// Every issue of the URL itself, at a time.
pub fn url_findings(anatomy: &Anatomy, now: DateTime<Utc>) -> Vec<Finding> {
    let mut found = of_url(anatomy);
    found.extend(clock::findings(anatomy, now, None));
    found
}

/// The same, and how the URL was used.
pub fn findings(anatomy: &Anatomy, case: &Case) -> Vec<Finding> {
    let mut found = of_url(anatomy);
    if anatomy.kind.is_of_version_4() {
        found.extend(usage::findings(anatomy, case));
    }
    if let Some(line) = signature_of_scheme(anatomy, case) {
        let of_scheme = |finding: &&mut Finding| {
            matches!(anatomy.kind, SignatureKind::Other(scheme) if scheme.code == finding.code)
                || finding.code == Code::AzureSas
        };
        if let Some(finding) = found.iter_mut().find(of_scheme) {
            finding.evidence.push(line);
        }
    }
    found.extend(clock::findings(anatomy, case.now, case.server_time()));
    found
}

/// Whether a secret at hand makes the signature of another scheme, as a line of evidence.
fn signature_of_scheme(anatomy: &Anatomy, case: &Case) -> Option<String> {
    let scheme = match anatomy.kind {
        SignatureKind::Other(scheme) => scheme.hmac?,
        SignatureKind::AzureSas => HmacScheme::AzureService,
        _ => return None,
    };
    let method = case.method_used().unwrap_or_else(|| "GET".to_owned());
    let host = host_name(&anatomy.parts.authority);
    let bucket = anatomy
        .recognized
        .as_ref()
        .and_then(|recognized| recognized.bucket.clone())
        .or_else(|| host.split_once('.').map(|(first, _)| first.to_owned()));
    let is_named_in_host = !matches!(scheme, HmacScheme::SwiftTempUrl | HmacScheme::AzureService);
    let request = OtherRequest {
        method: &method,
        parts: &anatomy.parts,
        bucket_of_host: bucket.as_deref().filter(|_| is_named_in_host),
    };
    let mut is_comparable = false;
    for named in &case.candidates {
        match is_signed_with(scheme, &request, &named.candidate.secret) {
            Some(true) => {
                return Some(format!(
                    "the signature is that of the secret of {}",
                    named.source
                ));
            }
            Some(false) => is_comparable = true,
            None => {}
        }
    }
    is_comparable.then(|| format!("no secret at hand makes this signature for {method}"))
}

fn of_url(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = of_text(anatomy);
    found.extend(of_kind(anatomy));
    if anatomy.kind.is_of_version_4() {
        found.extend(form::findings(anatomy));
        found.extend(place::findings(anatomy));
        found.extend(parameters::findings(anatomy));
    }
    found
}

fn of_text(anatomy: &Anatomy) -> Vec<Finding> {
    let repaired = |damage: &Damage| {
        let finding = Finding::certain(damage.code, damage.message.clone());
        match damage.code {
            Code::UrlTruncated => finding.fix("copy the URL again, whole"),
            _ => finding.fix("use the repaired URL: `cos-presign inspect --repair URL`"),
        }
    };
    anatomy.damages.iter().map(repaired).collect()
}

fn of_kind(anatomy: &Anatomy) -> Vec<Finding> {
    let v2_beside_v4 = anatomy.parts.value("AWSAccessKeyId").is_some()
        && anatomy.parts.value("Signature").is_some();
    match anatomy.kind {
        SignatureKind::V4 | SignatureKind::V4a if v2_beside_v4 => vec![
            Finding::certain(
                Code::TwoAuthMechanisms,
                "the URL has signatures of version 4 and of version 2 in it",
            )
            .evidence("X-Amz-Signature and Signature")
            .fix(format!(
                "make the link again with one of them: `{}`",
                again(anatomy)
            )),
        ],
        SignatureKind::V4 => of_version_4(anatomy).into_iter().collect(),
        SignatureKind::V2 => {
            vec![
            Finding::certain(
                Code::SignatureVersion2,
                "the URL has a signature of version 2, which newer regions, KMS-encrypted objects \
                 and many stores refuse",
            )
            .evidence("AWSAccessKeyId, Expires and Signature in place of X-Amz-…")
            .fix(format!("make it again with version 4: `{}`", again(anatomy))),
        ]
        }
        SignatureKind::V4a => of_version_4a(anatomy).into_iter().collect(),
        SignatureKind::Gcs => vec![Finding::certain(
            Code::GcsSignature,
            "the URL is signed by Google's own rules (X-Goog-…), not by AWS's; only Google Cloud \
             Storage accepts it",
        )
        .fix("make it again with Google's tools (`gcloud storage sign-url`), or with an HMAC key: \
             `cos-presign get BUCKET/KEY --provider gcs`")],
        SignatureKind::Other(scheme) => {
            vec![Finding::certain(scheme.code, scheme.sentence()).fix(scheme.fix)]
        }
        SignatureKind::AzureSas => {
            vec![Finding::certain(
            Code::AzureSas,
            "the URL is a shared access signature of Azure Blob Storage, which is no S3 store",
        )
        .fix("check its expiry (`se`), permissions (`sp`) and addresses (`sip`), and make it \
             again with Azure's tools")]
        }
        SignatureKind::None
            if anatomy
                .parts
                .parameters()
                .iter()
                .any(|p| is_of_a_link(&p.decoded_name())) =>
        {
            vec![
                Finding::certain(
                    Code::UrlTruncated,
                    "the URL has parameters that only links have, \
                 and no signature: it was cut off",
                )
                .fix("put the URL between single quotes: in a shell, `&` ends the command"),
            ]
        }
        SignatureKind::None => vec![
            Finding::certain(
                Code::NotPresigned,
                "the URL has no signature: it works for public objects only",
            )
            .fix(format!("sign it: `{}`", again(anatomy))),
        ],
    }
}

/// The other way round.
fn of_version_4(anatomy: &Anatomy) -> Option<Finding> {
    let rules = access_point_rules(&host_name(&anatomy.parts.authority))?;
    let command =
        CommandLine::cos_presign("get").fixed("arn:aws:s3::ACCOUNT:accesspoint/ALIAS.mrap/KEY");
    (rules.algorithm == Algorithm::EcdsaP256Sha256).then(|| {
        Finding::certain(
            Code::NeedsVersion4a,
            "the URL has a signature of version 4, and multi-Region access points accept only 4A",
        )
        .fix(format!("make it again with version 4A: `{command}`"))
    })
}

/// Only Amazon S3's multi-Region access points require such a signature, and only AWS accepts it.
fn of_version_4a(anatomy: &Anatomy) -> Option<Finding> {
    if access_point_rules(&host_name(&anatomy.parts.authority))
        .is_some_and(|rules| rules.algorithm == Algorithm::EcdsaP256Sha256)
    {
        return None;
    }
    let message = "the URL has a signature of version 4A, which multi-Region access points require";
    let finding = match anatomy.provider() {
        Some(store) if !store.is_aws() => Finding::certain(
            Code::SignatureVersion4a,
            format!("{message} and {} does not accept", store.name),
        ),
        _ => Finding::possible(
            Code::SignatureVersion4a,
            format!("{message} and few other stores accept"),
        ),
    };
    Some(finding.fix(format!(
        "make it again with version 4: `{}`",
        again(anatomy)
    )))
}

/// Stores honour these in signed requests only.
fn is_of_a_link(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(b"response-") || name == b"x-id" || name.starts_with(b"x-amz-")
}
