//! Who may watch a video: those who may read its lesson or see its course, once that shows it; a recording its owner.

use domain::{
    catalog::{Course, CourseId, LessonId},
    learning::{Enrollment, LessonProgress},
    video::{Purpose, Video, VideoId, VideoStatus},
};
use kernel::{Code, Error, Result, UserId};
use runtime::{
    Access, App, Call, Path, SignIn,
    access::{SignedIn, Visitor},
};
use store::{AnyKey, Consistency, Stored, keys};

use crate::course_learner::enroll_first;

/// Somebody who may watch the video `{video_id}`: anybody a trailer and that of a preview, the enrolled that of every visible
/// lesson, the author and admins also one that is not shown yet, or any more. Recordings are their owners' alone.
pub struct VideoReader {
    pub user: Option<SignedIn>,
    pub video: Stored<Video>,
    /// Theirs in its lesson, of who is enrolled.
    pub progress: Option<LessonProgress>,
    /// Whether they may replace it.
    pub edits: bool,
}

impl Access for VideoReader {
    const RULE: &'static str = "learner";
    const WHO: &'static str = "those who are enrolled in the course of the video's lesson, its author and admins; that of a preview and a trailer are for anybody, a recording for whoever made it";
    const SIGN_IN: SignIn = SignIn::Optional;
    const ERRORS: &'static [Code] = &[Code::UNAUTHENTICATED, Code::FORBIDDEN];
    type Path = Path<VideoId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<VideoId>) -> Result<Self> {
        Self::SIGN_IN.check(call)?;
        let key = keys::video(&call.school, id);
        let (Visitor(user), mut found) = Visitor::with(app, call, [AnyKey::from(&key)]).await?;
        let video = found.take(&key)?.filter(|video| video.value.status != VideoStatus::Removed);
        let video = video.ok_or_else(absent)?;
        match video.value.purpose {
            Purpose::Lesson { lesson_id, course_id } => {
                in_lesson(app, call, user, video, (lesson_id, course_id)).await
            }
            Purpose::Trailer { course_id } => as_trailer(app, call, user, video, course_id).await,
            Purpose::Recording { .. } => {
                let owner = video.value.owner_id;
                let is_own = user.as_ref().is_some_and(|user| user.account.value.id == owner);
                if is_own { Ok(Self { user, video, progress: None, edits: true }) } else { Err(absent()) }
            }
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.as_ref().and_then(SignedIn::user_id)
    }
}

fn absent() -> Error {
    Error::not_found("video")
}

async fn in_lesson(
    app: &App,
    call: &Call,
    user: Option<SignedIn>,
    video: Stored<Video>,
    (lesson_id, course_id): (LessonId, CourseId),
) -> Result<VideoReader> {
    let lesson_key = keys::lesson(&call.school, lesson_id);
    let course_key = keys::course(&call.school, course_id);
    let own_keys = user.as_ref().map(|user| {
        let learner = user.account.value.id;
        let enrollment = keys::enrollment(&call.school, learner, course_id);
        (enrollment, keys::progress(&call.school, learner, course_id, lesson_id))
    });
    let mut wanted = vec![AnyKey::from(&lesson_key), AnyKey::from(&course_key)];
    if let Some((enrollment, progress)) = &own_keys {
        wanted.extend([AnyKey::from(enrollment), AnyKey::from(progress)]);
    }
    let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
    let lesson = found.take(&lesson_key)?.ok_or_else(absent)?.value;
    let course: Course = found.take(&course_key)?.ok_or_else(absent)?.value;
    let mut progress = None;
    if let Some((enrollment, own)) = &own_keys
        && found.take(enrollment)?.is_some_and(|own| Enrollment::gives_access(&own.value))
    {
        let none = || LessonProgress::none(lesson_id, course_id, app.now());
        progress = Some(found.take(own)?.map_or_else(none, |own| own.value));
    }

    if edits(user.as_ref(), &course) {
        return Ok(VideoReader { user, video, progress, edits: true });
    }
    // One that was replaced is gone for all others.
    let is_shown = lesson.is_published && lesson.video_id.as_deref() == Some(&*video.value.id.to_string());
    let is_enrolled = progress.is_some();
    if !is_shown || !(course.is_published() || is_enrolled) {
        return Err(absent());
    }
    match user {
        user if is_enrolled || lesson.is_preview => Ok(VideoReader { user, video, progress, edits: false }),
        Some(_) => Err(enroll_first()),
        None => Err(Error::new(Code::UNAUTHENTICATED, "sign in and enrol to watch this video")),
    }
}

async fn as_trailer(
    app: &App,
    call: &Call,
    user: Option<SignedIn>,
    video: Stored<Video>,
    course_id: CourseId,
) -> Result<VideoReader> {
    let key = keys::course(&call.school, course_id);
    let own_key = user.as_ref().map(|user| keys::enrollment(&call.school, user.account.value.id, course_id));
    let wanted = [AnyKey::from(&key)].into_iter().chain(own_key.as_ref().map(AnyKey::from));
    let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
    let course = found.take(&key)?.ok_or_else(absent)?.value;
    if edits(user.as_ref(), &course) {
        return Ok(VideoReader { user, video, progress: None, edits: true });
    }
    let is_enrolled = match &own_key {
        Some(own) => found.take(own)?.is_some_and(|own| own.value.gives_access()),
        None => false,
    };
    let is_shown = course.shown_trailer() == Some(&*video.value.id.to_string());
    if is_shown && (course.is_published() || is_enrolled) {
        return Ok(VideoReader { user, video, progress: None, edits: false });
    }
    Err(absent())
}

fn edits(user: Option<&SignedIn>, course: &Course) -> bool {
    user.is_some_and(|user| course.may_be_edited_by(&user.account.value))
}
