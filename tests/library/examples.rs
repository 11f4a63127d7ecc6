//! The programs of `examples/library`, and their output.

#![allow(dead_code, reason = "their `main` is not called")]

use cos_presign::sigv4::{
    Credentials, Expiry, Presigner, SignedUrl, Signer, SigningTime, Template, UrlParts,
};
use cos_presign::store::{Addressing, Endpoint};

#[path = "../../examples/library/bulk.rs"]
mod bulk;
#[cfg(feature = "forms")]
#[path = "../../examples/library/form.rs"]
mod form;
#[path = "../../examples/library/get.rs"]
mod get;
#[path = "../../examples/library/put.rs"]
mod put;
#[path = "../../examples/library/serve.rs"]
mod serve;
#[path = "../../examples/library/verify.rs"]
mod verify;

fn credentials() -> Credentials {
    Credentials::new("AKID", "secret")
}

fn now() -> SigningTime {
    "20260131T120000Z".parse().unwrap()
}

#[test]
fn a_download_link_is_valid_for_an_hour() {
    let signer = Signer::s3(credentials(), "us-south").unwrap();
    let endpoint = "https://files.example.com".parse().unwrap();
    let url = get::download_link(&signer, &endpoint, "a b").unwrap();
    let signed = SignedUrl::parse(url.as_str()).unwrap();
    let headers = [("host", "files.example.com")];
    let verified = signed.verify("GET", headers, &credentials(), signed.signed_at());
    assert_eq!(verified.unwrap().path, b"/my-bucket/a b");
    assert_eq!(signed.expiry(), Expiry::HOUR);
    assert!(get::download_link(&signer, &endpoint, "").is_err());
}

#[test]
fn an_upload_link_has_its_headers_and_token() {
    let signer = Signer::s3(credentials().with_session_token("token"), "r").unwrap();
    let presigned = put::upload_link(&signer, "photos/cat.png").unwrap();
    assert_eq!(presigned.headers_to_send[0].name, "Content-Type");
    let parts = UrlParts::parse(presigned.url.as_str()).unwrap();
    assert_eq!(
        parts.value("X-Amz-SignedHeaders").unwrap(),
        b"content-type;host"
    );
    assert_eq!(parts.value("X-Amz-Security-Token").unwrap(), b"token");
}

#[test]
fn threads_write_the_links_of_their_keys_in_order() {
    let credentials = credentials();
    let presigner = Presigner::s3(&credentials, "us-south", now()).unwrap();
    let endpoint: Endpoint = "https://files.example.com".parse().unwrap();
    let folder = endpoint.folder(Addressing::Path, "bucket", "in/").unwrap();
    let template = Template::new(&presigner, &folder).unwrap();
    let keys: Vec<String> = (0..1000).map(|key| format!("key {key}")).collect();
    let mut expected = Vec::new();
    for key in &keys {
        template.write_url(key.as_bytes(), &mut expected).unwrap();
        expected.push(b'\n');
    }
    for threads in [1, 3, 2000] {
        assert_eq!(
            bulk::links(&template, &keys, threads).unwrap().concat(),
            expected
        );
    }
    assert!(bulk::links(&template, &[String::new()], 1).is_err());
}

#[cfg(feature = "forms")]
#[test]
fn a_form_is_what_its_policy_allows() {
    let form = form::upload_form(&credentials(), now()).unwrap();
    let mut fields = form.fields.clone();
    fields.push(("Content-Type".to_owned(), "image/png".to_owned()));
    assert_eq!(form.policy.check("my-bucket", &fields), []);
    assert_eq!(form.policy.expiration(), now().plus_seconds(3600).unwrap());
}

#[test]
fn a_request_is_verified_with_the_credentials_of_its_account() {
    let signer = Signer::s3(credentials(), "us-south").unwrap();
    let endpoint = "https://files.example.com".parse().unwrap();
    let url = get::download_link(&signer, &endpoint, "k").unwrap();
    let signed_at = SignedUrl::parse(url.as_str()).unwrap().signed_at();
    let headers = [("Host".to_owned(), "files.example.com".to_owned())];
    let accounts = [Credentials::new("OTHER", "other"), credentials()];
    let verify = |accounts| verify::verify(url.as_str(), "GET", &headers, accounts, signed_at);
    assert!(verify(&accounts[..]).is_ok());
    assert!(verify(&accounts[..1]).is_err());
}

#[tokio::test]
async fn a_server_gives_objects_to_valid_links_alone() {
    use axum::body::{Body, Bytes, to_bytes};
    use tower::ServiceExt;

    let signer = Signer::s3(credentials(), "us-south").unwrap();
    let object = (
        "/bucket/a é".as_bytes().to_vec(),
        Bytes::from_static(b"hello"),
    );
    let store = serve::Store {
        signer: signer.clone(),
        objects: std::sync::Arc::new([object].into_iter().collect()),
    };
    let router = serve::router(store);
    let link = |signer: &Signer, key: &str, age: u64| {
        let endpoint: Endpoint = "http://files.example.com:9000".parse().unwrap();
        let request = endpoint.object(Addressing::Path, "bucket", key).unwrap();
        let now = SigningTime::try_from(std::time::SystemTime::now()).unwrap();
        let signed_at = SigningTime::from_unix_seconds(now.unix_seconds() - age as i64);
        let url = signer
            .url(&request, signed_at.unwrap(), Expiry::HOUR)
            .unwrap();
        url.as_str().split_once(":9000").unwrap().1.to_owned()
    };
    let other = Signer::s3(Credentials::new("AKID", "other"), "us-south").unwrap();
    let elsewhere = Signer::s3(credentials(), "us-east").unwrap();
    let valid = link(&signer, "a é", 0);
    for (method, target, status, body) in [
        ("GET", valid.clone(), 200, "hello"),
        ("GET", valid.replace("%C3%A9", "%c3%a9"), 200, "hello"),
        ("GET", link(&signer, "none", 0), 404, ""),
        (
            "GET",
            valid.replace("/a%20", "/b%20"),
            403,
            "the signature does not match",
        ),
        ("HEAD", valid.clone(), 403, ""),
        (
            "GET",
            link(&other, "a é", 0),
            403,
            "the signature does not match",
        ),
        (
            "GET",
            link(&elsewhere, "a é", 0),
            403,
            "the signature does not match",
        ),
        ("GET", link(&signer, "a é", 3601), 403, "expired at "),
        (
            "GET",
            "/bucket/a".to_owned(),
            403,
            "the parameter X-Amz-Algorithm is missing",
        ),
    ] {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(&target)
            .header("Host", "files.example.com:9000")
            .body(Body::empty())
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{method} {target}");
        let bytes = to_bytes(response.into_body(), 1000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(
            text.starts_with(body) && (body.is_empty() || !text.is_empty()),
            "{text}"
        );
    }
}
