//! More variants of the mistakes in the other files, by the same subjects. Pairs use them too.

use super::Part::{
    Alone, Expiry, Headers, Host, Method, Path, Payload, Query, Response as Said, Scope, Secret,
    Text, Token,
};
use super::{Breaker, get, method, put, row, some_method};
use crate::broken_urls::case::{Case, set};
use crate::broken_urls::link::{CUSTOM, Link, Store};
use crate::broken_urls::response::{Response, refusal};
use crate::broken_urls::text::{day, encode, encode_path};
use support::rng::Rng;

pub fn rows() -> Vec<Breaker> {
    let mut rows = [
        secrets(),
        scopes(),
        methods(),
        paths(),
        keys(),
        parameters(),
        damaged_text(),
        signatures(),
        headers(),
        hosts(),
        bodies(),
        tokens_and_times(),
        responses(),
    ]
    .concat();
    rows.iter_mut().for_each(|row| row.single = true);
    rows
}

// Secrets

/// A permanent key whose secret has a slash, a plus and lower case letters.
fn with_secret(link: &mut Link, secret: String) {
    link.token = None;
    if link.id.starts_with("ASIA") {
        link.id.replace_range(..4, "AKIA");
    }
    link.secret = secret;
}

fn slashed(link: &mut Link, rng: &mut Rng) {
    let secret = format!("{}/a{}+{}", rng.base64(13), rng.base64(10), rng.base64(14));
    with_secret(link, secret);
}

fn secrets() -> Vec<Breaker> {
    let encoding = |name, breaks| row(Secret, &["secret-encoding"], name, breaks).of(slashed);
    let wrong = |name, breaks| row(Secret, &["wrong-secret"], name, breaks);
    vec![
        encoding("secret cut at its first slash", |c, _| {
            c.hashed.secret = c.link.secret.split('/').next().unwrap().into();
        }),
        encoding("slash of the secret escaped with a backslash", |c, _| {
            c.hashed.secret = c.link.secret.replace('/', "\\/").into_bytes();
        }),
        encoding("secret in upper case", |c, _| {
            c.hashed.secret = c.link.secret.to_uppercase().into_bytes();
        }),
        encoding("an unset shell variable in the secret", |c, _| {
            c.hashed.secret = c.link.secret.replace("$ecret", "").into_bytes();
        })
        .on(CUSTOM)
        .of(|link, rng| {
            let secret = format!("{}$ecret+{}/word", rng.hex(8), rng.hex(4));
            with_secret(link, secret);
        }),
        wrong("the access key ID as the secret", |c, _| {
            c.hashed.secret = c.link.id.clone().into_bytes();
        }),
        wrong("an empty secret", |c, _| c.hashed.secret.clear()),
        row(
            Secret,
            &["wrong-secret", "unexplained"],
            "a word as the secret",
            |c, r| c.hashed.secret = r.pick(&["x", "of-another-profile"]).into(),
        ),
    ]
}

// Scope

fn scopes() -> Vec<Breaker> {
    let date = |name, breaks| row(Scope, &["scope-date-mismatch"], name, breaks);
    vec![
        row(
            Scope,
            &["wrong-service"],
            "service s3express in the key only",
            |c, _| c.hashed.key_scope[2] = "s3express".into(),
        ),
        row(
            Scope,
            &["wrong-service"],
            "service S3 in the key only",
            |c, _| c.hashed.key_scope[2] = "S3".into(),
        ),
        row(
            Scope,
            &["wrong-service"],
            "another service replaced in the finished link",
            |c, r| {
                let service = r.pick(&["/iam/", "/s3express/", "/cos/", "/S3/"]);
                let credential = c.link.credential().replace("/s3/", service);
                set(&mut c.shown.query, "X-Amz-Credential", &encode(&credential));
            },
        ),
        date("tomorrow's date in the key only", |c, _| {
            c.hashed.key_scope[0] = day(c.link.signed_at + 86_400);
        }),
        date("the date of two days before in the key only", |c, _| {
            c.hashed.key_scope[0] = day(c.link.signed_at - 2 * 86_400);
        }),
    ]
}

