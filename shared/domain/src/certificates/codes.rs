//! What certificates can be refused with, besides what can happen to any request.

use kernel::{Code, Meaning};

/// This certificate was revoked already.
pub const ALREADY_REVOKED: Code = Code(&Meaning {
    status: 409,
    name: "already_revoked",
    title: "This certificate was revoked already",
    members: &[],
});

/// The name on this certificate is settled.
pub const NAME_SETTLED: Code = Code(&Meaning {
    status: 409,
    name: "name_settled",
    title: "The name on this certificate is settled",
    members: &[],
});
