//! SHA-256 of many messages in parallel, for signing many URLs.
//!
//! With one message at a time, a processor with SHA instructions is idle most of the time: each of
//! the 64 rounds needs the result of the previous one. Independent messages fill the gaps. Two
//! techniques are used:
//!
//! - two independent blocks are compressed at once ([`Kernel::compress`]), and
//! - blocks that are the same for many messages are expanded to their 64 words once
//!   ([`Kernel::prepare`]); four such are then compressed at once, by the rounds alone
//!   ([`Kernel::compress_prepared`]).
//!
//! The SHA extensions of Intel and AMD (`x86`) and the cryptographic extension of ARMv8
//! (`aarch64`) are used. Elsewhere, and on processors without them, the portable kernel is the
//! crate `sha2`, one message at a time; every kernel is tested against it.
//!
//! This is the only file of the crate with `unsafe` code, which is needed to load 16 bytes into a
//! register and to use instructions that not every processor has.

use sha2::block_api::compress256;

#[cfg(target_arch = "aarch64")]
use self::aarch64::Extensions;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use self::absent::Extensions;
#[cfg(target_arch = "x86_64")]
use self::x86::Extensions;
use super::wipe::Zeroize;

/// The chaining value before the first block (FIPS 180-4, 5.3.3).
pub const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Block size of SHA-256 in bytes.
pub type Block = [u8; 64];

/// A chaining value, in the order that its kernel prefers.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(16))]
pub struct State([u32; 8]);

impl Zeroize for State {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// Consecutive blocks, prepared for a kernel.
#[derive(Clone, Debug)]
pub struct Prepared(Blocks);

#[derive(Clone, Debug)]
enum Blocks {
    AsTheyAre(Vec<Block>),
    Expanded(Vec<Words>),
}

impl Prepared {
    /// Number of blocks.
    pub fn len(&self) -> usize {
        match &self.0 {
            Blocks::AsTheyAre(blocks) => blocks.len(),
            Blocks::Expanded(blocks) => blocks.len(),
        }
    }

    /// Memory use in bytes.
    pub fn size(&self) -> usize {
        match &self.0 {
            Blocks::AsTheyAre(blocks) => size_of_val(blocks.as_slice()),
            Blocks::Expanded(blocks) => size_of_val(blocks.as_slice()),
        }
    }

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn expanded(&self) -> &[Words] {
        match &self.0 {
            Blocks::Expanded(blocks) => blocks,
            Blocks::AsTheyAre(_) => panic!("blocks that were prepared for another kernel"),
        }
    }
}

impl Zeroize for Prepared {
    fn zeroize(&mut self) {
        match &mut self.0 {
            Blocks::AsTheyAre(blocks) => blocks.zeroize(),
            Blocks::Expanded(blocks) => blocks.iter_mut().for_each(|words| words.0.zeroize()),
        }
    }
}

/// The words of an expanded block with the constants added, or the constants alone.
#[derive(Clone, Debug)]
#[repr(align(16))]
struct Words([u32; 64]);

/// FIPS 180-4, 4.2.2.
#[rustfmt::skip]
static K: Words = Words([
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98,
    0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
    0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8,
    0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
    0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819,
    0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
    0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
]);

/// The message schedule of a block (FIPS 180-4, 6.2.2, step 1).
fn expand(block: &Block) -> Words {
    let mut words = [0; 64];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        let [w15, w2]: [u32; 2] = [words[t - 15], words[t - 2]];
        let s0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
        let s1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
        words[t] = words[t - 16]
            .wrapping_add(s0)
            .wrapping_add(words[t - 7])
            .wrapping_add(s1);
    }
    for (word, k) in words.iter_mut().zip(K.0) {
        *word = word.wrapping_add(k);
    }
    Words(words)
}

/// Blocks to compress into a state.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Index of the state; at most one job per state and call.
    pub state: u32,
    /// Index of the first block.
    pub block: u32,
    /// Number of consecutive blocks.
    pub count: u32,
}

impl Job {
    fn blocks(self, from: &[Block]) -> &[Block] {
        &from[self.block as usize..][..self.count as usize]
    }
}

