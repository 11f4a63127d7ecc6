//! The table of options: each has help, and each changes the output.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use clap::CommandFactory;
use cos_presign::cli::Cli;

use super::{FIXTURES, in_process};

#[test]
fn every_option_has_help_and_a_value_name() {
    let mut count = 0;
    for (verb, arg) in options() {
        let name = arg.get_id();
        assert!(
            arg.get_help()
                .is_some_and(|help| !help.to_string().is_empty()),
            "{verb} {name} has no help"
        );
        if arg.get_action().takes_values() {
            // Without an explicit value name the parser uses the field name: `CHECKSUM_SHA1`.
            let names = arg.get_value_names().unwrap_or_default();
            assert!(
                names.len() == 1 && !names[0].contains('_'),
                "{verb} {name} has no value name: {names:?}"
            );
        }
        count += 1;
    }
    assert!(count > 150, "{count}");
}

/// Option, common arguments, arguments of the first run, arguments of the second run.
const SAMPLES: &[(&str, &str, &str, &str)] = &[
    ("accelerate", AMAZON, "", "--accelerate"),
    ("cache-control", OBJECT, "", "--cache-control no-cache"),
    (
        "checksum-sha512",
        OBJECT,
        "",
        "--checksum-sha512 \
         z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    ),
    (
        "checksum-xxhash128",
        OBJECT,
        "",
        "--checksum-xxhash128 AAAAAAAAAAAAAAAAAAAAAA==",
    ),
    (
        "checksum-xxhash3",
        OBJECT,
        "",
        "--checksum-xxhash3 AAAAAAAAAAA=",
    ),
    (
        "checksum-xxhash64",
        OBJECT,
        "",
        "--checksum-xxhash64 AAAAAAAAAAA=",
    ),
    (
        "content-disposition",
        OBJECT,
        "",
        "--content-disposition inline",
    ),
    ("content-encoding", OBJECT, "", "--content-encoding gzip"),
    ("content-language", OBJECT, "", "--content-language de"),
    ("dualstack", AMAZON, "", "--dualstack"),
    (
        "expected-bucket-owner",
        OBJECT,
        "",
        "--expected-bucket-owner 1",
    ),
    ("fips", AMAZON, "", "--fips"),
    (
        "grant-full-control",
        OBJECT,
        "",
        "--grant-full-control id=1",
    ),
    ("grant-read", OBJECT, "", "--grant-read id=1"),
    ("grant-read-acp", OBJECT, "", "--grant-read-acp id=1"),
    ("grant-write-acp", OBJECT, "", "--grant-write-acp id=1"),
    ("if-match", OBJECT, "", "--if-match e"),
    ("object-lock-hold", OBJECT, "", "--object-lock-hold"),
    (
        "object-lock-mode",
        OBJECT,
        "",
        "--object-lock-mode GOVERNANCE --object-lock-until 2030-01-01",
    ),
    (
        "object-lock-until",
        "my-bucket/k --region us-south --object-lock-mode GOVERNANCE",
        "--object-lock-until 2031-01-01",
        "--object-lock-until 2030-01-01",
    ),
    ("tagging", OBJECT, "", "--tagging a=b"),
    ("website-redirect", OBJECT, "", "--website-redirect /other"),
    (
        "access-key-id",
        OBJECT,
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    ("acl", OBJECT, "", "--acl private"),
    ("addressing", OBJECT, "", "--addressing virtual"),
    ("align", OBJECT, "", "--align 1h"),
    ("at", OBJECT, "", "--at 2014-01-01"),
    ("backdate", OBJECT, "", "--backdate 5m"),
    (
        "base-path",
        "my-bucket/k --endpoint https://gw.example.com --region us-east-1",
        "",
        "--base-path /gw",
    ),
    (
        "bucket",
        "--region us-south",
        "my-bucket/k",
        "--bucket other-bucket --key k",
    ),
    ("checksum-crc32", OBJECT, "", "--checksum-crc32 AAAAAA=="),
    ("checksum-crc32c", OBJECT, "", "--checksum-crc32c AAAAAA=="),
    (
        "checksum-crc64nvme",
        OBJECT,
        "",
        "--checksum-crc64nvme AAAAAAAAAAA=",
    ),
    (
        "checksum-sha1",
        OBJECT,
        "",
        "--checksum-sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    ),
    (
        "checksum-sha256",
        OBJECT,
        "",
        "--checksum-sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ),
    ("connect-timeout", OBJECT, "", "--connect-timeout 0"),
    (
        "content-md5",
        OBJECT,
        "",
        "--content-md5 1B2M2Y8AsgTpgAmY7PhCfg==",
    ),
    ("content-type", OBJECT, "", "--content-type text/plain"),
    ("continuation-token", OBJECT, "", "--continuation-token x"),
    ("download-as", OBJECT, "", "--download-as a.pdf"),
    ("endpoint", OBJECT, "", "--endpoint https://s3.example.com"),
    ("expires", OBJECT, "", "--expires 5m"),
    (
        "fail-fast",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/crlf.txt",
        "",
        "--fail-fast",
    ),
    ("header", OBJECT, "", "--header X-Foo:bar"),
    (
        "input",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/keys.jsonl",
        "",
        "--input jsonl",
    ),
    ("inline", OBJECT, "", "--inline"),
    ("json", OBJECT, "", "--json"),
    (
        "key-column",
        "my-bucket --region us-south --input tsv --keys-from FIXTURES/bulk/keys.tsv",
        "",
        "--key-column name",
    ),
    (
        "keys-from",
        "my-bucket/k --region us-south",
        "",
        "--keys-from FIXTURES/bulk/keys.txt",
    ),
    ("insecure", OBJECT, "", "--insecure"),
    (
        "key",
        "--region us-south --bucket my-bucket",
        "--key j",
        "--key k",
    ),
    ("max-keys", OBJECT, "", "--max-keys 5"),
    ("metadata", OBJECT, "", "--metadata a=b"),
    ("network", OBJECT, "", "--network private"),
    (
        "null",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/keys.nul",
        "",
        "--null",
    ),
    ("output", OBJECT, "", "--output curl"),
    (
        "output-file",
        OBJECT,
        "",
        "--output-file FIXTURES/secret/plain",
    ),
    (
        "path-encoding",
        "https://h.example/a%20b --service x --region r",
        "",
        "--path-encoding once",
    ),
    (
        "path-mode",
        "https://h.example/a/../b --service x --region r",
        "",
        "--path-mode raw",
    ),
    ("payload-hash", OBJECT, "", "--payload-hash empty"),
    ("prefix", "my-bucket --region us-south", "", "--prefix a"),
    ("credentials-from", OBJECT, "", "--credentials-from aws"),
    ("profile", OBJECT, "", "--profile ibm"),
    (
        "strict",
        "my-bucket/k --region us-south --profile short-lived",
        "",
        "--strict",
    ),
    (
        "provider",
        "my-bucket/k --region us-east-1",
        "",
        "--provider wasabi",
    ),
    (
        "public-endpoint",
        OBJECT,
        "",
        "--public-endpoint https://files.example.com",
    ),
    ("query", OBJECT, "", "--query a=b"),
    (
        "quiet",
        "my-bucket/k --region us-south --header X-Foo:bar",
        "",
        "--quiet",
    ),
    ("proxy", OBJECT, "", "--proxy ftp://proxy.example"),
    (
        "region",
        "my-bucket/k --endpoint https://s3.example.com",
        "",
        "--region r1",
    ),
    ("requester-pays", OBJECT, "", "--requester-pays"),
    (
        "response-cache-control",
        OBJECT,
        "",
        "--response-cache-control no-cache",
    ),
    (
        "response-content-disposition",
        OBJECT,
        "",
        "--response-content-disposition inline",
    ),
    (
        "response-content-encoding",
        OBJECT,
        "",
        "--response-content-encoding gzip",
    ),
    (
        "response-content-language",
        OBJECT,
        "",
        "--response-content-language de",
    ),
    ("region-set", OBJECT, "", "--region-set *"),
    (
        "response-content-type",
        OBJECT,
        "",
        "--response-content-type text/plain",
    ),
    ("response-expires", OBJECT, "", "--response-expires 0"),
    (
        "secret-file",
        IDENTIFIED,
        "--secret-file FIXTURES/secret/plain",
        "--secret-file FIXTURES/secret/token",
    ),
    (
        "service",
        "https://h.example/my-bucket/k --region r",
        "",
        "--service iam",
    ),
    (
        "service-credential",
        OBJECT,
        "",
        "--service-credential FIXTURES/ibm/object.json",
    ),
    (
        "session-token-file",
        WITH_SECRET,
        "",
        "--session-token-file FIXTURES/secret/token",
    ),
    (
        "session-token-mode",
        OBJECT,
        "",
        "--session-token-mode after",
    ),
    ("sse", OBJECT, "", "--sse AES256"),
    (
        "sse-c-key-file",
        OBJECT,
        "",
        "--sse-c-key-file FIXTURES/sse-c/raw.key",
    ),
    (
        "sse-kms-key-id",
        "my-bucket/k --region us-south --sse aws:kms",
        "",
        "--sse-kms-key-id x",
    ),
    ("storage-class", OBJECT, "", "--storage-class STANDARD_IA"),
    (
        "summary",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/keys.txt",
        "",
        "--summary",
    ),
    ("timeout", OBJECT, "", "--timeout 0"),
    ("until", OBJECT, "", "--until 2013-05-25"),
    (
        "url-column",
        "my-bucket --region us-south --input tsv --keys-from FIXTURES/bulk/keys.tsv",
        "",
        "--url-column link",
    ),
    (
        "upload-file",
        "my-bucket/k --region us-south --output curl",
        "--upload-file a",
        "--upload-file b",
    ),
    ("verbose", OBJECT, "", "--verbose"),
    (
        "verify",
        "my-bucket/k --endpoint http://SERVER --region r",
        "",
        "--verify",
    ),
    ("version-id", OBJECT, "", "--version-id 1"),
];

/// `bulk.rs` checks the requests of a listing, and that the number of threads changes nothing.
/// Listing and network options have their own tests, with servers that record requests.
const SEEN_ELSEWHERE: [&str; 22] = [
    "cacert",
    "client-cert",
    "client-key",
    "delimiter",
    "exclude",
    "exclude-from",
    // It sends a request; `find_region.rs` covers it.
    "find-region",
    // Without it nothing is signed; `hosts.rs` covers both.
    "force",
    "include",
    "include-from",
    "jobs",
    "limit",
    "list-jobs",
    "list-version",
    "max-size",
    "min-size",
    "newer-than",
    "older-than",
    "recursive",
    "retries",
    "start-after",
    "versions",
];

const OBJECT: &str = "my-bucket/k --region us-south";
const AMAZON: &str = "my-bucket/k --region us-east-1";
const IDENTIFIED: &str = "my-bucket/k --region us-south --access-key-id OTHER";
const WITH_SECRET: &str =
    "my-bucket/k --region us-south --access-key-id OTHER --secret-file FIXTURES/secret/plain";

/// The URL of Amazon's documentation.
pub(super) const LINK: &str = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

/// Required arguments of a verb.
const NEEDED: &[(&str, &str)] = &[
    ("multipart", "--size 5MiB --upload-id x"),
    ("cors", "--origin https://a.example"),
];

const FORM: &str = "my-bucket/k --region us-south";
const RULES: &str = "my-bucket --region us-south --output curl";

/// Options with another meaning for one verb, or only on that verb.
const OWN_SAMPLES: &[(&str, &str, &str, &str, &str)] = &[
    ("list", "delimiter", OBJECT, "", "--delimiter /"),
    ("list", "start-after", OBJECT, "", "--start-after a"),
    (
        "cors",
        "accelerate",
        "my-bucket --region us-east-1 --output curl",
        "",
        "--accelerate",
    ),
    (
        "cors",
        "dualstack",
        "my-bucket --region us-east-1 --output curl",
        "",
        "--dualstack",
    ),
    (
        "cors",
        "fips",
        "my-bucket --region us-east-1 --output curl",
        "",
        "--fips",
    ),
    (
        "put",
        "from",
        "my-bucket/k --region us-south --output html",
        "",
        "--from Ada",
    ),
    (
        "put",
        "lang",
        "my-bucket/k --region us-south --output html",
        "",
        "--lang de",
    ),
    (
        "post",
        "from",
        "my-bucket/k --region us-south --output html",
        "",
        "--from Ada",
    ),
    (
        "post",
        "lang",
        "my-bucket/k --region us-south --output html",
        "",
        "--lang de",
    ),
    (
        "multipart",
        "from",
        "my-bucket/k --region us-south --output html",
        "",
        "--from Ada",
    ),
    (
        "multipart",
        "lang",
        "my-bucket/k --region us-south --output html",
        "",
        "--lang de",
    ),
    (
        "post",
        "keep-names",
        "my-bucket/in/ --region us-south --output html",
        "",
        "--keep-names",
    ),
    (
        "put",
        "from-file",
        OBJECT,
        "",
        "--from-file FIXTURES/upload/note.txt",
    ),
    ("put", "if-none-match", OBJECT, "", "--if-none-match *"),
    (
        "multipart",
        "if-none-match",
        OBJECT,
        "",
        "--if-none-match *",
    ),
    (
        "put",
        "message",
        "my-bucket/k --region us-south --output html",
        "",
        "--message Hello",
    ),
    (
        "put",
        "pin-content",
        "my-bucket/k --region us-south --from-file FIXTURES/upload/note.txt",
        "",
        "--pin-content",
    ),
    (
        "put",
        "title",
        "my-bucket/k --region us-south --output html",
        "",
        "--title Hello",
    ),
    (
        "post",
        "condition",
        FORM,
        "",
        "--condition {\"acl\":\"private\"}",
    ),
    ("post", "field", FORM, "", "--field acl=private"),
    ("post", "json", FORM, "--output html", "--json"),
    ("post", "max-size", FORM, "", "--max-size 5MB"),
    (
        "post",
        "message",
        "my-bucket/k --region us-south --output html",
        "",
        "--message Hello",
    ),
    ("post", "min-size", FORM, "", "--min-size 5"),
    (
        "post",
        "policy",
        "sigv4examplebucket/user/user1/ --endpoint https://s3.example.com --region us-east-1 \
         --field x-amz-meta-tag=",
        "",
        "--policy FIXTURES/policy/amazon.json",
    ),
    ("post", "quiet", FORM, "", "--quiet"),
    (
        "post",
        "starts-with",
        FORM,
        "",
        "--starts-with x-amz-meta-from=",
    ),
    (
        "post",
        "success-redirect",
        FORM,
        "",
        "--success-redirect https://a.example/thanks",
    ),
    ("post", "success-status", FORM, "", "--success-status 201"),
    (
        "post",
        "title",
        "my-bucket/k --region us-south --output html",
        "",
        "--title Hello",
    ),
    (
        "multipart",
        "content-type",
        "my-bucket/k --region us-south --only create",
        "",
        "--content-type text/plain",
    ),
    (
        "multipart",
        "acl",
        "my-bucket/k --region us-south --only create",
        "",
        "--acl private",
    ),
    (
        "multipart",
        "metadata",
        "my-bucket/k --region us-south --only create",
        "",
        "--metadata a=b",
    ),
    (
        "multipart",
        "storage-class",
        "my-bucket/k --region us-south --only create",
        "",
        "--storage-class STANDARD_IA",
    ),
    (
        "multipart",
        "sse",
        "my-bucket/k --region us-south --only create",
        "",
        "--sse AES256",
    ),
    (
        "multipart",
        "sse-kms-key-id",
        "my-bucket/k --region us-south --only create --sse aws:kms",
        "",
        "--sse-kms-key-id x",
    ),
    (
        "multipart",
        "from-file",
        "my-bucket/k --region us-south --upload-id x",
        "--size 6MiB",
        "--from-file FIXTURES/upload/note.txt",
    ),
    ("multipart", "json", OBJECT, "--output sh", "--json"),
    (
        "multipart",
        "message",
        "my-bucket/k --region us-south --output html",
        "",
        "--message Hello",
    ),
    (
        "multipart",
        "title",
        "my-bucket/k --region us-south --output html",
        "",
        "--title Hello",
    ),
    (
        "multipart",
        "only",
        OBJECT,
        "--size 5MiB --upload-id x",
        "--only create",
    ),
    ("multipart", "output", OBJECT, "", "--output sh"),
    ("multipart", "part-size", OBJECT, "", "--part-size 6MiB"),
    (
        "multipart",
        "quiet",
        "my-bucket/k --endpoint http://s3.example.com --region r",
        "",
        "--quiet",
    ),
    (
        "multipart",
        "size",
        "my-bucket/k --region us-south --upload-id x",
        "--size 6MiB",
        "--size 7MiB",
    ),
    (
        "multipart",
        "upload-id",
        "my-bucket/k --region us-south --size 5MiB",
        "--upload-id x",
        "--upload-id y",
    ),
    (
        "cors",
        "access-key-id",
        RULES,
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    ("cors", "addressing", RULES, "", "--addressing virtual"),
    (
        "cors",
        "allow-header",
        RULES,
        "",
        "--allow-header content-type",
    ),
    (
        "cors",
        "base-path",
        "my-bucket --endpoint https://gw.example.com --region us-east-1 --output curl",
        "",
        "--base-path /gw",
    ),
    (
        "cors",
        "endpoint",
        RULES,
        "",
        "--endpoint https://s3.example.com",
    ),
    (
        "cors",
        "expose-header",
        RULES,
        "",
        "--expose-header x-amz-version-id",
    ),
    ("cors", "max-age", RULES, "", "--max-age 5m"),
    ("cors", "method", RULES, "", "--method GET"),
    ("cors", "insecure", RULES, "", "--insecure"),
    ("cors", "connect-timeout", RULES, "", "--connect-timeout 0"),
    ("cors", "proxy", RULES, "", "--proxy ftp://proxy.example"),
    ("cors", "timeout", RULES, "", "--timeout 0"),
    ("cors", "network", RULES, "", "--network private"),
    ("cors", "origin", RULES, "", "--origin https://b.example"),
    (
        "cors",
        "output",
        "my-bucket --region us-south",
        "",
        "--output xml",
    ),
    (
        "cors",
        "credentials-from",
        RULES,
        "",
        "--credentials-from aws",
    ),
    ("cors", "profile", RULES, "", "--profile ibm"),
    (
        "cors",
        "provider",
        "my-bucket --region us-east-1 --output curl",
        "",
        "--provider wasabi",
    ),
    (
        "cors",
        "public-endpoint",
        RULES,
        "",
        "--public-endpoint https://files.example.com",
    ),
    ("cors", "quiet", RULES, "", "--quiet"),
    (
        "cors",
        "region",
        "my-bucket --endpoint https://s3.example.com --output curl",
        "",
        "--region r1",
    ),
    (
        "cors",
        "secret-file",
        "my-bucket --region us-south --output curl --access-key-id OTHER",
        "--secret-file FIXTURES/secret/plain",
        "--secret-file FIXTURES/secret/token",
    ),
    (
        "cors",
        "service-credential",
        RULES,
        "",
        "--service-credential FIXTURES/ibm/object.json",
    ),
    (
        "cors",
        "session-token-file",
        "my-bucket --region us-south --output curl --access-key-id OTHER --secret-file \
         FIXTURES/secret/plain",
        "",
        "--session-token-file FIXTURES/secret/token",
    ),
];

/// Verbs that do not print URLs.
const REPORTS: [&str; 12] = [
    "completions",
    "config",
    "inspect",
    "diagnose",
    "doctor",
    "verify",
    "upload",
    "download",
    "share",
    "man",
    "stores",
    "explain",
];

/// Verbs that report; `LINK` is replaced by the URL, `OTHERHOST` by one with another host,
/// `NOTOKEN` by one without its session token and `OTHERKEY` by one with another access key ID. The
/// options of `verify` are tested with servers in `verify.rs`, those of `upload` and `download` in
/// `transfer.rs`, of `share` in `share.rs`, and of `doctor` in `doctor.rs`.
const REPORT_SAMPLES: &[(&str, &str, &str, &str, &str)] = &[
    ("inspect", "at", "LINK", "", "--at 2013-05-26"),
    (
        "inspect",
        "expires-within",
        "LINK",
        "",
        "--expires-within 2d",
    ),
    ("inspect", "json", "LINK", "", "--json"),
    ("inspect", "output", "LINK", "", "--output json"),
    ("inspect", "repair", "LINK", "", "--repair"),
    (
        "diagnose",
        "access-key-id",
        "OTHERKEY",
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    ("diagnose", "at", "LINK", "", "--at 2013-05-26"),
    (
        "diagnose",
        "form",
        "LINK",
        "",
        "--form FIXTURES/form/form.json",
    ),
    (
        "diagnose",
        "endpoint",
        "OTHERHOST",
        "",
        "--endpoint http://store.internal:9123",
    ),
    (
        "diagnose",
        "header",
        "LINK",
        "",
        "--header x-amz-acl:private",
    ),
    (
        "diagnose",
        "form",
        "https://bkt-fake.s3.eu-west-1.amazonaws.com/",
        "",
        "--form FIXTURES/form/curl-arguments.txt",
    ),
    ("diagnose", "host", "LINK", "", "--host minio:9000"),
    ("diagnose", "json", "LINK", "", "--json"),
    ("diagnose", "method", "LINK", "", "--method PUT"),
    ("diagnose", "output", "LINK", "", "--output json"),
    (
        "diagnose",
        "credentials-from",
        "LINK --at 2013-05-24",
        "",
        "--credentials-from aws --profile only-token",
    ),
    (
        "diagnose",
        "profile",
        "LINK --at 2013-05-24",
        "--profile ibm",
        "--profile only-token",
    ),
    (
        "diagnose",
        "response",
        "LINK",
        "",
        "--response FIXTURES/answers/redirect.txt",
    ),
    (
        "diagnose",
        "secret-file",
        "LINK --access-key-id AKIAIOSFODNN7EXAMPLE",
        "--secret-file FIXTURES/secret/plain",
        "--secret-file FIXTURES/secret/token",
    ),
    (
        "diagnose",
        "server-date",
        "LINK",
        "",
        "--server-date 2013-05-26",
    ),
    (
        "diagnose",
        "service-credential",
        "OTHERKEY",
        "",
        "--service-credential FIXTURES/ibm/object.json",
    ),
    (
        "diagnose",
        "session-token-file",
        "NOTOKEN --access-key-id AKIAIOSFODNN7EXAMPLE --secret-file FIXTURES/secret/plain",
        "",
        "--session-token-file FIXTURES/secret/token",
    ),
    ("diagnose", "status", "LINK", "", "--status 404"),
    (
        "diagnose",
        "try-all-profiles",
        "OTHERKEY --service-credential FIXTURES/ibm/object.json",
        "",
        "--try-all-profiles",
    ),
    ("explain", "json", "expired", "", "--json"),
    ("explain", "output", "expired", "", "--output json"),
    (
        "config",
        "access-key-id",
        CONFIG,
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    (
        "config",
        "accelerate",
        "my-bucket --region us-east-1",
        "",
        "--accelerate",
    ),
    ("config", "addressing", CONFIG, "", "--addressing virtual"),
    (
        "config",
        "base-path",
        "my-bucket --endpoint https://gw.example.com --region us-east-1",
        "",
        "--base-path /gw",
    ),
    (
        "config",
        "credentials-from",
        CONFIG,
        "",
        "--credentials-from aws",
    ),
    (
        "config",
        "dualstack",
        "my-bucket --region us-east-1",
        "",
        "--dualstack",
    ),
    ("config", "endpoint", CONFIG, "", "--endpoint https://h"),
    ("config", "expires", CONFIG, "", "--expires 5m"),
    (
        "config",
        "fips",
        "my-bucket --region us-east-1",
        "",
        "--fips",
    ),
    ("config", "network", CONFIG, "", "--network private"),
    ("config", "profile", CONFIG, "", "--profile ibm"),
    (
        "config",
        "provider",
        "my-bucket --region us-east-1",
        "",
        "--provider wasabi",
    ),
    (
        "config",
        "public-endpoint",
        CONFIG,
        "",
        "--public-endpoint https://files.example.com",
    ),
    (
        "config",
        "region",
        "my-bucket",
        "--region us-south",
        "--region eu-de",
    ),
    (
        "config",
        "secret-file",
        CONFIG,
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    (
        "config",
        "service-credential",
        CONFIG,
        "",
        "--service-credential FIXTURES/ibm/object.json",
    ),
    (
        "config",
        "session-token-file",
        "my-bucket --region us-south --access-key-id OTHER --secret-file FIXTURES/secret/plain",
        "",
        "--session-token-file FIXTURES/secret/token",
    ),
    ("config", "json", "", "", "--json"),
    ("config", "output", "", "", "--output json"),
    ("stores", "json", "ibm", "", "--json"),
    ("stores", "output", "ibm", "", "--output json"),
];

const CONFIG: &str = "my-bucket --region us-south";

#[test]
fn every_option_of_a_report_changes_its_output() {
    let linked = |args: &str| {
        in_process(args.split(' ').map(str::to_owned))
            .1
            .trim()
            .to_owned()
    };
    let internal =
        linked("get my-bucket/k --endpoint http://store.internal:9123 --region us-east-1 --quiet");
    let other_host = internal.replace("http://store.internal:9123", "https://files.example.com");
    let keys =
        format!("--access-key-id AKIAIOSFODNN7EXAMPLE --secret-file {FIXTURES}/secret/plain");
    let with_token = linked(&format!(
        "get my-bucket/k --region us-south --quiet {keys} --session-token-file \
         {FIXTURES}/secret/token"
    ));
    let other_key = linked(&format!(
        "get my-bucket/k --region us-south --quiet {}",
        keys.replace("AKIAIOSFODNN7EXAMPLE", "OTHER")
    ));
    let (front, rest) = with_token.split_once("&X-Amz-Security-Token=").unwrap();
    let no_token = format!("{front}&{}", rest.split_once('&').unwrap().1);
    for (verb, arg) in options() {
        let option = arg.get_long().unwrap();
        if !matches!(
            verb.as_str(),
            "config" | "inspect" | "diagnose" | "explain" | "stores"
        ) {
            continue;
        }
        // Without it nothing is shown; `hosts.rs` covers both.
        if option == "force" {
            continue;
        }
        // It sends a request, which reports do not; `find_region.rs` covers it.
        if option == "find-region" {
            continue;
        }
        let sample = REPORT_SAMPLES
            .iter()
            .find(|(of, name, ..)| *of == verb && *name == option);
        let (_, _, common, one, other) =
            sample.unwrap_or_else(|| panic!("{verb} --{option} has no sample in this test"));
        let run = |own: &str| {
            let words = common
                .split(' ')
                .chain(own.split(' '))
                .filter(|word| !word.is_empty())
                .map(|word| match word {
                    "LINK" => LINK.to_owned(),
                    "OTHERHOST" => other_host.clone(),
                    "NOTOKEN" => no_token.clone(),
                    "OTHERKEY" => other_key.clone(),
                    word => word.replace("FIXTURES", FIXTURES),
                });
            let (code, out, err) = in_process(std::iter::once(verb.clone()).chain(words));
            // The number of requests tried and the time vary between runs.
            let steady = |line: &&str| !line.contains(" requests ");
            (code, out.lines().filter(steady).collect::<String>(), err)
        };
        let (without, with) = (run(one), run(other));
        assert!(
            without.0 < 2 && with.0 < 4,
            "{verb} --{option}: {} {}",
            without.2,
            with.2
        );
        assert_ne!(without, with, "{verb} --{option} changes nothing");
    }
}

/// Headers of the request that creates a multipart upload, which the URLs of its parts do not
/// contain.
const SENT_WHEN_CREATED: [&str; 15] = [
    "expected-bucket-owner",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "tagging",
    "object-lock-mode",
    "object-lock-until",
    "object-lock-hold",
    "website-redirect",
    "grant-full-control",
    "grant-read",
    "grant-read-acp",
    "grant-write-acp",
    "requester-pays",
];

/// These verbs always refuse `--verify`.
const NOT_TRIED: [&str; 2] = ["put", "delete"];

#[test]
fn every_option_changes_the_output() {
    let server = responding_server();
    let verbs_with = |option: &str| {
        options()
            .into_iter()
            .any(|(_, arg)| arg.get_long() == Some(option))
    };
    for (option, ..) in SAMPLES {
        assert!(verbs_with(option), "no verb has --{option}");
    }
    for (verb, arg) in options()
        .into_iter()
        .filter(|(verb, _)| !REPORTS.contains(&verb.as_str()))
    {
        let option = arg.get_long().unwrap();
        let own = OWN_SAMPLES
            .iter()
            .find(|(of, name, ..)| *of == verb && *name == option);
        if own.is_none() && SEEN_ELSEWHERE.contains(&option) {
            continue;
        }
        let own = own.map(|(_, _, common, one, other)| (*common, *one, *other));
        let sample = SAMPLES
            .iter()
            .find(|(name, ..)| *name == option)
            .map(|(_, common, one, other)| (*common, *one, *other));
        let (common, one, other) = own
            .or(sample)
            .unwrap_or_else(|| panic!("{verb} --{option} has no sample in this test"));
        let created = format!("{common} --only create");
        let common = match verb == "multipart" && SENT_WHEN_CREATED.contains(&option) {
            true => created.as_str(),
            false => common,
        };
        // Options of the sample are not repeated.
        let needed = NEEDED
            .iter()
            .find(|(of, _)| *of == verb)
            .map_or("", |(_, words)| words);
        let is_said = [common, one, other].iter().any(|words| {
            words.contains("--size") || words.contains("--only") || words.contains("--from-file")
        });
        let common = if verb == "multipart" && is_said {
            common.to_owned()
        } else {
            format!("{common} {needed}")
        };
        let run = |own: &str| {
            // A body is sent by PUT, everything else is visible with GET.
            let method = (verb == "request").then_some(if option == "upload-file" {
                "PUT"
            } else {
                "GET"
            });
            let words = method
                .into_iter()
                .chain(common.split(' '))
                .chain(own.split(' '))
                .filter(|word| !word.is_empty());
            let words = words.map(|word| {
                word.replace("FIXTURES", FIXTURES)
                    .replace("SERVER", &server)
            });
            in_process(std::iter::once(verb.clone()).chain(words))
        };
        let (without, with) = (run(one), run(other));
        let tried = !NOT_TRIED.contains(&verb.as_str());
        let refused = match option {
            "connect-timeout" | "proxy" | "timeout" => Some(2),
            "verify" if !tried => Some(2),
            "strict" => Some(3),
            // The file of the sample exists.
            "output-file" => Some(2),
            _ => None,
        };
        // Some records of this list are rejected, with and without the option.
        let partly = i32::from(option == "fail-fast");
        assert_eq!(
            i32::from(with.0),
            refused.unwrap_or(partly),
            "{verb} --{option}: {}",
            with.2
        );
        assert_eq!(
            i32::from(without.0),
            partly,
            "{verb} without --{option}: {}",
            without.2
        );
        assert_ne!(without, with, "{verb} --{option} changes nothing");
    }
}

#[test]
fn output_file_has_the_bytes_of_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "get",
        "my-bucket/a",
        "my-bucket/b",
        "--region",
        "us-south",
        "--at",
        "2026-01-31T12:00:00Z",
    ]
    .map(str::to_owned);
    for form in ["url", "json", "tsv", "curl"] {
        let printed = in_process(
            args.iter()
                .cloned()
                .chain(["--output".to_owned(), form.to_owned()]),
        );
        let path = folder.path().join(form);
        let into = ["--output", form, "--output-file", path.to_str().unwrap()].map(str::to_owned);
        let (code, out, err) = in_process(args.iter().cloned().chain(into));
        assert_eq!(
            (i32::from(code), out.as_str(), err),
            (0, "", printed.2),
            "{form}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), printed.1, "{form}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600,
                "{form}"
            );
        }
    }
}

/// Verbs with their options.
fn options() -> Vec<(String, clap::Arg)> {
    let mut cli = Cli::command();
    cli.build();
    let of = |verb: &clap::Command| {
        let options = verb
            .get_arguments()
            .filter(|arg| arg.get_long().is_some_and(|long| long != "help"));
        options
            .map(|arg| (verb.get_name().to_owned(), arg.clone()))
            .collect::<Vec<_>>()
    };
    cli.get_subcommands().flat_map(of).collect()
}

/// Responds to every request with 200 until the test ends.
fn responding_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let _ = stream
                .get_mut()
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    address
}
