//! What the pages of a school have in common: the frame around them, and their words in the reader's language. Scripts and
//! styles come from `infra/site`, which has the words of its own pages from the same files.

mod frame;
mod html;
mod words;

pub use html::{Content, Html, SERVICES, language};
pub use words::Language;
