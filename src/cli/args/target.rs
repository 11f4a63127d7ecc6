//! TARGET.

use std::ffi::OsString;

use clap::Args;

/// The object.
#[derive(Args, Clone, Debug, Default)]
pub struct TargetArgs {
    /// bucket/key, s3://bucket/key, cos://us-south/bucket/key or an https:// URL
    ///
    /// Everything after the slash of the bucket is the key, byte for byte; an https:// URL is
    /// decoded once. Several targets print several URLs, in order.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<OsString>,
    /// Bucket, instead of a TARGET
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub bucket: Option<OsString>,
    /// Key, with --bucket; used byte for byte
    #[arg(
        long,
        value_name = "KEY",
        hide_short_help = true,
        allow_hyphen_values = true
    )]
    pub key: Option<OsString>,
}
