//! The canonical request that the store computed and sent back, beside what the URL requests.

use crate::forensics::{Observed, Search, explain_signature};
use crate::sigv4::SECRET_HEADERS;
use crate::store::{BodyKind, Refusal};
use crate::text::{CommandLine, escape_controls};

use super::canonical_text::{Lines, path_difference, query_differences, query_value};
use super::case::Case;
use super::checks::region_command;
use super::code::Code;
use super::diff;
use super::finding::Finding;
use super::host::differ_in_port_only;
use super::mistake::use_method;
use super::url_parts::Anatomy;

/// What the store computed, beside what the URL requests. `method`: the one that was
/// signed, if that is known.
pub fn of_stores_request(
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    method: Option<&str>,
) -> Vec<Finding> {
    let Some(StoresRequest {
        text: seen,
        is_verified,
    }) = stores_request(anatomy, case)
    else {
        return Vec::new();
    };
    let seen_text = String::from_utf8_lossy(&seen).into_owned();
    let seen_lines = Lines::of(&seen_text);
    let is_of_this_url = ["X-Amz-Date", "X-Amz-Credential"].iter().all(|name| {
        let (seen, own) = (query_value(seen_lines.query, name), anatomy.text(name));
        seen.is_none() || seen == own
    });
    if !is_of_this_url {
        return vec![
            Finding::possible(
                Code::Unexplained,
                "the response belongs to another request: its canonical request has another \
                 credential or time than the URL",
            )
            .fix("give the response to this URL: `--response FILE`"),
        ];
    }
    // What the URL requests, with the host that it has rather than the one the store saw.
    let mut asked = Observed {
        host: anatomy.host(),
        ..observed.clone()
    };
    asked.method = method
        .map(str::to_owned)
        .or_else(|| case.method_used())
        .unwrap_or_else(|| seen_lines.method.to_owned());
    let outcome = explain_signature(&asked, &[], &Default::default(), Search::Single);
    let asked_text = String::from_utf8_lossy(&outcome.canonical_request).into_owned();
    let comparison = Comparison {
        anatomy,
        case,
        asked: Lines::of(&asked_text),
        seen: seen_lines,
        evidence: diff::diff("asked", "seen", &outcome.canonical_request, &seen),
        is_verified,
    };
    if method.is_none()
        && let Some(finding) = comparison.headers_not_sent()
    {
        return vec![finding];
    }
    match comparison.evidence.is_empty() {
        true => comparison.no_difference().into_iter().collect(),
        false => comparison.differences(),
    }
}

/// The request of the URL, and the one that the store saw.
struct Comparison<'a> {
    anatomy: &'a Anatomy,
    case: &'a Case,
    asked: Lines<'a>,
    seen: Lines<'a>,
    /// The lines that differ.
    evidence: Vec<String>,
    /// Whether the text is known to be the one that the store hashed.
    is_verified: bool,
}

