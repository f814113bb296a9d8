//! POST /v1/lessons/{lesson_id}/complete

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    event::EventData,
    learning::{CourseCompleted, LessonCompleted},
};
use serde_json::json;
use testkit::{CrashPoint, Moment, every_crash_point};
use tests::text;
use tokio::task::JoinSet;

use crate::learning::setup::{Class, assert_same, class, events_of, writes};

impl Class {
    /// The enrolment's status, how many lessons it counts, and how many events of each kind the learner caused.
    async fn outcome(&self) -> (String, u64, usize, usize) {
        let mine =
            self.app.get("/v1/me/courses").by(&self.learner).send().await.json(200)["items"][0].clone();
        let events = events_of(&self.app, &self.learner, "").await;
        let count = |event_type| events.iter().filter(|event| event.event_type == event_type).count();
        (
            mine["status"].as_str().unwrap().to_owned(),
            mine["completed_lessons"].as_u64().unwrap(),
            count(LessonCompleted::TYPE),
            count(CourseCompleted::TYPE),
        )
    }
}

#[tokio::test]
async fn a_lesson_is_completed_by_the_learners_word() {
    let class = class(&[2]).await;
    let answer = class.complete(0).await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "completed_at": "[time]",
        "lesson_id": "[les 1]",
        "percent": 100,
        "position_seconds": 0,
        "status": "completed",
        "watched_seconds": 0
      },
      "status": 200
    }
    "#);
    let events = events_of(&class.app, &class.learner, LessonCompleted::TYPE).await;
    assert_eq!(events.len(), 1);
    let told: LessonCompleted = events[0].data().unwrap();
    assert_eq!(
        (told.user_id, told.lesson_id.to_string()),
        (class.learner.id, class.course.lessons[0].clone())
    );
    assert_eq!(told.course_id.to_string(), class.course.id);
    assert_eq!(class.outcome().await, ("active".to_owned(), 1, 1, 0));
}

