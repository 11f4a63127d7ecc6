//! Limits on processes and threads.

use super::*;

/// With limits on processes and threads, as in containers, the program uses the threads that it
/// gets, or reports that it gets none.
#[test]
fn few_threads_are_enough_and_a_lack_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    // Executable by a user without any permissions.
    let copy = directory.path().join("cos-presign");
    fs::copy(env!("CARGO_BIN_EXE_cos-presign"), &copy).unwrap();
    fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let keys = directory.path().join("keys");
    fs::write(
        &keys,
        (0..50_000)
            .map(|n| format!("key {n}\n"))
            .collect::<String>(),
    )
    .unwrap();
    let keys = keys.to_str().unwrap();
    let link = "http://127.0.0.1:9/b/k?X-Amz-Signature=0";
    // A user ID without other processes. Without the privilege to switch to it, the limit applies
    // to the threads of the current user.
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let nobody = format!("--reuid={}", 1_000_000 + std::process::id());
    let limited = |threads: &str, args: &[&str]| {
        let taking = if is_root {
            &["setpriv", &nobody, "--clear-groups"][..]
        } else {
            &["env"]
        };
        let limit = format!("--nproc={threads}");
        let words = [taking, &["prlimit", &limit, copy.to_str().unwrap()], args].concat();
        let mut limited = Command::new(words[0]);
        limited
            .args(&words[1..])
            .env_clear()
            .env("PATH", "/usr/bin:/bin");
        limited.envs([
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ]);
        limited
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        limited
    };
    let bulk = [
        "get",
        "bucket-1/",
        "--keys-from",
        keys,
        "--region",
        "us-south",
        "--at",
        NOW,
        "-q",
        "--jobs",
        "6",
    ];
    for args in [&bulk[..], &["verify", link, link]] {
        let output = run(&mut limited("1", args));
        let said = failed(&format!("{args:?}"), &output, &[4]);
        assert!(
            said.starts_with("error: the system refused a thread: "),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
    if is_root {
        let all = run(&mut program(&bulk)).stdout;
        assert_eq!(all.iter().filter(|byte| **byte == b'\n').count(), 50_000);
        let with_some = run(&mut limited("4", &bulk));
        assert!(
            with_some.status.success() && with_some.stdout == all,
            "{}",
            stderr(&with_some)
        );
        // One thread sends, one reads input, and none is left for the name look-up.
        let mut verify = limited("3", &["verify", "-", "--jobs", "1"])
            .spawn()
            .unwrap();
        let mut links = verify.stdin.take().unwrap();
        writeln!(links, "http://localhost:9/b/k?X-Amz-Signature=0").unwrap();
        let mut response = String::new();
        BufReader::new(verify.stdout.take().unwrap())
            .read_line(&mut response)
            .unwrap();
        drop(links);
        assert!(
            response.contains("the system refused a thread"),
            "{response}"
        );
        assert_eq!(verify.wait().unwrap().code(), Some(4));
    }
}
