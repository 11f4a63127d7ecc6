//! The signature is valid; only the store or the circumstances show the cause.

use super::Part::{Alone, Expiry, Host, Response as Said};
use super::{Breaker, get, put, regional, row, some_method};
use crate::broken_urls::case::Case;
use crate::broken_urls::link::{Link, Store};
use crate::broken_urls::response::{Response, mismatch, refusal};
use crate::broken_urls::text::{encode, rfc3339, timestamp};
use support::rng::Rng;

pub fn rows() -> Vec<Breaker> {
    [
        clocks(),
        tokens(),
        refusals(),
        places(),
        other_secrets(),
        ids(),
        dispositions(),
    ]
    .concat()
}

fn says(case: &mut Case, rng: &mut Rng, response: Response) {
    case.says(if rng.percent(50) {
        response.whole()
    } else {
        response
    });
}

// Clocks

/// The store's clock is this many seconds ahead of the user's.
fn ahead(case: &mut Case, seconds: i64) -> i64 {
    let store = case.given.at + seconds;
    case.given.store_time = Some(store);
    store
}

fn skewed(case: &mut Case, seconds: i64) {
    let server = ahead(case, seconds);
    let response = refusal(
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    );
    let response = response
        .field("RequestTime", timestamp(case.link.signed_at))
        .field("ServerTime", rfc3339(server));
    case.says(
        response
            .field("MaxAllowedSkewMilliseconds", "900000")
            .dated(server),
    );
}

fn fresh(link: &mut Link, rng: &mut Rng) {
    some_method(link, rng);
    link.expires = 3600;
    link.now = link.signed_at + 5;
}

fn expired_at(case: &Case, server: i64) -> Response {
    refusal(403, "AccessDenied", "Request has expired")
        .field("X-Amz-Expires", case.link.expires.to_string())
        .field("Expires", rfc3339(case.link.signed_at + case.link.expires))
        .field("ServerTime", rfc3339(server))
}

fn clocks() -> Vec<Breaker> {
    let skew = |name, breaks| {
        row(Expiry, &["clock-skew"], name, breaks)
            .of(fresh)
            .keyless()
    };
    let expired = |name, breaks| {
        row(Expiry, &["expired"], name, breaks)
            .of(some_method)
            .keyless()
    };
    // Valid by the user's clock, expired by the store's: one fact, two codes.
    let either = |name, breaks| {
        row(Expiry, &["clock-skew", "expired"], name, breaks)
            .of(fresh)
            .keyless()
    };
    vec![
        skew(
            "user's clock 20 minutes ahead, as the store says",
            |c, _| skewed(c, -1215),
        )
        .on(&[Store::Aws]),
        skew("user's clock half an hour ahead, as MinIO says", |c, _| {
            skewed(c, -1834)
        })
        .on(&[Store::Minio]),
        skew("user's clock 50 minutes ahead, as IBM says", |c, _| {
            skewed(c, -3011)
        })
        .on(&[Store::Ibm]),
        skew(
            "user's clock 16 minutes ahead, a code and a date only",
            |c, _| skewed(c, -977),
        )
        .on(&[Store::Ceph]),
        skew("user's clock a day ahead, an upload", |c, _| {
            skewed(c, -86_111)
        })
        .on(&[Store::Aws, Store::Wasabi])
        .of(|l, r| {
            fresh(l, r);
            put(l, r);
        }),
        row(
            Expiry,
            &["clock-skew", "not-yet-valid"],
            "not yet valid by the date of the response",
            |c, _| {
                let server = ahead(c, -1444);
                c.says(refusal(403, "AccessDenied", "Request is not yet valid").dated(server));
            },
        )
        .on(&[Store::Aws, Store::Minio])
        .of(fresh)
        .keyless(),
        row(
            Expiry,
            &["clock-skew", "not-yet-valid"],
            "not yet valid by the date that the user saw",
            |c, _| {
                c.given.server_date = Some(ahead(c, -2222));
                c.given.status = Some(403);
            },
        )
        .on(&[Store::Aws, Store::Minio])
        .of(fresh)
        .keyless(),
        either("expired by the store's clock", |c, _| {
            let server = ahead(c, 4000);
            c.says(expired_at(c, server));
        })
        .on(&[Store::Aws, Store::Minio]),
        either("expired by the date that the user saw", |c, _| {
            c.given.server_date = Some(ahead(c, 5000));
            c.given.status = Some(403);
        }),
        expired("expired, as the store says", |c, r| {
            late(c, r);
            let response = expired_at(c, c.given.at);
            says(c, r, response.dated(c.given.at));
        })
        .on(&[Store::Aws, Store::Minio, Store::Swift]),
        expired("expired, as R2 says", |c, r| {
            late(c, r);
            c.says(refusal(400, "ExpiredRequest", "Request has expired").dated(c.given.at));
        })
        .on(&[Store::R2]),
        expired("expired, as Ceph says with no word", |c, r| {
            late(c, r);
            c.says(refusal(403, "AccessDenied", "").dated(c.given.at));
        })
        .on(&[Store::Ceph]),
        expired("expired, as IBM says", |c, r| {
            late(c, r);
            c.says(refusal(403, "AccessDenied", "Request has expired").dated(c.given.at));
        })
        .on(&[Store::Ibm]),
    ]
}

