//! `doctor`: checks everything that a URL needs, from credentials to a presigned GET, and changes
//! nothing.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::{DoctorArgs, TargetArgs, TimeArgs};
use crate::diagnosis::{Case, NamedCandidate, diagnose};
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::forensics::Candidate;
use crate::http::{BODY_LIMIT, Client, Probe, Refusal, Response};
use crate::output::reports::doctor::{self, Check, Status};
use crate::resolve::{Lifetime, Place, Signers, Sourced, StoreSettings};
use crate::sigv4::{
    Credentials, Header, PayloadHash, Placement, QueryParameter, Request, SigningTime,
};
use crate::store::{
    Address, Addressing, Target, access_point_rules, is_dns_compatible, is_region_name,
};
use crate::text::{CommandLine, escape_controls};

use super::shared::link_request::{Io, Scope};
use super::shared::{client, fetch_credentials, target};

/// A difference of the clocks that is worth a warning, in seconds; stores refuse from 15 minutes
/// on.
const NOTED_SKEW: i64 = 60;
const REFUSED_SKEW: i64 = 900;

const NO_STORE: &str = "the response has status 200 but is not a listing";
const NO_STORE_FIX: &str =
    "check the endpoint: the response may come from a login page, a proxy or another service";

pub fn run(args: &DoctorArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, .. } = streams;
    let client = client::client(&args.network, Some(&args.credentials), env)?;
    let target = match &args.target {
        None => Target::Service,
        Some(text) => target::targets(
            "doctor",
            &TargetArgs {
                targets: vec![text.clone()],
                ..Default::default()
            },
            Scope::Any,
        )?
        .remove(0),
    };
    let files = fetch_credentials::files(&args.credentials, &args.network, env);
    let signers = Signers::new(&args.credentials, env, &files);
    let settings = StoreSettings::new(&args.store, env, &files, "s3");
    let mut patient = Doctor {
        env,
        client: &client,
        started: Instant::now(),
        checks: Vec::new(),
    };
    match settings.place(&target) {
        Ok(place) => patient.examine(&place, &signers),
        Err(failure) => {
            let failure = target::with_command(failure, "doctor", &target);
            patient.fail("settings", failure.message.clone(), failure.hint);
        }
    }
    doctor::write(args.report.form(), &patient.checks, out)?;
    out.flush()?;
    match patient
        .checks
        .iter()
        .any(|check| check.status == Status::Fail)
    {
        true => Err(Failure::silent(Kind::Refused).into()),
        false => Ok(()),
    }
}

struct Doctor<'a> {
    env: &'a Env,
    client: &'a Client,
    started: Instant,
    checks: Vec<Check>,
}

