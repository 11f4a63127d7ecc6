//! Templates of pages and scripts.

/// Inserts the values in one pass: a value that looks like a placeholder is kept.
pub fn filled(template: &str, values: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(
        template.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>(),
    );
    let mut rest = template;
    while let Some(at) = rest.find('@') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        match values.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                text.push_str(value);
                rest = &rest[name.len()..];
            }
            None => {
                text.push('@');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_once() {
        let values = [("@A@", "@B@".to_owned()), ("@B@", "x".to_owned())];
        assert_eq!(filled("a@b @A@ @B@ @", &values), "a@b @B@ x @");
    }
}
