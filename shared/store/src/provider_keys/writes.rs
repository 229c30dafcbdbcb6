use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use tripsage_domain::{
    ids::{KeyId, UserId},
    key::{Guard, MAX_KEYS},
};

use super::{
    DAILY_LIMIT, KEY_CHANGED, KEYS_FULL, day_of, digest,
    rows::{KeyRow, SealedRow, SeenRow},
};
use crate::{Condition, Loaded, StoreError, Transaction, Update, Write, keys};

/// How long the counters of a day are kept.
const USE_KEPT: SignedDuration = SignedDuration::from_hours(93 * 24);

impl Transaction {
    /// AP-102: a new key. Conflicts: [`KEY_CHANGED`] when it is there, [`KEYS_FULL`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn inserting_provider_key(mut self, user: UserId, row: &KeyRow) -> Result<Self, StoreError> {
        let room = Condition::expression(
            "attribute_not_exists(#keys) OR #keys < :most",
            vec![("most", AttributeValue::N(MAX_KEYS.to_string()))],
        );
        self.push(Write::insert(KEY_CHANGED, keys::provider_key(user, row.id), row)?);
        self.push(counting(user, 1, room));
        self.listing_sealed(user, row.id, &[], &row.kms_keys())
    }

    /// AP-103: a key as it is after a change. What uses count meanwhile stays. Conflict: [`KEY_CHANGED`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn changing_provider_key(
        mut self,
        user: UserId,
        old: &Loaded<KeyRow>,
        new: &KeyRow,
    ) -> Result<Self, StoreError> {
        let mut item: crate::transaction::Item = serde_dynamo::to_item(new)?;
        let changes = KeyRow::CHANGEABLE
            .into_iter()
            .filter_map(|name| Some((name, item.remove(name)?)));
        let update = changes.fold(Update::default().add("version", 1), |update, (name, value)| {
            update.set(name, value)
        });
        let key = keys::provider_key(user, old.item.id);
        self.push(Write::update(KEY_CHANGED, key, update, Condition::Version(old.version)));
        self.listing_sealed(user, old.item.id, &old.item.kms_keys(), &new.kms_keys())
    }

    /// AP-104: removes a key with everything that is sealed in it. Conflict: [`KEY_CHANGED`].
    #[must_use]
    pub fn removing_provider_key(self, user: UserId, old: &Loaded<KeyRow>) -> Self {
        let arns = old.item.kms_keys();
        self.removing_sealed(user, old.item.id, Condition::Version(old.version), arns.into_iter())
    }

    pub(super) fn removing_sealed<'a>(
        mut self,
        user: UserId,
        key: KeyId,
        condition: Condition,
        kms_keys: impl Iterator<Item = &'a str>,
    ) -> Self {
        self.push(Write::remove(KEY_CHANGED, keys::provider_key(user, key), condition));
        self.push(counting(user, -1, Condition::anyway()));
        for arn in kms_keys {
            let listed = keys::sealed_under(&digest(arn), user, key);
            self.push(Write::remove("sealed", listed, Condition::anyway()));
        }
        self
    }

    /// AP-105: what a user has been doing with their keys, in the place of what was read. Conflict: `guard`.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn noting_key_operation(
        self,
        user: UserId,
        old: u64,
        guard: &Guard,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let recent: Vec<SeenRow> = guard
            .recent()
            .iter()
            .map(|seen| SeenRow {
                operation: seen.operation.name().to_owned(),
                at: seen.at,
            })
            .collect();
        let update = Update::default()
            .set("recent", serde_dynamo::to_attribute_value(recent)?)
            .set(
                "locked_at",
                serde_dynamo::to_attribute_value(guard.lock(now).map(|lock| lock.since))?,
            )
            .add("version", 1);
        let condition = match old {
            0 => Condition::Absent,
            version => Condition::Version(version),
        };
        Ok(self.with(Write::update("guard", keys::provider_keys(user), update, condition)))
    }

    /// AP-106: counts a use of a key, if it is still there. With a limit it fails once so many uses of that day are
    /// counted. Conflicts: [`KEY_CHANGED`], [`DAILY_LIMIT`].
    ///
    /// # Errors
    /// When an instant cannot be expressed in DynamoDB's types.
    pub fn using_provider_key(
        self,
        user: UserId,
        row: &KeyRow,
        now: Timestamp,
        limit: Option<u32>,
    ) -> Result<Self, StoreError> {
        let day = day_of(now);
        let used = Update::default()
            .set("last_used", serde_dynamo::to_attribute_value(now)?)
            .add("uses", 1);
        let counted = Update::default()
            .set("key", serde_dynamo::to_attribute_value(row.id)?)
            .set("service", AttributeValue::S(row.service.clone()))
            .set("day", serde_dynamo::to_attribute_value(day)?)
            .set(
                "expires_at",
                AttributeValue::N(crate::epoch_seconds(now + USE_KEPT).to_string()),
            )
            .add("uses", 1)
            .add("version", 1);
        let room = match limit {
            None => Condition::anyway(),
            Some(limit) => Condition::expression(
                "attribute_not_exists(#uses) OR #uses < :limit",
                vec![("limit", AttributeValue::N(limit.to_string()))],
            ),
        };
        Ok(self
            .with(Write::update(
                KEY_CHANGED,
                keys::provider_key(user, row.id),
                used,
                Condition::Present,
            ))
            .with(Write::update(
                DAILY_LIMIT,
                keys::provider_key_use(user, day, row.id),
                counted,
                room,
            )))
    }

    /// AP-111: takes an entry off the list of what a KMS key has sealed, while the key that it names is the version that
    /// was read, or is gone. Conflict: [`KEY_CHANGED`].
    #[must_use]
    pub fn forgetting_sealed(self, kms_key: &str, entry: SealedRow, read: Option<u64>) -> Self {
        let condition = read.map_or(Condition::Absent, Condition::Version);
        let listed = keys::sealed_under(&digest(kms_key), entry.user, entry.key);
        self.with(Write::check(
            KEY_CHANGED,
            keys::provider_key(entry.user, entry.key),
            condition,
        ))
        .with(Write::remove("sealed", listed, Condition::anyway()))
    }

    /// The lists of what each KMS key has sealed follow the key, whose version is checked.
    fn listing_sealed(mut self, user: UserId, key: KeyId, old: &[&str], new: &[&str]) -> Result<Self, StoreError> {
        for arn in old.iter().filter(|arn| !new.contains(arn)) {
            let listed = keys::sealed_under(&digest(arn), user, key);
            self.push(Write::remove("sealed", listed, Condition::anyway()));
        }
        for arn in new.iter().filter(|arn| !old.contains(arn)) {
            let listed = keys::sealed_under(&digest(arn), user, key);
            let row = SealedRow { user, key };
            self.push(Write::put("sealed", listed, &row, 1, Condition::anyway())?);
        }
        Ok(self)
    }
}

fn counting(user: UserId, by: i64, condition: Condition) -> Write {
    let update = Update::default().add("keys", by).add("version", 1);
    Write::update(KEYS_FULL, keys::provider_keys(user), update, condition)
}
