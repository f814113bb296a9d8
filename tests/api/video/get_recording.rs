//! GET /v1/recordings/{recording_id}

use serde_json::{Value, json};

use crate::video::setup::studio;

#[tokio::test]
async fn whoever_recorded_watches_it_and_nobody_else_an_admin_neither() {
    let studio = studio().await;
    let (id, video) = studio.recorded("My bowline").await;
    let path = format!("/v1/recordings/{id}");
    let shown = studio.app.get(&path).by(&studio.author).send().await.json(200);
    assert_eq!((&shown["title"], &shown["project"]), (&json!("My bowline"), &json!("Knots")));
    let film = &shown["video"];
    assert_eq!(
        (&film["id"], &film["lesson_id"], &film["status"]),
        (&json!(video), &Value::Null, &json!("ready"))
    );
    assert_eq!((&film["duration_seconds"], &film["size_bytes"]), (&json!(60.0), &json!(8)));
    let (_, list) = film["playback_url"].as_str().unwrap().split_once("/v1/").unwrap();
    let thumbnails = list.replace("index.m3u8", "thumbnails.vtt");
    let list = studio.app.get(format!("/v1/{thumbnails}")).send().await.expect(200);
    assert!(list.text().starts_with("WEBVTT"), "by its link, without a session");
    assert!(studio.video(&video).await["playback_url"].is_string());

    let [job] = &studio.jobs(&video)[..] else { panic!("one job") };
    let clipped = &job.settings["inputs"][0];
    assert_eq!(
        clipped["inputClippings"],
        json!([{ "endTimecode": "02:00:00:00" }]),
        "what is paid for has an end"
    );
    assert_eq!(clipped["timecodeSource"], "ZEROBASED");

    for other in [studio.app.admin("Max").await, studio.app.student("Grace").await] {
        studio.app.get(&path).by(&other).send().await.refused(404, "not_found");
        studio.app.get(format!("/v1/videos/{video}")).by(&other).send().await.refused(404, "not_found");
    }
    studio.app.get(format!("/v1/videos/{video}")).send().await.refused(404, "not_found");
}
