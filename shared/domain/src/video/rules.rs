//! What uploads can break, besides what any field can.

kernel::rules! {
    OVER_LIMIT = "over_limit";
    UNKNOWN_PART = "unknown_part";
    PART_MISSING = "part_missing";
}
