//! user.registered, user.verification_requested, user.password_forgotten, enrollment.created, certificate.rendered → one mail

use domain::{
    event::{Event, EventId},
    identity::TokenPurpose,
    mail::{Delivery, DeliveryState},
};
use kernel::{Error, Result, School};
use objects::Objects;
use runtime::{App, Consumer, Files, Needs, PublicUrl, SchoolName, ServiceEntry, Table};
use store::{Consistency, Key, keys};
use tracing::{info, warn};

use crate::{
    Mailer, Occasion,
    letters::{Attachment, Facts, Letter},
    mailer::Refusal,
    token::{Token, may_have_one_more},
};

/// Sends the mail about an event, at most once.
///
/// SES takes no request token, so an attempt claims the mail before it asks and notes the answer afterwards. When SES
/// answers, the mail goes out exactly once however often the event comes. When an attempt dies between claim and note,
/// nobody can know whether it went out: then it is not sent again, since a learner misses one mail less than they mind
/// two. The log has a warning with the event's id.
///
/// An address that nobody confirmed gets none but the mails that confirm it: those that ask for it, and a new password,
/// whose token proves as much.
pub struct SendMail;

/// Longer than a function lives, shorter than a message stays invisible: whoever still claims a mail after this is dead.
const CLAIM_SECONDS: i64 = 60;

impl Consumer for SendMail {
    const NAME: &'static str = "mail-send-mail";
    const NEEDS: Needs = Needs {
        table: &[Table::BatchGet, Table::Put, Table::Update],
        files: &[Files::Read("certificates")],
        mails: true,
        services: &[
            ServiceEntry::of::<Mailer>(),
            ServiceEntry::of::<Objects>(),
            ServiceEntry::of::<PublicUrl>(),
            ServiceEntry::of::<SchoolName>(),
        ],
        // SES gets ten of the 30 seconds, and who is cut off leaves a mail in doubt.
        batch: 1,
        concurrency: 2, // SES begins with few mails a second
        ..Needs::NOTHING
    };
    type Data = Occasion;

