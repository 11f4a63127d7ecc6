//! An HTML form with which a browser uploads an image of at most ten megabytes.

use std::error::Error;
use std::time::SystemTime;

use cos_presign::sigv4::{Credentials, Form, PostForm, Presigner, SigningTime};

pub(crate) fn upload_form(
    credentials: &Credentials,
    now: SigningTime,
) -> Result<PostForm, Box<dyn Error>> {
    let presigner = Presigner::s3(credentials, "us-south", now)?;
    let form = Form::new("my-bucket", "in/${filename}")
        .field("acl", "private")
        .field("success_action_status", "201")
        .field_starting_with("Content-Type", "image/")
        .file_size(1..=10_000_000)
        .sign(&presigner, now.plus_seconds(3600)?)?;
    Ok(form)
}

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", std::env::var("SECRET_ACCESS_KEY")?);
    let form = upload_form(&credentials, SystemTime::now().try_into()?)?;
    // Nothing in these values needs escaping in HTML; those of other forms may.
    for (name, value) in &form.fields {
        println!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    println!("<input type=\"file\" name=\"file\">");
    Ok(())
}
