//! Listings of stores that send what no store should, one page after another and in parallel.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use cos_presign::http::{ListError, ParallelLister};
use cos_presign::sigv4::encode;
use cos_presign::store::ListingError;
use support::odd_servers::OddServer;
use support::rng::Rng;

use crate::listing::{client, lister, listing, pages};
use crate::network_options::keeping;

/// All keys, by this many threads.
fn listed_in_parallel(
    server: &OddServer,
    prefix: &str,
    jobs: usize,
) -> Result<Vec<Vec<u8>>, ListError> {
    let listing = listing(&server.http(), prefix);
    let mut lister = ParallelLister::new(client(Duration::from_secs(20)), listing, Utc::now, jobs);
    let mut keys = Vec::new();
    while let Some(page) = lister.next_page()? {
        keys.extend(page.into_iter().map(|object| object.key));
    }
    assert_eq!(lister.next_page(), Ok(None), "the end is the end");
    Ok(keys)
}

/// A parameter of a listing request, decoded.
fn parameter(request: &str, name: &str) -> Option<Vec<u8>> {
    let query = request.split(['?', ' ']).nth(2)?;
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    encode::decode(value.as_bytes()).ok()
}

fn listing_of(keys: &[Vec<u8>], token: Option<&[u8]>) -> Vec<u8> {
    let entry = |key: &Vec<u8>| {
        let key = encode::component(key);
        format!("<Contents><Key>{key}</Key></Contents>")
    };
    let contents: String = keys.iter().map(entry).collect();
    let token_element = token.map(|token| {
        let token = encode::component(token);
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    document(&format!(
        "<ListBucketResult><EncodingType>url</EncodingType><KeyCount>{}</KeyCount>\
         <IsTruncated>{}</IsTruncated>{}{contents}</ListBucketResult>",
        keys.len(),
        token.is_some(),
        token_element.unwrap_or_default()
    ))
}

fn document(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// The pages may be of any size, also empty.
#[test]
fn parallel_listings_have_every_key_whatever_the_pages_are() {
    let mut random = Rng::new(7);
    for (jobs, alphabet) in [
        (2, "ab"),
        (5, "0123456789/"),
        (16, "aZ9-/ \u{e4}\u{65e5}%+"),
    ] {
        let characters: Vec<char> = alphabet.chars().collect();
        let mut keys = BTreeSet::new();
        for _ in 0..4000 {
            let length = 1 + random.below(12);
            let character = |_| random.pick(&characters);
            let key: String = (0..length).map(character).collect();
            keys.insert(format!("p/{key}").into_bytes());
        }
        let keys: Vec<_> = keys.into_iter().collect();
        let stored = keys.clone();
        let count = AtomicUsize::new(0);
        let server = keeping(move |request| {
            let count = count.fetch_add(1, Ordering::SeqCst);
            let token = parameter(request, "continuation-token")
                .map(|token| encode::decode(&token).unwrap());
            let after = token.or(parameter(request, "start-after"));
            let first = stored.partition_point(|key| after.as_ref().is_some_and(|a| key <= a));
            let most = match count % 4 {
                // Without progress, but with another token each time: a key that does not exist.
                0 if after.is_some() => {
                    let mut token = after.unwrap();
                    token.push(0);
                    return Some(listing_of(&[], Some(&token)));
                }
                number => 1 + number * 37,
            };
            let page = &stored[first..stored.len().min(first + most)];
            let is_last = first + page.len() == stored.len();
            let token = page.last().filter(|_| !is_last);
            Some(listing_of(page, token.map(Vec::as_slice)))
        });
        let listed = listed_in_parallel(&server, "p/", jobs).unwrap();
        assert!(listed == keys, "{jobs}: {} of {}", listed.len(), keys.len());
    }
}

/// Nothing that a store sends may end in a list that looks complete, or never end.
#[test]
fn hostile_listings_are_errors_one_page_after_another_and_in_parallel() {
    type Respond = fn(&str, usize) -> Vec<u8>;
    let bomb = |_: &str, _: usize| {
        let levels: String = (1..20)
            .map(|level| {
                let entity = format!("&e{};", level - 1).repeat(10);
                format!("<!ENTITY e{level} \"{entity}\">")
            })
            .collect();
        document(&format!(
            "<!DOCTYPE x [<!ENTITY e0 \"lol\">{levels}]><ListBucketResult><IsTruncated>false\
             </IsTruncated><Contents><Key>&e19;</Key></Contents></ListBucketResult>"
        ))
    };
    let is_page = |error: &ListError| matches!(error, ListError::Page(_));
    let is_without_keys = |error: &ListError| matches!(error, ListError::NoKeys { .. });
    let is_broken_off = |error: &ListError| matches!(error, ListError::BrokenOff { .. });
    type Case = (&'static str, Respond, fn(&ListError) -> bool);
    let cases: [Case; 8] = [
        ("entities that expand", bomb, is_page),
        (
            "XML that breaks off",
            |_, _| {
                document(
                    "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/k</Key>",
                )
            },
            is_page,
        ),
        (
            "a key outside of the prefix",
            |_, _| listing_of(&[b"a/k".to_vec(), b"b/k".to_vec()], None),
            is_page,
        ),
        (
            "keys that are not encoded as declared",
            |_, _| {
                document(
                    "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false\
                     </IsTruncated><Contents><Key>a/100%</Key></Contents></ListBucketResult>",
                )
            },
            is_page,
        ),
        (
            "the same page again and again",
            |_, _| listing_of(&[b"a/k".to_vec()], Some(b"token")),
            is_page,
        ),
        (
            "pages without keys",
            |_, number| listing_of(&[], Some(format!("token-{number}").as_bytes())),
            is_without_keys,
        ),
        (
            "an incomplete page without a token",
            |_, _| {
                document(
                    "<ListBucketResult><KeyCount>1</KeyCount><IsTruncated>true</IsTruncated>\
                     <Contents><Key>a/k</Key></Contents></ListBucketResult>",
                )
            },
            is_page,
        ),
        (
            "less than declared",
            |_, _| {
                b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n\
                  <ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
                    .to_vec()
            },
            is_broken_off,
        ),
    ];
    for (name, respond, is_expected) in cases {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let closes = name == "less than declared";
        let server = if closes {
            OddServer::responding(&respond("", 0))
        } else {
            keeping(move |request| Some(respond(request, counted.fetch_add(1, Ordering::SeqCst))))
        };
        let error = pages(lister(listing(&server.http(), "a/"))).unwrap_err();
        assert!(is_expected(&error), "{name}: {error:?}");
        assert!(error.hint().is_some(), "{name}");
        let error = listed_in_parallel(&server, "a/", 4).unwrap_err();
        assert!(is_expected(&error), "{name}, in parallel: {error:?}");
        let requests = count.load(Ordering::SeqCst);
        assert!(requests <= 2 * 1100, "{name}: {requests} requests");
    }
}

/// It would list the same keys for each range.
#[test]
fn a_parallel_listing_notices_that_a_store_ignores_the_start() {
    let keys: Vec<_> = (0..3000)
        .map(|number| format!("a/{number:04}").into_bytes())
        .collect();
    let server = keeping(move |request| {
        let token = parameter(request, "continuation-token");
        let first = token.map_or(0, |token| {
            keys.partition_point(|key| encode::component(key).as_bytes() <= &token[..])
        });
        let page = &keys[first..keys.len().min(first + 1000)];
        let token = page.last().filter(|_| first + 1000 < keys.len());
        Some(listing_of(page, token.map(Vec::as_slice)))
    });
    let error = listed_in_parallel(&server, "a/", 4).unwrap_err();
    assert!(
        matches!(error, ListError::Page(ListingError::Unordered(_))),
        "{error:?}"
    );
}
