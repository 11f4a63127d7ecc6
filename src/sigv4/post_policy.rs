//! The policy of an HTML form: the uploads that it allows (Amazon S3 API reference, "Authenticating
//! Requests: Browser-Based Uploads Using POST").
//!
//! A form has no canonical request. Its string to sign is the policy, a JSON document in base64,
//! and the signing key is that of presigned URLs. The uploader may choose what the policy does not
//! restrict.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::hash::hmac_sha256;
use super::{Error, Presigner, SessionTokenMode, Signature, SigningKey, SigningTime};

/// Placeholder for the name of the uploaded file in the field `key`, replaced by the store.
pub const FILENAME: &str = "${filename}";

/// The field of the session token.
const TOKEN: &str = "x-amz-security-token";

/// Fields that need no condition (besides those with the prefix `x-ignore-`).
const FREE_FIELDS: [&str; 3] = ["x-amz-signature", "policy", "file"];

/// One condition of a policy. Field names are compared ignoring case, values byte for byte.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// `{"acl": "private"}`: the field has this value.
    Exact {
        /// Name of the field, or `bucket`.
        field: String,
        /// Required value.
        value: String,
    },
    /// `["starts-with", "$key", "in/"]`: the field has this prefix; an empty prefix allows any
    /// value.
    StartsWith {
        /// Name of the field, without `$`.
        field: String,
        /// The prefix.
        prefix: String,
    },
    /// `["content-length-range", 1, 1048576]`: size of the file in bytes, inclusive.
    ContentLengthRange {
        /// Minimum.
        min: u64,
        /// Maximum.
        max: u64,
    },
    /// A condition of another form, see [`Condition::parse`].
    Other(OtherCondition),
}

/// A condition with an unknown operator: a JSON list that starts with the name of the operator.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OtherCondition(String);

impl OtherCondition {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Condition {
    /// The field has this value.
    pub fn exact(field: impl Into<String>, value: impl Into<String>) -> Condition {
        Condition::Exact {
            field: field.into(),
            value: value.into(),
        }
    }

    /// The field has this prefix.
    pub fn starts_with(field: impl Into<String>, prefix: impl Into<String>) -> Condition {
        Condition::StartsWith {
            field: field.into(),
            prefix: prefix.into(),
        }
    }

    /// Parses one condition.
    ///
    /// # Errors
    /// [`PolicyError::NotJson`] or [`PolicyError::Condition`].
    pub fn parse(text: &str) -> Result<Condition, PolicyError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| PolicyError::NotJson(error.to_string()))?;
        let mut conditions = conditions_of(&value)?;
        match (conditions.pop(), conditions.is_empty()) {
            (Some(condition), true) => Ok(condition),
            _ => Err(PolicyError::Condition(value.to_string())),
        }
    }

    /// The field that it restricts.
    pub fn field(&self) -> Option<&str> {
        match self {
            Condition::Exact { field, .. } | Condition::StartsWith { field, .. } => Some(field),
            Condition::ContentLengthRange { .. } | Condition::Other(_) => None,
        }
    }

    /// Whether it restricts this field.
    pub fn is_about(&self, name: &str) -> bool {
        self.field()
            .is_some_and(|field| field.eq_ignore_ascii_case(name))
    }

    fn allows(&self, value: &str) -> bool {
        match self {
            Condition::Exact { value: wanted, .. } => value == wanted,
            Condition::StartsWith { prefix, .. } => value.starts_with(prefix.as_str()),
            Condition::ContentLengthRange { .. } | Condition::Other(_) => true,
        }
    }

    /// Whether some file name satisfies the condition on the key. The key is compared after the
    /// name has been inserted.
    fn may_allow_key(&self, key: &str) -> bool {
        let Some((before, after)) = key.split_once(FILENAME) else {
            return self.allows(key);
        };
        match self {
            Condition::Exact { value, .. } | Condition::StartsWith { prefix: value, .. }
                if value.contains(FILENAME) =>
            {
                false
            }
            Condition::Exact { value, .. } => {
                value.len() >= before.len() + after.len()
                    && value.starts_with(before)
                    && value.ends_with(after)
            }
            Condition::StartsWith { prefix, .. } => {
                before.starts_with(prefix.as_str()) || prefix.starts_with(before)
            }
            Condition::ContentLengthRange { .. } | Condition::Other(_) => true,
        }
    }
}

