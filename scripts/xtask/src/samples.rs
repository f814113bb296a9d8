//! One event for each function, as it would arrive, for `sam local invoke -e` and for reading.

use domain::{
    event::{Event, EventData},
    identity::UserRegistered,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use runtime::{ConsumerEntry, EndpointEntry, Registry, Route, ScheduleEntry, gateway};
use serde_json::{Value, json};

use crate::{
    Result,
    generated::{Generated, text},
};

const TIME: &str = "2026-01-01T00:00:00.000Z";

pub(crate) fn of(registry: &Registry) -> Result<Generated> {
    let mut samples = Vec::new();
    for entry in registry.endpoints.iter().chain(&registry.fallback) {
        samples.push((entry.names, request(entry)?));
    }
    for entry in &registry.consumers {
        samples.push((entry.names, message(entry)?));
    }
    for entry in &registry.streams {
        samples.push((entry.names, records()?));
    }
    for entry in &registry.schedules {
        samples.push((entry.names, tick(entry)));
    }
    let files = samples
        .into_iter()
        .map(|(names, sample)| (format!("events/samples/{}.json", names.function()), text(sample)))
        .collect();
    Ok(Generated { chore: "samples", files })
}

/// What API Gateway hands over.
fn request(entry: &EndpointEntry) -> Result<Value> {
    let parts = (entry.describe)();
    let mut headers = HeaderMap::new();
    let mut header =
        |name, value| headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    header("host", "localhost");
    if entry.access != "public" {
        header("authorization", "Bearer <paste an access token here>");
    }
    if parts.if_match == Some(true) {
        header("if-match", "\"1\"");
    }
    let body = match &parts.body {
        None => String::new(),
        Some(schema) => {
            header("content-type", "application/json");
            let example = schema.pointer("/examples/0").ok_or_else(|| {
                let place = format!("functions/{}/src/{}.rs", entry.names.domain(), entry.names.verb_noun());
                format!(
                    "{place}: give the input #[schemars(example = json!(…))], it becomes the sample's body"
                )
            })?;
            example.to_string()
        }
    };
    let parameters: Vec<_> =
        (entry.path)().iter().map(|parameter| (parameter.name, (parameter.example)())).collect();
    let mut path = match entry.route {
        Route::DEFAULT => "/v1/nowhere".to_owned(),
        route => route.path.to_owned(),
    };
    for (name, value) in &parameters {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    let request = gateway::HttpRequest {
        method: if entry.route == Route::DEFAULT { "GET" } else { entry.route.method.as_str() }.to_owned(),
        path,
        headers,
        body: body.into_bytes(),
        source_ip: "203.0.113.7".to_owned(),
        request_id: "sample".to_owned(),
        ..gateway::HttpRequest::default()
    };
    Ok(gateway::payload(&request, entry, parameters.iter().map(|(name, value)| (*name, value.as_str()))))
}

/// What SQS hands over: one event of the first type that the consumer takes, or what the listener says that it hears.
fn message(entry: &ConsumerEntry) -> Result<Value> {
    let body: Value = match (entry.heard, entry.events.first()) {
        (Some((_, sample)), _) => serde_json::from_str(sample).map_err(|error| error.to_string())?,
        (None, Some(first)) => serde_json::to_value(event(*first)?).map_err(|error| error.to_string())?,
        (None, None) => return Err(format!("{} takes nothing", entry.names.function())),
    };
    Ok(json!({ "Records": [{
        "messageId": "00000000-0000-4000-8000-000000000001",
        "receiptHandle": "sample",
        "body": body.to_string(),
        "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1767225600000" },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:lectern-dev-{}", entry.names.function()),
        "awsRegion": "us-east-1",
    }] }))
}

/// What the table's stream hands over: an event that was just written to the outbox.
fn records() -> Result<Value> {
    let event = event((UserRegistered::TYPE, UserRegistered::VERSION))?;
    let image = store::image_of(&event).map_err(|error| error.to_string())?;
    Ok(json!({ "Records": [{
        "eventID": "00000000000000000000000000000001",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_225_600,
            "Keys": { "PK": image["PK"], "SK": image["SK"] },
            "NewImage": image,
            "SequenceNumber": "100000000000000000001",
            "SizeBytes": 500,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/lectern-dev/stream/2026-01-01T00:00:00.000",
    }] }))
}

/// An event of a type and version, of values that fit.
pub(crate) fn event(wanted: (&str, u32)) -> Result<Event> {
    let kind = domain::event_types().find(|kind| (kind.name, kind.version) == wanted);
    let kind = kind.ok_or_else(|| format!("{wanted:?} is in no EVENTS of a domain"))?;
    serde_json::from_value(json!({
        "id": id("evt"),
        "type": kind.name,
        "version": kind.version,
        "occurred_at": TIME,
        "school": "main",
        "actor": id("usr"),
        "correlation_id": "sample",
        "causation_id": null,
        "data": example(kind.name, &kind.schema().to_value()),
    }))
    .map_err(|error| format!("{}: {error}", kind.name))
}

/// What a rule of EventBridge hands over.
fn tick(entry: &ScheduleEntry) -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000001",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": TIME,
        "region": "us-east-1",
        "resources": [format!("arn:aws:events:us-east-1:000000000000:rule/lectern-dev-{}", entry.names.function())],
        "detail": {},
    })
}

