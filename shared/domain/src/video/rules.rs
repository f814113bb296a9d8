//! What uploads can break, besides what any field can.

kernel::rules! {
    INVALID_WEBVTT = "invalid_webvtt";
    TOO_MANY_LANGUAGES = "too_many_languages";
    OVER_LIMIT = "over_limit";
    UNKNOWN_PART = "unknown_part";
    PART_MISSING = "part_missing";
}
