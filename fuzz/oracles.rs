//! The properties that the fuzz targets check for any bytes. `tests/suite/fuzz_corpora.rs` of the
//! product checks them for the corpora, with the stable toolchain and without a sanitizer.
//!
//! An input of several fields is separated by the byte 0x1e; the last field may have any bytes. A
//! missing field is empty.

#![allow(dead_code, reason = "each target uses one law")]

#[path = "../tests/support/error_form.rs"]
mod error_form;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::DateTime;
use cos_presign::cli::{CredentialArgs, ReportForm, StoreArgs};
use cos_presign::diagnosis::{
    Anatomy, Case, Diagnosis, NamedCandidate, SignatureState, diagnose, explanation, repair,
    url_findings,
};
use cos_presign::env::Env;
use cos_presign::error::Failure;
use cos_presign::forensics::{Candidate, Search};
use cos_presign::manifest::{self, Layout, Options, Record, RecordError};
use cos_presign::output::{
    self,
    reports::inspection::{self, Inspection},
};
use cos_presign::pipeline::Separator;
use cos_presign::resolve::{
    Files, LocalContext, StoreSettings, config_path, target_beginnings, target_names,
};
use cos_presign::sigv4::{
    Condition, Credentials, Expiry, Header, Kernel, PayloadHash, PostPolicy, Presigned, Presigner,
    QueryParameter, Request, RequestPath, Scheme, SignedUrl, SigningTime, Template, UrlParts,
    encode, fold_header_value,
};
use cos_presign::store::{Endpoint, ErrorResponse, ListPage, ListRequest, Target, TargetStore};
use cos_presign::text::{escape_controls, local_name};
use cos_presign::transfer::{Completed, Partial, Plan, listed_parts};

use error_form::ends_in_error_and_hint;

const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// 2026-01-31T12:00:00Z.
const NOW: i64 = 1_769_860_800;

/// Splits an input into fields.
fn fields<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut found = [&b""[..]; N];
    for (place, field) in found.iter_mut().zip(data.splitn(N, |byte| *byte == 0x1e)) {
        *place = field;
    }
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Parses a small number from the digits of a field.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number: usize, byte| {
        number
            .wrapping_mul(10)
            .wrapping_add(usize::from(byte.wrapping_sub(b'0')))
    })
}

/// `name=value` between `&`, neither of them encoded.
fn parameters(bytes: &[u8]) -> Vec<QueryParameter> {
    let pairs = bytes
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => QueryParameter::new(&pair[..at], &pair[at + 1..]),
            None => QueryParameter::new(pair, ""),
        })
        .collect()
}

/// `name: value` on lines.
fn headers(bytes: &[u8]) -> Vec<Header> {
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| match line.iter().position(|byte| *byte == b':') {
            Some(at) => Header::new(text(&line[..at]), &line[at + 1..]),
            None => Header::new(text(line), ""),
        })
        .collect()
}

fn signing_time() -> SigningTime {
    SigningTime::from_unix_seconds(NOW).expect("a time that can be written")
}

fn credentials(token: &[u8]) -> Credentials {
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET);
    if token.is_empty() {
        credentials
    } else {
        credentials.with_session_token(text(token))
    }
}

/// The result of running the program.
struct Ran {
    code: u8,
    out: Vec<u8>,
    err: String,
}

/// Runs the program in this process, and checks the properties of every run.
fn run(args: &[&[u8]], variables: &[(&str, &str)], stdin: &[u8]) -> Ran {
    let env = Env::new(
        variables.iter().copied(),
        DateTime::from_timestamp(NOW, 0).expect("a time"),
        std::io::Cursor::new(stdin.to_vec()),
    );
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = std::iter::once(&b"cos-presign"[..])
        .chain(args.iter().copied())
        .map(os_string);
    let code = cos_presign::run(words, &env, &mut out, &mut err);
    let err = String::from_utf8_lossy(&err).into_owned();
    assert!(code <= 3, "exit code {code}: {err}");
    if code > 1 {
        assert!(out.is_empty(), "{code}");
        assert!(ends_in_error_and_hint(&err), "{code}: {err}");
    }
    Ran { code, out, err }
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> std::ffi::OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> std::ffi::OsString {
    text(bytes).into()
}

/// Percent-encoding and its inverse; names and texts that are shown or saved.
pub fn encoding(data: &[u8]) {
    let component = encode::component(data);
    assert!(
        component
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte))
    );
    assert_eq!(encode::decode(component.as_bytes()).as_deref(), Ok(data));
    assert_eq!(encode::decode_lenient(component.as_bytes()), data);
    let path = encode::path(data);
    assert_eq!(component.replace("%2F", "/"), *path);
    assert_eq!(encode::decode(path.as_bytes()).as_deref(), Ok(data));
    let mut appended = b"before".to_vec();
    encode::append_path(data, &mut appended);
    assert_eq!(appended.strip_prefix(b"before"), Some(path.as_bytes()));
    match encode::decode(data) {
        Ok(decoded) => assert_eq!(encode::decode_lenient(data), decoded),
        Err(at) => {
            assert_eq!(data[at], b'%');
            assert!(
                data.get(at + 1..at + 3)
                    .is_none_or(|digits| !digits.iter().all(u8::is_ascii_hexdigit))
            );
            assert!(encode::decode(&data[..at]).is_ok());
        }
    }
    let folded = fold_header_value(data);
    assert_eq!(fold_header_value(&folded), folded);
    assert!(!escape_controls(&text(data)).chars().any(char::is_control));
    let name = local_name(data);
    assert!(
        !name.is_empty() && name.len() <= 201 && !name.starts_with(['.', '-', '~']),
        "{name:?}"
    );
    assert!(
        !name.chars().any(|c| c.is_control() || "/\\:".contains(c)),
        "{name:?}"
    );
}

