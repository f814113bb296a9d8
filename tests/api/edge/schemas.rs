//! The schemas that clients validate by say what the server checks: values at the edge of every limit go through a JSON
//! Schema validator and through the server. What the schema refuses the server refuses; what the schema takes, the
//! server takes, but for rules that no schema can say, which are listed here by their codes.

use std::collections::BTreeSet;

use jsonschema::Validator;
use kernel::Code;
use runtime::{EndpointEntry, violations_of};
use serde_json::{Map, Value, json};
use testkit::{Person, TestApp};
use tests::{CourseFixture, app, draft, enroll, is_full, published};

use crate::edge::authorization::film_of;

/// Codes of rules that hang on more than the value: on a list, the clock, other fields, what is stored.
const BEYOND_A_SCHEMA: [&str; 25] = [
    "common_password",
    "empty_stretch",
    "invalid_day",
    "invalid_email",
    "invalid_link",
    "invalid_timezone",
    "missing",
    "not_a_permutation",
    "not_an_image",
    "not_past",
    "invalid_webvtt",
    "over_limit",
    "part_missing",
    "same_as_email",
    "too_long_ago",
    "too_many_intervals",
    "unknown_category",
    "unknown_part",
    "wrong_password",
    "video_missing",
    // Not of a field: limits of the school, and what tokens and keys say.
    "limit_reached",
    "not_publishable",
    "idempotency_key_reused",
    "rate_limited",
    "invalid_token",
];

/// Members whose texts no test may type anywhere else: they are looked for in logs and items.
const SECRETS: [&str; 7] = ["email", "password", "current", "new", "token", "access_token", "refresh_token"];

/// Texts that the rules of this product draw their lines between.
const TEXTS: [&str; 33] = [
    "",
    " ",
    "  \u{a0}",
    "\u{200b}",
    "\u{3164}\u{2060}",
    "x",
    "xy",
    " x ",
    "a\nb",
    "a\tb",
    "a\u{7}b",
    "a\u{202e}b",
    "A b",
    "ä",
    "字",
    "-a",
    "a--b",
    "a_b.c-d",
    "rust-line",
    "en",
    "pt-BR",
    "de-",
    "+41446681800",
    "+0446681800",
    "+41 44 668",
    "1985-02-28",
    "1985-2-28",
    "Europe/Zurich",
    "/Zurich",
    "https://example.org/ada",
    "HTTPS://EXAMPLE.ORG",
    "https:example.org",
    "#A1b2C3",
];

fn limit(schema: &Value, name: &str) -> Option<usize> {
    schema[name].as_u64().map(|limit| usize::try_from(limit).unwrap())
}

fn texts(schema: &Value) -> Vec<Value> {
    let mut all: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    for edge in ["minLength", "maxLength"].iter().filter_map(|name| limit(schema, name)) {
        for length in [edge.saturating_sub(1), edge, edge + 1] {
            all.push("a".repeat(length));
            // In bytes it is longer; lengths count characters, and only a lesson's text is bounded in bytes too.
            if length < 10_000 {
                all.push("é".repeat(length));
            }
        }
    }
    let values = schema["enum"].as_array().cloned().unwrap_or_default();
    all.into_iter().map(Value::from).chain(values).collect()
}

/// Like [`texts`], of a letter that the others have not.
fn secrets(name: &str, schema: &Value) -> Vec<Value> {
    let edges = ["minLength", "maxLength"].iter().filter_map(|name| limit(schema, name));
    let lengths = edges.flat_map(|edge| [edge.saturating_sub(1), edge, edge + 1]);
    let texts = lengths.map(|length| json!("z".repeat(length)));
    let addresses =
        ["z@example.org", " z@example.org ", "z@example", "z z@example.org", "@example.org", "z@"];
    let addresses = addresses.iter().filter(|_| name == "email").map(|address| json!(address));
    texts.chain(addresses).chain([Value::Null, json!(true), json!(7), json!([]), json!({})]).collect()
}

fn numbers(schema: &Value) -> Vec<Value> {
    let mut all = vec![json!(0), json!(-1), json!(0.5), json!(1.0), json!(1e2), json!(1e300)];
    for edge in ["minimum", "maximum"].iter().filter_map(|name| schema[*name].as_f64()) {
        for step in [-1.0, -0.5, 0.0, 0.5, 1.0] {
            all.push(json!(edge + step));
        }
        all.push(schema["minimum"].clone());
        all.push(schema["maximum"].clone());
    }
    all
}

