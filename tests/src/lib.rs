//! What the tests of many features begin with: an app, and courses made through the API.

mod crowd;
mod film;
mod post;

use std::{future::poll_fn, pin::pin, sync::LazyLock, task::Poll};

use certificates::credential::CertificateKey;
use domain::{
    event::{Event, EventData},
    identity::User,
    video::{Media, Purpose, Video, VideoId, VideoReady, VideoStatus, VideoType, renditions},
};
use emulators::{Mailbox, MediaConvert, Message};
use kernel::UserId;
use runtime::{
    App, ConsumerEntry, ScheduleEntry,
    token::{self, SigningKey},
};
use serde_json::{Value, json};
use store::{Consistency, Stored, keys};
use testkit::{Person, Tap, TestApp};
use video::PlayLinks;

pub use crowd::fill;
pub use film::{TRANSCODER_ROLE, film, transcoder};
pub use post::{HOME, MAIL_IDENTITY, mailer, sender};

static VIDEO_KEY: LazyLock<String> = LazyLock::new(|| video::generate_key().expect("randomness"));

static CERTIFICATE_KEYS: LazyLock<(SigningKey, Value)> =
    LazyLock::new(|| token::generate_key("certificates").expect("randomness"));

/// Whether `FULL=1` asks for everything in its full size, as CI does each night. In every other run the heaviest tests are
/// small enough to be run often, and large enough to find what they are there for.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a switch for the tests alone")]
pub fn is_full() -> bool {
    std::env::var("FULL").is_ok_and(|full| full == "1")
}

/// An empty school with every feature.
pub async fn app() -> TestApp {
    app_with(&[]).await
}

/// Like [`app`], with some variables set to other values.
///
/// # Panics
/// The machine has no randomness.
pub async fn app_with(variables: &[(&str, &str)]) -> TestApp {
    app_and_mailbox(variables).await.0
}

/// Like [`app_with`], with the mails that come of it.
///
/// # Panics
/// The machine has no randomness.
pub async fn app_and_mailbox(variables: &[(&str, &str)]) -> (TestApp, Mailbox) {
    let (app, mailbox, _) = app_and_all(variables).await;
    (app, mailbox)
}

/// Like [`app`], with the jobs that are ordered of MediaConvert: whatever file there is holds a minute of film.
///
/// # Panics
/// The machine has no randomness.
pub async fn app_and_transcoder(variables: &[(&str, &str)]) -> (TestApp, MediaConvert) {
    let (app, _, mediaconvert) = app_and_all(variables).await;
    (app, mediaconvert)
}

async fn app_and_all(variables: &[(&str, &str)]) -> (TestApp, Mailbox, MediaConvert) {
    let (key, published) = CERTIFICATE_KEYS.clone();
    let published = published.to_string();
    let variables = [&[("CERTIFICATE_PUBLIC_KEYS", published.as_str())][..], variables].concat();
    let mailbox = Mailbox::new(MAIL_IDENTITY);
    let mediaconvert = MediaConvert::new(|_| Some(film(1920, 1080, 0, 60.0)));
    let services = |app: App, tap: &Tap| {
        app.with_service(CertificateKey::new(key))
            .with_service(mailer(tap, mailbox.http_client(), sender()))
            .with_service(transcoder(tap, &mediaconvert))
            .with_service(PlayLinks::new(&VIDEO_KEY, "K1").expect("a key"))
    };
    // On the heap, or the longest tests are larger than a thread's stack.
    let app = Box::pin(TestApp::assembled(&registry::all(), &variables, services)).await;
    (app, mailbox, mediaconvert)
}

/// Changes an account of the app's school behind the API's back: no route suspends anybody yet, or confirms an address
/// without its mail.
///
/// # Panics
/// There is no such account.
pub async fn change_account(app: &TestApp, id: UserId, with: impl FnOnce(&mut User)) {
    let (school, store) = (app.school(), app.store());
    let key = keys::user(&school, id);
    let Stored { mut value, rev } =
        store.get(&key, Consistency::Strong).await.expect("a table").expect("an account");
    with(&mut value);
    let mut change = store.transaction(&school);
    change.replace(&key, &value, rev);
    change.commit().await.expect("nobody else changes it");
}

