//! Whether a request has a valid signature, in a program without a web framework.

use std::error::Error;
use std::time::SystemTime;

use cos_presign::sigv4::{Credentials, Refusal, SignedUrl, SigningTime, Verified};

pub(crate) fn verify(
    url: &str,
    method: &str,
    headers: &[(String, String)],
    accounts: &[Credentials],
    now: SigningTime,
) -> Result<Verified, Refusal> {
    let signed = SignedUrl::parse(url)?;
    let credentials = accounts
        .iter()
        .find(|account| account.access_key_id() == signed.access_key_id())
        .ok_or(Refusal::AccessKeyId)?;
    let headers = headers.iter().map(|(name, value)| (name, value));
    signed.verify(method, headers, credentials, now)
}

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: verify URL")?;
    let account = Credentials::new("AKIAIOSFODNN7EXAMPLE", std::env::var("SECRET_ACCESS_KEY")?);
    let host = url.split('/').nth(2).unwrap_or_default().to_owned();
    let headers = [("Host".to_owned(), host)];
    let now = SystemTime::now().try_into()?;
    let verified = verify(&url, "GET", &headers, &[account], now)?;
    println!("valid until {}", verified.expires_at.rfc3339());
    Ok(())
}
