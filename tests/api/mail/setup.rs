//! A school with a mailbox and a bucket, and what happens there.

use aws_sdk_sesv2::config::SharedHttpClient;
use domain::{
    certificates::{Certificate, CertificateRendered, CodeKey, Rendering},
    event::{Event, EventData},
    identity::{
        OneTimeToken, TokenPurpose, User, UserPasswordForgotten, UserRegistered, UserVerificationRequested,
    },
    learning::EnrollmentCreated,
    mail::DeliveryState,
    video::{Failure, Purpose, VideoFailed},
};
use emulators::{Mail, Mailbox};
use kernel::{Result, UserId};
use mail::Sender;
use objects::Objects;
use runtime::App;
use store::{Consistency, Stored, keys};
use testkit::{Person, Tap, TestApp};
use tests::{MAIL_IDENTITY, consumer, mailer, sender};

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n\xff\x00 not really";
const PDF_NAME: &str = "certificates/one.pdf";

/// An app that mails.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) mailbox: Mailbox,
    pub(crate) ada: Person,
}

/// A school with Ada, whose address is confirmed.
pub(crate) async fn world() -> World {
    let mailbox = Mailbox::new(MAIL_IDENTITY);
    world_of(sender(), mailbox.clone(), mailbox.http_client()).await
}

/// A school with Ada, who just registered.
pub(crate) async fn newcomer() -> World {
    let world = world().await;
    world.change_account(|user| user.email_verified = false).await;
    world
}

/// A school that mails over `ses`.
pub(crate) async fn world_of(sender: Option<Sender>, mailbox: Mailbox, ses: SharedHttpClient) -> World {
    let services = |app: App, tap: &Tap| app.with_service(mailer(tap, ses, sender));
    let app = TestApp::assembled(&registry::all(), &[], services).await;
    let files = app.app().service::<Objects>().await.expect("a bucket");
    files.put(PDF_NAME, "application/pdf", PDF.to_vec()).await.expect("stored");
    let ada = app.student("Ada").await;
    World { app, mailbox, ada }
}

/// The token that a mail brings.
pub(crate) fn token_in(mail: &Mail) -> &str {
    let begin = mail.text.find("lot_").unwrap_or_else(|| panic!("no token in {}", mail.text));
    mail.text[begin..].split_whitespace().next().expect("a token")
}

impl World {
    fn event<D: EventData>(&self, data: &D) -> Event {
        Event {
            id: self.app.app().id(),
            event_type: D::TYPE.to_owned(),
            version: D::VERSION,
            occurred_at: self.app.app().now(),
            school: self.ada.school.clone(),
            actor: None,
            correlation_id: "test".to_owned(),
            causation_id: None,
            data: serde_json::to_value(data).expect("JSON"),
        }
    }

    pub(crate) fn video_failed(&self, filename: &str, purpose: Purpose) -> Event {
        self.event(&VideoFailed {
            video_id: self.app.app().id(),
            purpose,
            owner_id: self.ada.id,
            filename: filename.to_owned(),
            failure: Failure::NoPicture,
        })
    }

    pub(crate) fn registered(&self, user_id: UserId) -> Event {
        self.event(&UserRegistered {
            user_id,
            first_name: "Event".to_owned(),
            last_name: "Example".to_owned(),
        })
    }

    pub(crate) fn verification_requested(&self) -> Event {
        self.event(&UserVerificationRequested { user_id: self.ada.id })
    }

    pub(crate) fn password_forgotten(&self) -> Event {
        self.event(&UserPasswordForgotten { user_id: Some(self.ada.id) })
    }

    /// What anybody can have sent to Ada by asking.
    pub(crate) fn asked_for(&self) -> [(Event, TokenPurpose); 3] {
        [
            (self.registered(self.ada.id), TokenPurpose::VerifyEmail),
            (self.verification_requested(), TokenPurpose::VerifyEmail),
            (self.password_forgotten(), TokenPurpose::ResetPassword),
        ]
    }

