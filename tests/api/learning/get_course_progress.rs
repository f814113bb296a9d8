//! GET /v1/courses/{course_id}/progress

use serde_json::{Value, json};
use tests::draft;

use crate::learning::setup::class;

fn summary(progress: &Value) -> [u64; 6] {
    [
        "total_lessons",
        "completed_lessons",
        "in_progress_lessons",
        "not_started_lessons",
        "completion_percent",
        "watched_seconds",
    ]
    .map(|name| progress["summary"][name].as_u64().unwrap())
}

#[tokio::test]
async fn a_learner_sees_the_summary_and_every_lesson_in_outline_order() {
    let class = class(&[1, 2]).await;
    let _ = class.complete(0).await.expect(200);
    let _ = class.report(1, &json!({ "percent": 40, "position_seconds": 95 })).await.expect(200);
    let answer = class.app.get(class.course.path("progress")).by(&class.learner).send().await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "course_id": "[crs 1]",
        "enrollment": {
          "completed_at": null,
          "course_id": "[crs 1]",
          "enrolled_at": "[time]",
          "id": "[enr 1]",
          "status": "active",
          "type": "free"
        },
        "lessons": [
          {
            "completed_at": "[time]",
            "content_type": "text",
            "duration_minutes": 10,
            "lesson_id": "[les 1]",
            "module_id": "[mod 1]",
            "percent": 100,
            "position_seconds": 0,
            "status": "completed",
            "title": "Lesson 1.1",
            "watched_seconds": 0
          },
          {
            "completed_at": null,
            "content_type": "text",
            "duration_minutes": 10,
            "lesson_id": "[les 2]",
            "module_id": "[mod 2]",
            "percent": 40,
            "position_seconds": 95,
            "status": "in_progress",
            "title": "Lesson 2.1",
            "watched_seconds": 0
          },
          {
            "completed_at": null,
            "content_type": "text",
            "duration_minutes": 10,
            "lesson_id": "[les 3]",
            "module_id": "[mod 2]",
            "percent": 0,
            "position_seconds": 0,
            "status": "not_started",
            "title": "Lesson 2.2",
            "watched_seconds": 0
          }
        ],
        "summary": {
          "completed_lessons": 1,
          "completion_percent": 33,
          "in_progress_lessons": 1,
          "not_started_lessons": 1,
          "total_lessons": 3,
          "watched_seconds": 0
        }
      },
      "status": 200
    }
    "#);
    let order: Vec<_> =
        answer.json["lessons"].as_array().unwrap().iter().map(|line| line["lesson_id"].clone()).collect();
    assert_eq!(json!(order), json!(class.course.lessons));
}

#[tokio::test]
async fn the_summary_adds_up_whatever_was_done() {
    let class = class(&[2, 1]).await.and_film().await;
    assert_eq!(summary(&class.course_progress().await), [4, 0, 0, 4, 0, 0]);
    let _ = class.watch(&json!({ "watched": [[0, 30]] })).await.expect(200);
    assert_eq!(summary(&class.course_progress().await), [4, 0, 1, 3, 0, 30]);
    let _ = class.complete(1).await.expect(200);
    assert_eq!(summary(&class.course_progress().await), [4, 1, 1, 2, 25, 30]);
    let _ = class.report(2, &json!({ "percent": 100 })).await.expect(200);
    assert_eq!(summary(&class.course_progress().await), [4, 2, 1, 1, 50, 30]);
    let _ = class.watch(&json!({ "watched": [[20, 95]] })).await.expect(200);
    let _ = class.report(0, &json!({ "percent": 99 })).await.expect(200);
    assert_eq!(summary(&class.course_progress().await), [4, 3, 1, 0, 75, 95]);
    let _ = class.complete(0).await.expect(200);
    let done = class.course_progress().await;
    assert_eq!(summary(&done), [4, 4, 0, 0, 100, 95]);
    assert_eq!(done["enrollment"]["status"], "completed");
}

#[tokio::test]
async fn two_of_three_is_66_percent_rounded_down() {
    let class = class(&[3]).await;
    let _ = class.complete(0).await.expect(200);
    let _ = class.complete(1).await.expect(200);
    assert_eq!(summary(&class.course_progress().await)[4], 66);
}

