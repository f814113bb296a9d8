//! A video and the file that it is made of, which comes at once or in parts.

use kernel::{Error, Line, Result, School, Timestamp, UserId, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Captions, Failure, Job, Media, NOT_A_VIDEO_LESSON, Purpose, Source, UPLOAD_CLOSED, VideoId,
    recording::MAX_RECORDING_BYTES, rules,
};
use crate::catalog::{ContentType, Course, Lesson};

/// Largest file that is sent at once: one that breaks off is sent again from its beginning.
pub const SINGLE_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of each part but the last. S3 takes no less than 5 MiB.
pub const PART_BYTES: u64 = 16 * 1024 * 1024;
/// What ends an upload names all its parts, and no body may have more than 256 KiB; so files of 60 GB. S3 takes 10,000.
pub const MAX_PARTS: u64 = 3600;
const MAX_BYTES: u64 = MAX_PARTS * PART_BYTES;

/// A file as its owner calls it. Only shown: what is stored is called after the video.
pub type FileName = Line<1, 255>;

/// A container that is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum VideoType {
    #[serde(rename = "video/mp4")]
    Mp4,
    #[serde(rename = "video/quicktime")]
    QuickTime,
    #[serde(rename = "video/webm")]
    WebM,
    #[serde(rename = "video/x-matroska")]
    Matroska,
}

impl VideoType {
    /// As `Content-Type` says it.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::WebM => "video/webm",
            Self::Matroska => "video/x-matroska",
        }
    }

    /// Whether a file of this type may begin so; [`BEGINNING_BYTES`] are enough to say. A page or a picture that is called
    /// a video is found out before anything is paid for.
    #[must_use]
    pub fn begins_with(self, beginning: &[u8]) -> bool {
        match self {
            // ISO 14496-12, and the atoms that QuickTime's older files begin with: a length, then a name.
            Self::Mp4 | Self::QuickTime => {
                let names: [&[u8]; 6] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"];
                beginning.get(4..8).is_some_and(|name| names.contains(&name))
            }
            // EBML, RFC 8794.
            Self::WebM | Self::Matroska => beginning.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]),
        }
    }
}

/// So much of a file tells its container.
pub const BEGINNING_BYTES: u64 = 16;

/// The file that is to be uploaded.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BeginUploadInput")]
#[schemars(example = json!({ "filename": "bowline.mp4", "size_bytes": 73_400_320, "content_type": "video/mp4" }))]
pub struct NewVideo {
    pub filename: FileName,
    /// Exactly what will be sent: S3 refuses anything else.
    #[schemars(range(min = 1, max = MAX_BYTES))]
    pub size_bytes: u64,
    pub content_type: VideoType,
}

impl NewVideo {
    /// The file, if it may be sent: it has at most `most` bytes.
    ///
    /// # Errors
    /// There are violations already, or the file is too large.
    pub fn within(self, most: u64, mut violations: Violations) -> Result<Self> {
        if self.size_bytes > most {
            let detail = format!("this school takes videos of at most {most} bytes");
            violations.add("/size_bytes", rules::OVER_LIMIT, detail);
        }
        violations.finish()?;
        Ok(self)
    }
}

/// How far a video has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VideoStatus {
    /// Its file is not there yet.
    Uploading,
    /// Its file is there.
    Uploaded,
    /// It is made into what players choose from.
    Processing,
    /// Players can choose from what it was made into.
    Ready,
    /// Its file is no video for learners.
    Failed,
    /// Nobody sees it any more, and its files are about to go.
    Removed,
}

