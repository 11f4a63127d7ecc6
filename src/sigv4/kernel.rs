//! SHA-256 of many messages side by side, for the signatures of many links.
//!
//! One message after the other, a processor with SHA instructions waits most of the time: each of the 64 rounds needs the
//! result of the one before. Messages that do not depend on each other fill the gaps. Two things are used here:
//!
//! - two independent blocks are compressed at once ([`Kernel::compress`]), and
//! - a block that is the same for many messages is expanded to its 64 words once ([`Kernel::prepare`]); four such are then
//!   compressed at once, by the rounds alone ([`Kernel::compress_chains`]).
//!
//! This is the only file of the crate with `unsafe` code, and all of it is here because the compiler has no other way to
//! say "load these 16 bytes" and "this processor has these instructions". The portable way is the crate `sha2`, which also
//! knows the SHA instructions of other processors; every kernel is tested against it.

use sha2::block_api::compress256;
use zeroize::Zeroize;

/// The chaining value before the first block (FIPS 180-4, 5.3.3).
pub const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// What SHA-256 reads at a time.
pub type Block = [u8; 64];

/// A chaining value, in the order that its kernel likes best.
#[derive(Clone, Copy, Debug, Default, Zeroize)]
#[repr(align(16))]
pub struct State([u32; 8]);

/// A block that was expanded beforehand.
#[derive(Clone, Debug, Zeroize)]
#[repr(align(16))]
pub struct Prepared([u32; 64]);

/// Which block goes into which state; both are indices.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Index of the state; in one call each state has one job at most.
    pub state: u32,
    /// Index of the block.
    pub block: u32,
}

/// Blocks that follow each other into one state.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a> {
    /// Index of the state; in one call each state has one chain at most.
    pub state: u32,
    /// The blocks.
    pub blocks: &'a [Prepared],
}

/// A way to compute SHA-256 on this machine. There is no other way to make one than to ask what the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Instructions);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    Portable,
    /// Intel's and AMD's SHA extensions.
    #[cfg(target_arch = "x86_64")]
    ShaExtensions,
}

impl Kernel {
    /// The fastest on this machine.
    pub fn fastest() -> Kernel {
        Kernel::available().pop().unwrap_or(Kernel(Instructions::Portable))
    }

    /// One message at a time, by the crate `sha2`: on every machine.
    pub fn portable() -> Kernel {
        Kernel(Instructions::Portable)
    }

    /// All that run on this machine, the fastest last.
    pub fn available() -> Vec<Kernel> {
        let mut kernels = vec![Kernel::portable()];
        #[cfg(target_arch = "x86_64")]
        if x86::is_available() {
            kernels.push(Kernel(Instructions::ShaExtensions));
        }
        kernels
    }

