//! Uploads one file, unless the object exists with the same content.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use md5::{Digest, Md5};

use crate::cli::{MultipartArgs, ShareArgs, SignArgs, TargetArgs, TimeArgs};
use crate::command::multipart;
use crate::command::shared::link_request::{Io, LinkRequest, Scope};
use crate::command::shared::{sign, signed_options, target};
use crate::command::transfer::{ProgressLine, Session, Subject, TransferError};
use crate::command::upload;
use crate::disk::LocalFile;
use crate::error::{Failure, Kind};
use crate::http::{BODY_LIMIT, Channel, Probe, Response};
use crate::output::Link;
use crate::resolve::{FileFacts, Lifetime, Parts, Signers, StoreSettings};
use crate::store::{Cut, LEAST_PART, MOST_PARTS, Provider};
use crate::text::escape_controls;
use crate::transfer::{
    Plan, Put, composite, is_md5_of_content, md5_of_etag, opaque, unfinished_uploads,
};

use super::files::shown;

const RESUME: &str = "run the same command again: it resumes where it stopped";

/// A listing of a thousand uploads has about 500 KiB.
const LIST_LIMIT: usize = 8 << 20;

/// Settings for all files.
pub struct Sender<'s, 'a> {
    pub args: &'s ShareArgs,
    /// Signs the upload requests, for the time of sending.
    pub sign: &'s SignArgs,
    pub settings: &'s StoreSettings<'a>,
    pub signers: &'s Signers<'a>,
    pub session: &'s Session<'s>,
    pub jobs: usize,
    /// Larger files are uploaded in parts.
    pub part_size: u64,
}

/// State of an object in the store.
enum Existing {
    No,
    Yes(Response),
    /// Without the permission to list the bucket, stores do not report that an object is missing.
    Unknown(Failure),
}

/// What was done for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Uploaded,
    /// The object already has the content of the file.
    WasThere,
}

impl Sender<'_, '_> {
    /// Uploads a file to the object of the target.
    pub fn send(
        &self,
        path: &Path,
        target: &TargetArgs,
        screen: &mut ProgressLine,
    ) -> anyhow::Result<Outcome> {
        let facts = FileFacts::read("FILE", path)?;
        let mut channel = self.session.channel()?;
        let object = self.link("HEAD", Scope::Object, target, Parts::default())?;
        let keeps_conditions = object
            .place
            .provider
            .is_some_and(Provider::keeps_if_none_match);
        if !self.args.store.force {
            match self.existing(&mut channel, &object)? {
                Existing::No => {}
                Existing::Yes(response) if self.is_same(path, &response, &object)? => {
                    return Ok(Outcome::WasThere);
                }
                Existing::Yes(_) => return Err(exists(&object).into()),
                Existing::Unknown(_) if keeps_conditions => {}
                Existing::Unknown(failure) => {
                    return Err(failure
                        .hint("add `--force` if an existing object may be replaced")
                        .into());
                }
            }
        }
        self.session.restart();
        let plan = if facts.size <= self.part_size {
            self.put_plan(&facts, target, keeps_conditions)?
        } else {
            self.multipart_plan(path, target, keeps_conditions, &mut channel, screen)?
        };
        drop(channel);
        let done = upload::send(&plan, path, self.jobs, self.session, screen);
        let Err(error) = done else {
            return Ok(Outcome::Uploaded);
        };
        if self.args.store.force || self.session.is_stopped() {
            return Err(error);
        }
        // Another client may have created the object meanwhile, or the response to our own upload
        // was lost and its retry refused.
        let mut channel = self.session.channel()?;
        match self.existing(&mut channel, &object) {
            Ok(Existing::Yes(response)) if self.is_same(path, &response, &object)? => {
                Ok(Outcome::Uploaded)
            }
            Ok(Existing::Yes(_)) => Err(exists(&object).into()),
            Ok(Existing::Unknown(_)) if is_condition(&error) => Err(exists(&object).into()),
            _ => Err(error),
        }
    }

