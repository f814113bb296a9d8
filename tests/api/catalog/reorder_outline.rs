//! PUT /v1/courses/{course_id}/outline

use domain::catalog::{LessonId, ModuleId};
use serde_json::{Value, json};
use testkit::{Moment, Person, TestApp, TestRequest};
use tests::{CourseFixture, app, draft, published, text};

use crate::catalog::support::{app_for_tasks, pairs, race, seen};

fn put<'a>(app: &'a TestApp, author: &Person, course: &CourseFixture, modules: &Value) -> TestRequest<'a> {
    app.put(course.path("outline")).by(author).json(&json!({ "modules": modules }))
}

/// The outline as its author sees it: what a reorder sends.
fn outline(course: &Value) -> Value {
    let ids = |module: &Value| {
        module["lessons"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|lesson| lesson["id"].clone())
            .collect::<Vec<_>>()
    };
    let modules = course["modules"].as_array().into_iter().flatten();
    modules.map(|module| json!({ "id": module["id"], "lessons": ids(module) })).collect()
}

#[tokio::test]
async fn modules_and_lessons_get_a_new_order_in_one_write() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[3, 1, 0]).await;
    let (m, l) = (&course.modules, &course.lessons);
    // Another order of modules, of the lessons inside one, and lessons in other modules.
    let wanted = json!([
        { "id": m[2], "lessons": [l[1]] },
        { "id": m[0], "lessons": [l[2], l[0]] },
        { "id": m[1], "lessons": [l[3]] },
    ]);
    let rev = seen(&app, &author, &course).await["rev"].as_u64().unwrap();
    app.tap().reset();
    let answer = put(&app, &author, &course, &wanted).if_match(rev).send().await;
    assert_eq!(app.tap().operations(), ["BatchGetItem", "PutItem"]);
    assert_eq!(answer.rev(), rev + 1);
    insta::assert_json_snapshot!(answer.snapshot());

    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(outline(&public), wanted);
    assert_eq!(public["modules"][0]["title"], "Module 3");
    assert_eq!(public["modules"][0]["lessons"][0]["title"], "Lesson 1.2");
    assert_eq!(public["stats"]["lesson_count"], 4);
    // What moved is found where it was, and new lessons come where their module is now.
    let _ = app.get(format!("/v1/lessons/{}", l[1])).by(&author).send().await.expect(200);
    let body = json!({ "title": "New", "content_type": "text" });
    let new =
        app.post(format!("/v1/modules/{}/lessons", m[2])).by(&author).json(&body).send().await.json(201);
    let after = outline(&seen(&app, &author, &course).await);
    assert_eq!(after[0]["lessons"], json!([l[1], new["id"]]));
}

#[tokio::test]
async fn only_a_permutation_is_an_order() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[2, 1]).await;
    let foreign = draft(&app, &author, "Other", &[1]).await;
    let rev = seen(&app, &author, &course).await["rev"].as_u64().unwrap();
    let before = app.dump().await;
    let (m, l) = (&course.modules, &course.lessons);
    let module = |id: &str, lessons: &[&String]| json!({ "id": id, "lessons": lessons });
    let (new_module, new_lesson): (ModuleId, LessonId) = (app.app().id(), app.app().id());
    let (new_module, new_lesson) = (new_module.to_string(), new_lesson.to_string());
    let one = [("/modules", "not_a_permutation")].as_slice();
    let both = [("/modules", "not_a_permutation"); 2];
    for (what, wanted, found) in [
        ("nothing", json!([]), both.as_slice()),
        ("a module less", json!([module(&m[0], &[&l[0], &l[1], &l[2]])]), one),
        ("a lesson less", json!([module(&m[0], &[&l[0]]), module(&m[1], &[&l[2]])]), one),
        ("a lesson twice", json!([module(&m[0], &[&l[0], &l[1]]), module(&m[1], &[&l[2], &l[0]])]), one),
        (
            "a lesson instead of another",
            json!([module(&m[0], &[&l[0], &l[0]]), module(&m[1], &[&l[2]])]),
            one,
        ),
        ("a module twice", json!([module(&m[0], &[&l[0], &l[1]]), module(&m[0], &[&l[2]])]), one),
        (
            "a module more",
            json!([module(&m[0], &[&l[0], &l[1]]), module(&m[1], &[&l[2]]), module(&new_module, &[])]),
            one,
        ),
        ("a new lesson", json!([module(&m[0], &[&l[0], &l[1]]), module(&m[1], &[&new_lesson])]), one),
        (
            "another course's lesson",
            json!([module(&m[0], &[&l[0], &l[1]]), module(&m[1], &[&foreign.lessons[0]])]),
            one,
        ),
        (
            "another course's module",
            json!([module(&m[0], &[&l[0], &l[1]]), module(&foreign.modules[0], &[&l[2]])]),
            one,
        ),
    ] {
        let answer = put(&app, &author, &course, &wanted).if_match(rev).send().await;
        assert_eq!(answer.refused(422, "validation_failed"), pairs(found), "{what}");
    }
    let id = "mod_0198c5a0000070008000000000000001";
    let lesson = "les_0198c5a0000070008000000000000001";
    for (wanted, status, found) in [
        (json!(vec![module(id, &[]); 51]), 422, ("/modules", "too_many")),
        (json!([{ "id": id, "lessons": vec![lesson; 301] }]), 422, ("/modules/0/lessons", "too_many")),
        (json!([{ "id": id }]), 400, ("/modules/0/lessons", "missing")),
        (json!([{ "id": id, "lessons": [], "title": "x" }]), 400, ("/modules/0/title", "unknown_field")),
        (json!([{ "id": lesson, "lessons": [] }]), 400, ("/modules/0/id", "invalid_value")),
        (json!([{ "id": id, "lessons": [id] }]), 400, ("/modules/0/lessons/0", "invalid_value")),
        (json!({}), 400, ("/modules", "wrong_type")),
    ] {
        let answer = put(&app, &author, &course, &wanted).if_match(rev).send().await;
        let code = if status == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(status, code), pairs(&[found]), "{wanted}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn an_order_says_which_revision_it_is_of() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[2]).await;
    let now = seen(&app, &author, &course).await;
    let rev = now["rev"].as_u64().unwrap();
    let before = app.dump().await;
    put(&app, &author, &course, &outline(&now)).send().await.refused(428, "if_match_required");
    put(&app, &author, &course, &outline(&now)).if_match(rev - 1).send().await.refused(412, "stale");
    let other = json!([{ "id": course.modules[0], "lessons": [course.lessons[1], course.lessons[0]] }]);
    assert_eq!(app.dump().await, before);
    let _ = put(&app, &author, &course, &other).if_match(rev).send().await.expect(200);
    put(&app, &author, &course, &outline(&now)).if_match(rev).send().await.refused(412, "stale");
    assert_eq!(outline(&seen(&app, &author, &course).await), other);
}

