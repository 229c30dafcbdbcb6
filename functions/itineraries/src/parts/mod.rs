//! The parts of an itinerary: days, businesses, hidden gems and safety alerts. Each kind has the same operations; what
//! differs is what a part says.

mod alert;
mod business;
mod day;
mod gem;
mod operations;

pub(crate) use alert::*;
pub(crate) use business::*;
pub(crate) use day::*;
pub(crate) use gem::*;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tripsage_domain::{
    ids::ItineraryId,
    itinerary::{Itinerary, Part, PartId, PartKind},
    policy::ItineraryAction,
    text::TextRule,
    validation::Invalid,
};
use tripsage_http::{ApiError, Caller, Code, Context, IfMatch, MaybeCaller, Reply, read_value};
use tripsage_store::itineraries::{ItineraryChange, PartChange, StoredPart};

use crate::{App, body::ItineraryDetail, editing::permit_view};

/// Names.
const NAME: TextRule = TextRule::line(1, 200);

/// Kinds, seasons, telephone numbers.
const WORDS: TextRule = TextRule::line(1, 100);

/// Addresses, hours, and other longer lines.
const LINE: TextRule = TextRule::multiline(1, 500);

/// Descriptions.
const TEXT: TextRule = TextRule::multiline(1, 3000);

/// What is done or offered, at most.
const MAX_ENTRIES: usize = 20;

/// What a part says, as clients write it.
pub(crate) trait PartFields: Serialize + DeserializeOwned + Send {
    /// The part as answers show it.
    type Body: Serialize;

    /// What kind of part.
    const KIND: PartKind;

    /// What one is called.
    const WHAT: &'static str;

    /// As a request would have it that changes nothing; `None` for a part of another kind.
    fn of(part: &Part) -> Option<Self>;

    /// The part with this id, checked as a whole.
    fn into_part(self, id: PartId, now: Timestamp) -> Result<Part, Invalid>;

    /// The part as answers show it; `None` for a part of another kind.
    fn body(part: &Part) -> Option<Self::Body>;
}

/// An itinerary and one of its parts.
type Found = (Itinerary, Option<StoredPart>);

fn body<P: PartFields>(part: &Part) -> Result<P::Body, ApiError> {
    P::body(part).ok_or_else(|| ApiError::internal("a part of another kind"))
}

/// A change of a part with its itinerary.
fn change<'a>(
    (itinerary, stored): &'a Found,
    caller: &Caller,
    (id, part): (PartId, Option<Part>),
    context: &Context,
) -> Result<ItineraryChange<'a>, ApiError> {
    let added = isize::from(part.is_some()) - isize::from(stored.is_some());
    let after = itinerary.with_parts(caller, id.kind(), added, context.now)?;
    let mut change = ItineraryChange::new(Some(itinerary), after);
    change.parts.push(PartChange {
        id,
        before: stored.as_ref().map(|stored| stored.version),
        after: part,
    });
    Ok(change)
}

impl App {
    async fn find_part(&self, itinerary: ItineraryId, part: PartId) -> Result<Found, ApiError> {
        let found = self.db.find_itinerary_part(itinerary, part).await?;
        found.ok_or_else(|| ApiError::not_found("itinerary"))
    }

    pub(crate) async fn list_parts<P: PartFields>(
        &self,
        caller: &MaybeCaller,
        id: ItineraryId,
    ) -> Result<Reply<Vec<P::Body>>, ApiError> {
        let (itinerary, parts) = tokio::join!(
            self.view_itinerary(caller, id),
            self.db.list_itinerary_parts(id, P::KIND)
        );
        itinerary?;
        let bodies = parts?.into_iter().map(|stored| body::<P>(&stored.part));
        Ok(Reply::ok("Parts found", bodies.collect::<Result<_, _>>()?))
    }

    pub(crate) async fn get_part<P: PartFields>(
        &self,
        caller: &MaybeCaller,
        id: ItineraryId,
        part: PartId,
    ) -> Result<Reply<P::Body>, ApiError> {
        let (itinerary, stored) = self.find_part(id, part).await?;
        permit_view(&itinerary, caller)?;
        let stored = stored.ok_or_else(|| ApiError::not_found(P::WHAT))?;
        Ok(Reply::ok("Part found", body::<P>(&stored.part)?).etag(stored.version))
    }

