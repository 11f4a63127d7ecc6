//! One thread's work: records to links.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use memchr::memmem::Finder;

use crate::cli::TimeArgs;
use crate::command::shared::link_request::LinkRequest;
use crate::command::shared::single::{from_core, presigner, signable};
use crate::error::Failure;
use crate::manifest::{Asked, Layout, Overrides};
use crate::pipeline::{Outcome, Piece, Rejected, Separator};
use crate::resolve::{self, Lifetime, Place, Signers, StoreSettings, Warning};
use crate::sigv4::{BulkSigner, Kernel, PayloadHash, Template};
use crate::store::Target;
use crate::text::escape_controls;

use super::PLACEHOLDER;
use super::keys::Framing;
use super::line_form::Form;

/// No store takes longer keys.
const LONGEST_KEY: usize = 1024;

/// What all workers together keep prepared for the lengths of keys that they have seen.
const PREPARED_BYTES: usize = 4 << 20;

/// How many kinds of records that differ in more than the key are remembered.
const SIGNERS_KEPT: usize = 16;

/// Everything that links are made of, besides the key.
pub struct LinkMaker<'a> {
    pub ask: &'a LinkRequest<'a>,
    pub lifetime: Lifetime,
    pub payload_hash: PayloadHash,
    pub settings: StoreSettings<'a>,
    pub signers: Signers<'a>,
    /// The target with a placeholder as the end of its key, and where it leads.
    pub sample_target: Target,
    pub place: Place,
    pub prefix: Vec<u8>,
    pub now: DateTime<Utc>,
}

/// What all links have in common that differ in the key alone: enough to make them without the secret.
pub struct Common {
    pub template: Template,
    pub form: Form,
    pub framing: Framing,
    pub prefix: Vec<u8>,
}

/// What a record says besides its key, to be found again.
#[derive(Clone, Debug, Default, Hash, PartialEq, Eq)]
struct RecordOverrides {
    bucket: Option<String>,
    expires: Option<String>,
    headers: Vec<(String, String)>,
    method: Option<String>,
    version_id: Option<String>,
}

impl RecordOverrides {
    fn of(overrides: &Overrides) -> RecordOverrides {
        let text = |text: &Option<Cow<str>>| text.as_ref().map(|text| text.to_string());
        RecordOverrides {
            bucket: text(&overrides.bucket),
            expires: text(&overrides.expires),
            headers: overrides
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            method: text(&overrides.method),
            version_id: text(&overrides.version_id),
        }
    }
}