/// A video.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Video {
    pub id: VideoId,
    #[serde(flatten)]
    pub purpose: Purpose,
    /// What was shown in its place when it was begun, and goes once this one is shown.
    pub replaces: Option<VideoId>,
    /// Who uploads it.
    pub owner_id: UserId,
    pub filename: FileName,
    /// None of a recording that goes on.
    pub size_bytes: Option<u64>,
    pub content_type: VideoType,
    /// As S3 calls the upload of a file that comes in parts.
    pub upload_id: Option<String>,
    pub status: VideoStatus,
    /// The version of its file that was looked at last.
    pub source: Option<Source>,
    pub job: Option<Job>,
    pub failure: Option<Failure>,
    /// What it was made into, of the latest version that was.
    pub media: Option<Media>,
    /// By language.
    #[serde(default)]
    pub captions: Vec<Captions>,
    /// Whether what it took the place of was cleared away, or there was nothing.
    #[serde(default)]
    pub is_settled: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Video {
    /// A video that is taught in `lesson`.
    ///
    /// # Errors
    /// The lesson is of another type.
    pub fn of_lesson(
        new: NewVideo,
        lesson: &Lesson,
        owner_id: UserId,
        (id, now): (VideoId, Timestamp),
    ) -> Result<Self> {
        if lesson.content_type != ContentType::Video {
            return Err(Error::new(NOT_A_VIDEO_LESSON, "add a lesson of the type video for it"));
        }
        let purpose = Purpose::Lesson { lesson_id: lesson.id, course_id: lesson.course_id };
        let replaces = lesson.video_id.as_ref().and_then(|shown| shown.parse().ok());
        Ok(Self { replaces, ..Self::begun(purpose, new, owner_id, (id, now)) })
    }

    /// A trailer of `course`.
    #[must_use]
    pub fn trailer(
        new: NewVideo,
        course: &Course,
        owner_id: UserId,
        (id, now): (VideoId, Timestamp),
    ) -> Self {
        let replaces = course.trailer.as_ref().and_then(|trailer| trailer.video_id.parse().ok());
        let purpose = Purpose::Trailer { course_id: course.id };
        Self { replaces, ..Self::begun(purpose, new, owner_id, (id, now)) }
    }

    fn begun(purpose: Purpose, new: NewVideo, owner_id: UserId, (id, now): (VideoId, Timestamp)) -> Self {
        let NewVideo { filename, size_bytes, content_type } = new;
        Self {
            size_bytes: Some(size_bytes),
            ..Self::unmeasured(purpose, (filename, content_type), owner_id, (id, now))
        }
    }

    /// One whose file may become as large as a recording.
    pub(super) fn unmeasured(
        purpose: Purpose,
        (filename, content_type): (FileName, VideoType),
        owner_id: UserId,
        (id, now): (VideoId, Timestamp),
    ) -> Self {
        Self {
            id,
            purpose,
            replaces: None,
            owner_id,
            filename,
            size_bytes: None,
            content_type,
            upload_id: None,
            status: VideoStatus::Uploading,
            source: None,
            job: None,
            failure: None,
            media: None,
            captions: Vec::new(),
            is_settled: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// Where its file is stored. Made of ids alone, so that nobody need encode or decode it.
    #[must_use]
    pub fn object(&self, school: &School) -> String {
        format!("uploads/{school}/{}", self.id)
    }

    /// Whether its file comes in parts.
    #[must_use]
    pub fn is_in_parts(&self) -> bool {
        self.most_bytes() > SINGLE_MAX_BYTES || matches!(self.purpose, Purpose::Recording { .. })
    }

    fn most_bytes(&self) -> u64 {
        self.size_bytes.unwrap_or(MAX_RECORDING_BYTES)
    }

    /// How many parts its file has, counted from 1, or can have.
    #[must_use]
    pub fn parts(&self) -> u32 {
        u32::try_from(self.most_bytes().div_ceil(PART_BYTES)).unwrap_or(u32::MAX)
    }

    /// Bytes of a part; none where there is no such part. While nobody knows where a recording ends, all are whole.
    #[must_use]
    pub fn part_bytes(&self, number: u32) -> Option<u64> {
        let begin = u64::from(number.checked_sub(1)?) * PART_BYTES;
        self.most_bytes().checked_sub(begin).filter(|left| *left > 0).map(|left| left.min(PART_BYTES))
    }

    /// Whether its file can have so many bytes.
    #[must_use]
    pub fn can_have(&self, bytes: u64) -> bool {
        self.size_bytes.map_or(bytes <= MAX_RECORDING_BYTES, |known| known == bytes)
    }

    /// The upload that takes parts now.
    ///
    /// # Errors
    /// Its file comes at once, or is there.
    pub fn open_upload(&self) -> Result<&str> {
        match (&self.upload_id, self.status) {
            (Some(id), VideoStatus::Uploading) => Ok(id),
            (None, VideoStatus::Uploading) => Err(Error::new(UPLOAD_CLOSED, "this file is sent at once")),
            _ => Err(Error::new(UPLOAD_CLOSED, "the file is there; begin another upload to replace it")),
        }
    }

    /// Its file is there; `false` where that is known.
    pub fn arrive(&mut self, now: Timestamp) -> bool {
        let is_new = self.status == VideoStatus::Uploading;
        if is_new {
            self.status = VideoStatus::Uploaded;
            self.updated_at = now;
        }
        is_new
    }
}

#[cfg(test)]
pub(super) mod tests {
    use kernel::Id;
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::Course;

    pub(in crate::video) const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);
    pub(in crate::video) const LATER: Timestamp = Timestamp::from_millis(1_768_467_660_000);
    const MOST: u64 = 5_000_000_000;

    fn begun(size_bytes: u64, kind: ContentType) -> Result<Video> {
        let read = |sent| serde_json::from_value(sent).unwrap();
        let course = Course::draft(
            serde_json::from_value(json!({ "title": "Knots" })).unwrap(),
            Violations::default(),
            Id::generate(NOW),
            Id::generate(NOW),
            NOW,
        );
        let lesson = serde_json::from_value(json!({ "title": "Bowline", "content_type": kind })).unwrap();
        let lesson =
            Lesson::new(lesson, Violations::default(), &course.unwrap(), Id::generate(NOW), NOW).unwrap();
        let new: NewVideo =
            read(json!({ "filename": "a.mp4", "size_bytes": size_bytes, "content_type": "video/mp4" }));
        let new = new.within(MOST, Violations::default())?;
        Video::of_lesson(new, &lesson, Id::generate(NOW), (Id::generate(NOW), NOW))
    }

    /// One whose file is not there yet.
    pub(in crate::video) fn video() -> Video {
        begun(7, ContentType::Video).unwrap()
    }

    #[test]
    fn only_a_video_lesson_takes_a_file_and_no_larger_one_than_is_allowed() {
        let video = begun(MOST, ContentType::Video).unwrap();
        assert_eq!((video.status, video.parts()), (VideoStatus::Uploading, 299));
        assert_eq!(begun(1, ContentType::Text).unwrap_err().code(), NOT_A_VIDEO_LESSON);
        let error = begun(MOST + 1, ContentType::Video).unwrap_err();
        assert_eq!(error.violation_list()[0].code, rules::OVER_LIMIT);
    }

    #[test]
    fn a_container_is_known_by_its_first_bytes() {
        use VideoType::{Matroska, Mp4, QuickTime, WebM};
        let all = [Mp4, QuickTime, WebM, Matroska];
        let taken = |bytes: &[u8]| all.map(|kind| kind.begins_with(bytes));
        assert_eq!(taken(b"\0\0\0\x20ftypisom"), [true, true, false, false]);
        assert_eq!(taken(b"\0\0\0\x08wide\0\0\0\0mdat"), [true, true, false, false]);
        assert_eq!(taken(b"\x1a\x45\xdf\xa3\x01\0"), [false, false, true, true]);
        for other in [&b"<!doctype html>"[..], b"\x89PNG\r\n\x1a\n", b"ftyp", b"", b"RIFF\0\0\0\0AVI "] {
            assert_eq!(taken(other), [false; 4], "{other:?}");
        }
    }

    #[test]
    fn an_upload_takes_parts_until_its_file_is_there() {
        let mut video = begun(SINGLE_MAX_BYTES + 1, ContentType::Video).unwrap();
        assert!(video.is_in_parts() && video.open_upload().is_err(), "not begun");
        video.upload_id = Some("u".to_owned());
        assert_eq!(video.open_upload().unwrap(), "u");
        assert!(video.arrive(LATER));
        assert_eq!((video.status, video.updated_at), (VideoStatus::Uploaded, LATER));
        assert!(!video.arrive(NOW), "it is known");
        assert_eq!(video.updated_at, LATER);
        assert_eq!(video.open_upload().unwrap_err().code(), UPLOAD_CLOSED);
        assert!(!begun(SINGLE_MAX_BYTES, ContentType::Video).unwrap().is_in_parts());
    }

    proptest! {
        #[test]
        fn the_parts_are_the_file(size in 1..MOST) {
            let video = begun(size, ContentType::Video).unwrap();
            let parts: Vec<u64> = (1..=video.parts()).map(|n| video.part_bytes(n).unwrap()).collect();
            prop_assert_eq!(parts.iter().sum::<u64>(), size);
            prop_assert!(parts[..parts.len() - 1].iter().all(|bytes| *bytes == PART_BYTES));
            prop_assert_eq!((video.part_bytes(0), video.part_bytes(video.parts() + 1)), (None, None));
        }
    }
}
