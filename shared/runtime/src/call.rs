//! One request, decoded as far as every route needs it.

use std::{
    collections::{HashMap, HashSet},
    ops::Deref,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, header};
use kernel::{Code, Error, Result, School, UserId};
use lambda_http::{Body, Request, RequestExt, request::RequestContext};
use store::{Origin, RateLimit, Transaction};

use crate::{App, Output, edge, idempotency::Idempotency, token};

/// A request as features see it.
pub struct Call {
    pub method: http::Method,
    pub path: String,
    parameters: HashMap<String, String>,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// From the token if there is a valid one, else from the host.
    pub school: School,
    /// What the bearer token says, if one came: an invalid one matters only where it is asked for.
    pub claims: Option<Result<token::Claims>>,
    /// The caller's address, of version 6 the network that a household or a machine has: `2001:db8:1:2::/64`.
    pub source_ip: String,
    pub request_id: String,
    pub correlation_id: String,
    /// The limits, and whose, that a token was taken of.
    taken: Mutex<HashSet<(&'static str, String)>>,
}

impl Call {
    /// Decodes an API Gateway request.
    #[must_use]
    pub fn new(app: &App, request: Request) -> Self {
        let parameters = request
            .path_parameters()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let (source_ip, gateway_id) = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => (
                context.http.source_ip.clone().unwrap_or_default(),
                context.request_id.clone().unwrap_or_default(),
            ),
            _ => Default::default(),
        };
        let request_id =
            request.lambda_context_ref().map_or(gateway_id, |context| context.request_id.clone());
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let (mut parts, body) = request.into_parts();
        let source_ip = edge::believe(&app.config, &mut parts.headers).unwrap_or(source_ip);
        let source_ip = edge::network(&source_ip);
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let claims = text("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, bearer)| token::verify(app, bearer.trim()));
        let school = match &claims {
            Some(Ok(claims)) => claims.school.clone(),
            _ => app.config.school_of_host(text("host").unwrap_or_default()),
        };
        let tame = |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        let correlation_id =
            text("x-correlation-id").filter(tame).map_or_else(|| request_id.clone(), str::to_owned);
        Self {
            method: parts.method,
            path,
            parameters,
            query,
            body: match body {
                Body::Text(text) => text.into_bytes(),
                Body::Binary(bytes) => bytes,
                _ => Vec::new(),
            },
            school,
            claims,
            source_ip,
            request_id,
            correlation_id,
            taken: Mutex::default(),
            headers: parts.headers,
        }
    }

    /// A header that is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A path parameter as text: features take it by its type, as a [`Path`](crate::Path).
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map(String::as_str).unwrap_or_default()
    }

    /// What the caller's token says.
    ///
    /// # Errors
    /// There is none, or it is not valid.
    pub fn token(&self) -> Result<&token::Claims> {
        match &self.claims {
            None => Err(Error::new(Code::UNAUTHENTICATED, "send Authorization: Bearer and an access token")),
            Some(Ok(claims)) => Ok(claims),
            Some(Err(error)) => Err(Error::new(error.code(), error.detail().to_owned())),
        }
    }

    /// Takes one of `subject`'s tokens: one for the request, however often a collision makes it begin again.
    ///
    /// # Errors
    /// [`Code::RATE_LIMITED`] with the seconds to wait.
    pub async fn take_token(&self, app: &App, limit: RateLimit, subject: &str) -> Result<()> {
        let token = (limit.name, subject.to_owned());
        let taken = || self.taken.lock().expect("nothing panics while holding it");
        if taken().contains(&token) {
            return Ok(());
        }
        app.store.take_token(&self.school, limit, subject, || app.now()).await?;
        taken().insert(token);
        Ok(())
    }

    /// The caller's program, cut to a sane length.
    #[must_use]
    pub fn user_agent(&self) -> String {
        self.header(header::USER_AGENT.as_str()).unwrap_or_default().chars().take(200).collect()
    }
}

/// A request from somebody who may make it: `access` is the proof, and holds what was read to find out.
pub struct Caller<A> {
    pub access: A,
    pub(crate) call: Arc<Call>,
    pub user_id: Option<UserId>,
    /// Present when the route honours `Idempotency-Key` and the request has one.
    pub(crate) idempotency: Option<Idempotency>,
}

impl<A> Deref for Caller<A> {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.call
    }
}

impl<A> Caller<A> {
    /// What the events of this request have in common.
    #[must_use]
    pub fn origin(&self, app: &App) -> Origin {
        Origin {
            now: app.now(),
            actor: self.user_id,
            correlation_id: self.call.correlation_id.clone(),
            causation_id: None,
        }
    }

    /// Sends `change` and returns `output`, the answer to it. Where the request has an `Idempotency-Key`, the reply is kept
    /// in the same transaction.
    ///
    /// # Errors
    /// Those of [`Transaction::commit`]. The feature need not care about collisions: the runtime begins the request again.
    pub async fn commit<O: Output>(&self, app: &App, mut change: Transaction<'_>, output: O) -> Result<O> {
        if let Some(idempotency) = &self.idempotency {
            idempotency.keep(app, &mut change, &output)?;
        }
        change.commit().await?;
        Ok(output)
    }
}