fn late(case: &mut Case, rng: &mut Rng) {
    case.given.at = case.link.signed_at + case.link.expires + rng.between(1, 900_000);
}

// Tokens

fn temporary(link: &mut Link, rng: &mut Rng) {
    some_method(link, rng);
    link.temporary(rng);
}

fn dead_token(case: &mut Case, rng: &mut Rng) {
    let token = case.link.token.clone().unwrap();
    let response =
        refusal(400, "ExpiredToken", "The provided token has expired.").field("Token-0", token);
    says(case, rng, response);
}

fn tokens() -> Vec<Breaker> {
    let dead = |name, breaks| {
        row(Said, &["token-expired"], name, breaks)
            .of(temporary)
            .served()
            .keyless()
    };
    vec![
        dead("token at its end, as AWS says", dead_token).on(&[Store::Aws]),
        dead("token at its end, as Ceph says with no word", dead_token).on(&[Store::Ceph]),
        dead("token at its end, as MinIO says", dead_token).on(&[Store::Minio]),
        dead(
            "token at its end, an upload with signed headers",
            dead_token,
        )
        .on(&[Store::Aws])
        .of(|l, r| {
            put(l, r);
            l.temporary(r);
            l.header("content-type", "image/jpeg");
        }),
        dead("token at its end, a link for a week", dead_token)
            .on(&[Store::Aws])
            .of(|l, r| {
                temporary(l, r);
                l.expires = 604_800;
                l.now = l.signed_at + 50_000;
            }),
    ]
}

// Plain refusals

const WORDED: &[Store] = &[
    Store::Aws,
    Store::Ibm,
    Store::Minio,
    Store::Wasabi,
    Store::Gcs,
];

fn refused(case: &mut Case, rng: &mut Rng) {
    says(case, rng, refusal(403, "AccessDenied", "Access Denied"));
}

fn no_key(case: &mut Case, rng: &mut Rng) {
    let key = case.link.key.clone();
    says(
        case,
        rng,
        refusal(404, "NoSuchKey", "The specified key does not exist.").field("Key", key),
    );
}

fn no_bucket(case: &mut Case, rng: &mut Rng) {
    let bucket = case.link.bucket.clone();
    says(
        case,
        rng,
        refusal(404, "NoSuchBucket", "The specified bucket does not exist")
            .field("BucketName", bucket),
    );
}

