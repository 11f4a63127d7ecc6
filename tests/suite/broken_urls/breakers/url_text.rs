//! The URL was valid when it was made; its text was changed afterwards.

use super::Part::{Alone, Expiry, Host, Path, Query, Text};
use super::signer::normalized;
use super::{Breaker, get, method, put, regional, row, some_method};
use crate::broken_urls::case::{Case, set};
use crate::broken_urls::link::{CUSTOM, IBM_LOCATIONS, Link, Store};
use crate::broken_urls::text::encode;
use support::rng::Rng;

pub fn rows() -> Vec<Breaker> {
    [
        damaged(),
        signatures(),
        parameters(),
        addresses(),
        paths(),
        limits(),
        second_version(),
    ]
    .concat()
}

// Damage that is visible without a key

fn damaged() -> Vec<Breaker> {
    let html = |name, breaks| row(Text, &["html-escaped-ampersand"], name, breaks).keyless();
    let wrapped = |name, breaks| row(Text, &["url-wrapped"], name, breaks).keyless();
    let damaged = |name, breaks| row(Alone, &["url-wrapped"], name, breaks).keyless();
    let cut = |name, breaks| row(Text, &["url-truncated"], name, breaks).keyless();
    let twice = |name, breaks| row(Text, &["percent-encoded-twice"], name, breaks).keyless();
    vec![
        html("&amp; for &", |c, _| {
            c.edit(|url| url.replace('&', "&amp;"))
        }),
        html("&#38; for &", |c, _| {
            c.edit(|url| url.replace('&', "&#38;"))
        }),
        html("&#x26; for &", |c, _| {
            c.edit(|url| url.replace('&', "&#x26;"))
        }),
        html("\\u0026 for &", |c, _| {
            c.edit(|url| url.replace('&', "\\u0026"))
        }),
        html("&amp;amp; for &", |c, _| {
            c.edit(|url| url.replace('&', "&amp;amp;"))
        }),
        html("&amp; for &, an upload", |c, _| {
            c.edit(|url| url.replace('&', "&amp;"))
        })
        .of(put),
        wrapped("in angle brackets", |c, _| c.edit(|url| format!("<{url}>"))),
        wrapped("in double quotes", |c, _| {
            c.edit(|url| format!("\"{url}\""))
        }),
        wrapped("in single quotes", |c, _| c.edit(|url| format!("'{url}'"))),
        wrapped("in parentheses", |c, _| c.edit(|url| format!("({url})"))),
        wrapped("in backticks", |c, _| c.edit(|url| format!("`{url}`"))),
        wrapped("a full stop behind", |c, _| c.edit(|url| format!("{url}."))),
        wrapped("a comma behind", |c, _| c.edit(|url| format!("{url},"))),
        wrapped("a closing parenthesis behind", |c, _| {
            c.edit(|url| format!("{url})"))
        }),
        wrapped("broken into lines by a mail program", |c, r| {
            let width = r.pick(&[72, 76, 80]);
            c.edit(move |url| folded_at(url, width, "\n"));
        }),
        wrapped("broken into lines with white space before each", |c, _| {
            c.edit(|url| folded_at(url, 78, "\r\n  "))
        }),
        wrapped("a space in the middle", |c, _| {
            c.edit(|url| url.replacen("&X-Amz-Date", "& X-Amz-Date", 1))
        }),
        damaged("printed as a format by Go", |c, _| {
            c.edit(|url| url.replace("%2F", "%!F(MISSING)"))
        }),
        damaged("percent signs doubled for a batch file", |c, _| {
            c.edit(|url| url.replace('%', "%%"))
        }),
        damaged("broken by a mail server with exclamation marks", |c, _| {
            c.edit(|url| folded_at(url, 76, "!\r\n "))
        }),
        damaged("an encoded line feed behind", |c, _| {
            c.edit(|url| format!("{url}%0A"))
        }),
        wrapped("a link of Markdown", |c, _| {
            c.edit(|url| format!("[the file]({url})"))
        }),
        cut("cut at the first ampersand", |c, _| {
            c.edit(|url| url.split('&').next().unwrap().to_owned())
        })
        .of(no_own_parameters),
        cut("cut behind the date", |c, _| {
            c.edit(|url| before(url, "&X-Amz-Expires"))
        }),
        cut("cut in the credential", |c, _| {
            c.edit(|url| before(url, "%2Fs3%2F"))
        })
        .of(permanent),
        cut("cut before the signature", |c, _| {
            c.edit(|url| before(url, "&X-Amz-Signature"))
        }),
        cut("cut in the name of a parameter", |c, _| {
            c.edit(|url| before(url, "edHeaders="))
        }),
        // A truncated signature is a short signature, whatever the cause.
        row(
            Text,
            &["url-truncated", "signature-malformed"],
            "cut in the signature",
            |c, r| {
                let lost = r.between(1, 60).unsigned_abs() as usize;
                c.edit(move |url| url[..url.len() - lost].to_owned());
            },
        )
        .keyless(),
        row(
            Text,
            &["url-truncated", "signature-malformed"],
            "shortened with an ellipsis",
            |c, r| {
                let dots = r.pick(&["...", "…"]);
                c.edit(move |url| format!("{}{dots}", &url[..url.len() - 40]));
            },
        )
        .keyless(),
        row(
            Text,
            &["url-truncated", "signature-malformed"],
            "nothing behind the signature's name",
            |c, _| {
                c.edit(|url| format!("{}&X-Amz-Signature=", before(url, "&X-Amz-Signature")));
            },
        )
        .keyless(),
        twice("every percent sign encoded again", |c, _| {
            c.edit(|url| url.replace('%', "%25"))
        }),
        twice("query encoded again", |c, _| {
            c.edit(|url| {
                let (address, query) = url.split_once('?').unwrap();
                format!("{address}?{}", query.replace('%', "%25"))
            });
        }),
        twice("every percent sign encoded again, an upload", |c, _| {
            c.edit(|url| url.replace('%', "%25"))
        })
        .of(put),
        twice("every percent sign encoded again, of IBM", |c, _| {
            c.edit(|url| url.replace('%', "%25"))
        })
        .on(&[Store::Ibm]),
        twice("every percent sign encoded again and again", |c, _| {
            c.edit(|url| url.replace('%', "%2525"))
        }),
        twice("every percent sign encoded again, with a token", |c, _| {
            c.edit(|url| url.replace('%', "%25"))
        })
        .on(&[Store::Aws])
        .of(|l, r| l.temporary(r)),
        twice("the credential encoded again, as the store says", |c, _| {
            c.edit(|url| url.replace('%', "%25"));
            let words = "Error parsing the X-Amz-Credential parameter; the Credential is \
                mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
            c.says(crate::broken_urls::response::refusal(
                400,
                "AuthorizationQueryParametersError",
                words,
            ));
        })
        .on(&[Store::Aws, Store::Swift])
        .of(some_method),
    ]
}

