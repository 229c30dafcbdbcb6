//! What looks random and is the same every time.

use aws_lc_rs::digest::{SHA256, digest};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn bytes(of: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, of.as_bytes()).as_ref());
    bytes
}

/// A number from 0 to `below` - 1 that belongs to this text; 0 when there is none to choose.
pub(crate) fn below(of: &str, below: u64) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes(of)[..8]);
    u64::from_be_bytes(number).checked_rem(below).unwrap_or(0)
}

/// One of the elements, chosen by the text.
pub(crate) fn one<'a, T>(of: &str, choices: &'a [T]) -> Option<&'a T> {
    choices.get(usize::try_from(below(of, choices.len() as u64)).unwrap_or(0))
}

/// Letters and digits that belong to this text, at most 32.
pub(crate) fn letters(of: &str, count: usize) -> String {
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]);
    bytes(of).iter().take(count).map(letter).collect()
}

/// What stands for a credential wherever one is kept or shown.
pub(crate) fn account(credential: &str) -> String {
    letters(credential, 16)
}
