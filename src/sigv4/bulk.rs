//! Many URLs that differ only in the key: everything else is computed once.
//!
//! A URL costs as many SHA-256 compressions as its canonical request has blocks, and three or four
//! more for the string to sign and its HMAC. Everything else is shared: host and query are copied,
//! the blocks before the key and the first ones of the string to sign are hashed once, as are both
//! halves of the HMAC key, and the blocks after the key are expanded once per key length (see
//! `sha256_lanes`).

use std::sync::Arc;

use super::sha256_lanes::{Block, INITIAL, Job, Kernel, Prepared, PreparedJob, State};
use super::wipe::{Zeroize, Zeroizing};
use super::{Error, PathEncoding, PathMode, Placement, Presigner, Request, RequestPath, encode};

/// Number of URLs signed in parallel. Their blocks and states fit into the L1 cache.
const BATCH: usize = 128;

/// Memory limit for prepared blocks. Keys of all lengths, with a long session token, would need too
/// much.
const PREPARED_BYTES: usize = 4 << 20;

/// Longer encoded keys are signed without caching. No store accepts them.
const LONGEST_KEPT: usize = 4096;

/// Placeholder for the key, to find its position.
const SAMPLE_KEY: u8 = b'-';

/// Placeholder for a missing signature: not a hexadecimal digit, so that it cannot be mistaken for
/// one.
const NO_SIGNATURE: [u8; 64] = [b'-'; 64];

/// The shared part of all URLs of one request, from which [`BulkSigner`]s are created. It can sign,
/// so it has no `Debug` output and is wiped on drop. Clones share it.
///
/// ```
/// use cos_presign::sigv4::{Credentials, Presigner, Request, Scheme, Template};
///
/// # fn main() -> Result<(), cos_presign::sigv4::Error> {
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
/// let presigner = Presigner::s3(&credentials, "us-east-1", "20130524T000000Z".parse()?)?;
/// let bucket = Request::new("GET", Scheme::Https, "examplebucket.s3.amazonaws.com", "/");
/// let template = Template::new(&presigner, &bucket)?;
///
/// let mut urls = Vec::new();
/// for key in ["test.txt", "a b.txt"] {
///     template.write_url(key.as_bytes(), &mut urls)?;
///     urls.push(b'\n');
/// }
///
/// // Equal to the URLs signed one by one.
/// let one = Request::new("GET", Scheme::Https, "examplebucket.s3.amazonaws.com", "/a b.txt");
/// let line = format!("{}\n", presigner.presign(&one)?.url.as_str());
/// assert!(urls.ends_with(line.as_bytes()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Template(Arc<Parts>);

struct Parts {
    /// The URL up to the key.
    url_head: Vec<u8>,
    /// The URL after the key, with [`NO_SIGNATURE`] at this offset.
    url_rest: Vec<u8>,
    signature_place: usize,
    /// Chaining value after the whole blocks of the canonical request before the key, and the rest
    /// of that text.
    request_state: [u32; 8],
    request_head: [u8; 64],
    request_head_length: usize,
    /// Length of the canonical request without the key, in bytes.
    request_length: usize,
    /// The canonical request after the key.
    request_tail: Vec<u8>,
    /// Inner hash of the HMAC up to the last whole block before the hash of the canonical request.
    inner_state: [u32; 8],
    /// The rest: the blocks that receive the hash of the canonical request, at this offset.
    inner_blocks: Vec<u8>,
    inner_place: usize,
    /// Outer hash after the key.
    outer_state: [u32; 8],
}

impl Drop for Parts {
    fn drop(&mut self) {
        for text in [&mut self.url_head, &mut self.url_rest] {
            text.zeroize();
        }
        for state in [
            &mut self.request_state,
            &mut self.inner_state,
            &mut self.outer_state,
        ] {
            state.zeroize();
        }
        self.request_head.zeroize();
        self.request_tail.zeroize();
        self.inner_blocks.zeroize();
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Template(redacted)")
    }
}

