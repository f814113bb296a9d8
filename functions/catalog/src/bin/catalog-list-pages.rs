//! GET /sitemap.xml

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::list_pages::ListPages>()
}
