//! POST /v1/admin/categories

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::create_category::CreateCategory>()
}
