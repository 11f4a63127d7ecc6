//! In which order everything is tried.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::canonical::{Text, sent_value};
use super::signer::{self, Scope, Stamp, add_seconds};
use super::{
    Candidate, Cause, Clues, Mistake, Observed, Tried, headers, method_host_path, query, tried,
};
use crate::sigv4::Secret;

/// How far the search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Search {
    /// The request as it is, and every single mistake.
    Single,
    /// Also every typing mistake of one character, pairs of mistakes, every expiry up to seven
    /// days, and every second of three days.
    Pairs,
}

/// What the search found. Without `Debug`: a canonical request may hold a session token.
#[derive(Clone)]
pub struct Outcome {
    /// The mistakes that together reproduce the signature: none if it matches as it is; `None` if
    /// nothing reproduces it.
    pub mistakes: Option<Vec<Mistake>>,
    /// The method with which it matches.
    pub method: String,
    /// The canonical request of the request as it is known.
    pub canonical_request: Vec<u8>,
    /// The canonical request that was signed, if it was found.
    pub signed_canonical_request: Option<Vec<u8>>,
    /// The string to sign of the request as it is known.
    pub string_to_sign: String,
    /// The string to sign that was signed, if it was found.
    pub signed_string_to_sign: Option<String>,
    /// The signature of the request as it is known, with the first secret; none with SigV4A, which
    /// has many.
    pub expected_signature: Option<[u8; 32]>,
    /// Which of the candidates signed, if the secret that was found is one of theirs.
    pub candidate: Option<usize>,
    /// How many requests were tried.
    pub tried: u64,
}

/// A request of more parameters and headers than this is compared as it is, and that is all. No
/// store accepts this many, and one variant for each of thousands fits into no memory.
const MOST_NAMES: usize = 100;

/// The same for the length of the canonical request.
const LONGEST_REQUEST: usize = 32 << 10;

/// What pairs of mistakes may cost, in bytes that are hashed: several times what links of the usual
/// length take. A link with hundreds of parameters would take minutes otherwise, and its sender
/// may be hostile.
const MOST_WORK: u64 = 1 << 34;

/// Rewriting a parameter takes as long as hashing this many bytes.
const WORK_OF_PARAMETER: u64 = 300;

/// Typing mistakes of one character are looked for in texts up to this length. No store takes
/// longer keys than half of that.
const LONGEST_EDITED: usize = 2048;

/// And in the values of at most this many parameters.
const MOST_EDITED: usize = 32;

/// Bytes of a body whose length was signed, up to which every length is tried.
const LARGEST_LENGTH: u32 = 1 << 20;

/// Searches. The first candidate is the one whose credentials are at hand.
pub fn explain_signature(
    observed: &Observed,
    candidates: &[Candidate],
    clues: &Clues,
    search: Search,
) -> Outcome {
    let secret = candidates
        .first()
        .map_or_else(|| Secret::new(""), |candidate| candidate.secret.clone());
    let mut run = Run {
        observed,
        candidates,
        clues,
        text: Text::of(observed),
        stamp: Stamp::of(observed, &secret),
        buffer: Vec::with_capacity(1024),
        tried: 0,
        work: 0,
        found: None,
    };
    let mut canonical_request = Vec::new();
    run.text.write(&mut canonical_request);
    let hash = run.text.sha256(&mut run.buffer);
    let string_to_sign = run.stamp.string_to_sign(&hash);
    let expected_signature = run.stamp.hmac(&hash);
    let _ = run.stages(search);
    let found = run.found.take();
    let mut signed_canonical_request = None;
    let mut signed_string_to_sign = None;
    let mut method = observed.method.clone();
    let mut candidate = None;
    let mistakes = found.map(
        |Found {
             text,
             stamp,
             mistakes,
         }| {
            let mut bytes = Vec::new();
            text.write(&mut bytes);
            let hash = text.sha256(&mut Vec::new());
            signed_string_to_sign = Some(stamp.string_to_sign(&hash));
            signed_canonical_request = Some(bytes);
            method = text.method.to_string();
            candidate = candidates
                .iter()
                .position(|s| s.secret.expose_secret() == stamp.secret.expose_secret());
            mistakes
        },
    );
    Outcome {
        mistakes,
        method,
        canonical_request,
        signed_canonical_request,
        string_to_sign,
        signed_string_to_sign,
        expected_signature,
        candidate,
        tried: run.tried,
    }
}

struct Found {
    text: Text,
    stamp: Stamp,
    mistakes: Vec<Mistake>,
}

struct Run<'a> {
    observed: &'a Observed,
    candidates: &'a [Candidate],
    clues: &'a Clues,
    text: Text,
    stamp: Stamp,
    buffer: Vec<u8>,
    tried: u64,
    /// What the pairs have cost so far.
    work: u64,
    found: Option<Found>,
}

/// What of the text is varied, in the order in which one variation may follow another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Method,
    Host,
    Path,
    Query,
    Headers,
    Payload,
}

struct TextVariant {
    part: Part,
    mistake: Mistake,
    text: Text,
}

struct StampVariant {
    part: signer::Part,
    mistake: Mistake,
    stamp: Stamp,
}

/// A mistake that shows both in the query and in the string to sign: a changed credential or date.
struct BothVariant {
    mistake: Mistake,
    text: Text,
    stamp: Stamp,
}

