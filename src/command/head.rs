//! `head`: presign a HEAD.

use crate::cli::HeadArgs;
use crate::resolve::Parts;

use super::shared::link_request::{Io, LinkRequest};
use super::shared::signed_options;
use super::shared::single;

pub fn run(args: &HeadArgs, streams: Io) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    signed_options::add_read(&mut parts, &args.read)?;
    signed_options::add_customer_key(&mut parts, &args.customer_key)?;
    signed_options::add_response(&mut parts, &args.response);
    let link_request = LinkRequest::for_object("head", "HEAD", &args.object, parts);
    single::run(link_request, streams)
}
