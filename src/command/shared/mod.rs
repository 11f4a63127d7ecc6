//! Code that several verbs share.

pub mod clickable;
pub mod client;
mod credential_process;
pub mod explain_refusal;
pub mod fetch_credentials;
mod find_region;
pub mod link_request;
pub mod notices;
pub mod output_file;
pub mod sign;
pub mod signed_options;
pub mod single;
pub mod target;
pub mod upload_page_text;
pub mod url_checks;
pub mod verify_links;
