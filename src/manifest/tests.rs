#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::*;

const URL: &str = "https://h/b/k?a=b&c=d";

/// The keys of all records, or their errors, and the output.
fn read(options: &Options, input: &[u8]) -> (Vec<Result<String, String>>, String) {
    let beginning = Layout::begin(options, input, true).unwrap().unwrap();
    let mut output = beginning.output;
    let mut results = Vec::new();
    let mut rest = &input[beginning.consumed..];
    while !rest.is_empty() {
        let record = beginning.layout.next(rest);
        assert_eq!([record.text, record.line_end].concat(), rest[..record.len]);
        assert_eq!(
            record.lines,
            rest[..record.len]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
        );
        beginning.layout.write(&record, URL.as_bytes(), &mut output);
        match record.request {
            Ok(Some(request)) => {
                results.push(Ok(String::from_utf8_lossy(&request.key).into_owned()))
            }
            Ok(None) => results.push(Ok("(nothing)".to_owned())),
            Err(error) => results.push(Err(error.to_string())),
        }
        rest = &rest[record.len..];
    }
    (
        results,
        String::from_utf8_lossy(&output).replace(URL, "URL"),
    )
}

fn keys(options: &Options, input: &str) -> Vec<Result<String, String>> {
    read(options, input.as_bytes()).0
}

fn ok(key: &str) -> Result<String, String> {
    Ok(key.to_owned())
}

fn bad(message: &str) -> Result<String, String> {
    Err(message.to_owned())
}

fn with_key(kind: Kind, key_column: &str) -> Options {
    Options {
        key_column: Some(key_column.to_owned()),
        ..Options::new(kind)
    }
}

fn refusal(options: &Options, input: &[u8]) -> String {
    Layout::begin(options, input, true).unwrap_err().to_string()
}

/// The only record of JSONL.
fn object(text: &str) -> Result<Option<KeyRequest<'_>>, RecordError> {
    let beginning = Layout::begin(&Options::new(Kind::Jsonl), text.as_bytes(), true)
        .unwrap()
        .unwrap();
    let record = beginning.layout.next(text.as_bytes());
    assert_eq!(record.len, text.len());
    record.request
}

#[test]
fn csv_gains_a_column() {
    for (input, found, output) in [
        (
            "key,size\na.txt,1\nb.txt,2\n",
            vec![ok("a.txt"), ok("b.txt")],
            "key,size,presigned_url\na.txt,1,URL\nb.txt,2,URL\n",
        ),
        (
            "size,key\r\n1,a\r\n2,b",
            vec![ok("a"), ok("b")],
            "size,key,presigned_url\r\n1,a,URL\r\n2,b,URL",
        ),
        (
            "\u{feff}\"key\",x\n\"a\",1\n",
            vec![ok("a")],
            "\u{feff}\"key\",x,presigned_url\n\"a\",1,URL\n",
        ),
        (
            "\"key\"\n\"a,b\nc\"\n",
            vec![ok("a,b\nc")],
            "\"key\",presigned_url\n\"a,b\nc\",URL\n",
        ),
        (
            "key\n\"say \"\"hi\"\"\"\n\"\"\"\"\n",
            vec![ok("say \"hi\""), ok("\"")],
            "key,presigned_url\n\"say \"\"hi\"\"\",URL\n\"\"\"\",URL\n",
        ),
        (
            "x,key,y\n,a,\n",
            vec![ok("a")],
            "x,key,y,presigned_url\n,a,,URL\n",
        ),
        (
            "\"the\n\"\"x\"\"\",Key\n1, a \n",
            vec![ok(" a ")],
            "\"the\n\"\"x\"\"\",Key,presigned_url\n1, a ,URL\n",
        ),
        (
            "key\n5\" disk\nb\n",
            vec![ok("5\" disk"), ok("b")],
            "key,presigned_url\n5\" disk,URL\nb,URL\n",
        ),
        (
            "key\na\n\n\r\nb\n",
            vec![ok("a"), ok("(nothing)"), ok("(nothing)"), ok("b")],
            "key,presigned_url\na,URL\n\n\r\nb,URL\n",
        ),
        ("key\r\na\r", vec![ok("a")], "key,presigned_url\r\na,URL\r"),
        (
            "key\na\rb\n",
            vec![ok("a\rb")],
            "key,presigned_url\na\rb,URL\n",
        ),
        (
            "key,x\na\r,1\n",
            vec![ok("a\r")],
            "key,x,presigned_url\na\r,1,URL\n",
        ),
        ("key", vec![], "key,presigned_url"),
    ] {
        assert_eq!(
            read(&Options::new(Kind::Csv), input.as_bytes()),
            (found, output.to_owned()),
            "{input:?}"
        );
    }
}

