//! IBM's service credentials: a JSON document that may hold HMAC keys, in the four shapes in which
//! people have it.

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use crate::sigv4::Secret;

/// What a document holds.
#[derive(Debug)]
pub enum ServiceCredential {
    /// HMAC keys.
    Hmac {
        /// `access_key_id`
        access_key_id: String,
        /// `secret_access_key`
        secret_access_key: Secret,
    },
    /// A service credential without HMAC keys: an API key, which cannot presign.
    WithoutHmac,
    /// Half of an HMAC key; the name of the other half.
    Half(&'static str),
    /// More than one key, in an array.
    Several(usize),
    /// JSON, but nothing that is known.
    Unknown,
}

/// Looks for HMAC keys in a document: the service credential itself, the array that `ibmcloud
/// resource service-key --output json` prints, either of them nested below other names or written
/// as a text, or with flattened names as Terraform writes them.
///
/// # Errors
/// Line and column where the text stops being JSON. Nothing of the text is repeated: it is a
/// secret.
pub fn read(bytes: &[u8]) -> Result<ServiceCredential, (usize, usize)> {
    let decoded = utf8_of_utf16(bytes);
    let bytes = decoded.as_deref().map_or(bytes, Vec::as_slice);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut document = Document::parse(bytes)?;
    unfold(&mut document.0, MOST_TEXTS);
    Ok(find(&document.0))
}

/// PowerShell writes UTF-16, with a byte order mark.
fn utf8_of_utf16(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2)? {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..]
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    Some(Zeroizing::new(text.ok()?.into_bytes()))
}

/// How many documents may be within each other as texts.
const MOST_TEXTS: usize = 4;

/// JSON with secrets in it: every text is wiped in the end.
struct Document(Value);

impl Document {
    fn parse(bytes: &[u8]) -> Result<Document, (usize, usize)> {
        // Text without escapes is copied once, to its place. `\/` is the only one that keys are
        // written with, and means `/`.
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
        let mut rest = bytes.iter().peekable();
        while let Some(byte) = rest.next() {
            if *byte != b'\\' {
                plain.push(*byte);
                continue;
            }
            match rest.next() {
                Some(b'/') => plain.push(b'/'),
                escaped => plain.extend(std::iter::once(b'\\').chain(escaped.copied())),
            }
        }
        serde_json::from_slice(&plain)
            .map(Document)
            .map_err(|error| (error.line(), error.column()))
    }
}

