#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::*;

fn plan(size: &str, parts: &[(u32, &str, &str)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|(number, offset, size)| {
            format!("{{\"part_number\":{number},\"offset\":{offset},\"size\":{size},\"url\":\"https://h/secret\"}}")
        })
        .collect();
    format!(
        "{{\"kind\":\"multipart-upload\",\"bucket\":\"b\",\"key\":\"k\",\"upload_id\":\"u\",\"expires_at\":\"2026-02-01T12:00:00Z\",\
         \"size\":{size},\"part_size\":10,\"headers\":{{\"x-a\":\"b\"}},\"more\":[],\"parts\":[{}],\
         \"complete\":{{\"method\":\"POST\",\"url\":\"https://h/secret\",\"headers\":{{}}}},\
         \"abort\":{{\"method\":\"DELETE\",\"url\":\"https://h/secret\"}}}}",
        parts.join(",")
    )
}

fn multipart(text: &str) -> Multipart {
    match Plan::parse(text) {
        Ok(Plan::Multipart(plan)) => *plan,
        Ok(_) => panic!("another kind"),
        Err(error) => panic!("{error}"),
    }
}

fn refused(text: &str) -> PlanError {
    Plan::parse(text).err().unwrap()
}

#[test]
fn a_file_is_cut_as_the_plan_says() {
    let fixed = multipart(&plan(
        "25",
        &[(1, "0", "10"), (2, "10", "10"), (3, "20", "5")],
    ));
    assert_eq!(fixed.headers["x-a"], "b");
    assert_eq!(fixed.expires_at.unwrap().timestamp(), 1_769_947_200);
    let sizes = |slices: Vec<Slice>| {
        slices
            .iter()
            .map(|slice| (slice.number, slice.offset, slice.size))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        sizes(fixed.slices(25).unwrap()),
        [(1, 0, 10), (2, 10, 10), (3, 20, 5)]
    );
    assert_eq!(
        fixed.slices(24),
        Err(PlanError::OtherSize {
            planned: 25,
            found: 24
        })
    );
    let open = multipart(&plan(
        "null",
        &[(1, "0", "10"), (3, "null", "null"), (4, "20", "10")],
    ));
    assert_eq!(sizes(open.slices(11).unwrap()), [(1, 0, 10), (3, 10, 1)]);
    assert_eq!(sizes(open.slices(20).unwrap()), [(1, 0, 10), (3, 10, 10)]);
    assert_eq!(sizes(open.slices(0).unwrap()), [(1, 0, 0)]);
    assert_eq!(
        open.slices(31),
        Err(PlanError::TooLarge {
            room: 30,
            found: 31
        })
    );
}

#[test]
fn a_plan_that_contradicts_itself_is_refused() {
    for (text, why) in [
        (plan("25", &[]), "no parts"),
        (
            plan("25", &[(1, "0", "10"), (2, "10", "10")]),
            "add up to 20 bytes",
        ),
        (
            plan("20", &[(2, "0", "10"), (1, "10", "10")]),
            "part 1 comes after part 2",
        ),
        (
            plan("20", &[(0, "0", "10"), (1, "10", "10")]),
            "part 0 comes after",
        ),
        (
            plan("20", &[(1, "0", "10"), (2, "11", "9")]),
            "does not start where",
        ),
        (
            plan(
                "null",
                &[(1, "0", "18446744073709551615"), (2, "null", "2")],
            ),
            "an impossible size",
        ),
        (plan("10", &[(1, "0", "10"), (2, "10", "0")]), "is empty"),
        (plan("\"25\"", &[(1, "0", "25")]), "another type"),
        (
            plan("25", &[(1, "0", "\"https://h/secret\"")]),
            "another type",
        ),
    ] {
        let error = refused(&text).to_string();
        assert!(error.contains(why) && !error.contains("secret"), "{error}");
    }
}

