//! Accounts and the mails that come of them: what the tests of mailed tokens begin with.

use emulators::Mailbox;
use serde_json::json;
use testkit::{TestApp, TestRequest};

use crate::identity::setup::{SignedIn, registered};

/// A school and its mailbox.
pub(crate) struct School {
    pub(crate) app: TestApp,
    pub(crate) mailbox: Mailbox,
}

pub(crate) async fn school() -> School {
    let (app, mailbox) = tests::app_and_mailbox(&[]).await;
    School { app, mailbox }
}

/// A school that tasks can share.
pub(crate) async fn shared_school() -> &'static School {
    Box::leak(Box::new(school().await))
}

/// The token in a mail.
pub(crate) fn token_in(text: &str) -> Option<&str> {
    let begin = text.find("lot_")?;
    text[begin..].split_whitespace().next()
}

impl School {
    /// Carries everything, and returns the tokens that were mailed to `email` with words in the subject, oldest first.
    pub(crate) async fn tokens(&self, email: &str, words: &str) -> Vec<String> {
        self.app.carry().await;
        let mails = self.mailbox.messages();
        let mails = mails.iter().filter(|mail| mail.to == [email] && mail.subject.contains(words));
        mails.map(|mail| token_in(&mail.text).expect("a token").to_owned()).collect()
    }

    /// Somebody who just registered, and the token that came of it.
    pub(crate) async fn newcomer(&self, email: &str) -> (SignedIn, String) {
        let person = registered(&self.app, email).await;
        let mut tokens = self.tokens(email, "Confirm").await;
        (person, tokens.pop().expect("a mail"))
    }

    /// Asks for a new password and returns the token that comes of it.
    pub(crate) async fn forgotten(&self, email: &str) -> String {
        let _ = forgot(&self.app, email).send().await.expect(202);
        self.tokens(email, "new password").await.pop().expect("a mail")
    }

    /// Whether the account says that its address is confirmed.
    pub(crate) async fn is_confirmed(&self, person: &SignedIn) -> bool {
        let me = self.app.get("/v1/me").bearer(&person.access).send().await.json(200);
        me["email_verified"].as_bool().expect("it is told")
    }
}

pub(crate) fn verify<'a>(app: &'a TestApp, person: &SignedIn, token: &str) -> TestRequest<'a> {
    app.post("/v1/auth/email/verify").bearer(&person.access).json(&json!({ "token": token }))
}

pub(crate) fn resend<'a>(app: &'a TestApp, person: &SignedIn) -> TestRequest<'a> {
    app.post("/v1/auth/email/verify/resend").bearer(&person.access)
}

pub(crate) fn forgot<'a>(app: &'a TestApp, email: &str) -> TestRequest<'a> {
    app.post("/v1/auth/password/forgot").json(&json!({ "email": email }))
}

pub(crate) fn reset<'a>(app: &'a TestApp, token: &str, password: &str) -> TestRequest<'a> {
    app.post("/v1/auth/password/reset").json(&json!({ "token": token, "password": password }))
}

/// Checks that a token is refused, as every token is that is not good.
#[track_caller]
pub(crate) fn assert_not_good(answer: &testkit::Answer) {
    let violations = answer.refused(422, "validation_failed");
    crate::identity::setup::assert_names(&violations, &[("/token", "invalid_token")]);
    let detail =
        "is not good: it was used before, is too old, or was not mailed to this account; ask for a new one";
    assert_eq!(answer.json["errors"][0]["detail"], detail);
}
