//! A course from its first line to learners without looking at it once: each reply says which revision the next edit
//! names.

use domain::catalog::{Course, CourseId};
use serde_json::{Value, json};
use store::keys;
use testkit::{Answer, Person, TestApp, TestRequest};
use tests::{app, text};

use crate::catalog::support::{parsed, stored};

struct Desk {
    app: TestApp,
    author: Person,
}

impl Desk {
    /// Sends it and returns the answer with the revision of the course that it tells: in `course_rev` when the answer is
    /// a part of the course, else in the `ETag`.
    async fn edit(&self, request: TestRequest<'_>, body: &Value, tells: Tells) -> (Answer, Option<u64>) {
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.by(&self.author).send().await;
        assert!(answer.status < 300, "{} {}", answer.what, answer.text());
        let told = match tells {
            Tells::Etag => Some(answer.rev()),
            Tells::CourseRev => Some(answer.json["course_rev"].as_u64().expect("the revision of the course")),
            Tells::Nothing => None,
        };
        (answer, told)
    }

    async fn course_rev(&self, course: &str) -> u64 {
        let key = keys::course(&self.app.school(), parsed::<CourseId>(course));
        stored::<Course>(&self.app, &key).await.rev
    }
}

#[derive(Clone, Copy)]
enum Tells {
    Etag,
    CourseRev,
    /// It leaves the course's revision as it is.
    Nothing,
}

#[tokio::test]
async fn r25_a_course_is_authored_without_reading_it() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let desk = Desk { app, author };
    let app = &desk.app;
    let (made, rev) = desk.edit(app.post("/v1/courses"), &json!({ "title": "Knots" }), Tells::Etag).await;
    let course = text(&made.json, "id");
    let mut rev = rev.unwrap();
    let path = |rest: &str| format!("/v1/courses/{course}{rest}");
    let check = async |told: Option<u64>, rev: &mut u64| {
        let now = desk.course_rev(&course).await;
        assert_eq!(told.unwrap_or(*rev), now, "the reply tells the revision that the course has now");
        *rev = now;
    };

    let body = json!({ "description": "Six that hold.", "level": "beginner" });
    let (_, told) = desk.edit(app.patch(path("")).if_match(rev), &body, Tells::Etag).await;
    check(told, &mut rev).await;

    let (module, told) =
        desk.edit(app.post(path("/modules")), &json!({ "title": "Loops" }), Tells::CourseRev).await;
    check(told, &mut rev).await;
    let (other, told) =
        desk.edit(app.post(path("/modules")), &json!({ "title": "Bends" }), Tells::CourseRev).await;
    check(told, &mut rev).await;
    let (module, other) = (module, text(&other.json, "id"));
    let (id, module_rev) = (text(&module.json, "id"), module.rev());

    let body = json!({ "title": "Bowline", "content_type": "text", "content": "# Bowline" });
    let (lesson, told) =
        desk.edit(app.post(format!("/v1/modules/{id}/lessons")), &body, Tells::CourseRev).await;
    check(told, &mut rev).await;
    let lesson_id = text(&lesson.json, "id");

    // Parts have revisions of their own.
    let body = json!({ "title": "Loops that hold" });
    let module = app.patch(format!("/v1/modules/{id}")).if_match(module_rev);
    let (edited, told) = desk.edit(module, &body, Tells::Nothing).await;
    check(told, &mut rev).await;
    assert_eq!(edited.rev(), module_rev + 1);
    let body = json!({ "duration_minutes": 12, "is_preview": true });
    let part = app.patch(format!("/v1/lessons/{lesson_id}")).if_match(lesson.rev());
    let (edited, told) = desk.edit(part, &body, Tells::Nothing).await;
    check(told, &mut rev).await;
    assert_eq!(edited.rev(), lesson.rev() + 1);

    let outline =
        json!({ "modules": [{ "id": other, "lessons": [] }, { "id": id, "lessons": [lesson_id] }] });
    let (_, told) = desk.edit(app.put(path("/outline")).if_match(rev), &outline, Tells::Etag).await;
    check(told, &mut rev).await;
    let (_, told) = desk.edit(app.post(path("/publish")), &Value::Null, Tells::Etag).await;
    check(told, &mut rev).await;
    let (_, told) = desk
        .edit(app.patch(path("")).if_match(rev), &json!({ "title": "Knots that hold" }), Tells::Etag)
        .await;
    check(told, &mut rev).await;
}

/// The kept reply tells what the first one told, also to a client that writes its body anew.
#[tokio::test]
async fn r25_a_repetition_in_another_spelling_is_the_same_request() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = tests::draft(&app, &author, "Knots", &[]).await;
    let post = |body: &str| {
        app.post(course.path("modules"))
            .by(&author)
            .header("idempotency-key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
            .body("application/json", body.as_bytes())
    };
    let first = post(r#"{"title":"Loops","description":"Round and round."}"#).send().await.expect(201);
    let again =
        post(" { \"description\" : \"Round and round.\",\n\"title\": \"\\u004coops\" } ").send().await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!(again.text(), first.text());
    assert_eq!(first.json["course_rev"], 2);
    let other = post(r#"{"title":"Loops","description":"Round and round"}"#).send().await;
    other.refused(422, "idempotency_key_reused");
}
