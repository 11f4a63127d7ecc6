//! Properties that hold for every key, tested with generated keys.

use cos_presign::sigv4::{
    Condition, Credentials, Expiry, Header, Kernel, KeyPair, PostPolicy, Presigned, Presigner,
    QueryParameter, Request, RequestPath, Scheme, Secret, SigningTime, Template, UrlParts, encode,
    fold_header_value,
};
use cos_presign::store::{Address, Addressing, Endpoint, ListPage, ListRequest, Target};
use proptest::prelude::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn presign(method: &str, path: Vec<u8>, query: &[(Vec<u8>, Vec<u8>)], expires: u64) -> Presigned {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET);
    let signed_at = SigningTime::from_unix_seconds(1_769_860_800).unwrap();
    let presigner = Presigner::s3(&credentials, "us-south", signed_at)
        .unwrap()
        .expires_in(Expiry::seconds(expires).unwrap());
    let mut request = Request::new(method, Scheme::Https, "s3.example.com", path);
    request.query = query
        .iter()
        .map(|(name, value)| QueryParameter::new(name.clone(), value.clone()))
        .collect();
    presigner.presign(&request).unwrap()
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..200),
        "[ -~]{1,60}".prop_map(String::into_bytes),
        "[./%+ ]{1,20}".prop_map(String::into_bytes),
        "\\PC{1,40}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn encoding_has_an_inverse(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let component = encode::component(&bytes);
        prop_assert!(component.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
        prop_assert_eq!(encode::decode(component.as_bytes()), Ok(bytes.clone()));
        prop_assert_eq!(encode::decode(encode::path(&bytes).as_bytes()), Ok(bytes));
    }

    #[test]
    fn a_parsed_url_reproduces_its_request(
        key in key(),
        query in proptest::collection::vec((key(), key()), 0..4),
        expires in 1_u64..1_000_000,
    ) {
        let path = [&b"/"[..], &key].concat();
        let own = |name: &[u8]| !name.to_ascii_lowercase().starts_with(b"x-amz-");
        let query: Vec<_> = query.into_iter().filter(|(name, _)| own(name)).collect();
        let presigned = presign("GET", path.clone(), &query, expires);
        let parts = UrlParts::parse(presigned.url.as_str()).unwrap();
        prop_assert_eq!(parts.to_string(), presigned.url.as_str());
        let mut request = Request::new("GET", Scheme::Https, "s3.example.com", path);
        request.query = query.iter().map(|(name, value)| QueryParameter::new(name.clone(), value.clone())).collect();
        prop_assert_eq!(parts.request("GET"), request);
        prop_assert_eq!(parts.value("X-Amz-Expires").unwrap(), expires.to_string().into_bytes());
    }

    #[test]
    fn a_target_keeps_its_key(key in key()) {
        let text = [b"bucket/", key.as_slice()].concat();
        let Ok(Target::Bucket { bucket, key: parsed, .. }) = Target::parse(&text) else { panic!("{text:?}") };
        prop_assert_eq!((bucket.as_str(), parsed), ("bucket", Some(key)));
    }

    #[test]
    fn the_path_of_a_link_decodes_to_the_key(key in key()) {
        let endpoint = Endpoint::parse("https://s3.example.com/base").unwrap();
        let address = Address::new(&endpoint, Addressing::Path, Some("bucket"), Some(&key));
        let url = presign("GET", address.path, &[], 60).url.as_str().to_owned();
        prop_assert!(url.is_ascii());
        let path = url.strip_prefix("https://s3.example.com").unwrap().split('?').next().unwrap();
        prop_assert_eq!(encode::decode(path.as_bytes()).unwrap(), [b"/base/bucket/", key.as_slice()].concat());
    }

    #[test]
    fn the_canonical_query_is_that_of_the_link_sorted(
        query in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 1..12), proptest::collection::vec(any::<u8>(), 0..12)), 0..6)
    ) {
        prop_assume!(query.iter().all(|(name, _)| !name.to_ascii_lowercase().starts_with(b"x-amz-")));
        let presigned = presign("GET", b"/k".to_vec(), &query, 60);
        let url = presigned.url.as_str().to_owned();
        let (signed, signature) = url.split_once('?').unwrap().1.rsplit_once("&X-Amz-Signature=").unwrap();
        prop_assert_eq!(signature, presigned.signature.to_string());
        let mut pairs: Vec<(&str, &str)> = signed.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        pairs.sort_unstable();
        let sorted: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        prop_assert_eq!(sorted.join("&"), presigned.canonical_request.query_string);
    }

    #[test]
    fn whatever_is_signed_changes_the_signature(key in key(), at in any::<proptest::sample::Index>(), bit in 0..8) {
        let original = presign("GET", [b"/", key.as_slice()].concat(), &[], 60).signature;
        let mut other = key.clone();
        other[at.index(key.len())] ^= 1u8 << bit;
        let changed = [
            presign("GET", [b"/", other.as_slice()].concat(), &[], 60),
            presign("PUT", [b"/", key.as_slice()].concat(), &[], 60),
            presign("GET", [b"/", key.as_slice()].concat(), &[], 61),
            presign("GET", [b"/", key.as_slice()].concat(), &[(b"versionId".to_vec(), b"1".to_vec())], 60),
        ];
        for presigned in changed {
            prop_assert_ne!(presigned.signature, original);
        }
    }

    #[test]
    fn a_signature_of_4a_is_that_of_its_text_and_key_alone(id in "[A-Z]{16,20}", secret in "[ -~]{1,60}", text in key(), bit in any::<proptest::sample::Index>()) {
        let credentials = Credentials::new(id.clone(), secret.clone());
        let signed_at = SigningTime::from_unix_seconds(1_769_860_800).unwrap();
        let presigner = Presigner::of_region_set(&credentials, "*", "s3", signed_at).unwrap();
        let request = Request::new("GET", Scheme::Https, "s3.example.com", [b"/", text.as_slice()].concat());
        let presigned = presigner.presign(&request).unwrap();
        let pair = KeyPair::derive(&id, &Secret::new(secret.clone()));
        let (text, signature) = (presigned.string_to_sign.as_str().as_bytes().to_vec(), presigned.signature);
        prop_assert!(pair.public_key().verify(&text, signature.as_bytes()));
        let mut other = text.clone();
        other[bit.index(text.len())] ^= 1;
        prop_assert!(!pair.public_key().verify(&other, signature.as_bytes()));
        let mut other = signature.as_bytes().to_vec();
        let at = bit.index(other.len());
        other[at] ^= 1;
        prop_assert!(!pair.public_key().verify(&text, &other));
        let of_other_secret = KeyPair::derive(&id, &Secret::new(format!("{secret}x")));
        prop_assert!(!of_other_secret.public_key().verify(&text, signature.as_bytes()));
        let of_other_id = KeyPair::derive(&format!("{id}X"), &Secret::new(secret));
        prop_assert!(!of_other_id.public_key().verify(&text, signature.as_bytes()));
    }

    #[test]
    fn what_is_not_signed_does_not_change_the_signature(
        headers in proptest::collection::vec(("x-[a-z]{1,6}", "[!-~]{1,6}( {1,3}[!-~]{1,6}){0,2}"), 0..4),
        query in proptest::collection::vec(("[a-z]{1,4}", key()), 0..4),
        spaces in 1..4_usize,
    ) {
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET);
        let presigner = Presigner::s3(&credentials, "us-south", SigningTime::from_unix_seconds(1_769_860_800).unwrap()).unwrap();
        let mut request = Request::new("GET", Scheme::Https, "s3.example.com", "/k");
        request.query = query.iter().map(|(name, value)| QueryParameter::new(name.as_str(), value.clone())).collect();
        request.headers = headers.iter().map(|(name, value)| Header::new(name.as_str(), value.as_str())).collect();
        let signature = presigner.presign(&request).unwrap().signature;
        let mut other = request.clone();
        other.authority = "S3.Example.COM:443".to_owned();
        other.query.reverse();
        for header in &mut other.headers {
            header.name = header.name.to_ascii_uppercase();
            header.value = String::from_utf8(header.value.clone()).unwrap().replace(' ', &" ".repeat(spaces)).into_bytes();
            header.value.push(b' ');
        }
        prop_assert_eq!(presigner.presign(&other).unwrap().signature, signature);
        for (index, header) in request.headers.iter().enumerate() {
            let mut other = request.clone();
            other.headers[index].value = [header.value.as_slice(), b"x"].concat();
            prop_assert_ne!(presigner.presign(&other).unwrap().signature, signature);
        }
    }

    #[test]
    fn links_made_in_bulk_are_those_made_one_by_one(
        prefix in key(),
        keys in proptest::collection::vec(key(), 1..20),
        token in proptest::option::of("[ -~]{1,200}"),
        value in key(),
    ) {
        let mut credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET);
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        let presigner = Presigner::s3(&credentials, "us-south", SigningTime::from_unix_seconds(1_769_860_800).unwrap()).unwrap();
        let mut request = Request::new("GET", Scheme::Https, "s3.example.com", [b"/", prefix.as_slice()].concat());
        request.query.push(QueryParameter::new("versionId", value));
        let template = Template::new(&presigner, &request).unwrap();
        let single = |key: &Vec<u8>| {
            let path = RequestPath::Unencoded([b"/", prefix.as_slice(), key].concat());
            presigner.presign(&Request { path, ..request.clone() }).unwrap().url.as_str().to_owned()
        };
        let expected: String = keys.iter().map(single).collect();
        for kernel in Kernel::available() {
            let (mut signer, mut out) = (template.signer(kernel), Vec::new());
            let mut writer = signer.writer(&mut out);
            keys.iter().for_each(|key| writer.url(key).unwrap());
            writer.finish();
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected.clone(), "{}", kernel.name());
        }
    }

    #[test]
    fn a_written_policy_parses_to_itself(
        fields in proptest::collection::btree_map("[A-Za-z][A-Za-z-]{0,12}", "\\PC{0,12}", 0..6),
        prefix in "\\PC{0,12}",
        range in proptest::option::of(any::<(u64, u64)>()),
        key in "\\PC{1,20}",
    ) {
        let reserved = ["bucket", "key", "file", "policy"];
        prop_assume!(fields.keys().all(|name| !reserved.contains(&name.to_ascii_lowercase().as_str())));
        let distinct: std::collections::BTreeSet<String> = fields.keys().map(|name| name.to_ascii_lowercase()).collect();
        prop_assume!(distinct.len() == fields.len() && !fields.keys().any(|name| name.to_ascii_lowercase().starts_with("x-amz-")));
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET);
        let ends = SigningTime::from_unix_seconds(1_769_860_800).unwrap();
        let mut conditions: Vec<Condition> = fields.iter().map(|(name, value)| Condition::exact(name, value)).collect();
        conditions.push(Condition::starts_with("x-amz-meta-any", prefix.as_str()));
        conditions.extend(range.map(|(min, max)| Condition::ContentLengthRange { min, max }));
        let policy = PostPolicy::new(ends, conditions.clone());
        prop_assert_eq!(PostPolicy::parse(policy.as_bytes()), Ok(policy));
        for condition in &conditions {
            prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition.clone()));
        }
        // And a form passes its own policy.
        let presigner = Presigner::s3(&credentials, "us-south", ends).unwrap();
        let mut own: Vec<(String, String)> = fields.into_iter().collect();
        own.push(("x-amz-meta-any".to_owned(), format!("{prefix}more")));
        let form = presigner.sign_form("bucket", &key, own, conditions, ends).unwrap();
        prop_assert_eq!(form.policy.check("bucket", &form.fields), []);
    }

    #[test]
    fn a_listing_gives_the_keys_that_were_put_into_it(keys in proptest::collection::vec(key(), 0..8)) {
        let entries: String =
            keys.iter().map(|key| format!("<Contents><Key>{}</Key></Contents>", encode::component(key))).collect();
        let written = format!(
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        );
        let page = ListPage::parse(written.as_bytes(), &ListRequest::new("")).unwrap();
        prop_assert_eq!(page.objects.into_iter().map(|object| object.key).collect::<Vec<_>>(), keys);
    }

    #[test]
    fn names_the_place_that_cannot_be_decoded(text in "[%0-9a-fA-Fx+/]{0,40}") {
        match encode::decode(text.as_bytes()) {
            Ok(decoded) => prop_assert_eq!(encode::decode_lenient(text.as_bytes()), decoded),
            Err(at) => {
                let escape = text.get(at..at + 3);
                prop_assert!(text[at..].starts_with('%'));
                prop_assert!(escape.is_none_or(|escape| !escape[1..].bytes().all(|b| b.is_ascii_hexdigit())));
                prop_assert!(encode::decode(&text.as_bytes()[..at]).is_ok());
            }
        }
    }

    #[test]
    fn folding_is_done_once(value in "[ a-z\t]{0,40}") {
        let folded = fold_header_value(value.as_bytes());
        prop_assert_eq!(fold_header_value(&folded), folded.clone());
        prop_assert!(!folded.starts_with(b" ") && !folded.ends_with(b" ") && !folded.windows(2).any(|w| w == b"  "));
    }

    #[test]
    fn an_endpoint_is_read_back_as_it_is_shown(host in "[a-z][a-z0-9.-]{0,20}[a-z0-9]", port in proptest::option::of(1u16..), base in "(/[ -~]{1,8}){0,2}") {
        prop_assume!(!host.contains(".."));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let text = format!("http://{host}{port}{}", encode::path(base.as_bytes()));
        if let Ok(endpoint) = Endpoint::parse(&text) {
            prop_assert_eq!(Endpoint::parse(&endpoint.to_string()), Ok(endpoint));
        }
    }
}

