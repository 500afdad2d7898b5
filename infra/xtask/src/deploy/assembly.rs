//! The CDK's CLI on one stage, and the assembly that it writes.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde_json::Value;

use super::account::Account;
use crate::{build, step, ui};

pub struct Cdk {
    /// As in `name=value`.
    pub context: Vec<String>,
    pub assembly: PathBuf,
}

impl Cdk {
    /// Synthesizes with placeholders for what is not built, which CloudFormation refuses to deploy,
    /// and without an account. The checks are for what is deployed, and take longer than the rest.
    pub fn draft(&self) -> Result<Stack> {
        let mut cdk = self.synth();
        cdk.arg("--no-validation");
        build::without_account(&mut cdk);
        self.synthesize("checking the settings", cdk)
    }

    /// Synthesizes what is deployed; `first` without protection of the stack and its data, for a
    /// stack whose first deployment fails must be deleted before the next one.
    pub fn finish(&self, account: &Account, first: bool) -> Result<Stack> {
        let mut cdk = self.synth();
        cdk.args(first.then_some(["--context", "firstDeploy=true"]).iter().flatten());
        account.choose(&mut cdk);
        self.synthesize("synthesizing the stack", cdk)
    }

    fn synth(&self) -> Command {
        let mut cdk = build::cdk();
        cdk.args(["synth", "--quiet"]);
        for setting in &self.context {
            cdk.args(["--context", setting]);
        }
        cdk.arg("--output").arg(&self.assembly);
        cdk
    }

    fn synthesize(&self, what: &str, cdk: Command) -> Result<Stack> {
        let (output, failure) = step::attempt(what, None, cdk)?;
        if let Some(failure) = failure {
            if let Some(error) = usage_error(&output) {
                bail!("{error}");
            }
            ui::lines(&output);
            bail!("the stack cannot be synthesized: {failure}, see above");
        }
        let read = |name: &str| -> Result<Value> {
            let text = fs::read_to_string(self.assembly.join(name))?;
            serde_json::from_str(&text).with_context(|| format!("cannot read {name}"))
        };
        let manifest = read("manifest.json")?;
        let artifact = artifact(&manifest)?.1;
        let template = artifact["properties"]["templateFile"].as_str().unwrap_or_default();
        stack(&manifest, &read(template)?)
    }

    /// A command of the CLI on the assembly, in the account.
    pub fn command(&self, arguments: &[&str], account: &Account) -> Command {
        let mut cdk = build::cdk();
        cdk.args(arguments).arg("--app").arg(&self.assembly);
        account.choose(&mut cdk);
        cdk
    }

    /// What a deployment would change, and of that what IAM allows.
    pub fn diff(&self, account: &Account) -> Result<Vec<String>> {
        let diff = self.command(&["diff"], account);
        let (output, failure) = step::attempt("comparing with what is deployed", None, diff)?;
        let Some(failure) = failure else { return Ok(output) };
        ui::lines(&output);
        bail!("cannot compare with what is deployed: {failure}, see above");
    }
}

/// Whether a diff has nothing to show.
pub fn is_empty(diff: &[String]) -> bool {
    diff.iter().any(|line| ui::plain(line).trim().ends_with("Number of stacks with differences: 0"))
}

/// The CloudFormation stack of an assembly.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stack {
    pub name: String,
    /// The account and the region that it is for, where it names them.
    pub account: Option<String>,
    pub region: Option<String>,
    /// It shall be protected from deletion.
    pub protect: bool,
    /// Its data shall outlive it.
    pub keeps_data: bool,
    /// The SSM parameter with the version of the bootstrap stack.
    pub bootstrap: String,
    pub bootstrap_version: u32,
    pub lookup_role: String,
    /// Concurrent executions that its functions reserve.
    pub reserved: u64,
    /// ARNs of what must be in its region.
    pub regional: Vec<String>,
}

