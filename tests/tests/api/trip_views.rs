use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

use crate::trip_items::{add, flight};

fn stay(from: &str, to: &str, amount: &str, currency: &str) -> Value {
    json!({"type": "accommodation", "title": "Ryokan", "start": {"date": from}, "end": {"date": to}, "status": "booked",
        "details": {"name": "Hiiragiya", "check_in_time": "15:00"}, "cost": {"amount": amount, "currency": currency}})
}

#[tokio::test]
async fn the_itinerary_shows_the_trip_day_by_day() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    let items = format!("{trip}/items");
    let out = add(&alice, &items, flight()).await;
    let ryokan = add(&alice, &items, stay("2027-04-02", "2027-04-05", "90000", "JPY")).await;
    let idea = add(
        &alice,
        &items,
        json!({"type": "activity", "title": "Onsen", "status": "idea", "description": "Hot",
        "location": {"name": "Kurama", "coordinates": {"latitude": 35.1, "longitude": 135.7}}}),
    )
    .await;
    let late = add(
        &alice,
        &items,
        json!({"type": "note", "title": "Photos", "start": {"date": "2027-05-01"}}),
    )
    .await;
    let plan = alice.get(&format!("{trip}/itinerary")).await.expect(200);
    let data = plan.data();
    assert_eq!(
        (data["days"].as_array().unwrap().len(), &data["total_items"]),
        (14, &json!(4))
    );
    let item = |id: &str, name: &str, kind: &str, part: &str, time: Value| json!({"id": id, "name": name, "type": kind, "status": "booked", "part": part, "time": time});
    assert_eq!(
        data["days"][0],
        json!({"date": "2027-04-01", "day": 1, "ongoing": [], "items": [item(&out, "To Tokyo", "flight", "start", json!("13:00"))]})
    );
    assert_eq!(
        data["days"][1]["items"],
        json!([
            item(&out, "To Tokyo", "flight", "end", json!("08:55")),
            item(&ryokan, "Ryokan", "accommodation", "start", Value::Null)
        ])
    );
    assert_eq!(
        (&data["days"][2]["ongoing"], &data["days"][2]["items"]),
        (&json!([ryokan]), &json!([]))
    );
    assert_eq!(
        data["days"][4]["items"],
        json!([item(&ryokan, "Ryokan", "accommodation", "end", Value::Null)])
    );
    assert_eq!((&data["undated"], &data["outside"]), (&json!([idea]), &json!([late])));
    let described = data["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == idea.as_str())
        .unwrap();
    assert_eq!(
        (&described["description"], &described["location"]),
        (&json!("Hot"), &json!("Kurama"))
    );
    assert_eq!(
        (&data["items"][0]["start_time"], &data["items"][0]["end_time"]),
        (&json!("2027-04-01T11:00:00Z"), &json!("2027-04-01T23:55:00Z"))
    );
}

#[tokio::test]
async fn the_summary_adds_up_without_mixing_currencies() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    let items = format!("{trip}/items");
    alice
        .put(
            &format!("{trip}/preferences"),
            json!({"budget": {"total": 2000, "currency": "CHF", "accommodation_budget": "700.50", "food_budget": 300}}),
        )
        .await
        .expect(200);
    add(&alice, &items, flight()).await;
    add(&alice, &items, stay("2027-04-02", "2027-04-05", "90000", "JPY")).await;
    add(
        &alice,
        &items,
        json!({"type": "meal", "title": "Sushi", "cost": {"amount": "100.10", "currency": "CHF"}}),
    )
    .await;
    let mut cancelled = stay("2027-04-02", "2027-04-05", "500", "CHF");
    cancelled["status"] = json!("cancelled");
    add(&alice, &items, cancelled).await;
    let summary = alice.get(&format!("{trip}/summary")).await.expect(200);
    let money = &summary.data()["budget_summary"];
    assert_eq!(
        (
            &money["currency"],
            &money["total"],
            &money["planned"],
            &money["spent"],
            &money["remaining"]
        ),
        (
            &json!("CHF"),
            &json!("2000.00"),
            &json!("1000.00"),
            &json!("899.90"),
            &json!("1100.10")
        )
    );
    assert_eq!(
        money["breakdown"],
        json!({
            "accommodation": {"budget": "700.50", "planned": "0.00", "spent": "0.00"},
            "food": {"budget": "300.00", "planned": "100.10", "spent": "0.00"},
            "transportation": {"budget": null, "planned": "899.90", "spent": "899.90"},
        })
    );
    assert_eq!(money["by_currency"].as_array().unwrap().len(), 2);
    assert_eq!(
        (
            &money["by_currency"][1]["currency"],
            &money["by_currency"][1]["planned"]
        ),
        (&json!("JPY"), &json!("90000"))
    );
    // 5 of 14 days, 4 of 13 nights, 2 of 2 bookable items.
    assert_eq!(summary.data()["completion_percentage"], (35 + 30 + 100) / 3);
    assert_eq!(
        summary.data()["accommodation_summary"],
        json!({"total": 1, "booked": 1})
    );
    assert_eq!(
        summary.data()["date_range"],
        json!({"start_date": "2027-04-01", "end_date": "2027-04-14"})
    );
}

