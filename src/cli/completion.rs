//! Shell completion: the scripts and the candidates that they request.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::{Args, Command, CommandFactory, ValueEnum};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::Shells;

use super::Cli;

/// Set by the scripts to the name of the shell.
pub const VARIABLE: &str = "COS_PRESIGN_COMPLETE";

/// Print a shell completion script
///
/// The script completes verbs and options, AWS profiles, mc aliases, rclone remotes, targets of
/// config.toml, stores, regions and codes. Nothing is sent.
#[derive(Args, Debug)]
#[command(before_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// Shell: bash, zsh, fish, powershell, elvish
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  source <(cos-presign completions bash)
  cos-presign completions fish > ~/.config/fish/completions/cos-presign.fish";

/// Shells with completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// Elvish
    Elvish,
}

impl Shell {
    fn as_str(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Powershell => "powershell",
            Shell::Elvish => "elvish",
        }
    }
}

/// Candidates for arguments that are not part of the command line definition.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// `--profile`
    pub profiles: Vec<String>,
    /// `--region`
    pub regions: Vec<String>,
    /// `--provider`, and the argument of `stores`
    pub providers: Vec<String>,
    /// Prefixes of TARGETs
    pub targets: Vec<String>,
    /// The argument of `explain`
    pub codes: Vec<String>,
}

impl Names {
    fn of(&self, verb: &str, argument: &str) -> Option<&[String]> {
        match (verb, argument) {
            (_, "profile") => Some(&self.profiles),
            (_, "region") => Some(&self.regions),
            (_, "provider") | ("stores", "name") => Some(&self.providers),
            ("explain", "code") => Some(&self.codes),
            (_, "target" | "targets") => Some(&self.targets),
            _ => None,
        }
    }
}

/// Writes the script of a shell.
///
/// # Errors
/// The error of the writer.
pub fn write_script(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(shell.as_str()) else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    let name = env!("CARGO_PKG_NAME");
    completer.write_registration(VARIABLE, name, name, name, out)?;
    if shell == Shell::Zsh {
        out.write_all(ZSH_AUTOLOADED.as_bytes())?;
    }
    Ok(())
}

/// In a file `_cos-presign` on `fpath` the script is the body of a function that zsh calls at the
/// first Tab: it has to complete at that Tab too, not only at later ones.
const ZSH_AUTOLOADED: &str = "
if [[ $funcstack[1] == _cos-presign ]]; then
    _clap_dynamic_completer_cos_presign \"$@\"
fi
";

/// Prints the candidates for the word at the cursor.
///
/// # Errors
/// An unknown shell, or a line that cannot be completed.
pub fn complete(
    shell: &str,
    args: Vec<OsString>,
    names: &Names,
    folder: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(shell) else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    completer.write_complete(&mut with_names(names), args, folder, out)
}

/// The parser, with the candidates of its arguments.
fn with_names(names: &Names) -> Command {
    let mut command = Cli::command();
    command.build();
    let verbs: Vec<String> = command
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    for verb in &verbs {
        command = command.mut_subcommand(verb, |mut parser| {
            let arguments: Vec<String> = parser
                .get_arguments()
                .map(|argument| argument.get_id().to_string())
                .collect();
            for argument in &arguments {
                let Some(values) = names.of(verb, argument) else {
                    continue;
                };
                let values = values.to_vec();
                let candidates = move || values.iter().map(CompletionCandidate::new).collect();
                parser = parser.mut_arg(argument, |argument| {
                    argument.add(ArgValueCandidates::new(candidates))
                });
            }
            parser
        });
    }
    command
}
