//! POST /v1/admin/categories

use domain::catalog::{Category, SLUG_MAX, SLUG_PATTERN, check_slug, slugify};
use kernel::{Code, Error, Result, Violations};
use runtime::{App, Budget, Caller, Created, Endpoint, Json, Needs, Route, Table, access::Admin, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    Consistency, Direction, PageRequest,
    keys::{self, CategoryPointer},
};

/// Most categories in a school: they are listed at once, in an order of their own. Two admins at the same moment may
/// pass it by one each; the list has room.
pub(crate) const MAX_CATEGORIES: u32 = 100;

/// Adds a shelf to the catalogue.
pub struct CreateCategory;

/// The new category.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "name": "Programming", "icon": "💻", "sort_order": 1 }))]
pub struct CreateCategoryInput {
    #[schemars(length(min = 1, max = 60))]
    pub name: String,
    /// Made of the name when absent.
    #[schemars(length(min = 1, max = SLUG_MAX), extend("pattern" = SLUG_PATTERN))]
    pub slug: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 500), extend("format" = "multiline"))]
    pub description: String,
    #[serde(default)]
    #[schemars(length(max = 40))]
    pub icon: String,
    #[serde(default)]
    #[schemars(range(min = -10000, max = 10000))]
    pub sort_order: i32,
}

impl Endpoint for CreateCategory {
    const NAME: &'static str = "catalog-create-category";
    const ROUTE: Route = post("/v1/admin/categories");
    const SUMMARY: &'static str = "Add a category";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query]);
    const ERRORS: &'static [Code] = &[Code::SlugTaken, Code::LimitReached];
    type Access = Admin;
    type Input = Json<CreateCategoryInput>;
    type Output = Created<Category>;

    async fn handle(app: &App, caller: Caller<Admin>, Json(input): Self::Input) -> Result<Self::Output> {
        let name = input.name.trim().to_owned();
        let slug = input.slug.or_else(|| slugify(&name)).unwrap_or_else(|| "category".to_owned());
        let mut violations = Violations::default();
        check_slug(&slug, "/slug", &mut violations);
        violations.finish()?;
        let category = Category {
            id: app.id(),
            name,
            slug,
            description: input.description,
            icon: input.icon,
            sort_order: input.sort_order,
            is_active: true,
            course_count: 0,
            created_at: app.now(),
        };
        let school = &caller.school;
        let request = PageRequest { limit: MAX_CATEGORIES, cursor: None, direction: Direction::Ascending };
        let all = keys::categories_partition(school);
        let page = app.store.page::<Category>(&all, request, Consistency::Eventual).await?;
        if page.items.len() >= MAX_CATEGORIES as usize {
            return Err(Error::new(
                Code::LimitReached,
                format!("a school has at most {MAX_CATEGORIES} categories"),
            ));
        }
        let mut change = app.store.transaction(school);
        change
            .create(
                &keys::category_slug(school, &category.slug),
                &CategoryPointer { target: category.id },
                || Error::new(Code::SlugTaken, "another category has this slug"),
            )
            .create(&keys::category(school, category.id), &category, || {
                Error::internal("two categories with one id")
            });
        caller.commit(app, change, Created(category)).await
    }
}
