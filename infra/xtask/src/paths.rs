//! Where things are in the repository.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, io};

use anyhow::Result;
use fs_err as fs;
use tempfile::TempDir;

pub use fs_err::create_dir_all as create_dir;

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    // Cargo says at run time where this crate is now; the build remembers where it was then.
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    let here = Path::new(&here);
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
});

pub fn root() -> &'static Path {
    &ROOT
}

pub fn infra() -> PathBuf {
    root().join("infra")
}

/// The sign-in provider of development.
pub fn sign_in() -> PathBuf {
    infra().join("sign-in-local")
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

/// A directory in `.local` that goes away with its owner.
pub fn temp_dir(name: &str) -> Result<TempDir> {
    Ok(tempfile::Builder::new().prefix(&format!("{name}-")).tempdir_in(local()?)?)
}

/// Removes what is at `path`, if anything is.
pub fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
