//! The `cos-presign` program.

use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    cos_presign::env::leave_no_core_dumps();
    cos_presign::env::end_on_faults();
    let env = cos_presign::env::Env::of_process();
    let mut out = cos_presign::env::stdout();
    let mut err = io::stderr().lock();
    let code = cos_presign::run(std::env::args_os(), &env, &mut out, &mut err);
    // `run` has flushed; only what could not be written is left.
    let _ = err.flush();
    ExitCode::from(code)
}
