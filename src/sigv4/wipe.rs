//! Wipes secrets that are no longer needed. Types store them in [`Zeroizing`], so that none needs
//! its own `Drop`, and this is not visible in the public API.

pub(super) use zeroize::{Zeroize, Zeroizing};

/// Stack depth of calls that handle secrets, with a margin.
#[cfg(feature = "cli")]
const DEPTH: usize = 32 << 10;

/// Overwrites the stack of previous calls. Types that are wiped on drop leave copies where they
/// were moved from, and hash functions keep keys in local variables; only the outermost caller
/// knows when none of it is needed any more.
#[cfg(feature = "cli")]
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut area = [0_u8; DEPTH];
    std::hint::black_box(&mut area);
}
