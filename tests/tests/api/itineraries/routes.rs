use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

use super::{made, with};

fn gpx(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><gpx version=\"1.1\" creator=\"t\" xmlns=\"http://www.topografix.com/GPX/1/1\">{inside}</gpx>"
    )
}

fn track() -> String {
    gpx("<wpt lat=\"0\" lon=\"0\"><name>Gate</name></wpt><trk><trkseg>\
         <trkpt lat=\"0\" lon=\"0\"><ele>10</ele></trkpt><trkpt lat=\"0\" lon=\"1\"><ele>30</ele></trkpt>\
         </trkseg></trk>")
}

async fn upload(user: &User, path: &str, file: String) -> Answer {
    let request = user
        .request(Method::PUT, path)
        .header("content-type", "application/gpx+xml");
    Answer::of(request.body(file)).await
}

#[tokio::test]
async fn a_route_comes_as_a_file_as_json_or_with_the_itinerary() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    let route = format!("{path}/route");
    api.get(&route).await.refused(404, "NOT_FOUND");
    alice.delete(&route).await.refused(404, "NOT_FOUND");
    upload(&bob, &route, track())
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let kept = upload(&alice, &route, track()).await.expect(200);
    assert_eq!(kept.data()["segments"], json!([[[0.0, 0.0, 10.0], [0.0, 1.0, 30.0]]]));
    assert_eq!(
        kept.data()["waypoints"],
        json!([{ "latitude": 0.0, "longitude": 0.0, "name": "Gate" }])
    );
    assert_eq!(api.get(&route).await.expect(200).data(), kept.data());
    let shown = api.get(&path).await.expect(200);
    assert_eq!(shown.data()["has_gps"], true);
    assert_eq!(
        shown.data()["route"],
        json!({
            "points": 2, "waypoints": 1, "distance_km": 111.195, "elevation_gain_m": 20.0, "elevation_loss_m": 0.0,
            "start": { "latitude": 0.0, "longitude": 0.0 }, "end": { "latitude": 0.0, "longitude": 1.0 },
        })
    );
    let points = json!([{ "lat": 1, "lng": 2, "name": "A" }, { "latitude": 1, "longitude": 3 }]);
    let put = alice
        .put(&route, json!({ "route_waypoints": points }))
        .await
        .expect(200);
    assert_eq!(put.data()["segments"], json!([[[1.0, 2.0], [1.0, 3.0]]]));
    alice.delete(&route).await.expect(200);
    assert_eq!(api.get(&path).await.expect(200).data()["has_gps"], false);
    api.get(&route).await.refused(404, "NOT_FOUND");
    let with_route = alice
        .post("/api/v1/itineraries", with(&json!({ "route_gpx": track() })))
        .await
        .expect(201);
    assert_eq!(with_route.data()["has_gps"], true);
    let path = format!("/api/v1/itineraries/{}", with_route.text_of("id"));
    api.get(&format!("{path}/route")).await.expect(200);
    let patched = alice.patch(&path, json!({ "route_gpx": null })).await.expect(200);
    assert_eq!(patched.data()["has_gps"], false);
    let again = alice
        .patch(&path, json!({ "route_waypoints": points }))
        .await
        .expect(200);
    assert_eq!(
        (&again.data()["has_gps"], &again.data()["title"]),
        (&json!(true), &with_route.data()["title"])
    );
}

#[tokio::test]
async fn bombs_and_rubbish_are_refused() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    let route = format!("{path}/route");
    let entities: String = (1..10)
        .map(|n| {
            format!(
                "<!ENTITY a{n} \"&a{};&a{};&a{};&a{};&a{};\">",
                n - 1,
                n - 1,
                n - 1,
                n - 1,
                n - 1
            )
        })
        .collect();
    let laughs = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE gpx [<!ENTITY a0 \"ha\">{entities}]><gpx version=\"1.1\" creator=\"t\"><name>&a9;</name></gpx>"
    );
    let external = "<!DOCTYPE gpx [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>".to_owned() + &gpx("<name>&x;</name>");
    let deep = gpx(&"<extensions>".repeat(15_000));
    let one = gpx("<trk><trkseg><trkpt lat=\"0\" lon=\"0\"/></trkseg></trk>");
    let many = gpx(&format!("<rte>{}</rte>", "<rtept lat=\"0\" lon=\"0\"/>".repeat(10_001)));
    let outside = gpx("<rte><rtept lat=\"91\" lon=\"0\"/><rtept lat=\"0\" lon=\"0\"/></rte>");
    let places = gpx(&"<wpt lat=\"0\" lon=\"0\"/>".repeat(201));
    for file in [
        laughs,
        external,
        deep,
        one,
        outside,
        places,
        "x".to_owned(),
        String::new(),
    ] {
        upload(&alice, &route, file.clone()).await.refused_field("route_gpx");
        alice
            .put(&route, json!({ "route_gpx": file }))
            .await
            .refused_field("route_gpx");
        alice
            .put(&path, json!({ "route_gpx": file }))
            .await
            .refused_field("route_gpx");
        alice
            .post("/api/v1/itineraries", with(&json!({ "route_gpx": file })))
            .await
            .refused_field("route_gpx");
    }
    // More than any body may have, or more points than a route.
    let refused = upload(&alice, &route, many).await;
    assert!(matches!(refused.status, 400 | 413), "{}", refused.text);
    upload(&alice, &route, "x".repeat(300_000))
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
    let point = json!({ "latitude": 0, "longitude": 0 });
    for (points, field) in [
        (json!([point]), "route_waypoints"),
        (json!([]), "route_waypoints"),
        (json!(vec![point.clone(); 201]), "route_waypoints"),
        (json!([point, { "latitude": 91, "longitude": 0 }]), "route_waypoints[1]"),
        (
            json!([point, { "latitude": 0, "longitude": 0, "elevation_m": 1e9 }]),
            "route_waypoints[1]",
        ),
    ] {
        alice
            .put(&route, json!({ "route_waypoints": points }))
            .await
            .refused_field(field);
    }
    alice.put(&route, json!({})).await.refused_field("route_gpx");
    alice.put(&route, Value::Null).await.refused(400, "MALFORMED_JSON");
    assert_eq!(api.get(&path).await.expect(200).data()["has_gps"], false);
}
