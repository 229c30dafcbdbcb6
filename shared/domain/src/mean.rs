//! Means of scores from 1 to 5, and how far they can be believed. All in thousandths, rounded half up.

/// A thing that nobody has rated is taken for this good, in thousandths: a little above the middle of the scale, which
/// is where most of what travellers recommend ends up.
const PRIOR: u64 = 3500;

/// As many ratings as that counts for: with so many, half of the shrunk mean is what was rated.
const WEIGHT: u64 = 5;

/// Scores, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mean {
    /// Their sum.
    pub sum: u64,
    /// How many there are.
    pub count: u64,
}

impl Mean {
    /// Of so many of each score, from 1 on. A number below nought counts as nought.
    pub fn of(counts: &[i64]) -> Self {
        let known = counts.iter().map(|count| u64::try_from(*count).unwrap_or_default());
        known
            .zip(1..)
            .fold(Self::default(), |mean, (count, score): (u64, u64)| Self {
                sum: mean.sum + score * count,
                count: mean.count + count,
            })
    }

    /// The mean; `None` of nothing.
    pub fn thousandths(self) -> Option<u64> {
        (self.count > 0).then(|| rounded(self.sum * 1000, self.count))
    }

    /// The mean, drawn towards what is usual the fewer scores there are: one enthusiast does not outweigh a hundred
    /// satisfied travellers.
    pub fn shrunk(self) -> u64 {
        rounded(self.sum * 1000 + PRIOR * WEIGHT, self.count + WEIGHT)
    }

    /// How much of the shrunk mean is what was said: 0 of nothing, near 1000 of much.
    pub fn confidence(self) -> u64 {
        rounded(self.count * 1000, self.count + WEIGHT)
    }
}

/// A quotient, rounded half up.
const fn rounded(dividend: u64, divisor: u64) -> u64 {
    (dividend + divisor / 2) / divisor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_scores_say_less_than_many() {
        for (counts, mean, shrunk, confidence) in [
            ([0, 0, 0, 0, 0], None, 3500, 0),
            ([0, 0, 0, 0, 1], Some(5000), 3750, 167),
            ([0, 0, 0, 0, 5], Some(5000), 4250, 500),
            ([0, 0, 0, 40, 60], Some(4600), 4548, 952),
            ([1, 0, 1, 0, 0], Some(2000), 3071, 286),
            ([-1, 0, 0, 2, 0], Some(4000), 3643, 286),
        ] {
            let found = Mean::of(&counts);
            assert_eq!(
                (found.thousandths(), found.shrunk(), found.confidence()),
                (mean, shrunk, confidence),
                "{counts:?}"
            );
        }
    }
}
