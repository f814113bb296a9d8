//! GET /v1/categories

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::list_categories::ListCategories>()
}
