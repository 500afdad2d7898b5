//! The sign-in provider of development (`infra/sign-in-local`), and what page, gateway and curl know
//! of it. It is no part of what is deployed.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::build::Membership;
use crate::ports::{API_PORT, SIGN_IN_PORT, WEB_PORT};
use crate::server::Server;
use crate::{paths, process, setup};

/// The page's name at the provider.
const CLIENT_ID: &str = "page";

/// The ports of a local run with sign-in.
#[derive(Clone, Copy)]
pub struct Ports {
    pub web: u16,
    pub api: u16,
    pub sign_in: u16,
}

impl Ports {
    /// Who may write in that run: everybody may read.
    pub fn membership(self) -> Membership {
        Membership {
            access: "members-write",
            issuer: format!("http://localhost:{}", self.sign_in),
            client_id: CLIENT_ID,
            resource: self.resource(),
        }
    }

    /// The command that prints a token of this run.
    pub fn token_command(self) -> String {
        let Self { web, api, sign_in } = self;
        let ports =
            [("web", web, WEB_PORT), ("api", api, API_PORT), ("sign-in", sign_in, SIGN_IN_PORT)];
        let moved = ports.into_iter().filter(|(_, port, default)| port != default);
        let options = moved.map(|(name, port, _)| format!(" --{name}-port {port}"));
        format!("cargo xtask token --email ada@example.org{}", options.collect::<String>())
    }

    /// The API as tokens name it (RFC 8707).
    fn resource(self) -> String {
        format!("http://localhost:{}", self.api)
    }

    /// The origins of the page: two spellings of this machine.
    fn web_origins(self) -> [String; 2] {
        ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{}", self.web))
    }
}

/// Installs what the provider is made of.
pub fn packages() -> Result<()> {
    setup::npm_packages(&paths::sign_in())
}

/// Starts the provider.
pub fn start(ports: Ports) -> Result<Server> {
    let mut provider = script("main.ts");
    provider.args(["--port", &ports.sign_in.to_string(), "--client-id", CLIENT_ID]);
    provider.args(["--resource", &ports.resource()]);
    provider.args(ports.web_origins().iter().flat_map(|origin| ["--web-origin", origin]));
    let (server, ready) = Server::start("the sign-in provider", provider)
        .context("the sign-in provider does not start")?;
    debug_assert_eq!(ready["issuer"], Value::String(ports.membership().issuer));
    Ok(server)
}

/// Signs in without a browser; writes an access token.
pub fn token(ports: Ports, email: &str) -> Command {
    let Membership { issuer, client_id, resource, .. } = ports.membership();
    let [web_origin, _] = ports.web_origins();
    let mut token = script("token.ts");
    token.args(["--issuer", &issuer, "--client-id", client_id, "--resource", &resource]);
    token.args(["--web-origin", &web_origin, "--email", email]);
    token
}

fn script(name: &str) -> Command {
    let mut node = process::command("node");
    node.current_dir(paths::sign_in()).args(["--import", "tsx", name]);
    node
}

#[cfg(test)]
mod tests {
    use super::{API_PORT, Ports, SIGN_IN_PORT, WEB_PORT};

    #[test]
    fn the_printed_command_names_the_ports_that_are_others() {
        let usual = Ports { web: WEB_PORT, api: API_PORT, sign_in: SIGN_IN_PORT };
        assert_eq!(usual.token_command(), "cargo xtask token --email ada@example.org");
        let moved = Ports { api: 3001, ..usual };
        assert!(moved.token_command().ends_with("ada@example.org --api-port 3001"));
    }
}