    async fn consume(app: &App, event: &Event, Occasion(mail): Occasion) -> Result<()> {
        let withheld = |why: &str| {
            info!(event.id = %event.id, "no mail: {why}");
            Ok(())
        };
        if !mail.is_news() {
            return Ok(());
        }
        let mailer = app.service::<Mailer>().await?;
        let Some(sender) = mailer.sender() else {
            return withheld("this deployment has no sender");
        };
        let Some(user_id) = mail.user_id() else {
            return withheld("no account has the address");
        };
        let school = &event.school;
        let (user, delivery) = (keys::user(school, user_id), keys::delivery(school, event.id));
        let certificate = mail.certificate_id().map(|id| keys::certificate(school, id));
        let wanted =
            [(&user).into(), (&delivery).into()].into_iter().chain(certificate.as_ref().map(Into::into));
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        // The address of now, not the one of the event.
        let Some(user) = found.take(&user)?.map(|user| user.value).filter(|user| user.is_active) else {
            return withheld("the account is gone or suspended");
        };
        let purpose = mail.purpose();
        match purpose {
            None if !user.email_verified => return withheld("the address is not confirmed"),
            Some(TokenPurpose::VerifyEmail) if user.email_verified => {
                return withheld("the address is confirmed already");
            }
            _ => {}
        }
        let mut claim = Claim { app, school, key: delivery, rev: None, token: None };
        if let Some(before) = found.take(&claim.key)? {
            claim.rev = Some(before.rev);
            let Delivery { state, at, .. } = before.value;
            match state {
                DeliveryState::Waiting => {}
                DeliveryState::Sending if app.now() < at.plus_seconds(CLAIM_SECONDS) => {
                    return Err(Error::unavailable("another delivery of this event is sending its mail"));
                }
                DeliveryState::Sending => {
                    claim.note(DeliveryState::Unknown, None).await?;
                    warn!(event.id = %event.id, "an attempt died over this mail; it is not sent again");
                    return Ok(());
                }
                DeliveryState::Sent | DeliveryState::Unknown => return Ok(()),
            }
        }
        // The newest PDF, since the mail may come late; a revoked certificate has none.
        let mut pdf = None;
        let mut verify_url = String::new();
        if let Some(key) = &certificate {
            let certificate = found.take(key)?.map(|certificate| certificate.value);
            let newest = certificate.as_ref().and_then(|it| Some((it, it.pdf()?)));
            let Some((certificate, newest)) = newest else {
                return withheld("the certificate was revoked");
            };
            // The code comes from the certificate: events hold no secrets.
            let site = app.service::<PublicUrl>().await?.of(school);
            verify_url = certificate.verify_url(&site, newest.count);
            pdf = Some((format!("{}.pdf", certificate.number), newest.object.clone()));
        }
        let suppression = keys::suppression(school, &user.email);
        if app.store.get(&suppression, Consistency::Strong).await?.is_some() {
            return withheld("the address bounced or complained");
        }
        if let Some(purpose) = purpose {
            // An attempt that SES refused has been counted.
            if claim.rev.is_none() && !may_have_one_more(app, school, &user, &*mail, purpose).await? {
                return withheld("there were too many of this kind");
            }
            claim.token = Some(Token::new(app, school, purpose, &user)?);
        }
        let SchoolName(school_name) = app.service().await?;
        // Those of its own for all schools, or those that come with each.
        let site = app.service::<PublicUrl>().await?.of(school);
        let home = sender.home.as_deref().unwrap_or(&site);
        let facts = Facts {
            school: school_name.clone(),
            first_name: user.first_name.into(),
            verify_url,
            home: home.trim_end_matches('/').to_owned(),
            token: claim.token.as_ref().map(|token| token.text.clone()),
        };
        let mut letter = Letter::write(&*mail, &facts)?;
        if let Some((name, object)) = pdf {
            let content = app.service::<Objects>().await?.get(&object).await?;
            letter.attachments.push(Attachment { name, content_type: "application/pdf", content });
        }

        let attempt: EventId = app.id();
        if let Err(error) = claim.note(DeliveryState::Sending, Some(attempt.to_string())).await {
            claim.release(attempt).await;
            return Err(error);
        }
        let tags = [("school", school.to_string()), ("event", event.id.to_string())];
        let (state, note, result) = match mailer.send(&user.email, &letter, tags).await {
            Ok(name) => (DeliveryState::Sent, Some(name), Ok(())),
            Err(Refusal::Refused(error)) => (DeliveryState::Waiting, None, Err(error)),
            Err(Refusal::Perhaps(silence)) => {
                warn!(event.id = %event.id, "nobody knows whether this mail went out; it is not sent again: {silence}");
                (DeliveryState::Unknown, None, Ok(()))
            }
        };
        if let Err(error) = claim.note(state, note).await {
            warn!(event.id = %event.id, error = ?error, "what became of this mail is not kept: {state:?}");
        }
        result
    }
}

/// What this attempt knows of the mail's record.
struct Claim<'a> {
    app: &'a App,
    school: &'a School,
    key: Key<Delivery>,
    rev: Option<u64>,
    /// What the mail brings; kept with the claim, before anybody can have the mail.
    token: Option<Token>,
}

impl Claim<'_> {
    /// Gives back what `attempt` claimed though it was told that it did not. It has not asked SES, so the mail is not in
    /// doubt.
    async fn release(&mut self, attempt: EventId) {
        let given_back = async {
            let found = self.app.store.get(&self.key, Consistency::Strong).await?;
            if let Some(own) = found.filter(|found| found.value.note == Some(attempt.to_string())) {
                self.rev = Some(own.rev);
                self.note(DeliveryState::Waiting, None).await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = given_back.await {
            warn!(error = ?error, "a claim on a mail stands though nobody sends it");
        }
    }

    /// Moves the record on from where this attempt saw it, or fails because another attempt was there first.
    async fn note(&mut self, state: DeliveryState, note: Option<String>) -> Result<()> {
        let delivery = Delivery { state, at: self.app.now(), note };
        let mut change = self.app.store.transaction(self.school);
        change.upsert(&self.key, &delivery, self.rev);
        if let (DeliveryState::Sending, Some(token)) = (state, &self.token) {
            change.put_over(&token.key, &token.kept);
        }
        change.commit().await?;
        self.rev = Some(self.rev.map_or(1, |rev| rev + 1));
        Ok(())
    }
}
