//! Real handshakes of a libssl, which resume through the cache on a context that did not make the session.
//!
//! Each claim that something resumes stands beside what does not, and why.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslSession, SslSessionCacheMode, SslStream, SslVersion,
};
use openssl::x509::{X509, X509Name};
use session_cache_openssl::Cache;

const TLS: [SslVersion; 2] = [SslVersion::TLS1_2, SslVersion::TLS1_3];

/// One direction of a wire.
type Way = Arc<Mutex<VecDeque<u8>>>;

/// One end of it.
struct End {
    from: Way,
    to: Way,
}

impl Read for End {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.from.lock().expect("one thread").read(out)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.lock().expect("one thread").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A cache of this size for 300 seconds by a clock that is set, and two servers that share it.
struct Shared {
    now: Arc<AtomicI64>,
    cache: Arc<Cache>,
    servers: [SslContext; 2],
}

impl Shared {
    fn new(version: SslVersion, size: usize) -> Self {
        let now = Arc::new(AtomicI64::new(1000));
        let clock = Arc::clone(&now);
        let cache = Cache::new(size, 300, Box::new(move || clock.load(Relaxed)));
        let identity = identity();
        let servers = [(); 2].map(|()| server(version, &identity, |builder| cache.serve(builder)));
        Self { now, cache, servers }
    }

    /// Hits, misses, timeouts, dropped, and those in it now.
    fn counted(&self) -> [u64; 5] {
        let now = self.cache.counters();
        [now.hits, now.misses, now.timeouts, now.cache_full, now.number]
    }
}

type Identity = (X509, PKey<Private>);

/// A key and a certificate that it has signed itself.
fn identity() -> Identity {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("every libcrypto has it");
    let key = PKey::from_ec_key(EcKey::generate(&group).expect("random numbers")).expect("it is a key");
    let mut name = X509Name::builder().expect("memory");
    name.append_entry_by_nid(Nid::COMMONNAME, "localhost").expect("memory");
    let name = name.build();
    let mut certificate = X509::builder().expect("memory");
    certificate.set_version(2).expect("version 3");
    certificate.set_subject_name(&name).expect("memory");
    certificate.set_issuer_name(&name).expect("memory");
    certificate.set_not_before(&Asn1Time::days_from_now(0).expect("memory")).expect("memory");
    certificate.set_not_after(&Asn1Time::days_from_now(1).expect("memory")).expect("memory");
    certificate.set_pubkey(&key).expect("memory");
    certificate.sign(&key, MessageDigest::sha256()).expect("the key can sign");
    (certificate.build(), key)
}

fn server(version: SslVersion, identity: &Identity, with: impl Fn(&mut SslContextBuilder)) -> SslContext {
    let mut builder = SslContext::builder(SslMethod::tls_server()).expect("memory");
    builder.set_min_proto_version(Some(version)).expect("every libssl has it");
    builder.set_max_proto_version(Some(version)).expect("every libssl has it");
    builder.set_certificate(&identity.0).expect("it is one");
    builder.set_private_key(&identity.1).expect("it is one");
    builder.set_session_id_context(b"example").expect("it is short");
    if version == SslVersion::TLS1_3 {
        builder.set_num_tickets(1).expect("any number will do");
    }
    with(&mut builder);
    builder.build()
}

/// A client, which proposes the session that came last.
struct Client {
    context: SslContext,
    last: Arc<Mutex<Option<SslSession>>>,
}

impl Client {
    fn new() -> Self {
        let mut builder = SslContext::builder(SslMethod::tls_client()).expect("memory");
        builder.set_session_cache_mode(SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL);
        let last = Arc::<Mutex<Option<SslSession>>>::default();
        let came = Arc::clone(&last);
        builder.set_new_session_callback(move |_, session| {
            came.lock().expect("one thread").replace(session);
        });
        Self { context: builder.build(), last }
    }

    /// Connects and disconnects; whether the session was resumed, on which both sides agree.
    fn resumes(&self, server: &SslContext) -> bool {
        let (mut client, mut server) = self.connect(server);
        let reused = (client.ssl().session_reused(), server.ssl().session_reused());
        assert_eq!(reused.0, reused.1);
        // The first shutdown sends what the second one reads.
        for _ in 0..2 {
            let _ = (client.shutdown(), server.shutdown());
        }
        reused.0
    }