/// Method, authority, query, headers, token, path: signed, and parsed again. Also the whole input
/// as a URL.
pub fn url(data: &[u8]) {
    a_text_as_url(&text(data));
    let [method, authority, query, names, token, path] = fields(data);
    let mut request = Request::new(
        text(method),
        Scheme::Https,
        text(authority),
        [b"/", path].concat(),
    );
    request.query = parameters(query);
    request.headers = headers(names);
    let credentials = credentials(token);
    let presigner =
        Presigner::s3(&credentials, "us-south", signing_time()).expect("fields that can be signed");
    let Ok(presigned) = presigner.presign(&request) else {
        return;
    };
    let parts = UrlParts::parse(presigned.url.as_str()).expect("a URL");
    assert_eq!(parts.to_string(), presigned.url.as_str());
    assert!(presigned.url.as_str().is_ascii());
    let mut again = parts.request(&request.method);
    assert_eq!(
        parts
            .parameters()
            .iter()
            .filter(|p| p.is_authentication())
            .count(),
        if token.is_empty() { 6 } else { 7 }
    );
    again.headers.clone_from(&request.headers);
    assert_eq!(again, request);
    let rebuilt = presigner.presign(&again).expect("what was signed once");
    assert_eq!(rebuilt.url.as_str(), presigned.url.as_str());
    // A valid URL contains no damage, except possibly in its host, and parsing it yields what was
    // signed.
    if !authority
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte))
    {
        return;
    }
    assert_eq!(repair(presigned.url.as_str()).text, presigned.url.as_str());
    let anatomy = Anatomy::of(presigned.url.as_str()).expect("a URL");
    assert_eq!(anatomy.access_key_id.as_deref(), Some(ACCESS_KEY_ID));
    assert_eq!(
        (anatomy.expires_in, anatomy.issued_at),
        (Some(3600), Some(signing_time().to_utc()))
    );
    assert_eq!(anatomy.has_token, !token.is_empty());
}

fn a_text_as_url(text: &str) {
    let now = signing_time().to_utc();
    if let Ok(anatomy) = Anatomy::of(text) {
        let findings = url_findings(&anatomy, now);
        for finding in &findings {
            assert!(
                explanation(finding.code.as_str()).is_some(),
                "`{}` is not explained",
                finding.code
            );
        }
        let report = Inspection {
            anatomy: &anatomy,
            findings: &findings,
            now,
        };
        is_well_written(|form, out| inspection::write(form, &report, out));
        assert_eq!(anatomy.parts.to_string(), anatomy.text);
    }
    let Ok(parts) = UrlParts::parse(text) else {
        return;
    };
    assert_eq!(parts.to_string(), text);
    let request = parts.request("GET");
    let credentials = credentials(b"");
    let presigner =
        Presigner::s3(&credentials, "us-south", signing_time()).expect("fields that can be signed");
    let Ok(presigned) = presigner.presign(&request) else {
        return;
    };
    // The request of a URL equals that of the URL made from it, however it was spelled.
    let again = UrlParts::parse(presigned.url.as_str())
        .expect("a URL")
        .request("GET");
    assert_eq!(again, request);
}

/// Any TARGET that can be typed.
pub fn target(data: &[u8]) {
    match Target::parse(data) {
        // Bucket and key are encoded in the URL of the page.
        Ok(Target::Bucket {
            location: Some(TargetStore::Console(page)),
            bucket,
            key,
            bare,
        }) => {
            assert_eq!((&page.bucket, &page.key, bare), (&bucket, &key, false));
            assert!(!bucket.is_empty() && !bucket.contains('/'));
        }
        Ok(Target::Bucket {
            location,
            bucket,
            key,
            bare,
        }) => {
            let of_key = key
                .as_ref()
                .map(|key| [b"/", key.as_slice()].concat())
                .unwrap_or_default();
            let tail = [bucket.as_bytes(), &of_key].concat();
            assert!(data.ends_with(&tail));
            assert!(!bucket.is_empty() && !bucket.contains('/'));
            assert_eq!(bare, data.len() == tail.len());
            if let Some(location) = location {
                let front = match location {
                    TargetStore::IbmLocation(location) => format!("cos://{location}/"),
                    TargetStore::CosWithoutLocation => "cos://".to_owned(),
                    TargetStore::Scheme { scheme, .. } => format!("{scheme}://"),
                    TargetStore::Console(_) => unreachable!("matched above"),
                };
                assert!(text(&data[..front.len()]).eq_ignore_ascii_case(&front));
                assert_eq!(data.len(), front.len() + tail.len());
            }
        }
        Ok(Target::AccessPoint { key, .. }) => assert!(data.ends_with(&key.unwrap_or_default())),
        Ok(Target::Address {
            origin,
            path_as_sent,
            path,
            version_id,
        }) => {
            let address = format!("{origin}{path_as_sent}");
            assert!(data.starts_with(address.as_bytes()));
            assert!(path.is_empty() || path.starts_with(b"/"));
            assert_eq!(encode::decode(path_as_sent.as_bytes()), Ok(path));
            assert!(version_id.is_none() || data.len() > address.len());
        }
        Ok(Target::Service) => assert_eq!(data, b"/"),
        Err(_) => {}
    }
    if let Ok(typed) = std::str::from_utf8(data)
        && let Ok(endpoint) = Endpoint::parse(typed)
    {
        assert_eq!(Endpoint::parse(&endpoint.to_string()), Ok(endpoint));
    }
    let variables = [
        ("COS_HMAC_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("COS_HMAC_SECRET_ACCESS_KEY", SECRET),
        ("AWS_REGION", "us-south"),
    ];
    if data.contains(&0) {
        return;
    }
    let ran = run(&[b"get", b"--", data], &variables, b"");
    assert!(ran.code != 1 && !ran.err.contains(SECRET), "{}", ran.err);
    if ran.code == 0 {
        let out = String::from_utf8(ran.out).expect("a link is text");
        let link = out.strip_suffix('\n').expect("a line");
        assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "{link}");
        assert_eq!(resigned(link).as_deref(), Some(link));
        if let Ok(Target::Bucket { key: Some(key), .. }) = Target::parse(data) {
            let parts = UrlParts::parse(link).expect("a URL");
            assert!(
                encode::decode(parts.path.as_bytes())
                    .expect("an encoded path")
                    .ends_with(&key),
                "{link}"
            );
        }
    }
}

