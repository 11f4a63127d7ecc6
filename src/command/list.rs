//! `list`: presign a page of the listing of a bucket (ListObjectsV2).

use crate::cli::ListArgs;
use crate::error::Failure;
use crate::resolve::Parts;

use super::shared::link_request::{Io, LinkRequest, Scope};
use super::shared::signed_options;
use super::shared::single;

pub fn run(args: &ListArgs, streams: Io) -> anyhow::Result<()> {
    if args.max_keys == Some(0) {
        return Err(Failure::usage("--max-keys must be at least 1")
            .hint("use a number from 1 to 1000")
            .into());
    }
    let mut parts = Parts::default();
    parts.parameter("list-type", Some("2"));
    parts.parameter("prefix", args.prefix.as_deref());
    parts.parameter("delimiter", args.delimiter.as_deref());
    parts.parameter("max-keys", args.max_keys.map(|n| n.to_string()));
    parts.parameter("continuation-token", args.continuation_token.as_deref());
    parts.parameter("start-after", args.start_after.as_deref());
    signed_options::add_requester_pays(&mut parts, args.requester_pays)?;
    single::run(
        LinkRequest::new(
            "list",
            "GET",
            Scope::Listing,
            &args.target,
            &args.sign,
            parts,
        ),
        streams,
    )
}
