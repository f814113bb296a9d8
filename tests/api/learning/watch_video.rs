//! POST /v1/videos/{video_id}/progress

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    catalog::LessonId,
    event::EventData,
    learning::{LessonCompleted, LessonProgress, ProgressReport},
    video::VideoWatched,
};
use kernel::Violations;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};
use store::{Consistency, keys};
use testkit::{CrashPoint, Moment, every_crash_point};
use tests::show_film;
use tokio::task::JoinSet;

use crate::learning::setup::{Class, assert_names, assert_same, class, events_of, video_class, writes};

const TEN_MINUTES: u64 = 600_000;

impl Class {
    /// What others were told of how the learner watched.
    async fn told(&self) -> Vec<VideoWatched> {
        let events = events_of(&self.app, &self.learner, VideoWatched::TYPE).await;
        events.iter().map(|event| event.data().unwrap()).collect()
    }

    /// The seconds that an answer says were seen.
    async fn seen(&self, watched: &Value) -> Value {
        self.watch(&json!({ "watched": watched })).await.json(200)["watched_seconds"].clone()
    }
}

#[tokio::test]
async fn a_heartbeat_answers_with_what_was_seen() {
    let class = video_class(TEN_MINUTES).await;
    let answer = class.watch(&json!({ "watched": [[0, 60], [100, 130.2]], "position_seconds": 130.9 })).await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "completed": false,
        "percent": 15,
        "watched_seconds": 90
      },
      "status": 200
    }
    "#);
    let progress = class.progress(0).await;
    assert_eq!(
        (&progress["status"], &progress["position_seconds"], &progress["watched_seconds"]),
        (&json!("in_progress"), &json!(130), &json!(90))
    );
}

#[tokio::test]
async fn watched_seconds_are_the_union_over_all_heartbeats() {
    let class = video_class(6_000_000).await;
    for (watched, seconds) in [
        (json!([[0, 30]]), 30),
        (json!([[20, 50]]), 50),
        (json!([[0, 50]]), 50),
        (json!([[100, 110], [105, 120]]), 70),
        (json!([[50, 100]]), 120),
        (json!([[119, 121], [0, 1]]), 121),
        (json!([]), 121),
        // A second that was played to half or more.
        (json!([[300.2, 300.9], [400.5, 402.5], [500.6, 501.4]]), 124),
    ] {
        assert_eq!(class.seen(&watched).await, seconds, "{watched}");
    }
}

#[tokio::test]
async fn a_video_is_completed_at_ninety_percent_of_its_seconds_and_not_before() {
    let class = video_class(TEN_MINUTES).await;
    let nearly = json!({ "watched": [[0, 300], [361, 600]], "position_seconds": 600 });
    let nearly = class.watch(&nearly).await.json(200);
    assert_eq!((&nearly["completed"], &nearly["percent"]), (&json!(false), &json!(89)));
    let again = class.watch(&json!({ "watched": [[0, 300]] })).await.json(200);
    assert_eq!(again["completed"], false, "a minute seen twice is one minute");
    let done = class.watch(&json!({ "watched": [[300, 301]] })).await.json(200);
    assert_eq!(
        (&done["completed"], &done["percent"], &done["watched_seconds"]),
        (&json!(true), &json!(100), &json!(540))
    );
    assert_eq!((class.events("lesson.completed").await, class.events("course.completed").await), (1, 1));
    let before = class.progress(0).await;
    class.app.clock().advance(60);
    assert_eq!(class.seen(&json!([[301, 361]])).await, 600, "what is seen later counts");
    let after = class.progress(0).await;
    assert_eq!(after["completed_at"], before["completed_at"]);
    assert_eq!((class.events("lesson.completed").await, class.events("course.completed").await), (1, 1));
}

