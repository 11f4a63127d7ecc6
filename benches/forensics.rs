//! Time to find the request of a signature: `cargo bench --bench forensics`.
//!
//! Times are medians of this run on one core. A tried request costs about as much as hashing it, so
//! the last column, requests per millisecond relative to hashes per millisecond, shows the possible
//! improvement.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use cos_presign::diagnosis::{Case, NamedCandidate, diagnose};
use cos_presign::forensics::{Candidate, Search};
use cos_presign::sigv4::{
    Credentials, Expiry, Header, Presigner, Request, Scheme, Secret, SigningTime,
};
use sha2::{Digest, Sha256};

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn link(secret: &str, host: &str, path: &str, region: &str) -> String {
    let credentials = Credentials::new(ID, secret);
    let signed_at = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
    let presigner = Presigner::s3(&credentials, region, signed_at).expect("valid");
    let request = Request::new("GET", Scheme::Https, host, path);
    let presigner = presigner.expires_in(Expiry::seconds(86_400).expect("not zero"));
    presigner
        .presign(&request)
        .expect("valid")
        .url
        .as_str()
        .to_owned()
}

fn case(url: String, search: Search) -> Case {
    let now: DateTime<Utc> = "2013-05-24T12:00:00Z".parse().expect("a time");
    let mut case = Case::new(url, now);
    case.method = Some("GET".to_owned());
    case.headers = vec![Header::new("User-Agent", "curl/8")];
    let candidate = Candidate {
        access_key_id: ID.to_owned(),
        secret: Secret::new(SECRET),
        token: None,
    };
    case.candidates = vec![NamedCandidate {
        candidate,
        source: "AWS_ACCESS_KEY_ID".to_owned(),
    }];
    case.search = search;
    case
}

/// Median of several runs, and the number of requests tried in one.
fn measure(case: &Case, runs: usize) -> (Duration, u64) {
    let mut times = Vec::with_capacity(runs);
    let mut tried = 0;
    for _ in 0..runs {
        let started = Instant::now();
        tried = black_box(diagnose(case)).expect("a URL").tried;
        times.push(started.elapsed());
    }
    times.sort();
    (times[runs / 2], tried)
}

/// Hashes of a canonical request and of a string to sign per millisecond.
fn hashes_a_millisecond() -> f64 {
    let request = [b'x'; 384];
    let started = Instant::now();
    for _ in 0..200_000 {
        black_box(Sha256::digest(black_box(&request)));
        // HMAC after its key: the string to sign and the outer hash.
        black_box(Sha256::digest(black_box(&request[..192])));
    }
    200_000.0 / started.elapsed().as_secs_f64() / 1000.0
}

fn main() {
    let aws = "my-bucket.s3.eu-west-1.amazonaws.com";
    let ibm = "s3.us-south.cloud-object-storage.appdomain.cloud";
    let limit = hashes_a_millisecond();
    println!(
        "{:<44} {:>10} {:>10} {:>9}",
        "what is searched", "median", "requests", "of limit"
    );
    let rows = [
        (
            "it matches",
            link(SECRET, aws, "/a/b.txt", "eu-west-1"),
            Search::Pairs,
            101,
        ),
        (
            "one mistake: parameter added",
            format!(
                "{}&utm_source=x",
                link(SECRET, aws, "/a/b.txt", "eu-west-1")
            ),
            Search::Pairs,
            51,
        ),
        (
            "one mistake: secret spoiled",
            link(&format!("{SECRET}\n"), ibm, "/b/a/b.txt", "us-south"),
            Search::Pairs,
            51,
        ),
        (
            "one mistake: region",
            link(SECRET, aws, "/a/b.txt", "sa-east-1").replace("sa-east-1", "eu-west-1"),
            Search::Pairs,
            51,
        ),
        (
            "no single mistake (AWS)",
            link("another", aws, "/a/b.txt", "eu-west-1"),
            Search::Single,
            21,
        ),
        (
            "no single mistake (IBM)",
            link("another", ibm, "/b/a/b.txt", "us-south"),
            Search::Single,
            21,
        ),
        (
            "two mistakes: path, secret",
            link(&format!("{SECRET}\r\n"), aws, "/a//b.txt", "eu-west-1").replace("a//b", "a/b"),
            Search::Pairs,
            5,
        ),
        (
            "nothing reproduces it (AWS)",
            link("another", aws, "/a/b.txt", "eu-west-1"),
            Search::Pairs,
            5,
        ),
        (
            "nothing reproduces it (IBM)",
            link("another", ibm, "/b/a/b.txt", "us-south"),
            Search::Pairs,
            5,
        ),
        (
            "nothing reproduces it (long key)",
            link(
                "another",
                aws,
                &format!("/{}", "folder/".repeat(40)),
                "eu-west-1",
            ),
            Search::Pairs,
            3,
        ),
    ];
    for (what, url, search, runs) in rows {
        let (median, tried) = measure(&case(url, search), runs);
        let rate = tried as f64 / median.as_secs_f64() / 1000.0;
        println!(
            "{what:<44} {:>7.2} ms {tried:>10} {:>8.0}%",
            median.as_secs_f64() * 1000.0,
            rate / limit * 100.0
        );
    }
}
