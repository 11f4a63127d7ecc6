//! Documents of multipart uploads: the parts in the store (ListParts), the request to complete an
//! upload (CompleteMultipartUpload), and its response.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::store::ErrorResponse;

use super::etag::opaque;

/// An uploaded part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// From 1.
    pub number: u32,
    /// As in the response.
    pub etag: String,
    /// Size in bytes.
    pub size: u64,
}

/// Parses a page; `None` if it is not a list of parts. A part without number, size or ETag is
/// skipped.
pub fn listed_parts(body: &[u8]) -> Option<Vec<ListedPart>> {
    let mut parts = Vec::new();
    let mut open: [Option<String>; 3] = Default::default();
    // The second name is moto's.
    let roots = ["ListPartsResult", "ListPartsResponse"];
    walk(body, &roots, |path, text| match path {
        [_, "Part", "PartNumber"] => open[0] = Some(text.to_owned()),
        [_, "Part", "ETag"] => open[1] = Some(text.to_owned()),
        [_, "Part", "Size"] => open[2] = Some(text.to_owned()),
        [_, "Part"] => {
            if let [Some(number), Some(etag), Some(size)] = std::mem::take(&mut open)
                && let (Ok(number), Ok(size)) = (number.trim().parse(), size.trim().parse())
            {
                parts.push(ListedPart { number, etag, size });
            }
        }
        _ => {}
    })?;
    Some(parts)
}

/// A multipart upload that was neither completed nor aborted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedUpload {
    /// Key.
    pub key: String,
    /// Upload ID.
    pub upload_id: String,
    /// Start time as in the response; empty if missing.
    pub initiated: String,
}

/// Parses a page of ListMultipartUploads; `None` if it is something else.
pub fn unfinished_uploads(body: &[u8]) -> Option<Vec<UnfinishedUpload>> {
    let mut uploads = Vec::new();
    let mut open: [Option<String>; 3] = Default::default();
    walk(
        body,
        &["ListMultipartUploadsResult"],
        |path, text| match path {
            [_, "Upload", "Key"] => open[0] = Some(text.to_owned()),
            [_, "Upload", "UploadId"] => open[1] = Some(text.trim().to_owned()),
            [_, "Upload", "Initiated"] => open[2] = Some(text.trim().to_owned()),
            [_, "Upload"] => {
                if let [Some(key), Some(upload_id), initiated] = std::mem::take(&mut open) {
                    uploads.push(UnfinishedUpload {
                        key,
                        upload_id,
                        initiated: initiated.unwrap_or_default(),
                    });
                }
            }
            _ => {}
        },
    )?;
    Some(uploads)
}

/// The response to CompleteMultipartUpload. Its status is 200 before the store knows the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completed {
    /// The upload is complete.
    Done {
        /// Its ETag.
        etag: Option<String>,
    },
    /// The upload failed.
    Failed(Box<ErrorResponse>),
    /// The document is truncated, or of another kind.
    Unclear,
}

impl Completed {
    /// Parses the body. White space before the document only keeps the connection alive.
    pub fn parse(body: &[u8]) -> Completed {
        let body = body.trim_ascii_start();
        let mut etag = None;
        let is_result = walk(body, &["CompleteMultipartUploadResult"], |path, text| {
            if let [_, "ETag"] = path {
                etag = Some(text.trim().to_owned());
            }
        });
        if is_result.is_some() {
            return Completed::Done { etag };
        }
        let response = ErrorResponse::parse(body);
        match response.code() {
            Some(_) => Completed::Failed(Box::new(response)),
            None => Completed::Unclear,
        }
    }
}

/// Maximum nesting; deeper documents would take quadratic time.
const DEPTH_LIMIT: usize = 64;

