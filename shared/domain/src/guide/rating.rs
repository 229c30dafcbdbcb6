use std::collections::BTreeMap;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a review may score apart from the whole.
    Aspect {
        Safety = "safety",
        Knowledge = "knowledge",
        Communication = "communication",
        Professionalism = "professionalism",
        ValueForMoney = "value_for_money",
    }
}

/// What one review says in stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// For the whole.
    pub overall: u32,
    /// For what it scores apart; each aspect once at most.
    pub aspects: Vec<(Aspect, u32)>,
}

/// How a guide was rated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rated {
    /// On the whole: one for each review.
    pub overall: Ratings,
    /// For what reviews score apart.
    pub aspects: BTreeMap<Aspect, Ratings>,
}

impl Rated {
    /// With what one more review says.
    #[must_use]
    pub fn with(mut self, scores: &Scores) -> Self {
        self.overall = self.overall.with(scores.overall);
        for (aspect, stars) in &scores.aspects {
            let known = self.aspects.entry(*aspect).or_default();
            *known = known.with(*stars);
        }
        self
    }

    /// Without what a review says that was counted: exactly what [`Self::with`] has added.
    #[must_use]
    pub fn without(mut self, scores: &Scores) -> Self {
        self.overall = self.overall.without(scores.overall);
        for (aspect, stars) in &scores.aspects {
            let known = self.aspects.entry(*aspect).or_default();
            *known = known.without(*stars);
        }
        self
    }

    /// How they were rated for one aspect.
    pub fn of(&self, aspect: Aspect) -> Ratings {
        self.aspects.get(&aspect).copied().unwrap_or_default()
    }
}

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
        if let Some(count) = self.count(stars) {
            *count += 1;
        }
        self
    }

    /// With one less that was counted.
    #[must_use]
    pub fn without(mut self, stars: u32) -> Self {
        if let Some(count) = self.count(stars) {
            *count = count.saturating_sub(1);
        }
        self
    }

    fn count(&mut self, stars: u32) -> Option<&mut u64> {
        let index = usize::try_from(stars.clamp(1, 5) - 1).unwrap_or_default();
        self.counts.get_mut(index)
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
    #[test]
    fn what_a_review_has_added_can_be_taken_back() {
        use Aspect::{Communication, Safety, ValueForMoney};
        let scores = |overall, aspects: &[(Aspect, u32)]| Scores {
            overall,
            aspects: aspects.to_vec(),
        };
        let reviews = [
            scores(5, &[(Safety, 5), (ValueForMoney, 2)]),
            scores(4, &[(Safety, 4)]),
            scores(1, &[]),
        ];
        let all = reviews.iter().fold(Rated::default(), Rated::with);
        for (aspect, mean, total) in [
            (Safety, Some(450), 2),
            (ValueForMoney, Some(200), 1),
            (Communication, None, 0),
        ] {
            assert_eq!(
                (all.of(aspect).mean(), all.of(aspect).total()),
                (mean, total),
                "{aspect}"
            );
        }
        assert_eq!(all.overall.counts, [1, 0, 0, 1, 1]);
        for (n, review) in reviews.iter().enumerate() {
            let left = all.clone().without(review);
            let others = reviews.iter().enumerate().filter(|(other, _)| *other != n);
            let counted = others.fold(Rated::default(), |rated, (_, other)| rated.with(other));
            assert_eq!(left.overall, counted.overall, "{n}");
            for aspect in Aspect::ALL {
                assert_eq!(left.of(*aspect), counted.of(*aspect), "{n} {aspect}");
            }
            assert_eq!(left.with(review).overall, all.overall, "{n}");
        }
    }
}
