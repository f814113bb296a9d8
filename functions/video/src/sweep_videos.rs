//! every hour: what was told of videos and never arrived → as if it had

use domain::video::{Job, Video};
use kernel::{Error, Result, School, Timestamp};
use objects::Objects;
use runtime::{App, Files, Jobs, Needs, Schedule, ServiceEntry, Table};
use store::{Consistency, Direction, GSI1, PageRequest, Stored, keys};
use tracing::error;

use crate::{Transcoder, finish_transcoding::finish, start_transcoding::start};

/// S3 and MediaConvert get this long to tell of a file or of the end of a job, before somebody looks.
const PATIENCE_SECONDS: i64 = 3600;
/// So many are read at once.
const MOST: u32 = 100;
/// Links to send a file by are long gone by then, and S3 has thrown away the parts that came.
const FORGOTTEN_AFTER_SECONDS: i64 = 8 * 24 * 3600;

/// Looks after videos that something should have become of by now: a file that nobody told of is transcoded, a job whose end
/// nobody told of is asked how it ended, and an upload that was given up is forgotten.
pub struct SweepVideos;

impl Schedule for SweepVideos {
    const NAME: &'static str = "video-sweep-videos";
    const NEEDS: Needs = Needs {
        table: &[Table::Delete, Table::Put, Table::QueryIndex(GSI1)],
        files: &[Files::Read("uploads")],
        jobs: &[Jobs::Look, Jobs::Order],
        services: &[ServiceEntry::of::<Objects>(), ServiceEntry::of::<Transcoder>()],
        ..Needs::NOTHING
    };
    const EXPRESSION: &'static str = "rate(1 hour)";

    async fn run(app: &App, at: Timestamp) -> Result<()> {
        let mut failures = 0;
        for school in app.config.all_schools() {
            let open = keys::open_videos_partition(&school);
            let late = |open: &Stored<Video>| open.value.updated_at < at.plus_seconds(-PATIENCE_SECONDS);
            let (mut cursor, mut more) = (None::<String>, true);
            // The longest untouched come first, and with one that is fresh the others are.
            while more {
                let cursor_here = cursor.take();
                let page = PageRequest {
                    limit: MOST,
                    cursor: cursor_here.as_deref(),
                    direction: Direction::Ascending,
                };
                let page = app.store.page::<Video>(&open, page, Consistency::Eventual).await?;
                more = page.next_cursor.is_some() && page.items.last().is_some_and(late);
                cursor = page.next_cursor;
                for stored in page.items.into_iter().filter(late) {
                    let id = stored.value.id;
                    // One that fails leaves the others their turn.
                    if let Err(error) = look_after(app, &school, stored, at).await {
                        failures += 1;
                        error!(%id, ?error, "cannot be looked after");
                    }
                }
            }
        }
        if failures == 0 { Ok(()) } else { Err(Error::unavailable(format!("{failures} videos are stuck"))) }
    }
}

async fn look_after(app: &App, school: &School, listed: Stored<Video>, at: Timestamp) -> Result<()> {
    // The index may be behind.
    let key = keys::video(school, listed.value.id);
    let Some(stored) = app.store.get(&key, Consistency::Strong).await? else { return Ok(()) };
    let video = &stored.value;
    if !video.is_open() {
        return Ok(());
    }
    if let Some(Job { id: Some(job), .. }) = &video.job {
        return match app.service::<Transcoder>().await?.end_of(job).await? {
            Some(end) => finish(app, school, stored, end).await,
            None => Ok(()),
        };
    }
    let (is_forgotten, rev) = (video.created_at < at.plus_seconds(-FORGOTTEN_AFTER_SECONDS), stored.rev);
    if start(app, school, stored).await? || !is_forgotten {
        return Ok(());
    }
    let mut change = app.store.transaction(school);
    change.take(&key, rev);
    change.commit().await
}
