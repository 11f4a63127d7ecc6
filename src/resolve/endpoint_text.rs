//! An endpoint as somebody wrote it.

use crate::error::Failure;
use crate::store::{Endpoint, EndpointError};

/// Reads an endpoint and says what is wrong with it and where it came from.
pub(super) fn parse_endpoint(from: &str, text: &str) -> Result<Endpoint, Failure> {
    let fault = |message: String| match from.starts_with("--") || from == "the address" {
        true => Failure::usage(message),
        false => Failure::configuration(message),
    };
    Endpoint::parse(text).map_err(|error| {
        let (what, hint) = match error {
            EndpointError::NoHost => {
                ("has no host", "give a host or URL: `https://s3.us-south.cloud-object-storage.appdomain.cloud`")
            }
            EndpointError::Scheme => {
                ("is neither http nor https", "begin it with `https://` or `http://`, or give the host alone")
            }
            EndpointError::UserInfo => {
                let what = "has a user name or password in it";
                // The text is not repeated: it holds a password.
                return fault(format!("the URL given as {from} {what}"))
                    .hint("give credentials by environment or file, and the endpoint without them");
            }
            EndpointError::QueryOrFragment => ("has a `?` or `#`", "give scheme, host and port only"),
            EndpointError::Port => ("has a port that is not a number from 1 to 65535", "write it as `https://host:9000`"),
            EndpointError::Host => ("has a host name that cannot be", "names outside ASCII are written in punycode: `xn--…`"),
            EndpointError::Brackets => ("has an IPv6 address without brackets", "write it as `http://[::1]:9000`"),
            EndpointError::Escape => {
                ("has a `%` that is not followed by two hexadecimal digits", "write a `%` in a path as `%25`")
            }
            EndpointError::IbmDirectory => (
                "is IBM's list of endpoints, not an endpoint",
                "name the bucket's location: `--region us-south`; `ibmcloud cos bucket-location-get --bucket NAME` tells it",
            ),
            EndpointError::IbmStaticWebsite => {
                ("is a host for static websites, which knows no signatures", "use the same host with `s3.` instead of `s3-web.`")
            }
            EndpointError::Cdn => {
                ("is a content delivery host, which knows no signatures", "use the store's own host: without `.cdn`")
            }
            EndpointError::Console => {
                ("is a page of a web console, not a store", "copy the object's own URL, or give BUCKET/KEY and --region")
            }
        };
        fault(format!("{from} `{text}` {what}")).hint(hint)
    })
}
