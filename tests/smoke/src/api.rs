//! HTTP with JSON, against one deployment. What is said of a failure may be printed, so it holds no answer that succeeded:
//! there are tokens in those.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{Failure, Login};

/// Longer than any function runs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A deployment's API.
#[derive(Clone)]
pub struct Api {
    http: Client,
    url: String,
}

impl Api {
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { http: Client::new(), url: url.trim_end_matches('/').to_owned() }
    }

    /// Sends a request, `route` being `METHOD /path`, and returns the JSON of its answer; null where there is no body.
    ///
    /// # Errors
    /// The answer has another status, or none comes.
    pub async fn call(
        &self,
        route: &str,
        token: Option<&str>,
        body: Option<&Value>,
        status: u16,
    ) -> Result<Value, Failure> {
        self.call_for(route, token, body, &[status]).await
    }

    /// Like [`Api::call`], where any of some statuses will do.
    ///
    /// # Errors
    /// The answer has another status, or none comes.
    pub async fn call_for(
        &self,
        route: &str,
        token: Option<&str>,
        body: Option<&Value>,
        statuses: &[u16],
    ) -> Result<Value, Failure> {
        let failed = |error: &dyn std::fmt::Display| format!("{route}: {error}");
        let (method, path) = route.split_once(' ').ok_or_else(|| failed(&"no METHOD /path"))?;
        let method: Method = method.parse().map_err(|error| failed(&error))?;
        let mut request = self.http.request(method, format!("{}{path}", self.url)).timeout(TIMEOUT);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| failed(&with_causes(&error)))?;
        let got = response.status();
        let text = response.text().await.map_err(|error| failed(&with_causes(&error)))?;
        if !statuses.contains(&got.as_u16()) {
            let why = if got.is_success() { "" } else { text.as_str() };
            return Err(format!("{route}: {}, not {statuses:?} {why}", got.as_u16()));
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|error| format!("{route}: {error}"))
    }

    /// A file behind a link.
    ///
    /// # Errors
    /// The link does not work.
    pub async fn download(&self, link: &str) -> Result<Vec<u8>, Failure> {
        let request = self.http.get(link).timeout(TIMEOUT);
        let response = request.send().await.map_err(|error| error.without_url().to_string())?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| error.without_url().to_string())?;
        if status.is_success() { Ok(body.to_vec()) } else { Err(format!("a link is answered {status}")) }
    }

    /// An access token.
    ///
    /// # Errors
    /// The password is wrong, or no answer comes.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String, Failure> {
        let login = json!({ "email": email, "password": password });
        text(&self.call("POST /v1/auth/login", None, Some(&login), 200).await?, "access_token")
    }

    /// Ends the session of an access token, if it has not ended.
    ///
    /// # Errors
    /// It is refused, or no answer comes.
    pub async fn sign_out(&self, token: &str) -> Result<(), Failure> {
        self.call_for("POST /v1/auth/logout", Some(token), None, &[204, 401]).await.map(drop)
    }

    /// Makes the account of a login: its id and an access token.
    ///
    /// # Errors
    /// It is refused, or no answer comes.
    pub async fn register(&self, login: &Login, first_name: &str) -> Result<(String, String), Failure> {
        let account = json!({
            "email": login.email, "password": login.password, "first_name": first_name, "last_name": "Example",
        });
        let made = self.call("POST /v1/auth/register", None, Some(&account), 201).await?;
        Ok((text(&made["user"], "id")?, text(&made, "access_token")?))
    }
}

/// The text of a member.
///
/// # Errors
/// It is not text.
pub fn text(value: &Value, name: &str) -> Result<String, Failure> {
    let members = || value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
    value[name]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("{name} is no text among the members {:?}", members().unwrap_or_default()))
}

/// What went wrong, and why: a client says "error sending request" of all that can.
fn with_causes(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
