//! Everything below the canonical request: timestamp, credential scope, and the key with the secret
//! in it.

use std::fmt;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Candidate, Cause, Clues, Observed, Tried, tried};
use crate::sigv4::{
    Algorithm, CredentialScope, KeyPair, PublicKey, Secret, SigningKeySteps, encode,
};

/// Date, region, service.
#[derive(Clone, PartialEq, Eq)]
pub struct Scope {
    pub date: Rc<str>,
    pub region: Rc<str>,
    pub service: Rc<str>,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scope {
            date,
            region,
            service,
        } = self;
        match &**region {
            "" => write!(f, "{date}/{service}/{}", CredentialScope::TERMINATOR),
            region => write!(
                f,
                "{date}/{region}/{service}/{}",
                CredentialScope::TERMINATOR
            ),
        }
    }
}

/// What turns the hash of a canonical request into a signature.
#[derive(Clone)]
pub struct Stamp {
    pub timestamp: Rc<str>,
    /// In the string to sign.
    pub scope: Scope,
    /// In the key.
    pub key_scope: Scope,
    pub secret: Rc<Secret>,
    /// The access key id of the key pair.
    access_key_id: Rc<str>,
    key: Key,
    /// First three lines of the string to sign.
    head: Rc<str>,
    /// The HMAC that has taken in the head already: one signature is compared with many requests.
    started: Option<Hmac<Sha256>>,
}

#[derive(Clone)]
enum Key {
    /// HMAC with the signing key taken in already.
    Hmac(Hmac<Sha256>),
    Ecdsa(Rc<PublicKey>),
}

impl Key {
    fn new(algorithm: Algorithm, scope: &Scope, access_key_id: &str, secret: &Secret) -> Key {
        match algorithm {
            Algorithm::HmacSha256 => {
                let keys =
                    SigningKeySteps::of_fields(secret, &scope.date, &scope.region, &scope.service);
                // HMAC takes keys of every length (RFC 2104).
                #[allow(clippy::expect_used, reason = "unreachable: see above")]
                let mac = Hmac::<Sha256>::new_from_slice(&keys.signing)
                    .expect("HMAC accepts keys of any length");
                Key::Hmac(mac)
            }
            Algorithm::EcdsaP256Sha256 => {
                Key::Ecdsa(Rc::new(KeyPair::derive(access_key_id, secret).public_key()))
            }
        }
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Key::Hmac(_) => Algorithm::HmacSha256,
            Key::Ecdsa(_) => Algorithm::EcdsaP256Sha256,
        }
    }
}

impl Stamp {
    pub fn of(observed: &Observed, secret: &Secret) -> Stamp {
        let scope = Scope {
            date: observed.date.as_str().into(),
            region: observed.region.as_str().into(),
            service: observed.service.as_str().into(),
        };
        let timestamp: Rc<str> = observed.timestamp.as_str().into();
        let key = Key::new(observed.algorithm, &scope, &observed.access_key_id, secret);
        Stamp {
            head: head(observed.algorithm, &timestamp, &scope),
            key_scope: scope.clone(),
            secret: Rc::new(secret.clone()),
            access_key_id: observed.access_key_id.as_str().into(),
            timestamp,
            scope,
            key,
            started: None,
        }
        .start()
    }

    /// To be called whenever key or head have changed.
    fn start(mut self) -> Stamp {
        self.started = match &self.key {
            Key::Hmac(mac) => Some(mac.clone().chain_update(self.head.as_bytes())),
            Key::Ecdsa(_) => None,
        };
        self
    }

    /// Another day, region or service, in the string to sign and in the key.
    pub fn at(&self, timestamp: Rc<str>, scope: Scope) -> Stamp {
        Stamp {
            head: head(self.key.algorithm(), &timestamp, &scope),
            timestamp,
            key: self.key_for(&scope),
            key_scope: scope.clone(),
            scope,
            ..self.clone()
        }
        .start()
    }

