//! From the options of `post` to fields and conditions: one is derived from the other, so they
//! cannot differ.

use crate::cli::FormArgs;
use crate::error::Failure;
use crate::resolve::{parse_metadata, parse_size};
use crate::sigv4::Condition;
use crate::text::escape_controls;

/// Fields and conditions of the form, without bucket, key and credentials.
#[derive(Debug, Default)]
pub struct FormFields {
    pub fields: Vec<(String, String)>,
    pub conditions: Vec<Condition>,
}

/// Fields that the program sets.
const OWN: [&str; 10] = [
    "awsaccesskeyid",
    "bucket",
    "file",
    "policy",
    "signature",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
];

/// Parses the options.
///
/// # Errors
/// Invalid fields, two options that set the same field, or an empty size range.
pub fn read(args: &FormArgs) -> Result<FormFields, Failure> {
    let mut wish = FormFields::default();
    let choices = args
        .starts_with
        .iter()
        .map(|text| choice(text))
        .collect::<Result<Vec<_>, _>>()?;
    for (name, value) in [
        ("acl", &args.acl),
        ("success_action_redirect", &args.success_redirect),
    ] {
        if let Some(value) = value {
            wish.field(name, value)?;
        }
    }
    if let Some(redirect) = args
        .success_redirect
        .as_deref()
        .filter(|url| !(url.starts_with("https://") || url.starts_with("http://")))
    {
        return Err(Failure::usage(format!(
            "--success-redirect `{}` is not a URL",
            redirect.escape_debug()
        ))
        .hint("write the complete URL: `--success-redirect https://www.example.com/thanks`"));
    }
    if let Some(status) = args.success_status {
        if !matches!(status, 200 | 201 | 204) {
            return Err(Failure::usage(format!(
                "--success-status {status} is not supported by stores"
            ))
            .hint("use 200, 201 (with a document that contains the key) or 204"));
        }
        wish.field("success_action_status", &status.to_string())?;
    }
    if let Some(text) = &args.content_type {
        match kind_of(text)? {
            Kind::One => wish.field("Content-Type", text)?,
            Kind::BeginsWith(prefix) => wish
                .conditions
                .push(Condition::starts_with("Content-Type", prefix)),
        }
    }
    for pair in &args.metadata {
        let header = parse_metadata(pair.as_ref())?;
        let value = String::from_utf8_lossy(&header.value).into_owned();
        wish.field(&header.name, &value)?;
    }
    for text in &args.field {
        let (name, value) = field(text)?;
        if name.eq_ignore_ascii_case("x-amz-tagging") {
            return Err(Failure::usage(
                "--field `x-amz-tagging` is ignored by S3: in a form, tags are XML in the field \
                 `tagging`",
            )
            .hint(
                "write `--field 'tagging=<Tagging><TagSet><Tag><Key>K</Key><Value>V</Value></Tag>\
                </TagSet></Tagging>'`",
            ));
        }
        let is_chosen = choices.iter().any(|choice| choice.is_about(name))
            || wish
                .conditions
                .iter()
                .any(|condition| condition.is_about(name));
        if is_chosen {
            wish.send(name, value)?;
        } else {
            wish.field(name, value)?;
        }
    }
    wish.conditions.extend(choices);
    wish.conditions.extend(size_range(args)?);
    for text in &args.condition {
        let condition = Condition::parse(text).map_err(|error| {
            Failure::usage(format!("--condition `{}` {error}", escape_controls(text))).hint(
                "write it as in a policy: '{\"acl\": \"private\"}' or '[\"starts-with\", \
                    \"$acl\", \"\"]'",
            )
        })?;
        wish.conditions.push(condition);
    }
    Ok(wish)
}

impl FormFields {
    /// Adds a field and the condition that it has this value.
    fn field(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        self.send(name, value)?;
        self.conditions.push(Condition::exact(name, value));
        Ok(())
    }

