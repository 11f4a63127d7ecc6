//! The response of a store: an error document alone, or the transcript of `curl -i` or `curl -v`
//! around it.
//!
//! Stores agree in element names but not in messages, so everything is kept by element name and
//! nothing is interpreted.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::client_error::{ClientError, read_client_error};

/// A parsed response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorResponse {
    /// `403`, from the transcript or the document (IBM's `httpStatusCode`).
    pub status: Option<u16>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The kind of the body.
    pub kind: BodyKind,
    /// Elements of the error document that contain text, in order.
    pub elements: Vec<(String, String)>,
    /// The request, if the transcript contains it (`curl -v`).
    pub request: Option<SentRequest>,
    /// Plain text, or the text of a web page without tags; shortened.
    pub text: String,
}

/// A request in a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentRequest {
    /// `GET`
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

/// The kind of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyKind {
    /// Empty.
    #[default]
    Empty,
    /// An error document of a store, XML or JSON.
    Error,
    /// XML that is not an error: the response to a successful request.
    OtherXml,
    /// A web page.
    Html,
    /// Anything else.
    Other,
}

/// Maximum length of an error code.
const LONGEST_CODE: usize = 100;

/// Maximum length of a message.
const LONGEST_MESSAGE: usize = 1000;

/// Maximum length of a page that is searched: causes are near its start.
const LONGEST_PAGE: usize = 8000;

/// Maximum number of fields.
const MOST_FIELDS: usize = 30;

impl ErrorResponse {
    /// Parses a response. Never fails, whatever the bytes.
    pub fn parse(bytes: &[u8]) -> ErrorResponse {
        let text = String::from_utf8_lossy(bytes);
        let text = text
            .strip_prefix('\u{feff}')
            .unwrap_or(&text)
            .replace("\r\n", "\n");
        let mut response = ErrorResponse::default();
        let body = response.take_transcript(&text);
        response.take_body(&body);
        if let Some(status) = ["httpStatusCode", "statusCode"]
            .iter()
            .filter_map(|name| response.element(name))
            .find_map(|status| status.trim().parse().ok())
        {
            response.status.get_or_insert(status);
        }
        response
    }

