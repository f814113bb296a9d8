//! People for tests, written straight into the store: no hashing, no registration.

use domain::identity::{Email, Role, Session, User};
use kernel::{School, UserId, Violations};
use store::keys::{self, UserPointer};

use crate::{TestApp, canaries::Kind};

/// A hash that is well-formed, and of no password.
const NO_PASSWORD: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlzIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: UserId,
    pub token: String,
    pub school: School,
}

impl TestApp {
    /// Somebody without special roles.
    pub async fn student(&self, name: &str) -> Person {
        self.person(&self.school(), name, &[]).await
    }

    /// Somebody who may make courses.
    pub async fn instructor(&self, name: &str) -> Person {
        self.person(&self.school(), name, &[Role::Instructor]).await
    }

    /// Somebody who runs the school.
    pub async fn admin(&self, name: &str) -> Person {
        self.person(&self.school(), name, &[Role::Admin]).await
    }

    /// Somebody with roles in any school, whose address is confirmed. `name` must be new: it makes the email.
    ///
    /// # Panics
    /// The name is taken, or makes no email.
    pub async fn person(&self, school: &School, name: &str, roles: &[Role]) -> Person {
        let app = self.app();
        let email =
            Email::parse(&format!("{}@example.org", name.to_lowercase()), "", &mut Violations::default());
        let email = email.expect("a name that makes an email");
        let mut user =
            User::new(app.id(), email, NO_PASSWORD.to_owned(), name.into(), "Example".into(), app.now());
        user.email_verified = true;
        user.set_roles(roles.to_vec());
        let now = app.now();
        let session = Session {
            id: app.id(),
            user_id: user.id,
            epoch: 0,
            generation: 0,
            secret_hash: String::new(),
            rotated_at: now,
            created_at: now,
            expires_at: now.plus_seconds(30 * 24 * 3600),
            ip: String::new(),
            user_agent: String::new(),
        };
        let canaries = self.tap().canaries();
        canaries.learn(school, Kind::Address, user.email.as_str());
        canaries.learn(school, Kind::Name, &user.display_name());
        let taken = || kernel::Error::internal("taken");
        let mut change = app.store.transaction(school);
        change
            .create(&keys::user(school, user.id), &user, taken)
            .create(&keys::email(school, &user.email), &UserPointer { target: user.id }, taken)
            .create(&keys::session(school, user.id, session.id), &session, taken);
        change.commit().await.expect("a new name");
        let token = self.token(school, user.id, session.id);
        canaries.learn(school, Kind::Token, &token);
        Person { id: user.id, token, school: school.clone() }
    }
}