impl FromStr for Condition {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        Condition::parse(text)
    }
}

impl fmt::Debug for OtherCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As written in the policy, without the session token, which is also a condition.
impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_about(TOKEN) {
            write!(f, "{{{}: (redacted)}}", Quoted(TOKEN))
        } else {
            write!(f, "{self}")
        }
    }
}

/// As written in the policy.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Exact { field, value } => {
                write!(f, "{{{}: {}}}", Quoted(field), Quoted(value))
            }
            Condition::StartsWith { field, prefix } => {
                write!(
                    f,
                    "[\"starts-with\", {}, {}]",
                    Quoted(&format!("${field}")),
                    Quoted(prefix)
                )
            }
            Condition::ContentLengthRange { min, max } => {
                write!(f, "[\"content-length-range\", {min}, {max}]")
            }
            Condition::Other(condition) => f.write_str(condition.as_str()),
        }
    }
}

/// A JSON string in ASCII: the reference requires all other characters to be escaped.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                ' '..='~' => write!(f, "{c}")?,
                c => c
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .try_for_each(|unit| write!(f, "\\u{unit:04x}"))?,
            }
        }
        f.write_str("\"")
    }
}

/// A policy: the signed bytes, and their parsed content.
///
/// ```
/// use cos_presign::sigv4::{Condition, PostPolicy, SigningTime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = PostPolicy::new(
///     SigningTime::from_unix_seconds(1_769_860_800)?,
///     vec![Condition::exact("bucket", "my-bucket"), Condition::starts_with("key", "in/"), Condition::parse(
///         r#"["content-length-range", 1, 1048576]"#,
///     )?],
/// );
/// assert_eq!(policy.content_length_range(), Some((1, 1_048_576)));
///
/// // Mismatches are found before anything is sent.
/// let fields = [("key".to_owned(), "out/a.txt".to_owned())];
/// assert_eq!(policy.check("my-bucket", &fields).len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PostPolicy {
    text: Vec<u8>,
    expiration: SigningTime,
    conditions: Vec<Condition>,
}

impl fmt::Debug for PostPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostPolicy")
            .field("expiration", &self.expiration)
            .field("conditions", &self.conditions)
            .finish_non_exhaustive()
    }
}

impl PostPolicy {
    /// Creates a policy.
    pub fn new(expiration: SigningTime, conditions: Vec<Condition>) -> PostPolicy {
        let texts: Vec<String> = conditions.iter().map(Condition::to_string).collect();
        let text = format!(
            "{{\"expiration\": \"{}\", \"conditions\": [{}]}}",
            expiration.rfc3339(),
            texts.join(", ")
        );
        PostPolicy {
            text: text.into_bytes(),
            expiration,
            conditions,
        }
    }

    /// Parses a policy; its bytes are kept.
    ///
    /// # Errors
    /// [`PolicyError`] if the text is not a policy.
    pub fn parse(text: impl Into<Vec<u8>>) -> Result<PostPolicy, PolicyError> {
        let text = text.into();
        let value: Value = serde_json::from_slice(&text)
            .map_err(|error| PolicyError::NotJson(error.to_string()))?;
        let expiration = value
            .get("expiration")
            .and_then(Value::as_str)
            .ok_or(PolicyError::Expiration(None))?;
        let expiration = SigningTime::parse_rfc3339(expiration)
            .map_err(|_| PolicyError::Expiration(Some(expiration.to_owned())))?;
        let list = value
            .get("conditions")
            .and_then(Value::as_array)
            .ok_or(PolicyError::NoConditions)?;
        let mut conditions = Vec::with_capacity(list.len());
        for value in list {
            conditions.extend(conditions_of(value)?);
        }
        Ok(PostPolicy {
            text,
            expiration,
            conditions,
        })
    }

    /// When the form expires, without fractions of a second.
    pub fn expiration(&self) -> SigningTime {
        self.expiration
    }

