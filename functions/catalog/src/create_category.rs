//! POST /v1/admin/categories

use domain::catalog::{Category, MAX_CATEGORIES, NewCategory, SLUG_TAKEN};
use kernel::{Code, Error, Result};
use runtime::{App, Budget, Caller, Created, Endpoint, Needs, Proposed, Route, Table, access::Admin, post};
use store::{
    Consistency, Direction, PageRequest,
    keys::{self, CategoryPointer},
};

/// Adds a shelf to the catalogue.
pub struct CreateCategory;

impl Endpoint for CreateCategory {
    const NAME: &'static str = "catalog-create-category";
    const ROUTE: Route = post("/v1/admin/categories");
    const SUMMARY: &'static str = "Add a category";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query]);
    const ERRORS: &'static [Code] = &[SLUG_TAKEN, Code::LIMIT_REACHED];
    type Access = Admin;
    type Input = Proposed<NewCategory>;
    type Output = Created<Category>;

    async fn handle(
        app: &App,
        caller: Caller<Admin>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let school = &caller.school;
        let request = PageRequest { limit: MAX_CATEGORIES, cursor: None, direction: Direction::Ascending };
        let all = keys::categories_partition(school);
        let page = app.store.page::<Category>(&all, request, Consistency::Eventual).await?;
        let category = Category::new(new, violations, page.items.len(), app.id(), app.now())?;
        let mut change = app.store.transaction(school);
        let taken = format!("another category has the slug {}; send another one as slug", &*category.slug);
        change
            .create(
                &keys::category_slug(school, &category.slug),
                &CategoryPointer { target: category.id },
                move || Error::new(SLUG_TAKEN, taken.clone()),
            )
            .create(&keys::category(school, category.id), &category, || {
                Error::internal("two categories with one id")
            });
        caller.commit(app, change, Created(category)).await
    }
}