/// Laws of the program.
#[cfg(feature = "cli")]
mod program {
    use std::ffi::OsString;

    use chrono::DateTime;
    use cos_presign::diagnosis::repair;
    use cos_presign::env::Env;
    use cos_presign::store::ErrorResponse;
    use cos_presign::text::{escape_controls, local_name, shell_quote};

    use super::*;

    /// Runs the whole program in this process.
    fn run(args: &[OsString], variables: &[(&str, &str)]) -> (u8, Vec<u8>, String) {
        let now = DateTime::from_timestamp(1_769_860_800, 0).unwrap();
        let env = Env::new(variables.iter().copied(), now, std::io::empty());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let all = std::iter::once(OsString::from("cos-presign")).chain(args.iter().cloned());
        let code = cos_presign::run(all, &env, &mut out, &mut err);
        (code, out, String::from_utf8_lossy(&err).into_owned())
    }

    fn signing_variables() -> [(&'static str, &'static str); 2] {
        [
            ("COS_HMAC_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("COS_HMAC_SECRET_ACCESS_KEY", SECRET),
        ]
    }

    proptest! {
        #[test]
        fn every_response_of_a_store_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[<>/A-Za-z&;!\\[\\]\"=\\n ]{0,200}") {
            ErrorResponse::parse(&bytes);
            ErrorResponse::parse(format!("HTTP/1.1 403 Forbidden\n{text}").as_bytes());
            ErrorResponse::parse(format!("<Error><Code>{text}").as_bytes());
        }

        #[test]
        fn nothing_in_a_sound_link_looks_like_damage(key in key(), query in proptest::collection::vec((key(), key()), 0..4)) {
            prop_assume!(query.iter().all(|(name, _)| !name.to_ascii_lowercase().starts_with(b"x-amz-")));
            let url = presign("GET", [&b"/"[..], &key].concat(), &query, 60).url.as_str().to_owned();
            prop_assert_eq!(repair(&url).text, url);
        }

        #[test]
        fn reports_on_everything_that_is_pasted(text in "\\PC{0,80}", tail in "[&?=%+;#X\\-Amz<>\"'. \\n]{0,40}") {
            for url in [text.clone(), format!("https://{text}"), format!("https://h/b/k?X-Amz-Algorithm={tail}&X-Amz-Credential={text}")] {
                let (code, _, err) = run(&["inspect".into(), "--json".into(), url.into()], &[]);
                prop_assert!(code <= 2, "{}", err);
            }
        }

        /// With the link itself nothing else is needed to make it again but the secret.
        #[test]
        fn a_link_says_all_that_it_was_made_of(key in key()) {
            let mut typed = b"bucket/".to_vec();
            typed.extend(key.iter().filter(|byte| **byte != 0));
            #[cfg(unix)]
            let typed: OsString = std::os::unix::ffi::OsStringExt::from_vec(typed);
            #[cfg(not(unix))]
            let typed = OsString::from(String::from_utf8_lossy(&typed).into_owned());
            let (code, out, err) = run(&["get".into(), "--region=us-south".into(), "--".into(), typed], &signing_variables());
            prop_assume!(code == 0);
            let link = String::from_utf8(out).unwrap();
            let parts = UrlParts::parse(link.trim_end()).unwrap();
            let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET);
            let signed_at = SigningTime::from_unix_seconds(1_769_860_800).unwrap();
            let expires = String::from_utf8(parts.value("X-Amz-Expires").unwrap()).unwrap().parse().unwrap();
            let presigner = Presigner::s3(&credentials, "us-south", signed_at).unwrap().expires_in(Expiry::seconds(expires).unwrap());
            let again = presigner.presign(&parts.request("GET")).unwrap();
            prop_assert_eq!(again.url.as_str(), link.trim_end(), "{}", err);
        }

        #[test]
        fn what_is_shown_and_saved_is_harmless(key in key()) {
            let shown = escape_controls(&String::from_utf8_lossy(&key)).into_owned();
            prop_assert!(!shown.chars().any(char::is_control));
            let name = local_name(&key);
            prop_assert!(!name.is_empty() && name.len() <= 201);
            prop_assert!(!name.starts_with(['.', '-', '~']) && !name.contains(['/', '\\', ':']) && !name.chars().any(char::is_control));
        }

        /// Never a panic, a documented exit code, and a message that ends in a hint.
        #[test]
        fn no_command_line_breaks_the_program(
            verb in prop_oneof![Just("get"), Just("put"), Just("head"), Just("delete"), Just("list"), Just("request")],
            words in proptest::collection::vec(word(), 0..7),
        ) {
            let args: Vec<OsString> = std::iter::once(OsString::from(verb)).chain(words.into_iter().map(OsString::from)).collect();
            let (code, out, err) = run(&args, &signing_variables());
            prop_assert!(code <= 3, "{args:?}: {code} {err}");
            prop_assert!(!err.contains(SECRET), "{args:?}: {err}");
            if code == 0 {
                prop_assert!(out.ends_with(b"\n"), "{args:?}");
            } else {
                prop_assert!(out.is_empty(), "{args:?}");
                prop_assert!(support::ends_in_error_and_hint(&err), "{args:?}: {err}");
            }
        }
    }

