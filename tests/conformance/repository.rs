//! What the code offers, and the files that should say the same.

use std::{fs, path::PathBuf};

use runtime::{EndpointEntry, Names, Registry, ScheduleEntry};

/// A function.
pub(crate) struct Function {
    pub(crate) names: Names,
    pub(crate) trigger: Trigger,
}

/// What calls a function.
#[derive(Clone, Copy)]
pub(crate) enum Trigger {
    Route(EndpointEntry),
    Queue,
    Stream,
    Schedule(ScheduleEntry),
}

impl Function {
    pub(crate) fn endpoint(&self) -> Option<EndpointEntry> {
        match self.trigger {
            Trigger::Route(entry) => Some(entry),
            _ => None,
        }
    }

    pub(crate) fn is_consumer(&self) -> bool {
        matches!(self.trigger, Trigger::Queue)
    }

    pub(crate) fn is_stream_reader(&self) -> bool {
        matches!(self.trigger, Trigger::Stream)
    }

    /// Its feature file.
    pub(crate) fn file(&self) -> String {
        format!("functions/{}/src/{}.rs", self.names.domain(), self.names.verb_noun())
    }
}

/// Every function of the registry.
pub(crate) fn functions() -> Vec<Function> {
    let Registry { endpoints, fallback, consumers, schedules, streams, .. } = local::registry();
    let function = |names, trigger| Function { names, trigger };
    let endpoints =
        endpoints.into_iter().chain(fallback).map(|entry| function(entry.names, Trigger::Route(entry)));
    let consumers = consumers.into_iter().map(|entry| function(entry.names, Trigger::Queue));
    let schedules = schedules.into_iter().map(|entry| function(entry.names, Trigger::Schedule(entry)));
    let streams = streams.into_iter().map(|entry| function(entry.names, Trigger::Stream));
    endpoints.chain(consumers).chain(schedules).chain(streams).collect()
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
