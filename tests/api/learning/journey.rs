//! The main job from end to end: a course is made, published, found, taken and completed.

use serde_json::json;
use tests::{app, enroll, published};

#[tokio::test]
async fn a_learner_finds_enrols_works_and_completes() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust from the first line", &[2, 1]).await;

    let found = app.get("/v1/courses?level=beginner&price=free&sort=title").send().await.json(200);
    assert_eq!(found["items"][0]["id"], json!(course.id));
    assert_eq!(found["items"][0]["lesson_count"], 3);

    let learner = app.student("Grace").await;
    let enrollment = enroll(&app, &learner, &course).await;
    assert_eq!(enrollment["status"], "active");

    for (n, lesson) in course.lessons.iter().enumerate() {
        let opened = app.get(format!("/v1/lessons/{lesson}")).by(&learner).send().await.json(200);
        assert!(opened["content"].as_str().unwrap().starts_with("# Lesson"));
        let half =
            app.put(format!("/v1/lessons/{lesson}/progress")).by(&learner).json(&json!({ "percent": 50 }));
        assert_eq!(half.send().await.json(200)["status"], "in_progress");
        let done = app.post(format!("/v1/lessons/{lesson}/complete")).by(&learner).send().await.json(200);
        assert_eq!(done["status"], "completed");
        let progress = app.get(course.path("progress")).by(&learner).send().await.json(200);
        assert_eq!(progress["summary"]["completed_lessons"], json!(n + 1));
    }
    let progress = app.get(course.path("progress")).by(&learner).send().await.json(200);
    assert_eq!(progress["summary"]["completion_percent"], 100);
    assert_eq!(progress["enrollment"]["status"], "completed");
    assert_eq!(app.outbox("lesson.completed").await.len(), 3);
    assert_eq!(app.outbox("course.completed").await.len(), 1);
    let mine = app.get("/v1/me/courses").by(&learner).send().await.json(200);
    assert_eq!(mine["items"][0]["completion_percent"], 100);
}
