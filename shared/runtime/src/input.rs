//! What a route reads: a JSON body, a query, the revision that an edit is based on, or several of them.

use std::{
    any::type_name,
    collections::HashMap,
    sync::{Mutex, OnceLock},
};

use kernel::{Code, DEFAULT_LIMIT, Error, Result, Rule, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use store::{Direction, PageRequest};

use crate::{
    Call, Components, PathParameter, components,
    json::canonical,
    openapi::RequestParts,
    schema::{Shaped, shaped, violations_of},
};

/// Largest body in bytes; also what the log of a hostile client costs us at most.
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;

/// Something that a request can be decoded into.
pub trait Input: Sized + Send {
    /// What it takes from the path.
    fn path() -> Vec<PathParameter> {
        Vec::new()
    }

    /// Decodes, or tells what is wrong with which field.
    ///
    /// # Errors
    /// A problem of the caller's making.
    fn read(call: &Call) -> Result<Self>;

    /// Adds itself to the documentation of a route.
    fn describe(parts: &mut RequestParts);
}

impl Input for () {
    fn read(_: &Call) -> Result<Self> {
        Ok(())
    }

    fn describe(_: &mut RequestParts) {}
}

impl<A: Input, B: Input> Input for (A, B) {
    fn path() -> Vec<PathParameter> {
        let mut both = A::path();
        both.extend(B::path());
        both
    }

    fn read(call: &Call) -> Result<Self> {
        Ok((A::read(call)?, B::read(call)?))
    }

    fn describe(parts: &mut RequestParts) {
        A::describe(parts);
        B::describe(parts);
    }
}

/// The schema of an input type, whole and without links, derived once per process.
pub(crate) fn schema_of<T: JsonSchema>() -> &'static Value {
    static SCHEMAS: OnceLock<Mutex<HashMap<&'static str, &'static Value>>> = OnceLock::new();
    let mut schemas = SCHEMAS.get_or_init(Mutex::default).lock().expect("nothing panics while holding it");
    schemas.entry(type_name::<T>()).or_insert_with(|| {
        let whole = components::of_what_is_sent().with(|settings| settings.inline_subschemas = true);
        Box::leak(Box::new(whole.into_generator().into_root_schema_for::<T>().to_value()))
    })
}

/// Turns a checked value into its type. What the schema cannot say (an id's form) is found here; in a variant of a
/// tagged enum it is told at the enum, since serde reads variants from a copy that knows no place.
fn convert<T: DeserializeOwned>(value: Value, code: Code, pointer: impl Fn(&str) -> String) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string().replace(['.', '['], "/").replace(']', "");
        let at = if path == "/" || path == "?" { String::new() } else { path };
        let mut violations = Violations::default();
        violations.add(pointer(&at), Rule::INVALID_VALUE, error.into_inner().to_string());
        Error::new(code, "a field is not what it should be; see errors").violations(violations.into_vec())
    })
}

/// A JSON body.
pub struct Json<T>(pub T);

/// The JSON that was sent.
fn body(call: &Call) -> Result<Value> {
    let media_type = call.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    if media_type != "application/json" && !media_type.ends_with("+json") {
        return Err(Error::new(Code::UNSUPPORTED_MEDIA_TYPE, "send the body as application/json"));
    }
    let value = serde_json::from_slice(&call.body).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        Error::new(Code::MALFORMED_JSON, format!("the body cannot be read as JSON at {place}"))
    })?;
    Ok(canonical(value))
}

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Json<T> {
    fn read(call: &Call) -> Result<Self> {
        let value = body(call)?;
        violations_of(schema_of::<T>(), &value)?;
        convert(value, Code::INVALID_BODY, |at| format!("/{at}")).map(Self)
    }

    fn describe(parts: &mut RequestParts) {
        parts.body = Some(schema_of::<T>().clone());
        parts.named_body = Some(Components::sent::<T>);
        parts.errors.extend([
            Code::UNSUPPORTED_MEDIA_TYPE,
            Code::MALFORMED_JSON,
            Code::INVALID_BODY,
            Code::VALIDATION_FAILED,
        ]);
    }
}

/// A JSON body for which the feature has rules of its own. It adds what it finds to the violations that the schema has
/// found, and finishes them before it does anything: only then is the value one that the schema takes.
pub struct Proposed<T>(pub T, pub Violations);

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Proposed<T> {
    fn read(call: &Call) -> Result<Self> {
        let mut value = body(call)?;
        let Shaped { broken, stand_ins } = shaped(schema_of::<T>(), &value)?;
        for (place, stand_in) in stand_ins {
            if let Some(member) = value.pointer_mut(&place) {
                *member = stand_in;
            }
        }
        match convert(value, Code::INVALID_BODY, |at| format!("/{at}")) {
            Ok(input) => Ok(Self(input, broken.of_schema())),
            // For a list that is too short for its type there is no stand-in.
            Err(unreadable) => broken.finish().and(Err(unreadable)),
        }
    }

    fn describe(parts: &mut RequestParts) {
        Json::<T>::describe(parts);
    }
}

/// A JSON body, or none at all.
impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Option<Json<T>> {
    fn read(call: &Call) -> Result<Self> {
        if call.body.is_empty() { Ok(None) } else { Json::read(call).map(Some) }
    }

    fn describe(parts: &mut RequestParts) {
        Json::<T>::describe(parts);
        parts.body_is_optional = true;
    }
}

