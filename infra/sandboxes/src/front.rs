//! The listener in front of a stand-in: it records what is asked, and breaks by rule.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tripsage_emulators::StartError;
use tripsage_emulators::serve::{self, Server, Stopped};

use crate::chance;
use crate::exchange::{Accept, Answer, Asked, StandIn};
use crate::fault::{Effect, Fault, Rule};

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A piece of a huge answer: small enough that a client that counts can stop early.
const PIECE: usize = 64 * 1024;

/// One request that a provider was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Stands for the credential, as [`crate::Sandboxes::account`] makes it; empty without one.
    pub account: String,
    /// The request's body.
    pub body: Bytes,
    /// The status that the client was given; `None` when it got no answer.
    pub status: Option<u16>,
}

/// A listener that can be switched off and on again at the same address.
pub(crate) struct Front {
    url: String,
    port: u16,
    shared: Arc<Shared>,
    server: Mutex<Option<Server>>,
}

struct Shared {
    provider: Arc<dyn StandIn>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    rules: Vec<Rule>,
    delayed: usize,
}

impl Front {
    pub(crate) async fn start(provider: Arc<dyn StandIn>, port: u16, path: &str) -> Result<Self, StartError> {
        let listener = serve::bind(port).await?;
        let url = format!("{}{path}", serve::url(&listener)?);
        let port = listener.local_addr().map_or(port, |address| address.port());
        let shared = Arc::new(Shared {
            provider,
            state: Mutex::default(),
        });
        let server = Mutex::new(Some(serve_on(listener, &shared)));
        Ok(Self {
            url,
            port,
            shared,
            server,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on connections are refused; those that are open are cut.
    pub(crate) async fn switch_off(&self) {
        let server = lock(&self.server).take();
        if let Some(server) = server {
            server.stop().await;
        }
    }

    /// Listens again, at the same port.
    pub(crate) async fn switch_on(&self) -> Result<(), StartError> {
        if lock(&self.server).is_none() {
            let listener = serve::bind(self.port).await?;
            *lock(&self.server) = Some(serve_on(listener, &self.shared));
        }
        Ok(())
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.shared.lock().rules.push(Rule::new(fault));
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    pub(crate) fn delayed(&self) -> usize {
        self.shared.lock().delayed
    }

    pub(crate) fn reset(&self) {
        *self.shared.lock() = State::default();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is ever left half done under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    async fn answer(&self, asked: &Asked) -> Answer {
        let answer = self.provider.answer(asked);
        self.provider.finish(asked, answer).await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn serve_on(listener: TcpListener, shared: &Arc<Shared>) -> Server {
    let shared = Arc::clone(shared);
    Server::spawn(|stopped| accept(listener, shared, stopped))
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, stopped: Stopped) {
    let mut connections = JoinSet::new();
    let mut stopped = pin!(stopped.wait());
    loop {
        tokio::select! {
            () = &mut stopped => return,
            // Reaped as they end, so that a long run does not collect them.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                if let Ok((stream, peer)) = accepted {
                    connections.spawn(connection(stream, peer, Arc::clone(&shared)));
                }
            }
        }
    }
}

/// Serves one connection until the client leaves or a fault ends it.
async fn connection(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let service = service_fn(move |request| exchange(request, Arc::clone(&shared)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = (&mut connection).await {
        tracing::debug!(%peer, %error, "cutting the connection");
        // Closed without lingering, a socket says "reset" rather than "end".
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// The client gets no answer: its connection is reset.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault")
    }
}

impl std::error::Error for Cut {}

async fn exchange(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let query = head.uri.query().unwrap_or_default();
    let mut asked = Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: head.headers,
        body,
        accept: None,
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let credential = shared.provider.credential(&asked);
    let mut call = Call {
        method: asked.method.to_string(),
        path,
        account: if credential.is_empty() {
            credential
        } else {
            chance::account(&credential)
        },
        body: asked.body.clone(),
        status: None,
    };
    let effect = shared
        .lock()
        .rules
        .iter_mut()
        .find_map(|rule| rule.effect(&call.method, &call.path));
    let answer = match effect {
        Some(Effect::Reset) => Err(Cut),
        Some(Effect::LoseReply) => {
            shared.answer(&asked).await;
            Err(Cut)
        }
        Some(Effect::Answer { status, headers, body }) => Ok(injected(status, &headers, body)),
        Some(Effect::Huge(bytes)) => Ok(huge(bytes)),
        Some(Effect::Malformed) => {
            let mut answer = shared.answer(&asked).await;
            answer.body.truncate(answer.body.len() / 2);
            Ok(response(answer))
        }
        Some(Effect::Accept(after)) => {
            asked.accept = Some(after.map_or(Accept::Never, Accept::After));
            Ok(response(shared.answer(&asked).await))
        }
        Some(Effect::Delay(time)) => {
            shared.lock().delayed += 1;
            tokio::time::sleep(time).await;
            Ok(response(shared.answer(&asked).await))
        }
        None => Ok(response(shared.answer(&asked).await)),
    };
    call.status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
    shared.lock().calls.push(call);
    answer
}

fn response(answer: Answer) -> Response<Body> {
    let mut response = Response::new(Full::new(answer.body).boxed_unsync());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

fn injected(status: u16, headers: &[(String, String)], body: String) -> Response<Body> {
    let mut answer = response(Answer {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body: Bytes::from(body),
    });
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// Valid JSON that does not end soon. Chunked, so that its length is known to nobody before.
fn huge(bytes: usize) -> Response<Body> {
    let piece = Bytes::from(vec![b'x'; PIECE]);
    let pieces = std::iter::once(Bytes::from_static(b"{\"data\":\""))
        .chain(std::iter::repeat_n(piece, bytes.div_ceil(PIECE)))
        .chain(std::iter::once(Bytes::from_static(b"\"}")));
    let frames = pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
    let mut answer = Response::new(StreamBody::new(stream::iter(frames)).boxed_unsync());
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