impl Comparison<'_> {
    fn sure(&self, code: Code, message: impl Into<String>) -> Finding {
        match self.is_verified {
            true => Finding::certain(code, message.into()),
            false => Finding::likely(code, message.into()),
        }
    }

    fn difference(&self, code: Code, message: impl Into<String>, fix: &str) -> Finding {
        let mut finding = self.sure(code, message).fix(fix);
        finding.evidence = self.evidence.clone();
        finding
    }

    /// Headers that are signed, and empty in what the store saw.
    fn headers_not_sent(&self) -> Option<Finding> {
        let is_empty_in_both = |name: &str, value: &str| {
            let asked = &self.asked.headers;
            value.is_empty() && asked.iter().any(|(n, v)| *n == name && v.is_empty())
        };
        let empty: Vec<&str> = self
            .seen
            .headers
            .iter()
            .filter(|(name, value)| *name != "host" && is_empty_in_both(name, value))
            .map(|(name, _)| *name)
            .collect();
        if empty.is_empty() {
            return None;
        }
        let list = escape_controls(&empty.join(", ")).into_owned();
        let command = empty
            .iter()
            .fold(CommandLine::curl(), |command, name| {
                header_to_send(command, name, self.anatomy)
            })
            .fixed("URL");
        let message = format!("`{list}` is signed, and the store did not get it");
        Some(
            self.sure(Code::SignedHeaderMissing, message)
                .fix(format!("send it as it was signed: `{command}`")),
        )
    }

    fn no_difference(&self) -> Option<Finding> {
        let is_mismatch = self.case.refusal() == Some(Refusal::Signature);
        (self.case.candidates.is_empty() && is_mismatch).then(|| {
            Finding::likely(
                Code::WrongSecret,
                "the store saw the request as the URL has it, so the signature was made with \
                 another secret, or for another URL",
            )
            .fix("give the credentials that signed it, to find out which")
        })
    }

    fn differences(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = self.method().into_iter().chain(self.path()).collect();
        found.extend(self.query());
        found.extend(self.headers());
        if self.asked.payload != self.seen.payload {
            let message = format!("the store used the payload hash `{}`", self.seen.payload);
            found.push(self.difference(
                Code::PayloadHashMismatch,
                message,
                "sign with UNSIGNED-PAYLOAD",
            ));
        }
        found
    }

    fn method(&self) -> Option<Finding> {
        let (asked, seen) = (self.asked.method, self.seen.method);
        if asked == seen {
            return None;
        }
        Some(match seen {
            "OPTIONS" => self.difference(
                Code::CorsRefused,
                "the store saw the preflight of a browser (OPTIONS), for which no link is signed",
                "add a CORS rule to the bucket for the page, the method and the headers",
            ),
            _ => self.difference(
                Code::WrongMethod,
                format!("the link is for {asked}, and the store saw a {seen}"),
                &use_method(asked),
            ),
        })
    }

    fn path(&self) -> Option<Finding> {
        if self.asked.uri == self.seen.uri {
            return None;
        }
        let (code, what) = path_difference(self.asked.uri, self.seen.uri);
        Some(self.difference(
            code,
            format!("the store saw another path than the URL has: {what}"),
            "let proxies and clients pass the path on as it is",
        ))
    }

    fn query(&self) -> Vec<Finding> {
        let differences = query_differences(self.asked.query, self.seen.query);
        let has_form_type = self.case.sent_headers().iter().any(|(name, value)| {
            name == "content-type" && value.starts_with(b"application/x-www-form-urlencoded")
        });
        let is_sent_as_form = has_form_type
            || differences
                .iter()
                .any(|(_, message)| message.contains("%3C") || message.contains("`<"));
        let finding = |(code, message)| match code {
            Code::QueryParameterAdded if is_sent_as_form => self.difference(
                Code::BodySentAsForm,
                "the store read the body as parameters of the query, since its type is \
                 application/x-www-form-urlencoded",
                "send the type of the body: `curl --request POST --header 'Content-Type: \
                 application/xml' --data-binary @FILE URL`",
            ),
            code => self.difference(code, message, "use the URL exactly as it was made"),
        };
        differences.into_iter().map(finding).collect()
    }

    fn headers(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (name, value) in &self.asked.headers {
            let of_this_name = self.seen.headers.iter().find(|(n, _)| n == name);
            let seen = of_this_name.map(|(_, value)| *value);
            if seen != Some(*value) {
                let seen = seen.unwrap_or_default();
                found.push(match *name {
                    "host" => self.host(value, seen),
                    _ => self.header(name, value, seen),
                });
            }
        }
        found
    }

    fn host(&self, asked: &str, seen: &str) -> Finding {
        if is_redirect_of_global_endpoint(asked, seen) {
            let credential = self.anatomy.credential.as_ref();
            let region = credential.map_or("", |credential| credential.region.as_str());
            return self.difference(
                Code::GlobalEndpoint,
                format!(
                    "the global endpoint redirected the request to `{seen}`, for which it was \
                     not signed"
                ),
                &format!(
                    "make the link for the region's own endpoint: `{}`",
                    region_command(self.anatomy, region)
                ),
            );
        }
        let what = match differ_in_port_only(asked, seen) {
            true => "a Host with another port",
            false => "another Host",
        };
        self.difference(
            Code::ProxyRewroteHost,
            format!("the store saw {what}, `{seen}`: something between changed it from `{asked}`"),
            "let the proxy pass the Host header on (nginx: `proxy_set_header Host $http_host;`)",
        )
    }

    fn header(&self, name: &str, asked: &str, seen: &str) -> Finding {
        // A customer's key is not to be shown.
        let shown = |value: &str| match SECRET_HEADERS.contains(&name) {
            true => "(not shown)".to_owned(),
            false => value.to_owned(),
        };
        if seen.is_empty() {
            self.difference(
                Code::SignedHeaderMissing,
                format!("the header `{name}` is signed, and the store did not get it"),
                "send the header as it was signed",
            )
        } else if asked.is_empty() {
            self.difference(
                Code::SignedHeaderChanged,
                format!(
                    "the store got `{name}` with the value `{}`, which cannot be the signed one",
                    shown(seen)
                ),
                "send the header with the value that was signed",
            )
        } else {
            self.difference(
                Code::HeaderRewrittenByProxy,
                format!(
                    "`{name}` was sent as `{}`, and the store got `{}`",
                    shown(asked),
                    shown(seen)
                ),
                "do not sign headers that are changed on the way",
            )
        }
    }
}

