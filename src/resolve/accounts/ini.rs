//! INI as rclone and s3cmd write it: no nesting, names of options without regard to case.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

/// Options by their lower-case names.
pub(super) type Section = BTreeMap<String, Zeroizing<String>>;

/// Reads sections. Comments begin a line with `#` or `;`; everything behind the first `=` is the value, without the spaces
/// around it. A line that is nothing of this kind is passed over, as both tools do.
pub(super) fn parse(text: &str) -> BTreeMap<String, Section> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut section = String::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            section = name.to_owned();
            sections.entry(section.clone()).or_default();
            continue;
        }
        if let Some((name, value)) = line.split_once('=') {
            let options = sections.entry(section.clone()).or_default();
            options.insert(
                name.trim_end().to_lowercase(),
                Zeroizing::new(value.trim_start().to_owned()),
            );
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_value_and_forgets_the_rest() {
        let sections = parse(
            "top = 1\n[a b]\n# x = 2\n; y = 3\n\nProvider = IBMCOS\nsecret=a=b#c \nnonsense\n; y\n[]\n",
        );
        assert_eq!(sections["a b"]["provider"].as_str(), "IBMCOS");
        assert_eq!(sections["a b"]["secret"].as_str(), "a=b#c");
        assert_eq!(sections["a b"].len(), 2);
        assert_eq!(sections[""]["top"].as_str(), "1");
    }
}
