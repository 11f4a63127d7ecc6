//! What is known about stores: their hosts, regions and limits, what a target looks like, which names a bucket can
//! have. Facts and syntax only; which of them applies is decided in `resolve`.

mod access_point;
mod addressing;
mod answer;
mod bucket;
mod cors;
mod endpoint;
mod glob;
mod listing;
mod multipart;
mod provider;
mod selection;
mod target;

pub use access_point::{AccessPoint, AccessPointRules, Arn, ArnError, access_point_rules};
pub use addressing::{Address, Addressing, is_dns_compatible};
pub use answer::{BodyKind, SentRequest, StoreAnswer};
pub use bucket::{BucketError, check_bucket, is_unlikely_bucket};
pub use cors::{CORS_METHODS, CorsRule, OriginError, check_origin};
pub use endpoint::{Endpoint, EndpointError};
pub use glob::Glob;
pub use listing::{ListPage, ListRequest, ListingError, Object, PAGE_SIZE};
pub use multipart::{Cut, CutError, LARGEST_PART, LEAST_PART, MOST_PARTS, PARTS_A_PAGE, Part};
pub use provider::{
    AddressingSupport, ExpiryLimit, IBM_STATIC_WEBSITE_LABEL, Network, PROVIDERS, PostForms,
    Provider, RecognizedHost, find_provider, other_hosts, providers_of_region, recognize_host,
    without_storage_class,
};
pub use selection::{Picker, Selection, Unknown};
pub use target::{Target, TargetError};