/// So many different values that `schema` takes.
fn different(schema: &Value, count: usize, example: Option<&Value>) -> Vec<Value> {
    let kind = schema["type"].as_str().unwrap_or_default();
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().cycle().take(count).cloned().collect();
    }
    let id = schema["format"].as_str().and_then(|format| format.strip_suffix("-id"));
    let one = |n: usize| match (kind, id) {
        ("string", Some(prefix)) => json!(format!("{prefix}_{n:032x}")),
        ("string", None) => json!(format!("a{n}")),
        ("array", _) => json!([n, n + 1]),
        _ => example.cloned().unwrap_or_default(),
    };
    (0..count).map(one).collect()
}

fn lists(schema: &Value, example: &Value) -> Vec<Value> {
    let items = &schema["items"];
    let example = example.pointer("/0");
    let mut all = vec![json!([])];
    for edge in ["minItems", "maxItems"].iter().filter_map(|name| limit(schema, name)) {
        for size in [edge.saturating_sub(1), edge, edge + 1] {
            all.push(Value::Array(different(items, size, example)));
        }
    }
    let one = different(items, 1, example).remove(0);
    all.push(json!([one, one]));
    all.extend(candidates(items, &one).into_iter().map(|item| json!([item])));
    all
}

fn objects(schema: &Value, example: &Value) -> Vec<Value> {
    let whole = example.as_object().cloned().unwrap_or_default();
    let mut all = vec![json!({}), json!({ "another": 1 })];
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let mut without = whole.clone();
        without.remove(name);
        all.push(Value::Object(without));
        let current = whole.get(name).cloned().unwrap_or_default();
        let values = if SECRETS.contains(&name.as_str()) {
            secrets(name, property)
        } else {
            candidates(property, &current)
        };
        for value in values {
            let mut with: Map<String, Value> = whole.clone();
            with.insert(name.clone(), value);
            all.push(Value::Object(with));
        }
    }
    all
}

/// Values on both sides of every limit of `schema`, and of every other type.
fn candidates(schema: &Value, example: &Value) -> Vec<Value> {
    let mut all = vec![Value::Null, json!(true), json!(7), json!("x"), json!([]), json!({}), example.clone()];
    for several in ["anyOf", "oneOf"] {
        let branches = schema[several].as_array().into_iter().flatten();
        all.extend(branches.flat_map(|branch| candidates(branch, example)));
    }
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    for kind in kinds {
        all.extend(match kind.as_str() {
            Some("string") => texts(schema),
            Some("integer" | "number") => numbers(schema),
            Some("array") => lists(schema, example),
            Some("object") => objects(schema, example),
            _ => Vec::new(),
        });
    }
    all
}

struct World {
    app: TestApp,
    author: Person,
    admin: Person,
    published: CourseFixture,
    draft: CourseFixture,
    /// A video of the draft.
    film: String,
    /// A video of the published course.
    shown: String,
}

impl World {
    async fn new() -> Self {
        let app = app().await;
        let (author, admin) = (app.instructor("Author").await, app.admin("Admin").await);
        let mut published = published(&app, &author, "One", &[2]).await;
        let shown = film_of(&app, &author, &mut published, false).await.id.to_string();
        let mut draft = draft(&app, &author, "Two", &[1]).await;
        let film = film_of(&app, &author, &mut draft, false).await.id.to_string();
        Self { app, author, admin, published, draft, film, shown }
    }

    /// The course whose parts `entry` is tried on: learners have the published one.
    fn course(&self, entry: &EndpointEntry) -> &CourseFixture {
        if entry.access == "learner" { &self.published } else { &self.draft }
    }

    fn path(&self, entry: &EndpointEntry, somebody: &Person) -> String {
        let course = self.course(entry);
        let film = if entry.access == "learner" { &self.shown } else { &self.film };
        let path = entry.route.path;
        path.replace("{course_id}", &course.id)
            .replace("{module_id}", &course.modules[0])
            .replace("{lesson_id}", &course.lessons[0])
            .replace("{video_id}", film)
            .replace("{recording_id}", "rec_00000000000070008000000000000000")
            .replace("{user_id}", &somebody.id.to_string())
            .replace("{certificate_id}", "crt_00000000000070008000000000000000")
            .replace("{certificate_no}", "CERT-2026-000001")
    }

