//! The plan of an upload: a document of this program, or a single URL. It is trusted only for the
//! upload: its headers are those of the object, and all its URLs are for one server.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Maximum number of parts of all stores.
const MOST_PARTS: usize = 100_000;

/// How to upload the file. No `Debug`: each URL is a secret.
pub enum Plan {
    /// In parts, each with a URL.
    Multipart(Box<Multipart>),
    /// In one request.
    Put(Put),
    /// As the last field of a form.
    Form(Form),
}

/// A URL and its request.
#[derive(Clone, Deserialize)]
pub struct Request {
    /// The signed method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// Signed headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// A multipart upload that was created.
#[derive(Deserialize)]
pub struct Multipart {
    pub bucket: String,
    pub key: String,
    /// When its URLs expire.
    #[serde(default, deserialize_with = "time")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Size of the file, if the plan is for a certain size.
    pub size: Option<u64>,
    /// Size of every part except the last.
    pub part_size: Option<u64>,
    /// Headers of each part.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// In order.
    pub parts: Vec<Part>,
    /// One URL per thousand parts.
    #[serde(default)]
    pub list_parts: Vec<Request>,
    /// Completes the upload.
    pub complete: Request,
    /// Aborts the upload.
    pub abort: Option<Request>,
    /// Requests the object.
    pub object: Option<Request>,
}

#[derive(Deserialize)]
pub struct Part {
    /// From 1.
    pub part_number: u32,
    /// Offset in the file.
    pub offset: Option<u64>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// The URL, for PUT.
    pub url: String,
}

/// One PUT.
#[derive(Deserialize)]
pub struct Put {
    /// The URL.
    pub url: String,
    /// Signed headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Expiry.
    #[serde(default, deserialize_with = "time")]
    pub expires_at: Option<DateTime<Utc>>,
    pub bucket: Option<String>,
    pub key: Option<String>,
}

/// A form with a policy.
pub struct Form {
    /// The URL of the form.
    pub url: String,
    /// Fields before the file.
    pub fields: Vec<(String, String)>,
    /// Expiry.
    pub expires_at: Option<DateTime<Utc>>,
    pub bucket: Option<String>,
}

/// The bytes of the file for a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Index in [`Multipart::parts`].
    pub index: usize,
    /// Number of the part.
    pub number: u32,
    /// Offset in the file.
    pub offset: u64,
    /// Size in bytes.
    pub size: u64,
}

