//! GET /v1/categories

use domain::catalog::Category;
use serde_json::json;
use store::keys;
use tests::{app, draft_of, text};

use crate::support::{category, edit, pairs, parsed};

#[tokio::test]
async fn categories_come_in_their_order_with_their_published_courses_counted() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let mut ids = Vec::new();
    for (name, order) in [("Writing", 2), ("Data", 1), ("Art", 2)] {
        let body = json!({ "name": name, "sort_order": order, "icon": "📚", "description": "All of it." });
        ids.push(text(
            &app.post("/v1/admin/categories")
                .by(&admin)
                .json(&body)
                .send()
                .await
                .json(201),
            "id",
        ));
    }
    for title in ["One", "Two"] {
        let body = json!({ "title": title, "description": "x", "level": "beginner", "category_id": ids[1] });
        let course = draft_of(&app, &author, &body, &[1]).await;
        if title == "One" {
            let _ = app
                .post(course.path("publish"))
                .by(&author)
                .send()
                .await
                .expect(200);
        }
    }
    insta::assert_json_snapshot!(app.get("/v1/categories").send().await.snapshot());
}

#[tokio::test]
async fn a_category_out_of_use_is_not_listed() {
    let app = app().await;
    let admin = app.admin("Max").await;
    let (retired, used) = (
        category(&app, &admin, "Retired").await,
        category(&app, &admin, "Used").await,
    );
    let key = keys::category(&app.school(), parsed(&retired));
    edit(&app, &key, |category: &mut Category| category.is_active = false).await;
    let page = app.get("/v1/categories").send().await.json(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["id"], json!(used));
    let there = app.get("/v1/categories").to_other_school().send().await.json(200);
    assert_eq!(there, json!({ "items": [], "next_cursor": null }));
}

#[tokio::test]
async fn pages_hold_every_category_once() {
    let app = app().await;
    let admin = app.admin("Max").await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(category(&app, &admin, &format!("Shelf {n}")).await);
    }
    for limit in [1, 2, 5] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app
                .get(format!("/v1/categories?limit={limit}{cursor}"))
                .send()
                .await
                .json(200);
            found.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|item| text(item, "id")),
            );
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, ids, "by {limit}");
    }
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let app = app().await;
    for (query, pointer) in [
        ("limit=0", "?limit"),
        ("limit=101", "?limit"),
        ("limit=x", "?limit"),
        ("q=x", "?q"),
    ] {
        let answer = app.get(format!("/v1/categories?{query}")).send().await;
        assert_eq!(
            answer.refused(400, "invalid_query"),
            pairs(&[(pointer, "refused")])
        );
    }
    app.get("/v1/categories?cursor=x")
        .send()
        .await
        .refused(400, "invalid_cursor");
}
