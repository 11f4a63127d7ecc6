//! The pages of the listing of a bucket, each requested while the caller processes the previous
//! one.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::sigv4::{self, Credentials, Header};
use crate::store::{
    Address, ErrorResponse, ListPage, ListRequest, ListVersion, ListingError, is_region_name,
};
use crate::text::{CommandLine, escape_controls};

use super::retry::Retries;
use super::signed_call::SignedCall;
use super::transient::{is_transient, is_transient_code};
use super::{Client, ProbeError, Response};

/// A page of a thousand keys of maximum length, percent-encoded, has about 4 MiB.
const PAGE_LIMIT: usize = 16 * 1024 * 1024;

/// Maximum number of consecutive pages without a key. Stores send some if many keys were deleted or
/// filtered.
pub(super) const MOST_WITHOUT_KEYS: u64 = 1000;

/// What to list, and with which credentials.
#[derive(Clone, Debug)]
pub struct Listing {
    pub credentials: Credentials,
    /// Region of the credential scope.
    pub region: String,
    /// URL of the bucket, without a key.
    pub address: Address,
    /// Signed headers, such as `x-amz-request-payer`.
    pub headers: Vec<Header>,
    /// Parameters of the first page.
    pub request: ListRequest,
    /// Whether version 1 may be requested if the store does not support version 2.
    pub may_fall_back: bool,
    /// Retry policy for transient failures.
    pub retries: Retries,
}

/// Why the listing ended early. Contains no secret; text from the store is not escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListError {
    /// The request cannot be signed.
    Signing(sigv4::Error),
    /// No response after all attempts.
    NoResponse {
        /// Number of attempts.
        tries: u32,
        /// The last error.
        error: ProbeError,
    },
    /// The store refused.
    Refused(Box<Refusal>),
    /// A response that is longer than any page.
    TooLong {
        /// Limit in bytes.
        limit: usize,
    },
    /// The connection failed or timed out during a page.
    BrokenOff {
        /// Number of attempts.
        tries: u32,
    },
    /// A response that is not a page.
    Page(ListingError),
    /// Consecutive pages without a key.
    NoKeys { pages: u64 },
    /// The requesting thread is gone: a bug in this program.
    Stopped,
}

/// The error response of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `403`
    pub status: u16,
    /// `403 Forbidden`
    pub status_text: String,
    /// `AccessDenied`
    pub code: Option<String>,
    /// The message of the error document.
    pub message: Option<String>,
    /// Region of the bucket, if the response contains it.
    pub region: Option<String>,
    /// Host of the bucket, if the response contains it.
    pub host: Option<String>,
    /// Number of attempts.
    pub tries: u32,
    /// Whether versions were requested.
    pub is_of_versions: bool,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListError::Signing(error) => write!(f, "the listing cannot be signed: {error}"),
            ListError::NoResponse { tries, error } => {
                write!(f, "no response to the listing{}: {error}", Tries(*tries))
            }
            ListError::Refused(refusal) => {
                write!(
                    f,
                    "the store refused to list the bucket: {}",
                    refusal.status_text
                )?;
                if let Some(code) = &refusal.code {
                    write!(f, ", {code}")?;
                }
                f.write_str(&Tries(refusal.tries).to_string())?;
                match &refusal.message {
                    Some(message) => write!(f, ": {}", message.trim_end_matches('.')),
                    None => Ok(()),
                }
            }
            ListError::TooLong { limit } => {
                write!(f, "the page of the listing is longer than {limit} bytes")
            }
            ListError::BrokenOff { tries } => write!(
                f,
                "the response broke off during the listing{}",
                Tries(*tries)
            ),
            ListError::Page(error) => write!(f, "{error}"),
            ListError::NoKeys { pages } => write!(
                f,
                "the store sent {pages} pages without a key, each marked as incomplete"
            ),
            ListError::Stopped => f.write_str("the listing stopped early"),
        }
    }
}

impl std::error::Error for ListError {}

