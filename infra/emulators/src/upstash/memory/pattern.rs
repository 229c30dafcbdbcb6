//! Glob patterns of `KEYS` and `SCAN`: `*`, `?`, `[abc]`, `[^a-z]` and `\` as escape.

/// Whether the whole of `text` matches. Linear apart from `*`, which backtracks to its last occurrence only.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', rest @ ..] = pattern {
            retry = Some((rest, text));
            pattern = rest;
            continue;
        }
        let step = match text {
            [] if pattern.is_empty() => return true,
            [] => return false,
            [byte, rest @ ..] => one(pattern, *byte).map(|after| (after, rest)),
        };
        match (step, retry) {
            (Some((after, rest)), _) => (pattern, text) = (after, rest),
            (None, Some((after_star, [_, shorter @ ..]))) => {
                retry = Some((after_star, shorter));
                (pattern, text) = (after_star, shorter);
            }
            (None, _) => return false,
        }
    }
}

/// What remains of the pattern when its first element accepts `byte`.
fn one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    match pattern {
        [] => None,
        [b'?', rest @ ..] => Some(rest),
        [b'[', rest @ ..] => class(rest, byte),
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => (*literal == byte).then_some(rest),
    }
}

/// Like Redis, an unclosed class reaches to the end of the pattern.
fn class(mut rest: &[u8], byte: u8) -> Option<&[u8]> {
    let negated = rest.first() == Some(&b'^');
    if negated {
        rest = rest.get(1..)?;
    }
    let mut found = false;
    loop {
        match rest {
            [] => break,
            [b']', after @ ..] => {
                rest = after;
                break;
            }
            [b'\\', literal, after @ ..] => {
                found |= *literal == byte;
                rest = after;
            }
            [low, b'-', high, after @ ..] => {
                found |= (*low.min(high)..=*low.max(high)).contains(&byte);
                rest = after;
            }
            [literal, after @ ..] => {
                found |= *literal == byte;
                rest = after;
            }
        }
    }
    (found != negated).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_redis() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("trip:*", "trip:1", true),
            ("trip:*", "user:1", false),
            ("*:1:*", "a:1:b:1:c", true),
            ("*ab", "aab", true),
            ("h?llo", "hello", true),
            ("h?llo", "hllo", false),
            ("h[ae]llo", "hallo", true),
            ("h[^e]llo", "hello", false),
            ("h[a-c]llo", "hbllo", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            ("a", "ab", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }
}
