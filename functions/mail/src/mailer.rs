//! SES, asked once for each mail: it takes no request token, so whoever asks again may send twice.

use std::{error::Error as StdError, time::Duration};

use aws_sdk_sesv2::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    primitives::Blob,
    types::{Attachment, Body, Content, Destination, EmailContent, Message, MessageTag},
};
use aws_types::SdkConfig;
use domain::identity::Email;
use hyper_util::client::legacy::Error as HttpError;
use kernel::{Error, Result};
use runtime::{App, Service};

use crate::letters::Letter;

/// SES answers in a fraction of a second; giving up on it loses a mail, so this is long. The function lives longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// In whose name mail goes out.
#[derive(Clone, Debug)]
pub struct Sender {
    /// `School <no-reply@school.example>`
    pub from: String,
    /// The SES configuration set that tells of bounces and complaints.
    pub configuration_set: String,
    /// Where learners find pages of the school's own, `/verify-email` and `/reset-password` among them; without, mails lead
    /// to those that come with it.
    pub home: Option<String>,
}

/// The mail service of this deployment.
pub struct Mailer {
    client: Client,
    sender: Option<Sender>,
}

/// Why a mail did not go out, as far as that is known.
pub(crate) enum Refusal {
    /// SES did not take it: it is throttled, paused, out of reach, or does not like the sender. Somebody can mend that.
    Refused(Error),
    /// No answer came. It may be on its way.
    Perhaps(String),
}

impl Service for Mailer {
    const VARIABLES: &'static [&'static str] = &["MAIL_SENDER", "MAIL_CONFIGURATION_SET", "HOME_URL"];

    /// Without a `MAIL_SENDER` there is nobody in whose name mail could go out: a deployment begins like that, since
    /// SES takes only senders that its owner has proved to own.
    async fn start(app: &App) -> std::result::Result<Self, String> {
        let environment = app.environment();
        let sender = match environment.optional("MAIL_SENDER") {
            Some(from) => Some(Sender {
                from: from.to_owned(),
                configuration_set: environment.required("MAIL_CONFIGURATION_SET")?.to_owned(),
                home: environment.optional("HOME_URL").map(str::to_owned),
            }),
            None => None,
        };
        Ok(Self::new(&environment.sdk_config("SESV2")?, sender))
    }
}

/// The limits of a client for mail: one attempt, and patience.
fn limits(config: &SdkConfig) -> Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(PATIENCE)
        .operation_timeout(PATIENCE);
    Builder::from(config).retry_config(RetryConfig::disabled()).timeout_config(timeouts.build())
}

impl Mailer {
    /// SES as `config` reaches it, for mail from `sender`.
    #[must_use]
    pub fn new(config: &SdkConfig, sender: Option<Sender>) -> Self {
        Self { client: Client::from_conf(limits(config).build()), sender }
    }

    /// In whose name mail goes out, if there is anybody.
    pub(crate) fn sender(&self) -> Option<&Sender> {
        self.sender.as_ref()
    }

    /// Sends a letter and returns SES's name for it. The tags come back with whatever SES tells of the mail.
    ///
    /// All our mail answers something that its reader did; it needs no `List-Unsubscribe`. News will.
    pub(crate) async fn send(
        &self,
        to: &Email,
        letter: &Letter,
        tags: [(&str, String); 2],
    ) -> Result<String, Refusal> {
        let message = message(letter).map_err(|error| Refusal::Refused(Error::internal(error)))?;
        let tags =
            tags.into_iter().map(|(name, value)| MessageTag::builder().name(name).value(value).build());
        let tags: Vec<_> = tags
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| Refusal::Refused(Error::internal(error)))?;
        let sent = self
            .client
            .send_email()
            .set_from_email_address(self.sender.as_ref().map(|sender| sender.from.clone()))
            .set_configuration_set_name(self.sender.as_ref().map(|sender| sender.configuration_set.clone()))
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(message).build())
            .set_email_tags(Some(tags))
            .send()
            .await;
        sent.map(|sent| sent.message_id.unwrap_or_default()).map_err(|error| refusal(&error))
    }
}

fn message(letter: &Letter) -> std::result::Result<Message, aws_sdk_sesv2::error::BuildError> {
    let content = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let body = Body::builder().text(content(&letter.text)?).html(content(&letter.html)?).build();
    let mut message = Message::builder().subject(content(&letter.subject)?).body(body);
    for file in &letter.attachments {
        let attachment = Attachment::builder()
            .file_name(&file.name)
            .content_type(file.content_type)
            .raw_content(Blob::new(file.content.clone()))
            .build()?;
        message = message.attachments(attachment);
    }
    Ok(message.build())
}

/// What SES answers with 4xx or 503 it has not taken. Another 5xx may come from a proxy that gave up on it: that says
/// as little as silence.
fn refusal(error: &SdkError<SendEmailError>) -> Refusal {
    let text = match error {
        SdkError::ServiceError(answer) => format!("ses: {} {}", answer.raw().status(), reason(answer.err())),
        other => format!("ses: {}", DisplayErrorContext(other)),
    };
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            if status < 500 || status == 503 {
                Refusal::Refused(Error::unavailable(text))
            } else {
                Refusal::Perhaps(text)
            }
        }
        SdkError::ConstructionFailure(_) => Refusal::Refused(Error::internal(text)),
        SdkError::DispatchFailure(failure)
            if failure.as_connector_error().is_some_and(|error| never_connected(error)) =>
        {
            Refusal::Refused(Error::unavailable(text))
        }
        _ => Refusal::Perhaps(text),
    }
}

/// SES names no address in the code, but some in the message, which therefore is kept nowhere.
fn reason(error: &SendEmailError) -> String {
    error.code().unwrap_or("refused").to_owned()
}

/// Whether the connection failed before a request could go out.
fn never_connected(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<HttpError>().is_some_and(HttpError::is_connect) {
            return true;
        }
        cause = error.source();
    }
    false
}
