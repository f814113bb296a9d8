//! What holds for every route alike.

mod authorization;
mod budgets;
mod hostile;
