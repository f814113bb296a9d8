//! POST /v1/videos/{video_id}/captions

use serde_json::{Value, json};
use testkit::{Answer, every_crash_point};
use tests::text;

use crate::video::setup::{Studio, a_minute, studio};

const WEBVTT: &str = "WEBVTT\n\n00:00.000 --> 00:04.000\nThis is a bowline.\n";

async fn add(studio: &Studio, id: &str, body: &Value) -> Answer {
    studio.app.post(format!("/v1/videos/{id}/captions")).by(&studio.author).json(body).send().await
}

fn captions(language: &str, label: &str, webvtt: &str) -> Value {
    json!({ "language": language, "label": label, "webvtt": webvtt })
}

#[tokio::test]
async fn captions_are_beside_the_video_and_in_its_playlist() {
    let studio = studio().await;
    let (id, job) = studio.processing().await;
    let added = add(&studio, &id, &captions("de", "Deutsch", WEBVTT)).await.json(200);
    assert_eq!(added, json!({ "language": "de", "label": "Deutsch", "url": null }), "while it is transcoded");
    studio.end(&job, &a_minute()).await.unwrap();
    let longer = WEBVTT.replace("bowline", "sheet bend");
    for webvtt in [WEBVTT, &longer] {
        let _ = add(&studio, &id, &captions("en", "English", webvtt)).await.expect(200);
    }

    let shown = studio.video(&id).await;
    let [german, english] = &shown["captions"].as_array().unwrap()[..] else { panic!("{shown}") };
    assert_eq!((&german["language"], &english["label"]), (&json!("de"), &json!("English")));
    let url = text(english, "url");
    let object = url.strip_prefix("https://lectern.test/").unwrap().split('?').next().unwrap();
    let file = String::from_utf8(studio.app.file(object).unwrap()).unwrap();
    assert!(file.contains("X-TIMESTAMP-MAP=MPEGTS:900000,") && file.contains("sheet bend"), "{file}");

    let playlist = text(&shown, "playback_url").replace("index.m3u8", "captions_en.m3u8");
    let path = playlist.strip_prefix("https://lectern.test").unwrap();
    let list = studio.app.get(path).send().await.expect(200).text();
    assert!(list.contains(&format!("#EXTINF:60.000,\n/{object}?Policy=")), "{list}");
    studio.app.get(path.replace("_en", "_fr")).send().await.refused(404, "not_found");
}

#[tokio::test]
async fn what_is_no_webvtt_is_refused_with_its_line_and_changes_nothing() {
    let studio = studio().await;
    let (id, _) = studio.processing().await;
    let before = studio.app.dump().await;
    let wrong = "WEBVTT\n\n00:04.000 --> 00:01.000\nBackwards.\n";
    let refused = add(&studio, &id, &captions("e n", "English", wrong)).await;
    assert!(refused.text().contains("line 3"), "{}", refused.text());
    let expected = [("/language", "invalid_language"), ("/webvtt", "invalid_webvtt")];
    let violations = refused.refused(422, "validation_failed");
    assert_eq!(violations, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    assert_eq!(studio.app.dump().await, before);
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_try_adds_them() {
    let points = every_crash_point(
        async || {
            let studio = studio().await;
            let (id, _) = studio.processing().await;
            (studio, id)
        },
        |(studio, _)| &studio.app,
        async |(studio, id)| {
            let _ = add(studio, id, &captions("en", "English", WEBVTT)).await;
        },
        async |(studio, id), point| {
            let _ = add(studio, id, &captions("en", "English", WEBVTT)).await.expect(200);
            let video = studio.stored(id).await.value;
            let [only] = &video.captions[..] else { panic!("{point:?}") };
            let object = video.captions_object(&studio.app.school(), only);
            assert!(studio.app.file(&object).is_some(), "{point:?}");
        },
    )
    .await;
    assert_eq!(points, 12, "who and video, course, the limit twice, the file, the video: twice each");
}

#[tokio::test]
async fn a_language_has_one_set_however_its_tag_is_written_and_sixty_an_hour_are_enough() {
    let studio = studio().await;
    let (id, _) = studio.processing().await;
    for tag in ["de", "DE"].into_iter().cycle().take(60) {
        let _ = add(&studio, &id, &captions(tag, "Deutsch", WEBVTT)).await.expect(200);
    }
    let all = studio.video(&id).await["captions"].clone();
    assert_eq!((all.as_array().unwrap().len(), &all[0]["language"]), (1, &serde_json::json!("DE")));
    add(&studio, &id, &captions("en", "English", WEBVTT)).await.refused(429, "rate_limited");
}
