//! One form for each JSON value.

use serde_json::{Map, Number, Value};

/// The largest whole number up to which every one has a double of its own (RFC 8259, section 6).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The value with its whole numbers as integers (`1.0` and `1e0` are `1`, as JSON Schema has it) and its members in
/// order. Of a repeated member the last counts already, as wherever JSON is read here.
pub(crate) fn canonical(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(whole(&number).unwrap_or(number)),
        Value::Array(items) => items.into_iter().map(canonical).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.into_iter().map(|(name, member)| (name, canonical(member))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(Map::from_iter(members))
        }
        other => other,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole, and small enough")]
fn whole(number: &Number) -> Option<Number> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    (float.fract() == 0.0 && float.abs() <= EXACT).then(|| Number::from(float as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> String {
        canonical(serde_json::from_str(text).unwrap()).to_string()
    }

    #[test]
    fn r25_one_value_has_one_form() {
        for (texts, one) in [
            (&["{\"a\":1,\"b\":[2]}", "{ \"b\" : [2.0], \"a\" : 1e0 }"][..], "{\"a\":1,\"b\":[2]}"),
            (&["0", "-0", "-0.0", "0e9"], "0"),
            (&["\"\\u00e9\"", "\"é\""], "\"é\""),
            (&["{\"a\":1,\"a\":2}", "{\"a\":2}"], "{\"a\":2}"),
            (&["0.5", "5e-1", "0.50"], "0.5"),
            (&["9007199254740993"], "9007199254740993"),
            (&["18446744073709551615"], "18446744073709551615"),
        ] {
            for text in texts {
                assert_eq!(form(text), one, "{text}");
            }
        }
        // A list has an order, and text is not a number.
        assert_ne!(form("[1,2]"), form("[2,1]"));
        assert_ne!(form("\"1\""), form("1"));
        assert_ne!(form("null"), form("{}"));
    }
}
