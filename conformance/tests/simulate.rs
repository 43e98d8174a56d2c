//! The simulator as it is typed: exit status, forms, the same bytes again, and what cannot be run.

use std::path::PathBuf;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

/// A folder of its own, with a workload in it of some clients that come again and again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sesscheck-simulate-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("it can be made");
        let folder = Self(folder);
        folder.write("small.yaml", SMALL);
        folder
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).expect("it can be written");
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).expect("it was written")
    }

    fn simulate(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.arg("simulate").args(arguments).current_dir(&self.0).env("CI", "true");
        command.output().expect("the command runs")
    }

    /// What it prints, which has this exit status.
    fn says(&self, status: i32, arguments: &[&str]) -> String {
        let out = self.simulate(arguments);
        let errors = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(status), "{arguments:?}: {errors}");
        String::from_utf8(out.stdout).expect("the output is text") + &errors
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const SMALL: &str = "workload: a few clients that come again
lasts: 10m
cache: {timeout: 60, size: 50}
clients:
  some:
    number: 100
    thinks: {exponential: 30s}
    lasts: 1s
    round_trip: 20ms
";

#[test]
fn a_run_that_conforms_is_status_0_and_says_what_it_is_of() {
    let folder = Folder::new("conforms");
    let said = folder.says(0, &["small.yaml", "--seed", "7"]);
    let first: Vec<_> = said.lines().take(7).collect();
    for (line, word) in first.iter().zip(["workload", "service", "seed", "ran", "hit rate", "model", "verdict"]) {
        assert!(line.starts_with(&format!("{word:<12}")), "{line}");
    }
    assert!(said.contains("seed        7\n") && said.contains("conforms in all that was checked"), "{said}");
    assert!(said.contains("sesscheck simulate small.yaml --seed 7 --model every"));
}

#[test]
fn the_same_seed_is_the_same_bytes_in_every_form_and_another_is_not() {
    let folder = Folder::new("again");
    for form in ["text", "json", "csv", "prometheus", "html"] {
        let said = |seed: &str| folder.says(0, &["small.yaml", "--seed", seed, "--format", form]);
        assert!(said("3") == said("3"), "{form}");
        assert!(said("3") != said("4"), "{form}");
    }
}

#[test]
fn what_was_not_checked_is_said_and_never_conforms() {
    let folder = Folder::new("never");
    let said = folder.says(0, &["small.yaml", "--model", "never"]);
    assert!(said.contains("model       never: nothing was checked") && !said.contains("conforms"), "{said}");
    let said = folder.says(0, &["small.yaml", "--model", "1/4"]);
    assert!(said.contains(" not checked; one client in 4"), "{said}");
}

#[test]
fn a_fault_is_status_1_is_told_first_and_ends_the_run() {
    let folder = Folder::new("fault");
    folder.write("roomy.yaml", &SMALL.replace(", size: 50", ""));
    let subject = "faulty:timeouts-count-as-misses@optimised";
    let said = folder.says(1, &["roomy.yaml", "--subject", subject]);
    let first = said.lines().next().expect("it says something");
    assert!(first.starts_with(&format!("{subject} diverges at step ")), "{first}");
    assert!(said.contains("\nverdict     1 divergence\n") && said.contains(" of 10 min of virtual time"), "{said}");
    assert!(
        said.contains(&format!("sesscheck simulate roomy.yaml --seed 1 --model every --subject {subject}")),
        "{said}"
    );
}

/// Two servers with an external cache between them, and little room inside.
const SHARED: &str = "workload: clients of two servers
lasts: 10m
servers: 2
cache: {size: 20}
external: {takes: 1ms}
clients: {some: {number: 100, thinks: {exponential: 30s}, lasts: 1s, round_trip: 20ms}}
";

