//! POST /v1/courses/{course_id}/unpublish

use domain::catalog::{CourseId, CourseStatus};
use serde_json::{Value, json};
use testkit::{Answer, Moment, Person, TestApp, every_crash_point};
use tests::{CourseFixture, app, complete, draft, draft_of, enroll, published, text};

use crate::catalog::support::{app_for_tasks, bytes_without, card, category, count_items, race, seen};

async fn unpublish(app: &TestApp, author: &Person, course: &CourseFixture) -> Answer {
    app.post(course.path("unpublish")).by(author).send().await
}

/// A published course in a category.
async fn published_in(app: &TestApp, author: &Person, category: &str) -> CourseFixture {
    let body =
        json!({ "title": "Rust", "description": "Begin.", "level": "beginner", "category_id": category });
    let course = draft_of(app, author, &body, &[2]).await;
    let _ = app.post(course.path("publish")).by(author).send().await.expect(200);
    course
}

async fn course_count(app: &TestApp) -> Value {
    app.get("/v1/categories").send().await.json(200)["items"][0]["course_count"].clone()
}

#[tokio::test]
async fn a_published_course_becomes_a_draft_and_leaves_the_catalogue() {
    let app = app().await;
    let (author, admin, learner) =
        (app.instructor("Ada").await, app.admin("Max").await, app.student("Lena").await);
    let shelf = category(&app, &admin, "Programming").await;
    let course = published_in(&app, &author, &shelf).await;
    let other = published(&app, &author, "Stays", &[1]).await;
    let places = count_items(&app, "LISTING#").await;
    let before = seen(&app, &author, &course).await;

    let answer = unpublish(&app, &author, &course).await;
    assert_eq!(json!(answer.rev() - 1), before["rev"]);
    let answer = answer.json(200);
    assert_eq!((&answer["status"], &answer["published_at"]), (&json!("draft"), &Value::Null));
    let hidden = card(&app, &course).await;
    assert_eq!((hidden.status, hidden.published_at), (CourseStatus::Draft, None));
    // Eight combinations of filters, four orders; what is in no category has half of them.
    assert_eq!((places, count_items(&app, "LISTING#").await), (32 + 16, 16));
    assert_eq!(course_count(&app).await, 0);
    let listed = app.get("/v1/courses").send().await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["id"], json!(other.id));

    for path in [course.id.clone(), course.slug.clone()] {
        app.get(format!("/v1/courses/{path}")).send().await.refused(404, "not_found");
        app.get(format!("/v1/courses/{path}")).by(&learner).send().await.refused(404, "not_found");
    }
    app.get(format!("/v1/lessons/{}", course.lessons[0])).send().await.refused(404, "not_found");
    app.post(course.path("enroll")).by(&learner).send().await.refused(404, "not_found");
    let own = app.get("/v1/instructor/courses").by(&author).send().await.json(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 2);

    let events = app.outbox("course.unpublished").await;
    assert_eq!((events.len(), events[0].version, events[0].actor), (1, 1, Some(author.id)));
    assert_eq!(events[0].data, json!({ "course_id": course.id, "author_id": author.id, "title": "Rust" }));
}

#[tokio::test]
async fn whoever_is_enrolled_keeps_lessons_progress_and_certificate() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[2]).await;
    let (done, halfway) = (app.student("Grace").await, app.student("Lena").await);
    for learner in [&done, &halfway] {
        enroll(&app, learner, &course).await;
    }
    complete(&app, &done, &course).await;
    app.carry().await;
    let first = app.post(format!("/v1/lessons/{}/complete", course.lessons[0])).by(&halfway);
    let _ = first.send().await.expect(200);
    let before = app.get(course.path("progress")).by(&halfway).send().await.json(200);
    let _ = unpublish(&app, &author, &course).await.expect(200);

    let shown = seen(&app, &halfway, &course).await;
    assert_eq!((&shown["status"], &shown["enrollment"]["status"]), (&json!("draft"), &json!("active")));
    let after = app.get(course.path("progress")).by(&halfway).send().await.json(200);
    assert_eq!(after, before);
    let opened = app.get(format!("/v1/lessons/{}", course.lessons[1])).by(&halfway).send().await.json(200);
    assert_eq!(opened["content"], "# Lesson 1.2\n");
    // An enrolment that was counted late moves nothing back into the catalogue.
    app.carry().await;
    assert_eq!(count_items(&app, "LISTING#").await, 0);

    complete(&app, &halfway, &course).await;
    app.carry().await;
    for learner in [&done, &halfway] {
        let mine = app.get("/v1/me/courses").by(learner).send().await.json(200);
        let own = (&mine["items"][0]["status"], &mine["items"][0]["course"]["title"]);
        assert_eq!(own, (&json!("completed"), &json!("Rust")));
        let certificates = app.get("/v1/me/certificates").by(learner).send().await.json(200);
        assert_eq!(certificates["items"][0]["status"], "ready");
        let number = text(&certificates["items"][0], "certificate_no");
        let verified = app.get(format!("/v1/verify/{number}")).send().await.json(200);
        assert_eq!(verified["status"], "valid");
    }
}

