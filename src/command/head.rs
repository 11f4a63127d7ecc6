//! `head`: a link to read an object's metadata.

use crate::cli::HeadArgs;
use crate::resolve::Parts;

use super::ask::{Ask, Scope, Streams};
use super::link;
use super::parts;

pub fn run(args: &HeadArgs, streams: Streams) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    parts::add_read(&mut parts, &args.read)?;
    parts::add_customer_key(&mut parts, &args.customer_key)?;
    parts::add_response(&mut parts, &args.response);
    let mut ask = Ask::new(
        "head",
        "HEAD",
        Scope::Object,
        &args.target,
        &args.sign,
        parts,
    );
    ask.bulk = Some(&args.bulk);
    link::run(ask, streams)
}