    /// Whether the signature is one of this canonical request.
    pub fn made(&self, signature: &[u8], canonical_request_sha256: &[u8; 32]) -> bool {
        match &self.key {
            Key::Hmac(_) => self
                .hmac(canonical_request_sha256)
                .is_some_and(|made| made == signature),
            Key::Ecdsa(key) => key.verify(
                self.string_to_sign(canonical_request_sha256).as_bytes(),
                signature,
            ),
        }
    }

    /// The signature, where there is only one.
    pub fn hmac(&self, canonical_request_sha256: &[u8; 32]) -> Option<[u8; 32]> {
        let mut mac = self.started.clone()?;
        let mut hash = [0; 64];
        // 64 digits fit 32 bytes.
        let _ = hex::encode_to_slice(canonical_request_sha256, &mut hash);
        mac.update(&hash);
        Some(mac.finalize().into_bytes().into())
    }

    /// A key pair belongs to no day, region or service.
    pub fn key_has_scope(&self) -> bool {
        matches!(self.key, Key::Hmac(_))
    }

    pub fn string_to_sign(&self, canonical_request_sha256: &[u8; 32]) -> String {
        format!("{}{}", self.head, hex::encode(canonical_request_sha256))
    }

    fn key_for(&self, scope: &Scope) -> Key {
        match &self.key {
            Key::Hmac(_) => Key::new(Algorithm::HmacSha256, scope, "", &self.secret),
            Key::Ecdsa(key) => Key::Ecdsa(Rc::clone(key)),
        }
    }

    fn with_key_scope(&self, key_scope: Scope) -> Stamp {
        Stamp {
            key: self.key_for(&key_scope),
            key_scope,
            ..self.clone()
        }
        .start()
    }

    fn with_scope(&self, scope: Scope) -> Stamp {
        self.at(self.timestamp.clone(), scope)
    }

    /// Another scope in the string to sign, with the key of this one.
    fn with_scope_text(&self, scope: Scope) -> Stamp {
        Stamp {
            head: head(self.key.algorithm(), &self.timestamp, &scope),
            scope,
            ..self.clone()
        }
        .start()
    }

    pub fn with_secret(&self, secret: Secret) -> Stamp {
        let key = Key::new(
            self.key.algorithm(),
            &self.key_scope,
            &self.access_key_id,
            &secret,
        );
        Stamp {
            key,
            secret: Rc::new(secret),
            ..self.clone()
        }
        .start()
    }

    /// Id and secret of other credentials: both are in a key pair.
    pub fn with_candidate(&self, candidate: &Candidate) -> Stamp {
        let of_other = Stamp {
            access_key_id: candidate.access_key_id.as_str().into(),
            ..self.clone()
        };
        of_other.with_secret(candidate.secret.clone())
    }

    /// The time of day is not in the key.
    pub fn with_timestamp(&self, timestamp: &str) -> Stamp {
        Stamp {
            timestamp: timestamp.into(),
            head: head(self.key.algorithm(), timestamp, &self.scope),
            ..self.clone()
        }
        .start()
    }
}

/// First three lines of the string to sign, each with its line feed.
fn head(algorithm: Algorithm, timestamp: &str, scope: &Scope) -> Rc<str> {
    format!("{}\n{timestamp}\n{scope}\n", algorithm.as_str()).into()
}

/// What is varied, in the order in which one variation may follow another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Secret,
    Region,
    Service,
    Date,
    Time,
}

impl Part {
    /// What may be varied next. A secret may have been damaged twice; the rest can only be one
    /// thing or another.
    pub fn next(self) -> Option<Part> {
        match self {
            Part::Secret => Some(Part::Secret),
            Part::Region => Some(Part::Service),
            Part::Service => Some(Part::Date),
            Part::Date => Some(Part::Time),
            Part::Time => None,
        }
    }
}

