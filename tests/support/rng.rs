//! Random numbers from a seed, for tests that draw their input.

/// Splitmix64: a seed determines the numbers on every machine.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.next() % u64::try_from(to - from + 1).unwrap()).unwrap()
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub fn choose<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[self.below(choices.len())]
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }

    pub fn text(&mut self, alphabet: &str, length: usize) -> String {
        (0..length)
            .map(|_| char::from(alphabet.as_bytes()[self.below(alphabet.len())]))
            .collect()
    }

    pub fn hex(&mut self, length: usize) -> String {
        self.text("0123456789abcdef", length)
    }

    pub fn base32(&mut self, length: usize) -> String {
        self.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length)
    }

    pub fn base64(&mut self, length: usize) -> String {
        self.text(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            length,
        )
    }
}

/// The seed of all that is drawn: `COS_PRESIGN_TEST_SEED`, or one that is always the same. A failed
/// test shows it.
pub fn seed() -> u64 {
    let seed =
        std::env::var("COS_PRESIGN_TEST_SEED").map_or(20_261_123, |text| text.parse().unwrap());
    println!("COS_PRESIGN_TEST_SEED={seed}");
    seed
}

/// Number of draws of a test: `few`, or `all` if `COS_PRESIGN_TEST_DRAWS` is `all`, or the number
/// in that variable.
pub fn draws(few: usize, all: usize) -> usize {
    match std::env::var("COS_PRESIGN_TEST_DRAWS").as_deref() {
        Err(_) | Ok("ci") => few,
        Ok("all") => all,
        Ok(number) => number.parse().unwrap(),
    }
}

/// The size of a test that takes long: `small`, or `whole` if `COS_PRESIGN_TEST_DRAWS` is `ci` or
/// `all`.
pub fn size(small: usize, whole: usize) -> usize {
    match std::env::var("COS_PRESIGN_TEST_DRAWS").as_deref() {
        Ok("ci" | "all") => whole,
        _ => small,
    }
}