#[test]
fn keys_are_bytes() {
    let input = b"key,x\n\xff\xfe/\"a\x80\",1\n\"\xff\"\"\",2\n";
    let beginning = Layout::begin(&Options::new(Kind::Csv), input, true)
        .unwrap()
        .unwrap();
    let first = beginning.layout.next(&input[beginning.consumed..]);
    let second = beginning
        .layout
        .next(&input[beginning.consumed + first.len..]);
    assert_eq!(
        first.request.unwrap().unwrap().key,
        Cow::Borrowed(b"\xff\xfe/\"a\x80\"")
    );
    assert_eq!(
        second.request.unwrap().unwrap().key,
        Cow::Borrowed(b"\xff\"")
    );
}

#[test]
fn tabs_separate_too() {
    let input = b"id\tkey\n1\ta,b\n2\t\"c\td\"\n";
    let output = "id\tkey\tpresigned_url\n1\ta,b\tURL\n2\t\"c\td\"\tURL\n";
    assert_eq!(
        read(&Options::new(Kind::Tsv), input),
        (vec![ok("a,b"), ok("c\td")], output.to_owned())
    );
}

#[test]
fn a_column_is_named_or_counted() {
    let named = with_key(Kind::Csv, "object");
    assert_eq!(keys(&named, "key,Object\n1,a\n"), [ok("a")]);
    assert_eq!(keys(&named, "object,Object\n1,a\n"), [ok("1")]);
    let counted = with_key(Kind::Csv, "2");
    assert_eq!(keys(&counted, "1,a\n2,b\n"), [ok("a"), ok("b")]);
    assert_eq!(
        read(&counted, b"\xef\xbb\xbf\n1,a\n").1,
        "\u{feff}\n1,a,URL\n"
    );
    assert_eq!(keys(&counted, ""), []);
    let skipped = Options {
        header: Some(Header::Present),
        ..counted.clone()
    };
    assert_eq!(keys(&skipped, "id,key\n1,a\n"), [ok("a")]);
    assert_eq!(keys(&skipped, "2,key\n1,a\n"), [ok("1")]);
    let alone = Options {
        header: Some(Header::Absent),
        ..Options::new(Kind::Csv)
    };
    assert_eq!(keys(&alone, "a\nb\n"), [ok("a"), ok("b")]);
}

#[test]
fn a_quoted_url_column_and_a_quoted_url() {
    let options = Options {
        url_column: "the, url".to_owned(),
        ..Options::new(Kind::Csv)
    };
    let beginning = Layout::begin(&options, b"key\na\n", true).unwrap().unwrap();
    assert_eq!(beginning.output, b"key,\"the, url\"\n");
    let mut out = Vec::new();
    beginning
        .layout
        .write(&beginning.layout.next(b"a\n"), b"x,\"y\"", &mut out);
    assert_eq!(out, b"a,\"x,\"\"y\"\"\"\n");
    out.clear();
    beginning
        .layout
        .write(&beginning.layout.next(b"a\n"), b"", &mut out);
    assert_eq!(out, b"a,\n");
}

