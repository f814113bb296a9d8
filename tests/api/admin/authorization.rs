//! R21: who may call which route of this domain.

use serde_json::json;

use crate::edge::authorization::{Row, Thing::Learner, answers_as_its_rows_say, with};

pub(crate) fn rows() -> Vec<Row> {
    vec![with(
        "PUT /v1/admin/users/{user_id}/roles",
        Learner,
        [401, 403, 403, 403, 403, 200, 404],
        |_| json!({ "roles": ["student"] }),
    )]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    answers_as_its_rows_say(rows()).await;
}
