//! Options for many URLs in one run.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::heading::{BULK, RECURSIVE};

/// One URL for each key of a list.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = BULK)]
pub struct BulkArgs {
    /// Sign every key of this file, one per line, or - for standard input; TARGET is
    /// BUCKET[/PREFIX]
    ///
    /// URLs are printed in the order of the keys, one per line; a key is the line, byte for byte,
    /// after the prefix. Gzip input is decompressed transparently. Keys that cannot be signed are
    /// reported with their line number, and the exit code is 1.
    #[arg(long, value_name = "FILE")]
    pub keys_from: Option<PathBuf>,
    /// Keys are separated by NUL instead of line ends
    #[arg(short = '0', long, requires = "keys_from", hide_short_help = true)]
    pub null: bool,
    /// Read a manifest: csv, tsv, jsonl, inventory or targets; each record is written with its URL
    /// added
    ///
    /// JSONL records may also have `bucket`, `method`, `expires`, `headers` and `version_id`. An
    /// inventory is the CSV of Amazon S3 Inventory. With targets every line is a TARGET, and the
    /// output is its URL alone.
    #[arg(
        long,
        value_name = "FORM",
        requires = "keys_from",
        conflicts_with = "null",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub input: Option<InputForm>,
    /// Column or field of the keys: its name, or its number without a header line [default: key]
    #[arg(
        long,
        value_name = "NAME|N",
        requires = "input",
        hide_short_help = true
    )]
    pub key_column: Option<String>,
    /// Column or field to add [default: presigned_url]
    #[arg(long, value_name = "NAME", requires = "input", hide_short_help = true)]
    pub url_column: Option<String>,
    /// Stop at the first key that cannot be signed
    #[arg(long, hide_short_help = true)]
    pub fail_fast: bool,
    /// Maximum number of signing threads; never more than cores [default: number of cores]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub jobs: Option<u16>,
    /// Report the number of URLs and the rate at the end
    #[arg(long, hide_short_help = true)]
    pub summary: bool,
    #[command(flatten)]
    pub recursive: RecursiveArgs,
}

impl BulkArgs {
    /// Whether keys come from a file or a listing.
    pub fn is_used(&self) -> bool {
        self.keys_from.is_some() || self.recursive.recursive
    }
}

/// `--input`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputForm {
    /// Comma-separated values
    Csv,
    /// Tab-separated values
    Tsv,
    /// One JSON object per line
    Jsonl,
    /// The CSV of Amazon S3 Inventory
    Inventory,
    /// One TARGET per line: s3://bucket/key
    Targets,
}

/// `--list-version`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListVersionArg {
    /// ListObjects
    #[value(name = "1")]
    First,
    /// ListObjectsV2
    #[value(name = "2")]
    Second,
    /// The one that the store supports
    Auto,
}

/// All objects of a prefix, with filters.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = RECURSIVE)]
#[group(requires = "recursive")]
pub struct RecursiveArgs {
    /// Sign every object under the TARGET prefix; requests a listing from the store
    #[arg(long, conflicts_with = "keys_from")]
    pub recursive: bool,
    /// Only keys that match this pattern: `*` any text (also `/`), `?` any character, `[a-c]` one
    /// of these
    ///
    /// The pattern is matched after the last slash of the TARGET: `get bucket/logs/ --recursive
    /// --include '*.gz'`. May be repeated: a key is signed if any --include matches (or there is
    /// none) and no --exclude does.
    #[arg(long, allow_hyphen_values = true, value_name = "GLOB")]
    pub include: Vec<OsString>,
    /// Skip keys that match this pattern
    #[arg(long, allow_hyphen_values = true, value_name = "GLOB")]
    pub exclude: Vec<OsString>,
    /// Add the patterns of this file to --include, one per line, or - for standard input
    ///
    /// Every line is a pattern, byte for byte; empty lines and lines that begin with `#` are
    /// skipped (`[#]*` matches keys that begin with `#`). May be repeated.
    #[arg(
        long,
        value_name = "FILE",
        requires = "recursive",
        hide_short_help = true
    )]
    pub include_from: Vec<PathBuf>,
    /// Add the patterns of this file to --exclude, one per line, or - for standard input
    #[arg(
        long,
        value_name = "FILE",
        requires = "recursive",
        hide_short_help = true
    )]
    pub exclude_from: Vec<PathBuf>,
    /// Only one level: keys that contain this text, usually `/`, after the prefix are grouped into
    /// common prefixes, which are reported on standard error
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TEXT",
        requires = "recursive",
        conflicts_with = "list_jobs",
        hide_short_help = true
    )]
    pub delimiter: Option<OsString>,
    /// One URL for each version of each object; delete markers are skipped and counted
    #[arg(
        long,
        requires = "recursive",
        conflicts_with_all = ["list_jobs", "list_version"],
        hide_short_help = true
    )]
    pub versions: bool,
    /// Only objects modified within this duration, or since this date: 7d, 12h, a date, RFC 3339
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TIME",
        hide_short_help = true
    )]
    pub newer_than: Option<String>,
    /// Only objects not modified within this duration, or since this date: 7d, 12h, a date, RFC
    /// 3339
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TIME",
        hide_short_help = true
    )]
    pub older_than: Option<String>,
    /// Only objects of at least this size: bytes, 10KB, 5MiB
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "SIZE",
        hide_short_help = true
    )]
    pub min_size: Option<String>,
    /// Only objects of at most this size: bytes, 10KB, 5MiB
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "SIZE",
        hide_short_help = true
    )]
    pub max_size: Option<String>,
    /// Only keys that sort after this one, such as the last key of an interrupted run
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "KEY",
        hide_short_help = true
    )]
    pub start_after: Option<OsString>,
    /// Request that lists the bucket: 2 (ListObjectsV2), 1 (ListObjects), or auto: 1 where the
    /// store does not support 2 [default: auto]
    #[arg(
        long,
        value_name = "VERSION",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub list_version: Option<ListVersionArg>,
    /// Number of concurrent listing requests: the keys are split, their order is kept [default: 1]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub list_jobs: Option<u16>,
    /// Maximum number of URLs, in listing order
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub limit: Option<u64>,
}
