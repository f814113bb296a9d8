//! every hour: what was told of videos and never arrived → as if it had

use domain::video::VideoStatus;
use serde_json::json;
use testkit::every_crash_point;
use tests::schedule;

use crate::video::setup::{BEGINNING, Studio, a_minute, studio};

async fn sweep(studio: &Studio) -> kernel::Result<()> {
    studio.app.run(&schedule("video-sweep-videos")).await
}

#[tokio::test]
async fn what_nobody_told_of_is_found_an_hour_later() {
    let studio = studio().await;
    let (unheard, _) = studio.uploaded(BEGINNING).await;
    let (silent, job) = studio.processing().await;
    let (working, _) = studio.processing().await;
    studio.mediaconvert.end(&job.id, &a_minute());
    sweep(&studio).await.unwrap();
    assert_eq!(studio.stored(&silent).await.value.status, VideoStatus::Processing, "it may still be told");

    studio.app.clock().advance(3601);
    for _ in 0..2 {
        sweep(&studio).await.unwrap();
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
    sweep(&studio).await.unwrap();
    assert_eq!(studio.video(&id).await["failure_code"], "unreadable");
}

#[tokio::test]
async fn an_upload_that_was_given_up_is_forgotten_once_its_links_are_useless() {
    let studio = studio().await;
    let given_up = studio.next(7).await;
    studio.app.clock().advance(8 * 24 * 3600 - 60);
    sweep(&studio).await.unwrap();
    assert_eq!(studio.video(&given_up).await["status"], "uploading");
    let fresh = studio.next(7).await;
    studio.app.clock().advance(3601);
    sweep(&studio).await.unwrap();
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
    assert!(sweep(&studio).await.is_err());
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
            let _ = sweep(studio).await;
        },
        async |(studio, id), point| {
            sweep(studio).await.unwrap();
            assert_eq!(studio.stored(id).await.value.status, VideoStatus::Ready, "{point:?}");
            assert_eq!(studio.app.outbox("video.ready").await.len(), 1, "{point:?}");
        },
    )
    .await;
    assert!(points >= 8, "the list, the video, its job, the change: twice each; {points}");
}
