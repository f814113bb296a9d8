//! Holds every request to its function's role in the template: an action that is not granted there would be refused on
//! AWS, and is refused here by failing the test.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use runtime::Names;
use serde_json::Value as Json;
use serde_norway::Value;

tokio::task_local! {
    static TAKEN: Arc<Mutex<BTreeSet<String>>>;
}

/// Runs `work` and tells which actions it took.
pub(crate) async fn watched<T>(work: impl Future<Output = T>) -> (T, BTreeSet<String>) {
    let taken = Arc::<Mutex<BTreeSet<String>>>::default();
    let output = TAKEN.scope(Arc::clone(&taken), work).await;
    let taken = taken.lock().expect("no panic inside").clone();
    (output, taken)
}

/// Notes what IAM would ask for. A transaction is authorised as the actions in it.
pub(crate) fn note(operation: &str, body: &[u8]) {
    let _ = TAKEN.try_with(|taken| {
        let body: Json = serde_json::from_slice(body).unwrap_or_default();
        let mut taken = taken.lock().expect("no panic inside");
        if operation != "TransactWriteItems" {
            let index = body["IndexName"].as_str().map_or_else(String::new, |index| format!(" on {index}"));
            taken.insert(format!("dynamodb:{operation}{index}"));
        }
        for action in body["TransactItems"].as_array().into_iter().flatten() {
            taken.extend(action.as_object().into_iter().flatten().map(|(kind, _)| match kind.as_str() {
                "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
                kind => format!("dynamodb:{kind}Item"),
            }));
        }
    });
}

/// Checks that the role of the function `names` grants what was taken.
///
/// # Panics
/// It does not.
#[track_caller]
pub(crate) fn check(names: Names, counts_calls: bool, taken: &BTreeSet<String>) {
    let granted = granted(names, counts_calls);
    let missing: Vec<_> = taken.difference(&granted).collect();
    assert!(
        missing.is_empty(),
        "{} took {missing:?}, which {}Role in infra/{}.yaml does not grant",
        names.function(),
        names.type_name(),
        names.domain(),
    );
}

type Grants = Arc<BTreeSet<String>>;

/// Looked up for every request of every test, so read once.
fn granted(names: Names, counts_calls: bool) -> Grants {
    static KNOWN: LazyLock<Mutex<HashMap<(Names, bool), Grants>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry((names, counts_calls)).or_insert_with(|| Arc::new(read(names, counts_calls))))
}

fn read(names: Names, counts_calls: bool) -> BTreeSet<String> {
    let file = format!("{}/../../infra/{}.yaml", env!("CARGO_MANIFEST_DIR"), names.domain());
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let template: Value = serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let role = &template["Resources"][format!("{}Role", names.type_name())];
    let statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].as_sequence();
    let mut granted = BTreeSet::new();
    for statement in statements.into_iter().flatten() {
        let statement = match statement {
            // !If [CountsCalls, statement, nothing]
            Value::Tagged(choice) if counts_calls => &choice.value[1],
            statement => statement,
        };
        let index = match &statement["Resource"] {
            Value::Tagged(resource) => resource.value.as_str().and_then(|arn| arn.split_once("/index/")),
            _ => None,
        };
        let suffix = index.map_or_else(String::new, |(_, index)| format!(" on {index}"));
        let actions = statement["Action"].as_sequence().into_iter().flatten().filter_map(Value::as_str);
        granted.extend(actions.map(|action| format!("{action}{suffix}")));
    }
    granted
}
