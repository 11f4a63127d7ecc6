//! From a request to a presigned link: what is signed, by whom, and until when.

use crate::error::Failure;
use crate::output::Link;
use crate::resolve::{Lifetime, Place, Signers, Sourced, Warning};
use crate::sigv4::{
    self, Credentials, PayloadHash, Presigner, QueryParameter, Request, RequestPath,
};

use super::link_request::{LinkRequest, Scope};
use super::{notices, target};

pub fn presign<'a>(
    ask: &LinkRequest<'a>,
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
    } = signable(ask, place, lifetime, payload_hash, signers)?;
    let presigner = presigner(ask, &credentials.value, &place, lifetime)?;
    let presigned = presigner
        .presign(&request)
        .map_err(|error| from_core(&error))?;
    let credential_scope = presigner.scope().to_string();
    Ok(Link {
        presigned,
        method: ask.method,
        place,
        lifetime,
        credential_scope,
        credentials,
        warnings,
        body: ask.body,
        download_as: ask.download_as,
    })
}

/// Everything that is signed, and who signs.
pub struct Signable {
    pub request: Request,
    pub place: Place,
    pub credentials: Sourced<Credentials>,
    /// As asked, or cut off where the credentials end.
    pub lifetime: Lifetime,
    pub warnings: Vec<Warning>,
}

/// Puts a request together and finds who signs it.
pub fn signable(
    ask: &LinkRequest,
    mut place: Place,
    lifetime: Lifetime,
    payload_hash: &PayloadHash,
    signers: &Signers,
) -> anyhow::Result<Signable> {
    let mut warnings = place.warnings.clone();
    if let Some(account) = place.account.as_ref().filter(|_| ask.method == "PUT") {
        warnings.extend(account.upload_warnings.iter().cloned());
    }
    let mut query = Vec::new();
    if let Some(version_id) = place.version_id.as_ref() {
        if ask.parts.query.iter().any(|p| p.name == b"versionId") {
            return Err(
                Failure::usage("a version is given both in the TARGET and as an option")
                    .hint("leave out one of them")
                    .into(),
            );
        }
        query.push(QueryParameter::new("versionId", version_id.as_slice()));
    }
    query.extend(ask.parts.query.iter().cloned());
    target::check_scope(ask, &place, &mut warnings)?;
    warnings.extend(target::known_deviations(ask, &place));
    if ask.scope == Scope::Listing {
        target::list_prefix(&mut place, &mut query)?;
    }
    warnings.extend(ask.parts.warnings.iter().cloned());
    let lifetime = lifetime.for_account(place.account.as_ref())?;
    warnings.extend(lifetime.check_limit(place.provider)?);
    let credentials = signers.of(&place)?;
    notices::warn_about_credentials(&credentials, &place, &mut warnings);
    let (lifetime, outlived) = lifetime.ended_by(&credentials)?;
    warnings.extend(outlived);
    let mut request = Request::new(
        ask.method,
        place.address.scheme,
        place.address.authority.as_str(),
        place.address.path.as_slice(),
    );
    if ask.scope == Scope::OtherService
        && let Some(path) = &place.path_as_sent
    {
        let path = if path.is_empty() { "/" } else { path };
        request.path = RequestPath::AsSent(path.as_bytes().to_vec());
    }
    request.query = query;
    request.headers = ask.parts.headers.clone();
    if let Some(pin) = &ask.pin {
        let header = pin.header(&place);
        if request
            .headers
            .iter()
            .any(|given| given.name.eq_ignore_ascii_case(&header.name))
        {
            return Err(Failure::usage(format!(
                "--pin-content signs `{}`, which another option sets",
                header.name
            ))
            .hint("leave out one of them")
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

/// The presigner for the credentials of a place.
pub fn presigner<'c>(
    ask: &LinkRequest,
    credentials: &'c Credentials,
    place: &Place,
    lifetime: Lifetime,
) -> Result<Presigner<'c>, Failure> {
    let presigner = place
        .presigner(credentials, lifetime.signed_at)
        .map_err(|error| from_core(&error))?;
    Ok(presigner
        .expires_in(lifetime.expiry)
        .path_rules(ask.path_mode, ask.path_encoding)
        .session_token_mode(ask.session_token_mode))
}

/// What the core refuses has mostly been refused before with better words; this is for the rest.
pub fn from_core(error: &sigv4::Error) -> Failure {
    let hint = match error {
        sigv4::Error::AccessKeyId => {
            "check where the access key id comes from: `-v` shows it when it is valid"
        }
        sigv4::Error::ScopeField { .. } => "give one name: `--region us-south`",
        _ => "check the value; `cos-presign request --help` describes every option",
    };
    Failure::usage(error.to_string()).hint(hint)
}
