//! From a file to what a player can choose from: which versions of a file are transcoded, once each, and into what.

use std::time::Duration;

use kernel::{School, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Purpose, Video, VideoStatus};

/// Longest video that is taken.
const MAX_SECONDS: f64 = 6.0 * 3600.0;
/// What is made lasts to the end of its last picture, a little longer than its file said.
const ROUNDING_SECONDS: f64 = 1.0;
/// Shortest: less is a picture.
const MIN_SECONDS: f64 = 0.5;
/// Shortest side of a picture that MediaConvert takes and makes.
pub const MIN_SIDE: u32 = 32;
/// Length of the shorter side and most bits a second of what a video is made into, the best first.
const QUALITIES: [(u32, u32); 3] = [(1080, 5_000_000), (720, 2_500_000), (480, 1_000_000)];
/// Who asks for a job has so long to hear of it. A function that is killed never hears; another takes over after this.
const LEASE_SECONDS: i64 = 60;
/// Longer than the largest recording lasts at the bits of any browser's recorder.
const RECORDING_HOURS: u32 = 2;
/// S3 and MediaConvert get this long to tell of a file or of the end of a job, before somebody looks.
const PATIENCE_SECONDS: i64 = 3600;
const DAY_SECONDS: i64 = 24 * 3600;
/// So long its author can read why a file was no video.
const FAILED_KEPT_SECONDS: i64 = 28 * DAY_SECONDS;

/// A version of a video's file: the bucket keeps the latest alone, and calls it by its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// Without quotes.
    pub etag: String,
    pub bytes: u64,
}

/// The job that transcodes a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Until then nobody else asks for it.
    pub lease_until: Timestamp,
    /// As MediaConvert calls it, once that is known.
    pub id: Option<String>,
    /// What it makes.
    pub renditions: Vec<Rendition>,
}

/// Why a file is no video for learners.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "VideoFailure")]
pub enum Failure {
    /// Its length or type is not what was said, or it is in no container that is taken.
    NotAVideo,
    /// There is sound, but no picture.
    NoPicture,
    /// Its picture is lower or narrower than 32 pixels.
    TooSmall,
    /// Shorter than half a second.
    TooShort,
    /// Longer than six hours.
    TooLong,
    /// It begins as a video and could not be made into what players choose from.
    Unreadable,
}

impl Failure {
    /// What is wrong with what a job made, if anything. A file can last longer than it says.
    #[must_use]
    pub fn of_made(is_complete: bool, duration_ms: u64) -> Option<Self> {
        if !is_complete || duration_ms == 0 {
            return Some(Self::Unreadable);
        }
        let seconds = Duration::from_millis(duration_ms).as_secs_f64();
        (seconds > MAX_SECONDS + ROUNDING_SECONDS).then_some(Self::TooLong)
    }

    /// What its author can do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotAVideo => {
                "The file is not a video that can be read. Export it as MP4 with H.264 and upload it again."
            }
            Self::NoPicture => "The file has sound but no picture. Upload a video with both.",
            Self::TooSmall => "The picture is smaller than 32 by 32 pixels.",
            Self::TooShort => "The video is shorter than half a second.",
            Self::TooLong => "The video is longer than six hours. Cut it into several lessons.",
            Self::Unreadable => {
                "The video could not be prepared. It may be damaged: export it anew and upload it again."
            }
        }
    }
}

/// What a file turned out to hold.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Probed {
    /// None where the file does not say, such as one that a browser recorded.
    pub seconds: Option<f64>,
    /// Width and height as a viewer sees them.
    pub picture: Option<(u32, u32)>,
    pub has_sound: bool,
}

impl Probed {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        match (self.picture, self.seconds) {
            (None | Some((0, _) | (_, 0)), _) if self.has_sound => Some(Failure::NoPicture),
            (None | Some((0, _) | (_, 0)), _) => Some(Failure::NotAVideo),
            (Some((width, height)), _) if width.min(height) < MIN_SIDE => Some(Failure::TooSmall),
            (_, Some(seconds)) if seconds.is_nan() || seconds < MIN_SECONDS => Some(Failure::TooShort),
            (_, Some(seconds)) if seconds > MAX_SECONDS => Some(Failure::TooLong),
            _ => None,
        }
    }
}

