//! Who may send the file of a video and its captions. For all others it does not exist, though they may watch it.

use domain::video::{Purpose, Video, VideoId, VideoStatus};
use kernel::{Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

/// The author of the course that the video `{video_id}` belongs to, or an admin; of a recording whoever made it.
pub struct VideoAuthor {
    pub user: SignedIn,
    pub video: Stored<Video>,
}

impl Access for VideoAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the video's course, and admins; of a recording whoever made it";
    type Path = Path<VideoId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<VideoId>) -> Result<Self> {
        let key = keys::video(&call.school, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&key)]).await?;
        let absent = || Error::not_found("video");
        let video = found.take(&key)?.ok_or_else(absent)?;
        let (course_id, account) = match video.value.purpose {
            _ if video.value.status == VideoStatus::Removed => return Err(absent()),
            Purpose::Recording { .. } if video.value.owner_id == user.account.value.id => {
                return Ok(Self { user, video });
            }
            Purpose::Recording { .. } => return Err(absent()),
            Purpose::Lesson { course_id, .. } | Purpose::Trailer { course_id } => {
                (course_id, &user.account.value)
            }
        };
        let course = keys::course(&call.school, course_id);
        let course = app.store.get(&course, Consistency::Strong).await?;
        match course {
            Some(course) if course.value.may_be_edited_by(account) => Ok(Self { user, video }),
            _ => Err(absent()),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
