//! Properties of reading and writing records of bulk input, and their speed: `cargo test --release
//! --test suite manifest -- --ignored --nocapture`.

use std::time::Instant;

use cos_presign::manifest::{Beginning, Header, Kind, Layout, Options, Record, RecordError};
use proptest::prelude::*;
use proptest::sample::Index;

/// Does not occur in generated input.
const URL: &str = "https://h/?@@";

fn begin(options: &Options, input: &[u8]) -> Beginning {
    Layout::begin(options, input, true).unwrap().unwrap()
}

fn headless(kind: Kind) -> Options {
    Options {
        header: Some(Header::Absent),
        key_column: Some("1".to_owned()),
        ..Options::new(kind)
    }
}

fn records<'a>(layout: &Layout, mut bytes: &'a [u8]) -> Vec<Record<'a>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let record = layout.next(bytes);
        assert!(record.len > 0);
        bytes = &bytes[record.len..];
        records.push(record);
    }
    records
}

fn written(layout: &Layout, records: &[Record<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        layout.write(record, URL.as_bytes(), &mut out);
    }
    out
}

/// Short texts in which special bytes are frequent.
fn noise(alphabet: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(alphabet), 0..60)
}

fn field() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        noise(b"ab ,\"\t\r\n\xff"),
        "[a-z/]{1,12}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..20),
        Just(Vec::new()),
    ]
}

/// Rows of equal length; each field may be quoted unnecessarily.
fn table() -> impl Strategy<Value = Vec<Vec<(Vec<u8>, bool)>>> {
    (1_usize..5).prop_flat_map(|columns| {
        let row = proptest::collection::vec((field(), any::<bool>()), columns);
        proptest::collection::vec(row, 1..8)
    })
}

fn render(table: &[Vec<(Vec<u8>, bool)>], delimiter: u8, line_end: &str, ends: bool) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, row) in table.iter().enumerate() {
        for (column, (value, quoted)) in row.iter().enumerate() {
            if column > 0 {
                text.push(delimiter);
            }
            let has_special = value
                .iter()
                .any(|byte| [delimiter, b'"', b'\r', b'\n'].contains(byte));
            if *quoted || has_special || (row.len() == 1 && value.is_empty()) {
                text.push(b'"');
                text.extend(value.iter().flat_map(|byte| {
                    if *byte == b'"' {
                        vec![b'"'; 2]
                    } else {
                        vec![*byte]
                    }
                }));
                text.push(b'"');
            } else {
                text.extend_from_slice(value);
            }
        }
        if ends || index + 1 < table.len() {
            text.extend_from_slice(line_end.as_bytes());
        }
    }
    text
}

/// Divides the input like a reader with a small buffer, and returns the complete output.
fn in_chunks(layout: &Layout, bytes: &[u8], sizes: &[Index]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut start, mut end) = (0, 0);
    for size in sizes {
        end += size.index(bytes.len() - end + 1);
        let cut = start + layout.cut(&bytes[start..end]);
        out.extend(written(layout, &records(layout, &bytes[start..cut])));
        start = cut;
    }
    out.extend(written(layout, &records(layout, &bytes[start..])));
    out
}

fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        json_string(),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|values| format!("[ {} ]", values.join(" , "))),
            proptest::collection::vec((json_string(), inner), 0..4).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("{name}\t: {value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// A JSON string with some characters escaped unnecessarily.
fn json_string() -> impl Strategy<Value = String> {
    proptest::collection::vec((any::<char>(), 0..4), 0..12).prop_map(|characters| {
        let mut text = "\"".to_owned();
        for (character, how) in characters {
            if how == 0 {
                text.extend(
                    character
                        .encode_utf16(&mut [0; 2])
                        .iter()
                        .map(|unit| format!("\\u{unit:04x}")),
                );
            } else {
                let quoted = serde_json::to_string(&character).unwrap();
                text.push_str(&quoted[1..quoted.len() - 1]);
            }
        }
        text + "\""
    })
}

proptest! {
    #[test]
    fn fields_are_those_of_the_csv_crate(table in table(), tabs: bool, crlf: bool, ends: bool, column: Index) {
        let (kind, delimiter) = if tabs { (Kind::Tsv, b'\t') } else { (Kind::Csv, b',') };
        let text = render(&table, delimiter, if crlf { "\r\n" } else { "\n" }, ends);
        prop_assume!(!text.starts_with(b"\xef\xbb\xbf") && !text.starts_with(b"\xff\xfe") && !text.starts_with(b"\xfe\xff"));
        prop_assume!(!text.starts_with(b"\x1f\x8b"));
        let column = column.index(table[0].len());
        let options = Options { key_column: Some((column + 1).to_string()), ..headless(kind) };
        let layout = begin(&options, &text).layout;
        let records = records(&layout, &text);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(text.as_slice());
        let theirs: Vec<csv::ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
        prop_assert_eq!(records.len(), theirs.len());
        for (record, theirs) in records.iter().zip(&theirs) {
            match &record.request {
                Ok(request) => prop_assert_eq!(&*request.as_ref().unwrap().key, &theirs[column]),
                Err(error) => prop_assert!(theirs[column].is_empty(), "{}", error),
            }
        }
        // The output has one more column, and is otherwise the input.
        let out = written(&layout, &records);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(out.as_slice());
        for (ours, theirs) in reader.byte_records().map(Result::unwrap).zip(&theirs) {
            let mut expected = theirs.clone();
            if !theirs[column].is_empty() {
                expected.push_field(URL.as_bytes());
            }
            prop_assert_eq!(ours, expected);
        }
    }

    #[test]
    fn quotes_mean_what_they_mean_to_the_csv_crate(text in noise(b"ab,\"\"\n\r")) {
        prop_assume!(!text.ends_with(b"\r"));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(text.as_slice());
        let theirs: Vec<csv::ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
        let layout = begin(&headless(Kind::Csv), b"a").layout;
        let ours = records(&layout, &text);
        let ours: Vec<&Record<'_>> = ours.iter().filter(|record| record.text != b"" || record.line_end != b"\n").collect();
        prop_assert_eq!(ours.len(), theirs.len());
        for (record, theirs) in ours.iter().zip(&theirs) {
            if let Ok(Some(request)) = &record.request {
                // With this terminator the first half of a line end is part of the field.
                let carriage_return = record.line_end.strip_suffix(b"\n").unwrap_or_default();
                prop_assert_eq!([&request.key, carriage_return].concat(), &theirs[0]);
            }
        }
    }

    #[test]
    fn the_way_it_is_cut_changes_nothing(
        tabular in noise(b"ab,\"\"\n\r"),
        lines in noise(b"{}\"key:a,\\\n"),
        inventory in noise(b"b,k%+\"\n"),
        sizes in proptest::collection::vec(any::<Index>(), 0..12),
    ) {
        for (options, head, text) in [
            (headless(Kind::Csv), b"a".as_slice(), &tabular),
            (headless(Kind::Csv), b"a,b", &tabular),
            (headless(Kind::Tsv), b"a", &tabular),
            (Options::new(Kind::Jsonl), b"{}", &lines),
            (Options::new(Kind::Inventory), b"b,k", &inventory),
        ] {
            let layout = begin(&options, head).layout;
            let whole = records(&layout, text);
            let out = written(&layout, &whole);
            prop_assert_eq!(&in_chunks(&layout, text, &sizes), &out);
            // Nothing is lost: texts and line ends add up to the input, and to the output without
            // the added parts.
            let pieces: Vec<u8> = whole.iter().flat_map(|record| [record.text, record.line_end]).flatten().copied().collect();
            prop_assert_eq!(&pieces, text);
            let out = String::from_utf8(out).unwrap();
            let out = out.replace(&format!(",\"presigned_url\":\"{URL}\""), "");
            let out = out.replace(&format!(",{URL}"), "").replace(&format!("\t{URL}"), "");
            prop_assert_eq!(out.as_bytes(), text.as_slice());
            let lines: usize = whole.iter().map(|record| record.lines).sum();
            prop_assert_eq!(lines, text.iter().filter(|byte| **byte == b'\n').count());
            // The cut is the end of the last record that certainly has one.
            let ended = |record: &&Record<'_>| record.line_end.ends_with(b"\n") && layout.cut(&text[..]) > 0;
            let cut = layout.cut(text);
            let mut ends = whole.iter().filter(ended).scan(0, |at, record| { *at += record.len; Some(*at) });
            prop_assert!(cut == 0 || ends.any(|end| end == cut));
        }
    }

    #[test]
    fn the_beginning_is_the_same_however_much_is_seen(table in table(), crlf: bool, mark: bool) {
        let mut table = table;
        table[0][0].0 = b"key".to_vec();
        let mut text = if mark { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        text.extend(render(&table, b',', if crlf { "\r\n" } else { "\n" }, true));
        let whole = Layout::begin(&Options::new(Kind::Csv), &text, true).map(Option::unwrap);
        for end in 0..=text.len() {
            match Layout::begin(&Options::new(Kind::Csv), &text[..end], false) {
                Ok(None) => prop_assert!(whole.as_ref().map_or(true, |whole| end < whole.consumed.max(4))),
                found => prop_assert_eq!(found.map(Option::unwrap), whole.clone()),
            }
        }
    }

    #[test]
    fn objects_are_those_of_serde_json(
        members in proptest::collection::vec((prop_oneof![json_string(), Just("\"key\"".to_owned())], json()), 0..5),
        spaces in "[ \t]{0,2}",
        at in any::<Index>(),
        noise in proptest::option::of(proptest::sample::select(b"{}[],:\"\\0-.eu1tn ".as_slice())),
    ) {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("{name}{spaces}:{value}{spaces}")).collect();
        let mut text = format!("{spaces}{{{spaces}{}}}{spaces}", members.join(",")).into_bytes();
        if let Some(byte) = noise {
            let at = at.index(text.len());
            text[at] = byte;
        }
        prop_assume!(!text.trim_ascii().is_empty());
        let layout = begin(&Options::new(Kind::Jsonl), b"").layout;
        let record = layout.next(&text);
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok();
        match &record.request {
            Err(RecordError::Json { .. }) => prop_assert!(!is_json, "{:?}", record),
            Err(_) => {}
            Ok(_) => prop_assert!(is_json, "{:?}", record),
        }
        // They reject unpaired surrogates, and numbers that are too large, in any field.
        let Ok(Members(mut members)) = serde_json::from_slice(&text) else { return Ok(()) };
        let keys: Vec<_> = members.iter().filter(|(name, _)| name == "key").map(|(_, value)| value).collect();
        let key = match keys[..] {
            [serde_json::Value::String(key)] if !key.is_empty() => Some(key.as_bytes()),
            _ => None,
        };
        prop_assert_eq!(record.request.as_ref().ok().map(|request| &*request.as_ref().unwrap().key), key);
        if key.is_some() {
            let mut out = Vec::new();
            layout.write(&record, b"https://h/?\"", &mut out);
            members.push(("presigned_url".to_owned(), "https://h/?\"".into()));
            prop_assert_eq!(serde_json::from_slice::<Members>(&out).unwrap().0, members);
        }
    }

    #[test]
    fn whatever_is_read_is_no_danger(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0..4_usize, at_end: bool) {
        let kind = [Kind::Csv, Kind::Inventory, Kind::Jsonl, Kind::Tsv][kind];
        let _ = Layout::begin(&Options::new(kind), &bytes, at_end);
        if let Ok(Some(beginning)) = Layout::begin(&Options { key_column: None, ..headless(kind) }, &bytes, at_end) {
            let rest = &bytes[beginning.consumed..];
            prop_assert!(beginning.layout.cut(rest) <= rest.len());
            records(&beginning.layout, rest);
        }
    }
}

/// An object with its members in order, including repeated ones.
struct Members(Vec<(String, serde_json::Value)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[test]
#[ignore = "prints how fast records are read and written"]
fn speed() {
    let url = "https://s3.us-south.cloud-object-storage.appdomain.cloud/bucket/".to_owned()
        + &"x".repeat(400);
    for (name, options, line) in [
        (
            "csv",
            Options::new(Kind::Csv),
            "key,size,date,tag\nphotos/2024/07/image-000123456.jpg,123456,2024-07-01T12:00:00Z,d41d8cd98f00b204e98\n",
        ),
        (
            "csv, quoted",
            Options::new(Kind::Csv),
            "key,size,date,tag\n\"photos/2024/07/image-000123456.jpg\",\"123456\",\"2024-07-01T12:00:00Z\",\"d41d8cd98f\"\n",
        ),
        (
            "jsonl",
            Options::new(Kind::Jsonl),
            "\n{\"key\":\"photos/2024/07/image-000123456.jpg\",\"size\":123456,\"date\":\"2024-07-01T12:00:00Z\"}\n",
        ),
        (
            "jsonl, overrides",
            Options::new(Kind::Jsonl),
            "\n{\"key\":\"photos/2024/07/image-000123456.jpg\",\"expires\":3600,\"bucket\":\"other\",\"x\":[1,2]}\n",
        ),
        (
            "inventory",
            Options::new(Kind::Inventory),
            "\n\"bucket\",\"photos/2024/07/image-000123456.jpg\",\"123456\",\"2024-07-01T12:00:00.000Z\"\n",
        ),
        (
            "inventory, encoded",
            Options::new(Kind::Inventory),
            "\n\"bucket\",\"photos/2024/07/image+000%20123456.jpg\",\"123456\",\"2024-07-01T12:00:00.000Z\"\n",
        ),
    ] {
        let (head, line) = line.split_at(line.find('\n').unwrap() + 1);
        let head = if head == "\n" { line } else { head };
        let layout = begin(&options, head.as_bytes()).layout;
        let text = line.repeat(10_000);
        let text = text.as_bytes();
        let mut best = [f64::MAX; 3];
        let mut out = Vec::new();
        for _ in 0..40 {
            let mut measure = |which: usize, work: &mut dyn FnMut()| {
                let start = Instant::now();
                work();
                best[which] = best[which].min(start.elapsed().as_secs_f64());
            };
            measure(0, &mut || assert_eq!(layout.cut(text), text.len()));
            measure(1, &mut || {
                let mut rest = text;
                while !rest.is_empty() {
                    let record = layout.next(rest);
                    assert!(matches!(std::hint::black_box(&record).request, Ok(Some(_))));
                    rest = &rest[record.len..];
                }
            });
            measure(2, &mut || {
                out.clear();
                let mut rest = text;
                while !rest.is_empty() {
                    let record = layout.next(rest);
                    layout.write(&record, url.as_bytes(), &mut out);
                    rest = &rest[record.len..];
                }
            });
        }
        let [cut, read, both] = best;
        println!(
            "{name}, {} bytes: cut {:.1} GB/s, read {:.1} million records/s, read and write {:.1}",
            line.len(),
            text.len() as f64 / cut / 1e9,
            1e-2 / read,
            1e-2 / both
        );
    }
}
