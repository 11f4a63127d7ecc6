//! The canonical request as text whose parts can be exchanged one by one. Each part is kept with
//! its encoded form and shared, so that exchanging one costs nothing for the others.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::Observed;
use crate::sigv4::{QueryParameter, encode, fold_header_value};

/// A canonical request.
#[derive(Clone)]
pub struct Text {
    pub method: Rc<str>,
    pub path: Rc<PathText>,
    pub query: Rc<QueryText>,
    pub headers: Rc<HeaderText>,
    pub payload: Rc<str>,
}

/// How a path is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRule {
    /// As the specification has it.
    Strict,
    /// Encoded once more.
    Twice,
    /// Not at all.
    Unencoded,
    /// The slashes after the n-th one too.
    SlashesAfter(usize),
    /// With these characters left as they are.
    Keep(&'static [u8]),
    /// As HTML forms: a space is `+`, `*` stays, `~` is encoded.
    Form,
    /// With `~` encoded.
    Tilde,
    /// With hexadecimal digits in lower case.
    LowerHex,
}

pub struct PathText {
    /// Decoded.
    pub bytes: Vec<u8>,
    pub rule: PathRule,
    pub encoded: Vec<u8>,
}

impl PathText {
    pub fn new(bytes: Vec<u8>, rule: PathRule) -> PathText {
        let encoded = match rule {
            PathRule::Strict => encode::path(&bytes).into_owned().into_bytes(),
            PathRule::Twice => encode::path(encode::path(&bytes).as_bytes())
                .into_owned()
                .into_bytes(),
            PathRule::Unencoded => bytes.clone(),
            PathRule::SlashesAfter(count) => {
                let kept = bytes
                    .iter()
                    .enumerate()
                    .filter(|(_, b)| **b == b'/')
                    .nth(count)
                    .map_or(bytes.len(), |(at, _)| at);
                let (front, back) = bytes.split_at(kept);
                format!("{}{}", encode::path(front), encode::component(back)).into_bytes()
            }
            PathRule::Keep(set) => keeping(&bytes, set),
            PathRule::Form => form(&encode::path(&bytes)).into_bytes(),
            PathRule::Tilde => encode::path(&bytes).replace('~', "%7E").into_bytes(),
            PathRule::LowerHex => lower_hex(&encode::path(&bytes)),
        };
        PathText {
            bytes,
            rule,
            encoded,
        }
    }

    /// A path that is signed exactly as it is written.
    pub fn literal(bytes: Vec<u8>, as_sent: &str) -> PathText {
        PathText {
            bytes,
            rule: PathRule::Unencoded,
            encoded: as_sent.as_bytes().to_vec(),
        }
    }
}

fn keeping(bytes: &[u8], set: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if set.contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.extend_from_slice(encode::path(&[*byte]).as_bytes());
        }
    }
    encoded
}

/// `application/x-www-form-urlencoded` from the strict form.
fn form(strict: &str) -> String {
    strict
        .replace("%20", "+")
        .replace("%2A", "*")
        .replace('~', "%7E")
}

fn lower_hex(strict: &str) -> Vec<u8> {
    let mut pieces = strict.split('%');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        text.push('%');
        text.push_str(&digits.to_ascii_lowercase());
        text.push_str(rest);
    }
    text.into_bytes()
}

/// How a query is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryRule {
    /// As the specification has it.
    Strict,
    /// In the order of the URL.
    AsWritten,
    /// Sorted before it is encoded.
    SortedBeforeEncoding,
    /// Sorted without regard to letter case.
    SortedWithoutCase,
    /// As HTML forms: a space is `+`.
    Form,
    /// With the slashes of the credential left as they are.
    RawCredential,
    /// Values not encoded.
    Unencoded,
    /// With `~` encoded.
    Tilde,
    /// With hexadecimal digits in lower case.
    LowerHex,
    /// With these characters left as they are.
    Keep(&'static [u8]),
    /// Without `=` where the value is empty.
    NoEquals,
}

pub struct QueryText {
    /// Decoded.
    pub pairs: Vec<QueryParameter>,
    pub encoded: Vec<u8>,
}

