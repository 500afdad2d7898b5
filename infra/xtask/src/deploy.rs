//! `cargo xtask deploy`, `bootstrap`, `destroy` and `smoke`: the stack on AWS.

mod account;
mod assembly;

use std::io::{self, IsTerminal};
use std::sync::mpsc::RecvTimeoutError;

use anyhow::{Context, Error, Result, ensure};
use fs_err as fs;
use serde_json::Value;

use crate::interrupt::{self, Interrupted};
use crate::setup::{self, PageTools};
use crate::{build, paths, process, ui};
use account::{Account, Standing};
use assembly::{Cdk, Stack};

/// Prepare a region of an AWS account for `deploy`, once.
///
/// Makes the CDK's own stack there: a bucket and a registry for what is deployed, and roles that
/// deploy it. Needs no build.
#[derive(clap::Args)]
pub struct Bootstrap {
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
struct Place {
    /// The region, like eu-central-1; otherwise that of `AWS_REGION`, `AWS_DEFAULT_REGION` or the
    /// profile
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Take a stage off AWS, with its data; not one that is protected from deletion.
#[derive(clap::Args)]
pub struct Destroy {
    /// A stage of infra/lib/stages.ts, like dev
    #[arg(long, value_name = "NAME")]
    stage: String,
    #[command(flatten)]
    place: Place,
}

/// Put a stage on AWS: build, show what changes, deploy, and try it out.
///
/// Needs credentials for an AWS account, whose region `cargo xtask bootstrap` has prepared once.
/// Shows account, region, changes and costs, and asks. What AWS would refuse is refused before the
/// build.
#[derive(clap::Args)]
pub struct Deploy {
    #[command(flatten)]
    target: Destroy,
    /// Deploy what `cargo xtask build` has built from these sources
    #[arg(long)]
    built: bool,
    /// End after the changes and the costs
    #[arg(long)]
    plan: bool,
    /// Remove a stack whose creation failed, without a question
    #[arg(long)]
    remove_failed: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(clap::Args)]
struct Settings {
    /// Who may do what: members-write, members, or public, where anyone with the URL can create and
    /// delete events; otherwise as the stage says
    #[arg(long, value_name = "ACCESS")]
    access: Option<String>,
    /// Who gets the alarms
    #[arg(long, value_name = "ADDRESS")]
    alarm_email: Option<String>,
    /// The costs a month above which AWS writes to that address
    #[arg(long, value_name = "DOLLARS")]
    budget_usd: Option<u32>,
}

impl Settings {
    /// The context of the CDK app, as in `name=value`.
    fn context(&self, stage: &str) -> Vec<String> {
        let mut context = vec![format!("stage={stage}")];
        context.extend(self.access.iter().map(|access| format!("access={access}")));
        context.extend(self.alarm_email.iter().map(|email| format!("alarmEmail={email}")));
        context.extend(self.budget_usd.iter().map(|budget| format!("budgetUsd={budget}")));
        context
    }
}

/// Try out a running app: create, read, list, delete, preflight, page and headers.
///
/// Where only members create and delete, that needs the access token of one in `SMOKE_TOKEN`.
#[derive(clap::Args)]
pub struct Smoke {
    /// Where the page is, like <https://d111111abcdef8.cloudfront.net>
    #[arg(long, value_name = "URL")]
    web: String,
    /// Where the API is
    #[arg(long, value_name = "URL")]
    api: String,
}

/// A phase of a command: what it is at, and what is true and to be done when Ctrl-C ends it.
type Phase = (&'static str, &'static str);

const LOOK: Phase = ("looking at the AWS account", "nothing on AWS has changed");
const BUILD: Phase =
    ("building", "nothing on AWS has changed; the next build goes on from what there is");
const COMPARE: Phase =
    ("comparing", "nothing on AWS has changed; with --built the next run takes this build");
const ASK: Phase = ("asking", COMPARE.1);
const BOOTSTRAP: Phase =
    ("bootstrapping", "CloudFormation goes on with CDKToolkit, {watch}; then run it again");
const REMOVE: Phase = (
    "removing the stack that failed",
    "CloudFormation goes on with the removal, {watch}; then run it again",
);
const DEPLOY: Phase = (
    "deploying",
    "CloudFormation goes on with what it has begun, {watch}: there an update can be cancelled, \
     and a stack that is being created deleted; then run it again with --built",
);
const PROTECT: Phase = (
    "protecting the stack",
    "the stack is deployed, but can be deleted with its data; run it again with --built",
);
const SMOKE: Phase = (
    "trying it out",
    "the stack is deployed; `cargo xtask smoke` with the addresses above repeats the test",
);
const DESTROY: Phase =
    ("destroying", "CloudFormation goes on with the removal, {watch}; it cannot be cancelled");

struct Progress {
    phase: Phase,
    watch: String,
}

/// Runs `command`; the error of an interruption says where AWS was left.
fn in_phases(command: impl FnOnce(&mut Progress) -> Result<()>) -> Result<()> {
    let mut progress = Progress { phase: LOOK, watch: String::new() };
    command(&mut progress).map_err(|error| {
        let (what, left) = progress.phase;
        if !error.is::<Interrupted>() {
            return error;
        }
        let left = left.replace("{watch}", &progress.watch);
        error.context(format!("interrupted while {what}: {left}"))
    })
}

pub fn bootstrap(options: &Bootstrap) -> Result<()> {
    let Place { region, yes } = &options.place;
    in_phases(|progress| {
        prepare()?;
        let account = Account::look(region.as_deref(), None)?;
        account.show();
        ui::line(
            "  makes    the stack CDKToolkit: a bucket, a registry, and roles; that of \
             CloudFormation may do everything in the account",
        );
        progress.phase = ASK;
        let question = format!("Bootstrap {}? Type yes: ", account.place());
        ensure!(*yes || confirmed(&question, "yes", "--yes")?, "not bootstrapped");

        *progress = Progress { phase: BOOTSTRAP, watch: account.watch() };
        let mut cdk = build::cdk();
        cdk.args(["bootstrap", &format!("aws://{}/{}", account.id, account.region)]);
        // Without the app, which has artefacts only after a build.
        cdk.args(["--app", ""]);
        account.choose(&mut cdk);
        process::show(cdk, |_| {}).context("not bootstrapped, see above")?;
        let next = "deploy with `cargo xtask deploy --stage dev --region";
        ui::line(&format!("{} is ready: {next} {}`", account.place(), account.region));
        Ok(())
    })
}

pub fn deploy(options: &Deploy) -> Result<()> {
    in_phases(|progress| deploy_in(options, progress))
}

fn deploy_in(options: &Deploy, progress: &mut Progress) -> Result<()> {
    let Destroy { stage, place: Place { region, yes } } = &options.target;
    refuse_local(stage)?;
    prepare()?;
    let dir = paths::temp_dir("deploy")?;
    let context = options.settings.context(stage);
    let cdk = Cdk { context, assembly: dir.path().join("assembly") };
    // What is wrong with the settings, the build or the account is known before a long build.
    let draft = cdk.draft()?;
    if options.built {
        ui::line(&format!("  build    {}", build::built(paths::root())?));
    }
    let account = Account::look(region.as_deref(), Some(&draft))?;
    progress.watch = account.watch();
    account.show();
    account.check(&draft)?;
    if account.standing() == Standing::Failed {
        progress.phase = REMOVE;
        remove_failed(options, &cdk, &account, &draft.name)?;
    }
    if !options.built {
        progress.phase = BUILD;
        build::deployed(paths::root(), &PageTools::for_release()?)?;
    }

    progress.phase = COMPARE;
    let first = account.standing() != Standing::Works;
    let stack = cdk.finish(&account, first)?;
    let diff = cdk.diff(&account)?;
    ui::lines(&diff);
    account.show();
    account.show_costs();
    let loses_protection = !stack.protect && account.stack.as_ref().is_some_and(|it| it.protected);
    if loses_protection {
        ui::line(&format!("  data     {} will not be protected from deletion", stack.name));
    }
    if options.plan {
        return Ok(());
    }
    progress.phase = ASK;
    if assembly::is_empty(&diff) && !loses_protection {
        ui::line("nothing changes");
    } else {
        let question = format!("Deploy {} to {}? Type yes: ", stack.name, account.place());
        ensure!(*yes || confirmed(&question, "yes", "--yes")?, "not deployed");
    }

    progress.phase = DEPLOY;
    let outputs = dir.path().join("outputs.json");
    let deploy = || {
        let arguments = ["deploy", "--require-approval", "never", "--progress", "events"];
        let mut deploy = cdk.command(&arguments, &account);
        deploy.arg("--outputs-file").arg(&outputs);
        process::show(deploy, |_| {})
    };
    deploy().map_err(|error| not_deployed(error, &account, &stack))?;
    let Outputs { web, api, user_pool } = Outputs::read(&fs::read_to_string(&outputs)?)?;
    ui::line(&format!("\n  page  {web}\n  API   {api}\n"));
    if let Some(pool) = user_pool {
        show_first_member(&pool, &account.region);
    }
    if first && (stack.protect || stack.keeps_data) {
        progress.phase = PROTECT;
        cdk.finish(&account, false)?;
        deploy().context(PROTECT.1)?;
    }
    progress.phase = SMOKE;
    try_out(&web, &api).with_context(|| format!("{} is deployed, but it does not work", stack.name))
}

fn remove_failed(options: &Deploy, cdk: &Cdk, account: &Account, name: &str) -> Result<()> {
    ui::line(&format!("{name} is in {}: its creation failed", account.status()));
    for failure in account.failures() {
        ui::line(&format!("  {failure}"));
    }
    let question = format!("Remove what is left of {name}? Type yes: ");
    // A plan changes nothing.
    let told =
        !options.plan && (options.remove_failed || confirmed(&question, "yes", "--remove-failed")?);
    ensure!(told, "{name} must be removed first: run the command with --remove-failed");
    let remove = cdk.command(&["destroy", "--force"], account);
    process::show(remove, |_| {}).with_context(|| format!("{name} is not removed, see above"))
}

/// Says where a deployment that failed has left the stack.
fn not_deployed(error: Error, account: &Account, stack: &Stack) -> Error {
    if error.is::<Interrupted>() {
        return error;
    }
    let left = match Account::look(Some(&account.region), Some(stack)) {
        Ok(now) => match now.standing() {
            Standing::New => "there is no stack yet".to_owned(),
            Standing::Works => "CloudFormation has kept or put back what it was".to_owned(),
            Standing::Failed => {
                "its creation failed: mend the cause, then add --remove-failed".to_owned()
            }
            Standing::Busy | Standing::Stuck => {
                format!("it is in {}, {}", now.status(), now.watch())
            }
        },
        Err(error) => format!("and its state is unknown ({error:#}), {}", account.watch()),
    };
    let name = &stack.name;
    error.context(format!("{name} is not deployed, see above; {left}; --built spares the build"))
}

pub fn destroy(options: &Destroy) -> Result<()> {
    in_phases(|progress| destroy_in(options, progress))
}

fn destroy_in(options: &Destroy, progress: &mut Progress) -> Result<()> {
    let Destroy { stage, place: Place { region, yes } } = options;
    refuse_local(stage)?;
    prepare()?;
    let dir = paths::temp_dir("destroy")?;
    // What a stage must accept or name to be synthesized does not matter here.
    let settings = Settings {
        access: Some("members-write".to_owned()),
        alarm_email: Some("nobody@example.com".to_owned()),
        budget_usd: Some(1),
    };
    let context = settings.context(stage);
    let cdk = Cdk { context, assembly: dir.path().join("assembly") };
    let stack = cdk.draft()?;
    let account = Account::look(region.as_deref(), Some(&stack))?;
    account.show();
    let name = &stack.name;
    let Some(deployed) = &account.stack else {
        ui::line(&format!("there is no {name} in {}", account.place()));
        return Ok(());
    };
    let keeps = stack.protect && account.standing() != Standing::Failed;
    ensure!(
        !deployed.protected && !keeps,
        "{name} is protected from deletion: see \"Deploy\" in infra/README.md for how to take it \
         down"
    );
    progress.phase = ASK;
    let (goes, stays) = (deployed.goes(), deployed.stays());
    let question = format!("Destroy {name} in {}{goes}{stays}? Type {stage}: ", account.place());
    ensure!(*yes || confirmed(&question, stage, "--yes")?, "not destroyed");
    *progress = Progress { phase: DESTROY, watch: account.watch() };
    let destroy = cdk.command(&["destroy", "--force"], &account);
    process::show(destroy, |_| {})
        .with_context(|| format!("{name} is not destroyed, see above"))?;
    ui::line(&format!("{name} is gone{stays}"));
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

/// The outputs of the stack that was deployed.
#[derive(Debug, PartialEq, Eq)]
struct Outputs {
    web: String,
    api: String,
    /// The id of the user pool that the stack has made.
    user_pool: Option<String>,
}

impl Outputs {
    fn read(text: &str) -> Result<Self> {
        let outputs: Value = serde_json::from_str(text).context("cannot read the outputs")?;
        let stack = outputs.as_object().and_then(|stacks| stacks.values().next());
        let output = |name: &str| stack.and_then(|outputs| outputs[name].as_str());
        let required = |name: &str| {
            let value = output(name).map(str::to_owned);
            value.with_context(|| format!("the deployment has no output {name}"))
        };
        Ok(Self {
            web: required("SiteUrl")?,
            api: required("ApiUrl")?,
            user_pool: output("UserPoolId").map(str::to_owned),
        })
    }
}

fn show_first_member(user_pool: &str, region: &str) {
    ui::line(&format!(
        "  A member is made by this command; Cognito mails a first password to ADDRESS:\n  aws \
         cognito-idp admin-create-user --region {region} --user-pool-id {user_pool} --username \
         ADDRESS --user-attributes Name=email,Value=ADDRESS Name=email_verified,Value=true\n"
    ));
}

/// Asks on a terminal.
fn confirmed(question: &str, answer: &str, option: &str) -> Result<bool> {
    ensure!(io::stdin().is_terminal(), "there is no terminal to ask on: add {option}");
    ui::line(question);
    // On a thread of its own: Ctrl-C does not end a read.
    let lines = process::lines(io::stdin());
    loop {
        interrupt::check()?;
        match lines.recv_timeout(process::POLL) {
            Ok(line) => return Ok(line.trim() == answer),
            Err(RecvTimeoutError::Disconnected) => return Ok(false),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outputs, refuse_local};

    #[test]
    fn the_addresses_are_outputs_of_the_stack() {
        let outputs = r#"{"any-name":{"ApiUrl":"https://api","SiteUrl":"https://web"}}"#;
        let expected = Outputs {
            web: "https://web".to_owned(),
            api: "https://api".to_owned(),
            user_pool: None,
        };
        assert_eq!(Outputs::read(outputs).unwrap(), expected);
        let error = Outputs::read("{}").unwrap_err().to_string();
        assert_eq!(error, "the deployment has no output SiteUrl");
    }

    #[test]
    fn this_machine_is_not_deployed() {
        assert!(refuse_local("local").is_err());
        refuse_local("dev").unwrap();
    }
}
