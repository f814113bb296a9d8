//! What accounts can be refused with, besides what can happen to any request.

use kernel::Code;

/// Wrong email or password.
pub const INVALID_CREDENTIALS: Code = Code::new(401, "invalid_credentials", "Wrong email or password");

/// The mail address of this account is not confirmed.
pub const EMAIL_UNCONFIRMED: Code =
    Code::new(409, "email_unconfirmed", "The mail address of this account is not confirmed");

/// An account with this email exists.
pub const EMAIL_TAKEN: Code = Code::new(409, "email_taken", "An account with this email exists");

/// Another account has this username.
pub const USERNAME_TAKEN: Code = Code::new(409, "username_taken", "Another account has this username");

/// Another admin has to take this role away.
pub const OWN_ADMIN_ROLE: Code = Code::new(409, "own_admin_role", "Another admin has to take this role away");
