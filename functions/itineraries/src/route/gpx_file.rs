//! Reading GPX files that anybody may send.

use gpx::Gpx;
use tripsage_domain::{
    itinerary::{Point, Waypoint},
    text::TextRule,
    validation::{Checks, Invalid, Rule, Violation},
};

/// Bytes of a file at most; a body has at most 256 KB anyway.
const MAX_BYTES: usize = 250_000;

/// Elements within each other at most. GPX itself needs seven; the rest is for what devices put into its extensions.
const MAX_DEPTH: usize = 32;

/// Declarations of name spaces at most.
const MAX_NAMESPACES: usize = 32;

/// What the name of a place on the way may be.
pub(super) const NAME: TextRule = TextRule::line(1, 100);

/// What may be said of a place on the way.
pub(super) const NOTE: TextRule = TextRule::multiline(1, 500);

/// What a file says: stretches of points, and places on the way.
pub(super) type Contents = (Vec<Vec<Point>>, Vec<Waypoint>);

/// Reads a GPX 1.0 or 1.1 file: its tracks, or its routes when it has no tracks, and its waypoints.
///
/// GPX has no document type, so a file with one is no GPX file: it is refused before an XML parser sees its entities.
/// Nor may it be nested deeply or declare many name spaces: the parser goes through all that are open for each element.
///
/// # Errors
/// `max_length`, or `gpx`.
pub(super) fn read(field: &str, text: &str) -> Result<Contents, Invalid> {
    let refuse = |rule, message: String| Err(Violation::new(field, rule, message).into());
    if text.len() > MAX_BYTES {
        return refuse("max_length", format!("must have at most {MAX_BYTES} bytes"));
    }
    let upper = text.to_ascii_uppercase();
    if upper.contains("<!DOCTYPE") || upper.contains("<!ENTITY") {
        return refuse("gpx", "must not declare a document type or entities".to_owned());
    }
    if is_deeper_than(MAX_DEPTH, text) {
        return refuse("gpx", format!("must not nest more than {MAX_DEPTH} elements"));
    }
    if text.matches("xmlns").count() > MAX_NAMESPACES {
        return refuse(
            "gpx",
            format!("must not declare more than {MAX_NAMESPACES} name spaces"),
        );
    }
    let Ok(file) = gpx::read(text.as_bytes()) else {
        return refuse("gpx", "must be a GPX 1.0 or 1.1 document".to_owned());
    };
    contents(field, file)
}

/// Whether more elements than `most` are open at once, in one pass; whether the text is XML at all is for the parser.
fn is_deeper_than(most: usize, text: &str) -> bool {
    let (mut depth, mut rest) = (0_usize, text);
    while let Some((_, tag)) = rest.split_once('<') {
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")];
        let end = skipped
            .into_iter()
            .find(|(begin, _)| tag.starts_with(begin))
            .map(|(_, end)| end);
        if let Some(end) = end {
            rest = tag.split_once(end).map_or("", |(_, rest)| rest);
            continue;
        }
        let end = end_of_tag(tag);
        let (inside, after) = tag.split_at(end);
        rest = after;
        if inside.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !inside.ends_with('/') {
            depth += 1;
        }
        if depth > most {
            return true;
        }
    }
    false
}

