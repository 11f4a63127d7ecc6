//! The CORS configuration of a bucket: the origins whose pages may access it (Fetch standard, "CORS
//! protocol"; Amazon S3 API reference, PutBucketCors).

/// One rule; a configuration made here has only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsRule {
    /// `https://www.example.com`, with at most one `*`.
    pub origins: Vec<String>,
    /// `PUT`, `POST`, …
    pub methods: Vec<String>,
    /// Headers that pages may send; `*` is any.
    pub headers: Vec<String>,
    /// Response headers that pages may read.
    pub exposed: Vec<String>,
    /// Seconds for which browsers may cache the rule.
    pub max_age: u64,
}

/// Methods allowed in a rule.
pub const CORS_METHODS: [&str; 5] = ["GET", "HEAD", "PUT", "POST", "DELETE"];

/// Why a text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// No `http://` or `https://`.
    Scheme,
    /// Text after the host, which browsers do not send.
    Path,
    /// No host, or an invalid one.
    Host,
    /// Stores allow one `*`.
    Stars,
}

impl OriginError {
    /// What is wrong, as the predicate of a sentence about the origin.
    pub fn problem(self) -> &'static str {
        match self {
            OriginError::Scheme => "has no scheme",
            OriginError::Path => {
                "contains more than scheme, host and port, which browsers do not send"
            }
            OriginError::Host => "has no host",
            OriginError::Stars => "has more than one `*`, but stores allow one",
        }
    }
}

impl std::fmt::Display for OriginError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the origin {}", self.problem())
    }
}

impl std::error::Error for OriginError {}

/// Checks what browsers send in `Origin`: scheme, host and port; or `null`, or a pattern of them.
///
/// # Errors
/// [`OriginError`]
pub fn check_origin(origin: &str) -> Result<(), OriginError> {
    if matches!(origin, "*" | "null") {
        return Ok(());
    }
    if origin.matches('*').count() > 1 {
        return Err(OriginError::Stars);
    }
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| origin.strip_prefix(scheme))
        .ok_or(OriginError::Scheme)?;
    if rest.contains(['/', '?', '#']) {
        return Err(OriginError::Path);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:*[]".contains(c);
    if rest.is_empty() || !rest.chars().all(fits) {
        Err(OriginError::Host)
    } else {
        Ok(())
    }
}

impl CorsRule {
    /// The body of PutBucketCors.
    pub fn to_xml(&self) -> String {
        let mut xml = String::from(
            "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule>",
        );
        let mut each = |element: &str, values: &[String]| {
            for value in values {
                let value = value
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;");
                xml.push_str(&format!("<{element}>{value}</{element}>"));
            }
        };
        each("AllowedOrigin", &self.origins);
        each("AllowedMethod", &self.methods);
        each("AllowedHeader", &self.headers);
        each("ExposeHeader", &self.exposed);
        each("MaxAgeSeconds", &[self.max_age.to_string()]);
        xml.push_str("</CORSRule></CORSConfiguration>");
        xml
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for origin in [
            "*",
            "null",
            "https://example.com",
            "http://localhost:8080",
            "https://*.example.com",
            "http://[::1]:80",
        ] {
            assert_eq!(check_origin(origin), Ok(()), "{origin}");
        }
        for (origin, error) in [
            ("example.com", OriginError::Scheme),
            ("https://example.com/", OriginError::Path),
            ("https://example.com/upload.html", OriginError::Path),
            ("https://", OriginError::Host),
            ("https://exa mple.com", OriginError::Host),
            ("https://*.*.com", OriginError::Stars),
        ] {
            assert_eq!(check_origin(origin), Err(error), "{origin}");
        }
    }

    #[test]
    fn a_rule_is_written_as_the_store_reads_it() {
        let rule = CorsRule {
            origins: vec!["https://a.example".to_owned(), "<&>".to_owned()],
            methods: vec!["PUT".to_owned()],
            headers: Vec::new(),
            exposed: vec!["ETag".to_owned()],
            max_age: 60,
        };
        assert_eq!(
            rule.to_xml(),
            "<CORSConfiguration \
             xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedOrigin>&lt;&amp;&gt;</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>"
        );
    }
}
