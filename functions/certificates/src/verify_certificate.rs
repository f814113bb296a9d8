//! GET /v1/verify/{certificate_no}

use askama::Template;
use domain::certificates::{Certificate, CertificateNo, CertificateStatus};
use http::{HeaderValue, header};
use kernel::{Error, Result, Timestamp};
use runtime::{App, Budget, Caller, Endpoint, Json, Output, Reply, Route, access::Public, get};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use store::{Consistency, RateLimit, keys};

use crate::draw;

/// Numbers are easy to guess, and whoever reads them all has a list of learners.
const PER_ADDRESS: RateLimit = RateLimit { name: "verify", burst: 30, per_seconds: 60 };

/// Tells anybody whether a certificate is genuine: a page for people, JSON for programs. Both say what is printed on
/// the certificate and nothing more.
pub struct VerifyCertificate;

/// Whether a certificate counts.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Validity {
    Valid,
    Revoked,
}

/// What a certificate says.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Verification {
    pub status: Validity,
    pub certificate_no: CertificateNo,
    pub learner_name: String,
    pub course_title: String,
    pub instructor_name: String,
    pub duration_minutes: u32,
    pub completed_at: Timestamp,
    pub issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Why it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<Certificate> for Verification {
    fn from(certificate: Certificate) -> Self {
        let revoked = certificate.status() == CertificateStatus::Revoked;
        let (revoked_at, reason) =
            certificate.revocation.map(|revocation| (revocation.revoked_at, revocation.reason)).unzip();
        Self {
            status: if revoked { Validity::Revoked } else { Validity::Valid },
            certificate_no: certificate.number,
            learner_name: certificate.learner_name,
            course_title: certificate.course_title,
            instructor_name: certificate.instructor_name,
            duration_minutes: certificate.duration_minutes,
            completed_at: certificate.completed_at,
            issued_at: certificate.issued_at,
            revoked_at,
            reason,
        }
    }
}

/// JSON, or a page that works without scripts.
pub enum Answer {
    Json(Verification),
    Page { status: u16, html: String },
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Page<'a> {
    school: &'a str,
    asked: &'a str,
    found: Option<&'a Verification>,
}

impl Page<'_> {
    fn is_valid(&self) -> bool {
        self.found.is_some_and(|found| found.status == Validity::Valid)
    }

    fn duration(&self) -> Option<String> {
        self.found.and_then(|found| draw::duration(found.duration_minutes))
    }

    /// `15 January 2026`
    fn day(at: &Timestamp) -> String {
        at.day().strftime("%-d %B %Y").to_string()
    }
}

impl Output for Answer {
    const STATUS: u16 = 200;

    fn content() -> Value {
        let mut content = Json::<Verification>::content();
        content["text/html"] = json!({});
        content
    }

    fn reply(&self) -> Result<Reply> {
        let mut reply = match self {
            Self::Json(found) => Json(found).reply()?,
            Self::Page { status, html } => {
                let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
                Reply {
                    status: *status,
                    content_type: "text/html; charset=utf-8",
                    headers: vec![(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))],
                    body: html.clone().into_bytes(),
                }
            }
        };
        reply.headers.push((header::VARY, HeaderValue::from_static("accept, accept-encoding, origin")));
        Ok(reply)
    }
}

impl Endpoint for VerifyCertificate {
    const ROUTE: Route = get("/v1/verify/{certificate_no}");
    const SUMMARY: &'static str = "Whether a certificate is genuine; a page or JSON, by Accept";
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    type Access = Public;
    type Input = ();
    type Output = Answer;

    async fn handle(app: &App, caller: Caller<Public>, (): ()) -> Result<Answer> {
        app.store.take_token(&caller.school, PER_ADDRESS, &caller.source_ip, || app.now()).await?;
        let asked = caller.parameter("certificate_no");
        let found = find(app, &caller, asked).await?.map(Verification::from);
        if !prefers_html(caller.header("accept").unwrap_or_default()) {
            return found.map(Answer::Json).ok_or_else(|| Error::not_found("certificate"));
        }
        let page = Page { school: &app.config.school_name, asked, found: found.as_ref() };
        let html = page.render().map_err(Error::internal)?;
        Ok(Answer::Page { status: if found.is_some() { 200 } else { 404 }, html })
    }
}

async fn find(app: &App, caller: &Caller<Public>, asked: &str) -> Result<Option<Certificate>> {
    let Ok(number) = typed(asked).parse() else { return Ok(None) };
    let pointer = app.store.get(&keys::certificate_no(&caller.school, number), Consistency::Eventual).await?;
    let Some(pointer) = pointer else { return Ok(None) };
    let key = keys::certificate(&caller.school, pointer.value.target);
    Ok(app.store.get(&key, Consistency::Strong).await?.map(|stored| stored.value))
}

/// A number as people type it from paper: in small letters, with spaces around it, with the dashes of a text program.
fn typed(number: &str) -> String {
    let dash = |c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
    number.trim().to_ascii_uppercase().replace(dash, "-")
}

/// Browsers name HTML first; programs name JSON, or take anything.
fn prefers_html(accept: &str) -> bool {
    let at = |kind: &str| accept.split(',').position(|range| range.trim().starts_with(kind));
    match (at("text/html"), at("application/json")) {
        (Some(html), Some(json)) => html < json,
        (html, _) => html.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_a_page_and_programs_json() {
        for page in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "text/html, application/json",
        ] {
            assert!(prefers_html(page), "{page}");
        }
        for json in ["", "*/*", "application/json", "application/json, text/html;q=0.5", "text/plain"] {
            assert!(!prefers_html(json), "{json}");
        }
    }
}
