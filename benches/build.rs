//! Exports the clock of sesscheck from the benchmarks, so that a libssl that is loaded into them asks it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        for symbol in ["time", "gettimeofday"] {
            println!("cargo:rustc-link-arg-benches=-Wl,--export-dynamic-symbol={symbol}");
        }
    }
}
