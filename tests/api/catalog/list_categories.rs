//! GET /v1/categories

use domain::catalog::Category;
use serde_json::json;
use store::keys;
use tests::{app, draft_of, text};

use crate::catalog::support::{category, edit, parsed};

#[tokio::test]
async fn categories_come_in_their_order_with_their_published_courses_counted() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let mut ids = Vec::new();
    for (name, order) in [("Writing", 2), ("Data", 1), ("Art", 2)] {
        let body = json!({ "name": name, "sort_order": order, "icon": "📚", "description": "All of it." });
        ids.push(text(&app.post("/v1/admin/categories").by(&admin).json(&body).send().await.json(201), "id"));
    }
    for title in ["One", "Two"] {
        let body = json!({ "title": title, "description": "x", "level": "beginner", "category_id": ids[1] });
        let course = draft_of(&app, &author, &body, &[1]).await;
        if title == "One" {
            let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
        }
    }
    insta::assert_json_snapshot!(app.get("/v1/categories").send().await.snapshot());
}

#[tokio::test]
async fn a_category_out_of_use_is_not_listed() {
    let app = app().await;
    let admin = app.admin("Max").await;
    let (retired, used) = (category(&app, &admin, "Retired").await, category(&app, &admin, "Used").await);
    let key = keys::category(&app.school(), parsed(&retired));
    edit(&app, &key, |category: &mut Category| category.is_active = false).await;
    let page = app.get("/v1/categories").send().await.json(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["id"], json!(used));
    let there = app.get("/v1/categories").to_other_school().send().await.json(200);
    assert_eq!(there, json!({ "items": [], "next_cursor": null }));
}

#[tokio::test]
async fn all_categories_come_at_once_and_a_hundred_is_the_most() {
    let app = app().await;
    let admin = app.admin("Max").await;
    let add = async |number: i32| {
        let body = json!({ "name": format!("Shelf {number}"), "sort_order": -number });
        app.post("/v1/admin/categories").by(&admin).json(&body).send().await
    };
    for number in 0..100 {
        let _ = add(number).await.expect(201);
    }
    add(100).await.refused(422, "limit_reached");
    let all = app.get("/v1/categories").send().await.json(200);
    let orders: Vec<i64> =
        all["items"].as_array().unwrap().iter().map(|shelf| shelf["sort_order"].as_i64().unwrap()).collect();
    assert_eq!(orders, (-99..=0).collect::<Vec<i64>>());
}