impl LinkMaker<'_> {
    /// For links of keys.
    pub fn usual_template(&self) -> anyhow::Result<Template> {
        Ok(self.template(&RecordOverrides::default())?.0)
    }

    /// What all links have in common that say nothing else, or the same.
    fn template(&self, wishes: &RecordOverrides) -> anyhow::Result<(Template, Vec<Warning>)> {
        let mut place = match &wishes.bucket {
            Some(bucket) if self.place.bucket.as_ref() != Some(bucket) => self.place_in(bucket)?,
            _ => self.place.clone(),
        };
        let lifetime = match &wishes.expires {
            Some(text) => {
                let time = TimeArgs {
                    expires: Some(text.clone()),
                    until: None,
                    ..self.ask.sign.time.clone()
                };
                Lifetime::resolve(&time, self.now)?
            }
            None => self.lifetime,
        };
        if let Some(version) = wishes
            .version_id
            .as_ref()
            .filter(|version| !version.is_empty())
        {
            place.version_id = Some(version.clone().into_bytes());
        }
        let mut signable = signable(self.ask, place, lifetime, &self.payload_hash, &self.signers)?;
        if let Some(method) = &wishes.method {
            if !matches!(
                method.as_str(),
                "GET" | "PUT" | "HEAD" | "DELETE" | "POST" | "PATCH" | "OPTIONS"
            ) {
                return Err(anyhow!("`{}` is not a method", escape_controls(method)));
            }
            signable.request.method = method.clone();
        }
        for (name, value) in &wishes.headers {
            // A colon in a name would make another name of it.
            if !name.bytes().all(|b| b.is_ascii_graphic() && b != b':') {
                return Err(anyhow!("`{}` is not a header name", escape_controls(name)));
            }
            let header = resolve::parse_header(format!("{name}: {value}").as_ref())?;
            resolve::check_header_value(&header)?;
            if signable
                .request
                .headers
                .iter()
                .any(|known| known.name.eq_ignore_ascii_case(&header.name))
            {
                return Err(anyhow!(
                    "the header `{}` is given twice",
                    escape_controls(name)
                ));
            }
            signable.request.headers.push(header);
        }
        // The placeholder is the end of the path.
        let mut path = signable.place.address.path.clone();
        if path.pop() != Some(PLACEHOLDER) {
            return Err(anyhow!("links of this form are made one at a time"));
        }
        signable.request.path = crate::sigv4::RequestPath::Unencoded(path);
        let presigner = presigner(
            self.ask,
            &signable.credentials.value,
            &signable.place,
            signable.lifetime,
        )?;
        let template =
            Template::new(&presigner, &signable.request).map_err(|error| from_core(&error))?;
        Ok((template, signable.warnings))
    }

    fn place_in(&self, bucket: &str) -> Result<Place, Failure> {
        match &self.sample_target {
            Target::Bucket {
                location,
                key,
                bare,
                ..
            } => {
                if let Some(account) = self.settings.place(&self.sample_target)?.account {
                    return Err(Failure::usage(format!(
                        "the record is of the bucket `{}`, and the TARGET names one of the {}",
                        escape_controls(bucket),
                        account.source
                    ))
                    .hint("leave out the buckets of the records, or give `--endpoint` and `--credentials-from env`"));
                }
                let (location, key) = (location.clone(), key.clone());
                let target = Target::Bucket {
                    location,
                    bucket: bucket.to_owned(),
                    key,
                    bare: *bare,
                };
                self.settings.place(&target)
            }
            _ => Err(Failure::usage(format!(
                "the record is of the bucket `{}`, and the TARGET is an address or an access point",
                escape_controls(bucket)
            ))
            .hint("give the TARGET as BUCKET or BUCKET/PREFIX")),
        }
    }
}

/// Makes links of pieces.
pub struct Worker<'a> {
    /// Who makes links of records that say more than a key; none where no record can.
    maker: Option<&'a LinkMaker<'a>>,
    form: &'a Form,
    framing: &'a Framing,
    stops: bool,
    /// What a signer may keep.
    prepared_bytes: usize,
    signer: BulkSigner,
    others: HashMap<RecordOverrides, Result<BulkSigner, String>>,
    /// The prefix, and behind it the key in hand.
    key: Vec<u8>,
    prefix: usize,
    /// Finds segments that begin with a dot. Made once: that takes longer than to look through a key.
    dots: Finder<'static>,
}

impl<'a> Worker<'a> {
    /// With `stops`, nothing behind a record without a link is looked at. `jobs` is how many workers there are.
    pub fn new(
        common: &'a Common,
        maker: Option<&'a LinkMaker<'a>>,
        stops: bool,
        jobs: usize,
    ) -> Self {
        let prepared_bytes = PREPARED_BYTES / jobs.max(1);
        let Common {
            template,
            form,
            framing,
            prefix,
        } = common;
        let signer = template
            .signer(Kernel::fastest())
            .keeping_at_most(prepared_bytes);
        let (others, dots) = (HashMap::new(), Finder::new(b"/."));
        Worker {
            maker,
            form,
            framing,
            stops,
            prepared_bytes,
            signer,
            others,
            key: prefix.clone(),
            prefix: prefix.len(),
            dots,
        }
    }

    /// Makes the links of a piece.
    pub fn work(&mut self, piece: &Piece, outcome: &mut Outcome) {
        outcome.bytes = piece.bytes.len() as u64 + piece.skipped;
        if piece.skipped > 0 {
            outcome.records += 1;
            let reason = format!(
                "it has {} bytes, and no key has more than {LONGEST_KEY}",
                piece.skipped
            );
            outcome.rejected.push(Rejected { line: 0, reason });
            outcome.lines += 1;
        }
        let mut rest = &piece.bytes[..];
        while !rest.is_empty() && (!self.stops || outcome.rejected.is_empty()) {
            let used = match self.framing {
                Framing::Keys(separator) => self.key_of_list(*separator, rest, outcome),
                Framing::Records(layout) => self.record(layout, rest, outcome),
            };
            rest = &rest[used..];
        }
        self.signer.finish(&mut outcome.output);
        for signer in self.others.values_mut().flatten() {
            signer.finish(&mut outcome.output);
        }
    }

