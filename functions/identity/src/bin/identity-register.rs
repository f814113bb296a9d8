//! POST /v1/auth/register

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::register::Register>()
}
