use super::*;

fn now() -> Timestamp {
    "2027-03-01T23:30:00Z".parse().unwrap()
}

fn fields(text: &str) -> FlightSearchFields {
    serde_json::from_str(text).unwrap()
}

fn broken(text: &str) -> Vec<String> {
    let invalid = fields(text).question(now()).unwrap_err();
    invalid
        .violations()
        .iter()
        .map(|violation| format!("{} {}", violation.field, violation.rule))
        .collect()
}

#[test]
fn every_broken_rule_names_its_field() {
    for (text, expected) in [
        (
            r#"{}"#,
            vec!["origin required", "destination required", "departure_date required"],
        ),
        (
            r#"{"origin":"XQZ","destination":"LHR","departure_date":"2027-06-01"}"#,
            vec!["origin airport"],
        ),
        (
            r#"{"origin":"LHR","destination":"lhr","departure_date":"2027-06-01"}"#,
            vec!["destination same_place"],
        ),
        // Half past eleven in the evening in London: in Tokyo it is tomorrow.
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-02-28"}"#,
            vec!["departure_date past_date"],
        ),
        (
            r#"{"origin":"HND","destination":"JFK","departure_date":"2027-03-01"}"#,
            vec!["departure_date past_date"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-05","return_date":"2027-06-04"}"#,
            vec!["return_date order"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2029-06-05"}"#,
            vec!["departure_date range"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"1.6.2027"}"#,
            vec!["departure_date date"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","adults":10}"#,
            vec!["adults max_passengers"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","adults":0,"infants":1}"#,
            vec!["adults adult_required"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","currency":"XXQ","max_price":1}"#,
            vec!["currency currency"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","max_price":1.005,"max_stops":9}"#,
            vec!["max_price decimal", "max_stops range"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","sort_by":"x","sort_order":"y","page":0}"#,
            vec!["sort_by one_of", "sort_order one_of", "page range"],
        ),
        (
            r#"{"segments":[{"origin":"LHR","destination":"JFK","departure_date":"2027-06-05"},
                {"origin":"JFK","destination":"XQZ","departure_date":"2027-06-01"}]}"#,
            vec!["segments[1].destination airport"],
        ),
        (
            r#"{"segments":[{"origin":"LHR","destination":"JFK","departure_date":"2027-06-05"},
                {"origin":"JFK","destination":"LAX","departure_date":"2027-06-01"}],"flexible_dates":true}"#,
            vec!["segments[1].departure_date order", "flexible_dates exclusive"],
        ),
        (
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","excluded_airlines":["British"]}"#,
            vec!["excluded_airlines[0] airline"],
        ),
    ] {
        assert_eq!(broken(text), expected, "{text}");
    }
}

#[test]
fn today_is_fine_where_it_is_today() {
    // In New York it is still half past six on the first.
    let question = fields(r#"{"origin":"JFK","destination":"LHR","departure_date":"2027-03-01"}"#).question(now());
    assert!(question.is_ok());
}

#[test]
fn the_same_question_in_another_form_is_the_same() {
    let one =
        fields(r#"{"origin":"lhr","destination":"JFK","departure_date":"2027-06-01","max_price":"300","page":2}"#);
    let other = fields(
        r#"{"origin":"LHR","destination":"jfk","departure_date":"2027-06-01","max_price":300.0,"currency":"usd","sort_by":"price"}"#,
    );
    let (one, other) = (one.question(now()).unwrap(), other.question(now()).unwrap());
    assert_eq!(one.fields, other.fields);
    assert_eq!(one.foreseen("a"), other.foreseen("a"));
    assert_ne!(one.foreseen("a"), one.foreseen("b"), "offers belong to an account");
    assert_eq!(one.title(), "LHR → JFK, 2027-06-01");
}

#[test]
fn filters_and_sorting_ask_providers_the_same() {
    let plain = fields(r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01"}"#);
    let picky = fields(
        r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","max_stops":0,"max_price":200,
            "excluded_airlines":["BA"],"sort_by":"duration","per_page":5}"#,
    );
    let (plain, picky) = (plain.question(now()).unwrap(), picky.question(now()).unwrap());
    assert_eq!(plain.foreseen("a"), picky.foreseen("a"));
    assert_ne!(plain.fields, picky.fields);
}

#[test]
fn flexible_dates_ask_for_the_days_around() {
    let dates = |text: &str| -> Vec<String> {
        let question = fields(text).question(now()).unwrap();
        question
            .searches
            .iter()
            .map(|search| search.slices[0].departure_date.to_string())
            .collect()
    };
    let flexible = r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","flexible_dates":true}"#;
    assert_eq!(dates(flexible), ["2027-06-01", "2027-05-31", "2027-06-02"]);
    let today = r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-03-01","flexible_dates":true}"#;
    assert_eq!(dates(today), ["2027-03-01", "2027-03-02"]);
}
