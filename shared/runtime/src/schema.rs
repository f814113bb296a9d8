//! Holds a JSON value to the schema that its Rust type derives, and tells everything that is wrong at once. One
//! declaration (`#[schemars(length(max = 120))]`) so feeds the documentation and the check. Only the keywords below
//! are understood; a test refuses an input schema that uses another, so that nothing is silently unchecked.

use std::collections::HashSet;

use kernel::{Code, Error, INVISIBLE, Result, Rule, Violations, is_blank};
use schemars::Schema;
use serde_json::{Map, Value, json};

/// The keywords that constrain a value here.
pub const SUPPORTED_KEYWORDS: &[&str] = &[
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "enum",
    "const",
    "anyOf",
    "oneOf",
    "discriminator",
    "format",
    "uniqueItems",
    // What types and rules check themselves; a test compares them with what it says here.
    "pattern",
    // Words for the reader.
    "title",
    "description",
    "default",
    "examples",
    "$schema",
    "prefixItems",
];

/// Text with this format may have several lines.
const MULTILINE: &str = "multiline";
/// Text with this format may hold every character, and each counts.
const PASSWORD: &str = "password";

/// What is wrong: with the shape (400) and with the rules (422).
#[derive(Default)]
struct Findings {
    shape: Violations,
    rules: Violations,
    stand_ins: Vec<(String, Value)>,
}

/// A value that has the right shape.
pub(crate) struct Shaped {
    /// The rules that it breaks.
    pub(crate) broken: Violations,
    /// By their pointers what could stand in place of members that no type may be able to read. With them the other
    /// rules can be looked at too; the value itself is refused.
    pub(crate) stand_ins: Vec<(String, Value)>,
}

/// Checks `value` against `schema`.
///
/// # Errors
/// [`Code::INVALID_BODY`] when the shape is wrong, [`Code::VALIDATION_FAILED`] when only rules are broken.
pub fn violations_of(schema: &Value, value: &Value) -> Result<()> {
    shaped(schema, value)?.broken.finish()
}

/// Checks the shape of `value`, and tells the rules that it breaks.
pub(crate) fn shaped(schema: &Value, value: &Value) -> Result<Shaped> {
    let mut found = Findings::default();
    walk(schema, value, "", &mut found);
    if !found.shape.is_empty() {
        return Err(Error::new(Code::INVALID_BODY, "the body does not have the expected shape; see errors")
            .violations(found.shape.into_vec()));
    }
    Ok(Shaped { broken: found.rules, stand_ins: found.stand_ins })
}

fn walk(schema: &Value, value: &Value, at: &str, found: &mut Findings) {
    let Some(schema) = schema.as_object() else { return };
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        // An optional object: null is one branch, the object the other.
        let fits_null = branches.iter().any(|branch| branch.get("type").is_some_and(|kind| kind == "null"));
        if value.is_null() && fits_null {
            return;
        }
        let other = branches.iter().find(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        return walk(other.unwrap_or(&Value::Null), value, at, found);
    }
    if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
        let tag =
            schema.get("discriminator").and_then(|discriminator| discriminator["propertyName"].as_str());
        return tagged(variants, tag.unwrap_or_default(), value, at, found);
    }
    if let Some(kind) = schema.get("type")
        && !has_type(kind, value)
    {
        found.shape.add(
            at,
            Rule::WRONG_TYPE,
            format!("must be {}, not {}", expected(kind), type_name(value)),
        );
        return;
    }
    let allowed = schema.get("enum").and_then(Value::as_array);
    if let Some(allowed) = allowed
        && !allowed.contains(value)
    {
        let names: Vec<_> = allowed.iter().filter_map(Value::as_str).collect();
        found.rules.add(at, Rule::NOT_ALLOWED, format!("must be one of {}", names.join(", ")));
        found.stand_ins.extend(allowed.first().map(|first| (at.to_owned(), first.clone())));
        return;
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        found.rules.add(at, Rule::NOT_ALLOWED, format!("must be {only}"));
        return;
    }
    match value {
        Value::String(text) => string(schema, text, at, found),
        Value::Number(_) => number(schema, value.as_f64().unwrap_or(f64::INFINITY), at, found),
        Value::Array(items) => array(schema, items, at, found),
        Value::Object(members) => object(schema, members, at, found),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A tagged enum: its tag tells by which of the variants the rest is held.
fn tagged(variants: &[Value], tag: &str, value: &Value, at: &str, found: &mut Findings) {
    let Some(members) = value.as_object() else {
        found.shape.add(at, Rule::WRONG_TYPE, format!("must be object, not {}", type_name(value)));
        return;
    };
    let at_tag = pointer(at, tag);
    match members.get(tag) {
        None => found.shape.add(at_tag, Rule::MISSING, "is required"),
        Some(Value::String(name)) => {
            match variants.iter().find(|variant| name_in(variant, tag) == Some(name.as_str())) {
                Some(variant) => walk(variant, value, at, found),
                None => {
                    let names: Vec<_> = variants.iter().filter_map(|variant| name_in(variant, tag)).collect();
                    found.rules.add(
                        at_tag,
                        Rule::NOT_ALLOWED,
                        format!("must be one of {}", names.join(", ")),
                    );
                }
            }
        }
        Some(other) => {
            found.shape.add(at_tag, Rule::WRONG_TYPE, format!("must be string, not {}", type_name(other)));
        }
    }
}

/// What the tag of `variant` is.
pub(crate) fn name_in<'a>(variant: &'a Value, tag: &str) -> Option<&'a str> {
    variant["properties"][tag]["const"].as_str()
}