#[tokio::test]
async fn the_order_follows_the_outline_when_it_changes() {
    let class = class(&[1, 2]).await;
    let _ = class.complete(2).await.expect(200);
    let outline =
        class.app.get(format!("/v1/courses/{}", class.course.id)).by(&class.author).send().await.rev();
    let [first, second] = [&class.course.modules[0], &class.course.modules[1]];
    let [a, b, c] = [0, 1, 2].map(|n| class.course.lessons[n].clone());
    let body = json!({ "modules": [{ "id": second, "lessons": [c, a] }, { "id": first, "lessons": [b] }] });
    let edit = class.app.put(class.course.path("outline")).by(&class.author).if_match(outline).json(&body);
    let _ = edit.send().await.expect(200);
    let lessons = class.course_progress().await["lessons"].clone();
    let lines: Vec<_> =
        lessons.as_array().unwrap().iter().map(|line| (&line["lesson_id"], &line["module_id"])).collect();
    assert_eq!(json!(lines), json!([[c, second], [a, second], [b, first]]));
    assert_eq!(lessons[0]["status"], "completed");
}

#[tokio::test]
async fn a_hidden_lesson_is_neither_shown_nor_counted() {
    let class = class(&[3]).await;
    let _ = class.complete(0).await.expect(200);
    let _ = class.report(1, &json!({ "percent": 50 })).await.expect(200);
    class.set_visible(1, false).await;
    let progress = class.course_progress().await;
    assert_eq!(summary(&progress), [2, 1, 0, 1, 50, 0]);
    assert!(!progress.to_string().contains(&class.course.lessons[1]));
    // What was done is kept for the day on which it is shown again.
    class.set_visible(1, true).await;
    assert_eq!(summary(&class.course_progress().await), [3, 1, 1, 1, 33, 0]);
}

#[tokio::test]
async fn a_lesson_added_after_completion_lowers_the_percent_but_not_the_status() {
    let class = class(&[1]).await;
    let _ = class.complete(0).await.expect(200);
    let before = class.course_progress().await;
    assert_eq!(
        (&before["summary"]["completion_percent"], &before["enrollment"]["status"]),
        (&json!(100), &json!("completed"))
    );
    let class = class.and_film().await;
    let after = class.course_progress().await;
    assert_eq!(summary(&after), [2, 1, 0, 1, 50, 0]);
    assert_eq!(after["enrollment"], before["enrollment"]);
    // The added one is completed without completing the course again.
    let _ = class.watch(&json!({ "watched": [[0, 100]] })).await.expect(200);
    let done = class.course_progress().await;
    assert_eq!(done["summary"]["completion_percent"], 100);
    assert_eq!(done["enrollment"], before["enrollment"]);
    assert_eq!((class.events("lesson.completed").await, class.events("course.completed").await), (2, 1));
}

#[tokio::test]
async fn another_learners_progress_is_not_mine() {
    let class = class(&[2]).await;
    let _ = class.complete(0).await.expect(200);
    let other = class.app.student("Hopper").await;
    let _ = class.app.post(class.course.path("enroll")).by(&other).send().await.expect(201);
    let theirs = class.app.get(class.course.path("progress")).by(&other).send().await.json(200);
    assert_eq!(summary(&theirs), [2, 0, 0, 2, 0, 0]);
}

#[tokio::test]
async fn who_is_not_enrolled_is_told_to_enrol_where_they_see_the_course() {
    let class = class(&[1]).await;
    let hidden = draft(&class.app, &class.author, "Not yet", &[1]).await;
    let stranger = class.app.student("Hopper").await;
    let absent = format!("crs_{}", "0".repeat(32));
    let mut seen = std::collections::BTreeSet::new();
    // The author and an admin have no progress either.
    let admin = class.app.admin("Linus").await;
    for who in [&stranger, &class.author, &admin] {
        class.app.get(class.course.path("progress")).by(who).send().await.refused(403, "forbidden");
        for id in [&hidden.id, &absent] {
            let answer = class.app.get(format!("/v1/courses/{id}/progress")).by(who).send().await;
            answer.refused(404, "not_found");
            seen.insert(answer.json["detail"].to_string());
        }
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
    class.app.get(class.course.path("progress")).send().await.refused(401, "unauthenticated");
}
