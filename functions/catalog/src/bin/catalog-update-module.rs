//! PATCH /v1/modules/{module_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::update_module::UpdateModule>()
}
