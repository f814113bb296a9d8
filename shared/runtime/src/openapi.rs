//! The OpenAPI 3.1 document, made of the very types that parse requests and render answers.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Code;
use serde_json::{Map, Value, json};

use crate::{
    Components, EndpointEntry, IfMatch, Registry, SignIn, components::SCHEMAS, idempotency::Idempotency,
    problem,
};

/// What a route reads besides its path.
#[derive(Clone, Debug, Default)]
pub struct RequestParts {
    pub query: Option<Value>,
    /// The whole schema, to which bodies are held.
    pub body: Option<Value>,
    /// A link to the same, for the document.
    pub(crate) named_body: Option<fn(&mut Components) -> Value>,
    pub body_is_optional: bool,
    pub if_match: Option<bool>,
    /// What it is refused with where it cannot be read.
    pub errors: Vec<Code>,
}

/// The document of all `registry` offers.
#[must_use]
pub fn document(registry: &Registry) -> Value {
    let mut entries: Vec<&EndpointEntry> = registry.endpoints.iter().collect();
    entries.sort_by_key(|entry| (entry.route.path, entry.route.method.as_str()));
    let mut components = Components::default();
    let mut paths: Map<String, Value> = Map::new();
    let mut problems: Map<String, Value> = Map::new();
    for entry in &entries {
        let path = paths.entry(entry.route.path).or_insert_with(|| json!({}));
        path[entry.route.method.as_str().to_lowercase()] = operation(entry, &mut components, &mut problems);
    }
    let told: BTreeSet<Code> = entries.into_iter().flat_map(EndpointEntry::codes).collect();
    let schemas = problem::schemas(&mut components, &told);
    let has_routes = |tag: &str| registry.endpoints.iter().any(|entry| entry.names.domain() == tag);
    let mut tags = registry.tags.clone();
    tags.retain(|(name, _)| has_routes(name));
    tags.sort_unstable();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Lectern",
            "contact": { "name": "the admins of the school" },
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "A serverless learning platform. Times are RFC 3339 in UTC, money is in minor units, \
                lists give `next_cursor`, edits of shared things want `If-Match`, errors are problem documents \
                (RFC 9457) with a stable `code`. A method that a path does not take is answered 405 with `Allow`, and \
                `allowed_methods` in the document. On AWS, API Gateway itself may answer 413, 429 or 5xx, with \
                `{\"message\": …}` instead. `HEAD` answers what is public like `GET`, without a body.",
        },
        "servers": [{ "url": "/", "description": "the school that this document comes from" }],
        "tags": tags
            .iter()
            .map(|(name, about)| json!({ "name": name, "description": about }))
            .collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": problems,
            "headers": {
                "ETag": header("the revision of the thing for `If-Match`: its `rev` in quotes", true),
                "Idempotency-Replayed": header("`true`: the reply to an earlier request with this key", false),
                "Location": header("where the new thing is", true),
                "Retry-After": header("seconds to wait", true),
                "WWW-Authenticate": header("`Bearer`", true),
            },
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
        },
    });
    components.put_into(&mut document);
    let rules: BTreeSet<_> = domain::rules().map(|rule| rule.0).collect();
    document["components"]["schemas"]["ViolationCode"]["enum"] = json!(rules);
    document
}

fn header(description: &str, required: bool) -> Value {
    json!({ "description": description, "required": required, "schema": { "type": "string" } })
}

/// Headers by their names in `components`.
fn headers<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    let link = |name| (name, json!({ "$ref": format!("#/components/headers/{name}") }));
    names.into_iter().map(link).map(|(name, link)| (name.to_owned(), link)).collect()
}

