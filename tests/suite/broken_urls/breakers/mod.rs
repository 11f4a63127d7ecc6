//! Every way to break a link, a row a way. What each should be called is taken from the catalogue
//! of failures and from the meaning of the codes, not from what the program answers.

mod said;
mod signer;
mod url_text;
mod usage;
mod variants;

use super::case::Case;
use super::link::{ALL, Link, Store};
use support::rng::Rng;

/// What a mistake touches. Two mistakes are put together only if they touch different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Answer,
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

/// One way to break a link.
#[derive(Clone)]
pub struct Breaker {
    /// The true cause; more than one where the input does not decide between them.
    pub codes: &'static [&'static str],
    pub name: &'static str,
    pub part: Part,
    pub stores: &'static [Store],
    /// Makes the link one to which this can happen.
    pub shape: fn(&mut Link, &mut Rng),
    pub breaks: fn(&mut Case, &mut Rng),
    /// A strict store serves the link as it is: the store's answer or the circumstances tell the
    /// cause.
    pub served: bool,
    /// The link works, and the cause is something to know: the exit code may be 0.
    pub warning: bool,
    /// It shows without credentials, so they are left out now and then.
    pub keyless: bool,
    /// Drawn by itself only, not in a pair.
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

// Shapes that several files use.

fn get(link: &mut Link, _: &mut Rng) {
    method(link, "GET");
}

fn put(link: &mut Link, _: &mut Rng) {
    method(link, "PUT");
}

/// What was dressed for another method goes with it.
fn method(link: &mut Link, method: &'static str) {
    if link.method != method {
        link.query.clear();
        link.headers.clear();
        link.method = method;
    }
}

/// Names that belong to a region, in the two forms.
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
