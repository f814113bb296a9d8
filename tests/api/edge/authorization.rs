//! R21: every route × every kind of caller × a thing of one's own, a hidden one and an absent one. A route without a
//! row fails, and what is hidden reads byte for byte like what does not exist.

use std::{collections::BTreeSet, ops::Deref};

use domain::{
    catalog::Lesson,
    certificates::{Certificate, CertificateNo, CodeKey},
    identity::Role,
    video::{Purpose, Video, VideoStatus, VideoType},
};
use runtime::SignIn;
use serde_json::{Value, json};
use store::{
    Consistency, Stored,
    keys::{self, CertificatePointer},
};
use testkit::{Answer, Person, Snapshot, TestApp, TestRequest};
use tests::{CourseFixture, app_with, draft, enroll, published, text};
use tokio::sync::OnceCell;

use crate::{admin, catalog, certificates, identity, learning, platform, video};

pub(crate) const CALLERS: [&str; 7] =
    ["anonymous", "learner", "other learner", "author", "other instructor", "admin", "other school's admin"];

/// What a route's ids stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Thing {
    /// No id in the path.
    None,
    /// The author's published course, its first module and an ordinary lesson of it.
    Published,
    /// The preview lesson of that course.
    Preview,
    /// The author's draft and its parts: nobody else knows of it.
    Draft,
    /// The learner's account.
    Learner,
    /// The learner's certificate.
    Certificate,
    /// A video lesson of a published course in which the learner is enrolled, and its video.
    Film,
    /// A preview of the same course, and its video.
    FilmOfPreview,
    /// The trailer of the same course.
    Trailer,
    /// The learner's recording, and its video.
    Recording,
}

pub(crate) struct Row {
    pub(crate) route: &'static str,
    pub(crate) thing: Thing,
    body: fn(&World) -> Value,
    /// One for each of [`CALLERS`].
    pub(crate) expected: [u16; 7],
}

pub(crate) const OPEN: [u16; 7] = [200; 7];
pub(crate) const SIGNED_IN: [u16; 7] = [401, 200, 200, 200, 200, 200, 200];
/// Of a course that everybody sees but only some may change.
pub(crate) const EDIT: [u16; 7] = [401, 403, 403, 200, 403, 200, 404];
/// Of something that others do not even see.
pub(crate) const EDIT_HIDDEN: [u16; 7] = [401, 404, 404, 200, 404, 200, 404];
pub(crate) const LEARNER: [u16; 7] = [401, 200, 404, 404, 404, 404, 404];
/// Of a course that everybody sees: to enrol is what the others lack.
pub(crate) const ENROLLED: [u16; 7] = [401, 200, 403, 403, 403, 403, 404];
pub(crate) const NOBODY: [u16; 7] = [401, 404, 404, 404, 404, 404, 404];

fn none(_: &World) -> Value {
    Value::Null
}

pub(crate) fn row(route: &'static str, thing: Thing, expected: [u16; 7]) -> Row {
    Row { route, thing, body: none, expected }
}

pub(crate) fn with(route: &'static str, thing: Thing, expected: [u16; 7], body: fn(&World) -> Value) -> Row {
    Row { route, thing, body, expected }
}

pub(crate) fn created(mut row: [u16; 7]) -> [u16; 7] {
    for status in &mut row {
        *status = if *status == 200 { 201 } else { *status };
    }
    row
}

/// The rows of every domain, which stand beside its tests.
pub(crate) fn rows() -> Vec<Row> {
    let domains = [
        platform::authorization::rows(),
        identity::authorization::rows(),
        admin::authorization::rows(),
        catalog::authorization::rows(),
        learning::authorization::rows(),
        certificates::authorization::rows(),
        video::authorization::rows(),
    ];
    domains.into_iter().flatten().collect()
}

/// An app in which everything is that a route can be about.
pub(crate) struct World {
    pub(crate) app: TestApp,
    scene: &'static Scene,
}

/// What a world begins with.
pub(crate) struct Scene {
    pub(crate) people: [Option<Person>; 7],
    pub(crate) published: CourseFixture,
    pub(crate) draft: CourseFixture,
    pub(crate) certificate: Certificate,
    pub(crate) filmed: CourseFixture,
    pub(crate) film: Video,
    pub(crate) preview: Video,
    pub(crate) trailer: Video,
    /// Its id and its video's.
    pub(crate) recording: (String, String),
    snapshot: Snapshot,
}

impl Deref for World {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        self.scene
    }
}