/// Prepared blocks to compress into a state.
#[derive(Clone, Copy, Debug)]
pub struct PreparedJob<'a> {
    /// Index of the state; at most one job per state and call.
    pub state: u32,
    /// The blocks, prepared by the same kernel.
    pub blocks: &'a Prepared,
}

/// An implementation of SHA-256 for this machine. Can be created only from the detected features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Instructions);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    Portable,
    OfProcessor(Extensions),
}

impl Kernel {
    /// The fastest on this machine.
    pub fn fastest() -> Kernel {
        Kernel::available()
            .pop()
            .unwrap_or(Kernel(Instructions::Portable))
    }

    /// One message at a time, with the crate `sha2`: on every machine.
    pub fn portable() -> Kernel {
        Kernel(Instructions::Portable)
    }

    /// All kernels of this machine, the fastest last.
    pub fn available() -> Vec<Kernel> {
        let mut kernels = vec![Kernel::portable()];
        kernels.extend(Extensions::detect().map(|found| Kernel(Instructions::OfProcessor(found))));
        kernels
    }

    /// `portable`, `sha-extensions` (x86-64) or `crypto-extension` (ARMv8).
    pub fn name(self) -> &'static str {
        match self.0 {
            Instructions::Portable => "portable",
            Instructions::OfProcessor(_) => Extensions::NAME,
        }
    }

    /// A chaining value in this kernel's order.
    pub(super) fn state(self, words: [u32; 8]) -> State {
        match self.0 {
            Instructions::Portable => State(words),
            Instructions::OfProcessor(_) => State(Extensions::ordered(words)),
        }
    }

    /// The words of a chaining value of this kernel.
    pub(super) fn words(self, state: State) -> [u32; 8] {
        match self.0 {
            Instructions::Portable => state.0,
            Instructions::OfProcessor(_) => Extensions::words(state.0),
        }
    }

    /// Writes the finished hash: 32 bytes.
    pub(super) fn write_bytes(self, state: &State, place: &mut [u8; 32]) {
        match self.0 {
            Instructions::Portable => {
                for (bytes, word) in place.as_chunks_mut::<4>().0.iter_mut().zip(state.0) {
                    *bytes = word.to_be_bytes();
                }
            }
            Instructions::OfProcessor(extensions) => extensions.write_bytes(state, place),
        }
    }

    /// Writes the finished hash in 64 lower-case hexadecimal digits.
    pub(super) fn write_hex(self, state: &State, place: &mut [u8; 64]) {
        match self.0 {
            Instructions::Portable => {
                let mut bytes = [0; 32];
                self.write_bytes(state, &mut bytes);
                // Without a table: the compiler makes vectors of it.
                let digit = |value: u8| value + b'0' + if value > 9 { b'a' - b'0' - 10 } else { 0 };
                for (pair, byte) in place.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
                    *pair = [digit(byte >> 4), digit(byte & 15)];
                }
            }
            Instructions::OfProcessor(extensions) => extensions.write_hex(state, place),
        }
    }

    /// Prepares blocks that many messages share.
    pub(super) fn prepare(self, blocks: &[Block]) -> Prepared {
        Prepared(match self.0 {
            Instructions::Portable => Blocks::AsTheyAre(blocks.to_vec()),
            Instructions::OfProcessor(_) => Blocks::Expanded(blocks.iter().map(expand).collect()),
        })
    }

    /// Compresses blocks into each state that has a job.
    ///
    /// # Panics
    /// If an index is out of range.
    pub(super) fn compress(self, states: &mut [State], jobs: &[Job], blocks: &[Block]) {
        match self.0 {
            Instructions::Portable => {
                for job in jobs {
                    compress256(&mut states[job.state as usize].0, job.blocks(blocks));
                }
            }
            Instructions::OfProcessor(extensions) => extensions.compress(states, jobs, blocks),
        }
    }

    /// Compresses prepared blocks. Fastest if groups of four adjacent jobs have the same length.
    ///
    /// # Panics
    /// If an index is out of range, or blocks were prepared by another kernel.
    pub(super) fn compress_prepared(self, states: &mut [State], jobs: &[PreparedJob]) {
        match self.0 {
            Instructions::Portable => {
                for job in jobs {
                    match &job.blocks.0 {
                        Blocks::AsTheyAre(blocks) => {
                            compress256(&mut states[job.state as usize].0, blocks)
                        }
                        Blocks::Expanded(_) => {
                            panic!("blocks that were prepared for another kernel")
                        }
                    }
                }
            }
            Instructions::OfProcessor(extensions) => extensions.compress_prepared(states, jobs),
        }
    }
}

