//! GET /v1/me/courses

use serde_json::Value;
use testkit::{Person, TestApp};
use tests::{app, enroll, published, text};

use crate::learning::setup::class;

async fn pages(app: &TestApp, learner: &Person, limit: u32) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            app.get(format!("/v1/me/courses?limit={limit}{cursor}")).by(learner).send().await.json(200);
        let items = page["items"].as_array().unwrap();
        pages.push(items.iter().map(|item| text(&item["course"], "title")).collect());
        match &page["next_cursor"] {
            Value::Null => return pages,
            next => cursor = format!("&cursor={}", next.as_str().unwrap()),
        }
    }
}

#[tokio::test]
async fn a_learner_sees_each_course_with_how_far_they_have_come() {
    let class = class(&[2, 1]).await;
    let _ = class.complete(0).await.expect(200);
    let answer = class.app.get("/v1/me/courses").by(&class.learner).send().await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "items": [
          {
            "completed_at": null,
            "completed_lessons": 1,
            "completion_percent": 33,
            "course": {
              "description": "All about Rust from the first line.",
              "duration_minutes": 30,
              "instructor_name": "Ada Example",
              "lesson_count": 3,
              "level": "beginner",
              "slug": "rust-from-the-first-line",
              "title": "Rust from the first line"
            },
            "course_id": "[crs 1]",
            "enrolled_at": "[time]",
            "id": "[enr 1]",
            "status": "active",
            "type": "free"
          }
        ],
        "next_cursor": null
      },
      "status": 200
    }
    "#);
    assert_eq!(answer.json["items"][0]["course_id"].as_str(), Some(class.course.id.as_str()));
}

#[tokio::test]
async fn who_has_not_enrolled_has_an_empty_list() {
    let class = class(&[1]).await;
    let other = class.app.student("Hopper").await;
    let answer = class.app.get("/v1/me/courses").by(&other).send().await;
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "body": {
        "items": [],
        "next_cursor": null
      },
      "status": 200
    }
    "#);
}

#[tokio::test]
async fn the_newest_comes_first_and_pages_cover_all_of_them_once() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let learner = app.student("Grace").await;
    let mut courses = Vec::new();
    for n in 0..5 {
        courses.push(published(&app, &author, &format!("Course {n}"), &[1]).await);
    }
    // Not in the order in which the courses were made.
    for n in [3, 0, 4, 1, 2] {
        enroll(&app, &learner, &courses[n]).await;
        app.clock().advance(60);
    }
    let newest_first: Vec<String> = [2, 1, 4, 0, 3].iter().map(|n| format!("Course {n}")).collect();
    for (limit, sizes) in [(1, vec![1; 5]), (2, vec![2, 2, 1]), (5, vec![5]), (100, vec![5])] {
        let pages = pages(&app, &learner, limit).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "limit {limit}");
        assert_eq!(pages.concat(), newest_first, "limit {limit}");
    }
}

#[tokio::test]
async fn an_enrolment_made_while_paging_moves_nothing() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let learner = app.student("Grace").await;
    for n in 0..3 {
        let course = published(&app, &author, &format!("Course {n}"), &[1]).await;
        enroll(&app, &learner, &course).await;
    }
    let first = app.get("/v1/me/courses?limit=2").by(&learner).send().await.json(200);
    let course = published(&app, &author, "Course 3", &[1]).await;
    enroll(&app, &learner, &course).await;
    let cursor = text(&first, "next_cursor");
    let second =
        app.get(format!("/v1/me/courses?limit=2&cursor={cursor}")).by(&learner).send().await.json(200);
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(second["items"][0]["course"]["title"], "Course 0");
}

#[tokio::test]
async fn a_cursor_is_of_its_own_list_and_its_own_learner() {
    let class = class(&[1]).await;
    let second = published(&class.app, &class.author, "Second course", &[1]).await;
    enroll(&class.app, &class.learner, &second).await;
    let other = class.app.student("Hopper").await;
    enroll(&class.app, &other, &second).await;
    let page = class.app.get("/v1/me/courses?limit=1").by(&class.learner).send().await.json(200);
    let mine = text(&page, "next_cursor");
    let page = class.app.get("/v1/courses?limit=1").send().await.json(200);
    let catalogue = text(&page, "next_cursor");
    for (who, cursor) in [(&other, &mine), (&class.learner, &catalogue), (&class.learner, &"AAAA".to_owned())]
    {
        let answer = class.app.get(format!("/v1/me/courses?cursor={cursor}")).by(who).send().await;
        answer.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn a_wrong_query_is_refused_by_name() {
    let app = app().await;
    let learner = app.student("Grace").await;
    for (query, name) in [
        ("limit=0", "?limit"),
        ("limit=101", "?limit"),
        ("limit=ten", "?limit"),
        ("limit=1&limit=2", "?limit"),
        ("cursor=", "?cursor"),
        ("page=2", "?page"),
    ] {
        let found = app
            .get(format!("/v1/me/courses?{query}"))
            .by(&learner)
            .send()
            .await
            .refused(400, "invalid_query");
        assert_eq!(found.iter().map(|(at, _)| at.as_str()).collect::<Vec<_>>(), [name], "{query}");
    }
}

#[tokio::test]
async fn a_visitor_is_asked_to_sign_in() {
    let class = class(&[1]).await;
    class.app.get("/v1/me/courses").send().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_completed_course_says_so_and_an_added_lesson_lowers_the_percent_only() {
    let class = class(&[1]).await;
    let _ = class.complete(0).await.expect(200);
    let item = class.app.get("/v1/me/courses").by(&class.learner).send().await.json(200)["items"][0].clone();
    assert_eq!((&item["status"], &item["completion_percent"]), (&"completed".into(), &100.into()));
    let body = serde_json::json!({ "title": "One more", "content_type": "text" });
    let path = format!("/v1/modules/{}/lessons", class.course.modules[0]);
    let _ = class.app.post(path).by(&class.author).json(&body).send().await.expect(201);
    let item = class.app.get("/v1/me/courses").by(&class.learner).send().await.json(200)["items"][0].clone();
    assert_eq!((&item["status"], &item["completion_percent"]), (&"completed".into(), &50.into()));
    assert!(item["completed_at"].is_string());
}
