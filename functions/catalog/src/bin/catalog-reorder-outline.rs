//! PUT /v1/courses/{course_id}/outline

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::reorder_outline::ReorderOutline>()
}
