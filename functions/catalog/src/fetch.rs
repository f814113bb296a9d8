//! Reads that several features of this package make before they write.

use domain::catalog::{Category, CategoryId, rules};
use kernel::{Result, School, Violations};
use runtime::App;
use store::{Consistency, Stored, keys};

/// Notes that a category does not exist or is not in use.
pub(crate) async fn check_category(
    app: &App,
    school: &School,
    id: Option<CategoryId>,
    violations: &mut Violations,
) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let category: Option<Stored<Category>> =
        app.store.get(&keys::category(school, id), Consistency::Eventual).await?;
    violations.require(
        category.is_some_and(|category| category.value.is_active),
        "/category_id",
        rules::UNKNOWN_CATEGORY,
        "there is no such category",
    );
    Ok(())
}
