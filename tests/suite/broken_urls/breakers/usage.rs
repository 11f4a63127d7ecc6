//! The URL is valid, but the request differs: another method, other headers, or a proxy in between.

use super::Part::{Alone, Headers, Host, Method, Payload, Query};
use super::{Breaker, get, method, put, row, some_method};
use crate::broken_urls::case::{Case, set};
use crate::broken_urls::link::{CUSTOM, Link, Store};
use crate::broken_urls::response::{mismatch, refusal};
use crate::broken_urls::text::sha256_hex;
use support::rng::Rng;

/// Stores that print what they computed.
const TELLING: &[Store] = &[Store::Aws, Store::Gcs, Store::Swift];

pub fn rows() -> Vec<Breaker> {
    [
        methods(),
        sent_headers(),
        unsigned_headers(),
        proxies(),
        checksums(),
        bodies(),
    ]
    .concat()
}

fn methods() -> Vec<Breaker> {
    let wrong = |name, breaks| row(Method, &["wrong-method"], name, breaks);
    vec![
        wrong("HEAD of a link for GET", |c, _| {
            c.used.method = "HEAD".into()
        })
        .of(get),
        wrong("GET of a link for an upload", |c, _| {
            c.used.method = "GET".into()
        })
        .of(put),
        wrong("POST to a link for an upload", |c, _| {
            c.used.method = "POST".into()
        })
        .of(put),
        wrong("upload through a link for GET", |c, _| {
            c.used.method = "PUT".into()
        })
        .of(get),
        wrong("DELETE through a link for GET, with a token", |c, _| {
            c.used.method = "DELETE".into()
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            get(l, r);
            l.temporary(r);
        }),
        wrong("GET of a link for HEAD, of IBM", |c, _| {
            c.used.method = "GET".into()
        })
        .on(&[Store::Ibm])
        .of(|l, _| method(l, "HEAD")),
        wrong("another method, as the store tells", |c, _| {
            c.used.method = "PUT".into();
            c.says(mismatch().with_request());
        })
        .on(TELLING)
        .of(get),
        wrong("a method that is not allowed, as the store says", |c, _| {
            c.used.method = "POST".into();
            let response = refusal(
                405,
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            );
            c.says(
                response
                    .field("Method", "POST")
                    .field("ResourceType", "OBJECT")
                    .header("Allow", "HEAD, DELETE, GET, PUT"),
            );
        })
        .on(&[Store::Aws, Store::Minio])
        .of(put),
    ]
}

// Signed headers

fn upload_with(link: &mut Link, name: &str, value: &str) {
    method(link, "PUT");
    link.headers.clear();
    link.header(name, value);
}

fn drop_header(case: &mut Case, name: &str) {
    case.used.headers.retain(|(other, _)| other != name);
}

fn send(case: &mut Case, name: &str, value: &str) {
    set(&mut case.used.headers, name, value);
}

