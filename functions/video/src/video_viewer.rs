//! Who follows a link to a video: whoever has it, until it ends.

use domain::video::{Video, VideoId, VideoStatus, playback::folder};
use kernel::{Code, Error, Result, UserId};
use runtime::{Access, App, Call, Path, SignIn};
use store::{Consistency, keys};

use crate::{PlayLinks, play_links::Link};

/// Somebody with a link to the video `{video_id}`. Who gets one is `GET /v1/videos/{video_id}`'s to decide.
pub struct VideoViewer {
    pub(crate) video: Video,
    pub(crate) link: Link,
}

impl Access for VideoViewer {
    const RULE: &'static str = "link";
    const WHO: &'static str = "whoever has a link that `GET /v1/videos/{video_id}` made, until it ends";
    const SIGN_IN: SignIn = SignIn::Never;
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN];
    type Path = Path<VideoId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<VideoId>) -> Result<Self> {
        let links = app.service::<PlayLinks>().await?;
        let all = format!("{}/index.m3u8", folder(&call.school, id));
        let link = links.of_api(&call.query).filter(|link| links.opens(&all, link, app.now()));
        let detail = "this link has ended, or is of another video; GET /v1/videos/{video_id} makes one";
        let link = link.ok_or_else(|| Error::new(Code::FORBIDDEN, detail))?;
        let found = app.store.get(&keys::video(&call.school, id), Consistency::Strong).await?;
        let found = found.filter(|video| video.value.status != VideoStatus::Removed);
        let video = found.ok_or_else(|| Error::not_found("video"))?.value;
        Ok(Self { video, link })
    }

    fn user_id(&self) -> Option<UserId> {
        None
    }
}
