//! `head`: presign a HEAD.

use crate::cli::HeadArgs;
use crate::resolve::Parts;

use super::shared::link_request::{Io, LinkRequest, Scope};
use super::shared::signed_options;
use super::shared::single;

pub fn run(args: &HeadArgs, streams: Io) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    signed_options::add_read(&mut parts, &args.read)?;
    signed_options::add_customer_key(&mut parts, &args.customer_key)?;
    signed_options::add_response(&mut parts, &args.response);
    let mut ask = LinkRequest::new(
        "head",
        "HEAD",
        Scope::Object,
        &args.target,
        &args.sign,
        parts,
    );
    ask.bulk = Some(&args.bulk);
    single::run(ask, streams)
}
