//! What a request goes through that loses a race (R5): it begins again from the start, so that whoever has lost the
//! permission too changes nothing, and what it takes it takes once.

use kernel::UserId;
use serde_json::json;
use testkit::{Answer, Person, TestApp, TestRequest};
use tests::{CourseFixture, app, app_with, change_account, draft, enroll, published};

use crate::certificates::setup::{Graduate, graduate, stored};

fn leaked<T>(world: T) -> &'static T {
    Box::leak(Box::new(world))
}

#[track_caller]
fn done(answer: Answer) -> Answer {
    assert!(answer.status < 300, "{} answered {}", answer.what, answer.text());
    answer
}

/// How many calls `request` makes: the last is its change.
async fn calls_of(app: &TestApp, request: TestRequest<'static>) -> usize {
    app.tap().reset();
    drop(done(request.send().await));
    app.tap().calls()
}

/// Sends `request` and holds its `call`-th call back until `meanwhile` is over.
async fn held<T>(
    app: &'static TestApp,
    request: TestRequest<'static>,
    call: usize,
    meanwhile: impl Future<Output = T>,
) -> (Answer, T) {
    app.tap().hold_at(call);
    let answer = tokio::spawn(request.racing().send());
    app.tap().held().await;
    let met = meanwhile.await;
    app.tap().release();
    (answer.await.unwrap(), met)
}

/// A request that collides.
struct Collision {
    caller: UserId,
    /// Makes as many calls.
    like: TestRequest<'static>,
    request: TestRequest<'static>,
    /// What it collides with.
    with: TestRequest<'static>,
}

async fn collisions(class: &'static Graduate) -> Vec<Collision> {
    let (app, author) = (&class.app, &class.author);
    let (root, deputy) = (app.admin("Root").await, app.admin("Deputy").await);
    let heidi = app.student("Heidi").await;
    enroll(app, &heidi, &class.course).await;
    let drafts = [draft(app, author, "One", &[1]).await, draft(app, author, "Two", &[1]).await];
    let add_module = |course: &CourseFixture, by: &Person| {
        app.post(course.path("modules")).by(by).json(&json!({ "title": "More" }))
    };
    let add_lesson = || {
        let lesson = json!({ "title": "Another", "content_type": "text" });
        app.post(format!("/v1/modules/{}/lessons", class.course.modules[0])).by(author).json(&lesson)
    };
    let progress = |percent: u32| {
        let path = format!("/v1/lessons/{}/progress", class.course.lessons[0]);
        app.put(path).by(&heidi).json(&json!({ "percent": percent }))
    };
    let correct = |name: &str| {
        let body = json!({ "learner_name": name, "reason": "Showed a passport." });
        app.post(format!("/v1/admin/certificates/{}/correct", class.id)).by(&deputy).json(&body)
    };
    let to = |course: &CourseFixture, verb: &str| app.post(course.path(verb)).by(author);
    let of = |caller: &Person, like, request, with| Collision { caller: caller.id, like, request, with };
    let course = &class.course;
    vec![
        of(author, add_module(course, author), add_module(course, author), add_module(course, &root)),
        of(author, add_lesson(), add_lesson(), add_module(course, &root)),
        of(author, to(&drafts[0], "publish"), to(&drafts[1], "publish"), add_module(&drafts[1], &root)),
        of(author, to(&drafts[0], "unpublish"), to(course, "unpublish"), add_module(course, &root)),
        of(&heidi, progress(10), progress(30), progress(20)),
        of(
            &deputy,
            correct("Grace Hopper"),
            correct("Grace Murray"),
            app.post(format!("/v1/certificates/{}/render", class.id)).by(&class.learner),
        ),
    ]
}

#[tokio::test]
async fn r5_whoever_loses_the_permission_with_the_race_changes_nothing() {
    let class = leaked(graduate().await);
    let app = &class.app;
    for Collision { caller, like, request, with } in collisions(class).await {
        let write = calls_of(app, like).await;
        let meanwhile = async {
            drop(done(with.send().await));
            change_account(app, caller, |user| user.is_active = false).await;
            app.dump().await
        };
        let (answer, before) = held(app, request, write, meanwhile).await;
        answer.refused(401, "invalid_token");
        assert_eq!(app.dump().await, before, "{}", answer.what);
        change_account(app, caller, |user| user.is_active = true).await;
    }
}