    /// Words of a command line: options with and without sensible values, and noise. None of them
    /// uses the network.
    fn word() -> impl Strategy<Value = String> {
        let option = prop_oneof![
            Just("--expires"),
            Just("--until"),
            Just("--at"),
            Just("--backdate"),
            Just("--align"),
            Just("--endpoint"),
            Just("--region"),
            Just("--provider"),
            Just("--network"),
            Just("--addressing"),
            Just("--public-endpoint"),
            Just("-H"),
            Just("-Q"),
            Just("--output"),
            Just("--json"),
            Just("-vv"),
            Just("--bucket"),
            Just("--key"),
            Just("--download-as"),
            Just("--metadata"),
            Just("--content-type"),
            Just("--version-id"),
            Just("--service"),
            Just("--payload-hash"),
        ];
        let value = prop_oneof![
            Just("us-south".to_owned()),
            Just("bucket/key".to_owned()),
            Just("1h".to_owned()),
            Just("2026-02-03".to_owned()),
            Just("ibm".to_owned()),
            Just("path".to_owned()),
            Just("curl".to_owned()),
            Just("GET".to_owned()),
            Just("a=b".to_owned()),
            Just("A: b".to_owned()),
            Just("https://h:9000/x/y".to_owned()),
            "\\PC{0,12}",
            "[0-9a-z:/%.-]{0,16}",
        ];
        prop_oneof![
            (option.clone(), value.clone()).prop_map(|(option, value)| format!("{option}={value}")),
            option.prop_map(str::to_owned),
            value.clone(),
            value,
        ]
        .prop_filter(
            "these response on standard output, or go to the network",
            |word| {
                !["-h", "--help", "-V", "--version", "--verify"]
                    .iter()
                    .any(|w| word.starts_with(w))
            },
        )
    }

