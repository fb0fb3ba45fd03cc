//! The repository's files: what git tracks or would add, and without git a walk over the folders.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file; the path is relative to the repository, with `/`.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The paths of all files, text or not.
pub fn paths() -> Vec<String> {
    listed(&root()).unwrap_or_else(|| walked(&root()))
}

/// All text files.
pub fn texts() -> Vec<File> {
    let root = root();
    paths()
        .into_iter()
        .filter_map(|path| {
            let text = String::from_utf8(std::fs::read(root.join(&path)).ok()?).ok()?;
            (!text.contains('\0')).then_some(File { path, text })
        })
        .collect()
}

pub fn rust() -> Vec<File> {
    texts().into_iter().filter(File::is_rust).collect()
}

/// `None` when git is not there, or the folder is no clone.
fn listed(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let mut paths: Vec<String> = String::from_utf8(output.stdout)
        .ok()?
        .split_terminator('\0')
        // Deleted, but not yet for git.
        .filter(|path| root.join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    Some(paths)
}

fn walked(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_file() {
                found.push(relative);
            } else if path.is_dir() && ![".git", "target", "data"].contains(&relative.as_str()) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_files_of_the_repository_are_found_with_and_without_git() {
    let without_git = walked(&root());
    assert!(without_git.contains(&"tests/architecture/rules/tree.rs".to_owned()));
    assert!(!without_git.iter().any(|path| path.starts_with("target/") || path.starts_with(".git/")));
    for path in paths() {
        assert!(without_git.contains(&path), "{path} is in git, but the walk has not found it");
    }
    assert_eq!(listed(Path::new("/")), None, "a folder that is no clone has no list");
}

#[test]
fn texts_are_read() {
    let own = texts().into_iter().find(|file| file.path == "tests/architecture/rules/tree.rs").unwrap();
    assert_eq!(own.text, include_str!("tree.rs"));
}
