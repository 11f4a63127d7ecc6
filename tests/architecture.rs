//! Keeps the directions between the modules: what may import what, and who may touch the outside
//! world.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Module, and what of the crate it may import besides itself.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("pipeline", &["threads"]),
    ("cli", &["error", "text"]),
    (
        "command",
        &[
            "pipeline",
            "cli",
            "diagnosis",
            "disk",
            "env",
            "error",
            "forensics",
            "manifest",
            "http",
            "offline",
            "output",
            "resolve",
            "sigv4",
            "store",
            "text",
            "threads",
            "transfer",
        ],
    ),
    ("diagnosis", &["forensics", "sigv4", "store", "text"]),
    ("disk", &[]),
    ("env", &["error", "threads"]),
    ("error", &[]),
    ("manifest", &[]),
    ("forensics", &["sigv4"]),
    ("http", &["sigv4", "store", "text"]),
    ("offline", &["diagnosis", "output", "sigv4", "text"]),
    (
        "output",
        &[
            "cli",
            "diagnosis",
            "error",
            "http",
            "resolve",
            "sigv4",
            "store",
            "text",
        ],
    ),
    (
        "resolve",
        &["cli", "env", "error", "sigv4", "store", "text"],
    ),
    ("sigv4", &[]),
    ("store", &["sigv4"]),
    ("text", &[]),
    ("threads", &["error"]),
    ("transfer", &["store"]),
];

/// A word that reaches out of the process or to a heavy crate, and the only files that may contain
/// it.
const PRIVILEGES: &[(&str, &[&str])] = &[
    ("hyper", &["http/"]),
    ("aws_config", &["http/"]),
    ("reqwest", &["http/"]),
    (
        "rustls",
        &[
            "http/aws_chain.rs",
            "http/connect.rs",
            "http/error.rs",
            "http/tls.rs",
        ],
    ),
    ("tokio", &["http/"]),
    ("clap", &["cli/", "app.rs"]),
    ("anyhow", &["command/", "error.rs", "app.rs"]),
    ("std::env", &["env.rs", "main.rs"]),
    ("std::net", &["http/", "store/endpoint.rs"]),
    ("signal_hook", &["env.rs"]),
    (
        "std::process",
        &[
            "command/shared/credential_process.rs",
            "env.rs",
            "main.rs",
            "resolve/accounts/rclone_dump.rs",
        ],
    ),
    ("Utc::now", &["env.rs"]),
    ("SystemTime", &["sigv4/time.rs"]),
    ("SystemTime::now", &[]),
    (
        "zeroize::",
        &[
            "command/shared/client.rs",
            "command/shared/credential_process.rs",
            "command/shared/fetch_credentials.rs",
            "env.rs",
            "forensics/",
            "http/",
            "resolve/",
            "sigv4/wipe.rs",
        ],
    ),
    (
        "std::fs",
        &[
            "pipeline/sink.rs",
            "disk/",
            "env.rs",
            "command/shared/client.rs",
            "command/shared/fetch_credentials.rs",
            "http/runtime.rs",
            "http/tls.rs",
            "resolve/",
        ],
    ),
    ("io::stdin", &["env.rs"]),
    ("io::stdout", &["env.rs", "main.rs"]),
    ("io::stderr", &["env.rs", "main.rs"]),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("unsafe ", &["sigv4/sha256_lanes.rs"]),
    ("unsafe_code", &["sigv4/mod.rs"]),
];

/// Crates that the core may use: arithmetic on bytes, text and dates.
const CORE_CRATES: &[&str] = &[
    "base64",
    "chrono",
    "hex",
    "hmac",
    "p256",
    "percent_encoding",
    "serde_json",
    "sha2",
    "std",
    "unicode_normalization",
    "zeroize",
];

/// Every file of `src/`, relative to it, and its text.
fn files() -> Vec<(String, String)> {
    fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found)
            } else {
                found.push(path)
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let relative = |path: &Path| {
        path.strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/")
    };
    let mut texts: Vec<_> = files
        .iter()
        .map(|path| (relative(path), fs::read_to_string(path).unwrap()))
        .collect();
    texts.sort();
    assert!(texts.len() > 30, "only {} sources found", texts.len());
    texts
}

/// Every file of `src/`, without comments.
fn sources() -> Vec<(String, String)> {
    files()
        .into_iter()
        .map(|(file, text)| (file, code_of(&text)))
        .collect()
}

/// Without comments, whose words import nothing.
fn code_of(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

#[test]
fn modules_import_only_what_they_may() {
    for (file, code) in sources() {
        let module = module_of(&file);
        if matches!(module, "main" | "lib" | "app") {
            continue;
        }
        let (_, allowed) = DIRECTIONS
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("{file}: a module without a direction"));
        for part in code.split("crate::").skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            assert!(
                name == module || allowed.contains(&name.as_str()),
                "{file} imports crate::{name}"
            );
        }
    }
}