/// A consumer or a listener, by its function's name.
///
/// # Panics
/// There is none.
#[must_use]
pub fn consumer(function: &str) -> ConsumerEntry {
    let found = registry::all().consumers.into_iter().find(|entry| entry.names.function() == function);
    found.unwrap_or_else(|| panic!("{function} is in no registry"))
}

/// A schedule, by its function's name.
///
/// # Panics
/// There is none.
#[must_use]
pub fn schedule(function: &str) -> ScheduleEntry {
    let found = registry::all().schedules.into_iter().find(|entry| entry.names.function() == function);
    found.unwrap_or_else(|| panic!("{function} is in no registry"))
}

/// The body of the message in a function's sample.
///
/// # Panics
/// There is none.
#[must_use]
pub fn sample(function: &str) -> String {
    let file = format!("{}/../events/samples/{function}.json", env!("CARGO_MANIFEST_DIR"));
    let sample = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let sample: Value = serde_json::from_slice(&sample).expect("JSON");
    sample["Records"][0]["body"].as_str().expect("a message").to_owned()
}

/// An event that did not happen, as if it had.
///
/// # Panics
/// The payload has no JSON form.
pub fn event<D: EventData>(app: &TestApp, data: &D) -> Event {
    Event {
        id: app.app().id(),
        event_type: D::TYPE.to_owned(),
        version: D::VERSION,
        occurred_at: app.app().now(),
        school: app.school(),
        actor: None,
        correlation_id: "test".to_owned(),
        causation_id: None,
        data: serde_json::to_value(data).expect("JSON"),
    }
}

/// Runs work that dies when it has been polled so many times; none then. What it did until then stays done.
pub async fn dying<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// Completes every lesson of a course that the learner has.
pub async fn complete(app: &TestApp, learner: &Person, course: &CourseFixture) {
    for lesson in &course.lessons {
        let _ = app.post(format!("/v1/lessons/{lesson}/complete")).by(learner).send().await.expect(200);
    }
}

/// What the queues bring twice, in any order: each message three times, shuffled by a seed.
pub fn tripled_and_shuffled(seed: u64) -> impl FnMut(Vec<Message>) -> Vec<Message> {
    let mut state = seed | 1;
    move |messages| {
        let mut copies: Vec<Message> = messages.iter().flat_map(|message| vec![message.clone(); 3]).collect();
        for at in (1..copies.len()).rev() {
            // xorshift: replays from its seed.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            copies.swap(at, usize::try_from(state % (at as u64 + 1)).unwrap_or(0));
        }
        copies
    }
}

/// A course that was made through the API.
#[derive(Clone, Debug)]
pub struct CourseFixture {
    pub id: String,
    pub slug: String,
    pub modules: Vec<String>,
    /// In outline order.
    pub lessons: Vec<String>,
}

impl CourseFixture {
    /// A path below the course: `path("publish")`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/courses/{}/{rest}", self.id)
    }
}

/// The text of a member.
///
/// # Panics
/// It is not text.
#[must_use]
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}")).to_owned()
}

/// A draft with one module for each number, of so many text lessons of 10 minutes.
pub async fn draft(app: &TestApp, author: &Person, title: &str, lessons: &[usize]) -> CourseFixture {
    let body = json!({ "title": title, "description": format!("All about {title}."), "level": "beginner" });
    draft_of(app, author, &body, lessons).await
}