#[test]
fn a_fault_comes_out_of_a_run_as_a_scenario_of_a_few_steps_that_shows_it_again() {
    let folder = Folder::new("few-steps");
    folder.write("roomy.yaml", &SMALL.replace(", size: 50", ""));
    folder.write("shared.yaml", SHARED);
    for (workload, subject, most) in [
        ("roomy.yaml", "faulty:flush.boundary", 2),
        ("roomy.yaml", "faulty:timeouts-count-as-misses@optimised", 2),
        ("shared.yaml", "faulty:full-cache-copies-nothing-in@optimised", 3),
        ("roomy.yaml", "faulty:auto-flush-skips-the-last@optimised", 5),
    ] {
        folder.says(1, &[workload, "--subject", subject, "--found", "found"]);
        let file = the_one_found(&folder);
        let scenario = std::fs::read_to_string(&file).expect("it was written");
        assert!((1..=most).contains(&steps_of(&scenario)), "{subject}: {scenario}");
        let mut again = Command::new(PROGRAM);
        let again = again.args(["replay", "--subject", subject]).arg(&file).output().expect("the command runs");
        assert_eq!(again.status.code(), Some(1), "{subject}: {scenario}");
        std::fs::remove_dir_all(folder.0.join("found")).expect("it is there");
    }
}

#[test]
fn clients_that_keep_to_their_protocol_meet_nothing_that_does_not_fit() {
    let folder = Folder::new("fits");
    let said = folder.says(0, &["library-default", "--for", "10m", "--model", "never"]);
    assert!(said.contains("full, removed") && !said.contains("does not fit"), "{said}");
}

