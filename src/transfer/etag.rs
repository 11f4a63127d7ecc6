//! ETags as checksums. By default an ETag is the MD5 of an object or a part; for a multipart object
//! it is the MD5 of the MD5s of its parts, followed by their number. With KMS or customer keys it
//! is neither.

use md5::{Digest, Md5};

/// The ETag without quotes and without the weak prefix.
pub fn opaque(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

/// The MD5, if the ETag has the form of one.
pub fn md5_of_etag(etag: &str) -> Option<[u8; 16]> {
    let mut md5 = [0; 16];
    hex::decode_to_slice(opaque(etag), &mut md5)
        .ok()
        .map(|()| md5)
}

/// Whether the ETag of a response with these headers (names in lower case) depends only on the
/// content.
pub fn is_md5_of_content(headers: &[(String, String)]) -> bool {
    !headers.iter().any(|(name, value)| match name.as_str() {
        "x-amz-server-side-encryption" => value.contains("kms"),
        "x-amz-server-side-encryption-customer-algorithm"
        | "x-amz-server-side-encryption-aws-kms-key-id" => true,
        _ => false,
    })
}

/// The ETag of a multipart object whose parts have these MD5s.
pub fn composite(parts: &[[u8; 16]]) -> String {
    let digest = Md5::digest(parts.concat());
    format!("{}-{}", hex::encode(digest), parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_read_with_and_without_quotes() {
        let hex = "9e107d9d372bb6826bd81d3542a419d6";
        let md5: [u8; 16] = Md5::digest(b"The quick brown fox jumps over the lazy dog").into();
        for text in [
            hex.to_owned(),
            format!("\"{hex}\""),
            format!("W/\"{hex}\""),
            hex.to_uppercase(),
        ] {
            assert_eq!(md5_of_etag(&text), Some(md5), "{text}");
        }
        for text in [
            format!("\"{hex}-1\""),
            "part-1".to_owned(),
            String::new(),
            hex[1..].to_owned(),
        ] {
            assert_eq!(md5_of_etag(&text), None, "{text}");
        }
    }

    #[test]
    fn an_object_of_parts() {
        // Of one empty part, as returned by stores.
        let empty: [u8; 16] = Md5::digest(b"").into();
        assert_eq!(composite(&[empty]), "59adb24ef3cdbe0297f05b395827453f-1");
        assert!(composite(&[empty, empty]).ends_with("-2"));
    }
}
