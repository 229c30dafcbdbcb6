use serde_json::json;

use super::*;

fn read(value: serde_json::Value) -> Result<serde_json::Value, String> {
    let fields: PreferencesFields = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let preferences = fields.into_preferences().map_err(|invalid| invalid.to_string())?;
    Ok(serde_json::to_value(PreferencesFields::new(&preferences)).unwrap())
}

#[test]
fn both_shapes_of_a_budget_mean_the_same() {
    let one = read(
        json!({"budget": {"total_budget": 5000, "currency": "USD", "spent": "100.50",
        "categories": {"accommodation": 2000.25, "food": 500}}}),
    );
    let other = read(json!({"budget": {"total": "5000.00", "spent": 100.5,
        "accommodation_budget": "2000.25", "food_budget": 500}}));
    assert_eq!(one, other);
    let budget = one.unwrap()["budget"].clone();
    assert_eq!(
        (&budget["total"], &budget["allocated"], &budget["remaining"]),
        (&json!("5000.00"), &json!("2500.25"), &json!("4899.50"))
    );
    // What was read can be written back.
    assert_eq!(read(json!({ "budget": budget })).unwrap()["budget"], budget);
}

#[test]
fn what_breaks_a_rule_is_named() {
    let many: Vec<String> = (0..51).map(|i| i.to_string()).collect();
    for (value, message) in [
        (json!({"group_size": 0}), "group_size: must be between 1 and 100"),
        (json!({"activities": many}), "activities: must have at most 50 entries"),
        (
            json!({"budget": {"total": 1, "total_budget": 2}}),
            "budget.total_budget: must be the same as `total`",
        ),
        (
            json!({"budget": {"total": 1, "food_budget": 2}}),
            "budget.categories: must not add up to more than the total",
        ),
        (
            json!({"budget": {"currency": "ABC"}}),
            "budget.currency: must be an ISO 4217 currency code such as EUR",
        ),
        (
            json!({"accommodation": {"min_rating": 5.1}}),
            "accommodation.min_rating: must be between 0 and 5",
        ),
        (
            json!({"transportation": {"flight_preferences": {"a": {"b": 1}}}}),
            "transportation.flight_preferences: must have only texts, numbers, true and false as values",
        ),
    ] {
        assert_eq!(read(value).unwrap_err(), message);
    }
}
