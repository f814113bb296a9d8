//! PATCH /v1/courses/{course_id}

use domain::catalog::{CategoryId, CourseCard, CourseId, Sort};
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use serde_json::{Value, json};
use store::keys;
use testkit::{Person, TestApp};
use tests::{CourseFixture, app, draft, draft_of, published, text};

use crate::catalog::{
    catalogue::{assert_lists, assert_no_ghosts},
    count_enrollment::{consume, enrolled},
    random::Random,
    support::{Fixture, app_for_tasks, bytes_without, category, pairs, parsed, race, seen, stored},
};

async fn rev(app: &TestApp, author: &Person, course: &CourseFixture) -> u64 {
    seen(app, author, course).await["rev"].as_u64().expect("a revision")
}

async fn patch(app: &TestApp, author: &Person, course: &CourseFixture, body: &Value) -> testkit::Answer {
    let rev = rev(app, author, course).await;
    app.patch(format!("/v1/courses/{}", course.id)).by(author).if_match(rev).json(body).send().await
}

#[tokio::test]
async fn an_author_changes_what_a_course_says_of_itself() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let course = draft(&app, &author, "Rust", &[1]).await;
    let body = json!({
        "title": " Rust from the very first line ", "slug": "rust-first", "description": "New.",
        "long_description": "# New", "level": "advanced", "category_id": shelf,
        "price": { "amount": 100, "currency": "JPY" }, "language": "ja", "tags": ["b", "a"],
        "objectives": ["One"], "prerequisites": ["Two"],
    });
    let before = rev(&app, &author, &course).await;
    let answer = patch(&app, &author, &course, &body).await;
    assert_eq!(answer.rev(), before + 1);
    let edited = answer.json.clone();
    insta::assert_json_snapshot!(answer.snapshot());
    let read = seen(&app, &author, &course).await;
    for (name, value) in edited.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    assert!(app.outbox("").await.is_empty());
}

#[tokio::test]
async fn the_counts_of_categories_follow_a_published_course() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let (one, two) = (category(&app, &admin, "One").await, category(&app, &admin, "Two").await);
    let course = published(&app, &author, "Rust", &[1]).await;
    for (shelf, expected) in [(json!(one), [1, 0]), (json!(two), [0, 1]), (json!(null), [0, 0])] {
        let _ = patch(&app, &author, &course, &json!({ "category_id": shelf })).await.expect(200);
        let all = app.get("/v1/categories").send().await.json(200);
        let counts = [0, 1].map(|n| all["items"][n]["course_count"].as_i64().expect("a count"));
        assert_eq!(counts, expected, "{shelf}");
    }
}

#[tokio::test]
async fn what_is_not_named_stays() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[1]).await;
    let before = seen(&app, &author, &course).await;
    let after = patch(&app, &author, &course, &json!({ "description": "Other." })).await.json(200);
    for (name, value) in after.as_object().unwrap() {
        let changed = ["description", "rev", "updated_at"].contains(&name.as_str());
        assert_eq!(&before[name] != value, changed, "{name}");
    }
    let empty = patch(&app, &author, &course, &json!({})).await.json(200);
    assert_eq!(empty["description"], "Other.");
}

