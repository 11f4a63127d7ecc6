//! The public surface of the library, as a list that a change has to be written into: what is in it
//! follows semantic versioning. `UPDATE_PUBLIC_API=1 cargo test --test library public_api` writes
//! it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use syn::{Attribute, Fields, ImplItem, Item, Type, UseTree, Visibility};

/// Modules of which the public surface consists.
const MODULES: [&str; 4] = ["forensics", "offline", "sigv4", "store"];

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn text_of(attribute: &Attribute) -> String {
    let mut item: Item = syn::parse_str("mod a;").unwrap();
    if let Item::Mod(module) = &mut item {
        module.attrs.push(attribute.clone());
    }
    printed(item)
}

/// Hidden from the documentation, or part of the program or of tests.
fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().map(text_of).any(|text| {
        text.contains("doc(hidden)")
            || text.contains("cfg(test)")
            || text.contains("cfg(feature = \"cli\")")
    })
}

/// The condition under which an item is there.
fn condition(attributes: &[Attribute]) -> String {
    let kept = ["#[cfg(", "#[non_exhaustive", "#[derive(", "#[must_use"];
    let mut conditions = String::new();
    for attribute in attributes {
        let text = text_of(attribute);
        let line = text.lines().next().unwrap_or_default();
        if kept.iter().any(|kept| line.starts_with(kept)) {
            writeln!(conditions, "{line}").unwrap();
        }
    }
    conditions
}

fn printed(item: Item) -> String {
    prettyplease::unparse(&syn::File {
        shebang: None,
        attrs: Vec::new(),
        items: vec![item],
    })
}

/// An item without attributes and bodies, with what is public in it.
fn declaration(item: &Item) -> Option<String> {
    let mut item = item.clone();
    let attributes;
    match &mut item {
        Item::Fn(function) if is_public(&function.vis) => {
            attributes = std::mem::take(&mut function.attrs);
            *function.block = syn::parse_str("{}").unwrap();
        }
        Item::Const(constant) if is_public(&constant.vis) => {
            attributes = std::mem::take(&mut constant.attrs);
            *constant.expr = syn::parse_str("_").unwrap();
        }
        Item::Struct(structure) if is_public(&structure.vis) => {
            attributes = std::mem::take(&mut structure.attrs);
            let count = structure.fields.len();
            match &mut structure.fields {
                Fields::Named(fields) => {
                    let all = std::mem::take(&mut fields.named);
                    fields.named = all
                        .into_iter()
                        .filter(|field| is_public(&field.vis))
                        .map(|mut field| {
                            field.attrs.clear();
                            field
                        })
                        .collect();
                    if fields.named.len() < count {
                        let private =
                            syn::parse_str::<syn::ItemStruct>("struct A { _private: () }");
                        let Fields::Named(private) = private.unwrap().fields else {
                            unreachable!()
                        };
                        fields.named.extend(private.named);
                    }
                }
                Fields::Unnamed(fields) => {
                    let all = std::mem::take(&mut fields.unnamed);
                    fields.unnamed = all.into_iter().filter(|f| is_public(&f.vis)).collect();
                }
                Fields::Unit => {}
            }
        }
        Item::Enum(enumeration) if is_public(&enumeration.vis) => {
            attributes = std::mem::take(&mut enumeration.attrs);
            for variant in &mut enumeration.variants {
                variant.attrs.clear();
                variant
                    .fields
                    .iter_mut()
                    .for_each(|field| field.attrs.clear());
            }
        }
        _ => return None,
    }
    let text = printed(item);
    let text = text.replace(" {}\n", ";\n").replace(" = _;", ";");
    Some(format!("{}{text}", condition(&attributes)))
}

fn name_of(item: &Item) -> Option<String> {
    Some(match item {
        Item::Fn(function) => function.sig.ident.to_string(),
        Item::Const(constant) => constant.ident.to_string(),
        Item::Struct(structure) => structure.ident.to_string(),
        Item::Enum(enumeration) => enumeration.ident.to_string(),
        _ => return None,
    })
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(function) => &function.attrs,
        Item::Const(constant) => &constant.attrs,
        Item::Struct(structure) => &structure.attrs,
        Item::Enum(enumeration) => &enumeration.attrs,
        Item::Impl(implementation) => &implementation.attrs,
        Item::Mod(module) => &module.attrs,
        Item::Use(used) => &used.attrs,
        _ => &[],
    }
}

/// Names that a module exports.
fn exported(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => exported(&path.tree, names),
        UseTree::Name(name) => {
            names.insert(name.ident.to_string());
        }
        UseTree::Rename(rename) => {
            names.insert(rename.rename.to_string());
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| exported(tree, names)),
        UseTree::Glob(_) => panic!("the list needs names"),
    }
}

/// Every item of a module's files with its place in it, nested modules with them.
fn items(directory: &Path) -> Vec<(PathBuf, Vec<Item>)> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut items = syn::parse_file(&text).unwrap().items;
        let mut at = 0;
        while at < items.len() {
            if let Item::Mod(module) = &items[at]
                && !is_hidden(&module.attrs)
                && let Some((_, inner)) = module.content.clone()
            {
                items.extend(inner);
            }
            at += 1;
        }
        all.push((path, items));
    }
    all
}

