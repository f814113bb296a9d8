//! What accounts and what belongs to them can break, besides what any field can.

kernel::rules! {
    INVALID_EMAIL = "invalid_email";
    COMMON_PASSWORD = "common_password";
    SAME_AS_EMAIL = "same_as_email";
    WRONG_PASSWORD = "wrong_password";
    INVALID_TOKEN = "invalid_token";
    INVALID_USERNAME = "invalid_username";
    INVALID_LINK = "invalid_link";
    INVALID_TIMEZONE = "invalid_timezone";
    INVALID_PHONE = "invalid_phone";
    INVALID_DAY = "invalid_day";
    NOT_PAST = "not_past";
    TOO_LONG_AGO = "too_long_ago";
}
