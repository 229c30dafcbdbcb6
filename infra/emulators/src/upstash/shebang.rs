//! The first line of a script: `#!lua flags=no-writes,allow-key-locking`.
//!
//! `allow-key-locking` is Upstash's own flag. Its rate-limit clients start every script with it, and a real Redis refuses the
//! script because of it.

const UPSTASH_ONLY: &str = "allow-key-locking";

const KNOWN: &[&str] = &[
    "allow-cross-slot-keys",
    "allow-oom",
    "allow-stale",
    "no-cluster",
    "no-writes",
    UPSTASH_ONLY,
];

/// A script whose shebang was understood.
pub(super) struct Script<'a> {
    /// Everything after the shebang line. It starts with that line's break, so that line numbers in errors stay right.
    pub(super) body: &'a str,
    pub(super) no_writes: bool,
}

/// Checks the shebang as Redis does, and takes it off.
pub(super) fn parse(source: &str) -> Result<Script<'_>, String> {
    let Some((line, body)) = split(source) else {
        return Ok(Script {
            body: source,
            no_writes: false,
        });
    };
    let mut words = line.split_ascii_whitespace();
    if words.next() != Some("#!lua") {
        return Err("ERR Unexpected engine in script shebang".to_owned());
    }
    let mut no_writes = false;
    for word in words {
        let flags = word
            .strip_prefix("flags=")
            .ok_or_else(|| format!("ERR Unknown lua shebang option: {word}"))?;
        for flag in flags.split(',').filter(|flag| !flag.is_empty()) {
            if !KNOWN.contains(&flag) {
                return Err(format!("ERR Unexpected flag in script shebang: {flag}"));
            }
            no_writes |= flag == "no-writes";
        }
    }
    Ok(Script { body, no_writes })
}

/// The same script in the form that a real Redis accepts; `None` when it is acceptable as it is.
pub(super) fn without_upstash_flag(source: &str) -> Option<String> {
    let (line, body) = split(source)?;
    let flags = line.strip_prefix("#!lua")?.trim().strip_prefix("flags=")?;
    let kept: Vec<&str> = flags.split(',').filter(|flag| *flag != UPSTASH_ONLY).collect();
    if kept.len() == flags.split(',').count() {
        return None;
    }
    if kept.is_empty() {
        return Some(body.to_owned());
    }
    Some(format!("#!lua flags={}{body}", kept.join(",")))
}

fn split(source: &str) -> Option<(&str, &str)> {
    if !source.starts_with("#!") {
        return None;
    }
    let end = source.find('\n').unwrap_or(source.len());
    let (line, body) = source.split_at(end);
    Some((line.trim_end(), body))
}

/// The name of a script: the lower-case hexadecimal SHA-1 of its text.
pub(super) fn sha1_hex(source: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, source);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