impl Scene {
    /// Made by requests, once for all worlds of the process, since some tests need hundreds.
    async fn made() -> &'static Self {
        static SCENE: OnceCell<Scene> = OnceCell::const_new();
        SCENE.get_or_init(Self::new).await
    }

    async fn new() -> Self {
        let app = World::empty().await;
        let author = app.instructor("Author").await;
        let learner = app.student("Learner").await;
        let published = published(&app, &author, "Published", &[2]).await;
        let draft = draft(&app, &author, "Draft", &[2]).await;
        let preview = app.patch(format!("/v1/lessons/{}", published.lessons[1])).by(&author).if_match(1);
        let _ = preview.json(&json!({ "is_preview": true })).send().await.expect(200);
        enroll(&app, &learner, &published).await;
        let certificate = certificate_of(&app, &learner, &published).await;
        let mut filmed = tests::published(&app, &author, "Filmed", &[1]).await;
        enroll(&app, &learner, &filmed).await;
        let film = film_of(&app, &author, &mut filmed, false).await;
        let preview = film_of(&app, &author, &mut filmed, true).await;
        let trailer = trailer_of(&app, &author, &filmed).await;
        let body = json!({ "title": "My bowline", "content_type": "video/webm" });
        let recorded = app.post("/v1/recordings").by(&learner).json(&body).send().await.json(201);
        let recording = (text(&recorded, "recording_id"), text(&recorded, "video_id"));
        let people = [
            None,
            Some(learner),
            Some(app.student("Other").await),
            Some(author),
            Some(app.instructor("Rival").await),
            Some(app.admin("Admin").await),
            Some(app.person(&"other".parse().unwrap(), "Stranger", &[Role::Admin, Role::Instructor]).await),
        ];
        let snapshot = app.snapshot().await;
        Self { people, published, draft, certificate, filmed, film, preview, trailer, recording, snapshot }
    }
}

impl World {
    async fn empty() -> TestApp {
        // Some stories take hours by its clock.
        app_with(&[("ACCESS_TOKEN_SECONDS", "604800")]).await
    }

    /// The same scene each time.
    pub(crate) async fn new() -> Self {
        Self::at(&Scene::made().await.snapshot).await
    }

    /// The same scene in another state.
    pub(crate) async fn at(snapshot: &Snapshot) -> Self {
        let app = Self::empty().await;
        app.begin_with(snapshot);
        Self { app, scene: Scene::made().await }
    }

    /// The path of a row, with real ids or with ids that nothing has.
    fn path(&self, row: &Row, absent: bool) -> String {
        let (_, path) = row.route.split_once(' ').unwrap();
        let (course, lesson) = match row.thing {
            Thing::Draft => (&self.draft, 0),
            Thing::Preview => (&self.published, 1),
            Thing::Film | Thing::Trailer => (&self.filmed, 1),
            Thing::FilmOfPreview => (&self.filmed, 2),
            _ => (&self.published, 0),
        };
        let film = match row.thing {
            Thing::Trailer => self.trailer.id.to_string(),
            Thing::FilmOfPreview => self.preview.id.to_string(),
            Thing::Recording => self.recording.1.clone(),
            _ => self.film.id.to_string(),
        };
        let learner = self.people[1].as_ref().unwrap().id.to_string();
        let nobody = "00000000000070008000000000000000";
        let pick = |real: &str, kind: &str| if absent { format!("{kind}_{nobody}") } else { real.to_owned() };
        path.replace("{course_id}", &pick(&course.id, "crs"))
            .replace("{slug}", if absent { "no-such-course" } else { &course.slug })
            .replace("{module_id}", &pick(&course.modules[0], "mod"))
            .replace("{lesson_id}", &pick(&course.lessons[lesson], "les"))
            .replace("{user_id}", &pick(&learner, "usr"))
            .replace("{certificate_id}", &pick(&self.certificate.id.to_string(), "crt"))
            .replace("{video_id}", &pick(&film, "vid"))
            .replace("{recording_id}", &pick(&self.recording.0, "rec"))
            .replace(
                "{certificate_no}",
                &if absent { "CERT-2026-999999".to_owned() } else { self.certificate.number.to_string() },
            )
    }

    async fn send(&self, row: &Row, caller: usize, absent: bool) -> Answer {
        self.request(row, caller, absent).await.send().await
    }