impl ListError {
    /// The hint, if there is one.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            ListError::Refused(refusal) => return Some(refusal.hint()),
            ListError::NoResponse { .. } | ListError::BrokenOff { .. } => {
                "try again; increase the timeout: `--timeout 2m`"
            }
            ListError::TooLong { .. }
            | ListError::NoKeys { .. }
            | ListError::Page(ListingError::OtherDocument(_) | ListingError::NotXml(_)) => {
                "check the endpoint and any proxy in between: the response is not that of a store"
            }
            ListError::Page(ListingError::Refused { .. }) => "try again later",
            ListError::Page(ListingError::NoVersions) => {
                "the store does not support listings of versions: remove --versions"
            }
            ListError::Page(ListingError::NoToken { old_form: true }) => {
                "use the version that the store supports: `--list-version 1`"
            }
            ListError::Page(ListingError::Unordered(_)) => {
                "list one page after another: remove --list-jobs"
            }
            ListError::Page(_) => "look at the response: `curl \"$(cos-presign list BUCKET)\"`",
            ListError::Signing(_) | ListError::Stopped => return None,
        };
        Some(text.to_owned())
    }
}

impl Refusal {
    /// Parses an error response. `tries`: number of attempts.
    pub fn new(response: &Response, tries: u32) -> Refusal {
        let read = ErrorResponse::parse(&response.body);
        let shown = |text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let region = response
            .header("x-amz-bucket-region")
            .or_else(|| read.element("Region"));
        // MinIO has the correct region only in the message.
        let region = region.or_else(|| {
            read.message()?
                .split("expecting '")
                .nth(1)?
                .split('\'')
                .next()
        });
        let location = response
            .header("location")
            .and_then(|location| location.split("://").nth(1)?.split(['/', '?']).next());
        Refusal {
            status: response.status,
            status_text: response.status_text.clone(),
            code: shown(read.code()),
            message: shown(read.message()),
            region: shown(region).filter(|name| is_plain(name)),
            host: shown(read.element("Endpoint").or(location)).filter(|name| is_plain(name)),
            tries,
            is_of_versions: false,
        }
    }

    fn is_about_region(&self) -> bool {
        let codes = [
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "InvalidRegion",
            "PermanentRedirect",
            "TemporaryRedirect",
        ];
        (300..400).contains(&self.status)
            || self
                .code
                .as_deref()
                .is_some_and(|code| codes.contains(&code))
    }

    /// Whether the store may not support version 2 of listings.
    fn is_about_version(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        self.status == 501
            || matches!(
                code,
                "InvalidArgument" | "NotImplemented" | "MethodNotAllowed"
            )
    }

    /// The hint.
    pub fn hint(&self) -> String {
        if self.is_about_region() {
            return match (&self.region, &self.host) {
                (Some(region), _) if is_region_name(region) => format!(
                    "the bucket is in another region: `{}`",
                    CommandLine::options().option("--region", region)
                ),
                (Some(region), _) => format!(
                    "the store names the region `{}`, which is not a valid name: set the correct \
                     one, `--region NAME`",
                    escape_controls(region)
                ),
                (None, Some(host)) => {
                    format!("the bucket is at `{host}`: set its region, or that `--endpoint`")
                }
                (None, None) => {
                    "the bucket is in another region: set it, `--region NAME`".to_owned()
                }
            };
        }
        let text = match self.code.as_deref().unwrap_or_default() {
            "NoSuchBucket" => "check the bucket name and the region or endpoint",
            "SignatureDoesNotMatch" => {
                "check the secret access key; for details, create a URL and run `cos-presign \
                 diagnose URL`"
            }
            "InvalidAccessKeyId" => {
                "check the access key ID, and whether the endpoint is that of its store"
            }
            "RequestTimeTooSkewed" => "set the clock of this computer",
            "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => {
                "request new temporary credentials"
            }
            "SlowDown" | "ServiceUnavailable" | "TooManyRequests" => {
                "the store is busy: try again later"
            }
            _ if self.is_about_version() && self.is_of_versions => {
                "the store may not support listings of versions: remove --versions"
            }
            _ if self.is_about_version() => {
                "the store may support only version 1 of listings: `--list-version 1`"
            }
            _ if matches!(self.status, 401 | 403) && self.is_of_versions => {
                "listing versions needs a permission: `s3:ListBucketVersions` on AWS; Content \
                 Reader, Reader or Writer on IBM COS"
            }
            _ if matches!(self.status, 401 | 403) => {
                "listing needs a permission: `s3:ListBucket` on AWS; Content Reader, Reader or \
                 Writer on IBM COS"
            }
            _ if self.status == 429 || self.status >= 500 => {
                "the store reports an internal error: try again later"
            }
            _ => "test it: `cos-presign list BUCKET --verify`",
        };
        text.to_owned()
    }
}

