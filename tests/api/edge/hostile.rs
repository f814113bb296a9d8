//! Bad input: ten thousand mutated requests across all routes. Each is answered below 500 with a proper problem
//! document (the testkit insists), and what is refused writes nothing.

use std::collections::BTreeSet;

use domain::certificates::Certificate;
use serde_json::{Map, Value, json};
use testkit::{Person, TestApp, TestRequest};
use tests::{CourseFixture, app, draft, enroll, is_full, published, text};

use crate::edge::{
    authorization::{certificate_of, film_of},
    state::state,
};

/// SplitMix64: small, seeded, good enough to choose mutations.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

fn value(random: &mut Random) -> Value {
    match random.below(18) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(i64::MIN),
        4 => json!(u64::MAX),
        5 => json!(1e308),
        6 => json!(0.1),
        7 => json!(""),
        8 => json!("\u{0}\u{7}\u{1b}[31m"),
        9 => json!("x".repeat(random.below(5000))),
        10 => json!("𝕳\u{202e}\u{200b}é\u{301}"),
        11 => json!(["a", 1, null]),
        12 => json!({ "$ne": null }),
        13 => json!("crs_00000000000070008000000000000000"),
        14 => json!("'; DROP TABLE users; --"),
        15 => json!("S#other#USER#usr"),
        16 => json!(vec![[0, 1]; 300]),
        _ => json!("<script>alert(1)</script>"),
    }
}

fn mutated(random: &mut Random, example: &Value) -> Value {
    let mut body = example.clone();
    let Some(members) = body.as_object_mut() else { return value(random) };
    for _ in 0..=random.below(2) {
        let names: Vec<String> = members.keys().cloned().collect();
        match random.below(4) {
            0 if !names.is_empty() => {
                members.remove(random.pick(&names));
            }
            1 => {
                let name = *random.pick(&[
                    "role",
                    "roles",
                    "id",
                    "status",
                    "rev",
                    "author_id",
                    "school",
                    "__proto__",
                    "a/b~c",
                ]);
                members.insert(name.to_owned(), value(random));
            }
            2 if !names.is_empty() => {
                let nested = json!({ random.pick(&names).as_str(): value(random) });
                members.insert(random.pick(&names).clone(), nested);
            }
            _ if !names.is_empty() => {
                members.insert(random.pick(&names).clone(), value(random));
            }
            _ => {}
        }
    }
    body
}

fn bytes(random: &mut Random, body: &Value) -> Vec<u8> {
    let mut bytes = body.to_string().into_bytes();
    match random.below(12) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 => bytes.push(0xff),
        2 => bytes = vec![b'['; 2000],
        3 => bytes = vec![b' '; 300_000],
        4 => bytes.extend(b"{}"),
        5 => bytes = b"\xef\xbb\xbf{}".to_vec(),
        _ => {}
    }
    bytes
}

struct World {
    app: TestApp,
    people: Vec<Person>,
    courses: Vec<CourseFixture>,
    certificate: Certificate,
    film: String,
    recording: String,
    examples: Map<String, Value>,
    /// Those that look at what stands behind `?`.
    with_query: BTreeSet<String>,
}

async fn world() -> World {
    let app = app().await;
    let author = app.instructor("Author").await;
    let learner = app.student("Learner").await;
    let mut courses =
        vec![published(&app, &author, "One", &[2]).await, draft(&app, &author, "Two", &[1]).await];
    let film = film_of(&app, &author, &mut courses[0], false).await.id.to_string();
    enroll(&app, &learner, &courses[0]).await;
    let body = json!({ "title": "A hitch", "content_type": "video/webm" });
    let recording = app.post("/v1/recordings").by(&learner).json(&body).send().await.json(201);
    let recording = text(&recording, "recording_id");
    let certificate = certificate_of(&app, &learner, &courses[0]).await;
    let stranger = app.person(&"other".parse().unwrap(), "Stranger", &[]).await;
    let people = vec![author, learner, app.admin("Admin").await, app.student("Other").await, stranger];
    let (mut examples, mut with_query) = (Map::new(), BTreeSet::new());
    for entry in &registry::all().endpoints {
        let parts = (entry.describe)();
        let example = parts.body.and_then(|schema| schema.pointer("/examples/0").cloned());
        examples.insert(entry.route.to_string(), example.unwrap_or_default());
        if parts.query.is_some() {
            with_query.insert(entry.route.to_string());
        }
    }
    World { app, people, courses, certificate, film, recording, examples, with_query }
}

