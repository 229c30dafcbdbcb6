use jiff::civil::Date;

use crate::ids::GuideBookingId;

/// Days on which a guide is engaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engagement {
    /// The booking.
    pub booking: GuideBookingId,
    /// The first day.
    pub start: Date,
    /// The last day.
    pub end: Date,
}

impl Engagement {
    fn overlaps(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

/// When a guide is engaged: the bookings that are confirmed and not over. It is one thing, so that of two bookings of the
/// same day that are confirmed at the same time one is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// In no order; none overlaps another.
    pub engagements: Vec<Engagement>,
}

impl Calendar {
    /// With another engagement, and without what was over before `today`. Bookings begin two years ahead at most and do not
    /// overlap, so there are never more than some hundred.
    ///
    /// # Errors
    /// The engagement that is in the way.
    pub fn with(&self, new: Engagement, today: Date) -> Result<Self, Engagement> {
        let mut engagements = self.engagements.clone();
        engagements.retain(|known| known.end >= today && known.booking != new.booking);
        if let Some(other) = engagements.iter().find(|known| known.overlaps(&new)) {
            return Err(*other);
        }
        engagements.push(new);
        Ok(Self { engagements })
    }

    /// Without a booking.
    #[must_use]
    pub fn without(&self, booking: GuideBookingId) -> Self {
        let mut engagements = self.engagements.clone();
        engagements.retain(|known| known.booking != booking);
        Self { engagements }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_day_is_engaged_twice() {
        let on = |id: u128, first: i8, last: i8| Engagement {
            booking: GuideBookingId::from_uuid(Uuid::from_u128(id)),
            start: date(2027, 4, first),
            end: date(2027, 4, last),
        };
        let calendar = Calendar {
            engagements: vec![on(1, 3, 5), on(2, 10, 10)],
        };
        let today = date(2027, 4, 1);
        for (first, last, in_the_way) in [
            (1, 2, None),
            (1, 3, Some(1)),
            (5, 6, Some(1)),
            (4, 4, Some(1)),
            (1, 30, Some(1)),
            (6, 9, None),
            (10, 12, Some(2)),
        ] {
            let refused = calendar
                .with(on(9, first, last), today)
                .err()
                .map(|other| other.booking);
            let expected = in_the_way.map(|id| GuideBookingId::from_uuid(Uuid::from_u128(id)));
            assert_eq!(refused, expected, "{first} to {last}");
        }
        let later = calendar.with(on(9, 20, 21), date(2027, 4, 6)).unwrap();
        assert_eq!(later.engagements.len(), 2, "what is over is forgotten");
        let freed = calendar.without(on(1, 3, 5).booking);
        assert!(freed.with(on(9, 4, 4), today).is_ok());
    }
}
