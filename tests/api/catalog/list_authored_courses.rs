//! GET /v1/instructor/courses

use serde_json::{Value, json};
use testkit::{Person, TestApp};
use tests::{app, draft, published, text};

use crate::catalog::support::pairs;

async fn pages(app: &TestApp, author: &Person, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/instructor/courses?limit={limit}{cursor}");
        let page = app.get(path).by(author).send().await.json(200);
        items.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["next_cursor"].as_str() else {
            return items;
        };
        assert_eq!(items.len() % limit, 0, "a page before the last is full");
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn an_author_sees_their_drafts_and_published_courses_newest_first() {
    let app = app().await;
    let (author, other) = (app.instructor("Ada").await, app.instructor("Eve").await);
    draft(&app, &author, "Older", &[1]).await;
    draft(&app, &other, "Not hers", &[]).await;
    published(&app, &author, "Newer", &[2]).await;
    insta::assert_json_snapshot!(app.get("/v1/instructor/courses").by(&author).send().await.snapshot());
}

#[tokio::test]
async fn pages_hold_every_course_once_and_in_order() {
    let app = app().await;
    let (author, other) = (app.instructor("Ada").await, app.instructor("Eve").await);
    let mut newest_first = Vec::new();
    for n in 0..6 {
        newest_first.insert(0, draft(&app, &author, &format!("Course {n}"), &[]).await.id);
        draft(&app, &other, &format!("Other {n}"), &[]).await;
    }
    for limit in [1, 2, 4, 6, 100] {
        let found = pages(&app, &author, limit).await;
        assert_eq!(found.iter().map(|item| text(item, "id")).collect::<Vec<_>>(), newest_first, "by {limit}");
    }
}

#[tokio::test]
async fn a_cursor_is_of_ones_own_list() {
    let app = app().await;
    let (author, other) = (app.instructor("Ada").await, app.instructor("Eve").await);
    for n in 0..2 {
        draft(&app, &author, &format!("Course {n}"), &[]).await;
    }
    let page = app.get("/v1/instructor/courses?limit=1").by(&author).send().await.json(200);
    let path = format!("/v1/instructor/courses?cursor={}", text(&page, "next_cursor"));
    app.get(&path).by(&other).send().await.refused(400, "invalid_cursor");
    let rest = app.get(&path).by(&author).send().await.json(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_list_is_for_instructors() {
    let app = app().await;
    let (learner, author) = (app.student("Grace").await, app.instructor("Ada").await);
    app.get("/v1/instructor/courses").send().await.refused(401, "unauthenticated");
    app.get("/v1/instructor/courses").by(&learner).send().await.refused(403, "forbidden");
    let empty = app.get("/v1/instructor/courses").by(&author).send().await.json(200);
    assert_eq!(empty, json!({ "items": [], "next_cursor": null }));
    for (query, pointer, code) in [
        ("limit=0", "?limit", "too_small"),
        ("limit=101", "?limit", "too_large"),
        ("status=draft", "?status", "unknown_field"),
    ] {
        let answer = app.get(format!("/v1/instructor/courses?{query}")).by(&author).send().await;
        assert_eq!(answer.refused(400, "invalid_query"), pairs(&[(pointer, code)]));
    }
}
