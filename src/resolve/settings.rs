//! Settings of the store that hold for every target.

use crate::cli::StoreArgs;
use crate::env::Env;

use super::Files;

/// Settings of the store that hold for every target; read once.
pub struct StoreSettings<'a> {
    pub(super) args: &'a StoreArgs,
    pub(super) env: &'a Env,
    pub(super) files: &'a Files<'a>,
    pub(super) service: &'a str,
    pub(super) service_is_s3: bool,
    pub(super) region_set: Option<&'a str>,
}

impl<'a> StoreSettings<'a> {
    /// Takes what is needed; nothing is read yet.
    pub fn new(args: &'a StoreArgs, env: &'a Env, files: &'a Files<'a>, service: &'a str) -> Self {
        StoreSettings { args, env, files, service, service_is_s3: service == "s3", region_set: None }
    }

    /// The regions for which links are signed with version 4A, from `--region-set`.
    pub fn for_region_set(mut self, regions: Option<&'a str>) -> Self {
        self.region_set = regions;
        self
    }
}
