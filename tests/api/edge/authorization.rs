//! R21: every route × every kind of caller × a thing of one's own, a hidden one and an absent one. A route without a
//! row fails, and what is hidden reads byte for byte like what does not exist.

use std::collections::BTreeSet;

use domain::{
    certificates::{Certificate, CertificateNo, CodeKey},
    identity::Role,
};
use serde_json::{Value, json};
use store::keys::{self, CertificatePointer};
use testkit::{Answer, Person, TestApp, TestRequest};
use tests::{CourseFixture, app_with, draft, enroll, published};

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
}

pub(crate) struct Row {
    pub(crate) route: &'static str,
    pub(crate) thing: Thing,
    body: fn(&World) -> Value,
    /// One for each of [`CALLERS`].
    pub(crate) expected: [u16; 7],
}

const OPEN: [u16; 7] = [200; 7];
const SIGNED_IN: [u16; 7] = [401, 200, 200, 200, 200, 200, 200];
/// Of a course that everybody sees but only some may change.
const EDIT: [u16; 7] = [401, 403, 403, 200, 403, 200, 404];
/// Of something that others do not even see.
const EDIT_HIDDEN: [u16; 7] = [401, 404, 404, 200, 404, 200, 404];
const LEARNER: [u16; 7] = [401, 200, 404, 404, 404, 404, 404];
/// Of a course that everybody sees: to enrol is what the others lack.
const ENROLLED: [u16; 7] = [401, 200, 403, 403, 403, 403, 404];
const NOBODY: [u16; 7] = [401, 404, 404, 404, 404, 404, 404];

fn none(_: &World) -> Value {
    Value::Null
}

fn row(route: &'static str, thing: Thing, expected: [u16; 7]) -> Row {
    Row { route, thing, body: none, expected }
}

fn with(route: &'static str, thing: Thing, expected: [u16; 7], body: fn(&World) -> Value) -> Row {
    Row { route, thing, body, expected }
}

fn created(mut row: [u16; 7]) -> [u16; 7] {
    for status in &mut row {
        *status = if *status == 200 { 201 } else { *status };
    }
    row
}