pub fn vary(
    stamp: &Stamp,
    from: Part,
    observed: &Observed,
    candidates: &[Candidate],
    clues: &Clues,
    yield_: &mut dyn FnMut(Part, Tried, Stamp),
) {
    if from <= Part::Secret {
        vary_secret(stamp, observed, candidates, yield_);
    }
    if from <= Part::Region && stamp.key_has_scope() {
        vary_region(stamp, &clues.regions, yield_);
    }
    if from <= Part::Service {
        vary_service(stamp, yield_);
    }
    if from <= Part::Date {
        vary_date(stamp, yield_);
    }
    vary_time(stamp, yield_);
}

fn vary_secret(
    stamp: &Stamp,
    observed: &Observed,
    candidates: &[Candidate],
    yield_: &mut dyn FnMut(Part, Tried, Stamp),
) {
    let mut give = |cause, note, bytes: Vec<u8>| {
        let secret = Secret::new(bytes);
        if secret.expose_secret() != stamp.secret.expose_secret() {
            yield_(Part::Secret, tried(cause, note), stamp.with_secret(secret));
        }
    };
    for candidate in candidates {
        give(
            Cause::OtherSecret,
            "the secret of other credentials",
            candidate.secret.expose_secret().to_vec(),
        );
    }
    let secret = Zeroizing::new(stamp.secret.expose_secret().to_vec());
    whitespace_variants(&secret, &mut give);
    let id = observed.access_key_id.as_bytes();
    for (note, before) in [
        ("the access key id and a colon before the secret", &b":"[..]),
        ("the access key id and a space before the secret", b" "),
        ("the access key id and a comma before the secret", b","),
    ] {
        give(Cause::SecretEncoding, note, [id, before, &secret].concat());
    }
    encoding_variants(&secret, &mut give);
    give(
        Cause::OtherSecret,
        "the access key id in place of the secret",
        observed.access_key_id.as_bytes().to_vec(),
    );
    give(Cause::OtherSecret, "an empty secret", Vec::new());
}

/// What files, shells and copying add, and the same removed, should the secret at hand be the
/// damaged one.
fn whitespace_variants(secret: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let around: [(&str, &[u8], &[u8]); 17] = [
        ("a line feed at the end of the secret", b"", b"\n"),
        (
            "a carriage return and line feed at the end of the secret",
            b"",
            b"\r\n",
        ),
        ("a carriage return at the end of the secret", b"", b"\r"),
        ("a space at the end of the secret", b"", b" "),
        ("a space before the secret", b" ", b""),
        ("spaces around the secret", b" ", b" "),
        ("a tab at the end of the secret", b"", b"\t"),
        ("a tab before the secret", b"\t", b""),
        ("a line feed before the secret", b"\n", b""),
        ("two line feeds at the end of the secret", b"", b"\n\n"),
        ("a byte order mark before the secret", b"\xef\xbb\xbf", b""),
        (
            "a no-break space at the end of the secret",
            b"",
            b"\xc2\xa0",
        ),
        ("a zero byte at the end of the secret", b"", b"\0"),
        ("double quotes around the secret", b"\"", b"\""),
        ("single quotes around the secret", b"'", b"'"),
        ("a double quote at the end of the secret", b"", b"\""),
        ("a backslash and `n` at the end of the secret", b"", b"\\n"),
    ];
    for (note, before, after) in around {
        give(
            Cause::SecretWhitespace,
            note,
            [before, secret, after].concat(),
        );
    }
    for (note, before, after) in [
        (
            "a space and a line feed at the end of the secret",
            &b""[..],
            &b" \n"[..],
        ),
        (
            "a zero-width space at the end of the secret",
            b"",
            b"\xe2\x80\x8b",
        ),
        ("a comma at the end of the secret", b"", b","),
        ("a semicolon at the end of the secret", b"", b";"),
        ("a double quote before the secret", b"\"", b""),
        ("backquotes around the secret", b"`", b"`"),
        ("two spaces at the end of the secret", b"", b"  "),
        ("the `%` of a shell at the end of the secret", b"", b"%"),
        (
            "typographic quotes around the secret",
            b"\xe2\x80\x9c",
            b"\xe2\x80\x9d",
        ),
        (
            "low typographic quotes around the secret",
            b"\xe2\x80\x9e",
            b"\xe2\x80\x9c",
        ),
        (
            "single typographic quotes around the secret",
            b"\xe2\x80\x98",
            b"\xe2\x80\x99",
        ),
        ("guillemets around the secret", b"\xc2\xab", b"\xc2\xbb"),
        ("an equals sign before the secret", b"=", b""),
        ("an equals sign and a space before the secret", b"= ", b""),
        ("a colon before the secret", b":", b""),
        ("angle brackets around the secret", b"<", b">"),
        ("square brackets around the secret", b"[", b"]"),
        ("a full stop at the end of the secret", b"", b"."),
    ] {
        give(
            Cause::SecretWhitespace,
            note,
            [before, secret, after].concat(),
        );
    }
    give_stripped(secret, give);
}

