//! Links that are broken on purpose: `diagnose` has to name the cause of each.
//!
//! A good request is drawn, one mistake is made with it (by its signer, to its text, or in its use), and the first finding
//! has to be that mistake; of two mistakes, the first two. The signer here is its own: it can be told to err at every step.
//! `BROKEN_SEED` draws other requests, `BROKEN_COUNT` more of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use cos_presign::env::Env;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

const NOW: &str = "2026-11-23T12:00:00Z";
const SIGNED: &str = "20261123T110000Z";
const DAY: &str = "20261123";

// Drawing

/// A small generator of numbers, so that a seed names a request for ever.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

fn seed() -> u64 {
    let seed = std::env::var("BROKEN_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_261_123);
    println!("BROKEN_SEED={seed}");
    seed
}

fn count(default: usize) -> usize {
    std::env::var("BROKEN_COUNT")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(default)
}

/// A request that is right.
#[derive(Clone, Debug)]
struct Good {
    scheme: &'static str,
    host: String,
    /// Base of the path: empty, or `/bucket`.
    base: &'static str,
    key: &'static str,
    method: &'static str,
    region: &'static str,
    id: &'static str,
    secret: &'static str,
    token: Option<&'static str>,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    expires: String,
    date: String,
}

const KEYS: [&str; 8] = [
    "report.pdf",
    "a/b c/d.txt",
    "data/\u{fc}n\u{ef}/\u{e9}.csv",
    "x+y (1).tar.gz",
    "img/2026/01/photo_001.jpg",
    "z",
    "logs/2026-11-23T10:00:00.log",
    "100% sure?.txt",
];

impl Good {
    fn draw(dice: &mut Dice) -> Good {
        let (scheme, host, base, region) = dice.pick(&[
            (
                "https",
                "my-bucket.s3.eu-west-1.amazonaws.com",
                "",
                "eu-west-1",
            ),
            (
                "https",
                "s3.us-west-2.amazonaws.com",
                "/my-bucket",
                "us-west-2",
            ),
            (
                "https",
                "s3.us-south.cloud-object-storage.appdomain.cloud",
                "/my-bucket",
                "us-south",
            ),
            (
                "https",
                "my-bucket.s3.eu-de.cloud-object-storage.appdomain.cloud",
                "",
                "eu-de",
            ),
            ("http", "minio.example.com:9000", "/my-bucket", "us-east-1"),
            ("http", "127.0.0.1:8080", "/my-bucket", "us-east-1"),
            (
                "https",
                "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com",
                "/my-bucket",
                "auto",
            ),
            (
                "https",
                "s3.eu-central-1.wasabisys.com",
                "/my-bucket",
                "eu-central-1",
            ),
            ("https", "my-bucket.nyc3.digitaloceanspaces.com", "", "nyc3"),
            ("https", "rgw.example.org", "/my-bucket", "default"),
        ]);
        let (id, secret) = dice.pick(&[
            (
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxR+iCYEXAMPLEKEY",
            ),
            (
                "0123456789abcdef0123456789abcdef",
                "fedcba9876543210fedcba9876543210fedcba9876543210",
            ),
            ("minio-user", "min!o$ecret+pass/word"),
        ]);
        let temporary = dice.chance(25);
        let method = dice.pick(&["GET", "GET", "PUT", "HEAD", "DELETE"]);
        let mut query = Vec::new();
        if method == "GET" && dice.chance(40) {
            query.push((
                "response-content-disposition".to_owned(),
                "attachment; filename=\"a b.txt\"".to_owned(),
            ));
        }
        if method != "PUT" && dice.chance(25) {
            query.push((
                "versionId".to_owned(),
                "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY".to_owned(),
            ));
        }
        let mut headers = BTreeMap::new();
        if method == "PUT" {
            if dice.chance(60) {
                headers.insert(
                    "content-type".to_owned(),
                    dice.pick(&["image/jpeg", "application/pdf"]).to_owned(),
                );
            }
            if dice.chance(40) {
                headers.insert("x-amz-acl".to_owned(), "private".to_owned());
            }
            if dice.chance(30) {
                headers.insert("x-amz-meta-who".to_owned(), "somebody else".to_owned());
            }
        }
        Good {
            scheme,
            host: host.to_owned(),
            base,
            key: dice.pick(&KEYS),
            method,
            region,
            id: if temporary {
                "ASIAIOSFODNN7EXAMPLE"
            } else {
                id
            },
            secret,
            token: temporary.then_some("IQoJb3JpZ2luX2VjE/+tok=="),
            query,
            headers,
            expires: "7200".to_owned(),
            date: SIGNED.to_owned(),
        }
    }

    fn path(&self) -> String {
        format!("{}/{}", self.base, self.key)
    }
}

// Signing, right or wrong

fn encode(text: &str, kept: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(char::from(byte)) && byte.is_ascii() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

const COMPONENT: &str = "-._~";
const PATH: &str = "-._~/";

/// A decoded parameter.
type Pair = (String, String);
type Pairs = [Pair];

/// Where the signer errs. Nothing set is nothing wrong.
#[derive(Clone, Default)]
struct Slip {
    secret: Option<Vec<u8>>,
    host: Option<String>,
    /// Canonical URI.
    uri: Option<String>,
    method: Option<&'static str>,
    payload: Option<&'static str>,
    key_date: Option<&'static str>,
    scope_date: Option<&'static str>,
    key_region: Option<&'static str>,
    key_service: Option<&'static str>,
    timestamp: Option<&'static str>,
    /// Makes the canonical query string of decoded pairs.
    query: Option<fn(&Pairs) -> String>,
    /// Changes what is signed of the parameters.
    pairs: Option<fn(&mut Vec<Pair>)>,
    /// Stands in the URL in place of the path that was signed.
    url_path: Option<String>,
    id: Option<&'static str>,
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn strict_query(pairs: &[(String, String)]) -> String {
    let mut encoded: Vec<String> = pairs
        .iter()
        .map(|(n, v)| format!("{}={}", encode(n, COMPONENT), encode(v, COMPONENT)))
        .collect();
    encoded.sort();
    encoded.join("&")
}

struct Signed {
    url: String,
    canonical_request: String,
}

fn sign_fully(good: &Good, slip: &Slip) -> Signed {
    let id = slip.id.unwrap_or(good.id);
    let scope_date = slip.scope_date.unwrap_or(&good.date[..8]);
    let scope = format!("{scope_date}/{}/s3/aws4_request", good.region);
    let mut headers = good.headers.clone();
    headers.insert(
        "host".to_owned(),
        slip.host.clone().unwrap_or(good.host.clone()),
    );
    let names = headers.keys().cloned().collect::<Vec<_>>().join(";");
    let mut pairs = good.query.clone();
    let mut add = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
    add("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    add("X-Amz-Credential", &format!("{id}/{scope}"));
    add("X-Amz-Date", &good.date);
    add("X-Amz-Expires", &good.expires);
    add("X-Amz-SignedHeaders", &names);
    if let Some(token) = good.token {
        add("X-Amz-Security-Token", token);
    }
    let mut signed_pairs = pairs.clone();
    if let Some(change) = slip.pairs {
        change(&mut signed_pairs);
    }
    let query = slip.query.unwrap_or(strict_query)(&signed_pairs);
    let uri = slip
        .uri
        .clone()
        .unwrap_or_else(|| encode(&good.path(), PATH));
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let method = slip.method.unwrap_or(good.method);
    let payload = slip.payload.unwrap_or("UNSIGNED-PAYLOAD");
    let canonical_request = format!("{method}\n{uri}\n{query}\n{lines}\n{names}\n{payload}");
    let hash = hex::encode(Sha256::digest(canonical_request.as_bytes()));
    let string_to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}",
        slip.timestamp.unwrap_or(&good.date)
    );
    let secret = slip.secret.clone().unwrap_or_else(|| good.secret.into());
    let key = hmac(
        &[b"AWS4", &secret[..]].concat(),
        slip.key_date.unwrap_or(scope_date).as_bytes(),
    );
    let key = hmac(&key, slip.key_region.unwrap_or(good.region).as_bytes());
    let key = hmac(&key, slip.key_service.unwrap_or("s3").as_bytes());
    let signature = hex::encode(hmac(
        &hmac(&key, b"aws4_request"),
        string_to_sign.as_bytes(),
    ));
    let path = encode(&slip.url_path.clone().unwrap_or(good.path()), PATH);
    let shown: Vec<String> = pairs
        .iter()
        .map(|(n, v)| format!("{}={}", encode(n, COMPONENT), encode(v, COMPONENT)))
        .collect();
    let url = format!(
        "{}://{}{path}?{}&X-Amz-Signature={signature}",
        good.scheme,
        good.host,
        shown.join("&")
    );
    Signed {
        url,
        canonical_request,
    }
}

fn sign(good: &Good, slip: &Slip) -> String {
    sign_fully(good, slip).url
}

fn right(good: &Good) -> String {
    sign(good, &Slip::default())
}

// Asking

/// A link with a mistake, and what `diagnose` is told about it.
struct Broken {
    url: String,
    method: String,
    headers: BTreeMap<String, String>,
    args: Vec<String>,
    variables: Vec<(String, String)>,
    response: Option<String>,
    keys: bool,
}

impl Broken {
    fn new(good: &Good, url: String) -> Option<Broken> {
        Some(Broken {
            url,
            method: good.method.to_owned(),
            headers: good.headers.clone(),
            args: Vec::new(),
            variables: Vec::new(),
            response: None,
            keys: true,
        })
    }

    fn slipped(good: &Good, slip: Slip) -> Option<Broken> {
        Broken::new(good, sign(good, &slip))
    }

    fn with(mut self, change: impl FnOnce(&mut Broken)) -> Option<Broken> {
        change(&mut self);
        Some(self)
    }

    fn answered(good: &Good, response: impl Into<String>) -> Option<Broken> {
        Broken::new(good, right(good))?.with(|broken| broken.response = Some(response.into()))
    }
}

struct Told {
    code: u8,
    verdict: String,
    findings: Vec<String>,
}

fn diagnose(good: &Good, broken: &Broken) -> Told {
    let mut args = vec![
        "diagnose".to_owned(),
        broken.url.clone(),
        "--json".to_owned(),
    ];
    if !broken.args.iter().any(|arg| arg == "--at") {
        args.extend(["--at".to_owned(), NOW.to_owned()]);
    }
    args.extend(["--method".to_owned(), broken.method.clone()]);
    for (name, value) in &broken.headers {
        args.extend(["--header".to_owned(), format!("{name}: {value}")]);
    }
    args.extend(broken.args.iter().cloned());
    let mut variables = broken.variables.clone();
    if broken.keys {
        variables.push(("AWS_ACCESS_KEY_ID".to_owned(), good.id.to_owned()));
        variables.push(("AWS_SECRET_ACCESS_KEY".to_owned(), good.secret.to_owned()));
        variables.extend(
            good.token
                .map(|token| ("AWS_SESSION_TOKEN".to_owned(), token.to_owned())),
        );
    }
    let stdin = broken.response.clone().unwrap_or_default();
    if broken.response.is_some() {
        args.extend(["--response".to_owned(), "-".to_owned()]);
    }
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let env = Env::new(variables, now, std::io::Cursor::new(stdin.into_bytes()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = std::iter::once("cos-presign".to_owned())
        .chain(args)
        .map(OsString::from);
    let code = cos_presign::run(all, &env, &mut out, &mut err);
    let json: Value = serde_json::from_slice(&out)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&err)));
    let findings = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["code"].as_str().unwrap().to_owned())
        .collect();
    Told {
        code,
        verdict: json["verdict"].as_str().unwrap().to_owned(),
        findings,
    }
}

