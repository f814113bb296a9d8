//! POST /v1/courses

use domain::catalog::{Category, CategoryId};
use serde_json::{Value, json};
use store::keys;
use testkit::Moment;
use tests::{app, text};

use crate::catalog::support::{
    app_for_tasks, assert_replays, category, count_items, edit, pairs, parsed, race, wait,
};

#[tokio::test]
async fn an_instructor_makes_a_draft() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let before = app.dump().await.len();
    let body = json!({
        "title": "  Rust from the first line ", "description": "Write programs.\nUnderstand them.",
        "long_description": "# Why\n\n\tBecause.", "level": "beginner", "category_id": shelf,
        "price": { "amount": 4900, "currency": "EUR" }, "language": "de-CH", "tags": ["rust"],
        "objectives": ["Write a program"], "prerequisites": ["A computer"],
    });
    let answer = app.post("/v1/courses").by(&author).json(&body).send().await;
    assert_eq!(answer.rev(), 1);
    insta::assert_json_snapshot!(answer.snapshot());

    let place = answer.header("location").unwrap();
    assert_eq!(place, format!("/v1/courses/{}", text(&answer.json, "id")));
    let read = app.get(place).by(&author).send().await.json(200);
    for (name, value) in answer.json.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    // The course, its card, its slug and its place in the author's list; nobody is told of a draft.
    assert_eq!(app.dump().await.len(), before + 4);
    assert!(app.outbox("").await.is_empty());
}

#[tokio::test]
async fn a_title_is_enough() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let made = app.post("/v1/courses").by(&author).json(&json!({ "title": "Rust" })).send().await.json(201);
    let defaults = json!({
        "slug": "rust", "description": "", "level": null, "category_id": null, "language": "en", "tags": [],
        "price": { "amount": 0, "currency": "USD" }, "status": "draft",
    });
    for (name, value) in defaults.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_written() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let retired = category(&app, &admin, "Retired").await;
    let retired_key = keys::category(&app.school(), parsed(&retired));
    edit(&app, &retired_key, |category: &mut Category| {
        category.is_active = false;
    })
    .await;
    let absent: CategoryId = app.app().id();
    let before = app.dump().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "title": "Rust" });
        body[name] = value;
        body
    };
    let many = |n: usize, text: &str| json!(vec![text; n]);
    for (body, pointer, code) in [
        (json!({}), "/title", "missing"),
        (json!([]), "", "wrong_type"),
        (with("title", json!(7)), "/title", "wrong_type"),
        (with("title", json!(null)), "/title", "wrong_type"),
        (with("description", json!(null)), "/description", "wrong_type"),
        (with("tags", json!("rust")), "/tags", "wrong_type"),
        (with("tags", json!([1])), "/tags/0", "wrong_type"),
        (with("price", json!(4900)), "/price", "wrong_type"),
        (with("price", json!({ "amount": 49.5 })), "/price/amount", "wrong_type"),
        (with("price", json!({ "currency": "USD" })), "/price/amount", "missing"),
        (with("price", json!({ "amount": 1, "tax": 1 })), "/price/tax", "unknown_field"),
        // What is decided here and not by clients (R22).
        (with("id", json!("crs_0198c5a0000070008000000000000001")), "/id", "unknown_field"),
        (with("status", json!("published")), "/status", "unknown_field"),
        (with("author_id", json!(author.id)), "/author_id", "unknown_field"),
        (with("rev", json!(1)), "/rev", "unknown_field"),
        (with("enrollment_count", json!(1)), "/enrollment_count", "unknown_field"),
        (with("category_id", json!("crs_0198c5a0000070008000000000000001")), "/category_id", "invalid_value"),
        (with("category_id", json!("programming")), "/category_id", "invalid_value"),
    ] {
        let answer = app.post("/v1/courses").by(&author).json(&body).send().await;
        assert_eq!(answer.refused(400, "invalid_body"), pairs(&[(pointer, code)]), "{body}");
    }
    for (body, pointer, code) in [
        (with("title", json!("")), "/title", "too_short"),
        (with("title", json!(" \u{a0} ")), "/title", "too_short"),
        (with("title", json!("x".repeat(101))), "/title", "too_long"),
        (with("title", json!("Ru\u{0}st")), "/title", "control_character"),
        (with("title", json!("Ru\nst")), "/title", "control_character"),
        (with("description", json!("x".repeat(501))), "/description", "too_long"),
        (with("description", json!("a\u{7}b")), "/description", "control_character"),
        (with("long_description", json!("x".repeat(8001))), "/long_description", "too_long"),
        (with("level", json!("expert")), "/level", "not_allowed"),
        (with("price", json!({ "amount": -1 })), "/price/amount", "too_small"),
        (with("price", json!({ "amount": 100_000_001 })), "/price/amount", "too_large"),
        (with("price", json!({ "amount": 1, "currency": "XXX" })), "/price/currency", "not_allowed"),
        (with("language", json!("e")), "/language", "invalid_language"),
        (with("language", json!("x".repeat(36))), "/language", "too_long"),
        (with("language", json!("de_CH")), "/language", "invalid_language"),
        (with("language", json!("en-")), "/language", "invalid_language"),
        (with("tags", json!(["rust", "web", "Rust "])), "/tags/2", "repeated"),
        (with("objectives", json!(["a", "b", "a"])), "/objectives/2", "repeated"),
        (with("title", json!("\u{200b}\u{3164}")), "/title", "too_short"),
        (with("tags", many(21, "a")), "/tags", "too_many"),
        (with("tags", json!(["a", "x".repeat(41)])), "/tags/1", "too_long"),
        (with("objectives", many(21, "a")), "/objectives", "too_many"),
        (with("objectives", json!([" "])), "/objectives/0", "too_short"),
        (with("prerequisites", many(21, "a")), "/prerequisites", "too_many"),
        (with("prerequisites", json!(["x".repeat(201)])), "/prerequisites/0", "too_long"),
        (with("category_id", json!(absent)), "/category_id", "unknown_category"),
        (with("category_id", json!(retired)), "/category_id", "unknown_category"),
    ] {
        let answer = app.post("/v1/courses").by(&author).json(&body).send().await;
        assert_eq!(answer.refused(422, "validation_failed"), pairs(&[(pointer, code)]), "{body}");
    }
    let post = || app.post("/v1/courses").by(&author);
    post().body("application/json", b"{\"title\": ").send().await.refused(400, "malformed_json");
    post().body("text/plain", b"{\"title\": \"Rust\"}").send().await.refused(415, "unsupported_media_type");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn only_instructors_and_admins_make_courses() {
    let app = app().await;
    let (learner, admin) = (app.student("Grace").await, app.admin("Max").await);
    let before = app.dump().await;
    let body = json!({ "title": "Rust" });
    app.post("/v1/courses").json(&body).send().await.refused(401, "unauthenticated");
    app.post("/v1/courses").by(&learner).json(&body).send().await.refused(403, "forbidden");
    assert_eq!(app.dump().await, before);
    let _ = app.post("/v1/courses").by(&admin).json(&body).send().await.expect(201);
}