#[test]
fn files_are_written_beside_what_is_printed_or_in_its_place() {
    let folder = Folder::new("files");
    let said = folder.says(0, &["small.yaml", "--out", "a.txt", "--also", "json:a.json", "--also", "html:a.html"]);
    assert_eq!(said, "");
    assert!(folder.read("a.txt").starts_with("workload    a few clients that come again\n"));
    assert!(folder.read("a.json").contains("\"schema\":\"sesscheck-simulation-1\""));
    assert!(folder.read("a.html").starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_sweep_tells_the_workload_as_it_is_and_each_setting_and_a_larger_cache_has_more_hits() {
    let folder = Folder::new("sweep");
    let said = folder.says(0, &["small.yaml", "--sweep", "size=5,0", "--format", "csv"]);
    let rows: Vec<Vec<&str>> = said.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ["setting", "as it is", "size 5", "no size limit"]);
    let column = |name: &str| rows[0].iter().position(|column| *column == name).expect("there is one");
    let figure = |row: usize, name: &str| rows[row][column(name)].parse::<u64>().expect("it is a number");
    let [as_it_is, few, any] = [1, 2, 3].map(|row| figure(row, "hit_internal"));
    assert!(few < as_it_is && as_it_is <= any, "{few}, {as_it_is}, {any}");
    assert!((1..4).all(|row| figure(row, "connections") == figure(1, "connections")), "the same clients come");
    let one_by_one = folder.says(0, &["small.yaml", "--sweep", "size=5,0", "--threads", "1", "--format", "csv"]);
    assert_eq!(said, one_by_one);
}

#[test]
fn which_session_is_dropped_is_tried_on_the_model() {
    let folder = Folder::new("victim");
    let sweep = ["--sweep", "victim=soonest_to_expire,first_added"];
    let said = folder.says(0, &[&["small.yaml", "--subject", "model"], &sweep[..]].concat());
    assert!(said.contains("victim first_added: agrees with itself (a self-check)"), "{said}");
    assert!(folder.says(2, &[&["small.yaml"], &sweep[..]].concat()).contains("`--subject model`"));
}

#[test]
fn what_cannot_be_run_is_status_2_and_says_why() {
    let folder = Folder::new("cannot");
    folder.write("nobody.yaml", &SMALL.replace("{exponential: 30s}", "1h"));
    let roomy = "cache: {size: 0, timeout: 60}\nfloods: {f: {handshakes: 10000/s}}\n";
    folder.write("roomy.yaml", &format!("workload: a flood\nlasts: 1s\n{roomy}"));
    folder.write("wrong.yaml", &SMALL.replace("lasts: 10m", "lasts: 10 minutes"));
    for (arguments, why) in [
        (&["nobody.yaml", "--for", "1s"][..], "nobody came"),
        (&["small.yaml", "--model", "1/1000000"], "nothing was checked"),
        (&["wrong.yaml"], "wrong.yaml:2:8"),
        (&["absent.yaml"], "neither a shipped workload (apache-redis, "),
        (&[], "which workload? a file, or one that is shipped: apache-redis, "),
        (&["--list", "absent"], "no workload `absent` is shipped"),
        (&["--list", "library-default", "--silence", "1s"], "cannot be used with"),
        (&["--list", "library-default", "--threads", "3"], "cannot be used with"),
        (&["small.yaml", "--for", "12m33s"], "`12m33s` is `753s`"),
        (&["small.yaml", "--out", "i.csv", "--also", "csv:./i.csv"], "i.csv: two forms of the answers"),
        (&["roomy.yaml", "--for", "3653d"], "roomy.yaml"),
        (&["roomy.yaml", "--for", "1h", "--sweep", "timeout=60,3600"], "with timeout 3600 s, about"),
        (&["/dev/zero"], "/dev/zero: too many bytes"),
        (&["small.yaml", "--sweep", "sise=1"], "`sise` cannot be varied"),
        (&["small.yaml", "--sweep", "size=1", "--format", "prometheus"], "`prometheus` is of one run"),
        (&["small.yaml", "--model", "some"], "not `some`"),
        (&["small.yaml", "--for", "0s"], "more than nothing"),
        (&["small.yaml", "--silence", "0s"], "more than nothing"),
        (&["small.yaml", "--profile", "libssl-9"], "profile `libssl-9`: neither a shipped one"),
        (&["small.yaml", "--out", "no/such/folder"], "no/such/folder"),
        (&["small.yaml", "--subject", "exec:true"], "whole traces"),
    ] {
        let said = folder.says(2, arguments);
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}

#[test]
fn a_timeout_that_is_not_set_is_two_hours_in_a_libssl_and_what_it_keeps_must_fit() {
    let folder = Folder::new("libssl-unset");
    let roomy = "cache: {size: 0}\nfloods: {f: {handshakes: 10000/s, for: 1h}}\n";
    folder.write("roomy.yaml", &format!("workload: a flood\nlasts: 1h\n{roomy}"));
    // Whether or not there is one: what fits is known before.
    let said = folder.says(2, &["roomy.yaml", "--subject", "libssl"]);
    assert!(said.contains("a flood: about 36000000 sessions would be in internal caches at once"), "{said}");
    assert!(said.contains("where no timeout is set, they live for 7200 s"), "{said}");
    // Ours has three million of them at most.
    assert!(folder.says(2, &["roomy.yaml", "--out", "no/such/folder"]).contains("no/such/folder"));
}

#[test]
fn servers_that_are_taken_out_are_told_and_so_are_connections_that_nobody_took() {
    let folder = Folder::new("out");
    folder.write("out.yaml", &format!("{SMALL}happenings:\n  - {{at: 5m, restart: {{away: 1m}}}}\n"));
    let said = folder.says(0, &["out.yaml"]);
    let not_made = said.lines().find(|line| line.contains("not made, all servers were out")).expect(&said);
    let number: u64 = not_made.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    assert!((100..300).contains(&number), "{said}");
    for event in ["  5 min           restart", "  5 min           taken out", "  6 min           put back"] {
        assert!(said.contains(event), "{said}");
    }
    assert!(folder.says(0, &["out.yaml", "--format", "html"]).contains("Not made, since all servers were out"));
    assert!(!folder.says(0, &["small.yaml"]).contains("not made"));
}

#[test]
fn shipped_workloads_are_listed_and_run_by_name() {
    let folder = Folder::new("shipped");
    assert!(folder.says(0, &["--list"]).contains("\nlibrary-default"));
    assert!(folder.says(0, &["--list", "library-default"]).starts_with("library-default"));
    let said = folder.says(0, &["library-default", "--for", "30s"]);
    assert!(said.contains("sesscheck simulate library-default --seed 1 --model every --for 30s"), "{said}");
}

/// A libssl's: connections of all kinds, two servers with an external cache, and all that can happen to them.
const ALL_KINDS: &str = "workload: all kinds of connections, two servers and an external cache
lasts: 30m
balancer: random
cache: {timeout: 120, size: 300}
servers: {one: {}, two: {}}
external: {lag: 10s}
clients:
  some:
    number: 120
    thinks: {exponential: 60s}
    lasts: 1s
    round_trip: 20ms
    protocols:
      - {protocol: TLSv1.2, share: 40%}
      - {protocol: TLSv1.2, tickets: stateless, share: 15%}
      - {protocol: TLSv1.3, tickets: stateful, num_tickets: 2, share: 30%}
      - {protocol: TLSv1.3, tickets: stateless, num_tickets: 1, share: 15%}
    unclean: 10%
    aborts: 2%
happenings:
  - {at: 10m, sess_set_cache_size: 20}
  - {at: 14m, sess_set_cache_size: 300}
  - {at: 15m, restart: now, server: one}
  - {at: 20m, flush_sessions: now}
";

/// Whether the machine has a libssl.
fn there_is_a_libssl() -> bool {
    let there = sesscheck::subjects::libssl::locate().is_some();
    if !there {
        eprintln!("not run: no libssl found");
    }
    there
}

/// A field of the totals in the JSON form: the first of its name.
fn figure(json: &str, name: &str) -> u64 {
    let after = json.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("there is no {name}")).1;
    after.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).expect("it is a number")
}