fn refusals() -> Vec<Breaker> {
    let denied = |name, breaks| row(Said, &["access-denied"], name, breaks).served();
    let no_such_key = |name, breaks| {
        row(Said, &["no-such-key"], name, breaks)
            .of(get)
            .served()
            .keyless()
    };
    let no_such_bucket = |name, breaks| {
        row(Said, &["no-such-bucket"], name, breaks)
            .of(some_method)
            .served()
            .keyless()
    };
    vec![
        denied("a download refused", refused).on(WORDED).of(get),
        denied("an upload refused", refused).on(WORDED).of(put),
        denied("refused by IBM", refused)
            .on(&[Store::Ibm])
            .of(some_method),
        denied("refused, with a token", refused)
            .on(&[Store::Aws])
            .of(temporary),
        denied("refused, with the reason", |c, r| {
            let words = "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: \
                s3:GetObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy \
                allows the s3:GetObject action";
            says(c, r, refusal(403, "AccessDenied", words));
        })
        .on(&[Store::Aws])
        .of(get),
        denied("refused by R2", refused)
            .on(&[Store::R2, Store::B2, Store::Spaces])
            .of(some_method),
        no_such_key("no object, of AWS", no_key).on(&[Store::Aws]),
        no_such_key("no object, of IBM", no_key).on(&[Store::Ibm]),
        no_such_key("no object, of Ceph", no_key).on(&[Store::Ceph]),
        no_such_key("no object, of MinIO", no_key).on(&[Store::Minio]),
        no_such_key("no object, of others", no_key).on(&[
            Store::Gcs,
            Store::R2,
            Store::Swift,
            Store::Wasabi,
        ]),
        no_such_bucket("no bucket, of AWS", no_bucket).on(&[Store::Aws]),
        no_such_bucket("no bucket, of IBM", no_bucket).on(&[Store::Ibm]),
        no_such_bucket("no bucket, of Ceph", no_bucket).on(&[Store::Ceph]),
        no_such_bucket("no bucket, of MinIO", no_bucket).on(&[Store::Minio]),
        no_such_bucket("no bucket, of others", no_bucket).on(&[
            Store::Gcs,
            Store::R2,
            Store::Swift,
            Store::Wasabi,
        ]),
        // The store found the other key, so the name in its response is the proof; that it has no
        // key of that name is true too.
        row(
            Alone,
            &["key-changed", "no-such-key"],
            "no object of another name",
            |c, r| {
                says(
                    c,
                    r,
                    refusal(404, "NoSuchKey", "The specified key does not exist.")
                        .field("Key", "index.html"),
                );
            },
        )
        .on(&[Store::Aws])
        .of(get)
        .served(),
    ]
}

// Locations

fn elsewhere(link: &mut Link, rng: &mut Rng) {
    some_method(link, rng);
    regional(link, rng);
}

fn endpoint(case: &Case, region: &str) -> String {
    let host = format!("s3.{region}.amazonaws.com");
    if case.link.virtual_host {
        format!("{}.{host}", case.link.bucket)
    } else {
        host
    }
}

fn moved(case: &Case, region: &str) -> Response {
    let words = "The bucket you are attempting to access must be addressed using the specified \
        endpoint. Please send all future requests to this endpoint.";
    refusal(301, "PermanentRedirect", words)
        .field("Endpoint", endpoint(case, region))
        .field("Bucket", case.link.bucket.clone())
}

fn wrong_region(region: &str) -> Response {
    let words = format!(
        "Error parsing the X-Amz-Credential parameter; the region is wrong; expecting '{region}'"
    );
    refusal(400, "AuthorizationQueryParametersError", &words).field("Region", region)
}

/// AWS's global name with the region of the bucket in the scope: valid, until the store redirects
/// the client.
fn global(link: &mut Link, rng: &mut Rng) {
    some_method(link, rng);
    regional(link, rng);
    link.endpoint = "s3.amazonaws.com".into();
}

