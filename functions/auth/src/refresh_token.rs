//! Refresh tokens: they name the sign-in and a number, and prove that this function wrote them. Nothing of them is
//! stored; the same sign-in and number always give the same token.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tripsage_domain::ids::{SessionId, UserId};
use tripsage_http::ApiError;
use uuid::Uuid;

use crate::key_material::{KEY_BYTES, KeyPurpose, MacKey};

/// What a refresh token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) counter: u64,
}

const IDS: usize = 16;
const BODY: usize = IDS + IDS + 8;

impl RefreshToken {
    fn body(self) -> [u8; BODY] {
        let mut body = [0; BODY];
        body[..IDS].copy_from_slice(self.user.uuid().as_bytes());
        body[IDS..2 * IDS].copy_from_slice(self.session.uuid().as_bytes());
        body[2 * IDS..].copy_from_slice(&self.counter.to_be_bytes());
        body
    }

    /// Its text.
    pub(crate) fn write(self, key: &MacKey) -> Result<String, ApiError> {
        let body = self.body();
        let mac = key.mac(KeyPurpose::RefreshToken, &[&body])?;
        Ok(URL_SAFE_NO_PAD.encode([body.as_slice(), &mac].concat()))
    }

    /// What the text says and the MAC that has to be checked; `None` when it cannot be a refresh token.
    pub(crate) fn read(text: &str) -> Option<(Self, [u8; KEY_BYTES])> {
        if text.len() != (BODY + KEY_BYTES).div_ceil(3) * 4 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (ids, rest) = bytes.split_at_checked(2 * IDS)?;
        let (counter, mac) = rest.split_at_checked(8)?;
        let token = Self {
            user: UserId::from_uuid(Uuid::from_slice(&ids[..IDS]).ok()?),
            session: SessionId::from_uuid(Uuid::from_slice(&ids[IDS..]).ok()?),
            counter: u64::from_be_bytes(counter.try_into().ok()?),
        };
        Some((token, mac.try_into().ok()?))
    }

    /// Whether this key wrote it.
    pub(crate) fn is_by(self, key: &MacKey, mac: &[u8; KEY_BYTES]) -> Result<bool, ApiError> {
        let expected = key.mac(KeyPurpose::RefreshToken, &[&self.body()])?;
        Ok(verify_slices_are_equal(&expected, mac).is_ok())
    }
}
