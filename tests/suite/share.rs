//! `share`, and pages of links, with an independent S3 server.

use std::fs;
use std::path::{Path, PathBuf};

use support::fault_proxy::{Fault, FaultProxy};
use support::http_client::send;
use support::rng::Rng;
use support::s3_server::Server;

use crate::run::{Finished, Run, SERVER_KEYS, directory};

const MIB: usize = 1 << 20;

/// The test server has no certificate.
const HTTP: &str = "warning: the URL of `http://127.0.0.1:[..]` uses plain http[..]\n";

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

struct Stage {
    server: Server,
    proxy: FaultProxy,
    directory: PathBuf,
}

impl Stage {
    fn new(name: &str) -> Stage {
        Stage::with_faults(name, |_, _| Fault::Pass)
    }

    fn with_faults(
        name: &str,
        rule: impl Fn(&str, usize) -> Fault + Send + Sync + 'static,
    ) -> Stage {
        let server = Server::start();
        server.put("bucket", "other", b"");
        Stage {
            server,
            proxy: FaultProxy::start(server.address, rule),
            directory: directory("share", name),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self) -> &str {
        Path::new(&self.directory).to_str().unwrap()
    }

    fn run_at(&self, endpoint: &str, args: &[&str]) -> Run {
        let place = ["--region", "us-east-1", "--addressing", "path"];
        Run::new()
            .envs(SERVER_KEYS)
            .args(args)
            .args(["--endpoint", endpoint])
            .args(place)
    }

    /// Through the proxy.
    fn run(&self, args: &[&str]) -> Run {
        self.run_at(&self.proxy.endpoint(), args)
    }

    fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.server.object("bucket", key)
    }
}

fn lines(finished: &Finished) -> Vec<&str> {
    finished.stdout.lines().collect()
}

/// Checks that the URL downloads these bytes.
fn serves(url: &str, bytes: &[u8]) {
    let response = send("GET", url, &[], b"");
    assert_eq!(response.status, 200, "{url}: {}", response.text());
    assert!(response.body == bytes, "{url} serves other bytes");
}

#[test]
fn a_shared_file_is_uploaded_and_its_url_downloads_it() {
    let stage = Stage::new("one");
    let file = stage.write("Report 1.txt", b"content");
    let done = stage
        .run(&["share", &file, "bucket/out/", "--expires", "7d"])
        .stderr(HTTP)
        .run();
    serves(done.line(), b"content");
    assert!(done.line().contains("/bucket/out/Report%201.txt?"));
    assert!(done.line().contains("X-Amz-Expires=604800"));
    assert_eq!(stage.object("out/Report 1.txt").unwrap(), b"content");

    // To another object, with another download name.
    let args = ["share", &file, "bucket/exact", "--download-as", "Plan.txt"];
    let done = stage.run(&args).run();
    let response = send("GET", done.line(), &[], b"");
    assert_eq!(
        response.header("content-disposition"),
        Some("attachment; filename=\"Plan.txt\"")
    );
    assert_eq!(response.header("content-type"), Some("text/plain"));

    // The bucket alone, and an empty file.
    let empty = stage.write("empty", b"");
    let done = stage.run(&["share", &empty, "bucket"]).run();
    serves(done.line(), b"");
    assert_eq!(stage.object("empty").unwrap(), b"");
}

#[test]
fn a_shared_directory_becomes_objects_with_its_relative_paths() {
    let stage = Stage::new("directory");
    let names = ["a.txt", "b c/ä%2F#?.bin", "b c/.hidden"];
    for name in names {
        stage.write(name, name.as_bytes());
    }
    let args = ["share", stage.path(), "bucket/p/", "--output", "tsv"];
    let done = stage.run(&args).stderr(HTTP).run();
    let rows: Vec<(&str, &str)> = lines(&done)
        .into_iter()
        .map(|line| line.split_once('\t').unwrap())
        .collect();
    assert_eq!(rows.len(), names.len());
    for (key, url) in rows {
        let name = key.strip_prefix("p/").unwrap();
        assert!(names.contains(&name), "{key}");
        serves(url, name.as_bytes());
    }
}

