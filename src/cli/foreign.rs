//! Options of other tools, and what they mean here. Looked up only if the parser does not know the
//! option, so none of them can hide one of ours.

/// What an option of another tool means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// One of our options, with the same value.
    Twin(&'static str),
    /// Our options if it is on, and if it is off (`--path-style false`). Empty: nothing.
    Switch(&'static str, &'static str),
    /// A header of the request with this value.
    Header(&'static str),
    /// A parameter of the query with this value.
    Parameter(&'static str),
    /// No effect here.
    Ignored,
    /// No effect here; it takes a value.
    IgnoredWithValue,
    /// No effect here with one of these values, else refused.
    IgnoredIf(Value, Refusal),
    /// An HTTP method, which is a verb here. Empty: the verb of the method that is its value.
    Verb(&'static str),
    /// Not an option here.
    Instead(Refusal),
}

/// The value that an option may have without being refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// One of these words, which has to be there.
    OneOf(&'static [&'static str]),
    /// One of these words or none at all.
    MayBe(&'static [&'static str]),
}

/// The rest of the message after the name of the option, and the hint.
pub type Refusal = (&'static str, &'static str);

use Meaning::{
    Header, Ignored, IgnoredIf, IgnoredWithValue, Instead, Parameter, Switch, Twin, Verb,
};

/// What switches an option on.
pub const ON: &[&str] = &["true", "yes", "on", "1", "requester"];
/// What switches an option off.
pub const OFF: &[&str] = &["false", "no", "off", "0"];

const API_KEY: Refusal = (
    "is an API key, and an API key cannot presign; its value is not repeated",
    "create HMAC keys: `ibmcloud resource service-key-create NAME Writer --instance-name INSTANCE \
     --parameters '{\"HMAC\":true}'`",
);
const BODY: Refusal = (
    "is what an upload sends, and signing reads no file",
    "`cos-presign share FILE BUCKET/KEY` uploads a file; `--output curl --upload-file FILE` prints \
     the command that does",
);
const CHECKSUM: Refusal = (
    "selects how a tool computes a checksum, and a presigned URL contains the checksum itself",
    "sign that of a file: `--from-file FILE --pin-content`, or give it: `--checksum-sha256 BASE64`",
);
const CONFIGURATION: Refusal = (
    "is not an option here",
    "the files of other tools are chosen by their variables: `AWS_CONFIG_FILE`, `S3CMD_CONFIG`, \
     `RCLONE_CONFIG`, `MC_CONFIG_DIR`",
);
const CREDENTIALS_FILE: Refusal = (
    "is not an option here",
    "set `AWS_SHARED_CREDENTIALS_FILE` to a file of the AWS tools, or give that of IBM Cloud: \
     `--service-credential FILE`",
);
const ENCRYPTION: Refusal = (
    "is not an option here",
    "encryption by the store: `--sse AES256`, or `--sse aws:kms --sse-kms-key-id ID`",
);
const ENCRYPTION_KEY: Refusal = (
    "would put an encryption key on the command line, where other processes can read it; its value \
     is not repeated",
    "put the key into a file: `--sse-c-key-file FILE`",
);
const GOOGLE: Refusal = (
    "is about service accounts of Google Cloud, which have no keys for S3",
    "create HMAC keys: `gcloud storage hmac create ACCOUNT`, and sign with `--provider gcs`",
);
const METADATA: Refusal = (
    "is not an option here",
    "metadata of an upload is `--metadata NAME=VALUE`; headers have options of their own: \
     `--cache-control VALUE`",
);
const PIPE: Refusal = (
    "is not an option here: the URL is printed",
    "give it to a program: `cos-presign get BUCKET/KEY | pbcopy`, or `wl-copy`, `xclip`, \
     `clip.exe`",
);
const PUBLIC: Refusal = (
    "requests without a signature, but a presigned URL contains one",
    "a public object needs no presigned URL: `https://HOST/BUCKET/KEY` is enough",
);
const REPLACE: Refusal = (
    "is not an option here",
    "the store refuses to replace an object with `cos-presign put BUCKET/KEY --if-none-match '*'`",
);
const ROLE: Refusal = (
    "is not an option here",
    "write it into a profile of `~/.aws/config`, and name that: `--profile NAME`",
);
const SCHEME: Refusal = (
    "is not an option here: the scheme of the endpoint decides",
    "write the endpoint with its scheme: `--endpoint http://HOST`",
);
const SECRET: Refusal = (
    "would put a secret on the command line, where other processes can read it; its value is not \
     repeated",
    "put the secret into a file, `--access-key-id ID --secret-file FILE`, or pipe it in: \
     `--secret-file -`",
);
const STYLE: Refusal = (
    "is not an option here",
    "choose the style: `--addressing virtual`, or `--addressing path`",
);
const TOKEN: Refusal = (
    "would put a session token on the command line, where other processes can read it; its value \
     is not repeated",
    "put the token into a file: `--session-token-file FILE`",
);
const UNIT: Refusal = (
    "is not an option here: durations have a unit",
    "write it with `--expires`: `90m`, `24h`, `7d`",
);
const VERSION_2: Refusal = (
    "selects signature version 2, which is not supported",
    "remove it; current stores accept version 4",
);