/// The URL made from the values of a URL, with the secret of these tests; `None` without a complete
/// credential.
fn resigned(link: &str) -> Option<String> {
    let anatomy = Anatomy::of(link).ok()?;
    let credential = anatomy.credential.as_ref()?;
    let credentials = Credentials::new(credential.access_key_id.as_str(), SECRET);
    let signed_at = SigningTime::new(anatomy.issued_at?).ok()?;
    let presigner = match anatomy.text("X-Amz-Region-Set") {
        Some(regions) => {
            Presigner::of_region_set(&credentials, &regions, &credential.service, signed_at).ok()?
        }
        None => Presigner::new(
            &credentials,
            &credential.region,
            &credential.service,
            signed_at,
        )
        .ok()?,
    };
    let presigner = presigner.expires_in(Expiry::seconds(anatomy.expires_in?).ok()?);
    Some(
        presigner
            .presign(&anatomy.parts.request("GET"))
            .ok()?
            .url
            .as_str()
            .to_owned(),
    )
}

/// Code and message of an error document, and the whole input as a response, a listing, a list of
/// parts, the response to CompleteMultipartUpload, an upload plan, and the resume record of a
/// download.
pub fn response(data: &[u8]) {
    let response = ErrorResponse::parse(data);
    for (name, value) in &response.elements {
        assert!(value.trim().is_empty() || response.element(name).is_some());
    }
    let typed = text(data);
    if !typed.contains('\r') {
        assert_eq!(
            ErrorResponse::parse(typed.replace('\n', "\r\n").as_bytes()),
            response
        );
    }
    let (code, message) = (response.code().is_some(), response.message().is_some());
    assert!(response.elements.len() >= usize::from(code) + usize::from(message));
    let mut request = ListRequest::new("");
    let first = ListPage::parse(data, &request);
    if let Ok(page) = &first {
        assert!(page.objects.iter().all(|object| !object.key.is_empty()));
        request.continuation_token.clone_from(&page.next);
        // A repeated page is a cycle, unless it is the last.
        assert_eq!(ListPage::parse(data, &request).is_ok(), page.next.is_none());
    }
    let _ = listed_parts(data);
    let _ = Completed::parse(data);
    if let Ok(Plan::Multipart(plan)) = Plan::parse(&typed) {
        let total = plan.size.unwrap_or(1 << 30);
        if let Ok(slices) = plan.slices(total) {
            let mut end = 0;
            for slice in &slices {
                assert_eq!(slice.offset, end);
                end += slice.size;
            }
            assert_eq!(end, total);
        }
    }
    unfinished(data);
    let [code, message, key] = fields::<3>(data).map(text);
    let has_control = |text: &str| text.chars().any(|c| c.is_control() || c > '\u{fffd}');
    if [&code, &message, &key].iter().any(|text| has_control(text)) {
        return;
    }
    let written = format!(
        "<Error><Code>{}</Code><Message>{}</Message></Error>",
        xml(&code),
        xml(&message)
    );
    let read = ErrorResponse::parse(written.as_bytes());
    // Overlong text is not a code, and long messages are shortened.
    let code = if code.trim().len() <= 100 {
        code.trim()
    } else {
        ""
    };
    assert_eq!(read.code().unwrap_or_default(), code);
    assert!(
        message
            .trim()
            .chars()
            .take(1000)
            .eq(read.message().unwrap_or_default().chars())
    );
    if !key.is_empty() {
        let page = |key: &str, encoding: &str| {
            format!(
                "<ListBucketResult><IsTruncated>false</IsTruncated>{encoding}<Contents><Key>{}</Key></Contents></ListBucketResult>",
                xml(key)
            )
        };
        for written in [
            page(&key, ""),
            page(
                &encode::component(key.as_bytes()),
                "<EncodingType>url</EncodingType>",
            ),
        ] {
            let read = ListPage::parse(written.as_bytes(), &ListRequest::new("")).expect("a page");
            assert_eq!(text(&read.objects[0].key), key);
        }
    }
}

