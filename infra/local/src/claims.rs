//! Mails over which the last process died. SES could not tell what became of them, so the function that sends them
//! leaves them alone; here the mailbox is at hand and knows.

use domain::{
    event::Event,
    mail::{Delivery, DeliveryState},
};
use emulators::{Mail, Message};
use kernel::Result;
use runtime::App;
use store::{Consistency, keys};

/// Notes of each mail whose event waits, and that somebody was sending, whether it is among `mails`. Nobody may be sending
/// meanwhile.
pub(crate) async fn settle(
    app: &App,
    waiting: impl IntoIterator<Item = Message>,
    mails: &[Mail],
) -> Result<()> {
    for message in waiting {
        // What is not an event is for its consumer to complain of.
        let Ok(event) = serde_json::from_str::<Event>(&message.body) else { continue };
        let key = keys::delivery(&event.school, event.id);
        let Some(claim) = app.store.get(&key, Consistency::Strong).await? else { continue };
        if claim.value.state != DeliveryState::Sending {
            continue;
        }
        let id = event.id.to_string();
        let sent = mails.iter().find(|mail| mail.tags.get("event") == Some(&id));
        let state = sent.map_or(DeliveryState::Waiting, |_| DeliveryState::Sent);
        let settled = Delivery { state, at: app.now(), note: sent.map(|mail| mail.id.clone()) };
        let mut change = app.store.transaction(&event.school);
        change.replace(&key, &settled, claim.rev);
        change.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use emulators::Sqs;

    use super::*;
    use crate::pump::{Pump, tests::app_with_event};

    #[tokio::test]
    async fn f1_a_mail_that_the_last_process_died_over_is_sent_again_unless_the_mailbox_has_it() {
        let sqs = Sqs::default();
        let app = app_with_event(&sqs).await;
        Pump::new(app, events::registry(), sqs.clone()).drain().await;
        let waiting = sqs.waiting("mail-send-mail");
        let event: Event = serde_json::from_str(&waiting[0].body).unwrap();
        let key = keys::delivery(&event.school, event.id);
        let delivery = async || app.store.get(&key, Consistency::Strong).await.unwrap();
        settle(app, waiting.clone(), &[]).await.unwrap();
        assert!(delivery().await.is_none(), "nobody was sending");

        let mail = |event: String| Mail {
            id: "7".to_owned(),
            at: app.now(),
            from: String::new(),
            to: Vec::new(),
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            attachments: Vec::new(),
            tags: BTreeMap::from([("event".to_owned(), event)]),
        };
        let mails = [mail("evt_of_another".to_owned()), mail(event.id.to_string())];
        for (seen, state, note) in
            [(&mails[..1], DeliveryState::Waiting, None), (&mails, DeliveryState::Sent, Some("7"))]
        {
            let claim = Delivery {
                state: DeliveryState::Sending,
                at: app.now(),
                note: Some("evt_attempt".to_owned()),
            };
            let mut change = app.store.transaction(&event.school);
            change.upsert(&key, &claim, delivery().await.map(|stored| stored.rev));
            change.commit().await.unwrap();
            settle(app, waiting.clone(), seen).await.unwrap();
            let settled = delivery().await.unwrap();
            assert_eq!((settled.value.state, settled.value.note.as_deref()), (state, note));
            settle(app, waiting.clone(), &mails).await.unwrap();
            assert_eq!(delivery().await.unwrap(), settled, "what is settled stays as it is");
        }
    }
}
