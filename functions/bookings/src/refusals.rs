//! What clients are told when a booking does not come about.

use std::time::Duration;

use tripsage_domain::{
    booking::{BookingError, Failure},
    money::Money,
};
use tripsage_http::{ApiError, Code};
use tripsage_ordering::OrderingError;

use crate::{booking_body::quote_facts, values::amount};

/// An [`OrderingError`] on its way to the client.
pub(crate) struct Refused(pub(crate) OrderingError);

impl From<OrderingError> for Refused {
    fn from(error: OrderingError) -> Self {
        Self(error)
    }
}

impl From<Refused> for ApiError {
    fn from(Refused(error): Refused) -> Self {
        match error {
            OrderingError::NotFound => Self::not_found("booking"),
            OrderingError::NoTrip => Self::not_found("trip"),
            OrderingError::Trip(error) => error.into(),
            OrderingError::Invalid(invalid) | OrderingError::State(BookingError::Invalid(invalid)) => invalid.into(),
            OrderingError::KeyRequired => Self::new(Code::KeyRequired).message(
                "bookings are made with your own Duffel key: add one, and search again with it. What was found with \
                 the key of this service cannot be booked",
            ),
            OrderingError::KeyGone => {
                Self::new(Code::KeyRequired).message("the key that the booking was made with was removed")
            }
            OrderingError::Reused => Self::new(Code::IdempotencyKeyReused),
            OrderingError::PriceChanged { old, new } => price_changed(old, new),
            OrderingError::HoldNotOffered => Self::field("type", "hold", "must be instant: this offer cannot be held"),
            OrderingError::Failed(booking, failure) => failed(failure).fact("booking_id", booking.id.to_string()),
            OrderingError::Refused(failure) => failed(failure).message(match failure {
                Failure::InsufficientBalance => failure.message(),
                _ => "the provider refused; nothing has changed",
            }),
            OrderingError::QuoteChanged(booking) => {
                let error = Self::new(Code::QuoteChanged);
                match booking.deal.as_ref().and_then(|deal| deal.quote.as_ref()) {
                    Some(quote) => error.fact("quote", quote_facts(quote)),
                    None => error,
                }
            }
            OrderingError::State(error) => Self::new(Code::Conflict).message(error.to_string()),
            OrderingError::Busy => Self::new(Code::EditConflict).retry_after(Duration::from_secs(1)),
            OrderingError::Vault(error) => error.into(),
            OrderingError::Provider(error) => error.into(),
            OrderingError::Store(error) => error.into(),
        }
    }
}

fn failed(failure: Failure) -> ApiError {
    let code = match failure {
        Failure::OfferExpired => Code::OfferExpired,
        Failure::OfferUnavailable => Code::OfferGone,
        Failure::InsufficientBalance => Code::InsufficientBalance,
        Failure::PriceChanged => Code::PriceChanged,
        Failure::SupplierRefused => Code::SupplierRefused,
        Failure::ProviderRefused => Code::ProviderRefused,
        Failure::NotOrdered => Code::NotOrdered,
        Failure::NotSent => Code::ProviderUnavailable,
    };
    ApiError::new(code).message(failure.message())
}

fn price_changed(old: Money, new: Money) -> ApiError {
    let error = ApiError::new(Code::PriceChanged)
        .message("the price has changed; nothing was ordered or paid")
        .fact("old", amount(&old))
        .fact("new", amount(&new));
    if old.currency != new.currency {
        return error;
    }
    let difference = Money {
        minor: new.minor - old.minor,
        currency: new.currency,
    };
    error.fact("difference", amount(&difference))
}
