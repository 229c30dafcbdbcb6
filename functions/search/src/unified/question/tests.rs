use super::*;

fn question(text: &str) -> Result<UnifiedQuestion, Vec<String>> {
    let search: UnifiedSearch = serde_json::from_str(text).unwrap();
    search
        .question("2027-03-01T12:00:00Z".parse().unwrap())
        .map_err(|invalid| {
            let violations = invalid.violations().iter();
            violations
                .map(|violation| format!("{} {}", violation.field, violation.rule))
                .collect()
        })
}

#[test]
fn what_is_missing_for_a_kind_skips_it() {
    let question = question(r#"{"query":"Kyoto"}"#).unwrap();
    assert!(question.destinations);
    assert_eq!(
        question.flights.unwrap().err(),
        Some("flights need origin and start_date")
    );
    assert!(question.stays.unwrap().is_err());
    assert!(question.activities.unwrap().is_ok());
}

#[test]
fn a_whole_question_asks_for_everything() {
    let question = question(
        r#"{"query":"tea ceremony","destination":"Kyoto","origin":"LHR","start_date":"2027-06-01","end_date":"2027-06-08"}"#,
    )
    .unwrap();
    let flights = question.flights.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(flights.searches[0].slices.len(), 2);
    assert!(question.stays.as_ref().unwrap().is_ok());
    assert_eq!(
        question.activities.as_ref().unwrap().as_ref().unwrap().title(),
        "tea ceremony, Kyoto, Japan"
    );
    assert_eq!(question.title(), "tea ceremony, Kyoto, Japan");
}

#[test]
fn every_broken_rule_names_its_field_here() {
    for (text, expected) in [
        ("{}", vec!["query required"]),
        (r#"{"query":"Kyoto","types":["car"]}"#, vec!["types[0] one_of"]),
        (
            r#"{"query":"Kyoto","types":["destination"],"start_date":"","end_date":"soon"}"#,
            vec!["start_date date", "end_date date"],
        ),
        (
            r#"{"query":"Kyoto","start_date":"2027-06-08","end_date":"2027-06-01","origin":"LHR"}"#,
            vec!["end_date order"],
        ),
        (
            r#"{"query":"Kyoto","start_date":"2026-06-08","origin":"LHR"}"#,
            vec!["start_date past_date"],
        ),
        (
            r#"{"query":"Kyoto","origin":"XQZ","start_date":"2027-06-01","adults":10}"#,
            vec!["origin airport", "adults max_passengers"],
        ),
        (
            r#"{"query":"Kyoto","filters":{"rating_min":9}}"#,
            vec!["filters.rating_min range"],
        ),
        (
            r#"{"query":"Kyoto","types":["destination"],"filters":{"rating_min":0,"radius_km":51}}"#,
            vec!["filters.rating_min range", "filters.radius_km range"],
        ),
    ] {
        assert_eq!(question(text).err().unwrap(), expected, "{text}");
    }
}