// Mistakes

/// Gives the `n`-th variant of a mistake, if it can be made with this request.
type Breaker = fn(&Good, usize) -> Option<Broken>;

fn slip(change: impl FnOnce(&mut Slip)) -> Slip {
    let mut slip = Slip::default();
    change(&mut slip);
    slip
}

fn pick<T: Clone>(from: &[T], n: usize) -> T {
    from[n % from.len()].clone()
}

fn secret_whitespace(good: &Good, n: usize) -> Option<Broken> {
    let around = [
        ("", "\n"),
        ("", "\r\n"),
        ("", " "),
        (" ", ""),
        ("", "\t"),
        ("\u{feff}", ""),
        ("\"", "\""),
        ("'", "'"),
    ];
    let (before, after) = pick(&around, n);
    Broken::slipped(
        good,
        slip(|s| s.secret = Some(format!("{before}{}{after}", good.secret).into_bytes())),
    )
}

fn secret_encoding(good: &Good, n: usize) -> Option<Broken> {
    let secret = good.secret;
    let other = match n {
        0 => encode(secret, COMPONENT),
        1 => secret.replace('/', ""),
        2 => secret.replace('+', " "),
        3 => secret.replace("$ecret", ""),
        4 => secret.split('/').next().unwrap().to_owned(),
        5 => secret.replace('/', "\\/"),
        _ => secret.to_uppercase(),
    };
    (other != secret)
        .then(|| Broken::slipped(good, slip(|s| s.secret = Some(other.into_bytes()))))
        .flatten()
}

fn wrong_secret(good: &Good, n: usize) -> Option<Broken> {
    let secret = [
        good.id,
        "of-another-profile",
        "",
        "rotated-long-ago-0123456789",
        "x",
    ][n]
        .as_bytes()
        .to_vec();
    Broken::slipped(good, slip(|s| s.secret = Some(secret)))
}

fn wrong_access_key(good: &Good, n: usize) -> Option<Broken> {
    let other = "AKIAOTHEROTHEROTHER0";
    match n {
        // The id was exchanged in the URL.
        0 => Broken::new(
            good,
            right(good).replace(&format!("={}%2F", good.id), &format!("={other}%2F")),
        ),
        // Signed with our secret under another id.
        1 => Broken::slipped(good, slip(|s| s.id = Some(other))),
        // Somebody else's link.
        2 => Broken::slipped(
            good,
            slip(|s| (s.id, s.secret) = (Some(other), Some(b"theirs".to_vec()))),
        ),
        n => {
            let code = ["InvalidAccessKeyId", "NotSignedUp", "InvalidAccessKeyId"][n - 3];
            if good.token.is_some() {
                return None;
            }
            Broken::answered(good, error(code, "<AWSAccessKeyId>x</AWSAccessKeyId>"))
        }
    }
}

