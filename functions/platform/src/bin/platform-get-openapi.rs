//! GET /v1/openapi.json

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<platform::get_openapi::GetOpenapi>()
}
