//! Multipart uploads: the division of a file into parts (Amazon S3 user guide, "Multipart upload
//! limits"; IBM COS has the same limits).

/// Maximum number of parts of an upload at almost all stores.
pub const MOST_PARTS: u64 = 10_000;

/// Minimum size of a part in bytes, except of the last one.
pub const LEAST_PART: u64 = 5 << 20;

/// Maximum size of a part in bytes.
pub const LARGEST_PART: u64 = 5 << 30;

/// Maximum number of parts per listing.
pub const PARTS_A_PAGE: u64 = 1000;

/// Default part size: large enough that the overhead of requests is small, small enough to be
/// resent.
pub const USUAL_PART: u64 = 16 << 20;

/// Part sizes are multiples of it.
const ALIGNMENT: u64 = 1 << 20;

/// A file divided into parts of one size; the last one may be smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of a part.
    pub part_size: u64,
}

/// One part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u64,
    /// Offset in the file.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
}

/// Why a file cannot be divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutError {
    /// The file is empty.
    Empty,
    /// The file exceeds the maximum number of parts of maximum size.
    TooLarge,
    /// The parts are smaller than [`LEAST_PART`].
    SmallParts,
    /// The parts are larger than [`LARGEST_PART`].
    LargeParts,
    /// More than the store accepts; with parts of this size there are not.
    ManyParts(u64),
}

impl std::fmt::Display for CutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CutError::Empty => f.write_str("the file is empty and has no parts"),
            CutError::TooLarge => f.write_str("the file exceeds the maximum of all stores"),
            CutError::SmallParts => write!(
                f,
                "the parts are smaller than {LEAST_PART} bytes, the minimum of stores"
            ),
            CutError::LargeParts => write!(
                f,
                "the parts are larger than {LARGEST_PART} bytes, the maximum of stores"
            ),
            CutError::ManyParts(least) => write!(
                f,
                "there are too many parts; use at least {least} bytes per part"
            ),
        }
    }
}

impl std::error::Error for CutError {}

impl Cut {
    /// Divides a file into parts of the given size, or of a suitable one within the maximum number
    /// of parts.
    ///
    /// # Errors
    /// [`CutError`]
    pub fn new(size: u64, part_size: Option<u64>, most_parts: u64) -> Result<Cut, CutError> {
        if size == 0 {
            return Err(CutError::Empty);
        }
        if size > most_parts * LARGEST_PART {
            return Err(CutError::TooLarge);
        }
        let least = size
            .div_ceil(most_parts)
            .next_multiple_of(ALIGNMENT)
            .min(LARGEST_PART);
        let part_size = part_size.unwrap_or(least.max(USUAL_PART));
        match part_size {
            LEAST_PART..=LARGEST_PART if size.div_ceil(part_size) > most_parts => {
                Err(CutError::ManyParts(least))
            }
            LEAST_PART..=LARGEST_PART => Ok(Cut { size, part_size }),
            0..LEAST_PART => Err(CutError::SmallParts),
            _ => Err(CutError::LargeParts),
        }
    }

    /// Number of parts.
    pub fn count(self) -> u64 {
        self.size.div_ceil(self.part_size)
    }

    /// The parts in order.
    pub fn parts(self) -> impl Iterator<Item = Part> {
        (0..self.count()).map(move |index| {
            let offset = index * self.part_size;
            Part {
                number: index + 1,
                offset,
                size: self.part_size.min(self.size - offset),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;

    #[test]
    fn parts_cover_the_file_within_the_limits() {
        for size in [
            1,
            5 * MIB,
            16 * MIB,
            16 * MIB + 1,
            GIB,
            12 * GIB,
            156 * GIB + 7,
            5 << 40,
            MOST_PARTS * LARGEST_PART,
        ] {
            let cut = Cut::new(size, None, MOST_PARTS).expect("fits");
            let parts: Vec<Part> = cut.parts().collect();
            assert!(
                parts.len() as u64 <= MOST_PARTS && parts.len() as u64 == cut.count(),
                "{size}"
            );
            assert!(
                cut.part_size.is_multiple_of(ALIGNMENT) && cut.part_size >= LEAST_PART,
                "{size}"
            );
            let mut end = 0;
            for (index, part) in parts.iter().enumerate() {
                assert_eq!(
                    (part.number, part.offset),
                    (index as u64 + 1, end),
                    "{size}"
                );
                assert!(
                    part.size > 0 && (part.size == cut.part_size || index + 1 == parts.len()),
                    "{size}"
                );
                end += part.size;
            }
            assert_eq!(end, size);
        }
    }

    #[test]
    fn what_cannot_be_cut() {
        assert_eq!(Cut::new(0, None, MOST_PARTS), Err(CutError::Empty));
        assert_eq!(
            Cut::new(MOST_PARTS * LARGEST_PART + 1, None, MOST_PARTS),
            Err(CutError::TooLarge)
        );
        assert_eq!(
            Cut::new(GIB, Some(5 * MIB - 1), MOST_PARTS),
            Err(CutError::SmallParts)
        );
        assert_eq!(
            Cut::new(GIB, Some(5 * GIB + 1), MOST_PARTS),
            Err(CutError::LargeParts)
        );
        assert_eq!(
            Cut::new(100 * GIB, Some(5 * MIB), MOST_PARTS),
            Err(CutError::ManyParts(11 * MIB))
        );
        assert_eq!(
            Cut::new(100 * GIB, Some(11 * MIB), MOST_PARTS).map(Cut::count),
            Ok(9310)
        );
        assert_eq!(Cut::new(100 * GIB, None, 1000).map(Cut::count), Ok(995));
    }
}
