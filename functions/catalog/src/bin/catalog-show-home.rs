//! GET /

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<catalog::show_home::ShowHome>()
}
