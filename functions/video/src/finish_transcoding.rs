//! MediaConvert: a job has ended → the video is ready, or has failed

use std::collections::HashMap;

use domain::video::{Failure, Video, VideoId, VideoReady};
use kernel::{Error, Result, School};
use runtime::{App, Listener, Needs, Source, Table};
use serde::Deserialize;
use store::{Consistency, Stored, keys};
use tracing::{error, warn};

use crate::{
    told::{failed, origin},
    transcoder::End,
};

/// Takes in how a job ended. EventBridge tells it at least once and in any order; what is told of an earlier version of a
/// file, or again, changes nothing.
pub struct FinishTranscoding;

/// What MediaConvert tells EventBridge of a job.
#[derive(Deserialize)]
pub struct Told {
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    job_id: String,
    /// `COMPLETE`, `ERROR` or `CANCELED`.
    status: String,
    user_metadata: HashMap<String, String>,
    #[serde(default)]
    output_group_details: Vec<Group>,
    #[serde(default)]
    error_code: u32,
    #[serde(default)]
    error_message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    output_details: Vec<Output>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    #[serde(default)]
    duration_in_ms: u64,
}

impl Detail {
    fn named(&self, name: &str) -> Result<&str> {
        let value = self.user_metadata.get(name).map(String::as_str);
        value.ok_or_else(|| Error::internal(format!("the job {} does not say its {name}", self.job_id)))
    }
}

impl From<Detail> for End {
    fn from(detail: Detail) -> Self {
        // Pictures count as long as those after the last would be shown.
        let film = detail.output_group_details.iter().filter(|group| group.r#type == "HLS_GROUP");
        let outputs = film.flat_map(|group| &group.output_details);
        Self {
            is_complete: detail.status == "COMPLETE",
            duration_ms: outputs.map(|output| output.duration_in_ms).max().unwrap_or(0),
            why: format!("{} {} {}", detail.status, detail.error_code, detail.error_message),
        }
    }
}

impl Listener for FinishTranscoding {
    const NAME: &'static str = "video-finish-transcoding";
    const NEEDS: Needs = Needs { table: &[Table::Put], concurrency: 2, ..Needs::NOTHING };
    const SOURCE: Source = Source::Pattern(
        "{ source: [aws.mediaconvert], detail-type: [MediaConvert Job State Change], \
         detail: { status: [COMPLETE, ERROR, CANCELED], userMetadata: { bucket: [!Ref BucketName] } } }",
    );
    const SAMPLE: &'static str = r#"{
        "version": "0",
        "id": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:mediaconvert:eu-central-1:000000000000:jobs/1700000000000-000001"],
        "detail": {
            "timestamp": 1767225600000,
            "accountId": "000000000000",
            "queue": "arn:aws:mediaconvert:eu-central-1:000000000000:queues/Default",
            "jobId": "1700000000000-000001",
            "status": "COMPLETE",
            "userMetadata": {
                "bucket": "lectern-dev-000000000000",
                "school": "main",
                "video_id": "vid_00000000000070008000000000000000",
                "etag": "b57f9512698f4b09e608f4f2a65852e5"
            },
            "outputGroupDetails": [{
                "outputDetails": [{ "durationInMs": 60000 }],
                "type": "HLS_GROUP"
            }]
        }
    }"#;
    type Message = Told;

    async fn hear(app: &App, Told { detail }: Told) -> Result<()> {
        let (school, id) = (detail.named("school")?, detail.named("video_id")?);
        let school: School = school.parse().map_err(Error::internal)?;
        let id: VideoId = id.parse().map_err(|_| Error::internal(format!("{id:?} is no video")))?;
        let Some(stored) = app.store.get(&keys::video(&school, id), Consistency::Strong).await? else {
            warn!(%id, "a job of a video that does not exist");
            return Ok(());
        };
        if !stored.value.awaits(detail.named("etag")?, &detail.job_id) {
            return Ok(());
        }
        finish(app, &school, stored, detail.into()).await
    }
}

/// Takes in how the job of a video has ended that waits for it.
pub(crate) async fn finish(app: &App, school: &School, stored: Stored<Video>, end: End) -> Result<()> {
    let Stored { value: mut video, rev } = stored;
    let source = video.source.clone().ok_or_else(|| Error::internal("a job without a file"))?;
    let key = keys::video(school, video.id);
    let mut change = app.store.transaction(school);
    match Failure::of_made(end.is_complete, end.duration_ms) {
        None => {
            video.finish(video.folder(school, &source), end.duration_ms, app.now());
            let ready =
                VideoReady { video_id: video.id, purpose: video.purpose, duration_ms: end.duration_ms };
            change.replace(&key, &video, rev).event(&origin(app), &ready);
        }
        Some(failure) => {
            // It may be the file's fault or ours; a person has to look.
            error!(id = %video.id, why = end.why, "not transcoded");
            video.fail(source, failure, app.now());
            change.replace(&key, &video, rev).event(&origin(app), &failed(&video, failure));
        }
    }
    change.commit().await
}
