//! How bad input is reported: every violation names the field and the rule, and all of them are reported at once.

use std::fmt;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field as the client wrote it, such as `destinations[0].name`.
    pub field: String,
    /// Stable name of the rule, such as `required` or `max_length`.
    pub rule: &'static str,
    /// What the field must be, to be read after its name: `must have at most 100 characters`.
    pub message: String,
}

impl Violation {
    /// A broken `rule` of `field`.
    pub fn new(field: impl Into<String>, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            rule,
            message: message.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// A rule that a single value breaks; [`Checks::take`] adds which field it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rule {
    /// Stable name of the rule.
    pub rule: &'static str,
    /// What the value must be.
    pub message: String,
}

impl Rule {
    /// Names the rule and says what it demands.
    pub fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
        }
    }

    /// The violation of this rule by `field`.
    pub fn of(self, field: impl Into<String>) -> Violation {
        Violation::new(field, self.rule, self.message)
    }
}

/// One or more violations; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.first().map(ToString::to_string).unwrap_or_default())]
pub struct Invalid(Vec<Violation>);

impl Invalid {
    /// All violations, in the order in which they were found.
    pub fn violations(&self) -> &[Violation] {
        &self.0
    }

    /// Gives the violations away.
    pub fn into_violations(self) -> Vec<Violation> {
        self.0
    }
}

impl From<Violation> for Invalid {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

/// Collects violations while a request is turned into a command.
///
/// ```
/// use tripsage_domain::validation::{Checks, Rule};
///
/// let mut checks = Checks::default();
/// let even = |n: u32| if n % 2 == 0 { Ok(n) } else { Err(Rule::new("even", "must be even")) };
/// let a = checks.take("a", even(2));
/// let b = checks.take("b", even(3));
/// let invalid = checks.finish().unwrap_err();
/// assert_eq!(invalid.violations()[0].to_string(), "b: must be even");
/// assert_eq!((a, b), (Some(2), None));
/// ```
#[derive(Debug, Default)]
pub struct Checks {
    violations: Vec<Violation>,
}

impl Checks {
    /// Keeps the value, or records which field broke which rule.
    pub fn take<T>(&mut self, field: &str, value: Result<T, Rule>) -> Option<T> {
        value.map_err(|rule| self.violations.push(rule.of(field))).ok()
    }

    /// Like [`Self::take`], for a field that may be absent.
    pub fn optional<T, U>(
        &mut self,
        field: &str,
        value: Option<T>,
        parse: impl FnOnce(T) -> Result<U, Rule>,
    ) -> Option<U> {
        value.and_then(|value| self.take(field, parse(value)))
    }

    /// Like [`Self::take`], for a field that must be present.
    pub fn required<T, U>(
        &mut self,
        field: &str,
        value: Option<T>,
        parse: impl FnOnce(T) -> Result<U, Rule>,
    ) -> Option<U> {
        match value {
            Some(value) => self.take(field, parse(value)),
            None => {
                self.violations.push(Violation::new(field, "required", "is required"));
                None
            }
        }
    }

    /// Takes over the violations of a nested value, with `prefix.` before its fields.
    pub fn nested<T>(&mut self, prefix: &str, value: Result<T, Invalid>) -> Option<T> {
        value
            .map_err(|invalid| {
                self.violations.extend(invalid.0.into_iter().map(|v| Violation {
                    field: format!("{prefix}.{}", v.field),
                    ..v
                }));
            })
            .ok()
    }

    /// Records a violation unless `holds`.
    pub fn ensure(&mut self, holds: bool, field: &str, rule: &'static str, message: impl Into<String>) {
        if !holds {
            self.violations.push(Violation::new(field, rule, message));
        }
    }

    /// Fails when anything was recorded.
    pub fn finish(self) -> Result<(), Invalid> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(Invalid(self.violations))
        }
    }

    /// The command, when nothing was recorded; `build` is called only then and gives `None` never.
    ///
    /// The values that [`Self::take`] handed out are all there when nothing was recorded, so `build` can use `?`.
    pub fn build<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Invalid> {
        self.finish()?;
        build().ok_or_else(|| Violation::new("body", "valid", "is not valid").into())
    }
}
