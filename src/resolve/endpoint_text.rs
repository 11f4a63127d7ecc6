//! An endpoint as it was typed or configured.

use crate::error::Failure;
use crate::store::{Endpoint, EndpointError, front_of};

/// Reads an endpoint and says what is wrong with it and where it came from.
pub(super) fn parse_endpoint(from: &str, text: &str) -> Result<Endpoint, Failure> {
    let fault = |message: String| match from.starts_with("--") || from == "the address" {
        true => Failure::usage(message),
        false => Failure::configuration(message),
    };
    Endpoint::parse(text).map_err(|error| {
        let what = error.problem();
        let hint = match error {
            EndpointError::NoHost => {
                "give a host or URL: \
                `https://s3.us-south.cloud-object-storage.appdomain.cloud`"
            }
            EndpointError::Scheme => {
                "begin it with `https://` or `http://`, or give the host \
                alone"
            }
            EndpointError::UserInfo => {
                // The text is not repeated: it holds a password.
                return fault(format!("the URL given as {from} {what}")).hint(
                    "give credentials in the environment or a file, and the endpoint \
                        without them",
                );
            }
            EndpointError::QueryOrFragment => "give scheme, host and port only",
            EndpointError::Port => "write it as `https://host:9000`",
            EndpointError::Host => "names outside ASCII are written in punycode: `xn--…`",
            EndpointError::Brackets => "write it as `http://[::1]:9000`",
            EndpointError::Escape => "write a `%` in a path as `%25`",
            EndpointError::IbmDirectory => {
                "name the bucket's location: `--region us-south`; `ibmcloud cos \
                    bucket-location-get --bucket NAME` shows it"
            }
            EndpointError::DirectoryBuckets => {
                "copy the object to a general purpose bucket, and name that: `--region us-east-1`"
            }
            EndpointError::Cdn
            | EndpointError::Console
            | EndpointError::OtherInterface
            | EndpointError::PrivateLink
            | EndpointError::Website => {
                return fault(format!("{from} `{text}` {what}")).hint(origin_hint(error, text));
            }
        };
        fault(format!("{from} `{text}` {what}")).hint(hint)
    })
}

/// Where to sign for instead.
fn origin_hint(error: EndpointError, text: &str) -> String {
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = authority.split(['/', ':']).next().unwrap_or(authority);
    let origin = front_of(&host.to_ascii_lowercase()).and_then(|front| front.origin);
    match (error, origin) {
        (_, Some(origin)) => format!(
            "sign for the store itself: `{}`",
            crate::text::CommandLine::options().option("--endpoint", format!("https://{origin}"))
        ),
        (EndpointError::Console, None) => {
            "copy the object's own URL, or give BUCKET/KEY and --region".to_owned()
        }
        (EndpointError::OtherInterface, None) => {
            "name the bucket's location, `--region us-south`, or its S3 endpoint".to_owned()
        }
        _ => "sign for the store behind it: `--endpoint https://HOST` or `--region REGION`"
            .to_owned(),
    }
}
