//! Who learns from a video: those who are enrolled in the course of the lesson that shows it.

use domain::{
    catalog::{CourseId, LessonId},
    video::{Purpose, VideoId},
};
use kernel::{Code, Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, keys};

use crate::{LessonLearner, course_learner::not_enrolled};

/// Somebody enrolled in the course whose visible lesson shows the video `{video_id}` now. One that was replaced is gone.
pub struct VideoLearner(pub LessonLearner);

impl Access for VideoLearner {
    const RULE: &'static str = "learner";
    const WHO: &'static str = "those who are enrolled in the course of the video's lesson";
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN];
    type Path = Path<VideoId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<VideoId>) -> Result<Self> {
        let learner = call.token()?.sub;
        let key = keys::video(&call.school, id);
        let theirs = |(lesson, course): (LessonId, CourseId)| {
            (
                keys::lesson(&call.school, lesson),
                keys::enrollment(&call.school, learner, course),
                keys::progress(&call.school, learner, course, lesson),
            )
        };
        // Where its lesson is known, there is nothing to wait for.
        let places = app.remembered::<VideoId, (LessonId, CourseId)>();
        let known = places.get(&id);
        let wanted = match known.map(theirs) {
            Some((lesson, enrollment, progress)) => {
                vec![AnyKey::from(&lesson), AnyKey::from(&enrollment), AnyKey::from(&progress)]
            }
            None => vec![AnyKey::from(&key)],
        };
        let (user, mut found) = SignedIn::with(app, call, wanted).await?;
        let absent = || Error::not_found("video");
        let place = match known {
            Some(place) => place,
            None => {
                let video = found.take(&key)?.ok_or_else(absent)?.value;
                match video.purpose {
                    Purpose::Lesson { lesson_id, course_id } => (lesson_id, course_id),
                    Purpose::Trailer { .. } | Purpose::Recording { .. } => return Err(absent()),
                }
            }
        };
        let (lesson_key, enrollment_key, progress_key) = theirs(place);
        if known.is_none() {
            let wanted =
                [AnyKey::from(&lesson_key), AnyKey::from(&enrollment_key), AnyKey::from(&progress_key)];
            found = app.store.batch_get(wanted, Consistency::Strong).await?;
            places.keep(id, place);
        }
        let lesson = found.take(&lesson_key)?.ok_or_else(absent)?.value;
        if !lesson.is_published || lesson.video_id.as_deref() != Some(&*id.to_string()) {
            return Err(absent());
        }
        match found.take(&enrollment_key)?.filter(|enrollment| enrollment.value.gives_access()) {
            Some(enrollment) => {
                let progress = found.take(&progress_key)?;
                Ok(Self(LessonLearner { user, lesson, enrollment, progress }))
            }
            None => Err(not_enrolled(app, call, lesson.course_id, "video").await),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.0.user_id()
    }
}
