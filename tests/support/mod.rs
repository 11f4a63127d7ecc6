//! What the tests against a store share.

pub mod http_client;
pub mod s3_server;
