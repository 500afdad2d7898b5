//! The AWS account: what `infra/deploy/account.ts` says of it, and what stands in the way there.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::assembly::Stack;
use crate::{paths, process, ui};

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Refusal { error: String },
    Account(Box<Account>),
}

#[derive(Deserialize)]
pub struct Account {
    pub id: String,
    /// The ARN of the user or role that the credentials are of.
    pub caller: String,
    pub region: String,
    /// As environment variables: the session that an MFA code has opened. The CLI would ask for
    /// another code at each call.
    session: Option<BTreeMap<String, String>>,
    /// The version of the bootstrap stack; absent where there is none.
    bootstrap: Option<u32>,
    pub stack: Option<Deployed>,
    concurrency: Option<Concurrency>,
    monthly: Option<Monthly>,
}

/// The stack as CloudFormation has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    pub status: String,
    pub protected: bool,
    /// Its table stays when it is destroyed.
    keeps_data: bool,
    /// It has a user pool, which stays where the table stays.
    user_pool: bool,
    /// Why its creation failed.
    failures: Vec<String>,
}

impl Deployed {
    /// What is lost when the stack is destroyed.
    pub fn goes(&self) -> &'static str {
        match (self.keeps_data, self.user_pool) {
            (true, _) => "",
            (false, true) => " with all of its events and members",
            (false, false) => " with all of its events",
        }
    }

    /// What outlives it.
    pub fn stays(&self) -> &'static str {
        match (self.keeps_data, self.user_pool) {
            (true, true) => "; its table and its user pool stay",
            (true, false) => "; its table stays",
            (false, _) => "",
        }
    }
}

/// Of Lambda, in the whole account.
#[derive(Deserialize)]
struct Concurrency {
    quota: u64,
    unreserved: u64,
}

/// US dollars, without a request and with a million of them.
#[derive(Deserialize)]
struct Monthly {
    idle: String,
    million: String,
}

/// What can be done with a stack.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not there, or was never created.
    New,
    Works,
    /// Its creation failed: it must be removed before another one.
    Failed,
    Busy,
    /// An update failed, and so did the return from it.
    Stuck,
}

/// What Lambda keeps for functions without a reservation
/// ("Configuring reserved concurrency for a function" of its guide).
const ALWAYS_UNRESERVED: u64 = 100;

impl Account {
    /// Asks AWS; `stack` is what is about to be deployed.
    pub fn look(region: Option<&str>, stack: Option<&Stack>) -> Result<Self> {
        let mut node = process::command("node");
        node.current_dir(paths::infra());
        // The SDK warns of versions of Node.js that it will stop to support.
        node.args(["--no-warnings", "--import", "tsx", "deploy/account.ts"]);
        if let Some(stack) = stack {
            node.args(["--stack", &stack.name, "--bootstrap", &stack.bootstrap]);
            node.args(["--role", &stack.lookup_role]);
        }
        node.envs(region.map(|region| ("AWS_REGION", region)));
        let (status, text) = process::ask(node)?;
        let answer: Answer = serde_json::from_str(&text)
            .with_context(|| format!("infra/deploy/account.ts ended with {status}"))?;
        match answer {
            Answer::Account(account) => Ok(*account),
            Answer::Refusal { error } => bail!("{error}"),
        }
    }

    /// Makes the CLI use this account and region.
    pub fn choose(&self, command: &mut Command) {
        command.env("AWS_REGION", &self.region);
        if let Some(session) = &self.session {
            command.envs(session).env_remove("AWS_PROFILE").env_remove("AWS_DEFAULT_PROFILE");
        }
    }

    pub fn show(&self) {
        let Self { id, caller, region, .. } = self;
        ui::line(&format!("  account  {id}, as {caller}\n  region   {region}"));
    }

    pub fn show_costs(&self) {
        let Some(Monthly { idle, million }) = &self.monthly else { return };
        ui::line(&format!(
            "  costs    about ${idle} a month, ${million} with a million requests: see \"Costs\" \
             in infra/README.md"
        ));
    }

