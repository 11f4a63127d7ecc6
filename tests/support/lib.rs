//! What the tests against a store share: servers of all kinds, and a look into a process.

mod error_form;
pub mod fault_proxy;
pub mod http_client;
pub mod listing_store;
pub mod odd_servers;
pub mod process;
pub mod rng;
pub mod s3_server;

pub use error_form::ends_in_error_and_hint;
