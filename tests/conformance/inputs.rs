//! The schemas of what callers send. What a schema does not say is not checked, so it has to say it all.

use runtime::{SUPPORTED_KEYWORDS, violations_of};
use serde_json::Value;

use crate::nothing_wrong;

/// Calls `look` with every schema inside the inputs of all routes, and where it stands.
fn every_input_schema(mut look: impl FnMut(&str, &Value)) {
    for entry in registry::all().endpoints {
        let parts = (entry.describe)();
        for (part, schema) in [("query", parts.query), ("body", parts.body)] {
            if let Some(schema) = schema {
                walk(&format!("{} {part}", entry.names.function()), &schema, &mut look);
            }
        }
    }
}

fn walk(place: &str, schema: &Value, look: &mut impl FnMut(&str, &Value)) {
    look(place, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(&format!("{place}/{name}"), property, look);
    }
    for several in ["anyOf", "oneOf", "prefixItems"] {
        for (n, branch) in schema[several].as_array().into_iter().flatten().enumerate() {
            walk(&format!("{place}/{several}/{n}"), branch, look);
        }
    }
    if schema["items"].is_object() {
        walk(&format!("{place}/items"), &schema["items"], look);
    }
}

fn is(schema: &Value, kind: &str) -> bool {
    let kinds = &schema["type"];
    kinds == kind || kinds.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
}

/// Values that are listed one by one need no bound.
fn is_listed(schema: &Value) -> bool {
    schema["enum"].is_array() || !schema["const"].is_null()
}

#[test]
fn inputs_use_only_keywords_that_are_checked() {
    let mut wrong = Vec::new();
    every_input_schema(|place, schema| {
        for keyword in schema.as_object().into_iter().flatten().map(|(keyword, _)| keyword) {
            if !SUPPORTED_KEYWORDS.contains(&keyword.as_str()) {
                wrong.push(format!("{place} uses {keyword}"));
            }
        }
        if schema["oneOf"].is_array()
            && (schema["discriminator"].is_null() || !schema["properties"].is_null())
        {
            wrong.push(format!("{place} is an enum without a tag, or one among other fields"));
        }
        if schema["additionalProperties"].is_object() {
            wrong.push(format!("{place} has fields of any name, whose values nothing looks at"));
        }
    });
    nothing_wrong(&wrong, "write the type differently, or teach runtime::violations_of the keyword");
}

#[test]
fn inputs_refuse_unknown_fields() {
    let mut wrong = Vec::new();
    every_input_schema(|place, schema| {
        if is(schema, "object") && schema["additionalProperties"] != false {
            wrong.push(place.to_owned());
        }
    });
    nothing_wrong(&wrong, "add #[serde(deny_unknown_fields)]");
}

#[test]
fn every_text_of_an_input_has_a_greatest_length() {
    let mut wrong = Vec::new();
    every_input_schema(|place, schema| {
        let format = schema["format"].as_str().unwrap_or_default();
        let bounded = schema["maxLength"].is_u64() || is_listed(schema);
        if is(schema, "string") && !bounded && !format.ends_with("-id") && format != "date-time" {
            wrong.push(place.to_owned());
        }
    });
    nothing_wrong(&wrong, "add #[schemars(length(max = …))]");
}

#[test]
fn every_number_of_an_input_has_bounds() {
    let mut wrong = Vec::new();
    every_input_schema(|place, schema| {
        let bounded = schema["minimum"].is_number() && schema["maximum"].is_number();
        if (is(schema, "integer") || is(schema, "number")) && !bounded && !is_listed(schema) {
            wrong.push(place.to_owned());
        }
    });
    nothing_wrong(&wrong, "add #[schemars(range(min = …, max = …))]");
}

#[test]
fn every_list_of_an_input_has_a_greatest_size() {
    let mut wrong = Vec::new();
    every_input_schema(|place, schema| {
        if is(schema, "array") && !schema["maxItems"].is_u64() {
            wrong.push(place.to_owned());
        }
    });
    nothing_wrong(&wrong, "add #[schemars(length(max = …))]");
}

#[test]
fn every_body_has_an_example_that_would_be_accepted() {
    let mut wrong = Vec::new();
    for entry in registry::all().endpoints {
        let Some(schema) = (entry.describe)().body else {
            continue;
        };
        let name = entry.names.function();
        let Some(example) = schema.pointer("/examples/0") else {
            wrong.push(format!("{name} has no example"));
            continue;
        };
        if let Err(error) = violations_of(&schema, example) {
            wrong.push(format!("{name}: {:?}", error.violation_list()));
        }
    }
    nothing_wrong(&wrong, "add #[schemars(example = json!(…))] to the input type, or correct it");
}