#[tokio::test]
async fn a_slug_is_made_of_the_title_and_lengthened_when_it_is_taken() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let make = async |title: &str| {
        text(
            &app.post("/v1/courses").by(&author).json(&json!({ "title": title })).send().await.json(201),
            "slug",
        )
    };
    assert_eq!(make("Rust & friends").await, "rust-friends");
    let second = make("Rust, friends!").await;
    let third = make("Rust & friends").await;
    for longer in [&second, &third] {
        let suffix = longer.strip_prefix("rust-friends-").unwrap();
        assert!(suffix.len() == 8 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()), "{longer}");
    }
    assert_ne!(second, third);
    assert_eq!(make("日本語").await, "ri-ben-yu");
    assert_eq!(make("Введение в Rust").await, "vvedenie-v-rust");
    assert_eq!(make("🦀🦀").await, "crab-crab");
    assert_eq!(make("…").await, "course");
    assert!(make("?!").await.starts_with("course-"));

    // Where the long one is cut there may be a hyphen already.
    for length in 66..72 {
        let title = format!("{} and the rest of it", "x".repeat(length));
        for slug in [make(&title).await, make(&title).await] {
            assert!(slug.len() <= 80, "{slug}");
            let found = app.get(format!("/v1/courses/{slug}")).by(&author).send().await.json(200);
            assert_eq!(found["slug"], json!(slug));
        }
    }
}

#[tokio::test]
async fn a_chosen_slug_must_be_one() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let before = app.dump().await;
    let long = "x".repeat(81);
    for (slug, code) in [
        ("Rust", "invalid_slug"),
        ("rust line", "invalid_slug"),
        ("rust_line", "invalid_slug"),
        ("-rust", "invalid_slug"),
        ("rust-", "invalid_slug"),
        ("ru--st", "invalid_slug"),
        ("rüst", "invalid_slug"),
        ("rust/line", "invalid_slug"),
        ("rust#line", "invalid_slug"),
        ("", "too_short"),
        (&long, "too_long"),
    ] {
        let body = json!({ "title": "Rust", "slug": slug });
        let answer = app.post("/v1/courses").by(&author).json(&body).send().await;
        assert_eq!(answer.refused(422, "validation_failed"), pairs(&[("/slug", code)]), "{slug}");
    }
    assert_eq!(app.dump().await, before);
    let longest = json!({ "title": "Rust", "slug": "x".repeat(80) });
    let _ = app.post("/v1/courses").by(&author).json(&longest).send().await.expect(201);
}

