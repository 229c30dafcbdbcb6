//! The details of an item: which type has which, and what they must be.

use super::*;

impl DetailsFields {
    /// The details of an item of this type.
    pub(super) fn into_details(mut self, item_type: ItemType) -> Result<Details, Invalid> {
        let mut checks = Checks::default();
        let details = match item_type {
            ItemType::Flight => Details::Flight {
                carrier: optional_text(&mut checks, "carrier", self.carrier.take(), LINE),
                flight_number: optional_text(&mut checks, "flight_number", self.flight_number.take(), CODE),
                origin: checks.optional("origin", self.origin.take(), |code| airport(&code)),
                destination: checks.optional("destination", self.destination.take(), |code| airport(&code)),
                origin_terminal: optional_text(&mut checks, "origin_terminal", self.origin_terminal.take(), CODE),
                destination_terminal: optional_text(
                    &mut checks,
                    "destination_terminal",
                    self.destination_terminal.take(),
                    CODE,
                ),
                cabin: checks.optional("cabin", self.cabin.take(), |name| Cabin::parse(&name)),
                seats: self.take_seats(&mut checks),
            },
            ItemType::Accommodation => Details::Accommodation {
                name: optional_text(&mut checks, "name", self.name.take(), LINE),
                address: optional_text(&mut checks, "address", self.address.take(), ADDRESS),
                room_type: optional_text(&mut checks, "room_type", self.room_type.take(), LINE),
                check_in_time: checks.optional("check_in_time", self.check_in_time.take(), |text| time(&text)),
                check_out_time: checks.optional("check_out_time", self.check_out_time.take(), |text| time(&text)),
            },
            ItemType::Activity => Details::Activity {
                category: optional_text(&mut checks, "category", self.category.take(), LINE),
                provider: optional_text(&mut checks, "provider", self.provider.take(), LINE),
                meeting_point: optional_text(&mut checks, "meeting_point", self.meeting_point.take(), ADDRESS),
            },
            ItemType::Transport => Details::Transport {
                mode: checks.optional("mode", self.mode.take(), |name| Mode::parse(&name)),
                provider: optional_text(&mut checks, "provider", self.provider.take(), LINE),
                from: optional_text(&mut checks, "from", self.from.take(), ADDRESS),
                to: optional_text(&mut checks, "to", self.to.take(), ADDRESS),
                seats: self.take_seats(&mut checks),
            },
            ItemType::Meal => Details::Meal {
                meal: checks.optional("meal", self.meal.take(), |name| MealType::parse(&name)),
                cuisine: optional_text(&mut checks, "cuisine", self.cuisine.take(), LINE),
            },
            ItemType::Note => Details::Note,
        };
        if let Some(field) = self.left_over() {
            let message = format!("is not a field of an item of type {}", item_type.name());
            checks.ensure(false, field, "unknown", message);
        }
        checks.build(|| Some(details))
    }

    fn take_seats(&mut self, checks: &mut Checks) -> Vec<String> {
        let seats = checks.optional("seats", self.seats.take(), |list| {
            tags(&list, MAX_SEATS, TextRule::line(1, 10))
        });
        seats.unwrap_or_default()
    }

    pub(super) fn new(details: &Details) -> Self {
        let some = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
        match details.clone() {
            Details::Flight {
                carrier,
                flight_number,
                origin,
                destination,
                origin_terminal,
                destination_terminal,
                cabin,
                seats,
            } => Self {
                carrier,
                flight_number,
                origin,
                destination,
                origin_terminal,
                destination_terminal,
                cabin: cabin.map(|cabin| cabin.name().to_owned()),
                seats: some(&seats),
                ..Self::default()
            },
            Details::Accommodation {
                name,
                address,
                room_type,
                check_in_time,
                check_out_time,
            } => Self {
                name,
                address,
                room_type,
                check_in_time: check_in_time.map(shown),
                check_out_time: check_out_time.map(shown),
                ..Self::default()
            },
            Details::Activity {
                category,
                provider,
                meeting_point,
            } => Self {
                category,
                provider,
                meeting_point,
                ..Self::default()
            },
            Details::Transport {
                mode,
                provider,
                from,
                to,
                seats,
            } => Self {
                mode: mode.map(|mode| mode.name().to_owned()),
                provider,
                from,
                to,
                seats: some(&seats),
                ..Self::default()
            },
            Details::Meal { meal, cuisine } => Self {
                meal: meal.map(|meal| meal.name().to_owned()),
                cuisine,
                ..Self::default()
            },
            Details::Note => Self::default(),
        }
    }
}

fn time(text: &str) -> Result<Time, Rule> {
    let wrong = || Rule::new("time", "must be a time of the day such as 15:00");
    if text.len() != 5 {
        return Err(wrong());
    }
    Time::strptime("%H:%M", text).map_err(|_| wrong())
}

fn shown(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}
