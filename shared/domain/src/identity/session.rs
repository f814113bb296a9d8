//! A signed-in device: one family of refresh tokens, each generation used once (R24).

use kernel::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::SessionId;

/// How long the immediate parent of the current token still answers with the same child: a reply may get lost.
pub const REPLAY_WINDOW_SECONDS: i64 = 10;

/// One sign-in. It ends by logout, by its expiry, by a new password, or when a used token is presented
/// again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    /// The account's when the password was checked.
    #[serde(default)]
    pub epoch: u32,
    /// Counts refreshes; the token of this generation is the current one.
    pub generation: u32,
    /// SHA-256 of the current token's secret, base64.
    pub secret_hash: String,
    pub rotated_at: Timestamp,
    pub created_at: Timestamp,
    /// The family ends here however often it is refreshed.
    pub expires_at: Timestamp,
    pub ip: String,
    pub user_agent: String,
}

/// What to do with a genuine refresh token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefreshVerdict {
    /// The current token: hand out its child.
    Rotate,
    /// The immediate parent, in time: the reply got lost, hand out the same child again.
    Replay,
    /// A used token: somebody has a copy, so the family ends.
    Revoke,
    /// Too late.
    Expired,
}

impl Session {
    /// Judges a token of `generation` whose secret was found genuine.
    #[must_use]
    pub fn judge(&self, generation: u32, now: Timestamp) -> RefreshVerdict {
        if now >= self.expires_at {
            return RefreshVerdict::Expired;
        }
        if generation == self.generation {
            return RefreshVerdict::Rotate;
        }
        // Both ways: a clock that was set back does not make it longer.
        let in_time = (now.millis() - self.rotated_at.millis()).abs() <= REPLAY_WINDOW_SECONDS * 1000;
        if generation.checked_add(1) == Some(self.generation) && in_time {
            return RefreshVerdict::Replay;
        }
        RefreshVerdict::Revoke
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r24_only_the_immediate_parent_replays_and_only_in_time() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let session = Session {
            id: SessionId::generate(start),
            user_id: UserId::generate(start),
            epoch: 0,
            generation: 3,
            secret_hash: String::new(),
            rotated_at: start,
            created_at: start,
            expires_at: start.plus_seconds(3600),
            ip: String::new(),
            user_agent: String::new(),
        };
        let after = |seconds| start.plus_seconds(seconds);
        assert_eq!(session.judge(3, after(1)), RefreshVerdict::Rotate);
        assert_eq!(session.judge(2, after(10)), RefreshVerdict::Replay);
        assert_eq!(session.judge(2, after(11)), RefreshVerdict::Revoke);
        assert_eq!(session.judge(2, after(-10)), RefreshVerdict::Replay, "clocks differ a little");
        assert_eq!(session.judge(2, after(-11)), RefreshVerdict::Revoke);
        assert_eq!(session.judge(1, after(1)), RefreshVerdict::Revoke);
        assert_eq!(session.judge(4, after(1)), RefreshVerdict::Revoke);
        assert_eq!(session.judge(3, after(3600)), RefreshVerdict::Expired);
    }
}
