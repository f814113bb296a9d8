//! What these tests begin with.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use domain::{event::Event, video::VideoId};
use serde_json::{Value, json};
use testkit::{Answer, Person, TestApp};
use tests::{CourseFixture, app, draft, enroll, film_lesson, published};

/// A published course with somebody who takes it.
pub(crate) struct Class {
    pub(crate) app: Arc<TestApp>,
    pub(crate) author: Person,
    pub(crate) learner: Person,
    pub(crate) course: CourseFixture,
    /// What its last lesson shows, where that is a video.
    pub(crate) film: Option<VideoId>,
}

/// A class on a course with one module for each number, of so many text lessons.
pub(crate) async fn class(lessons: &[usize]) -> Class {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust from the first line", lessons).await;
    with_learner(app, author, course, None).await
}

/// A class on a course of one video lesson, whose film lasts so long.
pub(crate) async fn video_class(duration_ms: u64) -> Class {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let mut course = draft(&app, &author, "Rust on screen", &[0]).await;
    let film = film_lesson(&app, &author, &mut course, duration_ms).await;
    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    with_learner(app, author, course, Some(film)).await
}

async fn with_learner(app: TestApp, author: Person, course: CourseFixture, film: Option<VideoId>) -> Class {
    let learner = app.student("Grace").await;
    enroll(&app, &learner, &course).await;
    Class { app: Arc::new(app), author, learner, course, film }
}

/// Somebody new, for tests that need many.
pub(crate) async fn anybody(app: &TestApp) -> Person {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    app.student(&format!("Learner{}", NUMBER.fetch_add(1, Ordering::Relaxed))).await
}

impl Class {
    /// The learner's report on the `n`-th lesson.
    pub(crate) async fn report(&self, n: usize, body: &Value) -> Answer {
        self.app.put(self.lesson(n, "progress")).by(&self.learner).json(body).send().await
    }

    /// What the learner's player reports of the film.
    pub(crate) async fn watch(&self, body: &Value) -> Answer {
        self.app.post(self.film_path()).by(&self.learner).json(body).send().await
    }

    /// Where players report what is played of the film.
    pub(crate) fn film_path(&self) -> String {
        format!("/v1/videos/{}/progress", self.film.expect("a class with a film"))
    }

    /// The same class on a course with a film of a hundred seconds more.
    pub(crate) async fn and_film(mut self) -> Self {
        self.film = Some(film_lesson(&self.app, &self.author, &mut self.course, 100_000).await);
        self
    }

    /// The learner says that the `n`-th lesson is done.
    pub(crate) async fn complete(&self, n: usize) -> Answer {
        self.app.post(self.lesson(n, "complete")).by(&self.learner).send().await
    }

    /// The learner's progress in the `n`-th lesson.
    pub(crate) async fn progress(&self, n: usize) -> Value {
        self.app.get(self.lesson(n, "progress")).by(&self.learner).send().await.json(200)
    }

    /// The learner's progress in the course.
    pub(crate) async fn course_progress(&self) -> Value {
        self.app.get(self.course.path("progress")).by(&self.learner).send().await.json(200)
    }

    /// A path below the `n`-th lesson.
    pub(crate) fn lesson(&self, n: usize, rest: &str) -> String {
        format!("/v1/lessons/{}/{rest}", self.course.lessons[n])
    }

    /// Shows or hides the `n`-th lesson.
    pub(crate) async fn set_visible(&self, n: usize, is_published: bool) {
        let path = format!("/v1/lessons/{}", self.course.lessons[n]);
        let rev = self.app.get(&path).by(&self.author).send().await.expect(200).rev();
        let body = json!({ "is_published": is_published });
        let edit = self.app.patch(&path).by(&self.author).if_match(rev).json(&body);
        let _ = edit.send().await.expect(200);
    }

    /// The same course with somebody new who takes it.
    pub(crate) async fn with_another_learner(&self) -> Self {
        let learner = anybody(&self.app).await;
        enroll(&self.app, &learner, &self.course).await;
        let (author, course, film) = (self.author.clone(), self.course.clone(), self.film);
        Self { app: Arc::clone(&self.app), author, learner, course, film }
    }

    /// How many events of a type the learner caused.
    pub(crate) async fn events(&self, event_type: &str) -> usize {
        events_of(&self.app, &self.learner, event_type).await.len()
    }
}

/// The events of a type that somebody caused, oldest first.
pub(crate) async fn events_of(app: &TestApp, who: &Person, event_type: &str) -> Vec<Event> {
    let mut events = app.outbox(event_type).await;
    events.retain(|event| event.actor == Some(who.id));
    events
}

/// The names of the DynamoDB calls that write.
pub(crate) fn writes(app: &TestApp) -> Vec<String> {
    let is_write = |name: &String| !matches!(name.as_str(), "GetItem" | "BatchGetItem" | "Query");
    app.tap().operations().into_iter().filter(is_write).collect()
}

/// Checks that a refusal names exactly these fields.
#[track_caller]
pub(crate) fn assert_names(violations: &[(String, String)], expected: &[(&str, &str)]) {
    let got: Vec<(&str, &str)> = violations.iter().map(|(at, code)| (at.as_str(), code.as_str())).collect();
    assert_eq!(got, expected);
}

/// Checks that two dumps of the table are equal, and shows just what differs.
#[track_caller]
pub(crate) fn assert_same(after: &[String], before: &[String]) {
    let new: Vec<_> = after.iter().filter(|item| !before.contains(item)).collect();
    let gone: Vec<_> = before.iter().filter(|item| !after.contains(item)).collect();
    assert!(new.is_empty() && gone.is_empty(), "new: {new:#?}\ngone: {gone:#?}");
}
