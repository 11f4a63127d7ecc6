//! Closed or full standard output and standard error.

use super::*;

/// Every verb that prints without network.
fn printing() -> Vec<Vec<&'static str>> {
    let link = "https://s3.example.com/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260131%2Fus-south%2Fs3%2Faws4_request&X-Amz-Date=20260131T120000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=30d45bd26be82d5b00113c1f540940ba6337f18f5557bd98c2cea2bb85eca490";
    let mut all: Vec<Vec<&str>> = Vec::new();
    for verb in ["get", "put", "head", "delete"] {
        all.push(vec![verb, "b-1/k", "--region", "us-south"]);
        all.push(vec![
            verb,
            "b-1/",
            "--region",
            "us-south",
            "--keys-from",
            "/proc/self/status",
        ]);
    }
    for form in [
        "json",
        "tsv",
        "curl",
        "wget",
        "powershell",
        "python",
        "html",
        "markdown",
        "qr",
    ] {
        all.push(vec![
            "get", "b-1/k", "--region", "us-south", "--output", form,
        ]);
    }
    all.extend([
        vec!["list", "b-1", "--region", "us-south"],
        vec![
            "request", "POST", "b-1/k", "-Q", "uploads", "--region", "us-south",
        ],
        vec!["put", "b-1/k", "--region", "us-south", "--output", "html"],
        vec!["post", "b-1/in/", "--region", "us-east-1"],
        vec![
            "post",
            "b-1/in/",
            "--region",
            "us-east-1",
            "--output",
            "html",
        ],
        vec![
            "multipart",
            "b-1/k",
            "--size",
            "1GiB",
            "--upload-id",
            "x",
            "--region",
            "us-south",
        ],
        vec![
            "multipart",
            "b-1/k",
            "--size",
            "1GiB",
            "--upload-id",
            "x",
            "--region",
            "us-south",
            "--output",
            "sh",
        ],
        vec!["cors", "--origin", "https://www.example.com"],
        vec!["inspect", link],
        vec!["inspect", link, "--json"],
        vec!["diagnose", link],
        vec!["diagnose", link, "--json"],
        vec!["explain", "expired"],
        vec!["stores"],
        vec!["stores", "ibm", "--json"],
        vec!["config"],
        vec!["completions", "bash"],
        vec!["man", "get"],
        vec!["--help"],
        vec!["get", "--help"],
        vec!["get", "-h"],
        vec!["--version"],
    ]);
    all
}

#[test]
fn a_closed_standard_output_ends_every_verb_quietly() {
    for args in printing() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run(program(&args).stdout(writer));
        // The exit code of a finding does not depend on the output.
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{args:?}: {output:?}"
        );
        assert!(
            !stderr(&output).contains("error: cannot write"),
            "{args:?}: {}",
            stderr(&output)
        );
        assert!(
            !stderr(&output).contains("panicked"),
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_full_standard_output_is_reported_by_every_verb() {
    for args in printing() {
        let output =
            run(program(&args).stdout(File::options().write(true).open("/dev/full").unwrap()));
        let said = failed(&format!("{args:?}"), &output, &[4]);
        assert!(said.contains("No space left on device"), "{args:?}: {said}");
    }
}

/// With standard error closed, the URL is printed nevertheless.
#[test]
fn the_url_is_printed_when_standard_error_is_full_or_closed() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let args = ["get", "b-1/a/../k", "--region", "us-south", "-v"];
    for err in [
        Stdio::from(writer),
        Stdio::from(File::options().write(true).open("/dev/full").unwrap()),
    ] {
        let output = run(program(&args).stderr(err));
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stdout.starts_with(b"https://"));
    }
}

#[test]
fn output_file_dash_is_standard_output() {
    let directory = directory("output-file-dash");
    let args = ["get", "b-1/k", "--region", "us-south", "--at", NOW];
    for more in [
        &["--output-file", "-"][..],
        &["--output", "qr", "--output-file", "-"],
    ] {
        let mut dash = program(&[&args[..], more].concat());
        let mut same = program(&[&args[..], &more[..more.len() - 2]].concat());
        let (dash, same) = (run(dash.current_dir(&directory)), run(&mut same));
        assert_eq!(dash.status.code(), Some(0), "{}", stderr(&dash));
        assert!(
            !dash.stdout.is_empty() && dash.stdout == same.stdout,
            "{more:?}"
        );
    }
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
}