    /// The first non-empty element of this name, ignoring case.
    pub fn element(&self, name: &str) -> Option<&str> {
        let found = self
            .elements
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| value.trim())
            .find(|value| !value.is_empty())
    }

    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The error code: one word. Longer text is not a code.
    pub fn code(&self) -> Option<&str> {
        self.element("Code")
            .map(str::trim)
            .filter(|code| code.len() <= LONGEST_CODE)
    }

    /// The message, for display only, shortened.
    pub fn message(&self) -> Option<&str> {
        let message = self.element("Message").map(str::trim)?;
        let end = message
            .char_indices()
            .nth(LONGEST_MESSAGE)
            .map_or(message.len(), |(at, _)| at);
        Some(&message[..end])
    }

    /// All text of the response: the message, further fields of stores, and the text of a body that
    /// is not a document.
    pub fn sentences(&self) -> Vec<&str> {
        const FIELDS: [&str; 10] = [
            "Message",
            "Details",
            "AuthenticationErrorDetail",
            "Condition",
            "Reason",
            "Header",
            "ParameterName",
            "error",
            "error_description",
            "detail",
        ];
        let fields = FIELDS.iter().filter_map(|name| self.element(name));
        let text = Some(self.text.as_str()).filter(|text| !text.is_empty());
        fields.chain(text).collect()
    }

    /// The fields besides code and message, without long or secret ones: canonical requests,
    /// tokens, signatures, credentials. Values are shortened.
    pub fn fields(&self) -> Vec<(String, String)> {
        let is_shown = |name: &str| {
            let lower = name.to_ascii_lowercase();
            let is_hidden = [
                "token",
                "signature",
                "canonicalrequest",
                "stringtosign",
                "secret",
            ];
            !matches!(lower.as_str(), "code" | "message" | "hostid")
                && !is_hidden.iter().any(|word| lower.contains(word))
        };
        let of_authorization = self
            .element("ArgumentName")
            .is_some_and(|name| name.eq_ignore_ascii_case("authorization"));
        self.elements
            .iter()
            .filter(|(name, value)| {
                is_shown(name)
                    && !value.trim().is_empty()
                    && !(of_authorization && name == "ArgumentValue")
            })
            .take(MOST_FIELDS)
            .map(|(name, value)| (name.clone(), value.trim().chars().take(300).collect()))
            .collect()
    }

    /// The canonical request that the store computed, from its bytes if the response contains them,
    /// because XML normalizes line ends.
    pub fn canonical_request(&self) -> Option<Vec<u8>> {
        self.bytes_or_text("CanonicalRequestBytes", "CanonicalRequest")
    }

    /// The string to sign that the store computed.
    pub fn string_to_sign(&self) -> Option<Vec<u8>> {
        self.bytes_or_text("StringToSignBytes", "StringToSign")
    }

    fn bytes_or_text(&self, bytes: &str, text: &str) -> Option<Vec<u8>> {
        let digits: Option<String> = self
            .element(bytes)
            .map(|hex| hex.chars().filter(|c| !c.is_whitespace()).collect());
        let decoded = digits
            .and_then(|digits| hex::decode(digits).ok())
            .filter(|bytes| !bytes.is_empty());
        decoded.or_else(|| {
            self.element(text)
                .map(|text| text.trim().as_bytes().to_vec())
        })
    }

    /// Splits status and headers off and returns the body.
    fn take_transcript(&mut self, text: &str) -> String {
        let verbose =
            text.lines().any(|line| line.starts_with("< HTTP/")) || text.starts_with("* ");
        if verbose {
            return self.take_verbose(text);
        }
        let mut rest = text.trim_start();
        // After `100 Continue` and redirects there are several heads; the last one counts.
        let is_head = |text: &str| {
            text.strip_prefix("HTTP").is_some_and(|rest| {
                rest.starts_with('/')
                    || rest.starts_with(' ') && rest[1..].starts_with(|c: char| c.is_ascii_digit())
            })
        };
        while is_head(rest) {
            let (head, body) = rest.split_once("\n\n").unwrap_or((rest, ""));
            self.take_head(head);
            rest = body;
        }
        rest.to_owned()
    }

    fn take_head(&mut self, head: &str) {
        let mut lines = head.lines();
        self.status = lines
            .next()
            .and_then(|line| line.split_whitespace().nth(1))
            .and_then(|status| status.parse().ok());
        self.headers = lines.filter_map(header_line).collect();
    }

    /// `curl -v`: `>` is sent, `<` is received, `*` is information.
    fn take_verbose(&mut self, text: &str) -> String {
        let mut body = Vec::new();
        let mut head: Vec<&str> = Vec::new();
        for line in text.lines() {
            if let Some(sent) = line.strip_prefix("> ") {
                match sent.split_whitespace().collect::<Vec<_>>()[..] {
                    [method, target, version] if version.starts_with("HTTP/") => {
                        let request = SentRequest {
                            method: method.to_owned(),
                            target: target.to_owned(),
                            headers: Vec::new(),
                        };
                        self.request = Some(request);
                    }
                    _ => {
                        if let (Some(request), Some(header)) =
                            (&mut self.request, header_line(sent))
                        {
                            request.headers.push(header);
                        }
                    }
                }
            } else if let Some(received) = line.strip_prefix("< ") {
                if received.starts_with("HTTP/") {
                    head.clear();
                }
                head.push(received);
            } else if !(line == "<"
                || line == ">"
                || line.starts_with("* ")
                || line.starts_with("{ [")
                || line.starts_with("} ["))
            {
                body.push(line);
            }
        }
        self.take_head(&head.join("\n"));
        body.join("\n")
    }

    fn take_body(&mut self, body: &str) {
        let body = body.trim();
        let start: String = body
            .chars()
            .take(256)
            .collect::<String>()
            .to_ascii_lowercase();
        if body.is_empty() {
            self.kind = BodyKind::Empty;
        } else if start.starts_with("<!doctype html")
            || start.starts_with("<html")
            || start.contains("<head>")
        {
            self.kind = BodyKind::Html;
            self.text = text_of_page(body);
            self.take_listed_error();
        } else if let Some(at) = body
            .find("<Error")
            .or_else(|| body.find("<?xml"))
            .or_else(|| body.find('<'))
            .filter(|_| !start.starts_with('{'))
        {
            self.elements = leaves(&body[at..]);
            let is_error = body.contains("<Error") || self.code().is_some();
            self.kind = if is_error {
                BodyKind::Error
            } else {
                BodyKind::OtherXml
            };
        } else if let Ok(json) = serde_json::from_str::<serde_json::Value>(body) {
            flatten("", &json, &mut self.elements);
            // A program printed the document of the store as a string.
            if let Some(xml) = self
                .elements
                .iter()
                .find_map(|(_, value)| value.find("<Error").map(|at| value[at..].to_owned()))
            {
                self.elements.extend(leaves(&xml));
            }
            self.take_code_of_json();
            self.kind = if self.elements.is_empty() {
                BodyKind::Other
            } else {
                BodyKind::Error
            };
        } else {
            self.kind = BodyKind::Other;
            self.text = body.chars().take(LONGEST_MESSAGE).collect();
            self.take_error_without_tags(body);
            if self.kind == BodyKind::Other {
                self.take_client_error(body);
            }
        }
    }

    /// JSON has the code under other names, some of which hold sentences elsewhere.
    fn take_code_of_json(&mut self) {
        if self.code().is_some() {
            return;
        }
        let code = ["errorCode", "error_code", "error", "__type"]
            .iter()
            .filter_map(|name| self.element(name))
            .find(|word| super::refusal::is_error_code(word))
            .map(str::to_owned);
        self.elements
            .extend(code.map(|code| ("Code".to_owned(), code)));
    }

    /// What a client printed in place of the document.
    fn take_client_error(&mut self, body: &str) {
        let start: String = body.chars().take(LONGEST_PAGE).collect();
        let ClientError {
            code,
            message,
            status,
        } = read_client_error(&start);
        if let Some(status) = status {
            self.status.get_or_insert(status);
        }
        if let Some(code) = code {
            self.elements.push(("Code".to_owned(), code));
            self.kind = BodyKind::Error;
            self.elements
                .extend(message.map(|message| ("Message".to_owned(), message)));
        }
    }

    /// Website endpoints return `Code: NoSuchKey` and `Message: …` in a list.
    fn take_listed_error(&mut self) {
        for name in ["Code", "Message"] {
            let value = self.text.lines().find_map(|line| {
                let (label, value) = line.split_once(':')?;
                (label.trim() == name).then(|| value.trim().to_owned())
            });
            self.elements
                .extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    /// `InvalidArgumentBucket POST must contain …`: a browser shows the document without its tags.
    fn take_error_without_tags(&mut self, body: &str) {
        let ends = body
            .char_indices()
            .map(|(at, _)| at)
            .filter(|at| (5..=LONGEST_CODE).contains(at));
        let code = ends.filter_map(|at| body.get(..at)).rfind(|word| {
            super::refusal::is_error_code(word)
                && body[word.len()..].starts_with(|c: char| c.is_uppercase() || c.is_whitespace())
        });
        if let Some(code) = code {
            let message = body[code.len()..].trim().to_owned();
            self.elements.push(("Code".to_owned(), code.to_owned()));
            self.elements.push(("Message".to_owned(), message));
            self.kind = BodyKind::Error;
        }
    }
}

/// The text of a page, one line per element, without scripts and styles.
fn text_of_page(html: &str) -> String {
    let mut text = String::new();
    let end = html
        .char_indices()
        .nth(LONGEST_PAGE)
        .map_or(html.len(), |(at, _)| at);
    let mut rest = &html[..end];
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        text.push('\n');
        let tag = rest[at..].to_ascii_lowercase();
        let end = ["script", "style"]
            .iter()
            .find(|name| tag[1..].starts_with(**name))
            .and_then(|name| tag.find(&format!("</{name}")));
        rest = &rest[at + end.unwrap_or(0)..];
        if end.is_some() {
            rest = &rest[1..];
        }
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
    }
    text.push_str(rest);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n").chars().take(LONGEST_MESSAGE).collect()
}