    /// The conditions in order.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The JSON document.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The field `policy`, which is the string to sign.
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.text)
    }

    /// The value that the policy requires for a field.
    pub fn exact(&self, name: &str) -> Option<&str> {
        self.conditions
            .iter()
            .find_map(|condition| match condition {
                Condition::Exact { field, value } if field.eq_ignore_ascii_case(name) => {
                    Some(value.as_str())
                }
                _ => None,
            })
    }

    /// Allowed size of the file in bytes, by all conditions together.
    pub fn content_length_range(&self) -> Option<(u64, u64)> {
        self.conditions
            .iter()
            .fold(None, |range, condition| match (condition, range) {
                (Condition::ContentLengthRange { min, max }, None) => Some((*min, *max)),
                (Condition::ContentLengthRange { min, max }, Some((low, high))) => {
                    Some((low.max(*min), high.min(*max)))
                }
                _ => range,
            })
    }

    /// Compares a form with the policy, as a store does. The field `key` still contains
    /// `${filename}`, which may be replaced by any name.
    pub fn check(&self, bucket: &str, fields: &[(String, String)]) -> Vec<Mismatch> {
        let of = |name: &str| {
            fields
                .iter()
                .find(|(field, _)| field.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let mut found = Vec::new();
        for condition in &self.conditions {
            let Some(field) = condition.field() else {
                continue;
            };
            let value = if field.eq_ignore_ascii_case("bucket") {
                of(field).or(Some(bucket))
            } else {
                of(field)
            };
            match value {
                None => found.push(Mismatch::Missing(condition.clone())),
                Some(value)
                    if field.eq_ignore_ascii_case("key") && condition.may_allow_key(value) => {}
                Some(value) if !field.eq_ignore_ascii_case("key") && condition.allows(value) => {}
                Some(value) => found.push(Mismatch::Differs {
                    condition: condition.clone(),
                    value: value.to_owned(),
                }),
            }
        }
        for (name, _) in fields {
            let is_free = FREE_FIELDS
                .iter()
                .any(|free| name.eq_ignore_ascii_case(free))
                || name
                    .get(..9)
                    .is_some_and(|start| start.eq_ignore_ascii_case("x-ignore-"));
            if !is_free
                && !self
                    .conditions
                    .iter()
                    .any(|condition| condition.is_about(name))
            {
                found.push(Mismatch::WithoutCondition(name.clone()));
            }
        }
        found
    }
}

/// Why a form is, or will be, refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mismatch {
    /// The form lacks the field of this condition.
    Missing(Condition),
    /// A field has a value that a condition does not allow.
    Differs {
        /// The condition.
        condition: Condition,
        /// The value in the form.
        value: String,
    },
    /// The form has a field that no condition of the policy mentions.
    WithoutCondition(String),
}

/// Why a text is not a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not JSON; the message of the parser.
    NotJson(String),
    /// No `expiration`, or one that is not a time.
    Expiration(Option<String>),
    /// No list `conditions`.
    NoConditions,
    /// Not a condition, as JSON.
    Condition(String),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::NotJson(reason) => write!(f, "is not JSON: {reason}"),
            PolicyError::Expiration(None) => f.write_str("has no `expiration`"),
            PolicyError::Expiration(Some(text)) => {
                write!(f, "has an invalid expiration `{}`", text.escape_debug())
            }
            PolicyError::NoConditions => f.write_str("has no list `conditions`"),
            PolicyError::Condition(text) => write!(f, "has `{text}`, which is not a condition"),
        }
    }
}

impl std::error::Error for PolicyError {}

