//! The URLs of a multipart upload: as a plan in JSON, and as programs that upload with them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::links::curl::takes_file_name;
use super::links::template::filled;
use super::upload_page::{self, PagePart, Sends, UploadPage};
use crate::cli::PageArgs;
use crate::sigv4::{Header, Presigned, SigningTime};
use crate::store::{Cut, Part};
use crate::text::{CommandLine, local_name, shell_quote};

/// Everything that an uploader without credentials needs.
pub struct Plan<'a> {
    pub bucket: &'a str,
    /// Byte for byte.
    pub key: &'a [u8],
    /// The upload ID.
    pub upload_id: String,
    /// Size of the file and of its parts.
    pub cut: Cut,
    /// Signing time.
    pub issued_at: SigningTime,
    /// The first moment at which the URLs are no longer valid.
    pub expires_at: SigningTime,
    /// The parts in order.
    pub parts: Vec<PlannedPart>,
    /// Headers that must be sent with every part.
    pub part_headers: Vec<Header>,
    /// List the uploaded parts: one URL for every thousand.
    pub list_parts: Vec<Presigned>,
    /// Completes the upload.
    pub complete: Presigned,
    /// Aborts the upload.
    pub abort: Presigned,
    /// Reports whether the object exists.
    pub object: Presigned,
    /// Name of the file given to `--from-file`.
    pub file: Option<Vec<u8>>,
}

/// A part and its URL.
pub struct PlannedPart {
    /// Number, offset and size.
    pub part: Part,
    pub url: String,
}

impl Plan<'_> {
    /// The file to upload: that of `--from-file`, else one named like the object.
    fn file_name(&self) -> Vec<u8> {
        self.file
            .clone()
            .unwrap_or_else(|| local_name(self.key).into_bytes())
    }
}

#[derive(Serialize)]
struct Report<'a> {
    kind: &'a str,
    bucket: &'a str,
    key: String,
    upload_id: &'a str,
    issued_at: String,
    expires_at: String,
    size: u64,
    part_size: u64,
    headers: BTreeMap<&'a str, String>,
    parts: Vec<ReportedPart<'a>>,
    list_parts: Vec<Step<'a>>,
    complete: Step<'a>,
    abort: Step<'a>,
    object: Step<'a>,
}

#[derive(Serialize)]
struct ReportedPart<'a> {
    part_number: u64,
    offset: u64,
    size: u64,
    url: &'a str,
}

#[derive(Serialize)]
struct Step<'a> {
    method: &'a str,
    url: &'a str,
    headers: BTreeMap<&'a str, String>,
}

fn step<'a>(method: &'a str, presigned: &'a Presigned) -> Step<'a> {
    Step {
        method,
        url: presigned.url.as_str(),
        headers: header_map(&presigned.headers_to_send),
    }
}

fn header_map(headers: &[Header]) -> BTreeMap<&str, String> {
    headers
        .iter()
        .map(|header| {
            (
                header.name.as_str(),
                String::from_utf8_lossy(&header.value).into_owned(),
            )
        })
        .collect()
}

/// One JSON object. Field names are stable; new ones are added at the end.
///
/// # Errors
/// The error of the writer.
pub fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        kind: "multipart-upload",
        bucket: plan.bucket,
        key: String::from_utf8_lossy(plan.key).into_owned(),
        upload_id: &plan.upload_id,
        issued_at: plan.issued_at.rfc3339(),
        expires_at: plan.expires_at.rfc3339(),
        size: plan.cut.size,
        part_size: plan.cut.part_size,
        headers: header_map(&plan.part_headers),
        parts: plan
            .parts
            .iter()
            .map(|PlannedPart { part, url }| ReportedPart {
                part_number: part.number,
                offset: part.offset,
                size: part.size,
                url,
            })
            .collect(),
        list_parts: plan
            .list_parts
            .iter()
            .map(|presigned| step("GET", presigned))
            .collect(),
        complete: step("POST", &plan.complete),
        abort: step("DELETE", &plan.abort),
        object: step("HEAD", &plan.object),
    };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}

