//! The reports of `cos-presign inspect` and `cos-presign diagnose`, from nothing but what is passed
//! in: no file, no network, no clock. It compiles for WebAssembly.
//!
//! ```
//! use std::time::Duration;
//! use cos_presign::offline::{Facts, diagnose};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = "https://my-bucket.s3.amazonaws.com/report.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256\
//!     &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
//!     &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
//!     &X-Amz-Signature=f728ecb98fdb8cc77babb5ab08d6a3a0dc0c4b3f0bc1f7ea4b39a5d62f3a0e4a";
//! let mut facts = Facts::new(url, "20130601T000000Z".parse()?);
//! facts.response = Some(b"HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>AccessDenied</Code>\
//!     <Message>Request has expired</Message></Error>".to_vec());
//! let report = diagnose(&facts)?;
//! assert_eq!(report.verdict(), "expired");
//! println!("{}", report.to_text(Duration::ZERO));
//! # Ok(())
//! # }
//! ```

mod input;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::diagnosis::{Anatomy, Case, Diagnosis, Finding, url_findings};
use crate::output::reports::{diagnosis, inspection};
use crate::sigv4::{Credentials, Header, HeaderLineError, SigningTime};
use crate::text::key_problem;

pub use input::InputError;
pub(crate) use input::{check_method, not_a_url};

/// What is known of a presigned URL and of its use.
#[derive(Clone)]
#[non_exhaustive]
pub struct Facts {
    /// The URL, also damaged: with line breaks, quotes, the command around it.
    pub url: String,
    /// The method with which it was used.
    pub method: Option<String>,
    /// The headers that were sent with it.
    pub headers: Vec<Header>,
    /// Status of the response, if `response` has none.
    pub status: Option<u16>,
    /// The response of the store: its error document, or the output of `curl -i` or `curl -v`.
    pub response: Option<Vec<u8>>,
    /// Credentials that may have signed the URL.
    pub credentials: Option<Credentials>,
    /// What the reports call `credentials`.
    pub credentials_source: String,
    /// The time at which the URL is judged.
    pub now: SigningTime,
}

/// Shows neither URL nor response, both of which may be secret.
impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("method", &self.method)
            .field("headers", &self.headers)
            .field("status", &self.status)
            .field("credentials", &self.credentials)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Facts {
    /// Only a URL, and the time at which it is judged.
    pub fn new(url: impl Into<String>, now: SigningTime) -> Facts {
        Facts {
            url: url.into(),
            method: None,
            headers: Vec::new(),
            status: None,
            response: None,
            credentials: None,
            credentials_source: "the given credentials".to_owned(),
            now,
        }
    }
}

/// Parses the headers of a request, one `Name: value` in a line.
///
/// # Errors
/// The first line that is not a header.
pub fn parse_headers(text: &str) -> Result<Vec<Header>, InputError> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            Header::parse_line(line.as_bytes()).map_err(|error| {
                let message = match error {
                    HeaderLineError::NoColon => {
                        format!("the header `{}` has no colon", line.escape_debug())
                    }
                    HeaderLineError::Name(name) => {
                        format!("`{}` is not a header name", name.escape_debug())
                    }
                };
                InputError::new(message, "write one header in a line: `Name: value`")
            })
        })
        .collect()
}

/// Checks pasted credentials as the program checks its own: nothing is trimmed, and what no store
/// issues is rejected.
///
/// # Errors
/// What is wrong with which of them; none of them is repeated.
pub fn check_credentials(credentials: &Credentials) -> Result<(), InputError> {
    let parts = [
        (
            "access key id",
            Some(credentials.access_key_id().as_bytes()),
        ),
        (
            "secret access key",
            Some(credentials.secret_access_key().expose_secret()),
        ),
        (
            "session token",
            credentials
                .session_token()
                .map(|token| token.expose_secret()),
        ),
    ];
    for (name, value) in parts {
        if let Some(problem) = value.and_then(|value| key_problem(value, name)) {
            return Err(InputError::new(
                format!("the {name} {problem}"),
                "set it again, exactly as the store showed it",
            ));
        }
    }
    Ok(())
}

/// Why a URL is refused.
#[derive(Debug)]
pub struct Report {
    diagnosis: Diagnosis,
    is_plausible: bool,
}

impl Report {
    /// The code of the first finding.
    pub fn verdict(&self) -> &str {
        self.diagnosis.verdict.as_str()
    }

    /// Whether no issue was found.
    pub fn is_good(&self) -> bool {
        self.diagnosis.is_good()
    }

    /// Whether the response has a status line or an error document of a store; also without a
    /// response.
    pub fn has_plausible_response(&self) -> bool {
        self.is_plausible
    }

    /// The report of `cos-presign diagnose`. `elapsed` is how long [`diagnose`] took.
    pub fn to_text(&self, elapsed: Duration) -> String {
        written(|out| diagnosis::text(&self.diagnosis, elapsed, out))
    }

    /// The report of `cos-presign diagnose --json`. `elapsed` is how long [`diagnose`] took.
    pub fn to_json(&self, elapsed: Duration) -> String {
        written(|out| diagnosis::json(&self.diagnosis, elapsed, out))
    }
}

/// Finds out why a URL is refused. With credentials, it searches for the request that was signed:
/// up to a million requests, which takes seconds.
///
/// # Errors
/// A text that is not a URL, a method that is none, credentials that no store issues.
pub fn diagnose(facts: &Facts) -> Result<Report, InputError> {
    let mut case = Case::new(&*facts.url, date_time(facts.now));
    case.method = facts
        .method
        .as_deref()
        .map(|method| check_method("the method", method))
        .transpose()?;
    case.headers.clone_from(&facts.headers);
    case.status = facts.status;
    let is_plausible = facts
        .response
        .as_deref()
        .is_none_or(|response| case.add_response(response));
    if let Some(credentials) = &facts.credentials {
        check_credentials(credentials)?;
        case.add_candidate(credentials, facts.credentials_source.clone());
    }
    let diagnosis =
        crate::diagnosis::diagnose(&case).map_err(|error| not_a_url(&facts.url, error))?;
    Ok(Report {
        diagnosis,
        is_plausible,
    })
}

/// A decoded URL.
#[derive(Debug)]
pub struct Inspection {
    anatomy: Anatomy,
    findings: Vec<Finding>,
    now: DateTime<Utc>,
}

impl Inspection {
    fn report(&self) -> inspection::Inspection<'_> {
        inspection::Inspection {
            anatomy: &self.anatomy,
            findings: &self.findings,
            now: self.now,
        }
    }

    /// Names and values of what the URL has in it, without secrets.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        inspection::rows(&self.report())
    }

    /// The report of `cos-presign inspect`.
    pub fn to_text(&self) -> String {
        written(|out| inspection::text(&self.report(), out))
    }

    /// The report of `cos-presign inspect --json`.
    pub fn to_json(&self) -> String {
        written(|out| inspection::json(&self.report(), out))
    }
}

/// Decodes a URL, without a secret.
///
/// # Errors
/// A text that is not a URL.
pub fn inspect(url: &str, now: SigningTime) -> Result<Inspection, InputError> {
    let anatomy = Anatomy::of(url).map_err(|error| not_a_url(url, error))?;
    let now = date_time(now);
    Ok(Inspection {
        findings: url_findings(&anatomy, now),
        anatomy,
        now,
    })
}

fn date_time(time: SigningTime) -> DateTime<Utc> {
    DateTime::<Utc>::from(time)
}

/// What is written into memory: that never fails, and reports are text.
fn written(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    let done = write(&mut bytes);
    debug_assert!(done.is_ok(), "memory can be written");
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
