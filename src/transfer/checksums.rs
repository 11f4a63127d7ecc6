//! Expected checksums of a downloaded object: those of the response, and that of the user.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::crc::{Crc, Kind};
use super::etag::{is_md5_of_content, md5_of_etag};

/// Expected checksums, in hexadecimal, with their sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks(Vec<(String, String)>);

const CHECKSUM_TYPE: &str = "x-amz-checksum-type";

/// The source for an ETag that is an MD5.
const ETAG: &str = "etag";

/// Checksum headers of whole objects, the strongest first.
const HEADERS: [(&str, usize); 7] = [
    ("x-amz-checksum-sha512", 64),
    ("x-amz-checksum-sha256", 32),
    ("x-amz-checksum-sha1", 20),
    ("x-amz-checksum-md5", 16),
    ("x-amz-checksum-crc64nvme", 8),
    ("x-amz-checksum-crc32c", 4),
    ("x-amz-checksum-crc32", 4),
];

impl Checks {
    /// The checksums in a response with the whole object (header names in lower case).
    pub fn of_response(headers: &[(String, String)]) -> Checks {
        let header = |name: &str| {
            headers
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.trim())
        };
        let mut checks = Vec::new();
        // For a multipart object a checksum may be one of part checksums; it then ends with their
        // number.
        let is_composite =
            header(CHECKSUM_TYPE).is_some_and(|kind| kind.eq_ignore_ascii_case("COMPOSITE"));
        for (name, length) in HEADERS.iter().filter(|_| !is_composite) {
            let digest = header(name)
                .and_then(|value| STANDARD.decode(value).ok())
                .filter(|digest| digest.len() == *length);
            checks.extend(digest.map(|digest| ((*name).to_owned(), hex::encode(digest))));
        }
        let md5 = header("etag")
            .and_then(md5_of_etag)
            .filter(|_| is_md5_of_content(headers));
        checks.extend(md5.map(|md5| (ETAG.to_owned(), hex::encode(md5))));
        Checks(checks)
    }

    /// The checksums of the whole object in a range response. A checksum may be that of the range,
    /// unless its type says otherwise.
    pub fn of_range(headers: &[(String, String)]) -> Checks {
        let is_of_whole = headers.iter().any(|(name, value)| {
            name == CHECKSUM_TYPE && value.trim().eq_ignore_ascii_case("FULL_OBJECT")
        });
        let mut checks = Checks::of_response(headers);
        checks.0.retain(|(name, _)| is_of_whole || name == ETAG);
        checks
    }

    /// Adds the checksums of another response for the same object; `false` if they contradict each
    /// other. It is also a contradiction if the ETag is an MD5 in only one of them: a server must
    /// not be able to disable the check for bytes of another response.
    #[must_use]
    pub fn merge(&mut self, other: &Checks) -> bool {
        if self.value(ETAG) != other.value(ETAG) {
            return false;
        }
        for (name, expected) in &other.0 {
            match self.value(name) {
                Some(known) if known != expected => return false,
                Some(_) => {}
                None => self.0.push((name.clone(), expected.clone())),
            }
        }
        true
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Adds this SHA-256.
    pub fn with_sha256(mut self, digest: &[u8; 32]) -> Checks {
        self.0.push(("--checksum".to_owned(), hex::encode(digest)));
        self
    }

    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sources of the checksums.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// `sha256:HEX` or `HEX`.
pub fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim();
    let digits = match digits.split_once(':') {
        Some((name, digits)) if name.eq_ignore_ascii_case("sha256") => digits,
        Some(_) => return None,
        None => digits,
    };
    let mut digest = [0; 32];
    hex::decode_to_slice(digits, &mut digest)
        .ok()
        .map(|()| digest)
}

/// A mismatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Source of the expected checksum.
    pub name: String,
    /// In hexadecimal.
    pub expected: String,
    /// In hexadecimal.
    pub found: String,
}

enum Running {
    Md5(Box<Md5>),
    Sha1(Box<Sha1>),
    Sha256(Box<Sha256>),
    Sha512(Box<Sha512>),
    Crc(Crc),
}

/// Computes all expected checksums in one pass.
pub struct Digests(Vec<(String, String, Running)>);

impl Digests {
    pub fn new(checks: &Checks) -> Digests {
        let running = |name: &str| match name {
            "x-amz-checksum-sha512" => Running::Sha512(Box::default()),
            "x-amz-checksum-sha1" => Running::Sha1(Box::default()),
            "x-amz-checksum-crc64nvme" => Running::Crc(Crc::new(Kind::Crc64Nvme)),
            "x-amz-checksum-crc32c" => Running::Crc(Crc::new(Kind::Crc32c)),
            "x-amz-checksum-crc32" => Running::Crc(Crc::new(Kind::Crc32)),
            "etag" | "x-amz-checksum-md5" => Running::Md5(Box::default()),
            _ => Running::Sha256(Box::default()),
        };
        Digests(
            checks
                .0
                .iter()
                .map(|(name, expected)| (name.clone(), expected.clone(), running(name)))
                .collect(),
        )
    }

