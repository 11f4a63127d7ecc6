//! Sources of keys: a list, a manifest or a listing of the store.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::cli::{BulkArgs, InputForm, ListVersionArg};
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{Client, ListError, Lister, Listing, ParallelLister, Retries};
use crate::manifest::{self, Layout, ManifestError};
use crate::output::Link;
use crate::pipeline::{LONGEST_RECORD, Piece, Reader, Separator, Source};
use crate::resolve;
use crate::store::{Address, Filter, ListPage, ListRequest, ListVersion, Object};
use crate::text::{CommandLine, escape_controls};

use super::framing::Framing;
use super::link_maker::LinkMaker;
use super::listed_record;
use super::listing_notes::ListingNotes;
use crate::command::shared::client;

/// Stores throttle clients with more concurrent requests.
const MOST_LIST_JOBS: u16 = 64;

/// An opened source of keys.
pub struct Keys<'a> {
    pub source: Box<dyn Source + 'a>,
    pub framing: Framing,
    /// Name for messages.
    pub name: String,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Line number of the first record.
    pub first_line: u64,
    /// Written before the first record.
    pub beginning: Vec<u8>,
    /// Warnings to print.
    pub note: Option<String>,
    /// Empty without a listing.
    pub listing_notes: ListingNotes,
}

/// Opens the source selected by the arguments.
pub fn open<'a>(
    args: &'a BulkArgs,
    maker: &LinkMaker,
    sample: &Link,
    env: &'a Env,
) -> anyhow::Result<Keys<'a>> {
    let Some(file) = &args.keys_from else {
        return listing(args, maker, sample, env);
    };
    let input = resolve::open_input("--keys-from", file, env)?;
    let mut from = input.reader;
    let mut first = Vec::new();
    let mut is_end = false;
    let mut more = |first: &mut Vec<u8>| -> Result<bool, Failure> {
        let before = first.len();
        first.resize(before + (16 << 10), 0);
        let count = from.read(&mut first[before..]).map_err(|error| {
            Failure::configuration(format!("cannot read {}: {error}", input.name))
                .hint("check that the file is complete and in this format")
        })?;
        first.truncate(before + count);
        Ok(count > 0)
    };
    let (framing, first_line, beginning, note, consumed) = match args.input {
        None if args.null => (Framing::Keys(Separator::Null), 1, Vec::new(), None, 0),
        None => {
            // From a terminal or a slow pipe no more than the first line is read.
            while !first.contains(&b'\n') && !is_end && first.len() < LONGEST_RECORD {
                is_end = !more(&mut first)?;
            }
            refuse_foreign(&first, &input.name)?;
            let (separator, note, mark) = lines_of(file, &first, &input.name);
            (Framing::Keys(separator), 1, Vec::new(), note, mark)
        }
        Some(form) => {
            let options = manifest_options(args, form);
            let begun = loop {
                match Layout::begin(&options, &first, is_end)
                    .map_err(|error| unreadable(&error, &input.name))?
                {
                    Some(begun) => break begun,
                    None => is_end = !more(&mut first)?,
                }
            };
            (
                Framing::Records(begun.layout),
                1 + begun.lines as u64,
                begun.output,
                None,
                begun.consumed,
            )
        }
    };
    first.drain(..consumed);
    if let Framing::Records(layout @ Layout::Inventory(_)) = &framing {
        check_bucket_of_inventory(layout, &first, maker, &input.name)?;
    }
    let resync = match &framing {
        Framing::Keys(separator) => Some(separator.byte()),
        Framing::Listed { .. } | Framing::Records(_) => None,
    };
    Ok(Keys {
        source: Box::new(Reader::new(from, first, framing.cut(), resync)),
        framing,
        name: input.name,
        size: input.size,
        first_line,
        beginning,
        note,
        listing_notes: ListingNotes::default(),
    })
}

