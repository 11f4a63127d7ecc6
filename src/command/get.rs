//! `get`: presign a GET.

use crate::cli::{GetArgs, OutputForm};
use crate::error::Failure;
use crate::resolve::{Parts, content_disposition};

use super::shared::link_request::{Io, LinkRequest};
use super::shared::signed_options;
use super::shared::single;

pub fn run(args: &GetArgs, streams: Io) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    signed_options::add_read(&mut parts, &args.read)?;
    signed_options::add_customer_key(&mut parts, &args.customer_key)?;
    let mut response = args.response.clone();
    let disposition = content_disposition(args.download_as.as_deref(), args.inline)?;
    if disposition.is_some() && response.response_content_disposition.is_some() {
        return Err(Failure::usage(
            "--response-content-disposition cannot be combined with --download-as or --inline, \
             which set the same header",
        )
        .hint("remove one of them")
        .into());
    }
    response.response_content_disposition = response
        .response_content_disposition
        .or(disposition.map(Into::into));
    // A page of links is for downloads, and its button needs attachments.
    let is_page = args.object.bulk.recursive.recursive
        && args.object.sign.output.output == Some(OutputForm::Html);
    let is_given = args.object.sign.request.query.iter().any(|text| {
        let text = text.as_encoded_bytes();
        text.starts_with(b"response-content-disposition")
    });
    if is_page && !is_given {
        response
            .response_content_disposition
            .get_or_insert_with(|| "attachment".into());
    }
    signed_options::add_response(&mut parts, &response);
    let mut link_request = LinkRequest::for_object("get", "GET", &args.object, parts);
    link_request.download_as = args.download_as.as_deref();
    single::run(link_request, streams)
}