#[test]
fn an_object_is_replaced_only_with_force() {
    let stage = Stage::new("force");
    let file = stage.write("x", b"mine");
    stage.server.put("bucket", "out/x", b"theirs");
    let share = ["share", &file, "bucket/out/"];
    for provider in [&[][..], &["--provider", "minio"]] {
        let refused = stage.run(&[&share[..], provider].concat());
        refused
            .status(1)
            .stdout("")
            .stderr("error: `out/x` exists with other content\nhint: add `--force`[..]\n")
            .run();
    }
    assert_eq!(stage.object("out/x").unwrap(), b"theirs");
    serves(
        stage.run(&[&share[..], &["--force"]].concat()).run().line(),
        b"mine",
    );
    // The same content is not sent again.
    let sent = stage.proxy.seen("PUT ").len();
    serves(stage.run(&share).run().line(), b"mine");
    assert_eq!(stage.proxy.seen("PUT ").len(), sent);
}

#[test]
fn an_object_that_another_client_creates_meanwhile_is_not_replaced() {
    let stage = Stage::with_faults("race", |line, count| match line.starts_with("HEAD ") {
        true if count == 0 => Fault::Response(NOT_FOUND),
        _ => Fault::Pass,
    });
    let file = stage.write("x", b"mine");
    stage.server.put("bucket", "x", b"theirs");
    let args = ["share", &file, "bucket", "--provider", "minio"];
    stage
        .run(&args)
        .status(1)
        .stderr("error: `x` exists with other content\nhint: [..]\n")
        .run();
    assert_eq!(stage.object("x").unwrap(), b"theirs");
}

/// In parts: the completing request carries the condition.
#[test]
fn a_large_object_that_another_client_creates_meanwhile_is_not_replaced() {
    let stage = Stage::with_faults("race-parts", |line, count| {
        match line.starts_with("HEAD ") {
            true if count == 0 => Fault::Response(NOT_FOUND),
            _ => Fault::Pass,
        }
    });
    let file = stage.write("big", &Rng::new(5).bytes(6 * MIB));
    stage.server.put("bucket", "big", b"theirs");
    let args = ["share", &file, "bucket", "--provider", "minio"];
    let args = [&args[..], &["--part-size", "5MiB"]].concat();
    stage
        .run(&args)
        .status(1)
        .stderr("error: `big` exists with other content\nhint: add `--force` to replace it[..]\n")
        .run();
    assert_eq!(stage.object("big").unwrap(), b"theirs");
    // With --force, the parts that were sent complete it.
    stage.run(&[&args[..], &["--force"]].concat()).run();
    assert_eq!(stage.object("big").unwrap().len(), 6 * MIB);
    assert_eq!(stage.server.parts_taken().len(), 2);
}

/// A store that refuses both the condition and a look at the object, or reports a conflict.
#[test]
fn refused_conditions_name_the_way_out() {
    const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    const CONFLICT: &str = "HTTP/1.1 409 Conflict\r\nContent-Type: application/xml\r\n\
        Content-Length: 55\r\n\r\n<Error><Code>ConditionalRequestConflict</Code></Error>\n\n";
    let stage = Stage::with_faults("forbidden", |line, _| match line.starts_with("HEAD ") {
        true => Fault::Response(FORBIDDEN),
        false => Fault::Pass,
    });
    let file = stage.write("x", b"mine");
    stage.server.put("bucket", "x", b"theirs");
    let args = ["share", &file, "bucket", "--provider", "minio"];
    stage
        .run(&args)
        .status(1)
        .stderr("error: `x` exists with other content\nhint: add `--force` to replace it[..]\n")
        .run();

    let stage = Stage::with_faults("conflict", |line, _| match line.starts_with("PUT ") {
        true => Fault::Response(CONFLICT),
        false => Fault::Pass,
    });
    let file = stage.write("x", b"mine");
    let args = ["share", &file, "bucket", "--provider", "minio"];
    let refused = stage.run(&args).status(1).run();
    assert!(
        refused.stderr.contains("ConditionalRequestConflict")
            && refused.stderr.contains("run the same command again"),
        "{}",
        refused.stderr
    );
}

#[test]
fn an_upload_whose_response_is_lost_is_done() {
    let stage = Stage::with_faults("lost", |line, count| match line.starts_with("PUT ") {
        true if count < 2 => Fault::LoseResponse,
        _ => Fault::Pass,
    });
    let file = stage.write("x", b"mine");
    let args = ["share", &file, "bucket", "--provider", "minio"];
    serves(stage.run(&args).run().line(), b"mine");
}

