//! Published test vectors, run through the public API. What they are and whose they are stands in
//! `vectors/README.md`.
//!
//! Every suite counts what it ran and compares the counts with numbers written here, so that a
//! vector that is lost, or one that quietly takes another branch, is a failure. `cargo test --test
//! library vectors -- --nocapture` shows the counts.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use cos_presign::sigv4::{
    AUTHENTICATION_PARAMETERS, Algorithm, CanonicalRequest, CredentialScope, Credentials, Expiry,
    Header, KeyPair, PathEncoding, PathMode, PayloadHash, Placement, Presigned, Presigner,
    QueryParameter, Request, RequestPath, Scheme, Secret, SessionTokenMode, Signature, SigningKey,
    SigningKeySteps, SigningTime, StringToSign, encode, fold_header_value,
};
use cos_presign::store::{Address, Addressing, Endpoint, EndpointError, is_dns_compatible};
use serde::Deserialize;
use serde::de::DeserializeOwned;

// ---- The suites ----

#[test]
fn aws_test_suite_passes() {
    let mut suite = Suite::new("aws-c-auth");
    let cases: Vec<Case> = read_json("aws-c-auth-v4.json");
    let by_id: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    for case in &cases {
        suite.run(&case.kind);
        let presigned = check_as_published(&mut suite, case);
        let target = case
            .expected
            .signed_request_target
            .as_deref()
            .expect("a target");
        let url = format!(
            "{}://{}{}",
            case.request().scheme,
            case.request().host,
            target.replace(' ', "%20"),
        );
        // The suite's reference signer writes the same parameters in another order.
        suite.same_link(&case.id, presigned.url.as_str(), &url);
        let sent = lines(&presigned.headers_to_send);
        // A value on several lines is sent on one.
        let mut headers = to_headers(&case.expected.signed_request_headers);
        for header in headers
            .iter_mut()
            .filter(|header| header.value.contains(&b'\n'))
        {
            header.value = fold_header_value(&header.value);
        }
        let mut expected = lines(&headers);
        expected.retain(|line| line != &format!("Host: {}", case.request().host));
        suite.same(&case.id, "headers to send", &sent, &expected);
        if case.kind == "header" && sent.iter().any(|line| line.starts_with("Authorization: ")) {
            suite.count("Authorization headers equal");
        }
        if case.s3_like {
            suite.count("also under S3's path rules");
            check_under_s3_rules(&mut suite, case);
        } else {
            suite.count("normalised, and different when not");
            let raw = case.presign(PathMode::Raw, case.path_encoding(), case.signed_request());
            suite.same(
                &case.id,
                "raw canonical URI",
                &raw.canonical_request.uri,
                &case.request().path,
            );
            suite.differs(
                &case.id,
                "raw signature",
                &raw.signature.to_string(),
                &case.expected.signature,
            );
            let sibling = by_id[case.id.replace("-normalized/", "-unnormalized/").as_str()];
            suite.same(
                &case.id,
                "raw signature",
                &raw.signature.to_string(),
                &sibling.expected.signature,
            );
        }
    }
    suite.finish(
        76,
        0,
        &[
            ("query", 38),
            ("header", 38),
            ("Authorization headers equal", 38),
            ("also under S3's path rules", 64),
            ("normalised, and different when not", 12),
        ],
    );
}

/// SigV4A: a signature is different each time, so the published ones are verified, and so are ours.
#[test]
fn aws_v4a_test_suite_passes() {
    let mut suite = Suite::new("aws-c-auth 4A");
    for value in read_json::<Vec<serde_json::Value>>("aws-c-auth-v4a.json") {
        let of_pair: OfKeyPair = serde_json::from_value(value.clone()).unwrap();
        suite.run(&of_pair.kind);
        let (id, expected) = (&of_pair.id, &of_pair.expected);
        let credentials = of_pair.credentials.to_library();
        let pair = KeyPair::derive(credentials.access_key_id(), credentials.secret_access_key());
        suite.same(
            id,
            "private key",
            &hex::encode(pair.expose_private_key().expose_secret()),
            &expected.private_key_d,
        );
        let [x, y] = pair.public_key().coordinates().map(hex::encode);
        suite.same(
            id,
            "public key",
            &(&x, &y),
            &(&expected.public_key.x, &expected.public_key.y),
        );
        if of_pair.kind == "signing-key" {
            continue;
        }
        let mut value = value;
        value["expected"]["signature"] = "".into();
        let case: Case = serde_json::from_value(value).unwrap();
        let presigned = case.presign(
            case.path_mode(),
            case.path_encoding(),
            case.signed_request(),
        );
        let canonical = presigned.canonical_request.to_string();
        suite.same(
            id,
            "canonical request",
            &canonical,
            &case.expected.canonical_request,
        );
        let text = presigned.string_to_sign.as_str();
        suite.same(id, "string to sign", text, &case.expected.string_to_sign);
        let verify = |signature: &[u8]| pair.public_key().verify(text.as_bytes(), signature);
        for example in &expected.example_signatures {
            suite.count("published signatures verified");
            suite.same(
                id,
                "published signature",
                &verify(&hex::decode(example).unwrap()),
                &true,
            );
        }
        suite.same(
            id,
            "our signature",
            &verify(presigned.signature.as_bytes()),
            &true,
        );
        let again = case.presign(
            case.path_mode(),
            case.path_encoding(),
            case.signed_request(),
        );
        suite.same(
            id,
            "the same once more",
            &again.signature.to_string(),
            &presigned.signature.to_string(),
        );
        let without_signature = |link: &str| {
            let mut parameters = Link::parse(link).query;
            parameters.retain(|p| p.name != b"X-Amz-Signature");
            sorted_parameters(&parameters)
        };
        let target = case
            .expected
            .signed_request_target
            .as_deref()
            .expect("a target");
        let url = format!(
            "{}://{}{}",
            case.request().scheme,
            case.request().host,
            target.replace(' ', "%20"),
        );
        suite.same(
            id,
            "parameters",
            &without_signature(presigned.url.as_str()),
            &without_signature(&url),
        );
    }
    suite.finish(
        79,
        0,
        &[
            ("query", 38),
            ("header", 38),
            ("signing-key", 3),
            ("published signatures verified", 152),
        ],
    );
}

