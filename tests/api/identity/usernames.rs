//! PATCH /v1/me, where it sets a username: unique in its school, without regard to case.

use serde_json::{Value, json};
use testkit::{Answer, Moment, Person, TestApp, every_crash_point};
use tests::app;

use crate::identity::setup::{account, count, race, shared_app, with_status};

async fn rename(app: &TestApp, person: &Person, username: impl Into<Value>) -> Answer {
    app.patch("/v1/me").by(person).json(&json!({ "username": username.into() })).send().await
}

#[tokio::test]
async fn a_username_belongs_to_one_account_however_it_is_written() {
    let app = app().await;
    let (ada, grace) = (app.student("Ada").await, app.student("Grace").await);
    let _ = rename(&app, &ada, "Ada.Lovelace").await.expect(200);
    let before = app.dump().await;
    for name in ["Ada.Lovelace", "ada.lovelace", "ADA.LOVELACE"] {
        rename(&app, &grace, name).await.refused(409, "username_taken");
    }
    // What came along with it is not written either.
    let body = json!({ "username": "ada.lovelace", "headline": "x" });
    app.patch("/v1/me").by(&grace).json(&body).send().await.refused(409, "username_taken");
    assert_eq!(app.dump().await, before);
    let _ = rename(&app, &grace, "ada_lovelace").await.expect(200);
}

#[tokio::test]
async fn its_owner_may_write_it_otherwise() {
    let app = app().await;
    let (ada, grace) = (app.student("Ada").await, app.student("Grace").await);
    let _ = rename(&app, &ada, "ada.lovelace").await.expect(200);
    let _ = rename(&app, &ada, "ada.lovelace").await.expect(200);
    let answer = rename(&app, &ada, "Ada.Lovelace").await.json(200);
    assert_eq!(answer["profile"]["username"], "Ada.Lovelace");
    rename(&app, &grace, "ada.lovelace").await.refused(409, "username_taken");
}

#[tokio::test]
async fn a_change_and_a_removal_free_the_old_one() {
    let app = app().await;
    let (ada, grace) = (app.student("Ada").await, app.student("Grace").await);
    let guards = count(&app, "pointer").await;
    let _ = rename(&app, &ada, "First").await.expect(200);
    let _ = rename(&app, &ada, "second").await.expect(200);
    assert_eq!(count(&app, "pointer").await, guards + 1);
    let _ = rename(&app, &grace, "first").await.expect(200);
    rename(&app, &ada, "FIRST").await.refused(409, "username_taken");
    let _ = rename(&app, &ada, Value::Null).await.expect(200);
    let _ = rename(&app, &grace, "Second").await.expect(200);
    assert_eq!(count(&app, "pointer").await, guards + 1);
}

#[tokio::test]
async fn another_school_may_have_the_same_username() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let there = app.person(&"other".parse().unwrap(), "Ada", &[]).await;
    let _ = rename(&app, &ada, "ada").await.expect(200);
    let _ = rename(&app, &there, "ada").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_of_twelve_who_want_one_username_one_gets_it() {
    let app = shared_app().await;
    let mut people = Vec::new();
    for n in 0..12 {
        people.push(app.student(&format!("reader{n}")).await);
    }
    let names = ["theone", "TheOne", "THEONE"];
    let requests = people
        .iter()
        .enumerate()
        .map(|(n, person)| app.patch("/v1/me").by(person).json(&json!({ "username": names[n % 3] })));
    let answers = race(requests).await;
    assert_eq!((with_status(&answers, 200), with_status(&answers, 409)), (1, 11));
    let mut owners = 0;
    for (person, answer) in people.iter().zip(&answers) {
        let has_it = account(app, person.id).await.value.profile.username.is_some();
        assert_eq!(has_it, answer.status == 200);
        owners += usize::from(has_it);
    }
    assert_eq!((owners, count(app, "pointer").await), (1, 12 + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_one_account_that_takes_many_usernames_at_once_keeps_one() {
    let app = shared_app().await;
    let (ada, grace) = (app.student("Ada").await, app.student("Grace").await);
    let names: Vec<String> = (0..6).map(|n| format!("ada{n}")).collect();
    let answers =
        race(names.iter().map(|name| app.patch("/v1/me").by(&ada).json(&json!({ "username": name })))).await;
    assert_eq!(with_status(&answers, 200), 6);
    let kept = account(app, ada.id).await.value.profile.username.unwrap();
    for name in names {
        let answer = rename(app, &grace, name.as_str()).await;
        assert_eq!(answer.status, if name == kept { 409 } else { 200 }, "{name}, while {kept} is kept");
    }
}

#[tokio::test]
async fn f1_a_crash_leaves_the_old_username_or_the_new_one() {
    let points = every_crash_point(
        async || {
            let app = app().await;
            let ada = app.student("Ada").await;
            let _ = rename(&app, &ada, "old").await.expect(200);
            (app, ada)
        },
        |(app, _)| app,
        async |(app, ada)| drop(rename(app, ada, "new").await),
        async |(app, ada), point| {
            let name = account(app, ada.id).await.value.profile.username.unwrap();
            let done = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(name, if done { "new" } else { "old" }, "{point:?}");
            assert_eq!(count(app, "pointer").await, 2, "{point:?}");
            let grace = app.student("Grace").await;
            rename(app, &grace, name.as_str()).await.refused(409, "username_taken");
            let free = if done { "old" } else { "new" };
            let _ = rename(app, &grace, free).await.expect(200);
        },
    )
    .await;
    assert_eq!(points, 4, "the change reads once and writes once");
}