#[tokio::test]
async fn a_chosen_slug_is_taken_once() {
    let app = app().await;
    let (author, other) = (app.instructor("Ada").await, app.instructor("Eve").await);
    let body = json!({ "title": "Rust", "slug": "rust" });
    let _ = app.post("/v1/courses").by(&author).json(&body).send().await.expect(201);
    let before = app.dump().await;
    for person in [&author, &other] {
        app.post("/v1/courses").by(person).json(&body).send().await.refused(409, "slug_taken");
    }
    assert_eq!(app.dump().await, before);
    // Another school has its own slugs.
    let there = app.app().config.school_of_host("other.example");
    let abroad = app.person(&there, "Ida", &[domain::identity::Role::Instructor]).await;
    let _ = app.post("/v1/courses").by(&abroad).json(&body).send().await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_of_twenty_at_once_one_gets_the_slug() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let answers = race((0..20).map(|n| {
        let body = json!({ "title": format!("Rust {n}"), "slug": "rust" });
        app.post("/v1/courses").by(&author).json(&body).racing().send()
    }))
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 19));
    for answer in refused {
        answer.refused(409, "slug_taken");
    }
    let found = app.get("/v1/courses/rust").by(&author).send().await.json(200);
    assert_eq!(found["id"], made[0].json["id"]);
    assert_eq!((count_items(app, "COURSE#").await, count_items(app, "AUTHORED#").await), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_equal_titles_at_once_get_different_slugs() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let body = json!({ "title": "Rust" });
    let answers = race((0..8).map(|_| app.post("/v1/courses").by(&author).json(&body).racing().send())).await;
    let mut slugs: Vec<_> = answers.into_iter().map(|answer| text(&answer.json(201), "slug")).collect();
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 8);
}

#[tokio::test]
async fn r1_a_repeated_request_gets_the_first_answer() {
    let app = app().await;
    let (author, other) = (app.instructor("Ada").await, app.instructor("Eve").await);
    let (body, another) = (json!({ "title": "Rust" }), json!({ "title": "Rust!" }));
    assert_replays(|body| app.post("/v1/courses").by(&author).json(body), &body, &another).await;
    assert_eq!(count_items(&app, "AUTHORED#").await, 1);
    // The key is the caller's own: somebody else's is another.
    assert_replays(|body| app.post("/v1/courses").by(&other).json(body), &body, &another).await;
    assert_eq!(count_items(&app, "AUTHORED#").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_the_same_request_several_times_at_once_makes_one_course() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let body = json!({ "title": "Rust", "slug": "rust" });
    let send =
        |_| app.post("/v1/courses").by(&author).json(&body).header("idempotency-key", "k").racing().send();
    let answers = race((0..4).map(send)).await;
    let ids: Vec<_> = answers.into_iter().map(|answer| text(&answer.json(201), "id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(count_items(app, "AUTHORED#").await, 1);
}

#[tokio::test]
async fn r2_a_key_counts_anew_after_a_day() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let body = json!({ "title": "Rust" });
    let send = async |author: &testkit::Person| {
        let request = app.post("/v1/courses").by(author).json(&body).header("idempotency-key", "k");
        text(&request.send().await.json(201), "id")
    };
    let first = send(&author).await;
    let author = wait(&app, &author, 23 * 3600);
    assert_eq!(send(&author).await, first);
    // Nothing has removed the kept reply: its time alone decides.
    let author = wait(&app, &author, 2 * 3600);
    let second = send(&author).await;
    assert_ne!(second, first);
    assert_eq!(send(&author).await, second);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let absent: CategoryId = app.app().id();
    let post = |body: &Value| app.post("/v1/courses").by(&author).json(body).header("idempotency-key", "k");
    post(&json!({ "title": "Rust", "slug": "NO" })).send().await.refused(422, "validation_failed");
    post(&json!({ "title": "Rust", "category_id": absent })).send().await.refused(422, "validation_failed");
    let _ = app
        .post("/v1/courses")
        .by(&author)
        .json(&json!({ "title": "x", "slug": "rust" }))
        .send()
        .await
        .expect(201);
    let taken = json!({ "title": "Rust", "slug": "rust", "category_id": shelf });
    post(&taken).send().await.refused(409, "slug_taken");
    let _ = post(&json!({ "title": "Rust", "category_id": shelf })).send().await.expect(201);
}

#[tokio::test]
async fn an_idempotency_key_has_a_sane_length() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    for key in ["", &"k".repeat(256)] {
        let request = app.post("/v1/courses").by(&author).json(&json!({ "title": "Rust" }));
        request.header("idempotency-key", key).send().await.refused(400, "invalid_header");
    }
    assert_eq!(count_items(&app, "AUTHORED#").await, 0);
}

#[tokio::test]
async fn r3_a_reply_lost_on_the_way_makes_no_second_course() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let request =
        app.post("/v1/courses").by(&author).json(&json!({ "title": "Rust", "slug": "rust" })).racing();
    // Call 1 asks who it is, call 2 is the write.
    app.tap().break_at(2, Moment::AfterCommit);
    let made = request.send().await.json(201);
    assert_eq!(app.tap().operations(), ["BatchGetItem", "TransactWriteItems", "TransactWriteItems"]);
    let found = app.get("/v1/courses/rust").by(&author).send().await.json(200);
    assert_eq!(found["id"], made["id"]);
    assert_eq!(count_items(&app, "AUTHORED#").await, 1);
}
