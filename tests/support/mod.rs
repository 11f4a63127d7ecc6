//! What the tests against a store share.

#![allow(dead_code, reason = "each test takes what it needs")]

pub mod fault_proxy;
pub mod http_client;
pub mod odd_servers;
pub mod s3_server;
