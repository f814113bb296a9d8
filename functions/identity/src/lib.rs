//! Accounts, sign-in and sessions.

pub mod get_me;
pub mod login;
pub mod logout;
mod password_hash;
pub mod refresh;
mod refresh_token;
pub mod register;
mod sign_in;
pub mod update_me;

pub use sign_in::TokensView;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<get_me::GetMe>()
        .endpoint::<login::Login>()
        .endpoint::<logout::Logout>()
        .endpoint::<refresh::Refresh>()
        .endpoint::<register::Register>()
        .endpoint::<update_me::UpdateMe>()
}
