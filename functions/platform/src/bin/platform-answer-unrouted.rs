//! $default

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<platform::answer_unrouted::AnswerUnrouted>()
}
