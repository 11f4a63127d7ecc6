//! Several spellings of one meaning give the same URL.

use super::{FIXTURES, url};

#[test]
fn line_ends_and_bom_of_a_secret_file_are_ignored() {
    let of = |name: &str| {
        let file = format!("{FIXTURES}/secret/{name}");
        url(&[
            "get",
            "my-bucket/k",
            "--region",
            "us-south",
            "--access-key-id",
            "AKIAIOSFODNN7EXAMPLE",
            "--secret-file",
            &file,
        ])
    };
    let plain = url(&["get", "my-bucket/k", "--region", "us-south"]);
    for name in ["plain", "newline", "crlf", "bom"] {
        assert_eq!(of(name), plain, "{name}");
    }
}

#[test]
fn every_shape_of_ibm_service_credentials_is_read() {
    let of = |name: &str| {
        let file = format!("{FIXTURES}/ibm/{name}.json");
        url(&[
            "get",
            "my-bucket/k",
            "--region",
            "us-south",
            "--service-credential",
            &file,
        ])
    };
    let object = of("object");
    assert!(
        object.contains("0123456789abcdef0123456789abcdef%2F"),
        "{object}"
    );
    for name in ["array", "nested", "flat", "bom-crlf"] {
        assert_eq!(of(name), object, "{name}");
    }
}

#[test]
fn spellings_of_durations_and_times_are_equal() {
    let of = |args: &[&str]| url(&[&["get", "my-bucket/k", "--region", "us-south"], args].concat());
    let day = of(&["--expires", "86400"]);
    for args in [
        &["-e", "1d"][..],
        &["-e24h"],
        &["--expires=1440m"],
        &["--expires-in", "23h60m"],
        &["--expire", "86400s"],
        &["--until", "2013-05-25"],
        &["--until", "20130525T000000Z"],
        &["--until", "2013-05-25T02:00:00+02:00"],
        &["--expires", "1d", "--at", "2013-05-24"],
        &["--expires", "1d", "--at", "20130524T000000Z"],
    ] {
        assert_eq!(of(args), day, "{args:?}");
    }
}

#[test]
fn aligned_urls_are_equal_within_a_window() {
    let at = |time: &str| {
        url(&[
            "get",
            "my-bucket/k",
            "--region",
            "us-south",
            "--align",
            "1h",
            "--at",
            time,
        ])
    };
    assert_eq!(at("2013-05-24T10:00:00Z"), at("2013-05-24T10:59:59Z"));
    assert_ne!(at("2013-05-24T10:59:59Z"), at("2013-05-24T11:00:00Z"));
}
