//! Links a second inside one process, beside the hashing alone, which no signer can do without.
//!
//! `cargo bench --bench presign`

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops at the first surprise")]

use std::hint::black_box;
use std::time::Instant;

use cos_presign::sigv4::{Credentials, Expiry, Presigner, Request, Scheme, SigningTime};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const ROUNDS: usize = 11;
const LINKS: usize = 20_000;

fn main() {
    let signed_at = SigningTime::from_unix_seconds(1_769_860_800).unwrap();
    let plain = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let temporary = plain.clone().with_session_token("t".repeat(400));
    println!("{:<38} {:>14} {:>14} {:>8}", "case", "links/s", "hashing/s", "ratio");
    for (name, credentials, key) in [
        ("short key", &plain, "/bucket/report.pdf".to_owned()),
        ("long key", &plain, format!("/bucket/{}", "data/year=2026/month=01/".repeat(20))),
        ("key of 500 letters outside ASCII", &plain, format!("/bucket/{}", "é".repeat(500))),
        ("short key, session token", &temporary, "/bucket/report.pdf".to_owned()),
    ] {
        let presigner = Presigner::s3(credentials, "us-south", signed_at).unwrap().expires_in(Expiry::seconds(3600).unwrap());
        let request = Request::new("GET", Scheme::Https, "s3.us-south.cloud-object-storage.appdomain.cloud", key);
        let canonical = presigner.presign(&request).unwrap().canonical_request.to_bytes();
        let string_to_sign = presigner.presign(&request).unwrap().string_to_sign.to_string();
        let (mut links, mut hashing) = (Vec::new(), Vec::new());
        // In turn, so that both see the same machine.
        for _ in 0..ROUNDS {
            links.push(per_second(|| {
                black_box(presigner.presign(black_box(&request)).unwrap());
            }));
            hashing.push(per_second(|| {
                black_box(Sha256::digest(black_box(&canonical)));
                let mut mac = Hmac::<Sha256>::new_from_slice(black_box(&[7; 32])).unwrap();
                mac.update(string_to_sign.as_bytes());
                black_box(mac.finalize());
            }));
        }
        let (links, hashing) = (median(links), median(hashing));
        println!("{name:<38} {links:>14.0} {hashing:>14.0} {:>8.2}", links / hashing);
    }
}

fn per_second(work: impl Fn()) -> f64 {
    let started = Instant::now();
    for _ in 0..LINKS {
        work();
    }
    LINKS as f64 / started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
