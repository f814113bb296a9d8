//! video.watched → what is counted of the video

use domain::{
    event::Event,
    video::{VideoAnalytics, VideoId, VideoWatched},
};
use kernel::Result;
use serde_json::json;
use store::{Consistency, keys};
use testkit::{Person, TestApp, every_crash_point};
use tests::{CourseFixture, app, consumer, draft, event, film_lesson};

struct Scene {
    app: TestApp,
    course: CourseFixture,
    film: VideoId,
}

async fn scene() -> Scene {
    let app = app().await;
    let author: Person = app.instructor("Ada").await;
    let mut course = draft(&app, &author, "Knots", &[0]).await;
    let film = film_lesson(&app, &author, &mut course, 100_000).await;
    Scene { app, course, film }
}

impl Scene {
    fn told(&self, is_first: bool, buckets: &[u8], seconds: u32, rendition: Option<u32>) -> Event {
        let data = VideoWatched {
            user_id: self.app.app().id(),
            course_id: self.course.id.parse().unwrap(),
            lesson_id: self.course.lessons[0].parse().unwrap(),
            video_id: self.film,
            is_first,
            buckets: buckets.to_vec(),
            seconds,
            rendition,
            is_completed: buckets.contains(&18),
        };
        event(&self.app, &data)
    }

    async fn fold(&self, event: &Event) -> Result<()> {
        self.app.consume(&consumer("video-fold-watching"), event).await
    }

    async fn counted(&self) -> Option<VideoAnalytics> {
        let key = keys::video_analytics(&self.app.school(), self.film);
        self.app.store().get(&key, Consistency::Strong).await.unwrap().map(|stored| stored.value)
    }

    fn story(&self) -> Vec<Event> {
        vec![
            self.told(true, &[0, 1, 2], 15, Some(720)),
            self.told(true, &[0], 5, None),
            self.told(false, &(3..20).collect::<Vec<u8>>(), 85, Some(480)),
            self.told(false, &[1], 5, Some(720)),
        ]
    }
}

#[tokio::test]
async fn what_viewers_saw_adds_up() {
    let scene = scene().await;
    for event in scene.story() {
        scene.fold(&event).await.unwrap();
    }
    let counted = scene.counted().await.unwrap();
    assert_eq!((counted.viewers, counted.completions, counted.watched_seconds), (2, 1, 110));
    assert_eq!(counted.buckets[..4], [2, 2, 1, 1]);
    assert_eq!(counted.qualities.into_iter().collect::<Vec<_>>(), [(480, 85), (720, 20)]);
    // A quality that the film has not would make the item grow.
    scene.fold(&scene.told(false, &[], 1, Some(4320))).await.unwrap();
    assert_eq!(scene.counted().await.unwrap().qualities.len(), 2);
}

#[tokio::test]
async fn r1_an_event_that_comes_again_counts_once() {
    let scene = scene().await;
    let event = scene.told(true, &[0], 5, Some(720));
    scene.fold(&event).await.unwrap();
    let after = scene.app.dump().await;
    // At once, when DynamoDB's own request tokens are forgotten (R3), and when a DLQ is redriven after two weeks.
    for seconds in [0, 11 * 60, 14 * 24 * 3600] {
        scene.app.clock().advance(seconds);
        scene.app.expire().await;
        scene.fold(&event).await.unwrap();
        assert_eq!(scene.app.dump().await, after);
    }
}

#[tokio::test]
async fn the_order_in_which_events_come_does_not_matter() {
    let (forward, backward) = (scene().await, scene().await);
    for event in forward.story() {
        forward.fold(&event).await.unwrap();
    }
    for event in backward.story().iter().rev() {
        backward.fold(event).await.unwrap();
    }
    assert_eq!(forward.counted().await.unwrap(), backward.counted().await.unwrap());
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_refused_and_neither_it_nor_one_of_no_video_leaves_anything() {
    let scene = scene().await;
    let good = || scene.told(true, &[0], 5, None);
    let with = |change: fn(&mut Event)| {
        let mut event = good();
        change(&mut event);
        event
    };
    let before = scene.app.dump().await;
    for event in [
        with(|event| event.version = 2),
        with(|event| event.event_type = "video.ready".to_owned()),
        with(|event| event.data["buckets"] = json!([-1])),
    ] {
        assert!(scene.fold(&event).await.is_err());
    }
    // There is nobody to count them for.
    for event in [
        with(|event| event.data["video_id"] = json!("vid_00000000000070008000000000000000")),
        with(|event| event.school = "other".parse().unwrap()),
    ] {
        scene.fold(&event).await.unwrap();
    }
    assert_eq!(scene.app.dump().await, before);
    scene.fold(&good()).await.unwrap();
    assert_eq!(scene.counted().await.unwrap().viewers, 1);
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_delivery_counts_it_once() {
    let points = every_crash_point(
        async || {
            let scene = scene().await;
            scene.fold(&scene.told(true, &[0], 5, None)).await.unwrap();
            let event = scene.told(true, &[0, 1], 10, Some(720));
            (scene, event)
        },
        |(scene, _)| &scene.app,
        async |(scene, event)| {
            let _ = scene.fold(event).await;
        },
        async |(scene, event), point| {
            for _ in 0..2 {
                scene.fold(event).await.unwrap();
                let counted = scene.counted().await.unwrap();
                assert_eq!((counted.viewers, counted.watched_seconds), (2, 15), "{point:?}");
            }
        },
    )
    .await;
    assert_eq!(points, 4, "the video and what is counted, the change: twice each");
}