#[tokio::test]
async fn only_who_may_edit_a_course_reorders_it() {
    let app = app().await;
    let (author, other, admin) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.admin("Max").await);
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[1]).await, published(&app, &author, "Public", &[1]).await);
    let before = app.dump().await;
    let none = json!([]);
    let anonymous = app.put(public.path("outline")).if_match(1).json(&json!({ "modules": [] }));
    anonymous.send().await.refused(401, "unauthenticated");
    put(&app, &other, &public, &none).if_match(1).send().await.refused(403, "forbidden");
    put(&app, &other, &hidden, &none).if_match(1).send().await.refused(404, "not_found");
    assert_eq!(app.dump().await, before);
    let now = seen(&app, &admin, &hidden).await;
    let same = put(&app, &admin, &hidden, &outline(&now)).if_match(now["rev"].as_u64().unwrap());
    let _ = same.send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_reordering_while_lessons_are_added_loses_none() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = draft(app, &author, "Rust", &[2, 1]).await;
    let now = seen(app, &author, &course).await;
    let rev = now["rev"].as_u64().unwrap();
    let mut backwards = outline(&now).as_array().unwrap().clone();
    backwards.reverse();
    let body = json!({ "title": "New", "content_type": "text", "duration_minutes": 10 });
    let add =
        |n: usize| app.post(format!("/v1/modules/{}/lessons", course.modules[n])).by(&author).json(&body);
    let order = || put(app, &author, &course, &json!(backwards)).if_match(rev);
    let requests = [add(0), order(), add(1), order(), add(0)];
    let answers = race(requests.map(|request| request.racing().send())).await;
    let mut all = course.lessons.clone();
    for answer in &answers {
        match answer.status {
            201 => all.push(text(&answer.json, "id")),
            200 => {}
            _ => drop(answer.refused(412, "stale")),
        }
    }
    assert_eq!(all.len(), 6, "an added lesson is never refused");
    let after = seen(app, &author, &course).await;
    let mut found: Vec<String> = after["modules"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|module| module["lessons"].as_array().unwrap().iter().map(|lesson| text(lesson, "id")))
        .collect();
    found.sort();
    all.sort();
    assert_eq!(found, all);
    assert_eq!(after["stats"]["lesson_count"], 6);
}

#[tokio::test]
async fn r3_a_reply_lost_on_the_way_is_no_lost_race() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[2]).await;
    let rev = seen(&app, &author, &course).await["rev"].as_u64().unwrap();
    let wanted = json!([{ "id": course.modules[0], "lessons": [course.lessons[1], course.lessons[0]] }]);
    let request = put(&app, &author, &course, &wanted).if_match(rev).racing();
    // Calls 1 and 2 ask who it is and whose course it is, call 3 is the write.
    app.tap().break_at(2, Moment::AfterCommit);
    assert_eq!(request.send().await.expect(200).rev(), rev + 1);
    assert_eq!(app.tap().operations()[1..], ["PutItem", "PutItem"]);
    assert_eq!(outline(&seen(&app, &author, &course).await), wanted);
}
