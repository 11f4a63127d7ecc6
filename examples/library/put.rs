//! A link with which a client uploads an object of one content type, signed with temporary
//! credentials.

use std::error::Error;
use std::time::SystemTime;

use cos_presign::sigv4::{Credentials, Expiry, Presigned, Signer};
use cos_presign::store::{Addressing, Endpoint};

pub(crate) fn upload_link(signer: &Signer, key: &str) -> Result<Presigned, Box<dyn Error>> {
    let endpoint: Endpoint = "https://s3.eu-central-1.amazonaws.com".parse()?;
    let request = endpoint
        .object(Addressing::Virtual, "my-bucket", key)?
        .with_method("PUT")
        .with_header("Content-Type", "image/png");
    Ok(signer.presign(&request, SystemTime::now().try_into()?, Expiry::HOUR)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("ASIAIOSFODNN7EXAMPLE", std::env::var("SECRET_ACCESS_KEY")?)
        .with_session_token(std::env::var("SESSION_TOKEN")?);
    let signer = Signer::s3(credentials, "eu-central-1")?;
    let presigned = upload_link(&signer, "photos/cat.png")?;
    println!("PUT {}", presigned.url);
    for header in &presigned.headers_to_send {
        println!(
            "{}: {}",
            header.name,
            String::from_utf8_lossy(&header.value)
        );
    }
    Ok(())
}
