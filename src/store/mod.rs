//! What is known about stores: their hosts, regions and limits, what a target looks like, which names a bucket can
//! have. Facts and syntax only; which of them applies is decided in `resolve`.

mod access_point;
mod addressing;
mod bucket;
mod cors;
mod endpoint;
mod error_response;
mod key_pattern;
mod listing;
mod multipart;
mod object_filter;
mod provider;
mod target;

pub use access_point::{AccessPoint, AccessPointRules, Arn, ArnError, access_point_rules};
pub use addressing::{Address, Addressing, is_dns_compatible};
pub use bucket::{BucketError, check_bucket, is_unlikely_bucket};
pub use cors::{CORS_METHODS, CorsRule, OriginError, check_origin};
pub use endpoint::{Endpoint, EndpointError};
pub use error_response::{BodyKind, SentRequest, StoreAnswer};
pub use key_pattern::Glob;
pub use listing::{ListPage, ListRequest, ListingError, Object, PAGE_SIZE};
pub use multipart::{Cut, CutError, LARGEST_PART, LEAST_PART, MOST_PARTS, PARTS_A_PAGE, Part};
pub use object_filter::{Filter, Selection, Unknown};
pub(crate) use provider::aws_domain;
pub use provider::{
    AddressingSupport, ExpiryLimit, IBM_STATIC_WEBSITE_LABEL, Network, PROVIDERS, PostForms,
    Provider, RecognizedHost, find_provider, other_hosts, providers_of_region, recognize_host,
    without_storage_class,
};
pub use target::{Target, TargetError};
