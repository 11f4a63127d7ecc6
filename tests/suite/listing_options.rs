//! Options of listings: one level, versions, files of patterns.

use std::fs;

use support::listing_store::ListingStore;
use support::odd_servers::OddServer;

use crate::network_options::{keeping, ok};
use crate::run::{Finished, Run, SERVER_KEYS};

fn serve(store: &ListingStore) -> OddServer {
    let store = store.clone();
    keeping(move |request| Some(store.response(request)))
}

fn list(server: &OddServer, target: &str, more: &[&str]) -> Finished {
    Run::new()
        .args(["get", target, "--recursive", "--region", "r", "--endpoint"])
        .args([server.http()])
        .args(more)
        .envs(SERVER_KEYS)
        .any_status()
        .run()
}

/// The path of each URL after the bucket, and its version.
fn listed(said: &Finished) -> Vec<(String, String)> {
    let one = |line: &str| {
        let (path, query) = line.split_once('?').unwrap();
        let path = path.split("/bucket/").nth(1).unwrap();
        let version = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("versionId="));
        (path.to_owned(), version.unwrap_or_default().to_owned())
    };
    said.stdout.lines().map(one).collect()
}

fn keys(said: &Finished) -> Vec<String> {
    listed(said).into_iter().map(|(key, _)| key).collect()
}

fn prefixes(said: &Finished) -> Vec<&str> {
    let lines = said.stderr.lines();
    lines
        .filter_map(|line| line.strip_prefix("common prefix: "))
        .collect()
}

/// Keys and folders in turn, so that pages end in either.
fn folders(page: usize) -> ListingStore {
    let mut store = ListingStore::new(page);
    for number in 0..7 {
        store.put(&format!("a/{number} f/x"), "1", false);
        store.put(&format!("a/{number} f/y/z"), "1", false);
        store.put(&format!("a/{number} k"), "1", false);
    }
    store.put("a/+/x", "1", false);
    store.put("a/é/x", "1", false);
    store
}