#[test]
fn other_kinds_of_plans() {
    let Ok(Plan::Put(put)) = Plan::parse("\u{feff}HTTPS://h/k?secret\r\n") else {
        panic!("no link")
    };
    assert_eq!(put.url, "HTTPS://h/k?secret");
    let text = "{\"url\":\"https://h/k\",\"method\":\"PUT\",\"headers\":{\"content-type\":\"a/b\"},\"expires_at\":\"2026-02-01T12:00:00Z\"}";
    let Ok(Plan::Put(put)) = Plan::parse(text) else {
        panic!("no link")
    };
    assert_eq!(put.headers["content-type"], "a/b");
    let Ok(Plan::Form(form)) =
        Plan::parse("{\"url\":\"https://h/b\",\"fields\":{\"key\":\"k\",\"policy\":\"p\"}}")
    else {
        panic!("no form")
    };
    assert_eq!(form.fields.len(), 2);
    for (text, error) in [
        (
            "{\"url\":\"https://h/k\",\"method\":\"GET\"}",
            PlanError::OtherMethod("GET".to_owned()),
        ),
        (
            "{\"url\":\"https://h/k\"}\n{\"url\":\"https://h/k\"}",
            PlanError::Several,
        ),
        ("{\"a\":1}", PlanError::Unknown),
        ("[]", PlanError::Unknown),
        ("", PlanError::NotJson { line: 1, column: 1 }),
        ("https://h/a b", PlanError::NotJson { line: 1, column: 1 }),
    ] {
        assert_eq!(refused(text), error, "{text}");
    }
}

/// A plan with one part after a change of its JSON.
fn changed(change: impl Fn(&mut Value)) -> Result<Plan, PlanError> {
    let mut document: Value = serde_json::from_str(&plan("10", &[(1, "0", "10")])).unwrap();
    change(&mut document);
    Plan::parse(&document.to_string())
}

#[test]
fn headers_of_the_connection_are_refused_wherever_a_plan_has_them() {
    for name in [
        "Host",
        "transfer-encoding",
        "Connection",
        "AUTHORIZATION",
        "Proxy-Authorization",
        "proxy-connection",
        "Expect",
        "te",
        "Upgrade",
        "Content-Length",
    ] {
        let lower = name.to_ascii_lowercase();
        for place in ["/headers", "/complete/headers"] {
            let error = changed(|plan| {
                plan.pointer_mut(place).unwrap()[name] = "5".into();
            });
            assert_eq!(
                error.err(),
                Some(PlanError::ConnectionHeader(lower.clone())),
                "{place}"
            );
        }
        let put = format!("{{\"url\":\"https://h/k\",\"headers\":{{\"{name}\":\"5\"}}}}");
        match Plan::parse(&put) {
            Ok(Plan::Put(put)) => {
                assert_eq!(lower, CONTENT_LENGTH);
                assert_eq!(put.check_size(5), Ok(()));
                assert_eq!(
                    put.check_size(100),
                    Err(PlanError::OtherSize {
                        planned: 5,
                        found: 100
                    })
                );
            }
            Ok(_) => panic!("another kind"),
            Err(error) => assert_eq!(error, PlanError::ConnectionHeader(lower)),
        }
    }
    for length in ["", "+5", "5 ", "-5", "five", "99999999999999999999"] {
        let put =
            format!("{{\"url\":\"https://h/k\",\"headers\":{{\"content-length\":\"{length}\"}}}}");
        let Ok(Plan::Put(put)) = Plan::parse(&put) else {
            panic!("a plan")
        };
        assert!(
            matches!(put.check_size(5), Err(PlanError::Inconsistent(_))),
            "{length}"
        );
    }
}

#[test]
fn all_urls_are_of_one_server_and_each_has_the_method_of_its_step() {
    assert!(changed(|plan| plan["abort"]["url"] = "HTTPS://H:443/other".into()).is_ok());
    for (place, url) in [
        ("/complete/url", "http://h/secret"),
        ("/abort/url", "https://h:8443/secret"),
        ("/parts/0/url", "https://evil/secret"),
        ("/parts/0/url", "https://h@evil/secret"),
    ] {
        let error = changed(|plan| *plan.pointer_mut(place).unwrap() = url.into());
        let error = error.err().unwrap();
        assert!(matches!(error, PlanError::OtherServer { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    for (place, value) in [
        ("/complete/method", "PUT"),
        ("/abort/method", "POST"),
        ("/parts/0/url", "file:///secret"),
        ("/complete/url", "https:///secret"),
    ] {
        let error = changed(|plan| *plan.pointer_mut(place).unwrap() = value.into());
        assert!(
            matches!(error.err(), Some(PlanError::Inconsistent(_))),
            "{place}"
        );
    }
}
