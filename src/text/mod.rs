//! Text for terminals and shells: escaping, quoting, printed commands, file names.

mod command_line;
mod curl_syntax;
mod escape;
mod file_name;
mod progress;
mod shell;
mod wrap;

pub use command_line::{CommandLine, export_credentials};
pub use curl_syntax::{append_config_string, form_file};
pub use escape::escape_controls;
pub use file_name::{local_name, local_path};
pub use progress::{ProgressLine, Report, decimal_size, grouped, time_span};
pub use shell::{shell_quote, shell_quote_on_one_line};
pub use wrap::wrapped;