    fn send(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        if self
            .fields
            .iter()
            .any(|(given, _)| given.eq_ignore_ascii_case(name))
        {
            return Err(Failure::usage(format!("the field `{name}` is set twice"))
                .hint("remove one of the options that set it"));
        }
        self.fields.push((name.to_owned(), value.to_owned()));
        Ok(())
    }
}

/// Parses `NAME=VALUE` of `--field`.
pub fn field(text: &str) -> Result<(&str, &str), Failure> {
    named("--field", text)
}

fn choice(text: &str) -> Result<Condition, Failure> {
    let (name, prefix) = named("--starts-with", text)?;
    Ok(Condition::starts_with(
        name.strip_prefix('$').unwrap_or(name),
        prefix,
    ))
}

fn named<'t>(option: &str, text: &'t str) -> Result<(&'t str, &'t str), Failure> {
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
        return Err(Failure::usage(format!(
            "{option} `{}` is not NAME=VALUE",
            text.escape_debug()
        ))
        .hint(format!("write it as `{option} x-amz-meta-from=web`")));
    };
    if name
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '"')
    {
        return Err(Failure::usage(format!(
            "{option} `{}` is not a valid field name",
            text.escape_debug()
        ))
        .hint("field names consist of letters, digits, `-` and `_`"));
    }
    if OWN.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Failure::usage(format!(
            "the field `{name}` ({option}) is set by the form itself"
        ))
        .hint("remove it; time, region and credentials have their own options"));
    }
    if option == "--field" && name.eq_ignore_ascii_case("key") {
        return Err(
            Failure::usage("the field `key` (--field) is set from the TARGET")
                .hint("write the key in the TARGET: BUCKET/KEY"),
        );
    }
    Ok((name, value))
}

enum Kind<'t> {
    One,
    BeginsWith(&'t str),
}

/// `image/png`, `image/*`, `image/`, `*/*`.
fn kind_of(text: &str) -> Result<Kind<'_>, Failure> {
    if matches!(text, "*" | "*/*") {
        return Ok(Kind::BeginsWith(""));
    }
    let refuse = |what: &str| {
        Err(
            Failure::usage(format!("--content-type `{}` {what}", text.escape_debug()))
                .hint("use one type, `image/png`, or all of a kind, `image/*`"),
        )
    };
    let Some((kind, rest)) = text.split_once('/').filter(|(kind, _)| !kind.is_empty()) else {
        return refuse("is not a type");
    };
    if text.chars().any(char::is_control) || kind.contains(char::is_whitespace) {
        return refuse("is not a type");
    }
    if rest.is_empty() || rest == "*" {
        return Ok(Kind::BeginsWith(&text[..=kind.len()]));
    }
    if rest.contains('*') {
        return refuse("contains a `*` that is not the whole subtype");
    }
    // A comma may be part of a parameter, but not separate types: a policy has one condition for
    // the field.
    if rest.contains(',') && !rest.contains('"') {
        return refuse("is a list; a policy takes one type");
    }
    Ok(Kind::One)
}

fn size_range(args: &FormArgs) -> Result<Option<Condition>, Failure> {
    let size = |option, text: &Option<String>| {
        text.as_deref()
            .map(|text| parse_size(option, text))
            .transpose()
    };
    let (min, max) = (
        size("--min-size", &args.min_size)?,
        size("--max-size", &args.max_size)?,
    );
    match (min, max) {
        (None, None) => Ok(None),
        (_, Some(0)) => Err(Failure::usage("--max-size must be at least 1 byte")
            .hint("set the maximum size: `--max-size 50MB`")),
        // The range needs a maximum, which for one request is that of the store.
        (min, None) => Ok(Some(Condition::ContentLengthRange {
            min: min.unwrap_or(0),
            max: super::LARGEST_FORM,
        })),
        (min, Some(max)) => Ok(Some(Condition::ContentLengthRange {
            min: min.unwrap_or(0),
            max,
        })),
    }
}