fn permanent(link: &mut Link, rng: &mut Rng) {
    link.permanent(rng);
}

fn no_own_parameters(link: &mut Link, _: &mut Rng) {
    method(link, "GET");
    link.query.clear();
}

fn before(url: &str, part: &str) -> String {
    url[..url.find(part).unwrap()].to_owned()
}

fn folded_at(url: &str, width: usize, end: &str) -> String {
    let lines: Vec<&str> = url
        .as_bytes()
        .chunks(width)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join(end)
}

// Signatures

fn signatures() -> Vec<Breaker> {
    let bad = |name, spoil: fn(&mut Case, &mut Rng)| {
        row(Text, &["signature-malformed"], name, spoil).keyless()
    };
    vec![
        bad("signature in capitals", |c, _| {
            c.shown.signature = Some(str::to_ascii_uppercase)
        }),
        bad("signature with a digit too many", |c, _| {
            c.shown.signature = Some(|s| format!("{s}0"))
        }),
        bad("signature in base64", |c, _| {
            c.shown.signature = Some(|s| {
                use base64::Engine;
                encode(&base64::engine::general_purpose::STANDARD.encode(hex::decode(s).unwrap()))
            });
        }),
        bad("letter of no hexadecimal digit in the signature", |c, _| {
            c.shown.signature = Some(|s| format!("{}g{}", &s[..20], &s[21..]));
        }),
        bad("a stretch of the signature lost", |c, _| {
            c.shown.signature = Some(|s| format!("{}{}", &s[..20], &s[28..]));
            c.shown.after.push(("x-id".into(), "GetObject".into()));
            c.hashed.query.push(("x-id".into(), "GetObject".into()));
        })
        .of(no_own_parameters),
        bad("the signature twice as long", |c, _| {
            c.shown.signature = Some(|s| format!("{s}{s}"))
        }),
        row(
            Alone,
            &["signature-malformed"],
            "one digit of the signature changed",
            |c, _| {
                c.shown.signature =
                    Some(|s| format!("{}{}", if s.starts_with('0') { '1' } else { '0' }, &s[1..]));
            },
        ),
    ]
}