/// An object can contain several conditions, a list is one.
fn conditions_of(value: &Value) -> Result<Vec<Condition>, PolicyError> {
    let wrong = || PolicyError::Condition(value.to_string());
    match value {
        Value::Object(fields) if !fields.is_empty() => fields
            .iter()
            .map(|(field, value)| Ok(Condition::exact(field, value.as_str().ok_or_else(wrong)?)))
            .collect(),
        Value::Array(items) => {
            let operator = items
                .first()
                .and_then(Value::as_str)
                .map(str::to_ascii_lowercase)
                .ok_or_else(wrong)?;
            let text = |at: usize| items.get(at).and_then(Value::as_str).ok_or_else(wrong);
            let field = || {
                text(1)?
                    .strip_prefix('$')
                    .filter(|name| !name.is_empty())
                    .ok_or_else(wrong)
            };
            let number = |at: usize| items.get(at).and_then(number_of).ok_or_else(wrong);
            let condition = match (operator.as_str(), items.len()) {
                ("eq", 3) => Condition::exact(field()?, text(2)?),
                ("starts-with", 3) => Condition::starts_with(field()?, text(2)?),
                ("content-length-range", 3) => Condition::ContentLengthRange {
                    min: number(1)?,
                    max: number(2)?,
                },
                _ => Condition::Other(OtherCondition(value.to_string())),
            };
            Ok(vec![condition])
        }
        _ => Err(wrong()),
    }
}

/// Stores accept sizes in quotes too.
fn number_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A signed form, complete except for the file. Its fields are sufficient to upload, so they are
/// secret.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PostForm {
    /// Names and values in the order in which they are sent; the field `file` follows them.
    pub fields: Vec<(String, String)>,
    /// The signed policy.
    pub policy: PostPolicy,
    /// The signature.
    pub signature: Signature,
}

impl fmt::Debug for PostForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("PostForm")
            .field("fields", &names)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Signs a policy: the string to sign is its base64 text.
    pub fn sign_policy(&self, policy: &PostPolicy) -> Signature {
        Signature::of_hmac(hmac_sha256(self.as_bytes(), policy.to_base64().as_bytes()))
    }
}

