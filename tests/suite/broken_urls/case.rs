//! A URL from the signer to the store. Each stage can be broken separately: what the signer hashed,
//! what it wrote, changes of the text, the request, changes by a proxy, the response.

use super::link::{Link, authentication};
use super::response::Response;
use super::text::{day, encode, hmac, sha256_hex, timestamp};
use support::rng::Rng;

pub type Pairs = Vec<(String, String)>;

/// The input of the signature.
pub struct Hashed {
    pub method: String,
    pub path: String,
    /// Encoded.
    pub query: Pairs,
    pub order: fn(&mut Pairs),
    /// Includes `host`.
    pub headers: Pairs,
    /// Overrides the list derived from the header names.
    pub signed_headers: Option<String>,
    pub payload: String,
    pub timestamp: String,
    /// Date, region and service in the string to sign.
    pub scope: [String; 3],
    /// Date, region and service from which the key is derived.
    pub key_scope: [String; 3],
    pub secret: Vec<u8>,
}

/// What the signer wrote.
pub struct Shown {
    pub scheme: String,
    pub authority: String,
    pub path: String,
    /// Encoded, without the signature.
    pub query: Pairs,
    pub signature: Option<fn(&str) -> String>,
    /// Text after the signature.
    pub after: Pairs,
}

/// The request that uses the URL.
pub struct Used {
    pub method: String,
    pub headers: Pairs,
    /// Value of `--host`.
    pub host: Option<String>,
}

/// Further arguments of `diagnose`.
#[derive(Default)]
pub struct Given {
    /// Access key ID, secret, session token.
    pub keys: Option<(String, String, Option<String>)>,
    /// Further profiles: name, ID, secret.
    pub profiles: Vec<(String, String, String)>,
    pub variables: Pairs,
    pub response: Option<Response>,
    pub status: Option<u16>,
    pub server_date: Option<i64>,
    /// The clock of the user.
    pub at: i64,
    /// The clock of the store, if it differs.
    pub store_time: Option<i64>,
    /// With `--try-all-profiles`.
    pub try_all: bool,
    /// Through standard input.
    pub piped: bool,
}

/// A request as received by the store.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub method: String,
    pub host: String,
    /// As sent.
    pub path: String,
    /// As sent.
    pub query: Pairs,
    pub headers: Pairs,
}

type TextEdit = Box<dyn Fn(&str) -> String>;
type Proxy = Box<dyn Fn(&mut Arrived)>;

pub struct Case {
    pub link: Link,
    pub hashed: Hashed,
    pub shown: Shown,
    pub text: Vec<TextEdit>,
    pub used: Used,
    pub proxy: Vec<Proxy>,
    pub given: Given,
}

impl Case {
    pub fn new(link: &Link) -> Case {
        let own = link
            .query
            .iter()
            .map(|(name, value)| (encode(name), encode(value)));
        let query: Pairs = own.chain(authentication(link)).collect();
        let mut headers = link.headers.clone();
        headers.push((
            "host".into(),
            default_port_removed(link.scheme, &link.host()),
        ));
        let scope = [day(link.signed_at), link.region.clone(), "s3".to_owned()];
        Case {
            hashed: Hashed {
                method: link.method.into(),
                path: link.path(),
                query: query.clone(),
                order: |pairs| pairs.sort(),
                headers,
                signed_headers: None,
                payload: "UNSIGNED-PAYLOAD".into(),
                timestamp: timestamp(link.signed_at),
                scope: scope.clone(),
                key_scope: scope,
                secret: link.secret.clone().into_bytes(),
            },
            shown: Shown {
                scheme: link.scheme.into(),
                authority: link.host(),
                path: link.path(),
                query,
                signature: None,
                after: Vec::new(),
            },
            text: Vec::new(),
            used: Used {
                method: link.method.into(),
                headers: link.headers.clone(),
                host: None,
            },
            proxy: Vec::new(),
            given: Given {
                keys: Some((link.id.clone(), link.secret.clone(), link.token.clone())),
                at: link.now,
                ..Given::default()
            },
            link: link.clone(),
        }
    }

    /// Changes a parameter both in the hash and in the URL: a signer that is wrong but consistent.
    pub fn set(&mut self, name: &str, value: &str) {
        set(&mut self.hashed.query, name, value);
        set(&mut self.shown.query, name, value);
    }

    /// Changes date, region or service of the scope consistently.
    pub fn set_scope(&mut self, at: usize, value: &str) {
        self.hashed.scope[at] = value.to_owned();
        self.hashed.key_scope[at] = value.to_owned();
        let credential = format!(
            "{}/{}/aws4_request",
            self.link.id,
            self.hashed.scope.join("/")
        );
        self.set("X-Amz-Credential", &encode(&credential));
    }

