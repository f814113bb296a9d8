//! The OpenAPI 3.1 document, made of the very types that parse requests and render answers.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{EndpointEntry, Idempotency, IfMatch, Registry, path, problem};

/// What a route reads besides its path.
#[derive(Clone, Debug, Default)]
pub struct RequestParts {
    pub query: Option<Value>,
    pub body: Option<Value>,
    pub body_is_optional: bool,
    pub if_match: bool,
}

/// The schema of an answer.
pub(crate) fn output_schema<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// The document of all `registry` offers.
#[must_use]
pub fn document(registry: &Registry) -> Value {
    let mut entries: Vec<&EndpointEntry> = registry.endpoints.iter().collect();
    entries.sort_by_key(|entry| (entry.route.path, entry.route.method.as_str()));
    let mut paths: Map<String, Value> = Map::new();
    for entry in &entries {
        let path = paths.entry(entry.route.path).or_insert_with(|| json!({}));
        path[entry.route.method.as_str().to_lowercase()] = operation(entry);
    }
    let mut domains: Vec<&str> = entries.iter().map(|entry| entry.names.domain()).collect();
    domains.sort_unstable();
    domains.dedup();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Lectern",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "A serverless learning platform. Times are RFC 3339 in UTC, money is in minor units, \
                lists give `next_cursor`, edits of shared things want `If-Match`, errors are problem documents (RFC 9457).",
        },
        "tags": domains.iter().map(|domain| json!({ "name": domain })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": { "Problem": problem::schema() },
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
        },
    })
}

fn operation(entry: &EndpointEntry) -> Value {
    let parts = (entry.describe)();
    let mut parameters: Vec<Value> = entry
        .route
        .parameters()
        .map(|name| {
            let schema = path::schema(name, entry.alias);
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    let properties =
        parts.query.as_ref().and_then(|query| query.get("properties")).and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        parameters
            .push(json!({ "name": name, "in": "query", "required": false, "schema": without_null(schema) }));
    }
    let header = |name: &str, required: bool, description: &str, schema: Value| json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema });
    if parts.if_match {
        parameters.push(header("If-Match", true, "the ETag that the edit is based on", IfMatch::schema()));
    }
    if entry.idempotent {
        let description = "a repeated request with it gets the first reply";
        parameters.push(header("Idempotency-Key", false, description, Idempotency::schema()));
    }
    let mut success = json!({ "description": "done" });
    let content = (entry.output)();
    if content != json!({}) {
        success["content"] = content;
    }
    let mut operation = json!({
        "operationId": format!("{}.{}", entry.names.domain(), entry.names.verb_noun()),
        "tags": [entry.names.domain()],
        "summary": entry.summary,
        "x-access": entry.access,
        "x-budget": { "reads": entry.budget.reads, "writes": entry.budget.writes },
        "parameters": parameters,
        "responses": {
            entry.status.to_string(): success,
            "default": {
                "description": "a problem",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            },
        },
        "security": if entry.access == "public" { json!([]) } else { json!([{ "bearer": [] }]) },
    });
    if let Some(schema) = parts.body {
        operation["requestBody"] = json!({ "required": !parts.body_is_optional, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

/// A query parameter is left out rather than null.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(kinds) = schema.get("type").and_then(Value::as_array) {
        let kinds: Vec<&Value> = kinds.iter().filter(|kind| *kind != "null").collect();
        if let [kind] = kinds.as_slice() {
            schema["type"] = (*kind).clone();
        }
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    schema
}
