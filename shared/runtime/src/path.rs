//! What stands in a path, by its type: an id, or what people have in hand instead of one. What cannot be one is refused
//! with a hint before anything is read (400), and 404 only ever says that a well-formed id leads nowhere.

use std::borrow::Cow;

use kernel::{Alias, Code, Error, Id, Kind, Result, Rule, Violations, id_pattern};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};

use crate::{Access, Call, Endpoint, Input, RequestParts};

/// Something that one segment of a path can be.
pub trait Parameter: Sized + Send {
    /// Its name between the braces of a route.
    const NAME: &'static str;
    /// What it is refused with: nothing if it takes every text.
    const ERRORS: &'static [Code] = &[Code::INVALID_PATH];

    /// Reads it.
    ///
    /// # Errors
    /// What it should look like.
    fn parse(text: &str) -> Result<Self, String>;

    /// What it looks like, for the API reference.
    fn schema() -> Value;

    /// One of them, for the samples.
    fn example() -> String;
}

impl<K: Kind> Parameter for Id<K> {
    const NAME: &'static str = K::PARAMETER;

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|form| match K::HINT {
            Some(hint) => format!("{form}; {hint}"),
            None => form,
        })
    }

    fn schema() -> Value {
        json!({ "type": "string", "pattern": id_pattern(K::PREFIX) })
    }

    fn example() -> String {
        format!("{}_019b7767000070008000000000000001", K::PREFIX)
    }
}

/// An id, or what people have in hand instead.
pub enum IdOr<K, A> {
    Id(Id<K>),
    Alias(A),
}

impl<K: Kind, A: Alias> Parameter for IdOr<K, A> {
    const NAME: &'static str = K::PARAMETER;

    fn parse(text: &str) -> Result<Self, String> {
        let form = match text.parse() {
            Ok(id) => return Ok(Self::Id(id)),
            Err(form) => form,
        };
        text.parse().map(Self::Alias).map_err(|_| format!("{form}, or {}", A::WORDS))
    }

    fn schema() -> Value {
        let inner = |pattern: &str| pattern.trim_start_matches('^').trim_end_matches('$').to_owned();
        let pattern = format!("^({}|{})$", inner(&id_pattern(K::PREFIX)), inner(A::PATTERN));
        json!({ "type": "string", "maxLength": 80, "pattern": pattern })
    }

    fn example() -> String {
        Id::<K>::example()
    }
}

impl<'de, K: Kind, A: Alias> Deserialize<'de> for IdOr<K, A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl<K: Kind, A: Alias> JsonSchema for IdOr<K, A> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}_id_or_alias", K::PREFIX))
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::try_from(<Self as Parameter>::schema()).expect("an object")
    }
}

/// A parameter without its type.
#[derive(Clone, Copy)]
pub struct PathParameter {
    pub name: &'static str,
    pub errors: &'static [Code],
    pub schema: fn() -> Value,
    pub example: fn() -> String,
    /// What a text should look like that it refuses.
    wrong: fn(&str) -> Option<String>,
}

impl PathParameter {
    fn of<T: Parameter>() -> Self {
        Self {
            name: T::NAME,
            errors: T::ERRORS,
            schema: T::schema,
            example: T::example,
            wrong: |text| T::parse(text).err(),
        }
    }
}

/// A parameter of the path.
pub struct Path<T>(pub T);

impl<T: Parameter> Input for Path<T> {
    fn path() -> Vec<PathParameter> {
        vec![PathParameter::of::<T>()]
    }

    fn read(call: &Call) -> Result<Self> {
        T::parse(call.parameter(T::NAME)).map(Self).map_err(|form| refusal(vec![(T::NAME, form)]))
    }

    fn describe(_: &mut RequestParts) {}
}

/// What `E` takes from its path.
pub(crate) fn of<E: Endpoint>() -> Vec<PathParameter> {
    let mut parameters = <E::Access as Access>::Path::path();
    parameters.extend(E::Input::path());
    parameters
}

/// Holds the names in the route of `E` to what takes them.
///
/// # Panics
/// The route has a parameter that neither `Access` nor `Input` takes, or they take one that it does not have.
pub(crate) fn must_match<E: Endpoint>() {
    let mut taken: Vec<_> = of::<E>().iter().map(|parameter| parameter.name).collect();
    let mut named: Vec<_> = E::ROUTE.parameters().collect();
    taken.sort_unstable();
    named.sort_unstable();
    assert!(taken == named, "{} names {named:?}, and its Access and Input take {taken:?}", E::ROUTE);
}

/// Refuses a path that cannot name anything.
pub(crate) fn check(call: &Call, parameters: &[PathParameter]) -> Result<()> {
    let wrong = |parameter: &PathParameter| {
        (parameter.wrong)(call.parameter(parameter.name)).map(|form| (parameter.name, form))
    };
    let wrong: Vec<_> = parameters.iter().filter_map(wrong).collect();
    if wrong.is_empty() { Ok(()) } else { Err(refusal(wrong)) }
}

