//! POST /v1/courses/{course_id}/enroll

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    event::{Event, EventData},
    learning::{EnrollmentCreated, EnrollmentStatus},
};
use serde_json::{Value, json};
use store::{Consistency, keys};
use testkit::{Answer, CrashPoint, Moment, Person, TestApp, every_crash_point};
use tests::{CourseFixture, app, draft, draft_of, published};
use tokio::task::JoinSet;

use crate::learning::setup::{anybody, assert_same, class, events_of, writes};

/// A free course and somebody who has not taken it yet.
struct Door {
    app: Arc<TestApp>,
    learner: Person,
    course: CourseFixture,
}

async fn door() -> Door {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust from the first line", &[1]).await;
    let learner = app.student("Grace").await;
    Door { app: Arc::new(app), learner, course }
}

impl Door {
    /// The same course before somebody new.
    async fn with_another_learner(&self) -> Self {
        let learner = anybody(&self.app).await;
        Self { app: Arc::clone(&self.app), learner, course: self.course.clone() }
    }

    async fn enroll(&self) -> Answer {
        self.app.post(self.course.path("enroll")).by(&self.learner).send().await
    }

    async fn enroll_with(&self, key: &str) -> Answer {
        self.app
            .post(self.course.path("enroll"))
            .by(&self.learner)
            .header("idempotency-key", key)
            .send()
            .await
    }

    async fn events(&self) -> Vec<Event> {
        events_of(&self.app, &self.learner, EnrollmentCreated::TYPE).await
    }

    /// Exactly one enrolment, known to the learner, and one event that fits it.
    async fn assert_enrolled_once(&self, what: &str) {
        let mine = self.app.get("/v1/me/courses").by(&self.learner).send().await.json(200);
        assert_eq!(mine["items"].as_array().unwrap().len(), 1, "{what}");
        let events = self.events().await;
        assert_eq!(events.len(), 1, "{what}");
        let told: EnrollmentCreated = events[0].data().unwrap();
        assert_eq!(mine["items"][0]["id"], json!(told.enrollment_id), "{what}");
    }
}

#[tokio::test]
async fn a_free_course_is_open_at_once_and_the_event_tells_everything() {
    let door = door().await;
    let answer = door.enroll().await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "completed_at": null,
        "course_id": "[crs 1]",
        "enrolled_at": "[time]",
        "id": "[enr 1]",
        "status": "active",
        "type": "free"
      },
      "status": 201
    }
    "#);
    let events = events_of(&door.app, &door.learner, "").await;
    assert_eq!((events.len(), events[0].event_type.as_str()), (1, "enrollment.created"));
    let data: EnrollmentCreated = events[0].data().unwrap();
    assert_eq!(json!(data.enrollment_id), answer.json["id"]);
    assert_eq!(json!(data.course_id), json!(door.course.id));
    assert_eq!(data.user_id, door.learner.id);
    assert_eq!(data.course_title, "Rust from the first line");
    assert_eq!(data.learner_name, "Grace Example");
    let lesson = format!("/v1/lessons/{}", door.course.lessons[0]);
    let _ = door.app.get(lesson).by(&door.learner).send().await.expect(200);
}

