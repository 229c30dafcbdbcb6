//! The ciphertext blob: which key and which version of its material sealed it, then AES-256-GCM.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::super::error::AwsError;
use super::super::random;

const MAGIC: &[u8] = b"TSK1";

/// What a blob says before it is opened. Nothing of it may be believed until then.
pub(super) struct Header<'a> {
    pub(super) key_id: &'a str,
    pub(super) version: u32,
    sealed: &'a [u8],
}

pub(super) fn seal(
    key_id: &str,
    version: u32,
    material: &[u8],
    context: &BTreeMap<&str, &str>,
    plaintext: &[u8],
) -> Result<Vec<u8>, AwsError> {
    let nonce: [u8; NONCE_LEN] = random::bytes()?;
    let mut sealed = plaintext.to_vec();
    key(material)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated(key_id, version, context)),
            &mut sealed,
        )
        .map_err(|_| AwsError::internal("cannot encrypt"))?;
    let mut blob = MAGIC.to_vec();
    push(&mut blob, key_id.as_bytes());
    blob.extend_from_slice(&version.to_be_bytes());
    blob.extend_from_slice(&nonce);
    blob.extend_from_slice(&sealed);
    Ok(blob)
}

/// Reads the header; `None` for what is not a blob of ours.
pub(super) fn parse(blob: &[u8]) -> Option<Header<'_>> {
    let rest = blob.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (key_id, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let (version, sealed) = rest.split_first_chunk::<4>()?;
    Some(Header {
        key_id: std::str::from_utf8(key_id).ok()?,
        version: u32::from_be_bytes(*version),
        sealed,
    })
}

/// Opens a blob; `None` when it was tampered with or the context is another one.
pub(super) fn open(
    header: &Header,
    material: &[u8],
    context: &BTreeMap<&str, &str>,
) -> Result<Option<Vec<u8>>, AwsError> {
    let Some((nonce, sealed)) = header.sealed.split_first_chunk::<NONCE_LEN>() else {
        return Ok(None);
    };
    let mut buffer = sealed.to_vec();
    let associated = Aad::from(associated(header.key_id, header.version, context));
    let opened = key(material)?.open_in_place(Nonce::assume_unique_for_key(*nonce), associated, &mut buffer);
    Ok(opened.ok().map(|plaintext| plaintext.to_vec()))
}

fn key(material: &[u8]) -> Result<LessSafeKey, AwsError> {
    let key = UnboundKey::new(&AES_256_GCM, material).map_err(|_| AwsError::internal("damaged key material"))?;
    Ok(LessSafeKey::new(key))
}

/// Header and encryption context, each part behind its length: no two different inputs give the same bytes. The context
/// is sorted because the order in which a client lists its pairs means nothing.
fn associated(key_id: &str, version: u32, context: &BTreeMap<&str, &str>) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    push(&mut bytes, key_id.as_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    for (name, value) in context {
        push(&mut bytes, name.as_bytes());
        push(&mut bytes, value.as_bytes());
    }
    bytes
}

fn push(bytes: &mut Vec<u8>, part: &[u8]) {
    // Requests are far below 4 GiB, so the length always fits.
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(part);
}