impl Run<'_> {
    fn stages(&mut self, search: Search) -> ControlFlow<()> {
        let (text, stamp) = (self.text.clone(), self.stamp.clone());
        self.attempt(&text, &stamp, &[])?;
        if !self.observed.method_is_known {
            for method in method_host_path::METHODS
                .iter()
                .filter(|method| **method != &*text.method)
            {
                self.attempt(
                    &Text {
                        method: (*method).into(),
                        ..text.clone()
                    },
                    &stamp,
                    &[],
                )?;
            }
        }
        self.attempt_access_key(&text, &stamp)?;
        text.write(&mut self.buffer);
        if text.query.pairs.len() + text.headers.lines.len() > MOST_NAMES
            || self.buffer.len() > LONGEST_REQUEST
        {
            return ControlFlow::Continue(());
        }
        let texts = self.text_variants(&text, Part::Method);
        for variant in &texts {
            self.attempt(&variant.text, &stamp, &[&variant.mistake])?;
        }
        let mut far = Vec::new();
        method_host_path::vary_far_host(&text, self.clues, &mut |about, text| {
            far.push((about.mistake(), text))
        });
        for (mistake, text) in &far {
            self.attempt(text, &stamp, &[mistake])?;
        }
        let stamps = self.stamp_variants(&stamp, signer::Part::Secret);
        let hash = text.sha256(&mut self.buffer);
        for variant in &stamps {
            self.attempt_hash(&text, &hash, &variant.stamp, &[&variant.mistake])?;
        }
        self.region_sets(&text, &stamp)?;
        let both = self.both_variants(&text, &stamp);
        for variant in &both {
            self.attempt(&variant.text, &variant.stamp, &[&variant.mistake])?;
        }
        self.far_regions(&text, &stamp, &hash)?;
        if !self.observed.method_is_known {
            self.other_methods(&texts, &stamps, &both)?;
        }
        if search == Search::Single || !stamp.key_has_scope() {
            return ControlFlow::Continue(());
        }
        self.every_typing_mistake(&text, &stamp)?;
        self.pairs(&texts, &stamps, &both)?;
        self.wide(&text, &stamp)
    }

    /// A region of another store, which the URL was signed for or into which it was changed.
    fn far_regions(&mut self, text: &Text, stamp: &Stamp, hash: &[u8; 32]) -> ControlFlow<()> {
        let mut variants = Vec::new();
        signer::vary_far_region(stamp, self.clues, &mut |_, about, stamp| {
            variants.push((about.mistake(), stamp))
        });
        for (mistake, changed) in &variants {
            self.attempt_hash(text, hash, changed, &[mistake])?;
            if changed.scope != stamp.scope {
                let credential = self.credential(&changed.scope);
                let text = query::with_value(text, "X-Amz-Credential", &credential);
                self.attempt(&text, changed, &[mistake])?;
            }
        }
        ControlFlow::Continue(())
    }

    /// With the method not known, a single mistake is one with any method.
    fn other_methods(
        &mut self,
        texts: &[TextVariant],
        stamps: &[StampVariant],
        both: &[BothVariant],
    ) -> ControlFlow<()> {
        let known = self.text.method.clone();
        for method in method_host_path::METHODS[..5]
            .iter()
            .filter(|method| **method != &*known)
        {
            let with = |text: &Text| Text {
                method: (*method).into(),
                ..text.clone()
            };
            for variant in texts.iter().filter(|variant| variant.part != Part::Method) {
                self.attempt(
                    &with(&variant.text),
                    &self.stamp.clone(),
                    &[&variant.mistake],
                )?;
            }
            let text = with(&self.text.clone());
            let hash = text.sha256(&mut self.buffer);
            for variant in stamps {
                self.attempt_hash(&text, &hash, &variant.stamp, &[&variant.mistake])?;
            }
            for variant in both {
                self.attempt(&with(&variant.text), &variant.stamp, &[&variant.mistake])?;
            }
        }
        ControlFlow::Continue(())
    }

    fn pairs(
        &mut self,
        texts: &[TextVariant],
        stamps: &[StampVariant],
        both: &[BothVariant],
    ) -> ControlFlow<()> {
        let stamp = self.stamp.clone();
        let text = self.text.clone();
        for first in texts {
            let hash = first.text.sha256(&mut self.buffer);
            for second in stamps {
                self.attempt_hash(
                    &first.text,
                    &hash,
                    &second.stamp,
                    &[&first.mistake, &second.mistake],
                )?;
            }
        }
        for first in texts {
            if self.work > MOST_WORK {
                break;
            }
            self.try_texts(&first.text, Some(first.part), &stamp, &first.mistake)?;
        }
        for first in both {
            if self.work > MOST_WORK {
                break;
            }
            let hash = first.text.sha256(&mut self.buffer);
            self.try_stamps(
                &first.text,
                &hash,
                &first.stamp,
                signer::Part::Secret,
                &first.mistake,
            )?;
            self.try_texts(&first.text, None, &first.stamp, &first.mistake)?;
        }
        let hash = text.sha256(&mut self.buffer);
        for first in stamps {
            if let Some(next) = first.part.next() {
                self.try_stamps(&text, &hash, &first.stamp, next, &first.mistake)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// `after`: which part the first mistake is in, if it is in one alone.
    fn try_texts(
        &mut self,
        text: &Text,
        after: Option<Part>,
        stamp: &Stamp,
        first: &Mistake,
    ) -> ControlFlow<()> {
        let from = after.unwrap_or(Part::Method);
        let mut flow = ControlFlow::Continue(());
        let (observed, candidates, clues) = (self.observed, self.candidates, self.clues);
        vary_text(
            text,
            from,
            observed,
            candidates,
            clues,
            &mut |part, about, text| {
                // Another method, host or payload hash in place of the other is no second mistake.
                if flow.is_break()
                    || (Some(part) == after
                        && !matches!(part, Part::Path | Part::Query | Part::Headers))
                {
                    return;
                }
                self.tried += 1;
                let hash = text.sha256(&mut self.buffer);
                self.work += self.buffer.len() as u64;
                if part == Part::Query {
                    self.work += WORK_OF_PARAMETER * text.query.pairs.len() as u64;
                }
                if stamp.made(&observed.signature, &hash) {
                    self.found = Some(Found {
                        text,
                        stamp: stamp.clone(),
                        mistakes: vec![first.clone(), about.mistake()],
                    });
                    flow = ControlFlow::Break(());
                }
            },
        );
        flow
    }

    fn try_stamps(
        &mut self,
        text: &Text,
        hash: &[u8; 32],
        stamp: &Stamp,
        from: signer::Part,
        first: &Mistake,
    ) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        let observed = self.observed;
        signer::vary(
            stamp,
            from,
            observed,
            self.candidates,
            self.clues,
            &mut |_, about, stamp| {
                if flow.is_break() {
                    return;
                }
                self.tried += 1;
                if stamp.made(&observed.signature, hash) {
                    self.found = Some(Found {
                        text: text.clone(),
                        stamp,
                        mistakes: vec![first.clone(), about.mistake()],
                    });
                    flow = ControlFlow::Break(());
                }
            },
        );
        flow
    }

    /// A credential whose access key id was exchanged after signing.
    fn attempt_access_key(&mut self, text: &Text, stamp: &Stamp) -> ControlFlow<()> {
        for candidate in self
            .candidates
            .iter()
            .filter(|candidate| candidate.access_key_id != self.observed.access_key_id)
        {
            let credential = format!("{}/{}", candidate.access_key_id, stamp.scope);
            let text = query::with_value(text, "X-Amz-Credential", &credential);
            let note = "the access key id in the credential".to_owned();
            let mistake = Mistake {
                cause: Cause::AccessKeyId,
                note: format!("{note} `{}`", candidate.access_key_id),
            };
            self.attempt(&text, &stamp.with_candidate(candidate), &[&mistake])?;
        }
        ControlFlow::Continue(())
    }

    /// A set of regions that was changed after signing.
    fn region_sets(&mut self, text: &Text, stamp: &Stamp) -> ControlFlow<()> {
        if stamp.key_has_scope() {
            return ControlFlow::Continue(());
        }
        for regions in ["*"]
            .into_iter()
            .chain(self.clues.regions.iter().map(String::as_str))
            .chain(self.clues.far_regions.iter().map(String::as_str))
        {
            let changed = query::with_value(text, "X-Amz-Region-Set", regions);
            let mistake = Tried {
                cause: Cause::Region,
                note: "the region set",
                about: regions,
            }
            .mistake();
            self.attempt(&changed, stamp, &[&mistake])?;
        }
        ControlFlow::Continue(())
    }

    /// What is not tried in pairs and comes last: there are hundreds of thousands.
    fn wide(&mut self, text: &Text, stamp: &Stamp) -> ControlFlow<()> {
        self.every_expiry(text, stamp)?;
        for days in [0, -1, 1] {
            self.every_second(text, stamp, days)?;
        }
        self.every_length(text, stamp)
    }

    /// Where the length of the body is signed, every length up to a mebibyte.
    fn every_length(&mut self, text: &Text, stamp: &Stamp) -> ControlFlow<()> {
        let name = "content-length";
        let with = |value: &[u8]| Text {
            headers: Rc::new(text.headers.with(name, value)),
            ..text.clone()
        };
        if text.headers.value(name).is_none() {
            return ControlFlow::Continue(());
        }
        let Some(blank) = Blank::new(&with(PLACEHOLDER.as_bytes())) else {
            return ControlFlow::Continue(());
        };
        for length in 0..=LARGEST_LENGTH {
            let digits = length.to_string();
            let hash = blank.hash(&digits);
            self.tried += 1;
            if stamp.made(&self.observed.signature, &hash) {
                let cause = match sent_value(&self.observed.headers, name) {
                    Some(_) => Cause::HeaderChanged,
                    None => Cause::HeaderMissing,
                };
                let mistake = Tried {
                    cause,
                    note: "another value of",
                    about: name,
                }
                .mistake();
                return self.attempt(&with(digits.as_bytes()), stamp, &[&mistake]);
            }
        }
        ControlFlow::Continue(())
    }

    /// Every typing mistake of one character in what the request has of its own.
    fn every_typing_mistake(&mut self, text: &Text, stamp: &Stamp) -> ControlFlow<()> {
        let path = &text.path;
        if path.bytes.len() <= LONGEST_EDITED {
            method_host_path::edits(&path.bytes, 1, &mut |note, bytes| {
                let changed = Text {
                    path: Rc::new(super::canonical::PathText::new(bytes, path.rule)),
                    ..text.clone()
                };
                self.attempt_lazily(&changed, stamp, || tried(Cause::Key, note).mistake())
            })?;
        }
        let observed = self.observed;
        let mut attempt =
            |about: Tried, changed: Text| self.attempt_lazily(&changed, stamp, || about.mistake());
        headers::edits(text, observed, &mut attempt)?;
        if text.query.pairs.len() <= MOST_EDITED {
            query::edits(text, &mut attempt)?;
        }
        ControlFlow::Continue(())
    }

    /// Every expiry up to seven days. Only its digits change, so what stands before them is hashed
    /// once.
    fn every_expiry(&mut self, text: &Text, stamp: &Stamp) -> ControlFlow<()> {
        let name = "X-Amz-Expires";
        let Some(blank) = Blank::new(&query::with_value(text, name, PLACEHOLDER)) else {
            return ControlFlow::Continue(());
        };
        for seconds in 1..=604_800_u32 {
            let digits = seconds.to_string();
            let hash = blank.hash(&digits);
            self.tried += 1;
            if stamp.made(&self.observed.signature, &hash) {
                let mistake = Tried {
                    cause: Cause::ParameterChanged,
                    note: "another value of",
                    about: name,
                }
                .mistake();
                return self.attempt(&query::with_value(text, name, &digits), stamp, &[&mistake]);
            }
        }
        ControlFlow::Continue(())
    }

    /// Every second of a day. The key is that of the day.
    fn every_second(&mut self, text: &Text, stamp: &Stamp, days: i64) -> ControlFlow<()> {
        let Some(some_second) = add_seconds(&self.observed.timestamp, days * 86_400) else {
            return ControlFlow::Continue(());
        };
        let (text, stamp) = self.at_time(text, stamp, &some_second);
        let name = "X-Amz-Date";
        let Some(blank) = Blank::new(&query::with_value(&text, name, PLACEHOLDER)) else {
            return ControlFlow::Continue(());
        };
        for second in 0..86_400 {
            let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
            let timestamp = format!("{}T{hours:02}{minutes:02}{seconds:02}Z", &some_second[..8]);
            let hash = blank.hash(&timestamp);
            let stamp = stamp.with_timestamp(&timestamp);
            self.tried += 1;
            if stamp.made(&self.observed.signature, &hash) {
                let mistake = Tried {
                    cause: Cause::ParameterChanged,
                    note: "the time",
                    about: &timestamp,
                }
                .mistake();
                return self.attempt(
                    &query::with_value(&text, name, &timestamp),
                    &stamp,
                    &[&mistake],
                );
            }
        }
        ControlFlow::Continue(())
    }

    /// The same link made at another time.
    fn at_time(&self, text: &Text, stamp: &Stamp, timestamp: &str) -> (Text, Stamp) {
        let text = query::with_value(text, "X-Amz-Date", timestamp);
        if timestamp[..8] == *stamp.scope.date {
            return (text, stamp.with_timestamp(timestamp));
        }
        let scope = Scope {
            date: timestamp[..8].into(),
            ..stamp.scope.clone()
        };
        let credential = self.credential(&scope);
        let stamp = stamp.at(timestamp.into(), scope);
        (
            query::with_value(&text, "X-Amz-Credential", &credential),
            stamp,
        )
    }

    fn credential(&self, scope: &Scope) -> String {
        format!("{}/{scope}", self.observed.access_key_id)
    }

    fn text_variants(&mut self, text: &Text, from: Part) -> Vec<TextVariant> {
        let mut variants = Vec::with_capacity(1024);
        // Different mistakes may make the same request; what is tried in pairs is tried once.
        let mut seen = HashSet::from([text.sha256(&mut self.buffer)]);
        let buffer = &mut self.buffer;
        vary_text(
            text,
            from,
            self.observed,
            self.candidates,
            self.clues,
            &mut |part, about, text| {
                if seen.insert(text.sha256(buffer)) {
                    variants.push(TextVariant {
                        part,
                        mistake: about.mistake(),
                        text,
                    });
                }
            },
        );
        variants
    }

    fn stamp_variants(&mut self, stamp: &Stamp, from: signer::Part) -> Vec<StampVariant> {
        let mut variants = Vec::with_capacity(1024);
        // Stamps are equal if they sign equally, whatever it is that they sign.
        let mut seen = HashSet::from([stamp.hmac(&[0; 32])]);
        signer::vary(
            stamp,
            from,
            self.observed,
            self.candidates,
            self.clues,
            &mut |part, about, stamp| {
                let signature = stamp.hmac(&[0; 32]);
                if signature.is_none() || seen.insert(signature) {
                    variants.push(StampVariant {
                        part,
                        mistake: about.mistake(),
                        stamp,
                    });
                }
            },
        );
        variants
    }

    /// Region, service or date of the credential, or the date, changed in the URL after signing.
    fn both_variants(&self, text: &Text, stamp: &Stamp) -> Vec<BothVariant> {
        let mut variants = Vec::new();
        signer::vary(
            stamp,
            signer::Part::Region,
            self.observed,
            &[],
            self.clues,
            &mut |part, about, stamp| {
                if stamp.scope == self.stamp.scope || part == signer::Part::Time {
                    return;
                }
                let text =
                    query::with_value(text, "X-Amz-Credential", &self.credential(&stamp.scope));
                variants.push(BothVariant {
                    mistake: about.mistake(),
                    text,
                    stamp,
                });
            },
        );
        for hours in (-14_i64..=14).filter(|hours| *hours != 0) {
            let Some(other) = add_seconds(&self.observed.timestamp, hours * 3600) else {
                break;
            };
            let (text, stamp) = self.at_time(text, stamp, &other);
            let mistake = Tried {
                cause: Cause::ParameterChanged,
                note: "the time",
                about: &other,
            }
            .mistake();
            variants.push(BothVariant {
                mistake,
                text,
                stamp,
            });
        }
        variants
    }

    fn attempt(&mut self, text: &Text, stamp: &Stamp, mistakes: &[&Mistake]) -> ControlFlow<()> {
        let hash = text.sha256(&mut self.buffer);
        self.attempt_hash(text, &hash, stamp, mistakes)
    }

    fn attempt_hash(
        &mut self,
        text: &Text,
        hash: &[u8; 32],
        stamp: &Stamp,
        mistakes: &[&Mistake],
    ) -> ControlFlow<()> {
        self.tried += 1;
        if !stamp.made(&self.observed.signature, hash) {
            return ControlFlow::Continue(());
        }
        let mistakes = mistakes.iter().map(|mistake| (*mistake).clone()).collect();
        self.found = Some(Found {
            text: text.clone(),
            stamp: stamp.clone(),
            mistakes,
        });
        ControlFlow::Break(())
    }

    fn attempt_lazily(
        &mut self,
        text: &Text,
        stamp: &Stamp,
        mistake: impl FnOnce() -> Mistake,
    ) -> ControlFlow<()> {
        self.tried += 1;
        if !stamp.made(&self.observed.signature, &text.sha256(&mut self.buffer)) {
            return ControlFlow::Continue(());
        }
        self.found = Some(Found {
            text: text.clone(),
            stamp: stamp.clone(),
            mistakes: vec![mistake()],
        });
        ControlFlow::Break(())
    }
}

/// A value that no parameter has.
const PLACEHOLDER: &str = "PLACEHOLDER-PLACEHOLDER";

/// A canonical request with a blank to be filled in, hashed up to there.
struct Blank {
    before: Sha256,
    after: Vec<u8>,
}

impl Blank {
    /// The blank is the placeholder; `None` if there is none.
    fn new(text: &Text) -> Option<Blank> {
        let mut bytes = Vec::new();
        text.write(&mut bytes);
        let at = bytes
            .windows(PLACEHOLDER.len())
            .position(|window| window == PLACEHOLDER.as_bytes())?;
        Some(Blank {
            before: Sha256::new_with_prefix(&bytes[..at]),
            after: bytes[at + PLACEHOLDER.len()..].to_vec(),
        })
    }

    /// The hash of the canonical request with this value.
    fn hash(&self, value: &str) -> [u8; 32] {
        self.before
            .clone()
            .chain_update(value)
            .chain_update(&self.after)
            .finalize()
            .into()
    }
}

fn vary_text(
    text: &Text,
    from: Part,
    observed: &Observed,
    candidates: &[Candidate],
    clues: &Clues,
    yield_: &mut dyn FnMut(Part, Tried, Text),
) {
    if from <= Part::Method && observed.method_is_known {
        method_host_path::vary_method(text, &mut |about, text| yield_(Part::Method, about, text));
    }
    if from <= Part::Host {
        method_host_path::vary_host(text, observed, clues, &mut |about, text| {
            yield_(Part::Host, about, text)
        });
    }
    if from <= Part::Path {
        method_host_path::vary_path(text, observed, clues, &mut |about, text| {
            yield_(Part::Path, about, text)
        });
    }
    if from <= Part::Query {
        query::vary(text, observed, candidates, &mut |about, text| {
            yield_(Part::Query, about, text)
        });
    }
    if from <= Part::Headers {
        headers::vary(text, observed, &mut |about, text| {
            yield_(Part::Headers, about, text)
        });
    }
    headers::vary_payload(text, observed, &mut |about, text| {
        yield_(Part::Payload, about, text)
    });
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{DerSignature, SigningKey};

    use super::*;
    use crate::forensics::link;
    use crate::sigv4::{Algorithm, KeyPair, QueryParameter};

    const CREDENTIAL: &str = "X-Amz-Credential";

    fn with_parameter(link: &Observed, name: &str, value: &str) -> Observed {
        let mut other = link.clone();
        other
            .query
            .iter_mut()
            .filter(|p| p.name == name.as_bytes())
            .for_each(|p| p.value = value.into());
        other
    }

    fn secret() -> Secret {
        Secret::new("secret")
    }

    /// The link, with the signature of what was really signed.
    fn sent(link: &Observed, signed: &Observed) -> Observed {
        sent_by(&secret(), link, signed)
    }

    fn sent_by(secret: &Secret, link: &Observed, signed: &Observed) -> Observed {
        let hash = Text::of(signed).sha256(&mut Vec::new());
        let signature = Stamp::of(signed, secret)
            .hmac(&hash)
            .map_or_else(Vec::new, |signature| signature.to_vec());
        Observed {
            signature,
            ..link.clone()
        }
    }

    fn run<'a>(observed: &'a Observed, clues: &'a Clues) -> Run<'a> {
        Run {
            observed,
            candidates: &[],
            clues,
            text: Text::of(observed),
            stamp: Stamp::of(observed, &secret()),
            buffer: Vec::new(),
            tried: 0,
            work: 0,
            found: None,
        }
    }

    /// What was found, or nothing.
    fn notes(run: &Run) -> Vec<String> {
        run.found
            .iter()
            .flat_map(|found| &found.mistakes)
            .map(|mistake| mistake.note.clone())
            .collect()
    }

    /// The region of the credential was changed after signing, and the method is another one.
    fn changed_region_and_method() -> (Observed, Clues) {
        let link = link();
        let signed = with_parameter(&link, CREDENTIAL, "AKID/20261123/us-south/s3/aws4_request");
        let signed = Observed {
            method: "GET".to_owned(),
            region: "us-south".to_owned(),
            ..signed
        };
        (
            sent(&link, &signed),
            Clues {
                regions: vec!["us-south".to_owned()],
                ..Clues::default()
            },
        )
    }

    #[test]
    fn a_change_of_query_and_string_to_sign_goes_with_every_other_mistake() {
        let (observed, clues) = changed_region_and_method();
        let mut run = run(&observed, &clues);
        let both = run.both_variants(&run.text, &run.stamp);
        assert!(run.pairs(&[], &[], &both).is_break());
        let causes: Vec<Cause> = run
            .found
            .iter()
            .flat_map(|found| &found.mistakes)
            .map(|mistake| mistake.cause)
            .collect();
        assert_eq!(causes, [Cause::Region, Cause::Method]);
    }

    /// What was changed in the URL after signing stands both in the query and in the string to
    /// sign.
    #[test]
    fn such_changes_are_the_same_in_query_and_string_to_sign() {
        let (observed, clues) = changed_region_and_method();
        let run = run(&observed, &clues);
        let value = |text: &Text, name: &str| {
            let found = text.query.pairs.iter().find(|p| p.name == name.as_bytes());
            found.map(|p| String::from_utf8_lossy(&p.value).into_owned())
        };
        let both = run.both_variants(&run.text, &run.stamp);
        for variant in &both {
            let stamp = &variant.stamp;
            assert!(
                (&stamp.scope, &stamp.timestamp) != (&run.stamp.scope, &run.stamp.timestamp),
                "{}",
                variant.mistake.note
            );
            assert_eq!(
                value(&variant.text, CREDENTIAL),
                Some(format!("AKID/{}", stamp.scope))
            );
            assert_eq!(
                value(&variant.text, "X-Amz-Date"),
                Some(stamp.timestamp.to_string())
            );
        }
        let of = |cause| {
            both.iter()
                .filter(|variant| variant.mistake.cause == cause)
                .count()
        };
        // A region with its own key or without, fifteen services, nine other days, and 28 other
        // hours of the clock.
        assert_eq!(
            [
                Cause::Region,
                Cause::Service,
                Cause::ScopeDate,
                Cause::ParameterChanged
            ]
            .map(of),
            [2, 30, 18, 28]
        );
    }

    /// A link may come from an attacker: past the limit nothing is begun, and up to it all
    /// is.
    #[test]
    fn pairs_end_where_their_work_does() {
        let (observed, clues) = changed_region_and_method();
        for (work, goes_on) in [
            (MOST_WORK - 1, true),
            (MOST_WORK, true),
            (MOST_WORK + 1, false),
        ] {
            let mut of_both = run(&observed, &clues);
            of_both.work = work;
            let both = of_both.both_variants(&of_both.text, &of_both.stamp);
            assert_eq!(of_both.pairs(&[], &[], &both).is_break(), goes_on, "{work}");
            assert_eq!(of_both.tried > 0, goes_on);

            let mut of_texts = run(&observed, &clues);
            of_texts.work = work;
            let texts: Vec<TextVariant> = of_texts
                .text_variants(&of_texts.text.clone(), Part::Method)
                .into_iter()
                .take(1)
                .collect();
            assert!(of_texts.pairs(&texts, &[], &[]).is_continue());
            assert_eq!(of_texts.tried > 0, goes_on, "{work}");
        }
    }

    /// Every byte that is hashed counts, and every parameter that is rewritten.
    #[test]
    fn work_is_what_is_hashed_and_what_is_written() {
        let mut link = link();
        link.signed_headers.push("x-amz-acl".to_owned());
        let clues = Clues::default();
        let mistake = tried(Cause::Key, "").mistake();
        let parts = [
            Part::Method,
            Part::Host,
            Part::Path,
            Part::Query,
            Part::Headers,
            Part::Payload,
        ];
        for after in parts.into_iter().map(Some).chain([None]) {
            let mut run = run(&link, &clues);
            let (text, stamp) = (run.text.clone(), run.stamp.clone());
            let (mut count, mut work) = (0, 0);
            vary_text(
                &text,
                after.unwrap_or(Part::Method),
                &link,
                &[],
                &clues,
                &mut |part, _, text| {
                    let exchanged = Some(part) == after
                        && matches!(part, Part::Method | Part::Host | Part::Payload);
                    if exchanged {
                        return;
                    }
                    let mut bytes = Vec::new();
                    text.write(&mut bytes);
                    count += 1;
                    work += bytes.len() as u64;
                    if part == Part::Query {
                        work += 300 * text.query.pairs.len() as u64;
                    }
                },
            );
            assert!(run.try_texts(&text, after, &stamp, &mistake).is_continue());
            assert_eq!((run.tried, run.work), (count, work), "{after:?}");
        }
    }

    #[test]
    fn what_is_found_ends_the_search() {
        let link = link();
        let observed = sent(
            &link,
            &Observed {
                method: "GET".to_owned(),
                ..link.clone()
            },
        );
        let clues = Clues::default();
        let mut run = run(&observed, &clues);
        let (text, stamp) = (run.text.clone(), run.stamp.clone());
        assert!(
            run.try_texts(&text, None, &stamp, &tried(Cause::Key, "first").mistake())
                .is_break()
        );
        assert_eq!(
            (notes(&run), run.tried),
            (vec!["first".to_owned(), "the method `GET`".to_owned()], 1)
        );
    }

    /// With the method not known, every method is as good, and none is a mistake.
    #[test]
    fn methods_are_varied_where_one_is_known() {
        for (known, from, expected) in [
            (true, Part::Method, 8),
            (false, Part::Method, 0),
            (true, Part::Host, 0),
            (false, Part::Host, 0),
        ] {
            let link = Observed {
                method_is_known: known,
                ..link()
            };
            let mut methods = 0;
            vary_text(
                &Text::of(&link),
                from,
                &link,
                &[],
                &Clues::default(),
                &mut |part, _, _| {
                    methods += usize::from(part == Part::Method);
                },
            );
            assert_eq!(methods, expected, "{known} {from:?}");
        }
    }

    #[test]
    fn a_secret_may_be_spoiled_twice() {
        let observed = sent_by(&Secret::new("\"secret\"\n"), &link(), &link());
        let clues = Clues::default();
        let mut run = run(&observed, &clues);
        let mut stamps = run.stamp_variants(&run.stamp.clone(), signer::Part::Secret);
        stamps.retain(|variant| variant.mistake.note == "double quotes around the secret");
        let tried_before = run.tried;
        assert!(run.pairs(&[], &stamps, &[]).is_break());
        assert_eq!(
            notes(&run),
            [
                "double quotes around the secret",
                "a line feed at the end of the secret"
            ]
        );
        assert_eq!(run.tried - tried_before, 1);
    }

    /// Up to the limits all is searched, beyond them the request is compared as it is.
    #[test]
    fn requests_that_no_store_takes_are_only_compared() {
        let of_names = |parameters: usize, headers: usize| {
            let mut link = link();
            link.query
                .extend((3..parameters).map(|index| QueryParameter::new(format!("p{index}"), "")));
            link.signed_headers
                .extend((1..headers).map(|index| format!("x-h{index}")));
            link
        };
        let of_length = |length: usize| {
            let mut link = link();
            let mut bytes = Vec::new();
            Text::of(&link).write(&mut bytes);
            link.path
                .extend(std::iter::repeat_n(b'k', length - bytes.len()));
            link
        };
        for (link, searched) in [
            (of_names(50, 50), true),
            (of_names(99, 1), true),
            (of_names(50, 51), false),
            (of_names(100, 1), false),
            (of_names(10, 11), true),
            (of_length(LONGEST_REQUEST), true),
            (of_length(LONGEST_REQUEST + 1), false),
        ] {
            let observed = sent(
                &link,
                &Observed {
                    method: "GET".to_owned(),
                    ..link.clone()
                },
            );
            let candidate = Candidate {
                access_key_id: "AKID".to_owned(),
                secret: secret(),
                token: None,
            };
            let outcome =
                explain_signature(&observed, &[candidate], &Clues::default(), Search::Single);
            assert_eq!(outcome.mistakes.is_some(), searched);
            assert_eq!(outcome.tried, if searched { 2 } else { 1 });
        }
    }

    #[test]
    fn every_second_of_a_day() {
        let link = link();
        for (days, signed_at, tried) in [
            (0, "20261123T010203Z", 3725),
            (0, "20261123T000000Z", 2),
            (1, "20261124T012309Z", 4991),
            (-1, "20261122T000101Z", 63),
        ] {
            let date = &signed_at[..8];
            let signed = with_parameter(&link, "X-Amz-Date", signed_at);
            let signed = with_parameter(
                &signed,
                CREDENTIAL,
                &format!("AKID/{date}/eu-west-1/s3/aws4_request"),
            );
            let signed = Observed {
                timestamp: signed_at.to_owned(),
                date: date.to_owned(),
                ..signed
            };
            let observed = sent(&link, &signed);
            let clues = Clues::default();
            let mut run = run(&observed, &clues);
            let (text, stamp) = (run.text.clone(), run.stamp.clone());
            assert!(
                run.every_second(&text, &stamp, days).is_break(),
                "{signed_at}"
            );
            assert_eq!(notes(&run), [format!("the time `{signed_at}`")]);
            // All seconds before it, itself, and once more with all the texts.
            assert_eq!(run.tried, tried);
        }
    }

    #[test]
    fn every_expiry_of_a_week() {
        let link = link();
        for seconds in [1, 59, 4321] {
            let observed = sent(
                &link,
                &with_parameter(&link, "X-Amz-Expires", &seconds.to_string()),
            );
            let clues = Clues::default();
            let mut run = run(&observed, &clues);
            let (text, stamp) = (run.text.clone(), run.stamp.clone());
            assert!(run.every_expiry(&text, &stamp).is_break(), "{seconds}");
            assert_eq!(run.tried, seconds + 1);
        }
    }

    /// One character of the key, of a sent header's value or of a parameter's, as long as they are
    /// not too long.
    #[test]
    fn every_slip_of_one_character() {
        let mut link = link();
        link.path = b"/name".to_vec();
        link.signed_headers = ["host", "x-amz-meta-a", "x-amz-meta-unsent"]
            .map(str::to_owned)
            .to_vec();
        link.headers
            .push(("x-amz-meta-a".to_owned(), b"value".to_vec()));
        link.query.push(QueryParameter::new("note", "text"));
        let of_header = |value: String| {
            let mut link = link.clone();
            link.headers[0].1 = value.into_bytes();
            link
        };
        let mut unsent = link.clone();
        unsent
            .headers
            .push(("x-amz-meta-unsent".to_owned(), b"a".to_vec()));
        let of_note = |value: String| with_parameter(&link, "note", &value);
        let long = |length: usize| Observed {
            path: [b"/", vec![b'k'; length - 1].as_slice()].concat(),
            ..crate::forensics::link()
        };
        let many = |count: usize| {
            let mut link = crate::forensics::link();
            link.query
                .extend((3..count).map(|index| QueryParameter::new(format!("p{index}"), "text")));
            link
        };
        let without_last = |link: &Observed| Observed {
            path: link.path[..link.path.len() - 1].to_vec(),
            ..link.clone()
        };
        for (link, signed, note) in [
            (
                link.clone(),
                Observed {
                    path: b"/nam".to_vec(),
                    ..link.clone()
                },
                "the key with one character less",
            ),
            (
                link.clone(),
                Observed {
                    path: b"/nmae".to_vec(),
                    ..link.clone()
                },
                "the key with two characters exchanged",
            ),
            (
                link.clone(),
                of_header("vaule".to_owned()),
                "another value of `x-amz-meta-a`",
            ),
            (
                of_header("v".repeat(200)),
                of_header("v".repeat(199)),
                "another value of `x-amz-meta-a`",
            ),
            (of_header("v".repeat(201)), of_header("v".repeat(200)), ""),
            (link.clone(), unsent, ""),
            (
                link.clone(),
                Observed {
                    host: "i".to_owned(),
                    ..link.clone()
                },
                "",
            ),
            (
                link.clone(),
                of_note("test".to_owned()),
                "another value of `note`",
            ),
            (
                of_note("n".repeat(100)),
                of_note("n".repeat(99)),
                "another value of `note`",
            ),
            (of_note("n".repeat(101)), of_note("n".repeat(100)), ""),
            (
                link.clone(),
                with_parameter(&link, "X-Amz-Expires", "61"),
                "",
            ),
            (
                long(LONGEST_EDITED),
                without_last(&long(LONGEST_EDITED)),
                "the key with one character less",
            ),
            (
                long(LONGEST_EDITED + 1),
                without_last(&long(LONGEST_EDITED + 1)),
                "",
            ),
            (
                many(MOST_EDITED),
                with_parameter(&many(MOST_EDITED), "p3", "test"),
                "another value of `p3`",
            ),
            (
                many(MOST_EDITED + 1),
                with_parameter(&many(MOST_EDITED + 1), "p3", "test"),
                "",
            ),
        ] {
            let observed = sent(&link, &signed);
            let clues = Clues::default();
            let mut run = run(&observed, &clues);
            let (text, stamp) = (run.text.clone(), run.stamp.clone());
            assert_eq!(
                run.every_typing_mistake(&text, &stamp).is_break(),
                !note.is_empty(),
                "{note}"
            );
            assert_eq!(notes(&run).concat(), note);
        }
    }

    /// Of a text of n characters, all that differ by one are tried, and each once.
    #[test]
    fn every_slip_is_counted() {
        let mut link = link();
        link.path = b"/a".to_vec();
        let clues = Clues::default();
        let mut run = run(&link, &clues);
        let (text, stamp) = (run.text.clone(), run.stamp.clone());
        assert!(run.every_typing_mistake(&text, &stamp).is_continue());
        // One less, 94 others, 95 more before it and after it.
        assert_eq!(run.tried, 1 + 94 + 2 * 95);
    }

    fn signature_4a(text: &str) -> Vec<u8> {
        let key = KeyPair::derive("AKID", &secret()).expose_private_key();
        let signature: DerSignature = SigningKey::from_slice(key.expose_secret())
            .expect("a key")
            .sign(text.as_bytes());
        signature.as_bytes().to_vec()
    }

    /// With a key pair the regions stand in a parameter, and only that is changed.
    #[test]
    fn a_set_of_regions_that_was_changed() {
        let mut link = Observed {
            region: String::new(),
            algorithm: Algorithm::EcdsaP256Sha256,
            ..link()
        };
        link.query
            .push(QueryParameter::new("X-Amz-Region-Set", "eu-west-1"));
        let clues = Clues {
            regions: vec!["us-east-1".to_owned(), "eu-*".to_owned()],
            ..Clues::default()
        };
        for (signed, tried) in [("*", 1), ("us-east-1", 2), ("eu-*", 3)] {
            let signed_link = with_parameter(&link, "X-Amz-Region-Set", signed);
            let hash = Text::of(&signed_link).sha256(&mut Vec::new());
            let text = Stamp::of(&signed_link, &secret()).string_to_sign(&hash);
            let observed = Observed {
                signature: signature_4a(&text),
                ..link.clone()
            };
            let mut run = run(&observed, &clues);
            let (text, stamp) = (run.text.clone(), run.stamp.clone());
            assert!(run.region_sets(&text, &stamp).is_break(), "{signed}");
            assert_eq!(
                (notes(&run), run.tried),
                (vec![format!("the region set `{signed}`")], tried)
            );
        }
        let plain = crate::forensics::link();
        let mut run = run(&plain, &clues);
        let (text, stamp) = (run.text.clone(), run.stamp.clone());
        assert!(run.region_sets(&text, &stamp).is_continue());
        assert_eq!(run.tried, 0);
    }
}
