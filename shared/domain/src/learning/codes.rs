//! What learning can be refused with, besides what can happen to any request.

use kernel::Code;

/// This must be paid for first.
pub const PAYMENT_REQUIRED: Code = Code::new(402, "payment_required", "This must be paid for first");

/// You are enrolled in this course already.
pub const ALREADY_ENROLLED: Code =
    Code::new(409, "already_enrolled", "You are enrolled in this course already");
