//! The work of one thread: records to URLs.

use memchr::memmem::Finder;

use crate::manifest::{Layout, Overrides};
use crate::pipeline::{Outcome, Piece, Rejected, Separator};
use crate::sigv4::{BulkSigner, Kernel, Template};
use crate::text::escape_controls;

use super::framing::Framing;
use super::line_form::Form;
use super::link_maker::{LinkMaker, RecordOverrides};
use super::listed_record;

/// The maximum key length of every store.
const LONGEST_KEY: usize = 1024;

/// Memory limit of all workers for templates by key length.
const PREPARED_BYTES: usize = 4 << 20;

/// Number of templates cached for records with more than a key.
const SIGNERS_KEPT: usize = 16;

/// Everything the workers share for records that contain only a key: URLs are made without the
/// secret.
pub struct Common {
    pub template: Template,
    pub form: Form,
    pub framing: Framing,
    pub prefix: Vec<u8>,
}

/// Signs pieces of the input.
pub struct Worker<'a> {
    /// Signs records that contain more than a key; `None` if there are none.
    maker: Option<&'a LinkMaker<'a>>,
    form: &'a Form,
    framing: &'a Framing,
    stops: bool,
    /// Memory limit of a signer's cache.
    prepared_bytes: usize,
    signer: BulkSigner,
    /// For records that say more than a key, at most [`SIGNERS_KEPT`]: fewer than are worth a hash
    /// table.
    others: Vec<(RecordOverrides, Result<BulkSigner, String>)>,
    /// Which of the others was used last; most records say the same as the one before.
    last: usize,
    /// The prefix and the current key.
    key: Vec<u8>,
    prefix: usize,
    /// Finds segments that begin with a dot. Built once, because building takes longer than
    /// searching a key.
    dots: Finder<'static>,
}

impl<'a> Worker<'a> {
    /// With `stops`, records after the first rejected one are not read. `jobs` is the number of
    /// workers.
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
        let dots = Finder::new(b"/.");
        Worker {
            maker,
            form,
            framing,
            stops,
            prepared_bytes,
            signer,
            others: Vec::new(),
            last: 0,
            key: prefix.clone(),
            prefix: prefix.len(),
            dots,
        }
    }

    /// Signs the records of a piece.
    pub fn work(&mut self, piece: &Piece, outcome: &mut Outcome) {
        outcome.bytes = piece.bytes.len() as u64 + piece.skipped;
        if piece.skipped > 0 {
            outcome.records += 1;
            let reason = format!(
                "it has {} bytes; the maximum for keys is {LONGEST_KEY}",
                piece.skipped
            );
            outcome.rejected.push(Rejected { line: 0, reason });
            outcome.lines += 1;
        }
        let mut rest = &piece.bytes[..];
        while !rest.is_empty() && (!self.stops || outcome.rejected.is_empty()) {
            let used = match self.framing {
                Framing::Keys(separator) => self.key_of_list(*separator, rest, outcome),
                Framing::Listed { .. } => self.listed(rest, outcome),
                Framing::Records(layout) => self.record(layout, rest, outcome),
            };
            rest = &rest[used..];
        }
        self.signer.finish(&mut outcome.output);
        self.finish_others(outcome);
    }

    fn finish_others(&mut self, outcome: &mut Outcome) {
        let made = self
            .others
            .iter_mut()
            .filter_map(|(_, made)| made.as_mut().ok());
        for signer in made {
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
                Err("it does not end in CR LF, unlike the first line")
            }
            (Separator::Line, Some(_)) => Err(
                "it ends in a carriage return, unlike the first line; with --null it can be part \
                 of a key",
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

    fn listed(&mut self, bytes: &[u8], outcome: &mut Outcome) -> usize {
        let (record, used) = Separator::Null.next(bytes);
        let mut key = Vec::with_capacity(record.len());
        let version_id = listed_record::parse(record, &mut key);
        let line = outcome.lines;
        outcome.lines += 1;
        outcome.records += 1;
        let overrides = version_id.map(|version_id| Overrides {
            version_id: Some(version_id.into()),
            ..Overrides::default()
        });
        match self.link(&key, overrides.as_ref(), [&[]; 3], outcome) {
            Ok(()) => outcome.links += 1,
            Err(reason) => outcome.rejected.push(Rejected { line, reason }),
        }
        used
    }

    fn record(&mut self, layout: &Layout, bytes: &[u8], outcome: &mut Outcome) -> usize {
        let record = layout.next(bytes);
        let line = outcome.lines;
        outcome.lines += record.lines as u64;
        let made = match &record.request {
            // Empty lines are skipped.
            Ok(None) => {
                for part in record.parts() {
                    outcome.output.extend_from_slice(part);
                }
                return record.len;
            }
            Ok(Some(request)) => {
                let overrides = request.overrides.as_ref();
                self.link(&request.key, overrides, record.parts(), outcome)
            }
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
        key: &[u8],
        overrides: Option<&Overrides>,
        parts: [&[u8]; 3],
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        self.check(key, outcome)?;
        let prefix = self.prefix;
        self.key.truncate(prefix);
        self.key.extend_from_slice(key);
        let Some(overrides) = overrides else {
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
            return Err("it has fields other than a key".to_owned());
        };
        if overrides.is_delete_marker && matches!(maker.link_request.method, "GET" | "HEAD") {
            return Err("it is a delete marker, which has no content".to_owned());
        }
        self.last = self.signer_for(overrides, maker, outcome);
        match &mut self.others[self.last].1 {
            Ok(signer) => {
                self.form
                    .write(&self.key, prefix, parts, signer, &mut outcome.output);
                Ok(())
            }
            Err(reason) => Err(reason.clone()),
        }
    }

    /// Finds or makes the signer for such records, and returns its place in `others`.
    fn signer_for(
        &mut self,
        overrides: &Overrides,
        maker: &LinkMaker,
        outcome: &mut Outcome,
    ) -> usize {
        let fits = |(kept, _): &(RecordOverrides, _)| kept.is_of(overrides);
        if self.others.get(self.last).is_some_and(fits) {
            return self.last;
        }
        if let Some(place) = self.others.iter().position(fits) {
            return place;
        }
        if self.others.len() >= SIGNERS_KEPT {
            self.finish_others(outcome);
            self.others.clear();
        }
        let overrides = RecordOverrides::of(overrides);
        let made = match maker.template(&overrides) {
            Ok((template, warnings)) => {
                let messages = warnings.into_iter().map(|warning| warning.message);
                outcome.warnings.extend(messages);
                let bytes = self.prepared_bytes / SIGNERS_KEPT;
                Ok(template.signer(Kernel::fastest()).keeping_at_most(bytes))
            }
            Err(error) => Err(format!("{error:#}")),
        };
        self.others.push((overrides, made));
        self.others.len() - 1
    }

    fn check(&self, key: &[u8], outcome: &mut Outcome) -> Result<(), String> {
        if key.is_empty() {
            return Err("the key is empty".to_owned());
        }
        let length = self.prefix + key.len();
        if length > LONGEST_KEY {
            return Err(format!(
                "the key has {length} bytes; the maximum is {LONGEST_KEY}"
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