/// The secret without what may be around and in it.
fn give_stripped(secret: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let text = secret.strip_prefix(b"\xef\xbb\xbf").unwrap_or(secret);
    give(
        Cause::SecretWhitespace,
        "the secret without the white space around it",
        text.trim_ascii().to_vec(),
    );
    if let [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] | [b'`', inner @ .., b'`'] = text {
        give(
            Cause::SecretWhitespace,
            "the secret without the quotes around it",
            inner.to_vec(),
        );
    }
    let inner = only(secret, |b| !b.is_ascii_whitespace());
    give(
        Cause::SecretWhitespace,
        "the secret without the white space in it",
        inner,
    );
}

fn encoding_variants(secret: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let mut encoded = |note, bytes| give(Cause::SecretEncoding, note, bytes);
    // What is made of a secret on the way to a variant is wiped as the variant is.
    let text = Zeroizing::new(String::from_utf8_lossy(secret).into_owned());
    percent_variants(secret, &text, &mut encoded);
    escape_variants(secret, &text, &mut encoded);
    base_variants(secret, &text, &mut encoded);
    missing_variants(secret, &mut encoded);
    encoded("the secret in lower case", secret.to_ascii_lowercase());
    encoded("the secret in upper case", secret.to_ascii_uppercase());
    let mut utf16 = Vec::with_capacity(2 * text.len());
    utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    encoded("the secret in UTF-16", utf16);
    encoded("the secret twice", secret.repeat(2));
}

