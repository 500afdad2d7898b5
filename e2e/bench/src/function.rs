//! The functions that are measured: ours, two of them in other languages, and one that does
//! nothing.

use std::collections::HashMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use template_runner::assembly::Assembly;
use template_runner::lambda::Function;
use template_runner::stack::Stack;

pub const GET: &str = "get-event";
pub const LIST: &str = "list-events";
pub const CREATE: &str = "create-event";
pub const DELETE: &str = "delete-event";

/// The title of the row with the wanted ratios.
pub const WANTED: &str = "wanted: get-event, Python";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Make {
    Ours,
    Python,
    Node,
    Empty,
}

/// `Ours` is first.
pub const MAKES: [Make; 4] = [Make::Ours, Make::Python, Make::Node, Make::Empty];

impl Make {
    /// The routes that it has a function for.
    pub fn routes(self) -> &'static [&'static str] {
        match self {
            Self::Ours => &[GET, LIST, CREATE, DELETE],
            Self::Python | Self::Node => &[GET, LIST],
            Self::Empty => &[GET],
        }
    }

    /// The title of its function for a route, in the tables.
    pub fn title(self, route: &str) -> String {
        match self {
            Self::Ours => route.to_owned(),
            Self::Python => format!("{route}, Python with boto3"),
            Self::Node => format!("{route}, Node with the AWS SDK"),
            Self::Empty => "a function that does nothing".to_owned(),
        }
    }

    /// The folder of its code; `None` for the assembly's own.
    fn code(self, peers: &Path) -> Option<PathBuf> {
        match self {
            Self::Ours => None,
            Self::Python => Some(peers.join("python")),
            Self::Node => Some(peers.join("node")),
            Self::Empty => Some(peers.join("empty")),
        }
    }
}

/// Creates the code folder of [`Make::Empty`].
pub fn provide_empty(peers: &Path) -> Result<()> {
    let binary = std::env::current_exe()?.with_file_name("empty-function");
    let code = peers.join("empty");
    std::fs::create_dir_all(&code).with_context(|| format!("cannot make {}", code.display()))?;
    let bootstrap = code.join("bootstrap");
    if !bootstrap.exists() {
        symlink(&binary, &bootstrap)
            .with_context(|| format!("cannot write {}", bootstrap.display()))?;
    }
    Ok(())
}

/// The functions of an assembly, by their routes.
pub fn read(assembly: &Path) -> Result<HashMap<String, Function>> {
    let stack = Stack::read(&Assembly::read(assembly)?)?;
    Ok(stack.functions.into_values().map(|function| (function.label.clone(), function)).collect())
}

/// The function of a route and a make.
pub fn make(
    functions: &HashMap<String, Function>,
    make: Make,
    route: &str,
    peers: &Path,
) -> Result<Function> {
    let function = functions.get(route).with_context(|| format!("no function {route}"))?.clone();
    Ok(match make.code(peers) {
        Some(code) => Function { code, ..function },
        None => function,
    })
}

/// The assembly with the functions of a make: a copy with symbolic links to the other assets.
pub fn assembly(original: &Path, make: Make, peers: &Path) -> Result<PathBuf> {
    let Some(code) = make.code(peers) else { return Ok(original.to_owned()) };
    let copy = peers.join(format!("assembly-{make:?}"));
    let functions = read(original)?;
    let replaced: Vec<_> =
        make.routes().iter().filter_map(|route| functions.get(*route)?.code.file_name()).collect();
    std::fs::create_dir_all(&copy).with_context(|| format!("cannot make {}", copy.display()))?;
    for entry in std::fs::read_dir(original)? {
        let entry = entry?;
        let target = if replaced.contains(&entry.file_name().as_os_str()) {
            code.clone()
        } else {
            entry.path()
        };
        symlink(std::path::absolute(target)?, copy.join(entry.file_name()))?;
    }
    Ok(copy)
}
