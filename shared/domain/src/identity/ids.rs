//! Ids of sign-ins.

kernel::ids! {
    SessionKind, SessionId, "ses", "session_id";
}
