//! Videos, each in a partition of its own.

pub(crate) mod keys;

use domain::video::Video;

use crate::core::entity::Entity;

impl Entity for Video {
    const TYPE: &'static str = "video";
}