/// The resume record of a download, in a file of the length it describes.
fn unfinished(note: &[u8]) {
    let size = serde_json::from_slice::<serde_json::Value>(note)
        .ok()
        .and_then(|note| note.get("size")?.as_u64());
    let length = Partial::new("o", "\"e\"", 0, Default::default(), 1)
        .note()
        .map_or(0, |note| note.len() as u64);
    let Some(partial) = size.and_then(|size| Partial::read(note, size.checked_add(length)?)) else {
        return;
    };
    assert!(partial.done() <= partial.size);
    let written = partial.note().expect("what was read can be written");
    assert_eq!(
        Partial::read(&written, partial.size + length).map(|again| again.done()),
        Some(partial.done())
    );
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A valid URL, and the transcript of its use; then the transcript alone in place of a URL.
pub fn transcript(data: &[u8]) {
    static LINK: OnceLock<String> = OnceLock::new();
    let link = LINK.get_or_init(|| {
        let credentials = credentials(b"");
        let presigner = Presigner::s3(&credentials, "us-south", signing_time())
            .expect("fields that can be signed");
        let host = "s3.us-south.cloud-object-storage.appdomain.cloud";
        let request = Request::new("GET", Scheme::Https, host, "/bucket/a b.txt");
        presigner
            .presign(&request)
            .expect("a request that can be signed")
            .url
            .as_str()
            .to_owned()
    });
    let mut case = Case::new(link.as_str(), signing_time().to_utc());
    let answer = ErrorResponse::parse(data);
    case.response = Some(answer.clone());
    let diagnosis = diagnose(&case).expect("a URL");
    is_sound(&diagnosis);
    case.candidates = suspects();
    case.search = Search::Single;
    // The request in a transcript is arbitrary, so the search does not run for every input.
    if answer.request.is_none() {
        let diagnosis = diagnose(&case).expect("a URL");
        is_sound(&diagnosis);
        assert_eq!(diagnosis.signature, SignatureState::Matches);
    }
    // A transcript in place of URLs costs a run of the program, so only inputs that contain one.
    if data.windows(3).any(|window| window == b"://") {
        let ran = run(&[b"inspect", b"--json", b"-"], &[], data);
        for document in
            serde_json::Deserializer::from_slice(&ran.out).into_iter::<serde_json::Value>()
        {
            document.expect("JSON");
        }
    }
}

/// A report is JSON for programs, and safe text for terminals.
fn is_well_written(write: impl Fn(ReportForm, &mut dyn std::io::Write) -> std::io::Result<()>) {
    let (mut json, mut shown) = (Vec::new(), Vec::new());
    write(ReportForm::Json, &mut json).expect("memory can be written to");
    write(ReportForm::Text, &mut shown).expect("memory can be written to");
    assert!(
        serde_json::from_slice::<serde_json::Value>(&json).is_ok(),
        "{}",
        text(&json)
    );
    let shown = String::from_utf8(shown).expect("text");
    assert!(
        !shown.is_empty() && !shown.chars().any(|c| c.is_control() && c != '\n'),
        "{shown:?}"
    );
}

fn is_json(ran: &Ran) {
    let parsed: Result<serde_json::Value, _> = serde_json::from_slice(&ran.out);
    assert!(parsed.is_ok(), "{}", text(&ran.out));
}

fn suspects() -> Vec<NamedCandidate> {
    let credentials = credentials(b"");
    let suspect = Candidate {
        access_key_id: credentials.access_key_id().to_owned(),
        secret: credentials.secret_access_key().clone(),
        token: None,
    };
    vec![NamedCandidate {
        candidate: suspect,
        source: "here".to_owned(),
    }]
}

/// Properties of every diagnosis: it reports something, explains all of it, and is never certain
/// without a reason.
fn is_sound(diagnosis: &Diagnosis) {
    assert_eq!(diagnosis.verdict, diagnosis.findings[0].code);
    for finding in &diagnosis.findings {
        assert!(
            explanation(finding.code.as_str()).is_some(),
            "`{}` is not explained",
            finding.code
        );
        assert!(!finding.message.is_empty() && !finding.message.contains(SECRET));
        assert!(finding.evidence.iter().all(|line| !line.contains(SECRET)));
        assert!(finding.fix.as_ref().is_none_or(|fix| !fix.contains(SECRET)));
    }
    let codes: Vec<_> = diagnosis
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert!(
        codes
            .iter()
            .enumerate()
            .all(|(index, code)| !codes[..index].contains(code)),
        "{codes:?}"
    );
    if diagnosis.signature == SignatureState::NotChecked {
        assert_eq!(diagnosis.tried, 0);
    }
    is_well_written(|form, out| {
        output::reports::diagnosis::write(form, diagnosis, std::time::Duration::ZERO, out)
    });
    // As many as one mistake has forms, not as many as two.
    assert!(
        diagnosis.tried < 1_000_000,
        "{} requests were tried",
        diagnosis.tried
    );
}

/// Changes of a URL, its method and query, and its key: are they detected? `2:x;` replaces byte 2
/// of the URL by `x`, `2-3;` removes three bytes, `2+abc;` inserts `abc` before it.
pub fn diagnosis(data: &[u8]) {
    let [edits, method, query, key] = fields(data);
    let mut request = Request::new(
        text(method),
        Scheme::Https,
        "s3.example.com",
        [b"/bucket/", key].concat(),
    );
    request.query = parameters(query);
    if key.len() + query.len() > 200 {
        return;
    }
    let credentials = credentials(b"");
    let presigner = Presigner::s3(&credentials, "us-east-1", signing_time())
        .expect("fields that can be signed");
    let Ok(presigned) = presigner.presign(&request) else {
        return;
    };
    let link = edited(presigned.url.as_str().as_bytes(), edits);
    let mut case = Case::new(link.as_str(), signing_time().to_utc());
    case.candidates = suspects();
    case.search = Search::Single;
    case.method = Some(request.method.clone());
    let Ok(diagnosis) = diagnose(&case) else {
        assert_ne!(link, presigned.url.as_str());
        return;
    };
    is_sound(&diagnosis);
    if link == presigned.url.as_str() {
        assert_eq!(
            diagnosis.signature,
            SignatureState::Matches,
            "{:?}",
            diagnosis.findings
        );
    }
    // A signature matches if and only if signing the values of the URL reproduces it.
    let anatomy = &diagnosis.anatomy;
    let digits = anatomy.text("X-Amz-Signature").unwrap_or_default();
    if diagnosis.signature == SignatureState::Matches {
        assert_eq!(
            digits.to_ascii_lowercase(),
            presigned.signature.to_string(),
            "{link}"
        );
    }
}

fn edited(link: &[u8], edits: &[u8]) -> String {
    let mut link = link.to_vec();
    for edit in edits.split(|byte| *byte == b';').take(4) {
        let Some(split) = edit.iter().position(|byte| !byte.is_ascii_digit()) else {
            continue;
        };
        let at = number(&edit[..split]) % (link.len() + 1);
        let (operation, operand) = (edit[split], &edit[split + 1..]);
        match operation {
            b':' => {
                let end = (at + operand.len()).min(link.len());
                link.splice(at..end, operand.iter().copied());
            }
            b'-' => {
                let end = at.saturating_add(number(operand)).min(link.len());
                link.drain(at..end);
            }
            _ => {
                link.splice(at..at, operand.iter().copied());
            }
        }
    }
    text(&link)
}

/// Kind of file, the target, and the file. Each source yields a message or a value, never its
/// secret.
pub fn sources(data: &[u8]) {
    let [kind, target, file] = fields(data);
    let folder = folder();
    let (name, variable) = match kind.first() {
        Some(b'c') => ("aws-config", "AWS_CONFIG_FILE"),
        Some(b'i') => ("ibm.json", "COS_CREDENTIALS_FILE"),
        Some(b'm') => ("mc/config.json", "MC_CONFIG_DIR"),
        Some(b'e') => ("mc-env", "MC_CONFIG_ENV_FILE"),
        Some(b'r') => ("rclone.conf", "RCLONE_CONFIG"),
        Some(b's') => ("s3cfg", "S3CMD_CONFIG"),
        Some(b'o') => ("config.toml", "COS_PRESIGN_CONFIG"),
        Some(b'v') => ("", "VCAP_SERVICES"),
        Some(b'h') => ("", "MC_HOST_reports"),
        _ => ("aws-credentials", "AWS_SHARED_CREDENTIALS_FILE"),
    };
    let value = match name {
        "" => text(file),
        "mc/config.json" => {
            std::fs::write(folder.join(name), file).expect("a folder that can be written to");
            folder.join("mc").display().to_string()
        }
        name => {
            std::fs::write(folder.join(name), file).expect("a folder that can be written to");
            folder.join(name).display().to_string()
        }
    };
    if value.contains('\0') {
        return;
    }
    let variables = [(variable, value.as_str()), ("HOME", "/nonexistent")];
    let env = Env::new(variables, signing_time().to_utc(), std::io::empty());
    let hides_secret = secret_stands_alone(&text(file));
    let told = |failure: &Failure| {
        assert!(
            !failure.message.is_empty()
                && failure.hint.as_ref().is_some_and(|hint| !hint.is_empty()),
            "{failure:?}"
        );
        assert!(
            !hides_secret || !format!("{failure:?}").contains(SECRET),
            "{failure:?}"
        );
    };
    let args = CredentialArgs::default();
    let files = Files::new(&args, &env);
    let store = StoreArgs::default();
    let settings = StoreSettings::new(&store, &env, &files, "s3");
    for result in [
        settings.configured().map(drop),
        settings.usual_credentials(&args, true).map(drop),
        settings.usual_credentials(&args, false).map(drop),
    ] {
        let _ = result.inspect_err(told);
    }
    let _ = target_names(&env).inspect_err(told);
    target_beginnings(&env);
    config_path(&env);
    if let Ok(target) = Target::parse(target)
        && let Ok(place) = settings.place(&target).inspect_err(|failure| {
            assert!(!hides_secret || !format!("{failure:?}").contains(SECRET))
        })
    {
        let _ = settings.credentials_of(&place, &args).inspect_err(told);
        assert!(
            !hides_secret || !format!("{place:?}").contains(SECRET),
            "{place:?}"
        );
    }
    let around = LocalContext::new(&args, &env, None, Some(ACCESS_KEY_ID), true, &[])
        .expect("no option can be wrong");
    assert!(
        !hides_secret || !format!("{around:?}").contains(SECRET),
        "{around:?}"
    );
    around.unusable.as_ref().map(told);
    // With a `+` after the kind, which selects a file, the program shows how it was parsed.
    if kind.get(1) != Some(&b'+') || target.contains(&0) {
        return;
    }
    let (link, shown): ([&[u8]; 3], [&[u8]; 2]) = ([b"get", b"--", target], [b"config", b"--json"]);
    for args in [&link[..], &shown] {
        let ran = run(args, &variables, b"");
        assert!(
            ran.code != 1
                && !(hides_secret && (ran.err.contains(SECRET) || text(&ran.out).contains(SECRET))),
            "{}",
            ran.err
        );
        if ran.code == 0 && args.len() == 2 {
            is_json(&ran);
        }
    }
}

/// A directory for the files of this process.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder =
            std::env::temp_dir().join(format!("cos-presign-sources-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("mc")).expect("a folder for temporary files");
        folder
    })
}

