//! Reads what the role of a function may do with tables.

use anyhow::{Context, Result, bail, ensure};

use crate::table::policy::{Effect, Patterns, Role, Statement};
use crate::template::{Resource, Template};

/// AWS's own policies that say nothing about tables, by their names.
const MANAGED_WITHOUT_TABLES: [&str; 4] = [
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
];

/// The role of a function; one that may do nothing if the template names none.
pub(super) fn of_function(template: Template<'_>, function: Resource<'_>) -> Result<Role> {
    if function.property("Role")?.is_null() {
        return Ok(Role::default());
    }
    let arn = function.string("Role")?;
    let role = template
        .of_kind("AWS::IAM::Role")
        .find(|role| arn.rsplit_once("role/").is_some_and(|(_, name)| name == role.physical_id()))
        .with_context(|| format!("{}: the template has no role {arn}", function.place("Role")))?;
    ensure!(
        role.property("PermissionsBoundary")?.is_null(),
        "{} is not supported by the local run",
        role.place("PermissionsBoundary")
    );
    let name = role.physical_id();
    let mut statements = Vec::new();
    for policy in role.items("Policies") {
        read(role, &format!("{policy}.PolicyDocument"), &mut statements)?;
    }
    for kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"] {
        for policy in template.of_kind(kind) {
            let is_attached = match kind {
                "AWS::IAM::RolePolicy" => policy.string("RoleName")? == name,
                _ => policy.strings("Roles")?.contains(&name),
            };
            if is_attached {
                read(policy, "PolicyDocument", &mut statements)?;
            }
        }
    }
    for (at, arn) in role.strings("ManagedPolicyArns")?.iter().enumerate() {
        ensure!(
            arn.split_once(":policy/")
                .is_some_and(|(_, name)| MANAGED_WITHOUT_TABLES.contains(&name)),
            "{}: the local run does not know what {arn} allows",
            role.place(&format!("ManagedPolicyArns.{at}"))
        );
    }
    Ok(Role { name, statements })
}

/// Reads the statements of a policy that may be about tables.
fn read(policy: Resource<'_>, document: &str, statements: &mut Vec<Statement>) -> Result<()> {
    for at in policy.items(&format!("{document}.Statement")) {
        let place = |member: &str| policy.place(&format!("{at}.{member}"));
        for member in policy.members(&at) {
            match member {
                "Action" | "Condition" | "Effect" | "NotAction" | "NotResource" | "Resource"
                | "Sid" => {}
                _ => bail!("{} is not supported by the local run", place(member)),
            }
        }
        let actions = patterns(policy, &at, ["Action", "NotAction"])?;
        // Others may use what is unknown here, such as the ARN of a log group.
        if !actions.may_cover_dynamodb() {
            continue;
        }
        ensure!(
            policy.members(&format!("{at}.Condition")).next().is_none(),
            "{} is not supported by the local run",
            place("Condition")
        );
        let effect = match policy.string(&format!("{at}.Effect"))?.as_str() {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            other => bail!("{}: {other} is neither Allow nor Deny", place("Effect")),
        };
        let resources = patterns(policy, &at, ["Resource", "NotResource"])?;
        if let Some(pattern) = resources.patterns.iter().find(|pattern| pattern.contains("${")) {
            bail!(
                "{}: {pattern} has a variable, which the local run does not support",
                place("Resource")
            );
        }
        statements.push(Statement { effect, actions, resources });
    }
    Ok(())
}

/// The patterns of a member, or of its negation.
fn patterns(policy: Resource<'_>, at: &str, [one, other]: [&str; 2]) -> Result<Patterns> {
    let [is, is_not] = [one, other].map(|member| policy.items(&format!("{at}.{member}")));
    ensure!(
        is.is_empty() != is_not.is_empty(),
        "{} needs either {one} or {other}",
        policy.place(at)
    );
    let negated = is.is_empty();
    let patterns =
        is.iter().chain(&is_not).map(|item| Ok(policy.string(item)?)).collect::<Result<_>>()?;
    Ok(Patterns { patterns, negated })
}