/// Values from an untrusted response become part of a command that users copy.
fn is_plain(name: &str) -> bool {
    name.len() <= 255
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte))
}

struct Tries(u32);

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 | 1 => Ok(()),
            tries => write!(f, ", {tries} times"),
        }
    }
}

/// Yields the pages. At most two are in memory: the current one and the next.
pub struct Lister {
    state: State,
    /// Stops the thread.
    is_dropped: Arc<AtomicBool>,
}

enum State {
    New(Box<PageRequester>),
    Running(mpsc::Receiver<Result<ListPage, ListError>>),
    Ended(Result<(), ListError>),
}

impl Lister {
    /// Nothing is sent before the first page is requested. The clock is read before each request,
    /// because each is signed with its own time.
    pub fn new(
        client: Arc<Client>,
        listing: Listing,
        clock: impl FnMut() -> DateTime<Utc> + Send + 'static,
    ) -> Lister {
        let is_dropped = Arc::new(AtomicBool::new(false));
        let mut requester = PageRequester::new(client, listing, clock);
        requester.is_dropped = Arc::clone(&is_dropped);
        Lister {
            state: State::New(Box::new(requester)),
            is_dropped,
        }
    }

    /// The next page, possibly empty; `None` after the last page.
    ///
    /// # Errors
    /// [`ListError`] if the rest of the listing cannot be read; every further call returns it
    /// again.
    pub fn next_page(&mut self) -> Result<Option<ListPage>, ListError> {
        if let State::New(_) = self.state
            && let State::New(requester) =
                std::mem::replace(&mut self.state, State::Ended(Err(ListError::Stopped)))
        {
            // The next page waits in the thread until it is received; the one after it is not
            // requested before that.
            let (give, pages) = mpsc::sync_channel(0);
            let started = thread::Builder::new()
                .name("listing".to_owned())
                .spawn(move || requester.run(&give));
            started.map_err(|_| ListError::Stopped)?;
            self.state = State::Running(pages);
        }
        let pages = match &self.state {
            State::Running(pages) => pages,
            State::Ended(Err(error)) => return Err(error.clone()),
            State::New(_) | State::Ended(Ok(())) => return Ok(None),
        };
        let page = pages.recv().unwrap_or(Err(ListError::Stopped));
        match &page {
            Ok(page) if !page.is_last() => {}
            Ok(_) => self.state = State::Ended(Ok(())),
            Err(error) => self.state = State::Ended(Err(error.clone())),
        }
        page.map(Some)
    }
}

/// The thread is not joined: it may be waiting for a response.
impl Drop for Lister {
    fn drop(&mut self) {
        self.is_dropped.store(true, Ordering::Relaxed);
    }
}

/// Token, marker, and version of the marker.
type Continuation = (Option<String>, Option<Vec<u8>>, Option<String>);

fn continuation(page: &ListPage) -> Continuation {
    (
        page.next.clone(),
        page.next_marker.clone(),
        page.next_version.clone(),
    )
}

/// Requests pages.
#[derive(Clone)]
pub(super) struct PageRequester {
    client: Arc<Client>,
    pub(super) listing: Listing,
    clock: Arc<Mutex<dyn FnMut() -> DateTime<Utc> + Send>>,
    is_dropped: Arc<AtomicBool>,
}

/// The result of one attempt.
enum Tried {
    Page(ListPage),
    Failed(ListError),
    /// May succeed on a retry, perhaps after the delay that the store states.
    Transient(ListError, Option<Duration>),
}

impl PageRequester {
    pub(super) fn new(
        client: Arc<Client>,
        listing: Listing,
        clock: impl FnMut() -> DateTime<Utc> + Send + 'static,
    ) -> PageRequester {
        PageRequester {
            client,
            listing,
            clock: Arc::new(Mutex::new(clock)),
            is_dropped: Arc::default(),
        }
    }

