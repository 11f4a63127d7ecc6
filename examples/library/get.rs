//! A link with which a client downloads an object, as a handler of a server makes it.

use std::error::Error;
use std::time::SystemTime;

use cos_presign::sigv4::{Credentials, Expiry, PresignedUrl, Signer};
use cos_presign::store::{Addressing, Endpoint};

pub(crate) fn download_link(
    signer: &Signer,
    endpoint: &Endpoint,
    key: &str,
) -> Result<PresignedUrl, Box<dyn Error>> {
    let request = endpoint.object(Addressing::Path, "my-bucket", key)?;
    Ok(signer.url(&request, SystemTime::now().try_into()?, Expiry::HOUR)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", std::env::var("SECRET_ACCESS_KEY")?);
    let signer = Signer::s3(credentials, "us-south")?;
    let endpoint = "https://s3.us-south.cloud-object-storage.appdomain.cloud".parse()?;
    println!(
        "{}",
        download_link(&signer, &endpoint, "reports/Q1 100%.pdf")?
    );
    Ok(())
}
