//! The form of every error: a sentence and its hint.

/// Whether a message ends with an error and its hint: two lines, or with --json one object.
pub fn ends_in_error_and_hint(message: &str) -> bool {
    let lines: Vec<&str> = message.lines().collect();
    match lines[..] {
        [.., error, hint] if error.starts_with("error: ") && hint.starts_with("hint: ") => true,
        [.., last] => serde_json::from_str::<serde_json::Value>(last).is_ok_and(|object| {
            object["error"].is_string()
                && object["hint"].is_string()
                && object["exit_code"].is_number()
        }),
        [] => false,
    }
}