fn path(random: &mut Random, world: &World, route: &str) -> String {
    let (_, pattern) = route.split_once(' ').unwrap();
    let course = random.pick(&world.courses).clone();
    let odd = [
        "x",
        "..",
        "%2e%2e",
        "%00",
        "crs_",
        "crs_ZZ",
        "S%23main",
        "%F0%9F%98%80",
        "null",
        "0",
        "%zz",
        "a%2Fb",
        "%C3%28",
    ];
    let long = "y".repeat(random.below(3000) + 1);
    let filled: Vec<String> = pattern
        .split('/')
        .map(|part| match (part, random.below(8)) {
            (part, _) if !part.starts_with('{') => part.to_owned(),
            (_, 0) => (*random.pick(&odd)).to_owned(),
            (_, 1) => long.clone(),
            ("{slug}", _) | ("{course_id}", 2) => course.slug.clone(),
            ("{course_id}", _) => course.id.clone(),
            ("{module_id}", _) => course.modules[0].clone(),
            ("{lesson_id}", _) => random.pick(&course.lessons).clone(),
            ("{video_id}", _) => world.film.clone(),
            ("{recording_id}", _) => world.recording.clone(),
            ("{playlist}", _) => {
                (*random.pick(&["index.m3u8", "index_720.m3u8", "thumbnails.vtt"])).to_owned()
            }
            ("{user_id}", _) => random.pick(&world.people).id.to_string(),
            ("{certificate_no}", _) | ("{certificate_id}", 2) => world.certificate.number.to_string(),
            ("{certificate_id}", _) => world.certificate.id.to_string(),
            (unknown, _) => panic!("say here what stands for {unknown}"),
        })
        .collect();
    let mut path = filled.join("/");
    let queries = [
        "?limit=0",
        "?limit=99999999999999999999",
        "?limit=-1",
        "?limit=1e3",
        "?cursor=AAAA",
        "?cursor=%00",
        "?cursor=not!base64",
        "?cursor=",
        "?sort=drop&order=up",
        "?level=&price=%F0",
        "?unknown=1",
        "?limit=1&limit=2",
        "?&&==",
        "?%",
        "?category=%2e%2e",
        "?category=cat_00000000000070008000000000000000",
        "?price=free&level=beginner&sort=rating&order=asc&limit=3",
    ];
    if world.with_query.contains(route) || random.below(3) == 0 {
        path.push_str(queries[random.below(queries.len())]);
    }
    path
}

fn request<'a>(random: &mut Random, world: &'a World, route: &str) -> TestRequest<'a> {
    let (method, _) = route.split_once(' ').unwrap();
    let path = path(random, world, route);
    let mut request = world.app.request(method, path).racing();
    request = match random.below(10) {
        0 => request,
        1 => request.bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
        2 => request.header("authorization", "Basic YTpi"),
        _ => request.by(random.pick(&world.people)),
    };
    for (name, values) in [
        ("if-match", ["\"1\"", "*", "W/\"1\"", "\"99999999999999999999\"", "1"]),
        ("idempotency-key", ["a", "", "ключ", "k k", "b"]),
    ] {
        if random.below(2) == 0 {
            request = request.header(name, values[random.below(values.len())]);
        }
    }
    let example = &world.examples[route];
    if example.is_null() && random.below(4) > 0 {
        return request;
    }
    let body = mutated(random, example);
    let content_type =
        *random.pick(&["application/json", "application/json", "application/json", "text/plain", ""]);
    // Another address each time: the login limit is tested elsewhere.
    let ip = format!("198.51.{}.{}", random.below(256), random.below(256));
    request.from_ip(&ip).body(content_type, &bytes(random, &body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_requests_get_no_500_and_refusals_write_nothing() {
    let requests = if is_full() { 10_000 } else { 500 };
    let world = world().await;
    let routes: Vec<String> = world.examples.keys().cloned().collect();
    let seed = 20_261_120;
    println!("seed {seed}");
    let mut random = Random(seed);
    let (mut refused, mut compared) = (0, 0);
    for n in 0..requests {
        let route = random.pick(&routes).clone();
        let request = request(&mut random, &world, &route);
        let before = if n % (requests / 250) == 0 { Some(state(&world.app).await) } else { None };
        let answer = request.send().await;
        refused += usize::from(answer.status >= 400);
        if let (Some(before), true) = (before, answer.status >= 400) {
            let wrote = before != state(&world.app).await;
            assert!(!wrote, "{} was refused with {} but wrote", answer.what, answer.status);
            compared += 1;
        }
    }
    assert!(
        refused > requests * 6 / 10 && compared > 100,
        "{refused} refused, {compared} compared: the mutations are too tame"
    );
}

#[tokio::test]
async fn wrong_things_are_named() {
    let app = app().await;
    let author = app.instructor("Author").await;
    let course = draft(&app, &author, "One", &[1]).await;
    let create = |body: &Value| app.post("/v1/courses").by(&author).json(body);
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect::<Vec<_>>()
    };

    let raw = app.post("/v1/courses").by(&author).body("application/json", b"{\"title\": ");
    raw.send().await.refused(400, "malformed_json");
    let form = app.post("/v1/courses").by(&author).body("application/x-www-form-urlencoded", b"title=x");
    form.send().await.refused(415, "unsupported_media_type");
    let large = app.post("/v1/courses").by(&author).body("application/json", &vec![b' '; 1_000_000]);
    large.send().await.refused(413, "body_too_large");
    let answer = create(&json!({ "title": 1, "rev": 3 })).send().await;
    assert_eq!(
        answer.refused(400, "invalid_body"),
        pairs(&[("/rev", "unknown_field"), ("/title", "wrong_type")])
    );
    let answer =
        create(&json!({ "title": "a\u{7}b", "price": { "amount": -1, "currency": "USD" } })).send().await;
    assert_eq!(
        answer.refused(422, "validation_failed"),
        pairs(&[("/price/amount", "too_small"), ("/title", "control_character")])
    );
    let answer = create(&json!({ "title": "x", "category_id": "banana" })).send().await;
    assert_eq!(answer.refused(400, "invalid_body"), pairs(&[("/category_id", "invalid_value")]));
    let answer = app.get("/v1/courses?limit=101&sort=price").send().await;
    assert_eq!(
        answer.refused(400, "invalid_query"),
        pairs(&[("?limit", "too_large"), ("?sort", "not_allowed")])
    );
    let answer = app.patch(format!("/v1/courses/{}", course.id)).by(&author).json(&json!({})).send().await;
    answer.refused(428, "if_match_required");
    let answer = app.get("/v1/nowhere").send().await;
    answer.refused(404, "not_found");
    let answer = app.request("DELETE", "/v1/me").by(&author).send().await;
    answer.refused(405, "method_not_allowed");
}