/// Says of a tagged enum which member is the tag: each of its variants has a text of its own there.
pub(crate) fn say_what_tells_variants_apart(schema: &mut Schema) {
    let Some(members) = schema.as_object_mut() else { return };
    let variants = members.get("oneOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let first = variants.first().and_then(|variant| variant["properties"].as_object());
    let tag = first
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .find(|name| variants.iter().all(|variant| name_in(variant, name).is_some()));
    if let Some(tag) = tag.cloned() {
        members.insert("discriminator".to_owned(), json!({ "propertyName": tag }));
    }
}

fn limit(schema: &Map<String, Value>, name: &str) -> Option<usize> {
    schema.get(name).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok())
}

fn string(schema: &Map<String, Value>, text: &str, at: &str, found: &mut Findings) {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let is_password = format == PASSWORD;
    // Overrides of direction let a title read as what it is not; a text may need them.
    let forbidden = |c: char| match c {
        _ if is_password => false,
        '\n' | '\r' | '\t' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => format != MULTILINE,
        c => c.is_control(),
    };
    if text.chars().any(forbidden) {
        found.rules.add(at, Rule::CONTROL_CHARACTER, "must not contain control characters");
    }
    // What has a form of its own has a rule that says it, which helps more than the length of the shortest.
    let min = limit(schema, "minLength").filter(|min| *min == 1 || !schema.contains_key("pattern"));
    let seen = if is_password { text } else { text.trim_matches(is_blank) };
    if let Some(min) = min.filter(|min| seen.chars().count() < *min) {
        let detail = match min {
            1 => "must not be empty".to_owned(),
            min => format!("must have at least {min} characters"),
        };
        found.rules.add(at, Rule::TOO_SHORT, detail);
    }
    if let Some(max) = limit(schema, "maxLength")
        && text.chars().count() > max
    {
        found.rules.add(at, Rule::TOO_LONG, format!("must have at most {max} characters"));
    }
}

/// Adds to the schema of a text the rules above as a regular expression, so that whoever has only the schema checks the
/// same: no control characters, and something to see where something must be.
pub(crate) fn say_what_texts_may_hold(schema: &mut Schema) {
    let Some(members) = schema.as_object_mut() else { return };
    let is_text = members.get("type").is_some_and(|kind| {
        kind == "string" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == "string"))
    });
    let format = members.get("format").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_free = !["enum", "const", "pattern"].iter().any(|keyword| members.contains_key(*keyword));
    if is_text && is_free && format != PASSWORD && format != "date-time" {
        let pattern =
            text_pattern(format == MULTILINE, limit(members, "minLength").is_some_and(|min| min > 0));
        members.insert("pattern".to_owned(), Value::String(pattern));
    }
}

fn text_pattern(multiline: bool, is_seen: bool) -> String {
    let controls = if multiline {
        r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
    } else {
        r"\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
    };
    if !is_seen {
        return format!("^[^{controls}]*$");
    }
    let code = |c: char| format!("\\u{:04x}", u32::from(c));
    let range = |(first, last): (char, char)| {
        if first == last { code(first) } else { format!("{}-{}", code(first), code(last)) }
    };
    let invisible: String = INVISIBLE.into_iter().map(range).collect();
    format!(r"^[^{controls}]*[^\s{controls}{invisible}][^{controls}]*$")
}

