//! Where files come from. Paths are text with `/` between parts.

use std::collections::BTreeMap;
use std::io;

/// The outside world as far as reading goes.
pub trait Files {
    /// The bytes of a file; `ErrorKind::NotFound` where there is none.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// Names of the files in a folder, sorted; empty where there is none.
    fn list(&self, folder: &str) -> Vec<String>;
}

/// Files held in memory: for tests and for what is embedded in the program.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

impl MemoryFiles {
    pub fn insert(&mut self, path: &str, text: impl Into<Vec<u8>>) {
        self.0.insert(path.to_string(), text.into());
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        self.0
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .filter(|name| !name.contains('/'))
            .map(str::to_string)
            .collect()
    }
}

/// Joins a folder and a path relative to it, resolving `.` and `..` where the text allows.
pub fn join(folder: &str, relative: &str) -> String {
    if relative.starts_with('/') {
        return relative.to_string();
    }
    let absolute = folder.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            // Above the root there is nothing.
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    let path = parts.join("/");
    match (absolute, path.is_empty()) {
        (true, _) => format!("/{path}"),
        (false, true) => ".".to_string(),
        (false, false) => path,
    }
}

/// A file that another file names: relative to the folder of the one that names it or, where nothing
/// is there, as it stands (so that an embedded model can be named from anywhere). `probe` is the file
/// below it by which it is known, or empty.
pub fn named_by(files: &dyn Files, namer: &str, path: &str, probe: &str) -> String {
    let relative = join(parent(namer), path);
    let there = |path: &str| {
        let path = if probe.is_empty() { path.to_string() } else { join(path, probe) };
        !matches!(files.read(&path), Err(e) if is_absent(&e))
    };
    if !there(&relative) && there(path) { path.to_string() } else { relative }
}

/// Whether a file could not be read because there is none.
pub fn is_absent(error: &io::Error) -> bool {
    // The second kind: a part of the path is a file, so that nothing can be below it.
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The folder a file stands in.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(i) => &path[..i],
        None => ".",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join_resolves_dots() {
        assert_eq!(join("models/a/scenarios", "../tables"), "models/a/tables");
        assert_eq!(join(".", "a.toml"), "a.toml");
        assert_eq!(join("..", "../a"), "../../a");
        assert_eq!(join("/x", "../../a"), "/a");
        assert_eq!(join("x", "/a"), "/a");
        assert_eq!(parent("a/b.toml"), "a");
        assert_eq!(parent("b.toml"), ".");
        assert_eq!(parent("/b.toml"), "/");
    }
}
