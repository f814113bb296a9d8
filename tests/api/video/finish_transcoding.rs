//! MediaConvert: a job has ended → the video is ready, or has failed

use domain::video::VideoStatus;
use serde_json::json;
use store::{Stored, keys};
use testkit::every_crash_point;
use tests::consumer;

use crate::video::setup::{BEGINNING, Studio, a_minute, ended, studio};

async fn told(studio: &Studio, body: String) -> kernel::Result<()> {
    studio.app.hear(&consumer("video-finish-transcoding"), body).await
}

#[tokio::test]
async fn a_job_that_ends_well_makes_the_video_ready_and_says_so_once() {
    let studio = studio().await;
    let (id, job) = studio.processing().await;
    for _ in 0..2 {
        studio.end(&job, &a_minute()).await.unwrap();
    }
    let video = studio.stored(&id).await.value;
    let media = video.media.unwrap();
    assert_eq!((video.status, media.duration_ms, media.renditions.len()), (VideoStatus::Ready, 60_000, 3));
    assert_eq!(media.folder, format!("videos/main/{id}/{}", job.metadata["etag"]));
    let [event] = &studio.app.outbox("video.ready").await[..] else { panic!("told once") };
    assert_eq!((&event.data["video_id"], &event.data["duration_ms"]), (&json!(id), &json!(60_000)));
}

#[tokio::test]
async fn f1_a_job_that_ends_before_anybody_noted_its_name_is_ordered_once() {
    let studio = studio().await;
    let (id, told) = studio.uploaded(BEGINNING).await;
    studio.start(&told).await.unwrap();
    // Whoever ordered it died before they wrote down what it is called.
    let school = studio.app.school();
    let Stored { value: mut video, rev } = studio.stored(&id).await;
    video.job.as_mut().unwrap().id = None;
    let mut change = studio.app.store().transaction(&school);
    change.replace(&keys::video(&school, video.id), &video, rev);
    change.commit().await.unwrap();
    studio.end(&studio.jobs(&id)[0], &a_minute()).await.unwrap();
    studio.app.clock().advance(61);
    studio.start(&told).await.unwrap();
    assert_eq!((studio.jobs(&id).len(), studio.stored(&id).await.value.status), (1, VideoStatus::Ready));
}

#[tokio::test]
async fn a_job_that_fails_or_makes_nothing_fails_the_video_with_advice() {
    let studio = studio().await;
    let nothing = json!({ "status": "COMPLETE", "outputGroupDetails": [] });
    let broken = json!({ "status": "ERROR", "errorCode": 1040, "errorMessage": "moov atom not found" });
    for detail in [broken, json!({ "status": "CANCELED" }), nothing] {
        let (id, job) = studio.processing().await;
        studio.end(&job, &detail).await.unwrap();
        let shown = studio.video(&id).await;
        assert_eq!(
            (&shown["status"], &shown["failure_code"]),
            (&json!("failed"), &json!("unreadable")),
            "{detail}"
        );
        assert!(!shown.to_string().contains("moov"), "words of ours alone");
    }
    assert_eq!(studio.app.outbox("video.failed").await.len(), 3);
}

#[tokio::test]
async fn a_film_that_lasts_longer_than_its_file_said_is_too_long_all_the_same() {
    let studio = studio().await;
    let (id, job) = studio.processing().await;
    let two_days = json!([{ "type": "HLS_GROUP", "outputDetails": [{ "durationInMs": 174_762_667 }] }]);
    studio.end(&job, &json!({ "status": "COMPLETE", "outputGroupDetails": two_days })).await.unwrap();
    let shown = studio.video(&id).await;
    assert_eq!((&shown["status"], &shown["failure_code"]), (&json!("failed"), &json!("too_long")));
    assert_eq!(studio.app.outbox("video.ready").await.len(), 0);
}

#[tokio::test]
async fn r11_what_is_told_of_an_older_version_or_of_another_job_changes_nothing() {
    let studio = studio().await;
    let (id, older) = studio.processing().await;
    studio.write(&id, &[BEGINNING, b" "].concat()[1..]).await;
    studio.start(&studio.told()[0].body).await.unwrap();
    // What was written there in the file's place is no video, so that is what it is now, whatever becomes of the older.
    assert_eq!(studio.stored(&id).await.value.status, VideoStatus::Failed);
    studio.end(&older, &a_minute()).await.unwrap();
    assert_eq!(studio.stored(&id).await.value.status, VideoStatus::Failed);

    let (id, job) = studio.processing().await;
    let mut another = job.clone();
    another.id = "1700000000000-999999".to_owned();
    told(&studio, ended(&another, &json!({ "status": "ERROR" }))).await.unwrap();
    assert_eq!(studio.stored(&id).await.value.status, VideoStatus::Processing);
    let unknown = "vid_00000000000070008000000000000000";
    let _ = another.metadata.insert("video_id".to_owned(), unknown.to_owned());
    told(&studio, ended(&another, &a_minute())).await.unwrap();
    let _ = another.metadata.remove("etag");
    let _ = another.metadata.insert("video_id".to_owned(), id.clone());
    assert!(told(&studio, ended(&another, &a_minute())).await.is_err(), "not one of ours");
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_delivery_ends_it_once() {
    let points = every_crash_point(
        async || {
            let studio = studio().await;
            let (id, job) = studio.processing().await;
            (studio, id, job)
        },
        |(studio, ..)| &studio.app,
        async |(studio, _, job)| {
            let _ = studio.end(job, &a_minute()).await;
        },
        async |(studio, id, job), point| {
            studio.end(job, &a_minute()).await.unwrap();
            assert_eq!(studio.stored(id).await.value.status, VideoStatus::Ready, "{point:?}");
            assert_eq!(studio.app.outbox("video.ready").await.len(), 1, "{point:?}");
        },
    )
    .await;
    assert_eq!(points, 4, "the video and the change: twice each");
}