/// Reads an assembly's `manifest.json` and its template.
fn stack(manifest: &Value, template: &Value) -> Result<Stack> {
    let (id, artifact) = artifact(manifest)?;
    let properties = &artifact["properties"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // As in `aws://123456789012/eu-central-1`.
    let environment = text(&artifact["environment"]);
    let mut environment = environment
        .trim_start_matches("aws://")
        .split('/')
        .map(|part| (!part.is_empty() && !part.starts_with("unknown-")).then(|| part.to_owned()));
    let resources = || template["Resources"].as_object().into_iter().flat_map(|all| all.values());
    let mut regional = Vec::new();
    for resource in resources().filter(|it| it["Type"] != "AWS::CloudFront::Distribution") {
        arns(&resource["Properties"], &mut regional);
    }
    regional.sort();
    regional.dedup();
    Ok(Stack {
        name: properties["stackName"].as_str().unwrap_or(id).to_owned(),
        account: environment.next().flatten(),
        region: environment.next().flatten(),
        protect: properties["terminationProtection"] == true
            || template["Metadata"]["ProtectAfterDeploy"] == true,
        keeps_data: template["Metadata"]["DataAfterDestroy"] == "kept",
        bootstrap: text(&properties["bootstrapStackVersionSsmParameter"]),
        bootstrap_version: properties["requiresBootstrapStackVersion"]
            .as_u64()
            .and_then(|version| version.try_into().ok())
            .unwrap_or_default(),
        lookup_role: text(&properties["lookupRole"]["arn"]),
        reserved: resources()
            .filter_map(|it| it["Properties"]["ReservedConcurrentExecutions"].as_u64())
            .sum(),
        regional,
    })
}

fn artifact(manifest: &Value) -> Result<(&str, &Value)> {
    let mut artifacts = manifest["artifacts"].as_object().into_iter().flatten();
    let stack = artifacts.find(|(_, artifact)| artifact["type"] == "aws:cloudformation:stack");
    stack.map(|(id, stack)| (id.as_str(), stack)).context("the assembly has no stack")
}

/// Certificates and topics, which AWS looks for in the region of what uses them.
fn arns(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let service = text.split(':').nth(2);
            if text.starts_with("arn:") && matches!(service, Some("acm" | "sns")) {
                found.push(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| arns(value, found)),
        Value::Object(values) => values.values().for_each(|value| arns(value, found)),
        _ => {}
    }
}

/// The CDK app's own line for a usage error.
fn usage_error(output: &[String]) -> Option<&str> {
    output.iter().find_map(|line| line.strip_prefix("error: "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Stack, is_empty, stack, usage_error};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_assembly_says_what_the_account_must_have() {
        let topic = "arn:aws:sns:eu-west-1:111111111111:alarms";
        let properties = json!({
            "terminationProtection": false,
            "requiresBootstrapStackVersion": 6,
            "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/x/version",
            "lookupRole": { "arn": "arn:lookup" },
        });
        let manifest = |environment: &str| {
            json!({ "artifacts": {
                "x.assets": { "type": "cdk:asset-manifest" },
                "any-name": {
                    "type": "aws:cloudformation:stack",
                    "environment": environment,
                    "properties": properties,
                },
            } })
        };
        let template = json!({
            "Metadata": { "ProtectAfterDeploy": true, "DataAfterDestroy": "kept" },
            "Resources": {
                "A": { "Type": "AWS::Lambda::Function",
                    "Properties": { "ReservedConcurrentExecutions": 7 } },
                "B": { "Type": "AWS::Lambda::Function",
                    "Properties": { "ReservedConcurrentExecutions": 3 } },
                "C": { "Type": "AWS::CloudWatch::Alarm",
                    "Properties": { "AlarmActions": [topic, { "Ref": "T" }] } },
                "D": { "Type": "AWS::CloudFront::Distribution",
                    "Properties": { "Arn": "arn:aws:acm:us-east-1:111111111111:certificate/x" } },
            },
        });
        let expected = Stack {
            name: "any-name".to_owned(),
            protect: true,
            keeps_data: true,
            bootstrap: "/cdk-bootstrap/x/version".to_owned(),
            bootstrap_version: 6,
            lookup_role: "arn:lookup".to_owned(),
            reserved: 10,
            regional: vec![topic.to_owned()],
            ..Stack::default()
        };
        let any = manifest("aws://unknown-account/unknown-region");
        assert_eq!(stack(&any, &template).unwrap(), expected);
        let one = stack(&manifest("aws://111111111111/eu-west-1"), &json!({})).unwrap();
        assert_eq!(one.account.as_deref(), Some("111111111111"));
        assert_eq!(one.region.as_deref(), Some("eu-west-1"));
        assert!(!one.protect && !one.keeps_data);
    }

    #[test]
    fn an_error_of_the_user_is_its_one_line() {
        let output =
            lines("error: -c stage=x: must be local, dev or prod\nSubprocess exited with error 1");
        assert_eq!(usage_error(&output), Some("-c stage=x: must be local, dev or prod"));
        assert_eq!(usage_error(&lines("TypeError: x")), None);
    }

    #[test]
    fn a_diff_without_differences_is_empty() {
        assert!(is_empty(&lines("Stack x\n\u{2728}  Number of stacks with differences: 0")));
        assert!(!is_empty(&lines("Stack x\n\u{2728}  Number of stacks with differences: 10")));
    }
}
