//! What the tests against a store share: servers of all kinds, and a look into a process.

pub mod fault_proxy;
pub mod http_client;
pub mod listing_store;
pub mod odd_servers;
pub mod process;
pub mod rng;
pub mod s3_server;
