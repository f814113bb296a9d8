//! GET /v1/videos/{video_id}/playlists/{playlist}

use objects::Objects;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};
use tests::text;

use crate::video::setup::{Studio, a_minute, studio};

const MASTER: &str = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5128000,RESOLUTION=1920x1080\nindex_1080.m3u8\n";
const SEGMENTS: &str = "#EXTM3U\n#EXTINF:6.0,\nindex_1080_00001.ts\n#EXT-X-ENDLIST\n";

/// A video of a minute with its playlists in the bucket.
async fn ready() -> (Studio, String) {
    let studio = studio().await;
    let (id, job) = studio.processing().await;
    studio.end(&job, &a_minute()).await.unwrap();
    let objects = studio.app.app().service::<Objects>().await.unwrap();
    let folder = studio.stored(&id).await.value.media.unwrap().folder;
    for (name, list) in [("index.m3u8", MASTER), ("index_1080.m3u8", SEGMENTS)] {
        objects
            .put(&format!("{folder}/hls/{name}"), "application/vnd.apple.mpegurl", list.into())
            .await
            .unwrap();
    }
    (studio, id)
}

/// Follows a link as a player does, without a token.
async fn follow(app: &TestApp, url: &str) -> Answer {
    app.get(url.strip_prefix("https://lectern.test").unwrap()).send().await
}

#[tokio::test]
async fn a_player_finds_its_way_from_the_link_to_segments_that_carry_the_permission() {
    let (studio, id) = ready().await;
    let video = studio.video(&id).await;
    assert_eq!((&video["duration_seconds"], &video["renditions"][0]["height"]), (&json!(60.0), &json!(1080)));
    let playback = text(&video, "playback_url");
    let (path, query) = playback.split_once('?').unwrap();
    assert_eq!(path, format!("https://lectern.test/v1/videos/{id}/playlists/index.m3u8"));
    let master = follow(&studio.app, &playback).await.expect(200);
    assert_eq!(master.header("content-type"), Some("application/vnd.apple.mpegurl"));
    assert_eq!(master.text(), MASTER.replace(".m3u8", &format!(".m3u8?{query}")));

    let quality = follow(&studio.app, &playback.replace("index.", "index_1080.")).await.expect(200);
    let folder = studio.stored(&id).await.value.media.unwrap().folder;
    let poster = text(&video, "poster_url");
    let (poster, files) = poster.split_once('?').unwrap();
    let segment = format!("/{folder}/hls/index_1080_00001.ts?{files}");
    assert_eq!(quality.text(), SEGMENTS.replace("index_1080_00001.ts", &segment));
    follow(&studio.app, &playback.replace("index.", "index_360.")).await.refused(404, "not_found");
    follow(&studio.app, &playback.replace("index.", "../index.")).await.refused(404, "not_found");

    let pictures = follow(&studio.app, &text(&video, "thumbnails_url")).await.expect(200);
    assert_eq!(pictures.header("content-type"), Some("text/vtt; charset=utf-8"));
    assert!(pictures.text().contains(&format!("/{folder}/pictures/at_small.0000005.jpg?{files}")));
    assert_eq!(poster, format!("https://lectern.test/{folder}/pictures/at_poster.0000001.jpg"));
}

#[tokio::test]
async fn a_link_ends_an_hour_after_the_film_and_opens_no_other_video() {
    let (studio, id) = ready().await;
    let playback = text(&studio.video(&id).await, "playback_url");
    let (_, query) = playback.split_once('?').unwrap();
    let other = studio.next(7).await;
    let another = format!("/v1/videos/{other}/playlists/index.m3u8?{query}");
    studio.app.get(another).send().await.refused(403, "forbidden");
    for wrong in ["", "?link=x", "?link=x.y", "?Policy=x&Signature=y&Key-Pair-Id=K1&Hash-Algorithm=SHA256"] {
        let path = format!("/v1/videos/{id}/playlists/index.m3u8{wrong}");
        studio.app.get(path).send().await.refused(403, "forbidden");
    }
    // `next` took a while.
    studio.app.clock().advance(3600 + 60 - 400 - 1);
    let _ = follow(&studio.app, &playback).await.expect(200);
    studio.app.clock().advance(1);
    follow(&studio.app, &playback).await.refused(403, "forbidden");
}

#[tokio::test]
async fn what_is_not_ready_has_no_links() {
    let studio = studio().await;
    let (id, _) = studio.processing().await;
    let shown = studio.video(&id).await;
    for name in ["playback_url", "poster_url", "thumbnails_url", "duration_seconds", "progress"] {
        assert_eq!(shown[name], Value::Null, "{name}");
    }
    assert_eq!(shown["renditions"], json!([]));
}
