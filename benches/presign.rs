//! URLs per second in one process, compared with the hashing alone.
//!
//! `cargo bench --bench presign`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise"
)]

use std::hint::black_box;
use std::time::Instant;

use cos_presign::sigv4::{Credentials, Expiry, Presigner, Request, Scheme, SigningTime};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Many short rounds: on a busy machine most of them then run undisturbed.
const ROUNDS: usize = 201;
const LINKS: usize = 500;
const REGION: &str = "us-south";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn main() {
    let signed_at = SigningTime::from_unix_seconds(1_769_860_800).unwrap();
    let plain = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET);
    let temporary = plain.clone().with_session_token("t".repeat(400));
    let short = "/bucket/report.pdf".to_owned();
    let long = format!("/bucket/{}", "data/year=2026/month=01/".repeat(20));
    let letters = format!("/bucket/{}", "é".repeat(500));

    println!(
        "{ROUNDS} rounds of {LINKS} links; the ratio is the time of a link to the time of its \
         hashing"
    );
    println!(
        "{:<46} {:>11} {:>11} {:>6} {:>11} {:>11} {:>6}",
        "", "links/s", "hashing/s", "ratio", "links/s", "hashing/s", "ratio"
    );
    println!(
        "{:<46} {:>11} {:>11} {:>6} {:>11} {:>11} {:>6}",
        "case", "median", "median", "", "fastest", "fastest", ""
    );
    for (name, credentials, key) in [
        ("short key", &plain, &short),
        ("short key, session token", &temporary, &short),
        ("long key", &plain, &long),
        ("long key, session token", &temporary, &long),
        ("key of 500 letters outside ASCII", &plain, &letters),
    ] {
        let presigner = presigner(credentials, signed_at);
        let request = request(key);
        let hashed = Hashed::of(&presigner, &request);
        compare(
            name,
            || drop(black_box(presigner.presign(black_box(&request)).unwrap())),
            || hashed.hash(&[7; 32]),
        );
    }

    // A program that signs one URL also derives its key: four more HMACs.
    let request = request(&short);
    let hashed = Hashed::of(&presigner(&plain, signed_at), &request);
    compare(
        "short key, signing key derived for each link",
        || {
            drop(black_box(
                presigner(black_box(&plain), signed_at)
                    .presign(black_box(&request))
                    .unwrap(),
            ))
        },
        || {
            let key = ["20260131", REGION, "s3", "aws4_request"]
                .iter()
                .fold(format!("AWS4{SECRET}").into_bytes(), |key, step| {
                    hmac(&key, step.as_bytes()).to_vec()
                });
            hashed.hash(&key);
        },
    );
}

fn presigner(credentials: &Credentials, signed_at: SigningTime) -> Presigner<'_> {
    Presigner::s3(credentials, REGION, signed_at)
        .unwrap()
        .expires_in(Expiry::seconds(3600).unwrap())
}

fn request(path: &str) -> Request {
    Request::new(
        "GET",
        Scheme::Https,
        "s3.us-south.cloud-object-storage.appdomain.cloud",
        path,
    )
}

/// The bytes hashed for a signature.
struct Hashed {
    canonical_request: Vec<u8>,
    string_to_sign: String,
}

impl Hashed {
    fn of(presigner: &Presigner, request: &Request) -> Self {
        let presigned = presigner.presign(request).unwrap();
        Hashed {
            canonical_request: presigned.canonical_request.to_bytes(),
            string_to_sign: presigned.string_to_sign.as_str().to_owned(),
        }
    }

    fn hash(&self, key: &[u8]) {
        black_box(Sha256::digest(black_box(&self.canonical_request)));
        black_box(hmac(
            black_box(key),
            black_box(self.string_to_sign.as_bytes()),
        ));
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Alternating, so that both run under the same conditions.
fn compare(name: &str, link: impl Fn(), hashing: impl Fn()) {
    let (mut links, mut hashings) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        links.push(per_second(&link));
        hashings.push(per_second(&hashing));
    }
    links.sort_by(f64::total_cmp);
    hashings.sort_by(f64::total_cmp);
    print!("{name:<46}");
    for which in [ROUNDS / 2, ROUNDS - 1] {
        let (links, hashings) = (links[which], hashings[which]);
        print!(" {links:>11.0} {hashings:>11.0} {:>6.1}", hashings / links);
    }
    println!();
}

fn per_second(work: impl Fn()) -> f64 {
    let started = Instant::now();
    for _ in 0..LINKS {
        work();
    }
    LINKS as f64 / started.elapsed().as_secs_f64()
}
