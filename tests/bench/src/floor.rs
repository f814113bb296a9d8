//! What a route's own DynamoDB calls take when nothing but the SDK makes them: the recorded requests again, one after
//! the other, by a client in this process.
//!
//! Reads are repeated as they were. A write would not succeed a second time, and would undo what the school has become
//! since, so each goes to keys that nobody has, on the condition that nothing is there: as many items of the same size,
//! each still conditional.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region, SharedCredentialsProvider, http::HttpRequest},
};
use serde_json::{Value, json};
use tokio::{runtime::Builder, task::spawn_blocking};

use crate::{Failure, recorder::Call};

/// Makes the calls `rounds` times, after a few more that do not count, and tells what each round took.
pub(crate) async fn replay(endpoint: &str, calls: &[Call], rounds: usize) -> Result<Vec<Duration>, Failure> {
    let (endpoint, calls) = (endpoint.to_owned(), calls.to_vec());
    let work = move || {
        // One thread, like a Lambda.
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let client = client(&endpoint);
            let mut times = Vec::with_capacity(rounds);
            for _ in 0..rounds + UNCOUNTED {
                let bodies: Vec<String> =
                    calls.iter().map(|call| renewed(&call.body, fresh()).to_string()).collect();
                let begun = Instant::now();
                for (call, body) in calls.iter().zip(bodies) {
                    send(&client, &call.operation, body).await?;
                }
                times.push(begun.elapsed());
            }
            Ok(times.split_off(UNCOUNTED))
        })
    };
    spawn_blocking(work).await.map_err(|error| error.to_string())?
}

/// Rounds that open the connection and warm the caches.
const UNCOUNTED: usize = 3;

fn client(endpoint: &str) -> Client {
    let credentials = Credentials::new("bench", "bench", None, None, "bench");
    let config = runtime::sdk_limits()
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint);
    Client::new(&config.build())
}

/// The SDK asks for a table before it lets the request be changed.
const IN_BODY: &str = "see-body";

/// Sends a body that stands already, through everything else that the SDK does.
async fn send(client: &Client, operation: &str, body: String) -> Result<(), Failure> {
    let replace = move |request: &mut HttpRequest| {
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = body.clone().into();
    };
    let failed = |error: &dyn std::fmt::Debug| format!("{operation}: {error:?}");
    match operation {
        "GetItem" => {
            let sent = client.get_item().table_name(IN_BODY).customize().mutate_request(replace).send().await;
            sent.map(drop).map_err(|error| failed(&error))
        }
        "BatchGetItem" => {
            let sent = client.batch_get_item().customize().mutate_request(replace).send().await;
            sent.map(drop).map_err(|error| failed(&error))
        }
        "Query" => {
            let sent = client.query().table_name(IN_BODY).customize().mutate_request(replace).send().await;
            sent.map(drop).map_err(|error| failed(&error))
        }
        "PutItem" => {
            let sent = client.put_item().table_name(IN_BODY).customize().mutate_request(replace).send().await;
            sent.map(drop).map_err(|error| failed(&error))
        }
        "UpdateItem" => {
            let sent =
                client.update_item().table_name(IN_BODY).customize().mutate_request(replace).send().await;
            sent.map(drop).map_err(|error| failed(&error))
        }
        "TransactWriteItems" => {
            let sent = client.transact_write_items().customize().mutate_request(replace).send().await;
            sent.map(drop).map_err(|error| failed(&error))
        }
        other => Err(format!("{other}: make it here too, as a route of the loop does now")),
    }
}

/// A number that no key has yet.
fn fresh() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The body with fresh keys where it writes.
fn renewed(body: &Value, number: usize) -> Value {
    let mut body = body.clone();
    if body.get("Item").is_some() {
        renew_write(&mut body, number);
    } else if let Some(update) = body.as_object_mut().filter(|body| body.contains_key("UpdateExpression")) {
        // May be of an attribute, which only the item has that it was.
        update.remove("ConditionExpression");
        keep_used(&mut body);
    }
    if let Some(actions) = body.get_mut("TransactItems").and_then(Value::as_array_mut) {
        for action in actions.iter_mut().filter_map(Value::as_object_mut).flat_map(|kinds| kinds.values_mut())
        {
            renew_write(action, number);
        }
        body["ClientRequestToken"] = json!(format!("bench-{number}"));
    }
    body
}

fn renew_write(action: &mut Value, number: usize) {
    for keys in ["Item", "Key"] {
        for name in ["PK", "GSI1PK"] {
            if let Some(Value::String(key)) = action.pointer_mut(&format!("/{keys}/{name}/S")) {
                key.push_str(&format!("#bench-{number}"));
            }
        }
    }
    action["ConditionExpression"] = json!("attribute_not_exists(PK)");
    keep_used(action);
}

/// DynamoDB refuses names and values that no expression uses: those of the condition that was.
fn keep_used(action: &mut Value) {
    let update = action["UpdateExpression"].as_str().unwrap_or_default().to_owned();
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '#' | ':' | '_');
    let used: Vec<&str> = update.split(|c| !is_of_word(c)).collect();
    for member in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        let Some(named) = action.get_mut(member).and_then(Value::as_object_mut) else { continue };
        named.retain(|name, _| used.contains(&name.as_str()));
        if named.is_empty() {
            action.as_object_mut().map(|action| action.remove(member));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_goes_to_keys_that_nobody_has() {
        let body = json!({ "TransactItems": [
            { "Put": { "Item": { "PK": { "S": "a" }, "rev": { "N": "2" } }, "ConditionExpression": "rev = :rev",
                "ExpressionAttributeValues": { ":rev": { "N": "1" } } } },
            { "Update": { "Key": { "PK": { "S": "b" } }, "UpdateExpression": "ADD n :n",
                "ExpressionAttributeValues": { ":n": { "N": "1" } } } },
        ], "ClientRequestToken": "t" });
        let wanted = json!({ "TransactItems": [
            { "Put": { "Item": { "PK": { "S": "a#bench-7" }, "rev": { "N": "2" } },
                "ConditionExpression": "attribute_not_exists(PK)" } },
            { "Update": { "Key": { "PK": { "S": "b#bench-7" } }, "UpdateExpression": "ADD n :n",
                "ExpressionAttributeValues": { ":n": { "N": "1" } },
                "ConditionExpression": "attribute_not_exists(PK)" } },
        ], "ClientRequestToken": "bench-7" });
        assert_eq!(renewed(&body, 7), wanted);
    }

    #[test]
    fn an_update_goes_where_it_went_without_its_condition() {
        let body = json!({ "Key": { "PK": { "S": "a" } }, "UpdateExpression": "ADD n :n",
            "ConditionExpression": "#a < :now", "ExpressionAttributeNames": { "#a": "at" },
            "ExpressionAttributeValues": { ":n": { "N": "1" }, ":now": { "N": "7" } } });
        let wanted = json!({ "Key": { "PK": { "S": "a" } }, "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": { ":n": { "N": "1" } } });
        assert_eq!(renewed(&body, 7), wanted);
    }

    #[test]
    fn a_read_stays_as_it_was() {
        let body = json!({ "Key": { "PK": { "S": "a" }, "SK": { "S": "b" } }, "TableName": "t" });
        assert_eq!(renewed(&body, 7), body);
    }
}
