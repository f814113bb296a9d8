//! every hour: what was told of videos and never arrived → as if it had; what nobody sees any more → gone

use domain::video::VideoStatus;
use serde_json::json;
use testkit::every_crash_point;

use crate::video::setup::{BEGINNING, Studio, a_minute, studio};

const DAY: i64 = 24 * 3600;

/// A video of the lesson, made ready, with a file of what it was made into.
async fn ready(studio: &Studio) -> (String, String) {
    let (id, job) = studio.processing().await;
    studio.end(&job, &a_minute()).await.unwrap();
    let version = studio.stored(&id).await.value.source.unwrap().etag;
    let film = studio.made(&id, &format!("{version}/hls/a_00000.ts")).await;
    (id, film)
}

#[tokio::test]
async fn what_nobody_told_of_is_found_an_hour_later() {
    let studio = studio().await;
    let (unheard, _) = studio.uploaded(BEGINNING).await;
    let (silent, job) = studio.processing().await;
    let (working, _) = studio.processing().await;
    studio.mediaconvert.end(&job.id, &a_minute());
    studio.sweep().await.unwrap();
    assert_eq!(studio.stored(&silent).await.value.status, VideoStatus::Processing, "it may still be told");

    studio.app.clock().advance(3601);
    for _ in 0..2 {
        studio.sweep().await.unwrap();
    }
    assert_eq!(studio.stored(&silent).await.value.status, VideoStatus::Ready);
    assert_eq!(studio.stored(&working).await.value.status, VideoStatus::Processing);
    assert_eq!(studio.stored(&unheard).await.value.status, VideoStatus::Processing);
    assert_eq!(studio.mediaconvert.jobs().len(), 3, "one each");
    assert_eq!(studio.app.outbox("video.ready").await.len(), 1);
}

#[tokio::test]
async fn a_job_that_failed_in_silence_fails_its_video() {
    let studio = studio().await;
    let (id, job) = studio.processing().await;
    studio.mediaconvert.end(&job.id, &json!({ "status": "ERROR", "errorMessage": "no" }));
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    assert_eq!(studio.video(&id).await["failure_code"], "unreadable");
}

#[tokio::test]
async fn a_job_that_mediaconvert_has_forgotten_fails_its_video() {
    let studio = studio().await;
    let (id, job) = studio.processing().await;
    studio.mediaconvert.forget(&job.id);
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    assert_eq!(studio.video(&id).await["failure_code"], "unreadable");
}

#[tokio::test]
async fn an_upload_that_was_given_up_is_forgotten_once_its_links_are_useless() {
    let studio = studio().await;
    let given_up = studio.next(7).await;
    studio.app.clock().advance(8 * 24 * 3600 - 60);
    studio.sweep().await.unwrap();
    assert_eq!(studio.video(&given_up).await["status"], "uploading");
    let fresh = studio.next(7).await;
    studio.app.clock().advance(3601);
    studio.sweep().await.unwrap();
    let gone = studio.app.get(format!("/v1/videos/{given_up}")).by(&studio.author);
    gone.send().await.refused(404, "not_found");
    assert_eq!(studio.video(&fresh).await["status"], "uploading");
}

