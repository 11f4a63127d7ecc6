//! Foreign or modified upload plans: nothing unsigned is sent, and nothing to another server.

use super::*;

fn json(args: &[&str], endpoint: &str) -> Value {
    serde_json::from_str(&signed(args, endpoint)).unwrap()
}

fn write(directory: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = directory.join(name);
    fs::write(&path, bytes).unwrap();
    text(&path).to_owned()
}

fn upload(plan: &str, file: &str, more: &[&str]) -> Output {
    run(&mut program(
        &[&["upload", plan, file, "--retries", "0"], more].concat(),
    ))
}

#[test]
fn a_signed_length_or_md5_is_that_of_the_file() {
    let directory = directory("plan-length");
    let server = OddServer::responding(OK);
    let small = write(&directory, "small", b"small");
    let large = write(&directory, "large", [b'x'; 100]);
    let args = ["put", "bucket/k", "--from-file", &small, "--json"];
    let plan = json(&args, &server.http());
    assert_eq!(plan["headers"]["content-length"], "5");
    let path = write(&directory, "plan.json", plan.to_string());
    let said = failed("100 bytes", &upload(&path, &large, &["--json"]), &[2]);
    assert!(
        said.contains("has 100 bytes, but the plan is for 5 bytes"),
        "{said}"
    );
    let mut wrong = plan.clone();
    wrong["headers"]["content-length"] = "five".into();
    let wrong = write(&directory, "wrong.json", wrong.to_string());
    failed("no number", &upload(&wrong, &small, &[]), &[2]);
    let mut other = plan;
    other["headers"]["Content-MD5"] = "1B2M2Y8AsgTpgAmY7PhCfg==".into();
    let other = write(&directory, "other.json", other.to_string());
    let said = failed("another MD5", &upload(&other, &small, &[]), &[2]);
    assert!(said.contains("Content-MD5"), "{said}");
    assert_eq!(server.connections(), 0);
    let output = upload(&path, &small, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&done["bytes_sent"], &done["size"]), (&5.into(), &5.into()));
    let request = server.requests().concat();
    assert!(request.ends_with("\r\n\r\nsmall"), "{request}");
    let lengths = request.to_ascii_lowercase();
    assert_eq!(lengths.matches("content-length: ").count(), 1, "{request}");
}

#[test]
fn headers_of_the_connection_are_refused_before_a_request() {
    let directory = directory("plan-headers");
    let server = OddServer::responding(OK);
    let file = write(&directory, "file", b"small");
    let put = json(&["put", "bucket/k", "--json"], &server.http());
    let args = ["multipart", "bucket/k", "--size", "5", "--upload-id", "x"];
    let parts = json(&args, &server.http());
    for name in [
        "Host",
        "Transfer-Encoding",
        "Connection",
        "Authorization",
        "Proxy-Authorization",
        "Expect",
        "TE",
        "Upgrade",
    ] {
        for plan in [&put, &parts] {
            let mut plan = plan.clone();
            plan["headers"][name] = "evil".into();
            let path = write(&directory, "plan.json", plan.to_string());
            let said = failed(name, &upload(&path, &file, &[]), &[2]);
            assert!(
                said.contains(&format!("`{}`", name.to_ascii_lowercase())),
                "{said}"
            );
        }
    }
    for header in [
        "Host: evil",
        "Transfer-Encoding: chunked",
        "content-length: 3",
    ] {
        let url = put["url"].as_str().unwrap();
        failed(header, &upload(url, &file, &["-H", header]), &[2]);
        failed(
            header,
            &run(&mut program(&["download", url, "-", "-H", header])),
            &[2],
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_plan_for_several_servers_or_with_other_methods_is_refused() {
    let directory = directory("plan-servers");
    let (server, evil) = (OddServer::responding(OK), OddServer::responding(OK));
    let file = write(&directory, "file", b"small");
    let args = ["multipart", "bucket/k", "--size", "5", "--upload-id", "x"];
    let plan = json(&args, &server.http());
    let other = json(&args, &evil.http());
    for place in [
        "/parts/0/url",
        "/list_parts/0/url",
        "/complete/url",
        "/abort/url",
        "/object/url",
    ] {
        let mut plan = plan.clone();
        *plan.pointer_mut(place).unwrap() = other.pointer(place).unwrap().clone();
        let path = write(&directory, "plan.json", plan.to_string());
        let said = failed(place, &upload(&path, &file, &[]), &[2]);
        assert!(said.contains("are for different servers"), "{said}");
    }
    for (place, method) in [
        ("/list_parts/0/method", "DELETE"),
        ("/complete/method", "PUT"),
        ("/abort/method", "GET"),
        ("/object/method", "DELETE"),
    ] {
        let mut plan = plan.clone();
        *plan.pointer_mut(place).unwrap() = method.into();
        let path = write(&directory, "plan.json", plan.to_string());
        let said = failed(place, &upload(&path, &file, &[]), &[2]);
        assert!(said.contains(&format!("is for {method}")), "{said}");
    }
    assert_eq!((server.connections(), evil.connections()), (0, 0));
}

#[test]
fn the_second_of_two_uploads_of_one_plan_says_that_it_is_complete() {
    let directory = directory("plan-two");
    let server = Server::start();
    server.put("bucket", "other", b"");
    let proxy = FaultProxy::start(server.address, |line, before| {
        let is_part = line.starts_with("PUT ") && line.contains("partNumber=2&");
        match before {
            0 if is_part => Fault::Hang,
            _ => Fault::Pass,
        }
    });
    let bytes = rng(50).bytes(2 * PART);
    let file = write(&directory, "big.bin", &bytes);
    let size = bytes.len().to_string();
    let args = [
        "multipart",
        "bucket/big.bin",
        "--size",
        &size,
        "--part-size",
        "5MiB",
    ];
    let plan = write(&directory, "plan.json", signed(&args, &proxy.endpoint()));
    let args = [
        "upload",
        &plan,
        &file,
        "--json",
        "--timeout",
        "5s",
        "--jobs",
        "1",
    ];
    let first = program(&args).spawn().unwrap();
    wait_until("the first one hangs", || {
        !proxy.seen("partNumber=2&").is_empty()
    });
    let second = run(&mut program(&args));
    let first = first.wait_with_output().unwrap();
    for (what, output) in [("the second", second), ("the first", first)] {
        assert_eq!(output.status.code(), Some(0), "{what}: {}", stderr(&output));
        let done: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(done["completed"], true, "{what}: {done}");
    }
    assert!(server.object("bucket", "big.bin").unwrap() == bytes);
    // Not for another file.
    let other = write(&directory, "other.bin", rng(51).bytes(2 * PART));
    let said = failed("another file", &upload(&plan, &other, &[]), &[1]);
    assert!(said.contains("NoSuchUpload"), "{said}");
}
