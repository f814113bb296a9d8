//! Opaque cursors: where the next page of one list begins. The partition is never taken from the cursor; it is
//! rebuilt from the path and the caller, and a fingerprint of it refuses the cursor of another list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Code, Error, Result};
use sha2::{Digest, Sha256};

use super::key::Partition;

const VERSION: u8 = 1;
const FINGERPRINT: usize = 8;
/// DynamoDB refuses longer sort keys, in bytes.
const SORT_KEY_MAX: usize = 1024;

fn fingerprint(partition: &Partition, backward: bool) -> [u8; FINGERPRINT] {
    let digest = Sha256::new().chain_update([u8::from(backward)]).chain_update(partition.as_str()).finalize();
    let mut short = [0; FINGERPRINT];
    short.copy_from_slice(&digest[..FINGERPRINT]);
    short
}

/// A cursor that continues after `sort_key`.
pub(crate) fn encode(partition: &Partition, backward: bool, sort_key: &str) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(fingerprint(partition, backward));
    bytes.extend(sort_key.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The sort key after which `cursor` continues in this list.
pub(crate) fn decode(partition: &Partition, backward: bool, cursor: &str) -> Result<String> {
    let refused =
        || Error::new(Code::INVALID_CURSOR, "give back next_cursor of the same list, filters and order");
    if cursor.len() > 2048 {
        return Err(refused());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let (head, sort_key) = bytes.split_at_checked(1 + FINGERPRINT).ok_or_else(refused)?;
    if head[0] != VERSION
        || head[1..] != fingerprint(partition, backward)
        || !(1..=SORT_KEY_MAX).contains(&sort_key.len())
    {
        return Err(refused());
    }
    String::from_utf8(sort_key.to_vec()).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use kernel::{Id, School, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::keys;

    fn list(school: &str) -> Partition {
        let school: School = school.parse().unwrap();
        keys::enrollments_partition(&school, Id::generate(Timestamp::from_millis(1)))
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_in_its_own_list_alone(sort_key in ".{1,80}", backward in any::<bool>()) {
            let (mine, other) = (list("main"), list("main"));
            let cursor = encode(&mine, backward, &sort_key);
            prop_assert_eq!(decode(&mine, backward, &cursor).unwrap(), sort_key);
            prop_assert_eq!(decode(&other, backward, &cursor).unwrap_err().code(), Code::INVALID_CURSOR);
            prop_assert_eq!(decode(&mine, !backward, &cursor).unwrap_err().code(), Code::INVALID_CURSOR);
        }

        #[test]
        fn any_other_text_is_refused(text in ".{0,60}") {
            prop_assert_eq!(decode(&list("main"), false, &text).unwrap_err().code(), Code::INVALID_CURSOR);
        }
    }
}
