use tripsage_domain::{
    booking::{Booking, BookingError, Failure},
    money::Money,
    trip::TripError,
    validation::Invalid,
};
use tripsage_providers::ProviderError;
use tripsage_store::StoreError;
use tripsage_vault::VaultError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum OrderingError {
    /// There is no such booking of this user.
    #[error("booking not found")]
    NotFound,
    /// There is no such trip, or its members may not know of it.
    #[error("trip not found")]
    NoTrip,
    /// The trip does not take it.
    #[error(transparent)]
    Trip(#[from] TripError),
    /// What was sent does not fit the offer.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The user has no live key of their own for the provider.
    #[error("bookings are made with a key of one's own")]
    KeyRequired,
    /// The key that the booking was made with was removed.
    #[error("the key that the booking was made with is gone")]
    KeyGone,
    /// The same idempotency key stands for another request.
    #[error("the idempotency key was used for another request")]
    Reused,
    /// The price is another one; nothing was ordered or paid.
    #[error("the price has changed")]
    PriceChanged {
        /// What was expected.
        old: Money,
        /// What it is.
        new: Money,
    },
    /// The offer cannot be held.
    #[error("the offer has to be paid at once")]
    HoldNotOffered,
    /// Nothing was ordered; the booking says why.
    #[error("nothing was ordered: {}", .1.message())]
    Failed(Box<Booking>, Failure),
    /// The provider refused the payment or the cancellation; the booking is as it was.
    #[error("refused: {}", .0.message())]
    Refused(Failure),
    /// The quote has run out, or is another one by now; nothing was cancelled. The booking has the new one.
    #[error("the quote has changed")]
    QuoteChanged(Box<Booking>),
    /// The state of the booking does not permit it.
    #[error(transparent)]
    State(#[from] BookingError),
    /// Somebody else is changing the booking or its trip at the same time.
    #[error("changed at the same time")]
    Busy,
    /// The key cannot be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The provider did not do it.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
