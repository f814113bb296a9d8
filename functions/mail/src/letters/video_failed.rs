//! Tells an author that a file is no video for learners, and what to do about it.

use askama::Template;
use domain::video::{Purpose, VideoFailed};
use kernel::UserId;

use super::{Mail, Page, page::title};

/// A video could not be made ready.
pub(super) struct NoVideo {
    owner_id: UserId,
    file: String,
    advice: &'static str,
    /// Why its reader gets the mail.
    reason: &'static str,
    /// Whether others were to see it, and see what they saw before.
    is_for_others: bool,
}

impl From<VideoFailed> for NoVideo {
    fn from(failed: VideoFailed) -> Self {
        Self {
            owner_id: failed.owner_id,
            file: title(&failed.filename),
            advice: failed.failure.advice(),
            reason: match failed.purpose {
                Purpose::Lesson { .. } => "you uploaded this file as the video of a lesson",
                Purpose::Trailer { .. } => "you uploaded this file as the trailer of a course",
                Purpose::Recording { .. } => "you made this recording",
            },
            is_for_others: !matches!(failed.purpose, Purpose::Recording { .. }),
        }
    }
}

#[derive(Template)]
#[template(path = "video_failed.html")]
struct Html<'a> {
    page: &'a Page,
    mail: &'a NoVideo,
}

#[derive(Template)]
#[template(path = "video_failed.txt")]
struct Text<'a> {
    page: &'a Page,
    mail: &'a NoVideo,
}

impl Mail for NoVideo {
    fn user_id(&self) -> Option<UserId> {
        Some(self.owner_id)
    }

    fn subject(&self, _: &str) -> String {
        format!("This video could not be prepared: {}", self.file)
    }

    fn html(&self, page: &Page) -> askama::Result<String> {
        Html { page, mail: self }.render()
    }

    fn text(&self, page: &Page) -> askama::Result<String> {
        Text { page, mail: self }.render()
    }
}
