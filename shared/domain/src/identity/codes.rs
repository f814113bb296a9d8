//! What accounts can be refused with, besides what can happen to any request.

use kernel::{Code, Meaning};

/// Wrong email or password.
pub const INVALID_CREDENTIALS: Code = Code(&Meaning {
    status: 401,
    name: "invalid_credentials",
    title: "Wrong email or password",
    members: &[],
});

/// The mail address of this account is not confirmed.
pub const EMAIL_UNCONFIRMED: Code = Code(&Meaning {
    status: 409,
    name: "email_unconfirmed",
    title: "The mail address of this account is not confirmed",
    members: &[],
});

/// An account with this email exists.
pub const EMAIL_TAKEN: Code = Code(&Meaning {
    status: 409,
    name: "email_taken",
    title: "An account with this email exists",
    members: &[],
});

/// Another account has this username.
pub const USERNAME_TAKEN: Code = Code(&Meaning {
    status: 409,
    name: "username_taken",
    title: "Another account has this username",
    members: &[],
});

/// Another admin has to take this role away.
pub const OWN_ADMIN_ROLE: Code = Code(&Meaning {
    status: 409,
    name: "own_admin_role",
    title: "Another admin has to take this role away",
    members: &[],
});