#[test]
fn a_large_file_is_resumed_by_the_same_command() {
    let stage = Stage::with_faults("resume", |line, _| {
        match line.starts_with("PUT ") && line.contains("partNumber=2&") {
            true => Fault::ResetAfter(1000),
            false => Fault::Pass,
        }
    });
    let bytes = Rng::new(3).bytes(12 * MIB);
    let file = stage.write("big.bin", &bytes);
    let share = ["share", &file, "bucket/out/", "--part-size", "5MiB"];
    let broken = stage
        .run(&[&share[..], &["--retries", "0", "--jobs", "1"]].concat())
        .status(4)
        .stdout("")
        .run();
    assert!(broken.stderr.contains("run the same command again"));
    assert_eq!(stage.server.parts_taken(), [1]);

    let direct = stage.run_at(&stage.server.path_endpoint(), &share);
    let done = direct
        .stderr("note: resuming the unfinished upload of `out/big.bin`[..]\n")
        .run();
    serves(done.line(), &bytes);
    let mut taken = stage.server.parts_taken();
    taken.sort_unstable();
    assert_eq!(taken, [1, 2, 3]);
    assert_eq!(stage.server.uploads(), 0);
    // A multipart object is recognized too.
    let direct = stage.run_at(&stage.server.path_endpoint(), &share);
    serves(direct.run().line(), &bytes);
    assert_eq!(stage.server.parts_taken().len(), 3);
}

#[test]
fn what_cannot_be_shared_is_refused_before_anything_is_sent() {
    let stage = Stage::new("refused");
    let (a, b) = (stage.write("a", b"a"), stage.write("d/a", b"other"));
    let c = stage.write("c", b"c");
    let nothing = stage.directory.join("nothing");
    fs::create_dir(&nothing).unwrap();
    for (args, message) in [
        (vec![&a[..], &b, "bucket/"], "would become the same object"),
        (
            vec![&a, &c, "bucket/k"],
            "is one object, but several files are shared\nhint: end it with a slash: `bucket/k/`",
        ),
        (vec![&a, &c, "bucket/", "-o", "qr"], "takes one TARGET"),
        (
            vec![&a, &c, "bucket/", "--download-as", "x"],
            "--download-as",
        ),
        (
            vec![nothing.to_str().unwrap(), "bucket/"],
            "contains no files",
        ),
        (vec!["-", "bucket/"], "is not a file"),
        (vec![&a, "bucket/", "--title", "x"], "--output html"),
        (
            vec![&a, "bucket/", "--part-size", "1MiB"],
            "less than 5 MiB",
        ),
        (vec![&a, "bucket/", "--jobs", "0"], "--jobs"),
        (
            vec![&a, "bucket/", "--expires", "8d", "--provider", "aws"],
            "--expires",
        ),
    ] {
        let args: Vec<&str> = [&["share"][..], &args].concat();
        let done = stage.run(&args).any_status().stdout("").run();
        assert!(matches!(done.status, 2 | 3), "{args:?}: {}", done.stderr);
        assert!(done.stderr.contains(message), "{args:?}: {}", done.stderr);
    }
    assert!(stage.proxy.seen("").is_empty());
}

/// The values of an attribute, for each occurrence.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    page.split(name)
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[test]
fn pages_of_links_work_without_script() {
    let stage = Stage::new("page");
    stage.write("p/photo.jpg", b"picture");
    stage.write("p/sub/note.txt", b"note");
    let folder = format!("{}/p", stage.path());
    let share = [
        "share",
        &folder,
        "bucket/p/",
        "--output",
        "html",
        "--title",
        "For you",
    ];
    let shared = stage.run(&share).stderr(HTTP).run().stdout;
    let listed = stage
        .run(&["get", "bucket/p/", "--recursive", "--output", "html"])
        .stderr(HTTP)
        .run()
        .stdout;
    assert!(shared.contains("<title>For you</title>") && listed.contains("<title>p</title>"));
    for page in [&shared, &listed] {
        let links = attributes(page, "<a href=\"");
        assert_eq!(links.len(), 2);
        for (link, bytes) in links.iter().zip([&b"picture"[..], b"note"]) {
            serves(&link.replace("&amp;", "&"), bytes);
        }
        assert_eq!(attributes(page, "<img src=\"").len(), 1);
        assert!(page.contains("2 files, 11 bytes"), "{page}");
        assert!(page.contains("<bdi>sub/note.txt</bdi>"));
    }
}

