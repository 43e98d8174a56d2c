//! What surrounds the fuzz targets: the build for ClusterFuzzLite and OSS-Fuzz, as far as it goes without their
//! container, and the short run of `.ci/fuzz`. In the place of cargo and zip stand scripts that leave behind what those
//! would.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sesscheck::fuzzing::{OF_YAML, TARGETS};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A copy of what the scripts use, with `bin/cargo` and `bin/zip` beside it.
struct Copy(PathBuf);

impl Copy {
    fn of_the_project(name: &str, cargo: &str) -> Self {
        let copy = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        if copy.0.exists() {
            fs::remove_dir_all(&copy.0).expect("the copy of the last run goes");
        }
        for part in
            ["fuzz/build.sh", "fuzz/yaml.dict", "fuzz/fuzz_targets", "fuzz/seeds", ".clusterfuzzlite", ".ci/fuzz"]
        {
            copy_all(&root().join(part), &copy.project().join(part));
        }
        fs::create_dir_all(copy.0.join("out")).expect("a folder is made");
        copy.command("cargo", cargo);
        // As zip is called here: options, the archive, a folder; the archive lists what would be in it.
        copy.command("zip", "[ \"$1 $2 $3\" = '--quiet --junk-paths --recurse-paths' ] && ls \"$5\" > \"$4\"");
        copy
    }

    fn project(&self) -> PathBuf {
        self.0.join("src/sesscheck")
    }

    fn command(&self, name: &str, script: &str) {
        let path = self.0.join("bin").join(name);
        fs::create_dir_all(self.0.join("bin")).expect("a folder is made");
        fs::write(&path, format!("#!/usr/bin/env bash\n{script}\n")).expect("a script can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    }

    fn run(&self, script: &str) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command.arg(self.project().join(script)).env("PATH", format!("{}:{path}", self.0.join("bin").display()));
        command.env("SRC", self.0.join("src")).env("OUT", self.0.join("out"));
        command.output().expect("bash runs it")
    }
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).expect("a folder can be read") {
            let entry = entry.expect("a folder can be read").file_name();
            copy_all(&from.join(&entry), &to.join(&entry));
        }
    } else {
        fs::create_dir_all(to.parent().expect("a file is in a folder")).expect("a folder is made");
        fs::copy(from, to).expect("a file can be copied");
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder can be read");
    entries.map(|entry| entry.expect("a folder can be read").file_name().into_string().expect("a plain name")).collect()
}

/// Builds every target but this one.
fn builds_without(target: &str) -> String {
    format!(
        "[ \"$1 $2\" = 'fuzz build' ] || exit 9
release=fuzz/target/x86_64-unknown-linux-gnu/release
mkdir -p $release
for path in fuzz/fuzz_targets/*.rs; do
  target=$(basename $path .rs)
  [ $target = '{target}' ] || echo built > $release/$target
done"
    )
}

#[test]
fn the_build_for_fuzzing_services_takes_every_target_with_its_seeds_and_its_dictionary() {
    let copy = Copy::of_the_project("build", &builds_without(""));
    let output = copy.run(".clusterfuzzlite/build.sh");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = copy.0.join("out");
    let mut due = BTreeSet::new();
    for (target, _) in TARGETS {
        due.extend([target.to_owned(), format!("{target}_seed_corpus.zip")]);
        let zipped = fs::read_to_string(out.join(format!("{target}_seed_corpus.zip"))).expect("the seeds are there");
        let zipped: BTreeSet<String> = zipped.lines().map(str::to_owned).collect();
        assert_eq!(zipped, names(&root().join("fuzz/seeds").join(target)), "{target}");
    }
    due.extend(OF_YAML.map(|target| format!("{target}.dict")));
    assert_eq!(names(&out), due);
}

#[test]
fn the_build_for_fuzzing_services_fails_without_one_of_the_targets() {
    let copy = Copy::of_the_project("build-without", &builds_without("reducer"));
    assert!(!copy.run("fuzz/build.sh").status.success());
}

#[test]
fn what_the_services_are_told_names_what_is_there() {
    for file in [".clusterfuzzlite/project.yaml", "fuzz/oss-fuzz/project.yaml"] {
        let text = fs::read_to_string(root().join(file)).expect("a file of the project");
        assert!(text.lines().any(|line| line == "language: rust"), "{file}");
    }
    let dockerfile = fs::read_to_string(root().join(".clusterfuzzlite/Dockerfile")).expect("a file of the project");
    for copied in dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")?.split(' ').next()) {
        assert!(root().join(copied).exists(), "{copied}");
    }
}

#[test]
fn a_short_run_prints_one_line_a_target() {
    let copy = Copy::of_the_project("green", "printf '#12\\tINITED\\n#34\\tDONE cov: 1\\n'");
    let output = copy.run(".ci/fuzz");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("it is text");
    let due: BTreeSet<String> = TARGETS.iter().map(|(target, _)| format!("{target}: #34\tDONE cov: 1")).collect();
    assert_eq!(said.lines().map(str::to_owned).collect::<BTreeSet<_>>(), due);
    assert_eq!(said.lines().count(), TARGETS.len());
}

#[test]
fn a_short_run_that_finds_something_prints_it_and_no_backtrace() {
    let copy = Copy::of_the_project(
        "red",
        "case \"$*\" in *'fuzz run'*reducer*) ;; *) printf '#1\\tDONE\\n'; exit 0 ;; esac
printf '#1\\tINITED\\nthread panicked at src/fuzzing/reducer.rs:1:1:\\nthe reduced trace is larger\\nsteps:\\n'
printf 'stack backtrace:\\n   0: rust_begin_unwind\\n==1== ERROR\\nFailing input:\\n\\n\\tfuzz/artifacts/reducer/crash-1\\n'
exit 77",
    );
    let output = copy.run(".ci/fuzz");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("it is text");
    for due in
        ["the reduced trace is larger", "steps:", "fuzz/artifacts/reducer/crash-1", "fuzz/artifacts/logs/reducer.log"]
    {
        assert!(said.contains(due), "{due}: {said}");
    }
    assert!(!said.contains("rust_begin_unwind") && !said.contains("INITED"), "{said}");
    let copy = Copy::of_the_project("red-build", "echo 'error: it does not compile'; exit 101");
    let said = copy.run(".ci/fuzz").stderr;
    assert!(String::from_utf8_lossy(&said).contains("it does not compile"));
}

#[test]
fn a_short_run_of_which_the_engine_says_nothing_is_red() {
    for (name, cargo) in [("silent", "exit 0"), ("idle", "printf '#0\\tDONE\\n'")] {
        let output = Copy::of_the_project(name, cargo).run(".ci/fuzz");
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("has not said that it ran to its end"), "{name}");
    }
}
