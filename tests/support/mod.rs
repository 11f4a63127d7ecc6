//! What the tests against a store share.

#![allow(dead_code, reason = "each test takes what it needs")]

pub mod fault_proxy;
pub mod http_client;
pub mod odd_servers;
#[cfg(target_os = "linux")]
pub mod process;
pub mod s3_server;
