//! GET /v1/verify/{certificate_no}

use askama::Template;
use domain::certificates::{Certificate, CertificateNo, CertificateStatus, Reason, initials};
use http::{HeaderValue, header};
use kernel::{Code, Error, Result, Rule, School, Timestamp, Violations};
use runtime::{
    App, Budget, Call, Caller, Components, Endpoint, Input, Json, Needs, Output, Parameter, Path, Query,
    Reply, RequestParts, Route, SchoolName, ServiceEntry, Table, access::Public, get,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Consistency, RateLimit, keys};

use crate::{accept, draw};

/// Numbers are easy to guess, and whoever reads them all knows what a school certifies.
const PER_ADDRESS: RateLimit = RateLimit { name: "verify", burst: 30, per_seconds: 60 };

/// Tells anybody whether a certificate is genuine: a page for people, JSON for programs. Numbers can be counted up, so a
/// number alone names nobody; who has the code, which is on the certificate, reads what is printed there.
pub struct VerifyCertificate;

/// Whether a certificate counts.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    Valid,
    /// It counts, but the code is of a rendering that a newer one replaced, perhaps with another name.
    Superseded,
    /// There is such a certificate, but the code is of none of its renderings: what bears it may be forged.
    WrongCode,
    Revoked,
}

/// What is told of a certificate.
#[derive(Serialize, JsonSchema)]
pub struct Verification {
    pub status: Validity,
    pub certificate_no: CertificateNo,
    /// Of the learner's name; empty for a name without letters.
    pub learner_initials: String,
    pub course_title: String,
    pub completed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Absent unless a code was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_fits: Option<bool>,
    #[serde(flatten)]
    pub details: Option<Details>,
    /// Those from before there were codes have none until they are rendered again.
    #[serde(skip)]
    pub has_code: bool,
}

/// What is told to who has the code.
#[derive(Serialize, JsonSchema)]
pub struct Details {
    pub learner_name: String,
    pub instructor_name: String,
    pub duration_minutes: u32,
    pub issued_at: Timestamp,
    /// The rendering that bears the code.
    pub rendering: u32,
    pub newest_rendering: u32,
    /// Why it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl Verification {
    fn of(certificate: Certificate, code: Option<&str>) -> Self {
        let rendering = code.and_then(|code| certificate.rendering_with(code));
        let newest = certificate.renderings;
        let revoked = certificate.status() == CertificateStatus::Revoked;
        let (revoked_at, reason) =
            certificate.revocation.map(|revocation| (revocation.revoked_at, revocation.reason)).unzip();
        Self {
            status: match rendering {
                _ if revoked => Validity::Revoked,
                Some(rendering) if rendering < newest => Validity::Superseded,
                None if code.is_some() => Validity::WrongCode,
                _ => Validity::Valid,
            },
            certificate_no: certificate.number,
            learner_initials: initials(&certificate.learner_name),
            course_title: certificate.course_title,
            completed_at: certificate.completed_at,
            revoked_at,
            code_fits: code.map(|_| rendering.is_some()),
            has_code: certificate.code_key.is_some(),
            details: rendering.map(|rendering| Details {
                learner_name: certificate.learner_name,
                instructor_name: certificate.instructor_name,
                duration_minutes: certificate.duration_minutes,
                issued_at: certificate.issued_at,
                rendering,
                newest_rendering: newest,
                reason,
            }),
        }
    }
}

/// A number as somebody typed it: the page shows it even if there is no such certificate.
pub struct TypedNumber {
    text: String,
    number: Option<CertificateNo>,
}

impl Parameter for TypedNumber {
    const NAME: &'static str = "certificate_no";
    const ERRORS: &'static [Code] = &[];

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned(), number: typed(text).parse().ok() })
    }

    fn schema() -> Value {
        json!({ "type": "string" })
    }

    fn example() -> String {
        "CERT-2026-000123".to_owned()
    }
}

/// The code in the query. What else stands there is not looked at: mail programs and networks add to the links that people
/// follow, and a page that refuses them would prove nothing.
pub struct GivenCode(Option<String>);

/// Of a typed code, which has 16 letters and digits and whatever stands between them.
const MAX_CODE_CHARS: usize = 64;

/// How the query is documented.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyQuery {
    /// The code on the certificate; in any case, with or without its dashes.
    #[schemars(length(max = MAX_CODE_CHARS))]
    pub code: Option<String>,
}

impl Input for GivenCode {
    fn read(call: &Call) -> Result<Self> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&call.query).unwrap_or_default();
        let given = pairs.into_iter().find(|(name, code)| name == "code" && !code.trim().is_empty());
        let code = given.map(|(_, code)| code);
        if code.as_ref().is_some_and(|code| code.chars().count() > MAX_CODE_CHARS) {
            let mut violations = Violations::default();
            violations.add("?code", Rule::TOO_LONG, format!("must be at most {MAX_CODE_CHARS} characters"));
            return Err(Error::new(Code::INVALID_QUERY, "a query parameter is wrong; see errors")
                .violations(violations.into_vec()));
        }
        Ok(Self(code))
    }

    fn describe(parts: &mut RequestParts) {
        Query::<VerifyQuery>::describe(parts);
    }
}

/// JSON, or a page that works without scripts.
pub enum Answer {
    Json(Verification),
    Page { status: u16, retry_after: Option<u32>, html: String },
}

