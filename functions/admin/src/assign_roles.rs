//! PUT /v1/admin/users/{user_id}/roles

use domain::identity::{AccountView, EMAIL_UNCONFIRMED, OWN_ADMIN_ROLE, Role, UserRolesChanged};
use kernel::{Code, Error, Result, UserId};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Path, Revised, Route, Table, access::Admin, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Consistency, Stored, keys};

/// Sets what an account may do. It counts from the account's next call on. The change passes only if the caller is still
/// the admin who was let in: of two who dismiss each other one stays, and nobody takes back a role that is being taken
/// from them.
pub struct AssignRoles;

/// The roles that the account has from now on. Everybody stays a student.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "roles": ["student", "instructor"] }))]
pub struct AssignRolesInput {
    #[schemars(length(min = 1, max = 3))]
    pub roles: Vec<Role>,
}

impl Endpoint for AssignRoles {
    const NAME: &'static str = "admin-assign-roles";
    const ROUTE: Route = put("/v1/admin/users/{user_id}/roles");
    const SUMMARY: &'static str =
        "Assign roles to an account whose address is confirmed; effective on its next call";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Check, Table::Put]);
    const ERRORS: &'static [Code] = &[OWN_ADMIN_ROLE, EMAIL_UNCONFIRMED];
    type Access = Admin;
    type Input = (Path<UserId>, Json<AssignRolesInput>);
    type Output = Revised<Json<AccountView>>;

    async fn handle(
        app: &App,
        caller: Caller<Admin>,
        (Path(user_id), Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        // So that a school cannot lose its only admin by a slip.
        if caller.user_id == Some(user_id) && !input.roles.contains(&Role::Admin) {
            return Err(Error::new(OWN_ADMIN_ROLE, "ask another admin to take your admin role away"));
        }
        let (school, admin) = (&caller.school, &caller.access.0.account);
        let is_own = admin.value.id == user_id;
        let key = keys::user(school, user_id);
        let stored =
            if is_own { Some(admin.clone()) } else { app.store.get(&key, Consistency::Strong).await? };
        let Stored { value: mut account, rev } = stored.ok_or_else(|| Error::not_found("account"))?;
        if !account.may_become(&input.roles) {
            let detail = "nobody has shown that this address is theirs; have them open the link in the mail that they got";
            return Err(Error::new(EMAIL_UNCONFIRMED, detail));
        }
        let before = account.roles.clone();
        account.set_roles(input.roles);
        let after = account.roles.clone();
        let view = Json(AccountView::from(&account));
        if after == before {
            return Ok(Revised(rev, view));
        }
        let mut change = app.store.transaction(school);
        change
            .replace(&key, &account, rev)
            .event(&caller.origin(app), &UserRolesChanged { user_id, before, after });
        if !is_own {
            change.unchanged(&keys::user(school, admin.value.id), admin.rev);
        }
        caller.commit(app, change, Revised(rev + 1, view)).await
    }
}
