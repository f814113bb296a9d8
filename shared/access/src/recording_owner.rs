//! Who owns a recording. For all others it does not exist, admins too.

use domain::video::{Recording, RecordingId, Video};
use kernel::{Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

/// Whoever made the recording `{recording_id}`.
pub struct RecordingOwner {
    pub user: SignedIn,
    pub recording: Stored<Recording>,
    pub video: Stored<Video>,
}

impl Access for RecordingOwner {
    const RULE: &'static str = "owner";
    const WHO: &'static str = "whoever made the recording";
    type Path = Path<RecordingId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<RecordingId>) -> Result<Self> {
        let key = keys::recording(&call.school, call.token()?.sub, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&key)]).await?;
        let absent = || Error::not_found("recording");
        let recording = found.take(&key)?.ok_or_else(absent)?;
        let video_key = keys::video(&call.school, recording.value.video_id);
        let video = app.store.get(&video_key, Consistency::Strong).await?;
        Ok(Self { user, recording, video: video.ok_or_else(absent)? })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
