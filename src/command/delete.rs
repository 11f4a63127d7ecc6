//! `delete`: a link to delete an object.

use crate::cli::DeleteArgs;
use crate::resolve::Parts;

use super::ask::{Ask, Scope, Streams};
use super::link;
use super::parts;

pub fn run(args: &DeleteArgs, streams: Streams) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    parts::add_read(&mut parts, &args.read)?;
    let mut ask = Ask::new(
        "delete",
        "DELETE",
        Scope::Object,
        &args.target,
        &args.sign,
        parts,
    );
    ask.bulk = Some(&args.bulk);
    link::run(ask, streams)
}
