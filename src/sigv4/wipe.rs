//! Overwriting of secrets that are no longer needed. Types hold theirs in [`Zeroizing`], so that
//! none of them needs a rule of its own, and nothing of it is seen from outside.

pub(super) use zeroize::{Zeroize, Zeroizing};

/// How deep calls go that handle secrets, with some room.
#[cfg(feature = "cli")]
const DEPTH: usize = 64 << 10;

/// Overwrites the part of the stack that calls made before have used. Types that are wiped when
/// they are dropped leave copies where they were moved from, and hash functions have keys in their
/// local variables; only the caller of all of them knows when none of it is needed any more.
#[cfg(feature = "cli")]
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut area = [0_u8; DEPTH];
    std::hint::black_box(&mut area);
}
