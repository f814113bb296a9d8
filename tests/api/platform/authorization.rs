//! R21: who may call which route of this domain.

use crate::edge::authorization::{OPEN, Row, Thing::None as Nothing, answers_as_its_rows_say, row};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row("GET /v1/health", Nothing, OPEN),
        row("GET /v1/openapi.json", Nothing, OPEN),
        row("GET /.well-known/jwks.json", Nothing, OPEN),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    answers_as_its_rows_say(rows()).await;
}