fn id(prefix: &str) -> String {
    format!("{prefix}_019b7767000070008000000000000001")
}

/// Some value that fits the schema of an event.
fn example(name: &str, schema: &Value) -> Value {
    if let Some(first) = schema.pointer("/enum/0").or_else(|| schema.pointer("/oneOf/0/const")) {
        return first.clone();
    }
    let kind = schema.get("type").map(|kind| kind.get(0).unwrap_or(kind)).and_then(Value::as_str);
    match (kind, schema.get("format").and_then(Value::as_str)) {
        (Some("object"), _) => {
            // Of what an event may tell the one or the other of, it tells the first.
            let places = ["/properties", "/anyOf/0/properties"].map(|place| schema.pointer(place));
            let properties = places.into_iter().flatten().filter_map(Value::as_object);
            properties.flatten().map(|(name, schema)| (name.clone(), example(name, schema))).collect()
        }
        (Some("array"), _) => {
            schema.get("items").map_or_else(|| json!([]), |items| json!([example(name, items)]))
        }
        (Some("string"), Some("date-time")) => json!(TIME),
        (Some("string"), Some(format)) if format.ends_with("-id") => {
            json!(id(format.trim_end_matches("-id")))
        }
        (Some("string"), _) if name == "certificate_no" => json!("CERT-2026-000123"),
        (Some("string"), _) if name.contains("email") => json!("ada@example.org"),
        (Some("string"), _) => json!(format!("some {}", name.replace('_', " "))),
        (Some("integer" | "number"), _) => json!(1),
        (Some("boolean"), _) => json!(true),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A golden is made of it where a type of event has none.
    #[test]
    fn a_sample_of_every_event_is_read_and_written_back_unchanged() {
        for kind in domain::event_types() {
            let event = event((kind.name, kind.version)).unwrap();
            assert_eq!(kind.payload(&event).unwrap(), event.data, "{}", kind.name);
        }
    }

    #[test]
    fn a_tick_says_which_rule_sent_it() {
        for entry in &registry::all().schedules {
            let tick = tick(entry);
            assert_eq!(
                (&tick["source"], &tick["detail-type"]),
                (&json!("aws.events"), &json!("Scheduled Event"))
            );
            let rule = tick["resources"][0].as_str().unwrap();
            assert!(rule.ends_with(&format!(":rule/lectern-dev-{}", entry.names.function())), "{rule}");
        }
    }
}
