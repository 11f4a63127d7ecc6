//! An upload in one request: a PUT, or a form.

use std::hash::{BuildHasher, RandomState};
use std::io::{Cursor, Read};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use crate::command::diagnose::not_a_url;
use crate::command::shared::client::as_error_response;
use crate::command::transfer::{ProgressLine, Session, Subject, TransferError, check_signed};
use crate::diagnosis::Anatomy;
use crate::error::{Failure, Kind};
use crate::http::{self, Channel, Probe, ProbeError, Response, Start};
use crate::sigv4::{Header, PostPolicy};
use crate::text::{escape_controls, local_name};
use crate::threads;
use crate::transfer::{Form, FormBody, Plan, Put, is_md5_of_content, md5_of_etag, opaque};

use super::request::{add_content_md5, headers_of, host};
use super::{AGAIN, Done, Source, changed, invalid_plan};

/// Below this size, sending a body that is refused costs less than waiting for `100 Continue`.
const ASK_FIRST: u64 = 1 << 20;

/// Below this size, reading a file once more costs less than a thread.
const HASH_FIRST: u64 = 8 << 20;

/// How long a thread may need for the pieces that it has not hashed when the response arrives.
const HASH_LAG: Duration = Duration::from_secs(10);

/// Receives the MD5 of the file, or `None` if not all of it was read.
type PendingMd5 = Receiver<Option<[u8; 16]>>;

/// When the MD5 of the file is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HashTime {
    /// Before: it is sent as Content-MD5, and the store refuses other content.
    BeforeSending,
    /// At the same time: only the ETag is compared with it. TLS protects the content in transit.
    WhileSending,
}

/// A file that is sent in one request.
struct Job<'j, 'a> {
    session: &'j Session<'a>,
    source: &'j Source,
    subject: Subject,
    method: &'static str,
    url: String,
    headers: Vec<Header>,
    /// Bytes before and after the file.
    frame: Option<FormBody>,
    bucket: Option<String>,
    key: Option<String>,
    /// Whether a redirect is the response to a successful upload.
    redirects: bool,
}

pub fn run(
    plan: &Plan,
    source: &Source,
    headers: Vec<Header>,
    session: &Session,
    screen: &mut ProgressLine,
) -> anyhow::Result<Done> {
    let job = match plan {
        Plan::Put(put) => Job::put(put, source, headers, session)?,
        Plan::Form(form) => {
            check_form_size(form, source.size())?;
            Job::form(form, source, headers, session)
        }
        Plan::Multipart(_) => return Err(anyhow::anyhow!("a multipart upload is not one request")),
    };
    session.progress().total = Some(source.size());
    let mut channel = session.channel()?;
    // While another thread sends, this one shows the progress.
    std::thread::scope(|scope| {
        let sending = threads::start(scope, || job.run(&mut channel))?;
        while !sending.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(20));
            screen.show(&session.progress());
        }
        screen.clear();
        sending
            .join()
            .unwrap_or(Err(TransferError::Stopped))
            .map_err(TransferError::into_error)
    })
}

impl Source {
    fn size(&self) -> u64 {
        match self {
            Source::File(file) => file.size(),
            Source::Memory(bytes) => bytes.len() as u64,
        }
    }

    fn reader(&self) -> Box<dyn Read + Send> {
        match self {
            Source::File(file) => Box::new(file.slice(0, file.size())),
            Source::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
        }
    }

    fn name(&self) -> String {
        match self {
            Source::File(file) => local_name(file.path().as_os_str().as_encoded_bytes()),
            Source::Memory(_) => "upload".to_owned(),
        }
    }

    fn changed(&self) -> Option<Failure> {
        match self {
            Source::File(file) if file.has_changed() => Some(changed(file)),
            _ => None,
        }
    }
}

/// The store enforces the size of the policy only after it has received the whole file. A policy
/// that cannot be read is left to the store.
fn check_form_size(form: &Form, size: u64) -> Result<(), Failure> {
    let policy = form
        .fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("policy"))
        .and_then(|(_, value)| STANDARD.decode(value).ok())
        .and_then(|text| PostPolicy::parse(text).ok());
    let Some((least, most)) = policy.and_then(|policy| policy.content_length_range()) else {
        return Ok(());
    };
    let limit = if size > most {
        format!("at most {most}")
    } else if size < least {
        format!("at least {least}")
    } else {
        return Ok(());
    };
    Err(Failure::usage(format!(
        "the file has {size} bytes, but the policy of the form requires {limit} \
         (content-length-range)"
    ))
    .hint("check whether it is the right file, or request a form made with another `--max-size`"))
}

