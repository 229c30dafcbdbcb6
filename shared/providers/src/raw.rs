//! Lists of others, element by element: one that cannot be read costs only itself.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The elements that can be read, and how many cannot.
pub(crate) fn readable<'a, W: Deserialize<'a>, T>(
    raw: &[&'a RawValue],
    read: impl Fn(W) -> Option<T>,
) -> (Vec<T>, u32) {
    let values: Vec<T> = raw
        .iter()
        .filter_map(|raw| serde_json::from_str(raw.get()).ok().and_then(&read))
        .collect();
    let dropped = u32::try_from(raw.len() - values.len()).unwrap_or(u32::MAX);
    (values, dropped)
}
