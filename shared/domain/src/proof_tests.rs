use super::*;

fn scores(parts: &[Part]) -> Vec<u64> {
    parts.iter().map(|part| part.score).collect()
}

fn mean(sum: u64, count: u64) -> Mean {
    Mean { sum, count }
}

#[test]
fn identity_is_what_the_author_has_shown() {
    let author = |is_verified, is_guide, is_certified, bio_length| Author {
        is_verified,
        is_guide,
        is_certified,
        bio_length,
    };
    for (author, points) in [
        (author(false, false, false, 0), [0, 0, 0, 0]),
        (author(true, false, false, 50), [100, 0, 0, 0]),
        (author(false, true, false, 51), [0, 50, 0, 20]),
        (author(true, true, true, 51), [100, 50, 30, 20]),
    ] {
        let evidence = Evidence {
            author,
            ..Evidence::default()
        };
        assert_eq!(scores(&evidence.identity()), points, "{author:?}");
    }
}

#[test]
fn travel_history_is_measured_by_the_most_that_anybody_has() {
    let has = |itineraries, snaps, ratings, verified| Contributions {
        itineraries,
        snaps,
        ratings,
        verified,
    };
    for (contributions, most, points) in [
        (has(0, 0, 0, 0), has(0, 0, 0, 0), [0, 0, 0, 0]),
        (has(3, 2, 1, 0), has(0, 0, 0, 0), [0, 0, 0, 0]),
        (has(10, 10, 10, 10), has(10, 10, 10, 10), [80, 60, 40, 20]),
        (has(5, 1, 1, 1), has(10, 3, 3, 3), [40, 20, 13, 7]),
        (has(12, 0, -1, 0), has(10, 1, 1, 1), [80, 0, 0, 0]),
    ] {
        let evidence = Evidence {
            contributions,
            maxima: Maxima {
                contributions: most,
                ..Maxima::default()
            },
            ..Evidence::default()
        };
        assert_eq!(
            scores(&evidence.travel_history()),
            points,
            "{contributions:?} of {most:?}"
        );
    }
}

#[test]
fn community_is_votes_views_comments_and_helpfulness() {
    let maxima = Maxima {
        views: 200,
        comments: 4,
        helpful: 8,
        ..Maxima::default()
    };
    for ((up, down), views, comments, helpful, points) in [
        ((0, 0), 0, 0, 0, [0, 0, 0, 0]),
        ((0, 7), 0, 0, 0, [0, 0, 0, 0]),
        ((1, 0), 200, 4, 8, [80, 60, 40, 20]),
        ((3, 1), 50, 1, 1, [60, 15, 10, 3]),
        ((-1, 0), -3, 0, 0, [0, 0, 0, 0]),
    ] {
        let reception = Reception {
            votes: Tally { up, down },
            views,
            comments,
            helpful,
            ..Reception::default()
        };
        let evidence = Evidence {
            reception,
            maxima,
            ..Evidence::default()
        };
        assert_eq!(scores(&evidence.community()), points, "{reception:?}");
    }
}

#[test]
fn safety_is_the_average_and_a_little_for_three_ratings() {
    for (ratings, parts, total) in [
        (mean(0, 0), [0, 0], 0),
        (mean(5, 1), [200, 0], 200),
        (mean(8, 2), [160, 0], 160),
        (mean(12, 3), [160, 20], 180),
        (mean(13, 3), [173, 20], 193),
        (mean(15, 3), [200, 20], 200),
    ] {
        let reception = Reception {
            ratings,
            ..Reception::default()
        };
        let evidence = Evidence {
            reception,
            ..Evidence::default()
        };
        assert_eq!(scores(&evidence.safety()), parts, "{ratings:?}");
        assert_eq!(evidence.proof().safety.score(), total, "{ratings:?}");
    }
}

#[test]
fn quality_is_what_the_itinerary_is_made_of() {
    let made = |description_length, narratives, photos, has_route, has_waypoints| Substance {
        description_length,
        narratives,
        photos,
        has_route,
        has_waypoints,
    };
    for (substance, points) in [
        (made(20, 0, 0, false, false), [0, 0, 0, 0, 0]),
        (made(21, 1, 1, true, false), [15, 10, 15, 20, 0]),
        (made(50, 6, 2, false, true), [15, 60, 30, 0, 10]),
        (made(51, 7, 3, true, true), [30, 70, 45, 20, 10]),
        (made(150, 7, 4, true, true), [30, 70, 50, 20, 10]),
        (made(151, 7, 20, true, true), [40, 70, 50, 20, 10]),
        (made(300, 9, 4, true, true), [40, 70, 50, 20, 10]),
        (made(301, 7, 4, true, true), [50, 70, 50, 20, 10]),
    ] {
        let evidence = Evidence {
            substance,
            ..Evidence::default()
        };
        assert_eq!(scores(&evidence.quality()), points, "{substance:?}");
    }
}

#[test]
fn every_component_can_be_complete_and_none_is_more() {
    let contributions = Contributions {
        itineraries: 1,
        snaps: 1,
        ratings: 1,
        verified: 1,
    };
    let evidence = Evidence {
        author: Author {
            is_verified: true,
            is_guide: true,
            is_certified: true,
            bio_length: 51,
        },
        contributions,
        substance: Substance {
            description_length: 301,
            narratives: 7,
            photos: 4,
            has_route: true,
            has_waypoints: true,
        },
        reception: Reception {
            votes: Tally { up: 1, down: 0 },
            views: 1,
            comments: 1,
            helpful: 1,
            ratings: mean(15, 3),
        },
        maxima: Maxima {
            contributions,
            views: 1,
            comments: 1,
            helpful: 1,
        },
    };
    let proof = evidence.proof();
    for component in proof.components() {
        assert_eq!(
            (component.score(), component.share()),
            (MOST, 1000),
            "{}",
            component.name
        );
        assert_eq!(component.summary(), "Complete");
    }
    assert_eq!(proof.score(), 1000);
    assert_eq!(Evidence::default().proof().score(), 0);
}

#[test]
fn a_summary_says_what_would_bring_most() {
    let mut evidence = Evidence::default();
    let summary = |evidence: &Evidence| evidence.proof().identity.summary();
    assert_eq!(
        summary(&evidence),
        "Little so far; what would bring most: a verified e-mail address"
    );
    evidence.author.is_verified = true;
    assert_eq!(
        summary(&evidence),
        "Fair; what would bring most: being a verified guide for women"
    );
    evidence.author.is_guide = true;
    evidence.author.bio_length = 60;
    assert_eq!(
        summary(&evidence),
        "Strong; what would bring most: a certificate that is in force"
    );
}

#[test]
fn verified_travellers_count_before_all_others() {
    for (verified, all, score) in [
        (mean(0, 0), mean(0, 0), None),
        (mean(0, 0), mean(9, 2), Some(4500)),
        (mean(2, 1), mean(12, 3), Some(2000)),
    ] {
        assert_eq!(safety_score(verified, all), score);
    }
}

#[test]
fn an_hour_costs_as_much_heat_as_the_feed_takes() {
    // proof x 0.5 + comments x 2 + upvotes x 1.5 - 0.1 an hour, in tenths.
    assert_eq!(heat(500, 3, 4, 0), 250 + 60 + 60);
    assert_eq!(heat(500, 3, 4, 10) - heat(500, 3, 4, 0), 10);
    assert_eq!(heat(0, -1, -1, 0), 0);
}
