//! A rustls server and client that resume sessions from this crate's stores: `cargo run -p session-cache --features
//! rustls --example rustls`.
//!
//! Both sides are here, and bytes go from one to the other without a socket. The certificate is good for nothing else:
//! `certificate/README.md`.
#![expect(clippy::print_stdout, reason = "what it shows is its purpose")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, HandshakeKind, RootCertStore, ServerConfig, ServerConnection,
};
use session_cache::rustls::{ClientStore, ServerStore};

fn main() -> Result<(), Box<dyn Error>> {
    let server_store = Arc::new(ServerStore::new(20_480, Duration::from_secs(300)));
    let client_store = Arc::new(ClientStore::new(1000, Duration::from_secs(300)));

    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("certificate/server.pem"))?];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("certificate/server.key"))?;
    let mut server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server.session_storage = server_store.clone();

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(include_bytes!("certificate/authority.pem"))?)?;
    let mut client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.resumption = Resumption::store(client_store.clone());

    let (server, client) = (Arc::new(server), Arc::new(client));
    for connection in 1..=3 {
        let kind = connect(&client, &server)?;
        println!("connection {connection}: {kind:?}");
        assert_eq!(kind, if connection == 1 { HandshakeKind::Full } else { HandshakeKind::Resumed });
    }
    server_store.clear();
    let kind = connect(&client, &server)?;
    println!("the server forgets all: {kind:?}");
    assert_eq!(kind, HandshakeKind::Full);
    println!("server: {:?}", server_store.counters());
    println!("client: {:?}", client_store.counters());
    Ok(())
}

/// One connection, up to the tickets that come after the handshake; of which kind that was.
fn connect(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<HandshakeKind, Box<dyn Error>> {
    let mut client = ClientConnection::new(Arc::clone(client), "localhost".try_into()?)?;
    let mut server = ServerConnection::new(Arc::clone(server))?;
    while client.wants_write() || server.wants_write() {
        pass(&mut client, &mut server)?;
        pass(&mut server, &mut client)?;
    }
    Ok(server.handshake_kind().ok_or("the handshake is not finished")?)
}

/// Passes on what one side has to send.
fn pass<F, T>(from: &mut ConnectionCommon<F>, to: &mut ConnectionCommon<T>) -> Result<(), Box<dyn Error>> {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire)?;
    }
    let mut wire = wire.as_slice();
    while !wire.is_empty() {
        to.read_tls(&mut wire)?;
        to.process_new_packets()?;
    }
    Ok(())
}
