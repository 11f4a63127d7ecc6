//! A link for each line of standard input, on all processors.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::time::SystemTime;

use cos_presign::sigv4::{self, Credentials, Kernel, Presigner, Template};
use cos_presign::store::{Addressing, Endpoint};

/// Links of these keys, in their order: each thread signs a part of them.
pub(crate) fn links(
    template: &Template,
    keys: &[String],
    threads: usize,
) -> Result<Vec<Vec<u8>>, sigv4::Error> {
    let sign = |keys: &[String]| {
        let mut out = Vec::new();
        let mut signer = template.signer(Kernel::fastest());
        let mut writer = signer.writer(&mut out);
        for key in keys {
            writer.url(key.as_bytes())?;
            writer.text(b"\n");
        }
        writer.finish();
        Ok(out)
    };
    let part = keys.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = keys
            .chunks(part)
            .map(|keys| scope.spawn(move || sign(keys)))
            .collect();
        let links = threads.into_iter().map(|thread| thread.join());
        links.map(|links| links.expect("no panic")).collect()
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", std::env::var("SECRET_ACCESS_KEY")?);
    let presigner = Presigner::s3(&credentials, "us-south", SystemTime::now().try_into()?)?;
    let endpoint: Endpoint = "https://s3.us-south.cloud-object-storage.appdomain.cloud".parse()?;
    let folder = endpoint.folder(Addressing::Path, "my-bucket", "photos/")?;
    let template = Template::new(&presigner, &folder)?;

    let threads = std::thread::available_parallelism()?.get();
    let mut lines = io::stdin().lock().lines();
    loop {
        // Some thousands at a time: about a megabyte of links for each thread.
        let keys: Result<Vec<_>, _> = lines.by_ref().take(4096 * threads).collect();
        let keys = keys?;
        if keys.is_empty() {
            return Ok(());
        }
        for part in links(&template, &keys, threads)? {
            io::stdout().write_all(&part)?;
        }
    }
}
