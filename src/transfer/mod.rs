//! Pure logic of transfers: plans, missing parts, names of partial files, checksums. No network and
//! no files; those are in `command`.

mod checksums;
mod crc;
mod disposition;
mod etag;
mod form_body;
mod listed;
mod partial;
mod plan;

pub use checksums::{Checks, Digests, Mismatch, parse_sha256};
pub use disposition::file_name;
pub use etag::{composite, is_md5_of_content, md5_of_etag, opaque};
pub use form_body::FormBody;
pub use listed::{
    Completed, ListedPart, UnfinishedUpload, complete_document, listed_parts, unfinished_uploads,
};
pub use partial::{LARGEST, Partial, Span, is_strong, object_id, partial_prefix};
pub use plan::{Form, Multipart, Part, Plan, PlanError, Put, Request, Slice, is_connection_header};
