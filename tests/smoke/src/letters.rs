//! The mails that a deployment sent, where somebody can read them: the mailbox of the local cloud, or what an emulated
//! SES keeps.

use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::{Api, Failure, PATIENCE, PAUSE};

/// How the tokens in mails begin.
const TOKEN: &str = "lot_";

/// A document of mails.
pub struct Letters {
    http: Client,
    url: String,
}

impl Letters {
    /// Those in the JSON document at `url`.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { http: Client::new(), url: url.to_owned() }
    }

    /// The mail to `address` that says `words`, once it is there.
    ///
    /// # Errors
    /// It does not come, or nothing can be read.
    pub async fn find(&self, address: &str, words: &str) -> Result<Value, Failure> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            for letter in self.all().await? {
                let text = letter.to_string();
                if text.contains(address) && text.contains(words) {
                    return Ok(letter);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(format!("no mail that says {words:?} after {} s", PATIENCE.as_secs()))
    }

    /// Proves that an address is that of whoever signed in, with the token of the mail that came of registering.
    ///
    /// # Errors
    /// There is no such mail, or the token is refused.
    pub async fn confirm(&self, api: &Api, address: &str, access_token: &str) -> Result<(), Failure> {
        let letter = self.find(address, TOKEN).await?.to_string();
        let at = letter.find(TOKEN).unwrap_or_default();
        let is_part = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let token: String = letter[at..].chars().take_while(is_part).collect();
        let proof = json!({ "token": token });
        api.call("POST /v1/auth/email/verify", Some(access_token), Some(&proof), 204).await.map(drop)
    }

    /// All of them, whatever stands around them.
    ///
    /// # Errors
    /// Nothing can be read.
    pub async fn all(&self) -> Result<Vec<Value>, Failure> {
        let failed = |error: reqwest::Error| format!("{}: {error}", self.url);
        let request = self.http.get(&self.url).timeout(Duration::from_secs(30));
        let document = request.send().await.map_err(failed)?.json().await.map_err(failed)?;
        Ok(listed(document))
    }
}

fn listed(document: Value) -> Vec<Value> {
    match document {
        Value::Array(letters) => letters,
        Value::Object(members) => members.into_iter().flat_map(|(_, member)| listed(member)).collect(),
        _ => Vec::new(),
    }
}