fn refusal(wrong: Vec<(&'static str, String)>) -> Error {
    let mut violations = Violations::default();
    for (name, form) in wrong {
        violations.add(format!("{{{name}}}"), Rule::INVALID_VALUE, form);
    }
    Error::new(Code::INVALID_PATH, "a parameter of the path is wrong; see errors")
        .violations(violations.into_vec())
}

#[cfg(test)]
mod tests {
    use domain::{
        catalog::{CourseId, LessonId},
        certificates::{CertificateKind, CertificateNo},
    };

    use super::*;
    use crate::{
        App, Budget, Caller, EndpointEntry, Json, Route,
        access::Public,
        fakes::app,
        gateway::{HttpRequest, payload},
        get,
    };

    macro_rules! feature {
        ($name:ident, $path:literal, $input:ty) => {
            struct $name;

            impl Endpoint for $name {
                const NAME: &'static str = concat!("tests-", stringify!($name));
                const ROUTE: Route = get($path);
                const SUMMARY: &'static str = "";
                const BUDGET: Budget = Budget { reads: 0, writes: 0 };
                type Access = Public;
                type Input = $input;
                type Output = Json<u8>;

                async fn handle(_: &App, _: Caller<Public>, _: $input) -> Result<Json<u8>> {
                    Ok(Json(1))
                }
            }
        };
    }

    feature!(Fits, "/v1/courses/{course_id}/lessons/{lesson_id}", (Path<CourseId>, Path<LessonId>));
    feature!(OfAnotherThing, "/v1/lessons/{course_id}", Path<LessonId>);
    feature!(Unknown, "/v1/courses/{id}", Path<CourseId>);
    feature!(Untaken, "/v1/courses/{course_id}/lessons/{lesson_id}", Path<LessonId>);
    feature!(Unnamed, "/v1/courses", Path<CourseId>);

    fn checked<E: Endpoint>(parameters: &[(&str, &str)]) -> Result<()> {
        let entry = EndpointEntry::of::<E>();
        let request = HttpRequest {
            method: "GET".to_owned(),
            path: E::ROUTE.path.to_owned(),
            ..HttpRequest::default()
        };
        let payload = payload(&request, &entry, parameters.iter().copied());
        let request = lambda_http::request::from_str(&payload.to_string()).unwrap();
        check(&Call::new(app(), request), &(entry.path)())
    }

    #[test]
    fn every_parameter_is_held_to_its_type_and_all_that_is_wrong_is_told_at_once() {
        let (course, lesson) = (CourseId::example(), LessonId::example());
        assert!(checked::<Fits>(&[("course_id", &course), ("lesson_id", &lesson)]).is_ok());
        let error = checked::<Fits>(&[("course_id", &lesson), ("lesson_id", "x")]).unwrap_err();
        let told: Vec<_> =
            error.violation_list().iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!((error.code(), told), (Code::INVALID_PATH, vec!["{course_id}", "{lesson_id}"]));
    }

    #[test]
    #[should_panic(
        expected = "GET /v1/lessons/{course_id} names [\"course_id\"], and its Access and Input take [\"lesson_id\"]"
    )]
    fn a_parameter_of_another_type_is_refused() {
        let _ = EndpointEntry::of::<OfAnotherThing>();
    }

    #[test]
    #[should_panic(expected = "names [\"id\"], and its Access and Input take [\"course_id\"]")]
    fn an_unknown_parameter_is_refused() {
        let _ = EndpointEntry::of::<Unknown>();
    }

    #[test]
    #[should_panic(
        expected = "names [\"course_id\", \"lesson_id\"], and its Access and Input take [\"lesson_id\"]"
    )]
    fn a_parameter_that_nothing_takes_is_refused() {
        let _ = EndpointEntry::of::<Untaken>();
    }

    #[test]
    #[should_panic(expected = "GET /v1/courses names [], and its Access and Input take [\"course_id\"]")]
    fn a_parameter_that_the_route_does_not_name_is_refused() {
        let _ = EndpointEntry::of::<Unnamed>();
    }

    #[test]
    fn what_people_have_in_hand_stands_for_an_id_and_nothing_else_does() {
        type Named = IdOr<CertificateKind, CertificateNo>;
        let id = Named::example();
        assert!(matches!(Named::parse(&id), Ok(IdOr::Id(read)) if read.to_string() == id));
        assert!(
            matches!(Named::parse("CERT-2026-000123"), Ok(IdOr::Alias(number)) if number.sequence == 123)
        );
        let form = Named::parse("CERT-1").err().unwrap();
        assert_eq!(
            form,
            "must be crt_ and 32 lower-case hexadecimal digits, or a number such as CERT-2026-000123"
        );
    }
}
