//! PUT /v1/lessons/{lesson_id}/progress

use std::sync::Arc;

use domain::{
    catalog::LessonId,
    learning::{LessonProgress, ProgressReport},
};
use kernel::Violations;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};
use store::{Consistency, keys};
use testkit::{CrashPoint, Moment, every_crash_point};
use tokio::task::JoinSet;

use crate::learning::setup::{Class, assert_names, assert_same, class, video_class, writes};

#[tokio::test]
async fn a_report_answers_with_where_the_learner_stands() {
    let class = video_class(10).await;
    let answer = class.report(0, &json!({ "position_seconds": 130, "watched": [[0, 60], [100, 130]] })).await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "completed_at": null,
        "lesson_id": "[les 1]",
        "percent": 15,
        "position_seconds": 130,
        "status": "in_progress",
        "watched_seconds": 90
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
async fn watched_seconds_are_the_union_over_all_reports() {
    let class = video_class(100).await;
    for (watched, seconds) in [
        (json!([[0, 30]]), 30),
        (json!([[20, 50]]), 50),
        (json!([[0, 50]]), 50),
        (json!([[100, 110], [105, 120]]), 70),
        (json!([[50, 100]]), 120),
        (json!([[119, 121], [0, 1]]), 121),
        (json!([]), 121),
        (json!([[300.2, 300.9], [400.5, 402.5]]), 123),
    ] {
        let answer = class.report(0, &json!({ "watched": watched })).await.json(200);
        assert_eq!(answer["watched_seconds"], seconds, "{watched}");
    }
}

#[tokio::test]
async fn a_video_is_completed_at_ninety_percent_of_its_seconds() {
    let class = video_class(10).await;
    let nearly = class
        .report(0, &json!({ "position_seconds": 600, "watched": [[0, 300], [361, 600]] }))
        .await
        .json(200);
    assert_eq!((&nearly["status"], &nearly["percent"]), (&json!("in_progress"), &json!(89)));
    let again = class.report(0, &json!({ "watched": [[0, 300]] })).await.json(200);
    assert_eq!(again["status"], "in_progress", "a minute seen twice is one minute");
    let done = class.report(0, &json!({ "watched": [[300, 301]] })).await.json(200);
    assert_eq!(
        (&done["status"], &done["percent"], &done["watched_seconds"]),
        (&json!("completed"), &json!(100), &json!(540))
    );
    assert_eq!((class.events("lesson.completed").await, class.events("course.completed").await), (1, 1));
}

#[tokio::test]
async fn dragging_to_the_end_completes_nothing() {
    let class = video_class(10).await;
    let answer = class.report(0, &json!({ "position_seconds": 600 })).await.json(200);
    assert_eq!((&answer["status"], &answer["percent"]), (&json!("in_progress"), &json!(0)));
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
    let answer =
        class.report(0, &json!({ "watched": [[0, 86400]], "position_seconds": 86400 })).await.json(200);
    assert_eq!((&answer["status"], &answer["watched_seconds"]), (&json!("in_progress"), &json!(86400)));
}

#[tokio::test]
async fn what_lies_beyond_the_end_is_cut_off() {
    let class = video_class(10).await;
    let report = json!({ "watched": [[590, 1000], [700, 900], [600, 601]], "position_seconds": 86400 });
    let answer = class.report(0, &report).await.json(200);
    assert_eq!((&answer["watched_seconds"], &answer["position_seconds"]), (&json!(10), &json!(600)));
}

#[tokio::test]
async fn reports_that_say_nothing_change_nothing() {
    let class = video_class(10).await;
    let before = class.app.dump().await;
    for nothing in [
        json!({}),
        json!({ "percent": 0, "position_seconds": 0, "watched": [] }),
        json!({ "percent": null, "position_seconds": null }),
        json!({ "watched": [[0.2, 0.9], [86399, 86400]] }),
    ] {
        let answer = class.report(0, &nothing).await.json(200);
        assert_eq!(
            (&answer["status"], &answer["watched_seconds"]),
            (&json!("not_started"), &json!(0)),
            "{nothing}"
        );
    }
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test]
async fn a_repeated_report_writes_nothing() {
    let class = video_class(10).await;
    let report = json!({ "percent": 30, "position_seconds": 130, "watched": [[0, 60], [100, 130]] });
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
    let part = class.report(0, &json!({ "percent": 3, "watched": [[110, 120]] })).await.json(200);
    assert_eq!(part, first);
    assert_same(&class.app.dump().await, &before);
}

#[tokio::test]
async fn a_bad_report_is_refused_by_the_name_of_its_field_and_writes_nothing() {
    let class = class(&[1]).await;
    let _ = class.report(0, &json!({ "percent": 10, "watched": [[0, 5]] })).await.expect(200);
    let before = class.app.dump().await;
    let many = json!(vec![[0, 1]; 201]);
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
        (json!({ "watched": [[0, 5], [-1, 5]] }), "/watched/1/0", "too_small"),
        (json!({ "watched": [[0, 1e308]] }), "/watched/0/1", "too_large"),
        (json!({ "watched": [[1]] }), "/watched/0", "too_few"),
        (json!({ "watched": [[]] }), "/watched/0", "too_few"),
        (json!({ "watched": [[0, 5], [1, 2, 3]] }), "/watched/1", "too_many"),
        (json!({ "watched": many }), "/watched", "too_many"),
        (json!({ "watched": [[30, 10]] }), "/watched/0", "empty_stretch"),
        (json!({ "watched": [[0, 5], [5, 5]] }), "/watched/1", "empty_stretch"),
        (json!({ "watched": [[5.5, 5.4]] }), "/watched/0", "empty_stretch"),
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
        (json!({ "watched": "all" }), "/watched", "wrong_type"),
        (json!({ "watched": null }), "/watched", "wrong_type"),
        (json!({ "watched": [1] }), "/watched/0", "wrong_type"),
        (json!({ "watched": [[0, "NaN"]] }), "/watched/0/1", "wrong_type"),
        (json!({ "watched": [[null, 1]] }), "/watched/0/0", "wrong_type"),
        (json!({ "complete": true }), "/complete", "unknown_field"),
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
    let body = json!({ "percent": 101, "position_seconds": -1, "watched": [[0, 1e9], [1]] });
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
          },
          {
            "code": "too_large",
            "detail": "must be at most 86400",
            "pointer": "/watched/0/1"
          },
          {
            "code": "too_few",
            "detail": "must have at least 2 items",
            "pointer": "/watched/1"
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

/// `count` stretches of one second, each two seconds after the one before.
fn stretches(first: u32, count: u32) -> Value {
    (0..count).map(|n| json!([(first + n) * 2, (first + n) * 2 + 1])).collect()
}

#[tokio::test]
async fn more_than_a_thousand_separate_stretches_are_refused() {
    let class = class(&[1]).await;
    for hundred in 0..5 {
        let _ = class.report(0, &json!({ "watched": stretches(hundred * 200, 200) })).await.expect(200);
    }
    assert_eq!(class.progress(0).await["watched_seconds"], 1000);
    let before = class.app.dump().await;
    let answer = class.report(0, &json!({ "watched": [[5000, 5001]] })).await;
    assert_names(&answer.refused(422, "validation_failed"), &[("/watched", "too_many_intervals")]);
    assert_same(&class.app.dump().await, &before);
    let item = before.iter().find(|item| item.contains("et=S(\"lesson_progress\")")).unwrap();
    assert!(item.len() < 100_000, "R7: {} bytes even as text", item.len());
    // What joins the stretches is welcome.
    let joined = class.report(0, &json!({ "watched": [[0, 2000]] })).await.json(200);
    assert_eq!(joined["watched_seconds"], 2000);
    let _ = class.report(0, &json!({ "watched": [[5000, 5001]] })).await.expect(200);
}

#[tokio::test]
async fn a_player_that_reports_every_second_makes_one_stretch() {
    let class = class(&[1]).await;
    for hundred in 0..6 {
        let seconds: Value = (hundred * 200..(hundred + 1) * 200).map(|n| json!([n, n + 1])).collect();
        let _ = class.report(0, &json!({ "watched": seconds })).await.expect(200);
    }
    assert_eq!(class.progress(0).await["watched_seconds"], 1200);
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
    let first = video_class(100).await;
    for round in 0..5 {
        let class = first.with_another_learner().await;
        let mut devices = JoinSet::new();
        for n in 0..8 {
            let (app, learner, path) =
                (Arc::clone(&class.app), class.learner.clone(), class.lesson(0, "progress"));
            devices.spawn(async move {
                let body = json!({ "percent": n, "watched": [[n * 10, n * 10 + 12]] });
                app.put(path).by(&learner).json(&body).racing().send().await.status
            });
        }
        assert_eq!(devices.join_all().await, [200; 8], "round {round}");
        let progress = class.progress(0).await;
        assert_eq!(
            (&progress["watched_seconds"], &progress["percent"]),
            (&json!(82), &json!(7)),
            "round {round}"
        );
    }
}

#[tokio::test]
async fn f1_after_a_crash_the_report_can_be_sent_again() {
    let first = video_class(100).await;
    every_crash_point(
        async || {
            let class = first.with_another_learner().await;
            let _ = class.report(0, &json!({ "watched": [[0, 10]] })).await.expect(200);
            class
        },
        |class| &class.app,
        async |class| {
            class.report(0, &json!({ "watched": [[5, 25]] })).await;
        },
        async |class, point: CrashPoint| {
            let left = class.progress(0).await["watched_seconds"].clone();
            let committed = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(left, json!(if committed { 25 } else { 10 }), "{point:?}");
            let again = class.report(0, &json!({ "watched": [[5, 25]] })).await.json(200);
            assert_eq!(again["watched_seconds"], 25, "{point:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn f1_a_broken_connection_turns_no_success_into_a_refusal() {
    let first = video_class(100).await;
    for call in 1..=3 {
        for moment in [Moment::BeforeSend, Moment::AfterCommit] {
            let class = first.with_another_learner().await;
            for (n, seconds) in [10, 20].into_iter().enumerate() {
                class.app.tap().break_at(call, moment);
                let answer = class.report(0, &json!({ "watched": [[0, seconds]] })).await;
                assert_eq!(answer.status, 200, "report {n}, call {call} {moment:?}: {}", answer.text());
                class.app.tap().reset();
                assert_eq!(class.progress(0).await["watched_seconds"], seconds);
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Report {
    percent: Option<f64>,
    position: Option<u32>,
    watched: Vec<(u32, u32)>,
}

fn reports() -> impl Strategy<Value = Vec<Report>> {
    let report = (
        prop::option::weighted(0.3, 0.0f64..99.0),
        prop::option::of(0u32..900),
        prop::collection::vec((0u32..560, 1u32..160), 0..4),
    )
        .prop_map(|(percent, position, watched)| {
            let watched = watched.into_iter().map(|(from, length)| (from, from + length)).collect();
            Report { percent, position, watched }
        });
    prop::collection::vec(report, 4..12)
}

impl Report {
    fn body(&self) -> Value {
        json!({ "percent": self.percent, "position_seconds": self.position, "watched": self.watched })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 99")]
    fn model(&self) -> ProgressReport {
        ProgressReport {
            percent: self.percent.map(|percent| percent as u8),
            position_seconds: self.position,
            watched: self.watched.clone(),
            complete: false,
        }
    }
}

/// What the domain makes of the same reports, as far as it does not depend on the clock.
async fn model(class: &Class, reports: &[Report]) -> Value {
    let id: LessonId = class.course.lessons[0].parse().unwrap();
    let lesson =
        class.app.store().get(&keys::lesson(&class.app.school(), id), Consistency::Strong).await.unwrap();
    let lesson = lesson.unwrap().value;
    let mut progress = LessonProgress::none(id, lesson.course_id, lesson.created_at);
    for report in reports {
        progress.apply(&report.model(), &lesson, lesson.created_at, &mut Violations::default());
    }
    json!({
        "lesson_id": id, "status": progress.status, "percent": progress.percent,
        "position_seconds": progress.position_seconds, "watched_seconds": progress.watched_seconds,
    })
}

#[tokio::test]
async fn reports_that_waited_offline_give_what_the_domain_makes_of_them() {
    let first = video_class(10).await;
    let mut runner = TestRunner::deterministic();
    let mut completed = 0;
    for case in 0..12 {
        let reports = reports().new_tree(&mut runner).unwrap().current();
        // Delivered late, some twice, in another order, and each answer is right at its moment.
        let order = Just([reports.clone(), reports[..reports.len() / 2].to_vec()].concat()).prop_shuffle();
        let delivered = order.new_tree(&mut runner).unwrap().current();
        let class = first.with_another_learner().await;
        for n in 0..delivered.len() {
            let mut answer = class.report(0, &delivered[n].body()).await.json(200);
            answer.as_object_mut().unwrap().remove("completed_at");
            assert_eq!(answer, model(&class, &delivered[..=n]).await, "case {case} after {n}: {delivered:?}");
        }
        let (mut late, mut in_order) = (class.progress(0).await, model(&class, &reports).await);
        late.as_object_mut().unwrap().remove("completed_at");
        // Where to resume is the last report's, so that alone depends on the order.
        late["position_seconds"] = Value::Null;
        in_order["position_seconds"] = Value::Null;
        assert_eq!(late, in_order, "case {case}: {delivered:?}");
        completed += usize::from(late["status"] == "completed");
        assert_eq!(
            class.events("lesson.completed").await,
            usize::from(late["status"] == "completed"),
            "case {case}"
        );
    }
    assert!((1..12).contains(&completed), "{completed} of 12: the reports should make both");
}
