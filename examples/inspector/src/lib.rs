//! `cos-presign inspect` and `cos-presign diagnose` in a page, by the same code as in the program.

mod abi;

use std::time::Duration;

use cos_presign::offline::{
    Facts, InputError, Inspection, Report, diagnose, inspect, parse_headers,
};
use cos_presign::sigv4::{Credentials, SigningTime};
use serde_json::{Value, json};

/// Number of fields in an input.
const FIELDS: usize = 8;

/// What was found about a URL, or why nothing could be.
pub enum Outcome {
    /// Both reports.
    Found(Box<Found>),
    /// What is wrong with the input.
    Failed {
        /// One sentence.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// Both reports on a URL.
pub struct Found {
    inspection: Inspection,
    report: Report,
}

impl From<InputError> for Outcome {
    fn from(error: InputError) -> Outcome {
        Outcome::failed(error.message(), error.hint())
    }
}

impl Outcome {
    fn failed(message: &str, hint: &str) -> Outcome {
        Outcome::Failed {
            message: message.to_owned(),
            hint: hint.to_owned(),
        }
    }

    /// Examines the fields of the page, at a time in seconds since 1970.
    ///
    /// Each field is its length, four bytes with the lowest first, and its bytes: URL, method,
    /// headers, status, response, access key ID, secret access key, session token. An empty field
    /// was not filled in.
    pub fn of_input(input: &[u8], unix_seconds: i64) -> Outcome {
        examine(input, unix_seconds).unwrap_or_else(|outcome| outcome)
    }

    /// All that the page shows. `elapsed` is how long the examination took.
    pub fn to_json(&self, elapsed: Duration) -> String {
        let value = match self {
            Outcome::Failed { message, hint } => json!({ "error": message, "hint": hint }),
            Outcome::Found(found) => {
                let Found { inspection, report } = &**found;
                json!({
                    "rows": inspection.rows(),
                    "inspection_text": inspection.to_text(),
                    "inspection_json": inspection.to_json(),
                    "diagnosis_text": report.to_text(elapsed),
                    "diagnosis_json": report.to_json(elapsed),
                    "is_good": report.is_good(),
                    "warning": warning(report),
                })
            }
        };
        value.to_string()
    }
}

fn warning(report: &Report) -> Value {
    match report.has_plausible_response() {
        true => Value::Null,
        false => "the response has neither a status line nor an error document of a store".into(),
    }
}

fn fields(mut input: &[u8]) -> Option<[&[u8]; FIELDS]> {
    let mut fields: [&[u8]; FIELDS] = [&[]; FIELDS];
    for field in &mut fields {
        let (length, rest) = input.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        (*field, input) = rest.split_at_checked(length)?;
    }
    input.is_empty().then_some(fields)
}

fn examine(input: &[u8], unix_seconds: i64) -> Result<Outcome, Outcome> {
    let [url, method, headers, status, response, id, secret, token] = fields(input)
        .ok_or_else(|| Outcome::failed("the input is not complete", "reload the page"))?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let is_given = |bytes: &&[u8]| !bytes.is_empty();
    let now = SigningTime::from_unix_seconds(unix_seconds).map_err(|_| {
        Outcome::failed(
            "the clock of this device has no usable time",
            "set the clock",
        )
    })?;
    let url = text(url);
    if url.trim().is_empty() {
        return Err(Outcome::failed("no URL is given", "paste the whole URL"));
    }
    let mut facts = Facts::new(url, now);
    facts.method = Some(method).filter(is_given).map(text);
    facts.headers = parse_headers(&text(headers))?;
    facts.status = match text(status).trim() {
        "" => None,
        status => Some(parse_status(status)?),
    };
    facts.response = Some(response).filter(is_given).map(<[u8]>::to_vec);
    facts.credentials = credentials(id, secret, token)?;
    Ok(Outcome::Found(Box::new(Found {
        inspection: inspect(&facts.url, now)?,
        report: diagnose(&facts)?,
    })))
}

fn parse_status(text: &str) -> Result<u16, Outcome> {
    let status = text
        .parse()
        .ok()
        .filter(|status| (100..=599).contains(status));
    status.ok_or_else(|| {
        Outcome::failed(
            &format!("`{}` is not an HTTP status", text.escape_debug()),
            "give its number: 403",
        )
    })
}

fn credentials(id: &[u8], secret: &[u8], token: &[u8]) -> Result<Option<Credentials>, Outcome> {
    let found = match (id.is_empty(), secret.is_empty()) {
        (true, true) if token.is_empty() => return Ok(None),
        (false, false) => Credentials::new(String::from_utf8_lossy(id), secret),
        (_, true) => {
            return Err(Outcome::failed(
                "the secret access key is missing",
                "fill it in too, or remove the access key ID and the session token",
            ));
        }
        (true, false) => {
            return Err(Outcome::failed(
                "the access key ID is missing",
                "fill it in too: it is the first part of X-Amz-Credential in the URL",
            ));
        }
    };
    Ok(Some(match token.is_empty() {
        true => found,
        false => found.with_session_token(token),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn input(fields: [&str; FIELDS]) -> Vec<u8> {
        fields
            .iter()
            .flat_map(|field| {
                let length = u32::try_from(field.len()).unwrap().to_le_bytes();
                [&length, field.as_bytes()].concat()
            })
            .collect()
    }

    fn shown(input: &[u8]) -> Value {
        let outcome = Outcome::of_input(input, 1_369_353_600);
        serde_json::from_str(&outcome.to_json(Duration::ZERO)).unwrap()
    }

    /// The example of Amazon's documentation.
    const URL: &str = "https://examplebucket.s3.amazonaws.com/test.txt\
        ?X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn finds_that_a_signature_matches() {
        let shown = shown(&input([URL, "GET", "", "", "", ID, SECRET, ""]));
        let report: Value =
            serde_json::from_str(shown["diagnosis_json"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&report["verdict"], &report["signature"]),
            (&"ok".into(), &"matches".into())
        );
        assert_eq!(shown["is_good"], true);
        assert!(!shown.to_string().contains(SECRET));
    }

    #[test]
    fn rejects_fields_that_cannot_be_used() {
        for (fields, message) in [
            (["", "", "", "", "", "", "", ""], "no URL is given"),
            (["x", "", "", "", "", "", "", ""], "`x` is not a URL"),
            (
                [URL, "G T", "", "", "", "", "", ""],
                "the method `G T` is not a method",
            ),
            (
                [URL, "", "a", "", "", "", "", ""],
                "the header `a` has no colon",
            ),
            (
                [URL, "", "", "4O3", "", "", "", ""],
                "`4O3` is not an HTTP status",
            ),
            (
                [URL, "", "", "", "", ID, "", ""],
                "the secret access key is missing",
            ),
            (
                [URL, "", "", "", "", "", SECRET, ""],
                "the access key ID is missing",
            ),
            (
                [URL, "", "", "", "", "", "", "t"],
                "the secret access key is missing",
            ),
            (
                [URL, "", "", "", "", ID, "s ", ""],
                "begins or ends with a space",
            ),
        ] {
            let shown = shown(&input(fields));
            let error = shown["error"].as_str().unwrap_or_default();
            assert!(error.contains(message), "{shown}");
            assert!(!shown["hint"].as_str().unwrap().is_empty());
        }
    }

    #[test]
    fn rejects_an_input_of_another_form() {
        let whole = input([URL, "", "", "", "", "", "", ""]);
        for bytes in [
            &whole[..whole.len() - 1],
            &[whole.clone(), vec![0]].concat(),
            &[],
        ] {
            assert_eq!(shown(bytes)["error"], "the input is not complete");
        }
    }
}