fn number(schema: &Map<String, Value>, number: f64, at: &str, found: &mut Findings) {
    let bound = |name: &str| schema.get(name).filter(|bound| bound.is_number());
    if let Some(min) = bound("minimum").filter(|min| min.as_f64() > Some(number)) {
        found.rules.add(at, Rule::TOO_SMALL, format!("must be at least {min}"));
        found.stand_ins.push((at.to_owned(), min.clone()));
    }
    if let Some(max) = bound("maximum").filter(|max| max.as_f64() < Some(number)) {
        found.rules.add(at, Rule::TOO_LARGE, format!("must be at most {max}"));
        found.stand_ins.push((at.to_owned(), max.clone()));
    }
}

fn array(schema: &Map<String, Value>, items: &[Value], at: &str, found: &mut Findings) {
    if let Some(min) = limit(schema, "minItems").filter(|min| items.len() < *min) {
        found.rules.add(
            at,
            Rule::TOO_FEW,
            format!("must have at least {min} {}", if min == 1 { "item" } else { "items" }),
        );
    }
    if let Some(max) = limit(schema, "maxItems")
        && items.len() > max
    {
        found.rules.add(at, Rule::TOO_MANY, format!("must have at most {max} items"));
        return;
    }
    if schema.get("uniqueItems").is_some_and(|unique| unique == true) {
        // To a reader `Rust` and `rust ` are the same word.
        let word = |item: &Value| item.as_str().map_or_else(|| item.to_string(), |t| t.trim().to_lowercase());
        let mut seen = HashSet::new();
        for (n, item) in items.iter().enumerate() {
            if !seen.insert(word(item)) {
                found.rules.add(format!("{at}/{n}"), Rule::REPEATED, "is in the list already");
            }
        }
    }
    let tuple = schema.get("prefixItems").and_then(Value::as_array);
    for (n, item) in items.iter().enumerate() {
        let item_schema = tuple.and_then(|tuple| tuple.get(n)).or_else(|| schema.get("items"));
        if let Some(item_schema) = item_schema {
            walk(item_schema, item, &format!("{at}/{n}"), found);
        }
    }
}

fn pointer(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn object(schema: &Map<String, Value>, members: &Map<String, Value>, at: &str, found: &mut Findings) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for name in
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        if !members.contains_key(name) {
            found.shape.add(pointer(at, name), Rule::MISSING, "is required");
        }
    }
    for (name, member) in members {
        match properties.and_then(|properties| properties.get(name)) {
            Some(property) => walk(property, member, &pointer(at, name), found),
            None => found.shape.add(
                pointer(at, &name.chars().take(64).collect::<String>()),
                Rule::UNKNOWN_FIELD,
                "is not a field of this request",
            ),
        }
    }
}

