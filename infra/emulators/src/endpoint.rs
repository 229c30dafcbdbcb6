//! Where a client reaches a stand-in: directly, or through a proxy that counts and breaks.

use std::sync::Arc;

use crate::StartError;
use crate::access::Roles;
use crate::proxy::{Call, Fault, Proxy};
use crate::serve;

/// One endpoint of the cloud.
#[derive(Debug)]
pub struct Endpoint {
    url: String,
    proxy: Option<Proxy>,
}

impl Endpoint {
    pub(crate) async fn new(url: String, proxied: bool, roles: Option<&Arc<Roles>>) -> Result<Self, StartError> {
        if !proxied {
            return Ok(Self { url, proxy: None });
        }
        let proxy = Proxy::guarded(serve::bind(0).await?, &url, roles.cloned())?;
        Ok(Self {
            url: proxy.url().to_owned(),
            proxy: Some(proxy),
        })
    }

    /// The address that clients are given.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was asked since the start or the last [`reset`](Self::reset).
    ///
    /// # Panics
    /// As the next two: unless the cloud was started with `proxied`. Saying "no calls" instead would make tests pass
    /// that count nothing.
    pub fn calls(&self) -> Vec<Call> {
        self.proxy().calls()
    }

    /// See [`Proxy::delayed`].
    pub fn delayed(&self) -> usize {
        self.proxy().delayed()
    }

    /// Forgets the calls and the faults.
    pub fn reset(&self) {
        self.proxy().reset();
    }

    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.proxy().fault(fault);
    }

    pub(crate) async fn stop(self) {
        if let Some(proxy) = self.proxy {
            proxy.stop().await;
        }
    }

    fn proxy(&self) -> &Proxy {
        match &self.proxy {
            Some(proxy) => proxy,
            None => panic!("start the cloud with `proxied: true` to count calls and to inject faults"),
        }
    }
}
