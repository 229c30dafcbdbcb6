//! Randomness from the operating system.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use super::error::AwsError;

/// Random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], AwsError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills the buffer.
pub(super) fn fill(buffer: &mut [u8]) -> Result<(), AwsError> {
    SystemRandom::new()
        .fill(buffer)
        .map_err(|_| AwsError::internal("no randomness"))
}

/// A random UUID (version 4).
pub(super) fn uuid() -> Result<String, AwsError> {
    let mut bytes = bytes::<16>()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    Ok(format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    ))
}

/// A token of 256 random bits in hexadecimal.
pub(crate) fn token() -> Result<String, AwsError> {
    Ok(hex(&bytes::<32>()?))
}

/// One of the characters, each as likely as the others.
pub(super) fn pick(alphabet: &[char]) -> Result<char, AwsError> {
    let count = u32::try_from(alphabet.len()).ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| AwsError::validation("no character is allowed"))?;
    // Numbers beyond the last whole multiple would favour the first characters.
    let fair = u32::MAX - u32::MAX % count;
    loop {
        let number = u32::from_be_bytes(bytes()?);
        if number < fair {
            return Ok(alphabet[(number % count) as usize]);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