fn wrong_region(good: &Good, n: usize) -> Option<Broken> {
    let other = pick(
        &[
            "us-east-1",
            "eu-central-1",
            "us-south",
            "auto",
            "ap-southeast-2",
        ],
        n,
    );
    if other == good.region {
        return None;
    }
    match n / 5 {
        0 => Broken::slipped(good, slip(|s| s.key_region = Some(other))),
        1 => Broken::new(
            good,
            right(good).replace(
                &format!("%2F{}%2Fs3", good.region),
                &format!("%2F{other}%2Fs3"),
            ),
        ),
        _ => {
            let code = pick(
                &[
                    "AuthorizationQueryParametersError",
                    "AuthorizationHeaderMalformed",
                ],
                n,
            );
            Broken::answered(good, error(code, &format!("<Region>{other}</Region>")))
        }
    }
}

fn wrong_service(good: &Good, n: usize) -> Option<Broken> {
    let other = pick(&["execute-api", "iam", "S3", "s3express", "cos"], n);
    match n / 5 {
        0 => Broken::slipped(good, slip(|s| s.key_service = Some(other))),
        _ => Broken::new(
            good,
            right(good).replace("%2Fs3%2Faws4", &format!("%2F{other}%2Faws4")),
        ),
    }
}

fn scope_date(good: &Good, n: usize) -> Option<Broken> {
    let other = pick(&["20261122", "20261124", "20261121"], n);
    match n / 3 {
        0 => Broken::slipped(good, slip(|s| s.key_date = Some(other))),
        1 => Broken::slipped(good, slip(|s| s.scope_date = Some(other))),
        _ => Broken::new(
            good,
            right(good).replace(&format!("%2F{DAY}%2F"), &format!("%2F{other}%2F")),
        ),
    }
}

fn local_time(good: &Good, n: usize) -> Option<Broken> {
    let times = [
        "20261123T030000Z",
        "20261123T060000Z",
        "20261123T120000Z",
        "20261123T163000Z",
        "20261123T190000Z",
    ];
    Broken::slipped(good, slip(|s| s.timestamp = Some(times[n])))
}

fn wrong_method(good: &Good, n: usize) -> Option<Broken> {
    let used = ["GET", "HEAD", "PUT", "DELETE", "POST"][n];
    (used != good.method)
        .then(|| Broken::new(good, right(good))?.with(|broken| broken.method = used.to_owned()))
        .flatten()
}

fn path_double_encoded(good: &Good, n: usize) -> Option<Broken> {
    let once = encode(&good.path(), PATH);
    if !once.contains('%') {
        return None;
    }
    match n {
        0 => Broken::slipped(good, slip(|s| s.uri = Some(encode(&once, PATH)))),
        _ => Broken::slipped(good, slip(|s| s.url_path = Some(once))),
    }
}

fn path_not_encoded(good: &Good, n: usize) -> Option<Broken> {
    let path = good.path();
    let uri = match n {
        0 => path.clone(),
        1 => encode(&path, "-._~!*'()/"),
        2 => encode(&path, "-._~!$&'()*+,;=:@/"),
        _ => encode(&path, PATH)
            .split('%')
            .enumerate()
            .map(|(i, part)| match (i, part) {
                (0, part) => part.to_owned(),
                (_, part) => format!("%{}{}", part[..2].to_lowercase(), &part[2..]),
            })
            .collect(),
    };
    (uri != encode(&path, PATH))
        .then(|| Broken::slipped(good, slip(|s| s.uri = Some(uri))))
        .flatten()
}

fn plus_for_space(good: &Good, n: usize) -> Option<Broken> {
    match n {
        0 if good.key.contains(' ') => Broken::slipped(
            good,
            slip(|s| s.uri = Some(encode(&good.path(), PATH).replace("%20", "+"))),
        ),
        1 if good.key.contains(' ') => {
            let url = right(good);
            let (path, query) = url.split_once('?').unwrap();
            Broken::new(good, format!("{}?{query}", path.replace("%20", "+")))
        }
        2 if good.query.iter().any(|(_, value)| value.contains(' ')) => Broken::slipped(
            good,
            slip(|s| s.query = Some(|pairs| strict_query(pairs).replace("%20", "+"))),
        ),
        3 if good.query.iter().any(|(_, value)| value.contains(' ')) => {
            let url = right(good);
            let (path, query) = url.split_once('?').unwrap();
            Broken::new(good, format!("{path}?{}", query.replace("%20", "+")))
        }
        _ => None,
    }
}

fn path_slashes(good: &Good, n: usize) -> Option<Broken> {
    let path = good.path();
    let deep = good.key.contains('/');
    let doubled = format!("{}/{}", good.base, good.key.replacen('/', "//", 1));
    match n {
        0 if deep => Broken::slipped(good, slip(|s| s.url_path = Some(doubled))),
        1 if deep => Broken::slipped(good, slip(|s| s.uri = Some(encode(&doubled, PATH)))),
        2 => Broken::slipped(
            good,
            slip(|s| s.uri = Some(format!("{}/", encode(&path, PATH)))),
        ),
        3 => Broken::slipped(good, slip(|s| s.url_path = Some(format!("{path}/")))),
        4 if deep => Broken::slipped(
            good,
            slip(|s| s.uri = Some(format!("{}/{}", good.base, encode(good.key, COMPONENT)))),
        ),
        5 => Broken::slipped(
            good,
            slip(|s| s.uri = Some(encode(&format!("{}//{}", good.base, good.key), PATH))),
        ),
        _ => None,
    }
}

fn path_dots(good: &Good, n: usize) -> Option<Broken> {
    let put_in = |dots: &str| format!("{}/{dots}{}", good.base, good.key);
    match n {
        0 => Broken::slipped(good, slip(|s| s.url_path = Some(put_in("x/../")))),
        1 => Broken::slipped(good, slip(|s| s.url_path = Some(put_in("./")))),
        2 => Broken::slipped(good, slip(|s| s.uri = Some(encode(&put_in("./"), PATH)))),
        3 => Broken::slipped(good, slip(|s| s.uri = Some(encode(&put_in("../"), PATH)))),
        _ => Broken::slipped(good, slip(|s| s.url_path = Some(put_in("a/b/../../")))),
    }
}

fn unicode(good: &Good, n: usize) -> Option<Broken> {
    let decomposed: String = good.path().nfd().collect();
    if decomposed == good.path() {
        return None;
    }
    match n {
        0 => Broken::slipped(good, slip(|s| s.url_path = Some(decomposed))),
        _ => Broken::slipped(good, slip(|s| s.uri = Some(encode(&decomposed, PATH)))),
    }
}

