//! The registry and what is generated from it: API reference, samples, event schemas.

use std::collections::{BTreeMap, BTreeSet};

use runtime::{EndpointEntry, Method, Route, violations_of};
use serde_json::Value;

use crate::{
    nothing_wrong,
    repository::{functions, list, read},
};

fn parsed(file: &str) -> Value {
    serde_json::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn the_api_reference_is_what_the_code_says() {
    let document = runtime::openapi::document(&registry::all());
    let written = parsed("infra/openapi.json");
    let mut wrong = Vec::new();
    let paths = |document: &Value| document["paths"].as_object().cloned().unwrap_or_default();
    let (now, before) = (paths(&document), paths(&written));
    wrong.extend(
        now.iter().filter(|(path, operations)| before.get(*path) != Some(operations)).map(|(path, _)| path),
    );
    wrong.extend(before.keys().filter(|path| !now.contains_key(*path)));
    let mut wrong: Vec<String> = wrong.into_iter().map(|path| format!("{path} differs")).collect();
    if wrong.is_empty() && document != written {
        wrong.push("something outside the paths differs".to_owned());
    }
    nothing_wrong(&wrong, "look whether the change breaks clients, then run scripts/openapi");
}

/// Domains declare their codes where no other sees them, and clients know a problem by its code alone.
#[test]
fn a_code_has_one_meaning() {
    let mut meanings = BTreeMap::new();
    let mut wrong = Vec::new();
    for code in registry::all().endpoints.iter().flat_map(EndpointEntry::codes) {
        let known = *meanings.entry(code.name()).or_insert(code);
        if known != code {
            wrong.push(format!("{}: {known:?} and {code:?}", code.name()));
        }
    }
    nothing_wrong(&wrong, "name one of them otherwise, or declare it once");
}

/// Whoever makes a client from the reference gets a name for every answer, and none that stands for anything.
#[test]
fn the_reference_names_every_answer_and_describes_every_tag() {
    let document = runtime::openapi::document(&registry::all());
    let mut wrong = Vec::new();
    let described: BTreeSet<&str> = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|tag| tag["description"].as_str().is_some_and(|about| !about.is_empty()))
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    for entry in registry::all().endpoints {
        let operation = &document["paths"][entry.route.path][entry.route.method.as_str().to_lowercase()];
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{}: {what}", entry.route));
            }
        };
        check(described.contains(entry.names.domain()), "has a tag without a description");
        let responses = operation["responses"].as_object().cloned().unwrap_or_default();
        check(!responses.contains_key("default"), "has an answer that stands for all others");
        check(responses.contains_key(&entry.status.to_string()), "has no success");
        for code in entry.codes() {
            let answer = responses.get(&code.status().to_string()).map(|answer| linked(&document, answer));
            let schema = answer.map(|answer| &answer["content"]["application/problem+json"]["schema"]);
            let one_of = schema.and_then(|schema| schema["oneOf"].as_array());
            let schemas = one_of.map_or_else(|| Vec::from_iter(schema), |schemas| schemas.iter().collect());
            let told = schemas
                .iter()
                .any(|schema| linked(&document, schema)["properties"]["code"]["const"] == code.name());
            // A person reads on a page that nothing is there.
            let is_page = answer.is_some_and(|answer| answer["content"]["text/html"].is_object());
            check(told || is_page, &format!("does not tell of {}", code.name()));
        }
    }
    nothing_wrong(&wrong, "see shared/runtime/src/openapi.rs");
}

/// What a link of the reference leads to, or what stands there itself.
fn linked<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let place = schema["$ref"].as_str().and_then(|link| link.strip_prefix('#'));
    place.map_or(schema, |place| document.pointer(place).unwrap_or_else(|| panic!("nothing is at {place}")))
}

/// Whoever edits by a revision reads it, in the header and beside the thing.
#[test]
fn r21_what_takes_if_match_answers_with_the_revision() {
    let document = runtime::openapi::document(&registry::all());
    let mut wrong = Vec::new();
    let mut found = 0;
    for entry in registry::all().endpoints {
        if (entry.describe)().if_match.is_none() {
            continue;
        }
        found += 1;
        let operation = &document["paths"][entry.route.path][entry.route.method.as_str().to_lowercase()];
        let answer = &operation["responses"][entry.status.to_string()];
        let thing = linked(&document, &answer["content"]["application/json"]["schema"]);
        if answer["headers"]["ETag"].is_null() || thing["properties"]["rev"]["type"] != "integer" {
            wrong.push(entry.route.to_string());
        }
    }
    nothing_wrong(&wrong, "answer with Revised");
    assert!(found > 5, "only {found}");
}

