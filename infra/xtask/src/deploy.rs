//! `cargo xtask deploy`, `destroy` and `smoke`: the stack on AWS.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::paths::TempDir;
use crate::setup::{self, PageTools};
use crate::step::Step;
use crate::{build, paths, process, ui};

/// What the CLI says when it finds no credentials, or none that AWS takes.
const NO_CREDENTIALS: [&str; 6] = [
    "Unable to resolve AWS account",
    "no credentials have been configured",
    "Could not load credentials",
    "security token included in the request is",
    "ExpiredToken",
    "SSO session",
];

#[derive(clap::Args)]
struct Target {
    /// A stage of infra/lib/stages.ts: dev or prod
    #[arg(long, value_name = "NAME")]
    stage: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Put a stage on AWS: build, show what changes, deploy, and try it out.
///
/// Needs credentials for an AWS account, which `npx cdk bootstrap` (in infra/) has prepared once.
#[derive(clap::Args)]
pub struct Deploy {
    #[command(flatten)]
    target: Target,
    /// Anybody who has the address may create and delete events: there is no sign-in
    #[arg(long)]
    public_writes: bool,
}

/// Take a stage off AWS, with its data; not one that keeps its data.
#[derive(clap::Args)]
pub struct Destroy {
    #[command(flatten)]
    target: Target,
}

/// Try out a running app: create, read, list, delete, preflight, page and headers.
#[derive(clap::Args)]
pub struct Smoke {
    /// Where the page is, like <https://d111111abcdef8.cloudfront.net>
    #[arg(long, value_name = "URL")]
    web: String,
    /// Where the API is
    #[arg(long, value_name = "URL")]
    api: String,
}

pub fn deploy(options: &Deploy) -> Result<()> {
    let Target { stage, yes } = &options.target;
    refuse_local(stage)?;
    prepare()?;
    let dir = TempDir::new("deploy")?;
    let cdk =
        Cdk { stage, public_writes: options.public_writes, assembly: dir.path().join("assembly") };

    // A mistake in the stage, and an account that nobody is signed in to, are known before the long build.
    cdk.synthesize(Artefacts::Placeholders)?;
    let mut step = Step::start("looking at the AWS account", None);
    cdk.compare(&mut step)?;
    step.done();

    build::deployed(&PageTools::for_release()?)?;
    cdk.synthesize(Artefacts::Built)?;
    let mut step = Step::start("comparing with what is deployed", None);
    let changes = cdk.compare(&mut step)?;
    step.done();
    ui::lines(&changes);
    if !yes && !confirmed(&format!("Deploy events-{stage}? Type yes: "), "yes")? {
        bail!("not deployed");
    }

    let outputs = dir.path().join("outputs.json");
    cdk.deploy(&outputs)?;
    let text = fs::read_to_string(&outputs).context("the deployment left no outputs")?;
    let (web, api) = addresses(&text, stage)?;
    ui::line("");
    ui::line(&format!("  page  {web}"));
    ui::line(&format!("  API   {api}"));
    ui::line("");
    try_out(&web, &api)
}

pub fn destroy(options: &Destroy) -> Result<()> {
    let Target { stage, yes } = &options.target;
    refuse_local(stage)?;
    prepare()?;
    let dir = TempDir::new("destroy")?;
    // Whoever may write does not matter to what goes.
    let cdk = Cdk { stage, public_writes: true, assembly: dir.path().join("assembly") };
    cdk.synthesize(Artefacts::Placeholders)?;
    if cdk.keeps_data()? {
        bail!(
            "the stage {stage} keeps its data, so it is not destroyed by a command: see \"Deploy\" in README.md"
        );
    }
    let mut step = Step::start("looking at the AWS account", None);
    cdk.compare(&mut step)?;
    step.done();
    let question = format!("Destroy events-{stage} with all of its events? Type {stage}: ");
    if !yes && !confirmed(&question, stage)? {
        bail!("not destroyed");
    }
    show(cdk.command(&["destroy", "--force"]), "the stack is not destroyed")?;
    ui::line(&format!("events-{stage} is gone"));
    Ok(())
}

pub fn smoke(options: &Smoke) -> Result<()> {
    prepare()?;
    try_out(&options.web, &options.api)
}

/// Runs `infra/smoke`, which says what it tries and what comes of it.
pub fn try_out(web: &str, api: &str) -> Result<()> {
    let mut smoke = process::command("node");
    smoke.current_dir(paths::infra()).args([
        "--import",
        "tsx",
        "smoke/main.ts",
        "--web",
        web,
        "--api",
        api,
    ]);
    show(smoke, "it does NOT work: what failed stands above")?;
    ui::line(&format!("it works: {web}"));
    Ok(())
}

fn refuse_local(stage: &str) -> Result<()> {
    ensure!(stage != "local", "the stage local is this machine: `cargo xtask dev` runs it");
    Ok(())
}

fn prepare() -> Result<()> {
    setup::require_node()?;
    setup::npm_packages(&paths::infra())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Artefacts {
    Built,
    /// For a look at the stack alone: CloudFormation refuses to deploy it.
    Placeholders,
}

/// The CDK's CLI on one stage.
struct Cdk<'a> {
    stage: &'a str,
    public_writes: bool,
    assembly: PathBuf,
}

impl Cdk<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut cdk = cli();
        cdk.args(arguments).arg("--app").arg(&self.assembly);
        cdk
    }

    fn synthesize(&self, artefacts: Artefacts) -> Result<()> {
        let mut cdk = cli();
        cdk.args(["synth", "--quiet", "--context", &format!("stage={}", self.stage), "--output"])
            .arg(&self.assembly);
        if self.public_writes {
            cdk.args(["--context", "publicWrites=true"]);
        }
        if artefacts == Artefacts::Placeholders {
            // The checks are for what is deployed, and take longer than all the rest.
            cdk.args(["--no-validation", "--context", "placeholders=true"]);
        }
        let mut step = Step::start("synthesizing the stack", None);
        let (output, failure) = step.attempt(cdk)?;
        if let Some(failure) = failure {
            ui::clear_status();
            if let Some(mistake) = mistake(&output) {
                bail!("{mistake}");
            }
            ui::lines(&output);
            bail!("the stack cannot be synthesized: {failure}");
        }
        step.done();
        Ok(())
    }

    /// What a deployment would change.
    fn compare(&self, step: &mut Step) -> Result<Vec<String>> {
        let (output, failure) = step.attempt(self.command(&["diff"]))?;
        let Some(failure) = failure else { return Ok(output) };
        ui::clear_status();
        if signed_out(&output) {
            bail!(
                "no AWS credentials: sign in (`aws sso login`, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY), then run the command again"
            );
        }
        ui::lines(&output);
        bail!("cannot compare with what is deployed: {failure}")
    }

    fn deploy(&self, outputs: &Path) -> Result<()> {
        let mut cdk =
            self.command(&["deploy", "--require-approval", "never", "--progress", "events"]);
        cdk.arg("--outputs-file").arg(outputs);
        show(cdk, "the stack is not deployed, and CloudFormation has put back what it was")
    }

    fn keeps_data(&self) -> Result<bool> {
        let manifest = fs::read_to_string(self.assembly.join("manifest.json"))?;
        keeps_data(&manifest)
    }
}

