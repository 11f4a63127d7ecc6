//! What a server refuses and accepts, and that both halves of the library agree.

use cos_presign::sigv4::{
    Credentials, Expiry, PayloadHash, Refusal, Request, Scheme, SignedUrl, Signer, SigningTime,
    Verified,
};
use proptest::prelude::*;

const HOST: [(&str, &str); 1] = [("Host", "s3.example.com")];

fn now() -> SigningTime {
    "20260131T120000Z".parse().unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("AKID", "secret")
}

fn get(path: &str) -> Request {
    Request::new("GET", Scheme::Https, "s3.example.com", path)
}

fn link(credentials: Credentials, request: &Request) -> String {
    let signer = Signer::s3(credentials, "us-south").unwrap();
    signer.url(request, now(), Expiry::HOUR).unwrap().into()
}

fn verify(url: &str) -> Result<Verified, Refusal> {
    SignedUrl::parse(url)?.verify("GET", HOST, &credentials(), now())
}

#[test]
fn a_link_is_accepted_until_it_expires() {
    let url = link(credentials(), &get("/bucket/a b"));
    let signed = SignedUrl::parse(&url).unwrap();
    assert_eq!(signed.access_key_id(), "AKID");
    assert_eq!(
        signed.scope().to_string(),
        "20260131/us-south/s3/aws4_request"
    );
    assert_eq!((signed.signed_at(), signed.expiry()), (now(), Expiry::HOUR));
    let at = |seconds: i64| SigningTime::from_unix_seconds(now().unix_seconds() + seconds).unwrap();
    let verified = |at| signed.verify("GET", HOST, &credentials(), at);
    for seconds in [-900, 0, 3599] {
        let verified = verified(at(seconds)).unwrap();
        assert_eq!(verified.path, b"/bucket/a b");
        assert_eq!(verified.expires_at, at(3600));
        assert_eq!(verified.payload_sha256, None);
    }
    assert_eq!(verified(at(3600)), Err(Refusal::Expired { at: at(3600) }));
    assert_eq!(
        verified(at(-901)),
        Err(Refusal::NotYetValid { from: now() })
    );
    let ending = credentials().ending_at(at(60));
    let refused = signed.verify("GET", HOST, &ending, at(60));
    assert_eq!(refused, Err(Refusal::CredentialsExpired { at: at(60) }));
    let verified = signed.verify("GET", HOST, &ending, at(59)).unwrap();
    assert_eq!(verified.expires_at, at(60));
}

#[test]
fn a_path_is_decoded_and_encoded_again() {
    let url = link(credentials(), &get("/bucket/é~"));
    assert!(url.contains("/bucket/%C3%A9~?"));
    for spelling in ["/bucket/%c3%a9~?", "/bucket/é%7E?", "/%62ucket/%C3%a9%7e?"] {
        let url = url.replace("/bucket/%C3%A9~?", spelling);
        assert_eq!(verify(&url).unwrap().path, "/bucket/é~".as_bytes(), "{url}");
    }
    // Dots and slashes are part of a key, and are not resolved.
    for path in ["/bucket/./é~?", "//bucket/é~?", "/bucket/x/../é~?"] {
        let url = url.replace("/bucket/%C3%A9~?", path);
        assert_eq!(verify(&url), Err(Refusal::Signature), "{url}");
    }
    // Only the path and query reach a server.
    let (_, target) = url.split_once("s3.example.com").unwrap();
    assert!(verify(target).is_ok());
    assert!(verify(&format!("{url}#fragment")).is_ok());
}

