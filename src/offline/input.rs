//! Checks of what is given for a report: the same in the program and in other callers.

use std::error::Error;
use std::fmt;

use crate::sigv4::UrlError;
use crate::text::escape_controls;

/// Number of characters of a text that are repeated in an error. A damaged URL may still work once
/// it is repaired, so it is not shown completely.
const SHOWN: usize = 24;

/// An input that cannot be used: one sentence and a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    message: String,
    hint: &'static str,
}

impl InputError {
    pub(super) fn new(message: String, hint: &'static str) -> InputError {
        InputError { message, hint }
    }

    /// The sentence: what is wrong with which value.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to give instead.
    pub fn hint(&self) -> &str {
        self.hint
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for InputError {}

pub(crate) fn not_a_url(text: &str, error: UrlError) -> InputError {
    let mut shown: String = text.trim().chars().take(SHOWN).collect();
    if text.trim().chars().count() > SHOWN {
        shown.push('…');
    }
    InputError::new(
        format!(
            "`{}` is not a URL: it {}",
            escape_controls(&shown),
            error.problem()
        ),
        "paste the whole URL, from `https://` to the end of its signature",
    )
}

/// `source` names the option or field. Letter case is kept: it is signed.
pub(crate) fn check_method(source: &str, text: &str) -> Result<String, InputError> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(text.to_owned());
    }
    Err(InputError::new(
        format!("{source} `{}` is not a method", text.escape_debug()),
        "give GET, PUT, HEAD, POST or DELETE",
    ))
}
