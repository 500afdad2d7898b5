//! `cargo xtask deploy`, `destroy` and `smoke`: the stack on AWS.

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use fs_err as fs;
use serde_json::Value;

use crate::setup::{self, PageTools};
use crate::{build, paths, process, step, ui};

/// What the CLI says when it finds no credentials, or none that AWS takes.
const NO_CREDENTIALS: [&str; 6] = [
    "Unable to resolve AWS account",
    "no credentials have been configured",
    "Could not load credentials",
    "security token included in the request is",
    "ExpiredToken",
    "SSO session",
];

/// Put in the place of what is not built: CloudFormation refuses to deploy it. The checks are for
/// what is deployed, and take longer than all the rest.
const PLACEHOLDERS: [&str; 3] = ["--no-validation", "--context", "placeholders=true"];

#[derive(clap::Args)]
pub struct Destroy {
    /// A stage of infra/lib/stages.ts: dev or prod
    #[arg(long, value_name = "NAME")]
    stage: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
pub struct Deploy {
    #[command(flatten)]
    target: Destroy,
    /// Anyone with the URL can create and delete events; there is no sign-in
    #[arg(long)]
    public_writes: bool,
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
    let Destroy { stage, yes } = &options.target;
    refuse_local(stage)?;
    prepare()?;
    let dir = paths::temp_dir("deploy")?;
    let cdk =
        Cdk { stage, public_writes: options.public_writes, assembly: dir.path().join("assembly") };

    // An error in the stage, and missing credentials, are known before the long build.
    cdk.synthesize(&PLACEHOLDERS)?;
    cdk.compare("looking at the AWS account")?;
    build::deployed(paths::root(), &PageTools::for_release()?)?;
    cdk.synthesize(&[])?;
    ui::lines(&cdk.compare("comparing with what is deployed")?);
    let question = format!("Deploy {}? Type yes: ", cdk.stack()?.name);
    ensure!(*yes || confirmed(&question, "yes")?, "not deployed");

    let outputs = dir.path().join("outputs.json");
    let mut deploy =
        cdk.command(&["deploy", "--require-approval", "never", "--progress", "events"]);
    deploy.arg("--outputs-file").arg(&outputs);
    process::show(deploy, |_| {})
        .context("the stack is not deployed, and CloudFormation has put back what it was")?;
    let (web, api) = addresses(&fs::read_to_string(&outputs)?)?;
    ui::line(&format!("\n  page  {web}\n  API   {api}\n"));
    try_out(&web, &api)
}

pub fn destroy(options: &Destroy) -> Result<()> {
    let Destroy { stage, yes } = options;
    refuse_local(stage)?;
    prepare()?;
    let dir = paths::temp_dir("destroy")?;
    // A stage without `publicWrites` is not synthesized; to destroy it, the setting is irrelevant.
    let cdk = Cdk { stage, public_writes: true, assembly: dir.path().join("assembly") };
    cdk.synthesize(&PLACEHOLDERS)?;
    let stack = cdk.stack()?;
    ensure!(
        !stack.keeps_data,
        "the stage {stage} keeps its data, so it is not destroyed by a command: see \"Deploy\" in \
         infra/README.md"
    );
    cdk.compare("looking at the AWS account")?;
    let question = format!("Destroy {} with all of its events? Type {stage}: ", stack.name);
    ensure!(*yes || confirmed(&question, stage)?, "not destroyed");
    let destroy = cdk.command(&["destroy", "--force"]);
    process::show(destroy, |_| {}).context("the stack is not destroyed")?;
    ui::line(&format!("{} is gone", stack.name));
    Ok(())
}

pub fn smoke(options: &Smoke) -> Result<()> {
    prepare()?;
    try_out(&options.web, &options.api)
}

/// Runs `infra/smoke`, which says what it tries and what comes of it.
pub fn try_out(web: &str, api: &str) -> Result<()> {
    let mut smoke = process::command("node");
    smoke.current_dir(paths::infra()).args(["--import", "tsx", "smoke/main.ts"]);
    smoke.args(["--web", web, "--api", api]);
    process::show(smoke, |_| {}).context("smoke test failed, see above")?;
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

/// The CDK's CLI on one stage.
struct Cdk<'a> {
    stage: &'a str,
    public_writes: bool,
    assembly: PathBuf,
}

impl Cdk<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut cdk = build::cdk();
        cdk.args(arguments).arg("--app").arg(&self.assembly);
        cdk
    }

    fn synthesize(&self, options: &[&str]) -> Result<()> {
        let mut cdk = build::cdk();
        cdk.args(["synth", "--quiet", "--context", &format!("stage={}", self.stage), "--output"])
            .arg(&self.assembly)
            .args(options);
        if self.public_writes {
            cdk.args(["--context", "publicWrites=true"]);
        }
        let (output, failure) = step::attempt("synthesizing the stack", None, cdk)?;
        let Some(failure) = failure else { return Ok(()) };
        if let Some(error) = usage_error(&output) {
            bail!("{error}");
        }
        ui::lines(&output);
        bail!("the stack cannot be synthesized: {failure}")
    }

    /// What a deployment would change.
    fn compare(&self, what: &str) -> Result<Vec<String>> {
        let (output, failure) = step::attempt(what, None, self.command(&["diff"]))?;
        let Some(failure) = failure else { return Ok(output) };
        if signed_out(&output) {
            bail!(
                "no AWS credentials: sign in (`aws sso login`, or AWS_PROFILE, or \
                 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), then run the command again"
            );
        }
        ui::lines(&output);
        bail!("cannot compare with what is deployed: {failure}")
    }

    fn stack(&self) -> Result<Stack> {
        stack(&fs::read_to_string(self.assembly.join("manifest.json"))?)
    }
}

