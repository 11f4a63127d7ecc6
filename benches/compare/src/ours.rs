//! The signers of this crate, and the hashing that every signer needs.

use std::hint::black_box;

use cos_presign::sigv4::{Expiry, Kernel, Signer, Template};
use sha2::{Digest, Sha256};

use crate::case::{Case, EXPIRES, REGION, request, signed_at};
use crate::rival::{Rival, seconds};

/// Approximate number of URLs that the program signs between two writes.
const CHUNK: usize = 1024;

/// SHA-256 of one long message: an upper bound for sequential hashing.
pub fn limit(case: &Case) -> Rival<'_> {
    let compressions = case.compressions();
    let buffer = vec![7; 64 * 1024];
    let name = format!("SHA-256 alone: {compressions} compressions a link");
    let hash = move |links: usize| {
        seconds(|| {
            let mut left = 64 * links * compressions;
            let mut hasher = Sha256::new();
            while left > 0 {
                let now = left.min(buffer.len());
                hasher.update(black_box(&buffer[..now]));
                left -= now;
            }
            black_box(hasher.finalize());
        })
    };
    Rival {
        name,
        url: None,
        sign: Ok(Box::new(hash)),
    }
}

/// `Presigner::presign`, which keeps every intermediate value. The signing key is derived once.
pub fn one_at_a_time(case: &Case) -> Rival<'_> {
    let presigner = case.presigner(signed_at());
    Rival::each("cos-presign, one link at a time", &case.keys, move |key| {
        presigner
            .presign(&request(key))
            .unwrap()
            .url
            .as_str()
            .to_owned()
    })
}

/// `Signer::url`, which writes only the URL.
pub fn signer(case: &Case) -> Rival<'_> {
    let signer = Signer::s3(case.credentials.clone(), REGION).unwrap();
    let expiry = Expiry::seconds(EXPIRES.into()).unwrap();
    Rival::each("cos-presign, signer", &case.keys, move |key| {
        signer
            .url(&request(key), signed_at(), expiry)
            .unwrap()
            .into()
    })
}

/// `Template`: everything independent of the key once, and many URLs in parallel.
pub fn bulk(case: &Case, kernel: Kernel) -> Rival<'_> {
    let template = Template::new(&case.presigner(signed_at()), &request("")).unwrap();
    let mut url = Vec::new();
    let mut signer = template.signer(kernel);
    template.write_url(case.keys[0].as_bytes(), &mut url).unwrap();
    let mut out = Vec::new();
    let sign = move |links: usize| {
        seconds(|| {
            let mut left = links;
            while left > 0 {
                out.clear();
                let mut writer = signer.writer(&mut out);
                for key in case.keys.iter().cycle().take(left.min(CHUNK)) {
                    writer.url(key.as_bytes()).unwrap();
                    writer.text(b"\n");
                }
                writer.finish();
                black_box(&out);
                left -= left.min(CHUNK);
            }
        })
    };
    let name = format!("cos-presign, bulk ({})", kernel.name());
    Rival {
        name,
        url: Some(String::from_utf8(url).unwrap()),
        sign: Ok(Box::new(sign)),
    }
}