/// The query string, each parameter at most once.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Query<T> {
    fn read(call: &Call) -> Result<Self> {
        let schema = schema_of::<T>();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&call.query)
            .map_err(|_| Error::new(Code::INVALID_QUERY, "the query string cannot be read"))?;
        let mut members = Map::new();
        let mut violations = Violations::default();
        for (name, text) in pairs {
            let is_integer = schema
                .pointer(&format!("/properties/{name}/type"))
                .is_some_and(|kind| kind.to_string().contains("integer"));
            let value = match text.parse::<i64>() {
                Ok(number) if is_integer => json!(number),
                _ => json!(text),
            };
            if members.insert(name.clone(), value).is_some() {
                violations.add(format!("?{name}"), Rule::REPEATED, "give this parameter once");
            }
        }
        let checked = violations_of(schema, &Value::Object(members.clone()));
        for found in checked.err().iter().flat_map(Error::violation_list) {
            violations.add(
                format!("?{}", found.pointer.trim_start_matches('/')),
                found.code,
                found.detail.clone(),
            );
        }
        if !violations.is_empty() {
            return Err(Error::new(Code::INVALID_QUERY, "a query parameter is wrong; see errors")
                .violations(violations.into_vec()));
        }
        convert(Value::Object(members), Code::INVALID_QUERY, |at| format!("?{at}")).map(Self)
    }

    fn describe(parts: &mut RequestParts) {
        let schema = schema_of::<T>();
        parts.errors.push(Code::INVALID_QUERY);
        if schema.pointer("/properties/cursor").is_some() {
            parts.errors.push(Code::INVALID_CURSOR);
        }
        parts.query = Some(schema.clone());
    }
}

/// `limit` and `cursor` of a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    /// Items on the page.
    #[schemars(range(min = 1, max = 100), extend("default" = 20))]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[schemars(length(min = 1, max = 2048))]
    pub cursor: Option<String>,
}

impl ListQuery {
    /// The page that was asked for.
    #[must_use]
    pub fn page(&self, direction: Direction) -> PageRequest<'_> {
        PageRequest { limit: self.limit.unwrap_or(DEFAULT_LIMIT), cursor: self.cursor.as_deref(), direction }
    }
}

/// Most digits of a revision: any number of so many fits into 64 bits.
const REV_DIGITS: usize = 19;

/// The revision that an edit is based on: the `ETag` that the caller read, sent back as `If-Match`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IfMatch(u64);

impl IfMatch {
    /// Lets the edit pass only if the thing is still in that revision.
    ///
    /// # Errors
    /// [`Code::STALE`] when it has moved on.
    pub fn check(self, rev: u64) -> Result<()> {
        if self.0 == rev { Ok(()) } else { Err(Self::stale()) }
    }

    /// What the header may hold.
    pub(crate) fn schema() -> Value {
        json!({ "type": "string", "pattern": format!("^\"(0|[1-9][0-9]{{0,{}}})\"$", REV_DIGITS - 1) })
    }

    /// What an edit of an old revision reads as.
    #[must_use]
    pub fn stale() -> Error {
        Error::new(Code::STALE, "read it again and apply your change to what it is now")
    }
}

/// Where an edit of what one person alone edits may go over what it has not read: they say whether it may.
impl Input for Option<IfMatch> {
    fn read(call: &Call) -> Result<Self> {
        call.header("if-match").map(|_| IfMatch::read(call)).transpose()
    }

    fn describe(parts: &mut RequestParts) {
        parts.if_match = Some(false);
        parts.errors.extend([Code::INVALID_HEADER, Code::STALE]);
    }
}

impl Input for IfMatch {
    fn read(call: &Call) -> Result<Self> {
        let Some(header) = call.header("if-match") else {
            return Err(Error::new(Code::IF_MATCH_REQUIRED, "send If-Match with the ETag that you read"));
        };
        let rev = header.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let digits = |rev: &&str| {
            (1..=REV_DIGITS).contains(&rev.len())
                && rev.bytes().all(|b| b.is_ascii_digit())
                && !(rev.len() > 1 && rev.starts_with('0'))
        };
        rev.filter(digits).and_then(|rev| rev.parse().ok()).map(Self).ok_or_else(|| {
            let mut violations = Violations::default();
            violations.add("If-Match", Rule::INVALID_VALUE, "must be one strong ETag such as \"7\"");
            Error::new(Code::INVALID_HEADER, "a header is wrong; see errors")
                .violations(violations.into_vec())
        })
    }

    fn describe(parts: &mut RequestParts) {
        parts.if_match = Some(true);
        parts.errors.extend([Code::IF_MATCH_REQUIRED, Code::INVALID_HEADER, Code::STALE]);
    }
}

#[cfg(test)]
#[expect(dead_code, reason = "these types are only read into")]
mod tests {
    use domain::catalog::CourseId;

    use super::*;

    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Part {
        Course { id: CourseId },
    }

    #[derive(Deserialize)]
    struct Whole {
        course_id: CourseId,
        parts: Vec<Part>,
    }

    #[test]
    fn what_only_a_type_can_refuse_is_told_where_it_stands_or_at_the_tagged_enum_around_it() {
        let told = |course_id: &str, id: &str| {
            let whole = json!({ "course_id": course_id, "parts": [{ "type": "course", "id": id }] });
            let error = convert::<Whole>(whole, Code::INVALID_BODY, |at| format!("/{at}")).err().unwrap();
            let [violation] = error.violation_list() else { panic!("{error:?}") };
            (violation.pointer.clone(), violation.detail.to_string())
        };
        let course = "crs_00000000000070008000000000000001";
        let form = "must be crs_ and 32 lower-case hexadecimal digits".to_owned();
        assert_eq!(told("x", course), ("/course_id".to_owned(), form.clone()));
        assert_eq!(told(course, "x"), ("/parts/0".to_owned(), form));
    }
}
