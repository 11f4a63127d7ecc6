//! `delete`: presign a DELETE.

use crate::cli::DeleteArgs;
use crate::resolve::Parts;

use super::shared::link_request::{Io, LinkRequest};
use super::shared::signed_options;
use super::shared::single;

pub fn run(args: &DeleteArgs, streams: Io) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    signed_options::add_read(&mut parts, &args.read)?;
    let link_request = LinkRequest::for_object("delete", "DELETE", &args.object, parts);
    single::run(link_request, streams)
}
