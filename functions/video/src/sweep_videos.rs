//! every hour: what was told of videos and never arrived → as if it had; what nobody sees any more → gone

use std::time::{Duration, Instant};

use domain::video::{Job, Purpose, Video, VideoId, VideoStatus, playback::folder};
use kernel::{Error, Result, School, Timestamp};
use objects::Objects;
use runtime::{App, Files, Jobs, Needs, Schedule, ServiceEntry, Table};
use store::{Consistency, Direction, GSI1, PageRequest, Stored, keys};
use tracing::{error, info, warn};

use crate::{Transcoder, finish_transcoding::finish, start_transcoding::start};

/// So many are read at once.
const MOST: u32 = 100;
/// A tick ends well before Lambda ends it.
const ENOUGH: Duration = Duration::from_secs(240);
/// Links to send a file by are long gone by then, and S3 has thrown away the parts that came.
const FORGOTTEN_AFTER_SECONDS: i64 = 8 * 24 * 3600;

/// Looks after videos that something should have become of by now: a file that nobody told of is transcoded, a job whose end
/// nobody told of is asked how it ended, and an upload that was given up is forgotten, as is what was replaced, deleted or
/// failed, with all its files.
pub struct SweepVideos;

impl Schedule for SweepVideos {
    const NAME: &'static str = "video-sweep-videos";
    const NEEDS: Needs = Needs {
        table: &[Table::Delete, Table::Put, Table::QueryIndex(GSI1)],
        files: &[
            Files::List("uploads"),
            Files::List("videos"),
            Files::Read("uploads"),
            Files::Remove("uploads"),
            Files::Remove("videos"),
        ],
        jobs: &[Jobs::Look, Jobs::Order],
        services: &[ServiceEntry::of::<Objects>(), ServiceEntry::of::<Transcoder>()],
        ..Needs::NOTHING
    };
    const EXPRESSION: &'static str = "rate(1 hour)";

    async fn run(app: &App, at: Timestamp) -> Result<()> {
        let mut tick = Tick { at, ends: Instant::now() + ENOUGH, failures: 0 };
        for school in app.config.all_schools() {
            // One that fails leaves the others their turn.
            if let Err(error) = tick.sweep(app, &school).await {
                tick.failures += 1;
                error!(%school, ?error, "the open videos cannot be listed");
            }
        }
        match tick.failures {
            0 => Ok(()),
            failures => Err(Error::unavailable(format!("{failures} videos are stuck; the log names each"))),
        }
    }
}

/// A run of it.
struct Tick {
    at: Timestamp,
    ends: Instant,
    failures: u32,
}

impl Tick {
    /// Looks after what is due of a school: whoever has waited longest comes first, and with one that has time the others have.
    async fn sweep(&mut self, app: &App, school: &School) -> Result<()> {
        let (open, at) = (keys::open_videos_partition(school), self.at);
        let late = |open: &Stored<Video>| is_due(&open.value, at);
        let (mut cursor, mut more) = (None::<String>, true);
        while more {
            let here = cursor.take();
            let page = PageRequest { limit: MOST, cursor: here.as_deref(), direction: Direction::Ascending };
            let page = app.store.page::<Video>(&open, page, Consistency::Eventual).await?;
            more = page.next_cursor.is_some() && page.items.last().is_some_and(late);
            cursor = page.next_cursor;
            for stored in page.items.into_iter().filter(late) {
                if Instant::now() > self.ends {
                    warn!(%school, "more is due than this tick has time for; the next goes on");
                    return Ok(());
                }
                let id = stored.value.id;
                if let Err(error) = look_after(app, school, id, at).await {
                    self.failures += 1;
                    error!(%school, %id, ?error, "cannot be looked after");
                }
            }
        }
        Ok(())
    }
}

fn is_due(video: &Video, at: Timestamp) -> bool {
    video.due().is_some_and(|due| due < at)
}

