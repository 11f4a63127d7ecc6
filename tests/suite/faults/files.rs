//! Files and directories that cannot be written, or change while they are read.

use super::*;

/// A directory without write permission, also for root. `None` if it cannot be made.
fn read_only(directory: &Path) -> Option<impl Drop> {
    struct Unmounted(PathBuf);
    impl Drop for Unmounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).status();
        }
    }
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "ro", "tmpfs"])
        .arg(directory)
        .stderr(Stdio::null())
        .status();
    mount
        .is_ok_and(|status| status.success())
        .then(|| Unmounted(directory.to_owned()))
}

#[test]
fn files_that_cannot_be_created_are_reported_and_leave_nothing() {
    let directory = directory("files");
    let ro = directory.join("ro");
    fs::create_dir(&ro).unwrap();
    let server = Server::start();
    server.put("bucket", "k", b"some bytes");
    let link = signed(&["get", "bucket/k"], &server.path_endpoint());
    let get = |file: &Path| {
        program(&[
            "get",
            "b-1/k",
            "--region",
            "us-south",
            "--output-file",
            text(file),
        ])
    };
    let download = |file: &Path| program(&["download", &link, text(file)]);
    let mut missing = directory.join("missing");
    missing.push("file");
    let below_a_file = directory.join("file/x");
    fs::write(directory.join("file"), b"").unwrap();
    for path in [
        missing,
        below_a_file,
        PathBuf::from("/proc/link"),
        directory.join("x".repeat(300)),
    ] {
        let what = text(&path).to_owned();
        let said = failed(&what, &run(&mut get(&path)), &[2, 4]);
        assert!(!said.contains("panicked"), "{said}");
        failed(&what, &run(&mut download(&path)), &[2, 4]);
    }
    // Not one byte fits.
    let file = directory.join("link.txt");
    let said = failed(
        "no room",
        &run(&mut after("ulimit -f 0; trap '' XFSZ", &get(&file))),
        &[4],
    );
    assert!(said.contains("File too large"), "{said}");
    let mut names: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["file", "ro"], "half of a link");
    let Some(_mounted) = read_only(&ro) else {
        writeln!(
            std::io::stderr(),
            "skipped: files_that_cannot_be_created_are_reported_and_leave_nothing needs the right \
             to mount"
        )
        .unwrap();
        return;
    };
    for mut command in [get(&ro.join("link")), download(&ro.join("k"))] {
        let said = failed("read-only", &run(&mut command), &[4]);
        assert!(said.contains("Read-only file system"), "{said}");
    }
}

#[test]
fn a_file_size_limit_stops_a_download_that_resumes_later() {
    let directory = directory("limit");
    let server = Server::start();
    let bytes = rng(1).bytes(3 * MIB);
    server.put("bucket", "k", &bytes);
    let link = signed(&["get", "bucket/k"], &server.path_endpoint());
    let target = directory.join("k");
    let command = program(&["download", &link, text(&target), "--json"]);
    // In blocks of 1024 bytes; the resume record follows the last byte, so it is the first write
    // that fails.
    for blocks in [0, 1, 2000] {
        let said = failed(
            "a limit",
            &run(&mut after(
                &format!("ulimit -f {blocks}; trap '' XFSZ"),
                &command,
            )),
            &[4],
        );
        assert!(
            said.contains("File too large") && said.contains("`ulimit -f`"),
            "{said}"
        );
        assert!(!target.exists());
    }
    let mut command = command;
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(fs::read(&target).unwrap() == bytes);
    assert_eq!(
        fs::read_dir(&directory).unwrap().count(),
        1,
        "something is left over"
    );
}

#[test]
fn files_of_another_kind_are_refused() {
    let directory = directory("kinds");
    let link = signed(&["put", "bucket/k"], "http://127.0.0.1:9");
    for file in [
        "/dev/null/x",
        text(&directory),
        "/proc/self/mem",
        "/nonexistent",
    ] {
        for args in [
            vec!["upload", &link, file],
            vec!["upload", file, "/etc/hostname"],
            vec!["get", "b-1/", "--region", "us-south", "--keys-from", file],
            vec![
                "get",
                "b-1/k",
                "--region",
                "us-south",
                "--service-credential",
                file,
            ],
            vec!["put", "b-1/k", "--region", "us-south", "--from-file", file],
            vec![
                "multipart",
                "b-1/k",
                "--region",
                "us-south",
                "--upload-id",
                "x",
                "--from-file",
                file,
            ],
            vec!["post", "b-1/k", "--region", "us-east-1", "--policy", file],
            vec!["diagnose", &link, "--response", file],
        ] {
            let mut command = program(
                &[
                    &args[..],
                    if args[0] == "upload" {
                        &["--retries", "0"][..]
                    } else {
                        &[]
                    },
                ]
                .concat(),
            );
            failed(&format!("{args:?}"), &run(&mut command), &[1, 2, 3, 4]);
        }
    }
}
