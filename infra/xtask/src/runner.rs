//! The runner (`infra/local`): starts it on an assembly, and talks with it.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;
use crate::server::Server;

pub struct Options<'a> {
    pub program: &'a Path,
    pub assembly: &'a Path,
    /// Where the table is kept; None for in memory, lost on exit.
    pub data: Option<&'a Path>,
    /// Whether it serves the page too.
    pub site: bool,
    /// Where it writes what the API receives and answers.
    pub record: Option<&'a Path>,
    /// Whether only the functions may use the table.
    pub locked: bool,
    /// The halves of CORS to run without.
    pub without: &'a [String],
}

/// What a client of the table needs.
pub struct TableAccess {
    pub url: String,
    pub name: String,
    key_id: String,
    secret: String,
}

pub struct Runner {
    pub server: Server,
    /// None in a run that is locked.
    pub table: Option<TableAccess>,
    /// What the page learns of its deployment, as text.
    pub site_config: String,
}

impl Runner {
    /// Starts the runner and waits until it listens.
    pub fn start(options: &Options) -> Result<Self> {
        let mut command = process::command(options.program);
        command.arg(options.assembly).arg("--control");
        match options.data {
            Some(dir) => command.arg("--data").arg(dir),
            None => command.arg("--memory"),
        };
        command.args((!options.site).then_some("--no-site"));
        command.args(options.record.into_iter().flat_map(|file| [Path::new("--record"), file]));
        command.args(options.locked.then_some("--locked"));
        command.args(options.without.iter().flat_map(|part| ["--without", part]));
        let started = Server::start("the runner", command);
        let (server, ready) = started.context("the functions do not start")?;
        let table = TableAccess::of(&ready);
        Ok(Self { server, table, site_config: ready["siteConfig"].to_string() })
    }

    /// Swaps to the functions of another assembly.
    pub fn reload(&mut self, assembly: &Path) -> Result<()> {
        let answer = self.server.ask(&format!("reload {}", assembly.display()))?;
        match (&answer["reloaded"], &answer["reloadFailed"]) {
            (Value::Bool(true), _) => Ok(()),
            (_, Value::String(why)) => bail!("{why}"),
            _ => bail!("the runner answered {answer} to a reload"),
        }
    }
}

impl TableAccess {
    fn of(ready: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            url: text(&ready["table"])?,
            name: text(&ready["tableNames"][0])?,
            key_id: text(&ready["tableKey"]["id"])?,
            secret: text(&ready["tableKey"]["secret"])?,
        })
    }

    /// A command for a shell that shows what is stored.
    pub fn command(&self) -> String {
        let Self { url, name, key_id, secret } = self;
        format!(
            "AWS_ENDPOINT_URL_DYNAMODB={url} AWS_ACCESS_KEY_ID={key_id} \
             AWS_SECRET_ACCESS_KEY={secret} \
             aws dynamodb scan --region us-east-1 --table-name {name}"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    use tempfile::TempDir;

    use super::{Options, Runner};

    /// A stand-in that speaks the runner's protocol; `script` is what it does, in its folder.
    fn program(script: &str) -> (TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("runner");
        fs::write(&program, format!("#!/bin/sh\ncd {}\n{script}\n", dir.path().display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        (dir, program)
    }

    fn start(program: &Path) -> anyhow::Result<Runner> {
        let assembly = Path::new("/assembly");
        Runner::start(&Options {
            program,
            assembly,
            data: None,
            site: false,
            record: None,
            locked: true,
            without: &[],
        })
    }

    #[test]
    fn it_swaps_functions_says_why_it_cannot_and_ends_with_its_input() {
        let (dir, program) = program(
            r#"echo "$@" > trace
            ready='"api":"http://localhost:3000","site":null,"table":"http://127.0.0.1:1"'
            key='"tableNames":["t"],"tableKey":{"id":"ASIA","secret":"s"}'
            echo "{\"ready\":{$ready,$key}}"
            read -r line; echo "$line" >> trace; echo '{"reloaded":true}'
            read -r line; echo '{"reloadFailed":"no template in /b"}'
            read -r line || echo end >> trace"#,
        );
        let mut runner = start(&program).unwrap();
        assert_eq!(
            runner.table.as_ref().unwrap().command(),
            "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1 AWS_ACCESS_KEY_ID=ASIA \
             AWS_SECRET_ACCESS_KEY=s aws dynamodb scan --region us-east-1 --table-name t"
        );
        runner.reload(Path::new("/a")).unwrap();
        let error = runner.reload(Path::new("/b")).unwrap_err().to_string();
        assert_eq!(error, "no template in /b");
        drop(runner);
        let traced = fs::read_to_string(dir.path().join("trace")).unwrap();
        assert_eq!(traced, "/assembly --control --memory --no-site --locked\nreload /a\nend\n");
    }

    #[test]
    fn one_that_cannot_start_says_why_in_its_own_words() {
        let script = "echo listening >&2; echo 'error: port 3000 is taken' >&2; exit 1";
        let (_dir, program) = program(script);
        let error = start(&program).err().map(|error| format!("{error:#}"));
        assert_eq!(error.as_deref(), Some("the functions do not start: port 3000 is taken"));
    }
}
