//! How much memory a process holds (proc(5), `/proc/pid/status`): on Linux only.

use std::path::Path;
use std::{fs, io};

/// The resident memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// kB now.
    pub now: u64,
    /// kB at most since the process started.
    pub peak: u64,
}

/// Whether this system tells the memory of processes in this way.
pub fn is_supported() -> bool {
    Path::new("/proc/self/status").exists()
}

impl Memory {
    /// Reads the memory of a process. A process that ended is an error, as is a system without
    /// `/proc`.
    pub fn of(pid: u32) -> io::Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).ok_or_else(|| {
                // A process that ended and was not waited for has a status without memory.
                io::Error::new(io::ErrorKind::InvalidData, format!("process {pid} has no {name}"))
            })
        };
        Ok(Self { now: kilobytes("VmRSS:")?, peak: kilobytes("VmHWM:")? })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn memory_is_in_kilobytes() {
        let before = Memory::of(std::process::id()).expect("this process runs");
        let held = vec![1_u8; 64 << 20];
        let after = Memory::of(std::process::id()).expect("this process runs");
        assert_eq!(std::hint::black_box(&held).len(), 64 << 20);
        let grown = after.now - before.now;
        assert!((60 << 10..90 << 10).contains(&grown), "{before:?} {after:?}");
        assert!(after.peak >= after.now);
    }

    #[test]
    fn a_process_that_ended_has_no_memory() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().expect("cat runs");
        assert!(is_supported());
        assert!(Memory::of(child.id()).is_ok());
        drop(child.stdin.take());
        child.wait().expect("it ends");
        assert!(Memory::of(child.id()).is_err());
    }
}
