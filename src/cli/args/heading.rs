//! Headings of the option groups in help texts.

pub const INPUT: &str = "Input";
pub const NETWORK: &str = "Network";
pub const EXPIRY: &str = "Time";
pub const STORE: &str = "Store";
pub const CREDENTIALS: &str = "Credentials (the first complete set is used)";
pub const REQUEST: &str = "Signed request";
pub const RESPONSE: &str = "Response";
pub const BULK: &str = "Bulk";
pub const LISTING: &str = "Listing";
pub const RECURSIVE: &str = "Recursive";
pub const ALGORITHM: &str = "Algorithm";
pub const FORM: &str = "Upload policy";
pub const PARTS: &str = "Parts";
pub const PAGE: &str = "Page";
pub const OUTPUT: &str = "Output";