fn sent_headers() -> Vec<Breaker> {
    let missing = |name, breaks| row(Headers, &["signed-header-missing"], name, breaks);
    let changed = |name, breaks| row(Headers, &["signed-header-changed"], name, breaks);
    vec![
        missing("Content-Type signed, not sent", |c, _| {
            drop_header(c, "content-type")
        })
        .of(|l, _| upload_with(l, "content-type", "image/jpeg"))
        .keyless(),
        missing("ACL signed, not sent", |c, _| drop_header(c, "x-amz-acl"))
            .of(|l, _| upload_with(l, "x-amz-acl", "public-read"))
            .keyless(),
        missing("metadata signed, not sent", |c, _| {
            drop_header(c, "x-amz-meta-owner")
        })
        .of(|l, r| upload_with(l, "x-amz-meta-owner", &r.hex(9)))
        .keyless(),
        missing("one of two signed headers not sent", |c, _| {
            drop_header(c, "x-amz-meta-camera")
        })
        .of(|l, _| {
            upload_with(l, "content-type", "image/png");
            l.header("x-amz-meta-camera", "x100");
        })
        .keyless(),
        missing("checksum signed, not sent, with a token", |c, _| {
            drop_header(c, "x-amz-checksum-sha256")
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            upload_with(
                l,
                "x-amz-checksum-sha256",
                "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
            );
            l.temporary(r);
        })
        .keyless(),
        missing("Content-Type not sent, as the store tells", |c, _| {
            drop_header(c, "content-type");
            c.says(mismatch().with_request());
        })
        .on(TELLING)
        .of(|l, _| upload_with(l, "content-type", "text/csv")),
        missing("encryption not sent to IBM", |c, _| {
            drop_header(c, "x-amz-server-side-encryption")
        })
        .on(&[Store::Ibm])
        .of(|l, _| upload_with(l, "x-amz-server-side-encryption", "AES256"))
        .keyless(),
        changed("a charset added to Content-Type", |c, _| {
            send(c, "content-type", "text/plain; charset=utf-8")
        })
        .of(|l, _| upload_with(l, "content-type", "text/plain")),
        changed("the charset of Content-Type lost", |c, _| {
            send(c, "content-type", "application/json")
        })
        .of(|l, _| upload_with(l, "content-type", "application/json; charset=utf-8")),
        changed("curl's own Content-Type", |c, _| {
            send(c, "content-type", "application/x-www-form-urlencoded")
        })
        .of(|l, _| upload_with(l, "content-type", "application/octet-stream")),
        changed("a form's Content-Type", |c, r| {
            let boundary = format!(
                "multipart/form-data; boundary=----WebKitFormBoundary{}",
                r.base32(16)
            );
            send(c, "content-type", &boundary);
        })
        .of(|l, r| {
            let value = r.pick(&[
                "image/png",
                "image/jpeg",
                "application/pdf",
                "application/octet-stream",
            ]);
            upload_with(l, "content-type", value);
        }),
        changed("another ACL", |c, _| send(c, "x-amz-acl", "private"))
            .of(|l, _| upload_with(l, "x-amz-acl", "public-read")),
        changed("another encryption, with a token", |c, _| {
            send(c, "x-amz-server-side-encryption", "aws:kms")
        })
        .on(&[Store::Aws])
        .of(|l, r| {
            upload_with(l, "x-amz-server-side-encryption", "AES256");
            l.temporary(r);
        }),
        changed("JSON sent to IBM as a stream of bytes", |c, _| {
            send(c, "content-type", "application/octet-stream")
        })
        .on(&[Store::Ibm])
        .of(|l, _| upload_with(l, "content-type", "application/json")),
    ]
}

fn unsigned_headers() -> Vec<Breaker> {
    let unsigned = |name, breaks| {
        row(Headers, &["header-not-signed"], name, breaks)
            .on(&[Store::Aws, Store::Minio, Store::Swift])
            .of(put)
    };
    let two = |name, breaks| row(Headers, &["two-auth-mechanisms"], name, breaks).keyless();
    vec![
        unsigned("an ACL that was not signed", |c, _| {
            send(c, "x-amz-acl", "public-read")
        })
        .of(plain_put)
        .keyless(),
        unsigned("metadata that was not signed", |c, r| {
            send(c, "x-amz-meta-who", &r.hex(6))
        })
        .keyless(),
        unsigned("encryption that was not signed, to IBM", |c, _| {
            send(c, "x-amz-server-side-encryption", "AES256")
        })
        .on(&[Store::Ibm])
        .of(plain_put)
        .keyless(),
        unsigned("a header that the store names", |c, _| {
            send(c, "x-amz-meta-who", "me");
            c.says(
                refusal(
                    403,
                    "AccessDenied",
                    "There were headers present in the request which \
                were not signed",
                )
                .field("HeadersNotSigned", "x-amz-meta-who"),
            );
        })
        .keyless(),
        unsigned("headers that the store alone names", |c, _| {
            c.through(|request| {
                request
                    .headers
                    .push(("x-amz-storage-class".into(), "STANDARD_IA".into()))
            });
            let words = "There were headers present in the request which were not signed";
            c.says(
                refusal(403, "AccessDenied", words)
                    .field("HeadersNotSigned", "x-amz-storage-class")
                    .whole(),
            );
        })
        .keyless(),
        unsigned(
            "a customer's key that was not signed, with a token",
            |c, _| {
                send(
                    c,
                    "x-amz-server-side-encryption-customer-algorithm",
                    "AES256",
                );
            },
        )
        .on(&[Store::Aws])
        .of(|l, r| {
            put(l, r);
            l.temporary(r);
        })
        .keyless(),
        two("a bearer token sent as well", |c, r| {
            send(c, "Authorization", &format!("Bearer {}", r.hex(40)))
        }),
        two("name and password sent as well", |c, _| {
            send(c, "Authorization", "Basic dXNlcjpwYXNzd29yZA==")
        }),
        two("a signature in a header sent as well, an upload", |c, r| {
            let value = format!(
                "AWS4-HMAC-SHA256 \
                Credential={}, SignedHeaders=host, Signature={}",
                c.link.credential(),
                r.hex(64)
            );
            send(c, "authorization", &value);
        })
        .of(put),
        two("two mechanisms, as the store says", |c, _| {
            c.through(|request| {
                request
                    .headers
                    .push(("authorization".into(), "Bearer x".into()))
            });
            let words = "Only one auth mechanism allowed; only the X-Amz-Algorithm query \
                parameter, Signature query string parameter or the Authorization header should be \
                specified";
            c.says(
                refusal(400, "InvalidArgument", words)
                    .field("ArgumentName", "Authorization")
                    .field("ArgumentValue", "Bearer x"),
            );
        })
        .on(&[Store::Aws, Store::Wasabi, Store::R2])
        .of(some_method),
        two("two mechanisms, as IBM says", |c, r| {
            send(c, "Authorization", &format!("bearer {}", r.base64(60)));
            c.says(
                refusal(400, "InvalidArgument", "Only one auth mechanism allowed")
                    .field("ArgumentName", "Authorization"),
            );
        })
        .on(&[Store::Ibm])
        .of(some_method),
    ]
}

