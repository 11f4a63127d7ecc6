//! The reports of `inspect` and `diagnose` as library calls.

use std::time::Duration;

use cos_presign::offline::{Facts, diagnose, inspect, parse_headers};
use cos_presign::sigv4::{Credentials, SigningTime};

/// The example of Amazon's documentation.
const URL: &str = "https://examplebucket.s3.amazonaws.com/test.txt\
    ?X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
    &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn now() -> SigningTime {
    "20130524T003000Z".parse().unwrap()
}

#[test]
fn credentials_are_compared_with_the_signature() {
    for (method, verdict) in [("GET", "ok"), ("PUT", "wrong-method")] {
        let mut facts = Facts::new(URL, now());
        facts.method = Some(method.to_owned());
        facts.credentials = Some(Credentials::new(ID, SECRET));
        let report = diagnose(&facts).unwrap();
        assert_eq!(report.verdict(), verdict);
        assert_eq!(report.is_good(), verdict == "ok");
        let json: serde_json::Value =
            serde_json::from_str(&report.to_json(Duration::from_millis(7))).unwrap();
        assert_eq!(json["verdict"], verdict);
        assert_eq!(json["milliseconds"], 7);
        assert!(report.to_text(Duration::ZERO).starts_with("verdict: "));
        assert!(!json.to_string().contains(SECRET));
    }
}

#[test]
fn responses_are_part_of_the_report() {
    for (response, is_plausible) in [
        ("<Error><Code>AccessDenied</Code></Error>", true),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", true),
        ("it does not work", false),
    ] {
        let mut facts = Facts::new(URL, now());
        facts.response = Some(response.into());
        let report = diagnose(&facts).unwrap();
        assert_eq!(report.has_plausible_response(), is_plausible, "{response}");
    }
}

#[test]
fn inspection_shows_no_signature() {
    let inspection = inspect(URL, now()).unwrap();
    let rows = inspection.rows();
    assert!(
        rows.contains(&("bucket", "examplebucket".to_owned())),
        "{rows:?}"
    );
    for text in [
        inspection.to_text(),
        inspection.to_json(),
        format!("{rows:?}"),
    ] {
        assert!(!text.contains("aeeed9bb"), "{text}");
    }
}

#[test]
fn unusable_inputs_are_errors_that_repeat_no_secret() {
    assert!(
        inspect("ftp", now())
            .unwrap_err()
            .message()
            .contains("`ftp` is not a URL")
    );
    let mut facts = Facts::new(URL, now());
    facts.method = Some("G T".to_owned());
    assert!(
        diagnose(&facts)
            .unwrap_err()
            .message()
            .contains("`G T` is not a method")
    );
    facts.method = None;
    facts.credentials = Some(Credentials::new(ID, "s3cr3t-value "));
    let error = diagnose(&facts).unwrap_err();
    assert_eq!(
        error.message(),
        "the secret access key begins or ends with a space"
    );
    assert!(!format!("{facts:?} {error:?}").contains("s3cr3t-value"));
    assert_eq!(parse_headers("a: b\r\n\nC:d\n").unwrap().len(), 2);
    assert!(parse_headers("a b: c").is_err());
}
