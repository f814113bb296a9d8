//! What roles grant for nothing, and what ACCESS_PATTERNS.md says of nobody's reads: NEEDS and the page against
//! what the tests saw each function do. That nothing is missing is checked in every test by itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crate::Result;

/// What functions do themselves, and what they read of their environment; Lambda writes the logs, takes messages and reads
/// the stream, and keys are read at the start of a function.
const OURS: [&str; 5] = ["dynamodb:", "s3:", "ses:", "sqs:SendMessage", "variable "];
/// What no test does: a Lambda's connection is opened at its start by a GetItem, and Lambda reads the stream.
const BY_NO_TEST: [&str; 5] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];

#[derive(clap::Args)]
pub(crate) struct Grants {
    /// Where the tests left their notes: what LECTERN_GRANTS named
    notes: PathBuf,
}

impl Grants {
    pub(crate) fn compare(&self) -> Result<String> {
        let taken = self.read()?;
        let functions = registry::all().functions();
        let nothing = BTreeSet::new();
        let mut spare = Vec::new();
        for function in &functions {
            let taken = taken.get(function.names.function()).unwrap_or(&nothing);
            let granted = testkit::granted(function, false);
            let of_ours = |action: &&String| {
                OURS.iter().any(|ours| action.starts_with(ours)) && !BY_NO_TEST.contains(&action.as_str())
            };
            let unused = granted.difference(taken).filter(of_ours);
            spare.extend(unused.map(|action| format!("{}: {action}", function.names.function())));
        }
        let is_seen =
            |function: &str, read: &String| taken.get(function).is_some_and(|taken| taken.contains(read));
        let unread =
            testkit::exceptional_reads().into_iter().filter(|(function, read)| !is_seen(function, read));
        let unread: Vec<String> = unread.map(|(function, read)| format!("{function} {read}")).collect();
        if !unread.is_empty() {
            return Err(format!(
                "no test saw what ACCESS_PATTERNS.md says of these callers; mend the page, or what reads too weakly:\n  {}",
                unread.join("\n  ")
            ));
        }
        if spare.is_empty() {
            return Ok(format!("grants: {} functions, nothing missing, nothing spare", functions.len()));
        }
        Err(format!(
            "no test saw these granted actions taken; take them out of the features' NEEDS, or test what takes them:\n  {}",
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