/// The CloudFormation stack of an assembly.
#[derive(Debug, PartialEq, Eq)]
struct Stack {
    name: String,
    /// It is protected from being deleted.
    keeps_data: bool,
}

/// Reads an assembly's `manifest.json`.
fn stack(manifest: &str) -> Result<Stack> {
    let manifest: Value = serde_json::from_str(manifest).context("cannot read manifest.json")?;
    let mut artifacts = manifest["artifacts"].as_object().into_iter().flatten();
    let (id, stack) = artifacts
        .find(|(_, artifact)| artifact["type"] == "aws:cloudformation:stack")
        .context("the assembly has no stack")?;
    let properties = &stack["properties"];
    Ok(Stack {
        name: properties["stackName"].as_str().unwrap_or(id).to_owned(),
        keeps_data: properties["terminationProtection"] == true,
    })
}

/// The page's and the API's, from the outputs of the stack that was deployed.
fn addresses(outputs: &str) -> Result<(String, String)> {
    let outputs: Value = serde_json::from_str(outputs).context("cannot read the outputs")?;
    let stack = outputs.as_object().and_then(|stacks| stacks.values().next());
    let output = |name: &str| {
        let value = stack.and_then(|outputs| outputs[name].as_str());
        value.map(str::to_owned).with_context(|| format!("the deployment has no output {name}"))
    };
    Ok((output("SiteUrl")?, output("ApiUrl")?))
}

/// The CDK app's own line for a usage error.
fn usage_error(output: &[String]) -> Option<&str> {
    output.iter().find_map(|line| line.strip_prefix("error: "))
}

fn signed_out(output: &[String]) -> bool {
    output.iter().any(|line| NO_CREDENTIALS.iter().any(|words| line.contains(words)))
}

/// Asks on a terminal.
fn confirmed(question: &str, answer: &str) -> Result<bool> {
    ensure!(io::stdin().is_terminal(), "there is no terminal to ask on: add --yes");
    ui::line(question);
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("cannot read the answer")?;
    Ok(line.trim() == answer)
}

#[cfg(test)]
mod tests {
    use super::{Stack, addresses, refuse_local, signed_out, stack, usage_error};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_addresses_are_outputs_of_the_stack() {
        let outputs = r#"{"any-name":{"ApiUrl":"https://api","SiteUrl":"https://web"}}"#;
        let expected = ("https://web".to_owned(), "https://api".to_owned());
        assert_eq!(addresses(outputs).unwrap(), expected);
        let error = addresses("{}").unwrap_err().to_string();
        assert_eq!(error, "the deployment has no output SiteUrl");
    }

    #[test]
    fn a_stack_that_is_protected_keeps_its_data() {
        let manifest = |properties| {
            format!(
                r#"{{"artifacts":{{"x.assets":{{"type":"cdk:asset-manifest"}},
                "any-name":{{"type":"aws:cloudformation:stack","properties":{properties}}}}}}}"#
            )
        };
        let name = "any-name".to_owned();
        let protected = stack(&manifest(r#"{"terminationProtection":true}"#)).unwrap();
        assert_eq!(protected, Stack { name, keeps_data: true });
        let named = stack(&manifest(r#"{"stackName":"other"}"#)).unwrap();
        assert_eq!(named, Stack { name: "other".to_owned(), keeps_data: false });
    }

    #[test]
    fn an_error_of_the_user_is_its_one_line() {
        let output =
            lines("error: -c stage=x: must be local, dev or prod\nSubprocess exited with error 1");
        assert_eq!(usage_error(&output), Some("-c stage=x: must be local, dev or prod"));
        assert_eq!(usage_error(&lines("TypeError: x")), None);
    }

    #[test]
    fn only_missing_credentials_lead_to_advice_to_sign_in() {
        assert!(signed_out(&lines("Stack x\nUnable to resolve AWS account to use. It must")));
        assert!(!signed_out(&lines("x: SSM parameter /cdk-bootstrap/x not found")));
    }

    #[test]
    fn this_machine_is_not_deployed() {
        assert!(refuse_local("local").is_err());
        refuse_local("dev").unwrap();
    }
}
