//! video.ready → the lesson shows it

use domain::{event::Event, video::VideoReady};
use kernel::{Error, Result};
use runtime::{App, Consumer, Needs, Table};
use store::{AnyKey, Consistency, keys};
use tracing::warn;

/// Shows a lesson's newest video as soon as it can be watched, with its length in the outline and on the card.
pub struct AttachVideo;

impl Consumer for AttachVideo {
    const NAME: &'static str = "catalog-attach-video";
    const NEEDS: Needs = Needs { table: &[Table::BatchGet, Table::Put], ..Needs::NOTHING };
    type Data = VideoReady;

    async fn consume(app: &App, event: &Event, data: VideoReady) -> Result<()> {
        let school = &event.school;
        let (key, card_key) =
            (keys::lesson(school, data.lesson_id), keys::course_card(school, data.course_id));
        let wanted = [AnyKey::from(&key), AnyKey::from(&card_key)];
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        let Some(lesson) = found.take(&key)? else {
            warn!(id = %data.lesson_id, "a video of a lesson that does not exist");
            return Ok(());
        };
        let card = found.take(&card_key)?;
        let card = card.ok_or_else(|| Error::internal(format!("{} has no card", data.course_id)))?;
        let mut shown = lesson.value.clone();
        if !shown.attach_video(&data.video_id.to_string(), data.duration_ms, app.now()) {
            return Ok(());
        }
        let (old, new) = (lesson.value.summary(), shown.summary());
        let mut counted = card.value.clone();
        counted.count_lesson(Some(&old), &new)?;
        let mut change = app.store.transaction(school);
        Self::once(&mut change, event, app.now())
            .replace(&key, &shown, lesson.rev)
            .put_over(&keys::lesson_summary(school, data.course_id, data.lesson_id), &new);
        if counted != card.value {
            change.replace_card(&card, &counted);
        }
        change.commit().await
    }
}
