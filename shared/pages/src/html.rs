//! A page as an answer.

use askama::Template;
use http::{HeaderValue, header};
use kernel::{Error, Result};
use runtime::{App, Assets, Call, Components, Output, PublicUrl, Reply, SchoolName, ServiceEntry};
use serde_json::{Value, json};

use crate::{Language, frame::Frame};

/// What a page is made of besides the table.
pub const SERVICES: [ServiceEntry; 3] =
    [ServiceEntry::of::<Assets>(), ServiceEntry::of::<PublicUrl>(), ServiceEntry::of::<SchoolName>()];

/// Nothing from elsewhere, where S3 alone is sent files, nothing inline, and no markup but what the site's own policies have made.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self' https://*.amazonaws.com; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lectern lit-html";

/// A page, or that there is none.
pub struct Html {
    status: u16,
    body: String,
}

impl Output for Html {
    const STATUS: u16 = 200;

    fn content(_: &mut Components) -> Value {
        json!({ "text/html": { "schema": { "type": "string" } } })
    }

    fn reply(&self) -> Result<Reply> {
        let headers = vec![
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (
                header::VARY,
                HeaderValue::from_static("accept, accept-encoding, accept-language, authorization, origin"),
            ),
        ];
        let body = self.body.clone().into_bytes();
        Ok(Reply { status: self.status, content_type: "text/html; charset=utf-8", headers, body })
    }
}

/// What a page says, before its frame is put around it.
pub struct Content<'a> {
    pub title: &'a str,
    /// One or two sentences, for search engines and for who is sent a link.
    pub description: &'a str,
    /// Its path, where search engines are to find it; none for what is of one person.
    pub path: Option<&'a str>,
    /// What it is about, in the words of schema.org.
    pub about: Option<Value>,
}

impl Html {
    /// The page of `main`, in the language that the caller wants.
    ///
    /// # Errors
    /// A service does not start.
    pub async fn page(app: &App, call: &Call, content: Content<'_>, main: &impl Template) -> Result<Self> {
        Self::framed(app, call, 200, content, main).await
    }

    /// A page that a script draws, since it is of one person.
    ///
    /// # Errors
    /// A service does not start.
    pub async fn personal(app: &App, call: &Call) -> Result<Self> {
        let language = language(call);
        let SchoolName(school) = app.service().await?;
        let content = Content { title: school, description: "", path: None, about: None };
        Self::framed(app, call, 200, content, &Drawn { language }).await
    }

    /// What stands where nothing is, with a way on.
    ///
    /// # Errors
    /// A service does not start.
    pub async fn absent(app: &App, call: &Call) -> Result<Self> {
        let language = language(call);
        let title = language.word("wrong.absent.title");
        let content = Content { title, description: "", path: None, about: None };
        Self::framed(app, call, 404, content, &Absent { language }).await
    }

    async fn framed(
        app: &App,
        call: &Call,
        status: u16,
        content: Content<'_>,
        main: &impl Template,
    ) -> Result<Self> {
        let main = main.render().map_err(Error::internal)?;
        let SchoolName(school) = app.service().await?;
        let site = app.service::<PublicUrl>().await?.of(&call.school);
        let canonical = content.path.map(|path| format!("{site}{path}"));
        let Assets(assets) = app.service().await?;
        let frame = Frame {
            language: language(call),
            school,
            title: content.title,
            description: content.description,
            canonical: canonical.as_deref(),
            about: content.about.as_ref(),
            assets,
            main: &main,
        };
        Ok(Self { status, body: frame.render().map_err(Error::internal)? })
    }
}

/// The language that the caller wants most of those that there are.
#[must_use]
pub fn language(call: &Call) -> Language {
    Language::preferred(call.header("accept-language").unwrap_or_default())
}

#[derive(Template)]
#[template(path = "absent.html")]
struct Absent {
    language: Language,
}

#[derive(Template)]
#[template(path = "drawn.html")]
struct Drawn {
    language: Language,
}
