//! Starts the program, on small assemblies or on the synthesized one.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A run. Dropping it kills it with all of its processes.
pub struct Runner {
    child: Child,
    pub control: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
    /// The addresses of the ready line.
    pub ready: Value,
}

/// The end of a run that did not start.
pub struct Failure {
    pub status: ExitStatus,
    pub stderr: String,
}

fn command(assembly: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_template-runner"));
    command.arg(assembly).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

impl Runner {
    /// Starts a run that must become ready.
    pub fn start(assembly: &Path, arguments: &[&str]) -> Self {
        let mut command = command(assembly, arguments);
        command.arg("--quiet");
        Self::of(command)
    }

    /// The same with its log, a line for each request too, in a file.
    pub fn start_with_log(assembly: &Path, arguments: &[&str], log: fs::File) -> Self {
        let mut command = command(assembly, arguments);
        command.stderr(log);
        Self::of(command)
    }

    /// The same with a limit of the size of files, as on a full disk. Blocks have 512 or 1,024
    /// bytes, depending on the shell.
    pub fn start_on_small_disk(assembly: &Path, arguments: &[&str], blocks: u32) -> Self {
        let run = command(assembly, arguments);
        let mut shell = Command::new("sh");
        // Without the trap, the kernel kills a process that exceeds the limit.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\" --quiet");
        shell.arg("-c").arg(script).arg(run.get_program()).args(run.get_args());
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        Self::of(shell)
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.arg("--control").spawn().unwrap();
        let control = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut runner = Self { child, control, output, ready: Value::Null };
        runner.ready = runner.line()["ready"].clone();
        runner
    }

    /// Starts a run that must fail, and waits for its end.
    pub fn fail(assembly: &Path, arguments: &[&str]) -> Failure {
        let output = command(assembly, arguments).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "{stderr}");
        Failure { status: output.status, stderr }
    }

    /// Its next line of output.
    pub fn line(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the run ended"))
    }

    /// Continues with another assembly.
    pub fn reload(&mut self, assembly: &Path) {
        let control = self.control.as_mut().unwrap();
        writeln!(control, "reload {}", assembly.display()).unwrap();
        assert_eq!(self.line(), json!({ "reloaded": true }));
    }

    pub fn api(&self) -> &str {
        self.ready["api"].as_str().unwrap()
    }

    /// Its child processes.
    pub fn children(&self) -> Vec<u32> {
        harness::runner::children(self.child.id()).unwrap()
    }

    /// Sends it a signal, such as `-TERM`.
    pub fn signal(&self, name: &str) {
        let killed = Command::new("kill").arg(name).arg(self.child.id().to_string()).status();
        assert!(killed.unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until all processes have ended.
pub fn assert_gone(pids: &[u32]) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let is_there = |pid: &u32| {
        Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().is_ok_and(|ps| {
            let state = String::from_utf8_lossy(&ps.stdout);
            // A zombie has ended.
            !state.trim().is_empty() && !state.starts_with('Z')
        })
    };
    while pids.iter().any(is_there) {
        assert!(Instant::now() < deadline, "some of the processes {pids:?} still run");
        std::thread::yield_now();
    }
}

/// The folder that `cdk synth` wrote; `cargo xtask test rust` makes it.
pub fn synthesized() -> PathBuf {
    assembly("EVENTS_ASSEMBLY")
}

/// The folder that a variable names.
pub fn assembly(variable: &str) -> PathBuf {
    let folder = std::env::var_os(variable);
    folder.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test rust`")).into()
}

/// A copy of it with another template.
pub fn synthesized_with(change: impl FnOnce(&mut Value)) -> TempDir {
    changed(&synthesized(), change)
}

/// A copy of an assembly with another template.
pub fn changed(assembly: &Path, change: impl FnOnce(&mut Value)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(assembly, folder.path());
    let mut files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let is_template =
        |path: &PathBuf| path.to_str().is_some_and(|path| path.ends_with(".template.json"));
    let path = files.find(is_template).unwrap();
    let mut template = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut template);
    fs::write(&path, template.to_string()).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A stack with one function behind `GET /`.
pub fn template() -> Value {
    json!({
        "Resources": {
            "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": { "ProtocolType": "HTTP" } },
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": { "ApiId": { "Ref": "Api" }, "StageName": "$default" },
            },
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": { "Ref": "Api" },
                    "RouteKey": "GET /",
                    "Target": { "Fn::Join": ["/", ["integrations", { "Ref": "Integration" }]] },
                },
            },
            "Integration": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": { "Fn::GetAtt": ["Function", "Arn"] },
                    "PayloadFormatVersion": "2.0",
                },
            },
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": { "Fn::GetAtt": ["Function", "Arn"] },
                    "Principal": "apigateway.amazonaws.com",
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Code": { "S3Bucket": "assets", "S3Key": "code.zip" },
                    "Handler": "bootstrap",
                    "Runtime": "provided.al2023",
                },
            },
        },
        "Outputs": { "ApiUrl": { "Value": "http://localhost:0" } },
    })
}

/// Writes an assembly as `cdk synth` does, with a function whose `bootstrap` is `script`.
pub fn assemble(folder: &Path, template: &Value, script: &str) {
    let bootstrap = assemble_all_but_code(folder, template);
    fs::write(&bootstrap, script).unwrap();
    fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The same with a `bootstrap` that is a program.
pub fn assemble_program(folder: &Path, template: &Value, program: &Path) {
    fs::copy(program, assemble_all_but_code(folder, template)).unwrap();
}

/// Returns the path for the function's `bootstrap`.
fn assemble_all_but_code(folder: &Path, template: &Value) -> PathBuf {
    let write = |name: &str, value: &Value| {
        fs::write(folder.join(name), value.to_string()).unwrap();
    };
    write(
        "manifest.json",
        &json!({ "artifacts": {
            "test": {
                "type": "aws:cloudformation:stack",
                "properties": { "templateFile": "test.template.json" },
            },
            "test.assets": {
                "type": "cdk:asset-manifest",
                "properties": { "file": "test.assets.json" },
            },
        } }),
    );
    write(
        "test.assets.json",
        &json!({ "files": { "code": {
            "source": { "path": "asset.code" },
            "destinations": { "here": { "bucketName": "assets", "objectKey": "code.zip" } },
        } } }),
    );
    write("test.template.json", template);
    let code = folder.join("asset.code");
    fs::create_dir_all(&code).unwrap();
    code.join("bootstrap")
}
