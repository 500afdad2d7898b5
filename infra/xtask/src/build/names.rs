//! Names that say what is in a file.
//!
//! Trunk names the app's program and its script after the program that Cargo made, before
//! wasm-bindgen and wasm-opt worked on it: another version or setting of theirs would put other
//! bytes under the same names, which browsers keep for a year. So both are named anew, after the
//! bytes that are served.
//!
//! The program and its script call what one gives to the other by names with a hash each, which no
//! compression makes smaller. These hashes become numbers: 3 kB less to download.
//!
//! Trunk also writes the script that starts the app into the page, with these names in it. A
//! content security policy would have to carry its hash and change with each build. So the script
//! becomes a file too, and the policy never changes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fs_err as fs;
use sha2::{Digest, Sha384};

/// Names the app's program and its scripts in the site at `dir` after their content, in every file
/// that names them, and leaves no script in the page itself.
///
/// `minify` shortens the script in a file, which trunk's own minifier cannot read.
pub fn after_content(dir: &Path, minify: Minify) -> Result<()> {
    shorten(dir, minify)?;
    rename(dir)?;
    let page = dir.join("index.html");
    let html = fs::read_to_string(&page)?;
    fs::write(&page, extract_start(&html, dir)?)?;
    Ok(())
}

pub type Minify<'a> = &'a dyn Fn(&Path) -> Result<()>;

/// Numbers the imports of the program in `dir`, in the script that gives them, too, and minifies
/// that.
fn shorten(dir: &Path, minify: Minify) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().into_string().unwrap_or_default();
        if parts(&name).is_some() {
            files.push((fs::read(dir.join(&name))?, name));
        }
    }
    let page = dir.join("index.html");
    let mut html = fs::read_to_string(&page)?;
    for (wasm, program) in files.iter().filter(|(_, name)| name.ends_with("_bg.wasm")) {
        let stem = |name| parts(name).map(|(stem, _)| stem);
        let hashes = import_hashes(wasm);
        for (before, name) in files.iter().filter(|(_, name)| stem(name) == stem(program)) {
            let file = dir.join(name);
            fs::write(&file, numbered(before, &hashes))?;
            if parts(name).is_some_and(|(_, end)| end == ".js") {
                minify(&file)?;
            }
            html = html.replace(&integrity(before), &integrity(&fs::read(&file)?));
        }
    }
    fs::write(page, html)?;
    Ok(())
}

const HASH_LENGTH: usize = 16;

/// The hashes at the end of names like `__wbg_fetch_0123456789abcdef`, each once.
fn import_hashes(wasm: &[u8]) -> Vec<[u8; HASH_LENGTH]> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let begins = (0..wasm.len()).filter(|at| wasm[*at..].starts_with(b"__wbg_"));
    let mut hashes = Vec::new();
    for begin in begins {
        // What a name is preceded by, its length, may look like a part of it.
        let name = wasm[begin..].split(|byte| !is_name(byte)).next().unwrap_or_default();
        if let Some((_, hash)) = name.split_last_chunk::<HASH_LENGTH>()
            && hash.iter().all(u8::is_ascii_hexdigit)
            && !hashes.contains(hash)
        {
            hashes.push(*hash);
        }
    }
    hashes
}

/// With the place of each hash in the list instead of it, in as many digits: the program says how long
/// a name is.
fn numbered(content: &[u8], hashes: &[[u8; HASH_LENGTH]]) -> Vec<u8> {
    let mut content = content.to_vec();
    for at in 1..(content.len() + 1).saturating_sub(HASH_LENGTH) {
        let end = at + HASH_LENGTH;
        if content[at - 1] == b'_'
            && let Some(number) = hashes.iter().position(|hash| *hash == content[at..end])
        {
            content[at..end].copy_from_slice(format!("{number:016}").as_bytes());
        }
    }
    content
}

/// Writes the inline script that starts the app to a file in `dir`; gives the page that names it.
/// Any other inline script is an error.
fn extract_start(html: &str, dir: &Path) -> Result<String> {
    let mut page = String::new();
    let mut rest = html;
    while let Some(at) = rest.find("<script") {
        let (before, script) = rest.split_at(at);
        let (tag, script) = script.split_once('>').context("index.html has half a tag")?;
        let (code, after) =
            script.split_once("</script>").context("a script of index.html has no end")?;
        page += before;
        if tag.contains(" src=") {
            page.extend([tag, ">", code, "</script>"]);
        } else {
            ensure!(
                tag.contains("module") && code.contains("init("),
                "index.html has an inline script, which the content security policy refuses: \
                 write it to a file like start.js"
            );
            let name = format!("boot-{:016x}.js", hash(code.as_bytes()));
            fs::write(dir.join(&name), code)?;
            let integrity = integrity(code.as_bytes());
            page.extend(["<script type=\"module\" src=\"/", &name, "\" integrity=\"", &integrity]);
            page += "\"></script>";
        }
        rest = after;
    }
    Ok(page + rest)
}

