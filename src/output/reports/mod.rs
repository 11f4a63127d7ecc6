//! Reports of the verbs that do not print URLs, one per file.

pub mod config;
pub mod cors;
pub mod diagnosis;
pub mod doctor;
pub mod explanation;
pub mod inspection;
pub mod stores;
pub mod verification;