#[test]
fn network_files_and_clock_are_used_in_listed_modules_only() {
    for (word, places) in PRIVILEGES {
        for (file, code) in sources() {
            let allowed = places.iter().any(|place| file.starts_with(place));
            assert!(allowed || !code.contains(word), "{file} contains `{word}`");
        }
    }
}

#[test]
fn the_core_uses_no_io() {
    for (file, code) in sources()
        .iter()
        .filter(|(file, _)| file.starts_with("sigv4/"))
    {
        for line in code
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("use "))
        {
            let first = line.split("::").next().unwrap();
            let known = CORE_CRATES.contains(&first) || matches!(first, "self" | "super" | "crate");
            assert!(known, "{file} uses {first}");
        }
    }
}

#[test]
fn manifest_reads_no_environment() {
    for (file, code) in sources()
        .iter()
        .filter(|(file, _)| file.starts_with("manifest/"))
    {
        for line in code
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("use "))
        {
            let first = line.split("::").next().unwrap();
            assert!(
                ["memchr", "std", "super"].contains(&first),
                "{file} uses {first}"
            );
        }
    }
}

#[test]
fn main_is_short() {
    let main = sources()
        .into_iter()
        .find(|(file, _)| file == "main.rs")
        .unwrap()
        .1;
    assert!(main.lines().count() < 40);
}

/// Programs whose commands are printed for people to paste.
const PRINTED_PROGRAMS: [&str; 8] = [
    "cos-presign",
    "curl",
    "wget",
    "aws",
    "mc",
    "chmod",
    "openssl",
    "eval",
];

/// String literals of a source, escapes as they are written.
fn literals(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find(['"', '\'']) {
        let is_text = rest[start..].starts_with('"');
        let inner = &rest[start + 1..];
        if !is_text {
            // A character, or a lifetime.
            let is_quote = inner.starts_with("\"'") || inner.starts_with("\\\"'");
            rest = match is_quote {
                true => &inner[inner.find("'").unwrap() + 1..],
                false => inner,
            };
            continue;
        }
        let mut is_escaped = false;
        let Some(end) = inner.find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        }) else {
            break;
        };
        found.push(&inner[..end]);
        rest = &inner[end + 1..];
    }
    found
}

/// Whether a text has a command, or options, with a place for a value in it: `` `curl {url}` ``.
fn writes_a_value_into_a_command(literal: &str) -> bool {
    let has_place = |text: &str| text.replace("{{", "").contains('{');
    let first_word = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    let is_program = |text: &str| PRINTED_PROGRAMS.contains(&first_word(text).as_str());
    let is_option = |text: &str| first_word(text).starts_with("--");
    (is_program(literal) && has_place(literal))
        || literal
            .split('`')
            .skip(1)
            .step_by(2)
            .any(|text| (is_program(text) || is_option(text)) && has_place(text))
}

#[test]
fn only_the_command_builder_inserts_values() {
    for literal in [
        "`cos-presign list {bucket}`",
        "sign it: `cos-presign get {}`",
        "curl {url}",
        "add `--region {told}`",
    ] {
        assert!(writes_a_value_into_a_command(literal), "{literal}");
    }
    for literal in [
        "see `{command}`",
        "`curl URL` {x}",
        "--region {region} is given",
    ] {
        assert!(!writes_a_value_into_a_command(literal), "{literal}");
    }
    for (file, code) in sources() {
        let code = code.split("#[cfg(test)]").next().unwrap();
        for literal in literals(code) {
            // What is evaluated there is a command of the builder.
            let is_of_builder = file == "text/command_line.rs" && literal.starts_with("eval ");
            assert!(
                is_of_builder || !writes_a_value_into_a_command(literal),
                "{file} writes a value into a command: {literal}"
            );
        }
        let quotes = code.contains("shell_quote");
        let may = ["text/", "output/plan/mod.rs"];
        assert!(
            !quotes || may.iter().any(|place| file.starts_with(place)),
            "{file} quotes words itself"
        );
    }
}

#[test]
fn every_direct_dependency_is_used_and_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let (manifest, explained) = (read("Cargo.toml"), read("docs/dependencies.md"));
    let mut sources = String::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources += &fs::read_to_string(path).unwrap();
            }
        }
    }
    let mut count = 0;
    let mut is_inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_inside = line.ends_with("dependencies]") && !line.contains("dev-dependencies");
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| is_inside) {
            // `md-5` calls itself `md5`.
            let path = format!("{}::", name.replace("md-5", "md5").replace('-', "_"));
            assert!(sources.contains(&path), "no source names `{name}`");
            assert!(
                explained.contains(&format!("| `{name}` ")),
                "{name} is not explained"
            );
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
    let rows = explained
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    assert_eq!(rows, count, "a row is for no dependency");
}

