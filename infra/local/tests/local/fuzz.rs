//! Random requests and templates: the run neither panics nor returns an invalid response.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;

use harness::corpus::near;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;

use crate::runner::{Runner, assemble, assemble_program, synthesized, template};

const HEADS: &str = include_str!("../corpus/heads.txt");

/// The function never fails, so a 5xx would be the gateway's own.
#[test]
fn any_head_of_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut template = template();
    template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("$default");
    assemble_program(folder.path(), &template, Path::new(env!("CARGO_BIN_EXE_test-function")));
    let runner = Runner::start(folder.path(), &["--memory"]);
    let authority = runner.api().strip_prefix("http://").unwrap().to_owned();
    proptest!(|(head in near(HEADS))| {
        // In the corpus a bar separates lines.
        let lines: Vec<_> = head.split(|byte| *byte == b'|').collect();
        let end = b"\r\nconnection: close\r\n\r\n{}".to_vec();
        let request = [lines.join(&b"\r\n"[..]), end].concat();
        let mut stream = TcpStream::connect(&authority).unwrap();
        // The gateway may refuse it before all of it was sent.
        let _ = stream.write_all(&request);
        let _ = stream.shutdown(Shutdown::Write);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        if !response.is_empty() {
            let status = std::str::from_utf8(&response[9..12]).unwrap().parse::<u16>().unwrap();
            assert!((200..500).contains(&status), "{}", response.escape_ascii());
        }
    });
    drop(runner);
}

/// A template can be read, or there is an error message.
#[test]
fn any_template() {
    let small = template();
    let whole = Assembly::read(&synthesized()).unwrap().template;
    let other = prop_oneof![
        Just(json!(null)),
        Just(json!({})),
        Just(json!([])),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,8}".prop_map(Value::from),
        Just(json!({ "Ref": "Nothing" })),
        Just(json!({ "Fn::GetAtt": ["Function", "Arn"] })),
        Just(json!({ "Fn::Join": ["", [{ "Ref": "AWS::Region" }, 1]] })),
        Just(json!({ "Fn::Sub": "${Nothing}${" })),
        Just(json!({ "Fn::If": ["x"] })),
    ];
    proptest!(|(at in any::<Index>(), other in other, is_whole in any::<bool>())| {
        let mut template = if is_whole { whole.clone() } else { small.clone() };
        let mut pointers = Vec::new();
        collect(&template, String::new(), &mut pointers);
        *template.pointer_mut(&pointers[at.index(pointers.len())]).unwrap() = other;
        let folder = tempfile::tempdir().unwrap();
        assemble(folder.path(), &template, "#!/bin/sh\n");
        let stack = Assembly::read(folder.path()).and_then(|assembly| Stack::read(&assembly));
        if let Err(error) = stack {
            assert!(!format!("{error:#}").is_empty());
        }
    });
}

/// The JSON pointers of all parts of a value.
fn collect(value: &Value, at: String, pointers: &mut Vec<String>) {
    let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, format!("{at}/{}", escape(name)), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}