#[test]
fn every_refusal_has_its_type() {
    let url = link(credentials(), &get("/bucket/key"));
    let cases: Vec<(&str, &str, Refusal)> = vec![
        ("/bucket/key", "/bucket/key2", Refusal::Signature),
        ("/bucket/key", "/bucket/%zz", Refusal::Path),
        (
            "X-Amz-Expires=3600",
            "X-Amz-Expires=7200",
            Refusal::Signature,
        ),
        (
            "X-Amz-Expires=3600",
            "X-Amz-Expires=0",
            Refusal::InvalidParameter("X-Amz-Expires"),
        ),
        (
            "X-Amz-Expires=3600",
            "X-Amz-Expires=%2B3600",
            Refusal::InvalidParameter("X-Amz-Expires"),
        ),
        (
            "X-Amz-Expires=3600&",
            "",
            Refusal::MissingParameter("X-Amz-Expires"),
        ),
        (
            "X-Amz-Expires=3600",
            "X-Amz-Expires=3600&X-Amz-Expires=9",
            Refusal::RepeatedParameter("X-Amz-Expires"),
        ),
        (
            "X-Amz-Expires=3600",
            "X-Amz-Expires=3600&x-amz-signature=9",
            Refusal::RepeatedParameter("X-Amz-Signature"),
        ),
        (
            "X-Amz-Date=",
            "x-amz-date=",
            Refusal::RepeatedParameter("X-Amz-Date"),
        ),
        ("X-Amz-Date=2026", "X-Amz-Date=2025", Refusal::ScopeDate),
        (
            "T120000Z",
            "T1200Z",
            Refusal::InvalidParameter("X-Amz-Date"),
        ),
        (
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-MD5",
            Refusal::Algorithm("AWS4-HMAC-MD5".to_owned()),
        ),
        (
            "aws4_request",
            "aws5_request",
            Refusal::InvalidParameter("X-Amz-Credential"),
        ),
        ("us-south", "us-east", Refusal::Signature),
        ("AKID", "OTHER", Refusal::AccessKeyId),
        ("X-Amz-Date=", "a=%zz&X-Amz-Date=", Refusal::Query),
        ("X-Amz-Date=", "versionId=1&X-Amz-Date=", Refusal::Signature),
        (
            "SignedHeaders=host",
            "SignedHeaders=host%3Brange",
            Refusal::MissingHeader("range".to_owned()),
        ),
        (
            "SignedHeaders=host",
            "SignedHeaders=range",
            Refusal::UnsignedHeader("host".to_owned()),
        ),
        (
            "SignedHeaders=host",
            "SignedHeaders=host%3Bhost",
            Refusal::InvalidParameter("X-Amz-SignedHeaders"),
        ),
        (
            "X-Amz-Signature=",
            "X-Amz-Signature=00",
            Refusal::InvalidParameter("X-Amz-Signature"),
        ),
    ];
    for (from, to, refusal) in cases {
        assert!(url.contains(from), "{from}");
        let changed = url.replacen(from, to, 1);
        assert_eq!(verify(&changed), Err(refusal), "{to}");
    }
    assert_eq!(
        verify("/bucket/key"),
        Err(Refusal::MissingParameter("X-Amz-Algorithm"))
    );
    assert_eq!(verify("bucket"), Err(Refusal::Path));

    let signed = SignedUrl::parse(&url).unwrap();
    let with = |headers: &[(&str, &str)], credentials: &Credentials| {
        signed.verify("GET", headers.iter().copied(), credentials, now())
    };
    let other = Credentials::new("AKID", "other");
    let empty = Credentials::new("AKID", "");
    let temporary = credentials().with_session_token("token");
    let acl = [HOST[0], ("X-Amz-Acl", "public-read")];
    for (headers, credentials, refusal) in [
        (&HOST[..], &other, Refusal::Signature),
        (&HOST[..], &empty, Refusal::SecretAccessKey),
        (&HOST[..], &temporary, Refusal::SessionToken),
        (
            &[("Host", "evil.example.com")],
            &credentials(),
            Refusal::Signature,
        ),
        (&[HOST[0], HOST[0]], &credentials(), Refusal::Signature),
        (
            &[],
            &credentials(),
            Refusal::MissingHeader("host".to_owned()),
        ),
        (
            &acl,
            &credentials(),
            Refusal::UnsignedHeader("x-amz-acl".to_owned()),
        ),
    ] {
        assert_eq!(with(headers, credentials), Err(refusal));
    }
    // Headers that clients and proxies add are not signed.
    let more = [("host", "S3.example.com"), ("User-Agent", "curl")];
    assert!(with(&more, &credentials()).is_ok());
    // A refusal does not depend on the clock before the signature is known to be genuine.
    let late = now().plus_seconds(9999).unwrap();
    assert_eq!(
        signed.verify("GET", HOST, &other, late),
        Err(Refusal::Signature)
    );
}