    /// The row's request, about a real thing or an absent one.
    pub(crate) async fn request(&self, row: &Row, caller: usize, absent: bool) -> TestRequest<'_> {
        let (method, _) = row.route.split_once(' ').unwrap();
        let mut request = self.app.request(method, self.path(row, absent));
        if row.route.starts_with("PATCH /v1/") && row.thing != Thing::None
            || row.route.contains("/outline")
            || row.route.starts_with("PUT") && row.route.contains("template")
        {
            request = request.if_match(self.rev(row).await);
        }
        if let Some(person) = &self.people[caller] {
            request = request.by(person);
        }
        let body = (row.body)(self);
        if !body.is_null() {
            request = request.json(&body);
        }
        request
    }

    /// The revision that an edit of the row's thing must name now.
    async fn rev(&self, row: &Row) -> u64 {
        let author = self.people[3].as_ref().unwrap();
        let course = if row.thing == Thing::Draft { &self.draft } else { &self.published };
        if row.route == "PATCH /v1/lessons/{lesson_id}" {
            return self.app.get(format!("/v1/lessons/{}", course.lessons[0])).by(author).send().await.rev();
        }
        if row.route.contains("template") {
            let path = course.path("certificate-template");
            return self.app.get(path).by(author).send().await.expect(200).rev();
        }
        let shown = self.app.get(format!("/v1/courses/{}", course.id)).by(author).send().await.expect(200);
        if row.route == "PATCH /v1/modules/{module_id}" {
            return shown.json["modules"][0]["rev"].as_u64().unwrap();
        }
        shown.rev()
    }
}

/// A certificate as it stands before its PDF is made.
pub(crate) async fn certificate_of(app: &TestApp, learner: &Person, course: &CourseFixture) -> Certificate {
    let now = app.app().now();
    let certificate = Certificate {
        id: app.app().id(),
        number: CertificateNo::next(now, 0),
        user_id: learner.id,
        course_id: course.id.parse().unwrap(),
        learner_name: "Learner Example".to_owned(),
        course_title: "Published".to_owned(),
        instructor_name: "Author Example".to_owned(),
        duration_minutes: 20,
        completed_at: now,
        issued_at: now,
        renderings: 1,
        rendering: None,
        revocation: None,
        corrections: Vec::new(),
        code_key: Some(CodeKey::new([7; 16])),
    };
    let school = app.school();
    let mut change = app.store().transaction(&school);
    change.put_over(&keys::certificate(&school, certificate.id), &certificate).put_over(
        &keys::certificate_no(&school, certificate.number),
        &CertificatePointer { target: certificate.id },
    );
    change.commit().await.unwrap();
    certificate
}

/// Adds a video lesson to a published course, with a video that learners see.
pub(crate) async fn film_of(
    app: &TestApp,
    author: &Person,
    course: &mut CourseFixture,
    is_preview: bool,
) -> Video {
    let body = json!({ "title": "On film", "content_type": "video", "is_preview": is_preview });
    let lesson = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(author).json(&body);
    let lesson = text(&lesson.send().await.json(201), "id");
    let (lesson_id, course_id) = (lesson.parse().unwrap(), course.id.parse().unwrap());
    let video = uploading(app, author, Purpose::Lesson { lesson_id, course_id });
    let school = app.school();
    let key = keys::lesson(&school, lesson_id);
    let Stored { value, rev } = app.store().get(&key, Consistency::Strong).await.unwrap().unwrap();
    let video_id = Some(video.id.to_string());
    let shown = Lesson { is_published: true, video_id, video_seconds: Some(60), ..value };
    let mut change = app.store().transaction(&school);
    change.replace(&key, &shown, rev).put_over(&keys::video(&school, video.id), &video);
    change.commit().await.unwrap();
    course.lessons.push(lesson);
    video
}

/// Gives a course a trailer that is shown.
pub(crate) async fn trailer_of(app: &TestApp, author: &Person, course: &CourseFixture) -> Video {
    let (school, course_id) = (app.school(), course.id.parse().unwrap());
    let video = uploading(app, author, Purpose::Trailer { course_id });
    let key = keys::course(&school, course_id);
    let Stored { mut value, rev } = app.store().get(&key, Consistency::Strong).await.unwrap().unwrap();
    assert!(value.attach_trailer(&video.id.to_string(), app.app().now()));
    let mut change = app.store().transaction(&school);
    change.replace(&key, &value, rev).put_over(&keys::video(&school, video.id), &video);
    change.commit().await.unwrap();
    video
}

