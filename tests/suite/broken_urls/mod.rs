//! URLs broken in every way of the catalogue of failures, and in pairs of ways: `diagnose` must
//! report the cause first. Also valid URLs, for which it must report nothing.
//!
//! All of it is drawn from a seed; `support::rng` has the variables for the seed and the number of
//! draws.

mod breakers;
mod case;
mod link;
mod response;
mod text;
mod verifier;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use breakers::{Breaker, Part, all};
use case::{Case, respelled};
use chrono::DateTime;
use cos_presign::diagnosis::explanation;
use cos_presign::env::Env;
use cos_presign::sigv4::{
    Credentials, Expiry, Header, Presigner, QueryParameter, Request, Scheme, SigningTime,
};
use link::{ALL, Link, Store, good_link};
use support::rng::{Rng, draws, seed, size};
use text::{http_date, rfc3339};

/// The codes of the product, without those for a valid URL.
const CODES: &[&str] = &[
    "access-denied",
    "checksum-not-enforced",
    "checksum-of-empty-body",
    "chunked-body",
    "clock-skew",
    "credential-not-encoded",
    "disposition-not-latin1",
    "expired",
    "expiry-over-limit",
    "global-endpoint",
    "header-not-signed",
    "header-rewritten-by-proxy",
    "html-escaped-ampersand",
    "key-changed",
    "local-time-not-utc",
    "no-such-bucket",
    "no-such-key",
    "not-yet-valid",
    "path-dot-segments",
    "path-double-encoded",
    "path-not-encoded",
    "path-slashes-changed",
    "payload-hash-mismatch",
    "percent-encoded-twice",
    "plus-for-space",
    "policy-condition-failed",
    "port-in-host",
    "private-endpoint",
    "proxy-rewrote-host",
    "query-order",
    "query-parameter-added",
    "query-parameter-changed",
    "query-parameter-removed",
    "redirected",
    "scope-date-mismatch",
    "secret-encoding",
    "secret-whitespace",
    "server-has-other-secret",
    "signature-malformed",
    "signature-version-2",
    "signed-header-changed",
    "signed-header-missing",
    "signed-headers-malformed",
    "token-expired",
    "token-missing",
    "token-unsigned",
    "two-auth-mechanisms",
    "unexplained",
    "unicode-normalization",
    "url-truncated",
    "url-wrapped",
    "wrong-access-key",
    "wrong-addressing",
    "wrong-host",
    "wrong-method",
    "wrong-region",
    "wrong-secret",
    "wrong-service",
];

#[test]
fn every_code_has_five_instances() {
    let rows = all();
    let mut names: Vec<(&str, &str)> = rows.iter().map(|row| (row.codes[0], row.name)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names.len(),
        rows.len(),
        "two rows of one code have the same name"
    );
    let mut few = Vec::new();
    for code in CODES {
        let count = rows.iter().filter(|row| row.codes.contains(code)).count();
        println!("{code}: {count}");
        if count < 5 {
            few.push(format!("{code}: {count}"));
        }
    }
    for code in rows.iter().flat_map(|row| row.codes) {
        assert!(explanation(code).is_some(), "{code} is no code");
    }
    assert!(few.is_empty(), "fewer than five instances: {few:?}");
}

#[test]
fn every_mistake_breaks_the_url() {
    let seed = seed();
    let mut rng = Rng::new(seed);
    for row in all() {
        for _ in 0..draws(1, 3) {
            draw(&[&row], &mut rng)
                .unwrap_or_else(|why| panic!("seed {seed}: {:?} {}: {why}", row.codes, row.name));
        }
    }
}

#[test]
fn most_pairs_can_be_drawn() {
    let mut rng = Rng::new(seed());
    let pairs = pairs();
    let mut failed = BTreeMap::new();
    for _ in 0..300 {
        let (one, other) = &pairs[rng.below(pairs.len())];
        if let Err(why) = draw(&[one, other], &mut rng) {
            failed.insert((one.name, other.name), why);
        }
    }
    println!("{} pairs; not drawn: {failed:#?}", pairs.len());
    assert!(failed.len() < 30, "{failed:#?}");
}

