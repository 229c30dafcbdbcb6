//! Numbers and options among the words of a command, read as strictly as Redis does.

use super::store::Failure;

/// Refuses what Redis refuses: signs, leading zeros and blanks that `str::parse` would let pass.
pub(super) fn integer(word: &[u8]) -> Result<i64, Failure> {
    let text = std::str::from_utf8(word).map_err(|_| Failure::NOT_AN_INTEGER)?;
    let number: i64 = text.parse().map_err(|_| Failure::NOT_AN_INTEGER)?;
    if number.to_string() == text {
        Ok(number)
    } else {
        Err(Failure::NOT_AN_INTEGER)
    }
}

/// Infinities are numbers here, NaN is not.
pub(super) fn float(word: &[u8]) -> Result<f64, Failure> {
    std::str::from_utf8(word)
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .filter(|number| !number.is_nan())
        .ok_or(Failure::NOT_A_FLOAT)
}

/// The shortest text that reads back as the same number.
pub(super) fn float_text(number: f64) -> Vec<u8> {
    number.to_string().into_bytes()
}

pub(super) fn word(arguments: &[Vec<u8>], at: usize) -> Result<&[u8], Failure> {
    arguments.get(at).map(Vec::as_slice).ok_or(Failure::SYNTAX)
}

type Pair<'a> = (&'a [u8], &'a [u8]);

/// Splits the tail of a command into pairs; an odd tail is the error of `command`.
pub(super) fn pairs<'a>(tail: &'a [Vec<u8>], command: &str) -> Result<Vec<Pair<'a>>, Failure> {
    let (pairs, rest) = tail.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return Err(Failure::new(format!(
            "ERR wrong number of arguments for '{command}' command"
        )));
    }
    Ok(pairs
        .iter()
        .map(|[first, second]| (first.as_slice(), second.as_slice()))
        .collect())
}

/// The positions `start..=stop` of a sequence of `length`, where negative numbers count from its end.
pub(super) fn span(start: i64, stop: i64, length: usize) -> std::ops::Range<usize> {
    let total = i64::try_from(length).unwrap_or(i64::MAX);
    let absolute = |position: i64| {
        if position < 0 {
            position.saturating_add(total)
        } else {
            position
        }
    };
    let first = absolute(start).max(0);
    let end = absolute(stop).min(total - 1).saturating_add(1);
    if first >= end {
        return 0..0;
    }
    usize::try_from(first).unwrap_or(0)..usize::try_from(end).unwrap_or(0)
}

/// The unit of a relative or absolute time to live, named as the options of `SET` and `GETEX` name it.
pub(super) fn expiry(option: &[u8], value: &[u8], now: i64, command: &str) -> Result<Option<i64>, Failure> {
    let (scale, relative) = match option.to_ascii_uppercase().as_slice() {
        b"EX" => (1000, true),
        b"PX" => (1, true),
        b"EXAT" => (1000, false),
        b"PXAT" => (1, false),
        _ => return Ok(None),
    };
    let invalid = || Failure::new(format!("ERR invalid expire time in '{command}' command"));
    let amount = integer(value)?;
    if amount <= 0 {
        return Err(invalid());
    }
    let base = if relative { now } else { 0 };
    amount
        .checked_mul(scale)
        .and_then(|millis| millis.checked_add(base))
        .map(Some)
        .ok_or_else(invalid)
}
