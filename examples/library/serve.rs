//! A server that serves objects to requests with a valid URL: `verify` and `Signer` in the state of
//! axum.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cos_presign::sigv4::{Refusal, SignedUrl, Signer, SigningTime, Verified};

#[derive(Clone)]
pub(crate) struct Store {
    /// Its credentials are those that links are verified with.
    pub(crate) signer: Signer,
    /// By the path of the URL, decoded.
    pub(crate) objects: Arc<HashMap<Vec<u8>, Bytes>>,
}

pub(crate) fn router(store: Store) -> Router {
    Router::new()
        .route("/{*key}", get(object))
        .with_state(store)
}

async fn object(State(store): State<Store>, request: Request) -> Response {
    let now = SigningTime::try_from(SystemTime::now()).expect("a clock before the year 10000");
    match verified(&store.signer, &request, now) {
        Err(refusal) => (StatusCode::FORBIDDEN, refusal.to_string()).into_response(),
        Ok(verified) => match store.objects.get(&verified.path) {
            Some(bytes) => bytes.clone().into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

fn verified(signer: &Signer, request: &Request, now: SigningTime) -> Result<Verified, Refusal> {
    let target = request.uri().path_and_query().ok_or(Refusal::Path)?;
    let signed = SignedUrl::parse(target.as_str())?;
    if signed.scope().region() != signer.region() {
        return Err(Refusal::Signature);
    }
    let method = request.method().as_str();
    signed.verify(method, request.headers(), signer.credentials(), now)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var("SECRET_ACCESS_KEY")?;
    let credentials = cos_presign::sigv4::Credentials::new("AKIAIOSFODNN7EXAMPLE", secret);
    let hello = (
        b"/bucket/hello.txt".to_vec(),
        Bytes::from_static(b"hello\n"),
    );
    let store = Store {
        signer: Signer::s3(credentials, "us-south")?,
        objects: Arc::new(HashMap::from([hello])),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:9000").await?;
    Ok(axum::serve(listener, router(store)).await?)
}
