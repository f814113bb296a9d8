//! PUT /v1/lessons/{lesson_id}/progress

use std::sync::Arc;

use serde_json::json;
use testkit::{CrashPoint, Moment, every_crash_point};
use tokio::task::JoinSet;

use crate::learning::setup::{assert_names, assert_same, class, writes};

#[tokio::test]
async fn a_report_answers_with_where_the_learner_stands() {
    let class = class(&[1]).await;
    let answer = class.report(0, &json!({ "position_seconds": 130, "percent": 15 })).await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "completed_at": null,
        "lesson_id": "[les 1]",
        "percent": 15,
        "position_seconds": 130,
        "status": "in_progress",
        "watched_seconds": 0
      },
      "status": 200
    }
    "#);
    assert_eq!(answer.json["lesson_id"].as_str(), Some(class.course.lessons[0].as_str()));
    assert_eq!(class.progress(0).await, answer.json);
    assert_eq!((class.events("lesson.completed").await, class.events("course.completed").await), (0, 0));
}

#[tokio::test]
async fn a_completed_lesson_stays_completed_whatever_is_reported_later() {
    let class = class(&[1]).await;
    let done = class.report(0, &json!({ "percent": 100, "position_seconds": 50 })).await.json(200);
    insta::assert_json_snapshot!(testkit::redacted(&done), @r#"
    {
      "completed_at": "[time]",
      "lesson_id": "[les 1]",
      "percent": 100,
      "position_seconds": 50,
      "status": "completed",
      "watched_seconds": 0
    }
    "#);
    class.app.clock().advance(60);
    let later = class.report(0, &json!({ "percent": 10, "position_seconds": 7 })).await.json(200);
    assert_eq!((&later["status"], &later["percent"]), (&json!("completed"), &json!(100)));
    assert_eq!(later["completed_at"], done["completed_at"]);
    assert_eq!(later["position_seconds"], 7, "where to resume is the last report's");
    assert_eq!((class.events("lesson.completed").await, class.events("course.completed").await), (1, 1));
}

#[tokio::test]
async fn a_lower_percent_takes_nothing_back() {
    let class = class(&[2]).await;
    for (reported, percent) in
        [(json!(40), 40), (json!(20), 40), (json!(40.9), 40), (json!(41), 41), (json!(null), 41)]
    {
        let answer = class.report(0, &json!({ "percent": reported })).await.json(200);
        assert_eq!(
            (&answer["percent"], &answer["status"]),
            (&json!(percent), &json!("in_progress")),
            "{reported}"
        );
    }
}

#[tokio::test]
async fn any_lesson_is_completed_at_one_hundred_percent_and_not_before() {
    let class = class(&[1]).await;
    let nearly = class.report(0, &json!({ "percent": 99.99 })).await.json(200);
    assert_eq!((&nearly["status"], &nearly["percent"]), (&json!("in_progress"), &json!(99)));
    let done = class.report(0, &json!({ "percent": 100.0 })).await.json(200);
    assert_eq!(done["status"], "completed");
}

#[tokio::test]
async fn seconds_of_reading_complete_no_text() {
    let class = class(&[1]).await;
    let answer = class.report(0, &json!({ "position_seconds": 86400 })).await.json(200);
    assert_eq!((&answer["status"], &answer["percent"]), (&json!("in_progress"), &json!(0)));
}

#[tokio::test]
async fn reports_that_say_nothing_change_nothing() {
    let class = class(&[1]).await;
    let before = class.app.dump().await;
    for nothing in [
        json!({}),
        json!({ "percent": 0, "position_seconds": 0 }),
        json!({ "percent": null, "position_seconds": null }),
        json!({ "percent": 0.9, "position_seconds": 0.9 }),
    ] {
        let answer = class.report(0, &nothing).await.json(200);
        assert_eq!((&answer["status"], &answer["percent"]), (&json!("not_started"), &json!(0)), "{nothing}");
    }
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test]
async fn a_repeated_report_writes_nothing() {
    let class = class(&[1]).await;
    let report = json!({ "percent": 30, "position_seconds": 130 });
    class.app.tap().reset();
    let first = class.report(0, &report).await.json(200);
    assert_eq!(writes(&class.app), ["PutItem"], "a report that completes nothing is one plain write");
    let before = class.app.dump().await;
    for _ in 0..3 {
        class.app.clock().advance(5);
        class.app.tap().reset();
        assert_eq!(class.report(0, &report).await.json(200), first);
        assert_eq!(writes(&class.app), [""; 0]);
    }
    // A part of what is known is nothing new either.
    let part = class.report(0, &json!({ "percent": 3 })).await.json(200);
    assert_eq!(part, first);
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test]
async fn a_bad_report_is_refused_by_the_name_of_its_field_and_writes_nothing() {
    let class = class(&[1]).await;
    let _ = class.report(0, &json!({ "percent": 10 })).await.expect(200);
    let before = class.app.dump().await;
    let rules = [
        (json!({ "percent": -1 }), "/percent", "too_small"),
        (json!({ "percent": -0.001 }), "/percent", "too_small"),
        (json!({ "percent": 101 }), "/percent", "too_large"),
        (json!({ "percent": 100.001 }), "/percent", "too_large"),
        (json!({ "percent": 1e308 }), "/percent", "too_large"),
        (json!({ "percent": -1e308 }), "/percent", "too_small"),
        (json!({ "percent": u64::MAX }), "/percent", "too_large"),
        (json!({ "position_seconds": -1 }), "/position_seconds", "too_small"),
        (json!({ "position_seconds": 86401 }), "/position_seconds", "too_large"),
        (json!({ "position_seconds": 1e308 }), "/position_seconds", "too_large"),
    ];
    for (body, pointer, code) in &rules {
        let answer = class.report(0, body).await;
        assert_names(&answer.refused(422, "validation_failed"), &[(*pointer, *code)]);
    }
    let shapes = [
        (json!({ "percent": "50" }), "/percent", "wrong_type"),
        (json!({ "percent": "NaN" }), "/percent", "wrong_type"),
        (json!({ "percent": true }), "/percent", "wrong_type"),
        (json!({ "position_seconds": [1] }), "/position_seconds", "wrong_type"),
        (json!({ "complete": true }), "/complete", "unknown_field"),
        // What was played is told of the video.
        (json!({ "watched": [[0, 5]] }), "/watched", "unknown_field"),
        (json!({ "status": "completed" }), "/status", "unknown_field"),
        (json!([]), "", "wrong_type"),
        (json!(null), "", "wrong_type"),
    ];
    for (body, pointer, code) in &shapes {
        let answer = class.report(0, body).await;
        assert_names(&answer.refused(400, "invalid_body"), &[(*pointer, *code)]);
    }
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let class = class(&[1]).await;
    let body = json!({ "percent": 101, "position_seconds": -1 });
    let answer = class.report(0, &body).await;
    answer.refused(422, "validation_failed");
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "code": "validation_failed",
        "detail": "the request breaks a rule; see errors",
        "errors": [
          {
            "code": "too_large",
            "detail": "must be at most 100",
            "pointer": "/percent"
          },
          {
            "code": "too_small",
            "detail": "must be at least 0",
            "pointer": "/position_seconds"
          }
        ],
        "instance": "/v1/lessons/[les 1]/progress",
        "request_id": "[request]",
        "status": 422,
        "title": "A rule is broken",
        "type": "urn:lectern:problem:validation_failed"
      },
      "status": 422
    }
    "#);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let class = class(&[1]).await;
    let before = class.app.dump().await;
    let path = class.lesson(0, "progress");
    for text in [
        "{\"percent\": NaN}",
        "{\"percent\": 1e999}",
        "{\"percent\": Infinity}",
        "{\"percent\": 1",
        "",
        "percent=1",
    ] {
        let request = class.app.put(&path).by(&class.learner).body("application/json", text.as_bytes());
        request.send().await.refused(400, "malformed_json");
    }
    let form =
        class.app.put(&path).by(&class.learner).body("application/x-www-form-urlencoded", b"percent=1");
    form.send().await.refused(415, "unsupported_media_type");
    class.app.put(&path).by(&class.learner).send().await.refused(415, "unsupported_media_type");
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test]
async fn only_the_enrolled_report_and_only_on_lessons_that_they_see() {
    let class = class(&[2]).await;
    class.set_visible(1, false).await;
    let stranger = class.app.student("Hopper").await;
    let admin = class.app.admin("Linus").await;
    let foreigner = class.app.person(&"other".parse().unwrap(), "Eve", &[]).await;
    let before = class.app.dump().await;
    let absent = format!("les_{}", "0".repeat(32));
    let mut details = std::collections::BTreeSet::new();
    let (shown, hidden) = (&class.course.lessons[0], &class.course.lessons[1]);
    for (who, id, status, code) in [
        (&stranger, shown, 403, "forbidden"),
        (&class.author, shown, 403, "forbidden"),
        (&admin, shown, 403, "forbidden"),
        (&foreigner, shown, 404, "not_found"),
        (&stranger, hidden, 404, "not_found"),
        (&class.learner, hidden, 404, "not_found"),
        (&class.learner, &absent, 404, "not_found"),
    ] {
        let request =
            class.app.put(format!("/v1/lessons/{id}/progress")).by(who).json(&json!({ "percent": 100 }));
        let answer = request.send().await;
        answer.refused(status, code);
        details.insert(answer.json["detail"].to_string());
        // Who may not know of the lesson learns nothing from a bad body either.
        let bad =
            class.app.put(format!("/v1/lessons/{id}/progress")).by(who).json(&json!({ "percent": "x" }));
        bad.send().await.refused(status, code);
    }
    assert_eq!(details.len(), 2, "{details:?}");
    let visitor = class.app.put(class.lesson(0, "progress")).json(&json!({ "percent": 100 }));
    visitor.send().await.refused(401, "unauthenticated");
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_reports_of_several_devices_at_once_lose_nothing() {
    let first = class(&[1]).await;
    for round in 0..5 {
        let class = first.with_another_learner().await;
        let mut devices = JoinSet::new();
        for n in 1..=8 {
            let (app, learner, path) =
                (Arc::clone(&class.app), class.learner.clone(), class.lesson(0, "progress"));
            devices.spawn(async move {
                let body = json!({ "percent": n * 10 });
                app.put(path).by(&learner).json(&body).racing().send().await.status
            });
        }
        assert_eq!(devices.join_all().await, [200; 8], "round {round}");
        assert_eq!(class.progress(0).await["percent"], 80, "round {round}");
    }
}

#[tokio::test]
async fn f1_after_a_crash_the_report_can_be_sent_again() {
    let first = class(&[1]).await;
    every_crash_point(
        async || {
            let class = first.with_another_learner().await;
            let _ = class.report(0, &json!({ "percent": 10 })).await.expect(200);
            class
        },
        |class| &class.app,
        async |class| {
            class.report(0, &json!({ "percent": 25 })).await;
        },
        async |class, point: CrashPoint| {
            let left = class.progress(0).await["percent"].clone();
            let committed = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(left, json!(if committed { 25 } else { 10 }), "{point:?}");
            let again = class.report(0, &json!({ "percent": 25 })).await.json(200);
            assert_eq!(again["percent"], 25, "{point:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn f1_a_broken_connection_turns_no_success_into_a_refusal() {
    let first = class(&[1]).await;
    for call in 1..=3 {
        for moment in [Moment::BeforeSend, Moment::AfterCommit] {
            let class = first.with_another_learner().await;
            for (n, percent) in [10, 20].into_iter().enumerate() {
                class.app.tap().break_at(call, moment);
                let answer = class.report(0, &json!({ "percent": percent })).await;
                assert_eq!(answer.status, 200, "report {n}, call {call} {moment:?}: {}", answer.text());
                class.app.tap().reset();
                assert_eq!(class.progress(0).await["percent"], percent);
            }
        }
    }
}
