//! POST /v1/courses/{course_id}/publish

use domain::catalog::CourseId;
use serde_json::{Value, json};
use testkit::{Answer, Person, TestApp, every_crash_point, redacted};
use tests::{CourseFixture, app, draft, draft_of, published, text};

use crate::catalog::support::{
    app_for_tasks, bytes_without, card, category, count_items, give_video, pairs, race, seen,
};

async fn publish(app: &TestApp, author: &Person, course: &CourseFixture) -> Answer {
    app.post(course.path("publish")).by(author).send().await
}

/// A lesson of any kind at the end of a module.
async fn add_lesson(app: &TestApp, author: &Person, module: &str, body: Value) -> String {
    let mut lesson = json!({ "title": "Lesson", "content_type": "text" });
    lesson.as_object_mut().expect("one").extend(body.as_object().expect("one").clone());
    text(
        &app.post(format!("/v1/modules/{module}/lessons")).by(author).json(&lesson).send().await.json(201),
        "id",
    )
}

/// A complete draft in a category.
async fn draft_in(app: &TestApp, author: &Person, category: &str) -> CourseFixture {
    let body =
        json!({ "title": "Rust", "description": "Begin.", "level": "beginner", "category_id": category });
    draft_of(app, author, &body, &[1]).await
}

async fn course_count(app: &TestApp) -> Value {
    app.get("/v1/categories").send().await.json(200)["items"][0]["course_count"].clone()
}

#[tokio::test]
async fn a_complete_draft_becomes_visible_and_is_announced() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let course = draft_in(&app, &author, &shelf).await;
    assert_eq!(count_items(&app, "LISTING#").await, 0);
    let before = seen(&app, &author, &course).await;
    let answer = publish(&app, &author, &course).await;
    assert_eq!(json!(answer.rev() - 1), before["rev"]);
    insta::assert_json_snapshot!(answer.snapshot());

    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(public["published_at"], answer.json["published_at"]);
    assert_eq!(
        card(&app, &course).await.published_at.map(|at| json!(at)),
        Some(answer.json["published_at"].clone())
    );
    // Eight combinations of filters, four orders.
    assert_eq!(count_items(&app, "LISTING#").await, 32);
    assert_eq!(course_count(&app).await, 1);
    let events = app.outbox("").await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].event_type.as_str(), events[0].version), ("course.published", 1));
    assert_eq!(events[0].actor, Some(author.id));
    let data = json!({ "course_id": course.id, "author_id": author.id, "title": "Rust", "slug": "rust" });
    assert_eq!(events[0].data, data);
}

#[tokio::test]
async fn everything_missing_is_listed_at_once() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft_of(&app, &author, &json!({ "title": "Rust", "description": " " }), &[0]).await;
    let hidden = json!({ "is_published": false });
    add_lesson(&app, &author, &course.modules[0], hidden).await;
    let before = app.dump().await;
    let wanted = [("/description", "missing"), ("/level", "missing"), ("/modules", "missing")];
    let answer = publish(&app, &author, &course).await;
    assert_eq!(answer.refused(422, "not_publishable"), pairs(&wanted));
    insta::assert_json_snapshot!(redacted(&answer.json));
    assert_eq!(app.dump().await, before);

    let empty =
        draft_of(&app, &author, &json!({ "title": "X", "description": "X.", "level": "advanced" }), &[])
            .await;
    let answer = publish(&app, &author, &empty).await;
    assert_eq!(answer.refused(422, "not_publishable"), pairs(&[("/modules", "missing")]));
    let no_level = draft_of(&app, &author, &json!({ "title": "X", "description": "X." }), &[1]).await;
    let answer = publish(&app, &author, &no_level).await;
    assert_eq!(answer.refused(422, "not_publishable"), pairs(&[("/level", "missing")]));
}

#[tokio::test]
async fn every_visible_video_lesson_needs_its_video() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[1, 0]).await;
    let video = |shown: bool| json!({ "content_type": "video", "is_published": shown });
    let first = add_lesson(&app, &author, &course.modules[0], video(true)).await;
    add_lesson(&app, &author, &course.modules[1], video(false)).await;
    let last = add_lesson(&app, &author, &course.modules[1], video(true)).await;
    add_lesson(&app, &author, &course.modules[1], json!({ "content_type": "quiz" })).await;

    let missing = async || publish(&app, &author, &course).await.refused(422, "not_publishable");
    let (one, two) = ("/modules/0/lessons/1/video", "/modules/1/lessons/1/video");
    assert_eq!(missing().await, pairs(&[(one, "missing"), (two, "missing")]));
    give_video(&app, &course, &first).await;
    assert_eq!(missing().await, pairs(&[(two, "missing")]));
    give_video(&app, &course, &last).await;
    let _ = publish(&app, &author, &course).await.expect(200);
}

#[tokio::test]
async fn publishing_again_changes_nothing() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let course = draft_in(&app, &author, &shelf).await;
    let first = publish(&app, &author, &course).await.expect(200);
    let after = app.dump().await;
    let again = publish(&app, &author, &course).await.expect(200);
    assert_eq!((again.text(), again.rev()), (first.text(), first.rev()));
    assert_eq!(app.dump().await, after);
    assert_eq!(app.outbox("course.published").await.len(), 1);
}