// Parameters

fn insert(case: &mut Case, at: usize, name: &str, value: &str) {
    let at = at.min(case.shown.query.len());
    case.shown.query.insert(at, (name.into(), value.into()));
}

fn remove(case: &mut Case, name: &str) {
    case.shown.query.retain(|(other, _)| other != name);
}

fn parameters() -> Vec<Breaker> {
    let added = |name, breaks| row(Query, &["query-parameter-added"], name, breaks);
    let removed = |name, breaks| row(Query, &["query-parameter-removed"], name, breaks);
    let changed = |name, breaks| row(Expiry, &["query-parameter-changed"], name, breaks);
    vec![
        added("utm_source behind", |c, _| {
            c.shown
                .after
                .push(("utm_source".into(), "newsletter".into()))
        }),
        added("a whole set of utm_", |c, _| {
            for (name, value) in [
                ("utm_source", "x"),
                ("utm_medium", "email"),
                ("utm_campaign", "autumn%202026"),
            ] {
                c.shown.after.push((name.into(), value.into()));
            }
        }),
        added("fbclid behind", |c, r| {
            c.shown.after.push(("fbclid".into(), r.hex(30)))
        }),
        added("a time against caches", |c, r| {
            c.shown.after.push((
                "timestamp".into(),
                r.between(1_700_000_000, 1_800_000_000).to_string(),
            ))
        }),
        added("a parameter in front", |c, _| insert(c, 0, "download", "1")),
        added("x-id in the middle", |c, _| {
            insert(c, 3, "x-id", "PutObject")
        })
        .of(put),
        added("a file name", |c, _| {
            c.shown.after.push((
                "response-content-disposition".into(),
                encode("attachment; filename=\"a b.txt\""),
            ));
        })
        .of(no_own_parameters),
        added("a version", |c, r| {
            c.shown.after.push(("versionId".into(), r.hex(20)))
        })
        .of(no_own_parameters),
        added("a parameter without a value, of IBM", |c, _| {
            c.shown.after.push(("dl".into(), String::new()))
        })
        .on(&[Store::Ibm]),
        removed("x-id of an SDK", |c, _| remove(c, "x-id")).of(|l, _| {
            method(l, "GET");
            l.parameter("x-id", "GetObject");
        }),
        removed("x-id of an SDK, an upload", |c, _| remove(c, "x-id")).of(|l, _| {
            method(l, "PUT");
            l.parameter("x-id", "PutObject");
        }),
        removed("the expiry", |c, _| remove(c, "X-Amz-Expires"))
            .of(|l, r| l.expires = r.pick(&[900, 3600, 86_400]))
            .keyless(),
        removed("the algorithm", |c, _| remove(c, "X-Amz-Algorithm")).keyless(),
        // The list itself shows that there is none.
        row(
            Query,
            &["query-parameter-removed", "signed-headers-malformed"],
            "the list of signed headers",
            |c, _| {
                remove(c, "X-Amz-SignedHeaders");
            },
        )
        .keyless(),
        removed("the credential", |c, _| remove(c, "X-Amz-Credential")).keyless(),
        removed("the date, as the store says", |c, _| {
            remove(c, "X-Amz-Date");
            let words = "Query-string authentication version 4 requires the X-Amz-Algorithm, \
                X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
                X-Amz-Expires parameters.";
            c.says(crate::broken_urls::response::refusal(
                400,
                "AuthorizationQueryParametersError",
                words,
            ));
        })
        .on(&[Store::Aws, Store::Swift])
        .of(some_method)
        .keyless(),
        changed("an hour made a day", |c, _| {
            set(&mut c.shown.query, "X-Amz-Expires", "86400")
        })
        .of(|l, _| l.expires = 3600),
        changed("fifteen minutes made a week", |c, _| {
            set(&mut c.shown.query, "X-Amz-Expires", "604800")
        })
        .of(|l, _| l.expires = 900),
        changed("five minutes made an hour, an upload", |c, _| {
            set(&mut c.shown.query, "X-Amz-Expires", "3600")
        })
        .of(|l, r| {
            put(l, r);
            l.expires = 300;
        }),
        changed("a day made half of one", |c, _| {
            set(&mut c.shown.query, "X-Amz-Expires", "43200")
        })
        .of(|l, _| l.expires = 86_400),
        changed("a minute made an odd time, of IBM", |c, _| {
            set(&mut c.shown.query, "X-Amz-Expires", "5000")
        })
        .on(&[Store::Ibm])
        .of(|l, _| l.expires = 60),
        changed("a week made a day, with a token", |c, _| {
            set(&mut c.shown.query, "X-Amz-Expires", "86400")
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            l.temporary(r);
            l.expires = 604_800;
            l.now = l.signed_at + 100;
        }),
    ]
}