fn places() -> Vec<Breaker> {
    let moved_away = |name, breaks| {
        row(Said, &["redirected"], name, breaks)
            .on(&[Store::Aws])
            .of(elsewhere)
            .served()
            .keyless()
    };
    let region = |name, breaks| row(Said, &["wrong-region"], name, breaks).keyless();
    let everywhere = |name, breaks| {
        row(Host, &["global-endpoint"], name, breaks)
            .on(&[Store::Aws])
            .of(global)
            .warning()
    };
    // The store redirects because the host is the global one.
    let sent_on = |name, breaks| {
        row(Host, &["global-endpoint", "redirected"], name, breaks)
            .on(&[Store::Aws])
            .of(global)
            .served()
    };
    vec![
        moved_away("the bucket is elsewhere, as the body says", |c, _| c.says(moved(c, "sa-east-1"))),
        moved_away("the bucket is elsewhere, a transcript", |c, _| {
            c.says(moved(c, "sa-east-1").header("x-amz-bucket-region", "sa-east-1"));
        }),
        moved_away("the bucket is elsewhere, an upload with a token", |c, _| c.says(moved(c, "ap-south-1"))).of(|l, r| {
            elsewhere(l, r);
            put(l, r);
            l.temporary(r);
        }),
        moved_away("the bucket is elsewhere, a head without a body", |c, _| {
            c.says(moved(c, "us-east-2").header("x-amz-bucket-region", "us-east-2").bodiless());
        }),
        moved_away("a temporary redirect", |c, r| {
            let host = endpoint(c, "eu-north-1");
            let words = "Please re-send this request to the specified temporary endpoint. \
                Continue to use the original request endpoint for future requests.";
            let response =
                refusal(307, "TemporaryRedirect", words).field("Endpoint", host.clone()).field("Bucket", c.link.bucket.clone());
            says(c, r, response.header("Location", format!("https://{host}{}", c.link.path())));
        }),
        region("the region is another, of a store under its own name", |c, r| {
            c.set_scope(1, "us-west-9");
            says(c, r, wrong_region("us-east-1"));
        })
        .on(&[Store::Minio, Store::Swift])
        .of(|l, r| {
            some_method(l, r);
            l.region = "us-east-1".into();
        }),
        region("the region is another, as Garage says", |c, r| {
            c.set_scope(1, "us-east-1");
            let words = "Authorization header malformed, unexpected scope";
            says(c, r, refusal(400, "AuthorizationHeaderMalformed", words).field("Region", "garage"));
        })
        .on(&[Store::Minio])
        .of(|l, r| {
            some_method(l, r);
            l.region = "garage".into();
        }),
        region("the region is another, the global name", |c, r| {
            says(c, r, wrong_region("eu-central-1"));
        })
        .served()
        .on(&[Store::Aws])
        .of(|l, r| {
            some_method(l, r);
            l.region = "us-east-1".into();
            l.endpoint = "s3.amazonaws.com".into();
        }),
        everywhere("the global name with another region", |_, _| {}),
        everywhere("the global name with another region, path style", |_, _| {}).of(|l, r| {
            global(l, r);
            l.virtual_host = false;
        }),
        everywhere("the global endpoint with an opt-in region", |_, _| {}).of(|l, r| {
            global(l, r);
            l.region = r.pick(&["af-south-1", "ap-east-1", "me-south-1", "eu-south-1"]).into();
        }),
        sent_on("the global name, redirected", |c, _| {
            let host = endpoint(c, &c.link.region);
            let words = "Please re-send this request to the specified temporary endpoint. \
                Continue to use the original request endpoint for future requests.";
            let response =
                refusal(307, "TemporaryRedirect", words).field("Endpoint", host.clone()).field("Bucket", c.link.bucket.clone());
            c.says(response.header("Location", format!("https://{host}{}", c.link.path())));
        }),
        sent_on("the global name, a region too young for it", |c, r| {
            let words =
                "The me-south-1 location constraint is incompatible for the region specific \
                 endpoint this request was sent to.";
            says(c, r, refusal(400, "IllegalLocationConstraintException", words));
        })
        .of(|l, r| {
            global(l, r);
            l.region = "me-south-1".into();
        }),
    ]
}

// The store has another secret

