use jiff::Timestamp;

use crate::ids::UserId;

/// Reports of one review that are kept, at most.
pub const MAX_REPORTS: usize = 50;

/// That somebody finds that a review should not stand where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewReport {
    /// Who; nobody knows once their account is erased.
    pub by: Option<UserId>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Who has reported a review, once each, and whether a moderator has yet to decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reports {
    /// Oldest first. They stay when a moderator has decided, so that nobody is heard twice.
    pub reports: Vec<ReviewReport>,
    /// Since when moderators have the review before them; `None`: they have decided, or have never had it.
    pub open_since: Option<Timestamp>,
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// They wrote the review.
    #[error("your own review cannot be reported")]
    Own,
    /// They have reported it.
    #[error("you have reported the review already")]
    Twice,
    /// Enough others have.
    #[error("the review was reported {MAX_REPORTS} times already")]
    Full,
}

impl Reports {
    /// What a user has reported.
    pub fn of(&self, user: UserId) -> Option<&ReviewReport> {
        self.reports.iter().find(|report| report.by == Some(user))
    }

    /// With one more, about a review by `author`. A review that a moderator has decided on is before them again.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn with(
        &self,
        author: Option<UserId>,
        by: UserId,
        reason: String,
        now: Timestamp,
    ) -> Result<Self, ReportError> {
        if author == Some(by) {
            return Err(ReportError::Own);
        }
        if self.of(by).is_some() {
            return Err(ReportError::Twice);
        }
        if self.reports.len() >= MAX_REPORTS {
            return Err(ReportError::Full);
        }
        let mut next = self.clone();
        next.open_since.get_or_insert(now);
        next.reports.push(ReviewReport {
            by: Some(by),
            reason,
            at: now,
        });
        Ok(next)
    }

    /// When a moderator has decided.
    #[must_use]
    pub fn settled(&self) -> Self {
        Self {
            open_since: None,
            ..self.clone()
        }
    }

    /// When nobody knows any more what a user has reported: what they said stays for moderators.
    #[must_use]
    pub fn without(&self, user: UserId) -> Self {
        let mut left = self.clone();
        for report in left.reports.iter_mut().filter(|report| report.by == Some(user)) {
            report.by = None;
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn everybody_reports_once_and_moderators_decide() {
        let user = |id| UserId::from_uuid(Uuid::from_u128(id));
        let at = |second| Timestamp::from_second(second).unwrap();
        let (ann, eve, asha) = (user(1), user(2), user(3));
        let report = |reports: &Reports, by, second| reports.with(Some(ann), by, format!("r{second}"), at(second));
        let none = Reports::default();
        let one = report(&none, eve, 1).unwrap();
        let two = report(&one, asha, 2).unwrap();
        let settled = two.settled();
        let full = (0..50).fold(none.clone(), |reports, n| report(&reports, user(100 + n), 1).unwrap());
        for (name, reports, by, expected) in [
            ("the author", &none, ann, Err(ReportError::Own)),
            ("the first", &none, eve, Ok(at(9))),
            ("again", &one, eve, Err(ReportError::Twice)),
            ("another", &one, asha, Ok(at(1))),
            ("again after a decision", &settled, eve, Err(ReportError::Twice)),
            ("anew after a decision", &settled, user(4), Ok(at(9))),
            ("one too many", &full, eve, Err(ReportError::Full)),
        ] {
            let since = report(reports, by, 9).map(|reports| reports.open_since.unwrap());
            assert_eq!(since, expected, "{name}");
        }
        assert_eq!((settled.open_since, settled.reports.len()), (None, 2));
        let left = two.without(eve);
        assert_eq!((left.of(eve), left.reports.len()), (None, 2));
        assert_eq!((left.reports[0].reason.as_str(), left.open_since), ("r1", Some(at(1))));
        assert!(left.of(asha).is_some());
    }
}
