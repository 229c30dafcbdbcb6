//! Listening on loopback, and stopping again.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::StartError;

/// How long a stopping server waits for requests that are still running.
const GRACE: Duration = Duration::from_secs(2);

/// Listens on a loopback port; 0 lets the system choose.
///
/// # Errors
/// When the port is taken or may not be used.
pub async fn bind(port: u16) -> Result<TcpListener, StartError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

/// `http://127.0.0.1:PORT` of a listener.
///
/// # Errors
/// When the listener has lost its address, which the system does not let happen to an open one.
pub fn url(listener: &TcpListener) -> Result<String, StartError> {
    match listener.local_addr() {
        Ok(address) => Ok(format!("http://{address}")),
        Err(source) => Err(StartError::Listen {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            source,
        }),
    }
}

/// A server in a task of its own. Dropping it tells it to stop without waiting.
#[derive(Debug)]
pub struct Server {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Runs the future that `serve` makes; it must end soon after the signal that it is given.
    pub fn spawn<F>(serve: impl FnOnce(Stopped) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self {
            stop,
            task: tokio::spawn(serve(Stopped(stopped))),
        }
    }

    /// Stops, giving running requests a moment to end.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// Resolves when the server is to stop.
pub struct Stopped(oneshot::Receiver<()>);

impl Stopped {
    /// Waits for the signal.
    pub async fn wait(self) {
        // Only ever dropped, never sent to: the error is the signal.
        let _ = self.0.await;
    }
}
