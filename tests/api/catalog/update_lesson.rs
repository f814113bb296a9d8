//! PATCH /v1/lessons/{lesson_id}

use domain::catalog::{CONTENT_MAX_BYTES, LessonId};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use serde_json::{Value, json};
use testkit::{Person, TestApp, TestRequest};
use tests::{app, draft, enroll, published, text};

use crate::catalog::{
    add_lesson::ODD_CONTENT,
    count_enrollment::{consume, enrolled},
    random::Random,
    support::{Fixture, app_for_tasks, bytes_without, card, pairs, race, seen},
};

fn patch<'a>(app: &'a TestApp, author: &Person, lesson: &str, rev: u64, body: &Value) -> TestRequest<'a> {
    app.patch(format!("/v1/lessons/{lesson}")).by(author).if_match(rev).json(body)
}

#[tokio::test]
async fn an_author_changes_a_lesson() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[2]).await;
    let body = json!({
        "title": " Hello again ", "content": "# Again\n", "objectives": ["Greet"], "duration_minutes": 12,
        "is_preview": true,
    });
    let answer = patch(&app, &author, &course.lessons[0], 1, &body).send().await;
    assert_eq!(answer.rev(), 2);
    insta::assert_json_snapshot!(answer.snapshot());
    let read = app.get(format!("/v1/lessons/{}", course.lessons[0])).send().await;
    assert_eq!(read.json["content_html"], "<h2>Again</h2>\n");
    let mut told = read.json.clone();
    let _ = told.as_object_mut().unwrap().remove("content_html");
    assert_eq!(told, answer.json);

    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    let line = &public["modules"][0]["lessons"][0];
    let shown = (&line["title"], &line["duration_minutes"], &line["is_preview"]);
    assert_eq!(shown, (&json!("Hello again"), &json!(12), &json!(true)));
    assert_eq!(public["stats"]["duration_minutes"], 22);
    // The course itself has not moved on: an edit of its title is still of the same revision.
    assert_eq!(public["rev"].as_u64(), Some(seen(&app, &author, &course).await["rev"].as_u64().unwrap()));
    assert_eq!(app.outbox("").await.len(), 1, "of the publication");
}