fn operation(entry: &EndpointEntry, components: &mut Components, problems: &mut Map<String, Value>) -> Value {
    let parts = (entry.describe)();
    let mut parameters: Vec<Value> = (entry.path)()
        .iter()
        .map(|parameter| {
            json!({ "name": parameter.name, "in": "path", "required": true, "schema": (parameter.schema)() })
        })
        .collect();
    let properties =
        parts.query.as_ref().and_then(|query| query.get("properties")).and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        parameters
            .push(json!({ "name": name, "in": "query", "required": false, "schema": without_null(schema) }));
    }
    let header = |name: &str, required: bool, description: &str, schema: Value| json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema });
    if let Some(required) = parts.if_match {
        let description =
            "the revision that the edit is based on, as its `ETag`: `rev` in quotes, `\"2\"` for 2";
        parameters.push(header("If-Match", required, description, IfMatch::schema()));
    }
    if entry.idempotent {
        let description = "a repeated request with it gets the first reply";
        parameters.push(header("Idempotency-Key", false, description, Idempotency::schema()));
    }
    let mut operation = json!({
        "operationId": format!("{}.{}", entry.names.domain(), entry.names.verb_noun()),
        "tags": [entry.names.domain()],
        "summary": entry.summary,
        "description": format!("For {}.", entry.who),
        "x-access": entry.access,
        "x-budget": { "reads": entry.budget.reads, "writes": entry.budget.writes },
        "parameters": parameters,
        "responses": responses(entry, components, problems),
        "security": match entry.sign_in {
            SignIn::Never => json!([]),
            SignIn::Optional => json!([{}, { "bearer": [] }]),
            SignIn::Required => json!([{ "bearer": [] }]),
        },
    });
    if let Some(link) = parts.named_body {
        operation["requestBody"] = json!({
            "required": !parts.body_is_optional,
            "content": { "application/json": { "schema": link(components) } },
        });
    }
    operation
}

/// Success, and every refusal by its status; equal refusals are shared.
fn responses(entry: &EndpointEntry, components: &mut Components, problems: &mut Map<String, Value>) -> Value {
    let done = match entry.status {
        201 => "created",
        202 => "accepted",
        _ => "done",
    };
    let mut success = json!({ "description": done });
    let content = (entry.output)(components);
    if content != json!({}) {
        success["content"] = content;
    }
    let mut names = (entry.headers)().to_vec();
    names.extend(entry.location.map(|_| "Location"));
    names.extend(entry.idempotent.then_some("Idempotency-Replayed"));
    if !names.is_empty() {
        success["headers"] = headers(names);
    }
    let mut responses = refusals(entry, problems);
    if entry.shared_seconds.is_some() {
        responses
            .insert("304".to_owned(), json!({ "description": "What `If-None-Match` names is still so" }));
    }
    // Where a person reads, a page says that there is nothing.
    let is_page =
        success["content"]["text/html"].is_object() && success["content"]["application/json"].is_null();
    if is_page && responses.contains_key("404") {
        let page = json!({ "description": "nothing is here", "content": success["content"] });
        responses.insert("404".to_owned(), page);
    }
    responses.insert(entry.status.to_string(), success);
    Value::Object(responses)
}

/// What is refused, by its status.
fn refusals(entry: &EndpointEntry, problems: &mut Map<String, Value>) -> Map<String, Value> {
    let mut responses = Map::new();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in entry.codes() {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let name = codes.iter().map(|code| code.name()).collect::<Vec<_>>().join("-");
        responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
        problems.entry(name).or_insert_with(|| problem(status, &codes));
    }
    responses
}

/// A problem document with one of `codes`.
fn problem(status: u16, codes: &[Code]) -> Value {
    let said: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.name(), code.title())).collect();
    let links: BTreeMap<_, _> =
        codes.iter().map(|code| (code.name(), format!("{SCHEMAS}{}", problem::schema_name(*code)))).collect();
    let mut branches: Vec<_> = links.values().map(|link| json!({ "$ref": link })).collect();
    let schema = match branches.len() {
        1 => branches.remove(0),
        _ => json!({ "oneOf": branches, "discriminator": { "propertyName": "code", "mapping": links } }),
    };
    let example = codes.first().map(|code| problem::document(&problem::example(*code), "/v1/…", "…"));
    let mut problem = json!({
        "description": said.join("; "),
        "content": { "application/problem+json": { "schema": schema, "example": example } },
    });
    match status {
        401 => problem["headers"] = headers(["WWW-Authenticate"]),
        429 | 503 => problem["headers"] = headers(["Retry-After"]),
        _ => {}
    }
    problem
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
    if let Some(members) = schema.as_object_mut()
        && members.get("default").is_some_and(Value::is_null)
    {
        members.remove("default");
    }
    schema
}
