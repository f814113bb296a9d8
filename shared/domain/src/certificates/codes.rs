//! What certificates can be refused with, besides what can happen to any request.

use kernel::Code;

/// This certificate was revoked already.
pub const ALREADY_REVOKED: Code = Code::new(409, "already_revoked", "This certificate was revoked already");

/// The name on this certificate is settled.
pub const NAME_SETTLED: Code = Code::new(409, "name_settled", "The name on this certificate is settled");
