//! The plan of an upload: a document of this program, or a bare URL. Whoever made it is not trusted
//! with more than the upload: its headers are those of the object, and all its URLs are of one
//! server.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// No store takes more parts for one object.
const MOST_PARTS: usize = 100_000;

/// What to do with the file. Without `Debug`: each of its URLs is a secret.
pub enum Plan {
    /// In parts, each with a URL.
    Multipart(Box<Multipart>),
    /// In one piece.
    Put(Put),
    /// As the last field of a form.
    Form(Form),
}

/// A URL and how it is used.
#[derive(Clone, Deserialize)]
pub struct Request {
    /// The method that was signed.
    pub method: String,
    /// The link.
    pub url: String,
    /// Headers that were signed.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// A multipart upload that was begun.
#[derive(Deserialize)]
pub struct Multipart {
    /// Bucket.
    pub bucket: String,
    /// Key.
    pub key: String,
    /// When its links end.
    #[serde(default, deserialize_with = "time")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Of the file, if the plan is for one of a certain size.
    pub size: Option<u64>,
    /// Of every part but the last.
    pub part_size: Option<u64>,
    /// What each part has to send.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// In their order.
    pub parts: Vec<Part>,
    /// One for every thousand parts.
    #[serde(default)]
    pub list_parts: Vec<Request>,
    /// Puts the parts together.
    pub complete: Request,
    /// Throws them away.
    pub abort: Option<Request>,
    /// Asks for the object.
    pub object: Option<Request>,
}

/// One part.
#[derive(Deserialize)]
pub struct Part {
    /// From 1.
    pub part_number: u32,
    /// Where it begins in the file.
    pub offset: Option<u64>,
    /// How many bytes it has.
    pub size: Option<u64>,
    /// The link, for PUT.
    pub url: String,
}

/// One PUT.
#[derive(Deserialize)]
pub struct Put {
    /// The link.
    pub url: String,
    /// What was signed.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// When it ends.
    #[serde(default, deserialize_with = "time")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Bucket.
    pub bucket: Option<String>,
    /// Key.
    pub key: Option<String>,
}

/// A form with a policy.
pub struct Form {
    /// Where it is posted to.
    pub url: String,
    /// They come before the file.
    pub fields: Vec<(String, String)>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Bucket.
    pub bucket: Option<String>,
}

/// A part of the file that goes with a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// In [`Multipart::parts`].
    pub index: usize,
    /// Of the part.
    pub number: u32,
    /// Where it begins in the file.
    pub offset: u64,
    /// How many bytes it has.
    pub size: u64,
}

/// Why a text is no plan, or none for this file. Holds nothing of the text: it has links in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// Neither a link nor JSON.
    NotJson {
        /// Where the JSON ends to be such.
        line: usize,
        /// Likewise.
        column: usize,
    },
    /// More than one document.
    Several,
    /// JSON of another kind.
    Unknown,
    /// A link for something else.
    OtherMethod(String),
    /// A header that says how a request is sent, which is up to the connection.
    ConnectionHeader(String),
    /// URLs of more than one server.
    OtherServer {
        /// What the URL is for.
        step: String,
        /// Scheme and host of it.
        server: String,
        /// Scheme and host of the others.
        others: String,
    },
    /// The fields do not fit together.
    Inconsistent(String),
    /// The plan is for a file of another size.
    OtherSize {
        /// What the plan is for.
        planned: u64,
        /// What the file has.
        found: u64,
    },
    /// The plan has no room for so large a file.
    TooLarge {
        /// What all parts hold.
        room: u64,
        /// What the file has.
        found: u64,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::NotJson { line, column } => {
                write!(
                    f,
                    "the plan is neither a URL nor JSON: invalid from line {line}, column {column} on"
                )
            }
            PlanError::Several => {
                f.write_str("more than one plan for one file")
            }
            PlanError::Unknown => f.write_str(
                "the JSON is not a plan of an upload: it has neither `parts` nor `fields` nor `url`",
            ),
            PlanError::OtherMethod(method) => write!(
                f,
                "the URL is for {method}, and an upload needs one for PUT"
            ),
            PlanError::ConnectionHeader(name) => write!(
                f,
                "the plan has a header `{name}`, which belongs to the connection and not to a plan"
            ),
            PlanError::OtherServer {
                step,
                server,
                others,
            } => write!(
                f,
                "the URLs of the plan are not all for one server: that {step} is for `{server}`, and others for `{others}`"
            ),
            PlanError::Inconsistent(what) => write!(f, "the plan contradicts itself: {what}"),
            PlanError::OtherSize { planned, found } => {
                write!(
                    f,
                    "the file has {found} bytes, and the plan is for one of {planned}"
                )
            }
            PlanError::TooLarge { room, found } => {
                write!(
                    f,
                    "the file has {found} bytes, and all parts of the plan together have room for {room}"
                )
            }
        }
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// Reads a plan. A bare link is one for PUT.
    ///
    /// # Errors
    /// A text that is none.
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
        // What the parser says of a wrong type shows the value.
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

/// Whether a header (name in lower case) says how a request is sent or by whom, and not what the
/// object is.
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

/// Scheme, host and port of a URL for HTTP.
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
    PlanError::Inconsistent(format!("the URL {step} is none of HTTP"))
}

impl Put {
    /// A length that was signed has to be that of the file.
    ///
    /// # Errors
    /// A file of another size, or a length that is no number.
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

/// It is only shown, so a time that cannot be read is none.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text
        .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
        .map(|time| time.to_utc()))
}

/// Whether the text is a link and nothing else.
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

    /// Each URL is used with the method of its step, and all of them are for one server.
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
                    .map(|object| ("to look at the object", "HEAD", object)),
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
                    "the URL {step} is for {}, and that needs {method}",
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
                    "part {number} does not begin where the one before it ends"
                ));
            }
            let Some(size) = self.size_of(part) else {
                return wrong(format!("part {number} has no size"));
            };
            let Some(sum) = end.checked_add(size) else {
                return wrong(format!("part {number} has no possible size"));
            };
            if size == 0 && self.parts.len() > 1 {
                return wrong(format!("part {number} is empty"));
            }
            end = sum;
        }
        match self.size {
            Some(size) if size != end => wrong(format!(
                "its parts have {end} bytes together, and its size is {size}"
            )),
            _ => Ok(()),
        }
    }

    fn size_of(&self, part: &Part) -> Option<u64> {
        part.size.or(self.part_size)
    }

    /// Which bytes of a file of this size go with which part. Where the plan is for any size, parts
    /// behind its end stay unused.
    ///
    /// # Errors
    /// A file that the plan is not for.
    pub fn slices(&self, found: u64) -> Result<Vec<Slice>, PlanError> {
        if let Some(planned) = self.size.filter(|planned| *planned != found) {
            return Err(PlanError::OtherSize { planned, found });
        }
        let mut slices = Vec::new();
        let mut offset = 0;
        for (index, part) in self.parts.iter().enumerate() {
            // An empty file has one part without a byte.
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
