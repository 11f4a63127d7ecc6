//! Makes links, breaks them, and knows what was broken. Nothing here asks the program why a link fails.

pub mod answer;
pub mod breakers;
pub mod case;
pub mod link;
pub mod text;
pub mod verifier;