fn key_changed(good: &Good, n: usize) -> Option<Broken> {
    let path = good.path();
    let (front, name) = path.rsplit_once('/').unwrap();
    let other = match n {
        0 => format!("{path} "),
        1 => format!("{front}/{}", name.to_uppercase()),
        2 => format!("{}_", &path[..path.len() - 1]),
        3 => format!("{path}2"),
        4 if name.len() > 2 && name.is_ascii() => format!("{front}/{}", &name[1..]),
        5 if name.contains('.') => format!("{front}/{}", name.rsplit_once('.').unwrap().0),
        _ => return None,
    };
    (other != path)
        .then(|| Broken::slipped(good, slip(|s| s.url_path = Some(other))))
        .flatten()
}

fn parameter_added(good: &Good, n: usize) -> Option<Broken> {
    let url = right(good);
    match n {
        0 => Broken::new(good, format!("{url}&utm_source=mail")),
        1 => Broken::new(
            good,
            format!("{url}&utm_source=mail&utm_medium=email&utm_campaign=x"),
        ),
        2 => Broken::new(good, format!("{url}&fbclid=IwAR0")),
        3 => Broken::new(good, url.replacen('?', "?x-id=GetObject&", 1)),
        4 => Broken::new(good, url.replacen('?', "?timestamp=1&", 1)),
        _ => Broken::new(good, format!("{url}&cb=1&nocache=2")),
    }
}

fn parameter_removed(good: &Good, n: usize) -> Option<Broken> {
    let without = |name: &str| {
        let url = right(good);
        let (path, query) = url.split_once('?').unwrap();
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.starts_with(name))
            .collect();
        format!("{path}?{}", kept.join("&"))
    };
    let signed_with = |pairs: fn(&mut Vec<(String, String)>)| {
        Broken::slipped(good, slip(|s| s.pairs = Some(pairs)))
    };
    match n {
        0 => Broken::new(good, without("X-Amz-Expires")),
        1 => Broken::new(good, without("X-Amz-Date")),
        2 => signed_with(|pairs| pairs.push(("x-id".to_owned(), "GetObject".to_owned()))),
        3 => signed_with(|pairs| {
            pairs.push((
                "response-content-type".to_owned(),
                "application/pdf".to_owned(),
            ))
        }),
        4 if good.query.is_empty() => {
            signed_with(|pairs| pairs.push(("versionId".to_owned(), "null".to_owned())))
        }
        _ => None,
    }
}

fn parameter_changed(good: &Good, n: usize) -> Option<Broken> {
    let url = right(good);
    match n {
        0 => Broken::new(
            good,
            url.replace("X-Amz-Expires=7200", "X-Amz-Expires=86400"),
        ),
        1 => {
            let odd = Good {
                expires: "4321".to_owned(),
                ..good.clone()
            };
            Broken::new(
                good,
                right(&odd).replace("X-Amz-Expires=4321", "X-Amz-Expires=43210"),
            )
        }
        2 => Broken::new(
            good,
            url.replace(
                &format!("X-Amz-Date={SIGNED}"),
                "X-Amz-Date=20261123T113059Z",
            ),
        ),
        3 => {
            let (front, _) = url.split_once("versionId=3sL4")?;
            let changed = url.replacen("versionId=3sL4", "versionId=3sL5", 1);
            (!front.is_empty())
                .then(|| Broken::new(good, changed))
                .flatten()
        }
        _ => url
            .contains("attachment")
            .then(|| Broken::new(good, url.replace("attachment", "Attachment")))
            .flatten(),
    }
}

fn query_order(good: &Good, n: usize) -> Option<Broken> {
    let as_written: fn(&[(String, String)]) -> String = |pairs| {
        let encoded: Vec<String> = pairs
            .iter()
            .map(|(n, v)| format!("{}={}", encode(n, COMPONENT), encode(v, COMPONENT)))
            .collect();
        encoded.join("&")
    };
    let without_case: fn(&[(String, String)]) -> String = |pairs| {
        let mut sorted = pairs.to_vec();
        sorted.sort_by_key(|(name, _)| name.to_lowercase());
        let encoded: Vec<String> = sorted
            .iter()
            .map(|(n, v)| format!("{}={}", encode(n, COMPONENT), encode(v, COMPONENT)))
            .collect();
        encoded.join("&")
    };
    let rule = if n == 0 { as_written } else { without_case };
    // With the parameters of the signature alone both orders are often the right one.
    (!good.query.is_empty())
        .then(|| Broken::slipped(good, slip(|s| s.query = Some(rule))))
        .flatten()
}

fn credential_not_encoded(good: &Good, _: usize) -> Option<Broken> {
    let raw: fn(&[(String, String)]) -> String = |pairs| {
        let mut encoded: Vec<String> = pairs
            .iter()
            .map(|(n, v)| {
                format!(
                    "{n}={}",
                    encode(
                        v,
                        if n == "X-Amz-Credential" {
                            PATH
                        } else {
                            COMPONENT
                        }
                    )
                )
            })
            .collect();
        encoded.sort();
        encoded.join("&")
    };
    Broken::slipped(good, slip(|s| s.query = Some(raw)))
}

fn html_escaped(good: &Good, n: usize) -> Option<Broken> {
    let escaped = ["&amp;", "\\u0026", "&#38;", "&amp;amp;", "&#x26;"][n];
    Broken::new(good, right(good).replace('&', escaped))
}

fn truncated(good: &Good, n: usize) -> Option<Broken> {
    let url = right(good);
    let before = |mark: &str| url.split(mark).next().unwrap().to_owned();
    Broken::new(
        good,
        match n {
            0 => before("&X-Amz-Credential"),
            1 => before("&X-Amz-Signature"),
            2 => before("&X-Amz-Date"),
            3 => url[..url.len() - 20].to_owned(),
            4 => format!("{}...", &url[..url.len() - 70]),
            _ => url[..url.find("X-Amz-Date").unwrap() + 15].to_owned(),
        },
    )
}

fn wrapped(good: &Good, n: usize) -> Option<Broken> {
    let url = right(good);
    let half = url.len() / 2;
    let half = (half..url.len())
        .find(|at| url.is_char_boundary(*at))
        .unwrap();
    Broken::new(
        good,
        match n {
            0 => format!("<{url}>"),
            1 => format!("\"{url}\""),
            2 => format!("{url}."),
            3 => format!("({url})"),
            4 => format!("{}\n   {}", &url[..half], &url[half..]),
            5 => format!("URL: {url}"),
            6 => format!("[link]({url})"),
            _ => url.replace('=', "=3D"),
        },
    )
}

fn header_missing(good: &Good, _: usize) -> Option<Broken> {
    (!good.headers.is_empty())
        .then(|| Broken::new(good, right(good))?.with(|broken| broken.headers.clear()))
        .flatten()
}

fn header_changed(good: &Good, n: usize) -> Option<Broken> {
    let (name, value) = [
        ("content-type", "image/png"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "image/jpeg; charset=utf-8"),
        ("x-amz-acl", "public-read"),
        ("x-amz-meta-who", "Somebody Else"),
        ("x-amz-meta-who", "somebody els"),
    ][n];
    good.headers.contains_key(name).then_some(())?;
    Broken::new(good, right(good))?.with(|broken| {
        broken.headers.insert(name.to_owned(), value.to_owned());
    })
}

