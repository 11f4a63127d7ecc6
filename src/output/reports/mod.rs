//! The reports of verbs that print something other than links, one a file.

pub mod config;
pub mod cors;
pub mod diagnosis;
pub mod doctor;
pub mod explanation;
pub mod inspection;
pub mod stores;
pub mod verification;