/// Why a text is not a plan, or not for this file. Contains nothing of the text, because that has
/// URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// Neither a URL nor JSON.
    NotJson {
        /// Line of the JSON error.
        line: usize,
        /// Column of the JSON error.
        column: usize,
    },
    /// More than one document.
    Several,
    /// JSON of another kind.
    Unknown,
    /// A URL for another method.
    OtherMethod(String),
    /// A header that belongs to the connection.
    ConnectionHeader(String),
    /// URLs of more than one server.
    OtherServer {
        /// Purpose of the URL.
        step: String,
        /// Its scheme and host.
        server: String,
        /// Scheme and host of the others.
        others: String,
    },
    /// The fields contradict each other.
    Inconsistent(String),
    /// The plan is for a file of another size.
    OtherSize {
        /// Size in the plan.
        planned: u64,
        /// Size of the file.
        found: u64,
    },
    /// The file is larger than all parts of the plan.
    TooLarge {
        /// Total size of the parts.
        room: u64,
        /// Size of the file.
        found: u64,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::NotJson { line, column } => {
                write!(
                    f,
                    "the plan is neither a URL nor JSON: invalid from line {line}, column \
                     {column} on"
                )
            }
            PlanError::Several => f.write_str("more than one plan for one file"),
            PlanError::Unknown => f.write_str(
                "the JSON is not an upload plan: it has neither `parts` nor `fields` nor `url`",
            ),
            PlanError::OtherMethod(method) => write!(
                f,
                "the URL is for {method}, but an upload needs one for PUT"
            ),
            PlanError::ConnectionHeader(name) => write!(
                f,
                "the plan has a header `{name}`, which belongs to the connection, not to a plan"
            ),
            PlanError::OtherServer {
                step,
                server,
                others,
            } => write!(
                f,
                "the URLs of the plan are for different servers: the one {step} is for \
                 `{server}`, others for `{others}`"
            ),
            PlanError::Inconsistent(what) => write!(f, "the plan contradicts itself: {what}"),
            PlanError::OtherSize { planned, found } => {
                write!(
                    f,
                    "the file has {found} bytes, but the plan is for {planned} bytes"
                )
            }
            PlanError::TooLarge { room, found } => {
                write!(
                    f,
                    "the file has {found} bytes, but the parts of the plan hold only {room}"
                )
            }
        }
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// Parses a plan. A single URL is a plan for PUT.
    ///
    /// # Errors
    /// The text is not a plan.
    pub fn parse(text: &str) -> Result<Plan, PlanError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if is_link(text) {
            let url = text.to_owned();
            return Ok(Plan::Put(Put {
                url,
                headers: BTreeMap::new(),
                expires_at: None,
                bucket: None,
                key: None,
            }));
        }
        let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let document = match documents.next() {
            Some(Ok(document)) => document,
            Some(Err(error)) => {
                return Err(PlanError::NotJson {
                    line: error.line(),
                    column: error.column(),
                });
            }
            None => return Err(PlanError::NotJson { line: 1, column: 1 }),
        };
        if documents.next().is_some() {
            return Err(PlanError::Several);
        }
        // The parser's message for a wrong type contains the value.
        let misfit = |what: &str| {
            PlanError::Inconsistent(format!("a field of {what} is missing, or of another type"))
        };
        if document.get("parts").is_some() {
            let plan: Multipart =
                Multipart::deserialize(document).map_err(|_| misfit("the multipart upload"))?;
            plan.check()?;
            return Ok(Plan::Multipart(Box::new(plan)));
        }
        if document.get("fields").is_some() {
            let form = Form::read(&document).ok_or_else(|| misfit("the form"))?;
            server_of(&form.url).ok_or_else(|| no_url("of the form"))?;
            return Ok(Plan::Form(form));
        }
        if document.get("url").is_none() {
            return Err(PlanError::Unknown);
        }
        match document.get("method").and_then(Value::as_str) {
            Some("PUT") | None => {
                let put = Put::deserialize(document).map_err(|_| misfit("the URL"))?;
                let headers = put.headers.keys();
                check_headers(headers.filter(|name| !name.eq_ignore_ascii_case(CONTENT_LENGTH)))?;
                Ok(Plan::Put(put))
            }
            Some(method) => Err(PlanError::OtherMethod(method.to_owned())),
        }
    }
}

const CONTENT_LENGTH: &str = "content-length";

/// Whether a header (name in lower case) belongs to the connection or authentication, and not to
/// the object.
pub fn is_connection_header(name: &str) -> bool {
    name.starts_with("proxy-")
        || matches!(
            name,
            "authorization"
                | "connection"
                | "expect"
                | "host"
                | "keep-alive"
                | "te"
                | "trailer"
                | "transfer-encoding"
                | "upgrade"
        )
}

fn check_headers<'n>(names: impl IntoIterator<Item = &'n String>) -> Result<(), PlanError> {
    for name in names {
        let lower = name.trim().to_ascii_lowercase();
        if is_connection_header(&lower) || lower == CONTENT_LENGTH {
            return Err(PlanError::ConnectionHeader(lower));
        }
    }
    Ok(())
}

/// Scheme, host and port of an HTTP URL.
fn server_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    (!authority.is_empty()).then(|| format!("{scheme}://{authority}"))
}

fn no_url(step: &str) -> PlanError {
    PlanError::Inconsistent(format!("the URL {step} is not an HTTP URL"))
}