#[tokio::test]
async fn null_clears_what_may_be_absent_and_nothing_else() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let body = json!({ "title": "Rust", "level": "beginner", "category_id": shelf });
    let course = draft_of(&app, &author, &body, &[]).await;
    let answer = patch(&app, &author, &course, &json!({ "title": null, "price": null, "tags": null })).await;
    let wrong = pairs(&[("/price", "wrong_type"), ("/tags", "wrong_type"), ("/title", "wrong_type")]);
    assert_eq!(answer.refused(400, "invalid_body"), wrong);
    let cleared =
        patch(&app, &author, &course, &json!({ "level": null, "category_id": null })).await.json(200);
    assert_eq!((&cleared["level"], &cleared["category_id"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn an_edit_says_which_revision_it_is_of() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[]).await;
    let before = app.dump().await;
    let request =
        || app.patch(format!("/v1/courses/{}", course.id)).by(&author).json(&json!({ "title": "New" }));
    request().send().await.refused(428, "if_match_required");
    for old in [0, 2, 9_999_999_999_999_999_999] {
        request().if_match(old).send().await.refused(412, "stale");
    }
    for wrong in ["1", "W/\"1\"", "*", "\"1\", \"2\"", "\"-1\"", "\"\"", "\"10000000000000000000\""] {
        let answer = request().header("if-match", wrong).send().await;
        assert_eq!(answer.refused(400, "invalid_header"), pairs(&[("If-Match", "invalid_value")]), "{wrong}");
    }
    assert_eq!(app.dump().await, before);
    let _ = request().if_match(1).send().await.expect(200);
    request().if_match(1).send().await.refused(412, "stale");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_of_many_edits_of_one_revision_one_counts() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = published(app, &author, "Rust", &[1]).await;
    let rev = rev(app, &author, &course).await;
    let answers = race((0..12).map(|n| {
        let body = json!({ "title": format!("Rust {n}"), "slug": format!("rust-{n}") });
        let request = app.patch(format!("/v1/courses/{}", course.id)).by(&author).if_match(rev);
        request.json(&body).racing().send()
    }))
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        answer.refused(412, "stale");
    }
    let listed = app.get("/v1/courses?sort=title").send().await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["title"], won[0].json["title"]);
    assert_eq!(crate::catalog::support::count_items(app, "SLUG#").await, 1);
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_written() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[]).await;
    let absent: CategoryId = app.app().id();
    let before = app.dump().await;
    for (body, code, found) in [
        (json!({ "title": "" }), 422, ("/title", "too_short")),
        (json!({ "title": "x".repeat(101) }), 422, ("/title", "too_long")),
        (json!({ "title": "a\tb" }), 422, ("/title", "control_character")),
        (json!({ "slug": "No Slug" }), 422, ("/slug", "invalid_slug")),
        (json!({ "slug": "" }), 422, ("/slug", "too_short")),
        (json!({ "description": "x".repeat(501) }), 422, ("/description", "too_long")),
        (json!({ "long_description": "x".repeat(8001) }), 422, ("/long_description", "too_long")),
        (json!({ "level": "expert" }), 422, ("/level", "not_allowed")),
        (json!({ "category_id": absent }), 422, ("/category_id", "unknown_category")),
        (json!({ "price": { "amount": -1 } }), 422, ("/price/amount", "too_small")),
        (json!({ "language": "x" }), 422, ("/language", "invalid_language")),
        (json!({ "tags": vec!["a"; 21] }), 422, ("/tags", "too_many")),
        (json!({ "objectives": [""] }), 422, ("/objectives/0", "too_short")),
        (json!({ "prerequisites": ["x".repeat(201)] }), 422, ("/prerequisites/0", "too_long")),
        (json!({ "status": "published" }), 400, ("/status", "unknown_field")),
        (json!({ "author_id": author.id }), 400, ("/author_id", "unknown_field")),
        (json!({ "outline": [] }), 400, ("/outline", "unknown_field")),
        (json!({ "category_id": "x" }), 400, ("/category_id", "invalid_value")),
    ] {
        let answer = patch(&app, &author, &course, &body).await;
        let name = if code == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(code, name), pairs(&[found]), "{body}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_published_course_keeps_its_description_and_level() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let before = app.dump().await;
    let answer = patch(&app, &author, &course, &json!({ "description": " ", "level": null })).await;
    let wanted = pairs(&[("/description", "missing"), ("/level", "missing")]);
    assert_eq!(answer.refused(422, "validation_failed"), wanted);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_course_is_edited_by_its_author_and_admins() {
    let app = app().await;
    let (author, other, admin) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.admin("Max").await);
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[]).await, published(&app, &author, "Public", &[1]).await);
    let absent: CourseId = app.app().id();
    let request =
        |id: &str| app.patch(format!("/v1/courses/{id}")).if_match(1).json(&json!({ "title": "Mine" }));
    let before = app.dump().await;
    request(&public.id).send().await.refused(401, "unauthenticated");
    request(&public.id).by(&other).send().await.refused(403, "forbidden");
    let refused = request(&hidden.id).by(&other).send().await;
    refused.refused(404, "not_found");
    let missing = request(&absent.to_string()).by(&other).send().await;
    assert_eq!(bytes_without(&refused, &hidden.id), bytes_without(&missing, &absent.to_string()));
    // A path takes the id alone: a slug may move to another course at any time.
    request(&hidden.slug).by(&author).send().await.refused(400, "invalid_path");
    assert_eq!(app.dump().await, before);
    let _ = request(&hidden.id).by(&admin).send().await.expect(200);
}

