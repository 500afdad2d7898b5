//! Where and when something was measured. What a system does not tell is left out.

use std::fmt::{self, Display, Formatter};
use std::{fs, thread};

use serde_json::{Value, json};

use crate::process;

pub struct Machine {
    date: Option<String>,
    commit: Option<String>,
    cpu: Option<String>,
    cores: usize,
    gigabytes: Option<u64>,
    kernel: Option<String>,
    python: Option<String>,
    node: Option<String>,
    /// Programs that wanted to run in the last minute, in the mean: what else was going on.
    load: Option<f64>,
}

impl Machine {
    pub fn describe() -> Self {
        let commit = said("git", &["rev-parse", "--short", "HEAD"]).map(|commit| {
            let changed = said("git", &["status", "--porcelain"]).is_some();
            if changed { format!("{commit} with changes") } else { commit }
        });
        Self {
            date: said("date", &["-u", "+%Y-%m-%d"]),
            commit,
            cpu: linux("/proc/cpuinfo", "model name\t: ")
                .or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"])),
            cores: thread::available_parallelism().map_or(1, Into::into),
            gigabytes: memory().map(|bytes| (bytes + (1 << 29)) >> 30),
            kernel: said("uname", &["-sr"]),
            python: said("python3", &["--version"]),
            node: said("node", &["--version"]).map(|version| format!("Node {version}")),
            load: linux("/proc/loadavg", "")
                .and_then(|line| line.split_whitespace().next()?.parse().ok()),
        }
    }

    pub fn to_json(&self) -> Value {
        json!({
            "date": self.date,
            "commit": self.commit,
            "cpu": self.cpu,
            "cores": self.cores,
            "memoryGb": self.gigabytes,
            "kernel": self.kernel,
            "python": self.python,
            "node": self.node,
            "loadAtStart": self.load,
        })
    }
}

impl Display for Machine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_owned());
        write!(f, "{} at {}: ", known(&self.date), known(&self.commit))?;
        write!(f, "{} cores of {}, ", self.cores, known(&self.cpu))?;
        if let Some(gigabytes) = self.gigabytes {
            write!(f, "{gigabytes} GB, ")?;
        }
        write!(f, "{}, {}, {}", known(&self.kernel), known(&self.python), known(&self.node))?;
        self.load.map_or(Ok(()), |load| write!(f, "; load {load} at the start"))
    }
}

/// Bytes.
fn memory() -> Option<u64> {
    linux("/proc/meminfo", "MemTotal:")
        .and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        .map(|kilobytes| kilobytes * 1024)
        .or_else(|| said("sysctl", &["-n", "hw.memsize"])?.parse().ok())
}

/// What follows `start` in the first line of a file that begins with it.
fn linux(file: &str, start: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(start)).map(str::to_owned)
}

/// What a program says, if it is there and says something.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = process::command(program);
    command.args(arguments);
    let (status, output) = process::output(command).ok()?;
    let output = output.trim();
    (status.success() && !output.is_empty()).then(|| output.to_owned())
}
