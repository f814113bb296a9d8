//! Mail to learners, and what comes back of it.

mod letters;
mod mailer;
pub mod record_feedback;
pub mod send_mail;
mod token;

pub use letters::Occasion;
pub use mailer::{Mailer, Sender};

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .consumer::<send_mail::SendMail>()
        .listener::<record_feedback::RecordFeedback>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
