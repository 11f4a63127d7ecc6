//! The account that a TARGET names.

use crate::cli::CredentialsFrom;
use crate::error::Failure;
use crate::resolve::settings::StoreSettings;
use crate::store::Target;

use super::{Found, TOOLS};

impl StoreSettings<'_> {
    /// The account that a target names, if it names one.
    ///
    /// Options that name a store or its keys make the first word a bucket. Where only the
    /// environment or a profile names a store, a word that can be both is refused: a URL of the
    /// wrong store would look just like the right one.
    ///
    /// # Errors
    /// A name that means two things; an account that cannot be used; a file that cannot be read.
    pub(in crate::resolve) fn account(&self, target: &Target) -> Result<Option<Found>, Failure> {
        let pin = self.files.pin();
        let pinned = TOOLS.into_iter().find(|tool| Some(tool.pin) == pin);
        let Target::Bucket {
            location: None,
            bucket,
            key,
            bare: true,
        } = target
        else {
            return match pinned.and_then(|tool| tool.form) {
                None => Ok(None),
                Some(form) => Err(without_name(pin, form)),
            };
        };
        let key = key.as_deref();
        if bucket.starts_with('@') && self.service_is_s3 {
            if pin.is_some_and(|pin| pin != CredentialsFrom::File) {
                return Err(Failure::usage(format!(
                    "`{bucket}` is a target, and --credentials-from names another source"
                ))
                .hint("remove one of them"));
            }
            return (super::config_file::TOOL.find)(self.env, bucket, key);
        }
        let by_options = self.args.endpoint.is_some()
            || self.args.provider.is_some()
            || self.args.network.is_some()
            || self.files.options_name_credentials();
        if !self.service_is_s3 || (by_options && pin.is_none()) {
            return Ok(None);
        }
        if let Some(tool) = pinned {
            let found = (tool.find)(self.env, bucket, key)?;
            return match (found, tool.form) {
                (Some(found), _) => Ok(Some(found)),
                (None, None) => Ok(None),
                (None, Some(_)) => Err((tool.not_found)(self.env, bucket)),
            };
        }
        if pin.is_some() {
            return Ok(None);
        }
        let mut matches = Vec::new();
        for tool in TOOLS {
            if let Some(found) = (tool.find)(self.env, bucket, key)? {
                matches.push((tool, found));
            }
        }
        if let [(first, one), (second, other), ..] = &matches[..] {
            return Err(Failure::usage(format!(
                "`{bucket}` is the {} and the {}",
                one.account.source, other.account.source
            ))
            .hint(format!(
                "for the {} {}, for the {} {}",
                first.noun,
                (first.unmistakable)(bucket),
                second.noun,
                (second.unmistakable)(bucket)
            )));
        }
        let Some((tool, found)) = matches.pop() else {
            return Ok(None);
        };
        if tool.shares_names_with_buckets
            && let Some(store) = self.configured_store()?
        {
            return Err(Failure::usage(format!(
                "`{bucket}` can be the {} and a bucket of the store that {store} names",
                found.account.source
            ))
            .hint(format!(
                "for the {} {}, for the bucket write `s3://{bucket}/…`",
                tool.noun,
                (tool.unmistakable)(bucket)
            )));
        }
        Ok(Some(found))
    }

    /// What names a store besides the target: an option, a variable or a profile.
    fn configured_store(&self) -> Result<Option<String>, Failure> {
        if self.args.region.is_some() {
            return Ok(Some("--region".to_owned()));
        }
        if let Some(configured) = self.any_configured_endpoint()? {
            return Ok(Some(configured.source.to_string()));
        }
        Ok(self
            .region_of_environment()?
            .map(|region| region.source.to_string()))
    }
}

fn without_name(pin: Option<CredentialsFrom>, form: &str) -> Failure {
    let name = pin.map_or("", CredentialsFrom::as_str);
    Failure::usage(format!(
        "--credentials-from {name} takes the account from the TARGET, and this one names none"
    ))
    .hint(format!("write the TARGET as {form}"))
}
