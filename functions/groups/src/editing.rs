//! How a group is changed: read it, decide, commit; and once more when somebody else was faster.

use std::time::{Duration, Instant};

use tripsage_cache::Tag;
use tripsage_domain::{
    audit::Record,
    group::{Applicant, Member, reputation},
    ids::{GroupId, UserId},
    user::profile::Gender,
};
use tripsage_http::{ApiError, Code, Context};
use tripsage_store::{
    Loaded, StoreError, Transaction,
    groups::{GROUP_CHANGED, Gathering, MEMBER_CHANGED, MemberChange, STANDING_CHANGED},
};

use crate::App;

/// How long a change is tried before the client is told that the group is too busy.
const PATIENCE: Duration = Duration::from_secs(6);

/// Pause after the first lost race; it doubles up to [`LONGEST_PAUSE`], and half of it is random.
const FIRST_PAUSE: Duration = Duration::from_millis(8);

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// What a decision about somebody's standing in a group comes to.
pub(crate) struct Decision {
    /// How they should stand in it; `None`: not at all.
    pub(crate) after: Option<Member>,
    /// What the trail says of it.
    pub(crate) record: Record,
}

impl App {
    /// A group that is not deleted, and how these people stand in it.
    pub(crate) async fn find_group(&self, id: GroupId, people: &[UserId]) -> Result<Gathering, ApiError> {
        let found = self.db.find_group(id, people).await?;
        let found = found.filter(|found| found.group.deleted_at.is_none());
        found.ok_or_else(|| ApiError::not_found("group"))
    }

    /// Does `attempt` until it is not overtaken any more; it reads anew whatever it decides on.
    pub(crate) async fn until_settled<T, F>(&self, context: &Context, attempt: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<Result<T, StoreError>, ApiError>>,
    {
        let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
        while begun.elapsed() < PATIENCE {
            match attempt().await? {
                Ok(done) => return Ok(done),
                Err(
                    StoreError::Conflict(GROUP_CHANGED | MEMBER_CHANGED | STANDING_CHANGED) | StoreError::Throttled(_),
                ) => {
                    tokio::time::sleep(jittered(context, pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(Code::EditConflict).retry_after(Duration::from_secs(1)))
    }

    /// Changes how `user` stands in a group by `decide`, which sees the group with `user` and `by` in it. `by` is who
    /// decides for the group, if it is somebody else.
    pub(crate) async fn change_member(
        &self,
        context: &Context,
        id: GroupId,
        user: UserId,
        by: Option<UserId>,
        decide: impl Fn(&Gathering) -> Result<Decision, ApiError>,
    ) -> Result<(Gathering, Option<Member>), ApiError> {
        let people: Vec<UserId> = [user].into_iter().chain(by).collect();
        let attempt = async || {
            let found = self.find_group(id, &people).await?;
            let decision = decide(&found)?;
            let change = MemberChange {
                group: &found.group,
                before: found.find(user),
                after: decision.after,
                by: by.and_then(|by| found.find(by)),
            };
            let transaction = Transaction::default()
                .changing_member(&change)?
                .audited(&decision.record)?;
            let after = change.after.clone();
            let committed = self.db.commit(transaction.fenced(context.claim())).await;
            Ok(committed.map(|()| (found, after)))
        };
        let (found, after) = self.until_settled(context, attempt).await?;
        let counted = |member: Option<&Loaded<Member>>| member.is_some_and(|member| member.item.is_accepted());
        if counted(found.find(user)) != after.as_ref().is_some_and(Member::is_accepted) {
            self.bump_groups().await;
        }
        Ok((found, after))
    }

    /// Makes what is kept of the lists of groups void.
    pub(crate) async fn bump_groups(&self) {
        self.edge.bump(&Tag::Groups).await;
    }

    /// What is known of somebody who wants to belong to a group.
    pub(crate) async fn applicant(&self, user: UserId) -> Result<Applicant, ApiError> {
        let (row, done) = tokio::try_join!(self.db.find_user(user), self.db.find_traveller(user))?;
        let row = row.ok_or_else(|| ApiError::not_found("user"))?.item;
        Ok(Applicant {
            user,
            is_woman: row.gender == Some(Gender::Woman),
            is_verified: row.email_verified,
            reputation: reputation(&done.item.contributions()),
        })
    }
}

fn jittered(context: &Context, pause: Duration) -> Duration {
    let mut byte = [0];
    context.ports.entropy.fill(&mut byte);
    pause / 2 + pause * u32::from(byte[0]) / 512
}
