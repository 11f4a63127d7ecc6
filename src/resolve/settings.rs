//! Settings of the store that hold for every target.

use crate::cli::StoreArgs;
use crate::env::Env;

use super::Files;

/// Settings of the store that hold for every target; read once.
pub struct StoreSettings<'a> {
    pub(super) args: &'a StoreArgs,
    pub(super) env: &'a Env,
    pub(super) files: &'a Files<'a>,
    pub(super) service_is_s3: bool,
}

impl<'a> StoreSettings<'a> {
    /// Takes what is needed; nothing is read yet.
    pub fn new(args: &'a StoreArgs, env: &'a Env, files: &'a Files<'a>, service: &str) -> Self {
        StoreSettings { args, env, files, service_is_s3: service == "s3" }
    }
}
