//! PUT /v1/admin/users/{user_id}/roles

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<admin::assign_roles::AssignRoles>()
}
