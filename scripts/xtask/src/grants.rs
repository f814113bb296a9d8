//! What roles grant for nothing: the templates against the actions that the tests saw each function take. That nothing
//! is missing is checked in every test by itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use runtime::Names;

use crate::Result;

/// The one call that no test makes: a Lambda's connection is opened at its start by a GetItem.
const AT_START: &str = "dynamodb:GetItem";

#[derive(clap::Args)]
pub(crate) struct Grants {
    /// Where the tests left their notes: what LECTERN_GRANTS named
    notes: PathBuf,
}

impl Grants {
    pub(crate) fn compare(&self) -> Result<String> {
        let taken = self.read()?;
        let registry = local::registry();
        let endpoints = registry.endpoints.iter().map(|entry| entry.names);
        let names: Vec<Names> = endpoints.chain(registry.consumers.iter().map(|entry| entry.names)).collect();
        let nothing = BTreeSet::new();
        let mut spare = Vec::new();
        for names in &names {
            let taken = taken.get(&names.function()).unwrap_or(&nothing);
            let granted = testkit::granted(*names, false);
            // The service itself writes the logs.
            let of_ours = |action: &&String| action.starts_with("dynamodb:") && *action != AT_START;
            let unused = granted.difference(taken).filter(of_ours);
            spare.extend(unused.map(|action| format!("{}: {action}", names.function())));
        }
        if spare.is_empty() {
            return Ok(format!("grants: {} functions, nothing missing, nothing spare", names.len()));
        }
        Err(format!(
            "no test saw these granted actions taken; take them out of infra/, or test what takes them:\n  {}",
            spare.join("\n  ")
        ))
    }

    fn read(&self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let mut taken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let failed = |error| format!("{}: {error}", self.notes.display());
        for file in std::fs::read_dir(&self.notes).map_err(failed)? {
            let text = std::fs::read_to_string(file.map_err(failed)?.path()).map_err(failed)?;
            for (function, action) in text.lines().filter_map(|line| line.split_once(' ')) {
                taken.entry(function.to_owned()).or_default().insert(action.to_owned());
            }
        }
        Ok(taken)
    }
}