/// As trunk writes it for the other files (Subresource Integrity, section 3.1).
fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(content)))
}

/// Renames the program and the scripts in `dir`, and says so in every file that names them.
fn rename(dir: &Path) -> Result<()> {
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

    use super::{after_content, integrity, parts};

    const OLD: &str = "web-2aded53615334921";

    fn site(wasm: &str) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write(&format!("{OLD}_bg.wasm"), wasm);
        write(&format!("{OLD}.js"), "new URL('web_bg.wasm')");
        write("style-3ad0bb2fce738341.css", "");
        write("index.html", &page(&start(OLD)));
        dir
    }

    /// As trunk writes it in a release build.
    fn page(script: &str) -> String {
        format!("<script src=/start-0f4a.js></script><script type=module>{script}</script><p>")
    }

    fn start(name: &str) -> String {
        format!("import init from '/{name}.js'; init('/{name}_bg.wasm')")
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
        after_content(one, &|_| Ok(())).unwrap();
        after_content(two, &|_| Ok(())).unwrap();
        let (first, second) = (names(one), names(two));
        let common: Vec<_> = first.iter().filter(|name| second.contains(name)).collect();
        assert_eq!(common.len(), 3, "the page, the style and the script are the same: {common:?}");
        for (dir, names) in [(one, &first), (two, &second)] {
            let boot = names.iter().find(|name| name.starts_with("boot-")).unwrap();
            let script = fs::read_to_string(dir.join(boot)).unwrap();
            assert!(!script.contains(OLD), "{script}");
            for name in names.iter().filter(|name| name.starts_with("web-")) {
                assert!(script.contains(&format!("'/{name}'")), "{script} does not name {name}");
            }
        }
        after_content(one, &|_| Ok(())).unwrap();
        assert_eq!(names(one), first, "a second time changed something");
    }

    #[test]
    fn the_program_and_its_script_agree_on_numbers() {
        let dir = site("0__wbg_get_0123456789abcdef\u{2}__wbg_log_fedcba9876543210\u{3}");
        let path = |name: &str| dir.path().join(name);
        let script =
            "{__wbg_log_fedcba9876543210:a,__wbg_get_0123456789abcdef:b,x_00112233445566aa:c}";
        fs::write(path(&format!("{OLD}.js")), script).unwrap();
        let html = page(&start(OLD)) + &integrity(script.as_bytes());
        fs::write(path("index.html"), html).unwrap();
        after_content(dir.path(), &|_| Ok(())).unwrap();
        let names = names(dir.path());
        let read = |end: &str| {
            let is_it = |name: &&String| name.starts_with("web-") && name.ends_with(end);
            fs::read_to_string(path(names.iter().find(is_it).unwrap())).unwrap()
        };
        let (first, second) = ("__wbg_get_0000000000000000", "__wbg_log_0000000000000001");
        assert_eq!(read(".wasm"), format!("0{first}\u{2}{second}\u{3}"));
        let script = read(".js");
        assert_eq!(script, format!("{{{second}:a,{first}:b,x_00112233445566aa:c}}"));
        let html = fs::read_to_string(path("index.html")).unwrap();
        assert!(html.contains(&integrity(script.as_bytes())), "{html}");
    }

    #[test]
    fn the_script_that_starts_the_app_is_a_file_that_the_page_names() {
        let dir = site("program");
        after_content(dir.path(), &|_| Ok(())).unwrap();
        let names = names(dir.path());
        let boot = names.iter().find(|name| name.starts_with("boot-")).unwrap();
        assert_eq!(parts(boot), Some(("boot", ".js")), "{boot} is not cached as a hashed file");
        let integrity = integrity(&fs::read(dir.path().join(boot)).unwrap());
        assert_eq!(
            fs::read_to_string(dir.path().join("index.html")).unwrap(),
            format!(
                "<script src=/start-0f4a.js></script>\
                 <script type=\"module\" src=\"/{boot}\" integrity=\"{integrity}\"></script><p>"
            )
        );
        // Of the bytes "abc" (FIPS 180-4 example, in base64).
        assert_eq!(
            super::integrity(b"abc"),
            "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn"
        );
    }

    #[test]
    fn another_inline_script_is_refused() {
        let dir = site("program");
        for script in ["<script>alert(1)</script>", "<script type=module>alert(1)</script>"] {
            fs::write(dir.path().join("index.html"), page(&start(OLD)) + script).unwrap();
            let error = after_content(dir.path(), &|_| Ok(())).unwrap_err().to_string();
            assert!(error.starts_with("index.html has an inline script"), "{error}");
        }
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
