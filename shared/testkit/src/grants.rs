//! Holds every request to its function's role, which is written from what its feature needs: an action that is not granted
//! would be refused on AWS, and is refused here by failing the test.

use std::{
    collections::BTreeSet,
    io::Write,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use runtime::{Function, Grant, Names, Resource};
use serde_json::Value as Json;

use crate::{
    reads::{self, Read},
    writes,
};

tokio::task_local! {
    static TAKEN: Arc<Mutex<Taken>>;
}

/// What a function did: actions as IAM names them, what it read, and the rows of ACCESS_PATTERNS.md that it wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    actions: BTreeSet<String>,
    reads: BTreeSet<Read>,
    writes: BTreeSet<&'static str>,
}

/// Runs `work` and tells what it did.
pub(crate) async fn watched<T>(work: impl Future<Output = T>) -> (T, Taken) {
    let taken = Arc::<Mutex<Taken>>::default();
    let output = TAKEN.scope(Arc::clone(&taken), work).await;
    let taken = taken.lock().expect("no panic inside").clone();
    (output, taken)
}

/// Notes what IAM would ask for. A transaction is authorised as the actions in it.
pub(crate) fn note(operation: &str, body: &[u8]) {
    let _ = TAKEN.try_with(|taken| {
        let mut taken = taken.lock().expect("no panic inside");
        if !operation.starts_with("dynamodb:") {
            // IAM knows no batches.
            taken.actions.insert(operation.trim_end_matches("Batch").to_owned());
            // Whoever orders a job names the role that it is done as.
            taken.actions.extend((operation == "mediaconvert:CreateJob").then(|| "iam:PassRole".to_owned()));
            return;
        }
        let body: Json = serde_json::from_slice(body).unwrap_or_default();
        taken.reads.extend(reads::of(operation, &body));
        taken.writes.extend(writes::of(operation, &body));
        if operation != "dynamodb:TransactWriteItems" {
            let index = body["IndexName"].as_str().map_or_else(String::new, |index| format!(" on {index}"));
            taken.actions.insert(format!("{operation}{index}"));
        }
        for action in body["TransactItems"].as_array().into_iter().flatten() {
            taken.actions.extend(action.as_object().into_iter().flatten().map(
                |(kind, _)| match kind.as_str() {
                    "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
                    kind => format!("dynamodb:{kind}Item"),
                },
            ));
        }
    });
}

/// Notes the variables of a service that was asked for, beside the actions: a function has both from its template.
pub(crate) fn note_variables(names: &'static [&'static str]) {
    let _ = TAKEN.try_with(|taken| {
        taken.lock().expect("no panic inside").actions.extend(names.iter().map(|name| variable(name)));
    });
}

fn variable(name: &str) -> String {
    format!("variable {name}")
}

/// Notes the links in an answer: who follows one does what it names in the function's name, though later and from
/// elsewhere.
pub(crate) fn with_links(mut taken: Taken, answer: &[u8]) -> Taken {
    let answer = String::from_utf8_lossy(answer);
    let signed = answer.split('"').filter(|text| text.contains("X-Amz-Signature="));
    let operations = signed.filter_map(|link| link.split("x-id=").nth(1)?.split('&').next());
    let action = |operation| if operation == "UploadPart" { "PutObject" } else { operation };
    taken.actions.extend(operations.map(|operation| format!("s3:{}", action(operation))));
    taken
}

/// Checks that the role of `function` grants what was taken, that it read as it is to, and wrote what is its own.
///
/// # Panics
/// It does not, or it did not.
#[track_caller]
pub(crate) fn check(function: &Function, counts_calls: bool, taken: &Taken) {
    let granted = granted(function, counts_calls);
    let missing: Vec<_> = taken.actions.difference(&granted).collect();
    let name = function.names.function();
    assert!(missing.is_empty(), "{name} took {missing:?}, which its NEEDS do not say");
    reads::check(function.names, &taken.reads);
    writes::check(function.names, &taken.writes);
    // What a parameter grants is taken under that parameter alone.
    if !counts_calls {
        record(function.names, taken);
    }
}

/// Adds to the folder `LECTERN_GRANTS`, if there is one, a line for each action that a function took in this process and
/// for each way in which it read: `xtask grants` compares all of them with the templates and with ACCESS_PATTERNS.md, to
/// find what is granted, or said, for nothing.
#[expect(clippy::disallowed_methods, reason = "set by scripts/test for the tests alone")]
fn record(names: Names, taken: &Taken) {
    static RECORDED: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);
    let Ok(folder) = std::env::var("LECTERN_GRANTS") else { return };
    let mut recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    let actions = taken.actions.iter().map(|action| format!("{} {action}\n", names.function()));
    let lines = actions.chain(taken.reads.iter().map(|read| reads::note(names, read) + "\n"));
    let new: String = lines.filter(|line| recorded.insert(line.clone())).collect();
    if !new.is_empty() {
        let path = format!("{folder}/{}", std::process::id());
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(new.as_bytes())).expect("a folder to write to");
    }
}

/// The actions that a function's role grants, those of DynamoDB `on` an index if not on the table, and each `variable` that it
/// has for itself.
#[must_use]
pub fn granted(function: &Function, counts_calls: bool) -> BTreeSet<String> {
    let grants = function.grants().into_iter().filter(|grant| counts_calls || !grant.if_calls_are_counted);
    let named = |grant: Grant| {
        let suffix = match grant.on {
            Resource::Index(index) => format!(" on {index}"),
            _ => String::new(),
        };
        grant.actions.into_iter().map(move |action| format!("{action}{suffix}"))
    };
    let variables = function.variables().into_iter().map(variable);
    grants.flat_map(named).chain(variables).collect()
}