/// What cases of SigV4A have besides.
#[derive(Deserialize)]
struct OfKeyPair {
    id: String,
    kind: String,
    credentials: GivenCredentials,
    expected: ExpectedPair,
}

#[derive(Deserialize)]
struct ExpectedPair {
    private_key_d: String,
    public_key: Point,
    #[serde(default)]
    example_signatures: Vec<String>,
}

#[derive(Deserialize)]
struct Point {
    x: String,
    y: String,
}

#[test]
fn aws_documentation_examples_pass() {
    let mut suite = Suite::new("aws-docs");
    for case in &read_json::<Vec<Case>>("aws-docs.json") {
        suite.run(&case.kind);
        if case.kind == "signing-key" {
            check_signing_key(&mut suite, case);
            continue;
        }
        let presigned = check_as_published(&mut suite, case);
        if case.s3_like {
            suite.count("also from the decoded path");
            check_under_s3_rules(&mut suite, case);
        }
        if let Some(url) = &case.expected.url {
            suite.same(&case.id, "URL", presigned.url.as_str(), url);
        }
    }
    suite.finish(
        11,
        0,
        &[
            ("query", 2),
            ("header", 7),
            ("signing-key", 2),
            ("also from the decoded path", 7),
        ],
    );
}

/// minio-java keeps repeated parameters in the given order, where the specification sorts them by
/// value.
const SORTED_BY_NAME_ONLY: &str = "s3s/special-20230204-duplicate-events";
/// A link without `X-Amz-Expires`, which no object store takes and [`Presigner`] cannot make.
const WITHOUT_EXPIRY: &str = "aws4/dynamodb-no-expires";
/// The session token has its own parameter name instead of `X-Amz-Security-Token`.
const TOKEN_OF_ITS_OWN: &str = "smithy-rs/s3-express";