    /// A POSIX shell takes a quoted word for exactly the bytes that were quoted.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_a_quoted_word_back() {
        use std::os::unix::ffi::OsStringExt;
        use std::process::Command;

        let every_byte: Vec<u8> = (1..=255).collect();
        for word in [
            every_byte.as_slice(),
            b"",
            b"'",
            b"''",
            b"a'b\"c$d`e\\f\ng",
            b"-n",
            b"~",
            b"*",
            b"$(id)",
            b"\\",
            b"!!",
        ] {
            let command = [b"printf %s ", shell_quote(word).as_slice()].concat();
            let output = Command::new("sh")
                .arg("-c")
                .arg(OsString::from_vec(command))
                .output()
                .unwrap();
            assert_eq!(output.stdout, word, "{word:?}");
        }
    }

    /// Two runs in one process do not see each other.
    #[test]
    fn the_program_can_be_run_twice() {
        let args: Vec<OsString> = ["get", "bucket/key", "--region", "us-south"]
            .map(OsString::from)
            .to_vec();
        let first = run(&args, &signing_variables());
        let without = run(&args, &[]);
        let second = run(&args, &signing_variables());
        assert_eq!(first.0, 0, "{}", first.2);
        assert_eq!(first, second);
        assert_eq!(without.0, 3, "{}", without.2);
    }
}
