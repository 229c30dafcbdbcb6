use jiff::{SignedDuration, Timestamp};

/// Something that is done to keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A key is stored.
    Create,
    /// A key is removed.
    Delete,
    /// A service is asked whether it knows a key.
    Validate,
    /// A key is replaced.
    Rotate,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Create, Self::Delete, Self::Validate, Self::Rotate];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Validate => "validate",
            Self::Rotate => "rotate",
        }
    }

    /// The operation of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// So many of them within [`WINDOW`] are suspicious.
    const fn suspicious(self) -> usize {
        match self {
            Self::Create | Self::Delete => 5,
            Self::Validate => 10,
            Self::Rotate => 3,
        }
    }
}

/// How far back operations count.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// How long a lock lasts that its owner does not lift.
const LOCKED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// An operation that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub operation: Operation,
    /// When.
    pub at: Timestamp,
}

/// A user's keys are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// Since when.
    pub since: Timestamp,
}

impl Lock {
    /// When it ends by itself.
    pub fn ends_at(self) -> Timestamp {
        self.since + LOCKED_FOR
    }
}

/// What a user has been doing with their keys lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    recent: Vec<Seen>,
    lock: Option<Lock>,
}

impl Guard {
    /// As it was noted.
    pub fn new(recent: Vec<Seen>, lock: Option<Lock>) -> Self {
        Self { recent, lock }
    }

    /// Operations that still count.
    pub fn recent(&self) -> &[Seen] {
        &self.recent
    }

    /// The lock, while it lasts.
    pub fn lock(&self, now: Timestamp) -> Option<Lock> {
        self.lock.filter(|lock| now < lock.ends_at())
    }

    /// Notes an operation that begins now. The one that makes it suspicious still goes on; nothing does after it.
    ///
    /// # Errors
    /// The lock, while there is one.
    pub fn note(&self, operation: Operation, now: Timestamp) -> Result<Self, Lock> {
        if let Some(lock) = self.lock(now) {
            return Err(lock);
        }
        let counts = |seen: &Seen| now.duration_since(seen.at) < WINDOW;
        let mut recent: Vec<Seen> = self.recent.iter().copied().filter(counts).collect();
        recent.push(Seen { operation, at: now });
        let same = recent.iter().filter(|seen| seen.operation == operation).count();
        let lock = (same >= operation.suspicious()).then_some(Lock { since: now });
        Ok(Self { recent, lock })
    }

    /// As it is after its owner has signed in again: what was suspicious was them, or is over.
    pub fn lifted(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    /// The number of the operation that locks, when one is done every so many seconds.
    fn locked_by(operation: Operation, every: i64) -> Option<usize> {
        let mut guard = Guard::default();
        for number in 1..=40 {
            let now = at(i64::try_from(number).unwrap() * every);
            guard = guard.note(operation, now).ok()?;
            if guard.lock(now).is_some() {
                return Some(number);
            }
        }
        None
    }

    #[test]
    fn too_many_within_ten_minutes_lock() {
        for (operation, many) in [
            (Operation::Create, 5),
            (Operation::Delete, 5),
            (Operation::Validate, 10),
            (Operation::Rotate, 3),
        ] {
            assert_eq!(locked_by(operation, 1), Some(many), "{operation:?}");
        }
        assert_eq!(locked_by(Operation::Rotate, 299), Some(3));
        assert_eq!(locked_by(Operation::Rotate, 300), None, "the first has left the window");
    }

    #[test]
    fn different_operations_do_not_add_up() {
        let mut guard = Guard::default();
        for operation in Operation::ALL {
            for _ in 0..2 {
                guard = guard.note(operation, at(0)).unwrap();
            }
        }
        assert_eq!((guard.recent().len(), guard.lock(at(0))), (8, None));
        assert_eq!(guard.note(Operation::Create, at(600)).unwrap().recent().len(), 1);
    }

    #[test]
    fn a_lock_ends_with_its_time_or_when_it_is_lifted() {
        let locked = Guard::new(Vec::new(), Some(Lock { since: at(0) }));
        let day = 24 * 3600;
        assert!(locked.note(Operation::Create, at(day - 1)).is_err());
        assert!(locked.note(Operation::Create, at(day)).is_ok());
        assert!(locked.lifted().note(Operation::Create, at(1)).is_ok());
    }
}
