//! A URL as the request that was made of it.

use std::fmt;

use crate::sigv4::{Algorithm, QueryParameter, UrlParts, encode};

use super::Observed;

/// Why the signature of a URL cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObserveError {
    /// A parameter of the signature is missing.
    MissingParameter(&'static str),
    /// A parameter of the signature has a value that it cannot have.
    InvalidParameter(&'static str),
}

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObserveError::MissingParameter(name) => {
                write!(f, "the URL has no parameter {name}")
            }
            ObserveError::InvalidParameter(name) => {
                write!(f, "the parameter {name} of the URL has an invalid value")
            }
        }
    }
}

impl std::error::Error for ObserveError {}

impl Observed {
    /// The request that a presigned URL makes, sent with this method and these headers besides
    /// `Host`. Without a method, all are tried.
    ///
    /// ```
    /// use cos_presign::forensics::{Candidate, Cause, Clues, Observed, Search, explain_signature};
    /// use cos_presign::sigv4::{Credentials, Expiry, Request, Scheme, Signer, UrlParts};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let request = Request::new("PUT", Scheme::Https, "files.example.com", "/bucket/key");
    /// let signer = Signer::s3(Credentials::new("AKID", "secret"), "us-south")?;
    /// let url = signer.url(&request, "20260131T120000Z".parse()?, Expiry::HOUR)?;
    ///
    /// // A client reports that GET is refused.
    /// let observed = Observed::from_url(&UrlParts::parse(url.as_str())?, Some("GET"), &[])?;
    /// let signer = Candidate {
    ///     access_key_id: "AKID".to_owned(),
    ///     secret: "secret".into(),
    ///     token: None,
    /// };
    /// let outcome = explain_signature(&observed, &[signer], &Clues::default(), Search::Single);
    /// let mistakes = outcome.mistakes.ok_or("no request reproduces the signature")?;
    /// assert_eq!(mistakes[0].cause, Cause::Method);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ObserveError`]
    pub fn from_url(
        parts: &UrlParts,
        method: Option<&str>,
        headers: &[(&str, &[u8])],
    ) -> Result<Observed, ObserveError> {
        let required = |name| {
            let value = parts
                .value(name)
                .ok_or(ObserveError::MissingParameter(name))?;
            String::from_utf8(value).map_err(|_| ObserveError::InvalidParameter(name))
        };
        let algorithm = required("X-Amz-Algorithm")?;
        let algorithm = [Algorithm::HmacSha256, Algorithm::EcdsaP256Sha256]
            .into_iter()
            .find(|known| known.as_str() == algorithm)
            .ok_or(ObserveError::InvalidParameter("X-Amz-Algorithm"))?;
        let credential = required("X-Amz-Credential")?;
        let invalid = || ObserveError::InvalidParameter("X-Amz-Credential");
        let mut fields = credential.rsplit('/');
        let mut field = || fields.next().map(str::to_owned).ok_or_else(invalid);
        field()?;
        let service = field()?;
        let region = match algorithm {
            Algorithm::HmacSha256 => field()?,
            Algorithm::EcdsaP256Sha256 => String::new(),
        };
        let date = field()?;
        let mut access_key_id: Vec<&str> = fields.collect();
        access_key_id.reverse();
        let access_key_id = access_key_id.join("/");
        if access_key_id.is_empty() {
            return Err(invalid());
        }
        let signature = hex::decode(required("X-Amz-Signature")?)
            .ok()
            .filter(|bytes| algorithm != Algorithm::HmacSha256 || bytes.len() == 32)
            .ok_or(ObserveError::InvalidParameter("X-Amz-Signature"))?;

        let is_signature = |name: &[u8]| name.eq_ignore_ascii_case(b"X-Amz-Signature");
        let all = parts.parameters();
        let signed: Vec<_> = all
            .iter()
            .filter(|parameter| !is_signature(&parameter.decoded_name()))
            .collect();
        let as_sent: Vec<String> = signed
            .iter()
            .map(|parameter| match &parameter.value {
                Some(value) => format!("{}={value}", parameter.name),
                None => parameter.name.clone(),
            })
            .collect();
        let headers: Vec<(String, Vec<u8>)> = headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec()))
            .collect();
        let hash = headers
            .iter()
            .find(|(name, _)| name == "x-amz-content-sha256")
            .map(|(_, value)| value.clone())
            .or_else(|| parts.value("X-Amz-Content-Sha256"));
        let path = match parts.path.as_str() {
            "" => "/",
            path => path,
        };
        let request = parts.request(method.unwrap_or("GET"));
        Ok(Observed {
            method_is_known: method.is_some(),
            host: request.host(),
            method: request.method,
            authority: parts.authority.clone(),
            path_as_sent: path.to_owned(),
            path: encode::decode_lenient(path.as_bytes()),
            query_as_sent: as_sent.join("&"),
            query: signed
                .iter()
                .map(|p| QueryParameter::new(p.decoded_name(), p.decoded_value()))
                .collect(),
            parameters_before_signature: all
                .iter()
                .take_while(|parameter| !is_signature(&parameter.decoded_name()))
                .count(),
            signed_headers: required("X-Amz-SignedHeaders")?
                .split(';')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            headers,
            payload_hash: match hash {
                Some(hash) => String::from_utf8_lossy(&hash).into_owned(),
                None => "UNSIGNED-PAYLOAD".to_owned(),
            },
            timestamp: required("X-Amz-Date")?,
            access_key_id,
            date,
            region,
            service,
            algorithm,
            signature,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forensics::{Candidate, Clues, Search, explain_signature};
    use crate::sigv4::{Credentials, Expiry, Request, Scheme, Signer};

    #[test]
    fn a_genuine_url_is_explained_without_a_mistake() {
        let credentials = Credentials::new("AKID", "secret").with_session_token("token");
        let request = Request::new("PUT", Scheme::Https, "H:9000", "/b/a b//é")
            .with_query("versionId", "1 2")
            .with_header("Content-Type", "image/png");
        let signed_at = "20260131T120000Z".parse().expect("a time");
        let signer = Signer::s3(credentials, "us-south").expect("valid");
        let url = signer
            .url(&request, signed_at, Expiry::HOUR)
            .expect("a link");
        let parts = UrlParts::parse(url.as_str()).expect("a URL");
        let candidate = Candidate {
            access_key_id: "AKID".to_owned(),
            secret: "secret".into(),
            token: Some("token".into()),
        };
        let headers: [(&str, &[u8]); 1] = [("Content-Type", b"image/png")];
        for method in [Some("PUT"), None] {
            let observed = Observed::from_url(&parts, method, &headers).expect("signed");
            let candidates = [candidate.clone()];
            let outcome =
                explain_signature(&observed, &candidates, &Clues::default(), Search::Single);
            assert_eq!(outcome.mistakes.map(|mistakes| mistakes.len()), Some(0));
        }
    }

    #[test]
    fn a_url_without_a_signature_is_refused() {
        let credential = "X-Amz-Credential=A/20260131/r/s3/aws4_request";
        let missing = ObserveError::MissingParameter;
        let invalid = ObserveError::InvalidParameter;
        for (query, error) in [
            ("".to_owned(), missing("X-Amz-Algorithm")),
            ("X-Amz-Algorithm=x".to_owned(), invalid("X-Amz-Algorithm")),
            (
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/s3/aws4_request".to_owned(),
                invalid("X-Amz-Credential"),
            ),
            (
                format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&{credential}&X-Amz-Signature=00"),
                invalid("X-Amz-Signature"),
            ),
        ] {
            let parts = UrlParts::parse(&format!("https://h/k?{query}")).expect("a URL");
            let observed = Observed::from_url(&parts, None, &[]);
            assert_eq!(observed.err(), Some(error), "{query}");
        }
    }
}
