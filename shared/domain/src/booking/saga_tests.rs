use super::*;
use crate::{
    booking::{BookingError, Quote, RefundTo},
    ids::{BookingId, KeyId, UserId},
    money::Currency,
};
use uuid::Uuid;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
}

fn order(change: impl FnOnce(&mut Observed)) -> Observed {
    let mut seen = Observed {
        order: "ord_1".to_owned(),
        confirmation: Some("RZPNX8".to_owned()),
        total: Some(Money::new(22_000, Currency::USD).unwrap()),
        awaiting_payment: false,
        payment_required_by: None,
        price_guarantee_expires_at: None,
        cancelled: false,
        refunds: Vec::new(),
        summary: None,
        live_mode: false,
    };
    change(&mut seen);
    seen
}

fn held(seen: &mut Observed) {
    seen.awaiting_payment = true;
    seen.payment_required_by = Some(at(600));
}

/// About to be ordered since minute 0.
fn ordering() -> Booking {
    let booking = Booking {
        id: BookingId::from_uuid(Uuid::from_u128(1)),
        owner: UserId::from_uuid(Uuid::from_u128(2)),
        kind: Kind::Flight,
        status: Status::Pending,
        trip: None,
        attachment: Attachment::None,
        items: Vec::new(),
        summary: Summary {
            title: "LHR to JFK".to_owned(),
            place: None,
            start: None,
            end: None,
            segments: Vec::new(),
        },
        price: Some(Money::new(22_000, Currency::USD).unwrap()),
        confirmation: None,
        travellers: Vec::new(),
        notes: None,
        deal: Some(Deal {
            request: String::new(),
            latest: None,
            key: KeyId::from_uuid(Uuid::from_u128(3)),
            offer: "off_1".to_owned(),
            hold: false,
            live_mode: false,
            order: None,
            awaiting_payment: false,
            payment_required_by: None,
            price_guarantee_expires_at: None,
            refunds: Vec::new(),
            quote: None,
            work: None,
            doubt_since: None,
            failure: None,
        }),
        events: 0,
        due_at: None,
        created_at: at(0),
        updated_at: at(0),
        version: 0,
    };
    booking.ordering("n".to_owned(), at(0)).booking
}

fn attaching(change: impl FnOnce(&mut Observed)) -> Booking {
    ordering().observed(&order(change), at(1)).unwrap().booking
}

fn booked() -> Booking {
    attaching(|_| ()).confirmed(Ok(Vec::new()), at(1)).booking
}

fn on_hold() -> Booking {
    attaching(held).confirmed(Ok(Vec::new()), at(1)).booking
}

fn kinds(decision: &Decision) -> Vec<EventKind> {
    decision.events.iter().map(|(kind, _)| *kind).collect()
}

#[test]
fn an_order_is_confirmed_only_after_it_was_seen() {
    let booking = ordering();
    assert_eq!(
        (booking.status, booking.work().unwrap().step),
        (Status::Pending, Step::Ordering)
    );
    assert!(booking.due_at.is_some(), "somebody looks when this process dies");
    let decision = booking.observed(&order(|_| ()), at(1)).unwrap();
    assert_eq!(kinds(&decision), [EventKind::Ordered]);
    assert_eq!(decision.booking.status, Status::Pending);
    let confirmed = decision.booking.confirmed(Ok(Vec::new()), at(1));
    assert_eq!(confirmed.booking.status, Status::Booked);
    assert_eq!((confirmed.booking.work(), confirmed.booking.due_at), (None, None));
    assert_eq!(on_hold().status, Status::Held);
    assert_eq!(on_hold().due_at, Some(at(600)), "looked at when it runs out");
}

#[test]
fn absence_is_believed_late_and_never_of_an_order_that_was_accepted() {
    let booking = ordering();
    assert_eq!(booking.absent(at(2)), None);
    let failed = booking.absent(at(3)).unwrap().booking;
    assert_eq!(
        (failed.status, failed.due_at),
        (Status::Failed, Some(at(63))),
        "and looked for once more"
    );
    assert_eq!(failed.absent(at(63)).unwrap().booking.due_at, None);
    assert!(!booking.may_have_come_to_nothing(at(2)) && booking.may_have_come_to_nothing(at(3)));
    let accepted = booking.accepted(at(0)).booking;
    assert!(accepted.may_have_come_to_nothing(at(0)) && !failed.may_have_come_to_nothing(at(9)));
    assert_eq!(accepted.absent(at(60 * 23)), None);
    assert_eq!(accepted.still_unknown(at(60 * 23)).booking.status, Status::Pending);
    let parked = accepted.still_unknown(at(60 * 24));
    assert_eq!(
        (parked.booking.status, kinds(&parked)),
        (Status::NeedsReview, vec![EventKind::Parked])
    );
    assert_eq!(kinds(&parked.booking.still_unknown(at(60 * 48))), [], "parked once");
}