impl Presigner<'_> {
    /// The fields of the credentials: algorithm, credential, date and, for temporary credentials,
    /// the token.
    pub fn form_fields(&self) -> Vec<(String, String)> {
        let credentials = self.credentials();
        let mut fields = vec![
            (
                "x-amz-algorithm".to_owned(),
                self.algorithm().as_str().to_owned(),
            ),
            (
                "x-amz-credential".to_owned(),
                format!("{}/{}", credentials.access_key_id(), self.scope()),
            ),
            ("x-amz-date".to_owned(), self.signed_at().timestamp()),
        ];
        if let Some(token) = credentials
            .session_token()
            .filter(|_| self.has_token_mode(SessionTokenMode::Signed))
        {
            fields.push((
                TOKEN.to_owned(),
                String::from_utf8_lossy(token.expose_secret()).into_owned(),
            ));
        }
        fields
    }

    /// Creates the policy of a form and signs it. The conditions for bucket, key and credentials
    /// are added after those given; a key with `${filename}` must start with the text before it.
    /// [`Form`] builds fields and conditions together.
    ///
    /// # Errors
    /// As [`Presigner::seal`].
    pub fn sign_form(
        &self,
        bucket: &str,
        key: &str,
        fields: Vec<(String, String)>,
        conditions: Vec<Condition>,
        expiration: SigningTime,
    ) -> Result<PostForm, Error> {
        if let Some(name) = self.own_field(&fields, &["bucket", "key"]) {
            return Err(Error::ReservedField(name.to_owned()));
        }
        let form = self.write_form(bucket, key, fields, conditions, expiration)?;
        self.check_form(bucket, &form)?;
        Ok(form)
    }

    /// Signs a policy byte for byte, and adds policy and signature to the fields of its form. The
    /// fields start with those of the uploader, and contain the object's `key` and
    /// [`Presigner::form_fields`].
    ///
    /// A condition on a field that the form lacks must be satisfied by the uploader.
    ///
    /// # Errors
    /// [`Error::NotForForms`] for a key pair, [`Error::EmptyKey`], and errors of the fields:
    /// [`Error::RepeatedField`], [`Error::ReservedField`], [`Error::MissingField`],
    /// [`Error::FieldWithoutCondition`] and [`Error::FieldNotAllowed`].
    pub fn seal(
        &self,
        bucket: &str,
        policy: PostPolicy,
        fields: Vec<(String, String)>,
    ) -> Result<PostForm, Error> {
        let form = self.seal_unchecked(policy, fields)?;
        self.check_form(bucket, &form)?;
        Ok(form)
    }

    /// [`Presigner::sign_form`] without checking the fields, for callers that report mismatches
    /// themselves.
    pub(crate) fn write_form(
        &self,
        bucket: &str,
        key: &str,
        fields: Vec<(String, String)>,
        conditions: Vec<Condition>,
        expiration: SigningTime,
    ) -> Result<PostForm, Error> {
        let (mut fields, mut conditions) = (fields, conditions);
        conditions.push(Condition::exact("bucket", bucket));
        conditions.push(match key.find(FILENAME) {
            Some(at) => Condition::starts_with("key", &key[..at]),
            None => Condition::exact("key", key),
        });
        fields.push(("key".to_owned(), key.to_owned()));
        for (name, value) in self.form_fields() {
            conditions.push(Condition::exact(name.as_str(), value.as_str()));
            fields.push((name, value));
        }
        self.seal_unchecked(PostPolicy::new(expiration, conditions), fields)
    }

    /// [`Presigner::seal`] without checking the fields, for callers that report mismatches
    /// themselves.
    pub(crate) fn seal_unchecked(
        &self,
        policy: PostPolicy,
        mut fields: Vec<(String, String)>,
    ) -> Result<PostForm, Error> {
        if let Some(name) = self.own_field(&fields, &[]) {
            return Err(Error::ReservedField(name.to_owned()));
        }
        let signature = self
            .signing_key()
            .ok_or(Error::NotForForms)?
            .sign_policy(&policy);
        fields.push(("policy".to_owned(), policy.to_base64()));
        fields.push(("x-amz-signature".to_owned(), signature.to_string()));
        Ok(PostForm {
            fields,
            policy,
            signature,
        })
    }

    /// A given field that is also set here: policy, signature and file, and `others`.
    fn own_field<'f>(&self, fields: &'f [(String, String)], others: &[&str]) -> Option<&'f str> {
        let signers = match others {
            [] => Vec::new(),
            _ => self.form_fields(),
        };
        let is_own = |name: &str| {
            let own = FREE_FIELDS.iter().chain(others);
            own.copied()
                .chain(signers.iter().map(|(own, _)| own.as_str()))
                .any(|own| own.eq_ignore_ascii_case(name))
        };
        let mut names = fields.iter().map(|(name, _)| name.as_str());
        names.find(|name| is_own(name))
    }

    fn check_form(&self, bucket: &str, form: &PostForm) -> Result<(), Error> {
        let fields = &form.fields;
        let values = |name: &str| -> Vec<&str> {
            fields
                .iter()
                .filter(|(field, _)| field.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
                .collect()
        };
        if let Some((name, _)) = fields.iter().find(|(name, _)| values(name).len() > 1) {
            return Err(Error::RepeatedField(name.clone()));
        }
        match values("key")[..] {
            [] => return Err(Error::MissingField("key".to_owned())),
            [""] => return Err(Error::EmptyKey),
            _ => {}
        }
        for (name, value) in self.form_fields() {
            match values(&name)[..] {
                [given] if given == value => {}
                [] => return Err(Error::MissingField(name)),
                _ => return Err(Error::ReservedField(name)),
            }
        }
        for mismatch in form.policy.check(bucket, fields) {
            match mismatch {
                Mismatch::Missing(_) => {}
                Mismatch::Differs { condition, .. } => {
                    let field = condition.field().unwrap_or_default();
                    return Err(Error::FieldNotAllowed(field.to_owned()));
                }
                Mismatch::WithoutCondition(name) => {
                    return Err(Error::FieldWithoutCondition(name));
                }
            }
        }
        Ok(())
    }
}

/// An upload form: one key and its fields. Each field adds its condition, so that the policy allows
/// exactly this form.
///
/// ```
/// use cos_presign::sigv4::{Credentials, Form, Presigner};
///
/// # fn main() -> Result<(), cos_presign::sigv4::Error> {
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
/// let presigner = Presigner::s3(&credentials, "us-south", "20260131T120000Z".parse()?)?;
/// let form = Form::new("my-bucket", "in/${filename}")
///     .field("acl", "private")
///     .field_starting_with("Content-Type", "image/")
///     .file_size(1..=10 << 20)
///     .sign(&presigner, "20260131T130000Z".parse()?)?;
/// for (name, value) in &form.fields {
///     println!("<input type=hidden name={name:?} value={value:?}>");
/// }
/// # assert_eq!(form.fields[0], ("acl".to_owned(), "private".to_owned()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    bucket: String,
    key: String,
    fields: Vec<(String, String)>,
    conditions: Vec<Condition>,
}

