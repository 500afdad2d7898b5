//! `cargo xtask token`: an access token of the local sign-in provider, for curl.

use anyhow::{Result, ensure};

use crate::sign_in::{self, Ports};
use crate::{ports, process, ui};

/// Print an access token of a running `cargo xtask dev --sign-in`, which may create and delete.
///
/// It signs in as the page does: by the authorization code flow with PKCE.
#[derive(clap::Args)]
pub struct Options {
    /// The account: any address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Port of the page
    #[arg(long, value_name = "PORT", default_value_t = ports::WEB_PORT)]
    web_port: u16,
    /// Port of the API
    #[arg(long, value_name = "PORT", default_value_t = ports::API_PORT)]
    api_port: u16,
    /// Port of the sign-in provider
    #[arg(long, value_name = "PORT", default_value_t = ports::SIGN_IN_PORT)]
    sign_in_port: u16,
}

pub fn run(options: &Options) -> Result<()> {
    let Options { email, web_port, api_port, sign_in_port } = options;
    ensure!(
        ports::listening(*sign_in_port),
        "nothing listens on port {sign_in_port}: start `cargo xtask dev --sign-in`"
    );
    let ports = Ports { web: *web_port, api: *api_port, sign_in: *sign_in_port };
    let (status, output) = process::ask(sign_in::token(ports, email))?;
    ensure!(status.success(), "no token, see above");
    ui::line(output.trim_end());
    Ok(())
}