#[tokio::test]
async fn seeking_to_the_end_is_not_watching() {
    let class = video_class(TEN_MINUTES).await;
    let sought = class.watch(&json!({ "watched": [], "position_seconds": 600 })).await.json(200);
    assert_eq!((&sought["percent"], &sought["watched_seconds"]), (&json!(0), &json!(0)));
    let last = class.watch(&json!({ "watched": [[599, 600]] })).await.json(200);
    assert_eq!((&last["completed"], &last["watched_seconds"]), (&json!(false), &json!(1)));
}

#[tokio::test]
async fn what_lies_beyond_the_end_is_cut_off() {
    let class = video_class(TEN_MINUTES).await;
    let report = json!({ "watched": [[590, 600.03], [590, 1000], [700, 900]], "position_seconds": 86400 });
    let answer = class.watch(&report).await.json(200);
    assert_eq!(answer["watched_seconds"], 10);
    assert_eq!(class.progress(0).await["position_seconds"], 600);
}

#[tokio::test]
async fn a_film_of_fractions_is_seen_to_its_end() {
    for (duration_ms, end) in [(12_480, 12.4), (12_480, 12.48), (12_999, 12.9), (1_000, 0.97), (600, 0.6)] {
        let class = video_class(duration_ms).await;
        let answer = class.watch(&json!({ "watched": [[0, end]] })).await.json(200);
        assert_eq!(
            (&answer["completed"], &answer["watched_seconds"]),
            (&json!(true), &json!((duration_ms / 1000).max(1))),
            "{end} of {duration_ms}"
        );
    }
}

#[tokio::test]
async fn a_heartbeat_with_nothing_new_writes_nothing() {
    let class = video_class(TEN_MINUTES).await;
    let before = class.app.dump().await;
    for nothing in [json!({ "watched": [] }), json!({ "watched": [[0.6, 1.4], [86399, 86400]] })] {
        assert_eq!(class.watch(&nothing).await.json(200)["watched_seconds"], 0, "{nothing}");
    }
    assert_same(&class.app.dump().await, &before);
    let report = json!({ "watched": [[0, 60], [100, 130]], "position_seconds": 130, "rendition": 720 });
    let first = class.watch(&report).await.json(200);
    let before = class.app.dump().await;
    for again in [report, json!({ "watched": [[110, 120]], "rendition": 480 })] {
        class.app.clock().advance(5);
        class.app.tap().reset();
        assert_eq!(class.watch(&again).await.json(200), first);
        assert_eq!(writes(&class.app), [""; 0]);
    }
    assert_same(&class.app.dump().await, &before);
    // Where to resume is worth a write.
    class.app.tap().reset();
    let _ = class.watch(&json!({ "watched": [[110, 120]], "position_seconds": 120 })).await.expect(200);
    assert_eq!(writes(&class.app), ["PutItem"]);
    assert_eq!(class.progress(0).await["position_seconds"], 120);
}

#[tokio::test]
async fn a_bad_report_is_refused_by_the_name_of_its_field_and_writes_nothing() {
    let class = video_class(TEN_MINUTES).await;
    let before = class.app.dump().await;
    let many = json!(vec![[0, 1]; 201]);
    let rules = [
        (json!({ "watched": [], "position_seconds": -1 }), "/position_seconds", "too_small"),
        (json!({ "watched": [], "position_seconds": 86401 }), "/position_seconds", "too_large"),
        (json!({ "watched": [], "rendition": 0 }), "/rendition", "too_small"),
        (json!({ "watched": [], "rendition": 4321 }), "/rendition", "too_large"),
        (json!({ "watched": [[0, 5], [-1, 5]] }), "/watched/1/0", "too_small"),
        (json!({ "watched": [[0, 1e308]] }), "/watched/0/1", "too_large"),
        (json!({ "watched": [[1]] }), "/watched/0", "too_few"),
        (json!({ "watched": [[0, 5], [1, 2, 3]] }), "/watched/1", "too_many"),
        (json!({ "watched": many }), "/watched", "too_many"),
        (json!({ "watched": [[30, 10]] }), "/watched/0", "empty_stretch"),
        (json!({ "watched": [[0, 5], [5, 5]] }), "/watched/1", "empty_stretch"),
    ];
    for (body, pointer, code) in &rules {
        let answer = class.watch(body).await;
        assert_names(&answer.refused(422, "validation_failed"), &[(*pointer, *code)]);
    }
    for (body, pointer, code) in [
        (json!({ "watched": "all" }), "/watched", "wrong_type"),
        (json!({ "watched": [[0, "NaN"]] }), "/watched/0/1", "wrong_type"),
        (json!({ "watched": [], "percent": 100 }), "/percent", "unknown_field"),
        (json!({ "watched": [], "completed": true }), "/completed", "unknown_field"),
    ] {
        let answer = class.watch(&body).await;
        assert_names(&answer.refused(400, "invalid_body"), &[(pointer, code)]);
    }
    assert_same(&class.app.dump().await, &before);
}

