//! R21: who may call which route of this domain.

use serde_json::json;

use crate::edge::authorization::{
    OPEN, Row, SIGNED_IN, Thing::None as Nothing, answers_as_its_rows_say, created, row, with,
};

pub(crate) fn rows() -> Vec<Row> {
    vec![
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
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    answers_as_its_rows_say(rows()).await;
}