#[test]
fn a_libssl_conforms_under_its_profile_with_all_that_can_happen() {
    if !there_is_a_libssl() {
        return;
    }
    let folder = Folder::new("libssl");
    folder.write("all.yaml", ALL_KINDS);
    let said = folder.says(0, &["all.yaml", "--subject", "libssl", "--format", "json"]);
    assert_eq!(figure(&said, "failed"), 0, "{said}");
    assert!(figure(&said, "connections") > 3000, "{said}");
    for some in [
        "hit_internal",
        "hit_external",
        "hit_ticket",
        "miss_dropped",
        "miss_other_key",
        "dropped",
        "flushed",
        "removed",
    ] {
        assert!(figure(&said, some) > 0, "{some}: {said}");
    }
    assert_eq!(figure(&said, "miss_not_told"), 0, "the model knows");
    assert_eq!(said, folder.says(0, &["all.yaml", "--subject", "libssl", "--format", "json"]));
    // The same clients come to ours, whatever they find.
    let ours = folder.says(0, &["all.yaml", "--format", "json"]);
    let arrivals = |said: &str| ["connections", "aborted"].map(|name| figure(said, name));
    assert_eq!(arrivals(&said), arrivals(&ours));
}

#[test]
fn without_the_model_a_libssl_runs_the_same_and_what_it_does_not_tell_is_said() {
    if !there_is_a_libssl() {
        return;
    }
    let folder = Folder::new("libssl-never");
    folder.write("all.yaml", ALL_KINDS);
    let run = |model: &str, form: &str| {
        folder.says(0, &["all.yaml", "--subject", "libssl", "--model", model, "--format", form])
    };
    let (every, never) = (run("every", "json"), run("never", "json"));
    for same in
        ["connections", "hit_internal", "hit_external", "hit_ticket", "miss_expired", "dropped", "flushed", "expired"]
    {
        assert_eq!(figure(&every, same), figure(&never, same), "{same}");
    }
    assert!(figure(&never, "miss_not_told") > 0, "{never}");
    assert_eq!(figure(&never, "miss_dropped"), 0);
    for part in ["never", "1/4"] {
        let said = run(part, "text").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("its cause is not told"), "{said}");
    }
    assert!(run("never", "html").contains("not told</"), "the causes are plotted and listed");
}

/// Servers of different size, of which a small one drops what others have still; every close is clean.
const OF_DIFFERENT_SIZE: &str = "workload: a large server, a small one, and one that keeps nothing inside
lasts: 30m
servers: {large: {}, small: {cache: {size: 5}}, none: {cache: {mode: [SERVER, NO_INTERNAL]}}}
balancer: random
cache: {timeout: 1d}
external: {}
clients:
  c: {number: 100, thinks: {exponential: 1m}}
";

