//! A QR code (ISO/IEC 18004) of a link, for the camera of a phone.

use std::io::{self, Write};
use std::path::Path;

use qrcode::render::{svg, unicode};
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code, without which readers do not find it (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// Pixels a module in a picture, so that the smallest code is not a stamp and the largest fits on a screen.
const PIXELS: usize = 8;

/// Bytes in the largest code (version 40, level L).
pub const LONGEST: usize = 2953;

/// How the code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Characters that say their colours themselves, whatever those of the terminal are.
    Terminal,
    /// Characters for light letters on a dark ground, without control characters.
    Text,
    /// A PNG picture.
    Png,
    /// An SVG picture.
    Svg,
}

impl Drawing {
    /// What the name of a file asks for.
    pub fn for_file(path: &Path) -> Option<Drawing> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "png" => Some(Drawing::Png),
            "svg" => Some(Drawing::Svg),
            "txt" => Some(Drawing::Text),
            _ => None,
        }
    }
}

/// A link as a code, or `None` if it is longer than [`LONGEST`].
///
/// The code is as small as can be, and has as much against dirt and scratches as that size has room for.
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

/// Draws a link.
///
/// # Errors
/// What writing gives, and `FileTooLarge` for a link that [`encode`] finds too long.
pub fn write(url: &str, drawing: Drawing, out: &mut dyn Write) -> io::Result<()> {
    use unicode::Dense1x2::{Dark, Light};
    let code = encode(url).ok_or(io::ErrorKind::FileTooLarge)?;
    match drawing {
        Drawing::Terminal => {
            let text = code.render().dark_color(Dark).light_color(Light).build();
            // Black on white: 256 colours, as themes change the first 16.
            text.lines()
                .try_for_each(|line| writeln!(out, "\x1b[38;5;16;48;5;231m{line}\x1b[0m"))
        }
        Drawing::Text => writeln!(
            out,
            "{}",
            code.render().dark_color(Light).light_color(Dark).build()
        ),
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

/// One bit a pixel.
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
        // A module is a byte wide: eight pixels of a bit.
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
