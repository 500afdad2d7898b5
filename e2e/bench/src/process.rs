//! What the system says of the processes of a function: Linux only, elsewhere nothing is known.

use std::fs;
use std::path::{Path, PathBuf};

/// Memory of a process.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// MB that were resident at most.
    pub peak: f64,
    /// MB that are resident now.
    pub now: f64,
}

/// The processes that we started for the function whose code is in `code`: Lambda tells each where that is.
pub fn of(code: &Path) -> Vec<PathBuf> {
    let code = format!("LAMBDA_TASK_ROOT={}", code.display());
    let runs_it = |process: &PathBuf| {
        fs::read(process.join("environ"))
            .is_ok_and(|all| all.split(|&byte| byte == 0).any(|one| one == code.as_bytes()))
    };
    let ours = format!("PPid:\t{}", std::process::id());
    let is_ours = |process: &PathBuf| {
        fs::read_to_string(process.join("status"))
            .is_ok_and(|status| status.lines().any(|line| line == ours))
    };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    all.filter(is_ours).filter(runs_it).collect()
}

/// The memory of a process (proc(5), `status`).
pub fn memory(process: &Path) -> Option<Memory> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kilobytes / 1024.0)
    };
    Some(Memory { peak: megabytes("VmHWM:")?, now: megabytes("VmRSS:")? })
}

/// The microseconds for which all threads of these processes have run, in the kernel too (the kernel's
/// sched-stats.rst, `schedstat`: `stat` counts in hundredths of a second).
pub fn cpu_time(processes: &[PathBuf]) -> Option<f64> {
    let mut nanoseconds = 0.0;
    for process in processes {
        for thread in fs::read_dir(process.join("task")).ok()?.flatten() {
            let stat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            nanoseconds += stat.split_whitespace().next()?.parse::<f64>().ok()?;
        }
    }
    (!processes.is_empty()).then_some(nanoseconds / 1e3)
}