impl Form {
    /// A form for an object with this key. `${filename}` in it is replaced by the name of the
    /// uploaded file.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Form {
        Form {
            bucket: bucket.into(),
            key: key.into(),
            fields: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// A field with this value.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Form {
        let (name, value) = (name.into(), value.into());
        self.conditions
            .push(Condition::exact(name.as_str(), value.as_str()));
        self.fields.push((name, value));
        self
    }

    /// A field that the uploader sends, with a value that starts with `prefix`.
    pub fn field_starting_with(
        mut self,
        name: impl Into<String>,
        prefix: impl Into<String>,
    ) -> Form {
        self.conditions.push(Condition::starts_with(name, prefix));
        self
    }

    /// Allowed size of the file in bytes.
    pub fn file_size(mut self, bytes: RangeInclusive<u64>) -> Form {
        let (min, max) = bytes.into_inner();
        self.conditions
            .push(Condition::ContentLengthRange { min, max });
        self
    }

    /// A condition of any kind.
    pub fn condition(mut self, condition: Condition) -> Form {
        self.conditions.push(condition);
        self
    }

    /// Creates the policy and signs it. A form expires with temporary credentials.
    ///
    /// # Errors
    /// As [`Presigner::seal`].
    pub fn sign(
        self,
        presigner: &Presigner<'_>,
        expiration: SigningTime,
    ) -> Result<PostForm, Error> {
        let Form {
            bucket,
            key,
            fields,
            conditions,
        } = self;
        let ends = presigner.credentials().expires_at();
        let expiration = ends.map_or(expiration, |end| end.min(expiration));
        presigner.sign_form(&bucket, &key, fields, conditions, expiration)
    }
}

