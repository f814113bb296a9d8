//! SES v2: `SendEmail` into a mailbox, which keeps its last thousand mails, in a folder if it has one.

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpRequest};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, SystemClock, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    connector::{Answer, Emulator},
    folder::Folder,
};

const KEPT: usize = 1000;
/// What SES v2 takes, attachments included as base64.
const MOST_BYTES: usize = 40 * 1024 * 1024;

/// A mail as it was taken.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Mail {
    /// Rises with each mail.
    pub id: String,
    pub at: Timestamp,
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub attachments: Vec<Attachment>,
    pub tags: BTreeMap<String, String>,
}

/// A file that came with a mail.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    pub file_name: String,
    pub content_type: String,
    /// As base64.
    pub content: String,
}

impl Attachment {
    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.content).unwrap_or_default()
    }
}

#[derive(Debug)]
struct State {
    /// Whose mail is taken.
    identity: String,
    folder: Option<Folder>,
    mails: VecDeque<Mail>,
    last: u64,
    requests: usize,
    /// How the next request is refused, if it is.
    refusal: Option<(u16, String)>,
}

/// SES with what it delivered. Clones share it.
#[derive(Clone, Debug)]
pub struct Mailbox(Arc<Mutex<State>>);

impl Mailbox {
    /// An empty one that sends for addresses at the domain `identity`.
    #[must_use]
    pub fn new(identity: &str) -> Self {
        let identity = identity.to_owned();
        let state =
            State { identity, folder: None, mails: VecDeque::new(), last: 0, requests: 0, refusal: None };
        Self(Arc::new(Mutex::new(state)))
    }

    /// One that keeps each mail as a file of `folder`, and finds there what earlier ones kept.
    ///
    /// # Errors
    /// The folder cannot be used, or a file in it is not a mail.
    pub fn in_folder(identity: &str, folder: &Path) -> Result<Self, String> {
        let (folder, mut mails) = Folder::open::<Mail>(folder)?;
        mails.sort_by(|a, b| a.id.cmp(&b.id));
        let mailbox = Self::new(identity);
        let mut state = mailbox.state();
        state.last = mails.last().and_then(|mail| mail.id.parse().ok()).unwrap_or(0);
        state.mails = mails.into();
        state.folder = Some(folder);
        drop(state);
        Ok(mailbox)
    }