    fn run(mut self, give: &mpsc::SyncSender<Result<ListPage, ListError>>) {
        // One token is kept for comparison and replaced at increasing intervals: this detects
        // cycles of any length (Brent's algorithm).
        let mut landmark: Option<Continuation> = None;
        let mut pages: u64 = 0;
        let mut without_keys: u64 = 0;
        loop {
            let mut page = if pages == 0 {
                self.first_page()
            } else {
                self.page(false)
            };
            let next = page
                .as_ref()
                .ok()
                .filter(|page| !page.is_last())
                .map(continuation);
            if let Some((token, marker, _)) =
                next.as_ref().filter(|next| landmark.as_ref() == Some(next))
            {
                let marker = || String::from_utf8_lossy(marker.as_deref().unwrap_or_default());
                let text = token.clone().unwrap_or_else(|| marker().into_owned());
                page = Err(ListError::Page(ListingError::SameToken(text)));
            }
            without_keys = match &page {
                Ok(page) if page.is_empty() => without_keys + 1,
                _ => 0,
            };
            if without_keys == MOST_WITHOUT_KEYS && next.is_some() {
                page = Err(ListError::NoKeys {
                    pages: without_keys,
                });
            }
            // If the user chose version 2, version 1 is not tried.
            if page.as_ref().is_ok_and(|page| page.next_marker.is_some())
                && self.listing.request.version == ListVersion::V2
                && !self.listing.may_fall_back
            {
                page = Err(ListError::Page(ListingError::NoToken { old_form: true }));
            }
            let is_last = page.is_err() || next.is_none();
            if give.send(page).is_err() || is_last {
                return;
            }
            pages += 1;
            if pages.is_power_of_two() {
                landmark.clone_from(&next);
            }
            let request = &mut self.listing.request;
            (
                request.continuation_token,
                request.marker,
                request.version_marker,
            ) = next.unwrap_or_default();
            if request.marker.is_some() && request.version == ListVersion::V2 {
                request.version = ListVersion::V1;
            }
        }
    }

    /// Uses the version that the store supports. A store that refuses `list-type=2` gets a request
    /// without it; one that ignores `list-type` has ignored `start-after` too.
    pub(super) fn first_page(&mut self) -> Result<ListPage, ListError> {
        let page = self.page(true);
        if !self.listing.may_fall_back || self.listing.request.version != ListVersion::V2 {
            return page;
        }
        let is_unknown = match &page {
            Ok(page) => page.is_old_form && self.listing.request.start_after.is_some(),
            Err(ListError::Refused(refusal)) => refusal.is_about_version(),
            Err(_) => false,
        };
        if !is_unknown {
            return page;
        }
        self.listing.request.version = ListVersion::V1;
        // The first refusal is about the request that other clients send, so it is the one
        // reported.
        self.page(true).or(page)
    }

    pub(super) fn page(&mut self, is_first: bool) -> Result<ListPage, ListError> {
        let mut tried = 0;
        loop {
            if self.is_dropped.load(Ordering::Relaxed) {
                return Err(ListError::Stopped);
            }
            tried += 1;
            match self.ask(tried, is_first)? {
                Tried::Page(page) => return Ok(page),
                Tried::Failed(error) => return Err(error),
                Tried::Transient(error, _) if tried >= self.listing.retries.tries => {
                    return Err(error);
                }
                Tried::Transient(_, retry_after) => {
                    thread::sleep(self.listing.retries.delay(tried, retry_after))
                }
            }
        }
    }

    fn ask(&mut self, tries: u32, is_first: bool) -> Result<Tried, ListError> {
        let listing = &self.listing;
        let now = {
            let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
            (*clock)()
        };
        let call = SignedCall {
            credentials: &listing.credentials,
            region: &listing.region,
            address: &listing.address,
            query: listing.request.query(),
            headers: listing.headers.clone(),
        };
        let sent = call.send(&self.client, now, PAGE_LIMIT);
        Ok(match sent.map_err(ListError::Signing)? {
            Err(error) if error.is_transient(is_first) => {
                Tried::Transient(ListError::NoResponse { tries, error }, None)
            }
            Err(error) => Tried::Failed(ListError::NoResponse { tries, error }),
            Ok(response) => read(&response, &self.listing.request, tries, now),
        })
    }
}

