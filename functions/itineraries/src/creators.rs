use tripsage_cache::Tag;
use tripsage_domain::ids::UserId;
use tripsage_http::Edge;

/// Itineraries of a user whose pages are made void one by one; of older ones the name is as old as the cache lets it be.
const NEWEST: usize = 100;

/// Lets nobody read from the cache how somebody was called, after they are called otherwise or not at all.
pub async fn forget_creator(edge: &Edge, user: UserId) {
    let own = match edge.db().list_own_itineraries(user, None, NEWEST).await {
        Ok(page) => page.items,
        Err(error) => {
            tracing::warn!(%error, "pages that name somebody are void only when they are no longer fresh");
            Vec::new()
        }
    };
    let own = own.into_iter().map(|id| Tag::Itinerary(id.to_string()));
    for tag in std::iter::once(Tag::Itineraries).chain(own) {
        if !edge.bump(&tag).await {
            return;
        }
    }
}