/// Whether the secret occurs once in a file, as the value of a secret's name at the start of a line
/// or of a JSON member. In the place of a region it is shown.
fn secret_stands_alone(file: &str) -> bool {
    let Some((before, after)) = file.split_once(SECRET) else {
        return false;
    };
    let names = [
        "aws_secret_access_key",
        "secret_access_key",
        "secret_key",
        "secretKey",
    ];
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    let bare = line
        .trim_end_matches('"')
        .trim_end()
        .trim_end_matches(['=', ':'])
        .trim();
    let bare = bare.trim_matches('"');
    !after.contains(SECRET)
        && !file.contains(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        && names.contains(&bare)
}

/// Options, positions at which the input is divided, and the input: records of all kinds.
pub fn manifest(data: &[u8]) {
    let [options, column, cuts, input] = fields(data);
    let kinds = [
        manifest::Kind::Csv,
        manifest::Kind::Inventory,
        manifest::Kind::Jsonl,
        manifest::Kind::Tsv,
    ];
    let said = |letter: u8| options.contains(&letter);
    let kind = match options.first() {
        Some(b'i') => kinds[1],
        Some(b'j') => kinds[2],
        Some(b't') => kinds[3],
        _ => kinds[0],
    };
    let mut wanted = Options::new(kind);
    wanted.key_column = (!column.is_empty()).then(|| text(column));
    wanted.header = match () {
        () if said(b'H') => Some(manifest::Header::Present),
        () if said(b'A') => Some(manifest::Header::Absent),
        () => None,
    };
    if said(b'S') {
        wanted.schema = Some(text(cuts));
    }
    if said(b'U') {
        wanted.url_column = text(cuts);
    }
    lists(input, cuts);
    let begun = Layout::begin(&wanted, input, true);
    // The header is parsed the same, however much of the input is available.
    for end in cut_places(cuts, input.len()) {
        if let Ok(Some(early)) = Layout::begin(&wanted, &input[..end], false) {
            assert_eq!(begun.as_ref().ok().and_then(Option::as_ref), Some(&early));
        }
    }
    let Ok(Some(beginning)) = begun else { return };
    let layout = &beginning.layout;
    let body = &input[beginning.consumed..];
    let records = records(layout, body);
    let pieces: Vec<u8> = records
        .iter()
        .flat_map(|record| [record.text, record.line_end])
        .flatten()
        .copied()
        .collect();
    assert_eq!(pieces, body);
    let lines: usize = records.iter().map(|record| record.lines).sum();
    assert_eq!(lines, body.iter().filter(|byte| **byte == b'\n').count());
    let link = b"https://h/b/k?X-Amz-Expires=60&a=%2F";
    let [before, behind] = layout.frame();
    let mut whole = Vec::new();
    for record in &records {
        let from = whole.len();
        layout.write(record, link, &mut whole);
        if let Ok(Some(request)) = &record.request {
            assert!(!request.key.is_empty());
            let [start, rest, line_end] = record.parts();
            assert_eq!(
                &whole[from..],
                [start, &before, link, &behind, rest, line_end].concat()
            );
        } else {
            assert_eq!(&whole[from..], [record.text, record.line_end].concat());
        }
    }
    // Any division of the input has the same result.
    let mut in_pieces = Vec::new();
    let mut start = 0;
    for end in cut_places(cuts, body.len()) {
        let cut = start + layout.cut(&body[start..end.max(start)]);
        for record in self::records(layout, &body[start..cut]) {
            layout.write(&record, link, &mut in_pieces);
        }
        start = cut;
    }
    for record in self::records(layout, &body[start..]) {
        layout.write(&record, link, &mut in_pieces);
    }
    assert_eq!(text(&in_pieces), text(&whole));
    match kind {
        manifest::Kind::Jsonl => records
            .iter()
            .for_each(|record| is_what_serde_reads(layout, record, &wanted)),
        manifest::Kind::Csv | manifest::Kind::Tsv => gains_a_column(
            &records,
            &whole,
            if kind == kinds[3] { b'\t' } else { b',' },
        ),
        manifest::Kind::Inventory => {}
    }
}

/// Lists of keys: nothing is trimmed and nothing is lost.
fn lists(input: &[u8], cuts: &[u8]) {
    for separator in [Separator::Line, Separator::CrLf, Separator::Null] {
        let (mut rest, mut pieces) = (input, Vec::new());
        while !rest.is_empty() {
            let (record, next) = separator.next(rest);
            assert!(next > 0 && record.len() + 1 >= next);
            pieces.extend_from_slice(record);
            if next > record.len() {
                pieces.push(separator.byte());
            }
            rest = &rest[next..];
        }
        assert_eq!(pieces, input);
        for end in cut_places(cuts, input.len()) {
            let cut = separator.cut(&input[..end]);
            assert!(cut == 0 || input[cut - 1] == separator.byte());
        }
    }
}

/// At most eight positions, in order.
fn cut_places(cuts: &[u8], length: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts
        .iter()
        .take(8)
        .map(|byte| usize::from(*byte) * (length + 1) / 256)
        .collect();
    places.sort_unstable();
    places
}

fn records<'a>(layout: &Layout, mut bytes: &'a [u8]) -> Vec<Record<'a>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let record = layout.next(bytes);
        assert!(record.len > 0);
        bytes = &bytes[record.len..];
        records.push(record);
    }
    records
}

