//! GET /v1/lessons/{lesson_id}/progress

use serde_json::json;
use tests::enroll;

use crate::learning::setup::{class, writes};

#[tokio::test]
async fn a_learner_finds_where_to_resume() {
    let class = class(&[1]).await;
    let report = json!({ "percent": 40, "position_seconds": 95.9 });
    let _ = class.report(0, &report).await.expect(200);
    let answer = class.app.get(class.lesson(0, "progress")).by(&class.learner).send().await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "completed_at": null,
        "lesson_id": "[les 1]",
        "percent": 40,
        "position_seconds": 95,
        "status": "in_progress",
        "watched_seconds": 0
      },
      "status": 200
    }
    "#);
}

#[tokio::test]
async fn a_lesson_that_was_not_opened_is_not_started_and_reading_does_not_start_it() {
    let class = class(&[1]).await;
    class.app.tap().reset();
    let answer = class.app.get(class.lesson(0, "progress")).by(&class.learner).send().await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "completed_at": null,
        "lesson_id": "[les 1]",
        "percent": 0,
        "position_seconds": 0,
        "status": "not_started",
        "watched_seconds": 0
      },
      "status": 200
    }
    "#);
    assert_eq!(writes(&class.app), [""; 0]);
}

#[tokio::test]
async fn another_learners_progress_is_not_mine() {
    let class = class(&[1]).await;
    let other = class.app.student("Hopper").await;
    enroll(&class.app, &other, &class.course).await;
    let _ = class.complete(0).await.expect(200);
    let theirs = class.app.get(class.lesson(0, "progress")).by(&other).send().await.json(200);
    assert_eq!((&theirs["status"], &theirs["completed_at"]), (&json!("not_started"), &json!(null)));
}

#[tokio::test]
async fn who_is_not_enrolled_is_told_to_enrol_where_they_see_the_lesson() {
    let class = class(&[2]).await;
    class.set_visible(1, false).await;
    let stranger = class.app.student("Hopper").await;
    let absent = format!("les_{}", "0".repeat(32));
    let progress = |id: &str| class.app.get(format!("/v1/lessons/{id}/progress"));
    let mut details = std::collections::BTreeSet::new();
    for (who, id) in [
        (&stranger, &class.course.lessons[1]),
        (&class.author, &class.course.lessons[1]),
        (&class.learner, &class.course.lessons[1]),
        (&class.learner, &absent),
    ] {
        let answer = progress(id).by(who).send().await;
        answer.refused(404, "not_found");
        details.insert(answer.json["detail"].to_string());
    }
    assert_eq!(details.len(), 1, "{details:?}");
    for who in [&stranger, &class.author] {
        progress(&class.course.lessons[0]).by(who).send().await.refused(403, "forbidden");
    }
    progress(&class.course.lessons[0]).send().await.refused(401, "unauthenticated");
    let foreigner = class.app.person(&"other".parse().unwrap(), "Eve", &[]).await;
    progress(&class.course.lessons[0]).by(&foreigner).send().await.refused(404, "not_found");
}