/// A file, the module that it is, and its code without tests.
struct Module {
    file: String,
    path: Vec<String>,
    code: String,
}

fn modules() -> Vec<Module> {
    sources()
        .into_iter()
        .filter(|(file, _)| file.ends_with(".rs") && file != "main.rs")
        .map(|(file, code)| {
            let mut path: Vec<String> = file
                .trim_end_matches(".rs")
                .split('/')
                .map(str::to_owned)
                .collect();
            if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
                path.pop();
            }
            let code = code.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
            Module { file, path, code }
        })
        .collect()
}

/// The paths of a `use` tree, each as its segments: `a::{b, c::D}` is `a::b` and `a::c::D`.
fn paths_of_tree(tree: &str) -> Vec<Vec<String>> {
    let (head, group) = match tree.find('{') {
        Some(brace) => (
            &tree[..brace],
            Some(&tree[brace + 1..tree.rfind('}').unwrap()]),
        ),
        None => (tree, None),
    };
    let head: Vec<String> = head
        .split(" as ")
        .next()
        .unwrap()
        .split("::")
        .map(|segment| segment.trim().to_owned())
        .filter(|segment| !segment.is_empty())
        .collect();
    let Some(group) = group else {
        return vec![head];
    };
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[from..at]);
                from = at + 1;
            }
            _ => (),
        }
    }
    parts.push(&group[from..]);
    parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .flat_map(paths_of_tree)
        .map(|path| head.iter().cloned().chain(path).collect())
        .collect()
}

/// The trees of the `use` declarations of a module that begin with one of the words.
fn use_trees(code: &str, beginnings: &[&str]) -> Vec<String> {
    let lines: Vec<&str> = code.lines().map(str::trim_start).collect();
    let mut trees = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(first) = beginnings.iter().find_map(|word| line.strip_prefix(word)) {
            let text = [&[first], &lines[at + 1..]].concat().join(" ");
            trees.push(text.split(';').next().unwrap().to_owned());
        }
    }
    trees
}

const HANDED_ON: [&str; 3] = ["pub use ", "pub(crate) use ", "pub(super) use "];

/// The paths that a module imports, and those in its code that begin at the crate.
fn named_paths(module: &Module) -> Vec<Vec<String>> {
    let beginnings = [&["use "], HANDED_ON.as_slice()].concat();
    let mut trees = use_trees(&module.code, &beginnings);
    for part in module.code.split("crate::").skip(1) {
        let end = part
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
            .unwrap_or(part.len());
        trees.push(format!("crate::{}", &part[..end]));
    }
    absolute_paths(module, &trees)
}

fn absolute_paths(module: &Module, trees: &[String]) -> Vec<Vec<String>> {
    trees
        .iter()
        .flat_map(|tree| paths_of_tree(tree))
        .filter_map(|path| absolute(&module.path, &path))
        .collect()
}

/// A path from the root of the crate; `None` for other crates and for what a module declares
/// itself.
fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let mut base = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return Some([module, path].concat()),
    };
    let mut rest = path;
    while let Some(first) = rest.first() {
        match first.as_str() {
            "crate" | "self" => (),
            "super" => drop(base.pop()),
            _ => break,
        }
        rest = &rest[1..];
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The file that defines what a path names, through the faces that hand it on.
fn file_of<'a>(modules: &'a [Module], path: &[String], depth: usize) -> Option<&'a Module> {
    let module = modules
        .iter()
        .filter(|module| !module.path.is_empty() && path.starts_with(&module.path))
        .max_by_key(|module| module.path.len())?;
    let Some(name) = path.get(module.path.len()).filter(|_| depth < 4) else {
        return Some(module);
    };
    let handed_on = absolute_paths(module, &use_trees(&module.code, &HANDED_ON));
    match handed_on
        .iter()
        .find(|handed_on| handed_on.last() == Some(name) && handed_on.as_slice() != path)
    {
        Some(handed_on) => file_of(modules, handed_on, depth + 1),
        None => Some(module),
    }
}

/// The files that a file takes names from. A file may use what the `mod.rs` above it defines for
/// all of its children.
fn imports(modules: &[Module]) -> Vec<Vec<usize>> {
    let position = |found: &Module| modules.iter().position(|module| module.file == found.file);
    modules
        .iter()
        .map(|module| {
            let mut imported: Vec<usize> = named_paths(module)
                .iter()
                .filter_map(|path| file_of(modules, path, 0))
                .filter(|found| !module.path.starts_with(&found.path))
                .filter_map(position)
                .collect();
            imported.sort_unstable();
            imported.dedup();
            imported
        })
        .collect()
}