fn header_not_signed(good: &Good, n: usize) -> Option<Broken> {
    let name = [
        "x-amz-storage-class",
        "x-amz-meta-more",
        "x-amz-tagging",
        "x-amz-server-side-encryption",
        "x-amz-grant-read",
    ][n % 5];
    match n / 5 {
        0 => Broken::new(good, right(good))?.with(|broken| {
            broken.headers.insert(name.to_owned(), "x".to_owned());
        }),
        _ => Broken::answered(
            good,
            error(
                "AccessDenied",
                &format!("<HeadersNotSigned>{name}</HeadersNotSigned>"),
            ),
        ),
    }
}

fn payload_hash(good: &Good, n: usize) -> Option<Broken> {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    match n {
        0 => Broken::slipped(good, slip(|s| s.payload = Some(empty))),
        1 => Broken::slipped(good, slip(|s| s.payload = Some(""))),
        2 => Broken::slipped(
            good,
            slip(|s| s.payload = Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")),
        ),
        n => Broken::answered(
            good,
            error(["XAmzContentSHA256Mismatch", "BadDigest"][n - 3], ""),
        ),
    }
}

fn token_missing(good: &Good, n: usize) -> Option<Broken> {
    let token = good.token?;
    let without = right(good).replace(
        &format!("&X-Amz-Security-Token={}", encode(token, COMPONENT)),
        "",
    );
    match n {
        0 => Broken::new(good, without),
        1 => Broken::new(good, without)?.with(|broken| broken.keys = false),
        n => {
            let code = ["InvalidAccessKeyId", "InvalidToken"][n - 2];
            Broken::new(good, without)?.with(|broken| broken.response = Some(error(code, "")))
        }
    }
}

fn token_unsigned(good: &Good, _: usize) -> Option<Broken> {
    good.token?;
    Broken::slipped(
        good,
        slip(|s| s.pairs = Some(|pairs| pairs.retain(|(name, _)| name != "X-Amz-Security-Token"))),
    )
}

fn token_expired(good: &Good, n: usize) -> Option<Broken> {
    good.token?;
    Broken::answered(
        good,
        error(
            [
                "ExpiredToken",
                "ExpiredTokenException",
                "TokenRefreshRequired",
            ][n % 3],
            "",
        ),
    )
}

fn expired(good: &Good, n: usize) -> Option<Broken> {
    match n {
        0 => Broken::new(
            good,
            right(&Good {
                expires: "60".to_owned(),
                ..good.clone()
            }),
        ),
        1 => Broken::new(
            good,
            right(&Good {
                date: "20251123T110000Z".to_owned(),
                ..good.clone()
            }),
        ),
        2 => Broken::new(good, right(good))?
            .with(|b| b.args = vec!["--at".to_owned(), "2027-01-01".to_owned()]),
        3 => Broken::answered(
            good,
            error(
                "AccessDenied",
                "<X-Amz-Expires>7200</X-Amz-Expires><Expires>2026-11-23T13:00:00Z</Expires><ServerTime>2026-11-23T14:00:00Z</ServerTime>",
            ),
        ),
        _ => Broken::answered(good, error("ExpiredRequest", "")),
    }
}

fn not_yet_valid(good: &Good, n: usize) -> Option<Broken> {
    let date = [
        "20261125T110000Z",
        "20261123T122211Z",
        "20261124T000500Z",
        "20271123T110000Z",
        "20261123T200931Z",
    ][n];
    Broken::new(
        good,
        right(&Good {
            date: date.to_owned(),
            ..good.clone()
        }),
    )
}

fn clock_skew(good: &Good, n: usize) -> Option<Broken> {
    let at_server = |time: &str| vec!["--server-date".to_owned(), time.to_owned()];
    let fresh = right(&Good {
        date: "20261123T115900Z".to_owned(),
        ..good.clone()
    });
    match n {
        0 => Broken::new(good, fresh)?.with(|b| b.args = at_server("2026-11-23T11:00:00Z")),
        1 => {
            Broken::new(good, fresh)?.with(|b| b.args = at_server("Mon, 23 Nov 2026 15:30:00 GMT"))
        }
        2 => Broken::new(
            good,
            right(&Good {
                date: "20261123T120700Z".to_owned(),
                ..good.clone()
            }),
        ),
        3 => Broken::answered(
            good,
            error(
                "RequestTimeTooSkewed",
                "<RequestTime>20261123T110000Z</RequestTime><ServerTime>2026-11-23T10:13:00Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>",
            ),
        ),
        _ => Broken::answered(good, error("RequestTimeTooSkewed", "")),
    }
}

fn over_limit(good: &Good, n: usize) -> Option<Broken> {
    if good.host.contains("appdomain.cloud") {
        return None;
    }
    let expires = ["604801", "2592000", "31536000", "700000", "9999999"][n];
    Broken::new(
        good,
        right(&Good {
            expires: expires.to_owned(),
            ..good.clone()
        }),
    )
}

fn encoded_twice(good: &Good, n: usize) -> Option<Broken> {
    let url = right(good);
    let (path, query) = url.split_once('?').unwrap();
    match n {
        0 => Broken::new(good, format!("{path}?{}", query.replace('%', "%25"))),
        1 => Broken::new(good, encode(&url, COMPONENT)),
        2 if !path.contains('%') => Broken::new(good, url.replace('%', "%25")),
        3 => Broken::new(good, format!("{path}?{}", query.replace('%', "%2525"))),
        4 => Broken::new(
            good,
            format!("{path}{}", encode(&format!("?{query}"), COMPONENT)),
        ),
        _ => None,
    }
}

fn signature_malformed(good: &Good, n: usize) -> Option<Broken> {
    let url = right(good);
    let (front, signature) = url.split_at(url.len() - 64);
    let last = if signature.ends_with('0') { "1" } else { "0" };
    Broken::new(
        good,
        match n {
            0 => format!("{front}{}", signature.to_uppercase()),
            1 => format!("{front}g{}", &signature[1..]),
            2 => format!("{url}ab"),
            3 => format!("{front}{}{last}", &signature[..63]),
            _ => format!(
                "{}&x-id=GetObject",
                url.replace(signature, &signature[..60])
            ),
        },
    )
    .filter(|broken| broken.url != url)
}

fn signed_headers_malformed(good: &Good, n: usize) -> Option<Broken> {
    let url = right(good);
    let names = good
        .headers
        .keys()
        .cloned()
        .chain(["host".to_owned()])
        .collect::<BTreeSet<_>>();
    let list = encode(&names.into_iter().collect::<Vec<_>>().join(";"), COMPONENT);
    let with = |other: &str| {
        Broken::new(
            good,
            url.replace(
                &format!("SignedHeaders={list}"),
                &format!("SignedHeaders={other}"),
            ),
        )
    };
    match n {
        0 => with(""),
        1 if list.contains("%3B") => with(&list.replace("%3B", "%253B")),
        2 if list.contains("%3B") => with(&list.replace("%3B", "%2C")),
        3 if list.contains("%3B") => with(&list.replace("host", "").replace("%3B%3B", "%3B")),
        _ => Broken::answered(
            good,
            error("AccessDenied", "<HeadersNotSigned>host</HeadersNotSigned>"),
        ),
    }
}

fn two_auth(good: &Good, n: usize) -> Option<Broken> {
    let with_header = |value: &str| {
        Broken::new(good, right(good))?.with(|broken| {
            broken
                .headers
                .insert("authorization".to_owned(), value.to_owned());
        })
    };
    match n {
        0 => with_header("Bearer eyJ"),
        1 => with_header("Basic dXNlcjpwYXNz"),
        2 => Broken::new(
            good,
            format!("{}&AWSAccessKeyId=x&Expires=1&Signature=y", right(good)),
        ),
        3 => Broken::answered(
            good,
            error(
                "InvalidArgument",
                "<ArgumentName>Authorization</ArgumentName>",
            ),
        ),
        _ => with_header("AWS4-HMAC-SHA256 Credential=x"),
    }
}

fn port_in_host(good: &Good, n: usize) -> Option<Broken> {
    match (n, good.host.split_once(':')) {
        (0, Some((name, _))) => Broken::slipped(good, slip(|s| s.host = Some(name.to_owned()))),
        (1, Some((name, _))) => Broken::new(
            good,
            right(good).replacen(&good.host, &format!("{name}:8443"), 1),
        ),
        (2, Some((name, _))) => Broken::new(good, right(good).replacen(&good.host, name, 1)),
        (3, None) => Broken::slipped(good, slip(|s| s.host = Some(format!("{}:443", good.host)))),
        (4, None) => Broken::slipped(good, slip(|s| s.host = Some(format!("{}:8080", good.host)))),
        _ => None,
    }
}

fn proxy_rewrote_host(good: &Good, n: usize) -> Option<Broken> {
    let seen = |host: &str| {
        Broken::new(good, right(good))?
            .with(|b| b.args = vec!["--host".to_owned(), host.to_owned()])
    };
    match n {
        0 => seen("minio:9000"),
        1 => seen("backend.internal"),
        2 => Broken::slipped(
            good,
            slip(|s| s.uri = Some(format!("/s3{}", encode(&good.path(), PATH)))),
        ),
        3 => Broken::slipped(
            good,
            slip(|s| s.url_path = Some(format!("/storage{}", good.path()))),
        ),
        _ => {
            let signed = sign_fully(good, &Slip::default());
            let changed = signed
                .canonical_request
                .replace(&format!("host:{}", good.host), "host:10.0.0.7:9000");
            Broken::answered(good, mismatch(&changed))
        }
    }
}

fn wrong_host(good: &Good, n: usize) -> Option<Broken> {
    let path_style = !good.base.is_empty();
    let moved = |host: &str| right(good).replacen(&good.host, host, 1);
    let configured = |broken: &mut Broken| {
        broken.variables.push((
            "AWS_ENDPOINT_URL_S3".to_owned(),
            format!("{}://{}", good.scheme, good.host),
        ));
    };
    match n {
        0 => Broken::slipped(good, slip(|s| s.host = Some("minio:9000".to_owned()))),
        1 => Broken::slipped(good, slip(|s| s.host = Some("localhost:9000".to_owned()))),
        2 if path_style => Broken::new(good, moved("files.customer.example"))?.with(configured),
        3 if good.host.starts_with("my-bucket.s3.eu-west-1") => Broken::slipped(
            good,
            slip(|s| s.host = Some("my-bucket.s3.amazonaws.com".to_owned())),
        ),
        4 if good.host.ends_with("appdomain.cloud") => Broken::slipped(
            good,
            slip(|s| s.host = Some(good.host.replace("s3.", "s3.private."))),
        ),
        5 if path_style && !good.host.contains(':') => {
            Broken::new(good, moved("cdn.customer.example"))?.with(configured)
        }
        _ => None,
    }
}

fn wrong_addressing(good: &Good, n: usize) -> Option<Broken> {
    let key = encode(good.key, PATH);
    match (n, good.host.strip_prefix("my-bucket.")) {
        (0, None) if !good.host.starts_with("127.") => Broken::slipped(
            good,
            slip(|s| {
                (s.host, s.uri) = (
                    Some(format!("my-bucket.{}", good.host)),
                    Some(format!("/{key}")),
                )
            }),
        ),
        (1, Some(host)) => Broken::slipped(
            good,
            slip(|s| (s.host, s.uri) = (Some(host.to_owned()), Some(format!("/my-bucket/{key}")))),
        ),
        (2, Some(_)) => Broken::new(
            good,
            right(&Good {
                base: "/my-bucket",
                ..good.clone()
            }),
        ),
        (3, None) => Broken::answered(
            good,
            error("NoSuchBucket", "<BucketName>another-bucket</BucketName>"),
        ),
        _ => None,
    }
}

fn checksum_empty(good: &Good, n: usize) -> Option<Broken> {
    let (name, value) = [
        ("x-amz-checksum-crc32", "AAAAAA=="),
        (
            "x-amz-checksum-sha256",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        ),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("x-amz-checksum-crc32c", "AAAAAA=="),
        ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    ][n];
    let mut with = Good {
        query: vec![(name.to_owned(), value.to_owned())],
        ..good.clone()
    };
    with.query.push((
        "x-amz-sdk-checksum-algorithm".to_owned(),
        "CRC32".to_owned(),
    ));
    (good.method == "PUT")
        .then(|| Broken::new(good, right(&with)))
        .flatten()
}

fn checksum_ignored(good: &Good, n: usize) -> Option<Broken> {
    let name = [
        "x-amz-checksum-crc32",
        "x-amz-checksum-sha256",
        "x-amz-checksum-sha1",
        "x-amz-checksum-crc32c",
        "x-amz-checksum-crc64nvme",
    ][n];
    let with = Good {
        query: vec![(name.to_owned(), "sOO8/Q==".to_owned())],
        ..good.clone()
    };
    (good.method == "PUT")
        .then(|| Broken::new(good, right(&with)))
        .flatten()
}

fn chunked(good: &Good, n: usize) -> Option<Broken> {
    match n {
        0 => Broken::new(good, right(good))?.with(|broken| {
            broken
                .headers
                .insert("transfer-encoding".to_owned(), "chunked".to_owned());
        }),
        1 => Broken::answered(
            good,
            error("NotImplemented", "<Header>Transfer-Encoding</Header>"),
        ),
        _ => Broken::answered(good, error("MissingContentLength", "")),
    }
}

fn not_latin1(good: &Good, n: usize) -> Option<Broken> {
    let name = [
        "日本.pdf",
        "Отчёт.pdf",
        "\u{1f600}.png",
        "πίνακας.csv",
        "żółć.txt",
    ][n];
    let disposition = (
        "response-content-disposition".to_owned(),
        format!("attachment; filename=\"{name}\""),
    );
    let with = Good {
        query: vec![disposition],
        ..good.clone()
    };
    (good.method == "GET")
        .then(|| Broken::new(good, right(&with)))
        .flatten()
}

fn private_endpoint(good: &Good, n: usize) -> Option<Broken> {
    let (network, location) = [
        ("private", "us-south"),
        ("direct", "eu-de"),
        ("private", "us"),
        ("direct", "jp-tok"),
        ("private", "ams03"),
    ][n];
    let host = format!("s3.{network}.{location}.cloud-object-storage.appdomain.cloud");
    Broken::new(
        good,
        right(&Good {
            host,
            base: "/my-bucket",
            region: location,
            scheme: "https",
            ..good.clone()
        }),
    )
}

fn global_endpoint(good: &Good, n: usize) -> Option<Broken> {
    let region = [
        "eu-central-1",
        "ap-southeast-2",
        "eu-south-1",
        "us-west-2",
        "sa-east-1",
    ][n % 5];
    let host = "my-bucket.s3.amazonaws.com".to_owned();
    let global = Good {
        host,
        base: "",
        region,
        scheme: "https",
        ..good.clone()
    };
    let broken = Broken::new(good, right(&global))?;
    if n < 5 {
        Some(broken)
    } else {
        broken.with(|b| b.response = Some(error("IllegalLocationConstraintException", "")))
    }
}

fn redirected(good: &Good, n: usize) -> Option<Broken> {
    Broken::answered(
        good,
        match n {
            0 => error("PermanentRedirect", "<Endpoint>my-bucket.s3.eu-north-1.amazonaws.com</Endpoint>"),
            1 => error("TemporaryRedirect", "<Endpoint>my-bucket.s3.ap-east-1.amazonaws.com</Endpoint>"),
            2 => "HTTP/1.1 307 Temporary Redirect\nLocation: https://elsewhere.example/k\nx-amz-bucket-region: eu-north-1\n\n"
                .to_owned(),
            3 => "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: eu-north-1\r\n\r\n".to_owned(),
            _ => "HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n\r\n<html></html>".to_owned(),
        },
    )
}

fn version_2(good: &Good, n: usize) -> Option<Broken> {
    let host = pick(
        &[
            "my-bucket.s3.amazonaws.com",
            "s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket",
            "minio:9000/b",
        ],
        n,
    );
    let url = format!(
        "https://{host}/k?AWSAccessKeyId={}&Expires=1795434000&Signature=abc%3D",
        good.id
    );
    let broken = Broken::new(good, url)?;
    match n / 3 {
        0 => Some(broken),
        _ => broken.with(|b| b.response = Some(error("InvalidRequest", ""))),
    }
}

fn stated(good: &Good, codes: &[&str], n: usize) -> Option<Broken> {
    Broken::answered(good, error(codes[n % codes.len()], ""))
}

fn no_such_key(good: &Good, n: usize) -> Option<Broken> {
    match n {
        3 => Broken::new(good, right(good))?
            .with(|b| b.args = vec!["--status".to_owned(), "404".to_owned()]),
        n => stated(good, &["NoSuchKey", "NoSuchVersion"], n),
    }
}

fn no_such_bucket(good: &Good, n: usize) -> Option<Broken> {
    match n {
        0 => Broken::answered(
            good,
            error("NoSuchBucket", "<BucketName>my-bucket</BucketName>"),
        ),
        n => stated(good, &["NoSuchBucket", "InvalidBucketName"], n),
    }
}

fn access_denied(good: &Good, n: usize) -> Option<Broken> {
    match n {
        1 => Broken::answered(good, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
        2 => Broken::answered(good, error("AccessDenied", ""))?.with(|broken| broken.keys = false),
        n => stated(good, &["AccessDenied", "Forbidden", "AllAccessDisabled"], n),
    }
}

fn server_has_other_secret(good: &Good, n: usize) -> Option<Broken> {
    match n {
        0 => Broken::answered(
            good,
            mismatch(&sign_fully(good, &Slip::default()).canonical_request),
        ),
        _ => Broken::answered(good, error("SignatureDoesNotMatch", "")),
    }
}

fn policy_failed(good: &Good, n: usize) -> Option<Broken> {
    let mut broken = Broken::answered(
        good,
        error(
            ["InvalidPolicyDocument", "EntityTooLarge", "EntityTooSmall"][n % 3],
            "",
        ),
    )?;
    broken.url = format!("https://{}/my-bucket", good.host);
    broken.method = "POST".to_owned();
    broken.headers.clear();
    Some(broken)
}

fn header_by_proxy(good: &Good, n: usize) -> Option<Broken> {
    let name = [
        "accept-encoding",
        "user-agent",
        "x-forwarded-for",
        "te",
        "via",
    ][n];
    let mut with = good.clone();
    with.headers.insert(name.to_owned(), "gzip".to_owned());
    Broken::new(&with, right(&with))
}

fn error(code: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message></Message>{more}<RequestId>4442587FB7D0A2F9</RequestId><httpStatusCode>403</httpStatusCode></Error>"
    )
}

fn mismatch(canonical_request: &str) -> String {
    error(
        "SignatureDoesNotMatch",
        &format!(
            "<CanonicalRequestBytes>{}</CanonicalRequestBytes>",
            hex::encode(canonical_request)
        ),
    )
}

/// Code, how many variants, and how it is made.
const MISTAKES: &[(&str, usize, Breaker)] = &[
    ("access-denied", 5, access_denied),
    ("checksum-not-enforced", 5, checksum_ignored),
    ("checksum-of-empty-body", 5, checksum_empty),
    ("chunked-body", 3, chunked),
    ("clock-skew", 5, clock_skew),
    ("credential-not-encoded", 1, credential_not_encoded),
    ("disposition-not-latin1", 5, not_latin1),
    ("expired", 5, expired),
    ("expiry-over-limit", 5, over_limit),
    ("global-endpoint", 6, global_endpoint),
    ("header-not-signed", 10, header_not_signed),
    ("header-rewritten-by-proxy", 5, header_by_proxy),
    ("html-escaped-ampersand", 5, html_escaped),
    ("key-changed", 6, key_changed),
    ("local-time-not-utc", 5, local_time),
    ("no-such-bucket", 3, no_such_bucket),
    ("no-such-key", 4, no_such_key),
    ("not-yet-valid", 5, not_yet_valid),
    ("path-dot-segments", 5, path_dots),
    ("path-double-encoded", 2, path_double_encoded),
    ("path-not-encoded", 4, path_not_encoded),
    ("path-slashes-changed", 6, path_slashes),
    ("payload-hash-mismatch", 5, payload_hash),
    ("percent-encoded-twice", 5, encoded_twice),
    ("plus-for-space", 4, plus_for_space),
    ("policy-condition-failed", 3, policy_failed),
    ("port-in-host", 5, port_in_host),
    ("private-endpoint", 5, private_endpoint),
    ("proxy-rewrote-host", 5, proxy_rewrote_host),
    ("query-order", 2, query_order),
    ("query-parameter-added", 6, parameter_added),
    ("query-parameter-changed", 5, parameter_changed),
    ("query-parameter-removed", 5, parameter_removed),
    ("redirected", 5, redirected),
    ("scope-date-mismatch", 9, scope_date),
    ("secret-encoding", 7, secret_encoding),
    ("secret-whitespace", 8, secret_whitespace),
    ("server-has-other-secret", 2, server_has_other_secret),
    ("signature-malformed", 5, signature_malformed),
    ("signature-version-2", 6, version_2),
    ("signed-header-changed", 6, header_changed),
    ("signed-header-missing", 1, header_missing),
    ("signed-headers-malformed", 5, signed_headers_malformed),
    ("token-expired", 3, token_expired),
    ("token-missing", 4, token_missing),
    ("token-unsigned", 1, token_unsigned),
    ("two-auth-mechanisms", 5, two_auth),
    ("unicode-normalization", 2, unicode),
    ("url-truncated", 6, truncated),
    ("url-wrapped", 8, wrapped),
    ("wrong-access-key", 6, wrong_access_key),
    ("wrong-addressing", 4, wrong_addressing),
    ("wrong-host", 6, wrong_host),
    ("wrong-method", 5, wrong_method),
    ("wrong-region", 15, wrong_region),
    ("wrong-secret", 5, wrong_secret),
    ("wrong-service", 10, wrong_service),
];

// What has to hold

/// What went wrong with one code.
fn failures(
    seed: u64,
    each: usize,
    (code, variants, breaker): &(&str, usize, Breaker),
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut made = 0;
    for variant in 0..*variants {
        let mut dice = Dice(seed ^ (variant as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        // Codes with few variants get more requests of each, so that every code is met in several ways.
        let wanted = each.max(5_usize.div_ceil(*variants));
        let mut done = 0;
        for _ in 0..400 {
            let good = Good::draw(&mut dice);
            let Some(broken) = breaker(&good, variant).filter(|_| done < wanted) else {
                continue;
            };
            done += 1;
            let told = diagnose(&good, &broken);
            if told.findings[0] != *code || told.code != 1 || told.verdict != *code {
                let args = broken.args.join(" ");
                wrong.push(format!(
                    "{code} {variant}: {:?}, {} {args} {}",
                    told.findings, broken.method, broken.url
                ));
            }
        }
        made += done;
    }
    assert!(made >= 5, "{code}: {made} instances");
    wrong
}

#[test]
fn the_first_finding_is_the_cause() {
    let seed = seed();
    let each = count(2);
    // Two halves at a time: some searches go on to their end.
    let (even, odd): (Vec<_>, Vec<_>) = MISTAKES
        .iter()
        .enumerate()
        .partition(|(index, _)| index % 2 == 0);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let halves = [even, odd].map(|half| {
            scope.spawn(move || {
                half.iter()
                    .flat_map(|(_, mistake)| failures(seed, each, mistake))
                    .collect::<Vec<_>>()
            })
        });
        halves
            .into_iter()
            .flat_map(|half| half.join().unwrap())
            .collect()
    });
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Mistakes of the signer and of the text, from different places so that both stay visible.
type SlipMaker = fn(&Good, &mut Slip) -> Option<()>;
type TextMaker = fn(&Good, &str) -> Option<String>;

const SLIPS: &[(&str, SlipMaker)] = &[
    ("secret-whitespace", |good, slip| {
        slip.secret = Some(format!("{}\r\n", good.secret).into_bytes());
        Some(())
    }),
    ("secret-encoding", |good, slip| {
        slip.secret = good
            .secret
            .contains('/')
            .then(|| good.secret.replace('/', "").into_bytes());
        slip.secret.is_some().then_some(())
    }),
    ("wrong-region", |good, slip| {
        slip.key_region = Some(if good.region == "us-east-1" {
            "eu-west-1"
        } else {
            "us-east-1"
        });
        Some(())
    }),
    ("wrong-service", |_, slip| {
        slip.key_service = Some("iam");
        Some(())
    }),
    ("scope-date-mismatch", |_, slip| {
        slip.key_date = Some("20261122");
        Some(())
    }),
    ("local-time-not-utc", |_, slip| {
        slip.timestamp = Some("20261123T130000Z");
        Some(())
    }),
    ("path-double-encoded", |good, slip| {
        let once = encode(&good.path(), PATH);
        slip.uri = once.contains('%').then(|| encode(&once, PATH));
        slip.uri.is_some().then_some(())
    }),
    ("path-slashes-changed", |good, slip| {
        slip.uri = Some(format!("{}/", encode(&good.path(), PATH)));
        Some(())
    }),
    ("payload-hash-mismatch", |_, slip| {
        slip.payload = Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        Some(())
    }),
    ("port-in-host", |good, slip| {
        slip.host = Some(
            good.host
                .split_once(':')
                .map_or(format!("{}:443", good.host), |(name, _)| name.to_owned()),
        );
        Some(())
    }),
    ("wrong-method", |good, slip| {
        slip.method = Some(if good.method == "GET" { "PUT" } else { "GET" });
        Some(())
    }),
    ("token-unsigned", |good, slip| {
        slip.pairs = Some(|pairs| pairs.retain(|(name, _)| name != "X-Amz-Security-Token"));
        good.token.map(|_| ())
    }),
];

const TEXTS: &[(&str, TextMaker)] = &[
    ("query-parameter-added", |_, url| {
        Some(format!("{url}&utm_source=mail"))
    }),
    ("query-parameter-changed", |_, url| {
        Some(url.replace("X-Amz-Expires=7200", "X-Amz-Expires=86400"))
    }),
    ("html-escaped-ampersand", |_, url| {
        Some(url.replace('&', "&amp;"))
    }),
    ("url-wrapped", |_, url| Some(format!("<{url}>"))),
];

#[test]
fn both_of_two_mistakes_are_named_first() {
    let mut dice = Dice(seed());
    let mut wrong = Vec::new();
    let mut done = 0;
    while done < count(30) {
        let good = Good::draw(&mut dice);
        let mut slip = Slip::default();
        let (first, make) = SLIPS[dice.below(SLIPS.len())];
        let Some(()) = make(&good, &mut slip) else {
            continue;
        };
        let (second, url) = if dice.chance(40) {
            let (second, change) = TEXTS[dice.below(TEXTS.len())];
            let Some(url) = change(&good, &sign(&good, &slip)) else {
                continue;
            };
            (second, url)
        } else {
            let (second, make) = SLIPS[dice.below(SLIPS.len())];
            let same_place = (slip.uri.is_some() && second.starts_with("path-"))
                || (slip.secret.is_some() && second.starts_with("secret-"));
            if second == first || same_place || make(&good, &mut slip).is_none() {
                continue;
            }
            (second, sign(&good, &slip))
        };
        done += 1;
        let broken = Broken::new(&good, url).unwrap();
        let told = diagnose(&good, &broken);
        let named: BTreeSet<&str> = told.findings.iter().take(2).map(String::as_str).collect();
        if named != BTreeSet::from([first, second]) || told.code != 1 {
            wrong.push(format!(
                "{first} + {second}: {:?}, {} {}",
                told.findings, broken.method, broken.url
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {done} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn valid_urls_are_ok() {
    let mut dice = Dice(seed());
    let mut wrong = Vec::new();
    for _ in 0..count(2000) {
        let mut good = Good::draw(&mut dice);
        good.date = format!(
            "{DAY}T{:02}{:02}{:02}Z",
            10 + dice.below(2),
            dice.below(60),
            dice.below(60)
        );
        good.expires = (7200 + dice.below(590_000)).to_string();
        let broken = Broken::new(&good, right(&good)).unwrap();
        let told = diagnose(&good, &broken);
        if told.verdict != "ok" || told.findings != ["ok"] || told.code != 0 {
            wrong.push(format!(
                "{:?}, {} {}",
                told.findings, broken.method, broken.url
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
