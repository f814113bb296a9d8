//! What the tests of this domain begin with, beside what all domains share.

use std::{fmt::Debug, str::FromStr};

use domain::catalog::{CourseCard, CourseId, LessonId, LessonSummary};
use kernel::Error;
use runtime::token;
use serde_json::{Value, json};
use store::{Consistency, Entity, Key, Stored, keys};
use testkit::{Answer, Person, TestApp, TestRequest};
use tests::{CourseFixture, text};
use tokio::task::JoinSet;

/// An app for tests whose requests race: it lives as long as the tasks that hold it.
pub(crate) async fn app_for_tasks() -> &'static TestApp {
    Box::leak(Box::new(tests::app().await))
}

/// Does all of it at once, each in a task of its own.
pub(crate) async fn race<T: Send + 'static>(
    work: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    work.into_iter().collect::<JoinSet<T>>().join_all().await
}

/// An id, or a revision.
pub(crate) fn parsed<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("well formed")
}

impl Fixture for CourseFixture {
    fn course_id(&self) -> CourseId {
        parsed(&self.id)
    }
}

/// What the tests ask of a course beside its paths.
pub(crate) trait Fixture {
    fn course_id(&self) -> CourseId;
}

/// A new category's id.
pub(crate) async fn category(app: &TestApp, admin: &Person, name: &str) -> String {
    text(
        &app.post("/v1/admin/categories").by(admin).json(&json!({ "name": name })).send().await.json(201),
        "id",
    )
}

/// The course as whoever `reads` it sees it.
pub(crate) async fn seen(app: &TestApp, reads: &Person, course: &CourseFixture) -> Value {
    app.get(format!("/v1/courses/{}", course.id)).by(reads).send().await.json(200)
}

/// What stands at `key`.
pub(crate) async fn stored<E: Entity>(app: &TestApp, key: &Key<E>) -> Stored<E> {
    let found = app.store().get(key, Consistency::Strong).await.expect("readable");
    found.unwrap_or_else(|| panic!("nothing at {key:?}"))
}

/// Changes an item behind the API's back.
pub(crate) async fn edit<E: Entity>(app: &TestApp, key: &Key<E>, change: impl FnOnce(&mut E)) {
    let Stored { mut value, rev } = stored(app, key).await;
    change(&mut value);
    let school = app.school();
    let mut edit = app.store().transaction(&school);
    edit.replace(key, &value, rev);
    edit.commit().await.expect("nobody else writes");
}

/// A course's card.
pub(crate) async fn card(app: &TestApp, course: &CourseFixture) -> CourseCard {
    stored(app, &keys::course_card(&app.school(), course.course_id())).await.value
}

/// Gives a lesson its video, as the video domain will.
pub(crate) async fn give_video(app: &TestApp, course: &CourseFixture, lesson: &str) {
    let (school, id): (_, LessonId) = (app.school(), parsed(lesson));
    edit(app, &keys::lesson(&school, id), |lesson| {
        lesson.video_id = Some("a-video".to_owned());
    })
    .await;
    edit(app, &keys::lesson_summary(&school, course.course_id(), id), |line: &mut LessonSummary| {
        line.has_video = true;
    })
    .await;
}

/// Lets `seconds` pass, and hands `person` a token of that time.
pub(crate) fn wait(app: &TestApp, person: &Person, seconds: i64) -> Person {
    let claims = token::verify(app.app(), &person.token).expect("still valid");
    app.clock().advance(seconds);
    let token = app.token(&claims.school, claims.sub, claims.sid);
    Person { token, ..person.clone() }
}

/// An answer without what names its request, and without `name`: to see that two refusals are the same.
pub(crate) fn bytes_without(answer: &Answer, name: &str) -> String {
    let headers = answer.headers.iter().filter(|(header, _)| *header != "x-request-id");
    let mut headers: Vec<_> = headers.map(|(header, value)| format!("{header}: {value:?}")).collect();
    headers.sort();
    let request = text(&answer.json, "request_id");
    let body = answer.text().replace(&request, "<request>").replace(name, "<name>");
    format!("{} {headers:?} {body}", answer.status)
}

/// Sends a creating request twice with one `Idempotency-Key`, then another one with the same key.
pub(crate) async fn assert_replays<'a>(
    request: impl Fn(&Value) -> TestRequest<'a>,
    body: &Value,
    other: &Value,
) {
    let with_key = |body: &Value| request(body).header("idempotency-key", "one-key");
    let first = with_key(body).send().await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = with_key(body).send().await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let told = |answer: &Answer| {
        (answer.text(), ["etag", "location"].map(|name| answer.header(name).map(str::to_owned)))
    };
    assert_eq!(told(&again), told(&first));
    with_key(other).send().await.refused(422, "idempotency_key_reused");
}

/// How many items of the table have a key that contains `part`.
pub(crate) async fn count_items(app: &TestApp, part: &str) -> usize {
    let key = format!("PK=S(\"S#{}#{part}", app.school());
    app.dump().await.iter().filter(|item| item.contains(&key)).count()
}

/// Refuses to be the second of two equal things.
pub(crate) fn twice() -> Error {
    Error::internal("twice")
}

/// Pointers and codes, for comparing.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}
