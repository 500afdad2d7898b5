//! The artefacts: functions, runner, page, and the assembly that the stack is synthesized into.
//!
//! They stand where `infra/` looks for them: `target/lambda/PROFILE/ROUTE/bootstrap` for this
//! machine, `target/lambda/arm64/ROUTE.zip` for AWS, and `target/site/release`.

mod arm64;
mod check;
mod names;
mod sources;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use fs_err as fs;
use serde_json::Value;
use tempfile::TempPath;

use crate::setup::{self, PageTools};
use crate::{paths, process, step, ui};

/// One route, one function, one binary.
const ROUTES: [&str; 4] = ["list-events", "create-event", "get-event", "delete-event"];

/// The budget of a function's binary, built for this machine.
const FUNCTION_MAX_BYTES: u64 = 5_000_000;

/// Build what is deployed: the functions for AWS (arm64), and the page.
///
/// They go to target/lambda/arm64 and target/site/release, where `npx cdk deploy` in infra/ looks
/// for them.
#[derive(clap::Args)]
pub struct Options {
    /// Check more: a second build must be the same, and the supply chain. This takes many minutes
    #[arg(long)]
    check: bool,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let (lambdas, site) = deployed(paths::root(), &PageTools::for_release()?)?;
    ui::line(&format!("functions: {}", lambdas.display()));
    ui::line(&format!("site:      {}", site.display()));
    if options.check { check::run(&lambdas, &site) } else { Ok(ExitCode::SUCCESS) }
}

/// Builds what is deployed, from the repository at `root`, and checks that AWS can run it: the
/// archives of the functions, and the site.
pub fn deployed(root: &Path, tools: &PageTools) -> Result<(PathBuf, PathBuf)> {
    setup::crates()?;
    let sources = sources::forget(root)?;
    let lambdas = arm64::archives(root)?;
    check::archives(&lambdas)?;
    let site = site_of(root, tools)?;
    sources.remember()?;
    Ok((lambdas, site))
}

pub use sources::check as built;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    fn wait(self) -> Option<&'static str> {
        (self == Self::Release).then_some("with optimisation; the first time takes some minutes")
    }
}

pub struct Functions {
    /// Holds `ROUTE/bootstrap` for every route.
    pub lambdas: PathBuf,
    /// The program that runs an assembly here.
    pub runner: PathBuf,
}

/// Builds the functions and the runner for this machine.
pub fn functions(profile: Profile) -> Result<Functions> {
    Ok(Functions {
        lambdas: lambdas(profile)?,
        runner: program("template-runner", "template-runner", profile)?,
    })
}

/// Builds the functions; gives the folder that holds `ROUTE/bootstrap` for every route.
///
/// Nothing else is built in the same call: Cargo would give all of it the features of all of it,
/// and the functions would be others than those that are deployed.
pub fn lambdas(profile: Profile) -> Result<PathBuf> {
    let package = ["--package", "api", "--bins"];
    let built = cargo_build("the functions", profile.wait(), &package, profile.name())?;
    if profile == Profile::Release {
        for route in ROUTES {
            check_size(&executable(&built, route)?)?;
        }
    }
    bootstraps(&built, profile.name())
}

/// Copies the functions that Cargo built to `target/lambda/NAME/ROUTE/bootstrap`.
fn bootstraps(messages: &[String], name: &str) -> Result<PathBuf> {
    let lambdas = paths::root().join("target/lambda").join(name);
    for route in ROUTES {
        copy_if_changed(&executable(messages, route)?, &lambdas.join(route).join("bootstrap"))?;
    }
    Ok(lambdas)
}

/// The programs that tests run.
pub struct Programs {
    pub functions: Functions,
    pub model_check: PathBuf,
    pub load_check: PathBuf,
}

/// Builds all that tests are and run, in one call and without optimisation: they share the crates
/// that they depend on, which separate calls would compile with other features each.
pub fn for_tests() -> Result<Programs> {
    let workspace = ["--workspace", "--all-targets"];
    let built = cargo_build("the tests and what they run", None, &workspace, "dev")?;
    Ok(Programs {
        functions: Functions {
            lambdas: bootstraps(&built, "tests")?,
            runner: executable(&built, "template-runner")?,
        },
        model_check: executable(&built, "model-check")?,
        load_check: executable(&built, "load-check")?,
    })
}

