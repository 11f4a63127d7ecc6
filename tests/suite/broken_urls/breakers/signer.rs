//! What was hashed differs from what was written: an error of the signer, or a change after it.

use super::Part::{
    Alone, Expiry, Headers, Host, Method, Path, Payload, Query, Scope, Secret, Token,
};
use super::{Breaker, get, method, put, regional, row, some_method};
use crate::broken_urls::case::{Case, Pairs, get as value_of, set};
use crate::broken_urls::link::{CUSTOM, Link, Store, access_key, secret};
use crate::broken_urls::text::{
    day, decode, encode, encode_keeping, encode_path, sha256_hex, timestamp,
};
use support::rng::Rng;

pub fn rows() -> Vec<Breaker> {
    [
        secrets(),
        ids(),
        scopes(),
        times(),
        paths(),
        queries(),
        hosts(),
        headers(),
        payloads(),
        tokens(),
        methods(),
    ]
    .concat()
}

// Secrets

fn around(case: &mut Case, before: &str, after: &str) {
    case.hashed.secret = format!("{before}{}{after}", case.link.secret).into_bytes();
}

fn secret_of(link: &mut Link, secret: &str) {
    link.token = None;
    if link.id.starts_with("ASIA") {
        link.id.replace_range(..4, "AKIA");
    }
    secret.clone_into(&mut link.secret);
}

/// The characters of AWS secrets, with at least one of each that is easily lost.
fn fragile(link: &mut Link, rng: &mut Rng) {
    let secret = format!("{}/{}+{}", rng.base64(13), rng.base64(11), rng.base64(14));
    secret_of(link, &secret);
}

const PASSPHRASES: &[Store] = CUSTOM;

fn secrets() -> Vec<Breaker> {
    let space = |name, breaks| row(Secret, &["secret-whitespace"], name, breaks);
    let pasted = |name, breaks| {
        row(
            Alone,
            &["secret-encoding", "secret-whitespace"],
            name,
            breaks,
        )
    };
    let encoding = |name, breaks| row(Secret, &["secret-encoding"], name, breaks);
    // Quotes and a byte order mark are neither white space nor an encoding in the strict sense;
    // both codes are correct.
    let either = |name, breaks| {
        row(
            Secret,
            &["secret-encoding", "secret-whitespace"],
            name,
            breaks,
        )
    };
    vec![
        space("secret with a line feed", |c, _| around(c, "", "\n")),
        space("secret with a carriage return and line feed", |c, _| {
            around(c, "", "\r\n")
        }),
        space("secret with a carriage return", |c, _| around(c, "", "\r")),
        space("secret with a space behind", |c, _| around(c, "", " ")),
        space("secret with a space before", |c, _| around(c, " ", "")),
        space("secret with a tab behind", |c, _| around(c, "", "\t")),
        space("secret with spaces around", |c, _| around(c, " ", " ")),
        either("secret in double quotes", |c, _| around(c, "\"", "\"")),
        either("secret in single quotes", |c, _| around(c, "'", "'")),
        either("secret with a byte order mark", |c, _| {
            around(c, "\u{feff}", "")
        }),
        pasted("secret with the percent sign of zsh behind", |c, _| {
            around(c, "", "%")
        }),
        pasted("secret in typographic quotes", |c, _| {
            around(c, "\u{201c}", "\u{201d}")
        }),
        pasted("secret behind its access key id", |c, _| {
            let id = format!("{}:", c.link.id);
            around(c, &id, "")
        }),
        pasted("plus of the secret as a reference of HTML", |c, _| {
            c.hashed.secret = c.link.secret.replace('+', "&#43;").into_bytes()
        })
        .of(fragile),
        pasted("plus of the secret escaped as in JavaScript", |c, _| {
            c.hashed.secret = c.link.secret.replace('+', "\\u002b").into_bytes()
        })
        .of(fragile),
        encoding("secret percent-encoded", |c, _| {
            c.hashed.secret = encode(&c.link.secret).into_bytes()
        })
        .of(fragile),
        encoding("plus of the secret became a space", |c, _| {
            c.hashed.secret = c.link.secret.replace('+', " ").into_bytes()
        })
        .of(fragile),
        encoding("slash of the secret lost", |c, _| {
            c.hashed.secret = c.link.secret.replace('/', "").into_bytes()
        })
        .of(fragile),
        encoding("plus of the secret lost", |c, _| {
            c.hashed.secret = c.link.secret.replace('+', "").into_bytes()
        })
        .of(fragile),
        encoding("secret base64-encoded once more", |c, _| {
            use base64::Engine;
            c.hashed.secret = base64::engine::general_purpose::STANDARD
                .encode(&c.link.secret)
                .into_bytes();
        }),
        encoding("secret base64-decoded", |c, _| {
            use base64::Engine;
            c.hashed.secret = base64::engine::general_purpose::STANDARD
                .decode(&c.link.secret)
                .unwrap();
        })
        .of(|link, rng| {
            let secret = rng.base64(40);
            secret_of(link, &secret);
        }),
        encoding("secret percent-decoded", |c, _| {
            c.hashed.secret = c.link.secret.replace("%2F", "/").into_bytes()
        })
        .on(PASSPHRASES)
        .of(|link, rng| {
            let secret = format!("{}%2F{}", rng.hex(10), rng.hex(8));
            secret_of(link, &secret);
        }),
        encoding("backslash of the secret eaten by a shell", |c, _| {
            c.hashed.secret = c.link.secret.replace('\\', "").into_bytes()
        })
        .on(PASSPHRASES)
        .of(|link, rng| {
            let secret = format!("{}\\{}", rng.hex(10), rng.hex(8));
            secret_of(link, &secret);
        }),
        encoding("a variable of a shell in the secret", |c, _| {
            let end = c.link.secret.find('$').unwrap();
            c.hashed.secret = c.link.secret.as_bytes()[..end].to_vec();
        })
        .on(PASSPHRASES)
        .of(|link, rng| {
            let secret = format!("{}$abc{}", rng.hex(12), rng.hex(8));
            secret_of(link, &secret);
        }),
        row(
            Secret,
            &["wrong-secret"],
            "the secret of another profile",
            other_profile,
        ),
        row(
            Secret,
            &["wrong-secret"],
            "another profile's, of several",
            |c, r| {
                for name in ["archive", "staging"] {
                    let (id, secret) = (access_key(c.link.store, r), secret(c.link.store, r));
                    c.given.profiles.push((name.into(), id, secret));
                }
                other_profile(c, r);
            },
        ),
        row(
            Secret,
            &["wrong-secret"],
            "another IBM profile's",
            other_profile,
        )
        .on(&[Store::Ibm]),
        row(
            Secret,
            &["wrong-secret"],
            "another profile's, for an upload",
            other_profile,
        )
        .of(put),
        row(
            Secret,
            &["wrong-secret"],
            "another profile's, with a token",
            other_profile,
        )
        .on(&[Store::Aws])
        .of(|l, r| l.temporary(r)),
        // Without a matching candidate it is unknown whether the secret or the request is wrong.
        row(
            Secret,
            &["unexplained", "wrong-secret"],
            "a secret nobody has",
            unknown_secret,
        ),
        row(
            Secret,
            &["unexplained", "wrong-secret"],
            "a secret nobody has, signed headers",
            unknown_secret,
        )
        .of(|l, _| {
            method(l, "PUT");
            l.header("content-type", "image/jpeg");
        }),
        row(
            Secret,
            &["unexplained", "wrong-secret"],
            "a secret nobody has, other profiles neither",
            |c, r| {
                unknown_secret(c, r);
                c.given.profiles.push((
                    "other".into(),
                    access_key(c.link.store, r),
                    secret(c.link.store, r),
                ));
                c.given.try_all = true;
            },
        ),
        row(
            Secret,
            &["unexplained", "wrong-secret"],
            "a secret nobody has, IBM",
            unknown_secret,
        )
        .on(&[Store::Ibm]),
        row(
            Secret,
            &["unexplained", "wrong-secret"],
            "a secret nobody has, with a token",
            unknown_secret,
        )
        .on(&[Store::Aws])
        .of(|l, r| l.temporary(r)),
    ]
}

