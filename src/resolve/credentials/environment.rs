//! Keys in environment variables.

use crate::env::Env;
use crate::error::Failure;
use crate::resolve::key_check::check_key;
use crate::resolve::{Source, Sourced};
use crate::sigv4::Credentials;

use super::Preference;
use super::expiration::with_expiration;

pub(super) fn from_variables(
    env: &Env,
    preference: Preference,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    let cos = variable_pair(env, "COS_HMAC_ACCESS_KEY_ID", "COS_HMAC_SECRET_ACCESS_KEY")?;
    let aws = aws_variables(env)?;
    Ok(match preference {
        Preference::Ibm => cos.or(aws),
        Preference::Aws => aws.or(cos),
    })
}

/// The variables of other tools and libraries, which count where nothing else has keys: Java's and
/// Hadoop's, Bun's, the older and the current ones of MinIO.
pub(super) fn other_variables(
    env: &Env,
    preference: Preference,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    if preference == Preference::Ibm {
        return Ok(None);
    }
    for (id, secret, token) in [
        ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", None),
        (
            "S3_ACCESS_KEY_ID",
            "S3_SECRET_ACCESS_KEY",
            Some("S3_SESSION_TOKEN"),
        ),
        ("S3_ACCESS_KEY", "S3_SECRET_KEY", None),
        ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", None),
        ("MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", None),
    ] {
        let Some(mut found) = variable_pair(env, id, secret)? else {
            continue;
        };
        if let Some(name) = token
            && let Some(text) = env.text(name)?
        {
            check_key(&format!("`{name}`"), text.as_bytes(), "session token")?;
            found.value = found.value.with_session_token(text);
        }
        return Ok(Some(found));
    }
    Ok(None)
}

/// The variables that the AWS tools read.
pub(super) fn aws_variables(env: &Env) -> Result<Option<Sourced<Credentials>>, Failure> {
    let Some(mut found) = variable_pair(env, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")? else {
        return Ok(None);
    };
    // The older name first, as botocore reads them.
    for name in ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"] {
        if let Some(token) = env.text(name)? {
            check_key(&format!("`{name}`"), token.as_bytes(), "session token")?;
            found.value = found.value.with_session_token(token);
            break;
        }
    }
    if let Some(text) = env.text("AWS_CREDENTIAL_EXPIRATION")? {
        found.value = with_expiration(found.value, "`AWS_CREDENTIAL_EXPIRATION`", text)?;
    }
    Ok(Some(found))
}

fn variable_pair(
    env: &Env,
    id_name: &'static str,
    secret_name: &'static str,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    let half = |have: &str, miss: &str| {
        Failure::configuration(format!("`{have}` is set, but not `{miss}`")).hint(format!(
            "set `{miss}` too, or remove the other: `unset {have}`"
        ))
    };
    match (env.text(id_name)?, env.text(secret_name)?) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(id_name, secret_name)),
        (None, Some(_)) => Err(half(secret_name, id_name)),
        (Some(id), Some(secret)) => {
            check_key(&format!("`{id_name}`"), id.as_bytes(), "access key id")?;
            check_key(
                &format!("`{secret_name}`"),
                secret.as_bytes(),
                "secret access key",
            )?;
            Ok(Some(Sourced::new(
                Credentials::new(id, secret),
                Source::Variable(id_name),
            )))
        }
    }
}
