//! Forms: published policies, forms that botocore made at a fixed time, and laws.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use cos_presign::sigv4::{
    Condition, CredentialScope, Credentials, Error, FILENAME, Mismatch, PostPolicy, Presigner,
    Secret, SigningKey, SigningTime,
};
use cos_presign::store::{Address, Addressing, Endpoint};
use proptest::prelude::*;
use serde_json::Value;

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("tests/vectors/{name}")).unwrap()
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value
        .pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {path} in {value}"))
}

fn oracle() -> Vec<Value> {
    read("oracle-post-core.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn signing_time(case: &Value) -> SigningTime {
    // Some write the time without seconds; only the day counts for the key.
    let text = text(case, "/scope/timestamp").replace("T0000Z", "T000000Z");
    text.parse().unwrap()
}

fn credentials(case: &Value) -> Credentials {
    let credentials = Credentials::new(
        text(case, "/credentials/access_key_id"),
        text(case, "/credentials/secret_access_key").as_bytes(),
    );
    match case
        .pointer("/credentials/session_token")
        .and_then(Value::as_str)
    {
        Some(token) => credentials.with_session_token(token.as_bytes()),
        None => credentials,
    }
}

fn key(case: &Value) -> SigningKey {
    let scope =
        CredentialScope::new(signing_time(case), text(case, "/scope/region"), "s3").unwrap();
    SigningKey::derive(
        &Secret::new(text(case, "/credentials/secret_access_key").as_bytes()),
        &scope,
    )
}

fn fields_of(value: &Value) -> Vec<(String, String)> {
    value
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn decoded(base64: &str) -> Vec<u8> {
    BASE64.decode(base64).unwrap()
}

/// Policies are compared by content: layout and order are free.
fn policy(base64: &str) -> (SigningTime, Vec<String>) {
    let policy = PostPolicy::parse(decoded(base64)).unwrap();
    let mut conditions: Vec<String> = policy
        .conditions()
        .iter()
        .map(Condition::to_string)
        .collect();
    conditions.sort();
    (policy.expiration(), conditions)
}

/// Sorted by name, without the policy and its signature.
fn beside_policy(fields: &[(String, String)]) -> Vec<(String, String)> {
    let mut fields: Vec<_> = fields
        .iter()
        .filter(|(name, _)| name != "policy" && name != "x-amz-signature")
        .cloned()
        .collect();
    fields.sort();
    fields
}

#[test]
fn published_policies_have_the_published_signatures() {
    let cases: Vec<Value> = serde_json::from_str(&read("post-policy.json")).unwrap();
    for case in &cases {
        let id = text(case, "/id");
        let policy = PostPolicy::parse(text(case, "/expected/policy_text"))
            .unwrap_or_else(|error| panic!("{id} {error}"));
        assert_eq!(
            policy.to_base64(),
            text(case, "/expected/policy_base64"),
            "{id}"
        );
        assert_eq!(
            policy.to_base64(),
            text(case, "/expected/string_to_sign"),
            "{id}"
        );
        assert_eq!(
            key(case).sign_policy(&policy).to_string(),
            text(case, "/expected/signature"),
            "{id}"
        );
        assert!(!policy.conditions().is_empty(), "{id}");
    }
    assert_eq!(cases.len(), 4);
}

#[test]
fn the_documented_policy_accepts_its_own_form() {
    let cases: Vec<Value> = serde_json::from_str(&read("post-policy.json")).unwrap();
    let case = cases
        .iter()
        .find(|case| text(case, "/id") == "aws-docs/s3/post-policy")
        .unwrap();
    let policy = PostPolicy::parse(text(case, "/expected/policy_text")).unwrap();
    let mut fields = fields_of(case.pointer("/request/fields").unwrap());
    assert_eq!(policy.check("sigv4examplebucket", &fields), []);
    fields.retain(|(name, _)| name != "acl");
    let missing = Mismatch::Missing(Condition::exact("acl", "public-read"));
    assert_eq!(policy.check("sigv4examplebucket", &fields), [missing]);
}

#[test]
fn forms_equal_those_of_botocore() {
    let cases = oracle();
    let (mut path, mut virtual_host, mut with_token, mut prefixes) = (0, 0, 0, 0);
    let mut refused = 0;
    for case in &cases {
        let id = text(case, "/id");
        let theirs = fields_of(case.pointer("/expected/fields").unwrap());
        let their_policy = theirs
            .iter()
            .find(|(name, _)| name == "policy")
            .unwrap()
            .1
            .clone();
        let their_signature = theirs
            .iter()
            .find(|(name, _)| name == "x-amz-signature")
            .unwrap()
            .1
            .clone();

        let read = PostPolicy::parse(decoded(&their_policy)).unwrap();
        assert_eq!(
            key(case).sign_policy(&read).to_string(),
            their_signature,
            "{id}: their policy"
        );

        let credentials = credentials(case);
        let presigner = Presigner::s3(
            &credentials,
            text(case, "/scope/region"),
            signing_time(case),
        )
        .unwrap();
        let conditions = case
            .pointer("/intent/conditions")
            .unwrap()
            .as_array()
            .unwrap();
        let conditions = conditions
            .iter()
            .map(|json| Condition::parse(&json.to_string()).unwrap())
            .collect();
        let expiration = signing_time(case)
            .plus_seconds(case["expires_in"].as_u64().unwrap())
            .unwrap();
        let (bucket, key_text) = (text(case, "/intent/bucket"), text(case, "/intent/key"));
        let fields = fields_of(case.pointer("/intent/fields").unwrap());
        let ours = match presigner.sign_form(bucket, key_text, fields, conditions, expiration) {
            Ok(form) => form,
            // Botocore signs forms that every store refuses.
            Err(error) => {
                assert!(matches!(error, Error::FieldNotAllowed(_)), "{id}: {error}");
                let mismatches = read.check(bucket, &theirs);
                assert!(
                    mismatches
                        .iter()
                        .any(|m| matches!(m, Mismatch::Differs { .. })),
                    "{id}"
                );
                refused += 1;
                continue;
            }
        };
        assert_eq!(beside_policy(&ours.fields), beside_policy(&theirs), "{id}");
        if fits_no_file(key_text) {
            assert!(
                matches!(
                    read.check(bucket, &theirs)[..],
                    [.., Mismatch::Differs { .. }]
                ),
                "{id}"
            );
        } else {
            assert_eq!(
                policy(&ours.policy.to_base64()),
                policy(&their_policy),
                "{id}"
            );
        }
        assert_eq!(key(case).sign_policy(&ours.policy), ours.signature, "{id}");

        let url = text(case, "/expected/url");
        let addressing = if url.contains(&format!("//{bucket}.")) {
            Addressing::Virtual
        } else {
            Addressing::Path
        };
        *(if addressing == Addressing::Virtual {
            &mut virtual_host
        } else {
            &mut path
        }) += 1;
        with_token += usize::from(credentials.session_token().is_some());
        prefixes += usize::from(key_text.contains(FILENAME));
        let endpoint = match case.pointer("/intent/endpoint").and_then(Value::as_str) {
            Some(endpoint) => Endpoint::parse(endpoint).unwrap(),
            None => Endpoint::parse(&format!(
                "https://s3.{}.amazonaws.com",
                text(case, "/scope/region")
            ))
            .unwrap(),
        };
        let address = Address::new(&endpoint, addressing, Some(bucket), None);
        let path = String::from_utf8(address.path).unwrap();
        assert_eq!(
            format!("{}://{}{path}", address.scheme.as_str(), address.authority),
            url,
            "{id}"
        );
    }
    assert_eq!((cases.len(), refused), (60, 9));
    assert!(
        path > 20 && virtual_host > 10 && with_token > 10 && prefixes > 20,
        "{path} {virtual_host} {with_token} {prefixes}"
    );
}

/// botocore takes `${filename}` for a placeholder only at the end of a key; anywhere else its
/// policy wants the key to have these letters in it, which no upload ever has.
fn fits_no_file(key: &str) -> bool {
    key.contains(FILENAME) && !key.ends_with(FILENAME)
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(String::new()),
        "[ -~]{0,20}",
        Just("é\u{2028}😀\"\\\u{0}".to_owned())
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        (value(), value()).prop_map(|(field, value)| Condition::exact(field, value)),
        ("[a-zA-Z-]{1,12}", value())
            .prop_map(|(field, prefix)| Condition::starts_with(field, prefix)),
        (any::<u64>(), any::<u64>())
            .prop_map(|(min, max)| Condition::ContentLengthRange { min, max }),
    ]
}

proptest! {
    #[test]
    fn written_conditions_parse_to_themselves(conditions in prop::collection::vec(condition(), 0..8), seconds in 0_i64..4_000_000_000) {
        let expiration = SigningTime::from_unix_seconds(seconds).unwrap();
        let policy = PostPolicy::new(expiration, conditions.clone());
        prop_assert!(policy.as_bytes().is_ascii());
        let read = PostPolicy::parse(policy.as_bytes()).unwrap();
        prop_assert_eq!(read.conditions(), conditions.as_slice());
        prop_assert_eq!(read.expiration(), expiration);
        prop_assert_eq!(read.as_bytes(), policy.as_bytes());
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<Vec<u8>>()) {
        let _ = PostPolicy::parse(text);
    }

    /// A form made by `sign_form` has nothing that its own policy refuses, whatever the name of the
    /// file becomes.
    #[test]
    fn a_form_fits_its_policy(before in "[a-z/]{0,8}", after in "[a-z.]{0,4}", name in "[ -~]{1,12}", acl in value()) {
        let credentials = Credentials::new("AKID", "secret").with_session_token("token");
        let presigner = Presigner::s3(&credentials, "us-south", SigningTime::from_unix_seconds(1_369_353_600).unwrap()).unwrap();
        let key = format!("{before}{FILENAME}{after}");
        let form = presigner.sign_form(
            "bucket",
            &key,
            vec![("acl".to_owned(), acl.clone())],
            vec![Condition::exact("acl", acl)],
            SigningTime::from_unix_seconds(1_369_357_200).unwrap(),
        ).unwrap();
        prop_assert_eq!(form.policy.check("bucket", &form.fields), []);
        let mut sent = form.fields.clone();
        for (field, value) in &mut sent {
            if field == "key" {
                *value = key.replace(FILENAME, &name);
            }
        }
        prop_assert_eq!(form.policy.check("bucket", &sent), []);
    }
}

/// The form of the built program for the same options.
#[cfg(feature = "cli")]
mod program {
    use std::process::{Command, Output};

    use serde_json::Map;

    use super::*;

    fn post(case: &Value) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
        command.env_clear();
        command.env(
            "AWS_ACCESS_KEY_ID",
            text(case, "/credentials/access_key_id"),
        );
        command.env(
            "AWS_SECRET_ACCESS_KEY",
            text(case, "/credentials/secret_access_key"),
        );
        if let Some(token) = case
            .pointer("/credentials/session_token")
            .and_then(Value::as_str)
        {
            command.env("AWS_SESSION_TOKEN", token);
        }
        command.args([
            "post",
            "--bucket",
            text(case, "/intent/bucket"),
            "--key",
            text(case, "/intent/key"),
        ]);
        command.args([
            "--region",
            text(case, "/scope/region"),
            "--at",
            text(case, "/scope/timestamp"),
        ]);
        command.args(["--expires", &case["expires_in"].to_string()]);
        if let Some(endpoint) = case.pointer("/intent/endpoint").and_then(Value::as_str) {
            command.args(["--endpoint", endpoint]);
        }
        let is_virtual =
            text(case, "/expected/url").contains(&format!("//{}.", text(case, "/intent/bucket")));
        command.args(["--addressing", if is_virtual { "virtual" } else { "path" }]);
        let fields = fields_of(case.pointer("/intent/fields").unwrap());
        for (name, value) in &fields {
            command.args(["--field", &format!("{name}={value}")]);
        }
        for condition in &case
            .pointer("/intent/conditions")
            .unwrap()
            .as_array()
            .unwrap()[fields.len()..]
        {
            command.args(["--condition", &condition.to_string()]);
        }
        command.output().unwrap()
    }

    /// The built program makes botocore's form; if that contradicts its own policy, the program
    /// refuses.
    #[test]
    fn the_program_prints_the_forms_of_botocore() {
        let (mut made, mut refused) = (0, 0);
        for case in &oracle() {
            let id = text(case, "/id");
            let output = post(case);
            let theirs = fields_of(case.pointer("/expected/fields").unwrap());
            let their_policy = theirs
                .iter()
                .find(|(name, _)| name == "policy")
                .unwrap()
                .1
                .clone();
            let fits_no_file = fits_no_file(text(case, "/intent/key"));
            let mut mismatches = PostPolicy::parse(decoded(&their_policy))
                .unwrap()
                .check(text(case, "/intent/bucket"), &theirs);
            mismatches.retain(|mismatch| {
                !(fits_no_file && matches!(mismatch, Mismatch::Differs { condition, .. } if condition.is_about("key")))
            });
            if mismatches
                .iter()
                .any(|mismatch| matches!(mismatch, Mismatch::Differs { .. }))
            {
                assert_eq!(output.status.code(), Some(2), "{id}");
                assert!(output.stdout.is_empty(), "{id}");
                refused += 1;
                continue;
            }
            assert_eq!(
                output.status.code(),
                Some(0),
                "{id}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            let report: Map<String, Value> = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["url"], text(case, "/expected/url"), "{id}");
            let ours = fields_of(&report["fields"]);
            assert_eq!(beside_policy(&ours), beside_policy(&theirs), "{id}");
            if !fits_no_file {
                assert_eq!(
                    policy(text(&report["fields"], "/policy")),
                    policy(&their_policy),
                    "{id}"
                );
            }
            let missing = mismatches
                .iter()
                .filter(|mismatch| matches!(mismatch, Mismatch::Missing(_)))
                .count();
            let warnings = report["warnings"].as_array().unwrap();
            assert_eq!(
                warnings
                    .iter()
                    .filter(|warning| warning["code"] == "field-to-add")
                    .count(),
                missing,
                "{id}"
            );
            made += 1;
        }
        assert!(
            made >= 40 && refused >= 3 && made + refused == 60,
            "{made} made, {refused} refused"
        );
    }
}
