/// One part of a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// What it is about, such as `price`.
    pub name: &'static str,
    /// 0 (worst) to 1 (best), rounded to three decimals.
    pub value: f64,
    /// How much it counts; the weights of a score add up to 1.
    pub weight: f64,
}

/// How good something is among what was found with it: a number with the parts that it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 to 1: the sum of the parts by their weights, rounded to three decimals.
    pub total: f64,
    /// What it is made of.
    pub parts: Vec<Part>,
}

impl Score {
    /// A score of parts: name, weight, and value where it is known. What is not known does not count, and the weights of
    /// the others grow to make up for it.
    pub fn of(parts: &[(&'static str, f64, Option<f64>)]) -> Self {
        let known: f64 = parts.iter().filter(|part| part.2.is_some()).map(|part| part.1).sum();
        let parts: Vec<Part> = parts
            .iter()
            .filter_map(|(name, weight, value)| {
                Some(Part {
                    name,
                    value: rounded((*value)?.clamp(0.0, 1.0)),
                    weight: rounded(weight / known),
                })
            })
            .collect();
        let sum: f64 = parts.iter().map(|part| part.value * part.weight).sum();
        Self {
            total: rounded(sum.clamp(0.0, 1.0)),
            parts,
        }
    }

    /// The value of a part.
    pub fn part(&self, name: &str) -> Option<f64> {
        self.parts.iter().find(|part| part.name == name).map(|part| part.value)
    }
}

/// To three decimals: what is shown is what is compared.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// How a value compares with the least of its kind: 1 for the least, 0.5 for twice as much, and so on. A few cents of
/// difference stay a few thousandths, which a scale from the least to the most would blow up.
pub(super) fn against_least(value: f64, least: f64) -> f64 {
    if value <= 0.0 {
        1.0
    } else {
        (least.max(0.0) / value).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_does_not_count() {
        let score = Score::of(&[("a", 0.5, Some(1.0)), ("b", 0.3, None), ("c", 0.5, Some(0.5))]);
        assert_eq!((score.total, score.parts.len()), (0.75, 2));
        assert_eq!((score.part("a"), score.part("b")), (Some(1.0), None));
        assert_eq!(Score::of(&[("a", 1.0, None)]).total, 0.0);
    }

    #[test]
    fn twice_as_much_is_half_as_good() {
        for (value, least, expected) in [
            (200.0, 100.0, 0.5),
            (100.0, 100.0, 1.0),
            (0.0, 0.0, 1.0),
            (10.0, 0.0, 0.0),
        ] {
            assert_eq!(against_least(value, least), expected);
        }
    }
}