/// One of the qualities that a player can choose from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rendition {
    pub width: u32,
    pub height: u32,
    /// Most bits a second of its picture.
    pub bitrate: u32,
}

/// What a picture of this size is made into, the best first: never larger than it is, and the shorter side counts, so
/// that an upright film of a phone has the same qualities as a wide one.
#[must_use]
pub fn renditions(width: u32, height: u32) -> Vec<Rendition> {
    let short = width.min(height);
    let fitting: Vec<_> = QUALITIES.into_iter().filter(|(lines, _)| *lines <= short).collect();
    let (_, least) = QUALITIES[QUALITIES.len() - 1];
    let chosen = if fitting.is_empty() { vec![(short, least)] } else { fitting };
    let scaled = |side: u32, lines: u32| {
        let scaled = u64::from(side) * u64::from(lines) / u64::from(short.max(1));
        // Codecs take pictures of even sides.
        u32::try_from(scaled / 2 * 2).unwrap_or(u32::MAX).max(2)
    };
    let rendition =
        |(lines, bitrate)| Rendition { width: scaled(width, lines), height: scaled(height, lines), bitrate };
    chosen.into_iter().map(rendition).collect()
}

/// What a version was made into.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Media {
    /// The folder of the version that it was made of, below which all of it stands.
    pub folder: String,
    pub duration_ms: u64,
    /// The best first.
    pub renditions: Vec<Rendition>,
}

/// What is to be done about a version of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duty {
    /// Nothing: its job is known, it has failed, or nobody wants it any more.
    Done,
    /// Somebody asks for its job right now.
    Wait,
    /// To look at it and to ask for its job.
    Begin,
    /// To ask for its job, of which somebody who asked may never have heard.
    Resume,
}

impl Video {
    /// What is to be done about the version `source` of its file.
    #[must_use]
    pub fn duty(&self, source: &Source, now: Timestamp) -> Duty {
        if self.status == VideoStatus::Removed {
            return Duty::Done;
        }
        if self.source.as_ref() != Some(source) {
            return Duty::Begin;
        }
        match &self.job {
            Some(Job { id: None, lease_until, .. }) if now < *lease_until => Duty::Wait,
            Some(Job { id: None, .. }) => Duty::Resume,
            _ => Duty::Done,
        }
    }

    /// `source` is its file now, and whoever writes this asks for the job that makes `renditions` of it. What became of an
    /// earlier version is forgotten.
    pub fn claim(&mut self, source: Source, renditions: Vec<Rendition>, now: Timestamp) {
        self.size_bytes = Some(source.bytes);
        self.source = Some(source);
        self.job = Some(Job { lease_until: now.plus_seconds(LEASE_SECONDS), id: None, renditions });
        self.failure = None;
        self.status = VideoStatus::Processing;
        self.updated_at = now;
    }

    /// The job that was claimed is `id`.
    pub fn begin(&mut self, id: String, now: Timestamp) {
        if let Some(job) = &mut self.job {
            job.id = Some(id);
        }
        self.updated_at = now;
    }

    /// The version `source` is no video for learners.
    pub fn fail(&mut self, source: Source, failure: Failure, now: Timestamp) {
        self.source = Some(source);
        self.job = None;
        self.failure = Some(failure);
        self.status = VideoStatus::Failed;
        self.updated_at = now;
    }

    /// Whether `job`, of the version `etag`, is the one whose end is waited for. A job may end before whoever ordered it has
    /// noted what it is called.
    #[must_use]
    pub fn awaits(&self, etag: &str, job: &str) -> bool {
        let is_own = |own: &Job| own.id.as_deref().is_none_or(|id| id == job);
        let is_newest = self.source.as_ref().is_some_and(|source| source.etag == etag);
        self.status == VideoStatus::Processing && is_newest && self.job.as_ref().is_some_and(is_own)
    }

    /// Its job has made `folder`, which lasts so long. The job is closed, also where nobody came to note its name.
    pub fn finish(&mut self, folder: String, duration_ms: u64, now: Timestamp) {
        let renditions = self.job.take().map(|job| job.renditions).unwrap_or_default();
        self.media = Some(Media { folder, duration_ms, renditions });
        self.status = VideoStatus::Ready;
        self.is_settled = false;
        self.updated_at = now;
    }