/// Percent-encoding, and the decoding of forms.
fn percent_variants(secret: &[u8], text: &str, encoded: &mut dyn FnMut(&'static str, Vec<u8>)) {
    let encoded_once = Zeroizing::new(encode::component(secret).into_owned());
    encoded(
        "the secret percent-encoded",
        encoded_once.as_bytes().to_vec(),
    );
    encoded(
        "the secret percent-encoded in lower case",
        replaced(
            &encoded_once,
            &[("%2F", "%2f"), ("%2B", "%2b"), ("%3D", "%3d")],
        ),
    );
    encoded(
        "the secret percent-encoded but for its slashes",
        encode::path(secret).into_owned().into_bytes(),
    );
    encoded(
        "the secret percent-encoded twice",
        encode::component(encoded_once.as_bytes())
            .into_owned()
            .into_bytes(),
    );
    encoded("the secret percent-decoded", encode::decode_lenient(secret));
    encoded(
        "spaces for the `+` in the secret",
        replaced(text, &[("+", " ")]),
    );
    encoded(
        "`+` for the spaces in the secret",
        replaced(text, &[(" ", "+")]),
    );
    encoded(
        "the secret decoded as a form",
        encode::decode_lenient(&Zeroizing::new(replaced(text, &[("+", " ")]))),
    );
    encoded(
        "the slashes of the secret as `%2F`",
        replaced(text, &[("/", "%2F")]),
    );
    encoded(
        "the `+` of the secret as `%2B`",
        replaced(text, &[("+", "%2B")]),
    );
}

/// The escapes of JSON, HTML, make, Compose and shells.
fn escape_variants(secret: &[u8], text: &str, encoded: &mut dyn FnMut(&'static str, Vec<u8>)) {
    for (note, plus, slash) in [
        ("the secret with JSON escapes", "\\u002b", "/"),
        (
            "the secret with JSON escapes for `+` and `/`",
            "\\u002b",
            "\\u002f",
        ),
        (
            "the secret with JSON escapes for `+` and `/`",
            "\\u002B",
            "\\u002F",
        ),
        ("the secret with JSON escapes", "\\u002B", "/"),
        ("the secret with JSON escapes", "+", "\\u002f"),
        ("the secret with HTML escapes", "&#43;", "/"),
        ("the secret with HTML escapes", "&#43;", "&#47;"),
        ("the secret with HTML escapes", "&#x2B;", "&#x2F;"),
        ("the secret with HTML escapes", "+", "&#x2F;"),
        ("the secret with HTML escapes", "+", "&#47;"),
        ("the secret with HTML escapes", "&#x2b;", "/"),
        ("the secret with HTML escapes", "&plus;", "&sol;"),
    ] {
        encoded(note, replaced(text, &[("+", plus), ("/", slash)]));
    }
    encoded(
        "the secret with backslashes before its slashes",
        replaced(text, &[("/", "\\/")]),
    );
    encoded(
        "the secret with its backslashes doubled",
        replaced(text, &[("\\", "\\\\")]),
    );
    encoded(
        "the secret with its dollar signs doubled",
        replaced(text, &[("$", "$$")]),
    );
    encoded(
        "the secret with `$$` made one",
        replaced(text, &[("$$", "$")]),
    );
    encoded(
        "the secret with `&` as `&amp;`",
        replaced(text, &[("&", "&amp;")]),
    );
    encoded(
        "the secret with `&amp;` as `&`",
        replaced(text, &[("&amp;", "&")]),
    );
    encoded("the secret with its escapes resolved", unescaped(secret));
    encoded(
        "the secret after a shell has put in its variables",
        shell_expanded(secret),
    );
}

/// Base64 and hexadecimal digits.
fn base_variants(secret: &[u8], text: &str, encoded: &mut dyn FnMut(&'static str, Vec<u8>)) {
    encoded(
        "the secret as URL-safe base64",
        replaced(text, &[("+", "-"), ("/", "_")]),
    );
    encoded(
        "the secret from URL-safe base64",
        replaced(text, &[("-", "+"), ("_", "/")]),
    );
    for decoder in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE] {
        if let Ok(bytes) = decoder.decode(secret) {
            encoded("the secret base64-decoded", bytes);
        }
    }
    encoded(
        "the secret base64-encoded",
        STANDARD.encode(secret).into_bytes(),
    );
    encoded(
        "the secret base64-encoded with a line feed",
        STANDARD
            .encode(&*Zeroizing::new([secret, b"\n"].concat()))
            .into_bytes(),
    );
    if let Ok(bytes) = hex::decode(secret) {
        encoded("the secret decoded from hexadecimal", bytes);
    }
    encoded(
        "the secret in hexadecimal",
        hex::encode(secret).into_bytes(),
    );
}

/// Characters that a tool took away, or where it stopped to read.
fn missing_variants(secret: &[u8], encoded: &mut dyn FnMut(&'static str, Vec<u8>)) {
    let without = |unwanted: &[u8]| only(secret, |b| !unwanted.contains(&b));
    encoded("the secret without its slashes", without(b"/"));
    encoded("the secret without its `+`", without(b"+"));
    encoded("the secret without its `/` and `+`", without(b"/+"));
    encoded("the secret without its backslashes", without(b"\\"));
    encoded("the secret without its dollar signs", without(b"$"));
    encoded("the secret without the `=` at its end", without(b"="));
    for (note, stop) in [
        ("the secret up to its first `#`", b'#'),
        ("the secret up to its first `$`", b'$'),
        ("the secret up to its first `&`", b'&'),
        ("the secret up to its first `+`", b'+'),
        ("the secret up to its first `/`", b'/'),
        ("the secret up to its first `;`", b';'),
        ("the secret up to its first space", b' '),
        ("the secret up to its first `=`", b'='),
        ("the secret up to its first `:`", b':'),
        ("the secret up to its first `!`", b'!'),
        ("the secret up to its first `%`", b'%'),
    ] {
        if let Some(at) = secret.iter().position(|b| *b == stop) {
            encoded(note, secret[..at].to_vec());
        }
    }
    if let ([_, last @ ..], [first @ .., _]) = (secret, secret) {
        encoded("the secret without its first character", last.to_vec());
        encoded("the secret without its last character", first.to_vec());
    }
}

/// Those bytes of a secret, in a buffer that does not have to grow and leave a piece of it behind.
fn only(secret: &[u8], keep: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(secret.len());
    bytes.extend(secret.iter().copied().filter(|b| keep(*b)));
    bytes
}

/// One replacement after the other.
fn replaced(text: &str, pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut text = Zeroizing::new(text.to_owned());
    for (from, to) in pairs {
        let mut next = Zeroizing::new(String::with_capacity(
            text.len() + text.matches(from).count() * to.len(),
        ));
        for (index, piece) in text.split(from).enumerate() {
            next.push_str(if index > 0 { to } else { "" });
            next.push_str(piece);
        }
        text = next;
    }
    text.as_bytes().to_vec()
}

/// `\x` is `x`, as a shell reads it outside quotes.
fn unescaped(secret: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(secret.len());
    let mut bytes = secret.iter();
    while let Some(byte) = bytes.next() {
        plain.push(if *byte == b'\\' {
            bytes.next().copied().unwrap_or(b'\\')
        } else {
            *byte
        });
    }
    plain
}

/// `$name`, `${name}` and `$1` are nothing, as a shell makes of variables that are not set.
fn shell_expanded(secret: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::with_capacity(secret.len());
    let mut at = 0;
    while at < secret.len() {
        let rest = &secret[at + 1..];
        if secret[at] != b'$' || rest.is_empty() {
            expanded.push(secret[at]);
            at += 1;
            continue;
        }
        let length = match rest[0] {
            b'{' => rest
                .iter()
                .position(|b| *b == b'}')
                .map_or(0, |end| end + 1),
            b'0'..=b'9' | b'$' | b'@' | b'*' | b'#' | b'?' | b'-' | b'!' => 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => rest
                .iter()
                .position(|b| !b.is_ascii_alphanumeric() && *b != b'_')
                .unwrap_or(rest.len()),
            _ => 0,
        };
        if length == 0 {
            expanded.push(b'$');
        }
        at += 1 + length;
    }
    expanded
}

const SERVICES: [&str; 16] = [
    "s3",
    "S3",
    "s3express",
    "s3-object-lambda",
    "s3-outposts",
    "execute-api",
    "iam",
    "sts",
    "cos",
    "es",
    "lambda",
    "host",
    "storage",
    "cloudfront",
    "aoss",
    "service",
];

/// Regions that are less likely.
pub fn vary_far_region(stamp: &Stamp, clues: &Clues, yield_: &mut dyn FnMut(Part, Tried, Stamp)) {
    if stamp.key_has_scope() {
        vary_region(stamp, &clues.far_regions, yield_);
    }
}

fn vary_region(stamp: &Stamp, regions: &[String], yield_: &mut dyn FnMut(Part, Tried, Stamp)) {
    let signed = &stamp.scope;
    for region in regions.iter().filter(|region| ***region != *signed.region) {
        let value: Rc<str> = region.as_str().into();
        let about = Tried {
            cause: Cause::Region,
            note: "a key for the region",
            about: region,
        };
        yield_(
            Part::Region,
            about,
            stamp.with_key_scope(Scope {
                region: value.clone(),
                ..stamp.key_scope.clone()
            }),
        );
        let about = Tried {
            cause: Cause::Region,
            note: "a scope with the region",
            about: region,
        };
        yield_(
            Part::Region,
            about,
            stamp.with_scope(Scope {
                region: value.clone(),
                ..signed.clone()
            }),
        );
        let about = Tried {
            cause: about.cause,
            note: "a string to sign with the region",
            about: region,
        };
        yield_(
            Part::Region,
            about,
            stamp.with_scope_text(Scope {
                region: value,
                ..signed.clone()
            }),
        );
    }
}

fn vary_service(stamp: &Stamp, yield_: &mut dyn FnMut(Part, Tried, Stamp)) {
    let signed = &stamp.scope;
    for service in SERVICES
        .iter()
        .filter(|service| **service != &*signed.service)
    {
        let value: Rc<str> = (*service).into();
        let about = Tried {
            cause: Cause::Service,
            note: "a key for the service",
            about: service,
        };
        if stamp.key_has_scope() {
            yield_(
                Part::Service,
                about,
                stamp.with_key_scope(Scope {
                    service: value.clone(),
                    ..stamp.key_scope.clone()
                }),
            );
        }
        let about = Tried {
            cause: Cause::Service,
            note: "a scope with the service",
            about: service,
        };
        yield_(
            Part::Service,
            about,
            stamp.with_scope(Scope {
                service: value.clone(),
                ..signed.clone()
            }),
        );
        let about = Tried {
            cause: about.cause,
            note: "a string to sign with the service",
            about: service,
        };
        yield_(
            Part::Service,
            about,
            stamp.with_scope_text(Scope {
                service: value,
                ..signed.clone()
            }),
        );
    }
}

fn vary_date(stamp: &Stamp, yield_: &mut dyn FnMut(Part, Tried, Stamp)) {
    let signed = &stamp.scope;
    let days = [-7, -6, -5, -4, -3, -2, -1, 1, 2]
        .iter()
        .filter_map(|days| add_days(&signed.date, *days));
    let of_timestamp = stamp.timestamp.get(..8).map(str::to_owned);
    for date in of_timestamp
        .into_iter()
        .chain(days)
        .filter(|date| **date != *signed.date)
    {
        let value: Rc<str> = date.as_str().into();
        let about = Tried {
            cause: Cause::ScopeDate,
            note: "a key for the day",
            about: &date,
        };
        if stamp.key_has_scope() {
            yield_(
                Part::Date,
                about,
                stamp.with_key_scope(Scope {
                    date: value.clone(),
                    ..stamp.key_scope.clone()
                }),
            );
        }
        let about = Tried {
            cause: Cause::ScopeDate,
            note: "a scope with the day",
            about: &date,
        };
        yield_(
            Part::Date,
            about,
            stamp.with_scope(Scope {
                date: value.clone(),
                ..signed.clone()
            }),
        );
        let about = Tried {
            cause: about.cause,
            note: "a string to sign with the day",
            about: &date,
        };
        yield_(
            Part::Date,
            about,
            stamp.with_scope_text(Scope {
                date: value,
                ..signed.clone()
            }),
        );
    }
}

/// The string to sign may have the local time where `X-Amz-Date` has UTC. Time zones are whole
/// quarters of an hour.
fn vary_time(stamp: &Stamp, yield_: &mut dyn FnMut(Part, Tried, Stamp)) {
    for quarters in (-56_i64..=56).filter(|quarters| *quarters != 0) {
        let Some(local) = add_seconds(&stamp.timestamp, quarters * 900) else {
            return;
        };
        let about = Tried {
            cause: Cause::LocalTime,
            note: "the time in the string to sign",
            about: &local,
        };
        yield_(Part::Time, about, stamp.with_timestamp(&local));
        let date: Rc<str> = local[..8].into();
        if date != stamp.scope.date {
            let mut other = stamp.with_scope(Scope {
                date,
                ..stamp.scope.clone()
            });
            other = other.with_timestamp(&local);
            yield_(Part::Time, about, other);
        }
    }
}

/// A timestamp this many seconds later, in the same form.
pub fn add_seconds(timestamp: &str, seconds: i64) -> Option<String> {
    let time = chrono::NaiveDateTime::parse_from_str(timestamp, "%Y%m%dT%H%M%SZ").ok()?;
    let later = time.checked_add_signed(chrono::TimeDelta::try_seconds(seconds)?)?;
    Some(later.format("%Y%m%dT%H%M%SZ").to_string())
}

fn add_days(date: &str, days: i64) -> Option<String> {
    let date = chrono::NaiveDate::parse_from_str(date, "%Y%m%d").ok()?;
    Some(
        date.checked_add_signed(chrono::TimeDelta::try_days(days)?)?
            .format("%Y%m%d")
            .to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forensics::link;

    fn stamp(algorithm: Algorithm) -> Stamp {
        let mut observed = Observed {
            algorithm,
            ..link()
        };
        if algorithm == Algorithm::EcdsaP256Sha256 {
            observed.region.clear();
        }
        Stamp::of(&observed, &Secret::new("secret"))
    }

    #[test]
    fn another_day_leaves_the_algorithm_as_it_is() {
        for (algorithm, text) in [
            (
                Algorithm::HmacSha256,
                "AWS4-HMAC-SHA256\n20261124T000000Z\n20261124/eu-west-1/s3/aws4_request\n",
            ),
            (
                Algorithm::EcdsaP256Sha256,
                "AWS4-ECDSA-P256-SHA256\n20261124T000000Z\n20261124/s3/aws4_request\n",
            ),
        ] {
            let stamp = stamp(algorithm);
            let scope = Scope {
                date: "20261124".into(),
                ..stamp.scope.clone()
            };
            assert_eq!(
                &*stamp.at("20261124T000000Z".into(), scope.clone()).head,
                text
            );
            assert_eq!(
                &*stamp
                    .with_timestamp("20261124T000000Z")
                    .with_scope_text(scope)
                    .head,
                text
            );
        }
    }

    /// A key pair has no region, and no key of its own for each day and service.
    #[test]
    fn what_is_varied_of_a_key_pair() {
        let clues = Clues {
            regions: vec!["us-south".to_owned()],
            ..Clues::default()
        };
        // Key, scope or string to sign; of the key pair no key.
        for (algorithm, expected) in [
            (Algorithm::HmacSha256, [3, 3 * 15, 3 * 9]),
            (Algorithm::EcdsaP256Sha256, [0, 2 * 15, 2 * 9]),
        ] {
            let stamp = stamp(algorithm);
            let mut counts = [0; 3];
            vary(
                &stamp,
                Part::Region,
                &link(),
                &[],
                &clues,
                &mut |part, _, _| match part {
                    Part::Region => counts[0] += 1,
                    Part::Service => counts[1] += 1,
                    Part::Date => counts[2] += 1,
                    Part::Secret | Part::Time => {}
                },
            );
            assert_eq!(counts, expected, "{algorithm:?}");
        }
    }

    #[test]
    fn after_each_part_comes_the_next() {
        let parts = [
            Part::Secret,
            Part::Region,
            Part::Service,
            Part::Date,
            Part::Time,
        ];
        let next = [
            Some(Part::Secret),
            Some(Part::Service),
            Some(Part::Date),
            Some(Part::Time),
            None,
        ];
        assert_eq!(parts.map(Part::next), next);
    }

    #[test]
    fn quotes_are_taken_off_in_pairs() {
        for (secret, without) in [
            ("\"key\"", Some("key")),
            ("'key'", Some("key")),
            ("`key`", Some("key")),
            ("\"\"", Some("")),
            ("\u{feff}\"key\"", Some("key")),
            ("\"key'", None),
            ("'key", None),
            ("xkeyx", None),
            ("\"", None),
            ("", None),
        ] {
            let mut found = Vec::new();
            whitespace_variants(secret.as_bytes(), &mut |_, note, bytes| {
                if note == "the secret without the quotes around it" {
                    found.push(bytes);
                }
            });
            assert_eq!(
                found,
                without
                    .map(|text| text.as_bytes().to_vec())
                    .into_iter()
                    .collect::<Vec<_>>(),
                "{secret}"
            );
        }
    }
}