pub(crate) fn rows() -> Vec<Row> {
    use Thing::{Certificate, Draft, Learner, None as Nothing, Preview, Published};
    vec![
        row("GET /v1/health", Nothing, OPEN),
        row("GET /v1/openapi.json", Nothing, OPEN),
        row("GET /.well-known/jwks.json", Nothing, OPEN),
        with("POST /v1/auth/register", Nothing, created(OPEN), |world| {
            let email = format!("new{}@example.org", world.app.app().now().millis());
            json!({ "email": email, "password": "a long enough one", "first_name": "New", "last_name": "One" })
        }),
        with(
            "POST /v1/auth/login",
            Nothing,
            [401, 401, 401, 401, 401, 429, 401],
            |_| json!({ "email": "nobody@example.org", "password": "guess" }),
        ),
        with("POST /v1/auth/refresh", Nothing, [401; 7], |_| json!({ "refresh_token": "lrt_none" })),
        row("POST /v1/auth/logout", Nothing, [401, 204, 204, 204, 204, 204, 204]),
        with(
            "POST /v1/auth/email/verify",
            Nothing,
            [401, 422, 422, 422, 422, 422, 422],
            |_| json!({ "token": "lot_none" }),
        ),
        row("POST /v1/auth/email/verify/resend", Nothing, [401, 202, 202, 202, 202, 202, 202]),
        with(
            "POST /v1/auth/password/forgot",
            Nothing,
            [202; 7],
            |_| json!({ "email": "nobody@example.org" }),
        ),
        with(
            "POST /v1/auth/password/reset",
            Nothing,
            [422; 7],
            |_| json!({ "token": "lot_none", "password": "a long enough one" }),
        ),
        with(
            "PUT /v1/auth/password",
            Nothing,
            [401, 422, 422, 422, 422, 422, 422],
            |_| json!({ "current": "a guess", "new": "a long enough one" }),
        ),
        row("GET /v1/me", Nothing, SIGNED_IN),
        with("PATCH /v1/me", Nothing, SIGNED_IN, |_| json!({ "headline": "hello" })),
        with(
            "PUT /v1/admin/users/{user_id}/roles",
            Learner,
            [401, 403, 403, 403, 403, 200, 404],
            |_| json!({ "roles": ["student"] }),
        ),
        row("GET /v1/courses", Nothing, OPEN),
        row("GET /v1/courses/{course_id}", Published, [200, 200, 200, 200, 200, 200, 404]),
        row("GET /v1/courses/{course_id}", Draft, [404, 404, 404, 200, 404, 200, 404]),
        with(
            "POST /v1/courses",
            Nothing,
            [401, 403, 403, 201, 201, 201, 201],
            |_| json!({ "title": "Another" }),
        ),
        with("PATCH /v1/courses/{course_id}", Published, EDIT, |_| json!({ "description": "New." })),
        with("PATCH /v1/courses/{course_id}", Draft, EDIT_HIDDEN, |_| json!({ "description": "New." })),
        row("POST /v1/courses/{course_id}/publish", Published, EDIT),
        // The author has published it by the time that the other instructor asks.
        row("POST /v1/courses/{course_id}/publish", Draft, [401, 404, 404, 200, 403, 200, 404]),
        row("POST /v1/courses/{course_id}/unpublish", Draft, EDIT_HIDDEN),
        with("PUT /v1/courses/{course_id}/outline", Published, EDIT, |world| outline(&world.published)),
        with("PUT /v1/courses/{course_id}/outline", Draft, EDIT_HIDDEN, |world| outline(&world.draft)),
        with(
            "POST /v1/courses/{course_id}/modules",
            Published,
            created(EDIT),
            |_| json!({ "title": "More" }),
        ),
        with(
            "POST /v1/courses/{course_id}/modules",
            Draft,
            created(EDIT_HIDDEN),
            |_| json!({ "title": "More" }),
        ),
        with("PATCH /v1/modules/{module_id}", Published, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        with("PATCH /v1/modules/{module_id}", Draft, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        with(
            "POST /v1/modules/{module_id}/lessons",
            Published,
            created(EDIT_HIDDEN),
            |_| json!({ "title": "New", "content_type": "text" }),
        ),
        with(
            "POST /v1/modules/{module_id}/lessons",
            Draft,
            created(EDIT_HIDDEN),
            |_| json!({ "title": "New", "content_type": "text" }),
        ),
        row("GET /v1/lessons/{lesson_id}", Published, [401, 200, 403, 200, 403, 200, 404]),
        row("GET /v1/lessons/{lesson_id}", Preview, [200, 200, 200, 200, 200, 200, 404]),
        row("GET /v1/lessons/{lesson_id}", Draft, [404, 404, 404, 200, 404, 200, 404]),
        with("PATCH /v1/lessons/{lesson_id}", Published, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        with("PATCH /v1/lessons/{lesson_id}", Draft, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        row("GET /v1/categories", Nothing, OPEN),
        with(
            "POST /v1/admin/categories",
            Nothing,
            [401, 403, 403, 403, 403, 201, 201],
            |_| json!({ "name": "New" }),
        ),
        row("GET /v1/instructor/courses", Nothing, [401, 403, 403, 200, 200, 200, 200]),
        row("POST /v1/courses/{course_id}/enroll", Published, [401, 409, 201, 201, 201, 201, 404]),
        row("POST /v1/courses/{course_id}/enroll", Draft, NOBODY),
        row("GET /v1/me/courses", Nothing, SIGNED_IN),
        row("GET /v1/courses/{course_id}/progress", Published, ENROLLED),
        row("GET /v1/courses/{course_id}/progress", Draft, NOBODY),
        with("PUT /v1/lessons/{lesson_id}/progress", Published, ENROLLED, |_| json!({ "percent": 10 })),
        with("PUT /v1/lessons/{lesson_id}/progress", Draft, NOBODY, |_| json!({ "percent": 10 })),
        row("GET /v1/lessons/{lesson_id}/progress", Published, ENROLLED),
        row("GET /v1/lessons/{lesson_id}/progress", Draft, NOBODY),
        row("POST /v1/lessons/{lesson_id}/complete", Published, ENROLLED),
        row("POST /v1/lessons/{lesson_id}/complete", Draft, NOBODY),
        row("GET /v1/me/certificates", Nothing, SIGNED_IN),
        row("GET /v1/certificates/{certificate_id}", Certificate, LEARNER),
        row(
            "POST /v1/certificates/{certificate_id}/render",
            Certificate,
            [401, 202, 404, 404, 404, 404, 404],
        ),
        row("GET /v1/verify/{certificate_no}", Certificate, [200, 200, 200, 200, 200, 200, 404]),
        with(
            "POST /v1/admin/certificates/{certificate_id}/revoke",
            Certificate,
            [401, 403, 403, 403, 403, 200, 404],
            |_| json!({ "reason": "A mistake." }),
        ),
        with(
            "POST /v1/admin/certificates/{certificate_id}/correct",
            Certificate,
            [401, 403, 403, 403, 403, 202, 404],
            |_| json!({ "learner_name": "Learner Renamed", "reason": "Showed a passport." }),
        ),
        row("GET /v1/courses/{course_id}/certificate-template", Published, EDIT),
        row("GET /v1/courses/{course_id}/certificate-template", Draft, EDIT_HIDDEN),
        with("PUT /v1/courses/{course_id}/certificate-template", Published, EDIT, |_| template()),
        with("PUT /v1/courses/{course_id}/certificate-template", Draft, EDIT_HIDDEN, |_| template()),
        with("POST /v1/courses/{course_id}/certificate-template/preview", Published, EDIT, |_| template()),
        with("POST /v1/courses/{course_id}/certificate-template/preview", Draft, EDIT_HIDDEN, |_| template()),
    ]
}

fn template() -> Value {
    json!({ "heading": "Diploma", "statement": "has finished", "accent": "#102030" })
}

fn outline(course: &CourseFixture) -> Value {
    json!({ "modules": [{ "id": course.modules[0], "lessons": course.lessons }] })
}

pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) people: [Option<Person>; 7],
    pub(crate) published: CourseFixture,
    draft: CourseFixture,
    pub(crate) certificate: Certificate,
}

impl World {
    pub(crate) async fn new() -> Self {
        // Some stories take hours by its clock.
        let app = app_with(|config| config.access_token_seconds = 7 * 24 * 3600).await;
        let author = app.instructor("Author").await;
        let learner = app.student("Learner").await;
        let published = published(&app, &author, "Published", &[2]).await;
        let draft = draft(&app, &author, "Draft", &[2]).await;
        let preview = app.patch(format!("/v1/lessons/{}", published.lessons[1])).by(&author).if_match(1);
        let _ = preview.json(&json!({ "is_preview": true })).send().await.expect(200);
        enroll(&app, &learner, &published).await;
        let certificate = certificate_of(&app, &learner, &published).await;
        let people = [
            None,
            Some(learner),
            Some(app.student("Other").await),
            Some(author),
            Some(app.instructor("Rival").await),
            Some(app.admin("Admin").await),
            Some(app.person(&"other".parse().unwrap(), "Stranger", &[Role::Admin, Role::Instructor]).await),
        ];
        Self { app, people, published, draft, certificate }
    }

    /// The path of a row, with real ids or with ids that nothing has.
    fn path(&self, row: &Row, absent: bool) -> String {
        let (_, path) = row.route.split_once(' ').unwrap();
        let (course, lesson) = match row.thing {
            Thing::Draft => (&self.draft, 0),
            Thing::Preview => (&self.published, 1),
            _ => (&self.published, 0),
        };
        let learner = self.people[1].as_ref().unwrap().id.to_string();
        let nobody = "00000000000070008000000000000000";
        let pick = |real: &str, kind: &str| if absent { format!("{kind}_{nobody}") } else { real.to_owned() };
        path.replace("{course_id}", &pick(&course.id, "crs"))
            .replace("{module_id}", &pick(&course.modules[0], "mod"))
            .replace("{lesson_id}", &pick(&course.lessons[lesson], "les"))
            .replace("{user_id}", &pick(&learner, "usr"))
            .replace("{certificate_id}", &pick(&self.certificate.id.to_string(), "crt"))
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

/// Without what names the request itself.
fn comparable(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    for member in ["instance", "request_id"] {
        body[member] = Value::Null;
    }
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    let mut wrong = Vec::new();
    for row in rows() {
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

#[test]
fn r21_every_route_has_a_row() {
    let routes: BTreeSet<String> =
        local::registry().endpoints.iter().map(|entry| entry.route.to_string()).collect();
    let covered: BTreeSet<String> = rows().iter().map(|row| row.route.to_owned()).collect();
    let missing: Vec<_> = routes.difference(&covered).collect();
    let stale: Vec<_> = covered.difference(&routes).collect();
    assert!(missing.is_empty(), "add rows to tests/api/edge/authorization.rs for {missing:?}");
    assert!(stale.is_empty(), "no such routes any more: {stale:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_the_reference_says_who_has_to_sign_in() {
    let world = World::new().await;
    let document = runtime::openapi::document(&local::registry());
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