impl Template {
    /// Prepares a request whose path precedes every key: `/bucket/`, or `/bucket/prefix/`.
    ///
    /// # Errors
    /// Invalid parts of the request, and [`Error::NotForBulk`] for unsupported ones: a path that is
    /// normalized, encoded twice or sent verbatim, and a signature in the header or of version 4A.
    pub fn new(presigner: &Presigner, request: &Request) -> Result<Template, Error> {
        let rules_of_s3 = presigner.has_path_rules(PathMode::Raw, PathEncoding::Once);
        let RequestPath::Unencoded(prefix) = &request.path else {
            return Err(Error::NotForBulk);
        };
        if !rules_of_s3 || presigner.has_placement(Placement::Header) {
            return Err(Error::NotForBulk);
        }
        // One URL is made in the usual way, with a key of one character, and split around it.
        let prefix_length = encode::path(prefix).len();
        let mut sample = request.clone();
        sample.path = RequestPath::Unencoded([prefix.as_slice(), &[SAMPLE_KEY]].concat());
        let presigned = presigner.presign(&sample)?;

        let url = presigned.url.as_str().as_bytes();
        let key_in_url =
            request.scheme.as_str().len() + "://".len() + request.authority.len() + prefix_length;
        let signature = presigned.signature.to_string();
        let parameter = format!("&X-Amz-Signature={signature}");
        let at = presigned
            .url
            .as_str()
            .rfind(&parameter)
            .ok_or(Error::NotForBulk)?
            + parameter.len()
            - signature.len();

        let text = presigned.canonical_request.to_bytes();
        let key_in_text = request.method.len() + 1 + prefix_length;
        let (blocks, rest) = text[..key_in_text].as_chunks::<64>();
        let request_state = blocks.iter().fold(INITIAL, compressed);

        let key_blocks = Zeroizing::new(
            presigner
                .signing_key()
                .ok_or(Error::NotForBulk)?
                .hmac_blocks(),
        );
        let [inner_key, outer_key] = &*key_blocks;
        let string_to_sign = presigned.string_to_sign.as_str().as_bytes();
        let hash_place = string_to_sign.len() - 64;
        let (inner, inner_rest) = string_to_sign[..hash_place].as_chunks::<64>();
        let inner_state = inner
            .iter()
            .fold(compressed(INITIAL, inner_key), compressed);
        let mut inner_blocks = inner_rest.to_vec();
        inner_blocks.extend_from_slice(&[0; 64]);
        pad(&mut inner_blocks, 64 + string_to_sign.len());
        let mut request_head = [0; 64];
        request_head[..rest.len()].copy_from_slice(rest);
        let signature_place = at - key_in_url - 1;
        let mut url_rest = url[key_in_url + 1..].to_vec();
        url_rest[signature_place..][..64].copy_from_slice(&NO_SIGNATURE);
        let parts = Parts {
            url_head: url[..key_in_url].to_vec(),
            url_rest,
            signature_place,
            request_state,
            request_head,
            request_head_length: rest.len(),
            request_length: text.len() - 1,
            request_tail: text[key_in_text + 1..].to_vec(),
            inner_state,
            inner_blocks,
            inner_place: inner_rest.len(),
            outer_state: compressed(INITIAL, outer_key),
        };
        Ok(Template(Arc::new(parts)))
    }

    /// One URL, appended to `out`. For many, [`Template::signer`] is faster.
    ///
    /// # Errors
    /// [`Error::EmptyKey`]: the URL would be that of the prefix.
    pub fn write_url(&self, key: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut signer = self.signer(Kernel::portable());
        signer.writer(out).url(key)
    }

    /// Creates a signer for one thread. Each thread needs its own.
    pub fn signer(&self, kernel: Kernel) -> BulkSigner {
        let parts = &*self.0;
        let mut outer = [0; 64];
        outer[32] = 0x80;
        outer[56..].copy_from_slice(&(8 * (64 + 32_u64)).to_be_bytes());
        BulkSigner {
            template: self.clone(),
            kernel,
            request_state: kernel.state(parts.request_state),
            inner_state: kernel.state(parts.inner_state),
            outer_state: kernel.state(parts.outer_state),
            tails: Vec::new(),
            tail_bytes: 0,
            most_tail_bytes: PREPARED_BYTES,
            pending: Vec::with_capacity(BATCH),
            blocks: vec![[0; 64]; 2 * BATCH],
            blocks_used: 0,
            states: Vec::with_capacity(BATCH),
            scratch: Scratch {
                jobs: Vec::with_capacity(BATCH),
                inner: parts.inner_blocks.as_chunks::<64>().0.repeat(BATCH),
                outer: vec![outer; BATCH],
            },
        }
    }