fn other_profile(case: &mut Case, rng: &mut Rng) {
    let (id, secret) = (
        access_key(case.link.store, rng),
        secret(case.link.store, rng),
    );
    case.hashed.secret = secret.clone().into_bytes();
    case.given.profiles.push(("production".into(), id, secret));
    case.given.try_all = true;
}

fn unknown_secret(case: &mut Case, rng: &mut Rng) {
    case.hashed.secret = secret(case.link.store, rng).into_bytes();
}

// Access keys

fn ids() -> Vec<Breaker> {
    let id = |name, breaks| {
        row(Secret, &["wrong-access-key"], name, breaks)
            .of(|l: &mut Link, r: &mut Rng| l.permanent(r))
    };
    // The ID of one account with the available secret of another.
    let mixed = |case: &mut Case, rng: &mut Rng| {
        let other = format!("{}{}", rng.pick(&["AKIA", "ASIB"]), rng.base32(16));
        case.given.keys = Some((other, case.link.secret.clone(), None));
    };
    let foreign = |case: &mut Case, rng: &mut Rng| {
        case.given.keys = Some((access_key(Store::Aws, rng), secret(Store::Aws, rng), None));
    };
    vec![
        id("the id of another account, the secret at hand", mixed).served(),
        id("the same with IBM's keys", |c, r| {
            c.given.keys = Some((r.hex(32), c.link.secret.clone(), None))
        })
        .on(&[Store::Ibm])
        .served(),
        // The URL may be valid; the report must state that these credentials cannot verify it.
        row(
            Secret,
            &["wrong-access-key", "unexplained"],
            "keys at hand are of another account",
            foreign,
        )
        .served(),
        row(
            Secret,
            &["wrong-access-key", "unexplained"],
            "the same for an upload",
            foreign,
        )
        .of(put)
        .served(),
        // Only the ID was replaced in the finished URL: one parameter changed, and that parameter
        // is the key.
        row(
            Secret,
            &["wrong-access-key", "query-parameter-changed"],
            "the id replaced in the link",
            |c, r| {
                let other = access_key(Store::Aws, r);
                let credential = c.link.credential().replacen(&c.link.id, &other, 1);
                set(&mut c.shown.query, "X-Amz-Credential", &encode(&credential));
            },
        )
        .of(|l, r| l.permanent(r)),
    ]
}

// Scope

fn other_region(case: &Case, rng: &mut Rng) -> String {
    let others = [
        "us-east-1",
        "us-east-2",
        "eu-west-2",
        "eu-north-1",
        "ap-south-1",
        "us-gov-west-1",
    ];
    others[rng.below(3)..]
        .iter()
        .find(|r| **r != case.link.region)
        .map(|r| (*r).to_owned())
        .unwrap()
}

