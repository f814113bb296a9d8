//! GET /v1/me/recordings

use serde_json::{Value, json};
use tests::text;

use crate::video::setup::studio;

#[tokio::test]
async fn the_newest_come_first_each_as_far_as_it_has_come() {
    let studio = studio().await;
    let (ready, _) = studio.recorded("Ready").await;
    let begun = text(&studio.record("Begun").await, "recording_id");
    let grace = studio.app.student("Grace").await;
    let none = studio.app.get("/v1/me/recordings").by(&grace).send().await.json(200);
    assert_eq!(none, json!({ "items": [], "next_cursor": null }));

    let page = async |query: &str| {
        studio.app.get(format!("/v1/me/recordings?limit=1{query}")).by(&studio.author).send().await.json(200)
    };
    let first = page("").await;
    let line = &first["items"][0];
    assert_eq!((&line["id"], &line["status"]), (&json!(begun), &json!("uploading")));
    let unknown = ["duration_seconds", "size_bytes", "poster_url"].map(|field| &line[field]);
    assert_eq!(unknown, [&Value::Null; 3]);
    let second = page(&format!("&cursor={}", text(&first, "next_cursor"))).await;
    let line = &second["items"][0];
    assert_eq!((&line["id"], &line["status"]), (&json!(ready), &json!("ready")));
    assert_eq!((&line["duration_seconds"], &line["project"]), (&json!(60.0), &json!("Knots")));
    assert!(line["poster_url"].as_str().unwrap().contains("/pictures/"));
    assert_eq!(second["next_cursor"], Value::Null);
}