/// A function that grew past its budget is not built: it is loaded at every cold start.
fn check_size(function: &Path) -> Result<()> {
    let name = function.file_name().unwrap_or_default().display();
    let size = fs::metadata(function)?.len();
    ensure!(
        size <= FUNCTION_MAX_BYTES,
        "{name} has {size} bytes, and a function may have {FUNCTION_MAX_BYTES}: what came with \
         the last change?"
    );
    Ok(())
}

/// Builds a program of a package that is not deployed.
pub fn program(package: &str, name: &str, profile: Profile) -> Result<PathBuf> {
    let cargo_profile = if profile == Profile::Release { "tools" } else { "dev" };
    let package = ["--package", package, "--bins"];
    executable(&cargo_build(name, profile.wait(), &package, cargo_profile)?, name)
}

/// Builds `targets`, as Cargo's options; gives its messages.
fn cargo_build(
    what: &str,
    wait: Option<&str>,
    targets: &[&str],
    profile: &str,
) -> Result<Vec<String>> {
    let mut cargo = process::command("cargo");
    cargo
        .args(["build", "--locked", "--profile", profile])
        .args(["--message-format", "json-render-diagnostics"])
        .args(targets);
    step::run(&format!("building {what}"), wait, cargo)
}

/// Where Cargo says that it put a binary.
fn executable(messages: &[String], name: &str) -> Result<PathBuf> {
    messages
        .iter()
        .filter(|line| line.starts_with('{'))
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        // Not the one that holds its tests.
        .filter(|message| message["profile"]["test"] != true)
        .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .with_context(|| format!("cargo built no binary named {name}"))
}

/// Copies a file that differs in length or time. What runs from the old copy keeps it: the new one
/// takes its name.
fn copy_if_changed(from: &Path, to: &Path) -> Result<()> {
    let source = fs::metadata(from)?;
    let modified = source.modified()?;
    let is_same = |copy: Metadata| {
        copy.len() == source.len() && copy.modified().is_ok_and(|time| time == modified)
    };
    if fs::metadata(to).is_ok_and(is_same) {
        return Ok(());
    }
    if let Some(dir) = to.parent() {
        fs::create_dir_all(dir)?;
    }
    // Dropped, a half copy goes away: on a full disk its room is needed.
    let partial = TempPath::try_from_path(to.with_extension("partial"))?;
    fs::copy(from, &partial)?;
    fs::File::open(&partial)?.set_modified(modified)?;
    partial.persist(to)?;
    Ok(())
}

/// Builds the page as it is deployed.
pub fn site(tools: &PageTools) -> Result<PathBuf> {
    site_of(paths::root(), tools)
}

fn site_of(root: &Path, tools: &PageTools) -> Result<PathBuf> {
    let site = root.join("target/site/release");
    fs::create_dir_all(&site)?;
    setup::npm_packages(&root.join("frontend"))?;
    let mut trunk = tools.trunk();
    trunk
        .current_dir(root.join("frontend"))
        .args(["build", "--release", "--locked=true", "--dist"])
        .arg(&site);
    let why = "with optimisation for size; the first time takes some minutes";
    step::run("building the page", Some(why), trunk)?;
    let esbuild = root.join("frontend/node_modules/.bin/esbuild");
    names::after_content(&site, &|script| {
        let mut esbuild = process::command(&esbuild);
        esbuild.arg(script).args(["--minify", "--format=esm", "--log-level=error"]);
        esbuild.arg("--allow-overwrite").arg(format!("--outfile={}", script.display()));
        step::run("minifying the page's script", None, esbuild).map(drop)
    })?;
    Ok(site)
}

/// The CDK's CLI.
pub fn cdk() -> Command {
    let infra = paths::infra();
    let mut cdk = process::command(infra.join("node_modules/.bin/cdk"));
    cdk.current_dir(infra).env("CDK_DISABLE_CLI_TELEMETRY", "true");
    cdk
}

/// Keeps the CLI from credentials, and from a look for them on the network.
pub fn without_account(cdk: &mut Command) {
    cdk.env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    for name in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ] {
        cdk.env_remove(name);
    }
}