fn day_before(case: &Case) -> String {
    day(case.link.signed_at - 86_400)
}

fn scopes() -> Vec<Breaker> {
    let region = |name, breaks| row(Scope, &["wrong-region"], name, breaks);
    let service = |name, breaks| row(Scope, &["wrong-service"], name, breaks);
    let date = |name, breaks| row(Scope, &["scope-date-mismatch"], name, breaks);
    vec![
        region("the default region for a host of another", |c, _| {
            c.set_scope(1, "us-east-1")
        })
        .on(&[Store::Aws])
        .of(regional)
        .keyless(),
        region("a neighbouring region", |c, _| c.set_scope(1, "us-west-1"))
            .on(&[Store::Aws])
            .of(regional)
            .keyless(),
        region("GovCloud signed as the public cloud", |c, _| {
            c.set_scope(1, "us-west-1")
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            regional(l, r);
            l.region = "us-gov-west-1".into();
            l.endpoint = "s3.us-gov-west-1.amazonaws.com".into();
        })
        .keyless(),
        region("another region hashed than written", |c, r| {
            let other = other_region(c, r);
            c.hashed.scope[1].clone_from(&other);
            c.hashed.key_scope[1] = other;
        }),
        region("another region in the key only", |c, r| {
            c.hashed.key_scope[1] = other_region(c, r)
        }),
        region("another region in the string to sign only", |c, r| {
            c.hashed.scope[1] = other_region(c, r)
        }),
        region("region replaced in the finished link", |c, r| {
            let credential = c.link.credential().replace(
                &format!("/{}/", c.link.region),
                &format!("/{}/", other_region(c, r)),
            );
            set(&mut c.shown.query, "X-Amz-Credential", &encode(&credential));
        })
        .on(&[Store::Aws, Store::Wasabi])
        .of(|l, r| {
            l.permanent(r);
            if l.store == Store::Aws {
                regional(l, r);
            }
        }),
        service("service of an API gateway", |c, _| {
            c.set_scope(2, "execute-api")
        })
        .keyless(),
        service("service cos", |c, _| c.set_scope(2, "cos"))
            .on(&[Store::Ibm, Store::Minio])
            .keyless(),
        service("service in capitals", |c, _| c.set_scope(2, "S3")).keyless(),
        service("service sts hashed, s3 written", |c, _| {
            c.hashed.scope[2] = "sts".into();
            c.hashed.key_scope[2] = "sts".into();
        }),
        service("service iam in the key only", |c, _| {
            c.hashed.key_scope[2] = "iam".into()
        }),
        service("service replaced in the finished link", |c, _| {
            let credential = c.link.credential().replace("/s3/", "/execute-api/");
            set(&mut c.shown.query, "X-Amz-Credential", &encode(&credential));
        }),
        date("yesterday's scope", |c, _| c.set_scope(0, &day_before(c))).keyless(),
        date("tomorrow's scope", |c, _| {
            let tomorrow = day(c.link.signed_at + 86_400);
            c.set_scope(0, &tomorrow);
        })
        .keyless(),
        date("yesterday's key, kept in a cache", |c, _| {
            c.hashed.key_scope[0] = day_before(c)
        }),
        date("yesterday's scope hashed, today's written", |c, _| {
            c.hashed.scope[0] = day_before(c);
            c.hashed.key_scope[0] = day_before(c);
        }),
        date("date of the credential edited", |c, _| {
            let credential = c
                .link
                .credential()
                .replace(&day(c.link.signed_at), &day_before(c));
            set(&mut c.shown.query, "X-Amz-Credential", &encode(&credential));
        })
        .keyless(),
        date("yesterday's scope, as the store says", |c, _| {
            c.set_scope(0, &day_before(c));
            let words = "Invalid credential date. This date is not the same as X-Amz-Date.";
            c.says(crate::broken_urls::response::refusal(
                400,
                "AuthorizationQueryParametersError",
                words,
            ));
        })
        .on(&[Store::Aws, Store::Swift])
        .of(some_method)
        .keyless(),
    ]
}

// Time

/// The complete URL of a signer with another clock, evaluated now.
fn clock(case: &mut Case, offset: i64) {
    case.given.at = case.link.signed_at - offset + 20;
}

fn long(link: &mut Link, _: &mut Rng) {
    link.expires = 86_400;
}

