//! The option groups that verbs share: each option is defined once.

mod algorithm;
mod bulk;
mod credentials;
pub mod heading;
mod network;
mod output;
mod report;
mod sign;
mod signed_options;
mod store;
mod target;
mod time;

pub use algorithm::{AlgorithmArgs, PathEncodingArg, PathModeArg, SessionTokenModeArg};
pub use bulk::{BulkArgs, InputForm, ListVersionArg, RecursiveArgs};
pub use credentials::{CredentialArgs, CredentialsFrom};
pub use network::NetworkArgs;
pub use output::{OutputArgs, OutputForm, VerifyArgs};
pub use report::{ReportArgs, ReportForm};
pub use sign::SignArgs;
pub use signed_options::{
    ChecksumArgs, CustomerKeyArgs, ExtraArgs, ReadArgs, ResponseArgs, UploadArgs,
};
pub use store::{AddressingArg, NetworkArg, StoreArgs};
pub use target::TargetArgs;
pub use time::TimeArgs;
