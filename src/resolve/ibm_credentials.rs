//! IBM's service credentials: a JSON document that may hold HMAC keys, in the four shapes in which people have it.

use serde_json::Value;

/// What a document holds.
#[derive(Debug, PartialEq, Eq)]
pub enum ServiceCredential {
    /// HMAC keys.
    Hmac {
        /// `access_key_id`
        access_key_id: String,
        /// `secret_access_key`
        secret_access_key: String,
    },
    /// Something of IBM's, but no HMAC keys: an API key, which cannot presign.
    WithoutHmac,
    /// Half of an HMAC key; the name of the other half.
    Half(&'static str),
    /// More than one key, in an array.
    Several(usize),
    /// JSON, but nothing that is known.
    Unknown,
}

/// Looks for HMAC keys in a document: the service credential itself, the array that `ibmcloud resource service-key
/// --output json` prints, either of them nested below `credentials`, or with flattened names as Terraform writes them.
///
/// # Errors
/// Line and column where the text stops being JSON. Nothing of the text is repeated: it is a secret.
pub fn read(bytes: &[u8]) -> Result<ServiceCredential, (usize, usize)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Value = serde_json::from_slice(bytes).map_err(|error| (error.line(), error.column()))?;
    Ok(find(&document))
}

/// Looks for object storage among the services that Code Engine and Cloud Foundry hand to an application: names of services,
/// each with a list of credentials. None of them may be object storage.
///
/// # Errors
/// As [`read`].
pub fn services(bytes: &[u8]) -> Result<Option<ServiceCredential>, (usize, usize)> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| (error.line(), error.column()))?;
    let entries: Vec<Value> = document
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(service, entries)| {
            let entries = entries.as_array()?.clone();
            let of_store =
                |entry: &Value| service.contains("cloud-object-storage") || matches!(find(entry), ServiceCredential::Hmac { .. });
            Some(entries.into_iter().filter(of_store).collect::<Vec<Value>>())
        })
        .flatten()
        .collect();
    Ok((!entries.is_empty()).then(|| find(&Value::Array(entries))))
}

/// A service binding: a folder with a file for each value. `read` gives the text of a file.
pub fn binding(read: impl Fn(&str) -> Option<String>) -> Option<ServiceCredential> {
    if let Some(keys) = read("cos_hmac_keys") {
        let keys: Value = serde_json::from_str(&keys).unwrap_or(Value::Null);
        return Some(pair(keys.get("access_key_id"), keys.get("secret_access_key")));
    }
    for prefix in ["cos_hmac_keys_", "cos_hmac_keys.", ""] {
        let [id, secret] = ["access_key_id", "secret_access_key"].map(|name| read(&format!("{prefix}{name}")).map(Value::String));
        if id.is_some() || secret.is_some() {
            return Some(pair(id.as_ref(), secret.as_ref()));
        }
    }
    let of_store = read("type").is_some_and(|kind| kind.contains("object-storage"));
    of_store.then_some(ServiceCredential::WithoutHmac)
}

fn find(value: &Value) -> ServiceCredential {
    if let Value::Array(entries) = value {
        let mut found: Vec<ServiceCredential> = entries.iter().map(find).filter(|f| *f != ServiceCredential::Unknown).collect();
        let with_keys = found.iter().filter(|f| matches!(f, ServiceCredential::Hmac { .. })).count();
        if with_keys > 1 {
            return ServiceCredential::Several(with_keys);
        }
        let best = found.iter().position(|f| matches!(f, ServiceCredential::Hmac { .. })).unwrap_or(0);
        return if found.is_empty() { ServiceCredential::Unknown } else { found.swap_remove(best) };
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
    if let (id @ Some(_), secret @ Some(_)) = (value.get("AccessKeyID"), value.get("SecretAccessKey")) {
        return pair(id, secret);
    }
    if let Some(nested) = value.get("credentials") {
        return find(nested);
    }
    let known = ["apikey", "iam_apikey_name", "resource_instance_id", "iam_serviceid_crn"];
    if known.iter().any(|name| value.get(name).is_some()) { ServiceCredential::WithoutHmac } else { ServiceCredential::Unknown }
}

fn pair(id: Option<&Value>, secret: Option<&Value>) -> ServiceCredential {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    match (text(id), text(secret)) {
        (Some(access_key_id), Some(secret_access_key)) => ServiceCredential::Hmac { access_key_id, secret_access_key },
        (Some(_), None) => ServiceCredential::Half("secret_access_key"),
        (None, _) => ServiceCredential::Half("access_key_id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_shapes() {
        let object = r#"{"apikey":"x","cos_hmac_keys":{"access_key_id":"ID","secret_access_key":"SECRET"}}"#;
        let hmac = ServiceCredential::Hmac { access_key_id: "ID".into(), secret_access_key: "SECRET".into() };
        for text in [
            object.to_owned(),
            format!("\u{feff}{object}\r\n"),
            format!(r#"[{{"name":"k","credentials":{object}}}]"#),
            format!(r#"[{{"credentials":{{"apikey":"x"}}}},{{"credentials":{object}}}]"#),
            format!(r#"{{"credentials":{object}}}"#),
            r#"{"cos_hmac_keys_access_key_id":"ID","cos_hmac_keys_secret_access_key":"SECRET"}"#.to_owned(),
            r#"{"cos_hmac_keys.access_key_id":"ID","cos_hmac_keys.secret_access_key":"SECRET"}"#.to_owned(),
        ] {
            assert_eq!(read(text.as_bytes()).as_ref(), Ok(&hmac), "{text}");
        }
        assert_eq!(read(format!("[{object},{object}]").as_bytes()), Ok(ServiceCredential::Several(2)));
        assert_eq!(read(br#"{"apikey":"x"}"#), Ok(ServiceCredential::WithoutHmac));
        assert_eq!(read(br#"{"cos_hmac_keys":{"access_key_id":"ID"}}"#), Ok(ServiceCredential::Half("secret_access_key")));
        assert_eq!(read(b"{}"), Ok(ServiceCredential::Unknown));
        assert_eq!(read(b"[]"), Ok(ServiceCredential::Unknown));
        assert_eq!(read(b"{\n  x"), Err((2, 3)));
    }
}
