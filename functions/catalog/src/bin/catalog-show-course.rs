//! GET /courses/{slug}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::show_course::ShowCourse>()
}