#[tokio::test]
async fn the_last_lesson_completes_the_course_in_the_same_transaction() {
    let class = class(&[1, 1]).await;
    let _ = class.complete(0).await.expect(200);
    class.app.tap().reset();
    let _ = class.complete(1).await.expect(200);
    assert_eq!(writes(&class.app), ["TransactWriteItems"]);
    assert_eq!(class.outcome().await, ("completed".to_owned(), 2, 2, 1));
    let events = events_of(&class.app, &class.learner, CourseCompleted::TYPE).await;
    let data = testkit::redacted(&events[0].data);
    insta::assert_json_snapshot!(data, @r#"
    {
      "author_id": "[usr 1]",
      "completed_at": "[time]",
      "course_id": "[crs 1]",
      "course_title": "Rust from the first line",
      "duration_minutes": 20,
      "enrollment_id": "[enr 1]",
      "learner_name": "Grace Example",
      "user_id": "[usr 2]"
    }
    "#);
    let told: CourseCompleted = events[0].data().unwrap();
    assert_eq!((told.user_id, told.author_id), (class.learner.id, class.author.id));
    let mine = class.course_progress().await["enrollment"].clone();
    assert_eq!((&mine["id"], &mine["completed_at"]), (&json!(told.enrollment_id), &json!(told.completed_at)));
    // Both events tell of one request.
    let lesson = events_of(&class.app, &class.learner, LessonCompleted::TYPE).await;
    assert_eq!(lesson[1].correlation_id, events[0].correlation_id);
}

#[tokio::test]
async fn completing_again_changes_nothing() {
    let class = class(&[1]).await;
    let first = class.complete(0).await.json(200);
    let before = class.app.dump().await;
    class.app.clock().advance(60);
    class.app.tap().reset();
    assert_eq!(class.complete(0).await.json(200), first);
    assert_eq!(class.report(0, &json!({ "percent": 100 })).await.json(200), first);
    assert_eq!(writes(&class.app), [""; 0]);
    assert_same(&class.app.dump().await, &before);
    assert_eq!(class.outcome().await, ("completed".to_owned(), 1, 1, 1));
}

#[tokio::test]
async fn what_was_reported_before_is_kept() {
    let class = class(&[1]).await;
    let _ = class.report(0, &json!({ "percent": 40, "position_seconds": 95 })).await.expect(200);
    let done = class.complete(0).await.json(200);
    assert_eq!(done["position_seconds"], 95);
    assert_eq!((&done["status"], &done["percent"]), (&json!("completed"), &json!(100)));
}

#[tokio::test]
async fn hidden_lessons_are_not_needed_and_cannot_be_completed() {
    let class = class(&[3]).await;
    class.set_visible(1, false).await;
    class.complete(1).await.refused(404, "not_found");
    let _ = class.complete(0).await.expect(200);
    assert_eq!(class.outcome().await, ("active".to_owned(), 1, 1, 0));
    let _ = class.complete(2).await.expect(200);
    assert_eq!(class.outcome().await, ("completed".to_owned(), 2, 2, 1));
    // Shown again, it is one more to do; the course stays completed, once.
    class.set_visible(1, true).await;
    assert_eq!(class.course_progress().await["summary"]["completion_percent"], 66);
    let _ = class.complete(1).await.expect(200);
    assert_eq!(class.outcome().await, ("completed".to_owned(), 3, 3, 1));
}

#[tokio::test]
async fn what_is_completed_by_doing_it_is_not_by_word() {
    let mut class = class(&[1]).await.and_film().await;
    for kind in ["quiz", "lab", "assignment"] {
        let body = json!({ "title": "To do", "content_type": kind });
        let path = format!("/v1/modules/{}/lessons", class.course.modules[0]);
        let added = class.app.post(path).by(&class.author).json(&body).send().await.json(201);
        class.course.lessons.push(text(&added, "id"));
    }
    let before = class.app.dump().await;
    for (n, by) in [(1, "watching"), (2, "passing"), (3, "passing"), (4, "its grade")] {
        for answer in [class.complete(n).await, class.report(n, &json!({ "percent": 100 })).await] {
            answer.refused(409, "completed_by_kind");
            assert!(text(&answer.json, "detail").contains(by), "{}", answer.text());
        }
        class.report(n, &json!({ "percent": 0 })).await.refused(409, "completed_by_kind");
    }
    assert_same(&class.app.dump().await, &before);
    // Nor is it once it is completed; and where to resume is everybody's own.
    let _ = class.watch(&json!({ "watched": [[0, 100]] })).await.expect(200);
    class.complete(1).await.refused(409, "completed_by_kind");
    for n in 1..=4 {
        let resumed = class.report(n, &json!({ "position_seconds": 7 })).await.json(200);
        assert_eq!(resumed["position_seconds"], 7);
    }
}

#[tokio::test]
async fn only_the_enrolled_complete() {
    let class = class(&[1]).await;
    let stranger = class.app.student("Hopper").await;
    let admin = class.app.admin("Linus").await;
    let foreigner = class.app.person(&"other".parse().unwrap(), "Eve", &[]).await;
    let before = class.app.dump().await;
    let absent = format!("les_{}", "0".repeat(32));
    let mut details = BTreeSet::new();
    for (who, id, status, code) in [
        (&stranger, &class.course.lessons[0], 403, "forbidden"),
        (&class.author, &class.course.lessons[0], 403, "forbidden"),
        (&admin, &class.course.lessons[0], 403, "forbidden"),
        (&foreigner, &class.course.lessons[0], 404, "not_found"),
        (&class.learner, &absent, 404, "not_found"),
    ] {
        let answer = class.app.post(format!("/v1/lessons/{id}/complete")).by(who).send().await;
        answer.refused(status, code);
        details.insert(answer.json["detail"].to_string());
    }
    assert_eq!(details.len(), 2, "{details:?}");
    class.app.post(class.lesson(0, "complete")).send().await.refused(401, "unauthenticated");
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test]
async fn a_learner_completes_for_themselves_alone() {
    let first = class(&[1]).await;
    let second = first.with_another_learner().await;
    let _ = first.complete(0).await.expect(200);
    assert_eq!(second.outcome().await, ("active".to_owned(), 0, 0, 0));
    let _ = second.complete(0).await.expect(200);
    assert_eq!(first.outcome().await, ("completed".to_owned(), 1, 1, 1));
    assert_eq!(second.outcome().await, ("completed".to_owned(), 1, 1, 1));
}

#[tokio::test]
async fn who_did_all_but_a_lesson_that_was_hidden_then_is_not_stuck() {
    let class = class(&[3]).await;
    for n in [0, 1] {
        let _ = class.complete(n).await.expect(200);
    }
    // Said again while a lesson is missing: nothing to write.
    class.app.tap().reset();
    let _ = class.complete(0).await.expect(200);
    assert_eq!(writes(&class.app), [""; 0]);
    class.set_visible(2, false).await;
    assert_eq!(class.outcome().await, ("active".to_owned(), 2, 2, 0));
    let _ = class.complete(0).await.expect(200);
    assert_eq!(class.outcome().await, ("completed".to_owned(), 2, 2, 1));
    let _ = class.complete(0).await.expect(200);
    assert_eq!(class.outcome().await, ("completed".to_owned(), 2, 2, 1));
}

/// Completes these lessons all at once.
async fn race(class: &Class, lessons: impl IntoIterator<Item = usize>) -> Vec<u16> {
    let mut racers = JoinSet::new();
    for n in lessons {
        let (app, learner, path) =
            (Arc::clone(&class.app), class.learner.clone(), class.lesson(n, "complete"));
        racers.spawn(async move { app.post(path).by(&learner).racing().send().await.status });
    }
    racers.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_the_last_two_lessons_at_once_complete_the_course_once() {
    let first = class(&[1, 1]).await;
    for round in 0..20 {
        let class = first.with_another_learner().await;
        assert_eq!(race(&class, [0, 1]).await, [200; 2], "round {round}");
        assert_eq!(class.outcome().await, ("completed".to_owned(), 2, 2, 1), "round {round}");
    }
}

#[tokio::test]
async fn r5_a_lesson_that_is_completed_meanwhile_counts_wherever_the_request_waits() {
    let first = class(&[2]).await;
    for call in 1..=5 {
        let class = first.with_another_learner().await;
        let (app, learner, path) =
            (Arc::clone(&class.app), class.learner.clone(), class.lesson(1, "complete"));
        class.app.app().forget();
        class.app.tap().hold_at(call);
        let held = tokio::spawn(async move { app.post(path).by(&learner).racing().send().await.status });
        class.app.tap().held().await;
        let _ = class.complete(0).await.expect(200);
        class.app.tap().release();
        assert_eq!(held.await.unwrap(), 200, "held at call {call}");
        assert_eq!(class.outcome().await, ("completed".to_owned(), 2, 2, 1), "held at call {call}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_eight_lessons_at_once_complete_the_course_once() {
    let first = class(&[5, 3]).await;
    for round in 0..3 {
        let class = first.with_another_learner().await;
        assert_eq!(race(&class, 0..8).await, [200; 8], "round {round}");
        assert_eq!(class.outcome().await, ("completed".to_owned(), 8, 8, 1), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_one_lesson_completed_by_eight_devices_is_one_event() {
    let first = class(&[1]).await;
    for round in 0..5 {
        let class = first.with_another_learner().await;
        assert_eq!(race(&class, [0; 8]).await, [200; 8], "round {round}");
        assert_eq!(class.outcome().await, ("completed".to_owned(), 1, 1, 1), "round {round}");
    }
}

#[tokio::test]
async fn f1_a_crash_on_the_last_lesson_leaves_all_or_nothing() {
    let first = class(&[2]).await;
    let points = every_crash_point(
        async || {
            let class = first.with_another_learner().await;
            let _ = class.complete(0).await.expect(200);
            class
        },
        |class| &class.app,
        async |class| {
            class.complete(1).await;
        },
        async |class, point: CrashPoint| {
            let committed = point.call == point.of && point.moment == Moment::AfterCommit;
            let expected = if committed { ("completed", 2, 2, 1) } else { ("active", 1, 1, 0) };
            let (status, lessons, lesson_events, course_events) = class.outcome().await;
            assert_eq!((status.as_str(), lessons, lesson_events, course_events), expected, "{point:?}");
            let again = class.complete(1).await;
            assert_eq!(again.status, 200, "{point:?}: {}", again.text());
            assert_eq!(class.outcome().await, ("completed".to_owned(), 2, 2, 1), "{point:?}");
        },
    )
    .await;
    assert_eq!(
        points, 10,
        "who and lesson, enrolment and progress, outline, all progress, the change: twice each"
    );
}

#[tokio::test]
async fn f1_a_broken_connection_turns_no_success_into_a_refusal() {
    let first = class(&[1]).await;
    for call in 1..=5 {
        for moment in [Moment::BeforeSend, Moment::AfterCommit] {
            let class = first.with_another_learner().await;
            class.app.app().forget();
            class.app.tap().break_at(call, moment);
            let answer = class.complete(0).await;
            assert_eq!(answer.status, 200, "call {call} {moment:?}: {}", answer.text());
            assert_eq!(class.app.tap().calls(), 6, "call {call} {moment:?}");
            class.app.tap().reset();
            assert_eq!(class.outcome().await, ("completed".to_owned(), 1, 1, 1), "call {call} {moment:?}");
        }
    }
}
