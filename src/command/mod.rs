//! One verb per file. Verbs that presign build a `LinkRequest`; `shared` does the rest.

mod bulk;
pub mod completions;
mod config;
mod cors;
mod delete;
mod diagnose;
mod doctor;
mod download;
mod explain;
mod get;
mod head;
mod inspect;
mod list;
mod manual;
mod multipart;
mod post;
mod put;
mod request;
mod share;
pub mod shared;
mod stores;
mod transfer;
mod upload;
mod verify;

use std::io::Write;

use crate::cli::{Cli, Verb};
use crate::env::Env;

/// Runs the verb.
pub fn run(cli: &Cli, env: &Env, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<()> {
    if let Some(network) = cli.verb.network() {
        shared::client::check(network)?;
        if network.insecure {
            writeln!(
                err,
                "warning: TLS certificates are not verified (--insecure)"
            )?;
        }
    }
    let streams = crate::command::shared::link_request::Io { env, out, err };
    match &cli.verb {
        Verb::Get(args) => get::run(args, streams),
        Verb::Put(args) => put::run(args, streams),
        Verb::Head(args) => head::run(args, streams),
        Verb::Delete(args) => delete::run(args, streams),
        Verb::List(args) => list::run(args, streams),
        Verb::Multipart(args) => multipart::run(args, streams),
        Verb::Config(args) => config::run(args, streams),
        Verb::Cors(args) => cors::run(args, streams),
        Verb::Share(args) => share::run(args, streams),
        Verb::Post(args) => post::run(args, streams),
        Verb::Request(args) => request::run(args, streams),
        Verb::Inspect(args) => inspect::run(args, streams),
        Verb::Diagnose(args) => diagnose::run(args, streams),
        Verb::Verify(args) => verify::run(args, streams),
        Verb::Doctor(args) => doctor::run(args, streams),
        Verb::Upload(args) => upload::run(args, streams),
        Verb::Download(args) => download::run(args, streams),
        Verb::Stores(args) => stores::run(args, streams),
        Verb::Explain(args) => explain::run(args, streams),
        Verb::Completions(args) => completions::run(args, streams),
        Verb::Man(args) => manual::run(args, streams),
    }
}