#[tokio::test]
async fn a_second_enrolment_is_refused_and_writes_nothing() {
    let door = door().await;
    let _ = door.enroll().await.expect(201);
    let before = door.app.dump().await;
    let again = door.enroll().await;
    again.refused(409, "already_enrolled");
    insta::assert_json_snapshot!(again.snapshot(), @r#"
    {
      "body": {
        "code": "already_enrolled",
        "detail": "go on learning; GET /v1/me/courses lists your enrolments",
        "instance": "/v1/courses/[crs 1]/enroll",
        "request_id": "[request]",
        "status": 409,
        "title": "You are enrolled in this course already",
        "type": "urn:lectern:problem:already_enrolled"
      },
      "status": 409
    }
    "#);
    // With a key it is still another request than the first.
    door.enroll_with("later").await.refused(409, "already_enrolled");
    assert_same(&door.app.dump().await, &before);
    door.assert_enrolled_once("twice").await;
}

#[tokio::test]
async fn a_paid_course_answers_402_with_its_price_and_promises_no_checkout() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let body = json!({
        "title": "Rust for money", "description": "Worth it.", "level": "advanced",
        "price": { "amount": 4900, "currency": "EUR" },
    });
    let course = draft_of(&app, &author, &body, &[1]).await;
    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    let learner = app.student("Grace").await;
    let before = app.dump().await;
    let answer = app.post(course.path("enroll")).by(&learner).send().await;
    answer.refused(402, "payment_required");
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "code": "payment_required",
        "detail": "this course has a price, and this school takes no payments yet",
        "instance": "/v1/courses/[crs 1]/enroll",
        "price": {
          "amount": 4900,
          "currency": "EUR"
        },
        "request_id": "[request]",
        "status": 402,
        "title": "This must be paid for first",
        "type": "urn:lectern:problem:payment_required"
      },
      "status": 402
    }
    "#);
    app.post(course.path("enroll"))
        .by(&learner)
        .header("idempotency-key", "k")
        .send()
        .await
        .refused(402, "payment_required");
    assert_same(&app.dump().await, &before);
    let lesson = app.get(format!("/v1/lessons/{}", course.lessons[0])).by(&learner).send().await;
    lesson.refused(403, "forbidden");
}

#[tokio::test]
async fn a_draft_reads_like_a_course_that_is_not_there() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let draft = draft(&app, &author, "Not yet", &[1]).await;
    let learner = app.student("Grace").await;
    let before = app.dump().await;
    let mut seen = BTreeSet::new();
    let absent = format!("crs_{}", "0".repeat(32));
    for id in [draft.id.as_str(), &absent] {
        let answer = app.post(format!("/v1/courses/{id}/enroll")).by(&learner).send().await;
        answer.refused(404, "not_found");
        let mut bytes = answer.json;
        bytes["instance"] = Value::Null;
        bytes["request_id"] = Value::Null;
        seen.insert(bytes.to_string());
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_same(&app.dump().await, &before);
}

#[tokio::test]
async fn a_visitor_is_asked_to_sign_in_and_another_school_has_no_such_course() {
    let door = door().await;
    let before = door.app.dump().await;
    door.app.post(door.course.path("enroll")).send().await.refused(401, "unauthenticated");
    door.app.post(door.course.path("enroll")).bearer("x.y.z").send().await.refused(401, "invalid_token");
    assert_same(&door.app.dump().await, &before);
    let foreigner = door.app.person(&"other".parse().unwrap(), "Eve", &[]).await;
    door.app.post(door.course.path("enroll")).by(&foreigner).send().await.refused(404, "not_found");
    assert_eq!(door.app.outbox(EnrollmentCreated::TYPE).await.len(), 0);
}