    /// Adds these bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for (_, _, running) in &mut self.0 {
            match running {
                Running::Md5(digest) => digest.update(bytes),
                Running::Sha1(digest) => digest.update(bytes),
                Running::Sha256(digest) => digest.update(bytes),
                Running::Sha512(digest) => digest.update(bytes),
                Running::Crc(crc) => crc.update(bytes),
            }
        }
    }

    /// The first mismatch, the strongest checksum first.
    pub fn finish(self) -> Result<(), Mismatch> {
        for (name, expected, running) in self.0 {
            let found = hex::encode(match running {
                Running::Md5(digest) => digest.finalize().to_vec(),
                Running::Sha1(digest) => digest.finalize().to_vec(),
                Running::Sha256(digest) => digest.finalize().to_vec(),
                Running::Sha512(digest) => digest.finalize().to_vec(),
                Running::Crc(crc) => crc.finish(),
            });
            if found != expected {
                return Err(Mismatch {
                    name,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn verdict(checks: &Checks, bytes: &[u8]) -> Result<(), Mismatch> {
        let mut digests = Digests::new(checks);
        bytes.chunks(5).for_each(|piece| digests.update(piece));
        digests.finish()
    }

    #[test]
    fn each_checksum_finds_a_changed_byte() {
        let bytes = b"123456789";
        let base64 = |digits: &str| STANDARD.encode(hex::decode(digits).expect("digits"));
        for (name, value) in [
            (
                "x-amz-checksum-sha256",
                base64("15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
            ),
            (
                "x-amz-checksum-sha1",
                base64("f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            ),
            (
                "x-amz-checksum-sha512",
                base64(
                    "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a\
                     d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
                ),
            ),
            (
                "x-amz-checksum-md5",
                base64("25f9e794323b453885f5181f1b624d0b"),
            ),
            ("x-amz-checksum-crc32", base64("cbf43926")),
            ("x-amz-checksum-crc32c", base64("e3069283")),
            ("x-amz-checksum-crc64nvme", base64("ae8b14860a799888")),
            ("etag", "\"25f9e794323b453885f5181f1b624d0b\"".to_owned()),
        ] {
            let checks = Checks::of_response(&headers(&[(name, &value)]));
            assert_eq!(checks.names().collect::<Vec<_>>(), [name]);
            assert_eq!(verdict(&checks, bytes), Ok(()), "{name}");
            let mismatch = verdict(&checks, b"123456780").expect_err(name);
            assert_eq!(mismatch.name, name);
        }
    }

    #[test]
    fn what_is_not_about_the_content_is_left_alone() {
        let md5 = ("etag", "\"25f9e794323b453885f5181f1b624d0b\"");
        for pairs in [
            &[md5, ("x-amz-server-side-encryption", "aws:kms")][..],
            &[
                md5,
                ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
            ],
            &[("etag", "\"25f9e794323b453885f5181f1b624d0b-3\"")],
            &[
                ("x-amz-checksum-crc32", "y/Q5Jg=="),
                ("x-amz-checksum-type", "COMPOSITE"),
            ],
            &[("x-amz-checksum-crc32", "y/Q5Jg==-3")],
            &[("x-amz-checksum-sha256", "y/Q5Jg==")],
        ] {
            assert!(Checks::of_response(&headers(pairs)).is_empty(), "{pairs:?}");
        }
        let kept =
            Checks::of_response(&headers(&[md5, ("x-amz-server-side-encryption", "AES256")]));
        assert!(!kept.is_empty());
    }

    #[test]
    fn responses_that_contradict_each_other_are_not_merged() {
        let etag = ("etag", "\"25f9e794323b453885f5181f1b624d0b\"");
        let other = ("etag", "\"35f9e794323b453885f5181f1b624d0b\"");
        let kms = ("x-amz-server-side-encryption", "aws:kms");
        let crc = ("x-amz-checksum-crc32", "y/Q5Jg==");
        let whole = ("x-amz-checksum-type", "FULL_OBJECT");
        type Pairs<'p> = &'p [(&'p str, &'p str)];
        let rows: [(Pairs, Pairs, bool, &[&str]); 8] = [
            (&[etag], &[etag], true, &["etag"]),
            (&[etag], &[other], false, &["etag"]),
            (&[etag], &[etag, kms], false, &["etag"]),
            (&[etag, kms], &[etag], false, &[]),
            (&[etag, kms], &[etag, kms], true, &[]),
            (&[etag], &[etag, crc], true, &["etag"]),
            (&[etag], &[etag, crc, whole], true, &["etag", crc.0]),
            (&[(crc.0, "AAAAAA==")], &[crc, whole], false, &[crc.0]),
        ];
        for (first, range, agrees, names) in rows {
            let mut checks = Checks::of_response(&headers(first));
            let merged = checks.merge(&Checks::of_range(&headers(range)));
            assert_eq!(merged, agrees, "{first:?} {range:?}");
            assert_eq!(
                checks.names().collect::<Vec<_>>(),
                names,
                "{first:?} {range:?}"
            );
        }
    }

    #[test]
    fn the_checksum_that_was_asked_for() {
        let hex = "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225";
        for text in [
            hex.to_owned(),
            format!("sha256:{hex}"),
            format!("SHA256:{}", hex.to_uppercase()),
        ] {
            let checks = Checks::default().with_sha256(&parse_sha256(&text).expect("a digest"));
            assert_eq!(verdict(&checks, b"123456789"), Ok(()));
            assert_eq!(
                verdict(&checks, b"12345678").expect_err("another").name,
                "--checksum"
            );
        }
        for text in [
            "",
            "15e2",
            &format!("md5:{hex}"),
            &format!("{hex}0"),
            "sha256:",
        ] {
            assert_eq!(parse_sha256(text), None, "{text}");
        }
    }
}