impl<'j, 'a> Job<'j, 'a> {
    fn put(
        put: &Put,
        source: &'j Source,
        more: Vec<Header>,
        session: &'j Session<'a>,
    ) -> Result<Self, Failure> {
        let anatomy = Anatomy::of(&put.url).map_err(|error| not_a_url(&put.url, error))?;
        if let Some((method, why)) = anatomy.method.filter(|(method, _)| *method != "PUT") {
            return Err(Failure::usage(format!(
                "the URL is for {method}, since {why}, but an upload needs one for PUT"
            ))
            .hint("request an upload URL, made with `cos-presign put`"));
        }
        put.check_size(source.size())
            .map_err(|error| invalid_plan(&error))?;
        let mut headers = headers_of(
            put.headers
                .iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")),
        );
        headers.extend(more);
        check_signed(&anatomy, &headers)?;
        let key = put.key.clone().or_else(|| {
            anatomy
                .key
                .as_deref()
                .map(|key| String::from_utf8_lossy(key).into_owned())
        });
        let what = key.as_ref().map_or_else(
            || "the upload".to_owned(),
            |key| format!("the upload of `{key}`"),
        );
        Ok(Job {
            session,
            source,
            subject: Subject {
                what,
                host: anatomy.parts.authority.clone(),
                expires_at: put.expires_at.or(anatomy.expires_at),
                again: AGAIN,
            },
            method: "PUT",
            url: anatomy.text.clone(),
            headers,
            frame: None,
            bucket: put.bucket.clone().or(anatomy.bucket.clone()),
            key,
            redirects: false,
        })
    }

    fn form(
        form: &Form,
        source: &'j Source,
        mut headers: Vec<Header>,
        session: &'j Session<'a>,
    ) -> Self {
        let random = RandomState::new();
        let boundary = format!("{:016x}{:016x}", random.hash_one(1), random.hash_one(2));
        let name = source.name();
        let frame = FormBody::new(&form.fields, &name, &boundary);
        headers.push(Header::new("Content-Type", frame.content_type.as_str()));
        let field = |wanted: &str| {
            form.fields
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.clone())
        };
        let key = field("key").map(|key| key.replace("${filename}", &name));
        Job {
            session,
            source,
            subject: Subject {
                what: key.as_ref().map_or_else(
                    || "the form".to_owned(),
                    |key| format!("the upload of `{key}`"),
                ),
                host: host(&form.url),
                expires_at: form.expires_at,
                again: AGAIN,
            },
            method: "POST",
            url: form.url.clone(),
            headers,
            frame: Some(frame),
            bucket: form.bucket.clone(),
            key,
            redirects: field("success_action_redirect").is_some(),
        }
    }

    fn run(&self, channel: &mut Channel) -> Result<Done, TransferError> {
        let etag = match self.hash_time() {
            HashTime::WhileSending => self.session.persist(|_| self.send(channel, None))?,
            HashTime::BeforeSending => {
                let md5 = self.md5()?;
                self.check_md5(md5)?;
                self.session.persist(|failed| {
                    if failed > 0 && self.md5()? != md5 {
                        return Err(self.unreadable().into());
                    }
                    self.send(channel, Some(md5))
                })?
            }
        };
        if let Some(failure) = self.source.changed() {
            return Err(failure.into());
        }
        let progress = self.session.progress();
        Ok(Done {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            size: Some(self.source.size()),
            bytes_sent: progress.moved,
            retries: progress.retries,
            etag,
            completed: true,
            ..Done::default()
        })
    }

    fn hash_time(&self) -> HashTime {
        let has = |prefix: &str| {
            self.headers
                .iter()
                .any(|header| header.name.to_ascii_lowercase().starts_with(prefix))
        };
        // A form has no field for it.
        let cannot_be_sent = self.frame.is_some();
        // Without TLS nothing else protects the content; encrypted objects have no ETag to compare,
        // and S3 requires it for locked ones.
        let is_needed = !self.url.starts_with("https:")
            || has("content-md5")
            || has("x-amz-server-side-encryption")
            || has("x-amz-object-lock");
        match self.source.size() >= HASH_FIRST && (cannot_be_sent || !is_needed) {
            true => HashTime::WhileSending,
            false => HashTime::BeforeSending,
        }
    }

    /// Checks a signed MD5 against the file.
    fn check_md5(&self, md5: [u8; 16]) -> Result<(), Failure> {
        let signed = self.headers.iter().find_map(|header| {
            let is_md5 = header.name.eq_ignore_ascii_case("content-md5");
            is_md5.then_some(header.value.as_slice())
        });
        let found = STANDARD.encode(md5);
        match signed.filter(|signed| signed.trim_ascii() != found.as_bytes()) {
            None => Ok(()),
            Some(signed) => Err(Failure::usage(format!(
                "the file is not the one that the URL was signed for: its Content-MD5 is \
                 `{found}`, and `{}` was signed",
                escape_controls(&String::from_utf8_lossy(signed))
            ))
            .hint("check whether it is the right file, or request a URL for this one")),
        }
    }

    fn md5(&self) -> Result<[u8; 16], TransferError> {
        let mut digest = Md5::new();
        let mut reader = self.source.reader();
        let mut piece = vec![0; 128 * 1024];
        let mut size = 0;
        loop {
            match reader.read(&mut piece) {
                Ok(0) if size == self.source.size() => return Ok(digest.finalize().into()),
                Ok(0) => return Err(self.unreadable().into()),
                Ok(count) => {
                    digest.update(&piece[..count]);
                    size += count as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let message = format!("the file cannot be read: {error}");
                    return Err(Failure::new(Kind::Io, message)
                        .hint("check the disk")
                        .into());
                }
            }
        }
    }

    fn unreadable(&self) -> Failure {
        self.source.changed().unwrap_or_else(|| {
            Failure::new(
                Kind::Refused,
                "the content of the file differs each time it is read",
            )
            .hint("check the disk")
        })
    }

    /// Sends the file once. Without an MD5, it is computed from what is read.
    fn send(
        &self,
        channel: &mut Channel,
        md5: Option<[u8; 16]>,
    ) -> Result<Option<String>, TransferError> {
        let session = self.session;
        let (reader, sent) = session.counted(self.source.reader());
        let (reader, hashing) = match md5 {
            Some(_) => (reader, None),
            None => {
                let (reader, hashing) = hash_aside(reader, self.source.size())?;
                (reader, Some(hashing))
            }
        };
        let size = self.source.size();
        let (reader, length): (Box<dyn Read + Send>, u64) = match &self.frame {
            None => (reader, size),
            Some(frame) => (
                Box::new(
                    Cursor::new(frame.before.clone())
                        .chain(reader)
                        .chain(Cursor::new(frame.after.clone())),
                ),
                size + (frame.before.len() + frame.after.len()) as u64,
            ),
        };
        let mut headers = self.headers.clone();
        // For a form it would be that of all fields.
        if let Some(md5) = md5.filter(|_| self.frame.is_none()) {
            add_content_md5(&mut headers, md5);
        }
        let start = if size < ASK_FIRST {
            Start::AtOnce
        } else {
            Start::WhenWanted
        };
        let probe = Probe {
            method: self.method,
            url: &self.url,
            headers,
            host: None,
            body: None,
        };
        let source = http::Source {
            length,
            reader,
            start,
        };
        let outcome = match channel.ask(&probe, Some(source), http::BODY_LIMIT) {
            Ok(response) => {
                session.responded();
                let computed =
                    || hashing.and_then(|hashing| hashing.recv_timeout(HASH_LAG).ok()?);
                match md5.or_else(computed) {
                    Some(md5) => self.accepted(&response, md5),
                    // The response came before all of the file was sent.
                    None => self.md5().and_then(|md5| self.accepted(&response, md5)),
                }
            }
            Err(ProbeError::Source(_)) => Err(self.unreadable().into()),
            Err(error) => Err(session.no_response(&self.subject, &error)),
        };
        if outcome.is_err() {
            sent.withdraw();
        }
        outcome
    }

    /// Whether the store has the file as sent; if so its ETag.
    fn accepted(
        &self,
        response: &Response,
        md5: [u8; 16],
    ) -> Result<Option<String>, TransferError> {
        let is_done =
            (200..300).contains(&response.status) || (self.redirects && response.status == 303);
        if !is_done {
            let read = as_error_response(response);
            if read.code() == Some("BadDigest") {
                return Err(TransferError::Transient(
                    self.session.refusal(&self.subject, response, &read),
                    None,
                ));
            }
            return Err(self.session.refused(&self.subject, response));
        }
        let etag = response.header("etag").map(str::to_owned);
        let found = etag
            .as_deref()
            .and_then(md5_of_etag)
            .filter(|_| is_md5_of_content(&response.headers));
        if found.is_some_and(|found| found != md5) {
            let message = format!(
                "the object is not what was sent: its ETag is `{}`, and the MD5 of the file `{}`",
                opaque(etag.as_deref().unwrap_or_default()),
                hex::encode(md5)
            );
            return Err(Failure::new(Kind::Refused, message)
                .hint("upload it again, and do not use the object")
                .into());
        }
        Ok(etag)
    }
}