/// Like [`draft`], of a given body.
pub async fn draft_of(app: &TestApp, author: &Person, body: &Value, lessons: &[usize]) -> CourseFixture {
    let course = app.post("/v1/courses").by(author).json(body).send().await.json(201);
    let mut made = CourseFixture {
        id: text(&course, "id"),
        slug: text(&course, "slug"),
        modules: vec![],
        lessons: vec![],
    };
    for (m, count) in lessons.iter().enumerate() {
        let body = json!({ "title": format!("Module {}", m + 1) });
        let module = app.post(made.path("modules")).by(author).json(&body).send().await.json(201);
        let module = text(&module, "id");
        for l in 0..*count {
            let body = json!({
                "title": format!("Lesson {}.{}", m + 1, l + 1), "content_type": "text",
                "content": format!("# Lesson {}.{}\n", m + 1, l + 1), "duration_minutes": 10,
            });
            let lesson = app.post(format!("/v1/modules/{module}/lessons")).by(author).json(&body);
            made.lessons.push(text(&lesson.send().await.json(201), "id"));
        }
        made.modules.push(module);
    }
    made
}

/// A published course.
pub async fn published(app: &TestApp, author: &Person, title: &str, lessons: &[usize]) -> CourseFixture {
    let course = draft(app, author, title, lessons).await;
    let _ = app.post(course.path("publish")).by(author).send().await.expect(200);
    course
}

/// Enrols a learner.
pub async fn enroll(app: &TestApp, learner: &Person, course: &CourseFixture) -> Value {
    app.post(course.path("enroll")).by(learner).send().await.json(201)
}

/// Adds a video lesson that learners see to the course's last module, with a film that lasts so long.
///
/// # Panics
/// The course has no module.
pub async fn film_lesson(
    app: &TestApp,
    author: &Person,
    course: &mut CourseFixture,
    duration_ms: u64,
) -> VideoId {
    let module = course.modules.last().expect("a module");
    let body = json!({ "title": "On film", "content_type": "video" });
    let added = app.post(format!("/v1/modules/{module}/lessons")).by(author).json(&body);
    let lesson = text(&added.send().await.json(201), "id");
    let film = show_film(app, author, course, &lesson, duration_ms).await;
    let path = format!("/v1/lessons/{lesson}");
    let shown = app.get(&path).by(author).send().await.expect(200);
    if shown.json["is_published"] == json!(false) {
        // In a published course it stayed hidden until now.
        let show = app.patch(&path).by(author).if_match(shown.rev()).json(&json!({ "is_published": true }));
        let _ = show.send().await.expect(200);
    }
    course.lessons.push(lesson);
    film
}

/// Shows a film in a video lesson from now on, as if it had been uploaded and transcoded.
///
/// # Panics
/// There is no such lesson.
pub async fn show_film(
    app: &TestApp,
    author: &Person,
    course: &CourseFixture,
    lesson: &str,
    duration_ms: u64,
) -> VideoId {
    let id: VideoId = app.app().id();
    let (school, now) = (app.school(), app.app().now());
    let (lesson_id, course_id) = (lesson.parse().expect("an id"), course.id.parse().expect("an id"));
    let purpose = Purpose::Lesson { lesson_id, course_id };
    let folder = format!("videos/{school}/{id}/1");
    let video = Video {
        id,
        purpose,
        replaces: None,
        owner_id: author.id,
        filename: "film.mp4".into(),
        size_bytes: Some(1_000_000),
        content_type: VideoType::Mp4,
        upload_id: None,
        status: VideoStatus::Ready,
        source: None,
        job: None,
        failure: None,
        media: Some(Media { folder, duration_ms, renditions: renditions(1280, 720) }),
        captions: Vec::new(),
        is_settled: false,
        created_at: now,
        updated_at: now,
    };
    let mut change = app.store().transaction(&school);
    change.put_over(&keys::video(&school, id), &video);
    change.commit().await.expect("nobody else writes it");
    let ready = VideoReady { video_id: id, purpose, duration_ms };
    app.consume(&consumer("catalog-attach-video"), &event(app, &ready)).await.expect("attached");
    id
}