#[test]
fn the_test_signer_agrees_with_the_library() {
    let mut rng = Rng::new(seed());
    for _ in 0..300 {
        let link = good_link(&mut rng, ALL);
        let url = Case::new(&link).url();
        assert!(
            url.ends_with(&format!(
                "&X-Amz-Signature={}",
                signature_of_the_library(&link)
            )),
            "{link:#?}\n{url}"
        );
    }
}

#[test]
fn valid_urls_are_ok() {
    let seed = seed();
    let mut rng = Rng::new(seed);
    let mut failures = Failures::default();
    for number in 0..draws(200, 2000) {
        let case = good_case(&mut rng);
        let question = Question::new(&case, &format!("good-{seed}-{number}"));
        let response = question.ask();
        if response.code != 0 || response.verdict != "ok" {
            failures.add("ok", "a good link", &question, &response);
        }
    }
    failures.report(seed);
}

#[test]
fn the_first_finding_is_the_cause() {
    let seed = seed();
    let mut rows: Vec<(usize, Breaker)> = all().into_iter().enumerate().collect();
    // Each code once, and every fourth of the rest.
    let mut seen = BTreeSet::new();
    let share = size(4, 1);
    rows.retain(|(number, row)| seen.insert(row.codes[0]) || number % share == 0);
    // Some searches are exhaustive, so the rows are divided among the processors.
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let failures = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let rows = rows.iter().skip(worker).step_by(threads);
                scope.spawn(move || wrong_first_findings(rows, seed))
            })
            .collect();
        let mut failures = Failures::default();
        for worker in workers {
            failures.merge(worker.join().unwrap());
        }
        failures
    });
    failures.report(seed);
}

fn wrong_first_findings<'r>(
    rows: impl Iterator<Item = &'r (usize, Breaker)>,
    seed: u64,
) -> Failures {
    let mut failures = Failures::default();
    for (number, row) in rows {
        let mut rng = Rng::new(seed ^ *number as u64);
        for again in 0..draws(1, 3) {
            let case = draw(&[row], &mut rng).unwrap();
            let question = Question::new(&case, &format!("one-{seed}-{number}-{again}"));
            let response = question.ask();
            let exit = response.code == 1 || (row.warning && response.code == 0);
            let is_named = response
                .first
                .first()
                .is_some_and(|code| row.codes.contains(&code.as_str()));
            if !exit || !is_named {
                failures.add(row.codes[0], row.name, &question, &response);
            }
        }
    }
    failures
}

#[test]
fn both_of_two_mistakes_are_named_first() {
    let seed = seed();
    let mut rng = Rng::new(seed);
    let mut failures = Failures::default();
    let pairs = pairs();
    for number in 0..draws(25, 150) {
        let (one, other) = &pairs[rng.below(pairs.len())];
        let Ok(case) = draw(&[one, other], &mut rng) else {
            continue;
        };
        let question = Question::new(&case, &format!("two-{seed}-{number}"));
        let response = question.ask();
        let named = |row: &Breaker| {
            response
                .first
                .iter()
                .take(2)
                .any(|code| row.codes.contains(&code.as_str()))
        };
        if response.code != 1 || !named(one) || !named(other) {
            let names = format!("{} + {}", one.name, other.name);
            failures.add(
                &format!("{} + {}", one.codes[0], other.codes[0]),
                &names,
                &question,
                &response,
            );
        }
    }
    failures.report(seed);
}

// Cases

/// A valid URL, in one of the equivalent spellings that stores accept.
fn good_case(rng: &mut Rng) -> Case {
    let mut case = Case::new(&good_link(rng, ALL));
    if rng.percent(20) {
        respelled(&mut case, rng);
    }
    if rng.percent(20) {
        // Headers that need not be signed.
        let (name, value) = rng.pick(&[
            ("range", "bytes=0-99"),
            ("user-agent", "curl/8.5.0"),
            ("accept", "*/*"),
        ]);
        case.used.headers.push((name.into(), value.into()));
    }
    case.given.piped = rng.percent(10);
    verifier::verify(&case, &case.url())
        .unwrap_or_else(|why| panic!("{why}: {:#?}\n{}", case.link, case.url()));
    case
}

