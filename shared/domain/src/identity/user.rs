//! A person's account.

use kernel::{Line, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Email, Profile, Session};

/// What an account may do in its school. Everybody is a student; the others are granted by an admin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Student,
    Instructor,
    Admin,
}

/// A first or last name.
pub type PersonName = Line<1, 100>;

/// An account.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    /// Whether somebody who reads the mail of this address has said so. Until then it gets no other mail.
    #[serde(default)]
    pub email_verified: bool,
    /// Argon2id in PHC string form.
    pub password_hash: String,
    pub first_name: PersonName,
    pub last_name: PersonName,
    /// Sorted, without repetition, never empty.
    pub roles: Vec<Role>,
    pub is_active: bool,
    /// Rises when the password changes: sessions and mailed tokens of an earlier epoch have ended. A login that read the
    /// account before the change so opens a session that is over, whichever of the two is written first.
    #[serde(default)]
    pub epoch: u32,
    pub profile: Profile,
    pub created_at: Timestamp,
}

impl User {
    /// A new account: a student, whose address nobody has confirmed.
    #[must_use]
    pub fn new(
        id: UserId,
        email: Email,
        password_hash: String,
        first_name: PersonName,
        last_name: PersonName,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            email,
            email_verified: false,
            password_hash,
            first_name,
            last_name,
            roles: vec![Role::Student],
            is_active: true,
            epoch: 0,
            profile: Profile::default(),
            created_at: now,
        }
    }

    /// First and last name as one line.
    #[must_use]
    pub fn display_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// Whether the account has `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether `session` still is one of this account: it ends with the account, and with the password.
    #[must_use]
    pub fn admits(&self, session: &Session) -> bool {
        self.is_active && session.epoch == self.epoch
    }

    /// Whether the account may be given `roles`. More than it has only whoever has shown that the address is theirs: admins
    /// know people by their addresses.
    #[must_use]
    pub fn may_become(&self, roles: &[Role]) -> bool {
        self.email_verified || roles.iter().all(|role| *role == Role::Student || self.has(*role))
    }

    /// Sets the roles: sorted, once each; everybody is a student.
    pub fn set_roles(&mut self, mut roles: Vec<Role>) {
        roles.push(Role::Student);
        roles.sort_unstable();
        roles.dedup();
        self.roles = roles;
    }
}

/// An account as its owner and admins see it.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct AccountView {
    pub id: UserId,
    pub email: String,
    /// Whether the address is confirmed. Until then it gets no mail but the one that asks to confirm it.
    pub email_verified: bool,
    pub first_name: PersonName,
    pub last_name: PersonName,
    pub roles: Vec<Role>,
    pub profile: Profile,
    pub created_at: Timestamp,
}

impl From<&User> for AccountView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.to_string(),
            email_verified: user.email_verified,
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            roles: user.roles.clone(),
            profile: user.profile.clone(),
            created_at: user.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Violations;

    use super::*;
    use crate::identity::{OneTimeToken, SessionId, TokenPurpose};

    const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);

    fn user() -> User {
        let id = UserId::generate(NOW);
        let email = Email::parse("ada@example.org", "", &mut Violations::default());
        User {
            email_verified: true,
            epoch: 2,
            ..User::new(id, email.unwrap(), String::new(), "Ada".into(), "Lovelace".into(), NOW)
        }
    }

    fn session(user: &User) -> Session {
        Session {
            id: SessionId::generate(NOW),
            user_id: user.id,
            epoch: user.epoch,
            generation: 0,
            secret_hash: String::new(),
            rotated_at: NOW,
            created_at: NOW,
            expires_at: NOW.plus_seconds(3600),
            ip: String::new(),
            user_agent: String::new(),
        }
    }

    #[test]
    fn an_account_from_before_has_no_confirmed_address_and_keeps_its_sessions() {
        let (mut user, mut session) = (user(), session(&user()));
        (user.email_verified, user.epoch, session.epoch) = (true, 0, 0);
        let mut old = serde_json::to_value(&user).unwrap();
        let mut old_session = serde_json::to_value(&session).unwrap();
        for name in ["email_verified", "epoch"] {
            old.as_object_mut().unwrap().remove(name).unwrap();
        }
        old_session.as_object_mut().unwrap().remove("epoch").unwrap();
        let old: User = serde_json::from_value(old).unwrap();
        assert!(!old.email_verified && !AccountView::from(&old).email_verified);
        assert!(old.admits(&serde_json::from_value(old_session).unwrap()));
    }

    #[test]
    fn a_session_ends_with_the_password_and_with_the_account() {
        let mut user = user();
        let session = session(&user);
        assert!(user.admits(&session));
        user.epoch += 1;
        assert!(!user.admits(&session));
        (user.epoch, user.is_active) = (2, false);
        assert!(!user.admits(&session));
    }

    #[test]
    fn a_mailed_token_is_good_in_time_for_the_address_and_the_password_of_then() {
        let user = user();
        for (purpose, hours) in [(TokenPurpose::VerifyEmail, 24), (TokenPurpose::ResetPassword, 1)] {
            let token = OneTimeToken::new(purpose, &user, NOW);
            let end = NOW.plus_seconds(hours * 3600);
            assert!(token.is_good_for(&user, Timestamp::from_millis(end.millis() - 1)));
            assert!(!token.is_good_for(&user, end));
            for change in [
                |user: &mut User| user.epoch += 1,
                |user: &mut User| user.is_active = false,
                |user: &mut User| {
                    user.email = Email::parse("ada@other.example", "", &mut Violations::default()).unwrap();
                },
            ] {
                let mut other = user.clone();
                change(&mut other);
                assert!(!token.is_good_for(&other, NOW));
            }
        }
    }
}
