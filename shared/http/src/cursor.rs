use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};

use crate::{ApiError, Code};

/// How long a cursor is good.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// No cursor of ours is longer.
const MAX_LENGTH: usize = 1024;

/// What a cursor is bound to: the operation, the caller, and everything that selects and orders the list.
#[derive(Debug, Clone, Copy)]
pub struct CursorScope<'a> {
    /// Operation id.
    pub operation: &'a str,
    /// The caller, or the thing whose list it is.
    pub caller: &'a str,
    /// Filters and order, in a form that is the same for the same list.
    pub selection: &'a str,
}

impl CursorScope<'_> {
    fn bytes(&self) -> Vec<u8> {
        // Lengths first, so that nothing can move from one part to the next.
        let parts = [self.operation, self.caller, self.selection];
        parts
            .iter()
            .flat_map(|part| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat())
            .collect()
    }
}

/// Seals and opens cursors: nobody can read one, make one, change one or use one for another list.
pub struct Cursors {
    key: RandomizedNonceKey,
    now: Timestamp,
}

impl Cursors {
    pub(crate) fn new(key: &str, now: Timestamp) -> Result<Self, ApiError> {
        let bytes = URL_SAFE_NO_PAD.decode(key).map_err(ApiError::internal)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| ApiError::internal("cursor key"))?;
        Ok(Self { key, now })
    }

    /// A cursor that stands after `position`.
    ///
    /// # Errors
    /// Only when the crypto library fails.
    pub fn seal(&self, scope: CursorScope<'_>, position: &str) -> Result<String, ApiError> {
        let expires = (self.now + LIFE).as_second();
        let mut sealed = [&expires.to_be_bytes(), position.as_bytes()].concat();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(scope.bytes()), &mut sealed)
            .map_err(|_| ApiError::internal("cursor cannot be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// The position that a cursor stands after.
    ///
    /// # Errors
    /// 400 when it is not a cursor for this list, or too old.
    pub fn open(&self, scope: CursorScope<'_>, cursor: &str) -> Result<String, ApiError> {
        self.try_open(scope, cursor)
            .ok_or_else(|| ApiError::new(Code::InvalidCursor))
    }

    fn try_open(&self, scope: CursorScope<'_>, cursor: &str) -> Option<String> {
        if cursor.len() > MAX_LENGTH {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(12)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.key.open_in_place(nonce, Aad::from(scope.bytes()), sealed).ok()?;
        let (expires, position) = plain.split_first_chunk::<8>()?;
        if self.now.as_second() > i64::from_be_bytes(*expires) {
            return None;
        }
        String::from_utf8(position.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: CursorScope<'_> = CursorScope {
        operation: "listTrips",
        caller: "a",
        selection: "status=planning",
    };

    fn cursors(second: i64) -> Cursors {
        Cursors::new(
            &URL_SAFE_NO_PAD.encode([7; 32]),
            Timestamp::from_second(second).unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn a_cursor_opens_for_its_own_list_only() {
        let cursor = cursors(0).seal(SCOPE, "TRIP#1").unwrap();
        assert_eq!(cursors(86_400).open(SCOPE, &cursor).unwrap(), "TRIP#1");
        assert!(cursors(86_401).open(SCOPE, &cursor).is_err(), "too old");
        for other in [
            CursorScope {
                operation: "listItems",
                ..SCOPE
            },
            CursorScope { caller: "b", ..SCOPE },
            CursorScope { selection: "", ..SCOPE },
            CursorScope {
                operation: "listTripsa",
                caller: "",
                ..SCOPE
            },
        ] {
            assert!(cursors(0).open(other, &cursor).is_err());
        }
        assert!(!cursor.contains("TRIP"));
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let cursor = cursors(0).seal(SCOPE, "TRIP#1").unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert!(
                cursors(0).open(SCOPE, &URL_SAFE_NO_PAD.encode(changed)).is_err(),
                "byte {index}"
            );
        }
        for other in ["", "x", "!!!!", &cursor[1..], &"A".repeat(10_000)] {
            assert_eq!(cursors(0).open(SCOPE, other).unwrap_err().code(), Code::InvalidCursor);
        }
    }
}
