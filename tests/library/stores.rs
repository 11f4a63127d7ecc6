//! The table of stores, row by row, compared with facts that were collected apart from it:
//! `stores.json`, from the stores' documents, sources and SDKs, which each row names.

use std::collections::BTreeMap;
use std::fmt::Write;

use cos_presign::store::{
    AddressingSupport, Endpoint, EndpointError, ExpiryLimit, Network, PROVIDERS, PostForms,
    Provider, find_provider, guess_host, provider_of_scheme, providers_of_region, read_host,
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
            // Tencent serves path style for old buckets only, which a URL does not show.
            (Value::Bool(false), _) => AddressingSupport::VirtualOnly,
            (Value::String(_), Value::Bool(true)) => AddressingSupport::VirtualOnly,
            (_, Value::Bool(false)) => AddressingSupport::PathOnly,
            _ => AddressingSupport::Both,
        };
        assert_eq!(provider.addressing, support, "{id}");
        let forms = match row["post_policy"].as_str().unwrap() {
            "yes" => PostForms::Served,
            // Documented for R2, tested with rclone; the others do not list the operation.
            "refused" => PostForms::NotServed,
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
                // One host for all regions implies no region.
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

/// Facts that differ from what the stores' own lists or other tools say, one by one.
#[test]
fn regions_and_hosts_that_lists_lack_are_known() {
    for (id, regions) in [
        ("aws", "me-west-1 sa-west-1"),
        ("b2", "us-west-000 us-west-001 us-west-002 eu-central-003"),
        ("wasabi", "eu-west-3 us-west-2"),
        (
            "linode",
            "au-mel-1 de-fra-1 fr-par-13 in-bom-1 us-iad-1 us-iad-18 us-lax-4 us-ord-10 us-sea-9",
        ),
        ("ovh", "eu-south-mil"),
        ("scaleway", "it-mil"),
        ("do-spaces", "atl1"),
        ("alibaba", "ap-southeast-6"),
    ] {
        let provider = find_provider(id).unwrap();
        for region in regions.split(' ') {
            assert!(provider.regions.contains(&region), "{id}: {region}");
            let endpoint = provider.endpoint(region, Network::Public).expect(region);
            let host = endpoint.strip_prefix("https://").expect("https");
            let reading = read_host(host).expect(host);
            assert_eq!((reading.provider.id, reading.region), (id, Some(region)));
        }
    }
    let oracle = find_provider("oci").unwrap();
    assert!(oracle.regions.len() >= 27, "{}", oracle.regions.len());
    for (host, id, region, network) in [
        (
            "bucket.vpce-0a-1b.s3.us-west-2.vpce.amazonaws.com",
            "aws",
            "us-west-2",
            Network::Private,
        ),
        (
            "accesspoint.vpce-0a-1b.s3.cn-north-1.vpce.amazonaws.com.cn",
            "aws",
            "cn-north-1",
            Network::Private,
        ),
        (
            "s3.eu-west-3-dell-obs.wasabisys.com",
            "wasabi",
            "eu-west-3",
            Network::Public,
        ),
        (
            "s3.oss-cn-hangzhou.aliyuncs.com",
            "alibaba",
            "cn-hangzhou",
            Network::Public,
        ),
        (
            "s3.oss-cn-hangzhou-internal.aliyuncs.com",
            "alibaba",
            "cn-hangzhou",
            Network::Private,
        ),
        (
            "cn-hangzhou.oss.aliyuncs.com",
            "alibaba",
            "cn-hangzhou",
            Network::Public,
        ),
        (
            "cos.ap-guangzhou.tencentcos.cn",
            "tencent",
            "ap-guangzhou",
            Network::Public,
        ),
        (
            "cos.ap-guangzhou.tencentcos.com",
            "tencent",
            "ap-guangzhou",
            Network::Public,
        ),
        (
            "cos-internal.ap-guangzhou.tencentcos.cn",
            "tencent",
            "ap-guangzhou",
            Network::Private,
        ),
        (
            "gateway.eu1.storjshare.io",
            "storj",
            "us-east-1",
            Network::Public,
        ),
        ("t3.tigrisfiles.io", "tigris", "auto", Network::Public),
        (
            "storage.europe-west3.rep.googleapis.com",
            "gcs",
            "europe-west3",
            Network::Public,
        ),
        (
            "s3.dal.us.cloud-object-storage.appdomain.cloud",
            "ibm",
            "us",
            Network::Public,
        ),
    ] {
        let reading = read_host(host).unwrap_or_else(|| panic!("{host}"));
        let found = (reading.provider.id, reading.region, reading.network);
        assert_eq!(found, (id, Some(region), network), "{host}");
        assert_eq!(reading.bucket, None, "{host}");
    }
    assert_eq!(
        read_host("oss-accelerate-overseas.aliyuncs.com").map(|reading| reading.provider.id),
        Some("alibaba")
    );
    // The partitions of AWS by the form of their regions, not by a list.
    for (region, domain) in [
        ("il-south-7", "amazonaws.com"),
        ("mx-north-2", "amazonaws.com"),
        ("us-gov-south-1", "amazonaws.com"),
        ("cn-west-9", "amazonaws.com.cn"),
        ("eusc-de-west-2", "amazonaws.eu"),
        ("us-iso-south-1", "c2s.ic.gov"),
        ("us-isob-west-1", "sc2s.sgov.gov"),
        ("eu-isoe-north-1", "cloud.adc-e.uk"),
        ("us-isof-east-1", "csp.hci.ic.gov"),
    ] {
        let found = providers_of_region(region);
        assert_eq!(found.len(), 1, "{region}");
        let endpoint = found[0].endpoint(region, Network::Public);
        assert_eq!(endpoint, Some(format!("https://s3.{region}.{domain}")));
    }
    // IBM: capitals and tethered locations are read, unknown locations and other interfaces refused.
    let ibm = find_provider("ibm").unwrap();
    assert_eq!(ibm.known_region("US-SOUTH"), Some("us-south"));
    assert_eq!(ibm.signed_region("dal.us"), "us");
    for url in [
        "https://config.cloud-object-storage.cloud.ibm.com",
        "https://config.direct.cloud-object-storage.cloud.ibm.com/v1",
    ] {
        let error = Endpoint::parse(url).unwrap_err();
        assert_eq!(error, EndpointError::OtherInterface, "{url}");
    }
}

/// Rules for rows that types do not express.
#[test]
fn rows_keep_the_schema() {
    const PLACEHOLDERS: [&str; 7] = ["account", "aws", "geo", "metro", "name", "region", "vpce"];
    let is_word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
    };
    for provider in PROVIDERS {
        let id = provider.id;
        assert!(is_word(id) && id.len() <= 12, "{id}");
        assert!(provider.name.len() <= 27, "{id}: {}", provider.name);
        for alias in provider.aliases {
            assert!(is_word(alias) && *alias != id, "{id}: {alias}");
        }
        for scheme in provider.schemes {
            assert_eq!(provider_of_scheme(scheme).map(|found| found.id), Some(id));
        }
        let mut regions = provider.regions.to_vec();
        regions.sort_unstable();
        regions.dedup();
        assert_eq!(
            regions.len(),
            provider.regions.len(),
            "{id}: a region twice"
        );
        assert!(
            regions.iter().all(|region| is_word(region)),
            "{id}: {regions:?}"
        );
        for region in provider.own_domain_regions {
            assert!(regions.contains(region), "{id}: {region}");
        }
        for (alias, region) in provider.region_aliases {
            assert!(provider.regions.contains(region), "{id}: {alias}");
        }
        for host in provider.hosts {
            let template = host.template;
            let mut rest = template;
            while let Some((before, after)) = rest.split_once('{') {
                assert!(!before.contains('}'), "{id}: {template}");
                let (name, after) = after.split_once('}').expect("a closed placeholder");
                assert!(PLACEHOLDERS.contains(&name), "{id}: {template}");
                rest = after;
            }
            assert!(
                !template.contains('/') && !template.contains(':'),
                "{id}: {template}"
            );
            let fills = ["{account}", "{geo}", "{metro}", "{name}", "{vpce}"];
            assert!(
                !host.builds || !fills.iter().any(|fill| template.contains(fill)),
                "{id}: no endpoint can be made of {template}"
            );
            assert!(
                host.region.is_none() || !template.contains("{region}"),
                "{id}: {template} names two regions"
            );
        }
        for note in provider.notes {
            assert!(!note.ends_with('.') && !note.is_empty(), "{id}: {note}");
        }
        if let Some(base) = provider.base_path {
            assert!(
                base.starts_with('/') && !base.ends_with('/'),
                "{id}: {base}"
            );
        }
        assert!((1000..=10_000).contains(&provider.most_parts), "{id}");
        // Server software has no hosts of its own, but names for tests.
        let builds = provider.hosts.iter().any(|host| host.builds);
        assert!(!builds || provider.kind.as_str() == "hosted", "{id}");
    }
}