    /// For the SDK's configuration.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Emulator(self.clone()))
    }

    /// What was delivered, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Mail> {
        self.state().mails.iter().cloned().collect()
    }

    /// One mail.
    #[must_use]
    pub fn message(&self, id: &str) -> Option<Mail> {
        self.state().mails.iter().find(|mail| mail.id == id).cloned()
    }

    /// How many requests came, whatever became of them.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.state().requests
    }

    /// Refuses the next request as SES would with `code`, such as `TooManyRequestsException`.
    pub fn refuse_next(&self, status: u16, code: &str) {
        self.state().refusal = Some((status, code.to_owned()));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer for Mailbox {
    fn answer(&self, request: &HttpRequest) -> (u16, Value) {
        let mut state = self.state();
        state.requests += 1;
        if let Some((status, code)) = state.refusal.take() {
            // SES names addresses here; whoever logs it leaks them.
            return (status, json!({ "__type": code, "message": "learner@example.org is not verified" }));
        }
        let path =
            request.uri().split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
        let taken = match (request.method(), path) {
            ("POST", Some("v2/email/outbound-emails")) => {
                state.take(request.body().bytes().unwrap_or_default())
            }
            (method, _) => Err(refused("UnknownOperationException", format!("{method} {}", request.uri()))),
        };
        match taken {
            Ok(id) => (200, json!({ "MessageId": id })),
            Err(Refused { code, message }) => (400, json!({ "__type": code, "message": message })),
        }
    }
}

struct Refused {
    code: &'static str,
    message: String,
}

fn refused(code: &'static str, message: impl Into<String>) -> Refused {
    Refused { code, message: message.into() }
}

fn bad(message: impl Into<String>) -> Refused {
    refused("BadRequestException", message)
}

/// The request of `SendEmail`, as far as it is ours.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendEmail {
    from_email_address: String,
    destination: Destination,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Tag>,
    #[serde(rename = "ConfigurationSetName")]
    _configuration_set: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Message,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    subject: Text,
    body: Body,
    #[serde(default)]
    attachments: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Text,
    html: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    file_name: String,
    content_type: Option<String>,
    raw_content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

impl State {
    fn take(&mut self, body: &[u8]) -> Result<String, Refused> {
        let request: SendEmail = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
        if body.len() > MOST_BYTES {
            return Err(refused(
                "MessageRejected",
                format!("Message length is more than {MOST_BYTES} bytes long"),
            ));
        }
        let from = address(&request.from_email_address).ok_or_else(|| bad("Illegal from address"))?;
        let ours = from.rsplit_once('@').is_some_and(|(_, domain)| domain == self.identity);
        if !ours {
            return Err(refused("MessageRejected", format!("Email address is not verified: {from}")));
        }
        if request.destination.to_addresses.is_empty() {
            return Err(bad("No recipient"));
        }
        if let Some(wrong) = request.destination.to_addresses.iter().find(|to| address(to).is_none()) {
            return Err(bad(format!("Illegal address: {wrong}")));
        }
        let message = request.content.simple;
        if message.subject.data.contains(['\r', '\n']) {
            return Err(bad("Subject must be one line"));
        }
        let plain = |text: &str| {
            (1..=256).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@'))
        };
        if let Some(tag) = request.email_tags.iter().find(|tag| !plain(&tag.name) || !plain(&tag.value)) {
            return Err(bad(format!("Invalid tag: {}", tag.name)));
        }
        let attachments = message.attachments.into_iter().map(|file| {
            STANDARD.decode(&file.raw_content).map_err(|error| bad(error.to_string()))?;
            let content_type = file.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            Ok(Attachment { file_name: file.file_name, content_type, content: file.raw_content })
        });
        let attachments = attachments.collect::<Result<_, Refused>>()?;
        let id = format!("{:012}", self.last + 1);
        let mail = Mail {
            id: id.clone(),
            at: SystemClock.now(),
            from: request.from_email_address,
            to: request.destination.to_addresses,
            subject: message.subject.data,
            text: message.body.text.data,
            html: message.body.html.data,
            attachments,
            tags: request.email_tags.into_iter().map(|tag| (tag.name, tag.value)).collect(),
        };
        self.keep(mail).map_err(|error| refused("InternalFailure", error.to_string()))?;
        Ok(id)
    }

    fn keep(&mut self, mail: Mail) -> std::io::Result<()> {
        if let Some(folder) = &self.folder {
            folder.keep(&mail.id, &mail)?;
        }
        self.last += 1;
        self.mails.push_back(mail);
        while self.mails.len() > KEPT {
            let oldest = self.mails.pop_front();
            if let (Some(folder), Some(oldest)) = (&self.folder, oldest) {
                folder.remove(&oldest.id)?;
            }
        }
        Ok(())
    }
}

/// The address in `Name <address>`, or alone, if SES could deliver to it.
fn address(text: &str) -> Option<&str> {
    let bare = text.rsplit_once('<').map_or(Some(text), |(_, rest)| rest.strip_suffix('>'))?;
    let (local, domain) = bare.rsplit_once('@')?;
    let sane = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>()[]\\,;:\"@".contains(&b))
    };
    let labels = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    (sane(local) && local.len() <= 64 && sane(domain) && labels && bare.len() <= 320).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let text = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
        let mut request = json!({
            "FromEmailAddress": "School <no-reply@school.example>",
            "Destination": { "ToAddresses": ["ada@example.org"] },
            "Content": { "Simple": { "Subject": text("Hello"), "Body": { "Text": text("Hi"), "Html": text("<p>Hi") } } },
            "EmailTags": [{ "Name": "school", "Value": "main" }],
        });
        change(&mut request);
        request.to_string().into_bytes()
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> &'static str {
        let mailbox = Mailbox::new("school.example");
        let refused = mailbox.state().take(&request(change)).err().map_or("", |refused| refused.code);
        assert!(mailbox.messages().is_empty());
        refused
    }

    #[test]
    fn what_ses_refuses_is_refused() {
        for to in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "ada@example",
            "ä@example.org",
            "<ada@example.org",
        ] {
            assert_eq!(
                refusal(|r| r["Destination"]["ToAddresses"][0] = json!(to)),
                "BadRequestException",
                "{to}"
            );
        }
        assert_eq!(refusal(|r| r["Destination"]["ToAddresses"] = json!([])), "BadRequestException");
        assert_eq!(refusal(|r| r["FromEmailAddress"] = json!("x@other.example")), "MessageRejected");
        assert_eq!(
            refusal(|r| r["Content"]["Simple"]["Subject"]["Data"] = json!("a\r\nBcc: b")),
            "BadRequestException"
        );
        assert_eq!(refusal(|r| r["EmailTags"][0]["Value"] = json!("a b")), "BadRequestException");
        let large = "x".repeat(MOST_BYTES);
        assert_eq!(
            refusal(|r| r["Content"]["Simple"]["Body"]["Text"]["Data"] = json!(large)),
            "MessageRejected"
        );
    }

    #[test]
    fn a_folder_keeps_the_last_thousand() {
        let folder = std::env::temp_dir().join(format!("lectern-mailbox-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let mailbox = Mailbox::in_folder("school.example", &folder).unwrap();
        for n in 0..KEPT + 2 {
            let subject = json!(format!("Mail {n}"));
            let taken =
                mailbox.state().take(&request(|r| r["Content"]["Simple"]["Subject"]["Data"] = subject));
            assert!(taken.is_ok());
        }
        let again = Mailbox::in_folder("school.example", &folder).unwrap();
        assert_eq!(again.messages(), mailbox.messages());
        assert_eq!((again.messages().len(), again.messages()[0].subject.as_str()), (KEPT, "Mail 2"));
        assert!(again.state().take(&request(|_| {})).is_ok_and(|id| id == "000000001003"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
