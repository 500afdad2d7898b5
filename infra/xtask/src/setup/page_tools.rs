//! The tools that build the page, on a PATH of their own.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result};
use fs_err as fs;

use super::node::require_node;
use super::rust;
use super::tool::{SECONDS, Source, Tool};
use crate::{paths, process, ui};

/// Without features: they bring TLS, for downloads of tools that we bring ourselves.
const TRUNK: Tool = Tool {
    package: "trunk",
    binary: "trunk",
    version: "0.21.14",
    reports: "0.21.14",
    source: Source::Cargo(&["--no-default-features"]),
    wait: "once on this machine, compiling it takes about 3 minutes",
};

/// For wasm-bindgen too, whose version is that of the crate: the two speak a protocol of their own.
const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    version: "",
    reports: "",
    // The others run tests, and features bring TLS for them.
    source: Source::Cargo(&["--no-default-features", "--bin", "wasm-bindgen"]),
    wait: "once on this machine, compiling it takes about a minute",
};

const WASM_OPT: Tool = Tool {
    package: "binaryen",
    binary: "wasm-opt",
    version: "132.0.0",
    reports: "132",
    source: Source::Npm,
    wait: SECONDS,
};

pub struct PageTools {
    path: OsString,
}

impl PageTools {
    /// For `trunk serve`, which does not optimise.
    pub fn for_dev() -> Result<Self> {
        Self::with([TRUNK, WASM_BINDGEN])
    }

    pub fn for_release() -> Result<Self> {
        require_node()?;
        Self::with([TRUNK, WASM_BINDGEN, WASM_OPT])
    }

    /// As `for_release`, but compiled as their authors publish them: what they build must be the
    /// same.
    pub fn published() -> Result<Self> {
        require_node()?;
        let published = |tool| Tool { source: Source::Published, wait: "many minutes", ..tool };
        Self::with([published(TRUNK), published(WASM_BINDGEN), WASM_OPT])
    }

    fn with<const N: usize>(tools: [Tool; N]) -> Result<Self> {
        rust::target(rust::WASM)?;
        let locked = locked_version("wasm-bindgen")?;
        let mut dirs = Vec::new();
        for tool in tools {
            let tool = match tool.version {
                "" => Tool { version: &locked, reports: &locked, ..tool },
                _ => tool,
            };
            dirs.extend(tool.provide()?);
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(dirs.into_iter().chain(env::split_paths(&path)))
            .context("the tools' directory cannot be part of PATH")?;
        Ok(Self { path })
    }

    /// `trunk`, run in the page's directory.
    pub fn trunk(&self) -> Command {
        let mut trunk = process::command("trunk");
        trunk
            .current_dir(paths::frontend())
            .env("PATH", &self.path)
            // It would ask the registry for news at every start.
            .env("TRUNK_SKIP_VERSION_CHECK", "true")
            // Where in trunk an error was made says nothing of where in the page.
            .env("RUST_LIB_BACKTRACE", "0")
            // Trunk 0.21 takes only `true` and `false` where the convention says "any value".
            .env_remove("NO_COLOR")
            .env("TRUNK_COLOR", if ui::colors() { "always" } else { "never" });
        trunk
    }
}

/// The version of `package` in Cargo.lock.
fn locked_version(package: &str) -> Result<String> {
    let lock = paths::root().join("Cargo.lock");
    version_in(&fs::read_to_string(lock)?, package)
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock has no {package}"))
}

fn version_in<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::version_in;

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-futures"
version = "0.4.78"

[[package]]
name = "wasm-bindgen"
version = "0.2.128"
source = "registry"
"#;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        assert_eq!(version_in(LOCK, "wasm-bindgen"), Some("0.2.128"));
        assert_eq!(version_in(LOCK, "wasm-bindgen-futures"), Some("0.4.78"));
        assert_eq!(version_in(LOCK, "wasm"), None);
    }
}
