//! Amounts: hundredths inside, decimal texts on the wire.

/// The currency of every account here.
pub(super) const CURRENCY: &str = "GBP";

pub(super) fn text(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

/// Hundredths of a decimal text with at most two places.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 || whole.len() > 12 {
        return None;
    }
    let hundredths: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_hundredths() {
        for (given, amount) in [("0", 0), ("12", 1200), ("12.5", 1250), ("12.05", 1205)] {
            assert_eq!(parse(given), Some(amount));
        }
        for refused in ["", ".", "1.", ".5", "-1", "1.005", "1e3", "1,00"] {
            assert_eq!(parse(refused), None, "{refused}");
        }
        assert_eq!(text(1205), "12.05");
    }
}
