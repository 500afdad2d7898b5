//! Sees what was edited, by looking: some dozen files, a few times a second.
//!
//! Looking costs nothing here and works everywhere, on shared folders too. And it compares with
//! what the last build saw, so that an edit during a build is not missed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use walkdir::{DirEntry, WalkDir};

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

    /// What cannot be read is not there; the build will say more.
    fn look(&self) -> Files {
        let entries = self.watched.iter().flat_map(|path| {
            let entries = WalkDir::new(path).follow_links(true).into_iter();
            entries.filter_entry(|entry| entry.depth() == 0 || !is_swap_file(entry)).flatten()
        });
        let files = entries.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some((entry.into_path(), (metadata.modified().ok(), metadata.len())))
        });
        files.collect()
    }
}

/// Editors keep such beside the real files.
fn is_swap_file(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || name.ends_with('~')
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Watch;

    #[test]
    fn edits_new_and_removed_files_are_seen_once_and_swap_files_never() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::create_dir_all(root.join("src/deep")).unwrap();
        fs::write(root.join("src/deep/a.rs"), "one").unwrap();
        let mut watch = Watch::new(root, &["src", "Cargo.toml"]);
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
    }
}
