//! POST /v1/auth/register, when the process dies or the connection breaks.

use testkit::{Moment, TestApp, every_crash_point};
use tests::app;

use crate::identity::setup::{EMAIL, PASSWORD, SignedIn, count, login, opens, registration};

/// Email guard, account, session and event.
async fn parts(app: &TestApp) -> [usize; 4] {
    [
        count(app, "pointer").await,
        count(app, "user").await,
        count(app, "session").await,
        count(app, "event").await,
    ]
}

#[tokio::test]
async fn f1_a_crash_leaves_a_whole_account_or_none() {
    let register =
        async |app: &TestApp| app.post("/v1/auth/register").json(&registration(EMAIL)).send().await;
    let points = every_crash_point(
        app,
        |app| app,
        async |app| drop(register(app).await),
        async |app, point| {
            let left = parts(app).await;
            // The last call is the transaction; those before count for the rate limits.
            let whole = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(left, if whole { [1; 4] } else { [0; 4] }, "{point:?}");

            let again = register(app).await;
            if whole {
                again.refused(409, "email_taken");
            } else {
                assert!(opens(app, &SignedIn::of(&again.json(201)).access).await, "{point:?}");
            }
            assert_eq!(parts(app).await, [1; 4], "{point:?}");
            // Whoever got no answer still has the account: the password opens it.
            let _ = login(app, EMAIL, PASSWORD).send().await.expect(200);
        },
    )
    .await;
    assert_eq!(points, 6, "register makes three calls");
}

#[tokio::test]
async fn a_broken_connection_does_not_turn_success_into_email_taken() {
    for moment in [Moment::BeforeSend, Moment::AfterCommit] {
        let app = app().await;
        app.tap().break_at(3, moment);
        let answer = app.post("/v1/auth/register").json(&registration(EMAIL)).send().await;
        assert_eq!(app.tap().calls(), 4, "the client sends it again");
        assert!(opens(&app, &SignedIn::of(&answer.json(201)).access).await);
        assert_eq!(parts(&app).await, [1; 4], "{moment:?}");
    }
}
