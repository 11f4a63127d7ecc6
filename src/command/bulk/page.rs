//! `--recursive --output html`: all objects of a prefix on one page.

use anyhow::Context;

use crate::cli::BulkArgs;
use crate::command::shared::link_request::Io;
use crate::error::Failure;
use crate::output::Link;
use crate::output::links_page::{self, Entry, LinksPage, MOST_LINKS};
use crate::sigv4::{Kernel, wipe_stack};

use super::keys;
use super::link_maker::LinkMaker;

/// Lists, signs and writes the page.
pub fn write(
    args: &BulkArgs,
    maker: LinkMaker,
    mut sample: Link,
    streams: Io,
) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let mut listed = keys::listed(args, &maker, &sample, env)?;
    let mut objects = Vec::new();
    while let Some(page) = listed.next_objects()? {
        // An object that represents a folder has no content to download.
        objects.extend(
            page.into_iter()
                .filter(|object| !object.key.ends_with(b"/")),
        );
        if objects.len() > MOST_LINKS {
            return Err(Failure::usage(format!(
                "more than {MOST_LINKS} objects are too many for a page"
            ))
            .hint(format!(
                "add `{}`, a longer prefix or `--include`; or `--output tsv`",
                crate::text::CommandLine::options().option("--limit", MOST_LINKS.to_string())
            ))
            .into());
        }
    }
    if !maker.link_request.sign.output.quiet {
        listed.notes.print_prefixes(err)?;
    }
    if objects.is_empty() {
        return Err(super::no_match(&maker.prefix, &sample).into());
    }
    let mut signer = maker.usual_template()?.signer(Kernel::fastest());
    let mut urls = Vec::new();
    for object in &objects {
        signer.push(&object.key[maker.prefix.len()..], &mut urls);
        urls.push(b'\n');
    }
    signer.finish(&mut urls);
    drop(signer);
    drop(listed);
    sample.forget_secret();
    let prefix = maker.prefix.clone();
    drop(maker);
    wipe_stack();

    let folder = prefix
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |at| at + 1);
    let entries: Vec<Entry> = objects
        .iter()
        .zip(String::from_utf8_lossy(&urls).lines())
        .map(|(object, url)| Entry {
            name: String::from_utf8_lossy(&object.key[folder..]).into_owned(),
            url: url.to_owned(),
            size: object.size,
            modified: object.last_modified,
        })
        .collect();
    let title = String::from_utf8_lossy(&prefix[..folder]);
    let title = title.trim_end_matches('/').rsplit('/').next();
    let title = title
        .filter(|title| !title.is_empty())
        .or(sample.place.bucket.as_deref());
    let page = LinksPage {
        title: title.unwrap_or("Files"),
        entries: &entries,
        expires_at: sample.lifetime.expires_at.to_utc(),
    };
    links_page::write(&page, out)
        .and_then(|()| out.flush())
        .context("cannot write to standard output")
}
