//! Videos, each in a partition of its own.

pub(crate) mod keys;

use domain::video::Video;
use kernel::School;

use crate::core::entity::Entity;

impl Entity for Video {
    const TYPE: &'static str = "video";

    fn index(&self, school: &School) -> Option<(String, String)> {
        self.is_open().then(|| keys::open_video_index(school, self.id, self.updated_at))
    }
}