    /// Length of a URL in bytes, for a key whose encoded length is given.
    pub fn url_length(&self, encoded_key: usize) -> usize {
        self.0.url_head.len() + encoded_key + self.0.url_rest.len()
    }

    /// Number of SHA-256 compressions for a URL, for a key whose encoded length is given.
    pub fn compressions(&self, encoded_key: usize) -> usize {
        let request = self.0.request_head_length + encoded_key + self.0.request_tail.len();
        (request + 9).div_ceil(64) + self.0.inner_blocks.len() / 64 + 1
    }
}

/// Appends the SHA-256 padding (FIPS 180-4, 5.1.1). `length` is that of the whole message in bytes.
fn pad(message: &mut Vec<u8>, length: usize) {
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend_from_slice(&(8 * length as u64).to_be_bytes());
}

fn compressed(state: [u32; 8], block: &Block) -> [u32; 8] {
    let kernel = Kernel::portable();
    let mut states = [kernel.state(state)];
    kernel.compress(
        &mut states,
        &[Job {
            state: 0,
            block: 0,
            count: 1,
        }],
        std::slice::from_ref(block),
    );
    kernel.words(states[0])
}

/// Signs URLs of one template, many at a time, on one thread.
///
/// URLs go through a [`BulkWriter`], which borrows the output until the last of them is signed.
/// Flush it about every megabyte: an output that grows to hold all URLs takes several times as
/// long.
///
/// ```
/// use cos_presign::sigv4::{Credentials, Kernel, Presigner, Request, Scheme, Template};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut file = Vec::new();
/// # let keys = (0..20_000).map(|number| format!("photo-{number}.jpg"));
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
/// let presigner = Presigner::s3(&credentials, "us-south", "20260131T120000Z".parse()?)?;
/// let folder = Request::new("GET", Scheme::Https, "files.example.com", "/bucket/photos/");
/// let mut signer = Template::new(&presigner, &folder)?.signer(Kernel::fastest());
///
/// let mut buffer = Vec::new();
/// let mut writer = signer.writer(&mut buffer);
/// for key in keys {
///     writer.url(key.as_bytes())?;
///     writer.text(b"\n");
///     if writer.len() > 1 << 20 {
///         writer.flush_to(&mut file)?;
///     }
/// }
/// writer.flush_to(&mut file)?;
/// # assert_eq!(file.iter().filter(|byte| **byte == b'\n').count(), 20_000);
/// # Ok(())
/// # }
/// ```
pub struct BulkSigner {
    template: Template,
    kernel: Kernel,
    request_state: State,
    inner_state: State,
    outer_state: State,
    /// The canonical request after the blocks that contain the key, by the length of the encoded
    /// key.
    tails: Vec<Option<Prepared>>,
    tail_bytes: usize,
    most_tail_bytes: usize,
    pending: Vec<Pending>,
    /// The blocks of the pending keys.
    blocks: Vec<Block>,
    blocks_used: usize,
    states: Vec<State>,
    scratch: Scratch,
}

/// Buffers reused for every batch.
struct Scratch {
    jobs: Vec<Job>,
    inner: Vec<Block>,
    outer: Vec<Block>,
}

#[derive(Clone, Copy)]
struct Pending {
    /// Offset of the signature.
    signature_at: usize,
    first_block: u32,
    block_count: u32,
    key_length: usize,
}

/// The canonical requests contain the keys, and the states what was signed.
impl Drop for BulkSigner {
    fn drop(&mut self) {
        for state in [
            &mut self.request_state,
            &mut self.inner_state,
            &mut self.outer_state,
        ] {
            state.zeroize();
        }
        self.tails.iter_mut().flatten().for_each(Zeroize::zeroize);
    }
}

