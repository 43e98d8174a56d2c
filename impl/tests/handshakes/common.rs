//! What the tests share: a clock that is set, configurations, and a wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rustls::client::{ClientSessionStore, Resumption};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::StoresServerSessions;
use rustls::time_provider::TimeProvider;
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, HandshakeKind, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};

pub(crate) use rustls::HandshakeKind::{Full, FullWithHelloRetryRequest, Resumed};
pub(crate) use rustls::version::{TLS12, TLS13};

/// When the tests begin, in seconds since the Epoch: while the certificates are valid.
pub(crate) const BEGIN: u64 = 2_000_000_000;

/// A clock that stands until it is set. At 0 it has no time.
#[derive(Debug)]
pub(crate) struct Clock(AtomicU64);

impl Clock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(BEGIN)))
    }

    /// So many seconds after the tests began.
    pub(crate) fn set(&self, after: u64) {
        self.0.store(BEGIN + after, Relaxed);
    }

    pub(crate) fn stop(&self) {
        self.0.store(0, Relaxed);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let now = self.0.load(Relaxed);
        (now != 0).then(|| UnixTime::since_unix_epoch(Duration::from_secs(now)))
    }
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) type Version = &'static SupportedProtocolVersion;

/// A server with this store.
pub(crate) fn server(version: Version, store: Arc<dyn StoresServerSessions>, clock: &Arc<Clock>) -> ServerConfig {
    server_with_groups(version, ring::default_provider().kx_groups, store, clock)
}

/// The same with these groups for key exchange.
pub(crate) fn server_with_groups(
    version: Version,
    kx_groups: Vec<&'static dyn SupportedKxGroup>,
    store: Arc<dyn StoresServerSessions>,
    clock: &Arc<Clock>,
) -> ServerConfig {
    let provider = CryptoProvider { kx_groups, ..ring::default_provider() };
    let chain = vec![certificate(include_bytes!("../../examples/certificate/server.pem"))];
    let key =
        PrivateKeyDer::from_pem_slice(include_bytes!("../../examples/certificate/server.key")).expect("it is one");
    let builder = ServerConfig::builder_with_details(Arc::new(provider), Arc::clone(clock) as _);
    let builder = builder.with_protocol_versions(&[version]).expect("ring has both").with_no_client_auth();
    let mut config = builder.with_single_cert(chain, key).expect("they belong together");
    config.session_storage = store;
    config
}

/// A client with this store.
pub(crate) fn client(store: Arc<dyn ClientSessionStore>, clock: &Arc<Clock>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(include_bytes!("../../examples/certificate/authority.pem"))).expect("it is an authority");
    let builder = ClientConfig::builder_with_details(Arc::new(ring::default_provider()), Arc::clone(clock) as _);
    let builder = builder.with_safe_default_protocol_versions().expect("ring has both").with_root_certificates(roots);
    let mut config = builder.with_no_client_auth();
    config.resumption = Resumption::store(store);
    Arc::new(config)
}

fn certificate(pem: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem).expect("it is one")
}

pub(crate) fn name(name: &str) -> ServerName<'static> {
    ServerName::try_from(name.to_owned()).expect("it is a name")
}

pub(crate) fn connect(config: &Arc<ClientConfig>, to: &str) -> ClientConnection {
    ClientConnection::new(Arc::clone(config), name(to)).expect("the configuration is sound")
}

pub(crate) fn accept(config: &Arc<ServerConfig>) -> ServerConnection {
    ServerConnection::new(Arc::clone(config)).expect("the configuration is sound")
}

/// What one side has to send.
pub(crate) fn sent<Data>(from: &mut ConnectionCommon<Data>) -> Vec<u8> {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire).expect("a vector takes all");
    }
    wire
}

/// The other side receives it.
pub(crate) fn receive<Data>(to: &mut ConnectionCommon<Data>, mut wire: &[u8]) -> Result<(), rustls::Error> {
    while to.read_tls(&mut wire).expect("a slice gives all") > 0 {
        to.process_new_packets()?;
    }
    Ok(())
}

/// A whole handshake between these two, tickets included; the kind of it, on which both agree.
pub(crate) fn finish(mut client: ClientConnection, mut server: ServerConnection) -> HandshakeKind {
    while client.wants_write() || server.wants_write() {
        receive(&mut server, &sent(&mut client)).expect("the server agrees");
        receive(&mut client, &sent(&mut server)).expect("the client agrees");
    }
    assert!(!client.is_handshaking() && !server.is_handshaking(), "nobody has more to say");
    let kinds = (client.handshake_kind(), server.handshake_kind());
    let (Some(client), Some(server)) = kinds else { panic!("one side does not know: {kinds:?}") };
    assert_eq!(client, server);
    server
}

/// A handshake with `localhost`.
pub(crate) fn handshake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> HandshakeKind {
    handshake_with("localhost", client, server)
}

pub(crate) fn handshake_with(to: &str, client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> HandshakeKind {
    finish(connect(client, to), accept(server))
}
