//! The URLs of a signer equal those of the individual steps.

use cos_presign::sigv4::{
    Credentials, Expiry, PayloadHash, Request, RequestPath, Scheme, Signer, SigningTime, UrlParts,
};
use proptest::prelude::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "[a-zA-Z./%+ ~=&-]{0,40}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn a_link_without_intermediate_values_is_the_same_link(
        path in bytes(),
        as_sent in proptest::option::of("[a-z/%é~]{0,20}"),
        query in proptest::collection::vec((bytes(), bytes()), 0..5),
        authority in "[a-zA-Z.-]{1,20}(:(80|443|9000))?",
        is_tls in any::<bool>(),
        token in proptest::option::of("[ -~]{1,60}"),
        seconds in -62_167_219_200_i64..253_402_300_799,
        expiry in 1..u64::MAX,
        header in proptest::option::of("[!-~]{1,8}"),
        is_hashed in any::<bool>(),
    ) {
        let mut credentials = Credentials::new("AKID+/é".replace('/', ""), "secret");
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        let signer = Signer::s3(credentials, "us-south").unwrap();
        let scheme = if is_tls { Scheme::Https } else { Scheme::Http };
        let mut request = Request::new("GET", scheme, authority, [b"/", &path[..]].concat());
        if let Some(text) = as_sent {
            request.path = RequestPath::AsSent(format!("/{text}").into_bytes());
        }
        for (name, value) in query {
            request = request.with_query(name, value);
        }
        if let Some(value) = header {
            request = request.with_header("x-amz-meta-a", value);
        }
        if is_hashed {
            request.payload_hash = PayloadHash::OfBody(path);
        }
        let signed_at = SigningTime::from_unix_seconds(seconds).unwrap();
        let expiry = Expiry::seconds(expiry).unwrap();
        let url = signer.url(&request, signed_at, expiry);
        let presigned = signer.presign(&request, signed_at, expiry);
        prop_assert_eq!(url, presigned.map(|presigned| presigned.url));
    }
}

#[test]
fn a_link_is_the_one_of_the_documentation() {
    let credentials = Credentials::new(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    );
    let signer = Signer::s3(credentials, "us-east-1").unwrap();
    let host = "examplebucket.s3.amazonaws.com";
    let request = Request::new("GET", Scheme::Https, host, "/test.txt");
    let signed_at = "20130524T000000Z".parse().unwrap();
    let url = signer.url(&request, signed_at, Expiry::DAY).unwrap();
    let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let parts = UrlParts::parse(url.as_ref()).unwrap();
    assert_eq!(
        parts.value("X-Amz-Signature").unwrap(),
        signature.as_bytes()
    );
    assert_eq!(url.to_string(), String::from(url.clone()));
}

#[test]
fn threads_share_a_signer() {
    let signer = Signer::s3(Credentials::new("AKID", "secret"), "us-south").unwrap();
    let link = |signer: &Signer, day: i64| {
        let request = Request::new("GET", Scheme::Https, "h", "/k");
        let signed_at = SigningTime::from_unix_seconds(day * 86_400).unwrap();
        signer.url(&request, signed_at, Expiry::HOUR).unwrap()
    };
    let expected: Vec<_> = (0..4)
        .map(|day| {
            let fresh = Signer::s3(Credentials::new("AKID", "secret"), "us-south").unwrap();
            link(&fresh, day)
        })
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (signer, expected) = (signer.clone(), &expected);
            scope.spawn(move || {
                for round in 0..200 {
                    assert_eq!(link(&signer, round % 4), expected[round as usize % 4]);
                }
            });
        }
    });
}