impl BulkSigner {
    /// Limits the memory for prepared blocks: with many signers, each gets a share.
    pub fn keeping_at_most(mut self, bytes: usize) -> BulkSigner {
        self.most_tail_bytes = bytes.min(PREPARED_BYTES);
        self
    }

    /// Appends URLs to `out`.
    pub fn writer<'w>(&'w mut self, out: &'w mut Vec<u8>) -> BulkWriter<'w> {
        // From a leaked writer: its output no longer belongs to it.
        self.forget_pending();
        BulkWriter { signer: self, out }
    }

    fn forget_pending(&mut self) {
        self.pending.clear();
        self.blocks_used = 0;
    }

    /// Appends the URL of a key to `out`, with the signature or with [`NO_SIGNATURE`] in its place
    /// until [`BulkSigner::finish`]. For callers that write with several signers into one output:
    /// until then the output may only be appended to.
    pub(crate) fn push(&mut self, key: &[u8], out: &mut Vec<u8>) {
        let template = &*self.template.0;
        out.extend_from_slice(&template.url_head);
        let key_at = out.len();
        encode::append_path(key, out);
        let key_length = out.len() - key_at;

        let end = template.request_head_length + key_length;
        let block_count = end.div_ceil(64);
        let first_block = self.blocks_used;
        self.blocks_used += block_count;
        if self.blocks.len() <= self.blocks_used {
            // One more: the copy below may extend past the last.
            self.blocks.resize(self.blocks_used + 1, [0; 64]);
        }
        let text = self.blocks[first_block..].as_flattened_mut();
        // Copies whole blocks, although fewer bytes are needed: a constant length avoids a call.
        text[..64].copy_from_slice(&template.request_head);
        text[template.request_head_length..end].copy_from_slice(&out[key_at..]);
        text[end..end + 64].copy_from_slice(&template.request_tail[..64]);

        self.pending.push(Pending {
            signature_at: out.len() + template.signature_place,
            first_block: first_block as u32,
            block_count: block_count as u32,
            key_length,
        });
        out.extend_from_slice(&template.url_rest);
        if self.pending.len() == BATCH {
            self.finish(out);
        }
    }

    /// Inserts the missing signatures in `out`.
    pub(crate) fn finish(&mut self, out: &mut [u8]) {
        self.hash_requests();
        self.sign();
        let (kernel, states) = (self.kernel, &self.states);
        for (pending, state) in self.pending.iter().zip(states) {
            let place = &mut out[pending.signature_at..][..64];
            if let Some(place) = place.first_chunk_mut() {
                kernel.write_hex(state, place);
            }
        }
        self.forget_pending();
    }

    /// Writes the hashes of the canonical requests to `states`.
    fn hash_requests(&mut self) {
        let kernel = self.kernel;
        self.states.clear();
        self.states.resize(self.pending.len(), self.request_state);
        let of_key = |(index, pending): (usize, &Pending)| Job {
            state: index as u32,
            block: pending.first_block,
            count: pending.block_count,
        };
        self.scratch.jobs.clear();
        self.scratch
            .jobs
            .extend(self.pending.iter().enumerate().map(of_key));
        kernel.compress(&mut self.states, &self.scratch.jobs, &self.blocks);
        for index in 0..self.pending.len() {
            if !self.keep_tail(self.pending[index].key_length) {
                return self.hash_tails_one_by_one();
            }
        }
        let mut jobs: Vec<PreparedJob> = Vec::with_capacity(self.pending.len());
        for (index, pending) in self.pending.iter().enumerate() {
            if let Some(Some(blocks)) = self.tails.get(pending.key_length) {
                jobs.push(PreparedJob {
                    state: index as u32,
                    blocks,
                });
            }
        }
        // Adjacent keys of the same length are compressed together.
        jobs.sort_by_key(|job| job.blocks.len());
        kernel.compress_prepared(&mut self.states, &jobs);
    }

