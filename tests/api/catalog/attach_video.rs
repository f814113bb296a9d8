//! video.ready → the lesson shows it

use domain::{
    event::Event,
    video::{Purpose, VideoReady},
};
use kernel::Result;
use serde_json::{Value, json};
use testkit::{Person, TestApp, every_crash_point};
use tests::{CourseFixture, app, consumer, draft, event, text};

use crate::catalog::support::{Fixture, card};

struct Scene {
    app: TestApp,
    author: Person,
    course: CourseFixture,
    lesson: String,
}

/// A draft of a text and of a video without a film.
async fn scene() -> Scene {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Knots", &[1]).await;
    let body = json!({ "title": "Bowline", "content_type": "video", "duration_minutes": 5 });
    let added = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(&author).json(&body);
    let lesson = text(&added.send().await.json(201), "id");
    Scene { app, author, course, lesson }
}

impl Scene {
    fn ready(&self, duration_ms: u64) -> Event {
        let (course_id, lesson_id) = (self.course.course_id(), self.lesson.parse().expect("an id"));
        self.told(Purpose::Lesson { lesson_id, course_id }, duration_ms)
    }

    fn told(&self, purpose: Purpose, duration_ms: u64) -> Event {
        event(&self.app, &VideoReady { video_id: self.app.app().id(), purpose, duration_ms })
    }

    /// What the course says of its trailer.
    async fn trailer(&self) -> Value {
        let course = self.app.get(format!("/v1/courses/{}", self.course.id)).by(&self.author);
        course.send().await.json(200)["trailer_video_id"].clone()
    }

    async fn attach(&self, event: &Event) -> Result<()> {
        self.app.consume(&consumer("catalog-attach-video"), event).await
    }

    async fn lesson(&self) -> Value {
        self.app.get(format!("/v1/lessons/{}", self.lesson)).by(&self.author).send().await.json(200)
    }
}

#[tokio::test]
async fn r1_a_lesson_shows_its_video_and_everything_that_adds_up_says_its_length() {
    let scene = scene().await;
    let before = card(&scene.app, &scene.course).await;
    let ready = scene.ready(90_500);
    scene.attach(&ready).await.expect("attached");
    let once = scene.app.dump().await;
    scene.attach(&ready).await.expect("attached");
    assert_eq!(scene.app.dump().await, once);

    let lesson = scene.lesson().await;
    assert_eq!((&lesson["video_id"], &lesson["duration_minutes"]), (&ready.data["video_id"], &json!(2)));
    let course = scene.app.get(format!("/v1/courses/{}", scene.course.id)).by(&scene.author);
    let outline = course.send().await.json(200);
    let line = &outline["modules"][0]["lessons"][1];
    assert_eq!((&line["id"], &line["duration_minutes"]), (&json!(scene.lesson), &json!(2)));
    let after = card(&scene.app, &scene.course).await;
    assert_eq!(after.duration_minutes + 3, before.duration_minutes);
}

#[tokio::test]
async fn the_newest_video_stays_in_whatever_order_they_get_ready() {
    let scene = scene().await;
    let older = scene.ready(60_000);
    scene.app.clock().advance(1);
    let newer = scene.ready(120_000);
    for event in [&newer, &older] {
        scene.attach(event).await.unwrap();
    }
    assert_eq!(scene.lesson().await["video_id"], newer.data["video_id"]);
}

#[tokio::test]
async fn r1_the_newest_trailer_is_shown_in_whatever_order_they_get_ready_and_one_that_was_taken_off_stays_off()
 {
    let scene = scene().await;
    let purpose = Purpose::Trailer { course_id: scene.course.course_id() };
    let older = scene.told(purpose, 60_000);
    scene.app.clock().advance(1);
    let newer = scene.told(purpose, 60_000);
    for event in [&newer, &older, &newer] {
        scene.attach(event).await.unwrap();
    }
    assert_eq!(scene.trailer().await, newer.data["video_id"]);
    let path = scene.course.path("trailer");
    for _ in 0..2 {
        let _ = scene.app.request("DELETE", &path).by(&scene.author).send().await.expect(204);
        for event in [&newer, &older] {
            scene.attach(event).await.unwrap();
        }
        assert_eq!(scene.trailer().await, Value::Null);
    }
    scene.app.clock().advance(1);
    let another = scene.told(purpose, 60_000);
    scene.attach(&another).await.unwrap();
    assert_eq!(scene.trailer().await, another.data["video_id"]);
}

#[tokio::test]
async fn a_recording_is_shown_nowhere() {
    let scene = scene().await;
    let before = scene.app.dump().await;
    let recorded = scene.told(Purpose::Recording { recording_id: scene.app.app().id() }, 60_000);
    scene.attach(&recorded).await.unwrap();
    assert_eq!(scene.app.dump().await, before);
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_delivery_ends_it_once() {
    let points = every_crash_point(
        async || {
            let scene = scene().await;
            let ready = scene.ready(90_000);
            (scene, ready)
        },
        |(scene, _)| &scene.app,
        async |(scene, ready)| {
            let _ = scene.attach(ready).await;
        },
        async |(scene, ready), point| {
            scene.attach(ready).await.unwrap();
            assert_eq!(scene.lesson().await["video_id"], ready.data["video_id"], "{point:?}");
            let line = card(&scene.app, &scene.course).await;
            assert_eq!(line.lesson_count, 2, "{point:?}");
        },
    )
    .await;
    assert!(points >= 4, "lesson and card, the change: twice each; {points}");
}
