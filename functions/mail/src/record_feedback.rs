//! bounces and complaints, as SES tells them → no more mail to that address

use std::collections::HashMap;

use domain::{
    identity::Email,
    mail::{Suppression, SuppressionReason},
};
use kernel::{Code, Error, Result, School, Violations};
use runtime::{App, Listener, Needs, Source, Table};
use serde::Deserialize;
use store::{Consistency, keys};

use crate::token::BOUNCES;

/// Stops mail to an address where nobody reads, or where somebody does not want it: who goes on all the same soon
/// reaches nobody.
pub struct RecordFeedback;

/// An event of SES, as a configuration set publishes it; SNS passes it on as it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feedback {
    event_type: String,
    bounce: Option<Bounce>,
    mail: Sent,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
}

/// The mail that it is about.
#[derive(Deserialize)]
struct Sent {
    /// Where we sent it. A bounce also names who bounced, but behind a forwarding that is somebody else.
    destination: Vec<String>,
    tags: HashMap<String, Vec<String>>,
}

impl Feedback {
    /// Why the address gets no more mail; a full mailbox or a delivery is not a reason.
    fn reason(&self) -> Option<SuppressionReason> {
        match (self.event_type.as_str(), &self.bounce) {
            ("Bounce", Some(bounce)) if bounce.bounce_type == "Permanent" => Some(SuppressionReason::Bounce),
            ("Complaint", _) => Some(SuppressionReason::Complaint),
            _ => None,
        }
    }
}

impl Sent {
    fn school(&self) -> Result<School> {
        let school = self.tags.get("school").and_then(|values| values.first());
        let school = school.ok_or_else(|| Error::internal("feedback on a mail without a school"))?;
        school.parse().map_err(|error| Error::internal(format!("feedback on a mail of {school:?}: {error}")))
    }
}

impl Listener for RecordFeedback {
    const NAME: &'static str = "mail-record-feedback";
    const NEEDS: Needs = Needs { table: &[Table::Put], concurrency: 2, ..Needs::NOTHING };
    // SES tells a new destination something in plain text, which the filter leaves out.
    const SOURCE: Source =
        Source::Topic { name: "mail-feedback", filter: r#"{ "eventType": ["Bounce", "Complaint"] }"# };
    const SAMPLE: &'static str = r#"{
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": "sample",
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{
                "emailAddress": "ada@example.org", "action": "failed", "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown"
            }],
            "timestamp": "2026-01-01T00:00:01.000Z",
            "reportingMTA": "dsn; mail.example.org"
        },
        "mail": {
            "timestamp": "2026-01-01T00:00:00.000Z",
            "source": "no-reply@school.example",
            "sendingAccountId": "000000000000",
            "messageId": "sample",
            "destination": ["ada@example.org"],
            "headersTruncated": false,
            "headers": [],
            "commonHeaders": { "to": ["ada@example.org"], "subject": "Welcome" },
            "tags": { "school": ["main"], "ses:configuration-set": ["lectern-dev"] }
        }
    }"#;
    type Message = Feedback;

    async fn hear(app: &App, feedback: Feedback) -> Result<()> {
        let Some(reason) = feedback.reason() else { return Ok(()) };
        let school = feedback.mail.school()?;
        for address in &feedback.mail.destination {
            let email = Email::parse(address, "", &mut Violations::default());
            let email = email.ok_or_else(|| Error::internal("feedback on a mail to no address"))?;
            let key = keys::suppression(&school, &email);
            let is_known = app.store.get(&key, Consistency::Strong).await?.is_some();
            let mut change = app.store.transaction(&school);
            change.put_over(&key, &Suppression { reason, at: app.now() });
            change.commit().await?;
            // What comes again is not another bounce.
            if is_known {
                continue;
            }
            match app.store.take_token(&school, BOUNCES, "", || app.now()).await {
                // There were enough of them already.
                Err(error) if error.code() == Code::RATE_LIMITED => {}
                counted => counted?,
            }
        }
        Ok(())
    }
}