/// Region and bucket are parts of the name that was read, in any spelling of it.
#[test]
fn hosts_are_case_insensitive() {
    let reading = read_host("My-Bucket.S3.EU-West-1.AmazonAWS.com").expect("of AWS");
    assert_eq!(reading.region, Some("EU-West-1"));
    assert_eq!(reading.bucket, Some("My-Bucket"));
    assert!(read_host(&"a.".repeat(300)).is_none());
    for host in [
        "",
        ".",
        "..",
        "a",
        "é.s3.amazonaws.com",
        ".s3.amazonaws.com",
    ] {
        let _ = (read_host(host), guess_host(host));
    }
}

/// `GOLDEN=overwrite` rewrites the page.
#[test]
fn the_page_of_the_stores_is_that_of_the_table() {
    const PAGE: &str = "docs/stores.md";
    let page = page();
    if std::env::var_os("GOLDEN").is_some_and(|mode| mode == "overwrite") {
        std::fs::create_dir_all("docs").unwrap();
        std::fs::write(PAGE, &page).unwrap();
    }
    let found = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        found.replace("\r\n", "\n") == page,
        "{PAGE} is not that of the table: GOLDEN=overwrite cargo test --test library stores"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Stores\n\nWhat `cos-presign` knows about stores; `cos-presign stores NAME` prints the \
         same. This page is made of the\ntable in `src/store/table/`. Stores, hosts and regions \
         that are not here work with `--endpoint`.\n\n| store | `--provider` | endpoint | maximum \
         expiry | addressing | region compared | POST forms |\n| --- | --- | --- | --- | --- | \
         --- | --- |\n",
    );
    for provider in PROVIDERS {
        let limit = match provider.expiry_limit {
            ExpiryLimit::Refused(seconds) => format!("{} days", seconds / 86_400),
            ExpiryLimit::None => "none".to_owned(),
            ExpiryLimit::Unknown => "unknown".to_owned(),
        };
        let addressing = match provider.addressing {
            AddressingSupport::Both => "path, virtual",
            AddressingSupport::PathOnly => "path",
            AddressingSupport::VirtualOnly => "virtual",
        };
        let forms = match provider.post_forms {
            PostForms::Served => "yes",
            PostForms::NotServed => "no",
            PostForms::NotDocumented => "not documented",
            PostForms::Unknown => "unknown",
        };
        let compared = if provider.checks_region {
            "yes"
        } else {
            "not known to be"
        };
        let endpoint = example_host(provider)
            .map_or_else(|| "your own".to_owned(), |host| format!("`{host}`"));
        writeln!(
            page,
            "| {} | `{}` | {endpoint} | {limit} | {addressing} | {compared} | {forms} |",
            provider.name, provider.id
        )
        .unwrap();
    }
    for provider in PROVIDERS {
        writeln!(page, "\n## {}\n", provider.name).unwrap();
        if let Some(refusal) = provider.presign_problem {
            writeln!(page, "- **A presigned URL {}**", refusal.problem).unwrap();
        }
        for note in provider.notes {
            writeln!(page, "- {note}").unwrap();
        }
        if !provider.schemes.is_empty() {
            let schemes: Vec<String> = provider
                .schemes
                .iter()
                .map(|scheme| format!("`{scheme}://BUCKET/KEY`"))
                .collect();
            writeln!(page, "- TARGET: {}", schemes.join(", ")).unwrap();
        }
        let regions: Vec<String> = provider
            .regions
            .iter()
            .map(|region| format!("`{region}`"))
            .collect();
        if !regions.is_empty() {
            writeln!(page, "- regions: {}", regions.join(", ")).unwrap();
        }
        if let Some(region) = provider.default_region {
            writeln!(page, "- region if none is given: `{region}`").unwrap();
        }
    }
    page
}

/// The host of which endpoints are made, or by which the store is known.
fn example_host(provider: &Provider) -> Option<String> {
    let public = || {
        provider
            .hosts
            .iter()
            .filter(|host| host.network == Network::Public)
    };
    let host = public()
        .find(|host| host.builds && host.region.is_none())
        .or_else(|| public().find(|host| host.builds))
        .or_else(|| public().next())?;
    let template = host.template;
    Some(
        template
            .replace("{region}", "REGION")
            .replace("{account}", "ACCOUNT")
            .replace("{name}", "NAME")
            .replace("{aws}", "amazonaws.com"),
    )
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

/// A caller can convert every error of the library to `Box<dyn Error>` with a message.
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
            "the file is empty and has no parts",
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