/// How a list of keys begins: its line ends, a note about them, and the length of its byte order
/// mark.
fn lines_of(file: &Path, first: &[u8], name: &str) -> (Separator, Option<String>, usize) {
    let mark = if first.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let is_crlf = memchr::memchr(b'\n', first).is_some_and(|end| first[..end].ends_with(b"\r"));
    if is_crlf {
        let note = format!("the lines of {name} end in CR LF, which is not part of the keys");
        return (Separator::CrLf, Some(note), mark);
    }
    (Separator::Line, note_of_manifest(file, first, name), mark)
}

fn manifest_options(args: &BulkArgs, form: InputForm) -> manifest::Options {
    manifest::Options {
        key_column: args.key_column.clone(),
        url_column: args
            .url_column
            .clone()
            .unwrap_or_else(|| manifest::URL_COLUMN.to_owned()),
        ..manifest::Options::new(match form {
            InputForm::Csv | InputForm::Targets => manifest::Kind::Csv,
            InputForm::Inventory => manifest::Kind::Inventory,
            InputForm::Jsonl => manifest::Kind::Jsonl,
            InputForm::Tsv => manifest::Kind::Tsv,
        })
    }
}

/// An inventory of a bucket other than that of the TARGET is a mistake: every URL would be wrong.
fn check_bucket_of_inventory(
    layout: &Layout,
    first: &[u8],
    maker: &LinkMaker,
    name: &str,
) -> Result<(), Failure> {
    let record = layout.next(first);
    let Ok(Some(request)) = &record.request else {
        return Ok(());
    };
    let bucket = request
        .overrides
        .as_ref()
        .and_then(|overrides| overrides.bucket.as_deref());
    match (bucket, maker.place.bucket.as_deref()) {
        (Some(of_record), Some(of_target)) if of_record != of_target => {
            Err(Failure::usage(format!(
                "{name} is an inventory of the bucket `{}`, but the TARGET is `{}`",
                escape_controls(of_record),
                escape_controls(of_target)
            ))
            .hint(format!(
                "use the bucket of the inventory as the TARGET: `{}`",
                crate::text::CommandLine::cos_presign(&maker.link_request.verb)
                    .value(of_record)
                    .fixed("--keys-from FILE --input inventory")
            )))
        }
        _ => Ok(()),
    }
}

/// Detects a manifest passed as a list of keys: whole lines would be signed.
fn note_of_manifest(file: &std::path::Path, first: &[u8], name: &str) -> Option<String> {
    let line = first.split(|b| *b == b'\n').next().unwrap_or_default();
    let file_name = file.file_name()?.to_string_lossy().to_ascii_lowercase();
    let file_name = file_name
        .strip_suffix(".gz")
        .unwrap_or(&file_name)
        .to_owned();
    let has = |ending: &str| file_name.ends_with(ending);
    let columns = line.split(|b| *b == b',').count();
    let is_json = line.starts_with(b"{") && line.trim_ascii_end().ends_with(b"}");
    let is_inventory = columns > 2
        && line
            .split(|b| *b == b',')
            .all(|field| field.starts_with(b"\"") && field.trim_ascii_end().ends_with(b"\""));
    let form = if is_json || has(".jsonl") || has(".ndjson") {
        "jsonl"
    } else if is_inventory {
        "inventory"
    } else if has(".csv") {
        "csv"
    } else if has(".tsv") {
        "tsv"
    } else if line.starts_with(b"s3://") || line.starts_with(b"cos://") {
        return Some(format!(
            "the first line of {name} is a TARGET but is signed as a key; for lines such as \
             `s3://bucket/key` add `--input targets`"
        ));
    } else {
        return None;
    };
    Some(format!(
        "{name} looks like a manifest, but each whole line is signed as a key; to read it as one \
         add `{}`",
        CommandLine::options().option("--input", form)
    ))
}