#[tokio::test]
async fn who_dropped_out_may_come_back() {
    let class = class(&[1]).await;
    let school = class.app.school();
    let key = keys::enrollment(&school, class.learner.id, class.course.id.parse().unwrap());
    let stored = class.app.store().get(&key, Consistency::Strong).await.unwrap().unwrap();
    let mut enrollment = stored.value;
    enrollment.status = EnrollmentStatus::Dropped;
    let mut change = class.app.store().transaction(&school);
    change.replace(&key, &enrollment, stored.rev);
    change.commit().await.unwrap();
    class.app.get(class.lesson(0, "progress")).by(&class.learner).send().await.refused(403, "forbidden");
    let again = class.app.post(class.course.path("enroll")).by(&class.learner).send().await.json(201);
    assert_eq!(again["status"], "active");
    assert_eq!(class.events(EnrollmentCreated::TYPE).await, 2);
    let mine = class.app.get("/v1/me/courses").by(&class.learner).send().await.json(200);
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn r1_the_same_key_replays_the_first_answer() {
    let door = door().await;
    let first = door.enroll_with("one key").await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let before = door.app.dump().await;
    door.app.clock().advance(59 * 60);
    let again = door.enroll_with("one key").await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((again.header("content-type"), &again.body), (first.header("content-type"), &first.body));
    assert_same(&door.app.dump().await, &before);
    door.assert_enrolled_once("replayed").await;
}

#[tokio::test]
async fn r1_the_first_answer_comes_again_though_the_course_is_hidden_by_now() {
    let class = class(&[1]).await;
    let learner = class.app.student("Hopper").await;
    let enroll = || class.app.post(class.course.path("enroll")).by(&learner);
    let first = enroll().header("idempotency-key", "k").send().await.expect(201);
    let _ = class.app.post(class.course.path("unpublish")).by(&class.author).send().await.expect(200);
    let again = enroll().header("idempotency-key", "k").send().await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    enroll().send().await.refused(404, "not_found");
}

#[tokio::test]
async fn r1_after_a_day_a_key_is_new_again() {
    let app = TestApp::with_variables(&registry::all(), &[("ACCESS_TOKEN_SECONDS", "604800")]).await;
    let author = app.instructor("Ada").await;
    let first = published(&app, &author, "Monday", &[1]).await;
    let second = published(&app, &author, "Tuesday", &[1]).await;
    let learner = app.student("Grace").await;
    let enroll =
        |course: &CourseFixture| app.post(course.path("enroll")).by(&learner).header("idempotency-key", "k");
    let _ = enroll(&first).send().await.expect(201);
    app.clock().advance(24 * 3600 - 60);
    enroll(&second).send().await.refused(422, "idempotency_key_reused");
    app.clock().advance(120);
    // The emulator has not removed the kept reply, and DynamoDB takes up to days for it: it must count as gone.
    let fresh = enroll(&second).send().await.expect(201);
    assert_eq!(fresh.header("idempotency-replayed"), None);
    enroll(&first).send().await.refused(422, "idempotency_key_reused");
}

#[tokio::test]
async fn r1_a_key_is_of_one_request_and_one_person() {
    let door = door().await;
    let author = door.app.instructor("Hopper").await;
    let other = published(&door.app, &author, "Another course", &[1]).await;
    let _ = door.enroll_with("one key").await.expect(201);
    let before = door.app.dump().await;
    let second = door.app.post(other.path("enroll")).by(&door.learner).header("idempotency-key", "one key");
    second.send().await.refused(422, "idempotency_key_reused");
    let long = "k".repeat(256);
    for wrong in ["", long.as_str(), "cl\u{e9}"] {
        let request = door.app.post(other.path("enroll")).by(&door.learner).header("idempotency-key", wrong);
        request.send().await.refused(400, "invalid_header");
    }
    assert_same(&door.app.dump().await, &before);
    // Somebody else's key of the same text is another key.
    let colleague = door.app.student("Linus").await;
    let theirs =
        door.app.post(door.course.path("enroll")).by(&colleague).header("idempotency-key", "one key");
    let theirs = theirs.send().await.expect(201);
    assert_eq!(theirs.header("idempotency-replayed"), None);
}

/// Sends one request for each learner at once.
async fn race(app: &Arc<TestApp>, path: &str, learners: &[Person], key: Option<&str>) -> Vec<Answer> {
    let mut racers = JoinSet::new();
    for learner in learners {
        let (app, learner, path) = (Arc::clone(app), learner.clone(), path.to_owned());
        let key = key.map(str::to_owned);
        racers.spawn(async move {
            let request = app.post(path).by(&learner).racing();
            match key {
                Some(key) => request.header("idempotency-key", &key).send().await,
                None => request.send().await,
            }
        });
    }
    racers.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_thirty_enrolments_of_one_learner_make_one() {
    let first = door().await;
    for round in 0..5 {
        let door = first.with_another_learner().await;
        let learners = vec![door.learner.clone(); 30];
        let answers = race(&door.app, &door.course.path("enroll"), &learners, None).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.refused(409, "already_enrolled");
        }
        door.assert_enrolled_once("thirty").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r1_r5_ten_copies_of_one_request_get_one_answer() {
    let first = door().await;
    for round in 0..5 {
        let door = first.with_another_learner().await;
        let learners = vec![door.learner.clone(); 10];
        let answers = race(&door.app, &door.course.path("enroll"), &learners, Some("one key")).await;
        let bodies: BTreeSet<_> = answers.iter().map(Answer::text).collect();
        assert!(answers.iter().all(|answer| answer.status == 201), "round {round}: {bodies:?}");
        assert_eq!(bodies.len(), 1, "round {round}");
        let fresh = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count();
        assert_eq!(fresh, 1, "round {round}");
        door.assert_enrolled_once("ten copies").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_fifty_learners_enrol_at_once_and_all_get_in() {
    let door = door().await;
    let mut learners = Vec::new();
    for _ in 0..50 {
        learners.push(anybody(&door.app).await);
    }
    let answers = race(&door.app, &door.course.path("enroll"), &learners, None).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    let ids: BTreeSet<_> = answers.iter().map(|answer| answer.json["id"].to_string()).collect();
    assert_eq!(ids.len(), 50);
    let events = door.app.outbox(EnrollmentCreated::TYPE).await;
    let told: BTreeSet<_> =
        events.iter().map(|event| event.data::<EnrollmentCreated>().unwrap().user_id).collect();
    assert_eq!((events.len(), told.len()), (50, 50));
}

#[tokio::test]
async fn f1_a_crash_anywhere_leaves_a_request_that_can_be_sent_again() {
    let first = door().await;
    let points = every_crash_point(
        async || first.with_another_learner().await,
        |door| &door.app,
        async |door| {
            door.enroll_with("one key").await;
        },
        async |door, point: CrashPoint| {
            let what = format!("{point:?}");
            let again = door.enroll_with("one key").await;
            assert_eq!(again.status, 201, "{what}: {}", again.text());
            let committed = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(again.header("idempotency-replayed").is_some(), committed, "{what}");
            door.assert_enrolled_once(&what).await;
        },
    )
    .await;
    assert_eq!(points, 6, "who with course and enrolment, kept reply, the change: twice each");
}

#[tokio::test]
async fn f1_without_a_key_a_crash_leaves_all_or_nothing() {
    let first = door().await;
    every_crash_point(
        async || first.with_another_learner().await,
        |door| &door.app,
        async |door| {
            door.enroll().await;
        },
        async |door, point: CrashPoint| {
            let what = format!("{point:?}");
            let committed = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(door.events().await.len(), usize::from(committed), "{what}");
            let again = door.enroll().await;
            assert_eq!(again.status, if committed { 409 } else { 201 }, "{what}: {}", again.text());
            door.assert_enrolled_once(&what).await;
        },
    )
    .await;
}

#[tokio::test]
async fn f1_a_broken_connection_turns_no_success_into_a_refusal() {
    let first = door().await;
    for with_key in [false, true] {
        let calls = if with_key { 3 } else { 2 };
        for call in 1..=calls {
            for moment in [Moment::BeforeSend, Moment::AfterCommit] {
                let door = first.with_another_learner().await;
                door.app.tap().break_at(call, moment);
                let answer = if with_key { door.enroll_with("k").await } else { door.enroll().await };
                let what = format!("key {with_key}, call {call} {moment:?}: {}", answer.text());
                assert_eq!(answer.status, 201, "{what}");
                assert_eq!(door.app.tap().calls(), calls + 1, "{what}");
                door.assert_enrolled_once(&what).await;
            }
        }
    }
}

#[tokio::test]
async fn enrolling_is_one_write() {
    let door = door().await;
    door.app.tap().reset();
    let _ = door.enroll().await.expect(201);
    assert_eq!(writes(&door.app), ["TransactWriteItems"]);
}
