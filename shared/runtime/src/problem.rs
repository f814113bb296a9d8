//! The only place that renders errors: RFC 9457 problem documents.

use http::{HeaderName, HeaderValue};
use kernel::Error;
use serde_json::{Value, json};

use crate::Reply;

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

/// The schema of a problem document.
pub(crate) fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "instance", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "code": {
                "type": "string",
                "enum": kernel::Code::ALL.iter().map(|code| code.name()).collect::<Vec<_>>(),
            },
            "instance": { "type": "string" },
            "request_id": { "type": "string" },
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail"],
                    "properties": {
                        "pointer": {
                            "type": "string",
                            "description": "into the body as RFC 6901 has it; `?name` in the query, `{name}` in the path, \
                                            or the name of a header",
                        },
                        "code": { "type": "string" },
                        "detail": { "type": "string" },
                    },
                },
            },
        },
    })
}
