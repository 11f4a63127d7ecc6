//! Reports of the verbs that do not print URLs, one per file.

#[cfg(feature = "cli")]
pub mod config;
#[cfg(feature = "cli")]
pub mod cors;
pub mod diagnosis;
#[cfg(feature = "cli")]
pub mod doctor;
#[cfg(feature = "cli")]
pub mod explanation;
pub mod inspection;
#[cfg(feature = "cli")]
pub mod stores;
#[cfg(feature = "cli")]
pub mod verification;
