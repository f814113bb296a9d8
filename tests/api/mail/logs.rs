//! What a deployment logs of mails that bring tokens, whatever becomes of them.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use testkit::Moment;
use tracing_subscriber::{fmt::MakeWriter, util::SubscriberInitExt};

use crate::mail::setup::{newcomer, token_in};

/// Lines in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic inside").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn r32_no_token_and_no_address_is_logged_whatever_becomes_of_the_mail() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::INFO);
    let _logging = subscriber.with_writer(lines.clone()).finish().set_default();
    let world = newcomer().await;
    let [registered, again, forgotten] = world.asked_for().map(|(event, _)| event);
    // Refused, then sent; sent without anybody hearing so; nobody knows; more than may be.
    world.mailbox.refuse_next(400, "MessageRejected");
    let mut told = format!("{:?}", world.send(&registered).await.unwrap_err());
    world.send(&registered).await.unwrap();
    world.app.tap().break_at(8, Moment::AfterCommit);
    world.send(&again).await.unwrap();
    world.mailbox.refuse_next(500, "InternalFailure");
    world.send(&forgotten).await.unwrap();
    for _ in 0..4 {
        world.send(&world.verification_requested()).await.unwrap();
    }
    told += &String::from_utf8_lossy(&lines.0.lock().unwrap());
    for words in ["nobody knows whether this mail went out", "there were too many of this kind"] {
        assert!(told.contains(words), "{words} is not in {told}");
    }
    let mails = world.mails();
    assert_eq!(mails.len(), 5);
    for secret in mails.iter().map(token_in).chain(["lot_", "ada@example.org"]) {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
}
