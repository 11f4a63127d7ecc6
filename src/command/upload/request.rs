//! The requests of an upload that carry no part, sent with retries.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::command::transfer::{Session, Subject, TransferError};
use crate::http::{Channel, Probe, Response};
use crate::sigv4::Header;
use crate::transfer::{Multipart, Request};

use super::RESUME;

/// A listing of a thousand parts has about 300 KiB.
const PAGE_LIMIT: usize = 8 << 20;

/// A multipart upload and its run.
pub struct PlanSession<'r, 'a> {
    pub plan: &'r Multipart,
    pub session: &'r Session<'a>,
}

impl PlanSession<'_, '_> {
    pub fn subject(&self, what: impl Into<String>, url: &str) -> Subject {
        Subject {
            what: what.into(),
            host: host(url),
            expires_at: self.plan.expires_at,
            again: RESUME,
        }
    }

    /// Sends a request with a small body. Only transient failures are errors; every other response
    /// is returned.
    pub fn ask(
        &self,
        channel: &mut Channel,
        request: &Request,
        subject: &Subject,
        body: Option<&[u8]>,
    ) -> Result<Response, TransferError> {
        let mut headers = headers_of(&request.headers);
        let has_type = headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !has_type {
            headers.push(Header::new("Content-Type", "application/xml"));
        }
        let probe = Probe {
            method: &request.method,
            url: &request.url,
            headers,
            host: None,
            body: body.map(<[u8]>::to_vec),
        };
        let response = channel
            .ask(&probe, None, PAGE_LIMIT)
            .map_err(|error| self.session.no_response(subject, &error))?;
        self.session.responded();
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        match self.session.refused(subject, &response) {
            transient @ TransferError::Transient(..) => Err(transient),
            _ => Ok(response),
        }
    }
}

/// Headers of a plan, to be sent.
pub fn headers_of<'h>(headers: impl IntoIterator<Item = (&'h String, &'h String)>) -> Vec<Header> {
    headers
        .into_iter()
        .map(|(name, value)| Header::new(name.as_str(), value.as_str()))
        .collect()
}

/// Host and port of a URL, which are not secret.
pub fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Adds the MD5 of the body, which the store compares, unless one was signed.
pub fn add_content_md5(headers: &mut Vec<Header>, md5: [u8; 16]) {
    let is_md5 = |header: &Header| header.name.eq_ignore_ascii_case("content-md5");
    if !headers.iter().any(is_md5) {
        headers.push(Header::new("Content-MD5", STANDARD.encode(md5)));
    }
}