    fn key_of_list(&mut self, separator: Separator, bytes: &[u8], outcome: &mut Outcome) -> usize {
        let (text, used) = separator.next(bytes);
        let has_end = used > text.len();
        let line = outcome.lines;
        outcome.lines += 1;
        outcome.records += 1;
        let key = match (separator, text.strip_suffix(b"\r")) {
            (Separator::CrLf, Some(key)) => Ok(key),
            (Separator::CrLf, None) if has_end => {
                Err("it does not end in CR LF, as the first line does")
            }
            (Separator::Line, Some(_)) => Err(
                "it ends in a carriage return, which the first line does not; with --null it can be part of a key",
            ),
            _ => Ok(text),
        };
        let made = match key {
            Err(reason) => Err(reason.to_owned()),
            Ok(key) => self.check(key, outcome).map(|()| {
                self.key.truncate(self.prefix);
                self.key.extend_from_slice(key);
                self.form.write(
                    &self.key,
                    self.prefix,
                    [&[]; 3],
                    &mut self.signer,
                    &mut outcome.output,
                );
            }),
        };
        match made {
            Ok(()) => outcome.links += 1,
            Err(reason) => outcome.rejected.push(Rejected { line, reason }),
        }
        used
    }

    fn record(&mut self, layout: &Layout, bytes: &[u8], outcome: &mut Outcome) -> usize {
        let record = layout.next(bytes);
        let line = outcome.lines;
        outcome.lines += record.lines as u64;
        let made = match &record.asked {
            // An empty line asks for nothing.
            Ok(None) => {
                for part in record.parts() {
                    outcome.output.extend_from_slice(part);
                }
                return record.len;
            }
            Ok(Some(asked)) => self.link(asked, record.parts(), outcome),
            Err(error) => Err(escape_controls(&error.to_string()).into_owned()),
        };
        outcome.records += 1;
        match made {
            Ok(()) => outcome.links += 1,
            Err(reason) => outcome.rejected.push(Rejected { line, reason }),
        }
        record.len
    }

    fn link(
        &mut self,
        asked: &Asked,
        parts: [&[u8]; 3],
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        self.check(&asked.key, outcome)?;
        let prefix = self.prefix;
        self.key.truncate(prefix);
        self.key.extend_from_slice(&asked.key);
        let Some(overrides) = &asked.overrides else {
            self.form.write(
                &self.key,
                prefix,
                parts,
                &mut self.signer,
                &mut outcome.output,
            );
            return Ok(());
        };
        let Some(maker) = self.maker else {
            return Err("it asks for more than a key".to_owned());
        };
        let wishes = RecordOverrides::of(overrides);
        if self.others.len() >= SIGNERS_KEPT && !self.others.contains_key(&wishes) {
            for signer in self.others.values_mut().flatten() {
                signer.finish(&mut outcome.output);
            }
            self.others.clear();
        }
        let prepared_bytes = self.prepared_bytes / SIGNERS_KEPT;
        let made = self.others.entry(wishes).or_insert_with_key(|wishes| {
            let (template, warnings) = maker
                .template(wishes)
                .map_err(|error| format!("{error:#}"))?;
            outcome
                .warnings
                .extend(warnings.into_iter().map(|warning| warning.message));
            Ok(template
                .signer(Kernel::fastest())
                .keeping_at_most(prepared_bytes))
        });
        match made {
            Ok(signer) => {
                self.form
                    .write(&self.key, prefix, parts, signer, &mut outcome.output);
                Ok(())
            }
            Err(reason) => Err(reason.clone()),
        }
    }

    fn check(&self, key: &[u8], outcome: &mut Outcome) -> Result<(), String> {
        if key.is_empty() {
            return Err("the key is empty".to_owned());
        }
        let length = self.prefix + key.len();
        if length > LONGEST_KEY {
            return Err(format!(
                "the key has {length} bytes, and no key has more than {LONGEST_KEY}"
            ));
        }
        // Most keys have no segment that begins with a dot.
        if (key[0] == b'.' || self.dots.find(key).is_some())
            && key
                .split(|byte| *byte == b'/')
                .any(|segment| segment == b"." || segment == b"..")
        {
            outcome.dotted += 1;
        }
        Ok(())
    }
}