/// Detects input that is not text: it would be a list of wrong keys.
fn refuse_foreign(first: &[u8], name: &str) -> Result<(), Failure> {
    let what = match first {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "compressed with zstd",
        _ => return Ok(()),
    };
    Err(
        Failure::configuration(format!("{name} is {what}, not a list of keys"))
            .hint("convert it first: `iconv -f UTF-16 -t UTF-8`, `zstd -dc`, then `--keys-from -`"),
    )
}

fn unreadable(error: &ManifestError, name: &str) -> Failure {
    let hint = match error {
        ManifestError::NoSuchColumn { .. }
        | ManifestError::KeyColumnUnsaid { .. }
        | ManifestError::NoSuchNumber { .. } => {
            "name the column of the keys: `--key-column NAME`, or its number without a header line"
        }
        ManifestError::UrlColumnExists(_) => "name another column to add: `--url-column NAME`",
        ManifestError::NotText(_) => "convert it to UTF-8 text first; only gzip is decompressed",
        _ => "check --input, --key-column and the first line of the file",
    };
    Failure::usage(format!("{name}: {}", escape_controls(&error.to_string()))).hint(hint)
}

/// The objects of a listing, as keys.
fn listing<'a>(
    args: &'a BulkArgs,
    maker: &LinkMaker,
    sample: &Link,
    env: &'a Env,
) -> anyhow::Result<Keys<'a>> {
    let listed = listed(args, maker, sample, env)?;
    Ok(Keys {
        framing: Framing::Listed {
            has_versions: args.recursive.versions,
        },
        listing_notes: listed.notes.clone(),
        name: format!("`{}`", escape_controls(&listed.bucket)),
        source: Box::new(listed),
        size: None,
        first_line: 1,
        beginning: Vec::new(),
        note: None,
    })
}

/// The objects of a listing.
pub fn listed(
    args: &BulkArgs,
    maker: &LinkMaker,
    sample: &Link,
    env: &Env,
) -> anyhow::Result<Listed> {
    let recursive = &args.recursive;
    let mut selection = resolve::selection(recursive, env.now)?;
    resolve::add_pattern_files(&mut selection, recursive, env)?;
    let list_jobs = match recursive.list_jobs {
        Some(jobs @ 1..=MOST_LIST_JOBS) => usize::from(jobs),
        Some(jobs) => {
            return Err(Failure::usage(format!(
                "--list-jobs {jobs} is not between 1 and {MOST_LIST_JOBS}"
            ))
            .hint("set the number of concurrent listing requests: `--list-jobs 16`")
            .into());
        }
        None => 1,
    };
    let sign = maker.link_request.sign;
    let client = client::client(&sign.network, Some(&sign.credentials), env)?;
    let mut request = ListRequest::new(maker.prefix.clone());
    request.max_keys = selection.page_size();
    request.start_after = recursive
        .start_after
        .as_ref()
        .map(|key| key.as_encoded_bytes().to_vec());
    let version = recursive.list_version.unwrap_or(ListVersionArg::Auto);
    if recursive.versions {
        request.version = ListVersion::Versions;
    } else if version == ListVersionArg::First {
        request.version = ListVersion::V1;
    }
    if let Some(delimiter) = &recursive.delimiter {
        if delimiter.is_empty() {
            return Err(Failure::usage("--delimiter is empty")
                .hint("use the character between folders, `--delimiter /`, or remove it")
                .into());
        }
        request.delimiter = Some(delimiter.as_encoded_bytes().to_vec());
    }
    let payer =
        |header: &&crate::sigv4::Header| header.name.eq_ignore_ascii_case("x-amz-request-payer");
    let listing = Listing {
        credentials: sample.credentials.value.clone(),
        region: sample.place.region.value.clone(),
        address: bucket_address(sample),
        headers: maker
            .link_request
            .parts
            .headers
            .iter()
            .filter(payer)
            .cloned()
            .collect(),
        request,
        may_fall_back: version == ListVersionArg::Auto,
        retries: sign
            .network
            .retries
            .map_or_else(Retries::default, Retries::of_listings),
    };
    // Listing requests are signed for the time of sending, whatever the signing time of the URLs.
    let (started, now) = (Instant::now(), env.now);
    let clock = move || now + chrono::TimeDelta::from_std(started.elapsed()).unwrap_or_default();
    Ok(Listed {
        pages: pages(Arc::new(client), listing, clock, list_jobs),
        picker: selection.picker(&maker.prefix),
        prefix: maker.prefix.len(),
        host: sample.place.address.authority.clone(),
        bucket: sample.place.bucket.clone().unwrap_or_default(),
        notes: ListingNotes::default(),
    })
}

