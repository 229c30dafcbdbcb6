//! Who may do what: every operation of the product against everybody who might try it.
//!
//! The rows below are the whole specification. An operation without a row fails the test, and so does a row without an
//! operation.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

/// What an operation demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Nothing.
    Open,
    /// A sign-in.
    SignedIn,
    /// A sign-in, and a thing of one's own: that of somebody else does not exist.
    Own,
    /// To be a member of the trip.
    View,
    /// To be at least an editor of the trip.
    Edit,
    /// To be at least an admin of the trip.
    Share,
    /// To own the trip.
    Delete,
    /// To be an administrator of the product.
    Administer,
    /// To be a moderator or an administrator of the product.
    Moderate,
}

use Access::{Administer, Delete, Edit, Moderate, Open, Own, Share, SignedIn, View};

#[rustfmt::skip]
const ROWS: &[(&str, Access, &str)] = &[
    // auth
    ("register", Open, "{}"),
    ("login", Open, "{}"),
    ("issueToken", Open, "{}"),
    ("refreshTokens", Open, r#"{"refresh_token":"x"}"#),
    ("verifyEmail", Open, "{}"),
    ("forgotPassword", Open, "{}"),
    ("resetPassword", Open, "{}"),
    ("requestOtp", Open, "{}"),
    ("verifyOtp", Open, "{}"),
    ("getJwks", Open, ""),
    ("getOpenidConfiguration", Open, ""),
    ("loginWithProvider", Open, ""),
    ("finishProviderSignIn", Open, ""),
    ("connectProvider", SignedIn, ""),
    ("disconnectProvider", SignedIn, ""),
    ("getAuthenticatedUser", SignedIn, ""),
    ("validateSession", SignedIn, ""),
    ("logout", SignedIn, ""),
    ("logoutAll", SignedIn, ""),
    ("listSessions", SignedIn, ""),
    ("deleteSession", Own, ""),
    ("resendVerification", SignedIn, ""),
    ("changePassword", SignedIn, "{}"),
    ("listAccessTokens", SignedIn, ""),
    ("createAccessToken", SignedIn, r#"{"name":"n","scopes":["trips:read"]}"#),
    ("deleteAccessToken", Own, ""),
    // users
    ("getCurrentUser", SignedIn, ""),
    ("replaceCurrentUser", SignedIn, r#"{"bio":"b"}"#),
    ("patchCurrentUser", SignedIn, r#"{"bio":"c"}"#),
    ("deleteCurrentUser", SignedIn, r#"{"unknown":1}"#),
    ("getPreferences", SignedIn, ""),
    ("replacePreferences", SignedIn, r#"{"theme":"dark"}"#),
    ("createExport", SignedIn, ""),
    ("getExport", Own, ""),
    ("listActivity", SignedIn, ""),
    ("searchUsers", Open, ""),
    ("getUser", Open, ""),
    ("getUserStats", Open, ""),
    // integrations
    ("getIntegrationsStatus", SignedIn, ""),
    ("validateIntegrations", SignedIn, "{}"),
    ("refreshIntegrations", Administer, ""),
    // platform
    ("getHealth", Open, ""),
    ("getHealthLive", Open, ""),
    ("getHealthReady", Open, ""),
    ("getHealthDetailed", Open, ""),
    ("getOpenapiJson", Open, ""),
    ("getOpenapiYaml", Open, ""),
    // search
    ("searchFlights", SignedIn, r#"{"unknown":1}"#),
    ("getFlightSearch", Own, ""),
    ("getOffer", SignedIn, ""),
    ("searchAccommodations", SignedIn, r#"{"unknown":1}"#),
    ("getAccommodation", Own, ""),
    ("searchActivities", SignedIn, r#"{"destination":"Kyoto"}"#),
    ("getActivity", Own, ""),
    ("searchDestinations", Open, r#"{"query":"Kyoto"}"#),
    ("listPopularDestinations", Open, ""),
    ("getDestination", Open, ""),
    ("getDestinationWeather", Open, ""),
    ("findAirports", Open, ""),
    ("searchUnified", SignedIn, r#"{"query":"Kyoto","types":["destination"]}"#),
    ("suggestSearches", SignedIn, ""),
    ("listRecentSearches", SignedIn, ""),
    ("saveSearch", SignedIn, r#"{"unknown":1}"#),
    ("listSavedSearches", SignedIn, ""),
    ("deleteSavedSearch", Own, ""),
    // safety ratings
    ("listSafetyRatings", Open, ""),
    ("createSafetyRating", SignedIn, r#"{"unknown":1}"#),
    ("rateItinerary", Own, r#"{"overall_safety_score":4}"#),
    ("listOwnSafetyRatings", SignedIn, ""),
    ("getSafetyRating", Open, ""),
    ("replaceSafetyRating", Own, r#"{"overall_safety_score":4}"#),
    ("patchSafetyRating", Own, r#"{"overall_safety_score":4}"#),
    ("deleteSafetyRating", Own, ""),
    ("markSafetyRatingHelpful", Own, ""),
    ("markSafetyRatingUnhelpful", Own, ""),
    // travel intel
    ("listTravelIntel", Open, ""),
    ("createTravelIntel", SignedIn, r#"{"unknown":1}"#),
    ("listOwnTravelIntel", SignedIn, ""),
    ("getTravelIntelStats", Open, ""),
    ("getTravelIntel", Open, ""),
    ("replaceTravelIntel", Own, r#"{"title":"t"}"#),
    ("patchTravelIntel", Own, r#"{"title":"t"}"#),
    ("deleteTravelIntel", Own, ""),
    ("respondToTravelIntel", Own, r#"{"response_status":"r"}"#),
    ("markTravelIntelHelpful", Own, ""),
    ("markTravelIntelUnhelpful", Own, ""),
    // groups: who may what within one is in `groups/deciding.rs`
    ("listGroups", Open, ""),
    ("createGroup", SignedIn, r#"{"name":"g","destination":"x","start_date":"2027-04-01","end_date":"2027-04-02"}"#),
    ("matchGroups", SignedIn, ""),
    ("listGroupMemberships", SignedIn, ""),
    ("getGroup", Open, ""),
    ("replaceGroup", Own, r#"{"name":"g"}"#),
    ("patchGroup", Own, r#"{"name":"g"}"#),
    ("deleteGroup", Own, ""),
    ("restoreGroup", Own, ""),
    ("handGroupOver", Own, r#"{"username":"newcomer"}"#),
    ("joinGroup", Own, ""),
    ("leaveGroup", Own, ""),
    ("acceptGroupInvitation", Own, ""),
    ("declineGroupInvitation", Own, ""),
    ("inviteToGroup", Own, r#"{"username":"newcomer"}"#),
    ("listGroupMembers", Own, ""),
    ("updateGroupMember", Own, r#"{"role":"member"}"#),
    ("deleteGroupMember", Own, ""),
    ("approveGroupMember", Own, ""),
    ("rejectGroupMember", Own, ""),
    ("blockGroupMember", Own, ""),
    // trips
    ("listTrips", SignedIn, ""),
    ("createTrip", SignedIn, r#"{"title":"t","start_date":"2027-04-01","end_date":"2027-04-02","destinations":["x"]}"#),
    ("getTrip", View, ""),
    ("replaceTrip", Edit, r#"{"title":"t"}"#),
    ("patchTrip", Edit, r#"{"title":"u"}"#),
    ("deleteTrip", Delete, ""),
    ("restoreTrip", Delete, ""),
    ("duplicateTrip", View, "{}"),
    ("getTripItinerary", View, ""),
    ("getTripSummary", View, ""),
    ("getTripCalendar", View, ""),
    ("getTripPreferences", View, ""),
    ("replaceTripPreferences", Edit, "{}"),
    ("listItems", View, ""),
    ("createItem", Edit, r#"{"type":"note","title":"n"}"#),
    ("reorderItems", Edit, r#"{"item_ids":["{item_id}"]}"#),
    ("getItem", View, ""),
    ("replaceItem", Edit, r#"{"type":"note","title":"m"}"#),
    ("patchItem", Edit, r#"{"title":"o"}"#),
    ("deleteItem", Edit, ""),
    ("listVersions", View, ""),
    ("getVersion", View, ""),
    ("diffVersions", View, ""),
    ("restoreVersion", Edit, ""),
    ("listChanges", View, ""),
    ("createCalendarFeed", View, ""),
    ("deleteCalendarFeed", View, ""),
    ("listCollaborators", View, ""),
    ("shareTrip", Share, r#"{"usernames":["newcomer"],"permission_level":"view"}"#),
    ("updateCollaborator", Share, r#"{"permission_level":"edit"}"#),
    ("deleteCollaborator", Share, ""),
    ("deleteInvitation", Share, ""),
    ("listLinks", Share, ""),
    ("createLink", Share, "{}"),
    ("deleteLink", Share, ""),
    // keys
    ("listKeys", SignedIn, ""),
    ("createKey", SignedIn, r#"{"name":"n","service":"duffel_webhook"}"#),
    ("getKey", Own, ""),
    ("updateKey", Own, r#"{"name":"n"}"#),
    ("deleteKey", Own, ""),
    ("validateKey", SignedIn, r#"{"service":"openweather","key":"no such key"}"#),
    ("validateStoredKey", Own, ""),
    ("rotateKey", Own, r#"{"new_key":"duffel_test_abcdefghijklmnop"}"#),
    ("getKeysUsage", SignedIn, ""),
    ("getKeyUsage", Own, ""),
    ("listKeyAudit", SignedIn, ""),
    // bookings
    ("listBookings", SignedIn, ""),
    ("createBooking", SignedIn, r#"{"kind":"activity","title":"t"}"#),
    ("getBooking", Own, ""),
    ("replaceBooking", Own, r#"{"notes":"n"}"#),
    ("patchBooking", Own, r#"{"notes":"n"}"#),
    ("cancelBooking", Own, ""),
    ("payBooking", Own, ""),
    ("listBookingEvents", Own, ""),
    ("receiveDuffelWebhook", Open, "{}"),
    // votes, views and boards
    ("upvoteItinerary", Own, ""),
    ("downvoteItinerary", Own, ""),
    ("deleteItineraryVote", Own, ""),
    ("viewItinerary", Open, r#"{"session_id":"s"}"#),
    ("featureItinerary", Administer, ""),
    ("getItineraryLeaderboard", Open, ""),
    ("listFeaturedItineraries", Open, ""),
    ("listRisingItineraries", Open, ""),
    ("listMostRequestedItineraries", Open, ""),
    ("listTrendingTags", Open, ""),
    // itineraries
    ("listItineraries", Open, ""),
    ("listItinerariesByDestination", Open, ""),
    ("listUserItineraries", Open, ""),
    ("createItinerary", SignedIn, r#"{"unknown":1}"#),
    ("listOwnItineraries", SignedIn, ""),
    ("remixItineraries", SignedIn, r#"{"unknown":1}"#),
    ("getItinerary", Open, ""),
    ("replaceItinerary", Own, r#"{"title":"Another title"}"#),
    ("patchItinerary", Own, r#"{"title":"Another title"}"#),
    ("deleteItinerary", Own, ""),
    ("restoreItinerary", Own, ""),
    ("publishItinerary", Own, ""),
    ("unpublishItinerary", Own, ""),
    ("remixItinerary", Own, r#"{"prompt":"A quiet week"}"#),
    ("getItineraryRoute", Open, ""),
    ("replaceItineraryRoute", Own, r#"{"route_waypoints":[{"latitude":1,"longitude":2},{"latitude":1,"longitude":3}]}"#),
    ("deleteItineraryRoute", Own, ""),
    ("listItineraryDays", Open, ""),
    ("createItineraryDay", Own, r#"{"day_number":1,"title":"d"}"#),
    ("getItineraryDay", Open, ""),
    ("replaceItineraryDay", Own, r#"{"title":"e"}"#),
    ("patchItineraryDay", Own, r#"{"title":"e"}"#),
    ("deleteItineraryDay", Own, ""),
    ("listItineraryBusinesses", Open, ""),
    ("createItineraryBusiness", Own, r#"{"name":"n"}"#),
    ("getItineraryBusiness", Open, ""),
    ("replaceItineraryBusiness", Own, r#"{"name":"m"}"#),
    ("patchItineraryBusiness", Own, r#"{"name":"m"}"#),
    ("deleteItineraryBusiness", Own, ""),
    ("listHiddenGems", Open, ""),
    ("createHiddenGem", Own, r#"{"name":"n"}"#),
    ("getHiddenGem", Open, ""),
    ("replaceHiddenGem", Own, r#"{"name":"m"}"#),
    ("patchHiddenGem", Own, r#"{"name":"m"}"#),
    ("deleteHiddenGem", Own, ""),
    ("listSafetyAlerts", Open, ""),
    ("createSafetyAlert", Own, r#"{"alert_type":"t","title":"n"}"#),
    ("getSafetyAlert", Open, ""),
    ("replaceSafetyAlert", Own, r#"{"title":"m"}"#),
    ("patchSafetyAlert", Own, r#"{"title":"m"}"#),
    ("deleteSafetyAlert", Own, ""),
    // women's safety
    ("listGuides", Open, ""),
    ("applyAsGuide", SignedIn, r#"{"unknown":1}"#),
    ("getOwnGuide", Own, ""),
    ("getGuide", Open, ""),
    ("replaceGuide", Own, r#"{"max_group_size":2}"#),
    ("patchGuide", Own, r#"{"max_group_size":2}"#),
    ("verifyGuide", Moderate, r#"{"verification_level":"gold"}"#),
    ("suspendGuide", Moderate, r#"{"reason":"r"}"#),
    ("reinstateGuide", Moderate, ""),
    ("bookGuide", Own, r#"{"destination":"Jaipur"}"#),
    ("listGuideBookings", SignedIn, ""),
    ("getGuideBooking", Own, ""),
    ("patchGuideBooking", Own, r#"{"notes":"n"}"#),
    ("confirmGuideBooking", Own, ""),
    ("completeGuideBooking", Own, ""),
    ("cancelGuideBooking", Own, ""),
    ("recordGuidePayment", Own, r#"{"payment_status":"paid"}"#),
    ("listGuideReviews", Open, ""),
    ("createGuideReview", Own, r#"{"rating":5}"#),
    ("reportGuideReview", Own, r#"{"reason":"r"}"#),
    ("markGuideReviewHelpful", Own, ""),
    ("hideGuideReview", Moderate, r#"{"reason":"r"}"#),
    ("approveGuideReview", Moderate, ""),
    ("listReportedReviews", Moderate, ""),
    ("listSafetyResources", Open, ""),
    ("getSafetyResource", Open, ""),
    ("createSafetyResource", Moderate, r#"{"title":"t"}"#),
    ("replaceSafetyResource", Moderate, r#"{"title":"t"}"#),
    ("deleteSafetyResource", Moderate, ""),
    ("markResourceHelpful", Own, ""),
    ("viewSafetyResource", Open, r#"{"session_id":"s"}"#),
    ("getSafetySettings", SignedIn, ""),
    ("replaceSafetySettings", SignedIn, r#"{"location_sharing_enabled":true}"#),
    ("revealSafetySettings", SignedIn, ""),
    // what a secret or an id of one's own opens
    ("acceptInvitation", Own, ""),
    ("getSharedTrip", Open, ""),
    ("getCalendarFeed", Open, ""),
    ("listTemplates", SignedIn, ""),
    ("createTemplate", SignedIn, r#"{"unknown":1}"#),
    ("getTemplate", Own, ""),
    ("replaceTemplate", Own, r#"{"title":"t"}"#),
    ("deleteTemplate", Own, ""),
    ("instantiateTemplate", Own, r#"{"start_date":"2027-04-01"}"#),
];

/// An operation of the description.
struct Operation {
    id: String,
    method: Method,
    path: String,
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&tripsage_local::openapi().to_json().unwrap()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else {
                continue;
            };
            operations.push(Operation {
                id: id.to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
            });
        }
    }
    operations
}

fn row(operation: &Operation) -> (Access, &'static str) {
    let row = ROWS.iter().find(|(id, ..)| *id == operation.id);
    let (_, access, body) = row.unwrap_or_else(|| panic!("{} has no row", operation.id));
    (*access, body)
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let described: BTreeSet<String> = operations().into_iter().map(|operation| operation.id).collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|(id, ..)| (*id).to_owned()).collect();
    assert_eq!(rows, described);
    assert_eq!(rows.len(), ROWS.len(), "a row stands twice");
}

/// A trip with one of everything, and its people.
struct Trip {
    id: String,
    item: String,
    link: String,
    invitation: String,
    bystander: String,
}

/// Everybody who might try.
struct People {
    owner: User,
    admin: User,
    editor: User,
    viewer: User,
    removed: User,
    stranger: User,
    administrator: User,
    bystander: User,
}

impl People {
    async fn new(api: &Api) -> Self {
        api.user("newcomer").await;
        Self {
            owner: api.user("owner").await,
            admin: api.user("admin").await,
            editor: api.user("editor").await,
            viewer: api.user("viewer").await,
            removed: api.user("removed").await,
            stranger: api.user("stranger").await,
            administrator: api.user_with_role("administrator", "admin").await,
            bystander: api.user("bystander").await,
        }
    }

    async fn trip(&self) -> Trip {
        let id = self.owner.trip("Japan").await;
        let path = format!("/api/v1/trips/{id}");
        let item = self
            .owner
            .post(&format!("{path}/items"), json!({ "type": "note", "title": "n" }))
            .await;
        for (user, level) in [
            (&self.admin, "admin"),
            (&self.editor, "edit"),
            (&self.viewer, "view"),
            (&self.removed, "edit"),
            (&self.bystander, "view"),
        ] {
            let body = json!({ "usernames": [user.name], "permission_level": level });
            self.owner.post(&format!("{path}/share"), body).await.expect(200);
        }
        self.owner
            .delete(&format!("{path}/collaborators/{}", self.removed.id))
            .await
            .expect(200);
        let body = json!({ "user_emails": ["unknown@example.com"], "permission_level": "view" });
        self.owner.post(&format!("{path}/share"), body).await.expect(200);
        let people = self.owner.get(&format!("{path}/collaborators")).await.expect(200);
        let link = self.owner.post(&format!("{path}/links"), json!({})).await.expect(201);
        Trip {
            item: item.expect(201).text_of("id"),
            link: link.data()["link"]["id"]
                .as_str()
                .or(link.data()["id"].as_str())
                .unwrap()
                .to_owned(),
            invitation: people.data()["invitations"][0]["id"].as_str().unwrap().to_owned(),
            bystander: self.bystander.id.clone(),
            id,
        }
    }
}

/// An id that nothing has.
const NOBODY: &str = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";

fn filled(text: &str, trip: &Trip) -> String {
    [
        ("{trip_id}", trip.id.as_str()),
        ("{item_id}", &trip.item),
        ("{link_id}", &trip.link),
        ("{invitation_id}", &trip.invitation),
        ("{user_id}", &trip.bystander),
        ("{number}", "1"),
        ("{rating_id}", NOBODY),
        ("{intel_id}", NOBODY),
        ("{itinerary_id}", NOBODY),
        ("{session_id}", NOBODY),
        ("{token_id}", NOBODY),
        ("{key_id}", NOBODY),
        ("{booking_id}", NOBODY),
        ("{guide_id}", NOBODY),
        ("{resource_id}", NOBODY),
        ("{review_id}", NOBODY),
        ("{export_id}", NOBODY),
        ("{template_id}", NOBODY),
        ("{group_id}", NOBODY),
        ("{search_id}", NOBODY),
        ("{saved_search_id}", NOBODY),
        ("{offer_id}", "off_nobody"),
        ("{listing_id}", "nobody"),
        ("{activity_id}", "nobody"),
        ("{destination_id}", "kyoto-jp"),
        ("{itinerary_id}", NOBODY),
        ("{business_id}", NOBODY),
        ("{gem_id}", NOBODY),
        ("{alert_id}", NOBODY),
        ("{day_number}", "1"),
        ("{destination}", "tokyo"),
        ("{username}", "nobody-at-all"),
        ("{token}", "x"),
        ("{file}", "x.ics"),
        ("{provider}", "github"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

async fn attempt(api: &Api, token: Option<&str>, operation: &Operation, trip: &Trip) -> Answer {
    let mut path = filled(&operation.path, trip);
    if operation.id == "diffVersions" {
        path.push_str("?to=1");
    }
    let mut request = api.request(operation.method.clone(), &path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let body = row(operation).1;
    if !body.is_empty() {
        request = request
            .header("content-type", "application/json")
            .body(filled(body, trip));
    }
    Answer::of(request).await
}

#[tokio::test]
async fn who_is_not_signed_in_reaches_only_what_is_open() {
    let api = Api::start().await;
    let people = People::new(&api).await;
    let trip = people.trip().await;
    let leaver = api.user("leaver").await;
    leaver.post("/api/v1/auth/logout", json!({})).await.expect(200);
    let late = api.user("late").await;
    late.get("/api/v1/trips").await.expect(200);
    for (who, token) in [
        ("nobody", None),
        ("a sign-in that has ended", Some(leaver.token.as_str())),
        ("a token that has expired", Some(late.token.as_str())),
    ] {
        if who == "a token that has expired" {
            api.advance(jiff::SignedDuration::from_hours(24 * 400) + jiff::SignedDuration::from_secs(6));
        }
        for operation in operations() {
            let answer = attempt(&api, token, &operation, &trip).await;
            let (id, status) = (&operation.id, answer.status);
            match row(&operation).0 {
                // What a wrong password, code or token is told says nothing about being signed in.
                Open => assert!(
                    status < 500
                        && (status != 401 || answer.body["code"] != "MISSING_AUTHORIZATION" || id == "refreshTokens"),
                    "{id}: {status}"
                ),
                _ => assert_eq!(status, 401, "{id} as {who}: {}", answer.text),
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_says_no_more_than_it_may_and_changes_nothing() {
    let api = Api::start().await;
    let people = People::new(&api).await;
    let trip = people.trip().await;
    let root = format!("/api/v1/trips/{}", trip.id);
    let state = async || {
        let parts = ["?include=items,members", "/collaborators", "/links", "/versions"];
        let mut texts = Vec::new();
        for part in parts {
            texts.push(people.owner.get(&format!("{root}{part}")).await.expect(200).body["data"].to_string());
        }
        texts
    };
    let before = state().await;
    for operation in operations() {
        let access = row(&operation).0;
        for (who, user) in [
            ("a stranger", &people.stranger),
            ("an administrator of the product", &people.administrator),
            ("a removed collaborator", &people.removed),
            ("a viewer", &people.viewer),
            ("an editor", &people.editor),
            ("an admin of the trip", &people.admin),
        ] {
            let expected = match (access, who) {
                (Own, _) => 404,
                (
                    View | Edit | Share | Delete,
                    "a stranger" | "an administrator of the product" | "a removed collaborator",
                ) => 404,
                (Edit | Share | Delete, "a viewer") => 403,
                (Share | Delete, "an editor") => 403,
                (Delete, "an admin of the trip") => 403,
                (Administer, "an administrator of the product") => 200,
                (Administer, _) => 403,
                (Moderate, "an administrator of the product") => continue,
                (Moderate, _) => 403,
                _ => continue,
            };
            let answer = attempt(&api, Some(&user.token), &operation, &trip).await;
            // A text that cannot be an invitation is told so, and whoever may feature an itinerary that there is none.
            let misread = operation.id == "acceptInvitation" && answer.status == 400
                || operation.id == "featureItinerary" && (expected, answer.status) == (200, 404);
            assert!(
                answer.status == expected || misread,
                "{} as {who}: {}",
                operation.id,
                answer.text
            );
        }
    }
    assert_eq!(state().await, before);
}

#[tokio::test]
async fn who_may_can() {
    let api = Api::start().await;
    let people = People::new(&api).await;
    // Reading changes nothing: one trip serves for all of it.
    let shown = people.trip().await;
    for operation in operations() {
        let access = row(&operation).0;
        for (role, user) in [
            (1, &people.viewer),
            (2, &people.editor),
            (3, &people.admin),
            (4, &people.owner),
        ] {
            let enough = match access {
                View => 1,
                Edit => 2,
                Share => 3,
                Delete => 4,
                _ => continue,
            };
            if role < enough {
                continue;
            }
            let made;
            let trip = if operation.method.is_safe() {
                &shown
            } else {
                made = people.trip().await;
                &made
            };
            let answer = attempt(&api, Some(&user.token), &operation, trip).await;
            let state = matches!(
                operation.id.as_str(),
                "restoreTrip" | "deleteCalendarFeed" | "restoreVersion"
            );
            let carried_out = answer.status < 300 || (state && matches!(answer.status, 404 | 409));
            assert!(
                carried_out,
                "{} by role {role}: {} {}",
                operation.id, answer.status, answer.text
            );
        }
        if access == SignedIn {
            let user = api.user(&format!("user-{}", operation.id.to_lowercase())).await;
            let trip = Trip {
                id: NOBODY.to_owned(),
                item: NOBODY.to_owned(),
                link: NOBODY.to_owned(),
                invitation: NOBODY.to_owned(),
                bystander: NOBODY.to_owned(),
            };
            let answer = attempt(&api, Some(&user.token), &operation, &trip).await;
            // No provider is set up here, and nobody has connected one.
            let absent = operation.id.ends_with("Provider") && answer.status == 404;
            assert!(
                absent || (!matches!(answer.status, 401 | 403 | 404) && answer.status < 500),
                "{}: {}",
                operation.id,
                answer.text
            );
        }
    }
}
