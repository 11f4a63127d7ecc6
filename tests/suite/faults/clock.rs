//! Wrong clocks, here and at the store.

use super::*;

/// Every verb must end regularly for any time, and if the clock goes back between two runs.
#[test]
fn any_time_of_the_system_clock_is_handled() {
    let link = signed(&["get", "b-1/k", "--at", NOW], "https://s3.example.com");
    let end = DateTime::<Utc>::MAX_UTC;
    let times = [
        DateTime::<Utc>::MIN_UTC,
        end,
        end - TimeDelta::seconds(1),
        "0000-01-01T00:00:00Z".parse().unwrap(),
        "1969-12-31T23:59:59Z".parse().unwrap(),
        "1970-01-01T00:00:00Z".parse().unwrap(),
        "1999-12-31T23:59:59Z".parse().unwrap(),
        "9999-12-31T23:59:59Z".parse().unwrap(),
        "+10000-01-01T00:00:00Z".parse().unwrap(),
        NOW.parse().unwrap(),
    ];
    let keys = [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    ];
    let region = ["--region", "us-south"];
    let mut answered = 0;
    for now in times {
        for expiration in [
            None,
            Some("1970-01-01T00:00:00Z"),
            Some("9999-12-31T23:59:59Z"),
            Some("2026-01-31T12:30:00Z"),
        ] {
            for args in [
                &["get", "b-1/k", "--expires", "7d"][..],
                &["get", "b-1/k", "--expires", "18446744073709551615"],
                &["get", "b-1/k", "--until", "9999-12-31"],
                &["get", "b-1/k", "--until", "0001-01-01"],
                &["get", "b-1/k", "--backdate", "100000d"],
                &["get", "b-1/k", "--align", "36500d"],
                &["post", "b-1/k", "--expires", "1d"],
                &["multipart", "b-1/k", "--upload-id", "x", "--size", "10MiB"],
                &["inspect", &link],
                &["inspect", &link, "--json", "--expires-within", "1h"],
                &["diagnose", &link],
            ] {
                let region = if matches!(args[0], "inspect" | "diagnose") {
                    &[][..]
                } else {
                    &region
                };
                let variables = keys
                    .into_iter()
                    .chain(expiration.map(|end| ("AWS_CREDENTIAL_EXPIRATION", end)));
                let env = Env::new(variables, now, std::io::empty());
                let (mut out, mut err) = (Vec::new(), Vec::new());
                let all = [&["cos-presign"], args, region].concat();
                let code = cos_presign::run(all.iter().map(Into::into), &env, &mut out, &mut err);
                let said = String::from_utf8_lossy(&err);
                assert!(code < 5, "{now} {args:?}: {said}");
                if matches!(code, 2 | 3) {
                    in_form(&format!("{now} {args:?}"), &said);
                }
                answered += usize::from(code == 0);
            }
        }
    }
    assert!(answered > 50, "{answered}");
}

/// Retries use a monotonic clock; the clock of the store only appears in messages.
#[test]
fn date_and_retry_after_of_a_store_are_not_trusted() {
    for header in [
        "Retry-After: 99999999999999999999",
        "Retry-After: -1",
        "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
        "Retry-After: Thu, 01 Jan 0000 00:00:00 GMT",
        "Date: Fri, 31 Dec 9999 23:59:60 GMT",
        "Date: Thu, 01 Jan 0001 00:00:00 GMT",
        "Last-Modified: nonsense",
    ] {
        let response = format!(
            "HTTP/1.1 503 Slow Down\r\n{header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let server = OddServer::responding(response.as_bytes());
        let link = signed(&["get", "bucket/k"], &server.http());
        failed(
            header,
            &run(&mut program(&["download", &link, "-", "--retries", "0"])),
            &[1, 4],
        );
        let output = run(&mut program(&["verify", &link, "--json"]));
        assert_eq!(output.status.code(), Some(1), "{header}: {output:?}");
    }
}
