//! Embeds the scenarios, the drills, the recordings of both, and where the manual cites which clause, and exports the clock of
//! `src/subjects/libssl/clock.rs` from every executable of this package, so that a libssl that is dlopen'ed into it
//! asks that clock and not the system's.

use std::collections::BTreeSet;
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
    embed_drills()?;
    embed_recordings("recordings", "recordings.rs")?;
    embed_recordings("drills/recorded", "drill_recordings.rs")?;
    embed_citations()
}

/// Writes `citations.rs`: a clause's constant, and the file and function of the manual that cites it, in that order.
fn embed_citations() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where the package is"));
    let root = root.join("../model/src/manual");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut cited = BTreeSet::new();
    for entry in fs::read_dir(&root)? {
        let path = entry?.path();
        println!("cargo:rerun-if-changed={}", path.display());
        let file = path.file_name().expect("it was found in the folder").to_string_lossy().into_owned();
        let mut function = String::new();
        for line in fs::read_to_string(&path)?.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if let Some((_, rest)) = line.split_once("fn ") {
                function = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            }
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let constants = words.filter(|word| word.contains('_') && !word.contains(|c: char| c.is_ascii_lowercase()));
            cited.extend(constants.map(|constant| (constant.to_owned(), file.clone(), function.clone())));
        }
    }
    let mut list = String::from(
        "/// Constant, file and function of each citation.\nconst CITATIONS: &[(&str, &str, &str)] = &[\n",
    );
    for (constant, file, function) in cited {
        list += &format!("    ({constant:?}, {file:?}, {function:?}),\n");
    }
    list += "];\n";
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("cargo says where to write")).join("citations.rs"), list)
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

/// Writes `drills.rs`: path and text of each drill, in order of path.
fn embed_drills() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where the package is"));
    let mut files = Vec::new();
    collect(&root.join("drills"), &mut files)?;
    files.sort();
    let mut list = String::from("/// Path and text of each built-in drill.\nconst DRILLS: &[(&str, &str)] = &[\n");
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let shown = Path::new("conformance").join(file.strip_prefix(&root).expect("it was found below it"));
        list += &format!("    ({:?}, include_str!({:?})),\n", shown.display().to_string(), file.canonicalize()?);
    }
    list += "];\n";
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("cargo says where to write")).join("drills.rs"), list)
}

/// Writes a list: name and text of each recording in a folder, in order of name.
fn embed_recordings(folder: &str, written: &str) -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where the package is"));
    let folder = root.join(folder);
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
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("cargo says where to write")).join(written), list)
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
