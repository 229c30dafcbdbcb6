//! Keys of users' own keys for services of others.

use jiff::civil::Date;
use tripsage_domain::ids::{KeyId, UserId};

use super::{Digest, Key, Number, Table, user_partition};

/// A user's own key for a service of others.
pub(crate) fn provider_key(user: UserId, key: KeyId) -> Key {
    Key::new(
        Table::Vault,
        user_partition(user),
        format!("{PROVIDER_KEY_PREFIX}{key}"),
    )
}

/// Beginning of the sort keys of a user's own keys.
pub(crate) const PROVIDER_KEY_PREFIX: &str = "KEY#";

/// How many keys a user has, and what they have been doing with them lately.
pub(crate) fn provider_keys(user: UserId) -> Key {
    Key::new(Table::Vault, user_partition(user), PROVIDER_KEYS.to_owned())
}

/// Sort key of what there is to know of all keys of a user.
pub(crate) const PROVIDER_KEYS: &str = "KEYS";

/// Beginning of the sort keys of a user's own keys and of what is known of all of them, and of nothing else.
pub(crate) const PROVIDER_KEYS_PREFIX: &str = "KEY";

/// How often a key was used on a day.
pub(crate) fn provider_key_use(user: UserId, day: Date, key: KeyId) -> Key {
    Key::new(
        Table::Vault,
        user_partition(user),
        format!("{KEY_USE_PREFIX}{day}#{key}"),
    )
}

/// Beginning of the sort keys of the uses of a user's keys; the day follows.
pub(crate) const KEY_USE_PREFIX: &str = "USE#";

/// A KMS key that has sealed something.
pub(crate) fn kms_key(digest: &Digest) -> Key {
    Key::new(Table::Vault, KMS_KEYS.to_owned(), digest.to_string())
}

/// Partition of the KMS keys that have sealed something.
pub(crate) const KMS_KEYS: &str = "KMS";

/// Partitions over which the list of what one KMS key has sealed is spread.
pub const SEALED_SHARDS: u8 = 8;

pub(crate) fn sealed_partition(kms_key: &Digest, shard: u8) -> String {
    format!("SEALED#{kms_key}#{}", Number(shard.into()))
}

/// Says that a user's own key is sealed with this KMS key.
pub(crate) fn sealed_under(kms_key: &Digest, user: UserId, key: KeyId) -> Key {
    let shard = key.uuid().as_bytes()[0] % SEALED_SHARDS;
    Key::new(Table::Vault, sealed_partition(kms_key, shard), format!("{user}#{key}"))
}