/// A URL with these mistakes, each of which is verified to break it.
fn draw(rows: &[&Breaker], rng: &mut Rng) -> Result<Case, String> {
    let stores: Vec<Store> = ALL
        .iter()
        .copied()
        .filter(|store| rows.iter().all(|row| row.stores.contains(store)))
        .collect();
    let mut why = "no store has both".to_owned();
    for _ in 0..if stores.is_empty() { 0 } else { 40 } {
        let mut link = good_link(rng, &stores);
        rows.iter().for_each(|row| (row.shape)(&mut link, rng));
        link.now = link.now.min(link.signed_at + link.expires / 2);
        match broken(&link, rows, rng) {
            Ok(mut case) => {
                case.given.piped = rng.percent(5);
                if rows.iter().all(|row| row.keyless) && rng.percent(40) {
                    case.given.keys = None;
                }
                return Ok(case);
            }
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

/// The URL is valid before, and broken after each mistake alone and after all together.
fn broken(link: &Link, rows: &[&Breaker], rng: &mut Rng) -> Result<Case, String> {
    let served = |case: &Case| verifier::verify(case, &case.url());
    let good = Case::new(link);
    served(&good).map_err(|why| format!("broken before: {why} {}", good.url()))?;
    for row in rows.iter().filter(|_| rows.len() > 1) {
        broken(link, &[row], rng)?;
    }
    let mut case = Case::new(link);
    rows.iter().for_each(|row| (row.breaks)(&mut case, rng));
    let verdict = served(&case);
    if verdict.is_ok() != rows.iter().all(|row| row.served) {
        return Err(format!("{verdict:?} {}", case.url()));
    }
    Ok(case)
}

/// Independent mistakes that URL and credentials are sufficient to detect.
fn pairs() -> Vec<(Breaker, Breaker)> {
    let rows: Vec<Breaker> = all()
        .into_iter()
        .filter(|row| !row.single && combines(row))
        .collect();
    let mut pairs = Vec::new();
    for (at, one) in rows.iter().enumerate() {
        for other in &rows[at + 1..] {
            let shown = (shown_after(one) || other.keyless) && (shown_after(other) || one.keyless);
            let common = one.stores.iter().any(|store| other.stores.contains(store));
            let apart = !interfere(one.part, other.part)
                || [one, other].iter().all(|row| SIMPLE.contains(&row.name));
            if common && one.part != other.part && apart && shown {
                pairs.push((one.clone(), other.clone()));
            }
        }
    }
    pairs
}

/// Mistakes that are reported together even if their parts interfere: each is one change that no
/// search combines with another.
const SIMPLE: &[&str] = &[
    "path encoded twice for the hash",
    "slash at the end hashed, not written",
    "host hashed without its port",
    "default port of the scheme hashed",
    "HEAD of a link for GET",
    "hash of an empty body hashed",
    "utm_source behind",
    "an hour made a day",
    "secret with a carriage return and line feed",
    "slash of the secret lost",
    "token written, but not signed",
    "another region in the key only",
    "yesterday's key, kept in a cache",
    "&amp; for &",
    "in angle brackets",
];

fn combines(row: &Breaker) -> bool {
    let telling = [
        "as the store",
        "as IBM",
        "as R2",
        "as Ceph",
        "as MinIO",
        "as Garage",
        "the user saw",
        "by the store's clock",
    ];
    let given =
        telling.iter().any(|words| row.name.contains(words)) || row.name.contains("without keys");
    // Mistakes that no search reaches twice, that hide all others, or that several codes describe.
    let hidden = matches!(row.part, Part::Alone | Part::Response)
        || row.codes.len() > 1
        || row.served
        || given;
    let parameters_lost =
        row.name.starts_with("cut ") || row.codes[0] == "query-parameter-removed" && row.keyless;
    let version_2 = row.codes[0] == "signature-version-2";
    !hidden && !parameters_lost && !version_2
}

/// Whether the signature can still show a second mistake. A missing signature cannot, nor one over
/// a value that is lost.
fn shown_after(row: &Breaker) -> bool {
    ![
        "signature-malformed",
        "signed-header-missing",
        "signed-headers-malformed",
    ]
    .contains(&row.codes[0])
}

/// Two URL shapes or two searches that exclude each other.
fn interfere(one: Part, other: Part) -> bool {
    let together = |a, b| (one == a && other == b) || (one == b && other == a);
    together(Part::Headers, Part::Method)
        || together(Part::Query, Part::Method)
        || together(Part::Headers, Part::Query)
        || together(Part::Headers, Part::Payload)
        || together(Part::Method, Part::Payload)
        || together(Part::Query, Part::Payload)
        || together(Part::Secret, Part::Token)
        || together(Part::Scope, Part::Expiry)
        || together(Part::Scope, Part::Token)
        || together(Part::Path, Part::Host)
        || together(Part::Query, Part::Text)
}

/// The URL of the published signer for the same request.
fn signature_of_the_library(link: &Link) -> String {
    let mut credentials = Credentials::new(link.id.as_str(), link.secret.as_bytes());
    if let Some(token) = &link.token {
        credentials = credentials.with_session_token(token.as_bytes());
    }
    let signed_at = SigningTime::from_unix_seconds(link.signed_at).unwrap();
    let expiry = Expiry::seconds(link.expires.unsigned_abs()).unwrap();
    let presigner = Presigner::s3(&credentials, &link.region, signed_at)
        .unwrap()
        .expires_in(expiry);
    let scheme = if link.scheme == "http" {
        Scheme::Http
    } else {
        Scheme::Https
    };
    let path = if link.virtual_host {
        format!("/{}", link.key)
    } else {
        format!("/{}/{}", link.bucket, link.key)
    };
    let mut request = Request::new(link.method, scheme, link.host(), path);
    request.query = link
        .query
        .iter()
        .map(|(name, value)| QueryParameter::new(name.as_str(), value.as_str()))
        .collect();
    request.headers = link
        .headers
        .iter()
        .map(|(name, value)| Header::new(name.as_str(), value.as_str()))
        .collect();
    presigner.presign(&request).unwrap().signature.to_string()
}

// Runs

/// One run of the program.
struct Question {
    args: Vec<String>,
    stdin: String,
    variables: Vec<(String, String)>,
    at: i64,
}

#[derive(Debug)]
struct Answered {
    code: u8,
    verdict: String,
    /// The codes of the findings in order.
    first: Vec<String>,
    stdout: String,
    stderr: String,
}

impl Question {
    fn new(case: &Case, name: &str) -> Question {
        let url = case.url();
        let piped = case.given.piped;
        let mut question = Question {
            args: vec![
                "diagnose".into(),
                if piped { "-".into() } else { url.clone() },
            ],
            stdin: if piped {
                format!("{url}\n")
            } else {
                String::new()
            },
            variables: case.given.variables.clone(),
            at: case.given.at,
        };
        question.usage(case);
        question.response(case, &url, name);
        question.keys(case, name);
        question.push("--at", &rfc3339(case.given.at));
        question.push("--output", "json");
        question
    }

    fn push(&mut self, option: &str, value: &str) {
        self.args.extend([option.to_owned(), value.to_owned()]);
    }

    fn usage(&mut self, case: &Case) {
        if case.used.method != "GET" {
            self.push("--method", &case.used.method);
        }
        for (name, value) in &case.used.headers {
            self.push("-H", &format!("{name}: {value}"));
        }
        if let Some(host) = &case.used.host {
            self.push("--host", host);
        }
    }

    fn response(&mut self, case: &Case, url: &str, name: &str) {
        if let Some(response) = &case.given.response {
            let seen = verifier::arrived(case, url).and_then(|request| verifier::seen(&request));
            let path = file(
                &format!("{name}.response"),
                &response.render(case, seen.as_ref()),
            );
            self.push("--response", path.to_str().unwrap());
            if !response.transcript {
                self.push("--status", &response.status.to_string());
            }
        }
        if let Some(status) = case.given.status {
            self.push("--status", &status.to_string());
        }
        if let Some(date) = case.given.server_date {
            self.push("--server-date", &http_date(date));
        }
    }

    fn keys(&mut self, case: &Case, name: &str) {
        if let Some((id, secret, token)) = &case.given.keys {
            let token = token.iter().map(|token| ("AWS_SESSION_TOKEN", token));
            for (name, value) in [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)]
                .into_iter()
                .chain(token)
            {
                self.variables.push((name.into(), value.clone()));
            }
        }
        if !case.given.profiles.is_empty() {
            let mut text = String::new();
            for (name, id, secret) in &case.given.profiles {
                writeln!(
                    text,
                    "[{name}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
                )
                .unwrap();
            }
            let path = file(&format!("{name}.credentials"), &text);
            self.variables.push((
                "AWS_SHARED_CREDENTIALS_FILE".into(),
                path.to_str().unwrap().to_owned(),
            ));
        }
        if case.given.try_all {
            self.args.push("--try-all-profiles".into());
        }
    }

    fn ask(&self) -> Answered {
        let now = DateTime::from_timestamp(self.at, 0).unwrap();
        let env = Env::new(
            self.variables.iter().cloned(),
            now,
            std::io::Cursor::new(self.stdin.clone().into_bytes()),
        );
        let args = std::iter::once("cos-presign")
            .chain(self.args.iter().map(String::as_str))
            .map(OsString::from);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = cos_presign::run(args, &env, &mut out, &mut err);
        let stdout = String::from_utf8_lossy(&out).into_owned();
        let report: serde_json::Value = serde_json::from_str(&stdout).unwrap_or_default();
        let findings = report["findings"].as_array().cloned().unwrap_or_default();
        let answered = Answered {
            code,
            verdict: report["verdict"].as_str().unwrap_or_default().to_owned(),
            first: findings
                .iter()
                .map(|finding| finding["code"].as_str().unwrap_or_default().to_owned())
                .collect(),
            stdout,
            stderr: String::from_utf8_lossy(&err).into_owned(),
        };
        for finding in &findings {
            for field in ["code", "certainty", "message", "evidence", "fix"] {
                assert!(
                    finding.get(field).is_some(),
                    "a finding has no `{field}`: {finding}\n{}",
                    self.command()
                );
            }
        }
        self.check_secrecy(&answered);
        answered
    }

    /// Reports are shared, so they must not contain the secret.
    fn check_secrecy(&self, answered: &Answered) {
        for (_, secret) in self
            .variables
            .iter()
            .filter(|(name, _)| name == "AWS_SECRET_ACCESS_KEY")
        {
            let shown = answered.stdout.contains(secret) || answered.stderr.contains(secret);
            assert!(
                secret.len() < 16 || !shown,
                "the report shows the secret: {answered:?}\n{}",
                self.command()
            );
        }
    }

    /// A command for a shell.
    fn command(&self) -> String {
        let quote = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={}", quote(value)));
        let args = self.args.iter().map(|arg| quote(arg));
        let words: Vec<String> = variables
            .chain(["cos-presign".to_owned()])
            .chain(args)
            .collect();
        let input = if self.stdin.is_empty() {
            String::new()
        } else {
            format!("printf %s {} | ", quote(&self.stdin))
        };
        format!("{input}env -i {}", words.join(" "))
    }
}

/// Kept after the test, so that the printed command can be run again.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken-urls");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Reports all failures, not only the first.
#[derive(Default)]
struct Failures(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Failures {
    fn add(&mut self, code: &str, name: &str, question: &Question, response: &Answered) {
        let Answered {
            code: exit,
            first,
            stderr,
            stdout,
            verdict,
        } = response;
        let said = if first.is_empty() {
            format!("{} {}", stdout.trim(), stderr.trim())
        } else {
            first.join(", ")
        };
        let text = format!(
            "    exit {exit}, verdict {verdict:?}: {said}\n    {}",
            question.command()
        );
        self.0
            .entry(code.to_owned())
            .or_default()
            .entry(name.to_owned())
            .or_default()
            .push(text);
    }

    fn merge(&mut self, other: Failures) {
        for (code, names) in other.0 {
            let ours = self.0.entry(code).or_default();
            for (name, cases) in names {
                ours.entry(name).or_default().extend(cases);
            }
        }
    }

    fn report(&self, seed: u64) {
        let mut text = String::new();
        let mut total = 0;
        for (code, names) in &self.0 {
            let count: usize = names.values().map(Vec::len).sum();
            total += count;
            writeln!(text, "{code}: {count}").unwrap();
            for (name, cases) in names {
                // One example of each is enough.
                writeln!(text, "  {name} ({} times)\n{}", cases.len(), cases[0]).unwrap();
            }
        }
        assert!(
            self.0.is_empty(),
            "COS_PRESIGN_TEST_SEED={seed}: {total} wrong answers\n{text}"
        );
    }
}