fn is_what_serde_reads(layout: &Layout, record: &Record<'_>, options: &Options) {
    if record.text.trim_ascii().is_empty() {
        return;
    }
    let parsed: Result<serde_json::Value, _> = serde_json::from_slice(record.text);
    match (&record.request, parsed) {
        (Err(RecordError::Json { .. } | RecordError::NotUtf8 { .. }), parsed) => {
            assert!(parsed.is_err(), "{}", text(record.text))
        }
        (Ok(Some(request)), Ok(parsed)) => {
            let name = options.key_column.as_deref().unwrap_or("key");
            assert_eq!(
                parsed[name].as_str().map(str::as_bytes),
                Some(&*request.key)
            );
            let mut out = Vec::new();
            layout.write(record, b"https://h/?\"", &mut out);
            let mut written: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
            let members = written.as_object_mut().expect("an object");
            assert_eq!(
                members.remove(&options.url_column),
                Some("https://h/?\"".into())
            );
            assert_eq!(written, parsed);
        }
        // They reject unpaired surrogates, numbers that are too large and a depth of 128 in any
        // field.
        _ => {}
    }
}

fn gains_a_column(records: &[Record<'_>], written: &[u8], delimiter: u8) {
    // Intended differences of the two readers: their byte order mark at the start, and a single
    // `\r`, which is part of its field here.
    let has_lone_return =
        |record: &Record<'_>| record.text.contains(&b'\r') || record.line_end == b"\r";
    if records.iter().any(has_lone_return) || written.starts_with(b"\xef\xbb\xbf") {
        return;
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(written);
    let theirs: Vec<csv::ByteRecord> = reader
        .byte_records()
        .map(|record| record.expect("records of bytes"))
        .collect();
    let ours: Vec<&Record<'_>> = records
        .iter()
        .filter(|record| !record.text.is_empty())
        .collect();
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        if let Ok(Some(request)) = &ours.request {
            assert!(
                theirs.iter().any(|field| field == &*request.key),
                "{}",
                text(ours.text)
            );
            assert_eq!(
                theirs.iter().next_back(),
                Some(&b"https://h/b/k?X-Amz-Expires=60&a=%2F"[..])
            );
        }
    }
}

/// Bucket, key and fields of a form, and the input as a policy or a single condition.
pub fn policy(data: &[u8]) {
    if let Ok(policy) = PostPolicy::parse(data) {
        assert_eq!(policy.as_bytes(), data);
        let written: Vec<Condition> = policy.conditions().to_vec();
        {
            let again = PostPolicy::new(policy.expiration(), written.clone());
            let read = PostPolicy::parse(again.as_bytes()).expect("what we write");
            assert_eq!(read.conditions(), written);
            assert_eq!(read, again);
        }
        for condition in &written {
            assert_eq!(
                Condition::parse(&condition.to_string()).as_ref(),
                Ok(condition)
            );
        }
        let _ = policy.content_length_range();
        let fields: Vec<(String, String)> = written
            .iter()
            .filter_map(|c| Some((c.field()?.to_owned(), String::new())))
            .collect();
        let _ = policy.check("bucket", &fields);
    }
    let variables = [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_REGION", "us-east-1"),
    ];
    if data.starts_with(b"{") {
        let ran = run(
            &[b"post", b"bucket/key", b"--json", b"--policy", b"-"],
            &variables,
            data,
        );
        assert!(!ran.err.contains(SECRET));
        if ran.code == 0 {
            is_json(&ran);
        }
    }
    let [bucket, key, given] = fields::<3>(data);
    let (bucket, key) = (text(bucket), text(key));
    let own: Vec<(String, String)> = parameters(given)
        .into_iter()
        .map(|p| (text(&p.name), text(&p.value)))
        .collect();
    let mut names: Vec<String> = own
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort();
    names.dedup();
    let reserved = ["bucket", "key", "file", "policy"];
    if names.len() < own.len()
        || names
            .iter()
            .any(|name| reserved.contains(&name.as_str()) || name.starts_with("x-amz-"))
    {
        return;
    }
    let conditions = own
        .iter()
        .map(|(name, value)| Condition::exact(name, value))
        .collect();
    let credentials = credentials(b"t0ken");
    let presigner = Presigner::s3(&credentials, "us-east-1", signing_time())
        .expect("fields that can be signed");
    let form = match presigner.sign_form(&bucket, &key, own, conditions, signing_time()) {
        Ok(form) => form,
        Err(error) => {
            assert!(key.is_empty(), "{error}");
            return;
        }
    };
    // A form keeps its policy byte for byte, and the parsed policy corresponds to its bytes.
    let mismatches = form.policy.check(&bucket, &form.fields);
    assert!(mismatches.is_empty(), "{mismatches:?}");
    assert_eq!(
        PostPolicy::parse(form.policy.as_bytes()).as_ref(),
        Ok(&form.policy)
    );
    assert!(form.policy.as_bytes().is_ascii());
}

/// Method, query, headers, token, prefix, and keys on lines: signed one by one, and in bulk by
/// every kernel.
pub fn template(data: &[u8]) {
    let [method, query, names, token, prefix, keys] = fields(data);
    let mut request = Request::new(
        text(method),
        Scheme::Http,
        "Minio.example:9000",
        [b"/", prefix].concat(),
    );
    request.query = parameters(query);
    request.headers = headers(names);
    let credentials = credentials(token);
    let presigner = Presigner::s3(&credentials, "us-east-1", signing_time())
        .expect("fields that can be signed");
    let template = match Template::new(&presigner, &request) {
        Ok(template) => template,
        Err(error) => {
            assert_eq!(presigner.presign(&request).err(), Some(error));
            return;
        }
    };
    let keys = keys.split(|byte| *byte == b'\n');
    let keys: Vec<&[u8]> = keys.filter(|key| !key.is_empty()).collect();
    let mut expected = Vec::new();
    for key in &keys {
        let path = RequestPath::Unencoded([b"/", prefix, key].concat());
        let single = presigner
            .presign(&Request {
                path,
                ..request.clone()
            })
            .expect("what has a template");
        assert_eq!(
            single.url.as_str().len(),
            template.url_length(encode::path(key).len())
        );
        expected.extend_from_slice(single.url.as_str().as_bytes());
        expected.push(b'\n');
    }
    for kernel in Kernel::available() {
        let mut signer = template.signer(kernel);
        let mut out = Vec::new();
        let mut writer = signer.writer(&mut out);
        for key in &keys {
            writer.url(key).expect("a key");
            writer.text(b"\n");
        }
        writer.finish();
        assert_eq!(text(&out), text(&expected), "{}", kernel.name());
        // Unfinished URLs have no signature.
        let mut unfinished = Vec::new();
        let mut writer = signer.writer(&mut unfinished);
        for key in keys.iter().take(100) {
            writer.url(key).expect("a key");
        }
        std::mem::forget(writer);
        for url in text(&unfinished).split("X-Amz-Signature=").skip(1) {
            assert!(url.starts_with(&"-".repeat(64)));
        }
    }
}

/// The change, its place and bits, and a request: the signature differs if and only if the signed
/// parts differ.
pub fn signature(data: &[u8]) {
    let [what, at, bits, method, query, names, token, path] = fields(data);
    let request = |method: &[u8], query: &[u8], names: &[u8], path: &[u8]| {
        let mut request = Request::new(
            text(method),
            Scheme::Https,
            "s3.example.com",
            [b"/", path].concat(),
        );
        request.query = parameters(query);
        request.headers = headers(names);
        request
    };
    let mask = bits.first().copied().unwrap_or(1).max(1);
    let flipped = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let length = bytes.len();
        if length > 0 {
            bytes[number(at) % length] ^= mask;
        }
        bytes
    };
    let original = request(method, query, names, path);
    let mut other = original.clone();
    let (mut region, mut expires, mut seconds, mut other_token) =
        ("us-south".to_owned(), 3600, NOW, token.to_vec());
    match what.first() {
        Some(b'm') => other = request(&flipped(method), query, names, path),
        Some(b'q') => other = request(method, &flipped(query), names, path),
        Some(b'h') => other = request(method, query, &flipped(names), path),
        Some(b't') => other_token = flipped(token),
        Some(b'r') => region = text(&flipped(region.as_bytes())),
        Some(b'e') => expires ^= u64::from(mask),
        Some(b'd') => seconds ^= i64::from(mask),
        Some(b'b') => other.payload_hash = PayloadHash::OfBody(path.to_vec()),
        Some(b'a') => other.authority = text(&flipped(other.authority.as_bytes())),
        Some(b's') => other.scheme = Scheme::Http,
        _ => other = request(method, query, names, &flipped(path)),
    }
    let Some(first) = signed(&original, token, "us-south", 3600, NOW) else {
        return;
    };
    let Some(second) = signed(&other, &other_token, &region, expires, seconds) else {
        return;
    };
    let is_same = meaning(&original) == meaning(&other)
        && text(token) == text(&other_token)
        && (region.as_str(), expires, seconds) == ("us-south", 3600, NOW);
    assert_eq!(
        first.signature == second.signature,
        is_same,
        "{} {}",
        first.canonical_request,
        second.canonical_request
    );
    // What was signed verifies, and what was signed otherwise does not.
    verifies(&first, &original, token, first.url.as_str(), true);
    if !is_same && first.url.as_str().len() == second.url.as_str().len() {
        let (own, other) = (first.signature.to_string(), second.signature.to_string());
        let forged = first.url.as_str().replace(&own, &other);
        verifies(&first, &original, token, &forged, false);
    }
}

