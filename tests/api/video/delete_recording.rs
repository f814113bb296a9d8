//! DELETE /v1/recordings/{recording_id}

use store::{Stored, keys};
use testkit::{Answer, every_crash_point};
use tests::text;

use crate::video::setup::{Studio, studio};

async fn delete(studio: &Studio, id: &str) -> Answer {
    studio.app.request("DELETE", format!("/v1/recordings/{id}")).by(&studio.author).send().await
}

async fn is_gone(studio: &Studio, id: &str, video: &str) {
    for path in [format!("/v1/recordings/{id}"), format!("/v1/videos/{video}")] {
        studio.app.get(path).by(&studio.author).send().await.refused(404, "not_found");
    }
    let list = studio.app.get("/v1/me/recordings").by(&studio.author).send().await.json(200);
    assert!(!list.to_string().contains(id), "{list}");
}

#[tokio::test]
async fn it_is_gone_at_once_and_all_that_is_kept_of_it_within_hours() {
    let studio = studio().await;
    let before = studio.app.dump().await;
    let (id, video) = studio.recorded("My bowline").await;
    let (other, kept) = studio.recorded("Another").await;
    let files = [studio.object(&video), studio.made(&video, "e/hls/a_00000.ts").await];
    let others = [studio.object(&kept), studio.made(&kept, "e/hls/a_00000.ts").await];
    let shown = studio.app.get(format!("/v1/recordings/{id}")).by(&studio.author).send().await.json(200);
    let (_, list) = shown["video"]["thumbnails_url"].as_str().unwrap().split_once("/v1/").unwrap();
    let _ = studio.app.get(format!("/v1/{list}")).send().await.expect(200);
    let _ = delete(&studio, &id).await.expect(204);
    studio.app.get(format!("/v1/{list}")).send().await.refused(404, "not_found");
    is_gone(&studio, &id, &video).await;
    delete(&studio, &id).await.refused(404, "not_found");
    studio.sweep().await.unwrap();
    assert!(files.iter().all(|file| studio.app.file(file).is_some()), "what is watched plays on for an hour");
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    assert!(files.iter().all(|file| studio.app.file(file).is_none()));
    assert!(others.iter().all(|file| studio.app.file(file).is_some()));
    let _ = delete(&studio, &other).await.expect(204);
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    let left = studio.app.dump().await;
    let new: Vec<_> = left.iter().filter(|item| !before.contains(item) && item.contains("vid_")).collect();
    assert!(new.iter().all(|item| item.contains("video.ready")), "only what was told of them: {new:?}");
}

#[tokio::test]
async fn what_is_still_being_made_goes_when_it_is_there() {
    let studio = studio().await;
    let begun = studio.record("My bowline").await;
    let (id, video) = (text(&begun, "recording_id"), text(&begun, "video_id"));
    studio.write(&video, b"\x1a\x45\xdf\xa3webm").await;
    let [told] = &studio.told()[..] else { panic!("one event") };
    studio.start(&told.body).await.unwrap();
    let _ = delete(&studio, &id).await.expect(204);
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    let job = &studio.jobs(&video)[0];
    let film = studio.made(&video, "e/hls/a_00000.ts").await;
    studio.end(job, &crate::video::setup::a_minute()).await.unwrap();
    is_gone(&studio, &id, &video).await;
    studio.sweep().await.unwrap();
    assert_eq!((studio.app.file(&film), studio.app.file(&studio.object(&video))), (None, None));
    assert!(studio.app.outbox("video.ready").await.is_empty());
}

#[tokio::test]
async fn one_whose_job_nobody_noted_is_cleared_away_once_that_has_ended() {
    let studio = studio().await;
    let begun = studio.record("My bowline").await;
    let (id, video) = (text(&begun, "recording_id"), text(&begun, "video_id"));
    studio.write(&video, b"\x1a\x45\xdf\xa3webm").await;
    let [told] = &studio.told()[..] else { panic!("one event") };
    studio.start(&told.body).await.unwrap();
    // Deleted between the order and its noting.
    let school = studio.app.school();
    let Stored { value: mut claimed, rev } = studio.stored(&video).await;
    claimed.job.as_mut().unwrap().id = None;
    let mut change = studio.app.store().transaction(&school);
    change.replace(&keys::video(&school, claimed.id), &claimed, rev);
    change.commit().await.unwrap();
    let _ = delete(&studio, &id).await.expect(204);
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    assert!(studio.app.file(&studio.object(&video)).is_some(), "its job may still read it");
    let film = studio.made(&video, "e/hls/a_00000.ts").await;
    studio.app.clock().advance(24 * 3600);
    studio.sweep().await.unwrap();
    assert_eq!((studio.app.file(&film), studio.app.file(&studio.object(&video))), (None, None));
}

#[tokio::test]
async fn one_that_is_deleted_before_anybody_heard_of_its_file_is_never_transcoded() {
    let studio = studio().await;
    let begun = studio.record("My bowline").await;
    let (id, video) = (text(&begun, "recording_id"), text(&begun, "video_id"));
    let _ = delete(&studio, &id).await.expect(204);
    studio.write(&video, b"\x1a\x45\xdf\xa3webm").await;
    let [told] = &studio.told()[..] else { panic!("one event") };
    studio.start(&told.body).await.unwrap();
    assert!(studio.jobs(&video).is_empty());
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    assert_eq!(studio.app.file(&studio.object(&video)), None);
    studio.start(&told.body).await.unwrap();
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_sweep_clears_it_away() {
    let points = every_crash_point(
        async || {
            let studio = studio().await;
            let (id, video) = studio.recorded("My bowline").await;
            let film = studio.made(&video, "e/hls/a_00000.ts").await;
            let _ = delete(&studio, &id).await.expect(204);
            studio.app.clock().advance(3601);
            (studio, video, film)
        },
        |(studio, ..)| &studio.app,
        async |(studio, ..)| {
            let _ = studio.sweep().await;
        },
        async |(studio, video, film), point| {
            studio.sweep().await.unwrap();
            assert_eq!(
                (studio.app.file(film), studio.app.file(&studio.object(video))),
                (None, None),
                "{point:?}"
            );
            assert!(!studio.app.dump().await.iter().any(|item| item.contains("RECORDINGS#")), "{point:?}");
        },
    )
    .await;
    assert!(points >= 12, "the list, the video, its job, two folders, the change: twice each; {points}");
}
