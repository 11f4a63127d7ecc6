//! A strict store with the rules of AWS. Decides whether a request would be served, without knowing
//! what was broken.

use super::case::{Arrived, Case, Pairs, canonical_text, default_port_removed, get, signing_key};
use super::text::{decode, encode_keeping, hmac, seconds, sha256_hex};

/// The values that the store computes, and would print.
pub struct Seen {
    pub canonical_request: String,
    pub string_to_sign: String,
    pub provided: String,
    pub key: String,
}

/// The request as sent by the client; `None` if the text is not a URL.
pub fn sent(case: &Case, url: &str) -> Option<Arrived> {
    let (scheme, rest) = url.split_once("://")?;
    let (address, query) = rest.split_once('?')?;
    let (authority, path) = address.split_at(address.find('/')?);
    let fits = |c: char| c.is_ascii_graphic() && !"<>\"`".contains(c);
    if !matches!(scheme, "http" | "https") || !url.chars().all(|c| fits(c) || !c.is_ascii()) {
        return None;
    }
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    Some(Arrived {
        method: case.used.method.clone(),
        host: default_port_removed(scheme, authority),
        path: path.to_owned(),
        query: pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        headers: case.used.headers.clone(),
    })
}

/// The request as received by the store.
pub fn arrived(case: &Case, url: &str) -> Option<Arrived> {
    let mut request = sent(case, url)?;
    if let Some(host) = case
        .used
        .host
        .as_deref()
        .or(get(&case.used.headers, "host"))
    {
        request.host = host.to_owned();
    }
    for change in &case.proxy {
        change(&mut request);
    }
    Some(request)
}

fn decoded(request: &Arrived, name: &str) -> Option<String> {
    let found: Vec<&str> = request
        .query
        .iter()
        .filter(|(other, _)| other == name)
        .map(|(_, value)| value.as_str())
        .collect();
    match found[..] {
        [value] => String::from_utf8(decode(value)).ok(),
        _ => None,
    }
}

pub fn seen(request: &Arrived) -> Option<Seen> {
    let names = decoded(request, "X-Amz-SignedHeaders")?;
    let mut headers: Pairs = Vec::new();
    for name in names.split(';') {
        let value = if name == "host" {
            Some(request.host.as_str())
        } else {
            get(&request.headers, name)
        };
        headers.push((name.to_owned(), value.unwrap_or_default().to_owned()));
    }
    let again = |text: &str, keep: &str| encode_keeping(&decode(text), keep);
    let mut query: Pairs = request
        .query
        .iter()
        .map(|(name, value)| (again(name, ""), again(value, "")))
        .collect();
    query.retain(|(name, _)| name != "X-Amz-Signature");
    query.sort();
    let payload = match get(&headers, "x-amz-content-sha256") {
        Some(hash) => hash.to_owned(),
        None => {
            decoded(request, "X-Amz-Content-Sha256").unwrap_or_else(|| "UNSIGNED-PAYLOAD".into())
        }
    };
    let path = again(&request.path, "/");
    let canonical_request =
        canonical_text(&request.method, &path, &query, &headers, &names, &payload);
    let credential = decoded(request, "X-Amz-Credential")?;
    let (_, scope) = credential.split_once('/')?;
    let hash = sha256_hex(canonical_request.as_bytes());
    let string_to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}",
        decoded(request, "X-Amz-Date")?
    );
    let provided = decoded(request, "X-Amz-Signature")?;
    let key = String::from_utf8_lossy(&decode(&request.path)).into_owned();
    Some(Seen {
        canonical_request,
        string_to_sign,
        provided,
        key,
    })
}

/// # Errors
/// Why the link would be refused.
pub fn verify(case: &Case, url: &str) -> Result<(), &'static str> {
    let request = arrived(case, url).ok_or("no address")?;
    let seen = seen(&request).ok_or("parameters")?;
    let link = &case.link;
    let of = |name: &str| decoded(&request, name).ok_or("a parameter is missing or doubled");
    if of("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
        return Err("algorithm");
    }
    let credential = of("X-Amz-Credential")?;
    let date = of("X-Amz-Date")?;
    if credential
        != format!(
            "{}/{}/{}/s3/aws4_request",
            link.id,
            date.get(..8).unwrap_or_default(),
            link.region
        )
    {
        return Err("credential");
    }
    let signed_at = seconds(&date).ok_or("date")?;
    let unlimited = link.store == super::link::Store::Ibm;
    check_times(
        &of("X-Amz-Expires")?,
        signed_at,
        case.given.store_time.unwrap_or(case.given.at),
        unlimited,
    )?;
    if decoded(&request, "X-Amz-Security-Token") != link.token {
        return Err("token");
    }
    check_headers(&of("X-Amz-SignedHeaders")?, &request)?;
    let scope: Vec<String> = credential.rsplit('/').take(4).map(str::to_owned).collect();
    let key = signing_key(
        link.secret.as_bytes(),
        &[scope[3].clone(), scope[2].clone(), scope[1].clone()],
    );
    if seen.provided != hex::encode(hmac(&key, &seen.string_to_sign)) {
        Err("signature")
    } else {
        Ok(())
    }
}

fn check_times(
    expires: &str,
    signed_at: i64,
    now: i64,
    unlimited: bool,
) -> Result<(), &'static str> {
    let expires: i64 = expires.parse().map_err(|_| "expires")?;
    match now - signed_at {
        _ if expires < 1 || (expires > 604_800 && !unlimited) => Err("expires"),
        age if age < -900 => Err("not yet valid"),
        age if age > expires => Err("expired"),
        _ => Ok(()),
    }
}

fn check_headers(names: &str, request: &Arrived) -> Result<(), &'static str> {
    let listed: Vec<&str> = names.split(';').collect();
    let sorted = listed.windows(2).all(|pair| pair[0] < pair[1]);
    if !sorted || !listed.contains(&"host") || names != names.to_ascii_lowercase() {
        return Err("signed headers");
    }
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        if name == "authorization" {
            return Err("two mechanisms");
        }
        if name == "transfer-encoding" || value == "aws-chunked" {
            return Err("chunked");
        }
        if name.starts_with("x-amz-") && !listed.contains(&name.as_str()) {
            return Err("header not signed");
        }
    }
    Ok(())
}
