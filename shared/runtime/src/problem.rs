//! The only place that renders errors: RFC 9457 problem documents.

use std::collections::BTreeSet;

use http::{HeaderName, HeaderValue};
use kernel::{Code, Currency, Error, Member, Money, Violation};
use serde_json::{Map, Value, json};

use crate::{
    Components, Reply,
    components::{SCHEMAS, camel},
};

/// The document for `error` in answer to the request `request_id` for `path`.
pub(crate) fn document(error: &Error, path: &str, request_id: &str) -> Value {
    let code = error.code();
    let mut problem = json!({
        "type": format!("urn:lectern:problem:{}", code.name()),
        "title": code.title(),
        "status": code.status(),
        "detail": error.detail(),
        "code": code.name(),
        "instance": path,
        "request_id": request_id,
    });
    if !error.violation_list().is_empty() {
        problem["errors"] = json!(error.violation_list());
    }
    for (name, value) in error.extensions() {
        problem[name] = value.clone();
    }
    problem
}

/// An error for the reference, with everything that errors of its code have.
pub(crate) fn example(code: Code) -> Error {
    let error = Error::new(code, "words about this very case");
    code.0.members.iter().fold(error, |error, (name, member)| {
        let value = match member {
            Member::Money => json!(Money { amount: 4900, currency: Currency::EUR }),
            Member::Texts => json!(["GET"]),
        };
        error.with(name, value)
    })
}

/// The answer with that document.
pub(crate) fn render(error: &Error, path: &str, request_id: &str) -> Reply {
    let (code, problem) = (error.code(), document(error, path, request_id));
    let mut headers = Vec::new();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.push((HeaderName::from_static(name), value));
        }
    };
    if let Some(seconds) = error.retry_after_seconds() {
        set("retry-after", &seconds.to_string());
    }
    if let Some(methods) = error.extensions().get("allowed_methods").and_then(Value::as_array) {
        let methods: Vec<_> = methods.iter().filter_map(Value::as_str).collect();
        set("allow", &methods.join(", "));
    }
    if code.status() == 401 {
        set("www-authenticate", "Bearer");
    }
    Reply {
        status: code.status(),
        content_type: "application/problem+json",
        headers,
        body: problem.to_string().into_bytes(),
    }
}

/// `NotFoundProblem`
pub(crate) fn schema_name(code: Code) -> String {
    format!("{}Problem", camel(code.name()))
}

/// The schema of any problem document, and those of documents with each of `codes`.
pub(crate) fn schemas(components: &mut Components, codes: &BTreeSet<Code>) -> Map<String, Value> {
    let mut any = json!({
        "description": "What went wrong, as RFC 9457 has it.",
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "instance", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "code": { "$ref": format!("{SCHEMAS}ProblemCode") },
            "instance": { "type": "string" },
            "request_id": { "type": "string" },
            "errors": { "type": "array", "items": components.answered::<Violation>() },
        },
    });
    // Where there is no route there is no operation that could tell of this one: any problem may be it.
    let unrouted = Code::METHOD_NOT_ALLOWED;
    for (name, member) in unrouted.0.members {
        any["properties"][name] = schema_of(*member, components);
    }
    let all: BTreeSet<_> = codes.iter().copied().chain([unrouted]).collect();
    let names: Vec<_> = all.into_iter().map(Code::name).collect();
    let code = json!({ "description": "The stable name of a problem.", "type": "string", "enum": names });
    let mut schemas = Map::from_iter([("Problem".to_owned(), any), ("ProblemCode".to_owned(), code)]);
    for &code in codes {
        let mut schema = json!({
            "description": code.title(),
            "type": "object",
            "allOf": [{ "$ref": format!("{SCHEMAS}Problem") }],
            "required": ["code", "status"],
            "properties": {
                "code": { "type": "string", "const": code.name() },
                "status": { "type": "integer", "const": code.status() },
            },
        });
        for (name, member) in code.0.members {
            schema["properties"][name] = schema_of(*member, components);
            schema["required"].as_array_mut().into_iter().for_each(|required| required.push(json!(name)));
        }
        schemas.insert(schema_name(code), schema);
    }
    schemas
}

fn schema_of(member: Member, components: &mut Components) -> Value {
    match member {
        Member::Money => components.answered::<Money>(),
        Member::Texts => components.answered::<Vec<String>>(),
    }
}
