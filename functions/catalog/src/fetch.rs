//! Reads that several features of this package make before they write.

use domain::catalog::{Category, CategoryId};
use kernel::{Result, School, Violations};
use runtime::App;
use store::{Consistency, Stored, keys};

/// Lets only categories pass that exist and are in use.
pub(crate) async fn check_category(app: &App, school: &School, id: Option<CategoryId>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let category: Option<Stored<Category>> =
        app.store.get(&keys::category(school, id), Consistency::Eventual).await?;
    let mut violations = Violations::default();
    violations.require(
        category.is_some_and(|category| category.value.is_active),
        "/category_id",
        "unknown_category",
        "there is no such category",
    );
    violations.finish()
}
