//! Exports the clock of `src/subjects/libssl/clock.rs` from every executable of this package, so that a libssl that is
//! dlopen'ed into it asks that clock and not the system's.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Elsewhere the linker has no such option, and the libssl subject says `not run` by itself.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        for symbol in ["time", "gettimeofday"] {
            println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol={symbol}");
        }
    }
}