impl QueryText {
    pub fn new(pairs: Vec<QueryParameter>, rule: QueryRule) -> QueryText {
        let write = |bytes: &[u8], of_credential: bool| -> Vec<u8> {
            match rule {
                QueryRule::Form => form(&encode::component(bytes)).into_bytes(),
                QueryRule::RawCredential if of_credential => {
                    encode::path(bytes).into_owned().into_bytes()
                }
                QueryRule::Unencoded => bytes.to_vec(),
                QueryRule::Tilde => encode::component(bytes).replace('~', "%7E").into_bytes(),
                QueryRule::LowerHex => lower_hex(&encode::component(bytes)),
                QueryRule::Keep(set) => {
                    let mut encoded = keeping(bytes, set);
                    if !set.contains(&b'/') {
                        encoded = String::from_utf8_lossy(&encoded)
                            .replace('/', "%2F")
                            .into_bytes();
                    }
                    encoded
                }
                _ => encode::component(bytes).into_owned().into_bytes(),
            }
        };
        let mut order: Vec<&QueryParameter> = pairs.iter().collect();
        match rule {
            QueryRule::SortedBeforeEncoding => {
                order.sort_by(|a, b| (&a.name, &a.value).cmp(&(&b.name, &b.value)))
            }
            QueryRule::SortedWithoutCase => {
                order.sort_by_key(|p| (p.name.to_ascii_lowercase(), p.value.clone()))
            }
            _ => {}
        }
        let mut written: Vec<(Vec<u8>, Vec<u8>)> = order
            .iter()
            .map(|p| {
                (
                    write(&p.name, false),
                    write(&p.value, p.name.eq_ignore_ascii_case(b"X-Amz-Credential")),
                )
            })
            .collect();
        if !matches!(
            rule,
            QueryRule::AsWritten | QueryRule::SortedBeforeEncoding | QueryRule::SortedWithoutCase
        ) {
            written.sort();
        }
        let mut encoded = Vec::with_capacity(512);
        for (index, (name, value)) in written.iter().enumerate() {
            if index > 0 {
                encoded.push(b'&');
            }
            encoded.extend_from_slice(name);
            if !(rule == QueryRule::NoEquals && value.is_empty()) {
                encoded.push(b'=');
            }
            encoded.extend_from_slice(value);
        }
        QueryText { pairs, encoded }
    }

    /// A query that is signed exactly as it is written.
    pub fn literal(pairs: Vec<QueryParameter>, as_sent: String) -> QueryText {
        QueryText {
            pairs,
            encoded: as_sent.into_bytes(),
        }
    }
}

pub struct HeaderText {
    /// In the order in which they are signed; `host` is one of them.
    pub lines: Vec<(String, Vec<u8>)>,
    /// Lines, an empty line, and the names.
    pub encoded: Vec<u8>,
}

impl HeaderText {
    pub fn new(lines: Vec<(String, Vec<u8>)>) -> HeaderText {
        let names: Vec<&str> = lines.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        HeaderText::listing(lines, &names)
    }

    /// With a list of names that does not follow from the lines.
    pub fn listing(lines: Vec<(String, Vec<u8>)>, names: &str) -> HeaderText {
        let mut encoded = Vec::with_capacity(128);
        for (name, value) in &lines {
            encoded.extend_from_slice(name.as_bytes());
            encoded.push(b':');
            encoded.extend_from_slice(value);
            encoded.push(b'\n');
        }
        encoded.push(b'\n');
        encoded.extend_from_slice(names.as_bytes());
        HeaderText { lines, encoded }
    }

    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.lines
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_slice())
    }

    /// The same with another value of one header.
    pub fn with(&self, name: &str, value: &[u8]) -> HeaderText {
        let mut lines = self.lines.clone();
        for (_, old) in lines.iter_mut().filter(|(n, _)| n == name) {
            *old = value.to_vec();
        }
        HeaderText::new(lines)
    }
}

impl Text {
    /// The request as it is known. A signed header that was not sent is signed as an empty one, as
    /// stores do.
    pub fn of(observed: &Observed) -> Text {
        let mut names: Vec<String> = observed
            .signed_headers
            .iter()
            .map(|n| n.to_ascii_lowercase())
            .collect();
        names.sort();
        names.dedup();
        let lines = names.into_iter().map(|name| {
            let value = match name.as_str() {
                "host" => observed.host.as_bytes().to_vec(),
                name => sent_value(&observed.headers, name).unwrap_or_default(),
            };
            (name, value)
        });
        Text {
            method: observed.method.as_str().into(),
            path: Rc::new(PathText::new(observed.path.clone(), PathRule::Strict)),
            query: Rc::new(QueryText::new(observed.query.clone(), QueryRule::Strict)),
            headers: Rc::new(HeaderText::new(lines.collect())),
            payload: observed.payload_hash.as_str().into(),
        }
    }

    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        bytes.extend_from_slice(self.method.as_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.path.encoded);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.query.encoded);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.headers.encoded);
        bytes.push(b'\n');
        bytes.extend_from_slice(self.payload.as_bytes());
    }

    pub fn sha256(&self, buffer: &mut Vec<u8>) -> [u8; 32] {
        self.write(buffer);
        Sha256::digest(&buffer).into()
    }
}

/// What was sent under this name (lower case), several values joined as they are signed.
pub fn sent_value(headers: &[(String, Vec<u8>)], name: &str) -> Option<Vec<u8>> {
    let values: Vec<Vec<u8>> = headers
        .iter()
        .filter(|(n, _)| n == name)
        .map(|(_, v)| fold_header_value(v))
        .collect();
    (!values.is_empty()).then(|| values.join(&b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_lower_case_and_nothing_else() {
        for (strict, lower) in [
            ("", ""),
            ("/A", "/A"),
            ("%2F", "%2f"),
            ("/A%2FB%C3%BCC", "/A%2fB%c3%bcC"),
            ("%AB%CD", "%ab%cd"),
            // Nothing is encoded in this way, and yet there is something to write.
            ("%A", "%a"),
        ] {
            assert_eq!(lower_hex(strict), lower.as_bytes(), "{strict}");
        }
    }
}