/// `count` stretches of one second, each two seconds after the one before.
fn stretches(first: u32, count: u32) -> Value {
    (0..count).map(|n| json!([(first + n) * 2, (first + n) * 2 + 1])).collect()
}

#[tokio::test]
async fn more_than_a_thousand_separate_stretches_are_refused() {
    let class = video_class(6_000_000).await;
    for hundred in 0..5 {
        class.seen(&stretches(hundred * 200, 200)).await;
    }
    assert_eq!(class.progress(0).await["watched_seconds"], 1000);
    let before = class.app.dump().await;
    let answer = class.watch(&json!({ "watched": [[5000, 5001]] })).await;
    assert_names(&answer.refused(422, "validation_failed"), &[("/watched", "too_many_intervals")]);
    assert_same(&class.app.dump().await, &before);
    let item = before.iter().find(|item| item.contains("et=S(\"lesson_progress\")")).unwrap();
    assert!(item.len() < 100_000, "R7: {} bytes even as text", item.len());
    // What joins the stretches is welcome.
    assert_eq!(class.seen(&json!([[0, 2000]])).await, 2000);
    assert_eq!(class.seen(&json!([[5000, 5001]])).await, 2001);
}

#[tokio::test]
async fn a_player_that_reports_every_second_makes_one_stretch() {
    let class = video_class(6_000_000).await;
    for hundred in 0..6 {
        let seconds: Value = (hundred * 200..(hundred + 1) * 200).map(|n| json!([n, n + 1])).collect();
        class.seen(&seconds).await;
    }
    assert_eq!(class.progress(0).await["watched_seconds"], 1200);
}