#[tokio::test]
async fn preferences_are_part_of_the_trip() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let wishes = json!({
        "budget": {"total_budget": 5000, "currency": "EUR", "spent": "12.50", "categories": {"food": 100}},
        "accommodation": {"type": "hotel", "min_rating": 4.5, "max_price_per_night": "120", "amenities": ["wifi"]},
        "transportation": {"flight_preferences": {"seat": "aisle", "max_stops": 1, "direct": true}, "max_travel_time_hours": 8},
        "activities": ["hiking"], "dietary_restrictions": ["vegan"], "accessibility_needs": [], "group_size": 2,
        "trip_style": "relaxed",
    });
    let body = json!({"title": "Japan", "start_date": "2027-04-01", "end_date": "2027-04-14", "destinations": ["Kyoto"], "preferences": wishes});
    let made = alice.post("/api/v1/trips", body).await.expect(201);
    let path = format!("/api/v1/trips/{}/preferences", made.text_of("id"));
    let read = alice.get(&path).await.expect(200);
    assert_eq!(read.data(), &made.data()["preferences"]);
    assert_eq!(read.data()["budget"]["remaining"], "4987.50");
    assert_eq!(
        read.data()["transportation"]["flight_preferences"],
        json!({"seat": "aisle", "max_stops": 1, "direct": true})
    );
    // What is read can be written, and changes nothing.
    let same = alice.put(&path, read.data().clone()).await.expect(200);
    assert_eq!(
        (same.header("etag"), &same.data()["preferences"]),
        ("\"1\"", read.data())
    );
    let stale = alice
        .request(Method::PUT, &path)
        .header("if-match", "\"9\"")
        .json(&json!({}));
    Answer::of(stale).await.refused(412, "PRECONDITION_FAILED");
    let less = alice.put(&path, json!({"group_size": 3})).await.expect(200);
    assert_eq!(
        (less.header("etag"), &less.data()["preferences"]["budget"]),
        ("\"2\"", &Value::Null)
    );
    for (body, field) in [
        (json!({"group_size": 0}), "group_size"),
        (json!({"budget": {"total": "many"}}), "budget.total"),
        (
            json!({"budget": {"total": 1, "categories": {"Food!": 1}}}),
            "budget.categories",
        ),
        (
            json!({"transportation": {"flight_preferences": {"a": [1]}}}),
            "transportation.flight_preferences",
        ),
        (json!({"activities": [""]}), "activities"),
        (json!({"colour": "red"}), "colour"),
    ] {
        alice.put(&path, body).await.refused_field(field);
    }
}

#[tokio::test]
async fn the_calendar_is_one_that_calendars_read() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan, at last; really").await);
    let out = add(&alice, &format!("{trip}/items"), flight()).await;
    let path = format!("{trip}/calendar.ics");
    let calendar = alice.get(&path).await.expect(200);
    assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
    for line in [
        "BEGIN:VCALENDAR".to_owned(),
        format!("UID:{out}@tripsage"),
        "DTSTART:20270401T110000Z".to_owned(),
        "DTEND:20270401T235500Z".to_owned(),
        "SUMMARY:Japan\\, at last\\; really".to_owned(),
        "SEQUENCE:0".to_owned(),
    ] {
        assert!(
            calendar.text.contains(&format!("{line}\r\n")),
            "{line} in {}",
            calendar.text
        );
    }
    let cached = alice
        .request(Method::GET, &path)
        .header("if-none-match", calendar.header("etag"));
    Answer::of(cached).await.expect(304);
    alice
        .patch(&format!("{trip}/items/{out}"), json!({"status": "cancelled"}))
        .await
        .expect(200);
    let cancelled = alice.get(&path).await.expect(200).text;
    assert!(cancelled.contains("STATUS:CANCELLED\r\n") && cancelled.contains("SEQUENCE:1\r\n"));
}