/// A script for a POSIX shell that uploads with curl.
///
/// # Errors
/// The error of the writer.
pub fn sh(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let quoted = |text: &[u8]| String::from_utf8_lossy(&shell_quote(text)).into_owned();
    let headers = |headers: &[Header]| {
        let words = headers.iter().map(|header| {
            let header = [header.name.as_bytes(), b": ", &header.value].concat();
            format!(" {}", CommandLine::options().option("--header", header))
        });
        words.collect::<String>()
    };
    // --data-binary holds the part in memory, so it is only for paths to which --upload-file would
    // append the file name.
    let body = if takes_file_name(plan.key) {
        "--header 'Content-Type:' --data-binary \"@$work/part\""
    } else {
        "--upload-file \"$work/part\""
    };
    let parts: String = plan
        .parts
        .iter()
        .map(|PlannedPart { part, url }| {
            format!("{} {} {} {url}\n", part.number, part.offset, part.size)
        })
        .collect();
    let lists: String = plan
        .list_parts
        .iter()
        .map(|presigned| format!("{}\n", presigned.url.as_str()))
        .collect();
    let script = include_str!("upload.sh");
    let values = [
        ("@FILE@", quoted(&plan.file_name())),
        ("@SIZE@", plan.cut.size.to_string()),
        ("@COUNT@", plan.cut.count().to_string()),
        ("@EXPIRES@", plan.expires_at.rfc3339()),
        ("@BODY@", body.to_owned()),
        ("@PART_HEADERS@", headers(&plan.part_headers)),
        (
            "@LIST_HEADERS@",
            plan.list_parts
                .first()
                .map(|list| headers(&list.headers_to_send))
                .unwrap_or_default(),
        ),
        (
            "@COMPLETE_HEADERS@",
            headers(&plan.complete.headers_to_send),
        ),
        ("@ABORT_HEADERS@", headers(&plan.abort.headers_to_send)),
        (
            "@COMPLETE_URL@",
            quoted(plan.complete.url.as_str().as_bytes()),
        ),
        ("@ABORT_URL@", quoted(plan.abort.url.as_str().as_bytes())),
        ("@LISTS@\n", lists),
        ("@PARTS@\n", parts),
    ];
    out.write_all(filled(script, &values).as_bytes())
}

/// A Python program that needs only the standard library.
///
/// # Errors
/// The error of the writer.
pub fn python(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut json_plan = Vec::new();
    json(plan, &mut json_plan)?;
    let program = include_str!("upload.py");
    // The file name is encoded as JSON too; Python can read JSON strings.
    let file = serde_json::to_string(&String::from_utf8_lossy(&plan.file_name()))?;
    // The Python literal is delimited by three quotes, which must not occur inside; in JSON they
    // occur only in strings.
    let json_plan = String::from_utf8_lossy(&json_plan)
        .trim_end()
        .replace('\'', "\\u0027");
    let values = [("@FILE@", file), ("@PLAN@", json_plan)];
    out.write_all(filled(program, &values).as_bytes())
}

/// A page that uploads the file in parts.
///
/// # Errors
/// The error of the writer.
pub fn html(plan: &Plan, words: &PageArgs, out: &mut dyn Write) -> io::Result<()> {
    let headers = |headers: &[Header]| {
        headers
            .iter()
            .map(|header| {
                (
                    header.name.clone(),
                    String::from_utf8_lossy(&header.value).into_owned(),
                )
            })
            .collect()
    };
    let language = words.lang.unwrap_or_default();
    let name = plan.file_name();
    let default_title = upload_page::default_title(language, Some(&String::from_utf8_lossy(&name)));
    let page = UploadPage {
        title: words.title.as_deref().unwrap_or(&default_title),
        message: words.message.as_deref(),
        from: words.from.as_deref(),
        language,
        bucket: plan.bucket,
        sends: Sends::Parts {
            parts: plan
                .parts
                .iter()
                .map(|PlannedPart { part, url }| PagePart {
                    part_number: part.number,
                    offset: part.offset,
                    size: part.size,
                    url,
                })
                .collect(),
            headers: headers(&plan.part_headers),
            complete_url: plan.complete.url.as_str(),
            complete_headers: headers(&plan.complete.headers_to_send),
        },
        min_size: Some(plan.cut.size),
        max_size: Some(plan.cut.size),
        content_types: Vec::new(),
        expires_at: u64::try_from(plan.expires_at.to_utc().timestamp()).unwrap_or_default(),
    };
    upload_page::write(&page, out)
}
