//! Facts about stores: hosts, regions and limits, the syntax of targets, valid bucket names. Which
//! of them applies is decided in `resolve`.

mod access_point;
mod addressing;
mod aws_partition;
mod bucket;
#[cfg(feature = "xml")]
mod bucket_location;
#[cfg(feature = "diagnosis")]
mod client_error;
mod console_url;
#[cfg(feature = "cli")]
mod cors;
mod endpoint;
#[cfg(feature = "diagnosis")]
mod error_response;
mod front;
mod host_name;
#[cfg(feature = "cli")]
mod key_pattern;
#[cfg(feature = "xml")]
mod listing;
mod multipart;
#[cfg(feature = "cli")]
mod object_filter;
mod provider;
#[cfg(feature = "diagnosis")]
mod refusal;
mod region_name;
mod table;
mod target;
mod unknown_host;

pub use access_point::{AccessPoint, AccessPointRules, Arn, ArnError, access_point_rules};
#[doc(hidden)]
pub use addressing::Address;
pub use addressing::{Addressing, ObjectError, is_dns_compatible};
#[cfg(feature = "cli")]
pub(crate) use aws_partition::aws_domain;
pub use bucket::{BucketError, check_bucket, is_unlikely_bucket};
#[cfg(feature = "xml")]
pub use bucket_location::{location_in_list, location_of_bucket, region_of_location};
#[doc(hidden)]
pub use console_url::ConsoleUrl;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cors::{CORS_METHODS, CorsRule, OriginError, check_origin};
pub use endpoint::{Endpoint, EndpointError};
#[cfg(feature = "diagnosis")]
#[doc(hidden)]
pub use error_response::{BodyKind, ErrorResponse, SentRequest};
pub use front::{Front, FrontKind, front_of};
pub use host_name::{
    HostReading, RecognizedHost, find_provider, other_hosts, provider_of_scheme,
    providers_of_region, read_host, recognize_host,
};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use key_pattern::Glob;
#[cfg(feature = "xml")]
pub use listing::{ListPage, ListRequest, ListVersion, ListingError, Object, PAGE_SIZE};
pub use multipart::{
    Cut, CutError, LARGEST_PART, LEAST_PART, MOST_PARTS, PARTS_A_PAGE, Part, USUAL_PART,
};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use object_filter::{Filter, Selection, Unknown};
pub use provider::{
    AddressingSupport, ExpiryLimit, Host, Kind, Network, OtherRegions, PostForms, PresignProblem,
    Provider, without_storage_class,
};
#[cfg(feature = "diagnosis")]
#[doc(hidden)]
pub use refusal::Refusal;
#[cfg(feature = "diagnosis")]
pub(crate) use region_name::similar_regions;
pub use region_name::{is_region_name, suggest_region};
pub use table::PROVIDERS;
#[doc(hidden)]
pub use target::{FrontUrl, Target, TargetError, TargetStore};
pub use unknown_host::{GuessedHost, guess_host};
