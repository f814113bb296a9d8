//! Who may upload and replace a video. For all others it does not exist, though they may watch it.

use domain::video::{Video, VideoId};
use kernel::{Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

/// The author of the course that the video `{video_id}` belongs to, or an admin.
pub struct VideoAuthor {
    pub user: SignedIn,
    pub video: Stored<Video>,
}

impl Access for VideoAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the video's course, and admins";
    type Path = Path<VideoId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<VideoId>) -> Result<Self> {
        let key = keys::video(&call.school, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&key)]).await?;
        let absent = || Error::not_found("video");
        let video = found.take(&key)?.ok_or_else(absent)?;
        let course = keys::course(&call.school, video.value.course_id);
        let course = app.store.get(&course, Consistency::Strong).await?;
        match course {
            Some(course) if course.value.may_be_edited_by(&user.account.value) => Ok(Self { user, video }),
            _ => Err(absent()),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