/// Runs the body with each constant of 0 to 15, the number of the four rounds that it computes.
/// Unrolled: in a loop the words would be in memory, not in registers.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! for_each_quarter {
    ($quarter:ident, $body:block) => {
        for_each_quarter!($quarter, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($quarter:ident, $body:block, $($number:literal)*) => {$({
        const $quarter: usize = $number;
        $body
    })*};
}

/// What the modules of the processors share: which messages are compressed side by side, and the
/// compression in terms of the module's `Vector`, `load`, `store`, `zero`, `sum`, `four_words`,
/// `load_block`, `next_words` and `four_rounds`. A macro, because a generic function has no target
/// features, and its callees are then not inlined.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! with_instructions {
    ($features:literal) => {
        impl Extensions {
            pub fn write_bytes(self, state: &State, place: &mut [u8; 32]) {
                // SAFETY: only `detect` makes a value of this type, if the processor has the
                // instructions.
                unsafe { write_bytes(state, place) }
            }

            pub fn write_hex(self, state: &State, place: &mut [u8; 64]) {
                // SAFETY: as in `write_bytes`.
                unsafe { write_hex(state, place) }
            }

            pub fn compress(self, states: &mut [State], jobs: &[Job], blocks: &[Block]) {
                // SAFETY: as in `write_bytes`.
                unsafe { compress(states, jobs, blocks) }
            }

            pub fn compress_prepared(self, states: &mut [State], jobs: &[PreparedJob]) {
                // SAFETY: as in `write_bytes`.
                unsafe { compress_prepared(states, jobs) }
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn add<const N: usize>(states: &mut [Registers; N], before: &[Registers; N]) {
            for lane in 0..N {
                states[lane] = [
                    sum(states[lane][0], before[lane][0]),
                    sum(states[lane][1], before[lane][1]),
                ];
            }
        }

        /// One block into each of `N` states.
        #[inline]
        #[target_feature(enable = $features)]
        fn blocks<const N: usize>(states: &mut [Registers; N], blocks: [&Block; N]) {
            let before = *states;
            let mut words: [[Vector; 4]; N] = [[zero(); 4]; N];
            for lane in 0..N {
                words[lane] = load_block(blocks[lane]);
            }
            for_each_quarter!(QUARTER, {
                if QUARTER >= 4 {
                    for lane in 0..N {
                        words[lane][QUARTER % 4] = next_words([
                            words[lane][QUARTER % 4],
                            words[lane][(QUARTER + 1) % 4],
                            words[lane][(QUARTER + 2) % 4],
                            words[lane][(QUARTER + 3) % 4],
                        ]);
                    }
                }
                let constants = four_words(&K.0, QUARTER);
                let mut sums = [zero(); N];
                for lane in 0..N {
                    sums[lane] = sum(words[lane][QUARTER % 4], constants);
                }
                four_rounds(states, sums);
            });
            add(states, &before);
        }

        /// One prepared block into each of `N` states.
        #[inline]
        #[target_feature(enable = $features)]
        fn prepared<const N: usize>(states: &mut [Registers; N], blocks: [&Words; N]) {
            let before = *states;
            for_each_quarter!(QUARTER, {
                let mut words = [zero(); N];
                for lane in 0..N {
                    words[lane] = four_words(&blocks[lane].0, QUARTER);
                }
                four_rounds(states, words);
            });
            add(states, &before);
        }

        #[target_feature(enable = $features)]
        fn compress(states: &mut [State], jobs: &[Job], from: &[Block]) {
            let longest = jobs.iter().map(|job| job.count).max().unwrap_or(0);
            // The first blocks of all messages, then the second ones: adjacent instructions are
            // independent.
            for step in 0..longest {
                let mut waiting = None;
                for job in jobs {
                    if job.count <= step {
                        continue;
                    }
                    let Some(other) = waiting.replace(*job) else {
                        continue;
                    };
                    waiting = None;
                    let mut registers = [
                        load(&states[job.state as usize]),
                        load(&states[other.state as usize]),
                    ];
                    blocks(
                        &mut registers,
                        [
                            &from[(job.block + step) as usize],
                            &from[(other.block + step) as usize],
                        ],
                    );
                    store(registers[0], &mut states[job.state as usize]);
                    store(registers[1], &mut states[other.state as usize]);
                }
                if let Some(job) = waiting {
                    let mut registers = [load(&states[job.state as usize])];
                    blocks(&mut registers, [&from[(job.block + step) as usize]]);
                    store(registers[0], &mut states[job.state as usize]);
                }
            }
        }

        #[target_feature(enable = $features)]
        fn compress_prepared(states: &mut [State], jobs: &[PreparedJob]) {
            let (fours, rest) = jobs.as_chunks::<4>();
            for four in fours {
                let [a, b, c, d] = [
                    four[0].blocks.expanded(),
                    four[1].blocks.expanded(),
                    four[2].blocks.expanded(),
                    four[3].blocks.expanded(),
                ];
                let mut registers = [load(&State::default()); 4];
                for (registers, job) in registers.iter_mut().zip(four) {
                    *registers = load(&states[job.state as usize]);
                }
                for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
                    prepared(&mut registers, [a, b, c, d]);
                }
                let together = a.len().min(b.len()).min(c.len()).min(d.len());
                for (registers, job) in registers.into_iter().zip(four) {
                    store(registers, &mut states[job.state as usize]);
                    prepared_alone(
                        &mut states[job.state as usize],
                        &job.blocks.expanded()[together..],
                    );
                }
            }
            for job in rest {
                prepared_alone(&mut states[job.state as usize], job.blocks.expanded());
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn prepared_alone(state: &mut State, blocks: &[Words]) {
            if blocks.is_empty() {
                return;
            }
            let mut registers = [load(state)];
            for block in blocks {
                prepared(&mut registers, [block]);
            }
            store(registers[0], state);
        }
    };
}

#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::needless_range_loop,
    reason = "adapters of iterators lack the target features, and are inlined only with link-time optimization"
)]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_and_si128, _mm_load_si128, _mm_loadu_si128,
        _mm_set_epi64x, _mm_set1_epi8, _mm_setzero_si128, _mm_sha256msg1_epu32,
        _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
        _mm_srli_epi16, _mm_store_si128, _mm_storeu_si128, _mm_unpackhi_epi8, _mm_unpackhi_epi64,
        _mm_unpacklo_epi8, _mm_unpacklo_epi64,
    };

    use super::{Block, Job, K, PreparedJob, State, Words};

    /// The SHA extensions of Intel and AMD. A value proves that the processor has them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Extensions(());

    impl Extensions {
        pub const NAME: &str = "sha-extensions";

        pub fn detect() -> Option<Extensions> {
            let available = is_x86_feature_detected!("sha")
                && is_x86_feature_detected!("sse4.1")
                && is_x86_feature_detected!("ssse3");
            available.then_some(Extensions(()))
        }

        /// ABEF and CDGH, from the last to the first, as the instructions require.
        pub fn ordered([a, b, c, d, e, f, g, h]: [u32; 8]) -> [u32; 8] {
            [f, e, b, a, h, g, d, c]
        }

        pub fn words([f, e, b, a, h, g, d, c]: [u32; 8]) -> [u32; 8] {
            [a, b, c, d, e, f, g, h]
        }
    }

    type Vector = __m128i;

    /// A state in two registers: ABEF and CDGH, as the instructions require.
    type Registers = [Vector; 2];

    #[inline]
    #[target_feature(enable = "sse2")]
    fn zero() -> Vector {
        _mm_setzero_si128()
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn sum(a: Vector, b: Vector) -> Vector {
        _mm_add_epi32(a, b)
    }

    /// Four words of the message schedule from the sixteen before them (FIPS 180-4, 6.2.2, step 1).
    #[inline]
    #[target_feature(enable = "sha,sse2,ssse3")]
    fn next_words(before: [Vector; 4]) -> Vector {
        let sum = _mm_add_epi32(
            _mm_sha256msg1_epu32(before[0], before[1]),
            _mm_alignr_epi8(before[3], before[2], 4),
        );
        _mm_sha256msg2_epu32(sum, before[3])
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(state: &State) -> Registers {
        let from: *const __m128i = state.0.as_ptr().cast();
        // SAFETY: a state is 32 bytes, aligned to 16, and is borrowed.
        unsafe { [_mm_load_si128(from), _mm_load_si128(from.add(1))] }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn store(registers: Registers, state: &mut State) {
        let to: *mut __m128i = state.0.as_mut_ptr().cast();
        // SAFETY: as in `load`, and borrowed to write.
        unsafe {
            _mm_store_si128(to, registers[0]);
            _mm_store_si128(to.add(1), registers[1]);
        }
    }

    /// Four words of an expanded block, or of the constants.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn four_words(words: &[u32; 64], quarter: usize) -> __m128i {
        assert!(quarter < 16);
        let from: *const __m128i = words.as_ptr().cast();
        // SAFETY: 64 words are 16 times 16 bytes; their start need not be aligned.
        unsafe { _mm_loadu_si128(from.add(quarter)) }
    }

    #[inline]
    #[target_feature(enable = "sse2,ssse3")]
    fn load_block(block: &Block) -> [__m128i; 4] {
        let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let from: *const __m128i = block.as_ptr().cast();
        // SAFETY: a block is four times 16 bytes; its start need not be aligned.
        let part = |index: usize| unsafe { _mm_loadu_si128(from.add(index)) };
        [
            _mm_shuffle_epi8(part(0), big_endian),
            _mm_shuffle_epi8(part(1), big_endian),
            _mm_shuffle_epi8(part(2), big_endian),
            _mm_shuffle_epi8(part(3), big_endian),
        ]
    }

    /// Four rounds of each of the `N` messages with their `words`, constants added.
    #[inline]
    #[target_feature(enable = "sha,sse2")]
    fn four_rounds<const N: usize>(states: &mut [Registers; N], words: [__m128i; N]) {
        for lane in 0..N {
            let [abef, cdgh] = states[lane];
            states[lane][1] = _mm_sha256rnds2_epu32(cdgh, abef, words[lane]);
        }
        for lane in 0..N {
            let [abef, cdgh] = states[lane];
            let words = _mm_shuffle_epi32(words[lane], 0x0e);
            states[lane][0] = _mm_sha256rnds2_epu32(abef, cdgh, words);
        }
    }

    /// The hash in the order of its bytes, in two registers.
    #[inline]
    #[target_feature(enable = "sse2,ssse3")]
    fn in_order(state: &State) -> [__m128i; 2] {
        let [abef, cdgh] = load(state);
        let big_endian = _mm_set_epi64x(0x0809_0a0b_0c0d_0e0f, 0x0001_0203_0405_0607);
        [
            _mm_shuffle_epi8(_mm_unpackhi_epi64(abef, cdgh), big_endian),
            _mm_shuffle_epi8(_mm_unpacklo_epi64(abef, cdgh), big_endian),
        ]
    }

    #[target_feature(enable = "sse2,ssse3")]
    fn write_bytes(state: &State, place: &mut [u8; 32]) {
        let to: *mut __m128i = place.as_mut_ptr().cast();
        for (index, half) in in_order(state).into_iter().enumerate() {
            // SAFETY: twice 16 bytes, borrowed to write, not aligned.
            unsafe { _mm_storeu_si128(to.add(index), half) };
        }
    }

    #[target_feature(enable = "sse2,ssse3")]
    fn write_hex(state: &State, place: &mut [u8; 64]) {
        let to: *mut __m128i = place.as_mut_ptr().cast();
        // "0123456789abcdef"
        let digits = _mm_set_epi64x(0x6665_6463_6261_3938, 0x3736_3534_3332_3130);
        let low_half = _mm_set1_epi8(0x0f);
        for (index, half) in in_order(state).into_iter().enumerate() {
            let first = _mm_shuffle_epi8(digits, _mm_and_si128(_mm_srli_epi16(half, 4), low_half));
            let second = _mm_shuffle_epi8(digits, _mm_and_si128(half, low_half));
            // SAFETY: four times 16 bytes, borrowed to write, not aligned.
            unsafe {
                _mm_storeu_si128(to.add(2 * index), _mm_unpacklo_epi8(first, second));
                _mm_storeu_si128(to.add(2 * index + 1), _mm_unpackhi_epi8(first, second));
            }
        }
    }

    with_instructions!("sha,sse2,ssse3,sse4.1");
}

#[cfg(target_arch = "aarch64")]
#[allow(
    clippy::needless_range_loop,
    reason = "as in `x86`: adapters of iterators lack the target features"
)]
mod aarch64 {
    use std::arch::aarch64::{
        uint8x16_t, uint32x4_t, vaddq_u32, vandq_u8, vdupq_n_u8, vdupq_n_u32, vld1q_u8, vld1q_u32,
        vqtbl1q_u8, vreinterpretq_u8_u32, vreinterpretq_u32_u8, vrev32q_u8, vsha256h2q_u32,
        vsha256hq_u32, vsha256su0q_u32, vsha256su1q_u32, vshrq_n_u8, vst1q_u8, vst1q_u32,
        vzip1q_u8, vzip2q_u8,
    };

