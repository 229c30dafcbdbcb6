//! How safe travellers say that an itinerary is. A traveller has one rating of one itinerary, and none of their own.

use jiff::{Timestamp, civil::Date};

use crate::{
    change::Scores,
    ids::{ItineraryId, RatingId, UserId},
    itinerary::Itinerary,
    policy::Denial,
    principal::Principal,
    text::TextRule,
    validation::Rule,
    vocabulary::vocabulary,
};

vocabulary!(
    /// What a rating looks at most.
    RatingType {
        Overall = "overall",
        Accommodation = "accommodation",
        Route = "route",
        Community = "community",
        WomenSafety = "women_safety",
    }
);

/// What somebody says in words.
pub const FEEDBACK: TextRule = TextRule::multiline(1, 5000);

/// Photos of one rating, or of one piece of travel intel.
pub const MAX_PHOTOS: usize = 10;

/// The best score; the worst is 1.
pub const BEST: u8 = 5;

/// A score.
///
/// # Errors
/// `range`.
pub fn score(value: i64) -> Result<u8, Rule> {
    let score = u8::try_from(value).ok().filter(|score| (1..=BEST).contains(score));
    score.ok_or_else(|| Rule::new("range", "must be between 1 and 5"))
}

/// A day on which something was experienced: not after tomorrow in UTC, which is today somewhere.
///
/// # Errors
/// `range`.
pub fn experienced(day: Date, now: Timestamp) -> Result<Date, Rule> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let latest = today.tomorrow().unwrap_or(today);
    if day.year() >= 1900 && day <= latest {
        Ok(day)
    } else {
        Err(Rule::new("range", "must not be in the future, nor before 1900"))
    }
}

/// The content identifiers of photos on IPFS, each once.
///
/// # Errors
/// `max_items` or `cid`.
pub fn photos(hashes: &[String]) -> Result<Vec<String>, Rule> {
    if hashes.len() > MAX_PHOTOS {
        return Err(Rule::new(
            "max_items",
            format!("must have at most {MAX_PHOTOS} entries"),
        ));
    }
    let mut kept: Vec<String> = Vec::with_capacity(hashes.len());
    for hash in hashes {
        // Base 58 and base 32, the alphabets of content identifiers, are letters and digits.
        let fits = (10..=120).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !fits {
            let message = "must be IPFS content identifiers: 10 to 120 letters and digits each";
            return Err(Rule::new("cid", message));
        }
        if !kept.contains(hash) {
            kept.push(hash.clone());
        }
    }
    Ok(kept)
}

/// What a traveller says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How safe it is altogether, 1 to 5.
    pub overall: u8,
    /// What it looks at most.
    pub rating_type: RatingType,
    /// In words.
    pub feedback: Option<String>,
    /// How safe it is to stay there, 1 to 5.
    pub accommodation: Option<u8>,
    /// How safe the route is, 1 to 5.
    pub route: Option<u8>,
    /// How safe it is among people there, 1 to 5.
    pub community: Option<u8>,
    /// How safe it is for women, 1 to 5.
    pub women: Option<u8>,
    /// When they were there.
    pub experienced_on: Option<Date>,
    /// Content identifiers of photos.
    pub photos: Vec<String>,
    /// Whether they say that they have filed a safety alert too.
    pub alert_filed: bool,
}

/// A safety rating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// Its id.
    pub id: RatingId,
    /// What it is of.
    pub itinerary: ItineraryId,
    /// Whose it is.
    pub by: UserId,
    /// What they say.
    pub verdict: Verdict,
    /// Whether the traveller was verified when they last said it: their e-mail address was confirmed.
    pub verified: bool,
    /// When it was first given.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Grows by one with every change.
    pub version: u64,
}

/// Why an itinerary is not rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RatingError {
    /// There is no such itinerary for others.
    #[error("the itinerary is not published")]
    NotPublished,
    /// An author does not judge their own work.
    #[error("authors do not rate their own itineraries")]
    Own,
}

/// Decides whether somebody may rate an itinerary.
///
/// # Errors
/// Why not.
pub fn may_rate(itinerary: &Itinerary, caller: &Principal) -> Result<(), RatingError> {
    if itinerary.owner == caller.user {
        return Err(RatingError::Own);
    }
    if itinerary.is_public() {
        Ok(())
    } else {
        Err(RatingError::NotPublished)
    }
}

impl RatingError {
    /// What the refusal may reveal.
    pub const fn denial(self) -> Denial {
        match self {
            Self::NotPublished => Denial::Hidden,
            Self::Own => Denial::Forbidden,
        }
    }
}

impl Rating {
    /// The first rating of an itinerary by the caller.
    pub fn new(id: RatingId, itinerary: ItineraryId, caller: &Principal, verdict: Verdict, now: Timestamp) -> Self {
        Self {
            id,
            itinerary,
            by: caller.user,
            verdict,
            verified: caller.verified,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// With another verdict of its author, who may have been verified meanwhile. Nothing changes when nothing differs.
    #[must_use]
    pub fn said_anew(&self, caller: &Principal, verdict: Verdict, now: Timestamp) -> Self {
        if (&self.verdict, self.verified) == (&verdict, caller.verified) {
            return self.clone();
        }
        Self {
            verdict,
            verified: caller.verified,
            updated_at: now,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// What is counted of it.
    pub const fn scores(&self) -> Scores {
        Scores {
            overall: self.verdict.overall,
            accommodation: self.verdict.accommodation,
            route: self.verdict.route,
            community: self.verdict.community,
            women: self.verdict.women,
            verified: self.verified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_one_to_five() {
        for (value, good) in [
            (i64::MIN, false),
            (0, false),
            (1, true),
            (5, true),
            (6, false),
            (260, false),
        ] {
            assert_eq!(score(value).is_ok(), good, "{value}");
        }
    }

    #[test]
    fn nobody_was_there_in_the_future() {
        let now: Timestamp = "2026-11-20T23:30:00Z".parse().unwrap();
        for (day, good) in [
            ("1899-12-31", false),
            ("1900-01-01", true),
            ("2026-11-20", true),
            ("2026-11-21", true),
            ("2026-11-22", false),
        ] {
            assert_eq!(experienced(day.parse().unwrap(), now).is_ok(), good, "{day}");
        }
    }

    #[test]
    fn photos_are_few_distinct_content_identifiers() {
        let cid = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG".to_owned();
        let twice = [cid.clone(), cid.clone()];
        assert_eq!(photos(&twice).unwrap().as_slice(), &twice[..1]);
        for bad in ["", "short", "https://example.com/a.jpg", "Qm YwAPJzv5CZsnA625s3Xf2nemt"] {
            assert!(photos(&[bad.to_owned()]).is_err(), "{bad}");
        }
        assert_eq!(photos(&vec![cid; MAX_PHOTOS + 1]).unwrap_err().rule, "max_items");
    }
}
