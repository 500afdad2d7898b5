//! Where things are in the repository.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs, io};

use anyhow::{Context, Result};

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    // Cargo says at run time where this crate is now; the build remembers where it was then.
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors().nth(2).map_or_else(|| here.clone(), Path::to_path_buf)
});

pub fn root() -> &'static Path {
    &ROOT
}

pub fn infra() -> PathBuf {
    root().join("infra")
}

pub fn frontend() -> PathBuf {
    root().join("frontend")
}

pub fn e2e() -> PathBuf {
    root().join("e2e")
}

/// What belongs to this working tree and to no commit: data, assemblies, locks.
pub fn local() -> Result<PathBuf> {
    let dir = root().join(".local");
    create_dir(&dir)?;
    Ok(dir)
}

pub fn create_dir(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))
}

/// Removes what is at `path`, if anything is.
pub fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// A directory that goes away with its owner.
pub struct TempDir(PathBuf);

impl TempDir {
    /// `.local/NAME-PID`: two commands at once do not meet.
    pub fn new(name: &str) -> Result<Self> {
        let path = local()?.join(format!("{name}-{}", std::process::id()));
        remove(&path)?;
        create_dir(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // What cannot be removed now is in nobody's way: `.local` is ignored by git, the name is ours.
        let _ = fs::remove_dir_all(&self.0);
    }
}
