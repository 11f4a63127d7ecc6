//! Refusals in the format of each store.

use super::case::Case;
use super::link::Store;
use super::text::{http_date, spaced_hex, xml};
use super::verifier::Seen;

/// A refusal, independent of the store.
#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub fields: Vec<(&'static str, String)>,
    pub headers: Vec<(&'static str, String)>,
    /// Whether the store prints what it computed, if it ever does.
    pub tells: bool,
    /// The clock of the store.
    pub date: Option<i64>,
    /// A complete `curl -i` transcript, or only the body.
    pub transcript: bool,
    /// Only the header.
    pub bodiless: bool,
}

pub fn refusal(status: u16, code: &'static str, message: &str) -> Response {
    Response {
        status,
        code,
        message: message.to_owned(),
        ..Response::default()
    }
}

pub fn mismatch() -> Response {
    refusal(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check \
         your key and signing method.",
    )
}

impl Response {
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.fields.push((name, value.into()));
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self.transcript = true;
        self
    }

    pub fn with_request(mut self) -> Response {
        self.tells = true;
        self
    }

    pub fn dated(mut self, seconds: i64) -> Response {
        self.date = Some(seconds);
        self.transcript = true;
        self
    }

    pub fn whole(mut self) -> Response {
        self.transcript = true;
        self
    }

    pub fn bodiless(mut self) -> Response {
        self.bodiless = true;
        self.whole()
    }

    /// The text of the file for `--response`.
    pub fn render(&self, case: &Case, seen: Option<&Seen>) -> String {
        let body = self.body(case, seen);
        if !self.transcript {
            return body;
        }
        let reason = match self.status {
            301 => "Moved Permanently",
            307 => "Temporary Redirect",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            _ => "Refused",
        };
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let date = http_date(self.date.unwrap_or(case.link.now));
        head.push_str(&format!(
            "Content-Type: application/xml\r\nDate: {date}\r\nConnection: close\r\n\r\n"
        ));
        if self.bodiless { head } else { head + &body }
    }

    fn body(&self, case: &Case, seen: Option<&Seen>) -> String {
        let store = case.link.store;
        let mut text = format!("<Code>{}</Code>", self.code);
        let mut add =
            |name: &str, value: &str| text.push_str(&format!("<{name}>{}</{name}>", xml(value)));
        let resource = seen.map_or_else(
            || format!("/{}/{}", case.link.bucket, case.link.key),
            |seen| seen.key.clone(),
        );
        match store {
            // Ceph sends no message.
            Store::Ceph => add("Message", ""),
            _ => add("Message", &self.message),
        }
        if store == Store::Minio {
            add("Key", &case.link.key);
            add("BucketName", &case.link.bucket);
        }
        if matches!(store, Store::Ibm | Store::Minio | Store::Wasabi) {
            add("Resource", &resource);
        }
        for (name, value) in self.fields.iter().filter(|_| store != Store::Ceph) {
            add(name, value);
        }
        if let Some(seen) = seen.filter(|_| self.tells) {
            add("AWSAccessKeyId", &case.link.id);
            add("StringToSign", &seen.string_to_sign);
            add("SignatureProvided", &seen.provided);
            if store != Store::Gcs {
                add("StringToSignBytes", &spaced_hex(&seen.string_to_sign));
            }
            add("CanonicalRequest", &seen.canonical_request);
            if store != Store::Gcs {
                add(
                    "CanonicalRequestBytes",
                    &spaced_hex(&seen.canonical_request),
                );
            }
        }
        match store {
            Store::Ibm => {
                add("RequestId", "5c2a1d7f-9a5e-4b6c-8a53-6b1f3c8a9e10");
                add("httpStatusCode", &self.status.to_string());
            }
            Store::Gcs => {}
            Store::Ceph => {
                add(
                    "RequestId",
                    "tx00000c3b2b141825f1aa8-006b04244b-101f-default",
                );
                add("HostId", "101f-default-default");
            }
            Store::Swift => add("RequestId", "txe12bbf25bfdb419580354-006b04282a"),
            _ => {
                add("RequestId", "8Z6QK5W0M7X2R3T4");
                add("HostId", "bXktaG9zdC1pZA/Zm9vYmFy+c3RvcmU=");
            }
        }
        let quote = if matches!(store, Store::Swift | Store::Gcs) {
            '\''
        } else {
            '"'
        };
        let line = if matches!(store, Store::Ceph | Store::Gcs) {
            ""
        } else {
            "\n"
        };
        format!(
            "<?xml version={quote}1.0{quote} \
             encoding={quote}UTF-8{quote}?>{line}<Error>{text}</Error>"
        )
    }
}