/// Whether a server that knows the secret accepts the URL with the headers of the request.
fn verifies(presigned: &Presigned, request: &Request, token: &[u8], url: &str, expected: bool) {
    let Ok(signed) = SignedUrl::parse(url) else {
        return;
    };
    let host = [Header::new("Host", request.host())];
    let headers = presigned.headers_to_send.iter().chain(&host);
    let headers = headers.map(|header| (header.name.as_str(), header.value.as_slice()));
    let now = SigningTime::from_unix_seconds(NOW).expect("a time");
    let verdict = signed.verify(&request.method, headers, &credentials(token), now);
    assert_eq!(verdict.is_ok(), expected, "{url}: {:?}", verdict.err());
}

fn signed(
    request: &Request,
    token: &[u8],
    region: &str,
    expires: u64,
    seconds: i64,
) -> Option<Presigned> {
    let credentials = credentials(token);
    let signed_at = SigningTime::from_unix_seconds(seconds).ok()?;
    let presigner = Presigner::s3(&credentials, region, signed_at)
        .ok()?
        .expires_in(Expiry::seconds(expires).ok()?);
    presigner.presign(request).ok()
}

/// The signed parts of a request by the specification, implemented independently: case of hosts and
/// header names, white space around and inside header values, and the order of parameters and
/// headers are not signed.
fn meaning(request: &Request) -> impl PartialEq {
    let mut query: Vec<_> = request
        .query
        .iter()
        .map(|p| (p.name.clone(), p.value.clone()))
        .collect();
    query.sort();
    let mut headers: std::collections::BTreeMap<String, Vec<Vec<u8>>> = Default::default();
    for header in &request.headers {
        let words = header
            .value
            .split(|byte| *byte == b' ')
            .filter(|word| !word.is_empty());
        let value = words.collect::<Vec<_>>().join(&b' ');
        headers
            .entry(header.name.to_ascii_lowercase())
            .or_default()
            .push(value);
    }
    let headers: Vec<_> = headers
        .into_iter()
        .map(|(name, values)| (name, values.join(&b',')))
        .collect();
    (
        request.method.clone(),
        request.host(),
        request.path.as_sent(),
        query,
        headers,
        request.payload_hash.to_text(),
    )
}
