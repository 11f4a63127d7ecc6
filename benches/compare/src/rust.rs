//! Other signers in Rust, each in the way that its documentation shows.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningParams,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use rusty_s3::actions::{GetObject, S3Action};

use crate::case::{
    ACCESS_KEY_ID, BUCKET, Case, ENDPOINT, EXPIRES, HOST, REGION, SECRET, SIGNED_AT,
};
use crate::rival::Rival;

pub fn rusty_s3(case: &Case) -> Rival<'_> {
    let endpoint = format!("https://{ENDPOINT}").parse().unwrap();
    let bucket =
        rusty_s3::Bucket::new(endpoint, rusty_s3::UrlStyle::VirtualHost, BUCKET, REGION).unwrap();
    let credentials = rusty_s3::Credentials::new(ACCESS_KEY_ID, SECRET);
    let expires_in = Duration::from_secs(EXPIRES.into());
    Rival::each("Rust: rusty-s3", &case.keys, move |key| {
        GetObject::new(&bucket, Some(&credentials), key)
            .sign(expires_in)
            .into()
    })
}

/// The parameters are built once, though the SDK builds them for each request. The caller has to
/// percent-encode the key; these need it not.
pub fn aws_sigv4(case: &Case) -> Rival<'_> {
    let credentials =
        aws_credential_types::Credentials::new(ACCESS_KEY_ID, SECRET, None, None, "compare");
    // Borrowed by the parameters, which the closure has to own.
    let identity: &Identity = Box::leak(Box::new(credentials.into()));
    let mut settings = SigningSettings::default();
    settings.expires_in = Some(Duration::from_secs(EXPIRES.into()));
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.signature_location = SignatureLocation::QueryParams;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let parameters = v4::SigningParams::builder()
        .identity(identity)
        .region(REGION)
        .name("s3")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(SIGNED_AT as u64))
        .settings(settings)
        .build()
        .unwrap();
    let parameters = SigningParams::from(parameters);
    Rival::each("Rust: aws-sigv4", &case.keys, move |key| {
        let url = format!("https://{HOST}/{key}");
        let signable = SignableRequest::new(
            "GET",
            &url,
            std::iter::empty(),
            SignableBody::UnsignedPayload,
        )
        .unwrap();
        let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
        let mut request = http::Request::get(url).body(()).unwrap();
        instructions.apply_to_request_http1x(&mut request);
        request.uri().to_string()
    })
}

/// With the feature `sync`: a blocking HTTP client is linked, but there is no runtime to start.
pub fn rust_s3(case: &Case) -> Rival<'_> {
    let credentials =
        s3::creds::Credentials::new(Some(ACCESS_KEY_ID), Some(SECRET), None, None, None).unwrap();
    let bucket = s3::Bucket::new(BUCKET, REGION.parse().unwrap(), credentials).unwrap();
    Rival::each("Rust: rust-s3", &case.keys, move |key| {
        bucket
            .presign_get(format!("/{key}"), EXPIRES, None)
            .unwrap()
    })
}
