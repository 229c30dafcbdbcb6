//! Finding intel for somebody who may do something with it.

use tripsage_domain::{
    ids::{IntelId, ItineraryId, UserId},
    itinerary::Itinerary,
    policy::{ItineraryAction, RemarkAction, may_remark},
};
use tripsage_http::{ApiError, MaybeCaller, Principal};
use tripsage_store::intel::{IntelCard, Place};

use crate::App;

impl App {
    /// The itinerary, for somebody who may see it.
    pub(crate) async fn view_itinerary(
        &self,
        caller: Option<&Principal>,
        id: ItineraryId,
    ) -> Result<Itinerary, ApiError> {
        let itinerary = self.db.find_itinerary(id).await?;
        let shown = itinerary.filter(|itinerary| itinerary.permit(caller, ItineraryAction::View).is_ok());
        shown.ok_or_else(|| ApiError::not_found("itinerary"))
    }

    /// A place in a thread, empty or not, for somebody who may read what is there.
    pub(crate) async fn view_place(&self, caller: &MaybeCaller, id: IntelId) -> Result<Place, ApiError> {
        let place = self.db.find_intel(id).await?;
        let place = place.ok_or_else(|| ApiError::not_found("travel intel"))?;
        let (itinerary, author) = match &place {
            Place::Told(card) => (card.intel.itinerary, Some(card.intel.author)),
            Place::Emptied(emptied) => (emptied.itinerary, None),
        };
        self.permit(caller.0.as_ref(), itinerary, author, |_| RemarkAction::View)
            .await?;
        Ok(place)
    }

    /// Intel with which the caller may do `action`; it may depend on whether the itinerary is theirs.
    pub(crate) async fn find_told(
        &self,
        caller: &Principal,
        id: IntelId,
        action: impl Fn(bool) -> RemarkAction,
    ) -> Result<IntelCard, ApiError> {
        let card = self.db.find_intel(id).await?.and_then(Place::told);
        let card = card.ok_or_else(|| ApiError::not_found("travel intel"))?;
        let (itinerary, author) = (card.intel.itinerary, Some(card.intel.author));
        self.permit(Some(caller), itinerary, author, action).await?;
        Ok(card)
    }

    /// Neither the author of intel nor its itinerary ever changes, so this can be asked once.
    async fn permit(
        &self,
        caller: Option<&Principal>,
        itinerary: ItineraryId,
        author: Option<UserId>,
        action: impl Fn(bool) -> RemarkAction,
    ) -> Result<(), ApiError> {
        let itinerary = self.db.find_itinerary(itinerary).await?;
        let itinerary = itinerary.filter(|itinerary| itinerary.permit(caller, ItineraryAction::View).is_ok());
        let owner = itinerary.as_ref().map(|itinerary| itinerary.owner);
        let owns = caller.is_some_and(|caller| Some(caller.user) == owner);
        // What nobody says any more is the itinerary's owner's.
        let Some(author) = author.or(owner) else {
            return Err(ApiError::not_found("travel intel"));
        };
        may_remark(caller, author, itinerary.is_some(), action(owns))
            .map_err(|denial| ApiError::denied(denial, "travel intel"))
    }
}
