//! Presigned URLs for IBM Cloud Object Storage and every other store that speaks AWS Signature Version 4.
//!
//! The crate is the library half of the `cos-presign` program. [`sigv4`] is the signing algorithm as pure functions
//! with every intermediate value open to the caller; [`store`] holds the facts about stores. Both are meant for use by
//! other programs. [`run`] is the program itself: it takes its surroundings as arguments and can be called twice.

#[doc(hidden)]
#[allow(missing_docs, reason = "the doc comments of the arguments are the help texts")]
pub mod cli;
mod command;
pub mod env;
pub mod error;
mod online;
#[doc(hidden)]
pub mod output;
#[doc(hidden)]
pub mod resolve;
pub mod sigv4;
pub mod store;

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;

use crate::cli::Cli;
use crate::env::Env;
use crate::error::Ending;

/// Runs the program and gives its exit code. Links go to `out`, everything else to `err`.
pub fn run(args: impl IntoIterator<Item = OsString>, env: &Env, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, env, out, err),
    };
    match command::run(&cli, env, out, err).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => 0,
        Err(error) => {
            let ending = Ending::of(&error);
            // If standard error is gone there is nobody left to tell.
            let _ = err.write_all(ending.message.as_bytes());
            ending.exit_code
        }
    }
}

/// Help and version are answers, for standard output; everything else that clap says is about the usage.
fn explain(error: &clap::Error, env: &Env, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let is_answer = error.exit_code() == 0;
    let text = error.render();
    let text = if env.stderr_is_terminal && !is_answer { text.ansi().to_string() } else { text.to_string() };
    let _ = if is_answer { out.write_all(text.as_bytes()).and_then(|()| out.flush()) } else { err.write_all(text.as_bytes()) };
    u8::try_from(error.exit_code()).unwrap_or(2)
}

/// The Rust example of the README is compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