#[test]
fn what_is_dropped_at_one_server_and_deleted_outside_was_removed_nowhere() {
    let folder = Folder::new("of-different-size");
    folder.write("sizes.yaml", OF_DIFFERENT_SIZE);
    let missed = |subject: &str, model: &str| {
        let run = ["sizes.yaml", "--subject", subject, "--model", model, "--format", "json"];
        let said = folder.says(0, &run);
        ["miss_dropped", "miss_not_told", "miss_removed"].map(|cause| figure(&said, cause) > 0)
    };
    assert_eq!(missed("optimised", "never"), [true, false, false]);
    if there_is_a_libssl() {
        assert_eq!(missed("libssl", "every"), [true, false, false]);
        assert_eq!(missed("libssl", "never"), [false, true, false]);
    }
}

#[test]
fn settings_of_a_libssl_are_run_side_by_side() {
    if !there_is_a_libssl() {
        return;
    }
    let folder = Folder::new("libssl-sweep");
    let said = folder.says(0, &["small.yaml", "--subject", "libssl", "--sweep", "size=5,0", "--format", "csv"]);
    let rows: Vec<_> = said.lines().map(|line| line.split(',').next().unwrap_or_default()).collect();
    assert_eq!(rows, ["setting", "as it is", "size 5", "no size limit"]);
}

#[test]
fn a_libssl_that_is_not_there_is_status_2() {
    let folder = Folder::new("no-libssl");
    let said = folder.says(2, &["small.yaml", "--subject", "libssl:/no/such/libssl.so"]);
    assert!(said.contains("/no/such/libssl.so"), "{said}");
}

#[test]
fn many_connections_to_a_libssl_are_told_and_few_are_not() {
    let folder = Folder::new("libssl-many");
    // Whether or not there is one: it is told before it is looked for.
    let many = SMALL.replace("lasts: 10m", "lasts: 300d");
    folder.write("many.yaml", &many);
    let said = |file: &str| folder.says(2, &[file, "--subject", "libssl:/no/such/libssl.so"]);
    assert!(said("many.yaml").contains("million connections come"));
    assert!(!said("small.yaml").contains("million connections"));
}

/// The one scenario that a run has written.
#[track_caller]
fn the_one_found(folder: &Folder) -> PathBuf {
    let found = std::fs::read_dir(folder.0.join("found")).expect("it was made");
    let files: Vec<_> = found.map(|file| file.expect("it can be read").path()).collect();
    let [file] = &files[..] else { panic!("{files:?}") };
    file.clone()
}

