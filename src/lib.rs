//! Presigned URLs for IBM Cloud Object Storage and every other store that speaks AWS Signature Version 4.
//!
//! The crate is the library half of the `cos-presign` program. [`sigv4`] is the signing algorithm as pure functions
//! with every intermediate value open to the caller; [`store`] holds the facts about stores. Both are meant for use by
//! other programs; the remaining modules are the program itself.

pub mod sigv4;
pub mod store;