#[tokio::test]
async fn a_course_is_published_by_its_author_and_admins() {
    let app = app().await;
    let (author, other, admin) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.admin("Max").await);
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[1]).await, published(&app, &author, "Public", &[1]).await);
    let before = app.dump().await;
    app.post(hidden.path("publish")).send().await.refused(401, "unauthenticated");
    publish(&app, &other, &public).await.refused(403, "forbidden");
    let absent: CourseId = app.app().id();
    let refused = publish(&app, &other, &hidden).await;
    refused.refused(404, "not_found");
    let missing = app.post(format!("/v1/courses/{absent}/publish")).by(&other).send().await;
    assert_eq!(bytes_without(&refused, &hidden.id), bytes_without(&missing, &absent.to_string()));
    assert_eq!(app.dump().await, before);
    let _ = publish(&app, &admin, &hidden).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_publishing_many_times_at_once_publishes_once() {
    let app = app_for_tasks().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(app, &admin, "Programming").await;
    let course = draft_in(app, &author, &shelf).await;
    let answers = race((0..8).map(|_| app.post(course.path("publish")).by(&author).racing().send())).await;
    let first = answers[0].text();
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.text() == first));
    assert_eq!(app.outbox("course.published").await.len(), 1);
    assert_eq!((course_count(app).await, count_items(app, "LISTING#").await), (json!(1), 32));
}

struct World {
    app: TestApp,
    author: Person,
    course: CourseFixture,
}

#[tokio::test]
async fn f1_a_crash_leaves_a_draft_or_a_published_course_and_nothing_between() {
    let world = async || {
        let app = app().await;
        let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
        let shelf = category(&app, &admin, "Programming").await;
        let course = draft_in(&app, &author, &shelf).await;
        World { app, author, course }
    };
    let act = async |world: &World| {
        let _ = publish(&world.app, &world.author, &world.course).await.expect(200);
    };
    // What can be told from outside, and what is in the table: status, places, count, events.
    let state = async |world: &World| {
        let app = &world.app;
        let status = text(&seen(app, &world.author, &world.course).await, "status");
        let listed = app.get("/v1/courses?level=beginner&sort=title").send().await.json(200);
        let listed = listed["items"].as_array().expect("items").len();
        let places = count_items(app, "LISTING#").await;
        (status, listed, places, course_count(app).await, count_items(app, "OUTBOX#").await)
    };
    let draft = ("draft".to_owned(), 0, 0, json!(0), 0);
    let done = ("published".to_owned(), 1, 32, json!(1), 1);
    let points = every_crash_point(
        world,
        |world| &world.app,
        act,
        async |world, point| {
            let last = point.call == point.of && point.moment == testkit::Moment::AfterCommit;
            assert_eq!(state(world).await, if last { done.clone() } else { draft.clone() }, "{point:?}");
            act(world).await;
            assert_eq!(state(world).await, done, "{point:?}, then published again");
        },
    )
    .await;
    assert!(points >= 6, "reads and one write");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_publishing_while_lessons_are_added_loses_none() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = draft(app, &author, "Rust", &[1]).await;
    let lesson = json!({ "title": "More", "content_type": "text", "duration_minutes": 7 });
    let add = || {
        let module = &course.modules[0];
        app.post(format!("/v1/modules/{module}/lessons")).by(&author).json(&lesson).racing()
    };
    let publish = app.post(course.path("publish")).by(&author).racing();
    let answers = race([add(), add(), publish, add(), add()].map(testkit::TestRequest::send)).await;
    assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status)), "{answers:?}");
    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(public["modules"][0]["lessons"].as_array().unwrap().len(), 5);
    let listed = app.get("/v1/courses").send().await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let totals = (&listed["items"][0]["lesson_count"], &listed["items"][0]["duration_minutes"]);
    assert_eq!(totals, (&json!(5), &json!(38)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_course_never_ends_up_published_without_a_lesson() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    for n in 0..5 {
        let course = draft(app, &author, &format!("Rust {n}"), &[1]).await;
        let hide = app.patch(format!("/v1/lessons/{}", course.lessons[0])).by(&author).if_match(1).racing();
        let hide = hide.json(&json!({ "is_published": false }));
        let publish = app.post(course.path("publish")).by(&author).racing();
        race([hide, publish].map(testkit::TestRequest::send)).await;
        let card = card(app, &course).await;
        let is_published = card.published_at.is_some();
        assert_eq!(is_published, card.lesson_count == 1, "{card:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_category_counts_a_course_that_moves_while_it_is_published() {
    let app = app_for_tasks().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let (from, to) = (category(app, &admin, "From").await, category(app, &admin, "To").await);
    for _ in 0..5 {
        let course = draft_in(app, &author, &from).await;
        let rev = seen(app, &author, &course).await["rev"].as_u64().unwrap();
        let edit = app.patch(format!("/v1/courses/{}", course.id)).by(&author).if_match(rev).racing();
        let edit = edit.json(&json!({ "category_id": to }));
        let publish = app.post(course.path("publish")).by(&author).racing();
        race([edit, publish].map(testkit::TestRequest::send)).await;
    }
    let shelves = app.get("/v1/categories").send().await.json(200);
    for (n, shelf) in [from, to].iter().enumerate() {
        let listed = app.get(format!("/v1/courses?category={shelf}")).send().await.json(200);
        let listed = listed["items"].as_array().unwrap().len();
        assert_eq!(shelves["items"][n]["course_count"], json!(listed));
    }
}
