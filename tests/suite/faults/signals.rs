//! Signals at any byte of bulk output, a download or an upload.

use super::*;

/// Reads this many bytes of the output, sends the signal, and reads the rest: the output consists
/// of whole lines, and their number is reported.
#[test]
fn bulk_ends_after_a_whole_line_at_any_signal() {
    let mut rng = rng(2);
    for round in 0..draws(4, 12) {
        let (name, code) = rng.pick(&[("INT", 130), ("TERM", 143), ("HUP", 129)]);
        let jobs = rng.pick(&["1", "2", "3"]);
        let form = rng.pick(&["url", "json", "tsv"]);
        let first = rng.below(3 * MIB);
        let args = [
            "get",
            "b-1/",
            "--region",
            "us-south",
            "--keys-from",
            "-",
            "--jobs",
            jobs,
            "--output",
            form,
            "-q",
        ];
        let mut child = program(&args).stdin(Stdio::piped()).spawn().unwrap();
        let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let keys: Vec<u8> = (0..20_000)
            .flat_map(|n| format!("{n}/{}\n", "x".repeat(n % 90)).into_bytes())
            .collect();
        let feeder = thread::spawn(move || while to.write_all(&keys).is_ok() {});
        let mut links = vec![0; first];
        from.read_exact(&mut links).unwrap();
        signal(child.id(), name);
        from.read_to_end(&mut links).unwrap();
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        let what = format!("round {round}: {name} after {first} bytes, {jobs} jobs, {form}");
        assert_eq!(
            output.status.code(),
            Some(code),
            "{what}: {}",
            stderr(&output)
        );
        assert!(links.ends_with(b"\n"), "{what}: half a line");
        let count = links.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(
            stderr(&output),
            format!("stopped; URLs written: {count}\n"),
            "{what}"
        );
    }
}

struct Transfer {
    server: Server,
    proxy: FaultProxy,
    directory: PathBuf,
}

impl Transfer {
    fn new(name: &str, rule: impl Fn(&str, usize) -> Fault + Send + Sync + 'static) -> Transfer {
        let server = Server::start();
        server.put("bucket", "other", b"");
        Transfer {
            server,
            proxy: FaultProxy::start(server.address, rule),
            directory: directory(name),
        }
    }

    fn path(&self, name: &str) -> String {
        text(&self.directory.join(name)).to_owned()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

fn interrupted(mut child: Child, name: &str) -> Output {
    if child.try_wait().unwrap().is_none() {
        signal(child.id(), name);
    }
    child.wait_with_output().unwrap()
}

/// Signals at any time of a download: the destination is complete or does not exist, and the next
/// run completes it.
#[test]
fn a_download_resumes_after_a_signal_at_any_byte() {
    let mut rng = rng(3);
    let bytes = rng.bytes(2 * MIB);
    for round in 0..draws(3, 8) {
        let (name, code) = rng.pick(&[("INT", 130), ("TERM", 143)]);
        let jobs = rng.pick(&["1", "3"]);
        let least = rng.below(3 * MIB / 2);
        let stage = Transfer::new(&format!("download-{round}"), |_, _| Fault::Slow(150_000));
        stage.server.put("bucket", "k", &bytes);
        let link = signed(&["get", "bucket/k"], &stage.proxy.endpoint());
        let target = stage.path("k");
        let mut command = program(&["download", &link, &target, "--jobs", jobs]);
        let child = command.spawn().unwrap();
        let written = || {
            let files = fs::read_dir(&stage.directory).unwrap();
            files
                .map(|entry| allocated(&entry.unwrap().path()))
                .sum::<u64>()
        };
        wait_until("bytes arrive", || {
            written() >= least as u64 || Path::new(&target).exists()
        });
        let output = interrupted(child, name);
        let what = format!("round {round}: {name} after {least} bytes, {jobs} jobs");
        match output.status.code() {
            Some(0) => assert!(fs::read(&target).unwrap() == bytes, "{what}"),
            ended => {
                assert_eq!(ended, Some(code), "{what}: {}", stderr(&output));
                assert!(!Path::new(&target).exists(), "{what}");
                let said = stderr(&output);
                assert!(
                    said.ends_with('\n') && said.lines().count() == 1,
                    "{what}: {said:?}"
                );
                let again = run(&mut command);
                assert_eq!(again.status.code(), Some(0), "{what}: {}", stderr(&again));
                assert!(fs::read(&target).unwrap() == bytes, "{what}");
            }
        }
        assert_eq!(
            fs::read_dir(&stage.directory).unwrap().count(),
            1,
            "{what}: something is left over"
        );
    }
}

/// Number of allocated bytes of a file that may have holes.
fn allocated(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map_or(0, |data| data.blocks() * 512)
}

#[test]
fn an_upload_resumes_after_a_signal_at_any_byte() {
    let mut rng = rng(4);
    let bytes = rng.bytes(4 * PART);
    for round in 0..draws(3, 6) {
        let (name, code) = rng.pick(&[("INT", 130), ("TERM", 143)]);
        let jobs = rng.pick(&["1", "2"]);
        let parts = rng.below(4);
        let stage = Transfer::new(&format!("upload-{round}"), |_, _| Fault::Delay(100));
        let file = stage.write("big.bin", &bytes);
        let size = bytes.len().to_string();
        let args = [
            "multipart",
            "bucket/big.bin",
            "--size",
            &size,
            "--part-size",
            "5MiB",
        ];
        let plan = stage.write(
            "plan.json",
            signed(&args, &stage.proxy.endpoint()).as_bytes(),
        );
        let mut command = program(&["upload", &plan, &file, "--jobs", jobs, "--json"]);
        let before = stage.proxy.seen("").len();
        let child = command.spawn().unwrap();
        wait_until("parts arrive", || {
            stage.proxy.seen("").len() > before && stage.server.parts_taken().len() >= parts
        });
        let output = interrupted(child, name);
        let what = format!("round {round}: {name} after {parts} parts, {jobs} jobs");
        if output.status.code() != Some(0) {
            assert_eq!(
                output.status.code(),
                Some(code),
                "{what}: {}",
                stderr(&output)
            );
            assert!(
                stderr(&output).ends_with('\n') && output.stdout.is_empty(),
                "{what}: {output:?}"
            );
            let again = run(&mut command);
            assert_eq!(again.status.code(), Some(0), "{what}: {}", stderr(&again));
            let done: Value = serde_json::from_slice(&again.stdout).unwrap();
            assert_eq!(done["completed"], true, "{what}: {done}");
        }
        assert!(
            stage.server.object("bucket", "big.bin").unwrap() == bytes,
            "{what}"
        );
        assert_eq!(stage.server.uploads(), 0, "{what}");
    }
}