/// Yields one page after another.
type Pages = Box<dyn FnMut() -> Result<Option<ListPage>, ListError> + Send>;

fn pages(
    client: Arc<Client>,
    listing: Listing,
    clock: impl FnMut() -> DateTime<Utc> + Clone + Send + 'static,
    jobs: usize,
) -> Pages {
    if jobs == 1 {
        let mut lister = Lister::new(client, listing, clock);
        Box::new(move || lister.next_page())
    } else {
        let mut lister = ParallelLister::new(client, listing, clock, jobs);
        Box::new(move || {
            let page = lister.next_page()?;
            Ok(page.map(|objects| ListPage {
                objects,
                ..ListPage::default()
            }))
        })
    }
}

/// Yields the pages of a listing as lists of keys.
pub struct Listed {
    pages: Pages,
    picker: Filter,
    prefix: usize,
    host: String,
    bucket: String,
    /// What was found besides objects.
    pub notes: ListingNotes,
}

impl Source for Listed {
    fn next(&mut self) -> io::Result<Option<Piece>> {
        let Some(picked) = self.next_objects().map_err(io::Error::other)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        for object in picked {
            // The worker prepends the prefix to each key.
            let key = &object.key[self.prefix..];
            listed_record::append(key, object.version_id.as_deref(), &mut bytes);
        }
        Ok(Some(Piece {
            bytes,
            ..Piece::default()
        }))
    }
}

impl Listed {
    /// The objects of the next page that pass the filters.
    pub fn next_objects(&mut self) -> Result<Option<Vec<Object>>, Failure> {
        if self.picker.is_full() {
            return Ok(None);
        }
        let page = (self.pages)().map_err(|error| self.failure(&error))?;
        let Some(mut page) = page else {
            return Ok(None);
        };
        self.notes.add(&mut page);
        let picked = self.picker.pick(page.objects).map_err(|unknown| {
            Failure::new(
                Kind::Refused,
                format!(
                    "the listing of the store has no `{}` for `{}`, which an option filters by",
                    unknown.element,
                    escape_controls(&String::from_utf8_lossy(&unknown.key))
                ),
            )
            .hint("remove the option that needs it")
        })?;
        Ok(Some(picked))
    }

    fn failure(&self, error: &ListError) -> Failure {
        if let ListError::NoResponse { error, .. } = error {
            return client::no_response(&self.host, error);
        }
        let kind = match error {
            ListError::Refused(_) | ListError::Page(_) => Kind::Refused,
            ListError::Signing(_) => Kind::Usage,
            _ => Kind::Network,
        };
        let message = format!(
            "cannot list `{}`: {}",
            escape_controls(&self.bucket),
            escape_controls(&error.to_string())
        );
        let failure = Failure::new(kind, message);
        match error.hint() {
            Some(hint) => failure.hint(escape_controls(&hint).into_owned()),
            None => failure,
        }
    }
}

/// The URL of the bucket, for listing it, from a sample URL.
fn bucket_address(sample: &Link) -> Address {
    let place = &sample.place;
    Address::new(
        &place.endpoint.value,
        place.addressing,
        place.bucket.as_deref(),
        None,
    )
}
