//! Mail: what goes out, how often, and to whom no more.

mod logs;
mod once;
mod record_feedback;
mod send_mail;
mod setup;