fn methods() -> Vec<Breaker> {
    vec![
        row(
            Method,
            &["wrong-method"],
            "any other method than the signed one",
            |c, r| {
                let others: Vec<&str> = ["GET", "HEAD", "PUT", "DELETE", "POST"]
                    .into_iter()
                    .filter(|other| *other != c.link.method)
                    .collect();
                c.used.method = r.pick(&others).into();
            },
        )
        .of(|link, rng| {
            let name = rng.pick(&["GET", "HEAD", "PUT", "DELETE"]);
            method(link, name);
            link.query.clear();
            link.headers.clear();
        }),
    ]
}

// Paths

fn keyed(link: &mut Link, rng: &mut Rng, keys: &[&'static str]) {
    link.key = rng.pick(keys).into();
}

/// The path with a prefix.
fn before_key(case: &Case, text: &str) -> String {
    let front = if case.link.virtual_host {
        "/".to_owned()
    } else {
        format!("/{}/", case.link.bucket)
    };
    encode_path(&format!("{front}{text}{}", case.link.key))
}

fn paths() -> Vec<Breaker> {
    let dots = |name, breaks| {
        row(Path, &["path-dot-segments"], name, breaks)
            .of(|l: &mut Link, r: &mut Rng| keyed(l, r, &["report.pdf", "a/b c/d.txt", "z"]))
    };
    vec![
        row(
            Path,
            &["path-not-encoded"],
            "path hashed with escapes in lower case",
            |c, _| {
                let mut parts = c.link.path();
                for (at, _) in c.link.path().match_indices('%') {
                    let escape = parts[at..at + 3].to_ascii_lowercase();
                    parts.replace_range(at..at + 3, &escape);
                }
                c.hashed.path = parts;
            },
        )
        .of(|l, r| keyed(l, r, &["data/ünï/é.csv", "x+y (1).tar.gz"])),
        row(
            Path,
            &["path-slashes-changed"],
            "slash of the key doubled in the link",
            |c, _| {
                let doubled = c.link.key.replacen('/', "//", 1);
                let key = std::mem::replace(&mut c.link.key, doubled);
                c.shown.path = c.link.path();
                c.link.key = key;
            },
        )
        .of(|l, r| keyed(l, r, &["a/b c/d.txt", "img/2026/01/photo_001.jpg"])),
        dots("a folder and `..` put into the link", |c, _| {
            c.shown.path = before_key(c, "x/../");
        }),
        dots("two folders and `..` twice put into the link", |c, _| {
            c.shown.path = before_key(c, "a/b/../../");
        }),
        dots("a `.` segment put into the link", |c, _| {
            c.shown.path = before_key(c, "./");
        }),
        dots("a `.` segment hashed, not written", |c, _| {
            c.hashed.path = before_key(c, "./");
        }),
        dots("a `..` segment hashed, not written", |c, _| {
            c.hashed.path = before_key(c, "../");
        }),
    ]
}

fn keys() -> Vec<Breaker> {
    fn changed(name: &'static str, change: fn(&mut Case, &mut Rng)) -> Breaker {
        row(Path, &["key-changed"], name, change)
            .of(|l: &mut Link, r: &mut Rng| keyed(l, r, &["report.pdf", "img/2026/01/photo_1.jpg"]))
    }
    /// Writes a key other than the signed one.
    fn write(case: &mut Case, change: impl FnOnce(&str) -> String) {
        let (front, name) = case.shown.path.rsplit_once('/').unwrap();
        case.shown.path = format!("{front}/{}", change(name));
    }
    vec![
        changed("a space behind the key", |c, _| {
            write(c, |name| format!("{name}%20"));
        }),
        changed("the name in capitals", |c, _| {
            write(c, str::to_uppercase);
        }),
        changed("the last letter is another", |c, _| {
            write(c, |name| format!("{}_", &name[..name.len() - 1]));
        }),
        changed("a digit behind the key", |c, _| {
            write(c, |name| format!("{name}2"));
        }),
        changed("the first letter of the name lost", |c, _| {
            write(c, |name| name[1..].to_owned());
        }),
        changed("the extension lost", |c, _| {
            write(c, |name| name.rsplit_once('.').unwrap().0.to_owned());
        }),
    ]
}

// Parameters

fn parameters() -> Vec<Breaker> {
    let removed = |name, breaks| row(Query, &["query-parameter-removed"], name, breaks);
    let changed = |name, breaks| row(Query, &["query-parameter-changed"], name, breaks);
    vec![
        row(
            Query,
            &["query-parameter-added"],
            "two parameters against caches",
            |c, _| {
                for (name, value) in [("cb", "1"), ("nocache", "2")] {
                    c.shown.after.push((name.into(), value.into()));
                }
            },
        ),
        removed("the date", |c, _| {
            c.shown.query.retain(|(name, _)| name != "X-Amz-Date");
        })
        .keyless(),
        removed("a content type for the response", |c, _| {
            let pair = ("response-content-type".into(), "application%2Fpdf".into());
            c.hashed.query.push(pair);
        })
        .of(plain_get),
        removed("a null version", |c, _| {
            c.hashed.query.push(("versionId".into(), "null".into()));
        })
        .of(plain_get),
        row(
            Expiry,
            &["query-parameter-changed"],
            "a digit put behind the expiry",
            |c, _| set(&mut c.shown.query, "X-Amz-Expires", "43210"),
        )
        .of(|l, _| l.expires = 4321),
        row(
            Expiry,
            &["query-parameter-changed"],
            "the time of signing changed",
            |c, _| {
                let later = crate::broken_urls::text::timestamp(c.link.signed_at + 1859);
                set(&mut c.shown.query, "X-Amz-Date", &later);
            },
        )
        .of(at_noon),
        changed("a letter of the version changed", |c, _| {
            set(&mut c.shown.query, "versionId", "3sL5kqtJlcpXroDTDmJ");
        })
        .of(|l, r| {
            plain_get(l, r);
            l.parameter("versionId", "3sL4kqtJlcpXroDTDmJ");
        }),
        changed("the disposition in another case", |c, _| {
            let value = encode("Attachment; filename=\"a b.txt\"");
            set(&mut c.shown.query, "response-content-disposition", &value);
        })
        .of(|l, r| {
            plain_get(l, r);
            l.parameter(
                "response-content-disposition",
                "attachment; filename=\"a b.txt\"",
            );
        }),
    ]
}

fn plain_get(link: &mut Link, rng: &mut Rng) {
    get(link, rng);
    link.query.clear();
}

/// In the middle of a day, so that half an hour later is the same day.
fn at_noon(link: &mut Link, _: &mut Rng) {
    link.signed_at -= link.signed_at % 86_400 - 43_200;
    link.expires = 86_400;
    link.now = link.signed_at + 7200;
}

// Damage to the text

fn damaged_text() -> Vec<Breaker> {
    let cut = |name, breaks| row(Text, &["url-truncated"], name, breaks).keyless();
    let wrapped = |name, breaks| row(Text, &["url-wrapped"], name, breaks).keyless();
    let twice = |name, breaks| row(Text, &["percent-encoded-twice"], name, breaks).keyless();
    vec![
        cut("cut before the credential", |c, _| {
            c.edit(|url| before(url, "&X-Amz-Credential"));
        }),
        cut("cut before the date", |c, _| {
            c.edit(|url| before(url, "&X-Amz-Date"));
        }),
        cut("cut in the date", |c, _| {
            c.edit(|url| url[..url.find("X-Amz-Date").unwrap() + 15].to_owned());
        }),
        cut("an ellipsis in the name of the signature", |c, _| {
            c.edit(|url| format!("{}...", before(url, "ature=")));
        }),
        wrapped("a label before", |c, _| c.edit(|url| format!("URL: {url}"))),
        wrapped("quoted-printable", |c, _| {
            c.edit(|url| url.replace('=', "=3D"))
        }),
        twice("the whole URL percent-encoded", |c, _| c.edit(encode)),
        twice(
            "everything from the question mark on percent-encoded",
            |c, _| {
                c.edit(|url| {
                    let (address, query) = url.split_once('?').unwrap();
                    format!("{address}{}", encode(&format!("?{query}")))
                });
            },
        ),
    ]
}

fn before(url: &str, mark: &str) -> String {
    url[..url.find(mark).unwrap()].to_owned()
}

fn signatures() -> Vec<Breaker> {
    vec![
        row(
            Text,
            &["signature-malformed"],
            "a short signature with a parameter behind it",
            |c, _| {
                c.shown.signature = Some(|signature| signature[..60].to_owned());
                c.shown.after.push(("x-id".into(), "GetObject".into()));
            },
        )
        .keyless(),
        row(
            Text,
            &["signature-malformed"],
            "the last digit of the signature changed",
            |c, _| {
                c.shown.signature = Some(|signature| {
                    let last = if signature.ends_with('0') { "1" } else { "0" };
                    format!("{}{last}", &signature[..63])
                });
            },
        ),
    ]
}

// Headers

fn headers() -> Vec<Breaker> {
    fn signed(name: &'static str, change: fn(&mut Case, &mut Rng)) -> Breaker {
        row(Headers, &["signed-header-changed"], name, change).of(|l, r| {
            put(l, r);
            l.headers.clear();
            l.header("content-type", "application/pdf");
            l.header("x-amz-meta-who", "somebody else");
        })
    }
    fn send(case: &mut Case, name: &str, value: &str) {
        case.used.headers.retain(|(other, _)| other != name);
        case.used.headers.push((name.into(), value.into()));
    }
    fn list(case: &mut Case, names: &str) {
        set(&mut case.shown.query, "X-Amz-SignedHeaders", names);
    }
    let names = |name, breaks| {
        row(Headers, &["signed-headers-malformed"], name, breaks)
            .of(|l: &mut Link, r: &mut Rng| {
                put(l, r);
                l.headers.clear();
                l.header("content-type", "image/jpeg");
            })
            .keyless()
    };
    vec![
        signed("a picture's Content-Type for a document's", |c, _| {
            send(c, "content-type", "image/png");
        }),
        signed("metadata in another case", |c, _| {
            send(c, "x-amz-meta-who", "Somebody Else");
        }),
        signed("a letter of the metadata lost", |c, _| {
            send(c, "x-amz-meta-who", "somebody els");
        }),
        row(
            Headers,
            &["header-not-signed"],
            "a header of the store's that was not signed",
            |c, r| {
                let name = r.pick(&[
                    "x-amz-storage-class",
                    "x-amz-tagging",
                    "x-amz-grant-read",
                    "x-amz-meta-more",
                ]);
                send(c, name, "x");
            },
        )
        .of(|l, r| {
            put(l, r);
            l.headers.clear();
        })
        .keyless(),
        names("list of signed headers emptied in the link", |c, _| {
            list(c, "")
        }),
        names(
            "commas put into the list of signed headers in the link",
            |c, _| {
                list(c, "content-type%2Chost");
            },
        ),
        names(
            "host taken out of the list of signed headers in the link",
            |c, _| {
                list(c, "content-type");
            },
        ),
        row(
            Headers,
            &["signed-headers-malformed"],
            "host is not signed, as the store says",
            |c, _| {
                let words = "There were headers present in the request which were not signed";
                c.says(refusal(403, "AccessDenied", words).field("HeadersNotSigned", "host"));
            },
        )
        .on(&[Store::Aws])
        .of(some_method)
        .served()
        .keyless(),
        row(
            Headers,
            &["two-auth-mechanisms"],
            "parameters of version 2 behind those of version 4",
            |c, _| {
                for (name, value) in [
                    ("AWSAccessKeyId", "x"),
                    ("Expires", "1"),
                    ("Signature", "y"),
                ] {
                    c.shown.after.push((name.into(), value.into()));
                }
            },
        )
        .keyless(),
        row(
            Headers,
            &["header-rewritten-by-proxy"],
            "a header of proxies signed and replaced on the way",
            |c, r| {
                let name = r.pick(&["x-forwarded-for", "te", "via"]);
                c.sign_header(name, "gzip");
                c.through(move |request| {
                    for header in request.headers.iter_mut().filter(|(n, _)| n == name) {
                        header.1 = "replaced".into();
                    }
                });
            },
        )
        .of(|l, r| {
            get(l, r);
            l.headers.clear();
        }),
    ]
}

// Hosts

fn hosts() -> Vec<Breaker> {
    fn ported(link: &mut Link, rng: &mut Rng) {
        link.virtual_host = false;
        link.scheme = "http";
        link.endpoint = rng
            .pick(&["minio.example.com:9000", "10.1.2.3:8080"])
            .into();
    }
    fn without_port(link: &mut Link, _: &mut Rng) {
        link.virtual_host = false;
        link.scheme = "https";
        link.endpoint = "rgw.example.org".into();
    }
    fn name_of(case: &Case) -> String {
        case.shown.authority.rsplit_once(':').unwrap().0.to_owned()
    }
    let port = |name, breaks| row(Host, &["port-in-host"], name, breaks).on(CUSTOM);
    let hashed = |name, breaks| {
        row(Host, &["wrong-host"], name, breaks)
            .on(CUSTOM)
            .of(without_port)
    };
    vec![
        port("another port in the link", |c, _| {
            c.shown.authority = format!("{}:8443", name_of(c));
        })
        .of(ported),
        port("the port cut out of the link", |c, _| {
            c.shown.authority = name_of(c);
        })
        .of(ported),
        port("a port hashed, none in the link", |c, _| {
            let host = format!("{}:8080", c.link.host());
            c.hashed_host(&host);
        })
        .of(without_port),
        hashed("a container's name hashed", |c, _| {
            c.hashed_host("minio:9000")
        }),
        hashed("localhost hashed", |c, _| c.hashed_host("localhost:9000")),
        row(
            Host,
            &["proxy-rewrote-host"],
            "a proxy's prefix hashed, not written",
            |c, _| c.hashed.path = format!("/s3{}", c.link.path()),
        ),
        row(
            Host,
            &["wrong-addressing"],
            "the store names another bucket",
            |c, _| {
                let words = "The specified bucket does not exist";
                c.says(refusal(404, "NoSuchBucket", words).field("BucketName", "another-bucket"));
            },
        )
        .on(&[Store::Aws])
        .of(|l, r| {
            some_method(l, r);
            l.virtual_host = false;
            l.endpoint = "s3.us-west-2.amazonaws.com".into();
            l.region = "us-west-2".into();
        })
        .served()
        .keyless(),
    ]
}

// Bodies

fn bodies() -> Vec<Breaker> {
    let hash =
        |name, breaks| row(Payload, &["payload-hash-mismatch"], name, breaks).of(some_method);
    vec![
        hash("nothing in place of the payload hash", |c, _| {
            c.hashed.payload.clear()
        }),
        hash("the payload hash of a stream", |c, _| {
            c.hashed.payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD".into();
        }),
        row(
            Payload,
            &["payload-hash-mismatch"],
            "another body than was hashed, as BadDigest",
            |c, _| {
                let words = "The Content-MD5 you specified did not match what we received.";
                c.says(refusal(400, "BadDigest", words));
            },
        )
        .on(&[Store::Aws, Store::Minio])
        .of(|l, r| {
            put(l, r);
            l.headers.clear();
        })
        .served()
        .keyless(),
        row(
            Payload,
            &["checksum-of-empty-body"],
            "SHA-256 or SHA-1 of nothing in the query",
            |_, _| {},
        )
        .of(|l, r| {
            put(l, r);
            l.headers.clear();
            let (name, value) = r.pick(&[
                (
                    "x-amz-checksum-sha256",
                    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                ),
                ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
            ]);
            l.parameter(name, value);
        })
        .warning(),
        row(
            Payload,
            &["checksum-not-enforced"],
            "CRC64 in the query",
            |_, _| {},
        )
        .of(|l, r| {
            put(l, r);
            l.headers.clear();
            l.parameter("x-amz-checksum-crc64nvme", "sOO8/Q==");
        })
        .warning(),
        row(
            Said,
            &["disposition-not-latin1"],
            "a Russian file name",
            |_, _| {},
        )
        .on(&[Store::Aws, Store::Ibm])
        .of(|l, r| {
            plain_get(l, r);
            l.parameter(
                "response-content-disposition",
                "attachment; filename=\"Отчёт.pdf\"",
            );
        })
        .warning(),
    ]
}

// Tokens and times

fn temporary(link: &mut Link, rng: &mut Rng) {
    some_method(link, rng);
    link.temporary(rng);
}

fn tokens_and_times() -> Vec<Breaker> {
    let ended = |name, breaks| {
        row(Token, &["token-expired"], name, breaks)
            .on(&[Store::Aws])
            .of(temporary)
            .served()
            .keyless()
    };
    vec![
        row(
            Token,
            &["token-missing"],
            "no token, as InvalidToken says",
            |c, _| {
                for query in [&mut c.shown.query, &mut c.hashed.query] {
                    query.retain(|(name, _)| name != "X-Amz-Security-Token");
                }
                let words = "The provided token is malformed or otherwise invalid.";
                c.says(refusal(400, "InvalidToken", words));
            },
        )
        .on(&[Store::Aws])
        .of(temporary)
        .keyless(),
        ended("token at its end, as ExpiredTokenException", |c, _| {
            let words = "The security token included in the request is expired";
            c.says(refusal(400, "ExpiredTokenException", words));
        }),
        ended("token at its end, as TokenRefreshRequired", |c, _| {
            let words = "The provided token must be refreshed.";
            c.says(refusal(400, "TokenRefreshRequired", words));
        }),
        row(
            Expiry,
            &["not-yet-valid"],
            "signed eight hours and some minutes ahead",
            |c, _| c.given.at = c.link.signed_at - (8 * 3600 + 571),
        )
        .keyless(),
        // Stores accept it, so a refusal is the only sign.
        row(
            Expiry,
            &["clock-skew"],
            "signed seven minutes ahead",
            |c, _| c.given.at = c.link.signed_at - 420,
        )
        .served()
        .keyless(),
        row(
            Expiry,
            &["clock-skew"],
            "the time is too skewed, and nothing more",
            |c, _| {
                let words =
                    "The difference between the request time and the current time is too large.";
                c.says(refusal(403, "RequestTimeTooSkewed", words));
            },
        )
        .on(&[Store::Aws])
        .of(some_method)
        .served()
        .keyless(),
    ]
}

// Responses

fn stated(case: &mut Case, status: u16, code: &'static str) {
    case.says(refusal(status, code, ""));
}

fn responses() -> Vec<Breaker> {
    fn says(
        codes: &'static [&'static str],
        name: &'static str,
        breaks: fn(&mut Case, &mut Rng),
    ) -> Breaker {
        row(Said, codes, name, breaks)
            .on(&[Store::Aws])
            .of(get)
            .served()
    }
    /// Only a header with these lines.
    fn redirect(status: u16, location: Option<&str>, region: bool) -> Response {
        let mut response = refusal(status, "TemporaryRedirect", "").bodiless();
        if let Some(location) = location {
            response = response.header("Location", location);
        }
        if region {
            response = response.header("x-amz-bucket-region", "eu-north-1");
        }
        response
    }
    fn eu_west(link: &mut Link, rng: &mut Rng) {
        get(link, rng);
        link.region = "eu-west-1".into();
        link.endpoint = "s3.eu-west-1.amazonaws.com".into();
    }
    vec![
        says(&["no-such-key"], "no version of this id", |c, _| {
            stated(c, 404, "NoSuchVersion");
        })
        .keyless(),
        says(&["no-such-key"], "the status 404 alone", |c, _| {
            c.given.status = Some(404)
        }),
        says(
            &["no-such-bucket"],
            "the store says no bucket's name",
            |c, _| {
                stated(c, 404, "NoSuchBucket");
            },
        )
        .keyless(),
        says(
            &["no-such-bucket"],
            "the name of the bucket is invalid",
            |c, _| {
                stated(c, 400, "InvalidBucketName");
            },
        )
        .keyless(),
        says(&["access-denied"], "Forbidden", |c, _| {
            stated(c, 403, "Forbidden")
        }),
        says(&["account-limit"], "all access is disabled", |c, _| {
            stated(c, 403, "AllAccessDisabled");
        }),
        says(&["access-denied"], "a 403 without a body", |c, _| {
            c.says(refusal(403, "AccessDenied", "").bodiless());
        }),
        says(
            &["access-denied"],
            "refused, without keys at hand",
            |c, _| {
                stated(c, 403, "AccessDenied");
                c.given.keys = None;
            },
        ),
        row(
            Alone,
            &["redirected"],
            "another host and the bucket's region",
            |c, _| c.says(redirect(307, Some("https://elsewhere.example/k"), true)),
        )
        .on(&[Store::Aws])
        .of(eu_west)
        .served()
        .keyless(),
        row(Alone, &["redirected"], "a login page", |c, _| {
            c.says(redirect(302, Some("https://login.example/"), false))
        })
        .on(&[Store::Aws])
        .of(eu_west)
        .served()
        .keyless(),
    ]
}
