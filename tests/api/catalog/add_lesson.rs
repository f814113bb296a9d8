//! POST /v1/modules/{module_id}/lessons

use domain::catalog::{CONTENT_MAX_BYTES, ModuleId};
use serde_json::{Value, json};
use store::keys;
use testkit::{Person, TestApp, TestRequest};
use tests::{app, draft, published, text};

use crate::catalog::support::{
    Fixture, app_for_tasks, assert_replays, bytes_without, card, count_items, edit, pairs, race, seen,
};

/// MDX that suffers from any tidying: odd spaces, line ends of all kinds, characters beyond the BMP, and text that
/// means something in JSON, in a template or in a key.
pub(crate) const ODD_CONTENT: &str = "\u{feff}  # Hi \t\r\n\r\n\n<Card a={`b\\n`}>  \n\t- e\u{301} \u{e9} ﬁ\u{a0}x\u{200b}\u{200d}\
    🧑\u{200d}🔬 \u{10ffff}\u{2028}\u{202e}x\n```rust\nlet s = \"\\u{1F980} \\\\\";\n```\n{/* $&\"'\\ */}\n#a#b &amp; \\0\n\n   ";

fn add<'a>(app: &'a TestApp, author: &Person, module: &str, body: &Value) -> TestRequest<'a> {
    app.post(format!("/v1/modules/{module}/lessons")).by(author).json(body)
}

fn lesson() -> Value {
    json!({ "title": "Lesson", "content_type": "text" })
}

fn lesson_with(name: &str, value: Value) -> Value {
    let mut body = lesson();
    body[name] = value;
    body
}

#[tokio::test]
async fn a_lesson_comes_at_the_end_of_its_module() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[1, 1]).await;
    let before = app.dump().await.len();
    let body = json!({
        "title": " Your first program ", "content_type": "text", "content": "# Hello\n", "objectives": ["Greet"],
        "duration_minutes": 8, "is_preview": true,
    });
    let answer = add(&app, &author, &course.modules[0], &body).send().await;
    assert_eq!(answer.rev(), 1);
    insta::assert_json_snapshot!(answer.snapshot());
    // The lesson and its line in the outline.
    assert_eq!(app.dump().await.len(), before + 2);
    let seen = seen(&app, &author, &course).await;
    let line = json!({
        "id": answer.json["id"], "title": "Your first program", "content_type": "text", "duration_minutes": 8,
        "is_preview": true, "is_published": true,
    });
    assert_eq!(seen["modules"][0]["lessons"][1], line);
    assert_eq!(seen["modules"][1]["lessons"].as_array().unwrap().len(), 1);
    let stats = (&seen["stats"]["lesson_count"], &seen["stats"]["duration_minutes"]);
    assert_eq!(stats, (&json!(3), &json!(28)));
}

#[tokio::test]
async fn every_type_of_lesson_can_be_added() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0]).await;
    for kind in ["text", "video", "quiz", "lab", "assignment"] {
        let made = add(&app, &author, &course.modules[0], &lesson_with("content_type", json!(kind)));
        let made = made.send().await.json(201);
        assert_eq!((&made["content_type"], &made["content"]), (&json!(kind), &json!("")));
    }
}

#[tokio::test]
async fn content_is_kept_byte_for_byte() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0]).await;
    for content in [ODD_CONTENT, " ", "\n", "\t\r\r\n"] {
        let made = add(&app, &author, &course.modules[0], &lesson_with("content", json!(content)));
        let made = made.send().await.json(201);
        assert_eq!(made["content"], json!(content));
        let read = app.get(format!("/v1/lessons/{}", text(&made, "id"))).by(&author).send().await;
        assert_eq!(read.json(200)["content"].as_str().unwrap().as_bytes(), content.as_bytes());
    }
}