#[test]
fn bad_rows_are_told_and_left_alone() {
    let csv = Options::new(Kind::Csv);
    for (record, message) in [
        ("a\n", "1 column instead of 2"),
        ("a,1,\n", "3 columns instead of 2"),
        ("\"a\"b,1\n", "text after the closing quote of column 1"),
        ("a,\"1\" \n", "text after the closing quote of column 2"),
        (",1\n", "the key is empty"),
        ("\"\",1\n", "the key is empty"),
        ("a,\"1\nb,2\nc,3\n", "the quote of column 2 is not closed"),
    ] {
        let (results, output) = read(&csv, format!("key,size\n{record}").as_bytes());
        assert_eq!(results, [bad(message)], "{record:?}");
        assert_eq!(output, format!("key,size,presigned_url\n{record}"));
    }
    // A stray quote consumes at most the lines up to the next line with a quote.
    let results = keys(&csv, "key,size\n\"a,1\nb,\"2\"\nc,3\n");
    assert_eq!(
        results,
        [bad("text after the closing quote of column 1"), ok("c")]
    );
}

#[test]
fn a_manifest_that_cannot_be_read() {
    let csv = Options::new(Kind::Csv);
    for (options, input, message) in [
        (&csv, "", "the header line is missing"),
        (&csv, "\u{feff}\nkey\n", "the header line is missing"),
        (
            &csv,
            "name, size\na,1\n",
            "there is no column `key`, only `name`, ` size`",
        ),
        (
            &csv,
            "key,presigned_url\n",
            "the column `presigned_url` already exists",
        ),
        (&csv, "key,key\n", "there is more than one column `key`"),
        (&csv, "Key,KEY\n", "there is more than one column `key`"),
        (
            &csv,
            "key,\"a\n1,2\n",
            "the first record is malformed: the quote of column 2 is not closed",
        ),
        (
            &csv,
            "PK\u{3}\u{4}",
            "the input is a ZIP archive or spreadsheet, not UTF-8 text",
        ),
        (
            &with_key(Kind::Csv, "3"),
            "a,b\n",
            "there is no column 3, only 2",
        ),
        (
            &with_key(Kind::Csv, "99999999999999999999"),
            "a\n",
            "there is no column 99999999999999999999, only one",
        ),
        (
            &with_key(Kind::Csv, "0"),
            "a,b\n",
            "columns are counted from 1",
        ),
        (
            &Options {
                header: Some(Header::Absent),
                ..with_key(Kind::Csv, "x")
            },
            "a,b\n",
            "without a header line there is no column `x`",
        ),
        (
            &Options {
                header: Some(Header::Absent),
                ..csv.clone()
            },
            "a,b\n",
            "there is no header line to select one of the 2 columns by name",
        ),
        (
            &Options {
                header: Some(Header::Present),
                ..Options::new(Kind::Jsonl)
            },
            "{}",
            "JSONL input has no header line",
        ),
        (
            &Options {
                schema: Some("Bucket, Key".to_owned()),
                ..csv.clone()
            },
            "key",
            "CSV input has no schema",
        ),
        (
            &with_key(Kind::Inventory, "2"),
            "b,k",
            "inventory input has no key column to choose",
        ),
        (
            &Options {
                schema: Some("Bucket".to_owned()),
                ..Options::new(Kind::Inventory)
            },
            "b",
            "the schema of the inventory has no column `Key`",
        ),
        (
            &Options::new(Kind::Inventory),
            "b\n",
            "there is no column 2, only one",
        ),
        (
            &with_key(Kind::Jsonl, "presigned_url"),
            "",
            "the column `presigned_url` already exists",
        ),
    ] {
        assert_eq!(refusal(options, input.as_bytes()), message);
    }
    assert_eq!(
        refusal(&csv, b"\xff\xfek\0"),
        "the input is UTF-16, not UTF-8 text"
    );
}