    /// The revision that an edit names: of what stands at the path, of the module, or else of the course.
    async fn rev(&self, entry: &EndpointEntry, path: &str) -> u64 {
        let course = format!("/v1/courses/{}", self.course(entry).id);
        if path.starts_with("/v1/modules/") {
            let course = self.app.get(course).by(&self.author).send().await.json(200);
            return course["modules"][0]["rev"].as_u64().unwrap();
        }
        let shown = self.app.get(path).by(&self.author).send().await;
        if shown.status == 200 { shown } else { self.app.get(course).by(&self.author).send().await }.rev()
    }
}

/// What the server finds wrong with the value: none when it goes on to something else.
struct Verdict {
    refuses: bool,
    /// A limit answered first.
    is_silent: bool,
    codes: BTreeSet<String>,
}

async fn judge(world: &World, entry: &EndpointEntry, by: &Person, body: &Value, n: usize) -> Verdict {
    let path = world.path(entry, by);
    let mut request = world.app.request(entry.route.method.as_str(), &path).racing().json(body);
    // As pages of this host, who may have a cookie.
    request = request.header("sec-fetch-site", "same-origin");
    request = request.from_ip(&format!("198.{}.{}.{}", 51 + n / 65_536, n / 256 % 256, n % 256));
    if entry.access != "public" {
        request = request.by(by);
    }
    if (entry.describe)().if_match == Some(true) {
        request = request.if_match(world.rev(entry, &path).await);
    }
    let answer = request.send().await;
    let code = answer.json["code"].as_str().unwrap_or_default().to_owned();
    // Whoever gets no further than the door says nothing about the value.
    let stopped = ["unauthenticated", "forbidden", "stale", "if_match_required"].contains(&code.as_str());
    assert!(!stopped && (code != "invalid_token" || entry.access == "public"), "{}: {code}", answer.what);
    let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
    let mut codes: BTreeSet<String> =
        errors.iter().filter_map(|error| error["code"].as_str()).map(str::to_owned).collect();
    let refuses = answer.status == 400 || answer.status == 422;
    let is_silent = answer.status == 429;
    if refuses && codes.is_empty() {
        codes.insert(code);
    }
    Verdict { refuses, is_silent, codes }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_every_schema_of_a_body_draws_its_lines_where_the_server_does() {
    let world = World::new().await;
    let document = runtime::openapi::document(&registry::all());
    let (mut wrong, mut asked, mut taken) = (Vec::new(), 0, 0);
    for entry in &registry::all().endpoints {
        let Some(schema) = (entry.describe)().body else { continue };
        let name = entry.names.function();
        let validator = told(&document, entry);
        let example = example(&world, entry, &schema);
        let by = match entry.access {
            "author" => world.author.clone(),
            "admin" => world.admin.clone(),
            "instructor" => world.app.instructor(name).await,
            _ => world.app.student(name).await,
        };
        if entry.access == "learner" {
            enroll(&world.app, &by, &world.published).await;
        }
        // Every other one is tried by those who want all of them.
        for body in objects(&schema, &example).into_iter().step_by(if is_full() { 1 } else { 3 }) {
            let fits = validator.is_valid(&body);
            asked += 1;
            // What has another shape is refused before any feature sees it; what breaks a rule, by some of them.
            let is_shapeless =
                || violations_of(&schema, &body).is_err_and(|error| error.code() == Code::INVALID_BODY);
            // Nobody here owns a certificate, and what is not there is told first.
            if !fits && (entry.access == "owner" || is_shapeless()) {
                continue;
            }
            let verdict = judge(&world, entry, &by, &body, asked).await;
            let is_beyond = verdict.codes.iter().all(|code| BEYOND_A_SCHEMA.contains(&code.as_str()));
            if !verdict.is_silent && fits == verdict.refuses && !(fits && is_beyond) {
                let shown: String = body.to_string().chars().take(300).collect();
                wrong.push(format!("{name}: schema {fits}, server {:?}: {shown}", verdict.codes));
            }
            taken += usize::from(fits && !verdict.refuses);
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    let least = if is_full() { 2000 } else { 600 };
    assert!(asked > least && taken > least / 8, "{asked} asked, {taken} taken: this compares too little");
}

/// What the reference says of the body.
fn told(document: &Value, entry: &EndpointEntry) -> Validator {
    let operation = &document["paths"][entry.route.path][entry.route.method.as_str().to_lowercase()];
    let mut schema = operation["requestBody"]["content"]["application/json"]["schema"].clone();
    schema["components"] = json!({ "schemas": document["components"]["schemas"] });
    jsonschema::validator_for(&schema).unwrap()
}

/// A body that is taken: the example in the reference, with what names things put right.
fn example(world: &World, entry: &EndpointEntry, schema: &Value) -> Value {
    let mut example = schema.pointer("/examples/0").cloned().unwrap_or_default();
    let course = world.course(entry);
    if entry.route.path.ends_with("/outline") {
        example = json!({ "modules": [{ "id": course.modules[0], "lessons": course.lessons }] });
    }
    example
}

#[tokio::test]
async fn r22_queries_and_headers_draw_their_lines_where_the_server_does() {
    let world = World::new().await;
    let document = runtime::openapi::document(&registry::all());
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for entry in &registry::all().endpoints {
        let operation = &document["paths"][entry.route.path][entry.route.method.as_str().to_lowercase()];
        // Links to pages are edited, and sent with more behind them: what cannot be read there is left out.
        let content = &operation["responses"]["200"]["content"];
        if content["text/html"].is_object() && content["application/json"].is_null() {
            continue;
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            let (place, name) = (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
            // Nobody here owns a certificate, and what is not there is told first.
            if place == "path" || entry.access == "owner" {
                continue;
            }
            let validator = jsonschema::validator_for(&parameter["schema"]).unwrap();
            for text in lines(name, &parameter["schema"]) {
                let whole = parameter["schema"]["type"] == "integer";
                let value = text.parse::<i64>().ok().filter(|_| whole).map_or(json!(text), Value::from);
                let refuses = refused(&world, entry, place, name, &text).await;
                if validator.is_valid(&value) == refuses {
                    wrong.push(format!("{} {place} {name} {text:?}: server {refuses}", entry.route));
                }
                asked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 150, "only {asked}");
}

fn lines(name: &str, schema: &Value) -> Vec<String> {
    let mut all: Vec<String> = match name {
        "If-Match" => [
            "\"0\"",
            "\"1\"",
            "\"01\"",
            "1",
            "*",
            "W/\"1\"",
            "\"\"",
            "\"9999999999999999999\"",
            "\"10000000000000000000\"",
            "\"-1\"",
            "\"1\", \"2\"",
        ]
        .map(str::to_owned)
        .to_vec(),
        "Idempotency-Key" => {
            ["k", "a-b_c.d:e~!", "a b", " a", "a ", "\"quoted\""].map(str::to_owned).to_vec()
        }
        _ => vec!["x".to_owned(), "0".to_owned(), "1".to_owned(), "beginner".to_owned(), "free".to_owned()],
    };
    for edge in ["minLength", "maxLength"].iter().filter_map(|bound| limit(schema, bound)) {
        all.extend([edge, edge + 1].map(|length| "k".repeat(length)));
    }
    for edge in ["minimum", "maximum"].iter().filter_map(|bound| schema[*bound].as_i64()) {
        all.extend([edge - 1, edge, edge + 1].map(|number| number.to_string()));
    }
    all
}

/// Whether the server finds fault with the parameter itself.
async fn refused(world: &World, entry: &EndpointEntry, place: &str, name: &str, text: &str) -> bool {
    let by = if entry.access == "author" { &world.author } else { &world.admin };
    let mut path = world.path(entry, by);
    if place == "query" {
        path.push_str(&format!("?{name}={text}"));
    }
    let mut request = world.app.request(entry.route.method.as_str(), &path).racing().by(by);
    if let Some(schema) = (entry.describe)().body {
        request = request.json(&example(world, entry, &schema));
    }
    if place == "header" {
        request = request.if_match(0).header(&name.to_lowercase(), text);
    }
    let answer = request.send().await;
    // A cursor that fits its limits may still be of no list.
    ["invalid_query", "invalid_header"].contains(&answer.json["code"].as_str().unwrap_or_default())
}
