//! Requests and credentials that must not be signed, and signatures that a store must be able to
//! verify.

use cos_presign::sigv4::{
    Credentials, Error, Expiry, Header, PayloadHash, Placement, Presigned, Presigner, Request,
    RequestPath, Scheme, SessionTokenMode, SigningTime, UrlParts,
};
use cos_presign::store::{Endpoint, Network, PROVIDERS};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn signed_at() -> SigningTime {
    "20260131T120000Z".parse().unwrap()
}

fn request() -> Request {
    Request::new("PUT", Scheme::Https, "s3.example.com", "/bucket/key")
}

fn presign(request: &Request) -> Result<Presigned, Error> {
    let credentials = Credentials::new("AKID", "secret");
    Presigner::s3(&credentials, "us-south", signed_at())?.presign(request)
}

fn in_header(credentials: &Credentials, request: &Request) -> Result<Presigned, Error> {
    Presigner::s3(credentials, "us-south", signed_at())?
        .placement(Placement::Header)
        .presign(request)
}

fn sent(presigned: &Presigned, name: &str) -> Vec<String> {
    let named = presigned.headers_to_send.iter();
    let named = named.filter(|header| header.name.eq_ignore_ascii_case(name));
    named
        .map(|header| String::from_utf8(header.value.clone()).unwrap())
        .collect()
}

#[test]
fn a_header_value_cannot_begin_another_header() {
    for value in [
        "a\r\nx-amz-acl: public-read",
        "a\nx-amz-acl: public-read",
        "a\rb",
        "a\r\n",
        "\na",
        "a\r \nb",
        "a\0b",
        "a\x0bb",
        "a\x7f",
    ] {
        let request = request().with_header("x-amz-meta-name", value);
        let name = "x-amz-meta-name".to_owned();
        assert_eq!(
            presign(&request).err(),
            Some(Error::HeaderValue { name }),
            "{value:?}"
        );
    }
    // A line that continues a value is sent on one line.
    for value in ["a\r\n b", "a\n\tb", "a b"] {
        let presigned = presign(&request().with_header("x-amz-meta-name", value)).unwrap();
        assert_eq!(sent(&presigned, "x-amz-meta-name"), ["a b"], "{value:?}");
    }
}

#[test]
fn a_verbatim_path_cannot_contain_delimiters() {
    let mut request = request();
    for path in [
        "/k?versionId=1",
        "/k#x",
        "/a b",
        "/k HTTP/1.1\r\nx: y",
        "/\x7f",
    ] {
        request.path = RequestPath::AsSent(path.as_bytes().to_vec());
        assert_eq!(presign(&request).err(), Some(Error::PathAsSent), "{path:?}");
    }
    request.path = RequestPath::AsSent(b"/\xff".to_vec());
    assert_eq!(presign(&request).err(), Some(Error::PathAsSent));
    for url in ["https://h/a b", "https://h/a\r\nb/%zz"] {
        let request = UrlParts::parse(url).unwrap().request("GET");
        assert_eq!(presign(&request).err(), Some(Error::PathAsSent), "{url:?}");
    }
    request.path = RequestPath::AsSent(b"/a%2fb//../%zz".to_vec());
    let url = presign(&request).unwrap().url;
    assert!(
        url.as_str()
            .starts_with("https://s3.example.com/a%2fb//../%zz?")
    );
}

#[test]
fn empty_secrets_and_tokens_do_not_sign() {
    for (credentials, error) in [
        (Credentials::new("AKID", ""), Error::SecretAccessKey),
        (
            Credentials::new("AKID", "secret").with_session_token(""),
            Error::SessionToken,
        ),
        (Credentials::new("", "secret"), Error::AccessKeyId),
    ] {
        let presigner = Presigner::s3(&credentials, "r", signed_at());
        assert_eq!(presigner.err(), Some(error.clone()));
        #[cfg(feature = "v4a")]
        {
            let presigner = Presigner::of_region_set(&credentials, "*", "s3", signed_at());
            assert_eq!(presigner.err(), Some(error.clone()));
        }
        let signer = cos_presign::sigv4::Signer::s3(credentials, "r");
        assert_eq!(signer.err(), Some(error));
    }
}