/// Parameters that the source adds to the query; its test does not set them.
const ADDED_BY_SOURCE: [(&str, &str, &str); 4] = [
    (
        TOKEN_OF_ITS_OWN,
        "X-Amz-S3session-Token",
        "TESTSESSIONTOKEN",
    ),
    (
        "smithy-ts/content-sha256-hoisted",
        "X-Amz-Content-Sha256",
        "UNSIGNED-PAYLOAD",
    ),
    (
        "smithy-ts/no-escape-s3-compatible",
        "X-Amz-Content-Sha256",
        "UNSIGNED-PAYLOAD",
    ),
    (
        "aws-sdk-js-v2/put-object-body",
        "X-Amz-Content-Sha256",
        "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    ),
];

#[test]
fn expectations_of_other_projects_pass() {
    let mut suite = Suite::new("peers");
    for case in &read_json::<Vec<Case>>("peers.json") {
        suite.run(&case.kind);
        match case.id.as_str() {
            SORTED_BY_NAME_ONLY => check_sorted_by_name_only(&mut suite, case),
            WITHOUT_EXPIRY => check_without_expiry(&mut suite, case),
            _ => {
                let presigned = check_as_published(&mut suite, case);
                if case.s3_like {
                    suite.count("also from the decoded path");
                    check_under_s3_rules(&mut suite, case);
                }
                check_link(&mut suite, case, presigned.url.as_str());
            }
        }
    }
    suite.finish(
        112,
        0,
        &[
            ("query", 109),
            ("header", 3),
            ("also from the decoded path", 66),
            ("golden links byte-equal", 30),
            ("golden links equal but for the order of parameters", 44),
            ("assembled links with equal parameters", 34),
            ("through CanonicalRequest and SigningKey", 2),
        ],
    );
}

#[test]
fn urls_equal_those_of_botocore() {
    let mut suite = Suite::new("botocore");
    for case in &read_lines::<OracleCase>("oracle-botocore-core.jsonl") {
        let (request, addressing) = case.intent.to_request(&case.scope);
        suite.run(&format!("in {} style", addressing.as_str()));
        let credentials = case.credentials.to_library();
        let presigned = Presigner::new(
            &credentials,
            &case.scope.region,
            &case.scope.service,
            case.scope.signed_at(),
        )
        .unwrap()
        .expires_in(Expiry::seconds(case.expires_in).unwrap())
        .presign(&request)
        .unwrap();
        suite.same(
            &case.id,
            "URL",
            presigned.url.as_str(),
            case.expected.url.as_deref().expect("a URL"),
        );
        suite.same_values(&case.id, &presigned, &case.expected);
        suite.same(
            &case.id,
            "headers to send",
            &lines(&presigned.headers_to_send),
            &lines(&to_headers(&case.expected.headers_to_send)),
        );
    }
    suite.finish(343, 0, &[("in path style", 221), ("in virtual style", 122)]);
}

#[test]
fn urls_of_other_implementations_are_explained() {
    let mut suite = Suite::new("cross-implementation");
    for case in &read_lines::<CrossCase>("cross-impl-core.jsonl") {
        suite.count("requests");
        for (implementation, attempt) in &case.urls {
            let id = format!("{}, {implementation}", case.id);
            let Some(url) = &attempt.url else {
                let (reason, _) = attempt
                    .error
                    .split_once(", must be one of")
                    .unwrap_or((&attempt.error, ""));
                suite.skip(&id, &reason.replace('\n', " "));
                suite.count(&format!("{implementation}: refused the request"));
                continue;
            };
            suite.run(&format!("{implementation}: {}", attempt.verifies));
            let link = ForeignLink::read(case, attempt, url, false);
            let ours = link.presign();
            if attempt.verifies == "as-sent" {
                suite.same(
                    &id,
                    "signature",
                    &ours.signature.to_string(),
                    &link.signature,
                );
                continue;
            }
            // The rest are URLs that a strict server refuses. Each must be refused for the
            // documented reason: it differs as sent, and matches without that reason.
            suite.differs(
                &id,
                "signature as sent",
                &ours.signature.to_string(),
                &link.signature,
            );
            let host = link.request.host();
            let excused = match attempt.verifies.as_str() {
                "plus-read-as-space" => {
                    ForeignLink::read(case, attempt, url, true)
                        .presign()
                        .canonical_request
                }
                "host-keeps-given-port-or-case" => {
                    with_host(ours.canonical_request, &host, &link.request.authority)
                }
                "ipv6-host-without-brackets" => {
                    with_host(ours.canonical_request, &host, &host.replace(['[', ']'], ""))
                }
                other => panic!("{id}: nothing is known about {other}"),
            };
            let (_, excused) = sign(&link.scope, &case.secret_access_key, &excused);
            suite.same(
                &id,
                &attempt.verifies,
                &excused.to_string(),
                &link.signature,
            );
        }
    }
    suite.finish(
        1866,
        26,
        &[
            ("requests", 343),
            ("@aws-sdk/s3-request-presigner 3.1164.0: as-sent", 322),
            (
                "@aws-sdk/s3-request-presigner 3.1164.0: host-keeps-given-port-or-case",
                21,
            ),
            ("aws4 1.13.2: as-sent", 343),
            ("aws4fetch 1.0.20: as-sent", 238),
            ("aws4fetch 1.0.20: plus-read-as-space", 101),
            ("aws4fetch 1.0.20: refused the request", 4),
            ("botocore: as-sent", 343),
            ("ibm_botocore 2.16.2: as-sent", 311),
            ("ibm_botocore 2.16.2: ipv6-host-without-brackets", 10),
            ("ibm_botocore 2.16.2: refused the request", 22),
            ("minio-py 7.2.20 presign_v4: as-sent", 168),
            (
                "minio-py 7.2.20 presign_v4: host-keeps-given-port-or-case",
                9,
            ),
        ],
    );
}

/// Facts in which the source departs from the specification, and how. Ours must differ from each.
const KNOWN_DIFFERENCES: [(&str, &str); 5] = [
    (
        "canonical-query/9",
        "curl reads a bare `+` in a query as a space",
    ),
    (
        "canonical-query/10",
        "curl reads a bare `+` in a query as a space",
    ),
    (
        "canonical-path/2",
        "curl signs the characters of an S3 path that need encoding as they were typed",
    ),
    (
        "canonical-path/11",
        "aws-sdk-ruby lets a `%` stand that begins no escape",
    ),
    (
        "header-trim/14",
        "minio-go takes vertical tab and form feed for white space; HTTP allows neither in a value",
    ),
];

/// Kinds of facts that have nothing to compare with.
const SKIPPED_FACTS: [(&str, &str); 2] = [
    ("behaviour", "a statement in words, without bytes"),
    (
        "policy-base64",
        "part of a POST form, which is not signed here",
    ),
];

#[test]
fn collected_facts_hold() {
    let mut suite = Suite::new("facts");
    for fact in &read_json::<Vec<Fact>>("facts.json") {
        if let Some((_, reason)) = SKIPPED_FACTS.iter().find(|(kind, _)| *kind == fact.kind) {
            suite.skip(&fact.id, reason);
            continue;
        }
        suite.run(&fact.kind);
        let ours = fact.ours(&mut suite);
        let known = KNOWN_DIFFERENCES.iter().any(|(id, _)| *id == fact.id);
        suite.same(
            &fact.id,
            "listed as a known difference",
            &known,
            &(fact.agrees_with_spec == Some(false)),
        );
        if known {
            suite.count("known differences");
            suite.differs(&fact.id, &fact.kind, &ours, &fact.expected);
        } else {
            suite.same(&fact.id, &fact.kind, &ours, &fact.expected);
        }
    }
    suite.finish(
        65,
        16,
        &[
            ("canonical-path", 11),
            ("canonical-query", 10),
            ("canonical-query-pairs", 6),
            ("header-trim", 14),
            ("host-header", 5),
            ("known differences", 5),
            ("uri-encode-key", 14),
            ("uri-encode-query", 3),
            ("v4a-canonical-request", 2),
        ],
    );
}

// ---- What is checked of a case ----

/// Signs with the settings of the case and compares every intermediate value.
fn check_as_published(suite: &mut Suite, case: &Case) -> Presigned {
    let presigned = case.presign(
        case.path_mode(),
        case.path_encoding(),
        case.signed_request(),
    );
    suite.same_values(&case.id, &presigned, &case.expected);
    suite.same(
        &case.id,
        "host",
        &case.signed_request().host(),
        &case.request().host,
    );
    presigned
}

/// The decoded path, not normalized, must lead to the same result.
fn check_under_s3_rules(suite: &mut Suite, case: &Case) {
    let mut request = case.signed_request();
    request.path = RequestPath::Unencoded(encode::decode(case.request().path.as_bytes()).unwrap());
    let presigned = case.presign(PathMode::Raw, PathEncoding::Once, request);
    suite.same_values(&case.id, &presigned, &case.expected);
}

fn check_signing_key(suite: &mut Suite, case: &Case) {
    let secret = Secret::new(case.credentials.secret_access_key.as_str());
    let scope = case.scope.to_library();
    suite.same(
        &case.id,
        "credential scope",
        &scope.to_string(),
        &case.scope.credential_scope,
    );
    let steps = SigningKeySteps::derive(&secret, &scope);
    suite.same(
        &case.id,
        "kSigning",
        &hex::encode(steps.signing),
        &case.expected.signing_key,
    );
    if let Some(expected) = &case.expected.steps {
        let ours = [steps.date, steps.region, steps.service].map(hex::encode);
        suite.same(
            &case.id,
            "kDate, kRegion, kService",
            &ours,
            &[&expected.k_date, &expected.k_region, &expected.k_service].map(String::clone),
        );
    }
}

fn check_link(suite: &mut Suite, case: &Case, ours: &str) {
    match (&case.expected.url, &case.expected.url_assembled) {
        (Some(url), _) if url == ours => suite.count("golden links byte-equal"),
        (Some(url), _) => {
            suite.count("golden links equal but for the order of parameters");
            suite.same(
                &case.id,
                "text with its parameters sorted",
                &with_sorted_parameters(ours),
                &with_sorted_parameters(url),
            );
        }
        // Only the signature is the source's: the address may be another than the host that was
        // signed.
        (None, Some(url)) => {
            suite.count("assembled links with equal parameters");
            let parameters = |url: &str| {
                sorted_parameters(&parse_query(url.split_once('?').expect("a query").1))
            };
            suite.same(&case.id, "parameters", &parameters(ours), &parameters(url));
        }
        (None, None) => assert_eq!(case.kind, "header", "{} has a link", case.id),
    }
}

fn check_sorted_by_name_only(suite: &mut Suite, case: &Case) {
    let presigned = case.presign(
        case.path_mode(),
        case.path_encoding(),
        case.signed_request(),
    );
    let theirs = case
        .expected
        .canonical_request
        .lines()
        .nth(2)
        .expect("a third line");
    let mut by_value_too: Vec<&str> = theirs.split('&').collect();
    by_value_too.sort_unstable();
    suite.differs(
        &case.id,
        "canonical query string",
        &presigned.canonical_request.query_string,
        theirs,
    );
    suite.same(
        &case.id,
        "canonical query string",
        &presigned.canonical_request.query_string,
        &by_value_too.join("&"),
    );
    let canonical = CanonicalRequest {
        query_string: theirs.to_owned(),
        ..presigned.canonical_request
    };
    check_below_presigner(suite, case, &canonical);
}

fn check_without_expiry(suite: &mut Suite, case: &Case) {
    let link = Link::parse(case.expected.url.as_deref().expect("a link"));
    let (signature, authentication): (Vec<_>, Vec<_>) = link
        .query
        .into_iter()
        .partition(|p| p.name == b"X-Amz-Signature");
    suite.same(
        &case.id,
        "signature in the link",
        &signature[0].value,
        case.expected.signature.as_bytes(),
    );
    let canonical = CanonicalRequest::new(
        &case.signed_request(),
        &authentication,
        case.path_mode(),
        case.path_encoding(),
    )
    .unwrap();
    check_below_presigner(suite, case, &canonical);
}

fn check_below_presigner(suite: &mut Suite, case: &Case, canonical: &CanonicalRequest) {
    suite.count("through CanonicalRequest and SigningKey");
    let (string_to_sign, signature) =
        sign(&case.scope, &case.credentials.secret_access_key, canonical);
    suite.same(
        &case.id,
        "canonical request",
        &canonical.to_string(),
        &case.expected.canonical_request,
    );
    suite.same(
        &case.id,
        "string to sign",
        string_to_sign.as_str(),
        &case.expected.string_to_sign,
    );
    suite.same(
        &case.id,
        "signature",
        &signature.to_string(),
        &case.expected.signature,
    );
}

/// The last two steps for a canonical request that [`Presigner`] would not make.
fn sign(scope: &Scope, secret: &str, canonical: &CanonicalRequest) -> (StringToSign, Signature) {
    let library_scope = scope.to_library();
    let string_to_sign = StringToSign::new(
        Algorithm::HmacSha256,
        scope.signed_at(),
        &library_scope,
        canonical,
    );
    let signature = SigningKey::derive(&Secret::new(secret), &library_scope).sign(&string_to_sign);
    (string_to_sign, signature)
}

fn with_host(mut canonical: CanonicalRequest, from: &str, to: &str) -> CanonicalRequest {
    let headers = String::from_utf8(canonical.headers).expect("text");
    canonical.headers = headers
        .replace(&format!("host:{from}\n"), &format!("host:{to}\n"))
        .into_bytes();
    canonical
}

// ---- Counting and comparing ----

struct Suite {
    name: &'static str,
    run: usize,
    skipped: usize,
    /// Further counts: the outcome of the cases.
    counts: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Suite {
    fn new(name: &'static str) -> Self {
        Suite {
            name,
            run: 0,
            skipped: 0,
            counts: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    fn run(&mut self, kind: &str) {
        self.run += 1;
        self.count(kind);
    }

    fn skip(&mut self, id: &str, reason: &str) {
        self.skipped += 1;
        println!("{}: {id} skipped: {reason}", self.name);
    }

    fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    fn same<A, E>(&mut self, id: &str, what: &str, actual: &A, expected: &E)
    where
        A: PartialEq<E> + Debug + ?Sized,
        E: Debug + ?Sized,
    {
        if *actual != *expected {
            self.failures.push(format!(
                "{id}: {what}\n  expected {expected:?}\n  actual   {actual:?}"
            ));
        }
    }

    fn differs<A, E>(&mut self, id: &str, what: &str, actual: &A, other: &E)
    where
        A: PartialEq<E> + Debug + ?Sized,
        E: Debug + ?Sized,
    {
        if *actual == *other {
            self.failures
                .push(format!("{id}: {what}\n  must not be {other:?}"));
        }
    }

    fn same_values(&mut self, id: &str, presigned: &Presigned, expected: &Expected) {
        let canonical = &presigned.canonical_request;
        self.same(
            id,
            "canonical request",
            &canonical.to_string(),
            &expected.canonical_request,
        );
        self.same(
            id,
            "string to sign",
            presigned.string_to_sign.as_str(),
            &expected.string_to_sign,
        );
        self.same(
            id,
            "signature",
            &presigned.signature.to_string(),
            &expected.signature,
        );
        if let Some(names) = &expected.signed_headers {
            self.same(
                id,
                "signed headers",
                &canonical.signed_headers,
                &names.join(";"),
            );
        }
    }

    fn same_link(&mut self, id: &str, actual: &str, expected: &str) {
        let (actual, expected) = (Link::parse(actual), Link::parse(expected));
        self.same(
            id,
            "scheme, host and path",
            &actual.address(),
            &expected.address(),
        );
        self.same(
            id,
            "parameters",
            &sorted_parameters(&actual.query),
            &sorted_parameters(&expected.query),
        );
    }

    fn finish(self, run: usize, skipped: usize, counts: &[(&str, usize)]) {
        let details: Vec<String> = self
            .counts
            .iter()
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        println!(
            "{}: {} run, {} skipped ({})",
            self.name,
            self.run,
            self.skipped,
            details.join("; ")
        );
        assert!(
            self.failures.is_empty(),
            "{}: {} failures\n{}",
            self.name,
            self.failures.len(),
            self.failures.join("\n")
        );
        let counts: BTreeMap<String, usize> = counts
            .iter()
            .map(|(what, count)| ((*what).to_owned(), *count))
            .collect();
        assert_eq!(
            (self.run, self.skipped, self.counts),
            (run, skipped, counts),
            "{}: run, skipped, counts",
            self.name
        );
    }
}

/// Sorted by name: only among headers of one name does the order mean anything.
fn lines(headers: &[Header]) -> Vec<String> {
    let mut headers: Vec<&Header> = headers.iter().collect();
    headers.sort_by_key(|header| &header.name);
    headers
        .iter()
        .map(|h| format!("{}: {}", h.name, String::from_utf8_lossy(&h.value)))
        .collect()
}

// ---- Reading links ----

/// A URL parser independent of the code that writes URLs.
struct Link {
    scheme: Scheme,
    authority: String,
    path: Vec<u8>,
    query: Vec<QueryParameter>,
}

impl Link {
    fn parse(url: &str) -> Link {
        let (scheme, rest) = url.split_once("://").expect("a scheme");
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let slash = address.find('/').expect("a path");
        Link {
            scheme: to_scheme(scheme),
            authority: address[..slash].to_owned(),
            path: encode::decode(&address.as_bytes()[slash..]).expect("escapes"),
            query: parse_query(query),
        }
    }

    fn address(&self) -> String {
        format!(
            "{}://{}{}",
            self.scheme.as_str(),
            self.authority,
            encode::path(&self.path)
        )
    }
}

/// Only the order of the parameters is lost, not the way in which they are encoded.
fn with_sorted_parameters(url: &str) -> String {
    let (address, query) = url.split_once('?').expect("a query");
    let mut parameters: Vec<&str> = query.split('&').collect();
    parameters.sort_unstable();
    format!("{address}?{}", parameters.join("&"))
}

/// Encoded again, so that only the order and the way of encoding are lost.
fn sorted_parameters(query: &[QueryParameter]) -> Vec<String> {
    let mut parameters: Vec<String> = query.iter().map(QueryParameter::encoded).collect();
    parameters.sort();
    parameters
}

/// `name` is read as `name=`, as the specification signs it.
fn parse_query(text: &str) -> Vec<QueryParameter> {
    let decode = |part: &str| encode::decode(part.as_bytes()).expect("escapes");
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| QueryParameter::new(decode(name), decode(value)))
        .collect()
}

fn to_scheme(text: &str) -> Scheme {
    match text {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => panic!("scheme {other}"),
    }
}

/// A URL of another implementation, and its request.
struct ForeignLink {
    request: Request,
    credentials: Credentials,
    scope: Scope,
    authentication: BTreeMap<String, String>,
    signature: String,
}

impl ForeignLink {
    fn read(case: &CrossCase, attempt: &Attempt, url: &str, plus_is_space: bool) -> ForeignLink {
        let (address, query) = url.split_once('?').expect("a query");
        let query = if plus_is_space {
            query.replace('+', "%20")
        } else {
            query.to_owned()
        };
        let link = Link::parse(&format!("{address}?{query}"));
        let is_authentication = |p: &QueryParameter| {
            AUTHENTICATION_PARAMETERS
                .iter()
                .any(|name| name.as_bytes() == p.name)
        };
        let (authentication, own): (Vec<_>, Vec<_>) =
            link.query.into_iter().partition(is_authentication);
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let authentication: BTreeMap<String, String> = authentication
            .into_iter()
            .map(|p| (text(p.name), text(p.value)))
            .collect();
        let signed: Vec<&str> = authentication["X-Amz-SignedHeaders"].split(';').collect();

        let mut request =
            Request::new(case.method.as_str(), link.scheme, link.authority, link.path);
        request.query = own;
        request.headers = to_headers(&attempt.headers_to_send);
        request
            .headers
            .retain(|h| signed.contains(&h.name.to_ascii_lowercase().as_str()));

        let (access_key_id, credential_scope) = authentication["X-Amz-Credential"]
            .split_once('/')
            .expect("a scope");
        let fields: Vec<&str> = credential_scope.split('/').collect();
        let scope = Scope {
            timestamp: Some(authentication["X-Amz-Date"].clone()),
            date: fields[0].to_owned(),
            region: fields[1].to_owned(),
            service: fields[2].to_owned(),
            credential_scope: credential_scope.to_owned(),
        };
        let credentials = GivenCredentials {
            access_key_id: Some(access_key_id.to_owned()),
            secret_access_key: case.secret_access_key.clone(),
            session_token: authentication.get("X-Amz-Security-Token").cloned(),
        };
        let signature = authentication["X-Amz-Signature"].clone();
        ForeignLink {
            request,
            credentials: credentials.to_library(),
            scope,
            authentication,
            signature,
        }
    }

    fn presign(&self) -> Presigned {
        let expiry = self.authentication["X-Amz-Expires"]
            .parse()
            .expect("seconds");
        Presigner::new(
            &self.credentials,
            &self.scope.region,
            &self.scope.service,
            self.scope.signed_at(),
        )
        .unwrap()
        .expires_in(Expiry::seconds(expiry).unwrap())
        .presign(&self.request)
        .unwrap()
    }
}

// ---- The files ----

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_json<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read_lines<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"));
    read(name).lines().map(parse).collect()
}

type Pair = (String, String);

/// A case of `aws-c-auth-v4.json`, `aws-docs.json` or `peers.json`.
#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    #[serde(default)]
    algorithm: String,
    s3_like: bool,
    credentials: GivenCredentials,
    scope: Scope,
    expires_in: Option<u64>,
    settings: Settings,
    request: Option<GivenRequest>,
    expected: Expected,
}

#[derive(Deserialize)]
struct GivenCredentials {
    access_key_id: Option<String>,
    secret_access_key: String,
    session_token: Option<String>,
}

#[derive(Deserialize)]
struct Scope {
    timestamp: Option<String>,
    date: String,
    region: String,
    service: String,
    credential_scope: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Settings {
    normalize_path: bool,
    double_encode_path: bool,
    sign_body: bool,
    payload: String,
    session_token: String,
}

#[derive(Deserialize)]
struct GivenRequest {
    method: String,
    scheme: String,
    host: String,
    path: String,
    query: Vec<Pair>,
    headers: Vec<Pair>,
    body: Option<Body>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Text(String),
    Bytes { hex: String },
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Expected {
    url: Option<String>,
    url_assembled: Option<String>,
    signed_request_target: Option<String>,
    signed_request_headers: Vec<Pair>,
    headers_to_send: Vec<Pair>,
    signed_headers: Option<Vec<String>>,
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    signing_key: String,
    steps: Option<Steps>,
}

#[derive(Deserialize)]
struct Steps {
    k_date: String,
    k_region: String,
    k_service: String,
}

#[derive(Deserialize)]
struct OracleCase {
    id: String,
    credentials: GivenCredentials,
    scope: Scope,
    expires_in: u64,
    intent: Intent,
    expected: Expected,
}

#[derive(Deserialize)]
struct Intent {
    operation: String,
    method: String,
    bucket: Option<String>,
    key: Option<String>,
    endpoint: Option<String>,
    http: bool,
    dualstack: bool,
    addressing: String,
    query: Vec<Pair>,
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
struct CrossCase {
    id: String,
    method: String,
    secret_access_key: String,
    urls: BTreeMap<String, Attempt>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attempt {
    url: Option<String>,
    headers_to_send: Vec<Pair>,
    verifies: String,
    error: String,
}

#[derive(Deserialize)]
struct Fact {
    id: String,
    kind: String,
    input: serde_json::Value,
    expected: String,
    agrees_with_spec: Option<bool>,
}

// ---- From the files' words to the library's ----

impl GivenCredentials {
    fn to_library(&self) -> Credentials {
        let id = self.access_key_id.as_deref().expect("an access key ID");
        let credentials = Credentials::new(id, self.secret_access_key.as_str());
        match &self.session_token {
            Some(token) => credentials.with_session_token(token.as_str()),
            None => credentials,
        }
    }
}

impl Scope {
    fn signed_at(&self) -> SigningTime {
        let timestamp = self
            .timestamp
            .clone()
            .unwrap_or_else(|| format!("{}T000000Z", self.date));
        timestamp.parse().expect("a timestamp")
    }

    fn to_library(&self) -> CredentialScope {
        CredentialScope::new(self.signed_at(), &self.region, &self.service).unwrap()
    }
}

impl Case {
    fn request(&self) -> &GivenRequest {
        self.request.as_ref().expect("a request")
    }

    fn path_mode(&self) -> PathMode {
        if self.settings.normalize_path {
            PathMode::Normalized
        } else {
            PathMode::Raw
        }
    }

    fn path_encoding(&self) -> PathEncoding {
        if self.settings.double_encode_path && self.is_path_sent() {
            PathEncoding::Twice
        } else {
            PathEncoding::Once
        }
    }

    /// Some have a path that no client can send unencoded; it is encoded as in a request.
    fn is_path_sent(&self) -> bool {
        !self.request().path.contains([' ', '#'])
    }

    fn session_token_mode(&self) -> SessionTokenMode {
        match self.settings.session_token.as_str() {
            "signed" if self.id != TOKEN_OF_ITS_OWN => SessionTokenMode::Signed,
            "added-after-signing" => SessionTokenMode::AddedAfterSigning,
            "none" | "signed" => SessionTokenMode::Omitted,
            other => panic!("{}: session token {other}", self.id),
        }
    }

    fn payload_hash(&self) -> PayloadHash {
        let body = match &self.request().body {
            Some(Body::Text(text)) => text.clone().into_bytes(),
            Some(Body::Bytes { hex }) => hex::decode(hex).expect("hexadecimal digits"),
            None => Vec::new(),
        };
        let choices = [PayloadHash::Unsigned, PayloadHash::OfBody(body)];
        let fitting = choices
            .into_iter()
            .find(|hash| hash.to_text() == self.settings.payload);
        fitting.unwrap_or_else(|| PayloadHash::Literal(self.settings.payload.clone()))
    }

    /// The path is written in these files as in the request line.
    fn signed_request(&self) -> Request {
        let given = self.request();
        // A golden URL may contain the default port, which the signed host omits.
        let golden = self.expected.url.as_deref().map(Link::parse);
        let authority = golden.map_or_else(|| given.host.clone(), |link| link.authority);
        let mut request = Request::new(
            given.method.as_str(),
            to_scheme(&given.scheme),
            authority,
            "",
        );
        let path = given.path.clone().into_bytes();
        request.path = match self.is_path_sent() {
            true => RequestPath::AsSent(path),
            false => RequestPath::Unencoded(path),
        };
        request.query = to_query(&given.query);
        let added = ADDED_BY_SOURCE.iter().filter(|(id, ..)| *id == self.id);
        request
            .query
            .extend(added.map(|(_, name, value)| QueryParameter::new(*name, *value)));
        request.headers = to_headers(&given.headers);
        if self.settings.sign_body && self.kind == "header" {
            request.headers.push(Header::new(
                "x-amz-content-sha256",
                self.settings.payload.as_str(),
            ));
        }
        request.payload_hash = self.payload_hash();
        request
    }

    fn presign(&self, mode: PathMode, encoding: PathEncoding, request: Request) -> Presigned {
        let credentials = self.credentials.to_library();
        let Scope {
            region, service, ..
        } = &self.scope;
        let presigner = match self.algorithm.as_str() {
            "AWS4-ECDSA-P256-SHA256" => {
                Presigner::of_region_set(&credentials, region, service, self.scope.signed_at())
            }
            _ => Presigner::new(&credentials, region, service, self.scope.signed_at()),
        };
        let presigner = presigner.unwrap();
        assert_eq!(
            presigner.scope().to_string(),
            self.scope.credential_scope,
            "{}",
            self.id
        );
        let placement = match self.expires_in {
            Some(seconds) => Placement::Query(Expiry::seconds(seconds).unwrap()),
            None => Placement::Header,
        };
        let presigner = presigner
            .placement(placement)
            .path_rules(mode, encoding)
            .session_token_mode(self.session_token_mode());
        presigner
            .presign(&request)
            .unwrap_or_else(|error| panic!("{}: {error}", self.id))
    }
}

impl Intent {
    fn to_request(&self, scope: &Scope) -> (Request, Addressing) {
        let endpoint = Endpoint::parse(&self.endpoint_url(&scope.region)).expect("an endpoint");
        let addressing = self.addressing(endpoint.scheme);
        let address = Address::new(
            &endpoint,
            addressing,
            self.bucket.as_deref(),
            self.key.as_deref().map(str::as_bytes),
        );
        let mut request = Request::new(
            self.method.as_str(),
            address.scheme,
            address.authority,
            address.path,
        );
        request.query = to_query(&self.query);
        // The parameter that names the operation is part of botocore's URI template, before all
        // that is filled in.
        request
            .query
            .sort_by_key(|parameter| parameter.name != b"tagging");
        request.headers = to_headers(&self.headers);
        (request, addressing)
    }

    /// The regional AWS host by default.
    fn endpoint_url(&self, region: &str) -> String {
        let scheme = if self.http { "http" } else { "https" };
        let dualstack = if self.dualstack { "dualstack." } else { "" };
        let partition = if region.starts_with("cn-") { ".cn" } else { "" };
        let aws = format!("{scheme}://s3.{dualstack}{region}.amazonaws.com{partition}");
        self.endpoint.clone().unwrap_or(aws)
    }

    /// botocore's behaviour for the requested style.
    fn addressing(&self, scheme: Scheme) -> Addressing {
        let custom = self.endpoint.is_some();
        let asked = match self.addressing.as_str() {
            "virtual" => true,
            "auto" => !custom,
            "path" => false,
            other => panic!("addressing {other}"),
        };
        let bucket = self.bucket.as_deref().unwrap_or_default();
        // Without TLS there is no certificate that a name of several labels would fail.
        let labels = custom && scheme == Scheme::Http && bucket.split('.').all(is_dns_compatible);
        let possible = is_dns_compatible(bucket) || labels;
        if asked && possible && self.operation != "get_bucket_location" {
            Addressing::Virtual
        } else {
            Addressing::Path
        }
    }
}

impl Fact {
    fn ours(&self, suite: &mut Suite) -> String {
        let text = || self.input.as_str().expect("a text");
        match self.kind.as_str() {
            "uri-encode-key" => encode::path(text().as_bytes()).into_owned(),
            "uri-encode-query" => encode::component(text().as_bytes()).into_owned(),
            "canonical-query" => canonical_query(parse_query(text())),
            "canonical-query-pairs" => {
                let pairs: Vec<Pair> = serde_json::from_value(self.input.clone()).expect("pairs");
                canonical_query(to_query(&pairs))
            }
            "canonical-path" => {
                let path = self.input["path"].as_str().expect("a path").as_bytes();
                if self.input["double_encode"].as_bool().expect("a choice") {
                    canonical_uri(RequestPath::AsSent(path.to_vec()), PathEncoding::Twice)
                } else {
                    // The path in S3 form, so it represents a key. A text that cannot be decoded is
                    // a key already.
                    let key = encode::decode(path).unwrap_or_else(|_| path.to_vec());
                    canonical_uri(RequestPath::Unencoded(key), PathEncoding::Once)
                }
            }
            "header-trim" => String::from_utf8(fold_header_value(text().as_bytes())).expect("text"),
            "host-header" => self.host_of(suite, text()),
            "v4a-canonical-request" => self.canonical_request_of_4a(),
            other => panic!(
                "{}: nothing is known about facts of the kind {other}",
                self.id
            ),
        }
    }

    /// Host and headers occur only in the expected text, as does the hash of the body.
    fn canonical_request_of_4a(&self) -> String {
        let input = |name: &str| self.input[name].as_str().unwrap_or_default();
        let (blocks, payload) = self.expected.rsplit_once('\n').expect("a hash");
        let headers = blocks
            .split('\n')
            .skip(3)
            .take_while(|line| !line.is_empty());
        let headers = headers.map(|line| line.split_once(':').expect("a header"));
        let own = ["x-amz-date", "x-amz-region-set"];
        let (host, headers): (Vec<_>, Vec<_>) = headers
            .filter(|(name, _)| !own.contains(name))
            .partition(|(name, _)| *name == "host");
        let mut request = Request::new(input("method"), Scheme::Https, host[0].1, "");
        request.path = RequestPath::AsSent(input("path").as_bytes().to_vec());
        request.headers = headers
            .iter()
            .map(|(name, value)| Header::new(*name, *value))
            .collect();
        request.payload_hash = PayloadHash::Literal(payload.to_owned());
        let credentials = Credentials::new(input("access_key_id"), input("secret_access_key"));
        let time: SigningTime = input("timestamp").parse().expect("a timestamp");
        let presigner =
            Presigner::of_region_set(&credentials, input("region_set"), input("service"), time)
                .unwrap();
        let placement = match self.input["expires_in"].as_u64() {
            Some(seconds) => Placement::Query(Expiry::seconds(seconds).unwrap()),
            None => Placement::Header,
        };
        let presigner = presigner
            .placement(placement)
            .path_rules(PathMode::Normalized, PathEncoding::Twice);
        presigner
            .presign(&request)
            .unwrap()
            .canonical_request
            .to_string()
    }

    /// A URL with a password in it is refused as an endpoint; without it, it has the expected host.
    fn host_of(&self, suite: &mut Suite, url: &str) -> String {
        let mut url = url.to_owned();
        if let Some((before, after)) = url.split_once('@') {
            suite.same(
                &self.id,
                "user in the URL",
                &Endpoint::parse(&url),
                &Err(EndpointError::UserInfo),
            );
            let (scheme, _) = before.split_once("://").expect("a scheme");
            url = format!("{scheme}://{after}");
        }
        let endpoint = Endpoint::parse(&url).expect("an endpoint");
        Request::new("GET", endpoint.scheme, endpoint.authority, "/").host()
    }
}

fn canonical_query(query: Vec<QueryParameter>) -> String {
    let mut request = Request::new("GET", Scheme::Https, "host", "/");
    request.query = query;
    CanonicalRequest::new(&request, &[], PathMode::Raw, PathEncoding::Once)
        .unwrap()
        .query_string
}

fn canonical_uri(path: RequestPath, encoding: PathEncoding) -> String {
    let mut request = Request::new("GET", Scheme::Https, "host", "/");
    request.path = path;
    CanonicalRequest::new(&request, &[], PathMode::Raw, encoding)
        .unwrap()
        .uri
}

fn to_query(pairs: &[Pair]) -> Vec<QueryParameter> {
    pairs
        .iter()
        .map(|(name, value)| QueryParameter::new(name.as_str(), value.as_str()))
        .collect()
}

fn to_headers(pairs: &[Pair]) -> Vec<Header> {
    pairs
        .iter()
        .map(|(name, value)| Header::new(name.as_str(), value.as_str()))
        .collect()
}
