//! Files that are uploaded, downloaded and written. All other files are read through `resolve`.

mod local;
mod partial;
mod private;
mod tree;

pub use local::{LocalFile, SliceReader, is_directory};
pub use partial::{
    Distrust, Existing, OpenError, PartialFile, check_directory, discard, existing, partials_of,
};
pub use private::write_private;
pub use tree::{Tree, tree};
