//! The body of a form with a file (RFC 7578); only the file is streamed.

/// The body before and after the file.
pub struct FormBody {
    /// Fields, and the header of the last part.
    pub before: Vec<u8>,
    /// The closing boundary.
    pub after: Vec<u8>,
    /// The value of `Content-Type`.
    pub content_type: String,
}

impl FormBody {
    /// The file is the last field: stores ignore fields after it. The boundary must not occur in
    /// the file, which is practically impossible for a random one of this length.
    pub fn new(fields: &[(String, String)], file_name: &str, boundary: &str) -> FormBody {
        let mut before = String::new();
        for (name, value) in fields {
            let name = quoted(name);
            before.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        before.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n",
            quoted(file_name)
        ));
        FormBody {
            before: before.into_bytes(),
            after: format!("\r\n--{boundary}--\r\n").into_bytes(),
            content_type: format!("multipart/form-data; boundary={boundary}"),
        }
    }
}

/// Encoded as by browsers.
fn quoted(text: &str) -> String {
    text.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_last() {
        let fields = [
            ("key".to_owned(), "a/${filename}".to_owned()),
            ("policy".to_owned(), "p==".to_owned()),
        ];
        let form = FormBody::new(&fields, "a\"b.txt", "xyz");
        let text = format!(
            "{}CONTENT{}",
            String::from_utf8(form.before).expect("text"),
            String::from_utf8(form.after).expect("text")
        );
        assert_eq!(
            text,
            "--xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/${filename}\r\n\
             --xyz\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\np==\r\n\
             --xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.txt\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nCONTENT\r\n--xyz--\r\n"
        );
        assert_eq!(form.content_type, "multipart/form-data; boundary=xyz");
    }
}
