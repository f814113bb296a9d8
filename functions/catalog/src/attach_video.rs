//! video.ready → the lesson shows it, or the course has a trailer

use domain::{
    catalog::{CourseId, LessonId},
    event::Event,
    video::{Purpose, VideoReady},
};
use kernel::{Error, Result};
use runtime::{App, Consumer, Needs, Table};
use store::{AnyKey, Consistency, keys};
use tracing::warn;

/// Shows a lesson's newest video as soon as it can be watched, with its length in the outline and on the card, and a
/// course's newest trailer. Recordings are for nobody else to see.
pub struct AttachVideo;

impl Consumer for AttachVideo {
    const NAME: &'static str = "catalog-attach-video";
    const NEEDS: Needs = Needs { table: &[Table::BatchGet, Table::Put], ..Needs::NOTHING };
    type Data = VideoReady;

    async fn consume(app: &App, event: &Event, data: VideoReady) -> Result<()> {
        match data.purpose {
            Purpose::Lesson { lesson_id, course_id } => {
                in_lesson(app, event, &data, lesson_id, course_id).await
            }
            Purpose::Trailer { course_id } => as_trailer(app, event, &data, course_id).await,
            Purpose::Recording { .. } => Ok(()),
        }
    }
}

async fn in_lesson(
    app: &App,
    event: &Event,
    data: &VideoReady,
    lesson_id: LessonId,
    course_id: CourseId,
) -> Result<()> {
    let school = &event.school;
    let (key, card_key) = (keys::lesson(school, lesson_id), keys::course_card(school, course_id));
    let wanted = [AnyKey::from(&key), AnyKey::from(&card_key)];
    let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
    let Some(lesson) = found.take(&key)? else {
        warn!(id = %lesson_id, "a video of a lesson that does not exist");
        return Ok(());
    };
    let card = found.take(&card_key)?;
    let card = card.ok_or_else(|| Error::internal(format!("{course_id} has no card")))?;
    let mut shown = lesson.value.clone();
    if !shown.attach_video(&data.video_id.to_string(), data.duration_ms, app.now()) {
        return Ok(());
    }
    let (old, new) = (lesson.value.summary(), shown.summary());
    let mut counted = card.value.clone();
    counted.count_lesson(Some(&old), &new)?;
    let mut change = app.store.transaction(school);
    AttachVideo::once(&mut change, event, app.now())
        .replace(&key, &shown, lesson.rev)
        .put_over(&keys::lesson_summary(school, course_id, lesson_id), &new);
    if counted != card.value {
        change.replace_card(&card, &counted);
    }
    change.commit().await
}

async fn as_trailer(app: &App, event: &Event, data: &VideoReady, course_id: CourseId) -> Result<()> {
    let key = keys::course(&event.school, course_id);
    let Some(course) = app.store.get(&key, Consistency::Strong).await? else {
        warn!(id = %course_id, "a trailer of a course that does not exist");
        return Ok(());
    };
    let mut shown = course.value;
    if !shown.attach_trailer(&data.video_id.to_string(), app.now()) {
        return Ok(());
    }
    let mut change = app.store.transaction(&event.school);
    AttachVideo::once(&mut change, event, app.now()).replace(&key, &shown, course.rev);
    change.commit().await
}