async fn look_after(app: &App, school: &School, id: VideoId, at: Timestamp) -> Result<()> {
    // The index may be behind.
    let stored = app.store.get(&keys::video(school, id), Consistency::Strong).await?;
    let Some(stored) = stored.filter(|stored| is_due(&stored.value, at)) else { return Ok(()) };
    let video = &stored.value;
    if let Some(Job { id: Some(job), .. }) = &video.job {
        match app.service::<Transcoder>().await?.end_of(job).await? {
            Some(end) if video.status == VideoStatus::Processing => {
                return finish(app, school, stored, end).await;
            }
            // What is still being made is removed when it is there.
            None => return Ok(()),
            Some(_) => {}
        }
    }
    match video.status {
        VideoStatus::Ready => settle(app, school, stored).await,
        VideoStatus::Failed | VideoStatus::Removed => forget(app, school, stored).await,
        VideoStatus::Uploading | VideoStatus::Uploaded | VideoStatus::Processing => {
            let is_forgotten = video.created_at < at.plus_seconds(-FORGOTTEN_AFTER_SECONDS);
            let kept = stored.clone();
            if start(app, school, stored).await? || !is_forgotten {
                return Ok(());
            }
            forget(app, school, kept).await
        }
    }
}

/// Clears away what a video took the place of a day ago: earlier versions of itself, and the video that was shown before; or
/// itself, where a newer one is shown by now.
async fn settle(app: &App, school: &School, stored: Stored<Video>) -> Result<()> {
    let Stored { value: mut video, rev } = stored;
    let own = video.id.to_string();
    let shown = match video.purpose {
        Purpose::Recording { .. } => Some(Some(own.clone())),
        Purpose::Lesson { lesson_id, .. } => {
            let lesson = app.store.get(&keys::lesson(school, lesson_id), Consistency::Strong).await?;
            lesson.map(|lesson| lesson.value.video_id)
        }
        Purpose::Trailer { course_id } => {
            let course = app.store.get(&keys::course(school, course_id), Consistency::Strong).await?;
            course.map(|course| course.value.trailer.map(|trailer| trailer.video_id))
        }
    };
    let is_replaced = match &shown {
        // Whoever shows it has not heard of it yet.
        Some(shown) if shown.as_ref() < Some(&own) => return Ok(()),
        Some(shown) => shown.as_ref() > Some(&own),
        None => true,
    };
    if let Some(before) = video.replaces {
        let before = app.store.get(&keys::video(school, before), Consistency::Strong).await?;
        if let Some(before) = before.filter(|before| before.value.purpose == video.purpose) {
            forget(app, school, before).await?;
        }
    }
    if is_replaced {
        return forget(app, school, Stored { value: video, rev }).await;
    }
    if let Some(media) = &video.media {
        let (all, kept) = (folder(school, video.id), [&media.folder, &video.captions_folder(school)]);
        let is_old = |name: &str| !kept.iter().any(|kept| name.starts_with(&format!("{kept}/")));
        app.service::<Objects>().await?.clear(&format!("{all}/"), is_old).await?;
    }
    video.settle();
    let mut change = app.store.transaction(school);
    change.replace(&keys::video(school, video.id), &video, rev);
    change.commit().await
}

/// Removes a video and all that is kept of it, the files first: as long as it is there, somebody comes back for them.
async fn forget(app: &App, school: &School, Stored { value: video, rev }: Stored<Video>) -> Result<()> {
    let objects = app.service::<Objects>().await?;
    objects.clear(&format!("{}/", folder(school, video.id)), |_| true).await?;
    objects.clear(&video.object(school), |_| true).await?;
    let mut change = app.store.transaction(school);
    change.take(&keys::video(school, video.id), rev).delete(&keys::video_analytics(school, video.id));
    if let Purpose::Recording { recording_id } = video.purpose {
        change.delete(&keys::recording(school, video.owner_id, recording_id));
    }
    change.commit().await?;
    info!(%school, id = %video.id, status = ?video.status, "forgotten, with its files");
    Ok(())
}
