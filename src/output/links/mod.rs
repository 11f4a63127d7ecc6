//! Output formats of URLs, one per file.

pub mod curl;
pub mod html;
pub mod json;
pub mod markdown;
pub mod powershell;
pub mod python;
pub mod template;
pub mod tsv;
pub mod url;
pub mod wget;