/// Options of one meaning, by topic. They are those of the AWS CLI, mc, s3cmd, rclone, gsutil,
/// gcloud, s5cmd and curl, the parameters of SDKs, and names that people guess.
const OPTIONS: &[(&[&str], Meaning)] = &[
    // Expiry.
    (
        &[
            "--ttl",
            "-E",
            "--duration",
            "--duration-seconds",
            "--exp",
            "--expiration",
            "--expiration-seconds",
            "--expire-after",
            "--expire-in",
            "--expire-seconds",
            "--expires-after",
            "--expires-sec",
            "--expires-seconds",
            "--expiry",
            "--expiry-seconds",
            "--lifetime",
            "--seconds",
            "--valid-for",
            "--validity",
        ],
        Twin("--expires"),
    ),
    (
        &[
            "--expires-at",
            "--expiration-date",
            "--expiration-time",
            "--expire-at",
            "--expires-on",
            "--expiry-date",
            "--not-after",
            "--valid-until",
        ],
        Twin("--until"),
    ),
    (
        &[
            "--days",
            "--expires-days",
            "--expires-hours",
            "--expires-minutes",
            "--hours",
            "--minutes",
        ],
        Instead(UNIT),
    ),
    (
        &["-d"],
        Instead((
            "is not an option here",
            "the expiry is `--expires DURATION`; details are printed with `--verbose`",
        )),
    ),
    // Store.
    (
        &[
            "--host",
            "--aws-endpoint-url",
            "--endpoint-host",
            "--endpoint-override",
            "--endpoint-url-s3",
            "--host-base",
            "--s3-endpoint",
            "--s3-endpoint-url",
            "--s3-url",
            "--server",
            "--service-endpoint",
            "--service-url",
            "--url",
        ],
        Twin("--endpoint"),
    ),
    (
        &[
            "--bucket-location",
            "--aws-region",
            "--bucket-region",
            "--default-region",
            "--location",
            "--region-name",
            "--s3-region",
            "--signing-region",
        ],
        Twin("--region"),
    ),
    (&["--s3-provider", "--store"], Twin("--provider")),
    (
        &["--s3-location-constraint", "--location-constraint"],
        IgnoredWithValue,
    ),
    (
        &[
            "--addressing-style",
            "--bucket-lookup",
            "--lookup",
            "--s3-addressing-style",
            "--url-style",
        ],
        Twin("--addressing"),
    ),
    (
        &[
            "--path-style",
            "--force-path-style",
            "--path-style-access",
            "--s3-force-path-style",
            "--s3-path-style",
            "--s3-use-path-style",
            "--use-path-style",
            "--use-path-style-endpoint",
        ],
        Switch("--addressing path", "--addressing virtual"),
    ),
    (
        &[
            "--virtual-host",
            "--use-virtual-addressing",
            "--use-virtual-hosting",
            "--vhost",
            "--virtual",
            "--virtual-host-style",
            "--virtual-hosted",
            "--virtual-hosted-style",
            "--virtual-style",
        ],
        Switch("--addressing virtual", "--addressing path"),
    ),
    (&["--host-bucket"], Instead(STYLE)),
    (
        &["--use-accelerate-endpoint", "--s3-use-accelerate-endpoint"],
        Switch("--accelerate", ""),
    ),
    (
        &[
            "--use-dualstack-endpoint",
            "--dual-stack",
            "--s3-use-dual-stack",
            "--use-dual-stack",
        ],
        Switch("--dualstack", ""),
    ),
    (&["--use-fips-endpoint"], Switch("--fips", "")),
    (
        &[
            "--ssl",
            "--https",
            "--secure",
            "--signurl-use-https",
            "--use-https",
            "--use-ssl",
        ],
        IgnoredIf(Value::MayBe(ON), SCHEME),
    ),
    (
        &[
            "--no-ssl",
            "--disable-ssl",
            "--http",
            "--no-https",
            "--plain-http",
        ],
        Instead(SCHEME),
    ),
    (
        &["--service-name"],
        IgnoredIf(
            Value::OneOf(&["s3"]),
            (
                "is not an option here: the verbs sign for the service s3",
                "for another service: `cos-presign request GET https://HOST/PATH --service NAME`",
            ),
        ),
    ),
    // Object.
    (&["--bucket-name", "--container"], Twin("--bucket")),
    (
        &[
            "--object-key",
            "--key-name",
            "--object",
            "--object-name",
            "--s3-key",
        ],
        Twin("--key"),
    ),
    (
        &["--vid", "--object-version", "--object-version-id"],
        Twin("--version-id"),
    ),
    (
        &["--version"],
        Instead((
            "is not an option of a verb",
            "the version of an object is `--version-id ID`; that of the program: `cos-presign \
             --version`",
        )),
    ),
    (
        &["--path"],
        Instead((
            "is not an option here",
            "the key is part of the TARGET, BUCKET/KEY; the style is `--addressing path`",
        )),
    ),
    (&["-r"], Twin("--recursive")),
    (&["--part-number"], Parameter("partNumber")),
    (
        &["--encoding-type", "--encode", "--url-encode", "--urlencode"],
        Instead((
            "is not an option here: a key is percent-encoded exactly once",
            "give the key as the store has it, not encoded",
        )),
    ),
    // Credentials.
    (
        &[
            "--access-key",
            "--access-id",
            "--accesskey",
            "--ak",
            "--aws-access-key-id",
            "--key-id",
            "--s3-access-key",
            "--s3-access-key-id",
        ],
        Twin("--access-key-id"),
    ),
    (
        &[
            "--secret-access-key",
            "-p",
            "-u",
            "--access-key-secret",
            "--aws-secret-access-key",
            "--aws-secret-key",
            "--credential",
            "--credentials",
            "--key-secret",
            "--passphrase",
            "--password",
            "--private-key",
            "--s3-secret-access-key",
            "--s3-secret-key",
            "--secret",
            "--secret-key",
            "--secretkey",
            "--sk",
            "--user",
        ],
        Instead(SECRET),
    ),
    (
        &[
            "--session-token",
            "--access-token",
            "--aws-security-token",
            "--aws-session-token",
            "--s3-session-token",
            "--security-token",
            "--token",
        ],
        Instead(TOKEN),
    ),
    (
        &[
            "--api-key",
            "--apikey",
            "--iam-token",
            "--ibm-api-key",
            "--ibm-api-key-id",
            "--ibmcloud-api-key",
            "--s3-ibm-api-key",
        ],
        Instead(API_KEY),
    ),
    (
        &[
            "--ibm-service-instance-id",
            "--crn",
            "--resource-instance-id",
            "--s3-ibm-resource-instance-id",
            "--service-instance-id",
        ],
        IgnoredWithValue,
    ),
    (
        &[
            "--credentials-file",
            "--aws-credentials-file",
            "--credential-file",
            "--s3-shared-credentials-file",
            "--shared-credentials-file",
        ],
        Instead(CREDENTIALS_FILE),
    ),
    (
        &[
            "--config",
            "-C",
            "-c",
            "--config-dir",
            "--config-file",
            "--env-file",
        ],
        Instead(CONFIGURATION),
    ),
    (
        &["--aws-profile", "--profile-name", "--s3-profile"],
        Twin("--profile"),
    ),
    (
        &["--s3-env-auth", "--env-auth"],
        IgnoredIf(
            Value::MayBe(ON),
            (
                "switches the credentials of the environment off",
                "name the source: `--credentials-from SOURCE`, or `--profile NAME`",
            ),
        ),
    ),
    (
        &["--role-arn", "--assume-role", "--s3-role-arn"],
        Instead(ROLE),
    ),
    (
        &["--password-command", "--ask-password"],
        Instead((
            "is not an option here",
            "set `RCLONE_CONFIG_PASS`, or `RCLONE_PASSWORD_COMMAND` to a program that prints the \
             password",
        )),
    ),
    (
        &[
            "--no-sign-request",
            "--anon",
            "--anonymous",
            "--public",
            "--unsigned",
        ],
        Instead(PUBLIC),
    ),
    (
        &[
            "--impersonate-service-account",
            "--private-key-file",
            "--private-key-password",
            "--use-service-account",
        ],
        Instead(GOOGLE),
    ),
    // Signature.
    (
        &["--signature-v2", "--s3-v2-auth", "--sigv2", "--v2-auth"],
        Instead(VERSION_2),
    ),
    (
        &["--signature-version", "--auth-version"],
        IgnoredIf(
            Value::OneOf(&["s3v4", "v4", "4", "sigv4", "s3-v4", "AWS4-HMAC-SHA256"]),
            (
                "is not an option here: the signature version is always 4",
                "remove it; `--region-set` signs with version 4A",
            ),
        ),
    ),
    (&["--sigv4", "--s3v4", "--signature-v4", "--v4"], Ignored),
    (&["--aws-sigv4"], IgnoredWithValue),
    (
        &["--sigv4a", "--v4a"],
        Instead((
            "is not an option here",
            "version 4A is for a set of regions: `--region-set '*'`",
        )),
    ),
    (&["--unsigned-payload"], Ignored),
    (
        &["--unlink"],
        Instead((
            "is not an option here: a presigned URL cannot be revoked",
            "let it expire, or delete the access key that signed it",
        )),
    ),
    // Method.
    (
        &[
            "--method",
            "-X",
            "--client-method",
            "--http-method",
            "--http-verb",
            "--operation",
            "--request",
            "--verb",
        ],
        Verb(""),
    ),
    (&["-I"], Verb("head")),
    (
        &["-m"],
        Instead((
            "is not an option here",
            "each method is a verb: `cos-presign put BUCKET/KEY`; a media type is `--content-type \
             TYPE`",
        )),
    ),
    // Headers and parameters.
    (
        &[
            "--add-header",
            "--custom-header",
            "--header-download",
            "--header-upload",
            "--headers",
        ],
        Twin("--header"),
    ),
    (
        &[
            "--query-params",
            "--param",
            "--params",
            "--query-param",
            "--query-string",
        ],
        Instead((
            "is not an option here",
            "give each parameter of the query: `--query NAME=VALUE`",
        )),
    ),
    (
        &["--range"],
        Instead((
            "is a header that the recipient chooses",
            "the recipient sends it: `curl -r 0-99 URL`; to allow this range only: `--header \
             'Range: bytes=0-99'`",
        )),
    ),
    (&["--if-modified-since"], Header("If-Modified-Since")),
    (&["--if-unmodified-since"], Header("If-Unmodified-Since")),
    (&["--checksum-mode"], Header("x-amz-checksum-mode")),
    (
        &["--bypass-governance-retention"],
        Instead((
            "is a header of the request",
            "sign it as one: `--header 'x-amz-bypass-governance-retention: true'`",
        )),
    ),
    (
        &["--mfa"],
        Instead((
            "is a header with a code that expires within a minute",
            "delete the version with a tool that sends the request itself",
        )),
    ),
    (
        &["--request-payer", "--requestor-pays", "--s3-requester-pays"],
        Switch("--requester-pays", ""),
    ),
    (
        &[
            "--attachment",
            "--download-filename",
            "--download-name",
            "--file-name",
            "--filename",
            "--save-as",
        ],
        Twin("--download-as"),
    ),
    // Uploads.
    (
        &["--mime-type", "--default-mime-type", "--media-type"],
        Twin("--content-type"),
    ),
    (
        &["--body", "-T", "--data", "--file", "--input-file"],
        Instead(BODY),
    ),
    (
        &["--content-length"],
        Instead((
            "is a header that every client sends",
            "to allow one length only: `--header 'Content-Length: BYTES'`; a form limits it: \
             `cos-presign post BUCKET/KEY --max-size SIZE`",
        )),
    ),
    (&["--website-redirect-location"], Twin("--website-redirect")),
    (
        &["--server-side-encryption", "--s3-server-side-encryption"],
        Twin("--sse"),
    ),
    (
        &[
            "--ssekms-key-id",
            "--kms-key-id",
            "--s3-sse-kms-key-id",
            "--server-side-encryption-kms-id",
        ],
        Twin("--sse-kms-key-id"),
    ),
    (
        &[
            "--sse-customer-key",
            "--enc-c",
            "--encrypt-key",
            "--s3-sse-customer-key",
            "--s3-sse-customer-key-base64",
            "--sse-c",
            "--sse-c-key",
            "--sse-customer-key-md5",
        ],
        Instead(ENCRYPTION_KEY),
    ),
    (
        &["--sse-customer-algorithm", "--s3-sse-customer-algorithm"],
        IgnoredWithValue,
    ),
    (&["--encrypt", "--enc-kms", "--enc-s3"], Instead(ENCRYPTION)),
    (
        &["--bucket-key-enabled"],
        Instead((
            "is a header of an upload",
            "sign it as one: `--header 'x-amz-server-side-encryption-bucket-key-enabled: true'`",
        )),
    ),
    (
        &[
            "--checksum-algorithm",
            "--checksum",
            "--content-sha256",
            "--md5",
        ],
        Instead(CHECKSUM),
    ),
    (&["--tags"], Twin("--tagging")),
    (&["--s3-storage-class", "--sc"], Twin("--storage-class")),
    (
        &["--reduced-redundancy", "--rr"],
        Switch("--storage-class REDUCED_REDUNDANCY", ""),
    ),
    (&["--s3-acl", "--canned-acl"], Twin("--acl")),
    (&["--acl-public"], Switch("--acl public-read", "")),
    (&["--acl-private"], Switch("--acl private", "")),
    (
        &["--acl-grant", "--grant-write"],
        Instead((
            "is not an option here",
            "an object has these: `--grant-read`, `--grant-read-acp`, `--grant-write-acp`, \
             `--grant-full-control`",
        )),
    ),
    (
        &[
            "--object-lock-retain-until-date",
            "--retain-until",
            "--retain-until-date",
        ],
        Twin("--object-lock-until"),
    ),
    (&["--retention-mode"], Twin("--object-lock-mode")),
    (
        &["--retention-duration", "--rd"],
        Instead((
            "is not an option here",
            "give the end of the retention: `--object-lock-until 2030-01-01`",
        )),
    ),
    (
        &[
            "--object-lock-legal-hold-status",
            "--legal-hold",
            "--lh",
            "--object-lock-legal-hold",
        ],
        Switch("--object-lock-hold", ""),
    ),
    (
        &["--attr", "--meta", "--metadata-directive"],
        Instead(METADATA),
    ),
    (
        &["--no-overwrite", "--ignore-existing", "--no-clobber"],
        Instead(REPLACE),
    ),
    // Output.
    (&["--format"], Twin("--output")),
    (&["--curl"], Switch("--output curl", "")),
    (&["--html"], Switch("--output html", "")),
    (&["--markdown", "--md"], Switch("--output markdown", "")),
    (&["--powershell"], Switch("--output powershell", "")),
    (&["--python"], Switch("--output python", "")),
    (
        &["--qr", "--qr-code", "--qrcode"],
        Switch("--output qr", ""),
    ),
    (&["--tsv"], Switch("--output tsv", "")),
    (&["--wget"], Switch("--output wget", "")),
    (
        &["--text", "--plain", "--raw-output", "--url-only"],
        Switch("--output url", ""),
    ),
    (
        &["--out", "--out-file", "--outfile", "--output-document"],
        Twin("--output-file"),
    ),
    (
        &["-O", "--remote-name"],
        Instead((
            "is not an option here",
            "`cos-presign download URL` downloads a file; `--output-file FILE` writes the URL to \
             one",
        )),
    ),
    (
        &["--copy", "--clip", "--clipboard", "--copy-to-clipboard"],
        Instead(PIPE),
    ),
    (
        &["--open", "--browser", "--web"],
        Instead((
            "is not an option here: the URL is printed",
            "give it to the browser: `xdg-open \"$(cos-presign get BUCKET/KEY)\"`",
        )),
    ),
    (
        &["--shorten", "--short", "--short-url"],
        Instead((
            "is not an option here: a service that shortens the URL could use it",
            "print it in another form: `--output qr`, or `--output html`",
        )),
    ),
    (
        &["--debug", "--log-http", "--trace", "--v2-debug"],
        Switch("--verbose", ""),
    ),
    (
        &["--only-show-errors", "-s", "--no-warnings", "--silent"],
        Switch("--quiet", ""),
    ),
    (
        &["--color", "--colour"],
        IgnoredIf(
            Value::MayBe(&[
                "auto", "on", "off", "always", "never", "true", "false", "AUTO", "ALWAYS", "NEVER",
            ]),
            (
                "has an unknown value",
                "remove it; `NO_COLOR=1` switches colours off",
            ),
        ),
    ),
    (
        &[
            "--cli-binary-format",
            "-A",
            "-D",
            "--account",
            "--appid",
            "--billing-project",
            "--buffer-size",
            "--checkers",
            "--chunk-size",
            "--cli-connect-timeout",
            "--cli-error-format",
            "--cli-pager",
            "--cli-read-timeout",
            "--cli-timestamp-format",
            "--concurrency",
            "--configuration",
            "--log",
            "--log-file",
            "--log-format",
            "--log-level",
            "--loglevel",
            "--max-items",
            "--numworkers",
            "--page-size",
            "--project",
            "--stats",
            "--transfers",
            "--user-agent",
            "--verbosity",
        ],
        IgnoredWithValue,
    ),
    (
        &[
            "--no-paginate",
            "-G",
            "-L",
            "-S",
            "-f",
            "--autocompletion",
            "--cli-auto-prompt",
            "--compressed",
            "--disable-multipart",
            "--disable-pager",
            "--dp",
            "--fail",
            "--follow-symlinks",
            "--guess-mime-type",
            "--human-readable",
            "--no-check-bucket",
            "--no-cli-auto-prompt",
            "--no-cli-pager",
            "--no-color",
            "--no-colour",
            "--no-follow-symlinks",
            "--no-guess-mime-type",
            "--no-input",
            "--no-mime-magic",
            "--no-progress",
            "--path-as-is",
            "--preserve",
            "--progress",
            "--raw",
            "--s3-disable-http2",
            "--s3-no-check-bucket",
            "--s3-no-head",
            "--s3-no-head-object",
            "--show-error",
            "--stat",
            "--use-json-log",
            "--use-list-objects-v1",
        ],
        Ignored,
    ),
    (
        &[
            "--cli-input-json",
            "--cli-input-yaml",
            "--generate-cli-skeleton",
        ],
        Instead((
            "is not an option here",
            "pass the options themselves; `cos-presign get --help` lists them",
        )),
    ),
    (
        &["--install-completion", "--show-completion"],
        Instead((
            "is not an option here",
            "print the script of your shell: `cos-presign completions bash`",
        )),
    ),
    (
        &["--configure", "--dump-config"],
        Instead((
            "is not an option here",
            "`cos-presign config` shows which settings apply, and where each comes from",
        )),
    ),
    // What is sent.
    (&["--dry-run", "-n", "--dryrun"], Ignored),
    (&["--force", "-y", "--yes"], Ignored),
    (
        &[
            "--bwlimit",
            "--limit-download",
            "--limit-rate",
            "--limit-upload",
            "--limitrate",
        ],
        IgnoredWithValue,
    ),
    (
        &["--max-time", "--read-timeout", "--request-timeout"],
        Twin("--timeout"),
    ),
    (&["--contimeout"], Twin("--connect-timeout")),
    (
        &[
            "--max-retries",
            "--low-level-retries",
            "--max-attempts",
            "--retry",
            "--retry-count",
        ],
        Twin("--retries"),
    ),
    (
        &["--ca-cert", "--ca-certificate", "--ca-certs", "--ca-file"],
        Twin("--cacert"),
    ),
    (
        &["--cert", "--ssl-cert", "--tls-cert"],
        Twin("--client-cert"),
    ),
    (&["--ssl-key", "--tls-key"], Twin("--client-key")),
    (&["-x", "--http-proxy", "--https-proxy"], Twin("--proxy")),
    (
        &["--noproxy", "--no-proxy"],
        Instead(("is not an option here", "set the variable: `NO_PROXY=HOST`")),
    ),
    (
        &["--resolve", "--connect-to"],
        Instead((
            "is not an option here: signing connects to nothing",
            "sign for the host in the URL, and let the client connect elsewhere: `curl \
             --connect-to HOST:443:OTHER:443 URL`",
        )),
    ),
    (
        &[
            "--check-certificate",
            "--ssl-verify",
            "--tls-verify",
            "--verify-ssl",
            "--verify-tls",
        ],
        Switch("", "--insecure"),
    ),
    (
        &[
            "--no-check-hostname",
            "--allow-unauthorized",
            "--insecure-skip-verify",
            "--no-check-certificate",
            "--no-ssl-verify",
            "--no-tls-verify",
            "--no-verify",
            "--skip-ssl-verify",
            "--skip-verify",
            "--tls-skip-verify",
        ],
        Switch("--insecure", ""),
    ),
];

