//! A trip: where and when, who takes part, and what is planned.

/// What a member may do in one trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Sees everything.
    Viewer,
    /// Changes the plan too.
    Editor,
    /// Shares it too.
    Admin,
    /// The one who made it; may also delete it.
    Owner,
}

/// Who may see a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateVisibility {
    /// Its owner.
    Private,
    /// Whoever has its id.
    Shared,
    /// Everybody; it is listed.
    Public,
}
