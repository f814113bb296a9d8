//! What the code offers, and the files that should say the same.

use std::{fs, path::PathBuf};

use runtime::{EndpointEntry, Names, Registry};

/// A function, whatever calls it.
pub(crate) struct Function {
    pub(crate) names: Names,
    pub(crate) endpoint: Option<EndpointEntry>,
    pub(crate) is_consumer: bool,
}

impl Function {
    /// Its feature file.
    pub(crate) fn file(&self) -> String {
        format!("functions/{}/src/{}.rs", self.names.domain(), self.names.verb_noun())
    }
}

/// Every function of the registry.
pub(crate) fn functions() -> Vec<Function> {
    let Registry { endpoints, consumers, schedules } = local::registry();
    let endpoints = endpoints.into_iter().map(|entry| Function {
        names: entry.names,
        endpoint: Some(entry),
        is_consumer: false,
    });
    let consumers =
        consumers.into_iter().map(|entry| Function { names: entry.names, endpoint: None, is_consumer: true });
    let schedules = schedules.into_iter().map(|entry| Function {
        names: entry.names,
        endpoint: None,
        is_consumer: false,
    });
    endpoints.chain(consumers).chain(schedules).collect()
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

/// The names of the files in a folder, sorted.
pub(crate) fn list(relative: &str) -> Vec<String> {
    let entries = fs::read_dir(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"));
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