fn has_type(kind: &Value, value: &Value) -> bool {
    match kind {
        Value::String(kind) => match kind.as_str() {
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            kind => type_name(value) == kind,
        },
        Value::Array(kinds) => kinds.iter().any(|kind| has_type(kind, value)),
        _ => true,
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn expected(kind: &Value) -> String {
    match kind {
        // Null is how a body says that there is nothing; where it may not, as in a query, the field is left out.
        Value::Array(kinds) => {
            kinds.iter().filter(|kind| *kind != "null").map(expected).collect::<Vec<_>>().join(" or ")
        }
        kind => kind.as_str().unwrap_or("something else").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::input::schema_of;

    fn codes(value: &Value) -> (u16, Vec<(String, String)>) {
        let schema = json!({
            "type": "object",
            "required": ["title"],
            "additionalProperties": false,
            "properties": {
                "title": { "type": "string", "minLength": 1, "maxLength": 5 },
                "text": { "type": ["string", "null"], "format": "multiline" },
                "level": { "type": "string", "enum": ["low", "high"] },
                "price": { "anyOf": [{ "type": "object", "properties": { "amount": { "type": "integer", "minimum": 0 } } }, { "type": "null" }] },
                "tags": { "type": "array", "maxItems": 2, "items": { "type": "string", "maxLength": 3 } },
            },
        });
        match violations_of(&schema, value) {
            Ok(()) => (200, Vec::new()),
            Err(error) => {
                let list = error.violation_list().iter();
                (error.code().status(), list.map(|v| (v.pointer.clone(), v.code.0.to_owned())).collect())
            }
        }
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
    enum Question {
        SingleChoice {
            #[schemars(length(min = 2, max = 3), inner(length(min = 1, max = 5)))]
            options: Vec<String>,
            #[schemars(range(min = 0, max = 2))]
            right: u8,
        },
        Essay(Essay),
        Pause,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Essay {
        #[schemars(range(min = 1, max = 500))]
        words: u16,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Quiz {
        #[schemars(length(max = 5))]
        questions: Vec<Question>,
        last: Option<Question>,
    }

    /// Status and violations of a body that the server reads as a `Quiz`.
    fn quiz(body: &Value) -> (u16, Vec<(String, String)>) {
        let schema = schema_of::<Quiz>();
        let validator = jsonschema::validator_for(schema).unwrap();
        match violations_of(schema, body) {
            Ok(()) => {
                assert!(validator.is_valid(body), "{body} is taken, and not by the schema");
                let _: Quiz = serde_json::from_value(body.clone()).unwrap();
                (200, Vec::new())
            }
            Err(error) => {
                assert!(!validator.is_valid(body), "{body} is refused, and not by the schema");
                let list = error.violation_list().iter();
                (error.code().status(), list.map(|v| (v.pointer.clone(), v.code.0.to_owned())).collect())
            }
        }
    }

    #[test]
    fn of_a_tagged_enum_the_tag_says_by_which_variant_the_rest_is_held() {
        let choice = json!({ "type": "single_choice", "options": ["a", "b"], "right": 1 });
        for last in
            [&choice, &json!({ "type": "essay", "words": 7 }), &json!({ "type": "pause" }), &json!(null)]
        {
            assert_eq!(quiz(&json!({ "questions": [choice], "last": last })).0, 200, "{last}");
        }
        let refused = |question: Value, status: u16, pointer: &str, code: &str| {
            let told = [(pointer.to_owned(), code.to_owned())];
            let asked = quiz(&json!({ "questions": [choice, question] }));
            assert_eq!(asked, (status, told.to_vec()), "{question}");
        };
        refused(json!({ "type": "riddle" }), 422, "/questions/1/type", "not_allowed");
        refused(json!({ "words": 7 }), 400, "/questions/1/type", "missing");
        refused(json!({ "type": 7, "words": 7 }), 400, "/questions/1/type", "wrong_type");
        refused(json!("essay"), 400, "/questions/1", "wrong_type");
        refused(json!({ "type": "essay" }), 400, "/questions/1/words", "missing");
        refused(json!({ "type": "essay", "words": "7" }), 400, "/questions/1/words", "wrong_type");
        refused(json!({ "type": "essay", "words": 0 }), 422, "/questions/1/words", "too_small");
        refused(
            json!({ "type": "essay", "words": 7, "right": 1 }),
            400,
            "/questions/1/right",
            "unknown_field",
        );
        refused(json!({ "type": "pause", "words": 7 }), 400, "/questions/1/words", "unknown_field");
        let long = json!({ "type": "single_choice", "options": ["a", "longer"], "right": 1 });
        refused(long, 422, "/questions/1/options/1", "too_long");
        let last = quiz(&json!({ "questions": [], "last": { "type": "essay", "words": 501 } }));
        assert_eq!(last, (422, vec![("/last/words".to_owned(), "too_large".to_owned())]));
    }

    #[test]
    fn an_unknown_tag_is_told_which_there_are() {
        let error = violations_of(schema_of::<Question>(), &json!({ "type": "riddle" })).unwrap_err();
        assert_eq!(error.violation_list()[0].detail, "must be one of single_choice, essay, pause");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(&json!({ "title": "five!", "text": "a\nb", "price": null })).0, 200);
        assert_eq!(
            codes(&json!({ "title": 1, "a/b": 2, "price": { "amount": 1.5 } })),
            (
                400,
                pairs(&[
                    ("/a~1b", "unknown_field"),
                    ("/price/amount", "wrong_type"),
                    ("/title", "wrong_type")
                ])
            )
        );
        assert_eq!(codes(&json!([])), (400, pairs(&[("", "wrong_type")])));
        assert_eq!(codes(&json!({})), (400, pairs(&[("/title", "missing")])));
        assert_eq!(
            codes(
                &json!({ "title": "  ", "level": "mid", "tags": ["long", "ok"], "price": { "amount": -1 } })
            ),
            (
                422,
                pairs(&[
                    ("/level", "not_allowed"),
                    ("/price/amount", "too_small"),
                    ("/tags/0", "too_long"),
                    ("/title", "too_short")
                ])
            )
        );
        assert_eq!(codes(&json!({ "title": "a\nb" })), (422, pairs(&[("/title", "control_character")])));
        assert_eq!(
            codes(&json!({ "title": "a", "tags": ["a", "b", "c"] })),
            (422, pairs(&[("/tags", "too_many")]))
        );
    }
}
