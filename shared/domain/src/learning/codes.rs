//! What learning can be refused with, besides what can happen to any request.

use kernel::{Code, Meaning, Member};

/// This must be paid for first.
pub const PAYMENT_REQUIRED: Code = Code(&Meaning {
    status: 402,
    name: "payment_required",
    title: "This must be paid for first",
    members: &[("price", Member::Money)],
});

/// You are enrolled in this course already.
pub const ALREADY_ENROLLED: Code = Code(&Meaning {
    status: 409,
    name: "already_enrolled",
    title: "You are enrolled in this course already",
    members: &[],
});

/// A lesson of this type is completed by doing it.
pub const COMPLETED_BY_KIND: Code = Code(&Meaning {
    status: 409,
    name: "completed_by_kind",
    title: "A lesson of this type is completed by doing it",
    members: &[],
});
