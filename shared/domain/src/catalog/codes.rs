//! What courses can be refused with, besides what can happen to any request.

use kernel::Code;

/// This slug is taken.
pub const SLUG_TAKEN: Code = Code::new(409, "slug_taken", "This slug is taken");

/// The course is not ready to publish.
pub const NOT_PUBLISHABLE: Code = Code::new(422, "not_publishable", "The course is not ready to publish");