/// Where a tag ends: at the first `>` that is not quoted.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (index, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return index,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn contents(field: &str, file: Gpx) -> Result<Contents, Invalid> {
    let mut checks = Checks::default();
    let mut segments: Vec<Vec<gpx::Waypoint>> = Vec::new();
    for track in file.tracks {
        segments.extend(track.segments.into_iter().map(|segment| segment.points));
    }
    if segments.iter().all(Vec::is_empty) {
        segments = file.routes.into_iter().map(|route| route.points).collect();
    }
    let mut stretches = Vec::with_capacity(segments.len());
    for segment in segments {
        let points: Result<Vec<Point>, Rule> = segment.iter().map(point).collect();
        let Some(points) = checks.take(field, points) else {
            break;
        };
        stretches.push(points);
    }
    let mut places = Vec::with_capacity(file.waypoints.len());
    for waypoint in file.waypoints {
        let (Some(point), name, description) = (
            checks.take(field, point(&waypoint)),
            checks.optional(field, filled(waypoint.name), |text| NAME.parse(&text)),
            checks.optional(field, filled(waypoint.description), |text| NOTE.parse(&text)),
        ) else {
            break;
        };
        places.push(Waypoint {
            point,
            name,
            description,
        });
    }
    checks.build(|| Some((stretches, places)))
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn point(waypoint: &gpx::Waypoint) -> Result<Point, Rule> {
    let at = waypoint.point();
    Point::new(at.y(), at.x(), waypoint.elevation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(inside: &str) -> String {
        format!("<gpx version=\"1.1\" creator=\"t\" xmlns=\"http://www.topografix.com/GPX/1/1\">{inside}</gpx>")
    }

    #[test]
    fn tracks_count_more_than_routes() {
        let track =
            "<trk><trkseg><trkpt lat=\"1\" lon=\"2\"><ele>3</ele></trkpt><trkpt lat=\"1\" lon=\"3\"/></trkseg></trk>";
        let route = "<rte><rtept lat=\"5\" lon=\"2\"/><rtept lat=\"6\" lon=\"3\"/></rte>";
        let place = "<wpt lat=\"1\" lon=\"2\"><name>Gate</name></wpt>";
        let (segments, places) = read("f", &file(&format!("{place}{route}{track}"))).unwrap();
        assert_eq!(
            (segments.len(), segments[0].len(), segments[0][0].elevation_m),
            (1, 2, Some(3.0))
        );
        assert_eq!(places[0].name.as_deref(), Some("Gate"));
        let (segments, _) = read("f", &file(route)).unwrap();
        assert_eq!(segments[0][1].at.latitude, 6.0);
    }

    #[test]
    fn bombs_and_rubbish_are_refused() {
        let laughs = "<!DOCTYPE gpx [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
        let deep = format!(
            "<extensions>{}{}</extensions>",
            "<a>".repeat(20_000),
            "</a>".repeat(20_000)
        );
        let open = "<extensions>".repeat(20_000);
        for (text, rule) in [
            (format!("{laughs}{}", file("&b;")), "gpx"),
            (laughs.to_ascii_lowercase() + &file(""), "gpx"),
            (file(&open), "gpx"),
            (file(&deep), "gpx"),
            (file(&"<a b=\"/>\">".repeat(40)), "gpx"),
            (file(&format!("<a {}/>", "xmlns:b=\"c\" ".repeat(40))), "gpx"),
            (file("&undefined;"), "gpx"),
            ("not xml".to_owned(), "gpx"),
            (String::new(), "gpx"),
            (
                file("<trk><trkseg><trkpt lat=\"91\" lon=\"2\"/></trkseg></trk>"),
                "range",
            ),
            (
                file("<trk><trkseg><trkpt lat=\"NaN\" lon=\"2\"/></trkseg></trk>"),
                "range",
            ),
            (
                file("<trk><trkseg><trkpt lat=\"1\" lon=\"2\"><ele>1e300</ele></trkpt></trkseg></trk>"),
                "range",
            ),
            (file(&"x".repeat(250_000)), "max_length"),
        ] {
            let refused = read("route_gpx", &text).unwrap_err();
            let start: String = text.chars().take(80).collect();
            assert!(refused.violations()[0].field == "route_gpx", "{start}");
            // What lies outside of the Earth is for whoever notices first: the parser or we.
            assert!(
                [rule, "gpx"].contains(&refused.violations()[0].rule),
                "{start}: {refused:?}"
            );
        }
        let flat = "<!-- <a><a> --><![CDATA[<b><b>]]><a b='>'/>".repeat(40);
        let usual = format!(
            "<extensions>{}{flat}{}</extensions>",
            "<a>".repeat(20),
            "</a>".repeat(20)
        );
        assert!(read("f", &file(&usual)).is_ok_and(|(segments, _)| segments.is_empty()));
    }
}