#[tokio::test]
async fn unpublishing_a_draft_changes_nothing() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[1]).await;
    let before = app.dump().await;
    assert_eq!(unpublish(&app, &author, &course).await.json(200)["status"], "draft");
    assert_eq!(app.dump().await, before);

    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    let first = unpublish(&app, &author, &course).await.expect(200);
    let after = app.dump().await;
    let again = unpublish(&app, &author, &course).await.expect(200);
    assert_eq!((again.text(), again.rev()), (first.text(), first.rev()));
    assert_eq!(app.dump().await, after);
    assert_eq!(app.outbox("course.unpublished").await.len(), 1);
}

#[tokio::test]
async fn a_course_comes_back_as_it_was() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let course = published_in(&app, &author, &shelf).await;
    let learner = app.student("Lena").await;
    enroll(&app, &learner, &course).await;
    app.carry().await;
    let places = async || count_items(&app, "LISTING#").await;
    let before = (places().await, course_count(&app).await);
    let _ = unpublish(&app, &author, &course).await.expect(200);
    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    assert_eq!((places().await, course_count(&app).await), before);
    let listed = app.get("/v1/courses?sort=popularity").send().await.json(200);
    assert_eq!(listed["items"][0]["enrollment_count"], 1);
}

#[tokio::test]
async fn a_course_is_unpublished_by_its_author_and_admins() {
    let app = app().await;
    let (author, other, admin, learner) = (
        app.instructor("Ada").await,
        app.instructor("Eve").await,
        app.admin("Max").await,
        app.student("Lena").await,
    );
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[1]).await, published(&app, &author, "Public", &[1]).await);
    enroll(&app, &learner, &public).await;
    let before = app.dump().await;
    app.post(public.path("unpublish")).send().await.refused(401, "unauthenticated");
    for nobody in [&other, &learner] {
        unpublish(&app, nobody, &public).await.refused(403, "forbidden");
    }
    let absent: CourseId = app.app().id();
    let refused = unpublish(&app, &other, &hidden).await;
    refused.refused(404, "not_found");
    let missing = app.post(format!("/v1/courses/{absent}/unpublish")).by(&other).send().await;
    assert_eq!(bytes_without(&refused, &hidden.id), bytes_without(&missing, &absent.to_string()));
    assert_eq!(app.dump().await, before);
    let _ = unpublish(&app, &admin, &public).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_publishing_and_unpublishing_at_once_leaves_one_or_the_other() {
    let app = app_for_tasks().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(app, &admin, "Programming").await;
    let course = published_in(app, &author, &shelf).await;
    let asked = ["unpublish", "publish"].map(|verb| app.post(course.path(verb)).by(&author).racing());
    let rest = (0..4).map(|n| {
        let verb = if n % 2 == 0 { "unpublish" } else { "publish" };
        app.post(course.path(verb)).by(&author).racing()
    });
    let answers = race(asked.into_iter().chain(rest).map(testkit::TestRequest::send)).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let status = text(&seen(app, &author, &course).await, "status");
    let is_published = status == "published";
    assert_eq!(count_items(app, "LISTING#").await, if is_published { 32 } else { 0 });
    assert_eq!(course_count(app).await, json!(u8::from(is_published)));
    let told = async |event: &str| app.outbox(event).await.len();
    let (in_sight, out_of_sight) = (told("course.published").await, told("course.unpublished").await);
    assert_eq!(in_sight - out_of_sight, usize::from(is_published), "they take turns");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_an_enrolment_counted_meanwhile_moves_nothing_back_into_the_catalogue() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = published(app, &author, "Rust", &[1]).await;
    let learner = app.student("Lena").await;
    enroll(app, &learner, &course).await;
    let unpublish = app.post(course.path("unpublish")).by(&author).racing().send();
    let (answer, ()) = tokio::join!(unpublish, app.carry());
    assert_eq!(answer.status, 200);
    assert_eq!(count_items(app, "LISTING#").await, 0);
    assert_eq!(card(app, &course).await.enrollment_count, 1);
}

struct World {
    app: TestApp,
    author: Person,
    course: CourseFixture,
}

#[tokio::test]
async fn f1_a_crash_leaves_a_published_course_or_a_draft_and_nothing_between() {
    let world = async || {
        let app = app().await;
        let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
        let shelf = category(&app, &admin, "Programming").await;
        let course = published_in(&app, &author, &shelf).await;
        World { app, author, course }
    };
    let act = async |world: &World| {
        let _ = unpublish(&world.app, &world.author, &world.course).await.expect(200);
    };
    let state = async |world: &World| {
        let app = &world.app;
        let status = text(&seen(app, &world.author, &world.course).await, "status");
        let places = count_items(app, "LISTING#").await;
        (status, places, course_count(app).await, app.outbox("course.unpublished").await.len())
    };
    let before = ("published".to_owned(), 32, json!(1), 0);
    let done = ("draft".to_owned(), 0, json!(0), 1);
    let points = every_crash_point(
        world,
        |world| &world.app,
        act,
        async |world, point| {
            let last = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(state(world).await, if last { done.clone() } else { before.clone() }, "{point:?}");
            act(world).await;
            assert_eq!(state(world).await, done, "{point:?}, then unpublished again");
        },
    )
    .await;
    assert_eq!(points, 4, "who with the course and its card, the change: twice each");
}