    /// Nobody is to see it any more.
    pub fn remove(&mut self, now: Timestamp) {
        self.status = VideoStatus::Removed;
        self.updated_at = now;
    }

    /// What it took the place of is gone.
    pub fn settle(&mut self) {
        self.is_settled = true;
    }

    /// When somebody should look what has become of it; none where nothing more is to.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let patience = match self.status {
            // Somebody may have ordered its job without noting it, and what that makes must be there to go.
            VideoStatus::Removed if self.job.as_ref().is_some_and(|job| job.id.is_none()) => DAY_SECONDS,
            VideoStatus::Uploading
            | VideoStatus::Uploaded
            | VideoStatus::Processing
            | VideoStatus::Removed => PATIENCE_SECONDS,
            // Whoever watches what it replaces may do so to the end.
            VideoStatus::Ready if !self.is_settled => DAY_SECONDS,
            VideoStatus::Failed => FAILED_KEPT_SECONDS,
            VideoStatus::Ready => return None,
        };
        Some(self.updated_at.plus_seconds(patience))
    }

    /// Whole hours of it that are made, where what comes after them is left away: anybody may record, a recorder does not say how
    /// long it went on, and each minute is paid for.
    #[must_use]
    pub fn most_hours(&self) -> Option<u32> {
        matches!(self.purpose, Purpose::Recording { .. }).then_some(RECORDING_HOURS)
    }

    /// The folder of what a version is made into; each has its own.
    #[must_use]
    pub fn folder(&self, school: &School, source: &Source) -> String {
        format!("videos/{school}/{}/{}", self.id, source.etag)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::video::upload::tests::{LATER, NOW, video};

    fn source(etag: &str) -> Source {
        Source { etag: etag.to_owned(), bytes: 7 }
    }

    #[test]
    fn a_version_has_one_job_whoever_asks_however_often() {
        let mut video = video();
        let (first, second) = (source("1"), source("2"));
        assert_eq!(video.duty(&first, NOW), Duty::Begin);
        video.claim(first.clone(), Vec::new(), NOW);
        assert_eq!((video.status, video.duty(&first, NOW)), (VideoStatus::Processing, Duty::Wait));
        assert_eq!(video.duty(&first, NOW.plus_seconds(LEASE_SECONDS - 1)), Duty::Wait);
        assert_eq!(video.duty(&first, NOW.plus_seconds(LEASE_SECONDS)), Duty::Resume, "they died");
        video.begin("job".to_owned(), NOW);
        assert_eq!(video.duty(&first, LATER.plus_seconds(LEASE_SECONDS)), Duty::Done);
        assert_eq!(video.duty(&second, NOW), Duty::Begin, "the file was replaced");
        video.fail(second.clone(), Failure::NotAVideo, LATER);
        assert_eq!((video.status, video.duty(&second, LATER)), (VideoStatus::Failed, Duty::Done));
        video.claim(first, Vec::new(), LATER);
        assert_eq!((video.failure, video.status), (None, VideoStatus::Processing));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let fine = Probed { seconds: Some(60.0), picture: Some((1920, 1080)), has_sound: true };
        let of = |probed: Probed| probed.failure();
        assert_eq!(of(fine), None);
        assert_eq!(of(Probed { has_sound: false, ..fine }), None, "a silent film");
        assert_eq!(of(Probed { picture: None, ..fine }), Some(Failure::NoPicture));
        assert_eq!(of(Probed { picture: Some((0, 1080)), ..fine }), Some(Failure::NoPicture));
        assert_eq!(of(Probed::default()), Some(Failure::NotAVideo));
        assert_eq!(of(Probed { picture: Some((31, 1080)), ..fine }), Some(Failure::TooSmall));
        assert_eq!(of(Probed { picture: Some((1920, 32)), ..fine }), None);
        assert_eq!(of(Probed { seconds: None, ..fine }), None, "a browser's recording");
        let lasting = |seconds| of(Probed { seconds: Some(seconds), ..fine });
        assert_eq!(lasting(f64::NAN), Some(Failure::TooShort));
        assert_eq!((lasting(0.49), lasting(0.5)), (Some(Failure::TooShort), None));
        assert_eq!((lasting(21_600.0), lasting(21_601.0)), (None, Some(Failure::TooLong)));
    }

    #[test]
    fn what_was_made_may_last_as_long_as_any_file_may_say_and_not_a_day() {
        assert_eq!(Failure::of_made(true, 2_000), None);
        assert_eq!(Failure::of_made(true, 21_600_067), None, "six hours and a picture");
        assert_eq!(Failure::of_made(true, 21_660_000), Some(Failure::TooLong));
        assert_eq!(Failure::of_made(true, u64::MAX), Some(Failure::TooLong));
        assert_eq!(Failure::of_made(true, 0), Some(Failure::Unreadable));
        assert_eq!(Failure::of_made(false, 2_000), Some(Failure::Unreadable));
    }

    #[test]
    fn a_picture_has_the_qualities_that_it_can_fill() {
        let of = |width, height| {
            renditions(width, height).into_iter().map(|it| (it.width, it.height)).collect::<Vec<_>>()
        };
        assert_eq!(of(3840, 2160), [(1920, 1080), (1280, 720), (852, 480)]);
        assert_eq!(of(1920, 1080), of(3840, 2160));
        assert_eq!(of(1080, 1920), [(1080, 1920), (720, 1280), (480, 852)]);
        assert_eq!(of(1280, 720), [(1280, 720), (852, 480)]);
        assert_eq!(of(1440, 1079), [(960, 720), (640, 480)].map(|(w, h)| (w, h)));
        assert_eq!(of(321, 241), [(320, 240)]);
        assert_eq!(of(1, 1), [(2, 2)]);
    }

    #[test]
    fn only_the_end_of_the_newest_job_counts_and_once() {
        let mut video = video();
        assert!(!video.awaits("1", "job"), "nothing was ordered");
        video.claim(source("1"), renditions(1280, 720), NOW);
        assert!(video.awaits("1", "job"), "it may end before its name is noted");
        video.begin("job".to_owned(), NOW);
        assert!(video.awaits("1", "job") && !video.awaits("1", "older job") && !video.awaits("2", "job"));
        assert_eq!(video.due(), Some(NOW.plus_seconds(PATIENCE_SECONDS)));
        video.finish("videos/main/v/1".to_owned(), 60_000, LATER);
        assert_eq!(
            (video.status, video.awaits("1", "job"), video.due()),
            (VideoStatus::Ready, false, Some(LATER.plus_seconds(DAY_SECONDS)))
        );
        video.settle();
        assert_eq!(video.due(), None);
        let media = video.media.unwrap();
        assert_eq!((media.duration_ms, media.renditions), (60_000, renditions(1280, 720)));
    }

    #[test]
    fn a_job_that_ended_before_its_name_was_noted_is_not_asked_for_again() {
        let mut video = video();
        video.claim(source("1"), renditions(1280, 720), NOW);
        video.finish("videos/main/v/1".to_owned(), 60_000, LATER);
        assert_eq!(video.duty(&source("1"), LATER.plus_seconds(LEASE_SECONDS)), Duty::Done);
    }

    proptest! {
        #[test]
        fn a_rendition_is_even_in_shape_and_no_larger_than_its_source(width in 2..8000_u32, height in 2..8000_u32) {
            let made = renditions(width, height);
            prop_assert!(!made.is_empty());
            for pair in made.windows(2) {
                prop_assert!(pair[0].height > pair[1].height && pair[0].bitrate > pair[1].bitrate);
            }
            for Rendition { width: w, height: h, .. } in made {
                prop_assert!(w % 2 == 0 && h % 2 == 0 && w <= width && h <= height, "{w}x{h} of {width}x{height}");
                // The same shape, but for the two pixels that evenness takes.
                let (a, b) = (u64::from(w) * u64::from(height), u64::from(h) * u64::from(width));
                prop_assert!(a.abs_diff(b) <= 2 * u64::from(width.max(height)), "{w}x{h} of {width}x{height}");
            }
        }
    }
}
