//! `config`: the effective settings, and where each value came from.

use crate::cli::{ConfigArgs, TimeArgs};
use crate::env::Env;
use crate::error::Failure;
use crate::output::reports::config::{self, Effective};
use crate::resolve::{self, Lifetime, Place, Remote, Sourced, StoreSettings};
use crate::sigv4::Credentials;
use crate::store::Target;

use super::shared::link_request::{Io, Scope};
use super::shared::target;

pub fn run(args: &ConfigArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, .. } = streams;
    // Nothing is fetched in order to show it.
    let files = resolve::Files::new(&args.credentials, env);
    let settings = StoreSettings::new(&args.store, env, &files, "s3");
    let effective = match &args.target {
        None => everywhere(env, &settings, args)?,
        Some(text) => {
            let given = crate::cli::TargetArgs {
                targets: vec![text.clone()],
                ..Default::default()
            };
            let target = target::targets("config", &given, Scope::Any)?.remove(0);
            let (place, has_bucket) = place_of(&settings, &target)?;
            of_place(env, &settings, &place, has_bucket, args)?
        }
    };
    config::write(args.report.form(), &effective, out)?;
    Ok(out.flush()?)
}

/// The name of an account alone is a place too: all of its buckets.
fn place_of(settings: &StoreSettings, target: &Target) -> Result<(Place, bool), Failure> {
    let failure = match settings.place(target) {
        Ok(place) => return Ok((place, true)),
        Err(failure) => failure,
    };
    if let Target::Bucket {
        location,
        bucket,
        key: None,
        bare: true,
    } = target
    {
        let some_bucket = Target::Bucket {
            location: location.clone(),
            bucket: bucket.clone(),
            key: Some(b"bucket".to_vec()),
            bare: true,
        };
        if let Ok(place) = settings.place(&some_bucket)
            && place.account.is_some()
        {
            return Ok((place, false));
        }
    }
    Err(target::with_command(failure, "get", target))
}

fn everywhere(
    env: &Env,
    settings: &StoreSettings,
    args: &ConfigArgs,
) -> Result<Effective, Failure> {
    let mut found = Effective::default();
    if let Some((path, _)) = resolve::config_path(env) {
        let there = if path.exists() { "" } else { " (not there)" };
        found.add("config_file", format!("{}{there}", path.display()), None);
    }
    let names = resolve::target_names(env)?;
    found.add(
        "targets",
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        },
        None,
    );
    let configured = settings.configured()?;
    found.add_or_none("profile", configured.profile);
    found.add_or_none(
        "endpoint",
        configured
            .endpoint
            .map(|endpoint| Sourced::new(endpoint.value.to_string(), endpoint.source)),
    );
    found.add_or_none("region", configured.region);
    for (name, for_ibm) in [("access_key_id_for_ibm", true), ("access_key_id", false)] {
        let credentials = settings.usual_credentials(&args.credentials, for_ibm);
        add_credentials(&mut found, name, credentials);
    }
    Ok(found)
}

fn of_place(
    env: &Env,
    settings: &StoreSettings,
    place: &Place,
    has_bucket: bool,
    args: &ConfigArgs,
) -> Result<Effective, Failure> {
    let mut found = Effective::default();
    let text = |value: &dyn ToString, source: &resolve::Source| {
        (value.to_string(), Some(source.to_string()))
    };
    let account = place.account.as_ref();
    if let Some(account) = account {
        found.add("account", account.source.to_string(), None);
    }
    found.add(
        "store",
        place.provider.map_or("not known", |p| p.name),
        None,
    );
    let (value, source) = text(&place.endpoint.value, &place.endpoint.source);
    found.add("endpoint", value, source);
    if let Some(internal) = &place.internal_endpoint {
        let (value, source) = text(&internal.value, &internal.source);
        found.add("internal_endpoint", value, source);
    }
    let (value, source) = text(&place.region.value, &place.region.source);
    found.add("region", value, source);
    found.add("addressing", place.addressing.as_str(), None);
    let bucket = place.bucket.as_deref().filter(|_| has_bucket);
    found.add("bucket", bucket.unwrap_or("-"), None);
    add_credentials(
        &mut found,
        "access_key_id",
        settings.credentials_of(place, &args.credentials),
    );
    let time = TimeArgs {
        expires: args.expires.clone(),
        ..TimeArgs::default()
    };
    let lifetime = Lifetime::resolve(&time, env.now)?.for_account(account)?;
    let source = |set: Option<u64>| {
        account
            .filter(|_| set.is_some())
            .map(|account| account.source.to_string())
    };
    let rules = account
        .map(|account: &Remote| account.rules.clone())
        .unwrap_or_default();
    let seconds = lifetime.expiry.as_seconds();
    found.add(
        "expires",
        format!("{seconds} s"),
        source(rules.expires.filter(|_| lifetime.is_default()))
            .or(Some(lifetime.source().to_owned())),
    );
    if let Some(most) = rules.max_expires {
        found.add(
            "max_expires",
            format!("{most} s"),
            source(rules.max_expires),
        );
    }
    found.warnings = place
        .warnings
        .iter()
        .map(|warning| warning.message.clone())
        .collect();
    Ok(found)
}

fn add_credentials(
    found: &mut Effective,
    name: &'static str,
    credentials: Result<Option<Sourced<Credentials>>, Failure>,
) {
    match credentials {
        Ok(Some(keys)) => {
            found.add(
                name,
                keys.value.access_key_id(),
                Some(keys.source.to_string()),
            );
            if keys.value.session_token().is_some() {
                let end = keys
                    .value
                    .expires_at()
                    .map(|end| format!(", until {}", end.rfc3339()))
                    .unwrap_or_default();
                found.add(
                    "session_token",
                    format!("present, not shown{end}"),
                    Some(keys.source.to_string()),
                );
            }
        }
        Ok(None) => found.add(name, "none", None),
        Err(failure) => found.add(name, format!("none: {}", failure.message), None),
    }
}
