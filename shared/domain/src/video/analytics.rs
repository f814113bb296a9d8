//! How a video is watched, by all of its viewers together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Video, VideoWatched};

/// A film is looked at in so many parts of equal length.
pub const BUCKETS: u8 = 20;

/// What was told of a video. Sums alone, so that the order in which it is told does not matter.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct VideoAnalytics {
    pub viewers: u32,
    /// Viewers who completed its lesson by it.
    pub completions: u32,
    /// Each second of each viewer once.
    pub watched_seconds: u64,
    /// Viewers who saw the middle of each part.
    pub buckets: [u32; BUCKETS as usize],
    /// Seconds by the height of the picture.
    pub qualities: BTreeMap<u32, u64>,
}

impl VideoAnalytics {
    /// Counts what was told in. Heights that the video has not are a made-up report's, and would make the item grow.
    pub fn fold(&mut self, told: &VideoWatched, video: &Video) {
        let seconds = u64::from(told.seconds);
        self.viewers = self.viewers.saturating_add(u32::from(told.is_first));
        self.completions = self.completions.saturating_add(u32::from(told.is_completed));
        self.watched_seconds = self.watched_seconds.saturating_add(seconds);
        for bucket in &told.buckets {
            if let Some(viewers) = self.buckets.get_mut(usize::from(*bucket)) {
                *viewers = viewers.saturating_add(1);
            }
        }
        let mut made = video.media.iter().flat_map(|media| &media.renditions);
        if let Some(height) = told.rendition.filter(|height| made.any(|it| it.height == *height)) {
            let played = self.qualities.entry(height).or_default();
            *played = played.saturating_add(seconds);
        }
    }

    /// Seconds of the video that a viewer saw.
    #[must_use]
    pub fn average_watched_seconds(&self) -> u64 {
        self.watched_seconds.checked_div(u64::from(self.viewers)).unwrap_or(0)
    }

    /// So many viewers as a share of all, from 0 to 1; none without any. Who came from a video that this one replaced may be
    /// counted among those who saw a part and is no new viewer, and what is told last may come first.
    #[must_use]
    pub fn share(&self, viewers: u32) -> Option<f64> {
        (self.viewers > 0).then(|| (f64::from(viewers) / f64::from(self.viewers)).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::*;
    use crate::video::{
        Source, renditions,
        upload::tests::{LATER, NOW, video},
    };

    fn told(is_first: bool, buckets: &[u8], seconds: u32, rendition: Option<u32>) -> VideoWatched {
        VideoWatched {
            user_id: Id::generate(NOW),
            course_id: Id::generate(NOW),
            lesson_id: Id::generate(NOW),
            video_id: Id::generate(NOW),
            is_first,
            buckets: buckets.to_vec(),
            seconds,
            rendition,
            is_completed: buckets.contains(&19),
        }
    }

    #[test]
    fn what_was_told_adds_up_in_any_order() {
        let mut video = video();
        video.claim(Source { etag: "1".to_owned(), bytes: 7 }, renditions(1280, 720), NOW);
        video.finish("videos/main/v/1".to_owned(), 100_000, LATER);
        let mut all = vec![
            told(true, &[0, 1], 12, Some(720)),
            told(true, &[0], 7, Some(480)),
            told(false, &[2, 19], 20, Some(720)),
            told(false, &[], 5, None),
            // Of no video that there is.
            told(false, &[20, 255], 1, Some(4320)),
        ];
        let folded = |all: &[VideoWatched]| {
            let mut analytics = VideoAnalytics::default();
            all.iter().for_each(|told| analytics.fold(told, &video));
            analytics
        };
        let forward = folded(&all);
        all.reverse();
        assert_eq!(folded(&all), forward);
        assert_eq!((forward.viewers, forward.completions, forward.watched_seconds), (2, 1, 45));
        assert_eq!((forward.buckets[..4].to_vec(), forward.buckets[19]), (vec![2, 1, 1, 0], 1));
        assert_eq!(forward.qualities, BTreeMap::from([(480, 7), (720, 32)]));
        assert_eq!(forward.average_watched_seconds(), 22);
        assert_eq!((forward.share(1), forward.share(3)), (Some(0.5), Some(1.0)));
        let nobody = VideoAnalytics::default();
        assert_eq!((nobody.share(0), nobody.average_watched_seconds()), (None, 0));
    }
}
