//! POST /v1/courses/{course_id}/trailer

use serde_json::{Value, json};
use tests::text;

use crate::video::setup::{BEGINNING, Studio, a_minute, studio};

/// A trailer that was made ready.
async fn trailer(studio: &Studio) -> String {
    studio.app.clock().advance(400);
    let body = json!({ "filename": "knots.mp4", "size_bytes": BEGINNING.len(), "content_type": "video/mp4" });
    let begun =
        studio.app.post(studio.course.path("trailer")).by(&studio.author).json(&body).send().await.json(201);
    let id = text(&begun, "video_id");
    studio.write(&id, BEGINNING).await;
    let [told] = &studio.told()[..] else { panic!("one event") };
    studio.start(&told.body).await.unwrap();
    studio.end(&studio.jobs(&id)[0], &a_minute()).await.unwrap();
    studio.attach().await;
    id
}

#[tokio::test]
async fn whoever_sees_the_course_watches_its_trailer() {
    let studio = studio().await;
    let id = trailer(&studio).await;
    let path = format!("/v1/videos/{id}");
    let course = format!("/v1/courses/{}", studio.course.id);
    let own = studio.video(&id).await;
    assert_eq!((&own["status"], &own["filename"]), (&json!("ready"), &json!("knots.mp4")));
    studio.app.get(&path).send().await.refused(404, "not_found");

    let (_, job) = studio.processing().await;
    studio.end(&job, &a_minute()).await.unwrap();
    studio.attach().await;
    let body = json!({ "description": "Six that hold.", "level": "beginner" });
    let shown = studio.app.get(&course).by(&studio.author).send().await;
    let _ = studio
        .app
        .patch(&course)
        .by(&studio.author)
        .if_match(shown.rev())
        .json(&body)
        .send()
        .await
        .expect(200);
    let _ = studio.app.post(studio.course.path("publish")).by(&studio.author).send().await.expect(200);
    assert_eq!(studio.app.get(&course).send().await.json(200)["trailer_video_id"], json!(id));
    let seen = studio.app.get(&path).send().await.json(200);
    assert!(seen["playback_url"].is_string());
    assert_eq!([&seen["filename"], &seen["lesson_id"], &seen["progress"]], [&Value::Null; 3]);

    // Whoever enrolled while it was published still sees the course, and what it shows.
    let grace = studio.app.student("Grace").await;
    tests::enroll(&studio.app, &grace, &studio.course).await;
    let _ = studio.app.post(studio.course.path("unpublish")).by(&studio.author).send().await.expect(200);
    let _ = studio.app.get(&path).by(&grace).send().await.expect(200);
    studio.app.get(&path).by(&studio.app.student("Passer").await).send().await.refused(404, "not_found");

    let _ = studio
        .app
        .request("DELETE", studio.course.path("trailer"))
        .by(&studio.author)
        .send()
        .await
        .expect(204);
    studio.app.get(&path).by(&grace).send().await.refused(404, "not_found");
    let _ = studio.app.get(&path).by(&studio.author).send().await.expect(200);
}

#[tokio::test]
async fn one_that_was_taken_off_goes_when_another_takes_its_place() {
    let studio = studio().await;
    let first = trailer(&studio).await;
    let _ = studio
        .app
        .request("DELETE", studio.course.path("trailer"))
        .by(&studio.author)
        .send()
        .await
        .expect(204);
    studio.app.clock().advance(24 * 3600 + 1);
    studio.sweep().await.unwrap();
    assert!(studio.app.file(&studio.object(&first)).is_some(), "it may be shown again");
    let second = trailer(&studio).await;
    studio.app.clock().advance(24 * 3600 + 1);
    studio.sweep().await.unwrap();
    assert_eq!(studio.app.file(&studio.object(&first)), None);
    assert!(studio.app.file(&studio.object(&second)).is_some());
    assert_eq!(studio.video(&second).await["status"], "ready");
}