    /// What is kept of the token in a mail.
    pub(crate) async fn kept(&self, mail: &Mail, purpose: TokenPurpose) -> Option<Stored<OneTimeToken>> {
        let key = keys::one_time_token(&self.ada.school, purpose, token_in(mail));
        self.app.store().get(&key, Consistency::Strong).await.expect("readable")
    }

    pub(crate) fn enrolled(&self, course_title: &str) -> Event {
        self.event(&EnrollmentCreated {
            enrollment_id: self.app.app().id(),
            user_id: self.ada.id,
            course_id: self.app.app().id(),
            course_title: course_title.to_owned(),
            learner_name: "Ada Example".to_owned(),
        })
    }

    /// A certificate whose PDF was made for the `count`th time.
    pub(crate) async fn certified(&self, count: u32) -> Event {
        let (app, now) = (self.app.app(), self.app.app().now());
        let certificate = Certificate {
            id: app.id(),
            number: "CERT-2026-000123".parse().expect("a number"),
            user_id: self.ada.id,
            course_id: app.id(),
            learner_name: "Ada Example".to_owned(),
            course_title: "Knots".to_owned(),
            instructor_name: "Grace Example".to_owned(),
            duration_minutes: 60,
            completed_at: now,
            issued_at: now,
            renderings: count,
            rendering: Some(Rendering { count, object: PDF_NAME.to_owned(), credential: String::new() }),
            revocation: None,
            corrections: Vec::new(),
            code_key: Some(CodeKey::new([7; 16])),
        };
        let mut change = self.app.store().transaction(&self.ada.school);
        let key = keys::certificate(&self.ada.school, certificate.id);
        change.create(&key, &certificate, || unreachable!("a new id"));
        change.commit().await.expect("new");
        self.event(&CertificateRendered {
            certificate_id: certificate.id,
            certificate_no: certificate.number,
            user_id: certificate.user_id,
            course_title: certificate.course_title,
            rendering: count,
        })
    }

    /// Changes the certificate that an event is about.
    pub(crate) async fn change_certificate(&self, event: &Event, change: impl FnOnce(&mut Certificate)) {
        let id = event.data::<CertificateRendered>().expect("its event").certificate_id;
        let key = keys::certificate(&self.ada.school, id);
        let stored = self.app.store().get(&key, Consistency::Strong).await.expect("readable");
        let mut stored = stored.expect("there");
        change(&mut stored.value);
        let mut transaction = self.app.store().transaction(&self.ada.school);
        transaction.replace(&key, &stored.value, stored.rev);
        transaction.commit().await.expect("nobody else");
    }

    /// Delivers an event to `mail-send-mail`.
    pub(crate) async fn send(&self, event: &Event) -> Result<()> {
        self.app.consume(&consumer("mail-send-mail"), event).await
    }

    /// Delivers what SES says.
    pub(crate) async fn hear(&self, feedback: &serde_json::Value) -> Result<()> {
        self.app.hear(&consumer("mail-record-feedback"), feedback.to_string()).await
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mailbox.messages()
    }

    /// What is kept of the one mail: its state.
    pub(crate) async fn state(&self, event: &Event) -> Option<DeliveryState> {
        let key = keys::delivery(&event.school, event.id);
        let delivery = self.app.store().get(&key, Consistency::Strong).await.expect("readable");
        delivery.map(|delivery| delivery.value.state)
    }

    /// Changes Ada's account.
    pub(crate) async fn change_account(&self, change: impl FnOnce(&mut User)) {
        let key = keys::user(&self.ada.school, self.ada.id);
        let mut user =
            self.app.store().get(&key, Consistency::Strong).await.expect("readable").expect("there");
        change(&mut user.value);
        let mut transaction = self.app.store().transaction(&self.ada.school);
        transaction.replace(&key, &user.value, user.rev);
        transaction.commit().await.expect("nobody else");
    }
}
