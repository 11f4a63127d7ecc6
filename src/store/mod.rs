//! What is known about stores: their hosts, regions and limits, what a target looks like, which names a bucket can
//! have. Facts and syntax only; which of them applies is decided in `resolve`.

mod access_point;
mod addressing;
mod bucket;
#[cfg(feature = "cli")]
mod cors;
mod endpoint;
#[cfg(feature = "cli")]
mod error_response;
#[cfg(feature = "cli")]
mod key_pattern;
#[cfg(feature = "xml")]
mod listing;
mod multipart;
#[cfg(feature = "cli")]
mod object_filter;
mod provider;
mod region_name;
mod target;

pub use access_point::{AccessPoint, AccessPointRules, Arn, ArnError, access_point_rules};
#[doc(hidden)]
pub use addressing::Address;
pub use addressing::{Addressing, ObjectError, is_dns_compatible};
pub use bucket::{BucketError, check_bucket, is_unlikely_bucket};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cors::{CORS_METHODS, CorsRule, OriginError, check_origin};
pub use endpoint::{Endpoint, EndpointError};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use error_response::{BodyKind, SentRequest, StoreAnswer};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use key_pattern::Glob;
#[cfg(feature = "xml")]
pub use listing::{ListPage, ListRequest, ListingError, Object, PAGE_SIZE};
pub use multipart::{Cut, CutError, LARGEST_PART, LEAST_PART, MOST_PARTS, PARTS_A_PAGE, Part};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use object_filter::{Filter, Selection, Unknown};
pub use provider::{
    AddressingSupport, ExpiryLimit, IBM_STATIC_WEBSITE_LABEL, Network, PROVIDERS, PostForms,
    Provider, RecognizedHost, find_provider, other_hosts, providers_of_region, recognize_host,
    without_storage_class,
};
pub use region_name::is_region_name;
#[doc(hidden)]
pub use target::{Target, TargetError};