/// `bucket.s3.amazonaws.com` and `bucket.s3.REGION.amazonaws.com`.
fn is_redirect_of_global_endpoint(asked: &str, seen: &str) -> bool {
    let Some(bucket) = asked.strip_suffix("s3.amazonaws.com") else {
        return false;
    };
    seen.strip_prefix(bucket).is_some_and(|rest| {
        rest != "s3.amazonaws.com"
            && (rest.starts_with("s3.") || rest.starts_with("s3-"))
            && rest.contains(".amazonaws.com")
    })
}

/// `-H 'name: value'`, with the value that the URL itself has for it.
fn header_to_send(command: CommandLine, name: &str, anatomy: &Anatomy) -> CommandLine {
    match anatomy.text(name) {
        Some(value) if !name.contains("token") => command.option("-H", format!("{name}: {value}")),
        _ => command.header(name),
    }
}

/// The canonical request that the store computed.
pub struct StoresRequest {
    pub text: Vec<u8>,
    /// Whether its hash is the one in the store's string to sign.
    pub is_verified: bool,
}

/// Reads it from the response. Pages and terminals change its line ends, so it is put together
/// again, and believed as it is only if its hash is the store's own.
pub fn stores_request(anatomy: &Anatomy, case: &Case) -> Option<StoresRequest> {
    let response = case.response.as_ref()?;
    let raw = response.canonical_request()?;
    if response.kind == BodyKind::OtherXml {
        return None;
    }
    let hash = response.string_to_sign().and_then(|text| {
        let text = String::from_utf8_lossy(&text).into_owned();
        let end = text.trim_end();
        let digits = end.get(end.len().checked_sub(64)?..)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
            .then(|| digits.to_ascii_lowercase())
    });
    let is_right = |text: &[u8]| {
        hash.as_ref()
            .is_some_and(|hash| *hash == hex::encode(crate::sigv4::hash::sha256(text)))
    };
    if is_right(&raw) {
        return Some(StoresRequest {
            text: raw,
            is_verified: true,
        });
    }
    let text = String::from_utf8_lossy(&raw).into_owned();
    let unescaped = ["\\n", "\u{21b5}", "&#xA;", "&#10;", "\r\n", "\r"]
        .iter()
        .fold(text, |text, mark| text.replace(mark, "\n"));
    let dedented: Vec<&str> = unescaped.lines().map(str::trim).collect();
    let texts = [
        unescaped.clone(),
        dedented.join("\n"),
        put_together(&unescaped, anatomy).unwrap_or_default(),
    ];
    if let Some(text) = texts.iter().find(|text| is_right(text.as_bytes())) {
        return Some(StoresRequest {
            text: text.clone().into_bytes(),
            is_verified: true,
        });
    }
    // Not verified: only what has all its lines is compared at all.
    let is_whole = |text: &String| {
        let lines = Lines::of(text);
        !lines.headers.is_empty() && !lines.payload.is_empty() && lines.payload != lines.method
    };
    let [unescaped, dedented, rebuilt] = texts;
    let text = [unescaped, dedented, rebuilt].into_iter().find(is_whole)?;
    Some(StoresRequest {
        text: text.into_bytes(),
        is_verified: false,
    })
}

/// A canonical request whose lines were joined with spaces: method, path, query, one line for each
/// signed header, an empty one, the list of their names, and the payload hash.
fn put_together(text: &str, anatomy: &Anatomy) -> Option<String> {
    let mut words = text.split_whitespace();
    let (method, path, query) = (words.next()?, words.next()?, words.next()?);
    let rest: Vec<&str> = words.collect();
    let (payload, rest) = rest.split_last()?;
    let (list, rest) = rest.split_last()?;
    let middle = rest.join(" ");
    let names: Vec<&str> = list.split(';').collect();
    if anatomy.signed_headers.is_empty() && names.is_empty() {
        return None;
    }
    let mut lines = vec![method.to_owned(), path.to_owned(), query.to_owned()];
    let mut at = 0;
    for (index, name) in names.iter().enumerate() {
        let start = middle[at..]
            .find(&format!("{name}:"))
            .map(|found| at + found)?;
        let from = start + name.len() + 1;
        let end = names
            .get(index + 1)
            .and_then(|next| middle[from..].find(&format!("{next}:")))
            .map_or(middle.len(), |found| from + found);
        lines.push(format!("{name}:{}", middle[from..end].trim()));
        at = end;
    }
    lines.extend([String::new(), (*list).to_owned(), (*payload).to_owned()]);
    Some(lines.join("\n"))
}