#[tokio::test]
async fn r7_a_text_has_at_most_64_kib() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0]).await;
    let module = &course.modules[0];
    let before = app.dump().await;
    let crabs = "🦀".repeat(CONTENT_MAX_BYTES / 4);
    let too_long = [format!("{crabs}x"), "é".repeat(40_000), "x".repeat(CONTENT_MAX_BYTES + 1)];
    // JSON needs two bytes for each of these, and so does the item.
    for content in too_long.into_iter().chain(["\n", "\""].map(|escaped| escaped.repeat(CONTENT_MAX_BYTES))) {
        let answer = add(&app, &author, module, &lesson_with("content", json!(content))).send().await;
        assert_eq!(answer.refused(422, "validation_failed"), pairs(&[("/content", "too_long")]));
    }
    assert_eq!(app.dump().await, before);
    // Just as many bytes; and what makes the largest items, of a lesson and of the reply to it.
    let quotes = "\"".repeat(16 * 1024);
    for (n, content) in
        [crabs, quotes.clone() + &"x".repeat(CONTENT_MAX_BYTES - quotes.len())].iter().enumerate()
    {
        let new = lesson_with("content", json!(content));
        let made =
            add(&app, &author, module, &new).header("idempotency-key", &format!("once-{n}")).send().await;
        assert!(made.json(201)["content"] == json!(content));
    }
    let largest = app.largest_item().await;
    assert!(largest < 100_000, "an item of {largest} bytes");
}

