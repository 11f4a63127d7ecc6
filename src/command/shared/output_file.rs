//! The output: standard output, or the file of `--output-file`.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::cli::OutputForm;
use crate::disk::write_private;
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::output::qr::{self, Drawing};

pub struct OutputTarget<'a> {
    /// Written when it is complete.
    file: Option<(&'a Path, Vec<u8>)>,
    drawing: Drawing,
}

impl<'a> OutputTarget<'a> {
    pub fn new(form: OutputForm, path: Option<&'a Path>, env: &Env) -> Result<Self, Failure> {
        // `-` is standard output, as for every other output file.
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            let drawing = if env.stdout_is_terminal {
                Drawing::Terminal
            } else {
                Drawing::Text
            };
            return Ok(OutputTarget {
                file: None,
                drawing,
            });
        };
        let shown = path.display();
        let drawing = match (form, Drawing::for_file(path)) {
            (OutputForm::Qr, None) => {
                return Err(Failure::usage(format!(
                    "--output-file `{shown}` has no extension for an image of the QR code"
                ))
                .hint("use a name that ends in `.png`, `.svg` or `.txt`"));
            }
            (OutputForm::Qr, Some(drawing)) => drawing,
            (_, Some(Drawing::Png | Drawing::Svg)) => {
                return Err(Failure::usage(format!(
                    "--output-file `{shown}` has an image extension, but the output is text"
                ))
                .hint("add `--output qr` for a QR code, or use another extension"));
            }
            _ => Drawing::Text,
        };
        Ok(OutputTarget {
            file: Some((path, Vec::new())),
            drawing,
        })
    }

    /// The writer.
    pub fn or<'b>(&'b mut self, out: &'b mut dyn Write) -> &'b mut dyn Write {
        match &mut self.file {
            Some((_, bytes)) => bytes,
            None => out,
        }
    }

    pub fn draw(&mut self, url: &str, out: &mut dyn Write) -> Result<io::Result<()>, Failure> {
        let drawing = self.drawing;
        match qr::write(url, drawing, self.or(out)) {
            Err(error) if error.kind() == ErrorKind::FileTooLarge => Err(Failure::usage(format!(
                "the URL has {} bytes; the maximum for a QR code is {}",
                url.len(),
                qr::LONGEST
            ))
            .hint("sign without a session token, which makes the URL long, or use a shorter key")),
            result => Ok(result),
        }
    }

    /// The note about a QR code that is too large for a terminal.
    pub fn room_note(&self, url: &str) -> Option<String> {
        if self.drawing != Drawing::Terminal {
            return None;
        }
        let (columns, rows) = qr::too_large_for_a_terminal(url)?;
        Some(format!(
            "note: the QR code needs a terminal of {columns} columns and {} rows; for an image add \
             `--output-file link.png` or `--output-file link.svg`",
            // One for the prompt.
            rows + 1
        ))
    }

    /// Writes the file, if there is one.
    pub fn finish(self) -> Result<(), Failure> {
        let Some((path, bytes)) = self.file else {
            return Ok(());
        };
        let shown = path.display();
        write_private(path, &bytes).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                Failure::usage(format!("--output-file `{shown}` already exists"))
                    .hint("use another name, or remove the file first")
            }
            _ => Failure::new(
                Kind::Io,
                format!("cannot write --output-file `{shown}`: {error}"),
            )
            .hint("check that its directory exists and is writable"),
        })
    }
}