fn cli() -> Command {
    let infra = paths::infra();
    let mut cdk = process::command(infra.join("node_modules/.bin/cdk"));
    cdk.current_dir(infra).env("CDK_DISABLE_CLI_TELEMETRY", "true");
    cdk
}

/// Whether a stack of an assembly is protected from being deleted.
fn keeps_data(manifest: &str) -> Result<bool> {
    let manifest: Value =
        serde_json::from_str(manifest).context("cannot understand manifest.json")?;
    let mut artifacts = manifest["artifacts"].as_object().into_iter().flat_map(|all| all.values());
    Ok(artifacts.any(|artifact| artifact["properties"]["terminationProtection"] == true))
}

/// The page's and the API's, from the outputs of a deployment.
fn addresses(outputs: &str, stage: &str) -> Result<(String, String)> {
    let outputs: Value = serde_json::from_str(outputs).context("cannot understand the outputs")?;
    let output = |name: &str| {
        outputs[format!("events-{stage}")][name]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("the deployment has no output {name}"))
    };
    Ok((output("SiteUrl")?, output("ApiUrl")?))
}

/// The app's own line for a mistake of whoever runs it.
fn mistake(output: &[String]) -> Option<&str> {
    output.iter().find_map(|line| line.strip_prefix("error: "))
}

fn signed_out(output: &[String]) -> bool {
    output.iter().any(|line| NO_CREDENTIALS.iter().any(|words| line.contains(words)))
}

/// Asks, where there is somebody to answer.
fn confirmed(question: &str, answer: &str) -> Result<bool> {
    ensure!(io::stdin().is_terminal(), "nobody is here to say yes: add --yes");
    ui::line(question);
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("cannot read the answer")?;
    Ok(line.trim() == answer)
}

/// Runs a tool with its output shown as it comes.
fn show(command: Command, failure: &str) -> Result<()> {
    let status = process::run(command, |line| {
        if let Some(line) = line {
            ui::line(line);
        }
    })?;
    if !status.success() {
        bail!("{failure}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{addresses, keeps_data, mistake, refuse_local, signed_out};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_addresses_are_outputs_of_the_stage() {
        let outputs = r#"{"events-dev":{"ApiUrl":"https://api","SiteUrl":"https://web"}}"#;
        let expected = ("https://web".to_owned(), "https://api".to_owned());
        assert_eq!(addresses(outputs, "dev").unwrap(), expected);
        let error = addresses(outputs, "prod").unwrap_err().to_string();
        assert_eq!(error, "the deployment has no output SiteUrl");
    }

    #[test]
    fn a_stack_that_is_protected_keeps_its_data() {
        let manifest = |protected| {
            format!(
                r#"{{"artifacts":{{"a":{{}},"b":{{"properties":{{"terminationProtection":{protected}}}}}}}}}"#
            )
        };
        assert!(keeps_data(&manifest("true")).unwrap());
        assert!(!keeps_data(&manifest("false")).unwrap());
    }

    #[test]
    fn a_mistake_of_the_user_is_its_one_line() {
        let output =
            lines("error: -c stage=x: must be local, dev or prod\nSubprocess exited with error 1");
        assert_eq!(mistake(&output), Some("-c stage=x: must be local, dev or prod"));
        assert_eq!(mistake(&lines("TypeError: x")), None);
    }

    #[test]
    fn nobody_is_told_to_sign_in_for_another_reason() {
        assert!(signed_out(&lines(
            "Stack events-dev\nUnable to resolve AWS account to use. It must"
        )));
        assert!(!signed_out(&lines("events-dev: SSM parameter /cdk-bootstrap/x not found")));
    }

    #[test]
    fn this_machine_is_not_deployed() {
        assert!(refuse_local("local").is_err());
        refuse_local("dev").unwrap();
    }
}
