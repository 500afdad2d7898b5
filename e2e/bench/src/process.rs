//! The processes of a function and their CPU time. On Linux only: elsewhere nothing is found.

use std::fs;
use std::path::Path;

/// The ids of this process's children that run the function whose code is in `code`: the
/// environment of each names that folder.
pub fn of(code: &Path) -> Vec<u32> {
    let code = format!("LAMBDA_TASK_ROOT={}", code.display());
    let runs_it = |pid: &u32| {
        fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|all| all.split(|&byte| byte == 0).any(|one| one == code.as_bytes()))
    };
    let parent = format!("PPid:\t{}", std::process::id());
    let is_child = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/status"))
            .is_ok_and(|status| status.lines().any(|line| line == parent))
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    all.filter(is_child).filter(runs_it).collect()
}

/// The CPU time of all threads of these processes in microseconds, in the kernel too (the kernel's
/// sched-stats.rst, `schedstat`; `stat` has a resolution of 10 ms only).
pub fn cpu_time(processes: &[u32]) -> Option<f64> {
    let mut nanoseconds = 0.0;
    for pid in processes {
        for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
            let stat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            nanoseconds += stat.split_whitespace().next()?.parse::<f64>().ok()?;
        }
    }
    (!processes.is_empty()).then_some(nanoseconds / 1e3)
}
