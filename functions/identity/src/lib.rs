//! Accounts, sign-in and sessions.

pub mod change_password;
mod cookie;
pub mod forgot_password;
pub mod get_me;
pub mod login;
pub mod logout;
mod mailed_token;
mod password_hash;
pub mod refresh;
mod refresh_token;
pub mod register;
pub mod resend_verification;
pub mod reset_password;
mod sign_in;
pub mod update_me;
pub mod verify_email;

pub use cookie::{SessionKeeping, WithCookie};
pub use sign_in::TokensView;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<change_password::ChangePassword>()
        .endpoint::<forgot_password::ForgotPassword>()
        .endpoint::<get_me::GetMe>()
        .endpoint::<login::Login>()
        .endpoint::<logout::Logout>()
        .endpoint::<refresh::Refresh>()
        .endpoint::<register::Register>()
        .endpoint::<resend_verification::ResendVerification>()
        .endpoint::<reset_password::ResetPassword>()
        .endpoint::<update_me::UpdateMe>()
        .endpoint::<verify_email::VerifyEmail>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
