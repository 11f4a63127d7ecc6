//! Why a link does not work, or what a link is.
//!
//! | file | content |
//! | --- | --- |
//! | `case` | the data: URL, request, response, candidates for the signer |
//! | `diagnose` | the pipeline: calls the checks and ranks their findings |
//! | `url_repair` | undoes damage to the text of a URL |
//! | `url_parts` | parses a URL |
//! | `checks` | what can be seen without a secret: form, store, clock, usage |
//! | `host_candidates` | other hosts and paths by which the same object is known |
//! | `error_code` | what the store's error code, sentence and fields mean |
//! | `signature` | turns the outcome of `forensics` into findings |
//! | `mistake` | a difference that `forensics` found, as a finding |
//! | `stores_request` | the canonical request that the store sent back |
//! | `canonical_text` | canonical requests as text, and their differences |
//! | `scheme` | signed URLs of other services |
//! | `posted_form` | the fields of a POST form |
//! | `host`, `time` | host names and timestamps as text |
//! | `code` | the enum of causes with the texts of each |

mod canonical_text;
mod case;
mod checks;
mod code;
mod diagnose;
mod diff;
mod error_code;
mod finding;
mod host;
mod host_candidates;
mod mistake;
mod posted_form;
mod scheme;
mod signature;
mod stores_request;
mod time;
mod url_parts;
mod url_repair;

pub use case::{Case, NamedCandidate, SignatureState};
pub use checks::url_findings;
pub use code::{CODES, Code, Explanation, explanation};
pub use diagnose::{Diagnosis, StoreWords, diagnose};
pub use finding::{Certainty, Finding};
pub use host::host_name;
pub use posted_form::PostedForm;
pub use time::{parse_timestamp, rfc3339, span};
pub use url_parts::{Anatomy, Credential, SignatureKind};
pub use url_repair::{Damage, Repaired, repair};