// Hosts

fn in_region(link: &mut Link, rng: &mut Rng) {
    regional(link, rng);
}

fn addresses() -> Vec<Breaker> {
    let host = |name, breaks| row(Host, &["wrong-host"], name, breaks);
    vec![
        host("regional name for the old one with a hyphen", |c, _| {
            let host = c.link.host().replace("s3.", "s3-");
            c.hashed_host(&host);
        })
        .on(&[Store::Aws])
        .of(in_region),
        host("regional name for the global one", |c, _| {
            let host = c
                .link
                .host()
                .replace(&format!("s3.{}.", c.link.region), "s3.");
            c.hashed_host(&host);
        })
        .on(&[Store::Aws])
        .of(in_region),
        host("regional name for the dual-stack one", |c, _| {
            c.shown.authority = c.link.host().replace("s3.dualstack.", "s3.")
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            regional(l, r);
            l.endpoint = format!("s3.dualstack.{}.amazonaws.com", l.region);
        }),
        host("accelerated name for the regional one", |c, _| {
            c.shown.authority = format!("{}.s3-accelerate.amazonaws.com", c.link.bucket);
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            regional(l, r);
            l.by_host();
        }),
        host("regional name for the accelerated one", |c, _| {
            c.shown.authority = format!("{}.s3.{}.amazonaws.com", c.link.bucket, c.link.region);
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            regional(l, r);
            l.by_host();
            l.endpoint = "s3-accelerate.amazonaws.com".into();
        }),
        host("IBM's public name for the private one", |c, _| {
            c.shown.authority = c.link.host().replace("s3.private.", "s3.")
        })
        .on(&[Store::Ibm])
        .of(|l, r| ibm_network(l, r, "s3.private")),
        host("IBM's public name for the direct one", |c, _| {
            c.shown.authority = c.link.host().replace("s3.direct.", "s3.")
        })
        .on(&[Store::Ibm])
        .of(|l, r| ibm_network(l, r, "s3.direct")),
        host(
            "public name for the internal one, which is configured",
            |c, _| {
                c.shown.authority = "files.example.com".into();
                c.given.variables.push((
                    "AWS_ENDPOINT_URL_S3".into(),
                    format!("{}://{}", c.link.scheme, c.link.endpoint),
                ));
            },
        )
        .on(CUSTOM)
        .of(|l, _| l.virtual_host = false),
        host("the same by its other variable, an upload", |c, _| {
            c.shown.authority = "cdn.example.net".into();
            c.given.variables.push((
                "AWS_ENDPOINT_URL".into(),
                format!("{}://{}", c.link.scheme, c.link.endpoint),
            ));
        })
        .on(CUSTOM)
        .of(|l, r| {
            put(l, r);
            l.virtual_host = false;
        }),
        host("localhost for 127.0.0.1", |c, _| {
            c.shown.authority = "localhost:9000".into()
        })
        .on(CUSTOM)
        .of(|l, _| {
            l.virtual_host = false;
            l.endpoint = "127.0.0.1:9000".into();
        }),
        // A name that no available source knows.
        row(
            Alone,
            &["unexplained", "wrong-host", "wrong-secret"],
            "a name that nobody knows",
            |c, _| {
                c.shown.authority = "assets.example.io".into();
            },
        )
        .on(CUSTOM)
        .of(|l, _| l.virtual_host = false),
        row(Host, &["private-endpoint"], "IBM's private name", |_, _| {})
            .on(&[Store::Ibm])
            .of(|l, r| ibm_network(l, r, "s3.private"))
            .warning(),
        row(Host, &["private-endpoint"], "IBM's direct name", |_, _| {})
            .on(&[Store::Ibm])
            .of(|l, r| ibm_network(l, r, "s3.direct"))
            .warning(),
        row(
            Host,
            &["private-endpoint"],
            "IBM's direct name, an upload",
            |_, _| {},
        )
        .on(&[Store::Ibm])
        .of(|l, r| {
            put(l, r);
            ibm_network(l, r, "s3.direct");
        })
        .warning(),
        row(
            Host,
            &["private-endpoint"],
            "IBM's old private name",
            |_, _| {},
        )
        .on(&[Store::Ibm])
        .of(|l, _| {
            l.endpoint = "s3.us-south.objectstorage.service.networklayer.com".into();
            l.region = "us-south".into();
        })
        .warning(),
        row(
            Host,
            &["private-endpoint"],
            "IBM's old direct name",
            |_, _| {},
        )
        .on(&[Store::Ibm])
        .of(|l, _| {
            l.endpoint = "s3.eu-de.objectstorage.adn.networklayer.com".into();
            l.region = "eu-de".into();
        })
        .warning(),
        row(
            Host,
            &["private-endpoint"],
            "IBM's private name of one city",
            |_, _| {},
        )
        .on(&[Store::Ibm])
        .of(|l, _| {
            l.endpoint = "s3.private.dal.us.cloud-object-storage.appdomain.cloud".into();
            l.region = "us".into();
        })
        .warning(),
    ]
}

