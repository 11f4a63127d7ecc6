//! Endpoint, region and addressing.

use clap::{Args, ValueEnum};

use crate::cli::args::heading::STORE;

/// Store options.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = STORE)]
pub struct StoreArgs {
    /// Endpoint URL or host of the store
    #[arg(long, value_name = "URL", alias = "endpoint-url")]
    pub endpoint: Option<String>,
    /// Region of the signature; alone it also selects the store (us-south: IBM COS)
    ///
    /// us-east-1 and the other AWS regions select Amazon S3; us-south, eu-de, us, ams03 and so on
    /// select IBM COS. Without it the region is derived from the host name of the endpoint.
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// Request the region of the bucket from the store before signing
    ///
    /// Sends one request without credentials to Amazon S3 (HEAD of the bucket), and a signed one
    /// to other stores (GetBucketLocation, which needs a permission). The region is printed on
    /// standard error and not stored: to save the request next time, pass it as --region.
    #[arg(
        long,
        overrides_with = "find_region",
        conflicts_with = "region",
        hide_short_help = true
    )]
    pub find_region: bool,
    /// The store: ibm, aws, minio, ceph, r2, b2, wasabi, …
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Path of the endpoint that precedes every bucket, if the gateway has one
    #[arg(long, value_name = "PATH", hide_short_help = true)]
    pub base_path: Option<String>,
    /// Sign even if the store is known to make presigned URLs unsafe
    #[arg(long, hide_short_help = true)]
    pub force: bool,
    /// Network of the IBM COS endpoint: public, private or direct
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub network: Option<NetworkArg>,
    /// Addressing style: where the bucket is in the URL
    #[arg(long, value_name = "STYLE", hide_short_help = true)]
    pub addressing: Option<AddressingArg>,
    /// Sign for AWS's FIPS 140 host of the region
    #[arg(long, hide_short_help = true, overrides_with = "fips")]
    pub fips: bool,
    /// Sign for AWS's dual-stack (IPv4 and IPv6) host of the region
    #[arg(long, hide_short_help = true, overrides_with = "dualstack")]
    pub dualstack: bool,
    /// Sign for AWS's Transfer Acceleration host
    #[arg(long, hide_short_help = true, overrides_with = "accelerate")]
    pub accelerate: bool,
    /// Endpoint URL that recipients use, if --endpoint is internal; this host is signed
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub public_endpoint: Option<String>,
}

/// `--network`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NetworkArg {
    /// Public endpoints
    Public,
    /// IBM Cloud's classic infrastructure
    Private,
    /// An IBM Cloud VPC
    Direct,
}

/// `--addressing`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AddressingArg {
    /// endpoint/bucket/key
    Path,
    /// bucket.endpoint/key
    Virtual,
    /// endpoint/key: the endpoint is a custom domain of the bucket
    BucketHost,
    /// By store: virtual on AWS where the bucket name allows it, path elsewhere
    Auto,
}
