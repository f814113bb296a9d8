//! What a path names: an id, on some routes something else too, and nothing besides. One situation has one answer.

use runtime::{EndpointEntry, PathParameter};
use serde_json::{Value, json};
use testkit::TestRequest;
use tests::{app, draft, published};

/// No id of any kind, no slug, no certificate's number.
const NONSENSE: [&str; 9] = [
    "x_y",
    "Rust",
    "0_",
    "NULL",
    "%00",
    "a%2Fb",
    "crs_0198C5A0000070008000000000000001",
    "zzz_00000000000070008000000000000001",
    "-",
];

/// What takes a slug, or a certificate's number, besides an id.
const BY_SLUG: [&str; 1] = ["GET /v1/courses/{course_id}"];
const BY_NUMBER: [&str; 2] = [
    "POST /v1/admin/certificates/{certificate_id}/correct",
    "POST /v1/admin/certificates/{certificate_id}/revoke",
];

/// The route's path with `text` for its parameter `wrong` and well-formed ids that nothing has for the others.
fn path(entry: &EndpointEntry, wrong: &str, text: &str) -> String {
    (entry.path)().iter().fold(entry.route.path.to_owned(), |path, parameter| {
        let value = if parameter.name == wrong { text.to_owned() } else { (parameter.example)() };
        path.replace(&format!("{{{}}}", parameter.name), &value)
    })
}

fn complete<'a>(request: TestRequest<'a>, entry: &EndpointEntry) -> TestRequest<'a> {
    let body = (entry.describe)().body.and_then(|schema| schema.pointer("/examples/0").cloned());
    let request = request.if_match(1);
    body.iter().fold(request, TestRequest::json)
}

/// The parameters of all routes that not every text can be: the ids.
fn ids() -> Vec<(EndpointEntry, PathParameter)> {
    let endpoints = registry::all().endpoints;
    let parameters = endpoints
        .iter()
        .flat_map(|entry| (entry.path)().into_iter().map(move |parameter| (*entry, parameter)));
    parameters.filter(|(_, parameter)| !parameter.errors.is_empty()).collect()
}

#[test]
fn r21_every_parameter_of_a_path_is_an_id_or_a_number_to_type() {
    for entry in registry::all().endpoints {
        for parameter in (entry.path)() {
            let is_id = parameter.name.ends_with("_id") && !parameter.errors.is_empty();
            let is_typed = ["certificate_no", "playlist", "slug"].contains(&parameter.name);
            assert!(is_id || is_typed, "{} of {}", parameter.name, entry.route);
        }
    }
}

#[tokio::test]
async fn r21_what_is_no_id_is_told_so_on_every_route_before_anything_is_read() {
    let app = app().await;
    let people = [app.student("Grace").await, app.instructor("Ada").await, app.admin("Max").await];
    let mut asked = 0;
    for (entry, parameter) in ids() {
        let (name, example) = (parameter.name, (parameter.example)());
        for text in NONSENSE {
            let path = path(&entry, name, text);
            let send = || complete(app.request(entry.route.method.as_str(), &path), &entry);
            for person in &people {
                let answer = send().by(person).send().await;
                let violations = answer.refused(400, "invalid_path");
                assert_eq!(violations, [(format!("{{{name}}}"), "invalid_value".to_owned())], "{path}");
                assert_eq!((answer.cost.reads, answer.cost.writes), (0, 0), "{} {path}", entry.route);
                let hint = answer.json["errors"][0]["detail"].as_str().unwrap();
                assert!(hint.contains(&example[..4]), "{hint}");
                let told = hint.contains("slug") == (name == "course_id");
                assert!(told, "{}: where to find a course's id: {hint}", entry.route);
                asked += 1;
            }
            // A link is all that is asked for.
            if entry.access == "link" {
                send().send().await.refused(400, "invalid_path");
                continue;
            }
            // Whoever has to sign in hears that first; who need not hears what is wrong.
            let anonymous = send().send().await;
            let previews = ["get_lesson", "get_video"];
            let reads_alone = entry.access == "public" || previews.contains(&&*entry.names.verb_noun());
            if reads_alone {
                anonymous.refused(400, "invalid_path");
            } else {
                anonymous.refused(401, "unauthenticated");
            }
            send().bearer("nonsense").send().await.refused(401, "invalid_token");
            assert_eq!((anonymous.cost.reads, anonymous.cost.writes), (0, 0));
        }
    }
    assert!(asked > 500, "only {asked}");
}

