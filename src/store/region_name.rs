//! What a region can be called.

/// Whether a text has the form that names of regions have at every store: letters, digits, `-`, `_` and `.`, at most 64 of
/// them, a letter or digit first. What a server or a URL calls its region and is none is not to be used as one.
pub fn is_region_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_regions_from_other_text() {
        for region in [
            "us-east-1",
            "eu-central-003",
            "RegionOne",
            "auto",
            "us_west",
        ] {
            assert!(is_region_name(region), "{region}");
        }
        for text in ["", "-x", "eu$(touch PWN)-1", "a b", "a/b", "a\nb", "é"] {
            assert!(!is_region_name(text), "{text}");
        }
    }
}
