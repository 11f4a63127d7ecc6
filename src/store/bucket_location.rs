//! Where a bucket is, as stores write it: GetBucketLocation, and IBM's extended list of buckets.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Storage classes that IBM appends to the region: `eu-de-smart`.
const IBM_CLASSES: [&str; 7] = [
    "accelerated",
    "cold",
    "flex",
    "onerate_active",
    "smart",
    "standard",
    "vault",
];

/// The text of the response to GetBucketLocation; empty for `us-east-1`, which is how the first
/// region is written. `None` if the response is another document.
pub fn location_of_bucket(body: &[u8]) -> Option<String> {
    let mut location = None;
    let is_whole = each_leaf(body, |path, text| {
        // AWS has no element around it, some gateways one of the same name.
        if path.last().is_some_and(|name| name == "LocationConstraint") {
            location.get_or_insert_with(|| text.to_owned());
        }
    });
    location.filter(|_| is_whole)
}

/// The location of a bucket in IBM's `GET /?extended`; `None` if the list does not contain it.
pub fn location_in_list(body: &[u8], bucket: &str) -> Option<String> {
    let (mut name, mut location) = (String::new(), String::new());
    let mut found = None;
    each_leaf(body, |path, text| {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names[..] {
            [.., "Bucket", "Name"] => text.clone_into(&mut name),
            [.., "Bucket", "LocationConstraint"] => text.clone_into(&mut location),
            [.., "Bucket"] => {
                if name == bucket && !location.is_empty() {
                    found = Some(std::mem::take(&mut location));
                }
                name.clear();
                location.clear();
            }
            _ => {}
        }
    });
    found
}

/// The region of a location. `is_ibm`: locations end in a storage class.
pub fn region_of_location(location: &str, is_ibm: bool) -> &str {
    match location {
        "" => "us-east-1",
        // Buckets made before regions had names.
        "EU" => "eu-west-1",
        _ if is_ibm => match location.rsplit_once('-') {
            Some((region, class)) if IBM_CLASSES.contains(&class) => region,
            _ => location,
        },
        _ => location,
    }
}

/// Calls back at the end of each element, with its path and the text directly before its end;
/// returns whether the document is complete.
fn each_leaf(body: &[u8], mut visit: impl FnMut(&[String], &str)) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        return false;
    };
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut path, mut text) = (Vec::new(), String::new());
    let mut is_complete = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if path.len() < 16 && !is_complete => {
                path.push(start.local_name().into_inner().to_owned());
                text.clear();
            }
            Ok(Event::End(_)) => {
                visit(&path, text.trim());
                text.clear();
                path.pop();
                is_complete = path.is_empty();
            }
            Ok(Event::Text(part)) => text.push_str(&part),
            Ok(Event::Eof) => return is_complete,
            Ok(Event::Start(_)) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_read_from_every_form() {
        let xmlns = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
        for (body, location) in [
            (format!("<?xml version=\"1.0\"?>\n<LocationConstraint {xmlns}>eu-de</LocationConstraint>"), Some("eu-de")),
            (format!("<LocationConstraint {xmlns}/>"), Some("")),
            ("<CreateBucketConfiguration><LocationConstraint> ap-1\n</LocationConstraint></CreateBucketConfiguration>".to_owned(), Some("ap-1")),
            ("<LocationConstraint><LocationConstraint>cn-north-1</LocationConstraint></LocationConstraint>".to_owned(), Some("cn-north-1")),
            ("<Error><Code>AccessDenied</Code></Error>".to_owned(), None),
            ("<LocationConstraint>eu-de".to_owned(), None),
            (String::new(), None),
            ("<html>".to_owned(), None),
        ] {
            assert_eq!(location_of_bucket(body.as_bytes()).as_deref(), location, "{body}");
        }
        assert_eq!(location_of_bucket(b"<a>\xff</a>"), None);
    }

    #[test]
    fn buckets_are_found_in_the_list_by_their_whole_name() {
        let bucket = |name: &str, location: &str| {
            format!(
                "<Bucket><Name>{name}</Name><CreationDate>x</CreationDate><LocationConstraint>{location}</LocationConstraint></Bucket>"
            )
        };
        let list = format!(
            "<ListAllMyBucketsResult><Owner><ID>o</ID></Owner><IsTruncated>false</IsTruncated><Buckets>{}{}<Bucket><Name>c</Name></Bucket></Buckets></ListAllMyBucketsResult>",
            bucket("ab", "eu-de-smart"),
            bucket("a", "us-south-standard"),
        );
        for (name, location) in [
            ("a", Some("us-south-standard")),
            ("ab", Some("eu-de-smart")),
            ("b", None),
            ("c", None),
        ] {
            assert_eq!(
                location_in_list(list.as_bytes(), name).as_deref(),
                location,
                "{name}"
            );
        }
    }

    #[test]
    fn a_location_is_a_region_and_perhaps_a_class() {
        for (location, is_ibm, region) in [
            ("", false, "us-east-1"),
            ("EU", false, "eu-west-1"),
            ("eu-de-standard", true, "eu-de"),
            ("us-vault", true, "us"),
            ("ams03-onerate_active", true, "ams03"),
            ("eu-de", true, "eu-de"),
            ("my-standard", false, "my-standard"),
        ] {
            assert_eq!(region_of_location(location, is_ibm), region);
        }
    }
}
