//! Where and when something was measured. What a system does not tell is left out.

use std::{fs, thread};

use serde_json::{Value, json};

use crate::process;

/// As the JSON of the measurements has it: numbers, texts, and null for what is not known.
pub fn describe() -> Value {
    let kilobytes = linux("/proc/meminfo", "MemTotal:")
        .and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let bytes = kilobytes.map(|kilobytes| kilobytes << 10);
    let bytes = bytes.or_else(|| said("sysctl", &["-n", "hw.memsize"])?.parse().ok());
    json!({
        "date": said("date", &["-u", "+%Y-%m-%d"]),
        "commit": said("git", &["describe", "--always", "--exclude=*", "--dirty= with changes"]),
        "cpu": linux("/proc/cpuinfo", "model name\t: ")
            .or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"])),
        "cores": thread::available_parallelism().map_or(1, usize::from),
        "memoryGb": bytes.map(|bytes| (bytes + (1 << 29)) >> 30),
        "kernel": said("uname", &["-sr"]),
        "python": said("python3", &["--version"]),
        "node": said("node", &["--version"]).map(|version| format!("Node {version}")),
        // Programs that wanted to run in the last minute, in the mean: what else was going on.
        "loadAtStart": linux("/proc/loadavg", "")
            .and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()),
    })
}

/// The same as a sentence.
pub fn sentence(machine: &Value) -> String {
    let [date, commit, cpu, cores, memory, kernel, python, node, load] =
        ["date", "commit", "cpu", "cores", "memoryGb", "kernel", "python", "node", "loadAtStart"]
            .map(|name| match &machine[name] {
                Value::String(text) => text.clone(),
                Value::Null => "?".to_owned(),
                number => number.to_string(),
            });
    format!(
        "{date} at {commit}: {cores} cores of {cpu}, {memory} GB, {kernel}, {python}, {node}; \
         load {load} at the start"
    )
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
