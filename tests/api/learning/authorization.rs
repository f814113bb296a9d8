//! R21: who may call which route of this domain.

use serde_json::json;

use crate::edge::authorization::{
    ENROLLED, NOBODY, Row, SIGNED_IN,
    Thing::{Draft, Film, FilmOfPreview, None as Nothing, Published, Recording, Trailer},
    answers_as_its_rows_say, row, with,
};

pub(crate) fn rows() -> Vec<Row> {
    let watched = |_: &_| json!({ "watched": [[0, 10]], "position_seconds": 10 });
    vec![
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
        with("POST /v1/videos/{video_id}/progress", Film, ENROLLED, watched),
        // Who may watch a preview has no progress without an enrolment.
        with("POST /v1/videos/{video_id}/progress", FilmOfPreview, ENROLLED, watched),
        with("POST /v1/videos/{video_id}/progress", Trailer, NOBODY, watched),
        with("POST /v1/videos/{video_id}/progress", Recording, NOBODY, watched),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    answers_as_its_rows_say(rows()).await;
}
