//! A TLS session cache.
