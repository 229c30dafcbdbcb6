//! Prices, ratings and the like, out of labels for people. What is not certain is nothing.

use tripsage_domain::money::{Currency, Money};

/// How currencies are written beside an amount, longest first. A bare `$` is how Airbnb writes US dollars: others get
/// their letters with it or behind the amount. `¥` means two currencies and `kr` four, so alone they mean none.
const SIGNS: [(&str, &str); 17] = [
    ("US$", "USD"),
    ("CA$", "CAD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("MX$", "MXN"),
    ("JP¥", "JPY"),
    ("CN¥", "CNY"),
    ("R$", "BRL"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("S$", "SGD"),
    ("zł", "PLN"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("$", "USD"),
];

/// The price of the whole stay of that many nights, when the label says one: `$1,234 total`, `€ 87 for 3 nights`.
pub(super) fn total_price(label: &str, nights: i32) -> Option<Money> {
    let label = label.to_lowercase().replace('\u{a0}', " ");
    // What it used to cost follows what it costs.
    let now = label.split("originally").next()?;
    let for_all = now.contains("total") || stated_nights(now) == Some(nights) || (nights == 1 && now.contains("night"));
    if !for_all {
        return None;
    }
    let (before, number, after) = only_amount(now)?;
    let currency = currency(before, after)?;
    Money::parse_decimal(&plain_decimal(number, currency)?, currency)
        .ok()
        .filter(|money| money.minor > 0)
}

/// N of `for N nights`.
fn stated_nights(label: &str) -> Option<i32> {
    let words: Vec<_> = label.split(|c: char| c.is_whitespace() || c == ',').collect();
    words.windows(3).find_map(|words| match words {
        ["for", number, "night" | "nights"] => number.parse().ok(),
        _ => None,
    })
}

/// The one number that is not a number of nights, with what stands before and behind it. `None` when there are more.
fn only_amount(label: &str) -> Option<(&str, &str, &str)> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let mut found = None;
    let mut at = 0;
    while let Some(start) = label[at..].find(|c: char| c.is_ascii_digit()).map(|offset| at + offset) {
        let end = label[start..]
            .find(|c: char| !is_part(c))
            .map_or(label.len(), |offset| start + offset);
        let number = label[start..end].trim_end_matches(['.', ',']);
        let rest = &label[start + number.len()..];
        let word = rest.trim_start();
        let counts = ["night", "week", "month", "guest"]
            .iter()
            .any(|unit| word.starts_with(unit));
        if !counts {
            if found.is_some() {
                return None;
            }
            found = Some((&label[..start], number, rest));
        }
        at = end;
    }
    found
}

fn currency(before: &str, after: &str) -> Option<Currency> {
    let (before, after) = (before.trim_end(), after.trim_start());
    let code = |word: Option<&str>| {
        let word = word?;
        let is_code = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_code { Currency::parse(word).ok() } else { None }
    };
    let behind = after.split(|c: char| !c.is_alphanumeric()).next();
    let ahead = before.rsplit(|c: char| !c.is_alphanumeric()).next();
    // A code is clearer than a sign: `$1,234 CAD`.
    if let Some(currency) = code(behind).or_else(|| code(ahead)) {
        return Some(currency);
    }
    let sign = SIGNS.iter().find(|(sign, _)| {
        let sign = sign.to_lowercase();
        before.ends_with(&sign) || after.starts_with(&sign)
    })?;
    // Letters before a bare sign belong to it, and are none that are known.
    let lettered = sign.0 == "$" && before.trim_end_matches('$').ends_with(|c: char| c.is_alphabetic());
    if lettered { None } else { Currency::parse(sign.1).ok() }
}

/// `1,234.50` or `1.234,50` as `1234.50`. A single separator before three digits groups them, unless the currency has
/// three decimals: then nobody knows.
fn plain_decimal(number: &str, currency: Currency) -> Option<String> {
    let groups = |text: &str, separator: char| {
        let mut parts = text.split(separator);
        let first = parts.next().unwrap_or_default();
        let fits = (1..=3).contains(&first.len()) && parts.all(|part| part.len() == 3);
        fits.then(|| text.replace(separator, ""))
    };
    let last = number.rfind(['.', ',']);
    let Some(last) = last else {
        return Some(number.to_owned());
    };
    let (whole, fraction) = (&number[..last], &number[last + 1..]);
    let separator = if number[last..].starts_with('.') { '.' } else { ',' };
    let other = if separator == '.' { ',' } else { '.' };
    match fraction.len() {
        1 | 2 if !whole.contains(separator) => {
            let whole = if whole.contains(other) {
                groups(whole, other)?
            } else {
                whole.to_owned()
            };
            Some(format!("{whole}.{fraction}"))
        }
        3 if !number.contains(other) && currency.exponent() < 3 => groups(number, separator),
        _ => None,
    }
}

/// Rating of 5 and number of reviews, out of `4.95 out of 5 average rating, 123 reviews`.
pub(super) fn rating(label: &str) -> (Option<f64>, Option<u32>) {
    let words: Vec<_> = label
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'))
        .collect();
    let rating = words.windows(4).find_map(|words| match words {
        [rating, "out", "of", five] if five.starts_with('5') => rating.parse().ok(),
        _ => None,
    });
    let reviews = words.windows(2).find_map(|words| match words {
        [count, unit] if unit.starts_with("review") => count.replace(',', "").parse().ok(),
        _ => None,
    });
    (rating.filter(|rating| (0.0..=5.0).contains(rating)), reviews)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_when_it_is_certain() {
        for (label, nights, expected) in [
            ("$1,234 total", 3, Some((123_400, "USD"))),
            ("€ 87 for 3 nights", 3, Some((8_700, "EUR"))),
            ("€\u{a0}1.234,50 total", 3, Some((123_450, "EUR"))),
            ("1.234 € total", 3, Some((123_400, "EUR"))),
            ("$1,234 CAD total", 3, Some((123_400, "CAD"))),
            ("CHF 450 total", 3, Some((45_000, "CHF"))),
            ("A$99.90 total", 3, Some((9_990, "AUD"))),
            ("$120 for 5 nights, originally $150", 5, Some((12_000, "USD"))),
            ("£80 per night", 1, Some((8_000, "GBP"))),
            ("₩123,456 total", 2, Some((123_456, "KRW"))),
            ("¥12,000 JPY total", 2, Some((12_000, "JPY"))),
            // Not for all nights, for other nights, in no known currency, two of them, none.
            ("$87 per night", 3, None),
            ("$87 for 2 nights", 3, None),
            ("¥12,000 total", 2, None),
            ("BZ$100 total", 2, None),
            ("1 200 total", 2, None),
            ("$100 or €90 total", 2, None),
            ("$1,23,4 total", 2, None),
            ("$0 total", 2, None),
            ("free total", 2, None),
            ("", 2, None),
            ("$99999999999999999999 total", 2, None),
        ] {
            let found = total_price(label, nights).map(|money| (money.minor, money.currency.code()));
            assert_eq!(found, expected, "{label}");
        }
    }

    #[test]
    fn ratings_are_read() {
        assert_eq!(
            rating("4.95 out of 5 average rating, 1,123 reviews"),
            (Some(4.95), Some(1_123))
        );
        assert_eq!(
            rating("4.5 out of 5 average rating,  12 reviews"),
            (Some(4.5), Some(12))
        );
        assert_eq!(rating("New"), (None, None));
        assert_eq!(rating("9 out of 5"), (None, None));
    }
}