fn uploading(app: &TestApp, author: &Person, purpose: Purpose) -> Video {
    let now = app.app().now();
    Video {
        id: app.app().id(),
        purpose,
        replaces: None,
        owner_id: author.id,
        filename: "film.mp4".into(),
        size_bytes: Some(100_000_000),
        content_type: VideoType::Mp4,
        upload_id: Some("gone".to_owned()),
        status: VideoStatus::Uploading,
        source: None,
        job: None,
        failure: None,
        media: None,
        captions: Vec::new(),
        is_settled: false,
        created_at: now,
        updated_at: now,
    }
}

/// Without what names the request itself.
fn comparable(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    for member in ["instance", "request_id"] {
        body[member] = Value::Null;
    }
    body
}

/// Sends each row's request by each caller, in a world of its own.
pub(crate) async fn answers_as_its_rows_say(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for row in rows {
        let world = World::new().await;
        for (caller, name) in CALLERS.iter().enumerate() {
            let answer = world.send(&row, caller, false).await;
            if answer.status != row.expected[caller] {
                wrong.push(format!(
                    "{} of {:?} by {name}: expected {}, got {} {}",
                    row.route,
                    row.thing,
                    row.expected[caller],
                    answer.status,
                    answer.text(),
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_what_is_hidden_reads_like_what_is_absent() {
    let world = World::new().await;
    let mut compared = 0;
    for row in rows().iter().filter(|row| row.thing != Thing::None) {
        for (caller, name) in CALLERS.iter().enumerate() {
            let absent = world.send(row, caller, true).await;
            let allowed = [401, 403, 404];
            assert!(
                allowed.contains(&absent.status),
                "{} by {name} on nothing: {}",
                row.route,
                absent.text()
            );
            if row.expected[caller] == 404 {
                let hidden = world.send(row, caller, false).await;
                assert_eq!(comparable(&hidden), comparable(&absent), "{} by {name}", row.route);
                compared += 1;
            }
        }
    }
    assert!(compared > 60, "only {compared} compared");
}

/// What hangs on the thing is read beside the session, and yet it is the session that decides first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_who_has_signed_out_hears_that_and_nothing_of_what_is_there() {
    let world = World::new().await;
    let admin = world.people[5].as_ref().unwrap();
    let _ = world.app.post("/v1/auth/logout").by(admin).send().await.expect(204);
    let endpoints = registry::all().endpoints;
    let looks = |route: &str| {
        let entry = endpoints.iter().find(|entry| entry.route.to_string() == route);
        entry.is_some_and(|entry| entry.sign_in != SignIn::Never)
    };
    let mut compared = 0;
    for row in rows().iter().filter(|row| row.thing != Thing::None && looks(row.route)) {
        let (there, absent) = (world.send(row, 5, false).await, world.send(row, 5, true).await);
        there.refused(401, "invalid_token");
        assert_eq!(comparable(&there), comparable(&absent), "{} of {:?}", row.route, row.thing);
        compared += 1;
    }
    assert!(compared > 30, "only {compared} compared");
    for slug in [world.published.slug.as_str(), "no-such-course"] {
        let answer = world.app.get(format!("/v1/courses/{slug}")).by(admin).send().await;
        answer.refused(401, "invalid_token");
    }
}

#[test]
fn r21_every_route_has_a_row() {
    let routes: BTreeSet<String> =
        registry::all().endpoints.iter().map(|entry| entry.route.to_string()).collect();
    let covered: BTreeSet<String> = rows().iter().map(|row| row.route.to_owned()).collect();
    let missing: Vec<_> = routes.difference(&covered).collect();
    let stale: Vec<_> = covered.difference(&routes).collect();
    assert!(missing.is_empty(), "add rows to tests/api/<domain>/authorization.rs for {missing:?}");
    assert!(stale.is_empty(), "no such routes any more: {stale:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_the_reference_says_who_has_to_sign_in() {
    let world = World::new().await;
    let document = runtime::openapi::document(&registry::all());
    for row in rows() {
        let (method, path) = row.route.split_once(' ').unwrap();
        let said = &document["paths"][path][method.to_lowercase()]["security"];
        let refuses_all =
            rows().iter().filter(|other| other.route == row.route).all(|row| row.expected[0] == 401);
        let with_nonsense = world.app.request(method, world.path(&row, false)).bearer("x").send().await;
        let looks_at_tokens = with_nonsense.json["code"] == "invalid_token";
        let expected = match (looks_at_tokens, refuses_all) {
            (true, true) => json!([{ "bearer": [] }]),
            (true, false) => json!([{}, { "bearer": [] }]),
            (false, _) => json!([]),
        };
        assert_eq!(*said, expected, "{}", row.route);
    }
}