#[test]
fn a_session_token_has_to_be_that_of_the_credentials() {
    let temporary = credentials().with_session_token("to/ken=");
    let url = link(temporary.clone(), &get("/bucket/key"));
    let signed = SignedUrl::parse(&url).unwrap();
    assert_eq!(signed.session_token(), Some(&b"to/ken="[..]));
    assert!(signed.verify("GET", HOST, &temporary, now()).is_ok());
    for other in [credentials(), credentials().with_session_token("to/ken")] {
        let refused = signed.verify("GET", HOST, &other, now());
        assert_eq!(refused, Err(Refusal::SessionToken));
    }
    let shown = format!("{signed:?}");
    assert!(
        !shown.contains("ken") && !shown.contains("ignature"),
        "{shown}"
    );
}

#[test]
fn the_hash_of_the_body_is_that_of_the_signed_header() {
    let request = get("/bucket/key").with_payload_hash(PayloadHash::OfBody(b"hello".to_vec()));
    let hash = request.payload_hash.to_text();
    let url = link(credentials(), &request);
    let signed = SignedUrl::parse(&url).unwrap();
    let headers = [HOST[0], ("x-amz-content-sha256", hash.as_str())];
    let verified = signed
        .verify("GET", headers, &credentials(), now())
        .unwrap();
    assert_eq!(verified.payload_sha256, Some(hash));
    let missing = Refusal::MissingHeader("x-amz-content-sha256".to_owned());
    assert_eq!(verify(&url), Err(missing));
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..30),
        "[a-zA-Z./%+ ~=&-]{0,30}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn what_is_signed_is_verified_and_nothing_else(
        path in text(),
        query in proptest::collection::vec((text(), text()), 0..4),
        headers in proptest::collection::vec(("x-[a-z]{1,6}", "[ -~]{0,12}"), 0..4),
        token in proptest::option::of("[ -~]{1,40}"),
        at in any::<proptest::sample::Index>(),
        bit in 0..7_u32,
    ) {
        let mut credentials = credentials();
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        let path = [b"/", &path[..]].concat();
        let mut request = Request::new("GET", Scheme::Https, "s3.example.com", path.clone());
        // A parameter without name and value is invisible to a server.
        for (name, value) in query.into_iter().filter(|(name, _)| !name.is_empty()) {
            request = request.with_query(name, value);
        }
        let mut sent = vec![("host".to_owned(), "s3.example.com".to_owned())];
        for (name, value) in headers {
            request = request.with_header(name.as_str(), value.as_str());
            sent.push((name, value));
        }
        let url = link(credentials.clone(), &request);
        let parsed = SignedUrl::parse(&url).unwrap();
        let verified = parsed.verify("GET", sent.clone(), &credentials, now());
        prop_assert_eq!(verified.unwrap().path, path.clone());

        // A target with one flipped bit either is equivalent, or is refused.
        let (origin, target) = url.split_at("https://s3.example.com".len());
        let mut changed = target.as_bytes().to_vec();
        changed[at.index(target.len())] ^= 1 << bit;
        let changed = String::from_utf8(changed).unwrap();
        let accepted = SignedUrl::parse(&format!("{origin}{changed}"))
            .and_then(|signed| signed.verify("GET", sent, &credentials, now()));
        if let Ok(verified) = accepted {
            let same = |text: &str| {
                let text = text.split('#').next().unwrap();
                cos_presign::sigv4::encode::decode_lenient(text.as_bytes())
            };
            prop_assert_eq!(verified.path, path);
            prop_assert_eq!(same(&changed), same(target));
        }
    }
}
