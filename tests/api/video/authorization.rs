//! R21: who may call which route of this domain.

use serde_json::json;

use crate::edge::authorization::{
    EDIT, EDIT_HIDDEN, LEARNER, Row, SIGNED_IN,
    Thing::{Film, FilmOfPreview, None as Nothing, Published, Recording, Trailer},
    answers_as_its_rows_say, created, row, with,
};

/// What one lets pass of whom the other does, where the thing is not ready for it.
fn conflicting(mut row: [u16; 7]) -> [u16; 7] {
    for status in &mut row {
        *status = if *status == 200 { 409 } else { *status };
    }
    row
}

pub(crate) fn rows() -> Vec<Row> {
    let begun = |_: &_| json!({ "filename": "a.mp4", "size_bytes": 1000, "content_type": "video/mp4" });
    vec![
        with("POST /v1/lessons/{lesson_id}/video", Film, created(EDIT_HIDDEN), begun),
        with("POST /v1/lessons/{lesson_id}/video", Published, conflicting(EDIT_HIDDEN), begun),
        row("GET /v1/videos/{video_id}", Film, [401, 200, 403, 200, 403, 200, 404]),
        with("POST /v1/courses/{course_id}/trailer", Published, created(EDIT), begun),
        with(
            "POST /v1/recordings",
            Nothing,
            created(SIGNED_IN),
            |_| json!({ "title": "A hitch", "content_type": "video/webm" }),
        ),
        row("GET /v1/me/recordings", Nothing, SIGNED_IN),
        row("GET /v1/recordings/{recording_id}", Recording, LEARNER),
        row("DELETE /v1/recordings/{recording_id}", Recording, [401, 204, 404, 404, 404, 404, 404]),
        row("GET /v1/videos/{video_id}", FilmOfPreview, [200, 200, 200, 200, 200, 200, 404]),
        row("GET /v1/videos/{video_id}", Trailer, [200, 200, 200, 200, 200, 200, 404]),
        row("GET /v1/videos/{video_id}", Recording, [404, 200, 404, 404, 404, 404, 404]),
        row("GET /v1/videos/{video_id}/analytics", Recording, LEARNER),
        // In the scene's copies the bucket knows nothing of its upload.
        with(
            "POST /v1/videos/{video_id}/upload/parts",
            Recording,
            conflicting(LEARNER),
            |_| json!({ "numbers": [1] }),
        ),
        with(
            "POST /v1/videos/{video_id}/captions",
            Film,
            EDIT_HIDDEN,
            |_| json!({ "language": "en", "label": "English", "webvtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n" }),
        ),
        // Nobody without a link; tests/api/video/get_playlist.rs has who has one.
        row("GET /v1/videos/{video_id}/playlists/{playlist}", Film, [403; 7]),
        row("GET /v1/videos/{video_id}/analytics", Film, EDIT_HIDDEN),
        with(
            "POST /v1/videos/{video_id}/upload/parts",
            Film,
            conflicting(EDIT_HIDDEN),
            |_| json!({ "numbers": [1] }),
        ),
        with(
            "POST /v1/videos/{video_id}/upload/complete",
            Film,
            conflicting(EDIT_HIDDEN),
            |_| json!({ "upload_id": "another", "parts": [{ "number": 1, "etag": "\"e\"" }] }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    answers_as_its_rows_say(rows()).await;
}
