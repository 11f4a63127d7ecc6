//! Man pages.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::Cli;

/// Print the man page of the program or of a verb
#[derive(Args, Debug)]
#[command(before_help = EXAMPLES)]
pub struct ManArgs {
    /// Verb; the page of the program without it
    #[arg(value_name = "VERB")]
    pub verb: Option<String>,
    /// Print the reference of all verbs as Markdown
    #[arg(long, conflicts_with = "verb")]
    pub markdown: bool,
}

const EXAMPLES: &str = "\
Examples:
  cos-presign man get | man -l -
  cos-presign man > ~/.local/share/man/man1/cos-presign.1";

/// Writes the page of a verb or of the program; `false` if there is no such verb.
///
/// # Errors
/// The error of the writer.
pub fn write(verb: Option<&str>, out: &mut dyn Write) -> io::Result<bool> {
    let mut program = Cli::command();
    program.build();
    let page = match verb {
        None => program,
        Some(verb) => match program
            .get_subcommands()
            .find(|known| known.get_name() == verb)
        {
            Some(known) => known.clone(),
            None => return Ok(false),
        },
    };
    // `clap_mangen` omits the text of an option that is hidden from `-h`; the page is the
    // reference, so nothing is hidden there.
    let page = page.mut_args(|arg| arg.hide_short_help(false));
    let examples = page.get_before_help().map(ToString::to_string);
    let has_verbs = page.has_subcommands();
    let man = Man::new(page)
        .source(concat!("cos-presign ", env!("CARGO_PKG_VERSION")))
        .manual("cos-presign");
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    if let Some(examples) = examples {
        write_examples(&examples, out)?;
    }
    man.render_options_section(out)?;
    if has_verbs {
        man.render_subcommands_section(out)?;
    }
    man.render_extra_section(out)?;
    Ok(true)
}

/// The lines below `Examples:`, verbatim.
fn write_examples(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, ".SH EXAMPLES\n.EX")?;
    for line in text.lines().skip(1) {
        // A leading dot would be read as a roff request.
        writeln!(
            out,
            "\\&{}",
            line.replace('\\', "\\e")
                .replace('-', "\\-")
                .replace('\'', "\\(aq")
        )?;
    }
    writeln!(out, ".EE")
}
