//! What every layer speaks: typed ids, time, money, text, pages, violations and one error. No AWS, no HTTP.

mod error;
mod id;
mod money;
mod page;
mod patch;
mod text;
mod time;
mod violation;

pub use error::{Code, Error, Meaning, Member, Result};
pub use id::{Alias, Id, Kind, School, UserId, UserKind, id_pattern};
pub use money::{Currency, Money};
pub use page::{DEFAULT_LIMIT, Direction, MAX_LIMIT, Page};
pub use patch::{Change, Patch};
pub use text::{INVISIBLE, Line, Lines, Prose, Text, is_blank};
pub use time::{Clock, SystemClock, Timestamp, is_day};
pub use violation::{Rule, Violation, Violations};