#[test]
fn r21_the_reference_says_what_answers_can_be() {
    let document = runtime::openapi::document(&registry::all());
    let said = |path: &str, status: &str| {
        document["paths"][path]["post"]["responses"][status]["description"].as_str().unwrap().to_owned()
    };
    assert_eq!(said("/v1/courses", "201"), "created");
    assert_eq!(said("/v1/auth/password/forgot", "202"), "accepted");
    assert_eq!(said("/v1/auth/login", "200"), "done");
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["LessonProgress"]["properties"]["percent"]["maximum"], 100);
    assert_eq!(schemas["ProgressSummary"]["properties"]["completion_percent"]["maximum"], 100);
    // A number that is answered can be asked for.
    let number = schemas["MyCertificate"]["properties"]["certificate_no"]["pattern"].as_str().unwrap();
    let asked = &document["paths"]["/v1/admin/certificates/{certificate_id}/revoke"]["post"]["parameters"][0];
    let asked = asked["schema"]["pattern"].as_str().unwrap();
    assert!(asked.contains(number.trim_start_matches('^').trim_end_matches('$')), "{asked} {number}");
    // Programs can know every rule that a field may break.
    let rule = &schemas["Violation"]["properties"]["code"];
    let rules = linked(&document, rule).to_string();
    for name in ["too_short", "wrong_type", "not_a_permutation", "invalid_color"] {
        assert!(rules.contains(&format!("\"{name}\"")), "{name}: {rules}");
    }
}

/// Clients have a name for all that they send and for all that they are answered.
#[test]
fn the_reference_names_every_body() {
    let document = runtime::openapi::document(&registry::all());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut wrong = Vec::new();
    // Documents of other people's standards.
    let foreign = ["platform.get_jwks", "platform.get_openapi"];
    let mut named = BTreeSet::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for told in operations.as_object().unwrap().values() {
            let name = told["operationId"].as_str().unwrap_or_default();
            let sent = &told["requestBody"]["content"]["application/json"]["schema"];
            let answers = told["responses"].as_object().into_iter().flatten();
            let success = answers.filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
            let answered = success.map(|answer| &answer["content"]["application/json"]["schema"]);
            for schema in answered.chain([sent]).filter(|schema| !schema.is_null()) {
                match schema["$ref"].as_str() {
                    Some(link) => named.extend(link.rsplit('/').next()),
                    None if foreign.contains(&name) => {}
                    None => wrong.push(format!("{name}: {schema}")),
                }
            }
        }
    }
    for name in schemas.keys() {
        let is_word = name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_word || name.ends_with("View") {
            wrong.push(format!("{name} is no name of a schema"));
        }
    }
    nothing_wrong(
        &wrong,
        "derive JsonSchema for a type, and #[schemars(rename = …)] it where its name is none",
    );
    let examples = ["Course", "CourseCardPage", "CourseDetail", "CreateCourseInput", "CertificateTemplate"];
    assert!(examples.iter().all(|name| named.contains(name)), "{named:?}");
    assert!(named.len() > 40, "{named:?}");
}

/// `POST /v1/courses` and `GET /v1/courses/{course_id}` belong together; where there is no such GET nothing may lead to it.
#[test]
fn what_is_created_says_where_it_is_and_only_if_it_can_be_read_there() {
    let registry = registry::all();
    let mut wrong = Vec::new();
    let mut found = 0;
    for entry in registry.endpoints.iter().filter(|entry| entry.status == 201) {
        let things = entry.route.path.rsplit('/').next().unwrap_or_default();
        let of_one = |route: Route| {
            route.method == Method::Get
                && route
                    .path
                    .strip_prefix(&format!("/v1/{things}/{{"))
                    .is_some_and(|name| !name.contains('/'))
        };
        let there = registry.endpoints.iter().find(|other| of_one(other.route)).map(|other| other.route.path);
        if entry.location != there {
            wrong.push(format!("{}: LOCATION is {:?} and should be {there:?}", entry.route, entry.location));
        }
        found += usize::from(there.is_some());
    }
    nothing_wrong(&wrong, "LOCATION of an endpoint is the path of the GET of what it creates");
    assert!(found > 1, "no pairs found");
}

