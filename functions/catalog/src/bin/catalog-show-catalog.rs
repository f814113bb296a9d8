//! GET /courses

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::show_catalog::ShowCatalog>()
}
