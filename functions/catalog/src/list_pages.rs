//! GET /sitemap.xml

use domain::catalog::{ListingFilter, Sort};
use http::{HeaderValue, header};
use kernel::Result;
use runtime::{
    App, Budget, Caller, Components, Endpoint, Needs, Output, PublicUrl, Reply, Route, ServiceEntry, Table,
    access::Public, get,
};
use serde_json::{Value, json};
use store::{Direction, PageRequest};

use crate::card::SHARED_SECONDS;

/// Tells search engines of the newest courses; the others are linked from the catalogue's pages.
pub struct ListPages;

/// A page of the table that takes one query.
const NEWEST: u32 = 100;

/// Addresses in XML.
pub struct Sitemap(String);

impl Output for Sitemap {
    const STATUS: u16 = 200;

    fn content(_: &mut Components) -> Value {
        json!({ "application/xml": { "schema": { "type": "string" } } })
    }

    fn reply(&self) -> Result<Reply> {
        let headers = vec![(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))];
        Ok(Reply { status: 200, content_type: "application/xml", headers, body: self.0.clone().into_bytes() })
    }
}

impl Endpoint for ListPages {
    const NAME: &'static str = "catalog-list-pages";
    const ROUTE: Route = get("/sitemap.xml");
    const SUMMARY: &'static str = "The pages that search engines are to know";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    const NEEDS: Needs = Needs {
        services: &[ServiceEntry::of::<PublicUrl>()],
        ..Needs::table(&[Table::BatchGet, Table::Query])
    };
    const SHARED_SECONDS: Option<u32> = Some(SHARED_SECONDS);
    type Access = Public;
    type Input = ();
    type Output = Sitemap;

    async fn handle(app: &App, caller: Caller<Public>, (): ()) -> Result<Sitemap> {
        let page = PageRequest { limit: NEWEST, cursor: None, direction: Direction::Descending };
        let found =
            app.store.list_cards(&caller.school, &ListingFilter::default(), Sort::CreatedAt, page).await?;
        let site = app.service::<PublicUrl>().await?.of(&caller.school);
        // Addresses and slugs have no character that XML would mind.
        let courses = found.items.iter().map(|card| format!("/courses/{}", card.slug));
        let urls: String = ["/".to_owned(), "/courses".to_owned()]
            .into_iter()
            .chain(courses)
            .map(|path| format!("<url><loc>{site}{path}</loc></url>\n"))
            .collect();
        Ok(Sitemap(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{urls}</urlset>\n"
        )))
    }
}