#[tokio::test]
async fn r5_whoever_keeps_the_permission_is_not_told_of_the_race() {
    let class = leaked(graduate().await);
    let app = &class.app;
    for Collision { like, request, with, .. } in collisions(class).await {
        let write = calls_of(app, like).await;
        let meanwhile = async {
            drop(done(with.send().await));
            app.tap().calls()
        };
        let (answer, before) = held(app, request, write, meanwhile).await;
        let answer = done(answer);
        assert_eq!(app.tap().calls() - before, write, "{} did not begin again", answer.what);
    }
}

#[tokio::test]
async fn r28_a_race_costs_no_second_token() {
    let class = leaked(graduate().await);
    let (app, root) = (&class.app, class.app.admin("Root").await);
    let render = || app.post(format!("/v1/certificates/{}/render", class.id)).by(&class.learner);
    let write = calls_of(app, render()).await;
    let correction = json!({ "learner_name": "Grace Hopper", "reason": "Showed a passport." });
    let correct =
        app.post(format!("/v1/admin/certificates/{}/correct", class.id)).by(&root).json(&correction);
    let (answer, ()) = held(app, render(), write, async { drop(done(correct.send().await)) }).await;
    let _ = answer.expect(202);
    let certificate = stored(app, class.id.parse().unwrap()).await;
    assert_eq!((certificate.renderings, certificate.learner_name.as_str()), (4, "Grace Hopper"));
    // Five a day: those two, and three more.
    for _ in 0..3 {
        let _ = render().send().await.expect(202);
    }
    render().send().await.refused(429, "rate_limited");
}

#[tokio::test]
async fn r28_nor_does_it_count_as_two_calls_of_a_minute() {
    let app = leaked(app_with(&[("CALLS_PER_MINUTE", "3")]).await);
    let ada = app.student("Ada").await;
    let rename = || app.patch("/v1/me").by(&ada).json(&json!({ "headline": "Analyst" }));
    let write = calls_of(app, rename()).await;
    let meanwhile = change_account(app, ada.id, |user| user.first_name = "Augusta".into());
    let (answer, ()) = held(app, rename(), write, meanwhile).await;
    assert_eq!(answer.json(200)["first_name"], "Augusta");
    let _ = app.get("/v1/me").by(&ada).send().await.expect(200);
    app.get("/v1/me").by(&ada).send().await.refused(429, "rate_limited");
}

/// Its own copy, sent again by a client that did not want to wait.
#[tokio::test]
async fn r1_whoever_loses_to_a_copy_gets_the_reply_of_the_one_that_won() {
    let app = leaked(app().await);
    let author = app.instructor("Ada").await;
    let course = draft(app, &author, "Rust", &[1]).await;
    let add = |key: &str| {
        let request = app.post(course.path("modules")).by(&author).json(&json!({ "title": "More" }));
        request.header("idempotency-key", key)
    };
    let write = calls_of(app, add("first")).await;
    let (lost, won) = held(app, add("second"), write, async { done(add("second").send().await) }).await;
    assert_eq!(
        (won.header("idempotency-replayed"), lost.header("idempotency-replayed")),
        (None, Some("true"))
    );
    assert_eq!((lost.status, &lost.body), (201, &won.body));
    let shown = app.get(format!("/v1/courses/{}", course.id)).by(&author).send().await.json(200);
    assert_eq!(shown["modules"].as_array().unwrap().len(), 3);
}

/// A revision that the client named is not given up for another one, whatever else moved.
#[tokio::test]
async fn r5_whoever_names_a_revision_hears_that_it_is_gone_and_nothing_of_other_races() {
    let app = leaked(app().await);
    let (author, grace) = (app.instructor("Ada").await, app.student("Grace").await);
    let course = published(app, &author, "Rust", &[1]).await;
    let path = format!("/v1/courses/{}", course.id);
    let rev = app.get(&path).by(&author).send().await.expect(200).rev();
    let edit = |title: &str, rev| app.patch(&path).by(&author).if_match(rev).json(&json!({ "title": title }));
    let write = calls_of(app, edit("Rust 1", rev)).await;
    // An enrolment moves the card, which is written with the course.
    enroll(app, &grace, &course).await;
    let (answer, ()) = held(app, edit("Rust 2", rev + 1), write, app.carry()).await;
    assert_eq!(answer.expect(200).rev(), rev + 2);
    let other = async { drop(done(edit("Rust 3", rev + 2).send().await)) };
    let (answer, ()) = held(app, edit("Rust 4", rev + 2), write, other).await;
    answer.refused(412, "stale");
    assert_eq!(app.get(&path).by(&author).send().await.json(200)["title"], "Rust 3");
}