    /// Prepares the tail for this length, if there is memory for it. If not, all are dropped.
    fn keep_tail(&mut self, key_length: usize) -> bool {
        if matches!(self.tails.get(key_length), Some(Some(_))) {
            return true;
        }
        let tail = self.tail(key_length);
        let bytes = self.tail_bytes + tail.size();
        if key_length > LONGEST_KEPT || bytes > self.most_tail_bytes {
            self.tails.clear();
            self.tail_bytes = 0;
            return false;
        }
        if self.tails.len() <= key_length {
            self.tails.resize_with(key_length + 1, || None);
        }
        self.tails[key_length] = Some(tail);
        self.tail_bytes = bytes;
        true
    }

    /// If the memory for prepared blocks is too small for the keys of a single batch.
    fn hash_tails_one_by_one(&mut self) {
        for index in 0..self.pending.len() {
            let tail = self.tail(self.pending[index].key_length);
            self.kernel.compress_prepared(
                &mut self.states,
                &[PreparedJob {
                    state: index as u32,
                    blocks: &tail,
                }],
            );
        }
    }

    /// The text after the blocks that contain a key of this length.
    fn tail(&self, key_length: usize) -> Prepared {
        let template = &*self.template.0;
        let with_key = template.request_head_length + key_length;
        let used = with_key.next_multiple_of(64) - with_key;
        let mut text = template.request_tail[used..].to_vec();
        pad(&mut text, template.request_length + key_length);
        let tail = self.kernel.prepare(text.as_chunks::<64>().0);
        text.zeroize();
        tail
    }

    /// Replaces the hashes of the canonical requests in `states` by signatures.
    fn sign(&mut self) {
        let template = &*self.template.0;
        let count = self.pending.len() as u32;
        for (blocks, state) in self
            .scratch
            .inner
            .chunks_exact_mut(template.inner_blocks.len() / 64)
            .zip(&self.states)
        {
            if let Some(place) = blocks.as_flattened_mut()[template.inner_place..].first_chunk_mut()
            {
                self.kernel.write_hex(state, place);
            }
        }
        self.states.fill(self.inner_state);
        let each = (template.inner_blocks.len() / 64) as u32;
        self.scratch.jobs.clear();
        self.scratch.jobs.extend((0..count).map(|index| Job {
            state: index,
            block: index * each,
            count: each,
        }));
        self.kernel
            .compress(&mut self.states, &self.scratch.jobs, &self.scratch.inner);
        for (block, state) in self.scratch.outer.iter_mut().zip(&self.states) {
            if let Some(place) = block.first_chunk_mut() {
                self.kernel.write_bytes(state, place);
            }
        }
        self.states.fill(self.outer_state);
        self.scratch.jobs.clear();
        self.scratch.jobs.extend((0..count).map(|index| Job {
            state: index,
            block: index,
            count: 1,
        }));
        self.kernel
            .compress(&mut self.states, &self.scratch.jobs, &self.scratch.outer);
    }
}

/// Writes URLs into an output that it owns. On drop all of them are signed; URLs that a leaked
/// writer has not signed contain no signature.
#[must_use]
pub struct BulkWriter<'w> {
    signer: &'w mut BulkSigner,
    out: &'w mut Vec<u8>,
}

impl BulkWriter<'_> {
    /// Writes the URL of a key.
    ///
    /// # Errors
    /// [`Error::EmptyKey`]: the URL would be that of the prefix.
    pub fn url(&mut self, key: &[u8]) -> Result<(), Error> {
        if key.is_empty() {
            return Err(Error::EmptyKey);
        }
        self.signer.push(key, self.out);
        Ok(())
    }

    /// Writes text between URLs.
    pub fn text(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    /// Current length of the output in bytes.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether the output is empty.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Signs pending URLs, writes the output to `to` and empties it.
    ///
    /// # Errors
    /// The error of `to`. The output is kept, and signed.
    pub fn flush_to(&mut self, to: &mut impl std::io::Write) -> std::io::Result<()> {
        self.signer.finish(self.out);
        to.write_all(self.out)?;
        self.out.clear();
        Ok(())
    }

    /// Signs pending URLs, as on drop.
    pub fn finish(self) {}
}

impl Drop for BulkWriter<'_> {
    fn drop(&mut self) {
        self.signer.finish(self.out);
    }
}