#[test]
#[cfg(unix)]
fn the_command_of_a_page_downloads_everything() {
    let stage = Stage::new("command");
    stage.server.put("bucket", "p/it's \"a\".txt", b"first");
    stage.server.put("bucket", "p/sub/b&c.txt", b"second");
    let page = stage
        .run(&["get", "bucket/p/", "--recursive", "--output", "html"])
        .run()
        .stdout;
    let start = page.find("curl --fail").unwrap();
    let command = page[start..].split("</textarea>").next().unwrap();
    let command = command
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let Ok(status) = std::process::Command::new("sh")
        .args(["-c", &command])
        .current_dir(&stage.directory)
        .status()
    else {
        return;
    };
    assert!(status.success(), "{command}");
    assert_eq!(
        fs::read(stage.directory.join("sub/b&c.txt")).unwrap(),
        b"second"
    );
    let files = fs::read_dir(&stage.directory).unwrap().count();
    assert_eq!(files, 2, "one file, one directory");
}

#[test]
fn markdown_of_a_listing_is_a_list_of_links() {
    let stage = Stage::new("markdown");
    stage.server.put("bucket", "p/a_b.txt", b"x");
    let done = stage
        .run(&["get", "bucket/p/", "--recursive", "--output", "markdown"])
        .stderr(HTTP)
        .run();
    let line = done.line();
    let url = line.strip_prefix("- [p/a\\_b.txt](<").unwrap();
    serves(url.strip_suffix(">)").unwrap(), b"x");
}

#[test]
fn a_listing_without_a_match_fails() {
    let stage = Stage::new("nothing");
    for form in ["url", "json", "curl", "html", "markdown"] {
        for args in [
            &["get", "bucket/missing/", "--recursive"][..],
            &["get", "bucket", "--recursive", "--include", "*.none"],
        ] {
            stage
                .run(&[args, &["--output", form]].concat())
                .status(1)
                .stdout("")
                .stderr(match form {
                    "json" => format!("{HTTP}{{\"error\":\"no matching object in `bucket/[..]\n"),
                    _ => format!("{HTTP}error: no matching object in `bucket/[..]`\nhint: [..]\n"),
                })
                .run();
        }
    }
}

#[test]
fn commands_of_a_key_list_name_the_local_files_as_the_list_does() {
    let run = Run::new().envs(crate::run::EXAMPLE_KEYS);
    let done = run
        .args([
            "put",
            "bucket/in/",
            "--region",
            "us-east-1",
            "--keys-from",
            "-",
        ])
        .args(["--output", "curl"])
        .stdin("d6/x\n")
        .run();
    assert!(done.stdout.contains("/in/d6/x?"), "{}", done.stdout);
    assert!(
        done.stdout.contains("upload-file = \"d6/x\"\n"),
        "{}",
        done.stdout
    );
}

/// Standard error is a terminal, standard output is not; its reader takes a few seconds.
#[test]
#[cfg(target_os = "linux")]
fn bulk_progress_stays_on_a_terminal() {
    let folder = directory("share", "progress");
    let keys = folder.join("keys.txt");
    let text: String = (0..600_000)
        .map(|number| format!("key-{number}\n"))
        .collect();
    fs::write(&keys, text).unwrap();
    let command = format!(
        "{} get bucket --region us-south --keys-from {} --jobs 1 | \
         (for i in 1 2 3 4 5 6 7 8; do sleep 0.4; head -c 20000000; done; cat) > /dev/null",
        env!("CARGO_BIN_EXE_cos-presign"),
        keys.display()
    );
    let Ok(output) = std::process::Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .envs(crate::run::EXAMPLE_KEYS)
        .output()
    else {
        // The terminal is made by `script` of util-linux.
        return;
    };
    let seen = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{seen}");
    let lines: Vec<&str> = seen.split("\r\x1b[K").skip(1).collect();
    let is_progress = |line: &&str| line.contains(" URLs, ") && line.contains(" remaining");
    let shown = lines.iter().copied().filter(is_progress).count();
    // Each line is followed by the next one, and the last by nothing: no line is erased.
    assert!(shown > 1 && shown + 1 == lines.len(), "{lines:?}");
    assert!(
        lines[0].contains(" a second, ") && lines[0].contains(" %, "),
        "{lines:?}"
    );
}