    /// An established connection, whose tickets have come.
    fn connect(&self, server: &SslContext) -> (SslStream<End>, SslStream<End>) {
        let (there, back) = (Way::default(), Way::default());
        let client_end = End { from: Arc::clone(&back), to: Arc::clone(&there) };
        let server_end = End { from: there, to: back };
        let mut ssl = Ssl::new(&self.context).expect("memory");
        if let Some(session) = &*self.last.lock().expect("one thread") {
            // SAFETY: the session came to a connection of this same context.
            unsafe { ssl.set_session(session) }.expect("it is one of a client");
        }
        let mut client = SslStream::new(ssl, client_end).expect("memory");
        let mut server = SslStream::new(Ssl::new(server).expect("memory"), server_end).expect("memory");
        let mut established = (false, false);
        while established != (true, true) {
            established = (goes_on(client.connect()), goes_on(server.accept()));
        }
        // Nothing is sent, but tickets are read.
        let read = client.ssl_read(&mut [0]).map_err(|error| error.code());
        assert_eq!(read, Err(ErrorCode::WANT_READ));
        (client, server)
    }
}

/// Whether a side is done, or waits for the other.
fn goes_on(step: Result<(), openssl::ssl::Error>) -> bool {
    match step {
        Ok(()) => true,
        Err(error) if error.code() == ErrorCode::WANT_READ => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_session_of_one_context_is_resumed_on_another_up_to_the_last_second() {
    for version in TLS {
        let shared = Shared::new(version, 0);
        let client = Client::new();
        assert!(!client.resumes(&shared.servers[0]));
        shared.now.store(1300, Relaxed);
        assert!(client.resumes(&shared.servers[1]), "{version:?}");
        assert_eq!((shared.counted()[0], shared.counted()[2]), (1, 0));
        shared.now.store(1601, Relaxed);
        assert!(!client.resumes(&shared.servers[0]), "{version:?}");
        assert_eq!((shared.counted()[0], shared.counted()[2]), (1, 1));
        assert!(client.resumes(&shared.servers[1]), "the new one");
    }
}

#[test]
fn without_the_cache_no_context_resumes_what_another_has_made() {
    for version in TLS {
        let identity = identity();
        let servers = [(); 2].map(|()| {
            server(version, &identity, |builder| {
                builder.set_session_cache_mode(SslSessionCacheMode::SERVER);
                builder.set_options(openssl::ssl::SslOptions::NO_TICKET);
            })
        });
        let client = Client::new();
        assert!(!client.resumes(&servers[0]));
        assert!(!client.resumes(&servers[1]), "{version:?}");
        assert!(client.resumes(&servers[1]), "each has its own");
    }
}

#[test]
fn what_is_removed_is_not_resumed() {
    for version in TLS {
        let shared = Shared::new(version, 0);
        let (client, other) = (Client::new(), Client::new());
        assert!(!other.resumes(&shared.servers[0]));
        let (mut connected, mut served) = client.connect(&shared.servers[0]);
        let id = served.ssl().session().expect("it is established").id().to_vec();
        let _ = (connected.shutdown(), served.shutdown());
        assert!(shared.cache.remove(&id), "{version:?}");
        assert!(!shared.cache.remove(&id));
        assert!(!client.resumes(&shared.servers[1]) && other.resumes(&shared.servers[1]), "{version:?}");
    }
}

#[test]
fn who_expires_first_is_dropped_for_a_newcomer() {
    for version in TLS {
        for (size, resumed) in [(2, false), (3, true)] {
            let shared = Shared::new(version, size);
            let clients = [(); 3].map(|()| Client::new());
            for (client, now) in clients.iter().zip(1000..) {
                shared.now.store(now, Relaxed);
                assert!(!client.resumes(&shared.servers[0]));
            }
            assert_eq!(shared.counted()[3..], [u64::from(size == 2), size as u64]);
            assert_eq!(clients[0].resumes(&shared.servers[1]), resumed, "{version:?}, of {size}");
            assert!(clients[2].resumes(&shared.servers[1]), "{version:?}, of {size}");
        }
    }
}

#[test]
fn a_connection_without_a_shutdown_takes_its_session_along() {
    for version in TLS {
        let shared = Shared::new(version, 0);
        let client = Client::new();
        drop(client.connect(&shared.servers[0]));
        assert_eq!(shared.counted()[4], 0, "{version:?}");
        assert!(!client.resumes(&shared.servers[1]) && client.resumes(&shared.servers[1]), "{version:?}");
    }
}
