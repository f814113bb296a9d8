//! GET /v1/courses/{course_id}

use domain::catalog::CourseId;
use serde_json::json;
use tests::{app, draft, enroll, published, text};

use crate::catalog::support::{bytes_without, seen};

#[tokio::test]
async fn anybody_reads_a_published_course_in_full() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust from the first line", &[2, 1]).await;
    let answer = app.get(format!("/v1/courses/{}", course.id)).send().await;
    insta::assert_json_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_slug_finds_what_the_id_finds() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust from the first line", &[1]).await;
    let by_id = app.get(format!("/v1/courses/{}", course.id)).send().await.expect(200);
    let by_slug = app.get("/v1/courses/rust-from-the-first-line").send().await.expect(200);
    assert_eq!(by_id.text(), by_slug.text());
    // Who may edit gets the revision; for everybody else the header says whether anything changed.
    let own = app.get(format!("/v1/courses/{}", course.id)).by(&author).send().await.expect(200);
    assert_eq!(own.rev(), own.json["rev"].as_u64().unwrap());
    assert_eq!(by_id.header("etag"), by_slug.header("etag"));
}

#[tokio::test]
async fn a_draft_is_for_its_author_and_admins() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let course = draft(&app, &author, "Not yet", &[1]).await;
    for person in [&author, &admin] {
        for name in [&course.id, &course.slug] {
            let found = app.get(format!("/v1/courses/{name}")).by(person).send().await.json(200);
            assert_eq!((&found["status"], &found["published_at"]), (&json!("draft"), &json!(null)));
            assert_eq!(found["modules"][0]["lessons"].as_array().unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn r21_a_draft_of_somebody_else_reads_as_if_there_were_none() {
    let app = app().await;
    let (author, other, learner) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.student("Grace").await);
    let course = draft(&app, &author, "Not yet", &[1]).await;
    let absent: CourseId = app.app().id();
    for (there, nowhere) in [(&course.id, absent.to_string()), (&course.slug, "not-there".to_owned())] {
        let get = |name: &str| app.get(format!("/v1/courses/{name}"));
        for (hidden, missing) in [
            (get(there), get(&nowhere)),
            (get(there).by(&other), get(&nowhere).by(&other)),
            (get(there).by(&learner), get(&nowhere).by(&learner)),
            (get(there).to_other_school(), get(&nowhere).to_other_school()),
        ] {
            let (hidden, missing) = (hidden.send().await, missing.send().await);
            hidden.refused(404, "not_found");
            assert_eq!(bytes_without(&hidden, there), bytes_without(&missing, &nowhere));
        }
    }
}

#[tokio::test]
async fn r21_what_is_no_id_and_no_slug_is_told_so() {
    let app = app().await;
    for name in ["crs_1", "crs_0198C5A0000070008000000000000001", "%00", "a%23b", "..", &"x".repeat(500)] {
        app.get(format!("/v1/courses/{name}")).send().await.refused(400, "invalid_path");
    }
    app.get("/v1/courses/no-such").send().await.refused(404, "not_found");
}

#[tokio::test]
async fn a_bad_token_is_refused_even_though_none_is_needed() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    for name in [&course.id, &course.slug] {
        let answer = app.get(format!("/v1/courses/{name}")).bearer("nonsense").send().await;
        answer.refused(401, "invalid_token");
        assert_eq!(answer.cost.reads, 0, "nothing is looked up for it");
    }
}

#[tokio::test]
async fn a_hidden_lesson_is_shown_to_those_who_may_edit_it_and_counted_for_nobody() {
    let app = app().await;
    let (author, learner) = (app.instructor("Ada").await, app.student("Grace").await);
    let course = published(&app, &author, "Rust", &[2, 1]).await;
    enroll(&app, &learner, &course).await;
    let hide = app.patch(format!("/v1/lessons/{}", course.lessons[1])).by(&author).if_match(1);
    let _ = hide.json(&json!({ "is_published": false })).send().await.expect(200);

    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    let own = seen(&app, &author, &course).await;
    let learns = seen(&app, &learner, &course).await;
    let lines = |course: &serde_json::Value, module: usize| {
        let lines = course["modules"][module]["lessons"].as_array().unwrap().iter();
        lines.map(|line| text(line, "id")).collect::<Vec<_>>()
    };
    for course_seen in [&public, &learns] {
        assert_eq!(lines(course_seen, 0), course.lessons[..1]);
        assert_eq!(lines(course_seen, 1), course.lessons[2..]);
        assert_eq!(course_seen["modules"][0]["lesson_count"], 1);
        assert_eq!(course_seen["modules"][0]["duration_minutes"], 10);
        assert_eq!(course_seen["stats"]["lesson_count"], 2);
        assert_eq!(course_seen["stats"]["duration_minutes"], 20);
    }
    assert_eq!(lines(&own, 0), course.lessons[..2]);
    assert_eq!(own["modules"][0]["lessons"][1]["is_published"], json!(false));
    assert_eq!(own["stats"]["lesson_count"], 2);
    assert_eq!(learns["enrollment"]["progress"]["total_lessons"], 2);
}

#[tokio::test]
async fn a_learner_also_gets_their_own_enrolment_and_progress() {
    let app = app().await;
    let (author, learner, other) =
        (app.instructor("Ada").await, app.student("Grace").await, app.student("Alan").await);
    let course = published(&app, &author, "Rust", &[2, 1]).await;
    let enrollment = enroll(&app, &learner, &course).await;
    enroll(&app, &other, &course).await;
    let _ =
        app.post(format!("/v1/lessons/{}/complete", course.lessons[0])).by(&learner).send().await.expect(200);

    let own = seen(&app, &learner, &course).await;
    assert_eq!(own["enrollment"]["id"], enrollment["id"]);
    assert_eq!(own["enrollment"]["status"], "active");
    let progress = &own["enrollment"]["progress"];
    assert_eq!((&progress["completed_lessons"], &progress["total_lessons"]), (&json!(1), &json!(3)));
    // Not another learner's, and none for who is not enrolled.
    assert_eq!(seen(&app, &other, &course).await["enrollment"]["progress"]["completed_lessons"], 0);
    assert_eq!(seen(&app, &author, &course).await["enrollment"], json!(null));
    assert_eq!(
        app.get(format!("/v1/courses/{}", course.id)).send().await.json(200)["enrollment"],
        json!(null)
    );
}
