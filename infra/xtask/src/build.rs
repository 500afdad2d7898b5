//! The artefacts: functions, runner, page, and the assembly that the stack is synthesized into.
//!
//! They stand where `infra/` looks for them: `target/lambda/PROFILE/ROUTE/bootstrap` for this machine,
//! `target/lambda/arm64/ROUTE.zip` for AWS, and `target/site/release`.

mod arm64;
mod check;
mod names;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::setup::{self, PageTools};
use crate::step::Step;
use crate::{paths, process, ui};

/// One route, one function, one binary.
const ROUTES: [&str; 4] = ["list-events", "create-event", "get-event", "delete-event"];

/// The budget of a function's binary, built for this machine.
const FUNCTION_MAX_BYTES: u64 = 5_000_000;

/// Build what is deployed: the functions for AWS (arm64), and the page.
///
/// They go to target/lambda/arm64 and target/site/release, where `npx cdk deploy` in infra/ looks for them.
#[derive(clap::Args)]
pub struct Options {
    /// Check them too: size, the C library they need, a second build that must be the same, and the supply chain.
    /// This takes many minutes
    #[arg(long)]
    check: bool,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let tools = PageTools::for_release()?;
    let (lambdas, site) = deployed(&tools)?;
    ui::line(&format!("functions: {}", lambdas.display()));
    ui::line(&format!("site:      {}", site.display()));
    if options.check { check::run(&lambdas, &site, &tools) } else { Ok(ExitCode::SUCCESS) }
}

/// Builds what is deployed: the archives of the functions, and the site.
pub fn deployed(tools: &PageTools) -> Result<(PathBuf, PathBuf)> {
    setup::crates()?;
    Ok((arm64::archives()?, site(tools)?))
}

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
    let mut step = Step::start("building the functions", profile.wait());
    let output = step.run(cargo_build(&["--package", "api", "--bins"], profile.name()))?;
    let lambdas = bootstraps(&output, profile.name())?;
    if profile == Profile::Release {
        for route in ROUTES {
            check_size(&executable(&output, route)?)?;
        }
    }
    step.done();
    Ok(lambdas)
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
    let mut step = Step::start("building the tests and what they run", None);
    let output = step.run(cargo_build(&["--workspace", "--all-targets"], "dev"))?;
    let programs = Programs {
        functions: Functions {
            lambdas: bootstraps(&output, "tests")?,
            runner: executable(&output, "template-runner")?,
        },
        model_check: executable(&output, "model-check")?,
        load_check: executable(&output, "load-check")?,
    };
    step.done();
    Ok(programs)
}

/// A function that grew past its budget is not built: it is loaded at every cold start.
fn check_size(function: &Path) -> Result<()> {
    let name = function.file_name().unwrap_or_default().to_string_lossy();
    let size = fs::metadata(function)
        .with_context(|| format!("cannot read {}", function.display()))?
        .len();
    ensure!(
        size <= FUNCTION_MAX_BYTES,
        "{name} has {size} bytes, and a function may have {FUNCTION_MAX_BYTES}: what came with the last change?"
    );
    Ok(())
}

/// Builds a program of a package that is not deployed.
pub fn program(package: &str, name: &str, profile: Profile) -> Result<PathBuf> {
    let mut step = Step::start(&format!("building {name}"), profile.wait());
    let cargo_profile = if profile == Profile::Release { "tools" } else { "dev" };
    let output = step.run(cargo_build(&["--package", package, "--bins"], cargo_profile))?;
    let program = executable(&output, name)?;
    step.done();
    Ok(program)
}

fn cargo_build(what: &[&str], profile: &str) -> Command {
    let mut cargo = process::command("cargo");
    cargo
        .args(["build", "--locked", "--profile", profile])
        .args(["--message-format", "json-render-diagnostics"])
        .args(what);
    cargo
}

/// Where Cargo says that it put a binary.
fn executable(messages: &[String], name: &str) -> Result<PathBuf> {
    messages
        .iter()
        .filter(|line| line.starts_with('{'))
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .with_context(|| format!("cargo built no binary named {name}"))
}

/// Copies a file that differs in length or time. What runs from the old copy keeps it: the new one takes its name.
fn copy_if_changed(from: &Path, to: &Path) -> Result<()> {
    let context = || format!("cannot copy {} to {}", from.display(), to.display());
    let source = fs::metadata(from).with_context(context)?;
    let modified = source.modified().with_context(context)?;
    let same = fs::metadata(to).is_ok_and(|copy| {
        copy.len() == source.len() && copy.modified().is_ok_and(|time| time == modified)
    });
    if same {
        return Ok(());
    }
    if let Some(dir) = to.parent() {
        paths::create_dir(dir)?;
    }
    let partial = to.with_extension("partial");
    let copied = fs::copy(from, &partial)
        .and_then(|_| fs::File::open(&partial)?.set_modified(modified))
        .and_then(|()| fs::rename(&partial, to));
    if copied.is_err() {
        // Half a copy is worth nothing, and on a full disk its room is.
        let _ = fs::remove_file(&partial);
    }
    copied.with_context(context)
}