#[tokio::test]
async fn what_is_not_named_stays_and_content_is_kept_byte_for_byte() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[1]).await;
    let lesson = &course.lessons[0];
    let edited = patch(&app, &author, lesson, 1, &json!({ "content": ODD_CONTENT })).send().await.json(200);
    assert_eq!(edited["title"], "Lesson 1.1");
    assert_eq!(edited["duration_minutes"], 10);
    let _ = patch(&app, &author, lesson, 2, &json!({ "title": "New" })).send().await.expect(200);
    let read = app.get(format!("/v1/lessons/{lesson}")).by(&author).send().await.json(200);
    assert_eq!(read["content"].as_str().unwrap().as_bytes(), ODD_CONTENT.as_bytes());
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_written() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[1]).await;
    let lesson = &course.lessons[0];
    let before = app.dump().await;
    for (body, status, found) in [
        (json!({ "title": null }), 400, ("/title", "wrong_type")),
        (json!({ "content_type": "video" }), 400, ("/content_type", "unknown_field")),
        (json!({ "course_id": course.id }), 400, ("/course_id", "unknown_field")),
        (json!({ "video_id": "v" }), 400, ("/video_id", "unknown_field")),
        (json!({ "is_published": 1 }), 400, ("/is_published", "wrong_type")),
        (json!({ "title": " " }), 422, ("/title", "too_short")),
        (json!({ "title": "x".repeat(101) }), 422, ("/title", "too_long")),
        (json!({ "content": "a\u{0}" }), 422, ("/content", "control_character")),
        (json!({ "content": "x".repeat(CONTENT_MAX_BYTES + 1) }), 422, ("/content", "too_long")),
        (json!({ "content": "é".repeat(40_000) }), 422, ("/content", "too_long")),
        (json!({ "objectives": vec!["x"; 21] }), 422, ("/objectives", "too_many")),
        (json!({ "duration_minutes": 1441 }), 422, ("/duration_minutes", "too_large")),
    ] {
        let answer = patch(&app, &author, lesson, 1, &body).send().await;
        let code = if status == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(status, code), pairs(&[found]), "{body}");
    }
    let fine = json!({ "title": "New" });
    let request = || app.patch(format!("/v1/lessons/{lesson}")).by(&author).json(&fine);
    request().send().await.refused(428, "if_match_required");
    request().if_match(2).send().await.refused(412, "stale");
    request().header("if-match", "*").send().await.refused(400, "invalid_header");
    let huge = vec![b' '; 256 * 1024 + 1];
    let too_large = app.patch(format!("/v1/lessons/{lesson}")).by(&author).if_match(1);
    too_large.body("application/json", &huge).send().await.refused(413, "body_too_large");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_lesson_of_somebody_else_reads_as_if_there_were_none() {
    let app = app().await;
    let (author, other, admin) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.admin("Max").await);
    let learner = app.student("Grace").await;
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[1]).await, published(&app, &author, "Public", &[1]).await);
    enroll(&app, &learner, &public).await;
    let before = app.dump().await;
    let body = json!({ "title": "Mine" });
    let anonymous = app.patch(format!("/v1/lessons/{}", public.lessons[0])).if_match(1).json(&body);
    anonymous.send().await.refused(401, "unauthenticated");
    let absent: LessonId = app.app().id();
    for person in [&other, &learner] {
        let missing = patch(&app, person, &absent.to_string(), 1, &body).send().await;
        missing.refused(404, "not_found");
        for lesson in [&hidden.lessons[0], &public.lessons[0]] {
            let refused = patch(&app, person, lesson, 1, &body).send().await;
            assert_eq!(bytes_without(&refused, lesson), bytes_without(&missing, &absent.to_string()));
        }
    }
    assert_eq!(app.dump().await, before);
    let _ = patch(&app, &admin, &hidden.lessons[0], 1, &body).send().await.expect(200);
}

