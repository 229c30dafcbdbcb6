//! What a cancellation gives back.

use jiff::Timestamp;

use crate::money::Money;

/// Where a refund goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum RefundTo {
    Balance,
    ArcBspCash,
    Card,
    Voucher,
    AirlineCredits,
    OriginalFormOfPayment,
    AwaitingPayment,
    Other,
}

impl RefundTo {
    const ALL: [Self; 8] = [
        Self::Balance,
        Self::ArcBspCash,
        Self::Card,
        Self::Voucher,
        Self::AirlineCredits,
        Self::OriginalFormOfPayment,
        Self::AwaitingPayment,
        Self::Other,
    ];

    /// The name that the provider and clients use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::ArcBspCash => "arc_bsp_cash",
            Self::Card => "card",
            Self::Voucher => "voucher",
            Self::AirlineCredits => "airline_credits",
            Self::OriginalFormOfPayment => "original_form_of_payment",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Other => "other",
        }
    }

    /// Understands the provider's name; one that is not known is [`Self::Other`].
    pub fn parse(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|to| to.name() == name)
            .unwrap_or(Self::Other)
    }
}

/// A cancellation that can be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// By which it is confirmed.
    pub id: String,
    /// What comes back; `None` when it is not known in money.
    pub refund: Option<Money>,
    /// Where it goes.
    pub refund_to: RefundTo,
    /// Until when it can be confirmed.
    pub expires_at: Option<Timestamp>,
}

impl Quote {
    /// Whether it can still be confirmed.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

/// What a cancellation before an instant gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refund {
    /// Until when.
    pub before: Timestamp,
    /// How much.
    pub amount: Money,
}

/// What a timeline gives back now, and until when that holds. After its last entry nothing comes back.
pub fn refund_at(timeline: &[Refund], now: Timestamp) -> Option<Refund> {
    timeline
        .iter()
        .filter(|refund| now < refund.before)
        .min_by_key(|refund| refund.before)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn a_timeline_gives_what_holds_now() {
        let refund = |before: &str, minor| Refund {
            before: before.parse().unwrap(),
            amount: Money::new(minor, Currency::USD).unwrap(),
        };
        let timeline = [refund("2027-05-02T00:00Z", 5_000), refund("2027-05-01T00:00Z", 10_000)];
        for (now, minor) in [
            ("2027-04-30T23:59Z", Some(10_000)),
            ("2027-05-01T00:00Z", Some(5_000)),
            ("2027-05-02T00:00Z", None),
        ] {
            let found = refund_at(&timeline, now.parse().unwrap());
            assert_eq!(found.map(|refund| refund.amount.minor), minor, "{now}");
        }
    }
}
