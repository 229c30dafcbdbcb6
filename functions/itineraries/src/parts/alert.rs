use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use tripsage_domain::{
    ids::{ItineraryId, SafetyAlertId},
    itinerary::{AlertStatus, Part, PartId, PartKind, SafetyAlert},
    validation::{Checks, Invalid},
};
use tripsage_http::{
    ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, MaybeCaller, Path, PointInput, Reply, merge_patch,
    replace_fields,
};
use utoipa::ToSchema;

use super::{LINE, NAME, PartFields, TEXT, WORDS, operations::part_operations};
use crate::{
    App,
    body::ItineraryDetail,
    inputs::{date, text},
};

/// Something to beware of.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SafetyAlertFields {
    /// What kind of danger.
    #[schema(min_length = 1, max_length = 100, example = "scam")]
    alert_type: Option<String>,
    /// `low`, `medium` (unless given), `high` or `critical`.
    #[schema(example = "medium")]
    severity_level: Option<String>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Bars that overcharge")]
    title: Option<String>,
    /// What happened, or may.
    #[schema(max_length = 3000)]
    description: Option<String>,
    /// Where.
    location_gps: Option<PointInput>,
    /// What the place is called.
    #[schema(max_length = 200)]
    location_name: Option<String>,
    /// When it happened.
    #[schema(value_type = Option<String>, format = Date)]
    incident_date: Option<String>,
    /// What to do.
    #[schema(max_length = 500)]
    recommended_action: Option<String>,
    /// How to get around it.
    #[schema(max_length = 500)]
    alternative_route: Option<String>,
    /// `active` (unless given) or `resolved`.
    #[schema(example = "active")]
    status: Option<String>,
}

/// Something to beware of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SafetyAlertBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    #[serde(flatten)]
    fields: SafetyAlertFields,
    /// When it was written down.
    #[schema(value_type = String, format = DateTime)]
    reported_date: Timestamp,
    /// Since when one need not beware any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Timestamp>,
}

impl SafetyAlertBody {
    pub(crate) fn new(alert: &SafetyAlert) -> Self {
        Self {
            id: alert.id.to_string(),
            fields: SafetyAlertFields {
                alert_type: Some(alert.alert_type.clone()),
                severity_level: Some(alert.severity.name().to_owned()),
                title: Some(alert.title.clone()),
                description: alert.description.clone(),
                location_gps: alert.location.map(PointInput::from),
                location_name: alert.location_name.clone(),
                incident_date: alert.incident_date.map(|date| date.to_string()),
                recommended_action: alert.recommended_action.clone(),
                alternative_route: alert.alternative_route.clone(),
                status: Some(alert.status.name().to_owned()),
            },
            reported_date: alert.reported_at,
            resolved_at: alert.resolved_at,
        }
    }
}

impl PartFields for SafetyAlertFields {
    type Body = SafetyAlertBody;

    const KIND: PartKind = PartKind::SafetyAlert;
    const WHAT: &'static str = "safety alert";

    fn of(part: &Part) -> Option<Self> {
        Self::body(part).map(|body| body.fields)
    }

    fn into_part(self, id: PartId, now: Timestamp) -> Result<Part, Invalid> {
        let mut checks = Checks::default();
        let alert_type = checks.required("alert_type", self.alert_type, |text| WORDS.parse(&text));
        let severity = self.severity_level.as_deref().unwrap_or("medium");
        let severity = checks.take("severity_level", severity.parse().map_err(Into::into));
        let title = checks.required("title", self.title, |text| NAME.parse(&text));
        let description = text(&mut checks, "description", self.description, TEXT);
        let location = checks.optional("location_gps", self.location_gps, PointInput::parse);
        let location_name = text(&mut checks, "location_name", self.location_name, NAME);
        let incident_date = checks.optional("incident_date", self.incident_date, date);
        let recommended_action = text(&mut checks, "recommended_action", self.recommended_action, LINE);
        let alternative_route = text(&mut checks, "alternative_route", self.alternative_route, LINE);
        let status = self.status.as_deref().unwrap_or("active");
        let status = checks.take("status", status.parse().map_err(Into::into));
        checks.build(|| {
            let PartId::SafetyAlert(id) = id else { return None };
            let status = status?;
            Some(Part::SafetyAlert(SafetyAlert {
                id,
                alert_type: alert_type?,
                severity: severity?,
                title: title?,
                description,
                location,
                location_name,
                incident_date,
                reported_at: now,
                recommended_action,
                alternative_route,
                status,
                resolved_at: (status == AlertStatus::Resolved).then_some(now),
            }))
        })
    }

    fn body(part: &Part) -> Option<SafetyAlertBody> {
        match part {
            Part::SafetyAlert(alert) => Some(SafetyAlertBody::new(alert)),
            _ => None,
        }
    }
}

part_operations!(
    SafetyAlertFields, SafetyAlertBody, "/api/v1/itineraries/{itinerary_id}/safety-alerts",
    "/api/v1/itineraries/{itinerary_id}/safety-alerts/{alert_id}",
    (("itinerary_id" = String, Path, format = Uuid), ("alert_id" = String, Path, format = Uuid)),
    SafetyAlertId => PartId::SafetyAlert,
    create |request, context| {
        let id = SafetyAlertId::from_uuid(context.new_id("safety alert"));
        request.into_part(PartId::SafetyAlert(id), context.now)
    },
    list_safety_alerts "listSafetyAlerts", create_safety_alert "createSafetyAlert", get_safety_alert "getSafetyAlert",
    replace_safety_alert "replaceSafetyAlert", patch_safety_alert "patchSafetyAlert",
    delete_safety_alert "deleteSafetyAlert",
);
