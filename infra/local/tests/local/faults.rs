//! A start that fails ends with one line of error, exit status 1, and no process.

use std::fs;
use std::net::TcpListener;

use serde_json::json;

use crate::runner::{
    Failure, Runner, assemble, assert_gone, synthesized, synthesized_with, template,
};

/// A function that records its process id, then runs `script`.
fn script(folder: &std::path::Path, script: &str) -> String {
    format!("#!/bin/sh\necho $$ >> {}/pids\n{script}\n", folder.display())
}

fn started(folder: &std::path::Path) -> Vec<u32> {
    let pids = fs::read_to_string(folder.join("pids")).unwrap_or_default();
    pids.lines().map(|pid| pid.parse().unwrap()).collect()
}

#[track_caller]
fn assert_error(failure: &Failure, expected: &str) {
    assert_eq!(failure.status.code(), Some(1), "{}", failure.stderr);
    let last = failure.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: ") && last.contains(expected), "{}", failure.stderr);
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let mut template = template();
    template["Outputs"]["ApiUrl"]["Value"] = json!(format!("http://localhost:{port}"));
    assemble(folder.path(), &template, &script(folder.path(), "exec sleep 60"));
    let failure = Runner::fail(folder.path(), &["--memory"]);
    assert_error(&failure, &format!("port {port} is taken"));
    assert_error(&failure, "--api-port");
    assert!(started(folder.path()).is_empty(), "nothing was started");
}

#[test]
fn an_unsupported_template() {
    for (pointer, value, expected) in [
        (
            "/Resources/Function/Properties/Handler",
            json!({ "Fn::ImportValue": "x" }),
            "Resources.Function.Properties.Handler: \
             the local run does not support the intrinsic function Fn::ImportValue",
        ),
        (
            "/Resources/Function/Properties/Runtime",
            json!("python3.13"),
            "Resources.Function.Properties.Runtime: python3.13 is not a custom runtime",
        ),
        (
            "/Resources/Route/Properties/Target",
            json!({ "Fn::Join": ["/", ["integrations", { "Ref": "Stage" }]] }),
            "Resources.Route.Properties.Target[1]: \
             the local run does not support Ref of Stage (AWS::ApiGatewayV2::Stage)",
        ),
        (
            "/Resources/Function/Properties/Code/S3Key",
            json!("other.zip"),
            "Resources.Function.Properties.Code: the assembly has no asset other.zip",
        ),
        (
            "/Outputs/ApiUrl/Value",
            json!("https://x.execute-api.us-east-1.amazonaws.com"),
            "synthesize the stage `local`",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut template = template();
        *template.pointer_mut(pointer).unwrap() = value;
        assemble(folder.path(), &template, &script(folder.path(), "exec sleep 60"));
        assert_error(&Runner::fail(folder.path(), &["--memory"]), expected);
        assert!(started(folder.path()).is_empty(), "nothing was started");
    }
}

#[test]
fn an_unsupported_resource_is_named_and_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let mut template = template();
    template["Resources"]["Queue"] = json!({ "Type": "AWS::SQS::Queue" });
    // The function ends the run after the template was read.
    assemble(folder.path(), &template, "#!/bin/sh\nexit 1\n");
    let failure = Runner::fail(folder.path(), &["--memory"]);
    assert!(failure.stderr.contains("not run here: Queue (AWS::SQS::Queue)"), "{}", failure.stderr);
}

#[test]
fn a_function_that_cannot_start() {
    for (script_text, expected) in [
        ("exit 3", "the function Function: did not start: the process ended with exit status: 3"),
        ("kill -9 $$", "the process ended with signal: 9"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        assemble(folder.path(), &template(), &script(folder.path(), script_text));
        assert_error(&Runner::fail(folder.path(), &["--memory"]), expected);
        assert_gone(&started(folder.path()));
    }
    let folder = tempfile::tempdir().unwrap();
    assemble(folder.path(), &template(), "no program");
    fs::remove_file(folder.path().join("asset.code/bootstrap")).unwrap();
    assert_error(&Runner::fail(folder.path(), &["--memory"]), "No such file or directory");
}

#[test]
fn a_function_that_exceeds_the_time_limit_of_its_start() {
    let folder = tempfile::tempdir().unwrap();
    assemble(folder.path(), &template(), &script(folder.path(), "exec sleep 60"));
    assert_error(&Runner::fail(folder.path(), &["--memory"]), "asked for no work within 10 s");
    assert_gone(&started(folder.path()));
}

#[test]
fn a_folder_that_is_not_an_assembly() {
    let folder = tempfile::tempdir().unwrap();
    assert_error(&Runner::fail(folder.path(), &["--memory"]), "is not the output of `cdk synth`");
}

#[test]
fn a_data_file_of_another_program() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("dynamodb.sqlite");
    let arguments = ["--data", data.path().to_str().unwrap()];
    let expected = "is not a file of the local DynamoDB engine";

    fs::write(&file, "not a database at all").unwrap();
    assert_error(&Runner::fail(&synthesized(), &arguments), expected);
    assert_eq!(fs::read(&file).unwrap(), b"not a database at all");

    fs::remove_file(&file).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);").unwrap();
    let before = fs::read(&file).unwrap();
    assert_error(&Runner::fail(&synthesized(), &arguments), expected);
    assert_eq!(fs::read(&file).unwrap(), before, "it was not changed");
}

#[test]
fn data_that_another_run_uses() {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--no-site", "--data", data.path().to_str().unwrap()];
    let _first = Runner::start(&synthesized(), &arguments);
    assert_error(&Runner::fail(&synthesized(), &arguments), "another run uses the data in");
}

#[test]
fn data_whose_table_has_other_keys() {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--no-site", "--data", data.path().to_str().unwrap()];
    drop(Runner::start(&synthesized(), &arguments));

    let folder = synthesized_with(|template| {
        let text = template.to_string().replace("\"byDate\"", "\"byDay\"");
        *template = serde_json::from_str(&text).unwrap();
    });
    let failure = Runner::fail(folder.path(), &arguments);
    assert_error(&failure, "has other keys or indexes than the template");
}