/// A reader that passes its data to a thread, which sends the MD5 after `size` bytes, or `None` if
/// the reader ends before.
fn hash_aside(
    reader: Box<dyn Read + Send>,
    size: u64,
) -> Result<(Box<dyn Read + Send>, PendingMd5), Failure> {
    // Pieces in the queue: enough that neither side waits for the other all the time.
    const PIECES: usize = 32;
    let (pieces, received) = mpsc::sync_channel::<Vec<u8>>(PIECES);
    let (result, outcome) = mpsc::sync_channel(1);
    threads::start_aside(move || {
        let (mut digest, mut count) = (Md5::new(), 0);
        for piece in received {
            digest.update(&piece);
            count += piece.len() as u64;
        }
        let _ = result.send((count == size).then(|| digest.finalize().into()));
    })?;
    let hashed = HashedReader {
        reader,
        left: size,
        pieces: Some(pieces),
    };
    Ok((Box::new(hashed), outcome))
}

struct HashedReader {
    reader: Box<dyn Read + Send>,
    left: u64,
    /// `None` after the last byte: the thread does not wait for the end of the connection.
    pieces: Option<SyncSender<Vec<u8>>>,
}

impl Read for HashedReader {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(into)?;
        if let Some(pieces) = &self.pieces {
            let _ = pieces.send(into[..count].to_vec());
        }
        self.left = self.left.saturating_sub(count as u64);
        if self.left == 0 || count == 0 {
            self.pieces = None;
        }
        Ok(count)
    }
}