fn ibm_network(link: &mut Link, rng: &mut Rng, front: &str) {
    link.region = rng.pick(IBM_LOCATIONS).into();
    link.endpoint = format!(
        "{front}.{}.cloud-object-storage.appdomain.cloud",
        link.region
    );
}

// Paths

fn with_key(link: &mut Link, rng: &mut Rng, keys: &[&'static str]) {
    link.key = rng.pick(keys).into();
}

fn paths() -> Vec<Breaker> {
    let slashes = |name, breaks| row(Path, &["path-slashes-changed"], name, breaks);
    vec![
        // Only the path: the parameters are unchanged, so the URL was not encoded again as a whole.
        row(
            Path,
            &["path-double-encoded", "percent-encoded-twice"],
            "path encoded again in the link",
            |c, _| {
                c.shown.path = c.shown.path.replace('%', "%25");
            },
        )
        .of(|l, r| with_key(l, r, &["a b.txt", "x/été.jpg", "c++.txt", "report (1).pdf"])),
        slashes("doubled slash merged by a client", |c, _| {
            c.shown.path = c.shown.path.replace("//", "/")
        })
        .of(|l, r| with_key(l, r, &["a//b", "x/y//z.txt", "dir//file name.txt"])),
        slashes("slash before the key lost", |c, _| {
            c.shown.path = c.shown.path.replacen("//", "/", 1)
        })
        .of(|l, r| with_key(l, r, &["/lead", "/a/b.txt"])),
        slashes("slash at the end lost", |c, _| {
            c.shown.path.pop();
        })
        .of(|l, r| with_key(l, r, &["folder/", "a/b/"])),
        slashes("slash put at the end", |c, _| c.shown.path.push('/'))
            .of(|l, r| with_key(l, r, &["folder", "a/b.txt"])),
        // The URL contains the segments; a client removes them before the request.
        row(
            Path,
            &["path-dot-segments"],
            "dot segments removed on the way, as the store tells",
            |c, _| {
                c.through(|request| request.path = normalized(&request.path));
                c.says(crate::broken_urls::response::mismatch().with_request());
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(|l, r| {
            some_method(l, r);
            with_key(l, r, &["a/./b", "a/../b", "x/y/../../z.txt"]);
        }),
        row(
            Path,
            &["path-dot-segments"],
            "a dot segment removed on the way, without keys",
            |c, _| {
                c.given.keys = None;
                c.through(|request| request.path = normalized(&request.path));
                c.says(
                    crate::broken_urls::response::mismatch()
                        .with_request()
                        .whole(),
                );
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(|l, r| {
            some_method(l, r);
            with_key(l, r, &["a/./b", "./a", "x/y/./z.txt"]);
        }),
        // The path of a front-end host: host or key are both acceptable.
        row(
            Path,
            &["key-changed", "proxy-rewrote-host", "wrong-host"],
            "a proxy's prefix in the link",
            |c, _| {
                c.shown.path = format!("/storage{}", c.shown.path);
            },
        )
        .on(CUSTOM)
        .of(|l, _| l.virtual_host = false),
        row(
            Path,
            &["key-changed", "proxy-rewrote-host", "wrong-host"],
            "an endpoint's path cut off, which is configured",
            |c, _| {
                c.hashed.path = format!("/s3{}", c.hashed.path);
                c.given.variables.push((
                    "AWS_ENDPOINT_URL_S3".into(),
                    format!("{}://{}/s3", c.link.scheme, c.link.endpoint),
                ));
            },
        )
        .on(CUSTOM)
        .of(|l, _| l.virtual_host = false),
        row(
            Path,
            &["key-changed"],
            "key rewritten on the way, as the store tells",
            |c, _| {
                c.through(|request| request.path = format!("{}.bak", request.path));
                c.says(crate::broken_urls::response::mismatch().with_request());
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(some_method),
        row(
            Path,
            &["key-changed"],
            "key in small letters on the way, as the store tells",
            |c, _| {
                c.through(|request| request.path = request.path.to_ascii_lowercase());
                c.says(
                    crate::broken_urls::response::mismatch()
                        .with_request()
                        .whole(),
                );
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(|l, r| {
            some_method(l, r);
            with_key(l, r, &["Report.PDF", "Images/Logo.PNG"]);
        }),
        row(
            Path,
            &["key-changed"],
            "another key arrived, without keys at hand",
            |c, _| {
                c.given.keys = None;
                c.through(|request| {
                    request.path =
                        request.path.rsplit_once('/').unwrap().0.to_owned() + "/index.html"
                });
                c.says(crate::broken_urls::response::mismatch().with_request());
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(|l, r| {
            get(l, r);
            with_key(l, r, &["site/", "docs/start"]);
        }),
    ]
}

// Limits

fn limits() -> Vec<Breaker> {
    let over = |name, breaks| row(Expiry, &["expiry-over-limit"], name, breaks).keyless();
    let expired = |name, breaks| row(Expiry, &["expired"], name, breaks).keyless();
    vec![
        over("a second more than a week", |c, _| {
            c.set("X-Amz-Expires", "604801")
        })
        .on(&[Store::Aws, Store::R2, Store::Wasabi, Store::Gcs]),
        over("thirty days", |c, _| c.set("X-Amz-Expires", "2592000")).on(&[Store::Aws, Store::Gcs]),
        over("a year, an upload", |c, _| {
            c.set("X-Amz-Expires", "31536000")
        })
        .on(&[Store::Aws, Store::Wasabi])
        .of(put),
        over("more than a computer's integer", |c, _| {
            c.set("X-Amz-Expires", "99999999999999999999")
        })
        .on(&[Store::Aws]),
        over("ten years, with a token", |c, _| {
            c.set("X-Amz-Expires", "315360000")
        })
        .on(&[Store::Aws])
        .of(|l, r| l.temporary(r)),
        over("too long, as the store says", |c, _| {
            c.set("X-Amz-Expires", "1209600");
            let words = "X-Amz-Expires must be less than a week (in seconds); that is, the given \
                X-Amz-Expires must be less than 604800 seconds";
            c.says(crate::broken_urls::response::refusal(
                400,
                "AuthorizationQueryParametersError",
                words,
            ));
        })
        .on(&[Store::Minio, Store::Swift, Store::Aws])
        .of(some_method),
        expired("a second too late", |c, _| {
            c.given.at = c.link.signed_at + c.link.expires + 1
        }),
        expired("years too late", |c, _| {
            c.given.at = c.link.signed_at + 100_000_000
        }),
        expired("an hour too late, an upload", |c, _| {
            c.given.at = c.link.signed_at + c.link.expires + 3601
        })
        .of(put),
        expired("a day too late, of IBM, which has no limit", |c, _| {
            c.given.at = c.link.signed_at + c.link.expires + 86_401
        })
        .on(&[Store::Ibm])
        .of(|l, _| l.expires = 30 * 86_400),
        expired("too late, with a token", |c, _| {
            c.given.at = c.link.signed_at + c.link.expires + 777
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            l.temporary(r);
        }),
    ]
}

// SigV2

fn version_2(case: &mut Case, rng: &mut Rng) {
    let signature = encode(&format!("{}=", rng.base64(27)));
    let end = case.link.now + 1000;
    let token = case.link.token.as_ref().map_or(String::new(), |token| {
        format!("&x-amz-security-token={}", encode(token))
    });
    let id = encode(&case.link.id);
    case.edit(move |url| {
        format!(
            "{}?AWSAccessKeyId={id}&Signature={signature}{token}&Expires={end}",
            url.split('?').next().unwrap()
        )
    });
}

fn second_version() -> Vec<Breaker> {
    let old = |name, breaks| row(Text, &["signature-version-2"], name, breaks).keyless();
    vec![
        old("signed the old way, of AWS", version_2).on(&[Store::Aws]),
        old("signed the old way, of IBM", version_2).on(&[Store::Ibm]),
        old(
            "signed the old way, of a store under its own name",
            version_2,
        )
        .on(CUSTOM),
        old("signed the old way, an upload", version_2).of(put),
        old("signed the old way, with a token", version_2)
            .on(&[Store::Aws])
            .of(|l, r| l.temporary(r)),
        old("signed the old way, as the store says", |c, r| {
            version_2(c, r);
            let words = "The authorization mechanism you have provided is not supported. Please \
                use AWS4-HMAC-SHA256.";
            c.says(crate::broken_urls::response::refusal(
                400,
                "InvalidRequest",
                words,
            ));
        })
        .on(&[Store::Aws])
        .of(some_method),
        old("signed the old way, and keys of the KMS", |c, r| {
            version_2(c, r);
            let words = "Requests specifying Server Side Encryption with AWS KMS managed keys \
                require AWS Signature Version 4.";
            let response = crate::broken_urls::response::refusal(400, "InvalidArgument", words);
            c.says(
                response
                    .field("ArgumentName", "Authorization")
                    .field("ArgumentValue", "null"),
            );
        })
        .on(&[Store::Aws])
        .of(some_method),
    ]
}
