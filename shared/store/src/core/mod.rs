//! The table: keys, items, reads and changes, whatever they are of.

mod cursor;
pub(crate) mod definition;
pub(crate) mod entity;
pub(crate) mod failure;
pub(crate) mod key;
pub(crate) mod meter;
pub(crate) mod random;
pub(crate) mod table;
pub(crate) mod transaction;
