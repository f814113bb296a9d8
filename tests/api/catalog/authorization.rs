//! R21: who may call which route of this domain.

use serde_json::{Value, json};
use tests::CourseFixture;

use crate::edge::authorization::{
    EDIT, EDIT_HIDDEN, OPEN, Row,
    Thing::{Draft, None as Nothing, Preview, Published, Trailer},
    answers_as_its_rows_say, created, row, with,
};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row("GET /", Nothing, OPEN),
        row("GET /courses", Nothing, OPEN),
        row("GET /courses/{slug}", Published, [200, 200, 200, 200, 200, 200, 404]),
        row("GET /courses/{slug}", Draft, [404; 7]),
        row("GET /sitemap.xml", Nothing, OPEN),
        row("GET /v1/courses", Nothing, OPEN),
        row("GET /v1/courses/{course_id}", Published, [200, 200, 200, 200, 200, 200, 404]),
        row("GET /v1/courses/{course_id}", Draft, [404, 404, 404, 200, 404, 200, 404]),
        with(
            "POST /v1/courses",
            Nothing,
            [401, 403, 403, 201, 201, 201, 201],
            |_| json!({ "title": "Another" }),
        ),
        with("PATCH /v1/courses/{course_id}", Published, EDIT, |_| json!({ "description": "New." })),
        with("PATCH /v1/courses/{course_id}", Draft, EDIT_HIDDEN, |_| json!({ "description": "New." })),
        row("POST /v1/courses/{course_id}/publish", Published, EDIT),
        // The author has published it by the time that the other instructor asks.
        row("POST /v1/courses/{course_id}/publish", Draft, [401, 404, 404, 200, 403, 200, 404]),
        row("POST /v1/courses/{course_id}/unpublish", Draft, EDIT_HIDDEN),
        row("DELETE /v1/courses/{course_id}/trailer", Trailer, [401, 403, 403, 204, 403, 204, 404]),
        with("PUT /v1/courses/{course_id}/outline", Published, EDIT, |world| outline(&world.published)),
        with("PUT /v1/courses/{course_id}/outline", Draft, EDIT_HIDDEN, |world| outline(&world.draft)),
        with(
            "POST /v1/courses/{course_id}/modules",
            Published,
            created(EDIT),
            |_| json!({ "title": "More" }),
        ),
        with(
            "POST /v1/courses/{course_id}/modules",
            Draft,
            created(EDIT_HIDDEN),
            |_| json!({ "title": "More" }),
        ),
        with("PATCH /v1/modules/{module_id}", Published, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        with("PATCH /v1/modules/{module_id}", Draft, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        with(
            "POST /v1/modules/{module_id}/lessons",
            Published,
            created(EDIT_HIDDEN),
            |_| json!({ "title": "New", "content_type": "text" }),
        ),
        with(
            "POST /v1/modules/{module_id}/lessons",
            Draft,
            created(EDIT_HIDDEN),
            |_| json!({ "title": "New", "content_type": "text" }),
        ),
        row("GET /v1/lessons/{lesson_id}", Published, [401, 200, 403, 200, 403, 200, 404]),
        row("GET /v1/lessons/{lesson_id}", Preview, [200, 200, 200, 200, 200, 200, 404]),
        row("GET /v1/lessons/{lesson_id}", Draft, [404, 404, 404, 200, 404, 200, 404]),
        with("PATCH /v1/lessons/{lesson_id}", Published, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        with("PATCH /v1/lessons/{lesson_id}", Draft, EDIT_HIDDEN, |_| json!({ "title": "New" })),
        row("GET /v1/categories", Nothing, OPEN),
        with(
            "POST /v1/admin/categories",
            Nothing,
            [401, 403, 403, 403, 403, 201, 201],
            |_| json!({ "name": "New" }),
        ),
        row("GET /v1/instructor/courses", Nothing, [401, 403, 403, 200, 200, 200, 200]),
    ]
}

fn outline(course: &CourseFixture) -> Value {
    json!({ "modules": [{ "id": course.modules[0], "lessons": course.lessons }] })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r21_every_route_answers_each_caller_as_its_row_says() {
    answers_as_its_rows_say(rows()).await;
}
