//! HTTP with JSON, against one deployment.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::Failure;

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

    /// Sends a request, `route` being `METHOD /path`, and gives the JSON of its answer; null where there is no body.
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
        let failed = |error: &dyn std::fmt::Display| format!("{route}: {error}");
        let (method, path) = route.split_once(' ').ok_or_else(|| failed(&"no METHOD /path"))?;
        let method: Method = method.parse().map_err(|error| failed(&error))?;
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| failed(&error))?;
        let got = response.status().as_u16();
        let text = response.text().await.map_err(|error| failed(&error))?;
        if got != status {
            return Err(format!("{route}: {got}, not {status}: {text}"));
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|error| format!("{route}: {error}: {text}"))
    }

    /// A file behind a link.
    ///
    /// # Errors
    /// The link does not work.
    pub async fn download(&self, link: &str) -> Result<Vec<u8>, Failure> {
        let response = self.http.get(link).send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| error.to_string())?;
        if status.is_success() { Ok(body.to_vec()) } else { Err(format!("{link}: {status}")) }
    }

    /// An access token.
    ///
    /// # Errors
    /// The password is wrong, or no answer comes.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String, Failure> {
        let login = json!({ "email": email, "password": password });
        text(&self.call("POST /v1/auth/login", None, Some(&login), 200).await?, "access_token")
    }

    /// A new account: its id and an access token.
    ///
    /// # Errors
    /// It is refused, or no answer comes.
    pub async fn register(
        &self,
        email: &str,
        password: &str,
        first_name: &str,
    ) -> Result<(String, String), Failure> {
        let account = json!({
            "email": email, "password": password, "first_name": first_name, "last_name": "Example",
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
    value[name].as_str().map(str::to_owned).ok_or_else(|| format!("{name} is no text in {value}"))
}
