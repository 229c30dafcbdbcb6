//! Users and the claims that make their names unique.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use jiff::SignedDuration;
use tripsage_domain::{
    ids::UserId,
    ports::Clock,
    user::{Email, Provider, Username},
};
use tripsage_store::{
    Db, Transaction,
    keys::Slug,
    users::{EMAIL_TAKEN, LINK_TAKEN, ProviderLinkRow, USER_CHANGED, USERNAME_TAKEN, UserRow},
};
use tripsage_testkit::TestCloud;

struct Setting {
    cloud: TestCloud,
    db: Db,
}

async fn setting() -> Setting {
    let cloud = TestCloud::start().await;
    let db = Db::new(&cloud.runtime("auth"));
    Setting { cloud, db }
}

impl Setting {
    fn row(&self, name: &str) -> UserRow {
        let now = self.cloud.clock.now();
        UserRow {
            id: UserId::random(&*self.cloud.runtime("auth").ports().entropy),
            email: format!("{name}@example.com"),
            email_verified: true,
            username: name.to_owned(),
            display_name: None,
            full_name: None,
            bio: None,
            avatar_url: None,
            travel_style: None,
            travel_interests: Vec::new(),
            gender: None,
            role: "user".to_owned(),
            created_at: now,
            updated_at: now,
            suspended_at: None,
            deletion_due: None,
        }
    }

    async fn insert(&self, row: &UserRow) -> Result<(), tripsage_store::StoreError> {
        let transaction = Transaction::default().inserting_user(row, None, None).unwrap();
        self.db.commit(transaction).await
    }

    /// Changes a user as `change` says.
    async fn replace(&self, id: UserId, change: impl FnOnce(&mut UserRow)) -> Result<(), tripsage_store::StoreError> {
        let old = self.db.find_user(id).await.unwrap().unwrap();
        let mut new = old.item.clone();
        change(&mut new);
        let transaction = Transaction::default().replacing_user(&old, &new).unwrap();
        self.db.commit(transaction).await
    }

    async fn by_email(&self, text: &str) -> Option<UserId> {
        let email = Email::parse(text).unwrap();
        let found = self.db.find_user_by_email(&email).await.unwrap();
        found.map(|user| user.item.id)
    }

    async fn by_username(&self, text: &str) -> Option<UserId> {
        let username = Username::parse(text).unwrap();
        let found = self.db.find_user_by_username(&username).await.unwrap();
        found.map(|user| user.item.id)
    }

    async fn search(&self, prefix: &str) -> Vec<String> {
        let entries = self.db.search_usernames(&Slug::new(prefix).unwrap(), 10).await.unwrap();
        entries.into_iter().map(|entry| entry.username).collect()
    }
}

#[tokio::test]
async fn names_are_unique_without_case_and_free_again_when_they_are_given_up() {
    let s = setting().await;
    let ann = s.row("Ann");
    s.insert(&ann).await.unwrap();
    let mut other = s.row("ANN");
    assert!(s.insert(&other).await.unwrap_err().is_conflict(EMAIL_TAKEN));
    other.email = "other@example.com".to_owned();
    assert!(s.insert(&other).await.unwrap_err().is_conflict(USERNAME_TAKEN));
    assert_eq!(s.by_email("ANN@example.com").await, Some(ann.id));
    assert_eq!(s.by_username("ann").await, Some(ann.id));

    s.replace(ann.id, |user| {
        user.username = "annlee".to_owned();
        user.email = "ann@lee.example".to_owned();
    })
    .await
    .unwrap();
    assert_eq!(
        (s.by_username("ann").await, s.by_email("ann@example.com").await),
        (None, None)
    );
    s.insert(&s.row("ann")).await.unwrap();
    let taken = s.replace(ann.id, |user| user.username = "ANN".to_owned()).await;
    assert!(taken.unwrap_err().is_conflict(USERNAME_TAKEN));
    s.replace(ann.id, |user| user.username = "AnnLee".to_owned())
        .await
        .unwrap();
    assert_eq!(s.by_username("annlee").await, Some(ann.id));
}

#[tokio::test]
async fn a_change_of_what_was_not_read_is_refused() {
    let s = setting().await;
    let ann = s.row("ann");
    s.insert(&ann).await.unwrap();
    let stale = s.db.find_user(ann.id).await.unwrap().unwrap();
    s.replace(ann.id, |user| user.bio = Some("first".to_owned()))
        .await
        .unwrap();
    let transaction = Transaction::default().replacing_user(&stale, &stale.item).unwrap();
    assert!(s.db.commit(transaction).await.unwrap_err().is_conflict(USER_CHANGED));
}

#[tokio::test]
async fn the_directory_follows_its_users() {
    let s = setting().await;
    let rows = ["anna", "Annabel", "annie", "anton", "bob"].map(|name| s.row(name));
    for row in &rows {
        s.insert(row).await.unwrap();
    }
    assert_eq!(s.search("ann").await, ["anna", "Annabel", "annie"]);
    assert_eq!(s.search("an").await.len(), 4);
    assert!(s.search("zz").await.is_empty());
    s.replace(rows[0].id, |user| user.display_name = Some("Anna L.".to_owned()))
        .await
        .unwrap();
    let due = s.cloud.clock.now() + SignedDuration::from_hours(720);
    s.replace(rows[1].id, |user| user.deletion_due = Some(due))
        .await
        .unwrap();
    let entries = s.db.search_usernames(&Slug::new("ann").unwrap(), 10).await.unwrap();
    let shown: Vec<_> = entries
        .iter()
        .map(|entry| (entry.username.as_str(), entry.display_name.as_deref()))
        .collect();
    assert_eq!(shown, [("anna", Some("Anna L.")), ("annie", None)]);
    s.replace(rows[1].id, |user| user.deletion_due = None).await.unwrap();
    assert_eq!(s.search("annab").await, ["Annabel"]);
}

#[tokio::test]
async fn an_account_elsewhere_belongs_to_one_user_and_goes_with_them() {
    let s = setting().await;
    let (ann, bob) = (s.row("ann"), s.row("bob"));
    s.insert(&ann).await.unwrap();
    s.insert(&bob).await.unwrap();
    let link = |user: &UserRow| ProviderLinkRow {
        user: user.id,
        provider: "github".to_owned(),
        subject: "7".to_owned(),
        label: "octo".to_owned(),
        linked_at: user.created_at,
    };
    let connect = |user| {
        let transaction = Transaction::default().linking(Provider::Github, &link(user)).unwrap();
        s.db.commit(transaction)
    };
    connect(&ann).await.unwrap();
    assert!(connect(&bob).await.unwrap_err().is_conflict(LINK_TAKEN));
    let found = s.db.find_user_by_link(Provider::Github, "7").await.unwrap().unwrap();
    assert_eq!(found.item.id, ann.id);
    assert!(s.db.find_user_by_link(Provider::Google, "7").await.unwrap().is_none());

    let links = s.db.list_provider_links(ann.id).await.unwrap();
    let transaction = Transaction::default().removing_user(&found, &links).unwrap();
    s.db.commit(transaction).await.unwrap();
    assert_eq!(
        (s.by_email("ann@example.com").await, s.by_username("ann").await),
        (None, None)
    );
    connect(&bob).await.unwrap();
    s.insert(&s.row("ann")).await.unwrap();
}
