//! GET /v1/lessons/{lesson_id}

use domain::catalog::LessonId;
use serde_json::json;
use testkit::{Person, TestApp};
use tests::{CourseFixture, app, draft, enroll, published, text};

use crate::catalog::support::bytes_without;

async fn add_preview(app: &TestApp, author: &Person, course: &CourseFixture) -> String {
    let body =
        json!({ "title": "Taste", "content_type": "text", "content": "# Taste\n", "is_preview": true });
    let made = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(author).json(&body);
    text(&made.send().await.json(201), "id")
}

async fn hide(app: &TestApp, author: &Person, lesson: &str) {
    let request = app.patch(format!("/v1/lessons/{lesson}")).by(author).if_match(1);
    let _ = request.json(&json!({ "is_published": false })).send().await.expect(200);
}

#[tokio::test]
async fn a_learner_opens_the_lessons_of_their_course() {
    let app = app().await;
    let (author, learner) = (app.instructor("Ada").await, app.student("Grace").await);
    let course = published(&app, &author, "Rust", &[2]).await;
    enroll(&app, &learner, &course).await;
    let answer = app.get(format!("/v1/lessons/{}", course.lessons[0])).by(&learner).send().await;
    assert_eq!(answer.rev(), 1);
    insta::assert_json_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_preview_is_public() {
    let app = app().await;
    let (author, learner) = (app.instructor("Ada").await, app.student("Grace").await);
    let course = published(&app, &author, "Rust", &[1]).await;
    let preview = add_preview(&app, &author, &course).await;
    for request in
        [app.get(format!("/v1/lessons/{preview}")), app.get(format!("/v1/lessons/{preview}")).by(&learner)]
    {
        assert_eq!(request.send().await.json(200)["content"], "# Taste\n");
    }
    // Another school has no such lesson.
    let there = app.get(format!("/v1/lessons/{preview}")).to_other_school().send().await;
    there.refused(404, "not_found");
}

#[tokio::test]
async fn other_lessons_need_an_enrolment() {
    let app = app().await;
    let (author, learner, other) =
        (app.instructor("Ada").await, app.student("Grace").await, app.instructor("Eve").await);
    let course = published(&app, &author, "Rust", &[1]).await;
    let elsewhere = published(&app, &author, "Other", &[1]).await;
    enroll(&app, &learner, &elsewhere).await;
    let get = || app.get(format!("/v1/lessons/{}", course.lessons[0]));
    get().send().await.refused(401, "unauthenticated");
    get().bearer("nonsense").send().await.refused(401, "invalid_token");
    for person in [&learner, &other] {
        let answer = get().by(person).send().await;
        answer.refused(403, "forbidden");
        assert!(!answer.text().contains("# Lesson"));
    }
}

#[tokio::test]
async fn authors_and_admins_open_drafts_and_hidden_lessons() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let (unfinished, public) =
        (draft(&app, &author, "Draft", &[1]).await, published(&app, &author, "Public", &[2]).await);
    hide(&app, &author, &public.lessons[0]).await;
    for lesson in [&unfinished.lessons[0], &public.lessons[0], &public.lessons[1]] {
        for person in [&author, &admin] {
            let _ = app.get(format!("/v1/lessons/{lesson}")).by(person).send().await.expect(200);
        }
    }
}

#[tokio::test]
async fn r21_drafts_and_hidden_lessons_read_as_if_there_were_none() {
    let app = app().await;
    let (author, other, learner) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.student("Grace").await);
    let (unfinished, public) =
        (draft(&app, &author, "Draft", &[1]).await, published(&app, &author, "Public", &[2]).await);
    enroll(&app, &learner, &public).await;
    let draft_preview = add_preview(&app, &author, &unfinished).await;
    let hidden_preview = add_preview(&app, &author, &public).await;
    hide(&app, &author, &public.lessons[0]).await;
    hide(&app, &author, &hidden_preview).await;
    let absent: LessonId = app.app().id();
    for lesson in [&unfinished.lessons[0], &draft_preview, &public.lessons[0], &hidden_preview] {
        let get = |lesson: &str| app.get(format!("/v1/lessons/{lesson}"));
        let nowhere = absent.to_string();
        for (hidden, missing) in [
            (get(lesson), get(&nowhere)),
            (get(lesson).by(&learner), get(&nowhere).by(&learner)),
            (get(lesson).by(&other), get(&nowhere).by(&other)),
        ] {
            let (hidden, missing) = (hidden.send().await, missing.send().await);
            hidden.refused(404, "not_found");
            assert_eq!(bytes_without(&hidden, lesson), bytes_without(&missing, &nowhere));
        }
    }
    for no_id in ["les_1", "x", &public.id] {
        app.get(format!("/v1/lessons/{no_id}")).by(&author).send().await.refused(400, "invalid_path");
    }
}
