//! R21: who may call which route of this domain.

use serde_json::{Value, json};

use crate::edge::authorization::{
    EDIT, EDIT_HIDDEN, LEARNER, Row, SIGNED_IN,
    Thing::{Certificate, Draft, None as Nothing, Published},
    answers_as_its_rows_say, row, with,
};

pub(crate) fn rows() -> Vec<Row> {
    vec![
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    answers_as_its_rows_say(rows()).await;
}
