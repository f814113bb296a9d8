//! Holds every write to its owner: the domain whose `keys.rs` names an item is the only one that writes it; others read it.

use std::collections::BTreeSet;

use runtime::Names;
use serde_json::Value;

use crate::reads::row;

/// Each domain with its keys, as `store` has them.
const OWNERS: [(&str, &str); 5] = [
    ("catalog", include_str!("../../store/src/catalog/keys.rs")),
    ("certificates", include_str!("../../store/src/certificates/keys.rs")),
    ("identity", include_str!("../../store/src/identity/keys.rs")),
    ("learning", include_str!("../../store/src/learning/keys.rs")),
    ("mail", include_str!("../../store/src/mail/keys.rs")),
];

/// What a second domain writes.
const GUESTS: [(&str, &str); 2] = [
    // Roles are granted by admins, and stand on the account.
    ("admin", "user"),
    // Events carry no secret, so who mails a token makes it.
    ("mail", "one_time_token"),
];

/// Whether `domain` may write what the row `name` of ACCESS_PATTERNS.md holds. What is in nobody's keys (outbox, receipts,
/// kept replies, rate limits) comes with anybody's change.
fn may_write(domain: &str, name: &str) -> bool {
    let builder = format!("pub fn {name}(");
    let owner = OWNERS.iter().find(|(_, keys)| keys.contains(&builder));
    owner.is_none_or(|(owner, _)| *owner == domain) || GUESTS.contains(&(domain, name))
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
            "{} wrote `{name}`, which another domain owns: tell that domain by an event, or name the guest in {}",
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