    use super::{Block, Job, K, PreparedJob, State, Words};

    /// The cryptographic extension of ARMv8. A value proves that the processor has it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Extensions(());

    impl Extensions {
        pub const NAME: &str = "crypto-extension";

        pub fn detect() -> Option<Extensions> {
            std::arch::is_aarch64_feature_detected!("sha2").then_some(Extensions(()))
        }

        /// The order of the standard: the instructions take ABCD and EFGH.
        pub fn ordered(words: [u32; 8]) -> [u32; 8] {
            words
        }

        pub fn words(ordered: [u32; 8]) -> [u32; 8] {
            ordered
        }
    }

    type Vector = uint32x4_t;

    /// A state in two registers: ABCD and EFGH.
    type Registers = [Vector; 2];

    #[inline]
    #[target_feature(enable = "neon")]
    fn zero() -> Vector {
        vdupq_n_u32(0)
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn sum(a: Vector, b: Vector) -> Vector {
        vaddq_u32(a, b)
    }

    /// Four words of the message schedule from the sixteen before them (FIPS 180-4, 6.2.2, step 1).
    #[inline]
    #[target_feature(enable = "neon,sha2")]
    fn next_words(before: [Vector; 4]) -> Vector {
        vsha256su1q_u32(vsha256su0q_u32(before[0], before[1]), before[2], before[3])
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn load(state: &State) -> Registers {
        let from = state.0.as_ptr();
        // SAFETY: a state is twice four words, and is borrowed.
        unsafe { [vld1q_u32(from), vld1q_u32(from.add(4))] }
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn store(registers: Registers, state: &mut State) {
        let to = state.0.as_mut_ptr();
        // SAFETY: as in `load`, and borrowed to write.
        unsafe {
            vst1q_u32(to, registers[0]);
            vst1q_u32(to.add(4), registers[1]);
        }
    }

    /// Four words of an expanded block, or of the constants.
    #[inline]
    #[target_feature(enable = "neon")]
    fn four_words(words: &[u32; 64], quarter: usize) -> uint32x4_t {
        assert!(quarter < 16);
        // SAFETY: 64 words are 16 times four.
        unsafe { vld1q_u32(words.as_ptr().add(4 * quarter)) }
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn load_block(block: &Block) -> [uint32x4_t; 4] {
        let from = block.as_ptr();
        // SAFETY: a block is four times 16 bytes; its start need not be aligned.
        let part = |index: usize| unsafe { vld1q_u8(from.add(16 * index)) };
        [
            vreinterpretq_u32_u8(vrev32q_u8(part(0))),
            vreinterpretq_u32_u8(vrev32q_u8(part(1))),
            vreinterpretq_u32_u8(vrev32q_u8(part(2))),
            vreinterpretq_u32_u8(vrev32q_u8(part(3))),
        ]
    }

    /// Four rounds of each of the `N` messages with their `words`, constants added.
    #[inline]
    #[target_feature(enable = "neon,sha2")]
    fn four_rounds<const N: usize>(states: &mut [Registers; N], words: [uint32x4_t; N]) {
        for lane in 0..N {
            let [abcd, efgh] = states[lane];
            states[lane] = [
                vsha256hq_u32(abcd, efgh, words[lane]),
                vsha256h2q_u32(efgh, abcd, words[lane]),
            ];
        }
    }

    /// The hash in the order of its bytes, in two registers.
    #[inline]
    #[target_feature(enable = "neon")]
    fn in_order(state: &State) -> [uint8x16_t; 2] {
        let [abcd, efgh] = load(state);
        [
            vrev32q_u8(vreinterpretq_u8_u32(abcd)),
            vrev32q_u8(vreinterpretq_u8_u32(efgh)),
        ]
    }

    #[target_feature(enable = "neon")]
    fn write_bytes(state: &State, place: &mut [u8; 32]) {
        let to = place.as_mut_ptr();
        for (index, half) in in_order(state).into_iter().enumerate() {
            // SAFETY: twice 16 bytes, borrowed to write.
            unsafe { vst1q_u8(to.add(16 * index), half) };
        }
    }

    #[target_feature(enable = "neon")]
    fn write_hex(state: &State, place: &mut [u8; 64]) {
        let to = place.as_mut_ptr();
        // SAFETY: 16 bytes.
        let digits = unsafe { vld1q_u8(b"0123456789abcdef".as_ptr()) };
        let low_half = vdupq_n_u8(0x0f);
        for (index, half) in in_order(state).into_iter().enumerate() {
            let first = vqtbl1q_u8(digits, vshrq_n_u8::<4>(half));
            let second = vqtbl1q_u8(digits, vandq_u8(half, low_half));
            // SAFETY: four times 16 bytes, borrowed to write.
            unsafe {
                vst1q_u8(to.add(32 * index), vzip1q_u8(first, second));
                vst1q_u8(to.add(32 * index + 16), vzip2q_u8(first, second));
            }
        }
    }

    with_instructions!("neon,sha2");
}

/// For processors without such instructions.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod absent {
    use super::{Block, Job, PreparedJob, State};

    /// Has no values.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Extensions {}

    impl Extensions {
        pub const NAME: &str = "";

        pub fn detect() -> Option<Extensions> {
            None
        }

        pub fn ordered(words: [u32; 8]) -> [u32; 8] {
            words
        }

        pub fn words(ordered: [u32; 8]) -> [u32; 8] {
            ordered
        }

        pub fn write_bytes(self, _: &State, _: &mut [u8; 32]) {
            match self {}
        }

        pub fn write_hex(self, _: &State, _: &mut [u8; 64]) {
            match self {}
        }

        pub fn compress(self, _: &mut [State], _: &[Job], _: &[Block]) {
            match self {}
        }

        pub fn compress_prepared(self, _: &mut [State], _: &[PreparedJob]) {
            match self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn padded(message: &[u8]) -> Vec<Block> {
        let mut bytes = message.to_vec();
        bytes.push(0x80);
        while bytes.len() % 64 != 56 {
            bytes.push(0);
        }
        bytes.extend_from_slice(&(8 * message.len() as u64).to_be_bytes());
        bytes.as_chunks::<64>().0.to_vec()
    }

    fn bytes_of(kernel: Kernel, state: State) -> Vec<u8> {
        let (mut bytes, mut digits) = ([0; 32], [0; 64]);
        kernel.write_bytes(&state, &mut bytes);
        kernel.write_hex(&state, &mut digits);
        assert_eq!(hex::encode(bytes).as_bytes(), digits);
        assert_eq!(
            kernel.words(state).map(u32::to_be_bytes).as_flattened(),
            bytes
        );
        bytes.to_vec()
    }

    fn message(seed: usize, length: usize) -> Vec<u8> {
        (0..length)
            .map(|index| (index * 31 + seed * 17 + (index >> 3) * seed) as u8)
            .collect()
    }

    #[test]
    fn every_kernel_computes_sha_256_of_every_length() {
        for kernel in Kernel::available() {
            for length in 0..=1024 {
                let message = message(length, length);
                let blocks = padded(&message);
                let count = blocks.len() as u32;
                let mut states = [kernel.state(INITIAL); 3];
                kernel.compress(
                    &mut states,
                    &[Job {
                        state: 0,
                        block: 0,
                        count,
                    }],
                    &blocks,
                );
                for index in 0..count {
                    kernel.compress(
                        &mut states,
                        &[Job {
                            state: 1,
                            block: index,
                            count: 1,
                        }],
                        &blocks,
                    );
                }
                let prepared = kernel.prepare(&blocks);
                assert_eq!(prepared.len(), blocks.len());
                assert!(prepared.size() >= 64 * blocks.len());
                kernel.compress_prepared(
                    &mut states,
                    &[PreparedJob {
                        state: 2,
                        blocks: &prepared,
                    }],
                );
                let expected = Sha256::digest(&message).to_vec();
                for (state, way) in
                    states
                        .into_iter()
                        .zip(["at once", "block by block", "prepared"])
                {
                    assert_eq!(
                        bytes_of(kernel, state),
                        expected,
                        "{} {length} {way}",
                        kernel.name()
                    );
                }
            }
        }
    }

    /// Parallel lanes with all combinations of lengths, in any order, with prepared and other
    /// blocks.
    #[test]
    fn messages_beside_each_other_do_not_touch_each_other() {
        for kernel in Kernel::available() {
            for count in 1..=11 {
                for seed in 0..40 {
                    let messages: Vec<Vec<u8>> = (0..count)
                        .map(|index| message(seed + index, (seed * 37 + index * index * 29) % 400))
                        .collect();
                    let padded: Vec<Vec<Block>> =
                        messages.iter().map(|message| padded(message)).collect();
                    // The first half of each is compressed unprepared, the rest prepared.
                    let (mut first, mut jobs, mut prepared) = (Vec::new(), Vec::new(), Vec::new());
                    for (index, blocks) in padded.iter().enumerate() {
                        let (begin, end) = blocks.split_at(blocks.len().div_ceil(2));
                        jobs.push(Job {
                            state: index as u32,
                            block: first.len() as u32,
                            count: begin.len() as u32,
                        });
                        first.extend_from_slice(begin);
                        prepared.push(kernel.prepare(end));
                    }
                    jobs.reverse();
                    let mut states = vec![kernel.state(INITIAL); count];
                    kernel.compress(&mut states, &jobs, &first);
                    let jobs: Vec<PreparedJob> = (0..count as u32)
                        .map(|state| PreparedJob {
                            state,
                            blocks: &prepared[state as usize],
                        })
                        .collect();
                    kernel.compress_prepared(&mut states, &jobs);
                    for (state, message) in states.into_iter().zip(&messages) {
                        assert_eq!(
                            bytes_of(kernel, state),
                            Sha256::digest(message).to_vec(),
                            "{}",
                            kernel.name()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn prepared_blocks_are_counted_and_wiped() {
        for kernel in Kernel::available() {
            let mut prepared = kernel.prepare(&[[1; 64], [2; 64]]);
            assert_eq!(prepared.len(), 2);
            assert!(prepared.size() >= 128);
            assert_eq!(kernel.prepare(&[]).len(), 0);
            prepared.zeroize();
            let is_wiped = match &prepared.0 {
                Blocks::AsTheyAre(blocks) => blocks.iter().flatten().all(|byte| *byte == 0),
                Blocks::Expanded(blocks) => blocks
                    .iter()
                    .flat_map(|words| words.0)
                    .all(|word| word == 0),
            };
            assert!(is_wiped, "{}", kernel.name());
        }
    }

    #[test]
    fn what_the_processor_has_is_used() {
        let names: Vec<&str> = Kernel::available().into_iter().map(Kernel::name).collect();
        #[cfg(target_arch = "x86_64")]
        let expected = is_x86_feature_detected!("sha").then_some("sha-extensions");
        #[cfg(target_arch = "aarch64")]
        let expected =
            std::arch::is_aarch64_feature_detected!("sha2").then_some("crypto-extension");
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let expected = None;
        let expected: Vec<&str> = ["portable"].into_iter().chain(expected).collect();
        assert_eq!(names, expected);
        assert_eq!(Kernel::fastest().name(), names[names.len() - 1]);
    }
}
