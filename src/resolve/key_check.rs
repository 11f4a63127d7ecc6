//! What cannot be a key: what `docker --env-file`, YAML and copying from a web page add to one, and
//! placeholders that were never replaced.

use crate::error::Failure;
use crate::text::key_problem;

/// What `docker --env-file`, YAML and copying from a web page add to a key, none of which any key
/// has.
///
/// # Errors
/// What is wrong with it, and where it came from; the key itself is not shown.
pub fn check_key(source: &str, bytes: &[u8], what: &str) -> Result<(), Failure> {
    match key_problem(bytes, what) {
        None => Ok(()),
        Some(problem) => Err(
            Failure::configuration(format!("the {what} from {source} {problem}"))
                .hint("set it again, exactly as the store showed it"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_what_is_no_part_of_them_are_refused() {
        for (key, problem) in [
            ("", "is empty"),
            ("key\n", "ends with a line break"),
            ("key\r", "ends with a line break"),
            ("k\0y", "has a control character in it"),
            (" key", "begins or ends with a space"),
            ("key ", "begins or ends with a space"),
            ("\"key\"", "is in quotes that are part of the value"),
            ("'key'", "is in quotes that are part of the value"),
            ("a\nb", "is in several lines"),
            (
                "key # mine",
                "has a comment behind it, which is part of the value",
            ),
            (
                "key\t; mine",
                "has a comment behind it, which is part of the value",
            ),
            ("k e y", "has white space in it"),
            ("ke\u{a0}y", "has white space in it"),
            ("key\u{200b}", "has an invisible character in it"),
            ("<SECRET_KEY>", "is a placeholder, not a key"),
            ("YOUR-SECRET-KEY-HERE", "is a placeholder, not a key"),
            ("xxxxxxxx", "is a placeholder, not a key"),
            ("None", "is a placeholder, not a key"),
            ("null", "is a placeholder, not a key"),
            ("AKIA...", "is a placeholder, not a key"),
            ("AKIAXXXXXXXXXXXXXXXX", "is a placeholder, not a key"),
            ("$AWS_ACCESS_KEY_ID", "is a placeholder, not a key"),
            ("%AWS_SECRET%", "is a placeholder, not a key"),
            ("[SECRET]", "is a placeholder, not a key"),
            ("AWS_ACCESS_KEY_ID", "is a placeholder, not a key"),
            ("secret_access_key", "is a placeholder, not a key"),
            ("AKIAIOSFODNN7EXAMPLE", "looks like an access key id"),
        ] {
            let failure = check_key("`VARIABLE`", key.as_bytes(), "secret").expect_err("not a key");
            assert_eq!(
                failure.message,
                format!("the secret from `VARIABLE` {problem}")
            );
        }
        let id = check_key(
            "`VARIABLE`",
            b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "access key id",
        );
        assert_eq!(
            id.expect_err("a secret").message,
            "the access key id from `VARIABLE` looks like a secret access key"
        );
        for key in [
            "key",
            "minioadmin",
            "my-secret",
            "a;b#c",
            "'",
            "\"",
            "'key\"",
            "access-key",
            "100%",
            "$",
            "a.b.c",
            "'key",
            "ke'y",
        ] {
            assert_eq!(
                check_key("`VARIABLE`", key.as_bytes(), "secret"),
                Ok(()),
                "{key}"
            );
        }
    }
}
