//! `--input targets`: every line is a TARGET.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;

use crate::cli::{BulkArgs, OutputForm};
use crate::command::shared::link_request::{Io, LinkRequest};
use crate::command::shared::sign::presign;
use crate::command::shared::{fetch_credentials, notices, signed_options, target, url_checks};
use crate::error::{Failure, Kind};
use crate::output::{Link, links};
use crate::resolve::{self, Lifetime, Signers, StoreSettings};
use crate::sigv4::PayloadHash;
use crate::store::Target;
use crate::text::escape_controls;

/// Signs the targets of a file in their order.
pub fn run(
    mut link_request: LinkRequest,
    args: &BulkArgs,
    file: &Path,
    form: OutputForm,
    streams: Io,
) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    if !link_request.target.targets.is_empty() || link_request.target.bucket.is_some() {
        return Err(Failure::usage(
            "a TARGET and --input targets cannot be combined: every line is a target",
        )
        .hint("remove the TARGET, or pass the keys of one bucket without --input")
        .into());
    }
    let payload_hash = signed_options::complete(&mut link_request)?;
    let lifetime = Lifetime::resolve(&link_request.sign.time, env.now)?;
    let files = fetch_credentials::files(
        &link_request.sign.credentials,
        &link_request.sign.network,
        env,
    );
    let maker = Maker {
        settings: StoreSettings::new(&link_request.sign.store, env, &files, link_request.service)
            .for_region_set(link_request.sign.algorithm.region_set.as_deref()),
        signers: Signers::new(&link_request.sign.credentials, env, &files),
        link_request: &link_request,
        lifetime,
        payload_hash,
    };
    let quiet = link_request.sign.output.quiet;
    let mut printed = HashSet::new();
    let input = resolve::open_input("--keys-from", file, env)?;
    let (mut records, mut rejected) = (0_u64, 0_u64);
    for (at, line) in BufReader::new(input.reader).split(b'\n').enumerate() {
        let line = line.with_context(|| format!("cannot read {}", input.name))?;
        let text = line.strip_suffix(b"\r").unwrap_or(&line);
        let text = text
            .strip_prefix(b"\xef\xbb\xbf")
            .filter(|_| at == 0)
            .unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        records += 1;
        match maker.link(text) {
            Ok(link) => {
                if !quiet {
                    notices::print(&link, form, &mut printed, err)?;
                }
                links::write(form, &link, false, out).context("cannot write to standard output")?;
            }
            Err(failure) => {
                rejected += 1;
                let message = format!("error: {}, line {}: {failure:#}", input.name, at + 1);
                writeln!(err, "{}", escape_controls(&message))?;
                if args.fail_fast {
                    break;
                }
            }
        }
    }
    out.flush().context("cannot write to standard output")?;
    if args.summary {
        writeln!(err, "URLs: {}", records - rejected)?;
    }
    match rejected {
        0 => Ok(()),
        _ => Err(Failure::new(
            Kind::Refused,
            format!("{rejected} of {records} targets were not signed"),
        )
        .hint("the reasons are listed above; the URLs of all others are written")
        .into()),
    }
}

struct Maker<'a> {
    link_request: &'a LinkRequest<'a>,
    settings: StoreSettings<'a>,
    signers: Signers<'a>,
    lifetime: Lifetime,
    payload_hash: PayloadHash,
}

impl<'a> Maker<'a> {
    fn link(&self, text: &[u8]) -> anyhow::Result<Link<'a>> {
        let target = Target::parse(text)
            .map_err(|error| Failure::usage(format!("the target {}", error.problem())))?;
        target::check_key_is_there(self.link_request, &target)?;
        let place = self.settings.place(&target)?;
        let mut link = presign(
            self.link_request,
            place,
            self.lifetime,
            &self.payload_hash,
            &self.signers,
        )?;
        url_checks::add_warnings(&mut link);
        link.forget_secret();
        Ok(link)
    }
}
