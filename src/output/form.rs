//! A POST policy form: URL and fields as JSON, as a curl command, and every step with `-v`.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::resolve::{Place, Sourced, Warning};
use crate::sigv4::{CredentialScope, Credentials, PostForm, SigningTime, encode};
use crate::text::{self, CommandLine, escape_controls, form_file};

/// A signed form, for all output formats.
#[derive(Debug)]
pub struct Form<'a> {
    /// Fields, policy and signature.
    pub form: PostForm,
    pub bucket: String,
    /// The field `key`, which may contain `${filename}`.
    pub key: String,
    pub place: Place,
    /// Signing time.
    pub signed_at: SigningTime,
    /// The first moment at which it is no longer valid.
    pub expires_at: SigningTime,
    pub credentials: Sourced<Credentials>,
    /// Warnings to print.
    pub warnings: Vec<Warning>,
    /// The file that a printed command uploads.
    pub file: Option<&'a [u8]>,
}

impl Form<'_> {
    /// The URL that the form is sent to: that of the bucket.
    pub fn url(&self) -> String {
        let address = crate::store::Address::new(
            &self.place.endpoint.value,
            self.place.addressing,
            self.place.bucket.as_deref(),
            None,
        );
        format!(
            "{}://{}{}",
            address.scheme.as_str(),
            address.authority,
            encode::path(&address.path)
        )
    }

    /// The file of a printed command; without one, a file named like the object.
    pub fn file_name(&self) -> Vec<u8> {
        self.file.map_or_else(
            || text::local_name(self.key.as_bytes()).into_bytes(),
            <[u8]>::to_vec,
        )
    }

    fn has_token(&self) -> bool {
        self.credentials.value.session_token().is_some()
    }
}

/// Warnings and notes for standard error.
pub fn notes(form: &Form) -> Vec<String> {
    form.warnings
        .iter()
        .map(|warning| format!("{}: {}", warning.label(), warning.message))
        .collect()
}

/// Fields in the order in which they are sent.
struct Fields<'a>(&'a [(String, String)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Report<'a> {
    url: String,
    fields: Fields<'a>,
    bucket: &'a str,
    key: &'a str,
    region: &'a str,
    issued_at: String,
    expires_at: String,
    access_key_id: &'a str,
    warnings: Vec<ReportedWarning<'a>>,
}

#[derive(Serialize)]
struct ReportedWarning<'a> {
    code: &'a str,
    message: &'a str,
}

/// `url` and `fields` are as returned by SDKs; field names are stable.
///
/// # Errors
/// The error of the writer.
pub fn json(form: &Form, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        url: form.url(),
        fields: Fields(&form.form.fields),
        bucket: &form.bucket,
        key: &form.key,
        region: &form.place.region.value,
        issued_at: form.signed_at.rfc3339(),
        expires_at: form.expires_at.rfc3339(),
        access_key_id: form.credentials.value.access_key_id(),
        warnings: form
            .warnings
            .iter()
            .map(|w| ReportedWarning {
                code: w.code,
                message: &w.message,
            })
            .collect(),
    };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}

/// A curl command for a POSIX shell. The file comes last: stores ignore fields after it.
///
/// # Errors
/// The error of the writer.
pub fn curl(form: &Form, content_type: &Option<String>, out: &mut dyn Write) -> io::Result<()> {
    let mut command = CommandLine::curl().fixed("--fail");
    if form.place.address.authority.contains('[') {
        command = command.fixed("--globoff");
    }
    let chosen = content_type
        .iter()
        .map(|value| ("Content-Type", value.as_str()));
    let fields = chosen.chain(
        form.form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    for (name, value) in fields {
        // Unlike --form, it takes a value that begins with `@` or `<` literally.
        command = command.option("--form-string", format!("{name}={value}"));
    }
    command = command
        .option("--form", form_file("file", &form.file_name()))
        .value(form.url());
    out.write_all(&command.to_bytes())?;
    out.write_all(b"\n")
}

/// `-v`: every step, with the names of the specification.
///
/// # Errors
/// The error of the writer.
pub fn verbose(form: &Form, escape: bool, err: &mut dyn Write) -> io::Result<()> {
    if !escape {
        return values(form, false, err);
    }
    let mut lines = Vec::new();
    values(form, true, &mut lines)?;
    String::from_utf8_lossy(&lines)
        .lines()
        .try_for_each(|line| writeln!(err, "{}", escape_controls(line)))
}

fn values(form: &Form, escape: bool, err: &mut dyn Write) -> io::Result<()> {
    let shown = |text: &str| {
        if escape {
            escape_controls(text).into_owned()
        } else {
            text.to_owned()
        }
    };
    let place = &form.place;
    let scope = CredentialScope::new(form.signed_at, &place.region.value, "s3")
        .map(|scope| scope.to_string());
    let policy = String::from_utf8_lossy(form.form.policy.as_bytes());
    let hidden = form.has_token();
    writeln!(err, "method: POST")?;
    writeln!(err, "URL: {}", form.url())?;
    writeln!(
        err,
        "endpoint: {} ({})",
        place.endpoint.value, place.endpoint.source
    )?;
    writeln!(
        err,
        "region: {} ({})",
        place.region.value, place.region.source
    )?;
    writeln!(err, "addressing: {}", place.addressing.as_str())?;
    writeln!(err, "bucket: {}", form.bucket)?;
    writeln!(err, "key: {}", shown(&form.key))?;
    writeln!(
        err,
        "access key ID: {} ({})",
        form.credentials.value.access_key_id(),
        form.credentials.source
    )?;
    writeln!(
        err,
        "session token: {}",
        if hidden {
            "present (not shown)"
        } else {
            "none"
        }
    )?;
    writeln!(err, "timestamp: {}", form.signed_at.timestamp())?;
    writeln!(err, "expires at: {}", form.expires_at.rfc3339())?;
    writeln!(err, "credential scope: {}", scope.unwrap_or_default())?;
    writeln!(err, "policy:")?;
    if hidden {
        writeln!(err, "  (not shown: it contains the session token)")?;
        writeln!(err, "string to sign: the policy in base64 (not shown)")?;
    } else {
        policy
            .lines()
            .try_for_each(|line| writeln!(err, "  {}", shown(line)))?;
        writeln!(err, "string to sign: {}", form.form.policy.to_base64())?;
    }
    writeln!(err, "signature: {}", form.form.signature)
}
