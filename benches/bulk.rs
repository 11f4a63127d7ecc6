//! Bulk signing with one template in memory, on one core, compared with the time of its SHA-256
//! compressions one message at a time.
//!
//! `cargo bench --bench bulk`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise"
)]

use std::hint::black_box;
use std::time::Instant;

use cos_presign::sigv4::{
    Credentials, Expiry, Kernel, Presigner, Request, Scheme, SigningTime, Template,
};
use sha2::block_api::compress256;

/// Many short, alternating rounds: on a busy machine most of them run undisturbed.
const ROUNDS: usize = 101;
const LINKS: usize = 8192;

fn main() {
    let credentials = Credentials::new(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    );
    let temporary = credentials.clone().with_session_token("t".repeat(400));
    let signed_at = SigningTime::from_unix_seconds(1_769_860_800).unwrap();
    let of_one_length: Vec<String> = (0..LINKS)
        .map(|n| format!("images/train/n{:08}/img-{n:010}.jpg", n / 100))
        .collect();
    let of_many: Vec<String> = (0..LINKS)
        .map(|n| format!("data/{}/{n}.parquet", "x".repeat(n * 7 % 60)))
        .collect();
    let encoded: Vec<String> = (0..LINKS)
        .map(|n| format!("Fotos 2026/Übersicht ({n:06}) + mehr.jpg"))
        .collect();

    println!(
        "links a second on one core, median of {ROUNDS} rounds of {LINKS}; the bound is SHA-256 \
         alone, one block after the other"
    );
    println!(
        "{:<34} {:>6} {:>6} {:>10} {:>16} {:>16} {:>7} {:>9}",
        "case", "bytes", "blocks", "bound", "portable", "fastest", "ratio", "best/best"
    );
    for (name, credentials, keys) in [
        ("keys of one length", &credentials, &of_one_length),
        ("keys of 60 lengths", &credentials, &of_many),
        ("keys that are percent-encoded", &credentials, &encoded),
        (
            "keys of one length, session token",
            &temporary,
            &of_one_length,
        ),
    ] {
        let presigner = Presigner::s3(credentials, "us-east-1", signed_at)
            .unwrap()
            .expires_in(Expiry::seconds(604_800).unwrap());
        let request = Request::new(
            "GET",
            Scheme::Https,
            "s3.us-east-1.amazonaws.com",
            "/example-bucket/",
        );
        let template = Template::new(&presigner, &request).unwrap();
        let mut out = Vec::new();
        let lengths: Vec<usize> = keys
            .iter()
            .map(|key| cos_presign::sigv4::encode::path(key.as_bytes()).len())
            .collect();
        let blocks: usize = lengths
            .iter()
            .map(|length| template.compressions(*length))
            .sum();
        let bytes: usize = lengths
            .iter()
            .map(|length| template.url_length(*length))
            .sum();

        let mut bulk = |kernel: Kernel| {
            let mut signer = template.signer(kernel);
            out.clear();
            let mut writer = signer.writer(&mut out);
            for key in keys {
                writer.url(key.as_bytes()).expect("a key");
                writer.text(b"\n");
            }
            writer.finish();
            black_box(&out);
        };
        let (mut bound, mut portable, mut fastest) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bound.push(time(|| hash(blocks)));
            portable.push(time(|| bulk(Kernel::portable())));
            fastest.push(time(|| bulk(Kernel::fastest())));
        }
        // On a busy machine the fastest round is more meaningful; both are printed.
        let least_disturbed = most(&fastest) / most(&bound);
        let [bound, portable, fastest] = [bound, portable, fastest].map(median);
        println!(
            "{name:<34} {:>6} {:>6.2} {bound:>10.0} {portable:>10.0} {:>4.2}x {fastest:>10.0} \
             {:>4.2}x {:>6.2}x {least_disturbed:>8.2}x",
            bytes / LINKS,
            blocks as f64 / LINKS as f64,
            portable / bound,
            fastest / bound,
            fastest / portable,
        );
    }
    println!("fastest: {}", Kernel::fastest().name());
}

/// This many blocks of a long message.
fn hash(blocks: usize) {
    let message = [[7; 64]; 64];
    let mut state = [1; 8];
    for _ in 0..blocks / message.len() {
        compress256(&mut state, black_box(&message));
    }
    black_box(state);
}

fn time(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    LINKS as f64 / start.elapsed().as_secs_f64()
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
