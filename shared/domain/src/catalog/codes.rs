//! What courses can be refused with, besides what can happen to any request.

use kernel::{Code, Meaning};

/// This slug is taken.
pub const SLUG_TAKEN: Code =
    Code(&Meaning { status: 409, name: "slug_taken", title: "This slug is taken", members: &[] });

/// The course is not ready to publish.
pub const NOT_PUBLISHABLE: Code = Code(&Meaning {
    status: 422,
    name: "not_publishable",
    title: "The course is not ready to publish",
    members: &[],
});