#[tokio::test]
async fn only_the_enrolled_report_and_only_on_what_their_lesson_shows_now() {
    let mut class = class(&[1]).await.and_film().await;
    let stranger = class.app.student("Hopper").await;
    let admin = class.app.admin("Linus").await;
    let foreigner = class.app.person(&"other".parse().unwrap(), "Eve", &[]).await;
    let replaced = class.film_path();
    class.seen(&json!([[0, 10]])).await;
    let lesson = class.course.lessons[1].clone();
    class.film = Some(show_film(&class.app, &class.author, &class.course, &lesson, 100_000).await);
    let before = class.app.dump().await;
    let (shown, absent) = (class.film_path(), format!("/v1/videos/vid_{}/progress", "0".repeat(32)));
    let mut details = BTreeSet::new();
    // Both in a process that knows the lessons of videos, and in one that does not.
    for knows in [false, true] {
        for (who, path, status, code) in [
            (&stranger, &shown, 403, "forbidden"),
            (&class.author, &shown, 403, "forbidden"),
            (&admin, &shown, 403, "forbidden"),
            (&foreigner, &shown, 404, "not_found"),
            (&class.learner, &replaced, 404, "not_found"),
            (&stranger, &replaced, 404, "not_found"),
            (&class.learner, &absent, 404, "not_found"),
        ] {
            if !knows {
                class.app.app().forget();
            }
            for body in [json!({ "watched": [[0, 100]] }), json!({ "watched": "x" })] {
                let answer = class.app.post(path).by(who).json(&body).send().await;
                answer.refused(status, code);
                details.insert(answer.json["detail"].to_string());
            }
        }
    }
    assert_eq!(details.len(), 2, "{details:?}");
    let visitor = class.app.post(&shown).json(&json!({ "watched": [[0, 100]] }));
    visitor.send().await.refused(401, "unauthenticated");
    assert_same(&class.app.dump().await, &before);
    // What was watched of the former stays.
    assert_eq!(class.seen(&json!([[10, 20]])).await, 20);
    class.set_visible(1, false).await;
    class.watch(&json!({ "watched": [[0, 100]] })).await.refused(404, "not_found");
    class.app.app().forget();
    class.watch(&json!({ "watched": [[0, 100]] })).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_film_in_anothers_place_takes_no_completion_back() {
    let mut class = video_class(TEN_MINUTES).await;
    class.seen(&json!([[0, 600]])).await;
    let lesson = class.course.lessons[0].clone();
    class.film = Some(show_film(&class.app, &class.author, &class.course, &lesson, 1_200_000).await);
    let answer = class.watch(&json!({ "watched": [[1000, 1010]] })).await.json(200);
    assert_eq!((&answer["completed"], &answer["watched_seconds"]), (&json!(true), &json!(610)));
    assert_eq!(class.events("lesson.completed").await, 1);
}

#[tokio::test]
async fn others_are_told_only_when_a_twentieth_is_covered_or_the_lesson_is_completed() {
    let class = video_class(TEN_MINUTES).await;
    // The middles of the parts are the seconds 15, 45, 75 and so on.
    class.seen(&json!([[0, 14]])).await;
    assert!(class.told().await.is_empty());
    for heartbeat in [
        json!({ "watched": [[14, 20]], "rendition": 720 }),
        json!({ "watched": [[0, 20]], "rendition": 480 }),
        json!({ "watched": [[20, 40]] }),
        json!({ "watched": [[40, 80]], "rendition": 480 }),
        json!({ "watched": [[80, 530]] }),
        json!({ "watched": [[530, 540]] }),
        json!({ "watched": [[0, 600]] }),
        json!({ "watched": [[0, 600]] }),
    ] {
        let _ = class.watch(&heartbeat).await.expect(200);
    }
    let told = class.told().await;
    let short = |told: &VideoWatched| {
        (told.is_first, told.buckets.clone(), told.seconds, told.rendition, told.is_completed)
    };
    assert_eq!(
        told.iter().map(short).collect::<Vec<_>>(),
        [
            (true, vec![0], 20, Some(720), false),
            (false, vec![1, 2], 60, Some(480), false),
            (false, (3..18).collect::<Vec<u8>>(), 450, None, false),
            (false, vec![], 10, None, true),
            (false, vec![18, 19], 60, None, false),
        ]
    );
    assert_eq!(told.iter().map(|told| told.seconds).sum::<u32>(), 600, "each second is told of once");
    let of = (told[0].user_id, told[0].lesson_id.to_string(), Some(told[0].video_id));
    assert_eq!(of, (class.learner.id, class.course.lessons[0].clone(), class.film));
    // Who completes the lesson is told in the same request.
    let completed = events_of(&class.app, &class.learner, LessonCompleted::TYPE).await;
    let watched = events_of(&class.app, &class.learner, VideoWatched::TYPE).await;
    assert_eq!(completed[0].correlation_id, watched[3].correlation_id);
}

#[tokio::test]
async fn an_ordinary_heartbeat_takes_two_calls_where_the_videos_lesson_is_known() {
    let class = video_class(TEN_MINUTES).await;
    class.app.app().forget();
    for (heartbeat, reads, writes) in [
        (json!({ "watched": [[0, 5]] }), 2, 1),
        (json!({ "watched": [[5, 20]] }), 1, 1),
        (json!({ "watched": [[5, 20]] }), 1, 0),
        (json!({ "watched": [[20, 590]] }), 3, 1),
        (json!({ "watched": [[590, 600]] }), 1, 1),
    ] {
        let answer = class.watch(&heartbeat).await.expect(200);
        assert_eq!((answer.cost.reads, answer.cost.writes), (reads, writes), "{heartbeat}");
    }
}

#[tokio::test]
async fn who_watched_all_but_a_lesson_that_was_hidden_then_is_not_stuck() {
    let class = class(&[1]).await.and_film().await;
    class.seen(&json!([[0, 100]])).await;
    class.set_visible(0, false).await;
    // Playing on says nothing; playing to the end does, as saying `complete` does of a text.
    class.seen(&json!([[0, 50]])).await;
    assert_eq!(class.events("course.completed").await, 0);
    let end = json!({ "watched": [[90, 100]], "position_seconds": 100 });
    for _ in 0..2 {
        let _ = class.watch(&end).await.expect(200);
        assert_eq!(class.events("course.completed").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_heartbeats_at_once_lose_nothing() {
    let first = video_class(TEN_MINUTES).await;
    for round in 0..5 {
        let class = first.with_another_learner().await;
        let mut devices = JoinSet::new();
        for n in 0..8 {
            let (app, learner, path) = (Arc::clone(&class.app), class.learner.clone(), class.film_path());
            devices.spawn(async move {
                let body = json!({ "watched": [[n * 70, n * 70 + 75]] });
                app.post(path).by(&learner).json(&body).racing().send().await.status
            });
        }
        assert_eq!(devices.join_all().await, [200; 8], "round {round}");
        let progress = class.progress(0).await;
        assert_eq!(
            (&progress["watched_seconds"], &progress["status"]),
            (&json!(565), &json!("completed")),
            "round {round}"
        );
        let told = class.told().await;
        assert_eq!(told.iter().filter(|told| told.is_first).count(), 1, "round {round}");
        assert_eq!(told.iter().filter(|told| told.is_completed).count(), 1, "round {round}");
        assert_eq!(class.events("lesson.completed").await, 1, "round {round}");
        let mut buckets: Vec<u8> = told.iter().flat_map(|told| told.buckets.clone()).collect();
        buckets.sort_unstable();
        assert_eq!(buckets, (0..19).collect::<Vec<u8>>(), "round {round}");
    }
}

#[tokio::test]
async fn f1_a_crash_leaves_all_of_a_heartbeat_or_nothing() {
    let first = video_class(TEN_MINUTES).await;
    let points = every_crash_point(
        async || {
            let class = first.with_another_learner().await;
            class.seen(&json!([[0, 20]])).await;
            class
        },
        |class| &class.app,
        async |class| {
            class.watch(&json!({ "watched": [[10, 600]] })).await;
        },
        async |class, point: CrashPoint| {
            let committed = point.call == point.of && point.moment == Moment::AfterCommit;
            let left = class.progress(0).await["watched_seconds"].clone();
            assert_eq!(left, json!(if committed { 600 } else { 20 }), "{point:?}");
            assert_eq!(class.told().await.len(), if committed { 2 } else { 1 }, "{point:?}");
            let again = class.watch(&json!({ "watched": [[10, 600]] })).await.json(200);
            assert_eq!(again["completed"], true, "{point:?}");
            let seconds: Vec<u32> = class.told().await.iter().map(|told| told.seconds).collect();
            assert_eq!(seconds, [20, 580], "{point:?}");
            assert_eq!(class.events("lesson.completed").await, 1, "{point:?}");
            assert_eq!(class.events("course.completed").await, 1, "{point:?}");
        },
    )
    .await;
    assert_eq!(
        points, 10,
        "who and video, lesson, enrolment and progress, outline, all progress, the change: twice each"
    );
}

#[tokio::test]
async fn f1_a_broken_connection_turns_no_success_into_a_refusal() {
    let first = video_class(TEN_MINUTES).await;
    for call in 1..=2 {
        for moment in [Moment::BeforeSend, Moment::AfterCommit] {
            let class = first.with_another_learner().await;
            for (n, seconds) in [10, 20].into_iter().enumerate() {
                class.app.tap().break_at(call, moment);
                let answer = class.watch(&json!({ "watched": [[0, seconds]] })).await;
                assert_eq!(answer.status, 200, "heartbeat {n}, call {call} {moment:?}: {}", answer.text());
                class.app.tap().reset();
                assert_eq!(class.progress(0).await["watched_seconds"], seconds);
                assert_eq!(class.told().await.len(), n, "heartbeat {n}, call {call} {moment:?}");
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Report {
    position: Option<u32>,
    watched: Vec<(u32, u32)>,
}

fn reports() -> impl Strategy<Value = Vec<Report>> {
    let stretch = (0u32..560, 1u32..160).prop_map(|(from, length)| (from, from + length));
    let report = (prop::option::of(0u32..900), prop::collection::vec(stretch, 0..4))
        .prop_map(|(position, watched)| Report { position, watched });
    prop::collection::vec(report, 4..12)
}

impl Report {
    fn body(&self) -> Value {
        json!({ "position_seconds": self.position, "watched": self.watched })
    }

    fn model(&self) -> ProgressReport {
        ProgressReport {
            position_seconds: self.position,
            watched: self.watched.clone(),
            ..ProgressReport::default()
        }
    }
}

/// What the domain makes of the same reports.
async fn model(class: &Class, reports: &[Report]) -> Value {
    let id: LessonId = class.course.lessons[0].parse().unwrap();
    let key = keys::lesson(&class.app.school(), id);
    let lesson = class.app.store().get(&key, Consistency::Strong).await.unwrap().unwrap().value;
    let mut progress = LessonProgress::none(id, lesson.course_id, lesson.created_at);
    for report in reports {
        progress.apply(&report.model(), Violations::default(), &lesson, lesson.created_at).unwrap();
    }
    json!({
        "watched_seconds": progress.watched_seconds, "percent": progress.percent,
        "completed": progress.is_completed(),
    })
}

#[tokio::test]
async fn heartbeats_that_waited_offline_give_what_the_domain_makes_of_them() {
    let first = video_class(TEN_MINUTES).await;
    let mut runner = TestRunner::deterministic();
    let mut completed = 0;
    for case in 0..12 {
        let reports = reports().new_tree(&mut runner).unwrap().current();
        // Delivered late, some twice, in another order, and each answer is right at its moment.
        let order = Just([reports.clone(), reports[..reports.len() / 2].to_vec()].concat()).prop_shuffle();
        let delivered = order.new_tree(&mut runner).unwrap().current();
        let class = first.with_another_learner().await;
        for n in 0..delivered.len() {
            let answer = class.watch(&delivered[n].body()).await.json(200);
            assert_eq!(answer, model(&class, &delivered[..=n]).await, "case {case} after {n}: {delivered:?}");
        }
        let late = class.watch(&json!({ "watched": [] })).await.json(200);
        assert_eq!(late, model(&class, &reports).await, "case {case}: {delivered:?}");
        let is_completed = usize::from(late["completed"] == true);
        completed += is_completed;
        assert_eq!(class.events("lesson.completed").await, is_completed, "case {case}");
        let told = class.told().await;
        let buckets: Vec<u8> = told.iter().flat_map(|told| told.buckets.clone()).collect();
        let different: BTreeSet<u8> = buckets.iter().copied().collect();
        assert_eq!(different.len(), buckets.len(), "case {case}: {buckets:?}");
        let seconds: u32 = told.iter().map(|told| told.seconds).sum();
        assert!(json!(seconds).as_u64() <= late["watched_seconds"].as_u64(), "case {case}: {seconds}");
    }
    assert!((1..12).contains(&completed), "{completed} of 12: the reports should make both");
}