/// Puts documents in the place of texts that contain one, as Terraform and shells write them.
fn unfold(value: &mut Value, most: usize) {
    match value {
        // A text within a text begins with a quote.
        Value::String(text) if most > 0 && text.trim_start().starts_with(['{', '[', '"']) => {
            if let Ok(mut inner) = Document::parse(text.as_bytes()) {
                unfold(&mut inner.0, most - 1);
                if !inner.0.is_string() {
                    text.zeroize();
                    *value = std::mem::take(&mut inner.0);
                }
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| unfold(entry, most)),
        Value::Object(entries) => entries.values_mut().for_each(|entry| unfold(entry, most)),
        _ => {}
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(entries) => entries.iter_mut().for_each(wipe),
        Value::Object(entries) => entries.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Looks for object storage among the services that Code Engine and Cloud Foundry hand to an
/// application: names of services, each with a list of credentials. None of them may be object
/// storage.
///
/// # Errors
/// As [`read`].
pub fn services(bytes: &[u8]) -> Result<Option<ServiceCredential>, (usize, usize)> {
    let document = Document::parse(bytes)?;
    let services = document.0.as_object().into_iter().flatten();
    let entries = services.flat_map(|(service, entries)| {
        let of_store = |entry: &&Value| {
            service.contains("cloud-object-storage")
                || matches!(find(entry), ServiceCredential::Hmac { .. })
        };
        entries.as_array().into_iter().flatten().filter(of_store)
    });
    let mut entries = entries.peekable();
    Ok(entries.peek().is_some().then(|| find_in(&mut entries)))
}

/// A service binding: a folder with a file for each value. `read` gives the text of a file.
pub fn binding(read: impl Fn(&str) -> Option<Zeroizing<String>>) -> Option<ServiceCredential> {
    if let Some(keys) = read("cos_hmac_keys") {
        let keys = Document::parse(keys.as_bytes()).unwrap_or(Document(Value::Null));
        return Some(pair(
            keys.0.get("access_key_id"),
            keys.0.get("secret_access_key"),
        ));
    }
    for prefix in ["cos_hmac_keys_", "cos_hmac_keys.", ""] {
        let [id, secret] =
            ["access_key_id", "secret_access_key"].map(|name| read(&format!("{prefix}{name}")));
        if id.is_some() || secret.is_some() {
            return Some(pair_of_texts(
                id.as_deref().map(String::as_str),
                secret.as_deref().map(String::as_str),
            ));
        }
    }
    let of_store = read("type").is_some_and(|kind| kind.contains("object-storage"));
    of_store.then_some(ServiceCredential::WithoutHmac)
}

fn find(value: &Value) -> ServiceCredential {
    if let Value::Array(entries) = value {
        return find_in(&mut entries.iter());
    }
    if let Some(keys) = value.get("cos_hmac_keys") {
        return pair(keys.get("access_key_id"), keys.get("secret_access_key"));
    }
    for separator in ["_", "."] {
        let id = value.get(format!("cos_hmac_keys{separator}access_key_id"));
        let secret = value.get(format!("cos_hmac_keys{separator}secret_access_key"));
        if id.is_some() || secret.is_some() {
            return pair(id, secret);
        }
    }
    // The `ibmcloud cos` plug-in's names.
    if let (id @ Some(_), secret @ Some(_)) =
        (value.get("AccessKeyID"), value.get("SecretAccessKey"))
    {
        return pair(id, secret);
    }
    if let Some(nested) = value.get("credentials") {
        return find(nested);
    }
    let known = [
        "apikey",
        "iam_apikey_name",
        "resource_instance_id",
        "iam_serviceid_crn",
    ];
    if known.iter().any(|name| value.get(name).is_some()) {
        return ServiceCredential::WithoutHmac;
    }
    // The outputs and the state of Terraform have it below names of their own.
    match value {
        Value::Object(entries) => find_in(&mut entries.values()),
        _ => ServiceCredential::Unknown,
    }
}

fn find_in(entries: &mut dyn Iterator<Item = &Value>) -> ServiceCredential {
    let mut found: Vec<ServiceCredential> = entries
        .map(find)
        .filter(|found| !matches!(found, ServiceCredential::Unknown))
        .collect();
    // The same key twice is one key.
    let mut ids: Vec<&str> = found
        .iter()
        .filter_map(|found| match found {
            ServiceCredential::Hmac { access_key_id, .. } => Some(access_key_id.as_str()),
            _ => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let with_keys = ids.len();
    if with_keys > 1 {
        return ServiceCredential::Several(with_keys);
    }
    let best = found
        .iter()
        .position(|f| matches!(f, ServiceCredential::Hmac { .. }))
        .unwrap_or(0);
    if found.is_empty() {
        ServiceCredential::Unknown
    } else {
        found.swap_remove(best)
    }
}

fn pair(id: Option<&Value>, secret: Option<&Value>) -> ServiceCredential {
    pair_of_texts(id.and_then(Value::as_str), secret.and_then(Value::as_str))
}

fn pair_of_texts(id: Option<&str>, secret: Option<&str>) -> ServiceCredential {
    let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    match (filled(id), filled(secret)) {
        (Some(access_key_id), Some(secret)) => ServiceCredential::Hmac {
            access_key_id,
            secret_access_key: Secret::new(secret),
        },
        (Some(_), None) => ServiceCredential::Half("secret_access_key"),
        (None, _) => ServiceCredential::Half("access_key_id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_text(document: &str) -> String {
        serde_json::to_string(document).expect("a text")
    }

    #[test]
    fn the_four_shapes() {
        let object =
            r#"{"apikey":"x","cos_hmac_keys":{"access_key_id":"ID","secret_access_key":"SECRET"}}"#;
        let keys = |text: &str| match read(text.as_bytes()) {
            Ok(ServiceCredential::Hmac {
                access_key_id,
                secret_access_key,
            }) => (
                access_key_id,
                String::from_utf8_lossy(secret_access_key.expose_secret()).into_owned(),
            ),
            other => panic!("{text}: {other:?}"),
        };
        for text in [
            object.to_owned(),
            format!("\u{feff}{object}\r\n"),
            format!(r#"[{{"name":"k","credentials":{object}}}]"#),
            format!(r#"[{{"credentials":{{"apikey":"x"}}}},{{"credentials":{object}}}]"#),
            format!(r#"{{"credentials":{object}}}"#),
            format!(
                r#"{{"cos_key":{{"sensitive":true,"value":{}}}}}"#,
                as_text(object)
            ),
            format!(
                r#"{{"values":{{"root_module":{{"resources":[{{"values":{{"credentials_json":{}}}}}]}}}}}}"#,
                as_text(object)
            ),
            as_text(&as_text(object)),
            r#"{"cos_hmac_keys_access_key_id":"ID","cos_hmac_keys_secret_access_key":"SECRET"}"#
                .to_owned(),
            r#"{"cos_hmac_keys.access_key_id":"ID","cos_hmac_keys.secret_access_key":"SECRET"}"#
                .to_owned(),
        ] {
            assert_eq!(
                keys(&text),
                ("ID".to_owned(), "SECRET".to_owned()),
                "{text}"
            );
        }
        let shown = |text: &str| format!("{:?}", read(text.as_bytes()));
        let other = object.replace("ID", "OTHER");
        assert_eq!(shown(&format!("[{object},{other}]")), "Ok(Several(2))");
        // The same key twice is one key.
        assert_eq!(keys(&format!("[{object},{object}]")).0, "ID");
        let escaped = serde_json::json!({ "credentials_json": object }).to_string();
        assert_eq!(keys(&escaped).0, "ID");
        assert_eq!(keys(&serde_json::json!(object).to_string()).0, "ID");
        let utf16: Vec<u8> = [0xfeff]
            .into_iter()
            .chain(object.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        assert!(matches!(read(&utf16), Ok(ServiceCredential::Hmac { .. })));
        assert_eq!(shown(r#"{"apikey":"x"}"#), "Ok(WithoutHmac)");
        assert_eq!(
            shown(r#"{"cos_hmac_keys":{"access_key_id":"ID"}}"#),
            r#"Ok(Half("secret_access_key"))"#
        );
        assert_eq!(
            (shown("{}"), shown("[]")),
            ("Ok(Unknown)".to_owned(), "Ok(Unknown)".to_owned())
        );
        assert_eq!(shown("{\n  x"), "Err((2, 3))");
        assert!(!shown(object).contains("SECRET") && shown(object).contains("ID"));
    }

    #[test]
    fn half_a_pair_is_named_in_every_shape() {
        let half = |text: String| match read(text.as_bytes()) {
            Ok(ServiceCredential::Half(missing)) => missing,
            other => panic!("{text}: {other:?}"),
        };
        for (has, missing) in [
            ("access_key_id", "secret_access_key"),
            ("secret_access_key", "access_key_id"),
        ] {
            assert_eq!(
                half(format!(r#"{{"cos_hmac_keys":{{"{has}":"x"}}}}"#)),
                missing
            );
            for separator in ["_", "."] {
                assert_eq!(
                    half(format!(r#"{{"cos_hmac_keys{separator}{has}":"x"}}"#)),
                    missing
                );
            }
        }
    }

    #[test]
    fn bindings_have_a_file_for_each_value() {
        let shown = |files: &[(&str, &str)]| {
            let read = |name: &str| {
                let (_, text) = files.iter().find(|(file, _)| *file == name)?;
                Some(Zeroizing::new((*text).to_owned()))
            };
            match binding(read) {
                Some(ServiceCredential::Hmac {
                    access_key_id,
                    secret_access_key,
                }) => {
                    format!(
                        "{access_key_id} {}",
                        String::from_utf8_lossy(secret_access_key.expose_secret())
                    )
                }
                other => format!("{other:?}"),
            }
        };
        for prefix in ["", "cos_hmac_keys_", "cos_hmac_keys."] {
            let (id, secret) = (
                format!("{prefix}access_key_id"),
                format!("{prefix}secret_access_key"),
            );
            assert_eq!(shown(&[(&id, "ID"), (&secret, "S")]), "ID S", "{prefix}");
            assert_eq!(
                shown(&[(&id, "ID")]),
                r#"Some(Half("secret_access_key"))"#,
                "{prefix}"
            );
            assert_eq!(
                shown(&[(&secret, "S")]),
                r#"Some(Half("access_key_id"))"#,
                "{prefix}"
            );
        }
        let whole = r#"{"access_key_id":"ID","secret_access_key":"S"}"#;
        assert_eq!(
            shown(&[("cos_hmac_keys", whole), ("access_key_id", "OTHER")]),
            "ID S"
        );
        assert_eq!(
            shown(&[("cos_hmac_keys", "nonsense")]),
            r#"Some(Half("access_key_id"))"#
        );
        assert_eq!(
            shown(&[("type", "cloud-object-storage")]),
            "Some(WithoutHmac)"
        );
        assert_eq!(shown(&[("type", "postgresql")]), "None");
        assert_eq!(shown(&[]), "None");
    }

    #[test]
    fn escapes_are_read() {
        for (written, meant) in [
            (r"a\/b", "a/b"),
            (r"\u0061\u002fb", "a/b"),
            (r"a\\/b", r"a\/b"),
            (r#"\"\/\\"#, r#""/\"#),
        ] {
            let text = format!(
                r#"{{"cos_hmac_keys":{{"access_key_id":"ID","secret_access_key":"{written}"}}}}"#
            );
            let Ok(ServiceCredential::Hmac {
                secret_access_key, ..
            }) = read(text.as_bytes())
            else {
                panic!("{text}")
            };
            assert_eq!(
                secret_access_key.expose_secret(),
                meant.as_bytes(),
                "{text}"
            );
        }
    }
}