/// Calls back at the end of each element with its path and text; `None` if the document is
/// incomplete or has another root.
fn walk(body: &[u8], roots: &[&str], mut each: impl FnMut(&[&str], &str)) -> Option<()> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                path.push(start.local_name().into_inner().to_owned());
                if !roots.contains(&path[0].as_str()) || path.len() > DEPTH_LIMIT {
                    return None;
                }
                text.clear();
            }
            Event::End(_) => {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                each(&names, &text);
                path.pop();
                text.clear();
                if path.is_empty() {
                    return Some(());
                }
            }
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().ok()? {
                Some(c) => text.push(c),
                None if &*reference == "quot" => text.push('"'),
                None => {}
            },
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// The body of CompleteMultipartUpload: number and ETag of each part, in order.
pub fn complete_document(parts: &[(u32, String)]) -> Vec<u8> {
    let mut document =
        String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (number, etag) in parts {
        let etag = opaque(etag)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        document.push_str(&format!(
            "<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>"
        ));
    }
    document.push_str("</CompleteMultipartUpload>");
    document.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_in_any_order_of_their_elements() {
        let page = "<?xml version=\"1.0\"?><ListPartsResult \
            xmlns=\"x\"><Bucket>b</Bucket><Owner><ID>1</ID></Owner><Part><ETag>&quot;aa&quot;</ETag><PartNumber>1</PartNumber><LastModified/><Size>5</Size></Part><Part><PartNumber>7</PartNumber><Size>6</Size><ETag>\"bb\"</ETag></Part><Part><PartNumber>8</PartNumber></Part><Part><PartNumber>9</PartNumber><Size>1</Size><ETag>c</ETag></Part></ListPartsResult>";
        let parts = listed_parts(page.as_bytes()).expect("a list");
        let seen: Vec<_> = parts
            .iter()
            .map(|part| (part.number, opaque(&part.etag), part.size))
            .collect();
        assert_eq!(seen, [(1, "aa", 5), (7, "bb", 6), (9, "c", 1)]);
        assert_eq!(listed_parts(b"<ListPartsResult/>"), Some(Vec::new()));
        let of_moto = page.replace("ListPartsResult", "ListPartsResponse");
        assert_eq!(listed_parts(of_moto.as_bytes()), Some(parts));
        for text in [
            "",
            "<Error><Code>NoSuchUpload</Code></Error>",
            "<ListPartsResult><Part>",
            "<html>",
        ] {
            assert_eq!(listed_parts(text.as_bytes()), None, "{text}");
        }
        let deep = format!(
            "<ListPartsResult>{}{}</ListPartsResult>",
            "<a>".repeat(200_000),
            "</a>".repeat(200_000)
        );
        assert_eq!(listed_parts(deep.as_bytes()), None);
    }

    #[test]
    fn a_response_of_200_may_report_a_failure() {
        let done = b" \n \r\n<?xml \
            version=\"1.0\"?><CompleteMultipartUploadResult><Location>l</Location><ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>";
        assert_eq!(
            Completed::parse(done),
            Completed::Done {
                etag: Some("\"e-2\"".to_owned())
            }
        );
        let Completed::Failed(response) =
            Completed::parse(b"  <Error><Code>InternalError</Code></Error>")
        else {
            panic!("a failure")
        };
        assert_eq!(response.code(), Some("InternalError"));
        for text in [
            "",
            "   ",
            "<CompleteMultipartUploadResult><ETag>x",
            "<html></html>",
        ] {
            assert_eq!(
                Completed::parse(text.as_bytes()),
                Completed::Unclear,
                "{text}"
            );
        }
    }

    #[test]
    fn the_document_has_quoted_etags() {
        let document = String::from_utf8(complete_document(&[
            (1, "\"a\"".to_owned()),
            (2, "b&".to_owned()),
        ]))
        .expect("text");
        assert!(
            document.contains("<PartNumber>1</PartNumber><ETag>\"a\"</ETag>"),
            "{document}"
        );
        assert!(
            document.contains("<PartNumber>2</PartNumber><ETag>\"b&amp;\"</ETag>"),
            "{document}"
        );
    }
}