#[test]
fn headers_of_the_signature_have_one_value() {
    let temporary = Credentials::new("AKID", "secret").with_session_token("TOKEN");
    let reserved = |name: &str| Some(Error::ReservedHeader(name.to_owned()));
    for (name, value) in [
        ("x-amz-date", "20200101T000000Z"),
        ("X-Amz-Security-Token", "MINE"),
        ("x-amz-content-sha256", EMPTY),
        ("Authorization", "x"),
    ] {
        let request = request().with_header(name, value);
        let expected = reserved(&name.to_ascii_lowercase());
        assert_eq!(in_header(&temporary, &request).err(), expected, "{name}");
    }
    let twice = request()
        .with_header("x-amz-date", "20260131T120000Z")
        .with_header("x-amz-date", "20260131T120000Z");
    assert_eq!(in_header(&temporary, &twice).err(), reserved("x-amz-date"));

    // Values in their signed form are sent once.
    let given = request()
        .with_header("x-amz-date", "20260131T120000Z")
        .with_header("x-amz-security-token", "TOKEN")
        .with_payload_hash(PayloadHash::OfBody(Vec::new()));
    let mut without = request();
    without.payload_hash = PayloadHash::OfBody(Vec::new());
    let presigned = in_header(&temporary, &given).unwrap();
    let same = in_header(&temporary, &without).unwrap();
    assert_eq!(presigned.signature, same.signature);
    for (name, value) in [
        ("x-amz-date", "20260131T120000Z"),
        ("x-amz-security-token", "TOKEN"),
        ("x-amz-content-sha256", EMPTY),
    ] {
        assert_eq!(sent(&presigned, name), [value]);
        assert_eq!(sent(&same, name), [value]);
        assert!(presigned.canonical_request.signed_headers.contains(name));
    }
    let after = Presigner::s3(&temporary, "us-south", signed_at())
        .unwrap()
        .placement(Placement::Header)
        .session_token_mode(SessionTokenMode::AddedAfterSigning);
    let token = request().with_header("x-amz-security-token", "TOKEN");
    assert_eq!(
        after.presign(&token).err(),
        reserved("x-amz-security-token")
    );
}

#[test]
fn the_hash_of_the_payload_is_sent_where_it_is_signed() {
    let permanent = Credentials::new("AKID", "secret");
    let presigned = in_header(&permanent, &request()).unwrap();
    assert_eq!(
        sent(&presigned, "x-amz-content-sha256"),
        ["UNSIGNED-PAYLOAD"]
    );

    let of_body = request().with_payload_hash(PayloadHash::OfBody(b"hello".to_vec()));
    let presigned = presign(&of_body).unwrap();
    let hash = of_body.payload_hash.to_text();
    assert_eq!(sent(&presigned, "x-amz-content-sha256"), [hash.as_str()]);
    let signed_headers = UrlParts::parse(presigned.url.as_str()).unwrap();
    let signed_headers = signed_headers.value("X-Amz-SignedHeaders").unwrap();
    assert_eq!(signed_headers, b"host;x-amz-content-sha256");
    // Where it is not a header of the request, it is sent and not signed.
    let mut unsigned = request();
    unsigned.payload_hash = of_body.payload_hash.clone();
    let presigned = presign(&unsigned).unwrap();
    assert_eq!(sent(&presigned, "x-amz-content-sha256"), [hash]);
    assert_eq!(presigned.canonical_request.signed_headers, "host");
    let other = unsigned.with_header("x-amz-content-sha256", EMPTY);
    let reserved = Error::ReservedHeader("x-amz-content-sha256".to_owned());
    assert_eq!(presign(&other).err(), Some(reserved));

    // A link whose body is open has no header for it.
    assert_eq!(presign(&request()).unwrap().headers_to_send, []);
}

#[test]
fn a_link_expires_with_its_credentials() {
    let at = |seconds| signed_at().plus_seconds(seconds).unwrap();
    for (credentials, expires_at) in [
        (Credentials::new("AKID", "secret"), at(3600)),
        (Credentials::new("AKID", "secret").ending_at(at(60)), at(60)),
        (
            Credentials::new("AKID", "secret").ending_at(at(7200)),
            at(3600),
        ),
    ] {
        let presigner = Presigner::s3(&credentials, "r", signed_at()).unwrap();
        let presigned = presigner.expires_in(Expiry::HOUR).presign(&request());
        assert_eq!(presigned.unwrap().expires_at, Some(expires_at));
    }
}

#[test]
fn a_region_cannot_become_another_host() {
    let mut built = 0;
    for provider in PROVIDERS {
        for region in [
            "evil.com/",
            "evil.com?",
            "a#",
            "a@b",
            "a:1",
            "",
            ".",
            "a..b",
            "a b",
            "é",
        ] {
            let endpoint = provider.endpoint(region, Network::Public);
            assert_eq!(endpoint, None, "{} {region}", provider.id);
        }
        if let Some(url) = provider.endpoint("eu-central-1", Network::Public) {
            Endpoint::parse(&url).unwrap_or_else(|error| panic!("{url}: {error}"));
            built += 1;
        }
    }
    assert!(built > 10, "{built}");
}

/// Values that may be secret are not repeated where a value is shown for debugging.
#[test]
fn debug_output_is_readable_text_without_secrets() {
    let request = Request::new("GET", Scheme::Https, "h", "/a\u{1}b")
        .with_query("versionId", "é")
        .with_header("x-amz-meta-a", "hidden");
    let shown = format!("{request:?}");
    assert!(shown.contains(r#"Unencoded("/a\x01b")"#), "{shown}");
    assert!(shown.contains(r#""versionId=\xc3\xa9""#), "{shown}");
    assert!(!shown.contains("hidden"), "{shown}");
    assert_eq!(format!("{:?}", Header::new("a", "bc")), "a: (2 bytes)");
}
