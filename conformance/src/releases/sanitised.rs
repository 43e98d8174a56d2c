//! Libraries with the address sanitiser in them, as subjects: what the process that loads one has to be started with,
//! and where it leaves what it found.
//!
//! The sanitiser's runtime takes over the heap, so it must be there from the start: it is preloaded. The clock is not
//! touched by it, since the executable's own functions come before those of any library.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The sanitiser's runtime that a library asks for, by soname, such as `libasan.so.8`; `None`: it is not sanitised, or
/// cannot be read.
#[must_use]
pub fn runtime(library: &Path) -> Option<String> {
    runtime_in(&std::fs::read(library).ok()?)
}

/// The soname among the strings of a library.
fn runtime_in(library: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"\0libasan.so.";
    let at = library.windows(NAME.len()).position(|window| window == NAME)?;
    let name: Vec<u8> = library[at + 1..].iter().copied().take_while(|byte| *byte != 0).collect();
    String::from_utf8(name).ok()
}

/// Whether this process was started with the runtime.
#[must_use]
pub fn is_preloaded(runtime: &str) -> bool {
    std::env::var("LD_PRELOAD").is_ok_and(|preloaded| preloaded.split([':', ' ']).any(|one| one.ends_with(runtime)))
}

/// The program, to be started so that it can load the sanitised library. What the sanitiser finds ends the process by
/// a signal, and is written to files that begin with `log` and end with the process's number.
#[must_use]
pub fn command(program: &Path, runtime: &str, log: &Path) -> Command {
    let mut command = match needs_fixed_addresses() {
        true => {
            let mut fixed = Command::new("setarch");
            fixed.arg("--addr-no-randomize").arg(program);
            fixed
        }
        false => Command::new(program),
    };
    let with = |before: &str, own: String, between: char| match std::env::var(before) {
        Ok(asked) if !asked.is_empty() => format!("{own}{between}{asked}"),
        _ => own,
    };
    command.env("LD_PRELOAD", with("LD_PRELOAD", runtime.to_owned(), ':'));
    // Leaks are looked for by tracing the process, which is often forbidden; objects are counted by their free function.
    // Memory that was freed is kept back for a while, which is not to be taken for growth.
    let options = format!(
        "detect_leaks=0:quarantine_size_mb=8:abort_on_error=1:allocator_may_return_null=1:\
         strip_path_prefix=/openssl/:log_path={}",
        log.display()
    );
    command.env("ASAN_OPTIONS", with("ASAN_OPTIONS", options, ':'));
    command
}

/// Whether the system spreads addresses so far that they meet those that the sanitiser wants for itself.
fn needs_fixed_addresses() -> bool {
    let bits = std::fs::read_to_string("/proc/sys/vm/mmap_rnd_bits").unwrap_or_default();
    bits.trim().parse().is_ok_and(|bits: u32| bits > 28)
}

/// What the sanitiser found in the process of this number, in its own summary, and its log is removed.
#[must_use]
pub fn found(log: &Path, process: u32) -> Option<String> {
    let file = file_of(log, process);
    let text = std::fs::read(&file).ok()?;
    let _ = std::fs::remove_file(file);
    summary(&String::from_utf8_lossy(&text))
}

fn file_of(log: &Path, process: u32) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(format!(".{process}"));
    name.into()
}

fn summary(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix("SUMMARY: ")).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sanitised_library_is_known_by_the_runtime_that_it_asks_for() {
        assert_eq!(runtime_in(b"\x7fELF\0libasan.so.8\0libc.so.6\0").as_deref(), Some("libasan.so.8"));
        assert_eq!(runtime_in(b"\x7fELF\0libcrypto.so.3\0libc.so.6\0"), None);
        assert_eq!(runtime(Path::new("/nowhere/libssl.so.3")), None);
    }

    #[test]
    fn what_was_found_is_told_once() {
        let log = std::env::temp_dir().join(format!("sesscheck-sanitised-{}", std::process::id()));
        let text = "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n    #0 0x2\n\
                    SUMMARY: AddressSanitizer: heap-use-after-free ssl/ssl_sess.c:1 in f\n==7==ABORTING\n";
        std::fs::write(file_of(&log, 7), text).expect("it can be written");
        assert_eq!(found(&log, 7).as_deref(), Some("AddressSanitizer: heap-use-after-free ssl/ssl_sess.c:1 in f"));
        assert_eq!(found(&log, 7), None);
    }

    #[test]
    fn the_process_is_started_with_the_runtime_and_dies_of_what_is_found() {
        let command = command(Path::new("/bin/sesscheck"), "libasan.so.8", Path::new("/tmp/log"));
        let value = |name: &str| {
            let found = command.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value);
            found.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
        };
        assert!(value("LD_PRELOAD").starts_with("libasan.so.8"), "{}", value("LD_PRELOAD"));
        for option in ["abort_on_error=1", "detect_leaks=0", "quarantine_size_mb=8", "log_path=/tmp/log"] {
            assert!(value("ASAN_OPTIONS").split(':').any(|set| set == option), "{option}");
        }
    }
}