/// What the stage `local` of the stack is synthesized from.
pub struct LocalStage<'a> {
    pub lambdas: &'a Path,
    /// Without one, a release build that happens to be there is taken, or else a placeholder.
    pub site: Option<&'a Path>,
    /// Of the page and of the API. With port 0, the runner listens on a free port.
    pub ports: (u16, u16),
    /// Without one, everybody reads and writes.
    pub membership: Option<&'a Membership>,
}

/// Who may do what, and where they sign in.
pub struct Membership {
    pub access: &'static str,
    pub issuer: String,
    pub client_id: &'static str,
    pub resource: String,
}

impl<'a> LocalStage<'a> {
    /// Without a page, on any free port.
    pub fn of_tests(lambdas: &'a Path) -> Self {
        Self { lambdas, site: None, ports: (0, 0), membership: None }
    }
}

/// Synthesizes the stage `local` of the stack into the directory `assembly`.
pub fn synthesize(stage: &LocalStage, assembly: &Path) -> Result<()> {
    let LocalStage { lambdas, site, ports: (web_port, api_port), membership } = stage;
    // The CLI and not the app alone: it is the one that deploys, and that reads cdk.json.
    // CloudFormation's own rules take longer than all the rest; a deploy and the tests of infra/
    // check them.
    let mut cdk = cdk();
    cdk.args(["synth", "--quiet", "--no-validation", "--output"]).arg(assembly);
    for setting in [
        "stage=local".to_owned(),
        format!("webPort={web_port}"),
        format!("apiPort={api_port}"),
        format!("lambdas={}", lambdas.display()),
    ] {
        cdk.args(["--context", &setting]);
    }
    if let Some(site) = site {
        cdk.args(["--context", &format!("site={}", site.display())]);
    }
    if let Some(Membership { access, issuer, client_id, resource }) = membership {
        for setting in [
            format!("access={access}"),
            format!("signInIssuer={issuer}"),
            format!("signInClientId={client_id}"),
            format!("signInResource={resource}"),
        ] {
            cdk.args(["--context", &setting]);
        }
    }
    // This stage has no account.
    without_account(&mut cdk);
    step::run("synthesizing the stack", None, cdk)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, SystemTime};

    use super::{FUNCTION_MAX_BYTES, check_size, copy_if_changed, executable};

    #[test]
    fn cargo_says_where_the_binary_is() {
        let messages = [
            "   Compiling api v0.1.0",
            r#"{"target":{"name":"get-event"},"executable":null}"#,
            r#"{"target":{"name":"get-event"},"profile":{"test":true},"executable":"/t/tests"}"#,
            r#"{"target":{"name":"get-event"},"profile":{"test":false},"executable":"/t/get"}"#,
        ]
        .map(str::to_owned);
        assert_eq!(executable(&messages, "get-event").unwrap().to_str(), Some("/t/get"));
        let error = executable(&messages, "list-events").unwrap_err().to_string();
        assert_eq!(error, "cargo built no binary named list-events");
    }

    #[test]
    fn a_function_has_a_budget_and_is_named_when_it_is_over() {
        let function = tempfile::Builder::new().prefix("get-event").tempfile().unwrap();
        function.as_file().set_len(FUNCTION_MAX_BYTES).unwrap();
        check_size(function.path()).unwrap();
        function.as_file().set_len(FUNCTION_MAX_BYTES + 1).unwrap();
        let error = check_size(function.path()).unwrap_err().to_string();
        assert!(error.starts_with("get-event"), "{error}");
        assert!(error.contains("5000001 bytes"), "{error}");
    }

    #[test]
    fn a_copy_is_made_anew_when_the_file_changed_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("built"), dir.path().join("route/bootstrap"));
        fs::write(&from, "one").unwrap();
        copy_if_changed(&from, &to).unwrap();
        let first = fs::metadata(&to).unwrap().ino();

        copy_if_changed(&from, &to).unwrap();
        assert_eq!(fs::metadata(&to).unwrap().ino(), first, "copied without need");

        fs::write(&from, "two").unwrap();
        let later = SystemTime::now() + Duration::from_secs(2);
        fs::File::open(&from).unwrap().set_modified(later).unwrap();
        copy_if_changed(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "two");
        assert_ne!(fs::metadata(&to).unwrap().ino(), first, "a running binary was overwritten");
    }
}
