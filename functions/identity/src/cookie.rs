//! The refresh token in a cookie (R27): no script can read it, and only pages of this very host can have it used.

use http::{HeaderValue, header};
use kernel::{Code, Error, Result};
use runtime::{Call, Components, Output, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::TokensView;

/// Browsers take a name with this prefix only of a secure cookie that is of one host and of all its paths.
const NAME: &str = "__Host-lectern-session";

/// Where a client keeps its refresh token: wherever it likes, since the answer has it, or, for pages of the school's own host, in
/// a cookie that no script can read, and then the answer has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionKeeping {
    #[default]
    Token,
    Cookie,
}

/// An answer that may set the cookie, or take it away.
pub struct WithCookie<R> {
    reply: R,
    cookie: Option<HeaderValue>,
}

impl<R> WithCookie<R> {
    /// Takes the cookie away from whoever has one.
    pub(crate) fn ended(reply: R, call: &Call) -> Self {
        let cookie = given(call).map(|_| cookie("", 0)).transpose().ok().flatten();
        Self { reply, cookie }
    }
}

impl<R: Output> Output for WithCookie<R> {
    const STATUS: u16 = R::STATUS;

    fn content(components: &mut Components) -> Value {
        R::content(components)
    }

    fn headers() -> &'static [&'static str] {
        R::headers()
    }

    fn reply(&self) -> Result<Reply> {
        let mut reply = self.reply.reply()?;
        reply.headers.extend(self.cookie.clone().map(|cookie| (header::SET_COOKIE, cookie)));
        Ok(reply)
    }
}

impl TokensView {
    /// As the client keeps them, for `seconds`.
    ///
    /// # Errors
    /// The token is no text for a header: a bug.
    pub(crate) fn kept<R>(
        mut self,
        keeping: SessionKeeping,
        seconds: i64,
        reply: impl FnOnce(Self) -> R,
    ) -> Result<WithCookie<R>> {
        let cookie = match keeping {
            SessionKeeping::Token => None,
            SessionKeeping::Cookie => {
                self.refresh_token.take().map(|token| cookie(&token, seconds)).transpose()?
            }
        };
        Ok(WithCookie { reply: reply(self), cookie })
    }
}

fn cookie(token: &str, seconds: i64) -> Result<HeaderValue> {
    let text = format!("{NAME}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
    HeaderValue::from_str(&text).map_err(Error::internal)
}

fn given(call: &Call) -> Option<&str> {
    // As bytes, since another page's cookie beside it may be in any encoding.
    let cookies = call.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    cookies
        .flat_map(|cookies| cookies.split(|byte| *byte == b';'))
        .find_map(|pair| pair.trim_ascii().strip_prefix(NAME.as_bytes())?.strip_prefix(b"="))
        .and_then(|token| std::str::from_utf8(token).ok())
}

/// The refresh token of the caller's cookie, if a page of this host sends it.
///
/// # Errors
/// [`Code::FORBIDDEN`] when another page does.
pub(crate) fn token(call: &Call) -> Result<Option<&str>> {
    let token = given(call);
    if token.is_some() {
        refuse_others(call)?;
    }
    Ok(token)
}

/// Refuses whoever is no page of this host. Browsers say where a request comes from, and no page can make them say
/// anything else.
///
/// # Errors
/// [`Code::FORBIDDEN`].
pub(crate) fn refuse_others(call: &Call) -> Result<()> {
    let is_own = match call.header("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // Older browsers name the page's origin with each POST.
        None => {
            let host = call.header("origin").and_then(|origin| Some(origin.split_once("://")?.1));
            host.is_some() && host == call.header("host")
        }
    };
    if is_own {
        return Ok(());
    }
    Err(Error::new(
        Code::FORBIDDEN,
        "sessions in cookies are for the pages of this host; leave out `session` to get tokens",
    ))
}