#[test]
fn the_beginning_waits_for_what_it_needs() {
    let csv = Options::new(Kind::Csv);
    let whole = b"\xef\xbb\xbf\"a\n\",key\r\n";
    for end in 0..whole.len() {
        assert_eq!(Layout::begin(&csv, &whole[..end], false), Ok(None), "{end}");
    }
    let beginning = Layout::begin(&csv, whole, false).unwrap().unwrap();
    assert_eq!((beginning.consumed, beginning.lines), (whole.len(), 2));
    let endless = vec![b'a'; MAX_RECORD + 1];
    assert_eq!(
        Layout::begin(&csv, &endless, false),
        Err(ManifestError::FirstTooLong)
    );
    assert_eq!(
        Layout::begin(&with_key(Kind::Csv, "1"), b"\n\n\n\na", false),
        Ok(None)
    );
    assert!(
        Layout::begin(&Options::new(Kind::Jsonl), b"{\"ke", false)
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_cut_is_never_within_a_record() {
    let layout = |kind, input: &str| {
        Layout::begin(&with_key(kind, "1"), input.as_bytes(), true)
            .unwrap()
            .unwrap()
            .layout
    };
    for (input, end) in [
        ("", 0),
        ("a", 0),
        ("a\n", 2),
        ("a\nb\nc", 4),
        ("a\n\"b\n", 2),
        ("a\n\"b\"\"\n\"\nc\n\"", 11),
        ("a\nb\"c\nd\n", 8),
        ("\"a\"b\"\nc\n\"", 8),
        ("\"a\"\n\"", 4),
        ("\"a\"x\"\n", 6),
        ("\"\n", 0),
    ] {
        assert_eq!(
            layout(Kind::Csv, "a").cut(input.as_bytes()),
            end,
            "{input:?}"
        );
    }
    assert_eq!(layout(Kind::Tsv, "a").cut(b"a,\"b\nc\t\"d\n"), 5);
    assert_eq!(layout(Kind::Jsonl, "").cut(b"{\"a\n\"b\nc"), 7);
    assert_eq!(
        layout(Kind::Csv, "a").cut(&[b"\"".as_slice(), &vec![b'\n'; MAX_RECORD]].concat()),
        0
    );
}

#[test]
fn jsonl_gains_a_field() {
    let input = concat!(
        "\u{feff}{\"key\":\"a\"}\n",
        "  { \"x\" : [1, {\"key\": \"no\"}] , \"key\" : \"\\u00e9\\ud83d\\ude00\\/\\n\\\"\" \
         }\t\r\n",
        " \r\n",
        "\n",
        "{\"\\u006bey\":\"日本\u{7f} \",\"y\":[{}] }",
    );
    let output = concat!(
        "\u{feff}{\"key\":\"a\",\"presigned_url\":\"URL\"}\n",
        "  { \"x\" : [1, {\"key\": \"no\"}] , \"key\" : \
         \"\\u00e9\\ud83d\\ude00\\/\\n\\\"\",\"presigned_url\":\"URL\" }\t\r\n",
        " \r\n",
        "\n",
        "{\"\\u006bey\":\"日本\u{7f} \",\"y\":[{}],\"presigned_url\":\"URL\" }",
    );
    let found = vec![
        ok("a"),
        ok("é😀/\n\""),
        ok("(nothing)"),
        ok("(nothing)"),
        ok("日本\u{7f} "),
    ];
    assert_eq!(
        read(&Options::new(Kind::Jsonl), input.as_bytes()),
        (found, output.to_owned())
    );
    assert_eq!(
        keys(
            &with_key(Kind::Jsonl, "bucket"),
            "{\"bucket\":\"a\",\"key\":1}"
        ),
        [ok("a")]
    );
}

#[test]
fn jsonl_overrides() {
    let request = object(
        r#"{"method":"PUT","key":"k","expires":3600,"bucket":"b","version_id":"\u0076","headers":{"A":"1","a":"\t"},"other":{"bucket":1}}"#,
    );
    let overrides = Overrides {
        bucket: Some("b".into()),
        expires: Some("3600".into()),
        headers: vec![("A".into(), "1".into()), ("a".into(), "\t".into())],
        method: Some("PUT".into()),
        version_id: Some("v".into()),
        is_delete_marker: false,
    };
    let key = Cow::Borrowed(b"k".as_slice());
    assert_eq!(
        request,
        Ok(Some(KeyRequest {
            key: key.clone(),
            overrides: Some(overrides)
        }))
    );
    let written = object(r#"{"key":"k","expires":"1h"}"#)
        .unwrap()
        .unwrap()
        .overrides
        .unwrap();
    assert_eq!(written.expires.as_deref(), Some("1h"));
    let nothing = object(r#"{"key":"k","expires":null,"headers":null,"bucket":null}"#);
    assert_eq!(
        nothing,
        Ok(Some(KeyRequest {
            key,
            overrides: None
        }))
    );
}

#[test]
fn bad_objects_are_told() {
    for (text, message) in [
        (r#""key""#, "expected a JSON object, found text"),
        ("[{}]", "expected a JSON object, found an array"),
        ("12", "expected a JSON object, found a number"),
        ("null", "expected a JSON object, found null"),
        ("true", "expected a JSON object, found a boolean"),
        ("key.txt", "not JSON: expected a value at byte 1"),
        ("{}", "`key` is missing"),
        (r#"{"Key":"a"}"#, "`key` is missing"),
        (r#"{"key":""}"#, "the key is empty"),
        (r#"{"key":null}"#, "`key` is not text"),
        (r#"{"key":7}"#, "`key` is not text"),
        (r#"{"key":"a","key":"a"}"#, "`key` occurs twice"),
        (
            r#"{"key":"a","bucket":"a","bucket":"a"}"#,
            "`bucket` occurs twice",
        ),
        (
            r#"{"key":"a","headers":{},"headers":{}}"#,
            "`headers` occurs twice",
        ),
        (
            r#"{"key":"a","presigned_url":null}"#,
            "`presigned_url` already exists",
        ),
        (
            r#"{"key":"a","expires":true}"#,
            "`expires` is neither a number nor text",
        ),
        (
            r#"{"key":"a","expires":01}"#,
            "not JSON: expected `,` or `}` at byte 23",
        ),
        (r#"{"key":"a","method":["GET"]}"#, "`method` is not text"),
        (r#"{"key":"a","version_id":1}"#, "`version_id` is not text"),
        (
            r#"{"key":"a","headers":["a"]}"#,
            "`headers` is not an object whose values are text",
        ),
        (
            r#"{"key":"a","headers":{"a":1}}"#,
            "`headers` is not an object whose values are text",
        ),
        (
            r#"{"key":"\ud83d"}"#,
            "`key` contains an unpaired surrogate",
        ),
        (
            r#"{"key":"\ude00\ud83d"}"#,
            "`key` contains an unpaired surrogate",
        ),
        (
            r#"{"key":"\ud83d\u0041"}"#,
            "`key` contains an unpaired surrogate",
        ),
        (
            r#"{"key":"\u00g0"}"#,
            "not JSON: expected four hexadecimal digits at byte 13",
        ),
        (
            r#"{"key":"\x"}"#,
            "not JSON: expected an escape sequence at byte 10",
        ),
        (
            "{\"key\":\"\t\"}",
            "not JSON: expected an escape sequence for a control character at byte 9",
        ),
        (
            "{\"key\":\"\u{1f}\"}",
            "not JSON: expected an escape sequence for a control character at byte 9",
        ),
        (
            "{\"key\":\"1234\u{1f}6789\"}",
            "not JSON: expected an escape sequence for a control character at byte 13",
        ),
        (
            r#"{"key":"a"#,
            "not JSON: expected the closing quote of a string at byte 10",
        ),
        (r#"{"key":"a""#, "not JSON: expected `,` or `}` at byte 11"),
        (
            r#"{"key":"a",}"#,
            "not JSON: expected a name in quotes at byte 12",
        ),
        (r#"{"key" "a"}"#, "not JSON: expected `:` at byte 8"),
        (
            r#"{"key":"a"} x"#,
            "not JSON: expected the end of the line at byte 13",
        ),
        (
            r#"{"key":"a","x":[1,]}"#,
            "not JSON: expected a value at byte 19",
        ),
        (
            r#"{"key":"a","x":[1}}"#,
            "not JSON: expected `,` or `]` at byte 18",
        ),
        (
            r#"{"key":"a","x":-}"#,
            "not JSON: expected a digit at byte 17",
        ),
    ] {
        assert_eq!(
            object(text).map_err(|error| error.to_string()),
            Err(message.to_owned()),
            "{text}"
        );
    }
    assert_eq!(
        read(&Options::new(Kind::Jsonl), b"{\"key\":\"\xff\"}\n").0,
        [bad("not UTF-8 at byte 9")]
    );
    // An unpaired surrogate in an ignored field is accepted.
    assert!(object(r#"{"key":"a","x":"\ud83d","\ud83d":1}"#).is_ok());
    let deep = format!(
        "{{\"key\":\"a\",\"x\":{}{}}}",
        "[".repeat(500_000),
        "]".repeat(500_000)
    );
    assert!(object(&deep).is_ok());
}

#[test]
fn a_field_and_a_url_that_need_escapes() {
    let options = Options {
        url_column: "the \"url\"".to_owned(),
        ..Options::new(Kind::Jsonl)
    };
    let layout = Layout::begin(&options, b"", true).unwrap().unwrap().layout;
    let mut out = Vec::new();
    layout.write(
        &layout.next(b"{\"key\":\"a\"}"),
        "é\"\\\n".as_bytes(),
        &mut out,
    );
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"key":"a","the \"url\"":"é\"\\\u000a"}"#
    );
}

#[test]
fn inventories_name_bucket_and_version() {
    let read = |input: &str, schema: Option<&str>| {
        let options = Options {
            schema: schema.map(str::to_owned),
            ..Options::new(Kind::Inventory)
        };
        let layout = Layout::begin(&options, input.as_bytes(), true)
            .unwrap()
            .unwrap()
            .layout;
        let request = layout
            .next(input.as_bytes())
            .request
            .map_err(|error| error.to_string())?
            .unwrap();
        let overrides = request.overrides.unwrap();
        let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        Ok((
            String::from_utf8(request.key.into_owned()).unwrap(),
            text(overrides.bucket),
            text(overrides.version_id),
        ))
    };
    let found = |key: &str, version: Option<&str>| {
        Ok((
            key.to_owned(),
            Some("b".to_owned()),
            version.map(str::to_owned),
        ))
    };
    let version = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH";
    assert_eq!(
        read("\"b\",\"a+b%2Bc%20%c3%A9/\"\r\n", None),
        found("a b+c é/", None)
    );
    assert_eq!(
        read(
            &format!("\"b\",\"k\",\"{version}\",\"true\",\"false\",\"12\"\n"),
            None
        ),
        found("k", Some(version))
    );
    assert_eq!(
        read("\"b\",\"k\",\"\",\"true\",\"false\"\n", None),
        found("k", None)
    );
    assert_eq!(
        read(
            "\"b\",\"k\",\"12\",\"2024-01-01T00:00:00.000Z\",\"false\"\n",
            None
        ),
        found("k", None)
    );
    for (third, is_version) in [
        (version, true),
        ("null", true),
        ("9f3c1e0a-6d4b-4f6e-8a3c-0123456789ab", true),
        ("12", false),
        ("", false),
        ("2024-01-01T00:00:00.000Z", false),
        ("d41d8cd98f00b204e9800998ecf8427e", false),
        ("d41d8cd98f00b204e9800998ecf8427e-12", false),
        ("INTELLIGENT_TIERING", false),
        ("true", false),
    ] {
        assert_eq!(
            read(&format!("b,k,{third}"), None),
            found("k", is_version.then_some(third)),
            "{third}"
        );
    }
    assert_eq!(
        read("12,k,b,v", Some("Size, Key, bucket, VersionId")),
        found("k", Some("v"))
    );
    assert_eq!(
        read("b,a%2", None),
        Err("the key has a `%` without two hexadecimal digits after it".to_owned())
    );
    assert_eq!(
        read("b,%zz", None),
        Err("the key has a `%` without two hexadecimal digits after it".to_owned())
    );
    assert_eq!(read("b,\"\"", None), Err("the key is empty".to_owned()));
    assert_eq!(
        read("b,k,x", Some("Bucket, Key")),
        Err("3 columns instead of 2".to_owned())
    );
    let options = Options::new(Kind::Inventory);
    assert_eq!(
        super::tests::read(&options, b"\"b\",\"k\"\r\n").1,
        "\"b\",\"k\",URL\r\n"
    );
    assert_eq!(keys(&options, ""), []);
}