fn header_line(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

/// Elements without children, up to the first syntax error: a truncated document still yields its
/// beginning.
fn leaves(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    let mut open: Option<(String, String)> = None;
    let mut found = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = start.local_name().into_inner().to_owned();
                open = Some((name, String::new()));
            }
            Ok(Event::Text(text)) => {
                if let Some((_, value)) = &mut open {
                    value.push_str(&text);
                }
            }
            Ok(Event::CData(text)) => {
                if let Some((_, value)) = &mut open {
                    value.push_str(&text);
                }
            }
            Ok(Event::GeneralRef(reference)) => {
                if let Some((_, value)) = &mut open {
                    match reference.resolve_char_ref() {
                        Ok(Some(c)) => value.push(c),
                        _ => value.push_str(named_entity(&reference)),
                    }
                }
            }
            Ok(Event::End(_)) => found.extend(open.take()),
            Ok(Event::Eof) | Err(_) => {
                found.extend(open.take());
                return found;
            }
            Ok(_) => {}
        }
    }
}

fn named_entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

/// JSON errors: `{"error": {"code": 403, "message": "…"}}` and the like.
fn flatten(name: &str, json: &serde_json::Value, found: &mut Vec<(String, String)>) {
    match json {
        serde_json::Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| flatten(name, value, found)),
        serde_json::Value::Array(values) => {
            values.iter().for_each(|value| flatten(name, value, found))
        }
        serde_json::Value::String(text) => found.push((name.to_owned(), text.clone())),
        serde_json::Value::Null => {}
        other => found.push((name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWS: &str = "<?xml version=\"1.0\" \
        encoding=\"UTF-8\"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The \
        request&apos;s \
        &#60;signature&gt;</Message><CanonicalRequest>GET\n/k\nA=1&amp;B=2</CanonicalRequest><CanonicalRequestBytes>47 \
        45 54 0a 2f</CanonicalRequestBytes></Error>";

    #[test]
    fn reads_documents_alone_and_in_transcripts() {
        for text in [
            AWS.to_owned(),
            format!(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nServer: x\r\n\r\n{AWS}"
            ),
            format!(
                "* Trying\n> GET /k HTTP/1.1\n> Host: h\n>\n< HTTP/1.1 403 Forbidden\n< Server: \
                 x\n<\n* x\n{AWS}\n"
            ),
        ] {
            let response = ErrorResponse::parse(text.as_bytes());
            assert_eq!(response.kind, BodyKind::Error, "{text}");
            assert_eq!(response.code(), Some("SignatureDoesNotMatch"), "{text}");
            assert_eq!(
                response.message(),
                Some("The request's <signature>"),
                "{text}"
            );
            assert_eq!(
                response.element("CanonicalRequest"),
                Some("GET\n/k\nA=1&B=2")
            );
            assert_eq!(response.canonical_request(), Some(b"GET\n/".to_vec()));
            if text != AWS {
                assert_eq!(
                    (response.status, response.header("server")),
                    (Some(403), Some("x")),
                    "{text}"
                );
            }
            if text.starts_with('*') {
                let request = response.request.expect("curl -v shows it");
                assert_eq!((request.method.as_str(), request.headers.len()), ("GET", 1));
            }
        }
    }

    #[test]
    fn makes_something_of_everything() {
        for (text, kind) in [
            ("", BodyKind::Empty),
            ("HTTP/1.1 500 Oops\n", BodyKind::Empty),
            ("<html><body>Sign in</body></html>", BodyKind::Html),
            ("<!DOCTYPE html>\n<p>", BodyKind::Html),
            ("no such thing", BodyKind::Other),
            (
                "<ListBucketResult><Name>b</Name></ListBucketResult>",
                BodyKind::OtherXml,
            ),
            (
                "{\"error\":{\"code\":403,\"message\":\"no\"}}",
                BodyKind::Error,
            ),
            ("<Error><Code>AccessDenied</Code><Mess", BodyKind::Error),
            ("<Error><Code>AccessDenied", BodyKind::Error),
        ] {
            assert_eq!(ErrorResponse::parse(text.as_bytes()).kind, kind, "{text}");
        }
        let cut = ErrorResponse::parse(b"<Error><Code>AccessDenied</Code><Mess");
        assert_eq!(cut.code(), Some("AccessDenied"));
        let ibm = ErrorResponse::parse(
            b"<Error><Code>NoSuchKey</Code><Message/><httpStatusCode>404</httpStatusCode></Error>",
        );
        assert_eq!((ibm.status, ibm.message()), (Some(404), None));
    }

    #[test]
    fn curl_output_around_a_response_is_no_part_of_it() {
        let talk = "> PUT /k HTTP/1.1\n> Host: h\n> X-Amz-Meta-A: b c\n>\n} [5 bytes data]\n";
        let response = ErrorResponse::parse(format!("* Trying\n{talk}").as_bytes());
        assert_eq!((response.kind, response.status), (BodyKind::Empty, None));
        let request = response.request.expect("curl -v shows it");
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("PUT", "/k")
        );
        assert_eq!(
            request.headers,
            [
                ("host".into(), "h".into()),
                ("x-amz-meta-a".to_owned(), "b c".to_owned())
            ]
        );
        let response = ErrorResponse::parse(
            format!("{talk}< HTTP/1.1 204 No Content\n<\n{{ [0 bytes data]\n* Left intact\n")
                .as_bytes(),
        );
        assert_eq!(
            (response.kind, response.status),
            (BodyKind::Empty, Some(204))
        );
    }

    #[test]
    fn an_error_has_its_element_or_a_code() {
        for (text, kind) in [
            ("<Error><Message>no</Message></Error>", BodyKind::Error),
            (
                "<Response><Errors><e><Code>AuthFailure</Code></e></Errors></Response>",
                BodyKind::Error,
            ),
            (
                "<Response><Message>no</Message></Response>",
                BodyKind::OtherXml,
            ),
        ] {
            assert_eq!(ErrorResponse::parse(text.as_bytes()).kind, kind, "{text}");
        }
    }

    #[test]
    fn the_string_to_sign_is_that_of_the_bytes() {
        let text =
            "<Error><StringToSign>A\n&lt;&gt;&amp;&quot;&apos;&other;</StringToSign></Error>";
        assert_eq!(
            ErrorResponse::parse(text.as_bytes())
                .string_to_sign()
                .as_deref(),
            Some(&b"A\n<>&\"'"[..])
        );
        let both = text.replace(
            "</Error>",
            "<StringToSignBytes>41 0d 0a</StringToSignBytes></Error>",
        );
        assert_eq!(
            ErrorResponse::parse(both.as_bytes())
                .string_to_sign()
                .as_deref(),
            Some(&b"A\r\n"[..])
        );
        assert_eq!(ErrorResponse::parse(b"<Error/>").string_to_sign(), None);
    }
}