fn times() -> Vec<Breaker> {
    let local = |name, breaks| row(Expiry, &["local-time-not-utc"], name, breaks);
    vec![
        local("two hours ahead of UTC", |c, _| clock(c, 7200)).keyless(),
        local("India's time", |c, _| clock(c, 19_800)).keyless(),
        local("Tokyo's time, for an upload", |c, _| clock(c, 32_400))
            .of(put)
            .keyless(),
        local("Nepal's time, of IBM", |c, _| clock(c, 20_700))
            .on(&[Store::Ibm])
            .keyless(),
        // By its date alone this URL has expired; only the whole number of hours suggests the
        // clock.
        row(
            Expiry,
            &["local-time-not-utc", "expired"],
            "New York's time, a short link",
            |c, _| clock(c, -18_000),
        )
        .of(|l, _| l.expires = 900)
        .keyless(),
        local("local time hashed, UTC written", |c, r| {
            let hours = r.pick(&[-8, -5, 1, 2, 8, 9]);
            c.hashed.timestamp = timestamp(c.link.signed_at + 3600 * hours);
        }),
        local("local time hashed half an hour off", |c, r| {
            let hours = r.pick(&[5, 9]);
            c.hashed.timestamp = timestamp(c.link.signed_at + 3600 * hours + 1800);
        }),
        // A signer's clock that is ahead results in a date in the future.
        row(
            Expiry,
            &["not-yet-valid", "clock-skew"],
            "signed 17 minutes ahead",
            |c, _| clock(c, 1037),
        )
        .of(long)
        .keyless(),
        row(
            Expiry,
            &["not-yet-valid", "clock-skew"],
            "signed 43 minutes ahead, upload",
            |c, _| clock(c, 2611),
        )
        .of(put)
        .keyless(),
        row(Expiry, &["not-yet-valid"], "for a day to come", |c, _| {
            clock(c, 86_400 + 1234)
        })
        .keyless(),
        row(Expiry, &["not-yet-valid"], "for next year", |c, _| {
            clock(c, 365 * 86_400 + 777)
        })
        .keyless(),
        row(
            Expiry,
            &["not-yet-valid"],
            "for three days to come, of IBM",
            |c, _| clock(c, 3 * 86_400 + 5000),
        )
        .on(&[Store::Ibm])
        .keyless(),
        row(
            Expiry,
            &["not-yet-valid"],
            "for tomorrow, as the store says",
            |c, _| {
                clock(c, 100_000);
                let refused = crate::broken_urls::response::refusal(
                    403,
                    "AccessDenied",
                    "Request is not yet valid",
                );
                c.says(refused.dated(c.given.at));
            },
        )
        .on(&[Store::Aws, Store::Minio])
        .of(some_method)
        .keyless(),
    ]
}

// Paths