#[tokio::test]
async fn one_that_is_stuck_leaves_the_others_their_turn_and_is_told_of() {
    let studio = studio().await;
    let (stuck, _) = studio.uploaded(BEGINNING).await;
    let (silent, job) = studio.processing().await;
    studio.mediaconvert.end(&job.id, &a_minute());
    studio.app.clock().advance(3601);
    studio.mediaconvert.throttle(3);
    assert!(studio.sweep().await.is_err());
    assert_eq!(studio.stored(&stuck).await.value.status, VideoStatus::Uploading);
    assert_eq!(studio.stored(&silent).await.value.status, VideoStatus::Ready);
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_tick_ends_it_once() {
    let points = every_crash_point(
        async || {
            let studio = studio().await;
            let (id, job) = studio.processing().await;
            studio.mediaconvert.end(&job.id, &a_minute());
            studio.app.clock().advance(3601);
            (studio, id)
        },
        |(studio, _)| &studio.app,
        async |(studio, _)| {
            let _ = studio.sweep().await;
        },
        async |(studio, id), point| {
            studio.sweep().await.unwrap();
            assert_eq!(studio.stored(id).await.value.status, VideoStatus::Ready, "{point:?}");
            assert_eq!(studio.app.outbox("video.ready").await.len(), 1, "{point:?}");
        },
    )
    .await;
    assert!(points >= 8, "the list, the video, its job, the change: twice each; {points}");
}

#[tokio::test]
async fn what_was_replaced_goes_a_day_after_the_new_one_is_there() {
    let studio = studio().await;
    let (old, old_film) = ready(&studio).await;
    studio.attach().await;
    studio.app.clock().advance(DAY + 1);
    studio.sweep().await.unwrap();
    assert_eq!(studio.stored(&old).await.value.due(), None, "nothing more is to become of it");
    let (new, new_film) = ready(&studio).await;
    studio.attach().await;
    studio.sweep().await.unwrap();
    assert!(studio.app.file(&old_film).is_some(), "who watches it may do so to the end");
    studio.app.clock().advance(DAY + 1);
    studio.sweep().await.unwrap();
    assert_eq!((studio.app.file(&old_film), studio.app.file(&studio.object(&old))), (None, None));
    let gone = studio.app.get(format!("/v1/videos/{old}")).by(&studio.author);
    gone.send().await.refused(404, "not_found");
    assert!(studio.app.file(&new_film).is_some() && studio.app.file(&studio.object(&new)).is_some());
    assert_eq!(studio.video(&new).await["status"], "ready");
}

#[tokio::test]
async fn nothing_goes_before_the_lesson_shows_the_new_one() {
    let studio = studio().await;
    let (old, old_film) = ready(&studio).await;
    studio.attach().await;
    let (new, new_film) = ready(&studio).await;
    studio.app.clock().advance(2 * DAY);
    studio.sweep().await.unwrap();
    assert!(studio.app.file(&old_film).is_some() && studio.app.file(&new_film).is_some());
    studio.attach().await;
    studio.sweep().await.unwrap();
    assert_eq!(studio.app.file(&old_film), None);
    assert_eq!(studio.stored(&new).await.value.due(), None);
    let gone = studio.app.get(format!("/v1/videos/{old}")).by(&studio.author);
    gone.send().await.refused(404, "not_found");
}

#[tokio::test]
async fn of_two_that_were_uploaded_at_once_the_newest_stays() {
    let studio = studio().await;
    let (first, first_film) = ready(&studio).await;
    studio.attach().await;
    let (older, newer) = (studio.processing().await, studio.processing().await);
    // The later upload is ready first.
    for (id, job) in [&newer, &older] {
        studio.end(job, &a_minute()).await.unwrap();
        let _ = studio.made(id, "e/hls/a_00000.ts").await;
    }
    studio.attach().await;
    studio.app.clock().advance(DAY + 1);
    studio.sweep().await.unwrap();
    for gone in [&first, &older.0] {
        let gone = studio.app.get(format!("/v1/videos/{gone}")).by(&studio.author);
        gone.send().await.refused(404, "not_found");
    }
    assert_eq!(studio.app.file(&first_film), None);
    assert_eq!(studio.video(&newer.0).await["status"], "ready");
}

#[tokio::test]
async fn earlier_versions_of_a_file_go_and_its_captions_stay() {
    let studio = studio().await;
    let (id, job) = studio.processing().await;
    studio.end(&job, &a_minute()).await.unwrap();
    let old = studio.made(&id, &format!("{}/hls/a_00000.ts", job.metadata["etag"])).await;
    let captions = studio.made(&id, "captions/en.1.vtt").await;
    studio.write(&id, b"\0\0\0\x20ftypmp42").await;
    let [told] = &studio.told()[..] else { panic!("one event") };
    studio.start(&told.body).await.unwrap();
    let second = studio.jobs(&id).pop().unwrap();
    let new = studio.made(&id, &format!("{}/hls/a_00000.ts", second.metadata["etag"])).await;
    studio.end(&second, &a_minute()).await.unwrap();
    studio.attach().await;
    studio.app.clock().advance(DAY + 1);
    studio.sweep().await.unwrap();
    assert_eq!(studio.app.file(&old), None);
    for kept in [&new, &captions, &studio.object(&id)] {
        assert!(studio.app.file(kept).is_some(), "{kept}");
    }
}

#[tokio::test]
async fn why_a_file_failed_can_be_read_for_a_month() {
    let studio = studio().await;
    let (id, told) = studio.uploaded(b"no video").await;
    studio.start(&told).await.unwrap();
    studio.app.clock().advance(28 * DAY - 60);
    studio.sweep().await.unwrap();
    assert_eq!(studio.stored(&id).await.value.status, VideoStatus::Failed);
    studio.app.clock().advance(120);
    studio.sweep().await.unwrap();
    assert!(!studio.app.dump().await.iter().any(|item| item.contains(&format!("#VIDEO#{id}"))));
    assert_eq!(studio.app.file(&studio.object(&id)), None);
}

#[tokio::test]
async fn f1_wherever_it_dies_what_was_replaced_goes_and_what_is_shown_stays() {
    let points = every_crash_point(
        async || {
            let studio = studio().await;
            let (_, old) = ready(&studio).await;
            studio.attach().await;
            let (id, film) = ready(&studio).await;
            studio.attach().await;
            studio.app.clock().advance(DAY + 1);
            (studio, old, (id, film))
        },
        |(studio, ..)| &studio.app,
        async |(studio, ..)| {
            let _ = studio.sweep().await;
        },
        async |(studio, old, (id, film)), point| {
            studio.sweep().await.unwrap();
            assert_eq!(studio.app.file(old), None, "{point:?}");
            assert!(studio.app.file(film).is_some(), "{point:?}");
            assert_eq!(studio.stored(id).await.value.due(), None, "{point:?}");
        },
    )
    .await;
    assert!(points >= 20, "both videos, the lesson, their files, three changes: twice each; {points}");
}
