//! Which sources a build was made from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use fs_err as fs;
use tempfile::TempDir;

use crate::{paths, process};

/// All that the functions and the page are made of.
const SOURCES: [&str; 6] =
    ["backend", "frontend", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo"];

/// What a build is made from; written beside it when the whole of it is there.
pub struct Sources {
    file: PathBuf,
    /// Absent where git does not say.
    now: Option<String>,
}

/// Before a build: what there was is not whole any more.
pub fn forget(root: &Path) -> Result<Sources> {
    let file = root.join("target/lambda/arm64/sources");
    paths::remove(&file)?;
    Ok(Sources { file, now: sources(root)? })
}

impl Sources {
    /// After a build.
    pub fn remember(self) -> Result<()> {
        Ok(fs::write(self.file, self.now.unwrap_or_default())?)
    }
}

/// Refuses a build that is not there, or is not of the sources that are; gives its commit.
pub fn check(root: &Path) -> Result<String> {
    let Ok(built) = fs::read_to_string(root.join("target/lambda/arm64/sources")) else {
        bail!("there is no build: run `cargo xtask build`, or leave --built out");
    };
    let Some((commit, tree)) = built.split_once(' ') else {
        return Ok("of unknown sources".to_owned());
    };
    let now = sources(root)?.context("git does not say what the sources are")?;
    let same = now.split_once(' ').is_some_and(|(_, now)| now == tree);
    ensure!(
        same,
        "the build is of commit {commit}, and backend/ or frontend/ differ now: run `cargo xtask \
         build`, or leave --built out"
    );
    Ok(format!("of commit {commit}"))
}

/// The last commit, and the name that git gives to the files of the working tree.
fn sources(root: &Path) -> Result<Option<String>> {
    // An index of its own: that of the user stays as it is.
    let dir = TempDir::new()?;
    let git = |arguments: &[&str]| {
        let mut git = process::command("git");
        git.current_dir(root).args(arguments).env("GIT_INDEX_FILE", dir.path().join("index"));
        let (status, text) = process::output(git)?;
        anyhow::Ok(status.success().then(|| text.trim().to_owned()))
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"])? else { return Ok(None) };
    let mut add = vec!["add", "--"];
    add.extend(SOURCES.into_iter().filter(|name| root.join(name).exists()));
    let Some(_) = git(&add)? else { return Ok(None) };
    Ok(git(&["write-tree"])?.map(|tree| format!("{commit} {tree}")))
}