#[tokio::test]
async fn r7_a_body_of_more_than_256_kib_is_not_even_read() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0]).await;
    let request = || app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(&author);
    let before = app.dump().await;
    let body = lesson().to_string();
    let padded = |length: usize| format!("{}{body}", " ".repeat(length - body.len())).into_bytes();
    app.tap().reset();
    let answer = request().body("application/json", &padded(256 * 1024 + 1)).send().await;
    answer.refused(413, "body_too_large");
    request().body("application/json", &vec![b'['; 1_000_000]).send().await.refused(413, "body_too_large");
    assert_eq!(app.tap().calls(), 0);
    assert_eq!(app.dump().await, before);
    let _ = request().body("application/json", &padded(256 * 1024)).send().await.expect(201);
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_written() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0]).await;
    let before = app.dump().await;
    for (body, status, found) in [
        (json!({ "content_type": "text" }), 400, ("/title", "missing")),
        (json!({ "title": "x" }), 400, ("/content_type", "missing")),
        (lesson_with("content", json!(null)), 400, ("/content", "wrong_type")),
        (lesson_with("is_preview", json!("yes")), 400, ("/is_preview", "wrong_type")),
        (lesson_with("duration_minutes", json!(1.5)), 400, ("/duration_minutes", "wrong_type")),
        (lesson_with("course_id", json!(course.id)), 400, ("/course_id", "unknown_field")),
        (lesson_with("video_id", json!("v")), 400, ("/video_id", "unknown_field")),
        (lesson_with("title", json!("")), 422, ("/title", "too_short")),
        (lesson_with("title", json!("x".repeat(101))), 422, ("/title", "too_long")),
        (lesson_with("content_type", json!("podcast")), 422, ("/content_type", "not_allowed")),
        (lesson_with("content", json!("a\u{0}b")), 422, ("/content", "control_character")),
        (lesson_with("content", json!("a\u{1b}[31mb")), 422, ("/content", "control_character")),
        (lesson_with("objectives", json!(vec!["a"; 21])), 422, ("/objectives", "too_many")),
        (lesson_with("objectives", json!(["a", "x".repeat(201)])), 422, ("/objectives/1", "too_long")),
        (lesson_with("duration_minutes", json!(-1)), 422, ("/duration_minutes", "too_small")),
        (lesson_with("duration_minutes", json!(1441)), 422, ("/duration_minutes", "too_large")),
        (lesson_with("duration_minutes", json!(u64::MAX)), 422, ("/duration_minutes", "too_large")),
    ] {
        let answer = add(&app, &author, &course.modules[0], &body).send().await;
        let code = if status == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(status, code), pairs(&[found]), "{body}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_course_has_at_most_three_hundred_lessons() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0, 0]).await;
    // Spread over two modules: the course counts.
    edit(&app, &keys::course(&app.school(), course.course_id()), |course| {
        course.outline[0].lessons.resize_with(199, || app.app().id());
        course.outline[1].lessons.resize_with(100, || app.app().id());
    })
    .await;
    let _ = add(&app, &author, &course.modules[0], &lesson()).send().await.expect(201);
    let before = app.dump().await;
    for module in &course.modules {
        add(&app, &author, module, &lesson()).send().await.refused(422, "limit_reached");
        let with_key = add(&app, &author, module, &lesson()).header("idempotency-key", module);
        with_key.send().await.refused(422, "limit_reached");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_hidden_lesson_counts_for_nothing() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let mut hidden = lesson_with("is_published", json!(false));
    hidden["duration_minutes"] = json!(30);
    let made = add(&app, &author, &course.modules[0], &hidden).send().await.json(201);
    assert_eq!(made["is_published"], json!(false));
    let card = card(&app, &course).await;
    assert_eq!((card.lesson_count, card.duration_minutes), (1, 10));
    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(public["modules"][0]["lessons"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_module_of_somebody_else_reads_as_if_there_were_none() {
    let app = app().await;
    let (author, other, admin) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.admin("Max").await);
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[0]).await, published(&app, &author, "Public", &[1]).await);
    let before = app.dump().await;
    let anonymous = app.post(format!("/v1/modules/{}/lessons", public.modules[0])).json(&lesson());
    anonymous.send().await.refused(401, "unauthenticated");
    let absent: ModuleId = app.app().id();
    let missing = add(&app, &other, &absent.to_string(), &lesson()).send().await;
    missing.refused(404, "not_found");
    for module in [&hidden.modules[0], &public.modules[0]] {
        let refused = add(&app, &other, module, &lesson()).send().await;
        assert_eq!(bytes_without(&refused, module), bytes_without(&missing, &absent.to_string()));
    }
    assert_eq!(app.dump().await, before);
    let _ = add(&app, &admin, &hidden.modules[0], &lesson()).send().await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_lessons_added_at_once_are_all_kept_and_counted() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = published(app, &author, "Rust", &[1, 0]).await;
    let answers = race((0..5).map(|n| {
        let body = lesson_with("duration_minutes", json!(n));
        add(app, &author, &course.modules[n % 2], &body).racing().send()
    }))
    .await;
    let mut all: Vec<_> = answers.into_iter().map(|answer| text(&answer.json(201), "id")).collect();
    all.extend(course.lessons.clone());
    let after = seen(app, &author, &course).await;
    let lessons =
        after["modules"].as_array().unwrap().iter().flat_map(|module| module["lessons"].as_array().unwrap());
    let mut found: Vec<_> = lessons.map(|lesson| text(lesson, "id")).collect();
    all.sort();
    found.sort();
    assert_eq!(found, all);
    let card = card(app, &course).await;
    assert_eq!((card.lesson_count, card.duration_minutes), (6, 20));
}

#[tokio::test]
async fn r1_a_repeated_request_gets_the_first_answer() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0, 0]).await;
    let another = lesson_with("content", json!("Other."));
    assert_replays(|body| add(&app, &author, &course.modules[0], body), &lesson(), &another).await;
    let elsewhere = add(&app, &author, &course.modules[1], &lesson()).header("idempotency-key", "one-key");
    elsewhere.send().await.refused(422, "idempotency_key_reused");
    assert_eq!(card(&app, &course).await.lesson_count, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_the_same_request_several_times_at_once_adds_one_lesson() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = draft(app, &author, "Rust", &[0]).await;
    let answers = race((0..4).map(|_| {
        add(app, &author, &course.modules[0], &lesson()).header("idempotency-key", "k").racing().send()
    }))
    .await;
    let ids: Vec<_> = answers.into_iter().map(|answer| text(&answer.json(201), "id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!((count_items(app, "LESSON#").await, card(app, &course).await.lesson_count), (1, 1));
}
