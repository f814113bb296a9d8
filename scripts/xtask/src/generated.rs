//! Files whose content follows from the code. They are checked in, so that a change of the contract is seen in review.

use std::{collections::BTreeMap, fs};

use runtime::{Registry, openapi};
use serde_json::{Value, json};

use crate::{Result, samples, source};

/// Files by their path from the repository's root, and the chore that writes them.
pub(crate) struct Generated {
    pub(crate) chore: &'static str,
    pub(crate) files: BTreeMap<String, String>,
}

/// Sorted and indented, so that the same content is the same text and a difference is a few lines.
pub(crate) fn text(mut value: Value) -> String {
    value.sort_all_objects();
    format!("{value:#}\n")
}

impl Generated {
    pub(crate) fn openapi(registry: &Registry) -> Self {
        let document = text(openapi::document(registry));
        Self { chore: "openapi", files: BTreeMap::from([("infra/openapi.json".to_owned(), document)]) }
    }

    /// The schema of each event, and its golden where it has none: what is there is never written again.
    pub(crate) fn schemas() -> Result<Self> {
        let mut files = BTreeMap::new();
        for kind in domain::event_types() {
            let name = format!("{}.v{}.json", kind.name, kind.version);
            let golden = format!("events/goldens/{name}");
            if !source::path(&golden).exists() {
                files.insert(golden, text(json!(samples::event((kind.name, kind.version))?)));
            }
            files.insert(format!("events/schemas/{name}"), text(kind.schema().to_value()));
        }
        Ok(Self { chore: "schemas", files })
    }

    /// Writes the files, or only looks whether they are what they would be. Says what was done.
    pub(crate) fn finish(&self, check: bool) -> Result<String> {
        let stale: Vec<_> = self
            .files
            .iter()
            .filter(|(path, content)| fs::read_to_string(source::path(path)).ok().as_ref() != Some(*content))
            .collect();
        let names = stale.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().join("\n  ");
        if check && !stale.is_empty() {
            return Err(format!(
                "not what the code says:\n  {names}\nrun: cargo run --bin xtask -- {}",
                self.chore
            ));
        }
        for (path, content) in &stale {
            source::write(path, content)?;
        }
        Ok(match stale.len() {
            0 => format!("{}: {} files, all as the code says", self.chore, self.files.len()),
            _ => format!("{}: wrote\n  {names}", self.chore),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_golden_that_is_there_is_never_written_again() {
        let written = Generated::schemas().unwrap().files;
        for kind in domain::event_types() {
            let name = format!("{}.v{}.json", kind.name, kind.version);
            assert!(written.contains_key(&format!("events/schemas/{name}")), "{name}");
            let golden = format!("events/goldens/{name}");
            assert_ne!(source::path(&golden).exists(), written.contains_key(&golden), "{golden}");
        }
    }
}
