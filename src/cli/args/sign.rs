//! Option groups of every verb that signs one request.

use clap::Args;

use crate::cli::{
    AlgorithmArgs, CredentialArgs, ExtraArgs, NetworkArgs, OutputArgs, StoreArgs, TimeArgs,
    VerifyArgs,
};

/// All of these groups.
#[derive(Args, Debug, Default)]
pub struct SignArgs {
    #[command(flatten)]
    pub time: TimeArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub algorithm: AlgorithmArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub request: ExtraArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub verify: VerifyArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
}
