//! The files that are uploaded and downloaded. Everything else reads files through `resolve`.

mod local;
mod partial;

pub use local::{LocalFile, SliceReader, is_directory};
pub use partial::{Existing, PartialFile, existing, partials_of};
