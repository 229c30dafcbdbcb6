/// How often there was each number of stars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ratings {
    /// One star to five.
    pub counts: [u64; 5],
}

/// A guide whom nobody has rated is taken for this good, in hundredths of a star.
const PRIOR: u64 = 350;

/// As many ratings as that counts for.
const WEIGHT: u64 = 5;

impl Ratings {
    /// With one more; stars outside 1 to 5 count as the nearest.
    #[must_use]
    pub fn with(mut self, stars: u32) -> Self {
        let index = usize::try_from(stars.clamp(1, 5) - 1).unwrap_or_default();
        if let Some(count) = self.counts.get_mut(index) {
            *count += 1;
        }
        self
    }

    /// How many there are.
    pub fn total(self) -> u64 {
        self.counts.iter().sum()
    }

    fn sum(self) -> u64 {
        (1..)
            .zip(self.counts)
            .map(|(stars, count): (u64, u64)| stars * count)
            .sum()
    }

    /// The mean in hundredths of a star, rounded; `None` without ratings.
    pub fn mean(self) -> Option<u64> {
        let total = self.total();
        (total > 0).then(|| (self.sum() * 100 + total / 2) / total)
    }

    /// The mean in hundredths, drawn towards what is usual the fewer ratings there are; `None` without ratings.
    pub fn shrunk_mean(self) -> Option<u64> {
        let total = self.total() + WEIGHT;
        (self.total() > 0).then(|| (self.sum() * 100 + PRIOR * WEIGHT + total / 2) / total)
    }

    /// How much of the shrunk mean is what was rated, in hundredths: 0 without ratings, near 100 with many.
    pub fn confidence(self) -> u64 {
        self.total() * 100 / (self.total() + WEIGHT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_ratings_say_less_than_many() {
        let none = Ratings::default();
        assert_eq!((none.mean(), none.shrunk_mean(), none.confidence()), (None, None, 0));
        let one = none.with(5);
        assert_eq!(
            (one.mean(), one.shrunk_mean(), one.confidence()),
            (Some(500), Some(375), 16)
        );
        let many = (0..95).fold(Ratings::default(), |ratings, _| ratings.with(5));
        assert_eq!(
            (many.mean(), many.shrunk_mean(), many.confidence()),
            (Some(500), Some(493), 95)
        );
        let mixed = none.with(5).with(4).with(4);
        assert_eq!((mixed.mean(), mixed.counts), (Some(433), [0, 0, 0, 2, 1]));
    }
}
