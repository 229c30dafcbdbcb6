//! What a trip was like.

use jiff::Timestamp;
use tripsage_domain::{
    ids::TripId,
    trip::{Item, Trip},
};
use tripsage_http::{ApiError, Caller};
use tripsage_store::trips::{Past, VersionRow, rewind};

use crate::App;

/// Versions that one request undoes at most. Each costs a read of what it changed, and 2000 are some megabytes.
const MAX_REWIND: u64 = 2000;

/// Versions read at a time while looking for an instant.
const STRIDE: usize = 100;

impl App {
    /// The trip at version `number`, for somebody who may see it today; and that version.
    pub(crate) async fn past(&self, caller: &Caller, id: TripId, number: u64) -> Result<(Past, VersionRow), ApiError> {
        let (trip, items) = self.view_plan(caller, id).await?;
        let rows = self.versions_from(&trip, number).await?;
        undo(trip, items, &rows)
    }

    /// The trip at two versions.
    pub(crate) async fn two_pasts(
        &self,
        caller: &Caller,
        id: TripId,
        one: u64,
        other: Option<u64>,
    ) -> Result<(Past, Past), ApiError> {
        let (trip, items) = self.view_plan(caller, id).await?;
        let other = other.unwrap_or(trip.sequence);
        for number in [one, other] {
            if number == 0 || number > trip.sequence {
                return Err(ApiError::not_found("version"));
            }
        }
        let (early, late) = (one.min(other), one.max(other));
        let rows = self.versions_from(&trip, early).await?;
        let split = rows.partition_point(|row| row.number < late);
        let (late, _) = undo(trip, items, &rows[split..])?;
        let (early, _) = undo(
            late.trip.clone(),
            late.items.clone(),
            &rows[..=split.min(rows.len() - 1)],
        )?;
        Ok(if one <= other { (early, late) } else { (late, early) })
    }

    /// The trip as it was at `instant`: at the newest version that was made by then.
    pub(crate) async fn trip_at(&self, caller: &Caller, id: TripId, instant: Timestamp) -> Result<Past, ApiError> {
        let (trip, items) = self.view_plan(caller, id).await?;
        let mut rows: Vec<VersionRow> = Vec::new();
        let mut below = trip.sequence + 1;
        loop {
            let page = self.db.list_versions(id, Some(below), STRIDE).await?;
            for row in page {
                let found = row.at <= instant;
                below = row.number;
                rows.push(row);
                if found {
                    rows.reverse();
                    return Ok(undo(trip, items, &rows)?.0);
                }
            }
            if below <= 1 {
                return Err(ApiError::not_found("trip").message("the trip did not exist then"));
            }
            check_depth(trip.sequence - below, "as_of")?;
        }
    }

    /// The versions from `number` on, oldest first; at least one.
    async fn versions_from(&self, trip: &Trip, number: u64) -> Result<Vec<VersionRow>, ApiError> {
        if number == 0 || number > trip.sequence {
            return Err(ApiError::not_found("version"));
        }
        let newer = trip.sequence - number;
        check_depth(newer, "version")?;
        let limit = usize::try_from(newer + 1).map_err(ApiError::internal)?;
        Ok(self.db.versions_after(trip.id, number - 1, limit).await?)
    }
}

fn check_depth(newer: u64, field: &str) -> Result<(), ApiError> {
    if newer > MAX_REWIND {
        let message = format!("must not lie more than {MAX_REWIND} versions back");
        return Err(ApiError::field(field, "range", message));
    }
    Ok(())
}

/// The state that the first of the versions left, from that which the last left.
fn undo(trip: Trip, items: Vec<Item>, rows: &[VersionRow]) -> Result<(Past, VersionRow), ApiError> {
    let Some((this, newer)) = rows.split_first() else {
        return Err(ApiError::internal("a trip has no versions"));
    };
    let mut past = rewind(trip, items, newer)?;
    if past.trip.sequence != this.number {
        return Err(ApiError::internal("versions of a trip are missing"));
    }
    past.trip.updated_at = this.at;
    Ok((past, this.clone()))
}
