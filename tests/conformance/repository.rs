//! What the code offers, and the files that should say the same.

use std::{fs, path::PathBuf};

use runtime::{Function, Names};

/// Every function of the registry.
pub(crate) fn functions() -> Vec<Function> {
    registry::all().functions()
}

/// The file of a feature: `publish_course.rs`, somewhere below the sources of its domain.
pub(crate) fn feature_file(names: Names) -> String {
    fn search(folder: &str, name: &str) -> Option<String> {
        let here = list(folder);
        if here.iter().any(|file| file == name) {
            return Some(format!("{folder}/{name}"));
        }
        let folders = here.iter().filter(|entry| *entry != "bin" && !entry.contains('.'));
        folders.map(|entry| format!("{folder}/{entry}")).find_map(|folder| search(&folder, name))
    }
    let (folder, name) = (format!("functions/{}/src", names.domain()), format!("{}.rs", names.verb_noun()));
    search(&folder, &name).unwrap_or_else(|| panic!("{folder} has no {name}"))
}

/// The domains of the registry, sorted.
pub(crate) fn domains() -> Vec<&'static str> {
    let mut domains: Vec<_> = functions().iter().map(|function| function.names.domain()).collect();
    domains.sort_unstable();
    domains.dedup();
    domains
}

fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// A file of the repository.
pub(crate) fn read(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// The Rust files below a folder: path and what they say, without their tests.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in list(folder) {
        let path = format!("{folder}/{name}");
        if name.ends_with(".rs") {
            let code = read(&path).split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            found.push((path, code));
        } else if !name.contains('.') {
            found.extend(sources(&path));
        }
    }
    found
}

/// The names of the files in a folder, sorted.
pub(crate) fn list(relative: &str) -> Vec<String> {
    let entries = fs::read_dir(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"));
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