#[tokio::test]
async fn a_new_slug_frees_the_old_one() {
    let app = app().await;
    let (author, other) = (app.instructor("Ada").await, app.instructor("Eve").await);
    let course = published(&app, &author, "Rust", &[1]).await;
    let _ = patch(&app, &author, &course, &json!({ "slug": "crab" })).await.expect(200);
    let found = async |name: &str| app.get(format!("/v1/courses/{name}")).send().await;
    assert_eq!(found("crab").await.json(200)["id"], json!(course.id));
    assert_eq!(found(&course.id).await.json(200)["slug"], "crab");
    found("rust").await.refused(404, "not_found");
    let listed = app.get("/v1/courses").send().await.json(200);
    assert_eq!(listed["items"][0]["slug"], "crab");

    let body = json!({ "title": "Other", "slug": "rust" });
    let next = app.post("/v1/courses").by(&other).json(&body).send().await.json(201);
    let own = app.get("/v1/courses/rust").by(&other).send().await.json(200);
    assert_eq!(own["id"], next["id"]);
    // And back is not possible any more.
    let before = app.dump().await;
    patch(&app, &author, &course, &json!({ "slug": "rust", "title": "X" })).await.refused(409, "slug_taken");
    assert_eq!(app.dump().await, before);
    // One's own slug is no change.
    let _ = patch(&app, &author, &course, &json!({ "slug": "crab" })).await.expect(200);
    assert_eq!(found("crab").await.json(200)["id"], json!(course.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_two_courses_that_want_one_slug_get_it_once() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let mut courses = Vec::new();
    for n in 0..6 {
        courses.push(draft(app, &author, &format!("Rust {n}"), &[]).await);
    }
    let answers = race(courses.iter().map(|course| {
        let request = app.patch(format!("/v1/courses/{}", course.id)).by(&author).if_match(1);
        request.json(&json!({ "slug": "crab" })).racing().send()
    }))
    .await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        lost.refused(409, "slug_taken");
    }
    let found = app.get("/v1/courses/crab").by(&author).send().await.json(200);
    assert_eq!(found["id"], won[0].json["id"]);
    assert_eq!(crate::catalog::support::count_items(app, "SLUG#").await, 6);
}

/// The cards as they should be, made of the courses alone.
async fn expected_cards(app: &TestApp, courses: &[CourseFixture]) -> Vec<CourseCard> {
    let mut cards = Vec::new();
    for course in courses {
        let course = stored(app, &keys::course(&app.school(), course.course_id())).await.value;
        cards.push(CourseCard::new(&course, "Ada Example".to_owned()));
    }
    cards
}

#[tokio::test]
async fn an_edited_course_leaves_its_old_places_and_takes_its_new_ones() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let mut categories: Vec<CategoryId> = Vec::new();
    for name in ["Programming", "Data"] {
        categories.push(parsed(&category(&app, &admin, name).await));
    }
    let mut courses = Vec::new();
    for n in 0..3 {
        courses.push(published(&app, &author, &format!("Course {n}"), &[1]).await);
    }
    courses.push(draft(&app, &author, "A draft", &[1]).await);

    let title = "[A-Z][a-z #!]{0,12}[a-z]".prop_map(|title| json!({ "title": title }));
    let level = prop::sample::select(vec!["beginner", "intermediate", "advanced"]);
    let level = level.prop_map(|level| json!({ "level": level }));
    let shelf = prop::option::of(prop::sample::select(categories.clone()));
    let shelf = shelf.prop_map(|shelf| json!({ "category_id": shelf }));
    let price =
        prop_oneof![Just(0), 1..10_000i64].prop_map(|amount| json!({ "price": { "amount": amount } }));
    let part = prop_oneof![title, level, shelf, price];
    let edits = prop::collection::vec((0..courses.len(), prop::collection::vec(part, 1..4)), 12);
    for (n, parts) in Random::new().value(edits) {
        let mut body = json!({});
        for part in parts {
            body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        }
        let _ = patch(&app, &author, &courses[n], &body).await.expect(200);
    }

    let cards = expected_cards(&app, &courses).await;
    assert_no_ghosts(&app, &cards).await;
    assert_lists(&app, &cards, Sort::Title, &categories).await;
    let counted = app.get("/v1/categories").send().await.json(200);
    for item in counted["items"].as_array().unwrap() {
        let id: CategoryId = parsed(&text(item, "id"));
        let count = cards[..3].iter().filter(|card| card.category_id == Some(id)).count();
        assert_eq!(item["course_count"], json!(count), "{item}");
    }
}

#[tokio::test]
async fn the_authors_own_list_follows_too() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[]).await;
    let _ = patch(&app, &author, &course, &json!({ "title": "Crab", "level": "advanced" })).await.expect(200);
    let own = app.get("/v1/instructor/courses").by(&author).send().await.json(200);
    assert_eq!((&own["items"][0]["title"], &own["items"][0]["level"]), (&json!("Crab"), &json!("advanced")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_an_edit_is_not_refused_because_learners_enrol_meanwhile() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = published(app, &author, "Rust", &[1]).await;
    let id = course.course_id();
    let counting = tokio::spawn(async move {
        for _ in 0..30 {
            let event = enrolled(app, id);
            while consume(app, event.clone()).await.is_err() {}
        }
    });
    let mut rev = rev(app, &author, &course).await;
    for n in 0..15 {
        let request = app.patch(format!("/v1/courses/{id}")).by(&author).if_match(rev).racing();
        rev = request.json(&json!({ "title": format!("Rust {n}") })).send().await.expect(200).rev();
    }
    counting.await.unwrap();
    let listed = app.get("/v1/courses?sort=popularity").send().await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed["items"][0]["title"], &listed["items"][0]["enrollment_count"]),
        (&json!("Rust 14"), &json!(30))
    );
}
