//! From a request to a presigned URL: what is signed, with which credentials, and until when.

use crate::error::Failure;
use crate::output::Link;
use crate::resolve::{Lifetime, Place, Signers, Sourced, Warning};
use crate::sigv4::{
    self, Credentials, PayloadHash, Presigner, QueryParameter, Request, RequestPath,
};

use super::link_request::{LinkRequest, Scope};
use super::{notices, target};

pub fn presign<'a>(
    link_request: &LinkRequest<'a>,
    place: Place,
    lifetime: Lifetime,
    payload_hash: &PayloadHash,
    signers: &Signers,
) -> anyhow::Result<Link<'a>> {
    let Signable {
        request,
        place,
        credentials,
        lifetime,
        warnings,
    } = signable(link_request, place, lifetime, payload_hash, signers)?;
    let presigner = presigner(link_request, &credentials.value, &place, lifetime)?;
    let presigned = presigner
        .presign(&request)
        .map_err(|error| from_core(&error))?;
    let credential_scope = presigner.scope().to_string();
    Ok(Link {
        presigned,
        method: link_request.method,
        place,
        lifetime,
        credential_scope,
        credentials,
        warnings,
        body: link_request.body,
        download_as: link_request.download_as,
    })
}

/// The request to sign and the signer.
pub struct Signable {
    pub request: Request,
    pub place: Place,
    pub credentials: Sourced<Credentials>,
    /// The requested expiry, or that of the credentials if earlier.
    pub lifetime: Lifetime,
    pub warnings: Vec<Warning>,
}

/// Builds the request and resolves its credentials.
pub fn signable(
    link_request: &LinkRequest,
    mut place: Place,
    lifetime: Lifetime,
    payload_hash: &PayloadHash,
    signers: &Signers,
) -> anyhow::Result<Signable> {
    let mut warnings = place.warnings.clone();
    if let Some(account) = place
        .account
        .as_ref()
        .filter(|_| link_request.method == "PUT")
    {
        warnings.extend(account.upload_warnings.iter().cloned());
    }
    let mut query = Vec::new();
    if let Some(version_id) = place.version_id.as_ref() {
        if link_request
            .parts
            .query
            .iter()
            .any(|p| p.name == b"versionId")
        {
            return Err(
                Failure::usage("the version is set both in the TARGET and by an option")
                    .hint("remove one of them")
                    .into(),
            );
        }
        query.push(QueryParameter::new("versionId", version_id.as_slice()));
    }
    query.extend(link_request.parts.query.iter().cloned());
    target::check_scope(link_request, &place, &mut warnings)?;
    warnings.extend(target::known_deviations(link_request, &place));
    if link_request.scope == Scope::Listing {
        target::list_prefix(&mut place, &mut query)?;
    }
    warnings.extend(link_request.parts.warnings.iter().cloned());
    let lifetime = lifetime.for_account(place.account.as_ref())?;
    warnings.extend(lifetime.check_limit(place.provider)?);
    let credentials = signers.of(&place)?;
    notices::warn_about_credentials(&credentials, &place, &mut warnings);
    let (lifetime, outlived) = lifetime.ended_by(&credentials)?;
    warnings.extend(outlived);
    let mut request = Request::new(
        link_request.method,
        place.address.scheme,
        place.address.authority.as_str(),
        place.address.path.as_slice(),
    );
    if link_request.scope == Scope::OtherService
        && let Some(path) = &place.path_as_sent
    {
        let path = if path.is_empty() { "/" } else { path };
        request.path = RequestPath::AsSent(path.as_bytes().to_vec());
    }
    request.query = query;
    request.headers = link_request.parts.headers.clone();
    if let Some(pin) = &link_request.pin {
        let header = pin.header(&place);
        if request
            .headers
            .iter()
            .any(|given| given.name.eq_ignore_ascii_case(&header.name))
        {
            return Err(Failure::usage(format!(
                "--pin-content sets `{}`, which another option also sets",
                header.name
            ))
            .hint("remove one of them")
            .into());
        }
        request.headers.push(header);
    }
    request.payload_hash = payload_hash.clone();
    Ok(Signable {
        request,
        place,
        credentials,
        lifetime,
        warnings,
    })
}

/// The presigner for the credentials of a location.
pub fn presigner<'c>(
    link_request: &LinkRequest,
    credentials: &'c Credentials,
    place: &Place,
    lifetime: Lifetime,
) -> Result<Presigner<'c>, Failure> {
    let presigner = place
        .presigner(credentials, lifetime.signed_at)
        .map_err(|error| from_core(&error))?;
    Ok(presigner
        .expires_in(lifetime.expiry)
        .path_rules(link_request.path_mode, link_request.path_encoding)
        .session_token_mode(link_request.session_token_mode))
}

/// Errors of the core; most have been reported before with a better message.
pub fn from_core(error: &sigv4::Error) -> Failure {
    let hint = match error {
        sigv4::Error::AccessKeyId => {
            "check the source of the access key ID: `cos-presign config` shows it"
        }
        sigv4::Error::ScopeField { .. } => "use one name: `--region us-south`",
        _ => "check the value; `cos-presign request --help` describes every option",
    };
    Failure::usage(error.to_string()).hint(hint)
}