    /// `portable` or `sha-extensions`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Instructions::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Instructions::ShaExtensions => "sha-extensions",
        }
    }

    /// A chaining value in this kernel's order.
    pub fn state(self, words: [u32; 8]) -> State {
        match self.0 {
            Instructions::Portable => State(words),
            #[cfg(target_arch = "x86_64")]
            Instructions::ShaExtensions => {
                let [a, b, c, d, e, f, g, h] = words;
                State([f, e, b, a, h, g, d, c])
            }
        }
    }

    /// The words of a chaining value of this kernel.
    pub fn words(self, state: State) -> [u32; 8] {
        match self.0 {
            Instructions::Portable => state.0,
            #[cfg(target_arch = "x86_64")]
            Instructions::ShaExtensions => {
                let [f, e, b, a, h, g, d, c] = state.0;
                [a, b, c, d, e, f, g, h]
            }
        }
    }

    /// Writes the finished hash: 32 bytes.
    pub fn write_bytes(self, state: &State, place: &mut [u8; 32]) {
        match self.0 {
            Instructions::Portable => {
                for (bytes, word) in place.as_chunks_mut::<4>().0.iter_mut().zip(state.0) {
                    *bytes = word.to_be_bytes();
                }
            }
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as in `compress`.
            Instructions::ShaExtensions => unsafe { x86::write_bytes(state, place) },
        }
    }

    /// Writes the finished hash in 64 lower-case hexadecimal digits.
    pub fn write_hex(self, state: &State, place: &mut [u8; 64]) {
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
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as in `compress`.
            Instructions::ShaExtensions => unsafe { x86::write_hex(state, place) },
        }
    }

    /// Expands a block that many messages share.
    pub fn prepare(self, block: &Block) -> Prepared {
        let mut words = [0; 64];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        match self.0 {
            // The portable kernel takes blocks, so it keeps the sixteen words of this one.
            Instructions::Portable => {}
            #[cfg(target_arch = "x86_64")]
            Instructions::ShaExtensions => {
                for t in 16..64 {
                    let [w15, w2] = [words[t - 15], words[t - 2]];
                    let s0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
                    let s1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
                    words[t] = words[t - 16].wrapping_add(s0).wrapping_add(words[t - 7]).wrapping_add(s1);
                }
                for (word, k) in words.iter_mut().zip(x86::K.0) {
                    *word = word.wrapping_add(k);
                }
            }
        }
        Prepared(words)
    }

    /// Compresses one block into each of the states that have a job.
    ///
    /// # Panics
    /// If an index leads nowhere.
    pub fn compress(self, states: &mut [State], jobs: &[Job], blocks: &[Block]) {
        match self.0 {
            Instructions::Portable => {
                for job in jobs {
                    let block = &blocks[job.block as usize];
                    compress256(&mut states[job.state as usize].0, std::slice::from_ref(block));
                }
            }
            #[cfg(target_arch = "x86_64")]
            // SAFETY: such a kernel is made by `available` alone, and only where the processor has the instructions.
            Instructions::ShaExtensions => unsafe { x86::compress(states, jobs, blocks) },
        }
    }

    /// Compresses chains of prepared blocks. Fastest where four neighbours are of the same length.
    ///
    /// # Panics
    /// If an index leads nowhere.
    pub fn compress_chains(self, states: &mut [State], chains: &[Chain]) {
        match self.0 {
            Instructions::Portable => {
                for chain in chains {
                    let state = &mut states[chain.state as usize].0;
                    for prepared in chain.blocks {
                        let mut block = [0; 64];
                        for (bytes, word) in block.as_chunks_mut::<4>().0.iter_mut().zip(prepared.0) {
                            *bytes = word.to_be_bytes();
                        }
                        compress256(state, &[block]);
                    }
                }
            }
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as in `compress`.
            Instructions::ShaExtensions => unsafe { x86::compress_chains(states, chains) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_and_si128, _mm_load_si128, _mm_loadu_si128, _mm_set_epi64x, _mm_set1_epi8,
        _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
        _mm_shuffle_epi32, _mm_srli_epi16, _mm_store_si128, _mm_storeu_si128, _mm_unpackhi_epi8, _mm_unpackhi_epi64,
        _mm_unpacklo_epi8, _mm_unpacklo_epi64,
    };

    use super::{Block, Chain, Job, Prepared, State};

    #[repr(align(16))]
    pub struct Constants(pub [u32; 64]);

    /// FIPS 180-4, 4.2.2.
    #[rustfmt::skip]
    pub static K: Constants = Constants([
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98,
        0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
        0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8,
        0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819,
        0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]);

    pub fn is_available() -> bool {
        is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3")
    }

    /// A state in two registers: ABEF and CDGH, as the instructions want it.
    type Registers = [__m128i; 2];

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
        // SAFETY: 64 words are 16 times 16 bytes; where they begin need not be aligned.
        unsafe { _mm_loadu_si128(from.add(quarter)) }
    }

    #[inline]
    #[target_feature(enable = "sse2,ssse3")]
    fn load_block(block: &Block) -> [__m128i; 4] {
        let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let from: *const __m128i = block.as_ptr().cast();
        // SAFETY: a block is four times 16 bytes; where it begins need not be aligned.
        let part = |index: usize| unsafe { _mm_loadu_si128(from.add(index)) };
        [part(0), part(1), part(2), part(3)].map(|part| _mm_shuffle_epi8(part, big_endian))
    }

    /// Four rounds of each of the `N` messages; `words` are theirs, with the constants added.
    #[inline]
    #[target_feature(enable = "sha,sse2")]
    fn four_rounds<const N: usize>(states: &mut [Registers; N], words: [__m128i; N]) {
        for (state, words) in states.iter_mut().zip(words) {
            state[1] = _mm_sha256rnds2_epu32(state[1], state[0], words);
        }
        for (state, words) in states.iter_mut().zip(words) {
            state[0] = _mm_sha256rnds2_epu32(state[0], state[1], _mm_shuffle_epi32(words, 0x0e));
        }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn add<const N: usize>(states: &mut [Registers; N], before: &[Registers; N]) {
        for (state, before) in states.iter_mut().zip(before) {
            *state = [_mm_add_epi32(state[0], before[0]), _mm_add_epi32(state[1], before[1])];
        }
    }

    /// One block into each of `N` states.
    #[inline]
    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    fn blocks<const N: usize>(states: &mut [Registers; N], blocks: [&Block; N]) {
        let before = *states;
        let mut words: [[__m128i; 4]; N] = [[_mm_setzero_si128(); 4]; N];
        for (words, block) in words.iter_mut().zip(blocks) {
            *words = load_block(block);
        }
        // Written out: in a loop the words would live in memory, not in registers.
        macro_rules! rounds {
            ($($quarter:literal)*) => {$(
                if $quarter >= 4 {
                    for words in &mut words {
                        let next: [__m128i; 4] = [0, 1, 2, 3].map(|index| words[($quarter + index) % 4]);
                        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(next[0], next[1]), _mm_alignr_epi8(next[3], next[2], 4));
                        words[$quarter % 4] = _mm_sha256msg2_epu32(sum, next[3]);
                    }
                }
                let constants = four_words(&K.0, $quarter);
                let mut sums = [_mm_setzero_si128(); N];
                for (sum, words) in sums.iter_mut().zip(&words) {
                    *sum = _mm_add_epi32(words[$quarter % 4], constants);
                }
                four_rounds(states, sums);
            )*};
        }
        rounds!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        add(states, &before);
    }

    /// One prepared block into each of `N` states.
    #[inline]
    #[target_feature(enable = "sha,sse2")]
    fn prepared<const N: usize>(states: &mut [Registers; N], blocks: [&Prepared; N]) {
        let before = *states;
        macro_rules! rounds {
            ($($quarter:literal)*) => {$(
                let mut words = [_mm_setzero_si128(); N];
                for (words, block) in words.iter_mut().zip(blocks) {
                    *words = four_words(&block.0, $quarter);
                }
                four_rounds(states, words);
            )*};
        }
        rounds!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        add(states, &before);
    }

    /// The hash in the order of its bytes, in two registers.
    #[inline]
    #[target_feature(enable = "sse2,ssse3")]
    fn in_order(state: &State) -> [__m128i; 2] {
        let [abef, cdgh] = load(state);
        let big_endian = _mm_set_epi64x(0x0809_0a0b_0c0d_0e0f, 0x0001_0203_0405_0607);
        [_mm_unpackhi_epi64(abef, cdgh), _mm_unpacklo_epi64(abef, cdgh)].map(|half| _mm_shuffle_epi8(half, big_endian))
    }

    #[target_feature(enable = "sse2,ssse3")]
    pub fn write_bytes(state: &State, place: &mut [u8; 32]) {
        let to: *mut __m128i = place.as_mut_ptr().cast();
        for (index, half) in in_order(state).into_iter().enumerate() {
            // SAFETY: twice 16 bytes, borrowed to write, not aligned.
            unsafe { _mm_storeu_si128(to.add(index), half) };
        }
    }

    #[target_feature(enable = "sse2,ssse3")]
    pub fn write_hex(state: &State, place: &mut [u8; 64]) {
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

    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    pub fn compress(states: &mut [State], jobs: &[Job], from: &[Block]) {
        let (pairs, rest) = jobs.as_chunks::<2>();
        for [one, other] in pairs {
            let mut registers = [load(&states[one.state as usize]), load(&states[other.state as usize])];
            blocks(&mut registers, [&from[one.block as usize], &from[other.block as usize]]);
            store(registers[0], &mut states[one.state as usize]);
            store(registers[1], &mut states[other.state as usize]);
        }
        for job in rest {
            let mut registers = [load(&states[job.state as usize])];
            blocks(&mut registers, [&from[job.block as usize]]);
            store(registers[0], &mut states[job.state as usize]);
        }
    }

    #[target_feature(enable = "sha,sse2")]
    pub fn compress_chains(states: &mut [State], chains: &[Chain]) {
        let (fours, rest) = chains.as_chunks::<4>();
        for four in fours {
            let together = four.iter().map(|chain| chain.blocks.len()).min().unwrap_or(0);
            let mut registers = [load(&State::default()); 4];
            for (registers, chain) in registers.iter_mut().zip(four) {
                *registers = load(&states[chain.state as usize]);
            }
            for index in 0..together {
                let [a, b, c, d] = four;
                prepared(&mut registers, [&a.blocks[index], &b.blocks[index], &c.blocks[index], &d.blocks[index]]);
            }
            for (registers, chain) in registers.into_iter().zip(four) {
                store(registers, &mut states[chain.state as usize]);
                one_chain(states, chain.state, &chain.blocks[together..]);
            }
        }
        for chain in rest {
            one_chain(states, chain.state, chain.blocks);
        }
    }

    #[inline]
    #[target_feature(enable = "sha,sse2")]
    fn one_chain(states: &mut [State], state: u32, blocks: &[Prepared]) {
        if blocks.is_empty() {
            return;
        }
        let mut registers = [load(&states[state as usize])];
        for block in blocks {
            prepared(&mut registers, [block]);
        }
        store(registers[0], &mut states[state as usize]);
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
        assert_eq!(kernel.words(state).map(u32::to_be_bytes).as_flattened(), bytes);
        bytes.to_vec()
    }

    fn message(seed: usize, length: usize) -> Vec<u8> {
        (0..length).map(|index| (index * 31 + seed * 17 + (index >> 3) * seed) as u8).collect()
    }

    #[test]
    fn every_kernel_computes_sha_256_of_every_length() {
        for kernel in Kernel::available() {
            for length in 0..=1024 {
                let message = message(length, length);
                let blocks = padded(&message);
                let mut states = [kernel.state(INITIAL); 2];
                for index in 0..blocks.len() as u32 {
                    kernel.compress(&mut states, &[Job { state: 0, block: index }], &blocks);
                }
                let prepared: Vec<Prepared> = blocks.iter().map(|block| kernel.prepare(block)).collect();
                kernel.compress_chains(&mut states, &[Chain { state: 1, blocks: &prepared }]);
                let expected = Sha256::digest(&message).to_vec();
                assert_eq!(bytes_of(kernel, states[0]), expected, "{} {length}", kernel.name());
                assert_eq!(bytes_of(kernel, states[1]), expected, "{} prepared {length}", kernel.name());
            }
        }
    }

    /// Lanes beside each other, of all mixes of lengths, in any order, with prepared and other blocks.
    #[test]
    fn messages_beside_each_other_do_not_touch_each_other() {
        for kernel in Kernel::available() {
            for count in 1..=11 {
                for seed in 0..40 {
                    let messages: Vec<Vec<u8>> =
                        (0..count).map(|index| message(seed + index, (seed * 37 + index * index * 29) % 400)).collect();
                    let blocks: Vec<Vec<Block>> = messages.iter().map(|message| padded(message)).collect();
                    let prepared: Vec<Vec<Prepared>> =
                        blocks.iter().map(|blocks| blocks.iter().skip(1).map(|block| kernel.prepare(block)).collect()).collect();
                    let first: Vec<Block> = blocks.iter().map(|blocks| blocks[0]).collect();
                    let mut states = vec![kernel.state(INITIAL); count];
                    let jobs: Vec<Job> = (0..count as u32).rev().map(|index| Job { state: index, block: index }).collect();
                    kernel.compress(&mut states, &jobs, &first);
                    let chains: Vec<Chain> =
                        (0..count as u32).map(|index| Chain { state: index, blocks: &prepared[index as usize] }).collect();
                    kernel.compress_chains(&mut states, &chains);
                    for (state, message) in states.into_iter().zip(&messages) {
                        assert_eq!(bytes_of(kernel, state), Sha256::digest(message).to_vec(), "{}", kernel.name());
                    }
                }
            }
        }
    }
}