impl Put {
    /// Checks a signed length against the file.
    ///
    /// # Errors
    /// A file of another size, or a length that is not a number.
    pub fn check_size(&self, found: u64) -> Result<(), PlanError> {
        let lengths = self
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(CONTENT_LENGTH));
        for (_, length) in lengths {
            let is_number = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
            match length.parse::<u64>() {
                Ok(planned) if is_number && planned == found => {}
                Ok(planned) if is_number => return Err(PlanError::OtherSize { planned, found }),
                _ => {
                    return Err(PlanError::Inconsistent(
                        "its content-length is not a number".to_owned(),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Only displayed, so an invalid time counts as missing.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text
        .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
        .map(|time| time.to_utc()))
}

/// Whether the text is only a URL.
fn is_link(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://"))
        && !text.contains(char::is_whitespace)
}

impl Form {
    fn read(document: &Value) -> Option<Form> {
        let time = |text: &Value| {
            DateTime::parse_from_rfc3339(text.as_str()?)
                .ok()
                .map(|time| time.to_utc())
        };
        let fields = document.get("fields")?.as_object()?.iter();
        Some(Form {
            url: document.get("url")?.as_str()?.to_owned(),
            fields: fields
                .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect::<Option<_>>()?,
            expires_at: document.get("expires_at").and_then(time),
            bucket: document
                .get("bucket")
                .and_then(Value::as_str)
                .map(str::to_owned),
        })
    }
}

impl Multipart {
    fn check(&self) -> Result<(), PlanError> {
        self.check_requests()?;
        self.check_parts()
    }

    /// Checks that each URL is for the method of its step, and all of them for one server.
    fn check_requests(&self) -> Result<(), PlanError> {
        check_headers(self.headers.keys())?;
        let lists = self.list_parts.iter();
        let requests = std::iter::once(("to complete the upload", "POST", &self.complete))
            .chain(lists.map(|list| ("to list the parts", "GET", list)))
            .chain(
                self.abort
                    .iter()
                    .map(|abort| ("to abort the upload", "DELETE", abort)),
            )
            .chain(
                self.object
                    .iter()
                    .map(|object| ("to check the object", "HEAD", object)),
            );
        let others =
            server_of(&self.complete.url).ok_or_else(|| no_url("to complete the upload"))?;
        let check_server = |step: &str, url: &str| match server_of(url) {
            None => Err(no_url(step)),
            Some(server) if server == others => Ok(()),
            Some(server) => Err(PlanError::OtherServer {
                step: step.to_owned(),
                server,
                others: others.clone(),
            }),
        };
        for (step, method, request) in requests {
            check_headers(request.headers.keys())?;
            if request.method != method {
                return Err(PlanError::Inconsistent(format!(
                    "the URL {step} is for {} instead of {method}",
                    request.method
                )));
            }
            check_server(step, &request.url)?;
        }
        for part in &self.parts {
            check_server(&format!("of part {}", part.part_number), &part.url)?;
        }
        Ok(())
    }

    fn check_parts(&self) -> Result<(), PlanError> {
        let wrong = |what: String| Err(PlanError::Inconsistent(what));
        if self.parts.is_empty() {
            return wrong("it has no parts".to_owned());
        }
        if self.parts.len() > MOST_PARTS {
            return wrong(format!("it has {} parts", self.parts.len()));
        }
        let mut end: u64 = 0;
        for (index, part) in self.parts.iter().enumerate() {
            let number = part.part_number;
            let before = index
                .checked_sub(1)
                .map_or(0, |before| self.parts[before].part_number);
            if number <= before {
                return wrong(format!("part {number} comes after part {before}"));
            }
            if part.offset.is_some_and(|offset| offset != end) {
                return wrong(format!(
                    "part {number} does not start where part {before} ends"
                ));
            }
            let Some(size) = self.size_of(part) else {
                return wrong(format!("part {number} has no size"));
            };
            let Some(sum) = end.checked_add(size) else {
                return wrong(format!("part {number} has an impossible size"));
            };
            if size == 0 && self.parts.len() > 1 {
                return wrong(format!("part {number} is empty"));
            }
            end = sum;
        }
        match self.size {
            Some(size) if size != end => wrong(format!(
                "its parts add up to {end} bytes, but its size is {size}"
            )),
            _ => Ok(()),
        }
    }

    fn size_of(&self, part: &Part) -> Option<u64> {
        part.size.or(self.part_size)
    }

    /// The bytes of a file of this size for each part. If the plan is for any size, parts after the
    /// end are unused.
    ///
    /// # Errors
    /// The plan is not for this file.
    pub fn slices(&self, found: u64) -> Result<Vec<Slice>, PlanError> {
        if let Some(planned) = self.size.filter(|planned| *planned != found) {
            return Err(PlanError::OtherSize { planned, found });
        }
        let mut slices = Vec::new();
        let mut offset = 0;
        for (index, part) in self.parts.iter().enumerate() {
            // An empty file has one empty part.
            if offset >= found && index > 0 {
                break;
            }
            let size = self.size_of(part).unwrap_or_default().min(found - offset);
            slices.push(Slice {
                index,
                number: part.part_number,
                offset,
                size,
            });
            offset += size;
        }
        if offset < found {
            return Err(PlanError::TooLarge {
                room: offset,
                found,
            });
        }
        Ok(slices)
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
