//! Network options, the same for every verb that sends requests.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::heading::NETWORK;

/// Timeouts, certificates and proxies of every request, including those for credentials.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = NETWORK)]
pub struct NetworkArgs {
    /// Request timeout; for upload and download the idle timeout [default: 30s]
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub timeout: Option<String>,
    /// Connect timeout: name look-up, TCP, proxy and TLS together [default: 10s]
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub connect_timeout: Option<String>,
    /// Retries of a request that failed for a transient reason, with exponential backoff [default:
    /// 4; for upload and download 10]
    ///
    /// Requests that test a URL, such as those of --verify and doctor, are sent once.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub retries: Option<u32>,
    /// Also trust the certificates of this file (PEM)
    ///
    /// Those of AWS_CA_BUNDLE, `ca_bundle` of the AWS profile, CURL_CA_BUNDLE and
    /// REQUESTS_CA_BUNDLE are trusted as well, in addition to the certificates of the system.
    #[arg(
        long,
        value_name = "FILE",
        visible_alias = "ca-bundle",
        hide_short_help = true
    )]
    pub cacert: Option<PathBuf>,
    /// Accept every TLS certificate (a warning is printed each time)
    #[arg(
        short = 'k',
        long,
        visible_alias = "no-verify-ssl",
        hide_short_help = true
    )]
    pub insecure: bool,
    /// Client certificate for servers that require one, with its chain (PEM)
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub client_cert: Option<PathBuf>,
    /// Private key of --client-cert (PEM) [default: in the file of --client-cert]
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_cert",
        hide_short_help = true
    )]
    pub client_key: Option<PathBuf>,
    /// Proxy for all requests: http, https, socks4, socks4a, socks5 or socks5h URL [default:
    /// http_proxy, https_proxy, all_proxy]
    ///
    /// Hosts in no_proxy are reached directly. Set a proxy with a password in https_proxy: other
    /// processes can read the arguments of a command.
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub proxy: Option<String>,
}