/// The access key ID and scope of a policy's condition on `x-amz-credential`.
#[cfg(any(feature = "diagnosis", test))]
pub(crate) fn split_credential(credential: &str) -> Option<(&str, [&str; 3])> {
    let mut fields = credential.rsplitn(5, '/');
    if fields.next()? != super::CredentialScope::TERMINATOR {
        return None;
    }
    let (service, region, date) = (fields.next()?, fields.next()?, fields.next()?);
    Some((fields.next()?, [date, region, service]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::Credentials;

    #[test]
    fn written_conditions_parse_to_themselves() {
        let conditions = vec![
            Condition::exact("acl", "private"),
            Condition::exact("x-amz-meta-a", "quote \" \\ é 😀 \u{2028}\n"),
            Condition::starts_with("key", "in/"),
            Condition::ContentLengthRange {
                min: 0,
                max: u64::MAX,
            },
        ];
        let expiration = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        let policy = PostPolicy::new(expiration, conditions.clone());
        assert!(policy.as_bytes().is_ascii());
        let read = PostPolicy::parse(policy.as_bytes()).expect("a policy");
        assert_eq!(
            (read.conditions(), read.expiration()),
            (&conditions[..], expiration)
        );
    }

    #[test]
    fn other_spellings() {
        for (text, condition) in [
            (
                r#"["eq", "$acl", "private"]"#,
                Condition::exact("acl", "private"),
            ),
            (
                r#"["content-length-range", "1", "5"]"#,
                Condition::ContentLengthRange { min: 1, max: 5 },
            ),
            (
                r#"["Starts-With", "$key", ""]"#,
                Condition::starts_with("key", ""),
            ),
            (
                r#"["in", "$acl", ["a"]]"#,
                Condition::Other(OtherCondition(r#"["in","$acl",["a"]]"#.to_owned())),
            ),
        ] {
            assert_eq!(Condition::parse(text), Ok(condition), "{text}");
        }
        for text in [
            "",
            "1",
            "{}",
            "[]",
            r#"{"a": 1}"#,
            r#"["eq", "acl", "x"]"#,
            r#"{"a": "1", "b": "2"}"#,
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
        let with = |condition: &str| {
            PostPolicy::parse(format!(
                r#"{{"expiration": "2026-01-31T12:00:00Z", "conditions": [{condition}]}}"#
            ))
        };
        assert!(with("{}").is_err());
        let two = with(r#"{"a": "1", "B": "2"}"#).expect("two conditions in one object");
        assert_eq!(
            (two.exact("A"), two.exact("b"), two.exact("c")),
            (Some("1"), Some("2"), None)
        );
        for text in [
            "{}",
            r#"{"expiration": "soon", "conditions": []}"#,
            r#"{"expiration": "2026-01-31T12:00:00Z"}"#,
        ] {
            assert!(PostPolicy::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_form_is_compared_as_a_store_does() {
        let policy = PostPolicy::parse(
            r#"{"expiration": "2026-01-31T12:00:00Z", "conditions": [{"bucket": "b"}, ["starts-with", "$key", "in/"],
                {"acl": "private"}, ["content-length-range", 1, 9], ["content-length-range", 2, 20]]}"#,
        )
        .expect("a policy");
        let check = |bucket: &str, fields: &[(&str, &str)]| {
            policy.check(
                bucket,
                &fields
                    .iter()
                    .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            check(
                "b",
                &[
                    ("Key", "in/a"),
                    ("ACL", "private"),
                    ("x-ignore-a", ""),
                    ("policy", "")
                ]
            ),
            []
        );
        for key in ["in/${filename}", "i${filename}", "${filename}"] {
            assert_eq!(check("b", &[("key", key), ("acl", "private")]), [], "{key}");
        }
        let key = Condition::starts_with("key", "in/");
        assert_eq!(
            check("c", &[("key", "out/${filename}"), ("tagging", "x")]),
            [
                Mismatch::Differs {
                    condition: Condition::exact("bucket", "b"),
                    value: "c".to_owned()
                },
                Mismatch::Differs {
                    condition: key,
                    value: "out/${filename}".to_owned()
                },
                Mismatch::Missing(Condition::exact("acl", "private")),
                Mismatch::WithoutCondition("tagging".to_owned()),
            ]
        );
        assert_eq!(policy.content_length_range(), Some((2, 9)));
    }

    fn presigner(credentials: &Credentials) -> Presigner<'_> {
        let signed_at = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        Presigner::s3(credentials, "us-south", signed_at).expect("valid")
    }

    #[test]
    fn a_form_that_its_policy_refuses_is_not_signed() {
        let credentials = Credentials::new("AKID", "secret");
        let presigner = presigner(&credentials);
        let end = SigningTime::from_unix_seconds(1_369_360_000).expect("in range");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let named = |name: &str| name.to_owned();
        for (key, name, value, conditions, error) in [
            (
                "k",
                "Key",
                "other",
                vec![],
                Error::ReservedField(named("Key")),
            ),
            (
                "k",
                "policy",
                "e30=",
                vec![],
                Error::ReservedField(named("policy")),
            ),
            (
                "k",
                "X-Amz-Date",
                "1",
                vec![],
                Error::ReservedField(named("X-Amz-Date")),
            ),
            (
                "k",
                "acl",
                "private",
                vec![],
                Error::FieldWithoutCondition(named("acl")),
            ),
            (
                "k",
                "acl",
                "private",
                vec![Condition::exact("acl", "public-read")],
                Error::FieldNotAllowed(named("acl")),
            ),
            ("", "x-ignore-a", "", vec![], Error::EmptyKey),
        ] {
            let form = presigner.sign_form("b", key, vec![pair(name, value)], conditions, end);
            assert_eq!(form.err(), Some(error), "{name}");
        }
        let twice = Form::new("b", "k")
            .field("acl", "private")
            .field("ACL", "private");
        let error = Error::RepeatedField(named("acl"));
        assert_eq!(twice.sign(&presigner, end).err(), Some(error));
    }

    #[test]
    fn a_policy_is_sealed_with_the_fields_of_its_signer_alone() {
        let credentials = Credentials::new("AKID", "secret");
        let presigner = presigner(&credentials);
        let end = SigningTime::from_unix_seconds(1_369_360_000).expect("in range");
        let form = Form::new("b", "k").sign(&presigner, end).expect("a form");
        let mut fields = form.fields.clone();
        let seal =
            |fields: &[(String, String)]| presigner.seal("b", form.policy.clone(), fields.to_vec());
        assert_eq!(
            seal(&fields),
            Err(Error::ReservedField("policy".to_owned()))
        );
        fields.retain(|(name, _)| !["policy", "x-amz-signature"].contains(&name.as_str()));
        assert_eq!(seal(&fields).as_ref(), Ok(&form));
        for index in 0..fields.len() {
            let mut fields = fields.clone();
            let (name, _) = fields.remove(index);
            assert_eq!(seal(&fields), Err(Error::MissingField(name)));
        }
        fields.last_mut().expect("a field").1.push('0');
        assert_eq!(
            seal(&fields),
            Err(Error::ReservedField("x-amz-date".to_owned()))
        );
    }

    #[test]
    fn a_form_ends_with_its_credentials() {
        let end = SigningTime::from_unix_seconds(1_369_354_000).expect("in range");
        let credentials = Credentials::new("AKID", "secret").ending_at(end);
        let later = end.plus_seconds(60).expect("in range");
        let form = Form::new("b", "k").sign(&presigner(&credentials), later);
        assert_eq!(form.expect("a form").policy.expiration(), end);
    }

    #[test]
    fn debug_output_shows_neither_token_nor_signature() {
        let credentials = Credentials::new("AKID", "s3cr3t").with_session_token("t0k3n-value");
        let signed_at = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        let presigner = presigner(&credentials);
        let form = presigner
            .sign_form("bucket", "key", Vec::new(), Vec::new(), signed_at)
            .expect("signed with HMAC");
        let shown = format!("{form:?}");
        assert!(
            shown.contains("x-amz-signature") && shown.contains("{\"key\": \"key\"}"),
            "{shown}"
        );
        assert!(
            !shown.contains("t0k3n") && !shown.contains(&form.signature.to_string()),
            "{shown}"
        );
        assert!(!shown.contains(&form.policy.to_base64()), "{shown}");
    }

    #[test]
    fn credentials_are_taken_apart_from_the_right() {
        assert_eq!(
            split_credential("AK/ID/20130524/us-east-1/s3/aws4_request"),
            Some(("AK/ID", ["20130524", "us-east-1", "s3"]))
        );
        assert_eq!(split_credential("AKID/20130524/us-east-1/s3"), None);
    }

    #[test]
    fn a_key_with_the_name_of_the_file_fits_what_some_name_makes_it_to() {
        let key = format!("in/{FILENAME}.jpg");
        for (wanted, fits) in [
            ("in/a.jpg", true),
            ("in/.jpg", true),
            ("in/.jp", false),
            ("in/jpg", false),
            ("out/a.jpg", false),
            ("in/a.png", false),
            (key.as_str(), false),
        ] {
            assert_eq!(
                Condition::exact("key", wanted).may_allow_key(&key),
                fits,
                "{wanted}"
            );
        }
        // Both ends occur, but they overlap.
        assert!(!Condition::exact("key", "aba").may_allow_key(&format!("ab{FILENAME}ba")));
    }

    #[test]
    fn a_form_has_the_token_where_it_is_signed() {
        use crate::sigv4::SessionTokenMode;
        let credentials = Credentials::new("AKID", "secret").with_session_token("t0k3n");
        let signed_at = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        for (mode, has_token) in [
            (SessionTokenMode::Signed, true),
            (SessionTokenMode::AddedAfterSigning, false),
            (SessionTokenMode::Omitted, false),
        ] {
            let presigner = Presigner::s3(&credentials, "us-south", signed_at)
                .expect("valid")
                .session_token_mode(mode);
            let form = presigner
                .sign_form("bucket", "key", Vec::new(), Vec::new(), signed_at)
                .expect("signed with HMAC");
            let token = form
                .fields
                .iter()
                .find(|(name, _)| name == "x-amz-security-token");
            assert_eq!(
                token.map(|(_, value)| value.as_str()),
                has_token.then_some("t0k3n"),
                "{mode:?}"
            );
            assert_eq!(
                form.policy.exact("x-amz-security-token").is_some(),
                has_token,
                "{mode:?}"
            );
        }
    }
}
