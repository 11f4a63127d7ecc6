//! `get`: a link to download an object.

use crate::cli::GetArgs;
use crate::error::Failure;
use crate::resolve::{Parts, content_disposition};

use super::ask::{Ask, Scope, Streams};
use super::link;
use super::parts;

pub fn run(args: &GetArgs, streams: Streams) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    parts::add_read(&mut parts, &args.read)?;
    parts::add_customer_key(&mut parts, &args.customer_key)?;
    let mut response = args.response.clone();
    let disposition = content_disposition(args.download_as.as_deref(), args.inline)?;
    if disposition.is_some() && response.response_content_disposition.is_some() {
        return Err(Failure::usage(
            "--response-content-disposition is given beside --download-as or --inline, which set the same header",
        )
        .hint("leave out one of them")
        .into());
    }
    response.response_content_disposition = response
        .response_content_disposition
        .or(disposition.map(Into::into));
    parts::add_response(&mut parts, &response);
    let mut ask = Ask::new("get", "GET", Scope::Object, &args.target, &args.sign, parts);
    ask.bulk = Some(&args.bulk);
    link::run(ask, streams)
}
