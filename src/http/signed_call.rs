//! Requests of the program that are signed in the `Authorization` header.

use chrono::{DateTime, Utc};

use crate::sigv4::{
    self, Credentials, Header, PayloadHash, Placement, Presigner, QueryParameter, Request,
    SigningTime,
};
use crate::store::Address;

use super::{Client, Probe, ProbeError, Response};

/// A GET without a body.
pub(super) struct SignedCall<'a> {
    pub credentials: &'a Credentials,
    /// Region of the credential scope.
    pub region: &'a str,
    pub address: &'a Address,
    pub query: Vec<QueryParameter>,
    pub headers: Vec<Header>,
}

impl SignedCall<'_> {
    /// Signs for this time, sends, and reads at most this much of the body.
    ///
    /// # Errors
    /// The request cannot be signed; inside, there is no response.
    pub fn send(
        &self,
        client: &Client,
        now: DateTime<Utc>,
        body_limit: usize,
    ) -> Result<Result<Response, ProbeError>, sigv4::Error> {
        let mut request = Request::new(
            "GET",
            self.address.scheme,
            self.address.authority.as_str(),
            self.address.path.as_slice(),
        );
        request.query = self.query.clone();
        request.payload_hash = PayloadHash::OfBody(Vec::new());
        request.headers = self.headers.clone();
        request.headers.push(Header::new(
            "X-Amz-Content-Sha256",
            request.payload_hash.to_text(),
        ));
        let signed = SigningTime::new(now)
            .and_then(|now| Presigner::s3(self.credentials, self.region, now))
            .and_then(|presigner| presigner.placement(Placement::Header).presign(&request))?;
        let host = request.host();
        let probe = Probe {
            method: "GET",
            url: signed.url.as_str(),
            headers: signed.headers_to_send,
            host: Some(&host),
            body: None,
        };
        Ok(client.call(&probe, body_limit))
    }
}
