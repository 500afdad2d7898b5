//! Names that say what is in a file.
//!
//! Trunk names the app's program and its script after the program that Cargo made, before
//! wasm-bindgen and wasm-opt worked on it: another version or setting of theirs would put other
//! bytes under the same names, which browsers keep for a year. So both are named anew, after the
//! bytes that are served.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use anyhow::{Result, ensure};
use fs_err as fs;

/// Renames the program and the script in the site at `dir`, and says so in every file that names
/// them.
pub fn after_content(dir: &Path) -> Result<()> {
    let files = fs::read_dir(dir)?
        .map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default()))
        .collect::<Result<Vec<_>>>()?;
    let mut names = BTreeMap::new();
    for name in &files {
        if let Some((stem, end)) = parts(name) {
            let hash = hash(&fs::read(dir.join(name))?);
            names.insert(format!("{stem}-{hash:016x}{end}"), name);
        }
    }
    for name in files.iter().filter(|name| is_text(name)) {
        let before = fs::read_to_string(dir.join(name))?;
        let after = names.iter().fold(before.clone(), |text, (new, old)| text.replace(*old, new));
        if after != before {
            // Its own name, and the checksum in the page, would not be of these bytes any more.
            let is_renamed = parts(name).is_some();
            ensure!(!is_renamed, "{name} names another file of the build, which gets a new name");
            fs::write(dir.join(name), after)?;
        }
    }
    for (new, old) in names.into_iter().filter(|(new, old)| new != *old) {
        fs::rename(dir.join(old), dir.join(new))?;
    }
    Ok(())
}

/// `frontend` and `_bg.wasm` of `frontend-2aded53615334921_bg.wasm`; None for any other file.
fn parts(name: &str) -> Option<(&str, &str)> {
    let end = ["_bg.wasm", ".js"].into_iter().find(|end| name.ends_with(end))?;
    let (stem, hash) = name.strip_suffix(end)?.rsplit_once('-')?;
    let is_hash = (12..=16).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then_some((stem, end))
}

fn is_text(name: &str) -> bool {
    [".html", ".js", ".css", ".json", ".webmanifest"].iter().any(|end| name.ends_with(end))
}

/// Not cryptographic: it only tells two builds apart.
fn hash(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{after_content, parts};

    const OLD: &str = "web-2aded53615334921";

    fn site(wasm: &str) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write(&format!("{OLD}_bg.wasm"), wasm);
        write(&format!("{OLD}.js"), "new URL('web_bg.wasm')");
        write("style-3ad0bb2fce738341.css", "");
        write("index.html", &format!("import init from '/{OLD}.js'; init('/{OLD}_bg.wasm')"));
        dir
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn other_bytes_get_another_name_and_the_page_knows_it() {
        let dirs = [site("one"), site("two")];
        let [one, two] = dirs.each_ref().map(TempDir::path);
        after_content(one).unwrap();
        after_content(two).unwrap();
        let (first, second) = (names(one), names(two));
        let common: Vec<_> = first.iter().filter(|name| second.contains(name)).collect();
        assert_eq!(common.len(), 3, "the page, the style and the script are the same: {common:?}");
        for (dir, names) in [(one, &first), (two, &second)] {
            let page = fs::read_to_string(dir.join("index.html")).unwrap();
            assert!(!page.contains(OLD), "{page}");
            for name in names.iter().filter(|name| name.starts_with("web-")) {
                assert!(page.contains(&format!("'/{name}'")), "{page} does not name {name}");
            }
        }
        after_content(one).unwrap();
        assert_eq!(names(one), first, "a second time changed something");
    }

    #[test]
    fn only_the_app_is_named_anew() {
        assert_eq!(parts("web-2aded53615334921_bg.wasm"), Some(("web", "_bg.wasm")));
        assert_eq!(parts("a-b-2aded53615334.js"), Some(("a-b", ".js")));
        for name in ["sw.js", "web-2aded53615334921.css", "web-notahexnumber1.js", "index.html"] {
            assert_eq!(parts(name), None, "{name}");
        }
    }
}
