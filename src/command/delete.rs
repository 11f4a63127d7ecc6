//! `delete`: presign a DELETE.

use crate::cli::DeleteArgs;
use crate::resolve::Parts;

use super::shared::link_request::{Io, LinkRequest, Scope};
use super::shared::signed_options;
use super::shared::single;

pub fn run(args: &DeleteArgs, streams: Io) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    signed_options::add_read(&mut parts, &args.read)?;
    let mut ask = LinkRequest::new(
        "delete",
        "DELETE",
        Scope::Object,
        &args.target,
        &args.sign,
        parts,
    );
    ask.bulk = Some(&args.bulk);
    single::run(ask, streams)
}