#[test]
fn an_order_that_appears_after_all_is_the_truth() {
    let failed = ordering().absent(at(5)).unwrap().booking;
    let late = failed.observed(&order(|_| ()), at(9)).unwrap();
    assert_eq!(kinds(&late), [EventKind::OrderedLate]);
    assert_eq!(late.booking.work().unwrap().step, Step::Attaching);
    assert_eq!(late.booking.deal.as_ref().unwrap().failure, None);
    let mut parked = ordering().accepted(at(0)).booking.still_unknown(at(60 * 24)).booking;
    parked = parked.observed(&order(|_| ()), at(60 * 30)).unwrap().booking;
    assert_eq!(parked.work().unwrap().step, Step::Attaching);
}

#[test]
fn what_the_provider_shows_decides_on_payment_and_cancellation() {
    let paying = || on_hold().paying("n".to_owned(), "r".to_owned(), at(10)).booking;
    let cancelling = || booked().cancelling("n".to_owned(), "r".to_owned(), at(10)).booking;
    let late = || on_hold().paying("n".to_owned(), "r".to_owned(), at(599)).booking;
    let expired = || on_hold().observed(&order(held), at(600)).unwrap().booking;
    let cancelled = |seen: &mut Observed| seen.cancelled = true;
    let gone = |seen: &mut Observed| {
        held(seen);
        seen.cancelled = true;
    };
    for (booking, seen, now, expected) in [
        (paying(), order(|_| ()), 11, Some((Status::Booked, EventKind::Paid))),
        (paying(), order(held), 11, None),
        (paying(), order(held), 13, Some((Status::Held, EventKind::NotPaid))),
        (
            cancelling(),
            order(cancelled),
            11,
            Some((Status::Cancelled, EventKind::Cancelled)),
        ),
        (cancelling(), order(|_| ()), 11, None),
        (
            cancelling(),
            order(|_| ()),
            13,
            Some((Status::Booked, EventKind::NotCancelled)),
        ),
        // Nothing under way here: paid or cancelled elsewhere, or run out.
        (on_hold(), order(|_| ()), 11, Some((Status::Booked, EventKind::Paid))),
        (on_hold(), order(held), 599, None),
        (on_hold(), order(held), 600, Some((Status::Expired, EventKind::Expired))),
        // What was sent may still arrive, so nothing is over before it had its time.
        (late(), order(held), 600, None),
        (late(), order(gone), 600, None),
        (late(), order(held), 603, Some((Status::Expired, EventKind::Expired))),
        (late(), order(gone), 603, Some((Status::Expired, EventKind::Expired))),
        (late(), order(|_| ()), 600, Some((Status::Booked, EventKind::Paid))),
        (expired(), order(|_| ()), 700, Some((Status::Booked, EventKind::Paid))),
        (expired(), order(held), 700, None),
        (expired(), order(cancelled), 700, None),
        (
            booked(),
            order(cancelled),
            11,
            Some((Status::Cancelled, EventKind::Cancelled)),
        ),
        (booked(), order(|_| ()), 11, None),
    ] {
        let decision = booking.observed(&seen, at(now));
        let found = decision
            .as_ref()
            .map(|decision| (decision.booking.status, decision.events[0].0));
        assert_eq!(found, expected, "{booking:?} {seen:?} {now}");
        if let Some(decision) = decision {
            assert_eq!(decision.booking.work(), None);
        }
    }
}

#[test]
fn an_event_that_comes_late_changes_nothing() {
    let cancelled = booked()
        .observed(&order(|seen| seen.cancelled = true), at(5))
        .unwrap()
        .booking;
    assert_eq!(cancelled.observed(&order(|_| ()), at(6)), None);
    assert_eq!(cancelled.observed(&order(|seen| seen.cancelled = true), at(6)), None);
    assert_eq!(attaching(|_| ()).observed(&order(|_| ()), at(6)), None);
}

#[test]
fn one_thing_at_a_time() {
    let paying = on_hold().paying("n".to_owned(), "r".to_owned(), at(10)).booking;
    assert_eq!(paying.payable(), Err(BookingError::UnderWay(Step::Paying)));
    assert_eq!(paying.cancellable(), Err(BookingError::UnderWay(Step::Paying)));
    assert_eq!(booked().payable(), Err(BookingError::NotPayable(Status::Booked)));
    assert!(on_hold().cancellable().is_ok() && on_hold().payable().is_ok());
    assert!(ordering().cancellable().is_err());
    let failed = ordering().refused(Failure::OfferExpired, false, at(1)).booking;
    assert_eq!(failed.cancellable(), Err(BookingError::NotCancellable(Status::Failed)));
}

