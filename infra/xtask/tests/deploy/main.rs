//! What `deploy`, `bootstrap` and `destroy` call, in which order, and what they say.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod world;

use std::fs;

use serde_json::json;

use world::{World, account, stack};

const DEPLOY: [&str; 4] = ["deploy", "--stage", "dev", "--yes"];
const BUILT: [&str; 5] = ["deploy", "--stage", "dev", "--yes", "--built"];
const DESTROY: [&str; 4] = ["destroy", "--stage", "dev", "--yes"];

const LOOK: &[&str] = &["cdk-synth", "account"];
const BUILD: &[&str] = &["cargo-fetch", "cargo-lambda-lambda", "trunk-build"];
const COMPARE: &[&str] = &["cdk-synth", "cdk-diff"];
const WATCH: &str = "see https://console.aws.amazon.com/cloudformation/home?region=eu-west-1";

/// With a build of the sources.
fn built() -> World {
    let world = World::new();
    world.run(&["build"]).done(&[BUILD]);
    world
}

#[test]
fn a_fresh_account_is_looked_at_before_the_build_and_shown_before_the_deployment() {
    let world = World::new();
    let flags = ["--access", "public", "--alarm-email", "me@example.com", "--budget-usd", "20"];
    let outcome = world.run(&[&DEPLOY[..], &flags].concat());
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
    assert_eq!(
        outcome.calls,
        [
            "cdk-synth region= key=: synth --quiet --context stage=dev --context \
             access=public --context alarmEmail=me@example.com --context budgetUsd=20 \
             --output TMP/assembly --no-validation",
            "account region= key=: --no-warnings --import tsx deploy/account.ts --stack \
             app-dev --bootstrap /cdk-bootstrap/hnb659fds/version --role arn:lookup",
            "cargo-fetch region= key=: fetch --locked --target wasm32-unknown-unknown --target \
             x86_64-unknown-linux-gnu",
            "cargo-lambda-lambda region= key=: lambda build --locked --release --arm64 --package \
             api --bins --disable-optimizations --lambda-dir target/lambda/arm64",
            "trunk-build region= key=: build --release --locked=true --dist target/site/release",
            "cdk-synth region=eu-west-1 key=: synth --quiet --context stage=dev --context \
             access=public --context alarmEmail=me@example.com --context budgetUsd=20 \
             --output TMP/assembly --context firstDeploy=true",
            "cdk-diff region=eu-west-1 key=: diff --app TMP/assembly",
            "cdk-deploy region=eu-west-1 key=: deploy --require-approval never --progress events \
             --app TMP/assembly --outputs-file TMP/outputs.json",
            "smoke region= key=: --import tsx smoke/main.ts --web https://web --api https://api",
        ]
    );
    outcome.shows(&[
        "  account  111111111111, as arn:aws:iam::111111111111:user/me\n  region   eu-west-1\n",
        "IAM Statement Changes\n",
        "  account  111111111111",
        "  costs    about $4.86 a month, $10.39 with a million requests",
        "  page  https://web\n",
        "it works: https://web\n",
    ]);
}

