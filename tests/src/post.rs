//! SES as the product reaches it in tests: over a mailbox, and through the tap.

use aws_sdk_sesv2::config::{Credentials, Region, SharedCredentialsProvider, SharedHttpClient};
use mail::{Mailer, Sender};
use runtime::sdk_limits;
use testkit::Tap;

/// The domain of the sender, for a mailbox to know.
pub const MAIL_IDENTITY: &str = "lectern.test";

/// Where the mails lead.
pub const HOME: &str = "https://pages.lectern.test";

/// In whose name tests mail.
#[must_use]
pub fn sender() -> Option<Sender> {
    Some(Sender {
        from: format!("Lectern <no-reply@{MAIL_IDENTITY}>"),
        configuration_set: "lectern-test".to_owned(),
        home: Some(HOME.to_owned()),
    })
}

/// A mailer whose requests go through the tap to `ses`.
#[must_use]
pub fn mailer(tap: &Tap, ses: SharedHttpClient, sender: Option<Sender>) -> Mailer {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let sdk = sdk_limits()
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // Nobody listens there, should a request get past the emulator.
        .endpoint_url("http://127.0.0.1:1")
        .http_client(tap.over(ses));
    Mailer::new(&sdk.build(), sender)
}
