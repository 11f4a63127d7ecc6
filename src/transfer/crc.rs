//! CRC checksums of stores, eight bytes at a time. All of them are reflected, start with ones and
//! are inverted at the end, so one 64-bit register works for all.

/// A CRC variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CRC-32 of zip and Ethernet.
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
}

impl Kind {
    /// The polynomial, reflected.
    fn polynomial(self) -> u64 {
        match self {
            Kind::Crc32 => 0xedb8_8320,
            Kind::Crc32c => 0x82f6_3b78,
            Kind::Crc64Nvme => 0x9a6c_9329_ac4b_c9b5,
        }
    }

    /// Length in bytes.
    fn length(self) -> usize {
        if self == Kind::Crc64Nvme { 8 } else { 4 }
    }

    fn ones(self) -> u64 {
        if self == Kind::Crc64Nvme {
            u64::MAX
        } else {
            u64::from(u32::MAX)
        }
    }
}

/// A checksum in progress.
pub struct Crc {
    kind: Kind,
    tables: Box<[[u64; 256]; 8]>,
    register: u64,
}

impl Crc {
    pub fn new(kind: Kind) -> Crc {
        let mut tables = Box::new([[0; 256]; 8]);
        for byte in 0..256 {
            let mut value = byte as u64;
            for _ in 0..8 {
                value = if value & 1 == 1 {
                    (value >> 1) ^ kind.polynomial()
                } else {
                    value >> 1
                };
            }
            tables[0][byte] = value;
        }
        for row in 1..8 {
            for byte in 0..256 {
                let before = tables[row - 1][byte];
                tables[row][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            }
        }
        Crc {
            kind,
            tables,
            register: kind.ones(),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            let mixed = (self.register ^ u64::from_le_bytes(*word)).to_le_bytes();
            self.register = (0..8).fold(0, |sum, at| {
                sum ^ self.tables[7 - at][usize::from(mixed[at])]
            });
        }
        for byte in rest {
            let at = (self.register ^ u64::from(*byte)) & 0xff;
            self.register = (self.register >> 8) ^ self.tables[0][at as usize];
        }
    }

    /// The checksum in big-endian order.
    pub fn finish(&self) -> Vec<u8> {
        let value = self.register ^ self.kind.ones();
        value.to_be_bytes()[8 - self.kind.length()..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_values_of_the_catalogue() {
        for (kind, check) in [
            (Kind::Crc32, "cbf43926"),
            (Kind::Crc32c, "e3069283"),
            (Kind::Crc64Nvme, "ae8b14860a799888"),
        ] {
            for split in 0..9 {
                let (one, other) = b"123456789".split_at(split);
                let mut crc = Crc::new(kind);
                crc.update(one);
                crc.update(other);
                assert_eq!(hex::encode(crc.finish()), check, "{kind:?} {split}");
            }
        }
    }

    #[test]
    fn many_bytes_at_once_are_the_same_as_one_by_one() {
        let bytes: Vec<u8> = (0..1000_u32).map(|n| (n * n / 7) as u8).collect();
        for kind in [Kind::Crc32, Kind::Crc32c, Kind::Crc64Nvme] {
            let (mut at_once, mut singly) = (Crc::new(kind), Crc::new(kind));
            at_once.update(&bytes);
            bytes.iter().for_each(|byte| singly.update(&[*byte]));
            assert_eq!(at_once.finish(), singly.finish());
        }
    }
}