    pub fn place(&self) -> String {
        format!("account {}, {}", self.id, self.region)
    }

    pub fn standing(&self) -> Standing {
        self.stack.as_ref().map_or(Standing::New, |stack| standing(&stack.status))
    }

    /// Refuses what AWS would refuse after the build, or would not do.
    pub fn check(&self, stack: &Stack) -> Result<()> {
        let Self { id, region, .. } = self;
        for (what, wanted, has) in
            [("account", &stack.account, id), ("region", &stack.region, region)]
        {
            ensure!(
                wanted.as_ref().is_none_or(|wanted| wanted == has),
                "the stage is for the {what} {}, and this is {has}: choose another profile or \
                 --region",
                wanted.as_deref().unwrap_or_default()
            );
        }
        for arn in &stack.regional {
            ensure!(
                arn.split(':').nth(3) == Some(region),
                "{arn} is not in {region}: deploy with --region of that ARN, or change it in \
                 infra/lib/stages.ts"
            );
        }
        let advice = format!("run `cargo xtask bootstrap --region {region}` once");
        let place = self.place();
        let Some(version) = self.bootstrap else { bail!("{place} is not bootstrapped: {advice}") };
        ensure!(
            version >= stack.bootstrap_version,
            "the bootstrap stack of {place} has version {version}, and {} is needed: {advice}",
            stack.bootstrap_version
        );
        if let Some(Concurrency { quota, unreserved }) = self.concurrency {
            // What a stack that is there has reserved counts for it already.
            let free = if self.standing() == Standing::Works { quota } else { unreserved };
            let room = free.saturating_sub(ALWAYS_UNRESERVED);
            ensure!(
                stack.reserved <= room,
                "the stage reserves {} concurrent executions, and the account has room for {room} \
                 (its quota is {quota}, of which {ALWAYS_UNRESERVED} stay unreserved): ask for \
                 more in Service Quotas (Lambda, \"Concurrent executions\"), or take \
                 reservedConcurrency out of infra/lib/stages.ts",
                stack.reserved
            );
        }
        let name = &stack.name;
        match self.standing() {
            Standing::Busy => bail!("{name} is being changed: wait for its end, {}", self.watch()),
            Standing::Stuck => bail!(
                "{name} is in {}: let it go back with \"Continue update rollback\", {}",
                self.status(),
                self.watch()
            ),
            _ => Ok(()),
        }
    }

    pub fn status(&self) -> &str {
        self.stack.as_ref().map_or("no stack", |stack| &stack.status)
    }

    /// Why the creation of the stack failed, a line each.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        self.stack.iter().flat_map(|stack| stack.failures.iter().map(String::as_str))
    }

    /// Where one sees the stack at work.
    pub fn watch(&self) -> String {
        let home = match self.region.split('-').next() {
            Some("cn") => "console.amazonaws.cn",
            _ => "console.aws.amazon.com",
        };
        format!("see https://{home}/cloudformation/home?region={}", self.region)
    }
}

/// "Stack status codes" of the CloudFormation guide.
fn standing(status: &str) -> Standing {
    match status {
        "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => Standing::New,
        "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" => {
            Standing::Failed
        }
        status if status.ends_with("_IN_PROGRESS") => Standing::Busy,
        status if status.ends_with("_FAILED") => Standing::Stuck,
        _ => Standing::Works,
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, standing};

    #[test]
    fn a_stack_stands_as_its_status_says() {
        for (status, expected) in [
            ("REVIEW_IN_PROGRESS", Standing::New),
            ("CREATE_COMPLETE", Standing::Works),
            ("UPDATE_ROLLBACK_COMPLETE", Standing::Works),
            ("IMPORT_COMPLETE", Standing::Works),
            ("ROLLBACK_COMPLETE", Standing::Failed),
            ("DELETE_FAILED", Standing::Failed),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Standing::Busy),
            ("DELETE_IN_PROGRESS", Standing::Busy),
            ("UPDATE_ROLLBACK_FAILED", Standing::Stuck),
        ] {
            assert_eq!(standing(status), expected, "{status}");
        }
    }
}
