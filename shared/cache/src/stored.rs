//! How a composite is written down in Redis: one line of JSON about it, then itself, packed when it is large.

use std::{collections::BTreeMap, io::Read as _, io::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// From this size on a composite is packed.
const PACKED_FROM: usize = 2048;

/// What is larger than this after packing is not kept: a request of Upstash may have 1 MB.
const LARGEST: usize = 700 * 1024;

/// What unpacks to more than this is not ours.
const LARGEST_UNPACKED: u64 = 8 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Head {
    at: i64,
    tags: BTreeMap<String, String>,
    packed: bool,
}

/// A composite as it was found.
pub(crate) struct Found<T> {
    pub(crate) value: T,
    pub(crate) made_at: Timestamp,
    /// The versions of the tags it depends on, when it was made.
    pub(crate) tags: BTreeMap<String, String>,
}

/// `None` when it is too large, or cannot be written.
pub(crate) fn write<T: Serialize>(value: &T, made_at: Timestamp, tags: &BTreeMap<String, String>) -> Option<String> {
    let body = serde_json::to_string(value).ok()?;
    let packed = body.len() >= PACKED_FROM;
    let head = Head {
        at: made_at.as_millisecond(),
        tags: tags.clone(),
        packed,
    };
    let body = if packed {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body.as_bytes()).ok()?;
        STANDARD.encode(encoder.finish().ok()?)
    } else {
        body
    };
    let text = format!("{}\n{body}", serde_json::to_string(&head).ok()?);
    (text.len() <= LARGEST).then_some(text)
}

/// `None` for whatever was not written by [`write`], or is damaged.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<Found<T>> {
    let (head, body) = text.split_once('\n')?;
    let head: Head = serde_json::from_str(head).ok()?;
    let value = if head.packed {
        let bytes = STANDARD.decode(body).ok()?;
        let mut json = Vec::new();
        GzDecoder::new(&*bytes)
            .take(LARGEST_UNPACKED)
            .read_to_end(&mut json)
            .ok()?;
        serde_json::from_slice(&json).ok()?
    } else {
        serde_json::from_str(body).ok()?
    };
    Some(Found {
        value,
        made_at: Timestamp::from_millisecond(head.at).ok()?,
        tags: head.tags,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_rubbish_is_nothing() {
        let (at, tags) = (
            Timestamp::from_second(1_800_000_000).unwrap(),
            BTreeMap::from([("search".to_owned(), "3".to_owned())]),
        );
        for value in ["short".to_owned(), "long ".repeat(10_000)] {
            let text = write(&value, at, &tags).unwrap();
            assert!(text.len() < 4096, "it is packed");
            let found: Found<String> = read(&text).unwrap();
            assert_eq!((found.value, found.made_at, &found.tags), (value, at, &tags));
            for cut in [0, 1, text.len() / 2, text.len() - 2] {
                assert!(read::<String>(&text[..cut]).is_none(), "cut at {cut}");
            }
            assert!(read::<u32>(&text).is_none(), "another type");
        }
        for foreign in ["", "1", "{}", "{}\n{}", "[1,2]\n\"x\"", "PONG"] {
            assert!(read::<String>(foreign).is_none(), "{foreign}");
        }
    }
}