fn other_secrets() -> Vec<Breaker> {
    let other = |name, breaks| row(Alone, &["server-has-other-secret"], name, breaks).served();
    // Without the store's canonical request it is unknown whether it received the same request.
    let either = |name, breaks| {
        row(
            Alone,
            &["server-has-other-secret", "proxy-rewrote-host"],
            name,
            breaks,
        )
        .served()
    };
    let given = |c: &mut Case, r: &mut Rng| says(c, r, mismatch().with_request());
    let untold = |c: &mut Case, r: &mut Rng| says(c, r, mismatch());
    vec![
        other(
            "the store computed from the same request, a download",
            given,
        )
        .on(&[Store::Aws])
        .of(get),
        other("the store computed from the same request, Swift", given)
            .on(&[Store::Swift])
            .of(some_method),
        other("the store computed from the same request, GCS", given)
            .on(&[Store::Gcs])
            .of(some_method),
        other("the store computed from the same request, an upload", given)
            .on(&[Store::Aws])
            .of(|l, r| {
                put(l, r);
                l.header("content-type", "image/jpeg");
            }),
        other("the store computed from the same request, a token", given)
            .on(&[Store::Aws])
            .of(temporary),
        either("the store says no more, IBM", untold)
            .on(&[Store::Ibm])
            .of(some_method),
        either("the store says no more, MinIO", untold)
            .on(&[Store::Minio])
            .of(some_method),
        either("the store says no word, Ceph", untold)
            .on(&[Store::Ceph])
            .of(some_method),
        // Our secret does not reproduce the signature, and the store computed the same request: the
        // signer had another secret.
        row(
            Alone,
            &["wrong-secret"],
            "the store computed from the same request, our secret does not",
            |c, r| {
                c.hashed.secret = crate::broken_urls::link::secret(c.link.store, r).into_bytes();
                says(c, r, mismatch().with_request());
            },
        )
        .on(&[Store::Aws, Store::Gcs, Store::Swift])
        .of(some_method),
    ]
}

fn ids() -> Vec<Breaker> {
    let unknown = |name, breaks| {
        row(Alone, &["wrong-access-key"], name, breaks)
            .served()
            .keyless()
    };
    let response = |case: &mut Case, rng: &mut Rng| {
        let id = case.link.id.clone();
        let words = "The AWS Access Key Id you provided does not exist in our records.";
        says(
            case,
            rng,
            refusal(403, "InvalidAccessKeyId", words).field("AWSAccessKeyId", id),
        );
    };
    let permanent = |link: &mut Link, rng: &mut Rng| {
        some_method(link, rng);
        link.permanent(rng);
    };
    vec![
        unknown("an id that AWS does not know", response)
            .on(&[Store::Aws])
            .of(permanent),
        unknown("an id that IBM does not know", response)
            .on(&[Store::Ibm])
            .of(permanent),
        unknown("an id that Ceph does not know", response)
            .on(&[Store::Ceph])
            .of(permanent),
        unknown("an id that MinIO does not know", response)
            .on(&[Store::Minio])
            .of(permanent),
        unknown("an id that is not signed up", |c, r| {
            says(
                c,
                r,
                refusal(403, "NotSignedUp", "Your account is not signed up"),
            );
        })
        .on(&[Store::Minio])
        .of(permanent),
    ]
}

fn dispositions() -> Vec<Breaker> {
    let odd = |name, shape| {
        row(Said, &["disposition-not-latin1"], name, |_, _| {})
            .on(&[Store::Aws, Store::Ibm])
            .of(shape)
            .warning()
    };
    fn named(link: &mut Link, name: &str) {
        super::method(link, "GET");
        link.parameter(
            "response-content-disposition",
            &format!("attachment; filename=\"{name}\""),
        );
    }
    vec![
        odd("a Japanese file name", |l, _| named(l, "報告書.pdf")),
        odd("a face in the file name", |l, _| named(l, "party 🎉.jpg")),
        odd("a Polish file name", |l, _| named(l, "Zażółć gęślą.txt")),
        odd("a decomposed file name, with a token", |l, r| {
            if l.store == Store::Aws {
                l.temporary(r);
            }
            named(l, "e\u{301}te\u{301}.txt");
        }),
        row(
            Said,
            &["disposition-not-latin1"],
            "a Greek file name, as the store says",
            |c, r| {
                let value = "attachment; filename=\"Αναφορά.pdf\"";
                c.set("response-content-disposition", &encode(value));
                let words = "Header value cannot be represented using ISO-8859-1.";
                let response = refusal(400, "InvalidArgument", words)
                    .field("ArgumentName", "response-content-disposition");
                says(c, r, response.field("ArgumentValue", value));
            },
        )
        .on(&[Store::Aws])
        .of(get)
        .served(),
    ]
}
