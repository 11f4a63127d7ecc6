//! What is known about stores: their hosts, regions and limits, what a target looks like, which names a bucket can
//! have. Facts and syntax only; which of them applies is decided in `resolve`.

mod access_point;
mod addressing;
mod aws_partition;
mod bucket;
mod cors;
mod endpoint;
mod error_response;
mod front;
mod host_name;
mod key_pattern;
mod listing;
mod multipart;
mod object_filter;
mod provider;
mod refusal;
mod region_name;
mod table;
mod target;
mod unknown_host;

pub use access_point::{AccessPoint, AccessPointRules, Arn, ArnError, access_point_rules};
pub use addressing::{Address, Addressing, is_dns_compatible};
pub use bucket::{BucketError, check_bucket, is_unlikely_bucket};
pub use cors::{CORS_METHODS, CorsRule, OriginError, check_origin};
pub use endpoint::{Endpoint, EndpointError};
pub use error_response::{BodyKind, SentRequest, StoreAnswer};
pub use front::{Front, FrontKind, front_of};
pub use host_name::{
    HostReading, RecognizedHost, find_provider, other_hosts, provider_of_scheme,
    providers_of_region, read_host, recognize_host,
};
pub use key_pattern::Glob;
pub use listing::{ListPage, ListRequest, ListVersion, ListingError, Object, PAGE_SIZE};
pub use multipart::{Cut, CutError, LARGEST_PART, LEAST_PART, MOST_PARTS, PARTS_A_PAGE, Part};
pub use object_filter::{Filter, Selection, Unknown};
pub use provider::{
    AddressingSupport, ExpiryLimit, Host, Kind, Network, PostForms, PresignProblem, Provider,
    without_storage_class,
};
pub use refusal::Refusal;
pub use region_name::{is_region_name, suggest_region};
pub use table::PROVIDERS;
pub use target::{Target, TargetError, TargetStore};
pub use unknown_host::{GuessedHost, guess_host};
