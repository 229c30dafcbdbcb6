//! The audit trail: who did what to what, from where, and how it ended. Kept with the change that it describes.

use jiff::Timestamp;

use crate::ids::{AuditId, UserId};

/// What happened. The names follow the OCSF-like catalogue of the systems that this product replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Action {
    LoginSuccess,
    LoginFailed,
    LoginLocked,
    Logout,
    TokenReuse,
    SessionRevoked,
    PasswordChange,
    PasswordReset,
    EmailVerified,
    OtpSuccess,
    OtpFailed,
    ProviderLinked,
    ProviderUnlinked,
    AccessTokenCreated,
    AccessTokenRevoked,
    UserCreated,
    UserUpdated,
    UserDeleted,
    PreferencesUpdated,
    DataExport,
    TripCreated,
    TripDeleted,
    TripRestored,
    TripShared,
    CollaboratorChanged,
    CollaboratorRemoved,
    InvitationAccepted,
    InvitationRevoked,
    LinkCreated,
    LinkRevoked,
    CalendarFeedRotated,
    CalendarFeedRevoked,
    TemplateCreated,
    TemplateUpdated,
    TemplateDeleted,
    BookingOrdered,
    BookingRecorded,
    BookingConfirmed,
    BookingPaid,
    BookingCancelled,
    BookingExpired,
    BookingFailed,
    BookingParked,
    KeyCreated,
    KeyUpdated,
    KeyDeleted,
    KeyRotated,
    KeyValidated,
    KeyUsed,
    KeyWithheld,
    KeyRefused,
    KeyUnreadable,
    KeysLocked,
    KeysUnlocked,
    ProvidersRefreshed,
    RatingCreated,
    RatingUpdated,
    RatingDeleted,
    IntelCreated,
    IntelUpdated,
    IntelDeleted,
    IntelAnswered,
    GuideApplied,
    GuideUpdated,
    GuideVerified,
    GuideSuspended,
    GuideReinstated,
    GuideBooked,
    GuideBookingConfirmed,
    GuideBookingCompleted,
    GuideBookingCancelled,
    GuideBookingPaid,
    GuideBookingRefunded,
    GuideReviewed,
    GuideReviewReported,
    GuideReviewHidden,
    GuideReviewApproved,
    ResourceCreated,
    ResourceUpdated,
    ResourceDeleted,
    SafetySettingsUpdated,
    SafetySettingsRevealed,
    ItineraryCreated,
    ItineraryDeleted,
    ItineraryRemoved,
    ItineraryRestored,
    ItineraryFeatured,
    ItineraryUnfeatured,
    GroupCreated,
    GroupUpdated,
    GroupDeleted,
    GroupRestored,
    GroupHandedOver,
    GroupJoined,
    GroupLeft,
    GroupInvited,
    GroupMemberChanged,
    GroupMemberRemoved,
    GroupMemberBlocked,
}