fn with_key(link: &mut Link, rng: &mut Rng, keys: &[&'static str]) {
    link.key = rng.pick(keys).into();
}

fn spaced(link: &mut Link, rng: &mut Rng) {
    with_key(
        link,
        rng,
        &[
            "a b.txt",
            "My Documents/report final.pdf",
            "2026/été à Zürich.jpg",
            "x/y (1).csv",
            "日本語/テスト 1.txt",
        ],
    );
}

fn special(link: &mut Link, rng: &mut Rng) {
    with_key(
        link,
        rng,
        &[
            "file(1).txt",
            "it's.txt",
            "a!b*c.bin",
            "x/(y)/z'.txt",
            "wow!.png",
        ],
    );
}

fn doubled(link: &mut Link, rng: &mut Rng) {
    with_key(
        link,
        rng,
        &["a//b", "x/y//z.txt", "dir//file name.txt", "k//"],
    );
}

fn dotted(link: &mut Link, rng: &mut Rng) {
    with_key(
        link,
        rng,
        &[
            "a/./b",
            "a/../b",
            "x/y/../../z.txt",
            "dir/./file name.txt",
            "a/b/./c/d",
        ],
    );
}

fn raw_path(link: &Link) -> String {
    if link.virtual_host {
        format!("/{}", link.key)
    } else {
        format!("/{}/{}", link.bucket, link.key)
    }
}

/// As by clients and servers that treat paths as file names.
pub fn normalized(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

fn composed(link: &mut Link, rng: &mut Rng) {
    let stem = rng.pick(&[
        "café",
        "Zürich",
        "garçon",
        "naïve",
        "Ångström",
        "señor",
        "ガイド",
        "한국",
    ]);
    link.key = format!("{stem}.txt");
}

/// The canonical decomposition of the letters in the keys above.
pub fn decomposed(text: &str) -> String {
    let pairs = [
        ("é", "e\u{301}"),
        ("ü", "u\u{308}"),
        ("ç", "c\u{327}"),
        ("ï", "i\u{308}"),
        ("Å", "A\u{30a}"),
        ("ö", "o\u{308}"),
        ("ñ", "n\u{303}"),
        ("ガ", "カ\u{3099}"),
        ("ド", "ト\u{3099}"),
        ("한", "\u{1112}\u{1161}\u{11ab}"),
        ("국", "\u{1100}\u{116e}\u{11a8}"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (whole, parts)| {
        text.replace(whole, parts)
    })
}

fn paths() -> Vec<Breaker> {
    let double = |name, breaks| row(Path, &["path-double-encoded"], name, breaks);
    let raw = |name, breaks| row(Path, &["path-not-encoded"], name, breaks);
    let slashes = |name, breaks| row(Path, &["path-slashes-changed"], name, breaks);
    let dots = |name, breaks| row(Path, &["path-dot-segments"], name, breaks).of(dotted);
    let unicode = |name, breaks| row(Path, &["unicode-normalization"], name, breaks).of(composed);
    let plus = |name, breaks| row(Path, &["plus-for-space"], name, breaks);
    vec![
        double("path encoded twice for the hash", |c, _| {
            c.hashed.path = encode_path(&c.hashed.path)
        })
        .of(spaced),
        double("the same for a key with escapes in it", |c, _| {
            c.hashed.path = encode_path(&c.hashed.path)
        })
        .of(|l, r| with_key(l, r, &["100%.txt", "literal%20escape.txt", "50%off/x"])),
        double("the same for an upload to IBM", |c, _| {
            c.hashed.path = encode_path(&c.hashed.path)
        })
        .on(&[Store::Ibm])
        .of(|l, r| {
            put(l, r);
            spaced(l, r);
        }),
        double("the same with plus and parentheses", |c, _| {
            c.hashed.path = encode_path(&c.hashed.path)
        })
        .of(|l, r| with_key(l, r, &["c++.txt", "a+b(1).txt", "k=v,w.txt"])),
        double("the same with a token", |c, _| {
            c.hashed.path = encode_path(&c.hashed.path)
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            l.temporary(r);
            spaced(l, r);
        }),
        raw("path hashed as it is", |c, _| {
            c.hashed.path = raw_path(&c.link)
        })
        .of(spaced),
        raw("path hashed as it is, of IBM", |c, _| {
            c.hashed.path = raw_path(&c.link)
        })
        .on(&[Store::Ibm])
        .of(spaced),
        raw("path hashed as it is, an upload", |c, _| {
            c.hashed.path = raw_path(&c.link)
        })
        .of(|l, r| {
            put(l, r);
            special(l, r);
        }),
        raw("what encodeURIComponent leaves was left", |c, _| {
            c.hashed.path = encode_keeping(raw_path(&c.link).as_bytes(), "/!'()*");
        })
        .of(special),
        raw("the same hashed and written", |c, _| {
            c.hashed.path = encode_keeping(raw_path(&c.link).as_bytes(), "/!'()*");
            c.shown.path.clone_from(&c.hashed.path);
        })
        .of(special),
        raw("what encodeURI leaves was left", |c, _| {
            c.hashed.path = encode_keeping(raw_path(&c.link).as_bytes(), "/!'()*;,:@&=+$");
        })
        .of(|l, r| {
            with_key(
                l,
                r,
                &["a=b.txt", "user@host/x", "1,2;3", "time:12:30", "a&b$c"],
            )
        }),
        slashes("doubled slash merged for the hash", |c, _| {
            c.hashed.path = c.hashed.path.replace("//", "/")
        })
        .of(doubled),
        slashes("slash of the key encoded for the hash", |c, _| {
            let key = encode(&c.link.key);
            c.hashed.path = if c.link.virtual_host {
                format!("/{key}")
            } else {
                format!("/{}/{key}", c.link.bucket)
            };
        })
        .of(|l, r| with_key(l, r, &["a/b", "x/y/z.txt", "2026/11/23/report.pdf"])),
        slashes("slash at the end hashed, not written", |c, _| {
            c.hashed.path.push('/')
        })
        .of(|l, _| l.key = "folder/file".into()),
        slashes("slash at the end not hashed", |c, _| {
            c.hashed.path.pop();
        })
        .of(|l, r| with_key(l, r, &["folder/", "a/b/", "x y/"])),
        slashes("slash before the key not hashed", |c, _| {
            c.hashed.path = c.hashed.path.replacen("//", "/", 1)
        })
        .of(|l, r| with_key(l, r, &["/lead", "/a/b.txt"])),
        slashes("a slash more before the key hashed", |c, _| {
            let key = encode_path(&c.link.key);
            c.hashed.path = if c.link.virtual_host {
                format!("//{key}")
            } else {
                format!("/{}//{key}", c.link.bucket)
            };
        })
        .of(|l, r| with_key(l, r, &["a.txt", "a/b.txt"])),
        dots("dot segments removed for the hash", |c, _| {
            c.hashed.path = normalized(&c.hashed.path)
        }),
        dots("the same for IBM", |c, _| {
            c.hashed.path = normalized(&c.hashed.path)
        })
        .on(&[Store::Ibm]),
        dots("the same, written with escaped dots", |c, _| {
            c.hashed.path = normalized(&c.hashed.path);
            c.shown.path = c
                .shown
                .path
                .replace("/../", "/%2E%2E/")
                .replace("/./", "/%2E/");
        }),
        unicode("composed written, decomposed hashed", |c, _| {
            c.hashed.path = encode_path(&decomposed(&raw_path(&c.link)))
        }),
        unicode("decomposed written, composed hashed", |c, _| {
            c.shown.path = encode_path(&decomposed(&raw_path(&c.link)))
        }),
        unicode("the same for an upload", |c, _| {
            c.shown.path = encode_path(&decomposed(&raw_path(&c.link)))
        })
        .of(|l, r| {
            put(l, r);
            composed(l, r);
        }),
        unicode("the same in a folder", |c, _| {
            c.hashed.path = encode_path(&decomposed(&raw_path(&c.link)))
        })
        .on(&[Store::Ibm])
        .of(|l, r| {
            composed(l, r);
            l.key = format!("2026/{} (1)", l.key);
        }),
        unicode("several letters, with a token", |c, _| {
            c.hashed.path = encode_path(&decomposed(&raw_path(&c.link)))
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            l.temporary(r);
            l.key = "résumé é.pdf".into();
        }),
        plus("space of the key hashed as plus", |c, _| {
            c.hashed.path = c.hashed.path.replace("%20", "+")
        })
        .of(spaced),
        plus("space of the key hashed and written as plus", |c, _| {
            c.hashed.path = c.hashed.path.replace("%20", "+");
            c.shown.path.clone_from(&c.hashed.path);
        })
        .of(spaced),
        plus("space of the key written as plus", |c, _| {
            c.shown.path = c.shown.path.replace("%20", "+")
        })
        .of(spaced),
        plus("plus of the key written as a space", |c, _| {
            c.shown.path = c.shown.path.replace("%2B", "%20")
        })
        .of(|l, r| with_key(l, r, &["c++.txt", "a+b", "x/1+1=2"])),
    ]
}

// Queries

fn disposition(link: &mut Link, rng: &mut Rng) {
    method(link, "GET");
    link.parameter(
        "response-content-disposition",
        rng.pick(&[
            "attachment; filename=\"my report.pdf\"",
            "inline; filename=a b.txt",
        ]),
    );
}

fn lower_case_names(link: &mut Link, rng: &mut Rng) {
    method(link, "GET");
    link.query.clear();
    link.parameter(
        rng.pick(&["response-content-type", "response-expires"]),
        "text/plain",
    );
}

fn queries() -> Vec<Breaker> {
    let order = |name, breaks| row(Query, &["query-order"], name, breaks);
    let plus = |name, breaks| row(Query, &["plus-for-space"], name, breaks).of(disposition);
    // Sorting before encoding differs only for names with characters between `%` and the letters.
    let odd_names = |link: &mut Link, _: &mut Rng| {
        method(link, "GET");
        link.query.clear();
        link.parameter("tag[1]", "x");
        link.parameter("tagA", "y");
    };
    vec![
        order("query hashed in the order of the link", |c, _| {
            c.hashed.order = |_| {}
        })
        .of(lower_case_names),
        order(
            "query hashed in the order of the link, a version",
            |c, _| c.hashed.order = |_| {},
        )
        .of(|l, _| {
            method(l, "GET");
            l.parameter("versionId", "3sL4kqtJlcpXroDTDmJ");
        }),
        order("query hashed in the order of the link, a token", |c, _| {
            c.hashed.order = |_| {}
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            method(l, "PUT");
            l.temporary(r);
        }),
        order("query sorted without regard to case", |c, _| {
            c.hashed.order = |pairs| pairs.sort_by_key(|(name, _)| name.to_ascii_lowercase());
        })
        .of(lower_case_names),
        order("query sorted before it was encoded", |c, _| {
            c.hashed.order =
                |pairs| pairs.sort_by_key(|(name, _)| super::super::text::decode(name));
        })
        .of(odd_names),
        order(
            "query hashed in the order of the link, an upload in parts",
            |c, _| c.hashed.order = |_| {},
        )
        .of(|l, _| {
            method(l, "PUT");
            l.parameter("partNumber", "7");
            l.parameter(
                "uploadId",
                "VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA",
            );
        }),
        plus("space of an override hashed as plus", |c, _| {
            replace_all(&mut c.hashed.query, "%20", "+")
        }),
        plus("space of an override hashed and written as plus", |c, _| {
            replace_all(&mut c.hashed.query, "%20", "+");
            replace_all(&mut c.shown.query, "%20", "+");
        }),
        plus("space of an override written as plus", |c, _| {
            replace_all(&mut c.shown.query, "%20", "+")
        }),
        row(
            Query,
            &["credential-not-encoded"],
            "credential hashed and written raw",
            raw_credential,
        ),
        row(
            Query,
            &["credential-not-encoded"],
            "credential hashed raw, written encoded",
            |c, _| {
                decode_credential(&mut c.hashed.query);
            },
        ),
        row(
            Query,
            &["credential-not-encoded"],
            "credential raw, of IBM",
            raw_credential,
        )
        .on(&[Store::Ibm]),
        row(
            Query,
            &["credential-not-encoded"],
            "plus of the access key raw",
            raw_credential,
        )
        .on(CUSTOM)
        .of(|l, r| {
            l.token = None;
            l.id = format!("{}+{}", rng_word(r), rng_word(r));
        }),
        row(
            Query,
            &["credential-not-encoded"],
            "parentheses of the access key raw",
            raw_credential,
        )
        .on(CUSTOM)
        .of(|l, r| {
            l.token = None;
            l.id = format!("{}(dev)!", rng_word(r));
        }),
        row(
            Query,
            &["credential-not-encoded"],
            "credential raw, with a token",
            raw_credential,
        )
        .on(&[Store::Aws])
        .of(|l, r| l.temporary(r)),
    ]
}

fn rng_word(rng: &mut Rng) -> String {
    rng.text("abcdefghijklmnopqrstuvwxyz", 6)
}

fn raw_credential(case: &mut Case, _: &mut Rng) {
    decode_credential(&mut case.shown.query);
    decode_credential(&mut case.hashed.query);
}

fn decode_credential(pairs: &mut Pairs) {
    let raw = value_of(pairs, "X-Amz-Credential")
        .map(|value| String::from_utf8_lossy(&decode(value)).into_owned());
    if let Some(raw) = raw {
        set(pairs, "X-Amz-Credential", &raw);
    }
}

fn replace_all(pairs: &mut Pairs, from: &str, to: &str) {
    for (_, value) in pairs {
        *value = value.replace(from, to);
    }
}

// Hosts

fn ported(link: &mut Link, rng: &mut Rng) {
    link.virtual_host = false;
    let choices = [
        ("https", "minio.example.com:9000"),
        ("http", "localhost:9000"),
        ("http", "10.1.2.3:8080"),
    ];
    let (scheme, host) = rng.pick(&choices);
    link.scheme = scheme;
    link.endpoint = host.into();
}

fn plain_host(link: &mut Link, rng: &mut Rng) {
    link.virtual_host = false;
    let (scheme, host) = rng.pick(&[
        ("https", "s3.example.org"),
        ("http", "objects.corp.example"),
    ]);
    link.scheme = scheme;
    link.endpoint = host.into();
}

fn by_host(link: &mut Link, _: &mut Rng) {
    link.by_host();
    if link
        .endpoint
        .starts_with(|c: char| c.is_ascii_digit() || c == '[')
    {
        link.endpoint = "s3.example.org".into();
    }
}

fn by_path(link: &mut Link, rng: &mut Rng) {
    link.virtual_host = false;
    if link.store == Store::Aws {
        regional(link, rng);
    }
}

fn hosts() -> Vec<Breaker> {
    let port = |name, breaks| row(Host, &["port-in-host"], name, breaks);
    let style = |name, breaks| row(Host, &["wrong-addressing"], name, breaks);
    vec![
        port("host hashed without its port", |c, _| {
            let host = c.link.host();
            c.hashed_host(host.rsplit_once(':').unwrap().0);
        })
        .on(CUSTOM)
        .of(ported),
        port("the same for an upload", |c, _| {
            let host = c.link.host();
            c.hashed_host(host.rsplit_once(':').unwrap().0);
        })
        .on(CUSTOM)
        .of(|l, r| {
            put(l, r);
            ported(l, r);
        }),
        port("default port of the scheme hashed", default_port_hashed)
            .on(CUSTOM)
            .of(plain_host),
        port(
            "default port of the scheme hashed, of AWS",
            default_port_hashed,
        )
        .on(&[Store::Aws]),
        port(
            "default port of the scheme hashed, of IBM",
            default_port_hashed,
        )
        .on(&[Store::Ibm]),
        port("default port hashed and written", |c, r| {
            default_port_hashed(c, r);
            c.shown.authority = c
                .hashed
                .headers
                .iter()
                .find(|(name, _)| name == "host")
                .unwrap()
                .1
                .clone();
        })
        .on(CUSTOM)
        .of(plain_host),
        style("bucket in the host hashed, path style written", |c, _| {
            c.hashed.path = encode_path(&format!("/{}", c.link.key));
            let host = format!("{}.{}", c.link.bucket, c.link.endpoint);
            c.hashed_host(&host.to_lowercase());
        })
        .of(|l, r| {
            by_host(l, r);
            by_path(l, r);
        }),
        style("path style hashed, bucket in the host written", |c, _| {
            c.hashed.path = encode_path(&format!("/{}/{}", c.link.bucket, c.link.key));
            let host =
                crate::broken_urls::case::default_port_removed(c.link.scheme, &c.link.endpoint);
            c.hashed_host(&host);
        })
        .of(by_host),
        // The canonical resource of SigV2 contained the bucket in both addressing styles.
        style("bucket hashed in host and path", |c, _| {
            c.hashed.path = encode_path(&format!("/{}/{}", c.link.bucket, c.link.key))
        })
        .of(by_host),
        style("bucket missing from the path hashed", |c, _| {
            c.hashed.path = encode_path(&format!("/{}", c.link.key))
        })
        .of(by_path),
        style("bucket twice, in host and path", |c, _| {
            c.hashed.path = encode_path(&format!("/{}/{}", c.link.bucket, c.link.key));
            c.shown.path.clone_from(&c.hashed.path);
        })
        .on(&[Store::Aws, Store::Ibm, Store::Wasabi, Store::Spaces])
        .of(by_host)
        .served()
        .keyless(),
        style("bucket with dots before a host with TLS", |_, _| {})
            .on(&[Store::Aws, Store::Ibm])
            .of(|l, _| {
                l.virtual_host = true;
                l.bucket = format!("media.{}.com", l.bucket);
            })
            .warning(),
    ]
}

fn default_port_hashed(case: &mut Case, _: &mut Rng) {
    let port = if case.link.scheme == "http" { 80 } else { 443 };
    let host = format!("{}:{port}", case.link.host().to_lowercase());
    case.hashed_host(&host);
}

// Headers

fn typed(link: &mut Link, _: &mut Rng) {
    method(link, "PUT");
    link.header("content-type", "image/jpeg");
}

fn headers() -> Vec<Breaker> {
    let names = |name, breaks| {
        row(Headers, &["signed-headers-malformed"], name, breaks)
            .of(typed)
            .keyless()
    };
    vec![
        names("list of signed headers empty", |c, _| list(c, "")),
        names("list of signed headers without host", |c, _| {
            c.hashed.headers.retain(|(name, _)| name != "host");
            let rest = c.header_names();
            list(c, &rest);
        }),
        names("commas in the list of signed headers", |c, _| {
            let names = c.header_names().replace(';', ",");
            list(c, &names);
        }),
        names("capitals in the list of signed headers", |c, _| {
            let names = c
                .header_names()
                .replace("content-type", "Content-Type")
                .replace("host", "Host");
            list(c, &names);
        }),
        names("list of signed headers not sorted", |c, _| {
            let mut names: Vec<String> = c.header_names().split(';').map(str::to_owned).collect();
            names.reverse();
            list(c, &names.join(";"));
        }),
        names("spaces in the list of signed headers", |c, _| {
            let names = c.header_names().replace(';', "; ");
            list(c, &names);
        }),
        // One parameter encoded twice also matches the other code; the catalogue counts it here.
        row(
            Headers,
            &["signed-headers-malformed", "percent-encoded-twice"],
            "list of signed headers encoded twice",
            |c, _| {
                let names = encode(&c.header_names());
                list(c, &names);
            },
        )
        .of(typed)
        .keyless(),
    ]
}

/// Written and hashed consistently.
fn list(case: &mut Case, names: &str) {
    case.hashed.signed_headers = Some(names.to_owned());
    case.set("X-Amz-SignedHeaders", &encode(names));
}

// Payload

fn payloads() -> Vec<Breaker> {
    let hash = |name, breaks| row(Payload, &["payload-hash-mismatch"], name, breaks);
    let empty = |c: &mut Case, _: &mut Rng| c.hashed.payload = sha256_hex(b"");
    vec![
        hash("hash of an empty body hashed", empty).of(get),
        hash("the same for an upload", empty).of(put),
        hash("the same for IBM", empty).on(&[Store::Ibm]),
        hash("the same for a delete", empty).of(|l, _| method(l, "DELETE")),
        hash("the same with a token", empty)
            .on(&[Store::Aws])
            .of(|l, r| l.temporary(r)),
        hash("hash of the body as a parameter, and hashed", |c, r| {
            let hash = sha256_hex(r.hex(20).as_bytes());
            c.set("X-Amz-Content-Sha256", &hash);
            c.hashed.payload = "UNSIGNED-PAYLOAD".into();
        })
        .of(put),
        hash(
            "hash of the body in a signed header, not in the last line",
            |c, r| {
                let hash = sha256_hex(r.hex(20).as_bytes());
                c.sign_header("x-amz-content-sha256", &hash);
            },
        )
        .of(put),
    ]
}

// Tokens

fn temporary(link: &mut Link, rng: &mut Rng) {
    link.temporary(rng);
}

const STS: &[Store] = &[Store::Aws, Store::Ceph, Store::Minio];

fn tokens() -> Vec<Breaker> {
    let missing = |name, breaks| {
        row(Token, &["token-missing"], name, breaks)
            .of(temporary)
            .keyless()
    };
    let unsigned = |name, breaks| {
        row(Token, &["token-unsigned"], name, breaks)
            .on(STS)
            .of(temporary)
    };
    let drop_both = |c: &mut Case, _: &mut Rng| {
        c.hashed
            .query
            .retain(|(name, _)| name != "X-Amz-Security-Token");
        c.shown
            .query
            .retain(|(name, _)| name != "X-Amz-Security-Token");
    };
    vec![
        missing("token neither signed nor written", drop_both).on(&[Store::Aws]),
        missing("token neither signed nor written, an upload", drop_both)
            .on(&[Store::Aws])
            .of(|l, r| {
                put(l, r);
                l.temporary(r);
            }),
        missing("no token, as the store says", |c, _| {
            c.shown
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token");
            c.hashed
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token");
            let words = "The AWS Access Key Id you provided does not exist in our records.";
            let refused = crate::broken_urls::response::refusal(403, "InvalidAccessKeyId", words);
            c.says(refused.field("AWSAccessKeyId", c.link.id.clone()));
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            some_method(l, r);
            l.temporary(r);
        }),
        missing("token signed, but cut out of the link", |c, _| {
            c.shown
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token")
        })
        .on(&[Store::Aws]),
        row(
            Token,
            &["token-missing"],
            "token signed, but cut out, of a store under its own name",
            |c, _| {
                c.shown
                    .query
                    .retain(|(name, _)| name != "X-Amz-Security-Token");
            },
        )
        .on(&[Store::Ceph, Store::Minio])
        .of(temporary),
        unsigned("token put behind the signature", |c, _| {
            let token = c.link.token.clone().unwrap();
            c.hashed
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token");
            c.shown
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token");
            c.shown
                .after
                .push(("X-Amz-Security-Token".into(), encode(&token)));
        }),
        unsigned("token written, but not signed", |c, _| {
            c.hashed
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token")
        }),
        unsigned("the same for an upload", |c, _| {
            c.hashed
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token")
        })
        .of(|l, r| {
            put(l, r);
            l.temporary(r);
        }),
        unsigned("the same with signed headers", |c, _| {
            c.hashed
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token")
        })
        .of(|l, r| {
            typed(l, r);
            l.temporary(r);
        }),
        unsigned("token in front of the query, not signed", |c, _| {
            c.hashed
                .query
                .retain(|(name, _)| name != "X-Amz-Security-Token");
            let at = c
                .shown
                .query
                .iter()
                .position(|(name, _)| name == "X-Amz-Security-Token")
                .unwrap();
            let token = c.shown.query.remove(at);
            c.shown.query.insert(0, token);
        }),
        // Sent as a header it is an additional unsigned header.
        row(
            Token,
            &["token-unsigned", "token-missing", "header-not-signed"],
            "token sent as a header",
            |c, _| {
                let token = c.link.token.clone().unwrap();
                c.hashed
                    .query
                    .retain(|(name, _)| name != "X-Amz-Security-Token");
                c.shown
                    .query
                    .retain(|(name, _)| name != "X-Amz-Security-Token");
                c.used.headers.push(("x-amz-security-token".into(), token));
            },
        )
        .on(STS)
        .of(temporary),
    ]
}

// Methods

fn methods() -> Vec<Breaker> {
    let wrong = |name, breaks| row(Method, &["wrong-method"], name, breaks);
    vec![
        wrong("signed for an upload, meant for a download", |c, _| {
            c.hashed.method = "PUT".into()
        })
        .of(get),
        wrong("method hashed in small letters", |c, _| {
            c.hashed.method = c.hashed.method.to_ascii_lowercase()
        }),
        wrong("signed for a download, meant for a delete", |c, _| {
            c.hashed.method = "GET".into()
        })
        .of(|l, _| method(l, "DELETE")),
    ]
}