#[test]
fn every_function_has_a_sample_and_every_sample_a_function() {
    let files = list("events/samples");
    let wanted: Vec<_> =
        functions().iter().map(|function| format!("{}.json", function.names.function())).collect();
    let missing = wanted.iter().filter(|file| !files.contains(file)).map(|file| format!("{file} is missing"));
    let strays =
        files.iter().filter(|file| !wanted.contains(file)).map(|file| format!("{file} belongs to nothing"));
    let wrong: Vec<_> = missing.chain(strays).collect();
    nothing_wrong(
        &wrong,
        "run cargo run --bin xtask -- samples, and delete in events/samples what belongs to nothing",
    );
}

#[test]
fn every_request_sample_fits_its_route() {
    let mut wrong = Vec::new();
    for entry in registry::all().endpoints {
        let name = entry.names.function();
        let sample = parsed(&format!("events/samples/{name}.json"));
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{name}: {what}"));
            }
        };
        let route = entry.route.to_string();
        check(sample["version"] == "2.0", "is no payload of format 2.0");
        check(
            sample["routeKey"] == route && sample["requestContext"]["routeKey"] == route,
            "is of another route",
        );
        check(
            sample["requestContext"]["http"]["method"] == entry.route.method.as_str(),
            "has another method",
        );
        let mut path = entry.route.path.to_owned();
        for parameter in entry.route.parameters() {
            let value = sample["pathParameters"][parameter].as_str().unwrap_or_default();
            path = path.replace(&format!("{{{parameter}}}"), value);
        }
        check(sample["rawPath"] == path, "has another path than its parameters make");
        let headers = &sample["headers"];
        check(
            (entry.access == "public") == headers["authorization"].is_null(),
            "signs in where it need not, or not",
        );
        let parts = (entry.describe)();
        check(
            (parts.if_match == Some(true)) == headers["if-match"].is_string(),
            "has an if-match too much, or none",
        );
        let body = sample["body"].as_str().unwrap_or_default();
        match parts.body {
            None => check(body.is_empty(), "has a body"),
            Some(schema) => {
                check(
                    headers["content-type"] == "application/json",
                    "has a body that is not declared as JSON",
                );
                let body = serde_json::from_str(body).unwrap_or_default();
                if let Err(error) = violations_of(&schema, &body) {
                    check(false, &format!("has a body that is refused: {:?}", error.violation_list()));
                }
            }
        }
    }
    nothing_wrong(
        &wrong,
        "run cargo run --bin xtask -- samples; bodies are the first example of the input type",
    );
}

#[test]
fn every_message_sample_holds_an_event_that_its_consumer_takes() {
    let mut wrong = Vec::new();
    for entry in registry::all().consumers.iter().filter(|entry| !entry.events.is_empty()) {
        let name = entry.names.function();
        let sample = parsed(&format!("events/samples/{name}.json"));
        let body = sample["Records"][0]["body"].as_str().unwrap_or_default();
        let event: domain::event::Event =
            serde_json::from_str(body).unwrap_or_else(|error| panic!("{name}: {error}: {body}"));
        let wanted = (event.event_type.as_str(), event.version);
        if !entry.events.contains(&wanted) {
            wrong.push(format!("{name}: holds {} v{}", event.event_type, event.version));
        }
        let schema = parsed(&format!("events/schemas/{}.v{}.json", event.event_type, event.version));
        if let Err(error) = jsonschema::validate(&schema, &event.data) {
            wrong.push(format!("{name}: holds data that does not fit: {error}"));
        }
    }
    nothing_wrong(&wrong, "run cargo run --bin xtask -- samples");
}

#[test]
fn event_schemas_are_what_the_code_says_and_none_was_dropped() {
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    for kind in domain::event_types() {
        let (event, version) = (kind.name, kind.version);
        let file = format!("{event}.v{version}.json");
        for older in 1..=version {
            known.insert(format!("{event}.v{older}.json"));
        }
        if list("events/schemas").contains(&file)
            && parsed(&format!("events/schemas/{file}")) != kind.schema().to_value()
        {
            wrong.push(format!(
                "{file} differs from the code: within a version only optional fields may be added"
            ));
        }
    }
    let files = list("events/schemas");
    wrong.extend(known.iter().filter(|file| !files.contains(file)).map(|file| format!("{file} is missing")));
    wrong.extend(
        files.iter().filter(|file| !known.contains(*file)).map(|file| format!("{file} is no event's")),
    );
    nothing_wrong(
        &wrong,
        "raise VERSION if old readers cannot take the change, then cargo run --bin xtask -- schemas",
    );
}