/// What a command says, which has this exit status.
#[track_caller]
fn sesscheck(folder: &Folder, status: i32, arguments: &[&str]) -> String {
    let command = Command::new(PROGRAM).args(arguments).current_dir(&folder.0).env("CI", "true").output();
    let out = command.expect("the command runs");
    let said = [out.stdout, out.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert_eq!(out.status.code(), Some(status), "{arguments:?}: {said}");
    said
}

fn steps_of(scenario: &str) -> usize {
    let steps = scenario.split("\nsteps:").nth(1).expect("it has steps");
    steps.lines().filter(|line| line.starts_with("- ") || line.starts_with("  - ")).count()
}

/// The pages and nothing else, by which every libssl does otherwise somewhere.
const PURE: &str = "profile: pure\nedition: \"3.0\"\n";

#[test]
fn a_libssl_that_is_held_to_what_it_does_not_do_parts_and_is_cut_out_as_a_scenario() {
    if !there_is_a_libssl() {
        return;
    }
    let folder = Folder::new("libssl-held-to");
    folder.write("pure.yaml", PURE);
    let said = folder.says(1, &["small.yaml", "--subject", "libssl", "--profile", "pure.yaml", "--found", "found"]);
    let first = said.lines().next().expect("it says something");
    assert!(first.starts_with("libssl diverges at step ") && first.contains(": the manual rules: "), "{first}");
    assert!(said.contains(", held to profile pure\n"), "{said}");
    assert!(said.contains("small.yaml --seed 1 --model every --subject libssl --profile pure.yaml\n"), "{said}");
    let file = the_one_found(&folder);
    let scenario = std::fs::read_to_string(&file).expect("it was written");
    assert!((1..=4).contains(&steps_of(&scenario)), "{scenario}");
    let file = file.to_str().expect("it is text");
    for (command, path) in [("replay", &[file][..]), ("check", &["--scenarios", file])] {
        let held_to = [&[command, "--subject", "libssl", "--profile", "pure.yaml"], path].concat();
        assert!(sesscheck(&folder, 1, &held_to).contains("diverges at step "), "{scenario}");
        let by_its_own = [&[command, "--subject", "libssl"], path].concat();
        assert!(sesscheck(&folder, 0, &by_its_own).contains(" conforms "), "{scenario}");
    }
}

/// A libssl in front of another one, which answers for it where nothing is said here; each case is set off by a timeout
/// that nobody else sets. It lies from 100,000 seconds on, and hangs below that, where a reduction comes when it looks
/// for the least that lies; after one lie it goes down when it is freed.
const IN_FRONT: &str = "#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int freed_badly;

static void hang(void)
{
    for (;;)
        pause();
}

long SSL_CTX_set_timeout(void *context, long timeout)
{
    static int before;
    long (*behind)(void *, long) = (long (*)(void *, long))dlsym(RTLD_NEXT, \"SSL_CTX_set_timeout\");

    if (timeout == 80001 || timeout == 80002)
        exit(timeout - 80001);
    if (timeout == 80003)
        atexit(hang);
    if (timeout == 90001)
        abort();
    if (timeout == 90003 ? before++ > 0 : timeout > 90001 && timeout < 100000)
        hang();
    freed_badly |= timeout == 300001;
    return behind(context, timeout) + (timeout >= 100000);
}

void SSL_CTX_free(void *context)
{
    if (freed_badly)
        abort();
    ((void (*)(void *))dlsym(RTLD_NEXT, \"SSL_CTX_free\"))(context);
}
";

impl Folder {
    /// The subject with [`IN_FRONT`]; `None`: there is no libssl, or no C compiler.
    fn libssl_in_front(&self) -> Option<String> {
        let behind = sesscheck::subjects::libssl::locate();
        if behind.is_none() {
            eprintln!("not run: no libssl found");
        }
        let (behind, out) = (behind?, self.0.join("libssl-in-front.so"));
        self.write("in-front.c", IN_FRONT);
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-Wl,--no-as-needed", "-o"]).arg(&out).arg(self.0.join("in-front.c")).arg(&behind);
        cc.arg(format!("-Wl,-rpath,{}", behind.parent().expect("it is in a folder").display())).arg("-ldl");
        let Ok(made) = cc.output() else {
            eprintln!("not run: no C compiler");
            return None;
        };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(format!("libssl:{}", out.display()))
    }

    /// [`SMALL`], with these things that happen.
    fn with(&self, file: &str, happenings: &str) {
        self.write(file, &format!("{SMALL}happenings:\n{happenings}"));
    }
}

#[test]
fn a_libssl_that_answers_wrongly_is_cut_out_as_the_one_step_that_shows_it_though_others_hang() {
    let folder = Folder::new("libssl-lies");
    let Some(subject) = folder.libssl_in_front() else { return };
    folder.with("lies.yaml", "  - {at: 2m, set_timeout: 200000s}\n");
    let said = folder.says(1, &["lies.yaml", "--subject", &subject, "--silence", "300ms", "--found", "found"]);
    let first = said.lines().next().expect("it says something");
    assert!(first.starts_with(&format!("{subject} diverges at step 1 (set_timeout): the manual rules: ")), "{first}");
    let file = the_one_found(&folder);
    let scenario = std::fs::read_to_string(&file).expect("it was written");
    assert_eq!(steps_of(&scenario), 1, "{scenario}");
    let file = file.to_str().expect("it is text");
    // As it is: a reduction would wait for those that hang.
    sesscheck(&folder, 1, &["replay", "--whole", "--subject", &subject, file]);
    sesscheck(&folder, 0, &["replay", "--subject", "libssl", file]);
}

#[test]
fn what_takes_its_process_down_comes_out_of_the_run_as_a_scenario_like_any_other() {
    let folder = Folder::new("goes-down");
    folder.with("flush.yaml", "  - {at: 2m, flush_sessions: now}\n");
    let subject = "faulty:aborts-at-flush";
    for part in ["every", "never", "1/4"] {
        let said = folder.says(1, &["flush.yaml", "--subject", subject, "--model", part, "--found", "found"]);
        let first = said.lines().next().expect("it says something");
        assert!(first.starts_with(&format!("{subject} diverges at step 1 (flush_sessions): ")), "{said}");
        let in_the_run = format!("\n  in the run, {subject}: went down: signal: 6 (SIGABRT)");
        assert!(said.contains(&in_the_run) && said.contains(", server 0: a flush; as it is\n"), "{said}");
        assert!(said.contains("\nran         2 min of 10 min of virtual time"), "{said}");
        let replay = format!("\n  replay: sesscheck simulate flush.yaml --seed 1 --model {part} --subject {subject}\n");
        assert!(said.contains(&replay), "{said}");
        let file = the_one_found(&folder);
        let scenario = std::fs::read_to_string(&file).expect("it was written");
        assert_eq!(steps_of(&scenario), 1, "{scenario}");
        let said = sesscheck(&folder, 1, &["replay", "--subject", subject, file.to_str().expect("it is text")]);
        assert!(said.contains("crashed: signal 6"), "{said}");
        std::fs::remove_dir_all(folder.0.join("found")).expect("it is there");
    }
}

#[test]
fn each_setting_of_a_sweep_in_which_a_cache_goes_down_is_told_by_itself() {
    let folder = Folder::new("goes-down-twice");
    folder.with("flush.yaml", "  - {at: 2m, flush_sessions: now}\n");
    let subject = "faulty:aborts-at-flush";
    let sweep = ["--sweep", "size=20", "--threads", "2", "--format", "json"];
    let out = folder.simulate(&[&["flush.yaml", "--subject", subject][..], &sweep].concat());
    let errors = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{errors}");
    let swept: serde_json::Value = serde_json::from_slice(&out.stdout).expect("it is JSON");
    let settings = swept["settings"].as_array().expect("they are in a list");
    assert_eq!(settings.len(), 2);
    for setting in settings {
        let found = setting["answers"]["checked"]["found"].as_array().expect("they are in a list");
        let headline = found[0]["headline"].as_str().expect("it is text");
        assert!(found.len() == 1 && headline.contains(" diverges at step 1 (flush_sessions): "), "{setting}");
    }
}

#[test]
fn a_libssl_that_goes_down_comes_out_of_the_run_as_the_step_that_it_goes_down_in() {
    let folder = Folder::new("libssl-goes-down");
    let Some(subject) = folder.libssl_in_front() else { return };
    folder.with("down.yaml", "  - {at: 2m, set_timeout: 90001s}\n");
    let said = folder.says(1, &["down.yaml", "--subject", &subject]);
    let first = said.lines().next().expect("it says something");
    assert!(first.starts_with(&format!("{subject} diverges at step 1 (set_timeout): ")), "{said}");
    assert!(said.contains(&format!("\n  in the run, {subject}: went down: signal: 6 ")), "{said}");
    assert!(said.contains(", at 120.000000 s, server 0: its timeout is set; as it is\n"), "{said}");
    let again = format!("sesscheck simulate down.yaml --seed 1 --model every --subject {subject}\n");
    assert!(said.contains(&again) && said.contains("- set_timeout: {context: server, timeout: 90001}\n"), "{said}");
}

#[test]
fn a_libssl_that_ends_the_process_is_told_whatever_the_status() {
    let folder = Folder::new("libssl-exits");
    let Some(subject) = folder.libssl_in_front() else { return };
    for (timeout, status) in [(80001, 0), (80002, 1)] {
        folder.with("exits.yaml", &format!("  - {{at: 2m, set_timeout: {timeout}s}}\n"));
        let said = folder.says(1, &["exits.yaml", "--subject", &subject, "--model", "never"]);
        let first = said.lines().next().expect("it says something");
        assert!(first.starts_with(&format!("{subject} diverges at step 1 (set_timeout): ")), "{said}");
        let ended = format!("\n  in the run, {subject}: went down: it ended the process with status {status}\n");
        assert!(said.contains(&ended), "{said}");
        assert!(said.contains(", at 120.000000 s, server 0: its timeout is set; as it is\n"), "{said}");
    }
}

#[test]
fn a_libssl_that_hangs_at_the_end_of_the_process_is_ended_and_the_answers_stay_told() {
    let folder = Folder::new("libssl-stays");
    let Some(subject) = folder.libssl_in_front() else { return };
    folder.with("stays.yaml", "  - {at: 2m, set_timeout: 80003s}\n");
    let out = folder.simulate(&["stays.yaml", "--subject", &subject, "--silence", "300ms", "--format", "json"]);
    let [answers, errors] = [out.stdout, out.stderr].map(|bytes| String::from_utf8(bytes).expect("it is text"));
    assert_eq!(out.status.code(), Some(1), "{errors}");
    assert!(answers.starts_with('{') && answers.ends_with("}\n"), "{answers}");
    let hangs = format!("{subject}: hangs: nothing more happened for 2.1 seconds\n  in the end of the process, after ");
    assert!(errors.contains(&hangs), "{errors}");
}

#[test]
fn a_libssl_that_hangs_is_ended_and_told_in_the_run_and_when_it_is_made_again() {
    let folder = Folder::new("libssl-hangs");
    let Some(subject) = folder.libssl_in_front() else { return };
    folder.with("hangs.yaml", "  - {at: 2m, set_timeout: 90002s}\n");
    let said = folder.says(1, &["hangs.yaml", "--subject", &subject, "--silence", "300ms"]);
    assert!(said.starts_with(&format!("{subject} diverges at step 1 (set_timeout): ")), "{said}");
    assert!(
        said.contains(&format!("\n  in the run, {subject}: hangs: nothing more happened for 2.1 seconds\n")),
        "{said}"
    );
    // It hangs when the run that parts at the second minute is made again.
    folder.with("again.yaml", "  - {at: 1m, set_timeout: 90003s}\n  - {at: 2m, set_timeout: 200000s}\n");
    let said = folder.says(1, &["again.yaml", "--subject", &subject, "--silence", "300ms"]);
    let place = "\n  in the run that is made again, event ";
    assert!(said.starts_with(&format!("{subject}: hangs: nothing more happened for 2.1 seconds{place}")), "{said}");
    assert!(said.contains("0.000000 s, server 0: its timeout is set; as it is\n"), "{said}");
    let again =
        "  it could not be cut out of the run: it had come past this before\n  again: sesscheck simulate again.yaml";
    assert!(said.contains(&format!("{again} --seed 1 --model every --subject {subject} --silence 300ms\n")), "{said}");
    let parts = format!("sesscheck: {subject} parts: event ");
    assert!(said.contains(&parts) && said.contains(", at 120.000000 s, server 0: "), "{said}");
}

#[test]
fn what_was_found_is_told_though_the_process_goes_down_after_it() {
    let folder = Folder::new("libssl-freed-badly");
    let Some(subject) = folder.libssl_in_front() else { return };
    folder.with("freed.yaml", "  - {at: 1m, set_timeout: 300001s}\n");
    let said = folder.says(1, &["freed.yaml", "--subject", &subject, "--silence", "300ms"]);
    let parts = said.split_once(&format!("sesscheck: {subject} parts: event ")).expect(&said).1;
    assert!(parts.split('\n').next().is_some_and(|first| first.contains(", at 60.000000 s, server 0: ")), "{said}");
    let again =
        format!("\n  again: sesscheck simulate freed.yaml --seed 1 --model every --subject {subject} --silence 300ms");
    assert!(parts.contains(&again), "{said}");
}

#[test]
fn options_may_end_before_the_workload() {
    let folder = Folder::new("dashes");
    let said = folder.says(0, &["--subject", "faulty:aborts-at-flush", "--for", "1m", "--", "small.yaml"]);
    assert!(said.contains("\nseed        1\n"), "{said}");
}

#[test]
fn a_silence_of_any_length_is_as_long_as_can_be_counted() {
    let folder = Folder::new("long-silence");
    folder.with("flush.yaml", "  - {at: 2m, flush_sessions: now}\n");
    let silence = ["--silence", "18446744073709551615s"];
    let said = folder.says(1, &[&["flush.yaml", "--subject", "faulty:aborts-at-flush"], &silence[..]].concat());
    assert!(said.starts_with("faulty:aborts-at-flush diverges at step 1 (flush_sessions): "), "{said}");
}