#[tokio::test]
async fn r21_an_id_of_another_kind_is_none() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    for (path, id) in [
        ("/v1/courses/{}", &course.lessons[0]),
        ("/v1/lessons/{}", &course.id),
        ("/v1/courses/{}/progress", &course.modules[0]),
    ] {
        app.get(path.replace("{}", id)).by(&author).send().await.refused(400, "invalid_path");
    }
}

/// What the path takes besides ids is said in the reference, and taken.
#[tokio::test]
async fn r21_a_slug_names_a_course_where_the_route_says_so_and_nowhere_else() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust from the first line", &[1]).await;
    let mut taken = Vec::new();
    for (entry, parameter) in ids().into_iter().filter(|(_, parameter)| parameter.name == "course_id") {
        let path = path(&entry, parameter.name, &course.slug);
        let answer =
            complete(app.request(entry.route.method.as_str(), &path), &entry).by(&author).send().await;
        if answer.status == 400 {
            answer.refused(400, "invalid_path");
        } else {
            assert_eq!(answer.status, 200, "{}", entry.route);
            taken.push(entry.route.to_string());
        }
    }
    assert_eq!(taken, BY_SLUG);
}

#[test]
fn r21_the_reference_says_what_each_parameter_of_a_path_looks_like() {
    let document = runtime::openapi::document(&registry::all());
    let mut compared = 0;
    for (entry, named) in ids() {
        let operation = &document["paths"][entry.route.path][entry.route.method.as_str().to_lowercase()];
        let parameters = operation["parameters"].as_array().unwrap();
        let parameter = parameters.iter().find(|parameter| parameter["name"] == named.name).unwrap();
        let validator = jsonschema::validator_for(&parameter["schema"]).unwrap();
        assert!(validator.is_valid(&json!((named.example)())), "{parameter}");
        for wrong in NONSENSE.iter().filter(|text| !text.contains('%')) {
            assert!(!validator.is_valid(&json!(wrong)), "{wrong}: {parameter}");
        }
        let slug = validator.is_valid(&json!("rust-from-the-first-line"));
        assert_eq!(slug, BY_SLUG.contains(&entry.route.to_string().as_str()), "{parameter}");
        let number = validator.is_valid(&json!("CERT-2026-000123"));
        assert_eq!(number, BY_NUMBER.contains(&entry.route.to_string().as_str()), "{parameter}");
        compared += 1;
    }
    assert!(compared > 20, "only {compared}");
}

#[tokio::test]
async fn r21_who_is_not_enrolled_reads_the_same_on_lesson_progress_and_completion() {
    let app = app().await;
    let (author, other) = (app.instructor("Ada").await, app.student("Eve").await);
    let shown = published(&app, &author, "Rust", &[2]).await;
    let hidden = draft(&app, &author, "Not yet", &[1]).await;
    let _ = app
        .patch(format!("/v1/lessons/{}", shown.lessons[1]))
        .by(&author)
        .if_match(1)
        .json(&json!({ "is_published": false }))
        .send()
        .await
        .expect(200);
    for (course, lesson, status, code, detail) in [
        (&shown, &shown.lessons[0], 403, "forbidden", "enrol in the course first"),
        (&shown, &shown.lessons[1], 404, "not_found", "there is no such lesson"),
        (&hidden, &hidden.lessons[0], 404, "not_found", "there is no such lesson"),
    ] {
        let report = json!({ "percent": 10 });
        let answers = [
            app.get(format!("/v1/lessons/{lesson}")).by(&other).send().await,
            app.get(format!("/v1/lessons/{lesson}/progress")).by(&other).send().await,
            app.put(format!("/v1/lessons/{lesson}/progress")).by(&other).json(&report).send().await,
            app.post(format!("/v1/lessons/{lesson}/complete")).by(&other).send().await,
        ];
        for answer in answers {
            answer.refused(status, code);
            assert_eq!(answer.json["detail"], detail, "{}", answer.what);
        }
        let of_course = app.get(course.path("progress")).by(&other).send().await;
        let seen = course.id == shown.id;
        assert_eq!(of_course.status, if seen { 403 } else { 404 });
        let expected = if seen { "enrol in the course first" } else { "there is no such course" };
        assert_eq!(of_course.json["detail"], Value::from(expected));
    }
}
