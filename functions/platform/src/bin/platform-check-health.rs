//! GET /v1/health

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<platform::check_health::CheckHealth>()
}
