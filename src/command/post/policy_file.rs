//! `--policy`: signs an existing policy byte for byte. Its statements about the signer must be
//! true.

use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::cli::{FormArgs, StoreArgs};
use crate::env::Env;
use crate::error::Failure;
use crate::resolve::{Place, Sourced, Warning, read_file};
use crate::sigv4::{
    Condition, Credentials, PostForm, PostPolicy, Presigner, SigningTime, split_credential,
};

use super::form_fields;
use crate::command::shared::sign::from_core;

/// Maximum length of a policy that stores accept.
const LIMIT: u64 = 1 << 20;

pub struct PolicyFile {
    name: String,
    policy: PostPolicy,
}

impl PolicyFile {
    /// Reads the file, or standard input for `-`.
    pub fn read(file: &Path, env: &Env) -> Result<PolicyFile, Failure> {
        let name = if file == Path::new("-") {
            "standard input".to_owned()
        } else {
            format!("`{}`", file.display())
        };
        let bytes = read_file(env, file, LIMIT, "a policy is a short JSON document")?;
        let policy = PostPolicy::parse(bytes).map_err(|error| {
            Failure::usage(format!("the policy {name} {error}")).hint(
                "a policy is JSON with `expiration` and `conditions`; `cos-presign post \
                    TARGET -v` shows one",
            )
        })?;
        Ok(PolicyFile { name, policy })
    }

    /// The region of the policy, unless an option sets another.
    pub fn store(&self, args: &StoreArgs) -> StoreArgs {
        let mut args = args.clone();
        if args.region.is_none()
            && let Some((_, [_, region, _])) = self.credential()
        {
            args.region = Some(region.to_owned());
        }
        args
    }

    fn credential(&self) -> Option<(&str, [&str; 3])> {
        self.policy
            .exact("x-amz-credential")
            .and_then(split_credential)
    }

    /// The time of the policy, else now.
    pub fn signed_at(&self, now: DateTime<Utc>) -> Result<SigningTime, Failure> {
        let Some(text) = self.policy.exact("x-amz-date") else {
            return SigningTime::new(now).map_err(|error| Failure::usage(error.to_string()));
        };
        let time = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ")
            .ok()
            .and_then(|time| SigningTime::new(time.and_utc()).ok());
        time.ok_or_else(|| {
            Failure::usage(format!(
                "the policy {} has an invalid x-amz-date `{}`",
                self.name,
                text.escape_debug()
            ))
            .hint("write it as `20260131T120000Z`")
        })
    }

    /// Checks that credentials and scope match the policy; otherwise stores refuse the form.
    pub fn check_signer(
        &self,
        credentials: &Sourced<Credentials>,
        place: &Place,
    ) -> Result<(), Failure> {
        let Some(text) = self.policy.exact("x-amz-credential") else {
            return Ok(());
        };
        let differs = |what: String, hint: &str| {
            Err(Failure::usage(format!("the policy {} {what}", self.name)).hint(hint))
        };
        let Some((id, [date, region, service])) = split_credential(text) else {
            return differs(
                format!("has an invalid x-amz-credential `{}`", text.escape_debug()),
                "write it as ACCESS-KEY-ID/20260131/REGION/s3/aws4_request",
            );
        };
        let ours = credentials.value.access_key_id();
        if id != ours {
            return differs(
                format!(
                    "is for the access key ID `{id}`, but the credentials have `{ours}` ({})",
                    credentials.source
                ),
                "use the credentials with that ID, for example with `--profile`, or change the \
                 policy",
            );
        }
        if region != place.region.value {
            return differs(
                format!(
                    "is for the region `{region}`, but `{}` ({}) is signed",
                    place.region.value, place.region.source
                ),
                "remove `--region`, or change the policy",
            );
        }
        if service != "s3" {
            return differs(
                format!("is for the service `{service}` instead of `s3`"),
                "object stores are `s3`",
            );
        }
        if let Some(time) = self.policy.exact("x-amz-date")
            && !time.starts_with(date)
        {
            return differs(
                format!(
                    "has different dates: `{date}` in x-amz-credential and `{time}` in x-amz-date"
                ),
                "write the same day into both",
            );
        }
        Ok(())
    }

    /// A form with this policy, byte for byte. Conditions that allow one value become fields.
    pub fn seal(
        &self,
        presigner: &Presigner,
        key: &str,
        args: &FormArgs,
    ) -> Result<PostForm, Failure> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let signer = presigner.form_fields();
        let is_own = |name: &str| {
            name.eq_ignore_ascii_case("bucket")
                || name.eq_ignore_ascii_case("key")
                || signer
                    .iter()
                    .any(|(field, _)| field.eq_ignore_ascii_case(name))
        };
        for text in &args.field {
            let (name, value) = form_fields::field(text)?;
            if fields
                .iter()
                .any(|(given, _)| given.eq_ignore_ascii_case(name))
            {
                return Err(Failure::usage(format!("the field `{name}` is set twice"))
                    .hint("remove one of the two"));
            }
            fields.push((name.to_owned(), value.to_owned()));
        }
        for condition in self.policy.conditions() {
            let Condition::Exact { field, value } = condition else {
                continue;
            };
            if !is_own(field)
                && !fields
                    .iter()
                    .any(|(name, _)| name.eq_ignore_ascii_case(field))
            {
                fields.push((field.clone(), value.clone()));
            }
        }
        fields.push(("key".to_owned(), key.to_owned()));
        fields.extend(signer);
        presigner
            .seal_unchecked(self.policy.clone(), fields)
            .map_err(|error| from_core(&error))
    }

    pub fn check_end(&self, now: DateTime<Utc>, warnings: &mut Vec<Warning>) {
        if self.policy.expiration().to_utc() <= now {
            let end = self.policy.expiration().rfc3339();
            warnings.push(Warning::new(
                "policy-ended",
                format!(
                    "the policy {} expired at {end}: stores refuse the form",
                    self.name
                ),
            ));
        }
    }
}