impl Doctor<'_> {
    fn add(
        &mut self,
        status: Status,
        name: &'static str,
        message: impl Into<String>,
        fix: Option<String>,
    ) {
        self.checks.push(Check {
            status,
            name,
            message: message.into(),
            fix,
        });
    }

    fn ok(&mut self, name: &'static str, message: impl Into<String>) {
        self.add(Status::Ok, name, message, None);
    }

    fn warn(&mut self, name: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Status::Warn, name, message, Some(fix.into()));
    }

    fn fail(&mut self, name: &'static str, message: impl Into<String>, fix: Option<String>) {
        self.add(Status::Fail, name, message, fix);
    }

    fn now(&self) -> DateTime<Utc> {
        self.env.now + TimeDelta::from_std(self.started.elapsed()).unwrap_or_default()
    }

    fn examine(&mut self, place: &Place, signers: &Signers) {
        let store = place.provider.map_or("unknown store", |p| p.name);
        self.ok(
            "settings",
            format!(
                "{} ({}), {store}",
                place.endpoint.value, place.endpoint.source
            ),
        );
        for warning in &place.warnings {
            self.add(Status::Warn, "settings", warning.message.clone(), None);
        }
        let credentials = match signers.of(place) {
            Ok(credentials) => Some(credentials),
            Err(failure) => {
                self.fail("credentials", failure.message, failure.hint);
                None
            }
        };
        if let Some(credentials) = &credentials {
            self.keys(credentials);
        }
        let Some(response) = self.endpoint(place) else {
            return;
        };
        self.clock(&response);
        let Some(credentials) = credentials else {
            return;
        };
        match &place.bucket {
            None => self.store(place, &credentials),
            Some(bucket) => {
                let bucket = bucket.clone();
                self.bucket(place, &credentials, &bucket);
            }
        }
    }

    fn keys(&mut self, credentials: &Sourced<Credentials>) {
        let (id, source) = (credentials.value.access_key_id(), &credentials.source);
        let token = if credentials.value.session_token().is_some() {
            ", temporary"
        } else {
            ""
        };
        match credentials.value.expires_at() {
            Some(end) if end.to_utc() <= self.env.now => self.fail(
                "credentials",
                format!("{id} ({source}) expired at {}", end.rfc3339()),
                Some("request new ones from the same source".to_owned()),
            ),
            Some(end) => self.ok(
                "credentials",
                format!("{id} ({source}){token}, until {}", end.rfc3339()),
            ),
            None => self.ok("credentials", format!("{id} ({source}){token}")),
        }
    }

    /// Any response shows that name look-up, connection and certificate work.
    fn endpoint(&mut self, place: &Place) -> Option<Response> {
        // The host without the bucket: whether the host with it can be reached depends on
        // addressing.
        let address = match place.addressing {
            Addressing::Virtual => {
                Address::new(&place.endpoint.value, Addressing::Path, None, None)
            }
            _ => place.address.clone(),
        };
        let url = format!("{}://{}/", address.scheme.as_str(), address.authority);
        let probe = Probe {
            method: "GET",
            url: &url,
            headers: Vec::new(),
            host: None,
            body: None,
        };
        match self.client.call(&probe, BODY_LIMIT) {
            Ok(response) => {
                let how = if url.starts_with("https") {
                    "TLS works, "
                } else {
                    ""
                };
                let time = response.elapsed.as_millis();
                self.ok(
                    "endpoint",
                    format!("{} responds, {how}{time} ms", address.authority),
                );
                Some(response)
            }
            Err(error) => {
                let failure = client::no_response(&address.authority, &error);
                self.fail("endpoint", failure.message, failure.hint);
                None
            }
        }
    }

    fn clock(&mut self, response: &Response) {
        let Some(server) = response
            .header("date")
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok())
        else {
            return self.warn(
                "clock",
                "the response of the store has no Date header",
                "compare with another clock: `date -u`",
            );
        };
        let skew = (self.now() - server.to_utc()).num_seconds();
        let (size, which) = (skew.abs(), if skew > 0 { "ahead of" } else { "behind" });
        match size {
            0..NOTED_SKEW => self.ok("clock", format!("within {size} s of the store's clock")),
            NOTED_SKEW..REFUSED_SKEW => self.warn(
                "clock",
                format!("this computer's clock is {size} s {which} the store's"),
                "set the clock; until then use `--backdate 15m` if it is ahead",
            ),
            _ => self.fail(
                "clock",
                format!(
                    "this computer's clock is {size} s {which} the store's, which refuses \
                    requests from {REFUSED_SKEW} s on"
                ),
                Some("set the clock of this computer, or start its time service".to_owned()),
            ),
        }
    }

    /// Without a bucket the credentials are tested by listing all buckets.
    fn store(&mut self, place: &Place, credentials: &Sourced<Credentials>) {
        let address = place.address.clone();
        match self.ask(place, &address, Vec::new(), credentials) {
            Err(failure) => self.fail("keys", failure.message, failure.hint),
            Ok(response) if is_list(&response) => {
                self.ok("keys", "accepted: the store lists its buckets")
            }
            Ok(response) => self.refused_keys(&response),
        }
    }

    fn refused_keys(&mut self, response: &Response) {
        let refusal = Refusal::new(response, 1);
        match refusal.code.as_deref() {
            Some("AccessDenied") => self.warn(
                "keys",
                "valid, but not allowed to list buckets; URLs may still work",
                "check a bucket or an object: `cos-presign doctor BUCKET/KEY`",
            ),
            Some("NotImplemented" | "MethodNotAllowed") => self.warn(
                "keys",
                "not tested: the store does not list buckets",
                "check a bucket or an object: `cos-presign doctor BUCKET/KEY`",
            ),
            _ if response.status == 200 => {
                self.fail("keys", NO_STORE, Some(NO_STORE_FIX.to_owned()))
            }
            _ => {
                let hint = refusal.hint();
                self.fail("keys", said(&refusal), Some(hint));
            }
        }
    }

    fn bucket(&mut self, place: &Place, credentials: &Sourced<Credentials>, bucket: &str) {
        let tried: Vec<(Addressing, Result<Response, Failure>)> = styles(place, bucket)
            .into_iter()
            .map(|style| (style, self.ask_in(style, place, credentials, bucket)))
            .collect();
        let works =
            |response: &Result<Response, Failure>| response.as_ref().is_ok_and(is_of_the_bucket);
        let chosen = works(&tried[0].1);
        let other = tried
            .get(1)
            .filter(|(_, response)| works(response))
            .map(|(style, _)| *style);
        let style = place.addressing.as_str();
        match (chosen, other) {
            (true, Some(other)) => self.ok(
                "addressing",
                format!("{style} works, and so does {}", other.as_str()),
            ),
            (true, None) => self.ok("addressing", format!("{style} works")),
            (false, Some(other)) => self.fail(
                "addressing",
                format!("{style} does not work, and {} does", other.as_str()),
                Some(format!(
                    "add `{}`",
                    CommandLine::options().option("--addressing", other.as_str())
                )),
            ),
            (false, None) => {}
        }
        let index = usize::from(!chosen && other.is_some());
        match &tried[index].1 {
            Err(failure) => self.fail("bucket", failure.message.clone(), failure.hint.clone()),
            Ok(response) => self.bucket_response(place, bucket, response),
        }
        self.link(place, credentials);
    }

    fn bucket_response(&mut self, place: &Place, bucket: &str, response: &Response) {
        let region = &place.region.value;
        let refusal = Refusal::new(response, 1);
        let is_plain = place.algorithm == crate::sigv4::Algorithm::HmacSha256;
        match &refusal.region {
            Some(named) if named != region && is_plain => {
                let checked = response.status != 200;
                let message = format!(
                    "the bucket is in `{named}`, but `{region}` ({}) is signed",
                    place.region.source
                );
                let fix = match is_region_name(named) {
                    true => format!("add `{}`", CommandLine::options().option("--region", named)),
                    false => "the name from the store is not a region: ask its operator".to_owned(),
                };
                if checked {
                    self.fail("region", message, Some(fix))
                } else {
                    self.warn("region", message, fix)
                }
            }
            Some(named) => self.ok("region", format!("`{named}`, from the store")),
            None if is_of_the_bucket(response) => {
                self.ok("region", format!("`{region}` is accepted"))
            }
            None => {}
        }
        match refusal.code.as_deref() {
            _ if is_list(response) => {
                self.ok("bucket", format!("`{bucket}` exists and can be listed"))
            }
            Some("AccessDenied") => self.warn(
                "bucket",
                format!(
                    "`{bucket}` cannot be listed with these credentials (AccessDenied); URLs \
                    of objects may still work"
                ),
                refusal.hint(),
            ),
            _ if response.status == 200 => {
                self.fail(
                    "bucket",
                    format!("`{bucket}`: {NO_STORE}"),
                    Some(NO_STORE_FIX.to_owned()),
                );
            }
            _ => {
                let hint = refusal.hint();
                self.fail(
                    "bucket",
                    format!("`{bucket}`: {}", said(&refusal)),
                    Some(hint),
                );
            }
        }
    }

    /// Requests a presigned URL as a recipient would: one byte of the object, or a page of one key.
    fn link(&mut self, place: &Place, credentials: &Sourced<Credentials>) {
        let key = place.key.as_deref().filter(|key| !key.is_empty());
        let made = Lifetime::resolve(&TimeArgs::default(), self.now())
            .and_then(|life| life.for_account(place.account.as_ref()));
        let made = made.and_then(|life| {
            let address = Address::new(
                &place.endpoint.value,
                place.addressing,
                place.bucket.as_deref(),
                key,
            );
            let mut request = Request::new(
                "GET",
                address.scheme,
                address.authority.as_str(),
                address.path.as_slice(),
            );
            if key.is_none() {
                request.query = one_key();
            }
            let presigner = place.presigner(&credentials.value, life.signed_at);
            let link =
                presigner.and_then(|presigner| presigner.expires_in(life.expiry).presign(&request));
            link.map_err(|error| super::shared::sign::from_core(&error))
        });
        let url = match made {
            Ok(presigned) => presigned.url,
            Err(failure) => return self.fail("link", failure.message, failure.hint),
        };
        let headers: Vec<Header> = client::first_byte("GET", key.is_some(), &[])
            .into_iter()
            .collect();
        let ranged = !headers.is_empty();
        let what = if key.is_some() {
            "a presigned GET of the object"
        } else {
            "a presigned GET of the listing"
        };
        match self.client.send(&Probe {
            method: "GET",
            url: url.as_str(),
            headers,
            host: None,
            body: None,
        }) {
            Err(error) => {
                let failure = client::no_response(&place.address.authority, &error);
                self.fail("link", failure.message, failure.hint);
            }
            Ok(response) if client::is_accepted(&response, ranged) => {
                self.ok("link", format!("{what} works: {}", response.summary()))
            }
            Ok(response) => {
                self.refused_link(what, url.as_str(), credentials, &response, key.is_some())
            }
        }
    }

    fn refused_link(
        &mut self,
        what: &str,
        url: &str,
        credentials: &Sourced<Credentials>,
        response: &Response,
        of_object: bool,
    ) {
        let refusal = Refusal::new(response, 1);
        let message = format!("{what} is refused: {}", said(&refusal));
        if response.status == 404 && refusal.code.as_deref() != Some("NoSuchBucket") {
            return self.warn(
                "link",
                message,
                "the URL is valid, but the object does not exist: check its key",
            );
        }
        if response.status == 403 && !of_object && refusal.code.as_deref() == Some("AccessDenied") {
            return self.warn(
                "link",
                message,
                "test a URL of an object: `cos-presign doctor BUCKET/KEY`",
            );
        }
        let mut case = Case::new(url, self.now());
        case.method = Some("GET".to_owned());
        case.response = Some(client::as_error_response(response));
        let candidate = Candidate {
            access_key_id: credentials.value.access_key_id().to_owned(),
            secret: credentials.value.secret_access_key().clone(),
            token: credentials.value.session_token().cloned(),
        };
        case.candidates = vec![NamedCandidate {
            candidate,
            source: credentials.source.to_string(),
        }];
        let finding = diagnose(&case)
            .ok()
            .and_then(|diagnosis| diagnosis.findings.into_iter().next());
        match finding {
            Some(finding) => {
                let fix = finding.fix.unwrap_or_else(|| {
                    format!(
                        "`{}`",
                        CommandLine::cos_presign("explain").value(finding.code.as_str())
                    )
                });
                self.fail("link", format!("{message}; {}", finding.message), Some(fix));
            }
            None => self.fail("link", message, Some(refusal.hint())),
        }
    }

    fn ask_in(
        &self,
        style: Addressing,
        place: &Place,
        credentials: &Sourced<Credentials>,
        bucket: &str,
    ) -> Result<Response, Failure> {
        let address = Address::new(&place.endpoint.value, style, Some(bucket), None);
        self.ask(place, &address, one_key(), credentials)
    }

    fn ask(
        &self,
        place: &Place,
        address: &Address,
        query: Vec<QueryParameter>,
        credentials: &Sourced<Credentials>,
    ) -> Result<Response, Failure> {
        let mut request = Request::new(
            "GET",
            address.scheme,
            address.authority.as_str(),
            address.path.as_slice(),
        );
        request.query = query;
        request.payload_hash = PayloadHash::OfBody(Vec::new());
        request.headers.push(Header::new(
            "X-Amz-Content-Sha256",
            request.payload_hash.to_text(),
        ));
        let signed = SigningTime::new(self.now())
            .and_then(|now| place.presigner(&credentials.value, now))
            .and_then(|presigner| presigner.placement(Placement::Header).presign(&request))
            .map_err(|error| super::shared::sign::from_core(&error))?;
        let (host, url) = (request.host(), signed.url.as_str());
        let probe = Probe {
            method: "GET",
            url,
            headers: signed.headers_to_send,
            host: Some(&host),
            body: None,
        };
        self.client
            .call(&probe, BODY_LIMIT)
            .map_err(|error| client::no_response(&address.authority, &error))
    }
}

