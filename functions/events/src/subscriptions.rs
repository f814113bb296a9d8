//! Written by `cargo run --bin xtask -- templates` from what consumers subscribe to.

/// Which functions' queues get which events. What nobody subscribes to is dropped.
#[rustfmt::skip]
pub const SUBSCRIPTIONS: &[(&str, &[&str])] = &[
    ("certificate.changed", &["certificates-render-certificate"]),
    ("certificate.issued", &["certificates-render-certificate"]),
    ("certificate.rendered", &["mail-send-mail"]),
    ("course.completed", &["certificates-issue-certificate"]),
    ("enrollment.created", &["catalog-count-enrollment", "mail-send-mail"]),
    ("user.password_forgotten", &["mail-send-mail"]),
    ("user.registered", &["mail-send-mail"]),
    ("user.verification_requested", &["mail-send-mail"]),
    ("video.failed", &["mail-send-mail"]),
    ("video.ready", &["catalog-attach-video"]),
    ("video.watched", &["video-fold-watching"]),
];
