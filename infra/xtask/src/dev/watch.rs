//! Sees what was edited, by looking: some dozen files, a few times a second.
//!
//! Looking costs nothing here and works everywhere, on shared folders too. And it compares with what the last
//! build saw, so that an edit during a build is not missed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::interrupt::{self, Interrupted};

/// An editor or a checkout that writes several files is waited for.
const SETTLED: Duration = Duration::from_millis(100);

type Files = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

pub struct Watch {
    root: PathBuf,
    watched: Vec<PathBuf>,
    seen: Files,
}

impl Watch {
    /// Watches files, and directories with all that is in them, below `root`.
    pub fn new(root: &Path, watched: &[&str]) -> Self {
        let watched = watched.iter().map(|path| root.join(path)).collect();
        let mut watch = Self { root: root.to_owned(), watched, seen: Files::new() };
        watch.seen = watch.look();
        watch
    }

    /// A file that came, went or changed since the last time.
    pub fn changed(&mut self) -> Result<Option<String>, Interrupted> {
        let mut now = self.look();
        if now == self.seen {
            return Ok(None);
        }
        loop {
            interrupt::sleep(SETTLED)?;
            let later = self.look();
            if later == now {
                break;
            }
            now = later;
        }
        let before = std::mem::replace(&mut self.seen, now);
        let differs = |path: &&PathBuf| before.get(*path) != self.seen.get(*path);
        let changed = before.keys().chain(self.seen.keys()).find(differs);
        Ok(changed.map(|path| path.strip_prefix(&self.root).unwrap_or(path).display().to_string()))
    }

    fn look(&self) -> Files {
        let mut files = Files::new();
        for path in &self.watched {
            add(path, &mut files);
        }
        files
    }
}

/// What cannot be read is not there; the build will say more.
fn add(path: &Path, files: &mut Files) {
    let Ok(metadata) = fs::metadata(path) else { return };
    if metadata.is_file() {
        files.insert(path.to_owned(), (metadata.modified().ok(), metadata.len()));
    } else if let Ok(entries) = fs::read_dir(path) {
        for entry in entries.flatten() {
            let name = entry.file_name();
            // Editors keep swap files and the like beside the real ones.
            let hidden =
                name.to_string_lossy().starts_with('.') || name.to_string_lossy().ends_with('~');
            if !hidden {
                add(&entry.path(), files);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::Watch;

    #[test]
    fn edits_new_and_removed_files_are_seen_once_and_swap_files_never() {
        let root = env::temp_dir().join(format!("xtask-watch-{}", std::process::id()));
        fs::create_dir_all(root.join("src/deep")).unwrap();
        fs::write(root.join("src/deep/a.rs"), "one").unwrap();
        let mut watch = Watch::new(&root, &["src", "Cargo.toml"]);
        assert_eq!(watch.changed().unwrap(), None);

        fs::write(root.join("src/deep/a.rs"), "longer").unwrap();
        assert_eq!(watch.changed().unwrap().as_deref(), Some("src/deep/a.rs"));
        assert_eq!(watch.changed().unwrap(), None);

        fs::write(root.join("Cargo.toml"), "").unwrap();
        assert_eq!(watch.changed().unwrap().as_deref(), Some("Cargo.toml"));
        fs::remove_file(root.join("src/deep/a.rs")).unwrap();
        assert_eq!(watch.changed().unwrap().as_deref(), Some("src/deep/a.rs"));

        fs::write(root.join("src/.a.rs.swp"), "").unwrap();
        fs::write(root.join("src/a.rs~"), "").unwrap();
        assert_eq!(watch.changed().unwrap(), None);
        fs::remove_dir_all(&root).unwrap();
    }
}
