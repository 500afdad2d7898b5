//! A cloud assembly: the folder that `cdk synth` writes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The one stack of an assembly, with the files that its template refers to.
#[derive(Debug)]
pub struct Assembly {
    pub stack_name: String,
    pub template: Value,
    /// Where the file or folder of an asset lies, by the key under which a template names it.
    assets: HashMap<String, PathBuf>,
}

#[derive(Deserialize)]
struct Manifest {
    artifacts: HashMap<String, Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    properties: ArtifactProperties,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct ArtifactProperties {
    template_file: Option<String>,
    file: Option<String>,
}

#[derive(Deserialize)]
struct AssetManifest {
    #[serde(default)]
    files: HashMap<String, FileAsset>,
}

#[derive(Deserialize)]
struct FileAsset {
    source: FileSource,
    destinations: HashMap<String, FileDestination>,
}

#[derive(Deserialize)]
struct FileSource {
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileDestination {
    object_key: String,
}

impl Assembly {
    /// Reads the assembly in `dir`.
    pub fn read(dir: &Path) -> Result<Self> {
        // Functions run in their own folders, from where a relative path leads elsewhere.
        let dir = &std::path::absolute(dir)?;
        let manifest: Manifest = read_json(&dir.join("manifest.json"))
            .with_context(|| format!("{} is not the output of `cdk synth`", dir.display()))?;
        let mut stacks =
            manifest.artifacts.iter().filter(|(_, a)| a.kind == "aws:cloudformation:stack");
        let Some((stack_name, stack)) = stacks.next() else {
            bail!("{} holds no stack", dir.display())
        };
        ensure!(stacks.next().is_none(), "{} holds more than one stack", dir.display());
        let Some(template) = &stack.properties.template_file else {
            bail!("the stack {stack_name} names no template file")
        };

        let mut assets = HashMap::new();
        for artifact in manifest.artifacts.values().filter(|a| a.kind == "cdk:asset-manifest") {
            let Some(file) = &artifact.properties.file else { continue };
            let manifest: AssetManifest = read_json(&dir.join(file))?;
            for asset in manifest.files.into_values() {
                let Some(path) = asset.source.path else { continue };
                for destination in asset.destinations.into_values() {
                    assets.insert(destination.object_key, dir.join(&path));
                }
            }
        }
        Ok(Self {
            stack_name: stack_name.clone(),
            template: read_json(&dir.join(template))?,
            assets,
        })
    }

    /// The folder of an asset, by its key in the assets' bucket.
    pub fn asset(&self, key: &str) -> Result<&Path> {
        self.assets
            .get(key)
            .map(PathBuf::as_path)
            .with_context(|| format!("the assembly has no asset {key}"))
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot understand {}", path.display()))
}
