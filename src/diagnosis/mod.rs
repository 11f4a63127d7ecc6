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

mod anatomy;
mod case;
mod code;
mod damage;
mod diff;
mod finding;
mod names;
mod signature;
mod statics;
mod words;

pub use anatomy::{Anatomy, Credential, SignatureKind, host_name, parse_timestamp};
pub use case::{Case, Diagnosis, NamedSuspect, SignatureState, diagnose};
pub use code::{CODES, Explanation, explanation};
pub use damage::{Damage, Mended, mend};
pub use finding::{Certainty, Finding};
pub use statics::{oddities, rfc3339, span};