impl Action {
    /// Dotted name, as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RatingCreated => "rating.created",
            Self::RatingUpdated => "rating.updated",
            Self::RatingDeleted => "rating.deleted",
            Self::IntelCreated => "intel.created",
            Self::IntelUpdated => "intel.updated",
            Self::IntelDeleted => "intel.deleted",
            Self::IntelAnswered => "intel.answered",
            Self::ProvidersRefreshed => "system.providers.refreshed",
            Self::GroupCreated => "group.created",
            Self::GroupUpdated => "group.updated",
            Self::GroupDeleted => "group.deleted",
            Self::GroupRestored => "group.restored",
            Self::GroupHandedOver => "group.handed_over",
            Self::GroupJoined => "group.joined",
            Self::GroupLeft => "group.left",
            Self::GroupInvited => "group.member.invited",
            Self::GroupMemberChanged => "group.member.changed",
            Self::GroupMemberRemoved => "group.member.removed",
            Self::GroupMemberBlocked => "group.member.blocked",
            Self::LoginSuccess => "auth.login.success",
            Self::LoginFailed => "auth.login.failed",
            Self::LoginLocked => "security.multiple_failed_attempts",
            Self::Logout => "auth.logout",
            Self::TokenReuse => "security.suspicious_activity",
            Self::SessionRevoked => "auth.session.revoked",
            Self::PasswordChange => "auth.password.change",
            Self::PasswordReset => "auth.password.reset",
            Self::EmailVerified => "auth.email.verified",
            Self::OtpSuccess => "auth.mfa.success",
            Self::OtpFailed => "auth.mfa.failed",
            Self::ProviderLinked => "auth.provider.linked",
            Self::ProviderUnlinked => "auth.provider.unlinked",
            Self::AccessTokenCreated => "auth.token.created",
            Self::AccessTokenRevoked => "auth.token.revoked",
            Self::UserCreated => "user.created",
            Self::UserUpdated => "user.modified",
            Self::UserDeleted => "user.deleted",
            Self::PreferencesUpdated => "user.preferences.modified",
            Self::DataExport => "data.export",
            Self::TripCreated => "trip.created",
            Self::TripDeleted => "trip.deleted",
            Self::TripRestored => "trip.restored",
            Self::TripShared => "permission.changed",
            Self::CollaboratorChanged => "role.assigned",
            Self::CollaboratorRemoved => "role.removed",
            Self::InvitationAccepted => "access.granted",
            Self::InvitationRevoked => "access.revoked",
            Self::LinkCreated => "trip.link.created",
            Self::LinkRevoked => "trip.link.revoked",
            Self::CalendarFeedRotated => "trip.feed.rotated",
            Self::CalendarFeedRevoked => "trip.feed.revoked",
            Self::TemplateCreated => "template.created",
            Self::TemplateUpdated => "template.updated",
            Self::TemplateDeleted => "template.deleted",
            Self::BookingOrdered => "booking.ordered",
            Self::BookingRecorded => "booking.recorded",
            Self::BookingConfirmed => "booking.confirmed",
            Self::BookingPaid => "booking.paid",
            Self::BookingCancelled => "booking.cancelled",
            Self::BookingExpired => "booking.expired",
            Self::BookingFailed => "booking.failed",
            Self::BookingParked => "booking.parked",
            Self::KeyCreated => "key.created",
            Self::KeyUpdated => "key.updated",
            Self::KeyDeleted => "key.deleted",
            Self::KeyRotated => "key.rotated",
            Self::KeyValidated => "key.validated",
            Self::KeyUsed => "key.used",
            Self::KeyWithheld => "key.withheld",
            Self::KeyRefused => "key.refused",
            Self::KeyUnreadable => "key.unreadable",
            Self::KeysLocked => "key.locked",
            Self::KeysUnlocked => "key.unlocked",
            Self::GuideApplied => "guide.applied",
            Self::GuideUpdated => "guide.modified",
            Self::GuideVerified => "guide.verified",
            Self::GuideSuspended => "guide.suspended",
            Self::GuideReinstated => "guide.reinstated",
            Self::GuideBooked => "guide.booking.created",
            Self::GuideBookingConfirmed => "guide.booking.confirmed",
            Self::GuideBookingCompleted => "guide.booking.completed",
            Self::GuideBookingCancelled => "guide.booking.cancelled",
            Self::GuideBookingPaid => "guide.booking.paid",
            Self::GuideBookingRefunded => "guide.booking.refunded",
            Self::GuideReviewed => "guide.reviewed",
            Self::GuideReviewReported => "guide.review.reported",
            Self::GuideReviewHidden => "guide.review.hidden",
            Self::GuideReviewApproved => "guide.review.approved",
            Self::ResourceCreated => "resource.created",
            Self::ResourceUpdated => "resource.modified",
            Self::ResourceDeleted => "resource.deleted",
            Self::SafetySettingsUpdated => "safety.settings.modified",
            Self::SafetySettingsRevealed => "safety.settings.revealed",
            Self::ItineraryCreated => "itinerary.created",
            Self::ItineraryDeleted => "itinerary.deleted",
            Self::ItineraryRemoved => "itinerary.removed",
            Self::ItineraryRestored => "itinerary.restored",
            Self::ItineraryFeatured => "itinerary.featured",
            Self::ItineraryUnfeatured => "itinerary.unfeatured",
        }
    }

    /// How it ended: the failures are the refused attempts.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::LoginFailed
            | Self::LoginLocked
            | Self::OtpFailed
            | Self::TokenReuse
            | Self::KeyWithheld
            | Self::KeyRefused
            | Self::KeyUnreadable
            | Self::KeysLocked
            | Self::BookingFailed
            | Self::BookingParked => "failure",
            _ => "success",
        }
    }
}

/// Where a request came from, as the gateway saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Address of the client.
    pub ip: String,
    /// What the client calls itself, cut to 256 characters.
    pub user_agent: String,
    /// Id of the request.
    pub request_id: String,
}

/// One entry of the trail of `user`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: AuditId,
    /// Whose trail it belongs to.
    pub user: UserId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub action: Action,
    /// What it happened to, such as `trip/<id>`; never a secret, an address or a name.
    pub target: String,
    /// Where it came from.
    pub source: Source,
}
