//! A repository and an account that are not real: stand-ins for all programs that `cargo xtask`
//! calls write down how they are called, and answer as the scenario says.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{env, thread};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use tempfile::TempDir;

/// `calls` gets a line, and the script `answers/NAME` answers. NAME is the program's and its first
/// argument, as in `cdk-deploy`, or that of the Node.js program.
const STAND_IN: &str = r#"#!/bin/sh
name=$(basename "$0")
case "$name $*" in
*deploy/account.ts*) call=account;;
*smoke/main.ts*) call=smoke;;
"node --version") echo v22.0.0; exit;;
"trunk --version") echo trunk 0.21.14; exit;;
"wasm-bindgen --version") echo wasm-bindgen 9.9.9; exit;;
"wasm-opt --version") echo wasm-opt version 132; exit;;
"rustc --print host-tuple") echo x86_64-unknown-linux-gnu; exit;;
rustc*) echo /; exit;;
*) call="$name-$1";;
esac
echo "$call region=${AWS_REGION:-} key=${AWS_ACCESS_KEY_ID:-}: $*" >> "$ROOT/calls"
. "$ROOT/answers/$call"
"#;

const SYNTH: &str = r#"
while [ $# -gt 0 ]; do [ "$1" = --output ] && out=$2; shift; done
mkdir -p "$out" && cp "$ROOT/manifest.json" "$ROOT/template.json" "$out"
"#;

const DEPLOY: &str = r#"
echo 'x | CREATE_COMPLETE'
while [ $# -gt 0 ]; do
  [ "$1" = --outputs-file ] && out=$2
  shift
done
echo '{"app-dev":{"SiteUrl":"https://web","ApiUrl":"https://api"}}' > "$out"
"#;

/// arm64 programs that need this version of glibc.
const LAMBDAS: &str = r#"
while [ $# -gt 0 ]; do [ "$1" = --lambda-dir ] && out=$2; shift; done
for route in list-events create-event get-event delete-event; do
  mkdir -p "$out/$route"
  printf '\177ELF\002\001............\267\000\000GLIBC_2.17\000' > "$out/$route/bootstrap"
done
"#;

const PAGE: &str = r#"
while [ $# -gt 0 ]; do [ "$1" = --dist ] && out=$2; shift; done
mkdir -p "$out" && echo page > "$out/index.html"
"#;

const DIFF: &str = "echo IAM Statement Changes; echo 'Number of stacks with differences: 1'";

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

pub struct World {
    dir: TempDir,
}

#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub calls: Vec<String>,
}

impl World {
    /// A repository with sources and packages, an account that is bootstrapped and empty, and tools
    /// that do what they should.
    pub fn new() -> Self {
        let world = Self { dir: tempfile::tempdir().unwrap() };
        for (file, text) in [
            ("Cargo.lock", "[[package]]\nname = \"wasm-bindgen\"\nversion = \"9.9.9\"\n"),
            ("backend/lib.rs", "// one\n"),
            ("frontend/page.css", ""),
            (".gitignore", "/target\n"),
            ("infra/package-lock.json", "{}"),
            ("infra/node_modules/.installed", "{}"),
            ("frontend/package-lock.json", "{}"),
            ("frontend/node_modules/.installed", "{}"),
            ("infra/xtask/Cargo.toml", ""),
            ("cache/cargo-xtask-tools/cargo-lambda-1.9.2/.installed", ""),
        ] {
            world.write(file, text);
        }
        let lambda = "cache/cargo-xtask-tools/cargo-lambda-1.9.2/bin/cargo-lambda";
        let programs = ["infra/node_modules/.bin/cdk", lambda];
        let tools = ["node", "npm", "cargo", "rustc", "trunk", "wasm-bindgen", "wasm-opt"];
        let tools = tools.map(|tool| format!("bin/{tool}"));
        for program in programs.into_iter().chain(tools.iter().map(String::as_str)) {
            world.write(program, STAND_IN);
            let executable = fs::Permissions::from_mode(0o755);
            fs::set_permissions(world.path(program), executable).unwrap();
        }
        world.git(&["init", "--quiet"]);
        world.git(&["add", "backend", "frontend", "Cargo.lock", ".gitignore"]);
        world.git(&["commit", "--quiet", "--message", "x"]);
        for (call, script) in [
            ("cargo-fetch", ""),
            ("cargo-lambda-lambda", LAMBDAS),
            ("trunk-build", PAGE),
            ("cdk-synth", SYNTH),
            ("cdk-diff", DIFF),
            ("cdk-deploy", DEPLOY),
            ("cdk-destroy", "echo gone"),
            ("cdk-bootstrap", "echo bootstrapped"),
            ("smoke", "echo '  ok      preflight'"),
        ] {
            world.answer(call, script);
        }
        world.stack(&json!({}), &json!({}));
        world.account(&json!({}));
        world
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
        let mut git = Command::new("git");
        git.current_dir(self.dir.path()).args(identity).args(arguments);
        assert!(git.status().unwrap().success());
    }

    /// What a stand-in does when it is called: a shell script.
    pub fn answer(&self, call: &str, script: &str) {
        self.write(&format!("answers/{call}"), script);
    }

    /// What is synthesized: changes of the stack's artifact, and the template.
    pub fn stack(&self, changes: &Value, template: &Value) {
        let mut stack = json!({
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {
                "templateFile": "template.json",
                "requiresBootstrapStackVersion": 6,
                "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
                "lookupRole": { "arn": "arn:lookup" },
            },
        });
        merge(&mut stack, changes);
        let manifest = json!({ "artifacts": { "app-dev": stack } });
        self.write("manifest.json", &manifest.to_string());
        self.write("template.json", &template.to_string());
    }

    /// What `account.ts` says, with these changes.
    pub fn account(&self, changes: &Value) {
        self.answer("account", &format!("echo '{}'", account(changes)));
    }

    /// The stack is there.
    pub fn exists(&self, status: &str, protected: bool) {
        self.account(&json!({ "stack": stack(status, protected) }));
    }

    fn command(&self, program: &[&str], arguments: &[&str]) -> Command {
        let path = env::var_os("PATH").unwrap();
        let path = [self.path("bin")].into_iter().chain(env::split_paths(&path));
        let mut xtask = Command::new(program[0]);
        xtask
            .args(&program[1..])
            .args(arguments)
            .env("CARGO_MANIFEST_DIR", self.path("infra/xtask"))
            .env("ROOT", self.dir.path())
            .env("PATH", env::join_paths(path).unwrap())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env_remove("AWS_REGION")
            .env_remove("AWS_ACCESS_KEY_ID")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        xtask
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.outcome(self.command(&[XTASK], arguments).spawn().unwrap(), String::new())
    }

    /// Runs on a terminal on which this was typed before.
    pub fn type_in(&self, arguments: &[&str], typed: &str) -> Outcome {
        let (child, mut terminal) = self.on_terminal(arguments);
        terminal.write_all(typed.as_bytes()).unwrap();
        self.outcome(child, String::new())
    }

    fn on_terminal(&self, arguments: &[&str]) -> (Child, File) {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let input = File::options().read(true).write(true).open(name).unwrap();
        // It rules the session, as in a shell: only the foreground may read from it.
        let program =
            if cfg!(target_os = "linux") { &["setsid", "--ctty", XTASK] } else { &[XTASK][..] };
        (self.command(program, arguments).stdin(input).spawn().unwrap(), terminal.into())
    }

    /// Presses Ctrl-C when `call` is being made.
    pub fn interrupt(&self, arguments: &[&str], call: &str) -> Outcome {
        self.interrupt_after("", arguments, call)
    }

    /// The same, after this part of a script.
    pub fn interrupt_after(&self, script: &str, arguments: &[&str], call: &str) -> Outcome {
        self.answer(call, &format!("{script}\nkill -INT $PPID; exec sleep 600"));
        self.run(arguments)
    }

    /// Presses Ctrl-C at the question.
    pub fn interrupt_question(&self, arguments: &[&str]) -> Outcome {
        let (mut child, terminal) = self.on_terminal(arguments);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while !text.ends_with(": \n") {
            assert!(output.read_line(&mut text).unwrap() > 0, "no question: {text}");
        }
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let outcome = self.outcome(child, text);
        drop(terminal);
        outcome
    }

    fn outcome(&self, mut child: Child, before: String) -> Outcome {
        let stdout = child.stdout.take().map(|mut stdout| {
            thread::spawn(move || {
                let mut text = before;
                stdout.read_to_string(&mut text).unwrap();
                text
            })
        });
        // What waits for ever is a failure too.
        let pid = Pid::from_child(&child);
        let (ended, waits) = mpsc::channel::<()>();
        thread::spawn(move || {
            if waits.recv_timeout(Duration::from_mins(1)) == Err(RecvTimeoutError::Timeout) {
                kill_process(pid, Signal::KILL).ok();
            }
        });
        let output = child.wait_with_output().unwrap();
        drop(ended);
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        fs::remove_file(self.path("calls")).ok();
        Outcome {
            code: output.status.code(),
            stdout: stdout.map(|text| text.join().unwrap()).unwrap_or_default(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            calls: calls.lines().map(|line| self.plain(line)).collect(),
        }
    }

    /// Without what differs from run to run.
    fn plain(&self, line: &str) -> String {
        let line = line.replace(&format!("{}/", self.dir.path().display()), "");
        let words = line.split(' ').map(|word| match word.strip_prefix(".local/") {
            Some(path) => format!("TMP/{}", path.split_once('/').map_or("", |(_, rest)| rest)),
            None => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// As in `account`.
pub fn stack(status: &str, protected: bool) -> Value {
    let failures = json!(["Table (AWS::DynamoDB::Table): why"]);
    json!({ "status": status, "protected": protected, "keepsData": false, "userPool": false,
        "failures": failures })
}

/// What `account.ts` says of an account that is bootstrapped and empty, with changes.
pub fn account(changes: &Value) -> Value {
    let mut account = json!({
        "id": "111111111111",
        "caller": "arn:aws:iam::111111111111:user/me",
        "region": "eu-west-1",
        "session": null,
        "bootstrap": 30,
        "stack": null,
        "concurrency": { "quota": 1000, "unreserved": 1000 },
        "monthly": { "idle": "4.86", "million": "10.39" },
    });
    merge(&mut account, changes);
    account
}

fn merge(base: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Object(_) if base[name].is_object() => merge(&mut base[name], value),
            _ => base[name] = value.clone(),
        }
    }
}

impl Outcome {
    /// The names of the calls, in order.
    pub fn names(&self) -> Vec<&str> {
        self.calls.iter().map(|call| call.split(' ').next().unwrap()).collect()
    }

    /// Ended well after these calls.
    #[track_caller]
    pub fn done(&self, calls: &[&[&str]]) {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        assert_eq!(self.names(), calls.concat());
    }

    /// Ended with this one line, after these calls.
    #[track_caller]
    pub fn refused(&self, error: &str, calls: &[&[&str]]) {
        assert_eq!(self.stderr, format!("error: {error}\n"), "{}", self.stdout);
        assert_eq!(self.code, Some(1));
        assert_eq!(self.names(), calls.concat());
    }

    /// Ended by Ctrl-C with this one line.
    #[track_caller]
    pub fn interrupted(&self, left: &str, calls: &[&[&str]]) {
        assert_eq!(self.stderr, format!("error: interrupted while {left}\n"), "{}", self.stdout);
        assert_eq!(self.code, Some(130));
        assert_eq!(self.names(), calls.concat());
    }

    /// Ended well, and did not show this text.
    #[track_caller]
    pub fn lacks(&self, text: &str) {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        assert!(!self.stdout.contains(text), "{}", self.stdout);
    }

    /// Showed these texts in this order.
    #[track_caller]
    pub fn shows(&self, texts: &[&str]) {
        let mut rest = self.stdout.as_str();
        for text in texts {
            let Some(at) = rest.find(text) else { panic!("no {text:?} in {}", self.stdout) };
            rest = &rest[at + text.len()..];
        }
    }
}
