//! All stand-ins together.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tripsage_emulators::StartError;
use tripsage_emulators::clock::{self, Clock};

use crate::airbnb::{self, Airbnb};
use crate::chance;
use crate::duffel::Duffel;
use crate::exchange::StandIn;
use crate::fault::Fault;
use crate::front::{Call, Front};
use crate::places::Places;
use crate::weather::{OpenMeteo, OpenWeather};

/// Between one look for deliveries and the next.
const PAUSE: Duration = Duration::from_millis(300);

/// Who is stood in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// Flights and stays.
    Duffel,
    /// Google Places.
    Places,
    /// Weather without a key.
    OpenMeteo,
    /// Weather with a key.
    OpenWeather,
    /// Airbnb over the Model Context Protocol.
    AirbnbMcp,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 5] = [
        Self::Duffel,
        Self::Places,
        Self::OpenMeteo,
        Self::OpenWeather,
        Self::AirbnbMcp,
    ];

    /// The variable of a function's environment that has its address.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Duffel => "DUFFEL_URL",
            Self::Places => "PLACES_URL",
            Self::OpenMeteo => "OPEN_METEO_URL",
            Self::OpenWeather => "OPENWEATHER_URL",
            Self::AirbnbMcp => "AIRBNB_MCP_URL",
        }
    }

    /// What its address ends with.
    fn path(self) -> &'static str {
        match self {
            Self::AirbnbMcp => airbnb::PATH,
            Self::Duffel | Self::Places | Self::OpenMeteo | Self::OpenWeather => "",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Duffel => "Duffel",
            Self::Places => "Places",
            Self::OpenMeteo => "Open-Meteo",
            Self::OpenWeather => "OpenWeather",
            Self::AirbnbMcp => "Airbnb MCP",
        })
    }
}

/// How they are started. The default is in memory, on ports that the system chooses.
#[derive(Clone, Default)]
pub struct SandboxOptions {
    /// Where the time comes from; the system's clock when absent.
    pub clock: Option<Clock>,
    /// The directory in which orders and webhooks are kept; in memory when absent.
    pub data: Option<PathBuf>,
    /// Fixed ports.
    pub ports: Ports,
    /// Whether webhooks are delivered as events happen; otherwise only by [`Duffel::deliver_now`].
    pub deliver: bool,
}

impl fmt::Debug for SandboxOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxOptions")
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

/// Ports on loopback; the system chooses those that are absent.
pub type Ports = BTreeMap<Provider, u16>;

/// The running stand-ins. Dropping them stops them.
pub struct Sandboxes {
    duffel: Arc<Duffel>,
    fronts: BTreeMap<Provider, Front>,
    /// Held, not read: deliveries end with it.
    _deliveries: Option<Background>,
}

/// A task that ends when it is dropped.
struct Background(JoinHandle<()>);

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Sandboxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls = self.fronts.iter().map(|(provider, front)| (provider, front.url()));
        f.debug_map().entries(urls).finish()
    }
}

impl Sandboxes {
    /// Starts all of them.
    ///
    /// # Errors
    /// When a port is taken, or the data directory cannot be used.
    pub async fn start(options: SandboxOptions) -> Result<Self, StartError> {
        let clock = options.clock.unwrap_or_else(clock::system);
        let file = options.data.map(|directory| directory.join("duffel.json"));
        let duffel = Duffel::open(file, Arc::clone(&clock))?;
        let mut fronts = BTreeMap::new();
        for provider in Provider::ALL {
            let stand_in: Arc<dyn StandIn> = match provider {
                Provider::Duffel => Arc::clone(&duffel) as _,
                Provider::Places => Arc::new(Places),
                Provider::OpenMeteo => Arc::new(OpenMeteo {
                    clock: Arc::clone(&clock),
                }),
                Provider::OpenWeather => Arc::new(OpenWeather {
                    clock: Arc::clone(&clock),
                }),
                Provider::AirbnbMcp => Arc::new(Airbnb::new(Arc::clone(&clock))),
            };
            let port = options.ports.get(&provider).copied().unwrap_or(0);
            fronts.insert(provider, Front::start(stand_in, port, provider.path()).await?);
        }
        let background = options.deliver.then(|| {
            let duffel = Arc::clone(&duffel);
            Background(tokio::spawn(async move {
                loop {
                    duffel.deliver_now().await;
                    tokio::time::sleep(PAUSE).await;
                }
            }))
        });
        Ok(Self {
            duffel,
            fronts,
            _deliveries: background,
        })
    }

    /// Where a provider is reached, without a trailing slash.
    pub fn url(&self, provider: Provider) -> &str {
        self.fronts.get(&provider).map_or("", Front::url)
    }

    /// What a function's environment says of the providers: variables and addresses.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let variable = |provider: Provider| (provider.variable().to_owned(), self.url(provider).to_owned());
        Provider::ALL.map(variable).into()
    }

    /// Switches a provider off: connections are refused until [`Self::start_again`].
    pub async fn stop(&self, provider: Provider) {
        if let Some(front) = self.fronts.get(&provider) {
            front.switch_off().await;
        }
    }

    /// Switches a provider on again, at its old address.
    ///
    /// # Errors
    /// When somebody else took the port.
    pub async fn start_again(&self, provider: Provider) -> Result<(), StartError> {
        match self.fronts.get(&provider) {
            Some(front) => front.switch_on().await,
            None => Ok(()),
        }
    }

    /// Adds a fault. Of several that apply to a request, the first that was added takes effect.
    pub fn fail(&self, provider: Provider, fault: Fault) {
        if let Some(front) = self.fronts.get(&provider) {
            front.fault(fault);
        }
    }

    /// What a provider was asked, in the order of the answers.
    pub fn calls(&self, provider: Provider) -> Vec<Call> {
        self.fronts.get(&provider).map_or_else(Vec::new, Front::calls)
    }

    /// How many requests an [`crate::Effect::Delay`] has held so far, those that it still holds included.
    pub fn delayed(&self, provider: Provider) -> usize {
        self.fronts.get(&provider).map_or(0, Front::delayed)
    }

    /// Forgets the calls and the faults of all providers.
    pub fn reset(&self) {
        for front in self.fronts.values() {
            front.reset();
        }
    }

    /// What stands for a credential in [`Call::account`].
    pub fn account(credential: &str) -> String {
        chance::account(credential)
    }

    /// The stand-in of Duffel, for what has no place in the protocol.
    pub fn duffel(&self) -> &Duffel {
        &self.duffel
    }

    /// Stops all of them.
    pub async fn shutdown(self) {
        for front in self.fronts.values() {
            front.switch_off().await;
        }
    }
}