#[test]
fn a_stage_with_a_user_pool_says_how_its_first_member_is_made() {
    let world = built();
    world.run(&BUILT).lacks("admin-create-user");
    let outputs = json!({ "app-dev": {
        "SiteUrl": "https://web", "ApiUrl": "https://api", "UserPoolId": "eu-west-1_aB3",
    } });
    let deploy = format!(r#"while [ $# -gt 1 ]; do shift; done; echo '{outputs}' > "$1""#);
    world.answer("cdk-deploy", &deploy);
    world.run(&BUILT).shows(&[
        "  page  https://web\n",
        "aws cognito-idp admin-create-user --region eu-west-1 --user-pool-id eu-west-1_aB3 \
         --username ADDRESS --user-attributes Name=email,Value=ADDRESS \
         Name=email_verified,Value=true\n",
    ]);
}

#[test]
fn what_stands_in_the_way_is_said_in_one_line_before_the_build() {
    let world = World::new();
    world.answer("cdk-synth", "echo 'error: stage prod: alarmEmail missing'; exit 1");
    world.run(&DEPLOY).refused("stage prod: alarmEmail missing", &[&["cdk-synth"]]);

    let world = World::new();
    let outcome = world.run(&BUILT);
    outcome.refused(
        "there is no build: run `cargo xtask build`, or leave --built out",
        &[&["cdk-synth"]],
    );
    // As it says itself that there are no credentials or no region.
    world.answer("account", r#"echo '{"error":"no region: pass --region"}'"#);
    world.run(&DEPLOY).refused("no region: pass --region", &[LOOK]);
    world.answer("account", "echo TypeError >&2; exit 1");
    let outcome = world.run(&DEPLOY);
    assert!(outcome.stderr.contains("account.ts ended with exit status: 1"), "{}", outcome.stderr);

    let bootstrap = "run `cargo xtask bootstrap --region eu-west-1` once";
    let place = "account 111111111111, eu-west-1";
    for (changes, error) in [
        (json!({ "bootstrap": null }), format!("{place} is not bootstrapped: {bootstrap}")),
        (
            json!({ "bootstrap": 5 }),
            format!("the bootstrap stack of {place} has version 5, and 6 is needed: {bootstrap}"),
        ),
        (
            json!({ "stack": stack("UPDATE_IN_PROGRESS", false) }),
            format!("app-dev is being changed: wait for its end, {WATCH}"),
        ),
        (
            json!({ "stack": stack("UPDATE_ROLLBACK_FAILED", false) }),
            format!(
                "app-dev is in UPDATE_ROLLBACK_FAILED: let it go back with \"Continue update \
                 rollback\", {WATCH}"
            ),
        ),
    ] {
        world.account(&changes);
        world.run(&DEPLOY).refused(&error, &[LOOK]);
    }
}

#[test]
fn another_account_or_region_than_the_stage_names_is_refused() {
    let world = World::new();
    for (environment, error) in [
        (
            "aws://222222222222/unknown-region",
            "the stage is for the account 222222222222, and this is 111111111111: choose another \
             profile or --region",
        ),
        (
            "aws://unknown-account/us-west-2",
            "the stage is for the region us-west-2, and this is eu-west-1: choose another profile \
             or --region",
        ),
    ] {
        world.stack(&json!({ "environment": environment }), &json!({}));
        world.run(&DEPLOY).refused(error, &[LOOK]);
    }
    let certificate = "arn:aws:acm:us-west-2:111111111111:certificate/x";
    let domain = |kind| {
        json!({ "Resources": { "Domain": { "Type": kind, "Properties": {
            "DomainNameConfigurations": [{ "CertificateArn": certificate }],
        } } } })
    };
    world.stack(&json!({}), &domain("AWS::ApiGatewayV2::DomainName"));
    let error = format!(
        "{certificate} is not in eu-west-1: deploy with --region of that ARN, or change it in \
         infra/lib/stages.ts"
    );
    world.run(&DEPLOY).refused(&error, &[LOOK]);
    // CloudFront's is in us-east-1 wherever the stack is.
    world.stack(&json!({}), &domain("AWS::CloudFront::Distribution"));
    world.run(&DEPLOY).done(&[LOOK, BUILD, COMPARE, &["cdk-deploy", "smoke"]]);
}

#[test]
fn the_region_of_the_command_line_reaches_the_look() {
    let world = World::new();
    world.answer("account", r#"echo '{"error":"x"}'"#);
    let outcome = world.run(&[&DEPLOY[..], &["--region", "ap-south-1"]].concat());
    assert!(outcome.calls[1].starts_with("account region=ap-south-1 "), "{outcome:?}");
}

#[test]
fn a_stage_reserves_what_the_account_has() {
    let world = built();
    let function = |reserved: u64| {
        json!({ "Type": "AWS::Lambda::Function",
            "Properties": { "ReservedConcurrentExecutions": reserved } })
    };
    let template = json!({ "Resources": { "A": function(5), "B": function(5) } });
    world.stack(&json!({}), &template);
    world.account(&json!({ "concurrency": { "quota": 10, "unreserved": 10 } }));
    world.run(&BUILT).refused(
        "the stage reserves 10 concurrent executions, and the account has room for 0 (its quota \
         is 10, of which 100 stay unreserved): ask for more in Service Quotas (Lambda, \
         \"Concurrent executions\"), or take reservedConcurrency out of infra/lib/stages.ts",
        &[LOOK],
    );
    let all: &[&[&str]] = &[LOOK, COMPARE, &["cdk-deploy", "smoke"]];
    world.account(&json!({ "concurrency": { "quota": 1000, "unreserved": 110 } }));
    world.run(&BUILT).done(all);
    // Its own are among those that are reserved.
    let there = stack("CREATE_COMPLETE", false);
    let concurrency = json!({ "quota": 110, "unreserved": 100 });
    world.account(&json!({ "concurrency": concurrency, "stack": there }));
    world.run(&BUILT).done(all);
    // Who may not know goes on.
    world.account(&json!({ "concurrency": null }));
    world.run(&BUILT).done(all);
}

#[test]
fn a_build_is_deployed_again_while_its_sources_are_the_same() {
    let world = built();
    let outcome = world.run(&BUILT);
    outcome.done(&[LOOK, COMPARE, &["cdk-deploy", "smoke"]]);
    outcome.shows(&["  build    of commit "]);
    world.write("README.md", "no source");
    world.run(&BUILT).done(&[LOOK, COMPARE, &["cdk-deploy", "smoke"]]);

    world.write("backend/new.rs", "");
    let outcome = world.run(&BUILT);
    assert!(outcome.stderr.contains("backend/ or frontend/ differ now"), "{}", outcome.stderr);
    assert_eq!(outcome.names(), ["cdk-synth"]);
    // A build of changes that are in no commit is one of them.
    world.run(&["build"]).done(&[BUILD]);
    world.run(&BUILT).done(&[LOOK, COMPARE, &["cdk-deploy", "smoke"]]);
    // Half a build is none.
    world.answer("trunk-build", "exit 1");
    assert_eq!(world.run(&["build"]).code, Some(1));
    let outcome = world.run(&BUILT);
    assert!(outcome.stderr.contains("there is no build"), "{}", outcome.stderr);
}

#[test]
fn every_build_is_checked_against_amazon_linux() {
    let world = World::new();
    let script = fs::read_to_string(world.path("answers/cargo-lambda-lambda")).unwrap();
    world.answer("cargo-lambda-lambda", &script.replace("GLIBC_2.17", "GLIBC_2.39"));
    world.run(&["build"]).refused(
        "list-events: it needs glibc 2.39, newer than that of Amazon Linux 2023",
        &[&["cargo-fetch", "cargo-lambda-lambda"]],
    );
}

#[test]
fn a_plan_ends_after_the_changes_and_the_costs() {
    let world = built();
    let outcome = world.run(&["deploy", "--stage", "dev", "--built", "--plan"]);
    outcome.done(&[LOOK, COMPARE]);
    outcome.shows(&["IAM Statement Changes", "  account  ", "  costs  "]);
}

#[test]
fn nothing_happens_without_a_yes() {
    let world = built();
    let arguments = ["deploy", "--stage", "dev", "--built"];
    world.run(&arguments).refused("there is no terminal to ask on: add --yes", &[LOOK, COMPARE]);
    let outcome = world.type_in(&arguments, "no\n");
    outcome.refused("not deployed", &[LOOK, COMPARE]);
    outcome.shows(&["Deploy app-dev to account 111111111111, eu-west-1? Type yes: "]);
    world.type_in(&arguments, "yes\n").done(&[LOOK, COMPARE, &["cdk-deploy", "smoke"]]);
}

#[test]
fn without_changes_there_is_no_question() {
    let world = built();
    world.exists("UPDATE_COMPLETE", false);
    world.answer("cdk-diff", "echo 'Number of stacks with differences: 0'");
    let outcome = world.run(&["deploy", "--stage", "dev", "--built"]);
    outcome.done(&[LOOK, COMPARE, &["cdk-deploy", "smoke"]]);
    outcome.shows(&["nothing changes\n"]);
}

#[test]
fn an_mfa_code_is_typed_once_and_its_session_reaches_every_call() {
    let world = built();
    let session = json!({ "session": { "AWS_ACCESS_KEY_ID": "CODE" } });
    let script = format!(
        "[ -t 0 ] || exit 1; read -r code; echo '{}' | sed \"s/CODE/$code/\"",
        account(&session)
    );
    world.answer("account", &script);
    let outcome = world.type_in(&["deploy", "--stage", "dev", "--built"], "123456\nyes\n");
    outcome.done(&[LOOK, COMPARE, &["cdk-deploy", "smoke"]]);
    for call in &outcome.calls[2..5] {
        assert!(call.contains("region=eu-west-1 key=123456:"), "{call}");
    }
}

#[test]
fn a_stack_whose_creation_failed_is_removed_when_that_is_asked_for() {
    let world = built();
    world.exists("ROLLBACK_COMPLETE", false);
    let why = "app-dev is in ROLLBACK_COMPLETE: its creation failed\n  Table \
               (AWS::DynamoDB::Table): why\n";
    let outcome = world.run(&BUILT);
    outcome.refused("there is no terminal to ask on: add --remove-failed", &[LOOK]);
    outcome.shows(&[why]);
    let must = "app-dev must be removed first: run the command with --remove-failed";
    world.type_in(&BUILT, "no\n").refused(must, &[LOOK]);
    world.run(&["deploy", "--stage", "dev", "--built", "--plan"]).refused(must, &[LOOK]);

    let rest = ["cdk-destroy", "cdk-synth", "cdk-diff", "cdk-deploy", "smoke"];
    world.type_in(&BUILT, "yes\n").done(&[LOOK, &rest]);
    let outcome = world.run(&[&BUILT[..], &["--remove-failed"]].concat());
    outcome.done(&[LOOK, &rest]);
    assert_eq!(
        outcome.calls[2],
        "cdk-destroy region=eu-west-1 key=: destroy --force --app TMP/assembly"
    );
}

#[test]
fn a_stack_is_protected_after_its_first_success_and_stays_so() {
    let world = built();
    for metadata in [json!({ "ProtectAfterDeploy": true }), json!({ "DataAfterDestroy": "kept" })] {
        world.stack(&json!({}), &json!({ "Metadata": metadata }));
        world.account(&json!({}));
        let first = world.run(&BUILT);
        first.done(&[LOOK, COMPARE, &["cdk-deploy", "cdk-synth", "cdk-deploy", "smoke"]]);
        // A creation that fails could not be removed.
        assert!(first.calls[2].ends_with(" --context firstDeploy=true"), "{}", first.calls[2]);
        assert!(!first.calls[5].contains("firstDeploy"), "{}", first.calls[5]);
        assert_eq!(first.calls[4], first.calls[6]);

        world.exists("CREATE_COMPLETE", true);
        let second = world.run(&BUILT);
        second.done(&[LOOK, COMPARE, &["cdk-deploy", "smoke"]]);
        assert!(!second.calls[2].contains("firstDeploy"), "{}", second.calls[2]);
    }
    world.stack(&json!({}), &json!({}));
    world.answer("cdk-diff", "echo 'Number of stacks with differences: 0'");
    let outcome = world.run(&["deploy", "--stage", "dev", "--built"]);
    outcome.refused("there is no terminal to ask on: add --yes", &[LOOK, COMPARE]);
    outcome.shows(&["app-dev will not be protected from deletion\n"]);
}

#[test]
fn a_deployment_that_fails_says_where_it_left_the_stack() {
    let world = built();
    for (status, left) in [
        ("ROLLBACK_COMPLETE", "its creation failed: mend the cause, then add --remove-failed"),
        ("UPDATE_ROLLBACK_COMPLETE", "CloudFormation has kept or put back what it was"),
        ("UPDATE_IN_PROGRESS", &format!("it is in UPDATE_IN_PROGRESS, {WATCH}")),
        ("REVIEW_IN_PROGRESS", "there is no stack yet"),
    ] {
        let after = account(&json!({ "stack": stack(status, false) }));
        world.account(&json!({}));
        world.write("after", &format!("echo '{after}'"));
        world.answer("cdk-deploy", "cp $ROOT/after $ROOT/answers/account; exit 1");
        world.run(&BUILT).refused(
            &format!(
                "app-dev is not deployed, see above; {left}; --built spares the build: cdk ended \
                 with exit status: 1"
            ),
            &[LOOK, COMPARE, &["cdk-deploy", "account"]],
        );
    }
}

#[test]
fn a_smoke_test_that_fails_fails_the_command_and_says_that_the_stack_is_there() {
    let world = built();
    world.answer("smoke", "echo '  FAILED  page: 404'; exit 1");
    let outcome = world.run(&BUILT);
    outcome.shows(&["  page  https://web", "FAILED  page: 404"]);
    outcome.refused(
        "app-dev is deployed, but it does not work: smoke test failed, see above: node ended with \
         exit status: 1",
        &[LOOK, COMPARE, &["cdk-deploy", "smoke"]],
    );
}

#[test]
fn ctrl_c_says_in_each_phase_what_is_left() {
    let unchanged = "nothing on AWS has changed";
    let resume = format!("{unchanged}; with --built the next run takes this build");
    let phases: [(&str, &[&[&str]], String); 7] = [
        ("account", &[LOOK], format!("looking at the AWS account: {unchanged}")),
        (
            "cargo-lambda-lambda",
            &[LOOK, &BUILD[..2]],
            format!("building: {unchanged}; the next build goes on from what there is"),
        ),
        (
            "trunk-build",
            &[LOOK, BUILD],
            format!("building: {unchanged}; the next build goes on from what there is"),
        ),
        ("cdk-diff", &[LOOK, BUILD, COMPARE], format!("comparing: {resume}")),
        (
            "cdk-deploy",
            &[LOOK, BUILD, COMPARE, &["cdk-deploy"]],
            format!(
                "deploying: CloudFormation goes on with what it has begun, {WATCH}: there an \
                 update can be cancelled, and a stack that is being created deleted; then run it \
                 again with --built"
            ),
        ),
        (
            "smoke",
            &[LOOK, BUILD, COMPARE, &["cdk-deploy", "smoke"]],
            "trying it out: the stack is deployed; `cargo xtask smoke` with the addresses above \
             repeats the test"
                .to_owned(),
        ),
        ("cdk-synth", &[&["cdk-synth"]], format!("looking at the AWS account: {unchanged}")),
    ];
    for (call, calls, left) in phases {
        let world = World::new();
        world.interrupt(&DEPLOY, call).interrupted(&left, calls);
    }
    let world = built();
    world.stack(&json!({}), &json!({ "Metadata": { "ProtectAfterDeploy": true } }));
    // The second of its kind.
    let script = fs::read_to_string(world.path("answers/cdk-deploy")).unwrap();
    world.write("first", &script);
    let script = "[ -f $ROOT/second ] || { touch $ROOT/second; . $ROOT/first; return; }";
    let calls = ["cdk-deploy", "cdk-synth", "cdk-deploy"];
    world.interrupt_after(script, &BUILT, "cdk-deploy").interrupted(
        "protecting the stack: the stack is deployed, but can be deleted with its data; run it \
         again with --built",
        &[LOOK, COMPARE, &calls],
    );
    let outcome = world.interrupt_question(&["deploy", "--stage", "dev", "--built"]);
    outcome.interrupted(&format!("asking: {resume}"), &[LOOK, COMPARE]);

    world.exists("ROLLBACK_COMPLETE", false);
    let outcome = world.interrupt(&[&BUILT[..], &["--remove-failed"]].concat(), "cdk-destroy");
    let left = format!("CloudFormation goes on with the removal, {WATCH}");
    outcome.interrupted(
        &format!("removing the stack that failed: {left}; then run it again"),
        &[LOOK, &["cdk-destroy"]],
    );
    world.exists("CREATE_COMPLETE", false);
    world.stack(&json!({}), &json!({}));
    world.interrupt(&DESTROY, "cdk-destroy").interrupted(
        &format!("destroying: {left}; it cannot be cancelled"),
        &[LOOK, &["cdk-destroy"]],
    );
    world.interrupt(&["bootstrap", "--yes"], "cdk-bootstrap").interrupted(
        &format!(
            "bootstrapping: CloudFormation goes on with CDKToolkit, {WATCH}; then run it again"
        ),
        &[&["account", "cdk-bootstrap"]],
    );
}

#[test]
fn an_account_is_bootstrapped_without_a_build_or_the_app() {
    let world = World::new();
    let outcome = world.run(&["bootstrap", "--region", "eu-west-1", "--yes"]);
    outcome.done(&[&["account", "cdk-bootstrap"]]);
    assert_eq!(
        outcome.calls,
        [
            "account region=eu-west-1 key=: --no-warnings --import tsx deploy/account.ts",
            "cdk-bootstrap region=eu-west-1 key=: bootstrap aws://111111111111/eu-west-1 --app ",
        ]
    );
    outcome.shows(&["  account  111111111111", "  makes    the stack CDKToolkit", "is ready"]);
    let outcome = world.type_in(&["bootstrap"], "no\n");
    outcome.refused("not bootstrapped", &[&["account"]]);
    world.answer("cdk-bootstrap", "exit 1");
    world.run(&["bootstrap", "--yes"]).refused(
        "not bootstrapped, see above: cdk ended with exit status: 1",
        &[&["account", "cdk-bootstrap"]],
    );
}

#[test]
fn a_stage_is_destroyed_after_its_name_was_typed_and_a_protected_one_is_not() {
    let world = World::new();
    let arguments = ["destroy", "--stage", "dev"];
    let outcome = world.run(&DESTROY);
    outcome.done(&[LOOK]);
    outcome.shows(&["there is no app-dev in account 111111111111, eu-west-1\n"]);

    world.exists("CREATE_COMPLETE", false);
    world.type_in(&arguments, "yes\n").refused("not destroyed", &[LOOK]);
    let mut kept = stack("CREATE_COMPLETE", false);
    kept["keepsData"] = json!(true);
    world.account(&json!({ "stack": kept }));
    world
        .type_in(&arguments, "dev\n")
        .shows(&["eu-west-1; its table stays? Type dev: \n", "app-dev is gone; its table stays\n"]);
    kept["userPool"] = json!(true);
    world.account(&json!({ "stack": kept }));
    world.type_in(&arguments, "dev\n").shows(&[
        "eu-west-1; its table and its user pool stay? Type dev: \n",
        "app-dev is gone; its table and its user pool stay\n",
    ]);
    kept["keepsData"] = json!(false);
    world.account(&json!({ "stack": kept }));
    world.type_in(&arguments, "dev\n").shows(&[
        "eu-west-1 with all of its events and members? Type dev: \n",
        "app-dev is gone\n",
    ]);
    world.exists("CREATE_COMPLETE", false);
    let outcome = world.type_in(&arguments, "dev\n");
    outcome.done(&[LOOK, &["cdk-destroy"]]);
    outcome.shows(&["eu-west-1 with all of its events? Type dev: \n", "app-dev is gone\n"]);
    assert_eq!(
        outcome.calls[0],
        "cdk-synth region= key=: synth --quiet --context stage=dev --context access=members-write \
         --context alarmEmail=nobody@example.com --context budgetUsd=1 --output TMP/assembly \
         --no-validation"
    );
    let protected = "app-dev is protected from deletion: see \"Deploy\" in infra/README.md for how \
                     to take it down";
    world.exists("CREATE_COMPLETE", true);
    world.run(&DESTROY).refused(protected, &[LOOK]);
    // One that shall be protected, and is not yet.
    world.stack(&json!({ "properties": { "terminationProtection": true } }), &json!({}));
    world.exists("CREATE_COMPLETE", false);
    world.run(&DESTROY).refused(protected, &[LOOK]);
    // One that never worked holds nothing.
    world.exists("ROLLBACK_COMPLETE", false);
    world.run(&DESTROY).done(&[LOOK, &["cdk-destroy"]]);
    world.answer("cdk-destroy", "exit 1");
    world.run(&DESTROY).refused(
        "app-dev is not destroyed, see above: cdk ended with exit status: 1",
        &[LOOK, &["cdk-destroy"]],
    );
}
