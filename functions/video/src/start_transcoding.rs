//! a file in the bucket below `uploads` → the job that transcodes it

use domain::video::{BEGINNING_BYTES, Duty, Failure, Probed, Source as Version, Video, VideoId, renditions};
use kernel::{Error, Result, School};
use objects::Objects;
use runtime::{App, Files, Jobs, Listener, Needs, ServiceEntry, Source, Table};
use serde::Deserialize;
use store::{Consistency, Stored, keys};
use tracing::warn;

use crate::{
    told::{failed, origin},
    transcoder::{Order, Transcoder},
};

/// Has each version of an upload transcoded, once. S3 tells of files at least once and in any order, so that what it tells
/// is taken for a hint: what stands there now is what is transcoded.
pub struct StartTranscoding;

/// What S3 tells EventBridge of a new file.
#[derive(Deserialize)]
pub struct Created {
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

impl Listener for StartTranscoding {
    const NAME: &'static str = "video-start-transcoding";
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        files: &[Files::Read("uploads")],
        jobs: &[Jobs::Order],
        services: &[ServiceEntry::of::<Objects>(), ServiceEntry::of::<Transcoder>()],
        batch: 1, // MediaConvert takes few requests a second, and what waits for it holds up nobody else
        concurrency: 2,
        ..Needs::NOTHING
    };
    const SOURCE: Source = Source::Created("uploads");
    const SAMPLE: &'static str = r#"{
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:s3:::lectern-dev-000000000000"],
        "detail": {
            "version": "0",
            "bucket": { "name": "lectern-dev-000000000000" },
            "object": {
                "key": "uploads/main/vid_00000000000070008000000000000000",
                "size": 5,
                "etag": "b57f9512698f4b09e608f4f2a65852e5",
                "sequencer": "00617F08299329D189"
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "000000000000",
            "source-ip-address": "203.0.113.7",
            "reason": "PutObject"
        }
    }"#;
    type Message = Created;

    async fn hear(app: &App, created: Created) -> Result<()> {
        let object = created.detail.object.key;
        let Some((school, id)) = named(&object) else {
            warn!(object, "is not the file of a video");
            return Ok(());
        };
        let key = keys::video(&school, id);
        let Some(stored) = app.store.get(&key, Consistency::Strong).await? else {
            warn!(object, "is the file of a video that does not exist");
            return Ok(());
        };
        let _ = start(app, &school, stored).await?;
        Ok(())
    }
}

/// Has the file of a video transcoded as it stands there now, unless that is done; `false` where there is no file.
pub(crate) async fn start(app: &App, school: &School, stored: Stored<Video>) -> Result<bool> {
    let Stored { value: mut video, rev } = stored;
    let (key, object) = (keys::video(school, video.id), video.object(school));
    let objects = app.service::<Objects>().await?;
    let Some(found) = objects.look(&object).await? else { return Ok(false) };
    let version = Version { etag: found.etag, bytes: found.bytes };
    let duty = video.duty(&version, app.now());
    match duty {
        Duty::Done => return Ok(true),
        Duty::Wait => {
            return Err(Error::unavailable(format!("{} is being started by somebody else", video.id)));
        }
        Duty::Begin | Duty::Resume => {}
    }

    let transcoder = app.service::<Transcoder>().await?;
    let mut change = app.store.transaction(school);
    let picture = match probed(objects, transcoder, &video, &object, &version).await? {
        Ok(picture) => picture,
        Err(failure) => {
            video.fail(version, failure, app.now());
            change.replace(&key, &video, rev).event(&origin(app), &failed(&video, failure));
            return change.commit().await.map(|()| true);
        }
    };
    // Claimed before it is asked for: of two deliveries one asks, and the other waits to see what becomes of it.
    let renditions = renditions(picture.width, picture.height);
    video.claim(version.clone(), renditions.clone(), app.now());
    change.replace(&key, &video, rev);
    change.commit().await?;
    let order = Order {
        object: &object,
        folder: &video.folder(school, &version),
        renditions: &renditions,
        has_sound: picture.has_sound,
        most_hours: video.most_hours(),
        metadata: [
            ("bucket", transcoder.bucket().to_owned()),
            ("school", school.to_string()),
            ("video_id", video.id.to_string()),
            ("etag", version.etag.clone()),
        ],
    };
    // MediaConvert knows a request by its token for a minute only; after that its jobs are looked through.
    let known = if duty == Duty::Resume { transcoder.find(&order).await? } else { None };
    let job = match known {
        Some(job) => Some(job),
        None => transcoder.begin(&order).await?,
    };
    let mut change = app.store.transaction(school);
    match job {
        Some(job) => {
            video.begin(job, app.now());
            change.replace(&key, &video, rev + 1);
        }
        None => {
            video.fail(version, Failure::Unreadable, app.now());
            change.replace(&key, &video, rev + 1).event(&origin(app), &failed(&video, Failure::Unreadable));
        }
    }
    change.commit().await.map(|()| true)
}

/// The video whose file is called so.
fn named(object: &str) -> Option<(School, VideoId)> {
    let mut parts = object.split('/');
    let (folder, school, id) = (parts.next()?, parts.next()?, parts.next()?);
    if folder != "uploads" || parts.next().is_some() {
        return None;
    }
    Some((school.parse().ok()?, id.parse().ok()?))
}

/// What a job is ordered for.
struct Picture {
    width: u32,
    height: u32,
    has_sound: bool,
}

/// Looks at a file before its job is paid for: at its first bytes, then as MediaConvert reads it.
async fn probed(
    objects: &Objects,
    transcoder: &Transcoder,
    video: &Video,
    object: &str,
    version: &Version,
) -> Result<std::result::Result<Picture, Failure>> {
    // Links are signed for a length, so this was written by somebody else.
    if !video.can_have(version.bytes) {
        return Ok(Err(Failure::NotAVideo));
    }
    let beginning = objects.beginning(object, BEGINNING_BYTES).await?;
    if !video.content_type.begins_with(&beginning) {
        return Ok(Err(Failure::NotAVideo));
    }
    let probed: Probed = transcoder.probe(object).await?.unwrap_or_default();
    Ok(match (probed.failure(), probed.picture) {
        (None, Some((width, height))) => Ok(Picture { width, height, has_sound: probed.has_sound }),
        (failure, _) => Err(failure.unwrap_or(Failure::NotAVideo)),
    })
}
