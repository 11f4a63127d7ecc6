//! Text for terminals and shells: escaping, quoting, printed commands, file names.

mod command_line;
#[cfg(feature = "cli")]
mod curl_syntax;
mod escape;
#[cfg(feature = "cli")]
mod file_name;
mod key;
#[cfg(feature = "cli")]
mod progress;
mod shell;
mod wrap;

pub use command_line::CommandLine;
#[cfg(feature = "cli")]
pub use command_line::export_credentials;
#[cfg(feature = "cli")]
pub use curl_syntax::{append_config_string, form_file};
pub use escape::escape_controls;
#[cfg(feature = "cli")]
pub use file_name::{local_name, local_path};
pub use key::key_problem;
#[cfg(feature = "cli")]
pub use progress::{ProgressLine, Report, decimal_size, grouped, time_span};
pub use shell::{shell_quote, shell_quote_on_one_line};
pub use wrap::wrapped;
