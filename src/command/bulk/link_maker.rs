//! Templates for records that differ in more than the key.

use std::borrow::Cow;

use anyhow::anyhow;
use chrono::{DateTime, Utc};

use crate::cli::TimeArgs;
use crate::command::shared::link_request::LinkRequest;
use crate::command::shared::sign::{from_core, presigner, signable};
use crate::error::Failure;
use crate::manifest::Overrides;
use crate::resolve::{self, Lifetime, Place, Signers, StoreSettings, Warning};
use crate::sigv4::{PayloadHash, Template};
use crate::store::Target;
use crate::text::escape_controls;

/// Placeholder for the key in the sample from which the template is made.
pub const PLACEHOLDER: u8 = b'x';

/// All inputs of the URLs except the key.
pub struct LinkMaker<'a> {
    pub link_request: &'a LinkRequest<'a>,
    pub lifetime: Lifetime,
    pub payload_hash: PayloadHash,
    pub settings: StoreSettings<'a>,
    pub signers: Signers<'a>,
    /// The target, with a placeholder at the end of its key, and its endpoint.
    pub sample_target: Target,
    pub place: Place,
    pub prefix: Vec<u8>,
    pub now: DateTime<Utc>,
}

/// Cache key: what a record contains besides its key.
#[derive(Clone, Debug, Default, Hash, PartialEq, Eq)]
pub struct RecordOverrides {
    bucket: Option<String>,
    expires: Option<String>,
    headers: Vec<(String, String)>,
    method: Option<String>,
    version_id: Option<String>,
}

impl RecordOverrides {
    pub fn of(overrides: &Overrides) -> RecordOverrides {
        let text = |text: &Option<Cow<str>>| text.as_ref().map(|text| text.to_string());
        RecordOverrides {
            bucket: text(&overrides.bucket),
            expires: text(&overrides.expires),
            headers: overrides
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            method: text(&overrides.method),
            version_id: text(&overrides.version_id),
        }
    }

    /// Whether these are the same, without a copy of them.
    pub fn is_of(&self, overrides: &Overrides) -> bool {
        let RecordOverrides {
            bucket,
            expires,
            headers,
            method,
            version_id,
        } = self;
        bucket.as_deref() == overrides.bucket.as_deref()
            && version_id.as_deref() == overrides.version_id.as_deref()
            && method.as_deref() == overrides.method.as_deref()
            && expires.as_deref() == overrides.expires.as_deref()
            && headers.len() == overrides.headers.len()
            && headers.iter().zip(&overrides.headers).all(
                |((name, value), (other_name, other_value))| {
                    name == other_name && value == other_value
                },
            )
    }
}

impl LinkMaker<'_> {
    /// For records that contain only a key.
    pub fn usual_template(&self) -> anyhow::Result<Template> {
        Ok(self.template(&RecordOverrides::default())?.0)
    }

    /// The template of all records with the same values besides the key.
    pub fn template(&self, wishes: &RecordOverrides) -> anyhow::Result<(Template, Vec<Warning>)> {
        let mut place = match &wishes.bucket {
            Some(bucket) if self.place.bucket.as_ref() != Some(bucket) => self.place_in(bucket)?,
            _ => self.place.clone(),
        };
        let lifetime = match &wishes.expires {
            Some(text) => {
                let time = TimeArgs {
                    expires: Some(text.clone()),
                    until: None,
                    ..self.link_request.sign.time.clone()
                };
                Lifetime::resolve(&time, self.now)?
            }
            None => self.lifetime,
        };
        if let Some(version) = wishes
            .version_id
            .as_ref()
            .filter(|version| !version.is_empty())
        {
            place.version_id = Some(version.clone().into_bytes());
        }
        let mut signable = signable(
            self.link_request,
            place,
            lifetime,
            &self.payload_hash,
            &self.signers,
        )?;
        if let Some(method) = &wishes.method {
            if !matches!(
                method.as_str(),
                "GET" | "PUT" | "HEAD" | "DELETE" | "POST" | "PATCH" | "OPTIONS"
            ) {
                return Err(anyhow!("`{}` is not a method", escape_controls(method)));
            }
            signable.request.method = method.clone();
        }
        for (name, value) in &wishes.headers {
            // A colon in a name would change the name.
            if !name.bytes().all(|b| b.is_ascii_graphic() && b != b':') {
                return Err(anyhow!("`{}` is not a header name", escape_controls(name)));
            }
            let header = resolve::parse_header(format!("{name}: {value}").as_ref())?;
            resolve::check_header_value(&header)?;
            if signable
                .request
                .headers
                .iter()
                .any(|known| known.name.eq_ignore_ascii_case(&header.name))
            {
                return Err(anyhow!(
                    "the header `{}` is set twice",
                    escape_controls(name)
                ));
            }
            signable.request.headers.push(header);
        }
        // The placeholder ends the path.
        let mut path = signable.place.address.path.clone();
        if path.pop() != Some(PLACEHOLDER) {
            return Err(anyhow!("this output format is for single URLs"));
        }
        signable.request.path = crate::sigv4::RequestPath::Unencoded(path);
        let presigner = presigner(
            self.link_request,
            &signable.credentials.value,
            &signable.place,
            signable.lifetime,
        )?;
        let template =
            Template::new(&presigner, &signable.request).map_err(|error| from_core(&error))?;
        Ok((template, signable.warnings))
    }

    fn place_in(&self, bucket: &str) -> Result<Place, Failure> {
        match &self.sample_target {
            Target::Bucket {
                location,
                key,
                bare,
                ..
            } => {
                if let Some(account) = self.settings.place(&self.sample_target)?.account {
                    return Err(Failure::usage(format!(
                        "the record is for the bucket `{}`, but the TARGET selects a bucket of \
                         the {}",
                        escape_controls(bucket),
                        account.source
                    ))
                    .hint(
                        "remove the buckets from the records, or use `--endpoint` and \
                        `--credentials-from env`",
                    ));
                }
                let (location, key) = (location.clone(), key.clone());
                let target = Target::Bucket {
                    location,
                    bucket: bucket.to_owned(),
                    key,
                    bare: *bare,
                };
                self.settings.place(&target)
            }
            _ => Err(Failure::usage(format!(
                "the record is for the bucket `{}`, but the TARGET is a URL or an access point",
                escape_controls(bucket)
            ))
            .hint("write the TARGET as BUCKET or BUCKET/PREFIX")),
        }
    }
}