#[test]
fn one_level_has_its_keys_and_its_common_prefixes() {
    let mut expected: Vec<String> = (0..7).map(|number| format!("a/{number} f/")).collect();
    expected.insert(0, "a/+/".to_owned());
    expected.push("a/é/".to_owned());
    let expected_keys: Vec<String> = (0..7).map(|number| format!("a/{number}%20k")).collect();
    for page in [1, 2, 3, 5, 1000] {
        for is_old in [false, true] {
            for repeats_prefixes in [false, true] {
                let mut store = folders(page);
                (store.is_old, store.repeats_prefixes) = (is_old, repeats_prefixes);
                // A page that has room only for the repeated prefix never ends.
                if page == 1 && repeats_prefixes {
                    continue;
                }
                let said = list(&serve(&store), "bucket/a/", &["--delimiter", "/"]);
                let shown = format!("{page} {is_old} {repeats_prefixes}: {}", said.stderr);
                assert_eq!(said.status, 0, "{shown}");
                assert_eq!(keys(&said), expected_keys, "{shown}");
                assert_eq!(prefixes(&said), expected, "{shown}");
            }
        }
    }
    let mut stuck = folders(1);
    (stuck.is_old, stuck.repeats_prefixes) = (true, true);
    let said = list(&serve(&stuck), "bucket/a/", &["--delimiter", "/"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(said.stderr.contains("does not end"), "{}", said.stderr);
}

/// What a store makes of requests for folders.
#[derive(Clone, Copy, Debug)]
enum FolderListing {
    Correct,
    Refused,
    Unfinished,
    /// Folders that do not exist, and none of those that do.
    Wrong,
    NotXml,
}

#[test]
fn list_jobs_lose_no_key_whatever_the_store_says_of_its_folders() {
    let mut store = ListingStore::new(100);
    for (folder, keys) in [
        ("0", 30),
        ("eu/x", 900),
        ("eu/y", 250),
        ("us", 1),
        ("zz/é", 700),
    ] {
        for number in 0..keys {
            store.put(&format!("a/{folder}/{number:04}"), "1", false);
        }
    }
    store.put("a/zz0", "1", false);
    let expected = keys(&list(&serve(&store), "bucket/a/", &[]));
    assert_eq!(expected.len(), 1882);
    for is_old in [false, true] {
        store.is_old = is_old;
        for kind in [
            FolderListing::Correct,
            FolderListing::Refused,
            FolderListing::Unfinished,
            FolderListing::Wrong,
            FolderListing::NotXml,
        ] {
            let store = store.clone();
            let server = keeping(move |request| {
                if !request.contains("delimiter=") {
                    return Some(store.response(request));
                }
                let body = match kind {
                    FolderListing::Correct => return Some(store.response(request)),
                    FolderListing::Refused => {
                        let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
                        return Some(refusal.as_bytes().to_vec());
                    }
                    FolderListing::Unfinished => {
                        "<ListBucketResult><IsTruncated>true</IsTruncated>\
                         <NextContinuationToken>t</NextContinuationToken><NextMarker>a/eu/\
                         </NextMarker><CommonPrefixes><Prefix>a/eu/</Prefix></CommonPrefixes>\
                         </ListBucketResult>"
                    }
                    FolderListing::Wrong => {
                        "<ListBucketResult><IsTruncated>false</IsTruncated>\
                         <CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>\
                         <CommonPrefixes><Prefix>a/us</Prefix></CommonPrefixes>\
                         <CommonPrefixes><Prefix>a/ev/</Prefix></CommonPrefixes>\
                         <CommonPrefixes><Prefix>a/eu/x/05/</Prefix></CommonPrefixes>\
                         </ListBucketResult>"
                    }
                    FolderListing::NotXml => "no listing",
                };
                Some(ok(body))
            });
            for jobs in ["2", "16"] {
                let said = list(&server, "bucket/a/", &["--list-jobs", jobs]);
                assert_eq!(said.status, 0, "{kind:?} {jobs}: {}", said.stderr);
                assert_eq!(keys(&said), expected, "{kind:?} {jobs}");
            }
        }
    }
}

#[test]
fn a_level_without_keys_is_reported_with_its_prefixes() {
    let mut store = ListingStore::new(10);
    store.put("a/\u{1b}[31m/x", "1", false);
    let said = list(&serve(&store), "bucket/a/", &["--delimiter", "/"]);
    assert_eq!((said.status, &said.stdout[..]), (1, ""), "{}", said.stderr);
    assert_eq!(prefixes(&said), ["a/\\u{1b}[31m/"], "{}", said.stderr);
    assert!(
        said.stderr
            .contains("hint: list a common prefix as the TARGET"),
        "{}",
        said.stderr
    );
    let said = list(&serve(&store), "bucket/a/", &["--delimiter", "/", "-q"]);
    assert!(!said.stderr.contains("common prefix: "), "{}", said.stderr);
}

fn versions(page: usize) -> ListingStore {
    let mut store = ListingStore::new(page);
    for number in 0..5 {
        let key = format!("a/{number} é");
        for version in 0..=number {
            store.put(&key, &format!("v{version}+/=~"), false);
        }
    }
    store.put("a/deleted", "null", false);
    store.put("a/deleted", "marker", true);
    store.put("a/only a marker", "marker", true);
    store.put("a/z\u{1}", "null", false);
    store
}

#[test]
fn every_version_has_a_url_and_delete_markers_are_counted() {
    for page in [1, 2, 3, 1000] {
        let store = versions(page);
        let said = list(&serve(&store), "bucket/a/", &["--versions"]);
        assert_eq!(said.status, 0, "{page}: {}", said.stderr);
        let encoded =
            |text: &str| cos_presign::sigv4::encode::component(text.as_bytes()).into_owned();
        let expected: Vec<_> = store
            .versions()
            .into_iter()
            .map(|(key, id)| (encoded(&key).replace("%2F", "/"), encoded(&id)))
            .collect();
        assert_eq!(expected.len(), 17);
        assert_eq!(listed(&said), expected, "{page}");
        assert!(
            said.stderr
                .ends_with("note: 2 delete markers have no content and no URL\n"),
            "{}",
            said.stderr
        );
        let said = list(&serve(&store), "bucket/a/", &["--versions", "-q"]);
        assert_eq!(said.stderr, "", "{page}");
        let more = ["--versions", "--start-after", "a/3 é", "--limit", "3"];
        let said = list(&serve(&store), "bucket/a/", &more);
        assert_eq!(listed(&said), expected[10..13], "{page}: {}", said.stderr);
        let said = list(
            &serve(&store),
            "bucket/",
            &["--versions", "--delimiter", "/"],
        );
        assert_eq!(
            (said.status, prefixes(&said)),
            (1, vec!["a/"]),
            "{}",
            said.stderr
        );
    }
    // Without the option, only what is current.
    let said = list(&serve(&versions(3)), "bucket/a/", &[]);
    assert_eq!(keys(&said).len(), 6);
}

#[test]
fn options_that_do_not_fit_versions_are_refused() {
    let server = serve(&versions(10));
    for (more, said) in [
        (
            &["--versions", "--output", "curl"][..],
            "would overwrite each other",
        ),
        (&["--versions", "--output", "html"], "--output html"),
        (&["--versions", "--version-id", "1"], "--version-id"),
        (&["--versions", "--list-jobs", "2"], "--list-jobs"),
        (&["--versions", "--list-version", "1"], "--list-version"),
        (&["--delimiter", "/", "--list-jobs", "2"], "--list-jobs"),
        (&["--delimiter", ""], "--delimiter is empty"),
    ] {
        let finished = list(&server, "bucket/a/", more);
        assert_eq!(finished.status, 2, "{more:?}: {}", finished.stderr);
        assert!(
            finished.stderr.contains(said),
            "{more:?}: {}",
            finished.stderr
        );
    }
    assert_eq!(server.connections(), 0);
    let said = Run::new()
        .args([
            "put",
            "bucket/a/",
            "--recursive",
            "--versions",
            "--region",
            "r",
            "--endpoint",
        ])
        .args([server.http()])
        .envs(SERVER_KEYS)
        .status(2)
        .run();
    assert!(
        said.stderr.contains("hint: an upload makes a new version"),
        "{}",
        said.stderr
    );
}

#[test]
fn stores_without_versions_are_named_as_such() {
    let page = |root: &str, inside: &str| {
        let body = format!("<{root}><IsTruncated>false</IsTruncated>{inside}</{root}>");
        let length = body.len();
        keeping(move |_| {
            Some(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
        })
    };
    let key = "<Contents><Key>a/k</Key></Contents>";
    let version = "<Version><Key>a/k</Key></Version>";
    for (server, more, said) in [
        (
            page("ListBucketResult", key),
            &["--versions"][..],
            "the store returned current objects in place of their versions\nhint: the store does \
             not support listings of versions: remove --versions\n",
        ),
        (
            page("ListVersionsResult", version),
            &["--versions"],
            "the listing has no `VersionId`\n",
        ),
        (
            page("ListVersionsResult", ""),
            &[],
            "its root element is `ListVersionsResult`\n",
        ),
        (
            keeping(|_| {
                Some(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n".to_vec())
            }),
            &["--versions"],
            "501 Not Implemented\nhint: the store may not support listings of versions: remove \
             --versions\n",
        ),
    ] {
        let finished = list(&server, "bucket/a/", more);
        assert_eq!((finished.status, &finished.stdout[..]), (1, ""));
        assert!(finished.stderr.contains(said), "{}", finished.stderr);
    }
    let endless = "<NextKeyMarker>a/k</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>\
        <Version><Key>a/k</Key><VersionId>1</VersionId></Version>";
    let body = format!(
        "<ListVersionsResult><IsTruncated>true</IsTruncated>{endless}</ListVersionsResult>"
    );
    let server = keeping(move |_| {
        let length = body.len();
        Some(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
    });
    let said = list(&server, "bucket/a/", &["--versions"]);
    assert!(said.stderr.contains("does not end"), "{}", said.stderr);
}

#[test]
fn a_key_with_a_nul_is_one_key() {
    let mut store = ListingStore::new(10);
    store.put("a/1\0b\u{1}\u{4}c", "1", false);
    store.put("a/2", "1", false);
    let said = list(&serve(&store), "bucket/a/", &[]);
    assert_eq!(keys(&said), ["a/1%00b%01%04c", "a/2"]);
    let said = list(&serve(&store), "bucket/a/", &["--versions"]);
    assert_eq!(keys(&said), ["a/1%00b%01%04c", "a/2"]);
}

fn patterns() -> ListingStore {
    let mut store = ListingStore::new(4);
    for key in ["#1.gz", " 2.gz", "3.gz ", "4.txt", "5\r", "6.gz", "7.tmp"] {
        store.put(&format!("a/{key}"), "1", false);
    }
    store
}

#[test]
fn patterns_are_read_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let gz = file("gz", b"# a comment\n\n*.gz\n");
    let exact = file("exact", b"[#]1.gz\n 2.gz\n3.gz \n5\r");
    let crlf = file("crlf", b"\xef\xbb\xbf*.gz\r\n\r\n# x\r\n4.txt\r\n");
    let compressed = {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, b"4*\n").unwrap();
        file("gz.gz", &packed.finish().unwrap())
    };
    let nothing = file("nothing", b"");
    let store = patterns();
    for (more, expected) in [
        (vec!["--include-from", &gz], "gz"),
        (vec!["--include-from", &gz, "--include", "4*"], "x"),
        (vec!["--include-from", &exact], "exact"),
        (vec!["--include-from", &crlf], "crlf"),
        (vec!["--include-from", &compressed], "4"),
        (vec!["--exclude-from", &gz], "no gz"),
        (vec!["--exclude-from", &nothing], "all"),
        (vec!["--include-from", &gz, "--exclude-from", &exact], "6"),
    ] {
        let names: &[&str] = match expected {
            "4" => &["4.txt"],
            "6" => &["6.gz"],
            "all" => &[
                "%202.gz", "%231.gz", "3.gz%20", "4.txt", "5%0D", "6.gz", "7.tmp",
            ],
            "crlf" | "x" => &["%202.gz", "%231.gz", "4.txt", "6.gz"],
            "exact" => &["%202.gz", "%231.gz", "3.gz%20", "5%0D"],
            "no gz" => &["3.gz%20", "4.txt", "5%0D", "7.tmp"],
            _ => &["%202.gz", "%231.gz", "6.gz"],
        };
        let said = list(&serve(&store), "bucket/a/", &more);
        let keys = keys(&said);
        let keys: Vec<_> = keys.iter().map(|key| &key["a/".len()..]).collect();
        assert_eq!(keys, names, "{more:?}: {}", said.stderr);
    }
    let said = Run::new()
        .args([
            "get",
            "bucket/a/",
            "--recursive",
            "--region",
            "r",
            "--endpoint",
        ])
        .args([serve(&store).http()])
        .args(["--include-from", "-"])
        .envs(SERVER_KEYS)
        .stdin("7*\n")
        .run();
    assert_eq!(keys(&said), ["a/7.tmp"]);
}

#[test]
fn files_without_a_usable_pattern_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let server = serve(&patterns());
    let comments = file("comments", b"# only\n\n");
    let all = file("all", b"*.x\n# y\n**\n");
    let wide = file("wide", b"\xff\xfe*\0");
    let long = file("long", &[b'x'; (1 << 20) + 1]);
    for (more, status, said) in [
        (
            ["--include-from", &comments],
            3,
            "(--include-from) contains no pattern\nhint: ",
        ),
        (
            ["--exclude-from", &all],
            2,
            "(--exclude-from), line 3: `*` leaves no object\nhint: ",
        ),
        (
            ["--include-from", &wide],
            3,
            "is UTF-16, not a list of patterns\nhint: ",
        ),
        (
            ["--exclude-from", &long],
            3,
            "has more than 1048576 bytes\nhint: ",
        ),
        (["--exclude-from", "/nowhere"], 3, "`/nowhere`"),
    ] {
        let finished = list(&server, "bucket/a/", &more);
        assert_eq!(finished.status, status, "{more:?}: {}", finished.stderr);
        assert!(
            finished.stderr.contains(said),
            "{more:?}: {}",
            finished.stderr
        );
    }
    let twice = ["--include-from", "-", "--exclude-from", "-"];
    let finished = list(&server, "bucket/a/", &twice);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    assert_eq!(server.connections(), 0);
}