/// Builds the page as it is deployed.
pub fn site(tools: &PageTools) -> Result<PathBuf> {
    site_of(tools, paths::root())
}

/// The same for a copy of the repository at `root`.
fn site_of(tools: &PageTools, root: &Path) -> Result<PathBuf> {
    let site = root.join("target/site/release");
    if let Some(parent) = site.parent() {
        paths::create_dir(parent)?;
    }
    let mut step = Step::start(
        "building the page",
        Some("with optimisation for size; the first time takes some minutes"),
    );
    let mut trunk = tools.trunk();
    trunk
        .current_dir(root.join("frontend"))
        .args(["build", "--release", "--locked=true", "--dist"])
        .arg(&site);
    step.run(trunk)?;
    names::after_content(&site)?;
    step.done();
    Ok(site)
}

/// The stage `local` of the stack, for two ports of this machine.
pub struct Stack<'a> {
    pub lambdas: &'a Path,
    /// None takes a release build that happens to be there, or else a placeholder: somebody else serves the page.
    pub site: Option<&'a Path>,
    pub web_port: u16,
    pub api_port: u16,
}

impl Stack<'_> {
    /// Synthesizes into the directory `assembly`.
    pub fn synthesize(&self, assembly: &Path) -> Result<()> {
        let mut step = Step::start("synthesizing the stack", None);
        step.run(self.cdk(assembly))?;
        step.done();
        Ok(())
    }

    /// The CLI and not the app alone: it is the one that deploys, and that reads cdk.json.
    fn cdk(&self, assembly: &Path) -> Command {
        let infra = paths::infra();
        let mut cdk = process::command(infra.join("node_modules/.bin/cdk"));
        // CloudFormation's own rules take longer than all the rest; a deploy and the tests of infra/ check them.
        cdk.current_dir(infra)
            .args(["synth", "--quiet", "--no-validation", "--output"])
            .arg(assembly);
        let mut context = vec![
            "stage=local".to_owned(),
            format!("webPort={}", self.web_port),
            format!("apiPort={}", self.api_port),
            format!("lambdas={}", self.lambdas.display()),
        ];
        match self.site {
            Some(site) => context.push(format!("site={}", site.display())),
            None => context.push("placeholders=true".to_owned()),
        }
        for setting in context {
            cdk.args(["--context", &setting]);
        }
        // This stage has no account, so nobody is asked for one: no credentials, and no look for them on the network.
        cdk.env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("CDK_DISABLE_CLI_TELEMETRY", "true");
        for name in
            ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        {
            cdk.env_remove(name);
        }
        cdk
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, SystemTime};
    use std::{env, fs};

    use super::{FUNCTION_MAX_BYTES, check_size, copy_if_changed, executable};

    #[test]
    fn cargo_says_where_the_binary_is() {
        let messages = [
            "   Compiling api v0.1.0",
            r#"{"reason":"compiler-artifact","target":{"name":"get-event"},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"get-event"},"executable":"/t/get-event"}"#,
        ]
        .map(str::to_owned);
        assert_eq!(executable(&messages, "get-event").unwrap().to_str(), Some("/t/get-event"));
        let error = executable(&messages, "list-events").unwrap_err().to_string();
        assert_eq!(error, "cargo built no binary named list-events");
    }

    #[test]
    fn a_function_has_a_budget_and_is_named_when_it_is_over() {
        let function = env::temp_dir().join(format!("xtask-size-{}", std::process::id()));
        let file = fs::File::create(&function).unwrap();
        file.set_len(FUNCTION_MAX_BYTES).unwrap();
        check_size(&function).unwrap();
        file.set_len(FUNCTION_MAX_BYTES + 1).unwrap();
        let error = check_size(&function).unwrap_err().to_string();
        assert!(error.starts_with("xtask-size-"), "{error}");
        assert!(error.contains("5000001 bytes"), "{error}");
        fs::remove_file(&function).unwrap();
    }

    #[test]
    fn a_copy_is_made_anew_when_the_file_changed_and_only_then() {
        let dir = env::temp_dir().join(format!("xtask-copy-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let (from, to) = (dir.join("built"), dir.join("route/bootstrap"));
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
        fs::remove_dir_all(&dir).unwrap();
    }
}