/// What a page says first.
enum Verdict<'a> {
    Found(&'a Verification),
    Unknown,
    TooFast { seconds: u32 },
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Page<'a> {
    school: &'a str,
    asked: &'a str,
    verdict: Verdict<'a>,
}

impl<'a> Page<'a> {
    fn found(&self) -> Option<&'a Verification> {
        if let Verdict::Found(found) = self.verdict { Some(found) } else { None }
    }

    /// `valid`, `superseded` and so on, in the words of the title, of the heading and of the style.
    fn words(&self) -> (&'static str, &'static str, &'static str) {
        match self.found().map(|found| found.status) {
            Some(Validity::Valid) => ("Valid certificate", "✓ This certificate is valid", "good"),
            Some(Validity::Superseded) => {
                ("Replaced certificate", "↻ A newer rendering replaces this certificate", "fair")
            }
            Some(Validity::WrongCode) => ("Wrong code", "✕ This code is not of this certificate", "bad"),
            Some(Validity::Revoked) => ("Revoked certificate", "✕ This certificate was revoked", "bad"),
            None => match self.verdict {
                Verdict::TooFast { .. } => ("Too many requests", "Too many requests", "fair"),
                _ => ("Unknown certificate", "✕ No such certificate", "bad"),
            },
        }
    }

    fn duration(details: &Details) -> Option<String> {
        draw::duration(details.duration_minutes)
    }

    /// `15 January 2026`
    fn day(at: &Timestamp) -> String {
        at.day().strftime("%-d %B %Y").to_string()
    }

    fn answer(&self) -> Result<Answer> {
        let html = self.render().map_err(Error::internal)?;
        Ok(match self.verdict {
            Verdict::Found(_) => Answer::Page { status: 200, retry_after: None, html },
            Verdict::Unknown => Answer::Page { status: 404, retry_after: None, html },
            Verdict::TooFast { seconds } => Answer::Page { status: 429, retry_after: Some(seconds), html },
        })
    }
}

impl Output for Answer {
    const STATUS: u16 = 200;

    fn content(components: &mut Components) -> Value {
        let mut content = Json::<Verification>::content(components);
        content["text/html"] = json!({ "schema": { "type": "string" } });
        content
    }

    fn reply(&self) -> Result<Reply> {
        let mut reply = match self {
            Self::Json(found) => Json(found).reply()?,
            Self::Page { status, retry_after, html } => {
                let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                              base-uri 'none'; frame-ancestors 'none'";
                let mut headers = vec![(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))];
                headers.extend(retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into())));
                let body = html.clone().into_bytes();
                Reply { status: *status, content_type: "text/html; charset=utf-8", headers, body }
            }
        };
        reply.headers.push((header::VARY, HeaderValue::from_static("accept, accept-encoding, origin")));
        // The address holds the code.
        reply.headers.push((header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")));
        Ok(reply)
    }
}

impl Endpoint for VerifyCertificate {
    const NAME: &'static str = "certificates-verify-certificate";
    const ROUTE: Route = get("/v1/verify/{certificate_no}");
    const SUMMARY: &'static str =
        "Whether a certificate is genuine; with its code, what it says. A page or JSON, by Accept";
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    // The limit, the number, its certificate.
    const WAVES: u32 = 4;
    const NEEDS: Needs =
        Needs { table: &[Table::Put], services: &[ServiceEntry::of::<SchoolName>()], ..Needs::NOTHING };
    const ERRORS: &'static [Code] = &[Code::RATE_LIMITED];
    type Access = Public;
    type Input = (Path<TypedNumber>, GivenCode);
    type Output = Answer;

    async fn handle(
        app: &App,
        caller: Caller<Public>,
        (Path(asked), GivenCode(code)): Self::Input,
    ) -> Result<Answer> {
        let wants_page = accept::prefers_html(caller.header("accept").unwrap_or_default());
        let SchoolName(school) = app.service().await?;
        let page = |verdict| Page { school, asked: &asked.text, verdict }.answer();
        match caller.take_token(app, PER_ADDRESS, &caller.source_ip).await {
            Err(error) if wants_page && error.code() == Code::RATE_LIMITED => {
                return page(Verdict::TooFast { seconds: error.retry_after_seconds().unwrap_or(1) });
            }
            taken => taken?,
        }
        let found = find(app, &caller.school, asked.number).await?;
        let found = found.map(|certificate| Verification::of(certificate, code.as_deref()));
        if wants_page {
            return page(found.as_ref().map_or(Verdict::Unknown, Verdict::Found));
        }
        found.map(Answer::Json).ok_or_else(|| Error::not_found("certificate"))
    }
}

async fn find(app: &App, school: &School, number: Option<CertificateNo>) -> Result<Option<Certificate>> {
    let Some(number) = number else { return Ok(None) };
    let pointer = app.store.get(&keys::certificate_no(school, number), Consistency::Eventual).await?;
    let Some(pointer) = pointer else { return Ok(None) };
    let key = keys::certificate(school, pointer.value.target);
    Ok(app.store.get(&key, Consistency::Strong).await?.map(|stored| stored.value))
}

/// A number as people type it from paper: in small letters, with spaces around it, with the dashes of a text program.
fn typed(number: &str) -> String {
    let dash = |c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
    number.trim().to_ascii_uppercase().replace(dash, "-")
}
