//! A URL as a QR code (ISO/IEC 18004).

use std::io::{self, Write};
use std::path::Path;

use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code, which readers need to find it (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// In a terminal space is limited, and readers find codes with half of it.
const QUIET_IN_TEXT: usize = 2;

/// Columns and rows of a terminal of the usual size.
const TERMINAL: (usize, usize) = (80, 24);

/// Pixels per module in an image, a compromise between the smallest and the largest code.
const PIXELS: usize = 8;

/// Bytes in the largest code (version 40, level L).
pub const LONGEST: usize = 2953;

/// How the code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Characters with explicit colours, independent of those of the terminal.
    Terminal,
    /// Characters for light text on a dark background, without control characters.
    Text,
    Png,
    Svg,
}

impl Drawing {
    /// The format for the extension of a file.
    pub fn for_file(path: &Path) -> Option<Drawing> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "png" => Some(Drawing::Png),
            "svg" => Some(Drawing::Svg),
            "txt" => Some(Drawing::Text),
            _ => None,
        }
    }
}

/// Encodes a URL, or `None` if it is longer than [`LONGEST`].
///
/// The code has the smallest version that fits, and the highest error correction that this version
/// has room for.
pub fn encode(url: &str) -> Option<QrCode> {
    let smallest = QrCode::with_error_correction_level(url, EcLevel::L).ok()?;
    let of_that_size = |level| QrCode::with_version(url, smallest.version(), level).ok();
    Some(
        [EcLevel::H, EcLevel::Q, EcLevel::M]
            .into_iter()
            .find_map(of_that_size)
            .unwrap_or(smallest),
    )
}

/// Draws a URL.
///
/// # Errors
/// Errors of the writer, and `FileTooLarge` for a URL that is too long for [`encode`].
pub fn write(url: &str, drawing: Drawing, out: &mut dyn Write) -> io::Result<()> {
    let code = encode(url).ok_or(io::ErrorKind::FileTooLarge)?;
    match drawing {
        Drawing::Terminal => {
            // Black on white from the 256 colours, as themes change the first 16.
            half_blocks(&code, true)
                .iter()
                .try_for_each(|line| writeln!(out, "\x1b[38;5;16;48;5;231m{line}\x1b[0m"))
        }
        Drawing::Text => half_blocks(&code, false)
            .iter()
            .try_for_each(|line| writeln!(out, "{line}")),
        Drawing::Svg => {
            let side = u32::try_from((code.width() + 2 * QUIET) * PIXELS).unwrap_or(u32::MAX);
            writeln!(
                out,
                "{}",
                code.render::<svg::Color>()
                    .min_dimensions(side, side)
                    .build()
            )
        }
        Drawing::Png => write_png(&code, out),
    }
}

/// Two modules per character. The text is dark, or light on a dark background.
fn half_blocks(code: &QrCode, letters_are_dark: bool) -> Vec<String> {
    let side = code.width() + 2 * QUIET_IN_TEXT;
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| {
            at.checked_sub(QUIET_IN_TEXT)
                .filter(|at| *at < code.width())
        };
        inside(x)
            .zip(inside(y))
            .is_some_and(|at| code[at] == Color::Dark)
    };
    // Below an odd last row there is nothing to draw.
    let is_drawn = |x, y| y < side && is_dark(x, y) == letters_are_dark;
    (0..side)
        .step_by(2)
        .map(|y| {
            (0..side)
                .map(|x| match (is_drawn(x, y), is_drawn(x, y + 1)) {
                    (true, true) => '\u{2588}',
                    (true, false) => '\u{2580}',
                    (false, true) => '\u{2584}',
                    (false, false) => ' ',
                })
                .collect()
        })
        .collect()
}

/// Columns and rows of the code, if they exceed a usual terminal.
pub fn too_large_for_a_terminal(url: &str) -> Option<(usize, usize)> {
    let side = encode(url)?.width() + 2 * QUIET_IN_TEXT;
    let size = (side, side.div_ceil(2));
    (size.0 > TERMINAL.0 || size.1 > TERMINAL.1).then_some(size)
}

/// One bit per pixel.
fn write_png(code: &QrCode, out: &mut dyn Write) -> io::Result<()> {
    let modules = code.width() + 2 * QUIET;
    let side = modules * PIXELS;
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < code.width());
        inside(x)
            .zip(inside(y))
            .is_some_and(|at| code[at] == Color::Dark)
    };
    let mut rows = Vec::with_capacity(side * modules);
    for y in 0..modules {
        // A module is a byte wide: eight pixels of one bit.
        let row: Vec<u8> = (0..modules)
            .map(|x| if is_dark(x, y) { 0x00 } else { 0xff })
            .collect();
        (0..PIXELS).for_each(|_| rows.extend_from_slice(&row));
    }
    let length = u32::try_from(side).map_err(io::Error::other)?;
    let mut encoder = png::Encoder::new(out, length, length);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&rows))
        .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_link_fits_into_a_usual_terminal() {
        let url = format!("https://example.com/{}", "a".repeat(100));
        assert_eq!(too_large_for_a_terminal(&url), None);
        let code = encode(&url).expect("a code");
        let lines = half_blocks(&code, true);
        assert!(lines.len() <= 24 && lines.iter().all(|line| line.chars().count() <= 60));
        let inverted = half_blocks(&code, false);
        assert!(lines[0].chars().all(|c| c == ' '), "the quiet zone");
        assert!(inverted[0].chars().all(|c| c == '\u{2588}'));
    }

    /// Byte mode at level L has room for 134 bytes in version 6 (41 modules) and 458 in version 14
    /// (73 modules), by table 7 of ISO/IEC 18004.
    #[test]
    fn ordinary_presigned_urls_fit_eighty_columns_and_not_the_rows() {
        for (bytes, size) in [
            (134, None),
            (135, Some((49, 25))),
            (345, Some((69, 35))),
            (458, Some((77, 39))),
            (459, Some((81, 41))),
            (600, Some((89, 45))),
        ] {
            let found = too_large_for_a_terminal(&"a".repeat(bytes));
            assert_eq!(found, size, "{bytes} bytes");
        }
    }

    #[test]
    fn the_room_that_is_left_is_used_against_scratches() {
        // Version 1 takes 7 bytes at level H and 17 at level L.
        let facts =
            |url: &str| encode(url).map(|code| (code.version(), code.error_correction_level()));
        assert_eq!(facts("a"), Some((qrcode::Version::Normal(1), EcLevel::H)));

        assert_eq!(
            facts(&"a".repeat(17)),
            Some((qrcode::Version::Normal(1), EcLevel::L))
        );
        assert!(encode(&"a".repeat(LONGEST)).is_some());
        assert!(encode(&"a".repeat(LONGEST + 1)).is_none());
    }
}