/// What a verb that sends must not ignore.
const OF_SENDING: &[&str] = &[
    "--bwlimit",
    "--dry-run",
    "--dryrun",
    "--force",
    "--limit-download",
    "--limit-rate",
    "--limit-upload",
    "--limitrate",
    "--yes",
    "-n",
    "-y",
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
    ("--if-match", "is a header"),
    ("--if-none-match", "is a header"),
    ("--metadata", "is a header of an upload"),
    ("--object-lock-hold", "is a header of an upload"),
    ("--object-lock-mode", "is a header of an upload"),
    ("--object-lock-until", "is a header of an upload"),
    ("--sse", "is a header of an upload"),
    ("--sse-kms-key-id", "is a header of an upload"),
    ("--storage-class", "is a header of an upload"),
    ("--tagging", "is a header of an upload"),
    ("--website-redirect", "is a header of an upload"),
];

/// What an option of another tool means for a verb.
pub fn meaning(name: &str, verb: &str) -> Option<Meaning> {
    if matches!(
        verb,
        "get" | "presign" | "sign" | "sign-url" | "signurl" | "link" | "head" | "delete" | "list"
    ) && let Some((_, what)) = OF_UPLOADS.iter().find(|(option, _)| *option == name)
    {
        return Some(Instead((
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
                "--if-match" => "sign it as one: `--header 'If-Match: ETAG'`",
                "--if-none-match" => "sign it as one: `--header 'If-None-Match: ETAG'`",
                _ => "sign it with an upload: `cos-presign put BUCKET/KEY`",
            },
        )));
    }
    let sends = matches!(verb, "upload" | "download" | "share" | "verify" | "doctor");
    if sends && OF_SENDING.contains(&name) {
        return None;
    }
    let names_it = |(names, _): &&(&[&str], Meaning)| names.contains(&name);
    Some(OPTIONS.iter().find(names_it)?.1)
}

