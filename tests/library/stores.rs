//! The table of stores, row by row, compared with facts that were collected apart from it: `stores.json`, from the stores'
//! documents, sources and SDKs, which each row names.

use std::collections::BTreeMap;

use cos_presign::store::{
    AddressingSupport, Endpoint, ExpiryLimit, Network, PROVIDERS, PostForms, find_provider,
};
use serde_json::Value;

fn rows() -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string("tests/stores.json").unwrap()).unwrap()
}

#[test]
fn table_and_facts_have_the_same_stores() {
    let rows = rows();
    let of_rows: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let of_table: Vec<&str> = PROVIDERS.iter().map(|provider| provider.id).collect();
    assert_eq!(of_table, of_rows);
    let mut names = BTreeMap::new();
    for provider in PROVIDERS {
        for name in std::iter::once(&provider.id).chain(provider.aliases) {
            assert!(
                names.insert(*name, provider.id).is_none(),
                "two stores are called {name}"
            );
            assert_eq!(find_provider(name).map(|found| found.id), Some(provider.id));
        }
        assert!(!provider.notes.is_empty(), "{}", provider.id);
    }
}

#[test]
fn limits_addressing_and_forms_equal_the_facts() {
    for row in rows() {
        let id = row["id"].as_str().unwrap();
        let provider = find_provider(id).unwrap();
        let status = row["max_expires_status"].as_str().unwrap();
        match (provider.expiry_limit, row["max_expires_seconds"].as_u64()) {
            (ExpiryLimit::Refused(ours), Some(seconds)) => assert_eq!(ours, seconds, "{id}"),
            (ExpiryLimit::None, None) => assert!(
                status.contains("no_limit") || status.contains("no cap"),
                "{id}: {status}"
            ),
            (ExpiryLimit::Unknown, None) => {
                let unknown = ["assumed", "unknown", "inferred"]
                    .iter()
                    .any(|word| status.contains(word));
                assert!(unknown, "{id}: {status}");
            }
            (ours, seconds) => panic!("{id}: {ours:?} and {seconds:?}"),
        }
        let support = match (&row["path"], &row["virtual"]) {
            // Tencent serves path style for old buckets only, which a link cannot know.
            (Value::Bool(false), _) => AddressingSupport::VirtualOnly,
            (Value::String(_), Value::Bool(true)) => AddressingSupport::VirtualOnly,
            (_, Value::Bool(false)) => AddressingSupport::PathOnly,
            _ => AddressingSupport::Both,
        };
        assert_eq!(provider.addressing, support, "{id}");
        let forms = match row["post_policy"].as_str().unwrap() {
            "yes" => PostForms::Served,
            // R2 says so itself; of the others only the list of operations lacks it.
            "no" if id == "r2" => PostForms::NotServed,
            "no" | "uncertain" => PostForms::NotDocumented,
            text if text.contains("its own signature") => PostForms::NotDocumented,
            _ => PostForms::Unknown,
        };
        assert_eq!(provider.post_forms, forms, "{id}");
    }
}

#[test]
fn every_region_round_trips_through_its_endpoint() {
    let mut count = 0;
    for row in rows() {
        let id = row["id"].as_str().unwrap();
        let provider = find_provider(id).unwrap();
        for region in row["regions"].as_array().unwrap() {
            let name = region["id"].as_str().unwrap();
            let endpoints = region["endpoints"].as_object().unwrap();
            for (kind, url) in endpoints {
                let url = url.as_str().unwrap();
                let found = Endpoint::parse(url)
                    .unwrap()
                    .recognize()
                    .unwrap_or_else(|| panic!("{id}: {url} is not recognized"));
                assert_eq!(found.provider, id, "{url}");
                // One host for all regions says nothing about the region.
                let of_host = found
                    .region
                    .clone()
                    .or(provider.default_region.map(str::to_owned));
                if id != "storj" {
                    assert_eq!(of_host.as_deref(), Some(name), "{id}: {url}");
                }
                let network = match kind.as_str() {
                    "private" => Network::Private,
                    "direct" => Network::Direct,
                    "public" | "regional" => Network::Public,
                    _ => continue,
                };
                if provider.has_network(network) {
                    assert_eq!(
                        provider.endpoint(name, network).as_deref(),
                        Some(url),
                        "{id} {name} {kind}"
                    );
                    count += 1;
                }
            }
            // Closed ones are recognized and not offered.
            let is_open = region["status"].is_null();
            assert!(
                !is_open
                    || id == "storj"
                    || provider.regions.contains(&name)
                    || endpoints.is_empty(),
                "{id}: {name}"
            );
        }
    }
    assert!(count > 200, "{count}");
}

#[cfg(feature = "cli")]
#[test]
fn stores_command_lists_the_table() {
    use std::process::Command;

    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cos-presign"))
            .env_clear()
            .args(args)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&["stores"]);
    assert_eq!(text.lines().count(), PROVIDERS.len());
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let lines = run(&["stores", "--json"]);
    for (line, provider) in lines.lines().zip(PROVIDERS) {
        let report: Value = serde_json::from_str(line).unwrap();
        assert_eq!(report["id"], provider.id);
        assert_eq!(
            report["regions"].as_array().unwrap().len(),
            provider.regions.len()
        );
        let page = run(&["stores", provider.id]);
        assert!(
            page.contains(provider.name) && page.lines().all(|line| line.chars().count() <= 80),
            "{page}"
        );
    }
}

/// A caller can put every error of the library into a `Box<dyn Error>`, and it says something there.
#[test]
fn unknown_regions_and_hosts_are_errors() {
    use cos_presign::sigv4::{SigningTime, UrlParts};
    use cos_presign::store::{Cut, Target, check_bucket};
    let errors: Vec<(Box<dyn std::error::Error>, &str)> = vec![
        (
            Endpoint::parse("ftp://h").unwrap_err().into(),
            "the endpoint is neither http nor https",
        ),
        (
            Target::parse(b"arn:aws:s3").unwrap_err().into(),
            "the target is not an ARN, which has six fields",
        ),
        (
            check_bucket("..", None).unwrap_err().into(),
            "the bucket's name is only dots",
        ),
        (
            Cut::new(0, None, 10_000).unwrap_err().into(),
            "there are no bytes to cut into parts",
        ),
        (
            UrlParts::parse("https://").unwrap_err().into(),
            "the URL has no host",
        ),
        (
            SigningTime::from_unix_seconds(i64::MAX).unwrap_err().into(),
            "the time is outside the years 0 to 9999",
        ),
    ];
    for (error, said) in errors {
        assert_eq!(error.to_string(), said);
    }
}