impl std::fmt::Debug for BulkSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BulkSigner(redacted)")
    }
}

impl std::fmt::Debug for BulkWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BulkWriter({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::{
        Credentials, Expiry, Header, QueryParameter, Scheme, SessionTokenMode, SigningTime,
    };

    fn agree(presigner: &Presigner, request: &Request, keys: &[Vec<u8>]) {
        let RequestPath::Unencoded(prefix) = &request.path else {
            panic!("a path that is encoded already")
        };
        let template = Template::new(presigner, request).expect("a template");
        let mut expected = Vec::new();
        for key in keys {
            let mut single = request.clone();
            single.path = RequestPath::Unencoded([prefix.as_slice(), key].concat());
            let presigned = presigner.presign(&single).expect("a link");
            expected.extend_from_slice(presigned.url.as_str().as_bytes());
            // The text that all URLs share is hashed once: whole blocks before the key, and before
            // the hash of the request.
            let (text, string_to_sign) = (
                presigned.canonical_request.to_bytes(),
                presigned.string_to_sign.as_str(),
            );
            let shared = (request.method.len() + 1 + encode::path(prefix).len()) / 64
                + (string_to_sign.len() - 64) / 64;
            let all = (text.len() + 9).div_ceil(64) + (string_to_sign.len() + 9).div_ceil(64) + 1;
            assert_eq!(template.compressions(encode::path(key).len()), all - shared);
            expected.push(b'\n');
        }
        for kernel in Kernel::available() {
            let mut signer = template.signer(kernel);
            let mut out = b"before".to_vec();
            let mut writer = signer.writer(&mut out);
            for key in keys {
                writer.url(key).expect("a key");
                writer.text(b"\n");
            }
            writer.finish();
            assert_eq!(
                String::from_utf8_lossy(&out[6..]),
                String::from_utf8_lossy(&expected),
                "{}",
                kernel.name()
            );
        }
        let mut one = Vec::new();
        template.write_url(&keys[0], &mut one).expect("a key");
        assert!(expected.starts_with(&one));
        assert_eq!(one.len(), template.url_length(encode::path(&keys[0]).len()));
    }

    #[test]
    fn every_url_is_that_of_the_single_path() {
        let keys: Vec<Vec<u8>> = (0..700_usize)
            .map(|n| {
                (0..1 + n * 7 % 331)
                    .map(|i| (i * n + n / 3) as u8)
                    .collect()
            })
            .collect();
        let plain = Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        );
        let signed_at = SigningTime::from_unix_seconds(1_769_860_800).expect("in range");
        for token in [0, 1, 700] {
            let credentials = match token {
                0 => plain.clone(),
                length => plain.clone().with_session_token("t/".repeat(length)),
            };
            for mode in [
                SessionTokenMode::Signed,
                SessionTokenMode::AddedAfterSigning,
                SessionTokenMode::Omitted,
            ] {
                for region in [
                    "r",
                    "us-east-1",
                    "a-region-whose-name-is-long-enough-to-need-one-more-block",
                ] {
                    let presigner = Presigner::s3(&credentials, region, signed_at)
                        .expect("valid")
                        .expires_in(Expiry::seconds(604_800).expect("not zero"))
                        .session_token_mode(mode);
                    for prefix in [
                        "/",
                        "/bucket/",
                        "/b/ü and more/",
                        &format!("/b/{}", "p".repeat(200)),
                    ] {
                        let mut request =
                            Request::new("GET", Scheme::Http, "Minio.example:9000", prefix);
                        agree(&presigner, &request, &keys);
                        request.method = "PUT".to_owned();
                        request.query.push(QueryParameter::new("zz top", "&="));
                        request.headers.push(Header::new("x-amz-meta-a", "b"));
                        agree(&presigner, &request, &keys[..150]);
                    }
                }
            }
        }
    }

    /// One character longer than the prefix, like the key of the sample.
    fn template() -> (Template, String) {
        let credentials = Credentials::new("AK", "secret");
        let signed_at = SigningTime::from_unix_seconds(0).expect("in range");
        let presigner = Presigner::s3(&credentials, "r", signed_at).expect("valid");
        let folder = Request::new("PUT", Scheme::Https, "h", "/bk/in/");
        let sample = Request::new("PUT", Scheme::Https, "h", "/bk/in/-");
        let sample = presigner.presign(&sample).expect("a link");
        let template = Template::new(&presigner, &folder).expect("a template");
        (template, sample.signature.to_string())
    }

    #[test]
    fn unfinished_output_has_no_signature_of_another_object() {
        let (template, of_sample) = template();
        let mut signer = template.signer(Kernel::fastest());
        let mut out = Vec::new();
        let mut writer = signer.writer(&mut out);
        writer.url(b"photo.png").expect("a key");
        std::mem::forget(writer);
        let text = String::from_utf8_lossy(&out).into_owned();
        assert!(!text.contains(&of_sample), "{text}");
        assert!(
            text.ends_with(&format!("&X-Amz-Signature={}", "-".repeat(64))),
            "{text}"
        );
        // The signer can be reused, and changes only what it has written.
        let mut next = Vec::new();
        signer.writer(&mut next).url(b"photo.png").expect("a key");
        let mut one = Vec::new();
        template.write_url(b"photo.png", &mut one).expect("a key");
        assert_eq!(next, one);
    }

    #[test]
    fn links_are_signed_when_the_writer_is_dropped_or_flushed() {
        let (template, _) = template();
        let mut expected = Vec::new();
        for key in ["a", "b", "c"] {
            template
                .write_url(key.as_bytes(), &mut expected)
                .expect("a key");
        }
        let mut signer = template.signer(Kernel::fastest());
        let (mut out, mut file) = (Vec::new(), Vec::new());
        let mut writer = signer.writer(&mut out);
        writer.url(b"a").expect("a key");
        assert!(!writer.is_empty());
        writer.flush_to(&mut file).expect("written");
        assert!(writer.is_empty());
        writer.url(b"b").expect("a key");
        drop(writer);
        signer.writer(&mut out).url(b"c").expect("a key");
        assert_eq!([file, out].concat(), expected);
    }

    #[test]
    fn an_empty_key_is_refused() {
        let (template, _) = template();
        let mut out = Vec::new();
        assert_eq!(template.write_url(b"", &mut out), Err(Error::EmptyKey));
        let mut signer = template.signer(Kernel::fastest());
        assert_eq!(signer.writer(&mut out).url(b""), Err(Error::EmptyKey));
        assert!(out.is_empty());
    }

    #[test]
    fn what_has_no_template_is_refused() {
        let credentials = Credentials::new("AK", "secret");
        let signed_at = SigningTime::from_unix_seconds(0).expect("in range");
        let presigner = Presigner::s3(&credentials, "r", signed_at).expect("valid");
        let mut request = Request::new("GET", Scheme::Https, "h", "/b/");
        for other in [
            presigner
                .clone()
                .path_rules(PathMode::Normalized, PathEncoding::Once),
            presigner
                .clone()
                .path_rules(PathMode::Raw, PathEncoding::Twice),
            presigner.clone().placement(Placement::Header),
        ] {
            assert_eq!(
                Template::new(&other, &request).err(),
                Some(Error::NotForBulk)
            );
        }
        let template = Template::new(&presigner, &request).expect("a template");
        assert_eq!(format!("{template:?}"), "Template(redacted)");
        request.path = RequestPath::AsSent(b"/b/".to_vec());
        assert_eq!(
            Template::new(&presigner, &request).err(),
            Some(Error::NotForBulk)
        );
    }

    #[test]
    fn keys_of_all_lengths_with_a_long_token_fit_into_bounded_memory() {
        let credentials = Credentials::new("AK", "secret").with_session_token("t".repeat(4000));
        let signed_at = SigningTime::from_unix_seconds(0).expect("in range");
        let presigner = Presigner::s3(&credentials, "r", signed_at).expect("valid");
        let keys: Vec<Vec<u8>> = (1..1100)
            .map(|length| vec![b'%'; length])
            .chain([vec![b'x'; 9000]])
            .collect();
        agree(
            &presigner,
            &Request::new("GET", Scheme::Https, "h", "/b/"),
            &keys,
        );
    }
}