#[test]
fn a_quote_is_kept_until_it_is_used() {
    let quote = Quote {
        id: "ore_1".to_owned(),
        refund: Some(Money::new(18_000, Currency::USD).unwrap()),
        refund_to: RefundTo::Balance,
        expires_at: Some(at(60)),
    };
    let quoted = booked().quoted(quote.clone(), at(5)).booking;
    assert_eq!(quoted.deal.as_ref().unwrap().quote.as_ref(), Some(&quote));
    assert!(quote.is_open(at(59)) && !quote.is_open(at(60)));
    let gone = quoted
        .cancelling("n".into(), "r".into(), at(6))
        .booking
        .observed(&order(|seen| seen.cancelled = true), at(6));
    assert_eq!(gone.unwrap().booking.deal.unwrap().quote, None);
}

#[test]
fn pauses_grow_and_are_bounded() {
    let pauses: Vec<i64> = (0..14)
        .map(|looks| (next_look(looks, at(0)).as_second() - at(0).as_second()) / 60)
        .collect();
    assert_eq!(pauses, [1, 1, 1, 1, 2, 4, 8, 15, 15, 15, 15, 15, 15, 15]);
}

#[test]
fn an_order_that_was_cancelled_before_it_was_found_is_cancelled() {
    let found = ordering()
        .observed(&order(|seen| seen.cancelled = true), at(2))
        .unwrap();
    assert_eq!(kinds(&found), [EventKind::Ordered, EventKind::Cancelled]);
    assert_eq!((found.booking.status, found.booking.work()), (Status::Cancelled, None));
}

/// Minutes at which a job looks, until it has nothing to look at any more or a person has to.
fn looks(mut booking: Booking, look: impl Fn(&Booking, Timestamp) -> Booking) -> (Vec<i64>, Booking) {
    let mut looks = Vec::new();
    while let Some(due) = booking.due_at.filter(|_| booking.status != Status::NeedsReview) {
        booking = look(&booking, due);
        looks.push((due.as_second() - at(0).as_second()) / 60);
    }
    (looks, booking)
}

#[test]
fn what_failed_without_proof_is_looked_for_three_times() {
    let failed = ordering().refused(Failure::SupplierRefused, true, at(0)).booking;
    assert_eq!(failed.absent(at(0)), None, "not before its time");
    let absent = |booking: &Booking, now| booking.absent(now).unwrap().booking;
    assert_eq!(looks(failed.clone(), absent).0, [1, 3, 60]);
    let adopted = failed.observed(&order(|_| ()), at(1)).unwrap();
    assert_eq!(kinds(&adopted), [EventKind::OrderedLate]);
    let refused = ordering().refused(Failure::OfferExpired, false, at(0)).booking;
    assert_eq!(refused.due_at, None);
}

#[test]
fn what_cannot_be_looked_at_comes_to_an_end() {
    let unknown = |booking: &Booking, now| booking.still_unknown(now).booking;
    let (seen, parked) = looks(on_hold(), unknown);
    assert_eq!(parked.status, Status::NeedsReview);
    let day = 600 + 24 * 60;
    assert!(
        seen.last().is_some_and(|last| (day..day + 15).contains(last)),
        "{seen:?}"
    );
    let back = parked.observed(&order(held), at(60)).unwrap();
    assert_eq!(
        (back.booking.status, kinds(&back)),
        (Status::Held, vec![EventKind::Held])
    );
    let failed = ordering().refused(Failure::SupplierRefused, true, at(0)).booking;
    let (seen, failed) = looks(failed, unknown);
    assert_eq!((failed.status, failed.due_at), (Status::Failed, None));
    assert!(seen.len() < 15, "{seen:?}");
    let expired = on_hold().observed(&order(held), at(600)).unwrap().booking;
    assert_eq!(expired.due_at, Some(at(660)), "looked at once more");
    assert_eq!(expired.unchanged(at(660)).booking.due_at, None);
}

#[test]
fn what_the_order_costs_is_what_was_paid() {
    let dearer = |seen: &mut Observed| seen.total = Some(Money::new(25_000, Currency::USD).unwrap());
    let paying = on_hold().paying("n".to_owned(), "r".to_owned(), at(10)).booking;
    let paid = paying.observed(&order(dearer), at(11)).unwrap().booking;
    assert_eq!(paid.price.unwrap().minor, 25_000);
}

#[test]
fn what_the_airline_changes_is_taken_over() {
    let moved = |seen: &mut Observed| {
        seen.summary = Some(Summary {
            title: "LHR to EWR".to_owned(),
            ..ordering().summary
        });
    };
    let changed = booked().observed(&order(moved), at(20)).unwrap();
    assert_eq!(kinds(&changed), [EventKind::OrderChanged]);
    assert_eq!(
        (changed.booking.status, changed.booking.summary.title.as_str()),
        (Status::Booked, "LHR to EWR")
    );
    assert_eq!(changed.booking.observed(&order(moved), at(21)), None);
    let later = |seen: &mut Observed| {
        held(seen);
        seen.payment_required_by = Some(at(900));
    };
    let postponed = on_hold().observed(&order(later), at(20)).unwrap();
    assert_eq!((kinds(&postponed), postponed.booking.due_at), (vec![], Some(at(900))));
}