fn read(response: &Response, request: &ListRequest, tries: u32, now: DateTime<Utc>) -> Tried {
    if response.status != 200 {
        let mut refusal = Refusal::new(response, tries);
        refusal.is_of_versions = request.version == ListVersion::Versions;
        let is_transient = is_transient(response.status, refusal.code.as_deref());
        let error = ListError::Refused(Box::new(refusal));
        return if is_transient {
            Tried::Transient(error, response.retry_after(now))
        } else {
            Tried::Failed(error)
        };
    }
    if response.body_cut {
        return match response.body.len() {
            PAGE_LIMIT => Tried::Failed(ListError::TooLong { limit: PAGE_LIMIT }),
            _ => Tried::Transient(ListError::BrokenOff { tries }, None),
        };
    }
    match ListPage::parse(&response.body, request) {
        Ok(page) => Tried::Page(page),
        Err(ListingError::Refused { code, message }) if is_transient_code(&code) => {
            Tried::Transient(
                ListError::Page(ListingError::Refused { code, message }),
                response.retry_after(now),
            )
        }
        Err(error) => Tried::Failed(ListError::Page(error)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn response(status_text: &str, headers: &[(&str, &str)], body: &str) -> Response {
        Response {
            status: status_text[..3].parse().unwrap(),
            status_text: status_text.to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
            body_cut: false,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn each_refusal_has_its_way_out() {
        let error = |code: &str, rest: &str| format!("<Error><Code>{code}</Code>{rest}</Error>");
        let minio = "<Message>The authorization header is malformed; the region is wrong; \
            expecting 'eu-de'.</Message>";
        for (response, hint) in [
            (
                response("403 Forbidden", &[], &error("AccessDenied", "")),
                "`s3:ListBucket`",
            ),
            (response("403 Forbidden", &[], ""), "`s3:ListBucket`"),
            (
                response("403 Forbidden", &[], &error("SignatureDoesNotMatch", "")),
                "`cos-presign diagnose URL`",
            ),
            (
                response("403 Forbidden", &[], &error("RequestTimeTooSkewed", "")),
                "clock",
            ),
            (
                response("404 Not Found", &[], &error("NoSuchBucket", "")),
                "the bucket name",
            ),
            (
                response(
                    "301 Moved Permanently",
                    &[("x-amz-bucket-region", "eu-central-1")],
                    &error("PermanentRedirect", ""),
                ),
                "`--region eu-central-1`",
            ),
            (
                response(
                    "400 Bad Request",
                    &[],
                    &error("AuthorizationHeaderMalformed", "<Region>garage</Region>"),
                ),
                "`--region garage`",
            ),
            (
                response(
                    "400 Bad Request",
                    &[],
                    &error("AuthorizationHeaderMalformed", minio),
                ),
                "`--region eu-de`",
            ),
            (
                response(
                    "307 Temporary Redirect",
                    &[],
                    &error("TemporaryRedirect", "<Endpoint>b.s3.example.com</Endpoint>"),
                ),
                "`b.s3.example.com`",
            ),
            (
                response(
                    "302 Found",
                    &[("location", "https://sso.example.com/in?x")],
                    "<html>",
                ),
                "`sso.example.com`",
            ),
            (
                response(
                    "301 Moved Permanently",
                    &[("x-amz-bucket-region", "`rm -rf`")],
                    "",
                ),
                "`--region NAME`",
            ),
            (
                response("503 Slow Down", &[], &error("SlowDown", "")),
                "busy",
            ),
            (
                response("418 Teapot", &[], ""),
                "`cos-presign list BUCKET --verify`",
            ),
        ] {
            let refusal = ListError::Refused(Box::new(Refusal::new(&response, 1)));
            assert!(
                refusal.hint().unwrap().contains(hint),
                "{:?}",
                refusal.hint()
            );
        }
        let refusal = Refusal::new(
            &response(
                "403 Forbidden",
                &[],
                &error("AccessDenied", "<Message>Access Denied.</Message>"),
            ),
            3,
        );
        let words = ListError::Refused(Box::new(refusal)).to_string();
        assert_eq!(
            words,
            "the store refused to list the bucket: 403 Forbidden, AccessDenied, 3 times: Access \
             Denied"
        );
    }
}
