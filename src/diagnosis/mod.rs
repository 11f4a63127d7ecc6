//! Why a link does not work, or what a link is.
//!
//! | file | what it does |
//! | --- | --- |
//! | `damage` | undoes what was done to the text of a URL |
//! | `anatomy` | takes a URL apart |
//! | `statics` | finds what is wrong without a secret: form, store, clock, and how the link was used |
//! | `names` | other hosts and paths by which the same object is known |
//! | `words` | reads the store's own answer |
//! | `signature` | turns the outcome of `sigv4::forensics` into findings |
//! | `case` | puts all of it together and ranks it |
//! | `code` | what each finding means, how it comes about, and what to do |

mod case;
mod checks;
mod code;
mod diff;
mod error_code;
mod finding;
mod host_candidates;
mod signature;
mod url_parts;
mod url_repair;

pub use case::{Case, Diagnosis, NamedCandidate, SignatureState, diagnose};
pub use checks::{oddities, rfc3339, span};
pub use code::{CODES, Explanation, explanation};
pub use finding::{Certainty, Finding};
pub use url_parts::{Anatomy, Credential, SignatureKind, host_name, parse_timestamp};
pub use url_repair::{Damage, Mended, mend};