/// Values of other tools for options that both have.
pub fn value(option: &str, value: &str) -> Option<&'static str> {
    match (option, value) {
        ("--output", "text" | "table" | "plain" | "raw" | "value" | "link" | "off") => Some("url"),
        ("--output", "md") => Some("markdown"),
        ("--output", "ndjson" | "jsonlines") => Some("json"),
        ("--addressing", "host" | "virtual-hosted" | "virtual-host" | "vhost" | "dns") => {
            Some("virtual")
        }
        ("--addressing", "path-style") => Some("path"),
        _ => None,
    }
}

/// Whether the value of an option is a secret.
pub fn is_secret(name: &str) -> bool {
    let of_secret = [SECRET, TOKEN, API_KEY, ENCRYPTION_KEY];
    let meaning = meaning(&in_our_form(name), "get");
    matches!(meaning, Some(Instead(refusal)) if of_secret.contains(&refusal))
}

/// An option as we write it: `--expiresIn`, `--ExpiresIn` and `--expires_in` are `--expires-in`.
pub fn in_our_form(name: &str) -> String {
    let Some(word) = name.strip_prefix("--") else {
        return name.to_owned();
    };
    let mut text = String::from("--");
    let mut before = '-';
    for c in word.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push('-');
        }
        text.push(if c == '_' {
            '-'
        } else {
            c.to_ascii_lowercase()
        });
        before = c;
    }
    text
}