    fn link<'l>(
        &'l self,
        method: &'l str,
        scope: Scope,
        target: &'l TargetArgs,
        parts: Parts,
    ) -> anyhow::Result<Link<'l>> {
        let mut request = LinkRequest::new("share", method, scope, target, self.sign, parts);
        let payload_hash = signed_options::complete(&mut request)?;
        let mut targets = target::targets("share", target, scope)?;
        let Some(target) = targets.pop() else {
            return Err(Failure::usage("TARGET is missing").into());
        };
        target::check_key_is_there(&request, &target)?;
        let place = self.settings.place(&target)?;
        let lifetime = Lifetime::resolve(&self.sign.time, self.session.now())?;
        sign::presign(&request, place, lifetime, &payload_hash, self.signers)
    }

    /// Sends a request without a body, with retries.
    fn ask(
        &self,
        channel: &mut Channel,
        link: &Link,
        what: &str,
        is_expected: impl Fn(u16) -> bool,
    ) -> Result<Response, TransferError> {
        let subject = Subject {
            what: what.to_owned(),
            host: link.place.address.authority.clone(),
            expires_at: None,
            again: RESUME,
        };
        self.session.persist(|_| {
            let probe = Probe {
                method: link.method,
                url: link.url(),
                headers: link.presigned.headers_to_send.clone(),
                host: None,
                body: None,
            };
            let response = channel
                .ask(&probe, None, LIST_LIMIT.max(BODY_LIMIT))
                .map_err(|error| self.session.no_response(&subject, &error))?;
            self.session.responded();
            if (200..300).contains(&response.status) || is_expected(response.status) {
                return Ok(response);
            }
            Err(self.session.refused(&subject, &response))
        })
    }

    fn existing(&self, channel: &mut Channel, object: &Link) -> anyhow::Result<Existing> {
        let what = format!("to look at {}", name_of(object));
        let response = self
            .ask(channel, object, &what, |status| matches!(status, 403 | 404))
            .map_err(TransferError::into_error)?;
        Ok(match response.status {
            404 => Existing::No,
            403 => Existing::Unknown(Failure::new(
                Kind::Refused,
                format!(
                    "cannot determine whether {} exists: {}",
                    name_of(object),
                    escape_controls(&response.status_text)
                ),
            )),
            _ => Existing::Yes(response),
        })
    }

    /// Whether the object certainly has the content of the file.
    fn is_same(&self, path: &Path, response: &Response, object: &Link) -> anyhow::Result<bool> {
        let file = LocalFile::open(path)
            .map_err(|error| Failure::cannot_read(&shown(path), None, &error))?;
        let size = response
            .header("content-length")
            .and_then(|size| size.parse::<u64>().ok());
        if size != Some(file.size()) || !is_md5_of_content(&response.headers) {
            return Ok(false);
        }
        let etag = opaque(response.header("etag").unwrap_or_default()).to_owned();
        let md5 = |offset, size| {
            md5_of(file.slice(offset, size))
                .map_err(|error| Failure::cannot_read(&shown(path), None, &error))
        };
        if let Some(found) = md5_of_etag(&etag) {
            return Ok(found == md5(0, file.size())?);
        }
        let most = object
            .place
            .provider
            .map_or(MOST_PARTS, Provider::most_parts);
        let part_size = self.args.part_size.as_ref().map(|_| self.part_size);
        let Ok(cut) = Cut::new(file.size(), part_size, most) else {
            return Ok(false);
        };
        if !etag.ends_with(&format!("-{}", cut.count())) {
            return Ok(false);
        }
        let parts: Result<Vec<[u8; 16]>, Failure> = cut
            .parts()
            .map(|part| md5(part.offset, part.size))
            .collect();
        Ok(etag == composite(&parts?))
    }

    fn put_plan(
        &self,
        facts: &FileFacts,
        target: &TargetArgs,
        keeps_conditions: bool,
    ) -> anyhow::Result<Plan> {
        let mut parts = Parts::default();
        let content_type = self.args.upload.content_type.clone();
        let content_type = content_type.or(facts.content_type.clone().map(Into::into));
        parts.header("content-type", content_type)?;
        signed_options::add_upload(&mut parts, &self.args.upload)?;
        if keeps_conditions && !self.args.store.force {
            parts.header("if-none-match", Some("*"))?;
        }
        let link = self.link("PUT", Scope::Object, target, parts)?;
        let headers: BTreeMap<String, String> = link
            .presigned
            .headers_to_send
            .iter()
            .map(|header| {
                let value = String::from_utf8_lossy(&header.value).into_owned();
                (header.name.clone(), value)
            })
            .collect();
        Ok(Plan::Put(Put {
            url: link.url().to_owned(),
            headers,
            expires_at: Some(link.lifetime.expires_at.to_utc()),
            bucket: link.place.bucket.clone(),
            key: link
                .place
                .key
                .as_deref()
                .map(|key| String::from_utf8_lossy(key).into_owned()),
        }))
    }

    /// Resumes an unfinished upload to this key, or starts one.
    fn multipart_plan(
        &self,
        path: &Path,
        target: &TargetArgs,
        keeps_conditions: bool,
        channel: &mut Channel,
        screen: &mut ProgressLine,
    ) -> anyhow::Result<Plan> {
        let upload_id = self.unfinished(target, channel, screen)?;
        let args = MultipartArgs {
            target: target.clone(),
            size: None,
            from_file: Some(path.to_owned()),
            part_size: self.args.part_size.clone(),
            upload_id,
            if_none_match: (keeps_conditions && !self.args.store.force).then(|| "*".to_owned()),
            only: None,
            time: TimeArgs {
                at: Some(self.session.now().format("%Y%m%dT%H%M%SZ").to_string()),
                ..self.sign.time.clone()
            },
            store: self.sign.store.clone(),
            credentials: self.sign.credentials.clone(),
            network: self.args.network.clone(),
            upload: self.args.upload.clone(),
            customer_key: Default::default(),
            output: None,
            json: true,
            quiet: true,
            page: Default::default(),
        };
        let (mut plan, mut silence) = (Vec::new(), std::io::sink());
        let streams = Io {
            env: self.session.env(),
            out: &mut plan,
            err: &mut silence,
        };
        multipart::write(&args, self.settings, self.signers, streams)?;
        let text = String::from_utf8_lossy(&plan);
        Plan::parse(&text).map_err(|error| anyhow::anyhow!("internal plan: {error}"))
    }

    /// The newest upload to this key that was neither completed nor aborted. Its parts are compared
    /// with the file before they are used.
    fn unfinished(
        &self,
        target: &TargetArgs,
        channel: &mut Channel,
        screen: &mut ProgressLine,
    ) -> anyhow::Result<Option<String>> {
        let mut parts = Parts::default();
        parts.parameter("uploads", Some(""));
        let list = self.link("GET", Scope::Listing, target, parts)?;
        // Without a listing, the upload starts from the beginning.
        let Ok(response) = self.ask(channel, &list, "to list unfinished uploads", |_| true) else {
            return Ok(None);
        };
        if response.status != 200 {
            return Ok(None);
        }
        let object = self.link("HEAD", Scope::Object, target, Parts::default())?;
        let key = object.place.key.as_deref().unwrap_or_default();
        let newest = unfinished_uploads(&response.body)
            .unwrap_or_default()
            .into_iter()
            .filter(|upload| upload.key.as_bytes() == key)
            .max_by(|a, b| a.initiated.cmp(&b.initiated));
        Ok(newest.map(|upload| {
            screen.note(&format!(
                "resuming the unfinished upload of {}, started at {}",
                name_of(&object),
                escape_controls(&upload.initiated)
            ));
            upload.upload_id
        }))
    }
}

/// Whether the store refused to replace an object.
fn is_condition(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Failure>()
        .is_some_and(|failure| failure.message.contains("PreconditionFailed"))
}

fn exists(object: &Link) -> Failure {
    Failure::new(
        Kind::Refused,
        format!("{} exists with other content", name_of(object)),
    )
    .hint("add `--force` to replace it, or use another TARGET")
}

fn name_of(link: &Link) -> String {
    let key = link.place.key.as_deref().unwrap_or_default();
    format!("`{}`", escape_controls(&String::from_utf8_lossy(key)))
}

fn md5_of(mut reader: impl Read) -> std::io::Result<[u8; 16]> {
    let mut digest = Md5::new();
    let mut piece = vec![0; 128 << 10];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(digest.finalize().into()),
            Ok(count) => digest.update(&piece[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Maximum size of a file sent in one request.
pub fn part_size(given: Option<u64>, usual: u64) -> Result<u64, Failure> {
    match given {
        Some(size) if size < LEAST_PART => Err(Failure::usage(format!(
            "--part-size of {size} bytes is less than 5 MiB, the minimum of stores"
        ))
        .hint("use at least `--part-size 5MiB`, or remove the option")),
        given => Ok(given.unwrap_or(usual)),
    }
}