/// Imports of circles that are still to be cut. No other is allowed, and one that is gone has to go
/// from this list.
const KNOWN_CIRCLES: &[(&str, &str)] = &[];

#[test]
fn no_files_import_each_other_in_a_circle() {
    let modules = modules();
    let imports = imports(&modules);
    assert!(
        imports.iter().map(Vec::len).sum::<usize>() > 300,
        "imports are not found"
    );
    let reaches = |from: usize, to: usize| {
        let (mut seen, mut next) = (vec![false; modules.len()], imports[from].clone());
        while let Some(at) = next.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                next.extend(&imports[at]);
            }
        }
        seen[to]
    };
    let mut left = KNOWN_CIRCLES.to_vec();
    let mut circles = Vec::new();
    for (from, targets) in imports.iter().enumerate() {
        for &to in targets {
            if !reaches(to, from) {
                continue;
            }
            let import = (modules[from].file.as_str(), modules[to].file.as_str());
            match left.iter().position(|known| *known == import) {
                Some(known) => drop(left.remove(known)),
                None => circles.push(format!("{} -> {}", import.0, import.1)),
            }
        }
    }
    assert!(circles.is_empty(), "in a circle:\n{}", circles.join("\n"));
    assert!(left.is_empty(), "no circle any more: {left:?}");
}

/// Words outside the vocabulary of the field, each with what to write instead.
const MISLEADING_WORDS: [(&str, &str); 25] = [
    ("anew", "again, from the start"),
    ("answered", "responded"),
    ("asked for", "requested"),
    ("asks for", "requests, requires"),
    ("comes to", "is, adds up to"),
    ("given beside", "cannot be combined with"),
    ("given twice", "set twice"),
    ("goes out", "is sent"),
    ("hands out", "provides"),
    ("is told", "is reported"),
    ("kept as it is", "kept unchanged"),
    ("leave it out", "remove it"),
    ("leave out", "remove"),
    ("left out", "omitted, removed"),
    ("makes do", "uses"),
    ("no link can be made", "cannot be signed"),
    ("nobody", "no user, no process"),
    ("on its way", "in transit"),
    ("read as it is", "read verbatim"),
    ("so long", "this long"),
    ("so many", "this many"),
    ("somebody", "another user"),
    ("surroundings", "environment"),
    ("taken apart", "parsed, decoded"),
    ("whoever", "the user, the sender"),
];

/// The misleading words in a text, case and line breaks aside.
fn misleading_words(text: &str) -> Vec<&'static str> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let text = format!(" {} ", words.join(" ").to_lowercase());
    MISLEADING_WORDS
        .into_iter()
        .map(|(word, _)| word)
        .filter(|word| text.contains(&format!(" {word} ")))
        .collect()
}

#[test]
fn sources_use_the_vocabulary_of_the_field() {
    assert_eq!(
        misleading_words("It is\n/// told; Nobody"),
        ["is told", "nobody"]
    );
    assert_eq!(misleading_words("retold nobodys"), [""; 0]);
    let mut wrong = Vec::new();
    for (file, code) in files() {
        for word in misleading_words(&code) {
            wrong.push(format!("src/{file}: {word}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn help_uses_the_vocabulary_of_the_field() {
    let mut wrong = Vec::new();
    for folder in ["tests/golden/help", "docs"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_file() || path.ends_with("credentials.md") || path.ends_with("diagnose.md")
            {
                continue;
            }
            let page = fs::read_to_string(&path).unwrap();
            for word in misleading_words(&page) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Maximum number of columns of a line.
const WIDTH: usize = 100;

/// Files with long lines of data: tables, documents of stores and URLs.
const WIDE_DATA: [&str; 11] = [
    "cli/receive.rs",
    "lib.rs",
    "manifest/tests.rs",
    "sigv4/canonical.rs",
    "sigv4/mod.rs",
    "sigv4/post_policy.rs",
    "sigv4/sha256_lanes.rs",
    "sigv4/signer.rs",
    "store/",
    "text/escape.rs",
    "transfer/",
];

/// A URL or an encoding, which cannot be broken.
fn has_data(line: &str) -> bool {
    line.split(' ').any(|word| word.len() >= 60)
}

#[test]
fn lines_have_at_most_100_columns() {
    let wide: Vec<String> = files()
        .into_iter()
        .filter(|(file, _)| {
            file.ends_with(".rs") && !WIDE_DATA.iter().any(|start| file.starts_with(start))
        })
        .flat_map(|(file, code)| {
            let lines: Vec<String> = code
                .lines()
                .enumerate()
                .filter(|(_, line)| line.chars().count() > WIDTH && !has_data(line))
                .map(|(index, _)| format!("src/{file}:{}", index + 1))
                .collect();
            lines
        })
        .collect();
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}
