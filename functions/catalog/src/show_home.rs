//! GET /

use askama::Template;
use domain::catalog::{CourseCard, ListingFilter, Sort};
use kernel::Result;
use pages::{Content, Html, Language, SERVICES, language};
use runtime::{App, Budget, Caller, Endpoint, Needs, Route, Table, access::Public, get};
use serde_json::json;
use store::{Direction, PageRequest};

use crate::card::{Card, SHARED_SECONDS};

/// The school's first page, with the courses that most people take.
pub struct ShowHome;

/// How many courses it shows.
const FEATURED: u32 = 6;

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    language: Language,
    cards: Vec<Card<'a>>,
}

impl Endpoint for ShowHome {
    const NAME: &'static str = "catalog-show-home";
    const ROUTE: Route = get("/");
    const SUMMARY: &'static str = "The school's first page";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    const NEEDS: Needs = Needs { services: &SERVICES, ..Needs::table(&[Table::BatchGet, Table::Query]) };
    const SHARED_SECONDS: Option<u32> = Some(SHARED_SECONDS);
    type Access = Public;
    type Input = ();
    type Output = Html;

    async fn handle(app: &App, caller: Caller<Public>, (): ()) -> Result<Html> {
        let language = language(&caller);
        let page = PageRequest { limit: FEATURED, cursor: None, direction: Direction::Descending };
        let found =
            app.store.list_cards(&caller.school, &ListingFilter::default(), Sort::Popularity, page).await?;
        let cards = found.items.iter().map(|card: &CourseCard| Card { card, language }).collect();
        let content = Content {
            title: language.word("home.title"),
            description: language.word("home.text"),
            path: Some("/"),
            about: Some(
                json!({ "@context": "https://schema.org", "@type": "EducationalOrganization", "url": "/" }),
            ),
        };
        Html::page(app, &caller, content, &Home { language, cards }).await
    }
}
