//! Options of other tools, and what they mean here. Looked up only if the parser does not know the
//! option, so none of them can hide one of ours.

/// What an option of another tool means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// One of our options, with the same value.
    Twin(&'static str),
    /// One of our options; the value is dropped.
    Flag(&'static str),
    /// No effect here.
    Ignored,
    /// No effect here; it takes a value.
    IgnoredWithValue,
    /// An HTTP method, which is a verb here. Empty: the verb of the method that is its value.
    Verb(&'static str),
    /// Refused: the rest of the message after its name, and the hint.
    Instead(&'static str, &'static str),
}

use Meaning::{Flag, Ignored, IgnoredWithValue, Instead, Twin, Verb};

const CERTIFICATES: Meaning = Instead(
    "would trust every certificate, and certificates are always checked here",
    "signing needs no connection; for verbs that connect, trust the CA of the store: `--cacert \
     FILE`",
);
const PUBLIC: Meaning = Instead(
    "requests without a signature, but a presigned URL contains one",
    "a public object needs no presigned URL: `https://HOST/BUCKET/KEY` is enough",
);
const SECRET: Meaning = Instead(
    "would put a secret on the command line, where other processes can read it; its value is not \
     repeated",
    "put the secret into a file, `--access-key-id ID --secret-file FILE`, or pipe it in: \
     `--secret-file -`",
);
const TOKEN: Meaning = Instead(
    "would put a session token on the command line, where other processes can read it; its value \
     is not repeated",
    "put the token into a file: `--session-token-file FILE`",
);
const UNIT: Meaning = Instead(
    "is not an option here: durations have a unit",
    "write it with `--expires`: `90m`, `24h`, `7d`",
);

/// Sorted by name.
const OPTIONS: &[(&str, Meaning)] = &[
    ("--access-key", Twin("--access-key-id")),
    ("--anonymous", PUBLIC),
    ("--attachment", Twin("--download-as")),
    ("--aws-access-key-id", Twin("--access-key-id")),
    ("--aws-secret-access-key", SECRET),
    ("--aws-session-token", TOKEN),
    ("--bucket-location", Twin("--region")),
    ("--ca-bundle", Twin("--cacert")),
    ("--cli-auto-prompt", Ignored),
    ("--cli-binary-format", IgnoredWithValue),
    ("--cli-connect-timeout", IgnoredWithValue),
    (
        "--cli-input-json",
        Instead(
            "is not an option here",
            "pass the options themselves; `cos-presign get --help` lists them",
        ),
    ),
    ("--cli-read-timeout", IgnoredWithValue),
    ("--color", IgnoredWithValue),
    ("--colour", IgnoredWithValue),
    ("--days", UNIT),
    ("--debug", Flag("--verbose")),
    ("--download-name", Twin("--download-as")),
    ("--dry-run", Ignored),
    ("--duration", Twin("--expires")),
    ("--endpoint-host", Twin("--endpoint")),
    ("--expiration", Twin("--expires")),
    ("--expiration-date", Twin("--until")),
    ("--expire-at", Twin("--until")),
    ("--expires-after", Twin("--expires")),
    ("--expires-at", Twin("--until")),
    ("--expiry", Twin("--expires")),
    ("--file-name", Twin("--download-as")),
    ("--filename", Twin("--download-as")),
    ("--follow-symlinks", Ignored),
    ("--force", Ignored),
    ("--force-path-style", Flag("--addressing path")),
    ("--host", Twin("--endpoint")),
    (
        "--host-bucket",
        Instead(
            "is not an option here",
            "choose the style: `--addressing virtual`, or `--addressing path`",
        ),
    ),
    ("--hours", UNIT),
    ("--http-method", Verb("")),
    ("--http-verb", Verb("")),
    ("--insecure", CERTIFICATES),
    ("--key-id", Twin("--access-key-id")),
    ("--lifetime", Twin("--expires")),
    ("--location", Twin("--region")),
    ("--method", Verb("")),
    ("--minutes", UNIT),
    ("--no-check-certificate", CERTIFICATES),
    ("--no-cli-auto-prompt", Ignored),
    ("--no-cli-pager", Ignored),
    ("--no-color", Ignored),
    ("--no-guess-mime-type", Ignored),
    ("--no-paginate", Ignored),
    ("--no-progress", Ignored),
    ("--no-sign-request", PUBLIC),
    (
        "--no-ssl",
        Instead(
            "is not an option here: the scheme of the endpoint decides",
            "write the endpoint with its scheme: `--endpoint http://HOST`",
        ),
    ),
    ("--no-verify-ssl", CERTIFICATES),
    ("--not-after", Twin("--until")),
    ("--only-show-errors", Flag("--quiet")),
    ("--page-size", IgnoredWithValue),
    ("--path-style", Flag("--addressing path")),
    ("--request-payer", Flag("--requester-pays")),
    ("--s3-force-path-style", Flag("--addressing path")),
    ("--secret", SECRET),
    ("--secret-access-key", SECRET),
    ("--secret-key", SECRET),
    ("--server", Twin("--endpoint")),
    ("--session-token", TOKEN),
    (
        "--signature-v2",
        Instead(
            "selects signature version 2, which is not supported",
            "remove it; current stores accept version 4",
        ),
    ),
    (
        "--signature-version",
        Instead(
            "is not an option here: the signature version is always 4",
            "remove it; `--region-set` signs with version 4A",
        ),
    ),
    ("--ssl", Ignored),
    ("--ttl", Twin("--expires")),
    (
        "--unlink",
        Instead(
            "is not an option here: a presigned URL cannot be revoked",
            "let it expire, or delete the access key that signed it",
        ),
    ),
    ("--url", Twin("--endpoint")),
    ("--valid-for", Twin("--expires")),
    ("--validity", Twin("--expires")),
    ("--virtual-host", Flag("--addressing virtual")),
    ("--virtual-hosted-style", Flag("--addressing virtual")),
    ("--yes", Ignored),
    ("-E", Twin("--expires")),
    ("-X", Verb("")),
    ("-k", CERTIFICATES),
];

/// Headers of uploads that have another meaning for a download.
const OF_UPLOADS: &[(&str, &str)] = &[
    ("--acl", "sets permissions of an upload"),
    ("--cache-control", "is a header of an upload"),
    ("--content-disposition", "is a header of an upload"),
    ("--content-encoding", "is a header of an upload"),
    ("--content-language", "is a header of an upload"),
    ("--content-type", "is a header of an upload"),
    ("--expected-bucket-owner", "is a header"),
    ("--grant-full-control", "sets permissions of an upload"),
    ("--grant-read", "sets permissions of an upload"),
    ("--grant-read-acp", "sets permissions of an upload"),
    ("--grant-write-acp", "sets permissions of an upload"),
    ("--metadata", "is a header of an upload"),
    ("--storage-class", "is a header of an upload"),
    ("--tagging", "is a header of an upload"),
];

/// What an option of another tool means for a verb.
pub fn meaning(name: &str, verb: &str) -> Option<Meaning> {
    if matches!(
        verb,
        "get" | "presign" | "sign" | "signurl" | "link" | "head"
    ) && let Some((_, what)) = OF_UPLOADS.iter().find(|(option, _)| *option == name)
    {
        return Some(Instead(
            what,
            match name {
                "--content-disposition" => {
                    "for the response: `--download-as NAME`, or `--response-content-disposition \
                     VALUE`"
                }
                "--cache-control" => {
                    "for the response: `--response-cache-control VALUE`; for an upload: \
                     `cos-presign put`"
                }
                "--content-type" => {
                    "for the response: `--response-content-type TYPE`; for an upload: \
                     `cos-presign put`"
                }
                "--content-encoding" => {
                    "for the response: `--response-content-encoding VALUE`; for an upload: \
                     `cos-presign put`"
                }
                "--content-language" => {
                    "for the response: `--response-content-language VALUE`; for an upload: \
                     `cos-presign put`"
                }
                "--expected-bucket-owner" => {
                    "sign it as one: `--header 'x-amz-expected-bucket-owner: ACCOUNT'`"
                }
                _ => "sign it with an upload: `cos-presign put BUCKET/KEY`",
            },
        ));
    }
    let found = OPTIONS.iter().find(|(option, _)| *option == name)?.1;
    let sends = matches!(verb, "upload" | "download" | "verify" | "doctor");
    // A verb that only signs may ignore options about sending; a verb that sends must not.
    let matters = sends && matches!(name, "--dry-run" | "--force" | "--yes");
    (!matters).then_some(found)
}

/// Values of other tools for options that both have.
pub fn value(option: &str, value: &str) -> Option<&'static str> {
    match (option, value) {
        ("--output", "text" | "table" | "plain") => Some("url"),
        ("--addressing", "host" | "virtual-hosted" | "dns") => Some("virtual"),
        _ => None,
    }
}

/// The name of one of our options, typed with other separators between its words.
pub fn leaked(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 12] = [
        "--access-key-id",
        "--content-type",
        "--download-as",
        "--endpoint-url",
        "--expires-in",
        "--max-keys",
        "--requester-pays",
        "--response-cache-control",
        "--response-content-disposition",
        "--response-content-type",
        "--storage-class",
        "--version-id",
    ];
    NAMES.into_iter().find(|known| *known == name)
}

/// The names of all options of other tools.
pub fn names() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_there_once() {
        let names: Vec<&str> = names().collect();
        assert!(names.is_sorted());
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(names.len() >= 60, "{}", names.len());
    }
}