/// The configured style, and the other one if the endpoint allows it.
fn styles(place: &Place, bucket: &str) -> Vec<Addressing> {
    let endpoint = &place.endpoint.value;
    let both = !endpoint.is_ip_address()
        && is_dns_compatible(bucket)
        && access_point_rules(&endpoint.host()).is_none();
    match place.addressing {
        Addressing::Path if both => vec![Addressing::Path, Addressing::Virtual],
        Addressing::Virtual if both => vec![Addressing::Virtual, Addressing::Path],
        style => vec![style],
    }
}

/// Whether the response is from the bucket: it exists, or access is denied.
fn is_of_the_bucket(response: &Response) -> bool {
    is_list(response) || Refusal::new(response, 1).code.as_deref() == Some("AccessDenied")
}

/// A login page also responds 200.
fn is_list(response: &Response) -> bool {
    let begins = |root: &str| memchr::memmem::find(&response.body, root.as_bytes()).is_some();
    response.status == 200 && (begins("<ListBucketResult") || begins("<ListAllMyBucketsResult"))
}

fn one_key() -> Vec<QueryParameter> {
    vec![
        QueryParameter::new("list-type", "2"),
        QueryParameter::new("max-keys", "1"),
    ]
}

fn said(refusal: &Refusal) -> String {
    let words: Vec<&str> = [refusal.code.as_deref(), refusal.message.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    match words.is_empty() {
        true => refusal.status_text.clone(),
        false => escape_controls(&format!("{} {}", refusal.status, words.join(": "))).into_owned(),
    }
}
