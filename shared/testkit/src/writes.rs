//! Holds every write to its owner: the domain whose `keys.rs` names an item is the only one that writes it; others read it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use runtime::Names;
use serde_json::Value;

use crate::reads::row;

/// Whose keys come with anybody's change: outbox and receipts, kept replies and rate limits.
const EVERYBODYS: [&str; 2] = ["calls", "events"];

/// Each folder of `store` with its keys.
static OWNERS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/src");
    let folders = fs::read_dir(store).expect("the sources of store").flatten();
    let keys = |folder: fs::DirEntry| {
        let keys = fs::read_to_string(folder.path().join("keys.rs")).ok()?;
        Some((folder.file_name().to_string_lossy().into_owned(), keys))
    };
    folders.filter_map(keys).collect()
});

/// What a second domain writes.
const GUESTS: [(&str, &str); 2] = [
    // Roles are granted by admins, and stand on the account.
    ("admin", "user"),
    // Events carry no secret, so who mails a token makes it.
    ("mail", "one_time_token"),
];

/// Whether `domain` may write what the row `name` of ACCESS_PATTERNS.md holds.
fn may_write(domain: &str, name: &str) -> bool {
    may_write_of(&OWNERS, domain, name)
}

/// What is in nobody's keys may be written by nobody.
fn may_write_of(owners: &BTreeMap<String, String>, domain: &str, name: &str) -> bool {
    let builder = format!("pub fn {name}(");
    let owner = owners.iter().find(|(_, keys)| keys.contains(&builder)).map(|(owner, _)| owner.as_str());
    owner.is_some_and(|owner| owner == domain || EVERYBODYS.contains(&owner))
        || GUESTS.contains(&(domain, name))
}

/// The rows of what a call to DynamoDB writes.
pub(crate) fn of(operation: &str, body: &Value) -> Vec<&'static str> {
    let at = |key: &Value| Some(row(key["PK"]["S"].as_str()?, key["SK"]["S"].as_str()));
    let in_requests = |table: &Value| {
        let requests = table.as_array().into_iter().flatten();
        requests.filter_map(|request| at(&request["DeleteRequest"]["Key"])).collect::<Vec<_>>()
    };
    match operation {
        "dynamodb:PutItem" => at(&body["Item"]).into_iter().collect(),
        "dynamodb:UpdateItem" | "dynamodb:DeleteItem" => at(&body["Key"]).into_iter().collect(),
        "dynamodb:TransactWriteItems" => {
            let actions = body["TransactItems"].as_array().into_iter().flatten();
            let keys = |action: &Value| {
                let put = at(&action["Put"]["Item"]);
                put.or_else(|| at(&action["Update"]["Key"])).or_else(|| at(&action["Delete"]["Key"]))
            };
            actions.filter_map(keys).collect()
        }
        "dynamodb:BatchWriteItem" => body["RequestItems"]
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, table)| in_requests(table))
            .collect(),
        _ => Vec::new(),
    }
}

/// Checks that the function `names` wrote what is its domain's to write.
///
/// # Panics
/// It did not.
#[track_caller]
pub(crate) fn check(names: Names, rows: &BTreeSet<&'static str>) {
    let domain = names.domain();
    for name in rows {
        assert!(
            may_write(domain, name),
            "{} wrote `{name}`, which no keys.rs of its domain names: tell the owner by an event, or name the guest in {}",
            names.function(),
            file!(),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_domain_writes_its_own_and_what_is_everybodys() {
        assert!(
            may_write("catalog", "course") && may_write("identity", "user") && may_write("admin", "user")
        );
        for shared in ["outbox", "inbox", "kept_reply", "rate_bucket"] {
            assert!(may_write("learning", shared), "{shared}");
        }
        for (domain, name) in [("learning", "course"), ("learning", "course_card"), ("catalog", "user")] {
            assert!(!may_write(domain, name), "{domain} {name}");
        }
    }

    #[test]
    fn what_a_new_domain_keeps_is_its_own_and_what_nobody_names_is_nobodys() {
        let mut owners = OWNERS.clone();
        owners.insert("quizzes".to_owned(), "pub fn attempt(school: &School) -> Key<Attempt> {".to_owned());
        assert!(may_write_of(&owners, "quizzes", "attempt"));
        for domain in ["catalog", "learning", "admin"] {
            assert!(!may_write_of(&owners, domain, "attempt"), "{domain}");
            assert!(!may_write(domain, "attempt"), "{domain}");
        }
    }

    #[test]
    fn every_row_that_is_written_has_an_owner() {
        for name in crate::reads::written_rows() {
            let of_somebody = OWNERS.keys().any(|domain| may_write(domain, name));
            assert!(of_somebody, "{name} is in no keys.rs");
        }
    }

    #[test]
    fn every_way_to_write_is_seen() {
        let key = json!({ "PK": { "S": "S#main#USER#usr_1" }, "SK": { "S": "USER" } });
        for (operation, body) in [
            ("PutItem", json!({ "Item": key })),
            ("UpdateItem", json!({ "Key": key })),
            ("DeleteItem", json!({ "Key": key })),
            ("TransactWriteItems", json!({ "TransactItems": [{ "Put": { "Item": key } }] })),
            ("TransactWriteItems", json!({ "TransactItems": [{ "Update": { "Key": key } }] })),
            ("TransactWriteItems", json!({ "TransactItems": [{ "Delete": { "Key": key } }] })),
            ("BatchWriteItem", json!({ "RequestItems": { "t": [{ "DeleteRequest": { "Key": key } }] } })),
        ] {
            assert_eq!(of(&format!("dynamodb:{operation}"), &body), ["user"], "{operation}");
        }
        let check = json!({ "TransactItems": [{ "ConditionCheck": { "Key": key } }] });
        assert!(of("dynamodb:TransactWriteItems", &check).is_empty(), "a check changes nothing");
        assert!(of("dynamodb:GetItem", &json!({ "Key": key })).is_empty());
    }
}