fn methods(item: &Item, name: &str) -> Vec<String> {
    let Item::Impl(implementation) = item else {
        return Vec::new();
    };
    let Type::Path(of) = &*implementation.self_ty else {
        return Vec::new();
    };
    if of
        .path
        .segments
        .last()
        .is_none_or(|segment| segment.ident != name)
    {
        return Vec::new();
    }
    let outer = condition(&implementation.attrs);
    let mut header = implementation.clone();
    header.items.clear();
    header.attrs.clear();
    let header = printed(Item::Impl(header));
    let header = header
        .trim_end()
        .trim_end_matches("{}")
        .trim_end()
        .to_owned();
    if implementation.trait_.is_some() {
        return vec![format!("{outer}{header};\n")];
    }
    let mut found = Vec::new();
    for item in &implementation.items {
        let (visibility, attributes) = match item {
            ImplItem::Fn(function) => (&function.vis, &function.attrs),
            ImplItem::Const(constant) => (&constant.vis, &constant.attrs),
            _ => continue,
        };
        if !is_public(visibility) || is_hidden(attributes) {
            continue;
        }
        let mut own = implementation.clone();
        own.attrs.clear();
        let mut item = item.clone();
        match &mut item {
            ImplItem::Fn(function) => {
                function.attrs.clear();
                function.block = syn::parse_str("{}").unwrap();
            }
            ImplItem::Const(constant) => {
                constant.attrs.clear();
                constant.expr = syn::parse_str("_").unwrap();
            }
            _ => {}
        }
        own.items = vec![item];
        let text = printed(Item::Impl(own))
            .replace("{}\n", ";\n")
            .replace(" = _;", ";");
        found.push(format!("{outer}{}{text}", condition(attributes)));
    }
    found
}

/// One line for each public item.
fn listing() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for module in MODULES {
        let files = items(&root.join(module));
        let mut names = BTreeSet::new();
        for item in files
            .iter()
            .filter(|(path, _)| path.ends_with("mod.rs"))
            .flat_map(|f| &f.1)
        {
            match item {
                Item::Use(used) if is_public(&used.vis) && !is_hidden(&used.attrs) => {
                    exported(&used.tree, &mut names);
                }
                // A public module: all that is public in its file.
                Item::Mod(inner) if is_public(&inner.vis) && !is_hidden(&inner.attrs) => {
                    let file = format!("{}.rs", inner.ident);
                    let inner = files.iter().filter(|(path, _)| path.ends_with(&file));
                    names.extend(inner.flat_map(|(_, items)| items).filter_map(name_of));
                }
                item if declaration(item).is_some() => names.extend(name_of(item)),
                _ => {}
            }
        }
        for item in files.iter().flat_map(|(_, items)| items) {
            if is_hidden(attributes_of(item)) {
                continue;
            }
            for name in &names {
                let mut texts = methods(item, name);
                if name_of(item).as_ref() == Some(name) {
                    texts.extend(declaration(item));
                }
                let listed = lines.entry(format!("{module}::{name}")).or_default();
                listed.extend(texts.iter().map(|text| {
                    let words: Vec<&str> = text.split_whitespace().collect();
                    words.join(" ")
                }));
            }
        }
    }
    let mut text = String::new();
    for (name, items) in lines {
        if !items.is_empty() {
            writeln!(text, "{name}").unwrap();
        }
        for item in items {
            writeln!(text, "    {item}").unwrap();
        }
    }
    text
}

#[test]
fn the_public_surface_is_the_one_that_is_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/public-api.txt");
    let now = listing();
    if std::env::var_os("UPDATE_PUBLIC_API").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let before = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\r\n", "\n");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (before, now) = (lines(&before), lines(&now));
    let removed: Vec<_> = before.difference(&now).collect();
    let added: Vec<_> = now.difference(&before).collect();
    assert!(
        removed.is_empty() && added.is_empty(),
        "removed: {removed:#?}\nadded: {added:#?}\nwrite it with UPDATE_PUBLIC_API=1"
    );
}

/// What a public signature names can be named by callers: types of the list, of `std` and of
/// `chrono`.
#[test]
fn public_signatures_name_public_types() {
    const OTHERS: &str = "Arc AsRef BTreeMap Clone Copy Cow DateTime Debug Default Display Drop \
        Duration Eq Err Error From FromStr Hash Into IntoIterator Item Iterator N NonZeroU64 \
        Option Ord PartialEq PartialOrd RangeInclusive Result Self Send Some String SystemTime \
        TryFrom Utc V Vec Write";
    let listing = listing();
    let mut known: BTreeSet<&str> = OTHERS.split_whitespace().collect();
    known.extend(
        listing
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.rsplit("::").next()),
    );
    for line in listing.lines().filter(|line| line.starts_with(' ')) {
        // Names of variants are no types.
        let line = match line.split_once(" enum ") {
            Some((_, variants)) => variants
                .split(['{', '(', ','])
                .filter(|text| text.contains(':') || text.contains(')'))
                .collect(),
            None => line.to_owned(),
        };
        for word in line.split(|c: char| !c.is_alphanumeric() && c != '_') {
            let is_type = word.starts_with(|c: char| c.is_ascii_uppercase())
                && word.chars().any(|c| c.is_ascii_lowercase());
            assert!(!is_type || known.contains(word), "{word}: {line}");
        }
    }
    for crate_name in [
        "zeroize",
        "Zeroiz",
        "hmac::",
        "percent_encoding",
        "p256::",
        "sha2::",
    ] {
        assert!(!listing.contains(crate_name), "{crate_name}");
    }
    // Enough of it that the list cannot be empty by mistake.
    for line in [
        "sigv4::Signer",
        "sigv4::SignedUrl",
        "sigv4::BulkWriter",
        "store::Endpoint",
        "pub fn path(bytes: &[u8]) -> Cow<'_, str>;",
    ] {
        assert!(listing.contains(line), "{line}");
    }
    for program in [
        "wipe_stack",
        "Glob",
        "ErrorResponse",
        "CorsRule",
        "forget_secret",
        "Filter",
    ] {
        assert!(!listing.contains(program), "{program}");
    }
}
