//! The error of a store as clients print it: a line of text with code, sentence and status in it,
//! in place of the document itself.
//!
//! Sources: the messages of botocore and the AWS CLI, of the AWS SDKs for Java (both versions), Go
//! (both), JavaScript and PHP, of minio-py, s3cmd, curl, wget, Python's requests and axios.

/// What such a text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ClientError {
    pub code: Option<String>,
    pub message: Option<String>,
    pub status: Option<u16>,
}

/// Reads it. Everything is `None` where the text is not of a known form.
pub(super) fn read_client_error(text: &str) -> ClientError {
    let mut found = ClientError {
        status: status_of(text),
        ..ClientError::default()
    };
    let named = of_botocore(text)
        .or_else(|| of_go(text))
        .or_else(|| of_java(text))
        .or_else(|| of_minio_py(text))
        .or_else(|| of_s3cmd(text))
        .or_else(|| of_line(text));
    if let Some((code, message)) = named {
        // `An error occurred (403) when …`: HEAD has no body, so there is no code.
        match code.parse() {
            Ok(status) => found.status = Some(status),
            Err(_) => found.code = Some(code.to_owned()),
        }
        found.message = (!message.is_empty()).then(|| message.to_owned());
    }
    found
}

/// `An error occurred (CODE) when calling the GetObject operation: SENTENCE`
fn of_botocore(text: &str) -> Option<(&str, &str)> {
    let rest = after(text, "An error occurred (")?;
    let (code, rest) = rest.split_once(')')?;
    let message = after(rest, "operation").and_then(|rest| after(rest, ": "));
    is_word(code).then(|| (code, first_line(message.unwrap_or_default())))
}

/// `…, api error CODE: SENTENCE`
fn of_go(text: &str) -> Option<(&str, &str)> {
    let (code, message) = after(text, "api error ")?.split_once(':')?;
    is_word(code).then(|| (code, first_line(message)))
}

/// `SENTENCE (Service: Amazon S3; Status Code: 403; Error Code: CODE; Request ID: …)`, and of
/// version 2 without the code: `SENTENCE (Service: S3, Status Code: 403, Request ID: …)`.
fn of_java(text: &str) -> Option<(&str, &str)> {
    let at = text.find(" (Service: ")?;
    let line = text[..at].rsplit('\n').next()?;
    let message = match line.split_once("Exception: ") {
        Some((_, message)) => message,
        None => line,
    };
    let code = after(&text[at..], "Error Code: ")
        .and_then(|rest| rest.split([';', ',', ')']).next())
        .filter(|code| is_word(code));
    // The sentence of a wrong signature is the same everywhere.
    let code = code.or_else(|| {
        [
            ("request signature we calculated", "SignatureDoesNotMatch"),
            ("Access Key Id you provided", "InvalidAccessKeyId"),
            ("request time and the", "RequestTimeTooSkewed"),
            ("Access Denied", "AccessDenied"),
            ("specified key does not exist", "NoSuchKey"),
            ("specified bucket does not exist", "NoSuchBucket"),
        ]
        .iter()
        .find(|(words, _)| message.contains(words))
        .map(|(_, code)| *code)
    })?;
    Some((code, message.trim()))
}

/// `S3 operation failed; code: CODE, message: SENTENCE, resource: …`
fn of_minio_py(text: &str) -> Option<(&str, &str)> {
    let (code, rest) = after(text, "code: ")?.split_once(", message: ")?;
    let end = rest.find(", resource: ").unwrap_or(rest.len());
    is_word(code).then(|| (code, first_line(&rest[..end])))
}

/// `ERROR: S3 error: 403 (CODE): SENTENCE`
fn of_s3cmd(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = after(text, "S3 error: ")?.split_once('(')?;
    let (code, rest) = rest.split_once(')')?;
    let message = rest.strip_prefix(':').unwrap_or(rest);
    is_word(code).then(|| (code, first_line(message)))
}

/// A line that begins with a known code: `CODE: SENTENCE`, `S3ServiceException [CODE]: SENTENCE`,
/// or the code alone.
fn of_line(text: &str) -> Option<(&str, &str)> {
    text.lines().find_map(|line| {
        let line = line.trim();
        let line = ["Error: ", "error: ", "ERROR: ", "Uncaught "]
            .iter()
            .fold(line, |line, start| line.strip_prefix(start).unwrap_or(line));
        let (head, message) = line.split_once(':').unwrap_or((line, ""));
        let code = match head.split_once('[') {
            Some((_, code)) => code.trim_end_matches(']'),
            None => head,
        };
        super::refusal::is_error_code(code.trim()).then(|| (code.trim(), message.trim()))
    })
}

