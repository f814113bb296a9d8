//! GET /.well-known/jwks.json

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<platform::get_jwks::GetJwks>()
}
