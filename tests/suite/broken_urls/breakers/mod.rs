//! Every way to break a URL, one per row. Expected codes come from the catalogue of failures and
//! the meaning of the codes, not from the output of the program.

mod said;
mod signer;
mod url_text;
mod usage;
mod variants;

use super::case::Case;
use super::link::{ALL, Link, Store};
use support::rng::Rng;

/// The part that a mistake changes. Two mistakes are combined only if they change different parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Response,
    Expiry,
    Headers,
    Host,
    Method,
    Path,
    Payload,
    Query,
    Scope,
    Secret,
    Text,
    Token,
    /// Not to be combined.
    Alone,
}

/// One way to break a URL.
#[derive(Clone)]
pub struct Breaker {
    /// The true cause; more than one if the input does not decide between them.
    pub codes: &'static [&'static str],
    pub name: &'static str,
    pub part: Part,
    pub stores: &'static [Store],
    /// Makes the URL one to which this can happen.
    pub shape: fn(&mut Link, &mut Rng),
    pub breaks: fn(&mut Case, &mut Rng),
    /// A strict store serves the URL: only the response or the circumstances show the cause.
    pub served: bool,
    /// The URL works and the cause is only a remark: the exit code may be 0.
    pub warning: bool,
    /// Visible without credentials, so they are sometimes omitted.
    pub keyless: bool,
    /// Drawn alone only, not in a pair.
    pub single: bool,
}

fn row(
    part: Part,
    codes: &'static [&'static str],
    name: &'static str,
    breaks: fn(&mut Case, &mut Rng),
) -> Breaker {
    Breaker {
        codes,
        name,
        part,
        stores: ALL,
        shape: |_, _| {},
        breaks,
        served: false,
        warning: false,
        keyless: false,
        single: false,
    }
}

impl Breaker {
    fn on(mut self, stores: &'static [Store]) -> Breaker {
        self.stores = stores;
        self
    }

    fn of(mut self, shape: fn(&mut Link, &mut Rng)) -> Breaker {
        self.shape = shape;
        self
    }

    fn served(mut self) -> Breaker {
        self.served = true;
        self
    }

    fn warning(mut self) -> Breaker {
        self.warning = true;
        self.served()
    }

    fn keyless(mut self) -> Breaker {
        self.keyless = true;
        self
    }
}

pub fn all() -> Vec<Breaker> {
    [
        signer::rows(),
        url_text::rows(),
        usage::rows(),
        said::rows(),
        variants::rows(),
    ]
    .concat()
}

// URL shapes that several files use.

fn get(link: &mut Link, _: &mut Rng) {
    method(link, "GET");
}

fn put(link: &mut Link, _: &mut Rng) {
    method(link, "PUT");
}

/// Also removes what was set for another method.
fn method(link: &mut Link, method: &'static str) {
    if link.method != method {
        link.query.clear();
        link.headers.clear();
        link.method = method;
    }
}

/// Region names in the two forms.
fn regional(link: &mut Link, rng: &mut Rng) {
    link.region = rng
        .pick(&["eu-west-1", "us-west-2", "ap-southeast-2", "eu-central-1"])
        .into();
    link.endpoint = format!("s3.{}.amazonaws.com", link.region);
}

fn some_method(link: &mut Link, rng: &mut Rng) {
    let name = rng.pick(&["GET", "PUT", "DELETE"]);
    method(link, name);
}