/// The status of HTTP, where a client names it.
fn status_of(text: &str) -> Option<u16> {
    let lower = text.to_ascii_lowercase();
    let after_mark = [
        "status code: ",
        "status code ",
        "statuscode: ",
        "statuscode\":",
        "status: ",
        "returned error: ",
        "s3 error: ",
        "error ",
        "http error ",
        "awaiting response... ",
    ];
    let number = |text: &str| -> Option<u16> {
        let text = text.trim_start_matches([' ', '"']);
        let digits = text.get(..3)?;
        let ends = !text[3..].starts_with(|c: char| c.is_ascii_digit());
        let status = digits.parse().ok().filter(|_| ends)?;
        (300..=599).contains(&status).then_some(status)
    };
    let marked = after_mark.iter().find_map(|mark| {
        lower
            .match_indices(mark)
            .find_map(|(at, _)| number(&lower[at + mark.len()..]))
    });
    let names = [
        "bad request",
        "unauthorized",
        "forbidden",
        "not found",
        "method not allowed",
        "precondition failed",
        "client error",
        "server error",
        "(forbidden)",
        "not implemented",
    ];
    // `403 Forbidden`
    let named = || {
        names.iter().find_map(|name| {
            lower
                .match_indices(name)
                .find_map(|(at, _)| number(lower[..at].trim_end().get(at.checked_sub(4)?..)?))
        })
    };
    marked.or_else(named)
}

fn after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// Whether a text can be an error code, or a status in its place.
fn is_word(text: &str) -> bool {
    (3..=60).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_messages_of_clients() {
        let wrong =
            "The request signature we calculated does not match the signature you provided.";
        for (text, code, message, status) in [
            (
                format!("fatal error: An error occurred (SignatureDoesNotMatch) when calling the PutObject operation: {wrong}"),
                Some("SignatureDoesNotMatch"),
                Some(wrong),
                None,
            ),
            (
                "An error occurred (404) when calling the HeadObject operation: Not Found".to_owned(),
                None,
                Some("Not Found"),
                Some(404),
            ),
            (
                format!("operation error S3: GetObject, https response error StatusCode: 403, RequestID: X, HostID: , api error SignatureDoesNotMatch: {wrong}"),
                Some("SignatureDoesNotMatch"),
                Some(wrong),
                Some(403),
            ),
            (
                format!("SignatureDoesNotMatch: {wrong}\n\tstatus code: 403, request id: X, host id: "),
                Some("SignatureDoesNotMatch"),
                Some(wrong),
                Some(403),
            ),
            (
                "com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 7Q)".to_owned(),
                Some("AccessDenied"),
                Some("Access Denied"),
                Some(403),
            ),
            (
                format!("software.amazon.awssdk.services.s3.model.S3Exception: {wrong} (Service: S3, Status Code: 403, Request ID: 7Q)"),
                Some("SignatureDoesNotMatch"),
                Some(wrong),
                Some(403),
            ),
            (
                "S3 operation failed; code: NoSuchKey, message: The key does not exist, resource: /b/k, request_id: 1".to_owned(),
                Some("NoSuchKey"),
                Some("The key does not exist"),
                None,
            ),
            (
                "ERROR: S3 error: 403 (RequestTimeTooSkewed): The difference is too large.".to_owned(),
                Some("RequestTimeTooSkewed"),
                Some("The difference is too large."),
                Some(403),
            ),
            (
                "NoSuchBucket: The bucket does not exist".to_owned(),
                Some("NoSuchBucket"),
                Some("The bucket does not exist"),
                None,
            ),
            ("AccessDenied".to_owned(), Some("AccessDenied"), None, None),
            ("AxiosError: Request failed with status code 403".to_owned(), None, None, Some(403)),
            ("curl: (22) The requested URL returned error: 403".to_owned(), None, None, Some(403)),
            ("HTTP request sent, awaiting response... 403 Forbidden".to_owned(), None, None, Some(403)),
            ("403 Client Error: Forbidden for url: https://x/".to_owned(), None, None, Some(403)),
            ("403 Forbidden".to_owned(), None, None, Some(403)),
            ("hello 200 worlds, error: none".to_owned(), None, None, None),
            ("error 4031: x".to_owned(), None, None, None),
        ] {
            let expected = ClientError {
                code: code.map(str::to_owned),
                message: message.map(str::to_owned),
                status,
            };
            assert_eq!(read_client_error(&text), expected, "{text}");
        }
    }
}
