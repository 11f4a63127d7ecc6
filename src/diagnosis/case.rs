//! What is known of a case: the link, how it was used, what the store returned, and who may have
//! signed it.

use chrono::{DateTime, Utc};

use crate::forensics::{Candidate, Search};
use crate::sigv4::{Credentials, Header};
use crate::store::{BodyKind, Endpoint, ErrorResponse, Refusal};

use super::posted_form::PostedForm;

/// Everything that is known. Without `Debug`: the URL is a secret.
pub struct Case {
    /// The URL as it was given.
    pub url: String,
    /// The method that was used, if it is known.
    pub method: Option<String>,
    /// Headers that were sent.
    pub headers: Vec<Header>,
    /// The host that the store saw, if it is known.
    pub host: Option<String>,
    /// The store's response.
    pub response: Option<ErrorResponse>,
    /// Its status, where the response does not have it.
    pub status: Option<u16>,
    /// The store's clock at `now`.
    pub server_date: Option<DateTime<Utc>>,
    /// The time.
    pub now: DateTime<Utc>,
    /// Who may have signed; the credentials at hand first.
    pub candidates: Vec<NamedCandidate>,
    /// Endpoints that are configured on this machine.
    pub endpoints: Vec<Endpoint>,
    /// Regions that are.
    pub regions: Vec<String>,
    /// How far to search.
    pub search: Search,
    /// The form that was posted, if it was given.
    pub form: Option<PostedForm>,
}

/// Credentials and where they came from.
#[derive(Clone, Debug)]
pub struct NamedCandidate {
    /// The credentials.
    pub candidate: Candidate,
    /// `AWS_ACCESS_KEY_ID`, `profile x in …`
    pub source: String,
}

impl Case {
    /// A case with nothing but a URL.
    pub fn new(url: impl Into<String>, now: DateTime<Utc>) -> Case {
        Case {
            url: url.into(),
            method: None,
            headers: Vec::new(),
            host: None,
            response: None,
            status: None,
            server_date: None,
            now,
            candidates: Vec::new(),
            endpoints: Vec::new(),
            regions: Vec::new(),
            search: Search::Pairs,
            form: None,
        }
    }

    /// Adds the store's response.
    ///
    /// Returns whether it is one: it has a status line or an error document of a store.
    pub fn add_response(&mut self, bytes: &[u8]) -> bool {
        let response = ErrorResponse::parse(bytes);
        let is_plausible = response.status.is_some()
            || !matches!(response.kind, BodyKind::Empty | BodyKind::Other);
        self.response = Some(response);
        is_plausible
    }

    /// Adds credentials that may have signed, and where they came from.
    pub fn add_candidate(&mut self, credentials: &Credentials, source: String) {
        self.candidates.push(NamedCandidate {
            candidate: Candidate {
                access_key_id: credentials.access_key_id().to_owned(),
                secret: credentials.secret_access_key().clone(),
                token: credentials.session_token().cloned(),
            },
            source,
        });
    }

    /// The method that was used: as given, or as the transcript shows it.
    pub fn method_used(&self) -> Option<String> {
        let of_transcript = || {
            self.response
                .as_ref()?
                .request
                .as_ref()
                .map(|request| request.method.clone())
        };
        self.method.clone().or_else(of_transcript)
    }

    /// Headers that were sent besides `Host`; names in lower case.
    pub fn sent_headers(&self) -> Vec<(String, Vec<u8>)> {
        let mut sent: Vec<(String, Vec<u8>)> = self
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), header.value.clone()))
            .collect();
        if let Some(request) = self
            .response
            .as_ref()
            .and_then(|response| response.request.as_ref())
        {
            for (name, value) in &request.headers {
                if !sent.iter().any(|(known, _)| known == name) {
                    sent.push((name.clone(), value.clone().into_bytes()));
                }
            }
        }
        sent.retain(|(name, _)| name != "host");
        sent
    }

    /// Whether some headers of the request are given, so that a missing one was not sent.
    pub fn headers_are_known(&self) -> bool {
        let in_transcript = || {
            let response = self.response.as_ref()?;
            response.request.as_ref()
        };
        !self.headers.is_empty() || in_transcript().is_some()
    }

    /// Whether it is known how the link was used.
    pub fn usage_is_known(&self) -> bool {
        self.method_used().is_some() || !self.headers.is_empty() || self.response.is_some()
    }

    /// The host that the store saw, where it is known to be another than the URL's.
    pub fn seen_host(&self) -> Option<String> {
        let of_header = || {
            let header = self
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case("host"))?;
            Some(String::from_utf8_lossy(&header.value).into_owned())
        };
        self.host
            .clone()
            .or_else(of_header)
            .map(|host| host.trim().to_ascii_lowercase())
    }

    /// The store's clock.
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        self.server_date
    }

    /// The status of the response.
    pub fn status(&self) -> Option<u16> {
        self.response
            .as_ref()
            .and_then(|response| response.status)
            .or(self.status)
    }

    /// When the store responded, where the response has it.
    pub fn response_time(&self) -> Option<DateTime<Utc>> {
        let of_response = || {
            let response = self.response.as_ref()?;
            let text = response
                .element("ServerTime")
                .or_else(|| response.header("date"))?
                .trim();
            let rfc3339 = DateTime::parse_from_rfc3339(text).ok();
            rfc3339
                .or_else(|| DateTime::parse_from_rfc2822(text).ok())
                .map(|time| time.to_utc())
        };
        of_response().or(self.server_date)
    }

    /// What the response refuses, as far as its words say.
    pub fn refusal(&self) -> Option<Refusal> {
        let response = self.response.as_ref()?;
        let refusal = response.refusal()?;
        // An object that was served may be a page or a text with any words in it.
        let is_served = self.status().is_some_and(|status| status < 300);
        match response.kind {
            BodyKind::Html | BodyKind::Other if is_served && refusal != Refusal::ConsolePort => {
                None
            }
            _ => Some(refusal),
        }
    }

    /// Whether the store is known to have refused.
    pub fn was_refused(&self) -> bool {
        let of_document = self
            .response
            .as_ref()
            .is_some_and(|response| response.kind == BodyKind::Error);
        of_document || self.status().is_some_and(|status| status >= 300) || self.refusal().is_some()
    }
}

/// What is known of the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureState {
    /// There is no secret, or nothing to compare.
    NotChecked,
    /// It is that of the request as it is.
    Matches,
    /// It is that of another request, which was found.
    Explained,
    /// Nothing reproduces it.
    Unexplained,
}