fn plain_put(link: &mut Link, _: &mut Rng) {
    method(link, "PUT");
    link.headers.clear();
}

// Proxies

fn proxies() -> Vec<Breaker> {
    let host = |name, breaks| row(Host, &["proxy-rewrote-host"], name, breaks);
    let header = |name, breaks| row(Headers, &["header-rewritten-by-proxy"], name, breaks);
    vec![
        host("the name behind the proxy, as the user knows", |c, _| {
            c.used.host = Some("minio-backend:9000".into())
        }),
        host(
            "an upstream's name, as the user knows, an upload",
            |c, _| c.used.host = Some("upstream".into()),
        )
        .of(put),
        host("an address behind the proxy, of IBM", |c, _| {
            c.used.host = Some("10.0.0.12:8080".into())
        })
        .on(&[Store::Ibm]),
        host("another name, as the store tells", |c, _| {
            c.through(|request| request.host = "s3-internal.corp.example".into());
            c.says(mismatch().with_request());
        })
        .on(TELLING)
        .of(some_method),
        host("another name, as the store tells, without keys", |c, _| {
            c.given.keys = None;
            c.through(|request| request.host = "127.0.0.1:8080".into());
            c.says(mismatch().with_request().whole());
        })
        .on(&[Store::Aws, Store::Swift])
        .of(|l, _| {
            method(l, "GET");
            l.endpoint = "files.example.com".into();
            l.virtual_host = false;
        }),
        // A proxy that forwards the name without the port: both codes describe it.
        row(
            Host,
            &["proxy-rewrote-host", "port-in-host"],
            "the port dropped by the proxy",
            |c, _| {
                let host = c.link.host();
                c.used.host = Some(host.rsplit_once(':').unwrap().0.to_owned());
            },
        )
        .on(CUSTOM)
        .of(|l, _| {
            l.scheme = "https";
            l.endpoint = "minio.example.com:9000".into();
            l.virtual_host = false;
        }),
        // Sent as a header by the client itself: no proxy is needed.
        row(
            Host,
            &["proxy-rewrote-host", "wrong-host"],
            "another Host sent",
            |c, _| send(c, "host", "other.example.com"),
        )
        .on(CUSTOM),
        header("accept-encoding signed, extended on the way", |c, _| {
            c.sign_header("accept-encoding", "identity");
            c.through(|request| {
                set(
                    &mut request.headers,
                    "accept-encoding",
                    "identity,gzip(gfe)",
                )
            });
            c.says(mismatch().with_request());
        })
        .on(&[Store::Gcs])
        .of(some_method),
        header("accept-encoding signed, replaced on the way", |c, _| {
            c.sign_header("accept-encoding", "identity");
            c.through(|request| set(&mut request.headers, "accept-encoding", "gzip"));
            c.says(mismatch().with_request().whole());
        })
        .on(&[Store::Aws, Store::Swift])
        .of(some_method),
        header("user-agent signed, replaced on the way", |c, _| {
            c.sign_header("user-agent", "aws-sdk-go-v2/1.30.0");
            c.through(|request| set(&mut request.headers, "user-agent", "Amazon CloudFront"));
            c.says(mismatch().with_request());
        })
        .on(&[Store::Aws, Store::Swift])
        .of(some_method),
        header("accept-encoding signed, without keys at hand", |c, _| {
            c.sign_header("accept-encoding", "identity");
            c.given.keys = None;
            c.through(|request| set(&mut request.headers, "accept-encoding", "gzip, br"));
            c.says(mismatch().with_request());
        })
        .on(&[Store::Aws, Store::Swift])
        .of(get),
        // The client sent what was signed; the store received something else.
        row(
            Headers,
            &["header-rewritten-by-proxy", "signed-header-changed"],
            "Content-Type changed on the way",
            |c, _| {
                c.through(|request| {
                    set(
                        &mut request.headers,
                        "content-type",
                        "application/octet-stream",
                    )
                });
                c.says(mismatch().with_request());
            },
        )
        .on(TELLING)
        .of(|l, _| upload_with(l, "content-type", "image/jpeg")),
        row(
            Query,
            &["query-parameter-removed"],
            "override cut out on the way, as the store tells",
            |c, _| {
                c.through(|request| {
                    request
                        .query
                        .retain(|(name, _)| name != "response-content-type")
                });
                c.says(mismatch().with_request());
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(|l, _| {
            method(l, "GET");
            l.parameter("response-content-type", "text/plain");
        }),
        row(
            Query,
            &["query-parameter-added"],
            "parameter added on the way, as the store tells",
            |c, _| {
                c.through(|request| request.query.push(("cdn-token".into(), "abc".into())));
                c.says(mismatch().with_request());
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(some_method),
        row(
            Query,
            &["query-parameter-changed"],
            "override changed on the way, as the store tells",
            |c, _| {
                c.through(|request| {
                    set(&mut request.query, "response-content-type", "text%2Fhtml")
                });
                c.says(mismatch().with_request());
            },
        )
        .on(&[Store::Aws, Store::Swift])
        .of(|l, _| {
            method(l, "GET");
            l.parameter("response-content-type", "text/plain");
        }),
    ]
}

// Checksums

const EMPTY: [(&str, &str); 5] = [
    ("x-amz-checksum-crc32", "AAAAAA=="),
    ("x-amz-checksum-crc32c", "AAAAAA=="),
    ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    (
        "x-amz-checksum-sha256",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ),
    ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
];

fn upload_with_parameter(link: &mut Link, name: &str, value: &str) {
    method(link, "PUT");
    link.headers.clear();
    link.query.clear();
    link.parameter(name, value);
}

fn checksums() -> Vec<Breaker> {
    let empty = |name, shape| {
        row(Payload, &["checksum-of-empty-body"], name, |_, _| {})
            .of(shape)
            .warning()
    };
    let unchecked = |name, shape| {
        row(Payload, &["checksum-not-enforced"], name, |_, _| {})
            .of(shape)
            .warning()
    };
    vec![
        empty("CRC32 of nothing in the query, as new SDKs do", |l, _| {
            upload_with_parameter(l, EMPTY[0].0, EMPTY[0].1);
            l.parameter("x-amz-sdk-checksum-algorithm", "CRC32");
        }),
        empty("CRC32C of nothing in the query", |l, _| {
            upload_with_parameter(l, EMPTY[1].0, EMPTY[1].1)
        }),
        empty("SHA-256 of nothing in a signed header", |l, _| {
            upload_with(l, EMPTY[3].0, EMPTY[3].1)
        }),
        empty("SHA-1 of nothing in a signed header", |l, _| {
            upload_with(l, EMPTY[2].0, EMPTY[2].1)
        }),
        empty("CRC64 of nothing in the query, with a token", |l, r| {
            upload_with_parameter(l, EMPTY[4].0, EMPTY[4].1);
            if l.store == Store::Aws {
                l.temporary(r);
            }
        }),
        empty("MD5 of nothing in a signed header", |l, _| {
            upload_with(l, "content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")
        }),
        row(
            Payload,
            &["checksum-of-empty-body"],
            "CRC32 of nothing, as the store says",
            |c, _| {
                let words = "The CRC32 you specified did not match the calculated checksum.";
                c.says(refusal(400, "BadDigest", words));
            },
        )
        .on(&[Store::Aws, Store::R2, Store::Minio])
        .of(|l, _| upload_with_parameter(l, EMPTY[0].0, EMPTY[0].1))
        .served(),
        unchecked("SHA-256 in the query", |l, _| {
            upload_with_parameter(
                l,
                EMPTY[3].0,
                "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
            );
        }),
        unchecked("CRC32 in the query", |l, _| {
            upload_with_parameter(l, EMPTY[0].0, "i9aeUg==")
        }),
        unchecked("CRC32C in the query, of IBM's keys", |l, _| {
            upload_with_parameter(l, EMPTY[1].0, "yZRlqg==")
        }),
        unchecked("SHA-1 in the query", |l, _| {
            upload_with_parameter(l, EMPTY[2].0, "Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
        }),
        unchecked(
            "SHA-256 and the algorithm in the query, with a token",
            |l, r| {
                upload_with_parameter(
                    l,
                    EMPTY[3].0,
                    "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
                );
                l.parameter("x-amz-sdk-checksum-algorithm", "SHA256");
                if l.store == Store::Aws {
                    l.temporary(r);
                }
            },
        ),
    ]
}

// Bodies

fn bodies() -> Vec<Breaker> {
    let chunked = |name, breaks| {
        row(Payload, &["chunked-body"], name, breaks)
            .of(put)
            .keyless()
    };
    let not_implemented = |case: &mut Case, _: &mut Rng| {
        let words = "A header you provided implies functionality that is not implemented";
        case.says(refusal(501, "NotImplemented", words).field("Header", "Transfer-Encoding"));
    };
    vec![
        chunked("a body of unknown length", |c, _| send(c, "Transfer-Encoding", "chunked")),
        chunked("a body of unknown length, with a token", |c, _| send(c, "transfer-encoding", "chunked")).on(&[Store::Aws]).of(
            |l, r| {
                put(l, r);
                l.temporary(r);
            },
        ),
        chunked("a body of unknown length, as the store says", not_implemented).on(&[Store::Aws, Store::Minio]).served(),
        chunked("a body of unknown length, as IBM says", not_implemented).on(&[Store::Ibm]).served(),
        chunked("the length is missing, as the store says", |c, _| {
            c.says(refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header."));
        })
        .on(&[Store::Aws, Store::Ceph, Store::Minio])
        .served(),
        chunked("an SDK's chunks", |c, _| send(c, "content-encoding", "aws-chunked")),
        row(Payload, &["payload-hash-mismatch"], "another body than was hashed, as the store says", |c, r| {
            let hash = sha256_hex(r.hex(8).as_bytes());
            c.sign_header("x-amz-content-sha256", &hash);
            c.hashed.payload.clone_from(&hash);
            let words = "The provided 'x-amz-content-sha256' header does not match what was \
                computed.";
            let response = refusal(400, "XAmzContentSHA256Mismatch", words);
            c.says(response.field("ClientComputedContentSHA256", hash).field("S3ComputedContentSHA256", sha256_hex(b"other")));
        })
        .on(&[Store::Aws, Store::Minio])
        .of(put)
        .served(),
        row(Alone, &["policy-condition-failed"], "a body larger than a form allows", |c, _| {
            form(c);
            let response = refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
            c.says(response.field("ProposedSize", "5000").field("MaxSizeAllowed", "1024"));
        })
        .on(&[Store::Aws, Store::Minio]),
        row(Alone, &["policy-condition-failed"], "a body smaller than a form wants", |c, _| {
            form(c);
            let response = refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the \
                minimum allowed size");
            c.says(response.field("ProposedSize", "5").field("MinSizeAllowed", "10"));
        })
        .on(&[Store::Aws, Store::Ceph]),
        row(Alone, &["policy-condition-failed"], "another key than the form's", |c, _| {
            form(c);
            let words = "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$key\", \
                \"b/x.txt\"]";
            c.says(refusal(403, "AccessDenied", words));
        })
        .on(&[Store::Aws, Store::Wasabi]),
        row(Alone, &["policy-condition-failed"], "a field that the form's policy does not name", |c, _| {
            form(c);
            c.says(refusal(403, "AccessDenied", "Invalid according to Policy: Extra input fields: \
                x-amz-meta-a").whole());
        })
        .on(&[Store::Aws, Store::Minio]),
        row(Alone, &["policy-condition-failed"], "a policy that does not fit, as s3s says", |c, _| {
            form(c);
            let words = "Policy condition 'eq' for field 'key' failed: expected 'b/x.txt', got \
                'b/elsewhere.txt'";
            c.says(refusal(400, "InvalidPolicyDocument", words));
        })
        .on(&[Store::Minio]),
    ]
}

/// A form is posted to the bucket; the signature is in its fields, so the URL has none.
fn form(case: &mut Case) {
    case.used.method = "POST".into();
    case.used.headers.clear();
    let address = format!(
        "{}://{}/{}",
        case.link.scheme, case.link.endpoint, case.link.bucket
    );
    case.edit(move |_| address.clone());
}
