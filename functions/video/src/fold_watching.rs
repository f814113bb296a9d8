//! video.watched → what is counted of the video

use domain::{event::Event, video::VideoWatched};
use kernel::Result;
use runtime::{App, Consumer, Needs, Table};
use store::{AnyKey, Consistency, keys};
use tracing::warn;

/// Counts what a viewer saw, once per event however often it is delivered. All viewers of a video write to one item, so few
/// do so at once; a viewer is told of some twenty times in all.
pub struct FoldWatching;

impl Consumer for FoldWatching {
    const NAME: &'static str = "video-fold-watching";
    const NEEDS: Needs = Needs { table: &[Table::BatchGet, Table::Put], concurrency: 2, ..Needs::NOTHING };
    type Data = VideoWatched;

    async fn consume(app: &App, event: &Event, data: VideoWatched) -> Result<()> {
        let school = &event.school;
        let (video_key, key) =
            (keys::video(school, data.video_id), keys::video_analytics(school, data.video_id));
        let wanted = [AnyKey::from(&video_key), AnyKey::from(&key)];
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        let Some(video) = found.take(&video_key)? else {
            warn!(id = %data.video_id, "watched, and does not exist");
            return Ok(());
        };
        let stored = found.take(&key)?;
        let rev = stored.as_ref().map(|stored| stored.rev);
        let mut analytics = stored.map(|stored| stored.value).unwrap_or_default();
        analytics.fold(&data, &video.value);
        let mut change = app.store.transaction(school);
        Self::once(&mut change, event, app.now()).upsert(&key, &analytics, rev);
        change.commit().await
    }
}
