//! How a release is built: the options that leave out what a session cache never needs, and the commands.
//!
//! The release's own shared libraries need scripts that newer versions of the crate lack. Its static archives are
//! position-independent, so they are made whole into shared libraries, with every symbol exported.

use std::path::Path;

use super::release::Release;
use super::tools::Tools;

/// What is left out of every release.
const LEAN: &str = "no-shared no-tests no-engine no-comp no-zlib no-ssl3 no-weak-ssl-ciphers no-aria no-camellia \
     no-idea no-seed no-bf no-cast no-md4 no-mdc2 no-rc2 no-rc4 no-whirlpool no-rmd160 no-gost no-srp no-cms no-ts \
     no-ct no-dtls no-sctp no-sm2 no-sm3 no-sm4 no-blake2 no-ec2m no-rfc3779";

/// What is left out as well of 3.0 and later.
const LEAN_WITH_PROVIDERS: &str = "no-module no-legacy no-cmp no-siv no-apps";

/// The archives that are made.
pub(super) const ARCHIVES: [&str; 2] = ["libcrypto.a", "libssl.a"];

/// Flags of a sanitised build, for compiler and linker.
const SANITISE: [&str; 2] = ["-fsanitize=address", "-fno-omit-frame-pointer"];

/// The arguments of `Configure`, the target among them, without those that the release does not know.
pub(super) fn configure(release: Release, sanitised: bool, architecture: &str, unknown: &[String]) -> Vec<String> {
    let target = match architecture {
        "x86_64" => Some("linux-x86_64"),
        "aarch64" => Some("linux-aarch64"),
        "riscv64" => Some("linux64-riscv64"),
        // From 3.0 on it guesses; before, it says that it wants one.
        _ => None,
    };
    let flags: &[&str] = if sanitised { &["-O1", "-g", SANITISE[0], SANITISE[1]] } else { &["-O2"] };
    let more = if release.has_providers() { LEAN_WITH_PROVIDERS } else { "" };
    let options = LEAN.split_whitespace().chain(more.split_whitespace());
    let options = options.filter(|option| !unknown.iter().any(|unknown| unknown == option));
    target.into_iter().chain(flags.iter().copied()).chain(options).map(ToOwned::to_owned).collect()
}

/// The options that `Configure` complains about in what it printed.
pub(super) fn unknown_options(printed: &str) -> Vec<String> {
    let complaint = printed.lines().find_map(|line| line.split_once("Unsupported options:"));
    complaint.map_or_else(Vec::new, |(_, options)| options.split_whitespace().map(ToOwned::to_owned).collect())
}

/// The commands that make shared libraries of the archives in `objects`, in the folder that they run in: libcrypto,
/// then libssl, which finds it beside itself.
pub(super) fn link(tools: &Tools, release: Release, sanitised: bool, objects: &Path) -> [std::process::Command; 2] {
    let soname = release.soname();
    ["libcrypto", "libssl"].map(|library| {
        let mut command = tools.compiler();
        if sanitised {
            command.args(SANITISE);
        }
        command.args(["-shared", "-o", &format!("{library}.so.{soname}")]);
        command.args([&format!("-Wl,-soname,{library}.so.{soname}"), "-Wl,-Bsymbolic", "-Wl,--whole-archive"]);
        command.arg(objects.join(format!("{library}.a"))).arg("-Wl,--no-whole-archive");
        if library == "libssl" {
            command.args(["-L.", &format!("-l:libcrypto.so.{soname}"), "-Wl,-rpath,$ORIGIN"]);
        }
        command.args(["-ldl", "-pthread"]);
        command
    })
}

/// Whether a line that make prints is a compilation.
pub(super) fn is_compilation(line: &str) -> bool {
    line.contains(" -c ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().expect("a release")
    }

    #[test]
    fn options_that_a_release_does_not_know_are_left_out() {
        let unknown = unknown_options("Failure!\n\n***** Unsupported options: no-apps no-blake2\n");
        assert_eq!(unknown, ["no-apps", "no-blake2"]);
        let all = configure(release("3.3.1"), false, "x86_64", &[]);
        let fewer = configure(release("3.3.1"), false, "x86_64", &unknown);
        assert_eq!(all.len(), fewer.len() + 2);
        assert!(!fewer.contains(&"no-apps".to_owned()) && fewer.contains(&"no-cmp".to_owned()));
        assert!(unknown_options("Configuring OpenSSL version 3.3.1\n").is_empty());
    }

    #[test]
    fn the_target_is_that_of_the_machine() {
        let first = |architecture| configure(release("1.1.1w"), false, architecture, &[]).swap_remove(0);
        assert_eq!([first("x86_64"), first("aarch64"), first("s390x")], ["linux-x86_64", "linux-aarch64", "-O2"]);
    }

    #[test]
    fn a_sanitised_build_is_sanitised_when_compiled_and_when_linked() {
        assert!(configure(release("3.3.1"), true, "x86_64", &[]).contains(&SANITISE[0].to_owned()));
        let tools = Tools { perl: "perl".into(), make: "make".into(), cc: "gcc -m64".to_owned() };
        for command in link(&tools, release("3.3.1"), true, Path::new("objects")) {
            assert!(command.get_args().any(|argument| argument == SANITISE[0]));
        }
        for command in link(&tools, release("3.3.1"), false, Path::new("objects")) {
            assert!(command.get_args().all(|argument| argument != SANITISE[0]));
        }
    }

    #[test]
    fn libssl_takes_the_libcrypto_beside_it() {
        let tools = Tools { perl: "perl".into(), make: "make".into(), cc: "cc".to_owned() };
        let [libcrypto, libssl] = link(&tools, release("1.1.1w"), false, Path::new("objects"));
        let has = |command: &std::process::Command, word: &str| command.get_args().any(|argument| argument == word);
        assert!(has(&libcrypto, "libcrypto.so.1.1") && !has(&libcrypto, "-l:libcrypto.so.1.1"));
        assert!(has(&libssl, "-l:libcrypto.so.1.1") && has(&libssl, "-Wl,-rpath,$ORIGIN"));
    }
}
