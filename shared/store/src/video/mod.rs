//! Videos, each in a partition of its own with what is counted of it.

pub(crate) mod keys;

use domain::video::{Recording, Video, VideoAnalytics};
use kernel::School;

use crate::core::entity::Entity;

impl Entity for Video {
    const TYPE: &'static str = "video";

    fn index(&self, school: &School) -> Option<(String, String)> {
        Some(keys::open_video_index(school, self.id, self.due()?))
    }
}

impl Entity for Recording {
    const TYPE: &'static str = "recording";
}

impl Entity for VideoAnalytics {
    const TYPE: &'static str = "video_analytics";
}