/// The options of other tools, those of one meaning together.
pub fn names() -> impl Iterator<Item = &'static [&'static str]> {
    OPTIONS.iter().map(|(names, _)| *names)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_there_once_and_sorted_after_the_first() {
        let mut seen = HashSet::new();
        for names in names() {
            let plain = |name: &&str| name.trim_start_matches("--").to_owned();
            assert!(names[1..].is_sorted_by_key(plain), "{names:?}");
            for name in names {
                assert!(seen.insert(*name), "{name}");
            }
        }
        assert!(seen.len() > 250, "{}", seen.len());
    }

    #[test]
    fn names_of_sdks_are_written_in_our_form() {
        for (typed, ours) in [
            ("--expiresIn", "--expires-in"),
            ("--ExpiresIn", "--expires-in"),
            ("--expires_in", "--expires-in"),
            ("--Bucket", "--bucket"),
            ("--SSEKMSKeyId", "--ssekmskey-id"),
            ("--region", "--region"),
            ("-E", "-E"),
        ] {
            assert_eq!(in_our_form(typed), ours);
        }
        assert!(is_secret("--secret_key") && is_secret("-u") && !is_secret("--region"));
    }

    #[test]
    fn verbs_that_send_do_not_ignore_what_is_about_sending() {
        for name in OF_SENDING {
            assert!(meaning(name, "get").is_some(), "{name}");
            assert_eq!(meaning(name, "share"), None, "{name}");
        }
    }
}