    pub(crate) async fn create_part<P: PartFields>(
        &self,
        caller: &Caller,
        context: &Context,
        id: ItineraryId,
        part: Part,
    ) -> Result<Reply<P::Body>, ApiError> {
        let part_id = part.id();
        let version = self
            .edit(
                context,
                || self.find_part(id, part_id),
                |found: &Found| {
                    let (itinerary, stored) = found;
                    permit_edit(itinerary, caller)?;
                    match stored {
                        // An earlier attempt at this very request has made it, and only its answer was lost.
                        Some(stored) if context.resumed() => Ok((None, stored.version)),
                        Some(_) => {
                            Err(ApiError::new(Code::AlreadyExists)
                                .message(format!("there is this {} already", P::WHAT)))
                        }
                        None => {
                            let change = change(found, caller, (part_id, Some(part.clone())), context)?;
                            let version = change.after.version;
                            Ok((Some(change), version))
                        }
                    }
                },
            )
            .await?;
        Ok(Reply::created("Part created", body::<P>(&part)?).etag(version))
    }

    /// Works a request into a part.
    pub(crate) async fn update_part<P: PartFields>(
        &self,
        caller: &Caller,
        context: &Context,
        (id, part_id): (ItineraryId, PartId),
        if_match: &IfMatch,
        (request, combine): (&Value, fn(&mut Value, &Value)),
    ) -> Result<Reply<P::Body>, ApiError> {
        // What no part may have is refused before anything is read.
        read_value::<P>(request.clone())?;
        let (part, version) = self
            .edit(
                context,
                || self.find_part(id, part_id),
                |found: &Found| {
                    let (itinerary, stored) = found;
                    permit_edit(itinerary, caller)?;
                    let stored = stored.as_ref().ok_or_else(|| ApiError::not_found(P::WHAT))?;
                    if_match.check(stored.version)?;
                    let fields = P::of(&stored.part).ok_or_else(|| ApiError::not_found(P::WHAT))?;
                    let mut fields = serde_json::to_value(fields).map_err(ApiError::internal)?;
                    combine(&mut fields, request);
                    let part = read_value::<P>(fields)?.into_part(part_id, context.now)?;
                    let part = completed(&stored.part, part, context.now);
                    if part == stored.part {
                        return Ok((None, (part, stored.version)));
                    }
                    let change = change(found, caller, (part_id, Some(part.clone())), context)?;
                    let version = change.after.version;
                    Ok((Some(change), (part, version)))
                },
            )
            .await?;
        Ok(Reply::ok("Part updated", body::<P>(&part)?).etag(version))
    }

    pub(crate) async fn delete_part<P: PartFields>(
        &self,
        caller: &Caller,
        context: &Context,
        (id, part_id): (ItineraryId, PartId),
        if_match: &IfMatch,
    ) -> Result<Reply<ItineraryDetail>, ApiError> {
        self.edit(
            context,
            || self.find_part(id, part_id),
            |found: &Found| {
                let (itinerary, stored) = found;
                permit_edit(itinerary, caller)?;
                let stored = stored.as_ref().ok_or_else(|| ApiError::not_found(P::WHAT))?;
                if_match.check(stored.version)?;
                Ok((Some(change(found, caller, (part_id, None), context)?), ()))
            },
        )
        .await?;
        self.changed("Part removed", id).await
    }
}

fn permit_edit(itinerary: &Itinerary, caller: &Caller) -> Result<(), ApiError> {
    let permitted = itinerary.permit(Some(caller), ItineraryAction::Edit);
    permitted.map_err(|denial| ApiError::denied(denial, "itinerary"))
}

/// A part with what the server keeps of it.
fn completed(before: &Part, after: Part, now: Timestamp) -> Part {
    match (before, after) {
        (Part::SafetyAlert(before), Part::SafetyAlert(after)) => Part::SafetyAlert(before.edited(after, now)),
        (_, after) => after,
    }
}