    /// A header that is signed and sent.
    pub fn sign_header(&mut self, name: &str, value: &str) {
        self.hashed.headers.retain(|(other, _)| other != name);
        self.hashed.headers.push((name.into(), value.into()));
        self.used.headers.retain(|(other, _)| other != name);
        self.used.headers.push((name.into(), value.into()));
        let names = self.header_names();
        self.set("X-Amz-SignedHeaders", &encode(&names));
    }

    pub fn header_names(&self) -> String {
        let mut names: Vec<String> = self
            .hashed
            .headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        names.sort();
        names.join(";")
    }

    pub fn hashed_host(&mut self, host: &str) {
        for header in self
            .hashed
            .headers
            .iter_mut()
            .filter(|(name, _)| name == "host")
        {
            host.clone_into(&mut header.1);
        }
    }

    pub fn edit(&mut self, edit: impl Fn(&str) -> String + 'static) {
        self.text.push(Box::new(edit));
    }

    pub fn through(&mut self, proxy: impl Fn(&mut Arrived) + 'static) {
        self.proxy.push(Box::new(proxy));
    }

    pub fn says(&mut self, response: Response) {
        self.given.response = Some(response);
    }

    pub fn canonical_request(&self) -> String {
        let mut query = self.hashed.query.clone();
        (self.hashed.order)(&mut query);
        let names = self
            .hashed
            .signed_headers
            .clone()
            .unwrap_or_else(|| self.header_names());
        canonical_text(
            &self.hashed.method,
            &self.hashed.path,
            &query,
            &self.hashed.headers,
            &names,
            &self.hashed.payload,
        )
    }

    pub fn signature(&self) -> String {
        let hash = sha256_hex(self.canonical_request().as_bytes());
        let scope = self.hashed.scope.join("/");
        let string_to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{scope}/aws4_request\n{hash}",
            self.hashed.timestamp
        );
        hex::encode(hmac(
            &signing_key(&self.hashed.secret, &self.hashed.key_scope),
            &string_to_sign,
        ))
    }

    /// The URL as passed to `diagnose`.
    pub fn url(&self) -> String {
        let signature = self.signature();
        let signature = self
            .shown
            .signature
            .map_or(signature.clone(), |spoil| spoil(&signature));
        let mut pairs: Vec<String> = self
            .shown
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.push(format!("X-Amz-Signature={signature}"));
        pairs.extend(
            self.shown
                .after
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        let Shown {
            scheme,
            authority,
            path,
            ..
        } = &self.shown;
        let url = format!("{scheme}://{authority}{path}?{}", pairs.join("&"));
        self.text.iter().fold(url, |text, edit| edit(&text))
    }
}

pub fn canonical_text(
    method: &str,
    path: &str,
    query: &Pairs,
    headers: &Pairs,
    names: &str,
    payload: &str,
) -> String {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{}:{}\n", name.to_ascii_lowercase(), folded(value)))
        .collect();
    lines.sort();
    format!(
        "{method}\n{path}\n{}\n{}\n{names}\n{payload}",
        pairs.join("&"),
        lines.concat()
    )
}

pub fn folded(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn signing_key(secret: &[u8], [date, region, service]: &[String; 3]) -> Vec<u8> {
    let first = [b"AWS4", secret].concat();
    [date, region, service, "aws4_request"]
        .iter()
        .fold(first, |key, part| hmac(&key, part))
}

pub fn set(pairs: &mut Pairs, name: &str, value: &str) {
    match pairs.iter_mut().find(|(other, _)| other == name) {
        Some(pair) => value.clone_into(&mut pair.1),
        None => pairs.push((name.to_owned(), value.to_owned())),
    }
}

pub fn get<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// The `Host` header of clients.
pub fn default_port_removed(scheme: &str, authority: &str) -> String {
    let port = if scheme == "http" { ":80" } else { ":443" };
    let host = authority.to_ascii_lowercase();
    host.strip_suffix(port).unwrap_or(&host).to_owned()
}

/// Equivalent spellings of the URL that every tested store accepts.
pub fn respelled(case: &mut Case, rng: &mut Rng) {
    match rng.below(5) {
        0 => case.shown.path = lower_case_escapes(&case.shown.path),
        1 => {
            let credential = case.link.credential().replace('+', "%2B");
            set(&mut case.shown.query, "X-Amz-Credential", &credential);
        }
        2 => case.shown.path = case.shown.path.replace('~', "%7E"),
        3 => case.shown.query.reverse(),
        _ => {
            for (_, value) in &mut case.shown.query {
                *value = lower_case_escapes(value);
            }
        }
    }
}

fn lower_case_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |done, part| {
        format!("{done}%{}{}", part[..2].to_ascii_lowercase(), &part[2..])
    })
}
