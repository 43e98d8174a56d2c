//! Embeds the scenarios and the recordings, and exports the clock of `src/subjects/libssl/clock.rs` from every
//! executable of this package, so that a libssl that is dlopen'ed into it asks that clock and not the system's.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    // Elsewhere the linker has no such option, and the libssl subject says `not run` by itself.
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        for symbol in ["time", "gettimeofday"] {
            println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol={symbol}");
        }
    }
    embed_scenarios()?;
    embed_recordings()
}

/// Writes `scenarios.rs`: path below `scenarios/` and text of each, in order of path.
fn embed_scenarios() -> io::Result<()> {
    let root =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where the package is")).join("../scenarios");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut list =
        String::from("/// Path and text of each built-in scenario.\nconst SCENARIOS: &[(&str, &str)] = &[\n");
    for file in files {
        let shown = Path::new("scenarios").join(file.strip_prefix(&root).expect("it was found below it"));
        list += &format!("    ({:?}, include_str!({:?})),\n", shown.display().to_string(), file.canonicalize()?);
    }
    list += "];\n";
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("cargo says where to write")).join("scenarios.rs"), list)
}

/// Writes `recordings.rs`: name and text of each file of `recordings/`, in order of name.
fn embed_recordings() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where the package is"));
    let folder = root.join("recordings");
    println!("cargo:rerun-if-changed={}", folder.display());
    let files = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let mut files: Vec<_> = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "txt")).collect();
    files.sort();
    let mut list =
        String::from("/// Name and text of each built-in recording.\nconst RECORDINGS: &[(&str, &str)] = &[\n");
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let name = file.file_name().expect("it was found in the folder").to_string_lossy().into_owned();
        list += &format!("    ({name:?}, include_str!({file:?})),\n");
    }
    list += "];\n";
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("cargo says where to write")).join("recordings.rs"), list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