#[tokio::test]
async fn the_last_visible_lesson_of_a_published_course_stays_visible() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1, 1]).await;
    let shown = |shown: bool| json!({ "is_published": shown });
    let _ = patch(&app, &author, &course.lessons[0], 1, &shown(false)).send().await.expect(200);
    let before = app.dump().await;
    patch(&app, &author, &course.lessons[1], 1, &shown(false)).send().await.refused(422, "not_publishable");
    assert_eq!(app.dump().await, before);
    // Everything else about it may change, and with another one it may go.
    let _ = patch(&app, &author, &course.lessons[1], 1, &json!({ "duration_minutes": 0 }))
        .send()
        .await
        .expect(200);
    let _ = patch(&app, &author, &course.lessons[0], 2, &shown(true)).send().await.expect(200);
    let _ = patch(&app, &author, &course.lessons[1], 2, &shown(false)).send().await.expect(200);
    // A draft may hide them all.
    let unfinished = draft(&app, &author, "Draft", &[1]).await;
    let _ = patch(&app, &author, &unfinished.lessons[0], 1, &shown(false)).send().await.expect(200);
    assert_eq!(card(&app, &unfinished).await.lesson_count, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_hiding_all_lessons_at_once_leaves_one() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = published(app, &author, "Rust", &[4]).await;
    let hide =
        |lesson: &String| patch(app, &author, lesson, 1, &json!({ "is_published": false })).racing().send();
    let answers = race(course.lessons.iter().map(hide)).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 3);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.refused(422, "not_publishable");
    }
    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(public["modules"][0]["lessons"].as_array().unwrap().len(), 1);
    assert_eq!(public["stats"]["lesson_count"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_of_many_edits_of_one_revision_one_counts() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = published(app, &author, "Rust", &[1]).await;
    let edit = |n: u32| patch(app, &author, &course.lessons[0], 1, &json!({ "duration_minutes": n }));
    let answers = race((20..28).map(|n| edit(n).racing().send())).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        answer.refused(412, "stale");
    }
    assert_eq!(json!(card(app, &course).await.duration_minutes), won[0].json["duration_minutes"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_an_edit_is_not_refused_because_learners_enrol_meanwhile() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = published(app, &author, "Rust", &[1]).await;
    let id = course.course_id();
    let counting = tokio::spawn(async move {
        for _ in 0..20 {
            let event = enrolled(app, id);
            while consume(app, event.clone()).await.is_err() {}
        }
    });
    for rev in 1..=10 {
        let body = json!({ "duration_minutes": rev });
        let _ = patch(app, &author, &course.lessons[0], rev, &body).racing().send().await.expect(200);
    }
    counting.await.unwrap();
    let card = card(app, &course).await;
    assert_eq!((card.enrollment_count, card.duration_minutes), (20, 10));
}

/// One random edit of an outline.
#[derive(Clone, Debug)]
enum Edit {
    Add { module: usize, minutes: u32, shown: bool },
    Change { lesson: usize, minutes: Option<u32>, shown: Option<bool>, title: bool },
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let minutes = || prop_oneof![Just(0), 1..90u32, Just(1440)];
    let add = (0..2usize, minutes(), any::<bool>());
    let add = add.prop_map(|(module, minutes, shown)| Edit::Add { module, minutes, shown });
    let change = (any::<usize>(), prop::option::of(minutes()), any::<Option<bool>>(), any::<bool>());
    let change =
        change.prop_map(|(lesson, minutes, shown, title)| Edit::Change { lesson, minutes, shown, title });
    prop::collection::vec(prop_oneof![1 => add, 2 => change], 30)
}

struct Known {
    id: String,
    rev: u64,
    minutes: u32,
    shown: bool,
}

#[tokio::test]
async fn totals_are_those_of_the_visible_lessons_whatever_is_edited() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1, 0]).await;
    let mut lessons = vec![Known { id: course.lessons[0].clone(), rev: 1, minutes: 10, shown: true }];
    for edit in Random::new().value(edits()) {
        match edit {
            Edit::Add { module, minutes, shown } => {
                let body = json!({
                    "title": "x", "content_type": "text", "duration_minutes": minutes, "is_published": shown,
                });
                let path = format!("/v1/modules/{}/lessons", course.modules[module]);
                let made = app.post(path).by(&author).json(&body).send().await.json(201);
                lessons.push(Known { id: text(&made, "id"), rev: 1, minutes, shown });
            }
            Edit::Change { lesson, minutes, shown, title } => {
                let visible = lessons.iter().filter(|lesson| lesson.shown).count();
                let n = lesson % lessons.len();
                let lesson = &mut lessons[n];
                let mut body = json!({});
                for (name, value) in [
                    ("duration_minutes", minutes.map(|minutes| json!(minutes))),
                    ("is_published", shown.map(|shown| json!(shown))),
                    ("title", title.then(|| json!(format!("Title {}", lesson.rev)))),
                ] {
                    if let Some(value) = value {
                        body[name] = value;
                    }
                }
                let answer = patch(&app, &author, &lesson.id, lesson.rev, &body).send().await;
                if lesson.shown && shown == Some(false) && visible == 1 {
                    answer.refused(422, "not_publishable");
                    continue;
                }
                lesson.rev = answer.expect(200).rev();
                lesson.minutes = minutes.unwrap_or(lesson.minutes);
                lesson.shown = shown.unwrap_or(lesson.shown);
            }
        }
        let visible: Vec<_> = lessons.iter().filter(|lesson| lesson.shown).collect();
        let minutes: u32 = visible.iter().map(|lesson| lesson.minutes).sum();
        let card = card(&app, &course).await;
        assert_eq!((card.lesson_count as usize, card.duration_minutes), (visible.len(), minutes));
    }
    // What the outline shows agrees with what the card says.
    let public = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    let modules = public["modules"].as_array().unwrap();
    let sum = |name: &str| modules.iter().map(|module| module[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(public["stats"]["lesson_count"], json!(sum("lesson_count")));
    assert_eq!(public["stats"]["duration_minutes"], json!(sum("duration_minutes")));
}
