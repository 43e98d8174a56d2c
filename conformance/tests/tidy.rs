//! Mechanical rules of the design, each held here because nothing else would notice.

use std::fs;
use std::path::{Path, PathBuf};

use session_model::Clause;
use session_model::departures::Departure;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                let text = fs::read_to_string(&path).expect("sources are text");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has files");
    found
}

#[test]
fn the_manual_names_no_departure_and_stays_readable_in_an_hour() {
    let manual = files("model/src/manual", "rs");
    for (path, text) in &manual {
        assert!(!text.contains("departures"), "{} looks at departures", path.display());
        for departure in Departure::all() {
            assert!(!text.contains(departure.about().name), "{} names {}", path.display(), departure.about().name);
        }
    }
    let lines: usize = manual.iter().map(|(_, text)| text.lines().count()).sum();
    assert!(lines <= 1900, "manual/ has {lines} lines");
}

#[test]
fn the_model_has_no_dependency_and_the_cache_none_of_the_workspace() {
    let manifest = fs::read_to_string(root().join("model/Cargo.toml")).expect("it is there");
    assert!(!manifest.contains("dependencies]"), "the model has a dependency");
    let manifest = fs::read_to_string(root().join("impl/Cargo.toml")).expect("it is there");
    assert!(!manifest.contains("session-model") && !manifest.contains("sesscheck"), "the cache leans on the harness");
}

#[test]
fn the_cache_has_no_dependency_unless_asked_for_one() {
    let manifest = fs::read_to_string(root().join("impl/Cargo.toml")).expect("it is there");
    let manifest: toml::Table = manifest.parse().expect("it is TOML");
    let table = |name: &str| manifest[name].as_table().expect("it is a table");
    assert!(!table("features").contains_key("default"), "the cache has default features");
    for (name, dependency) in table("dependencies") {
        assert_eq!(dependency.get("optional"), Some(&toml::Value::Boolean(true)), "{name} is not optional");
    }
    // What is there for some systems alone is for who explores schedules.
    for (of, tables) in table("target") {
        let is_exploring = ["cfg(shuttle)", "cfg(loom)"].contains(&of.as_str());
        assert!(is_exploring || tables.get("dependencies").is_none(), "{of} brings dependencies");
    }
    // Else the tests of the feature would be left out without a word.
    let itself = &manifest["target"]["cfg(not(any(shuttle, loom)))"]["dev-dependencies"]["session-cache"];
    assert_eq!(itself["features"], toml::Value::from(vec!["rustls"]), "the tests of the cache do without its feature");
}

#[test]
fn unsafe_code_stands_in_one_folder() {
    for (path, text) in files("conformance/src", "rs") {
        let allowed = path.components().any(|part| part.as_os_str() == "libssl");
        let unsafe_block =
            ["unsafe {", "unsafe fn", "unsafe extern", "unsafe impl"].iter().any(|word| text.contains(word));
        assert!(allowed || !unsafe_block, "{} has unsafe code", path.display());
    }
}

#[test]
fn every_clause_that_the_manual_cites_has_a_scenario_that_lists_it() {
    let scenarios = sesscheck::suite::embedded().expect("the built-in scenarios are read");
    let cited = files("model/src/manual", "rs").into_iter().fold(String::new(), |all, (_, text)| all + &text);
    for clause in Clause::all() {
        let constant = clause.id().to_uppercase().replace(['.', '-'], "_");
        let is_cited = cited.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == constant);
        let listed = scenarios.iter().any(|file| file.scenario.clauses.iter().any(|id| id.value == clause.id()));
        assert!(!is_cited || listed, "no scenario lists {}", clause.id());
    }
}

#[test]
fn scenarios_say_one_thing_each_and_point_to_their_schema() {
    let scenarios = sesscheck::suite::embedded().expect("the built-in scenarios are read");
    let mut titles: Vec<_> = scenarios.iter().map(|file| file.scenario.title.as_str()).collect();
    titles.sort_unstable();
    let twice = titles.windows(2).find(|two| two[0] == two[1]);
    assert_eq!(twice, None, "two scenarios have one title");
    for file in &scenarios {
        let up = "../".repeat(file.path.matches('/').count() - 1);
        let modeline = format!("# yaml-language-server: $schema={up}scenario.schema.json\n");
        assert!(file.text.starts_with(&modeline), "{}", file.path);
    }
}

#[test]
fn the_commands_of_the_readme_exist() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let help = sesscheck::command::help();
    for line in readme.lines().filter_map(|line| line.trim().strip_prefix("sesscheck ")) {
        let verb = line.split_whitespace().next().expect("a command has a verb");
        assert!(verb.starts_with('-') || help.contains(&format!("  {verb}")), "README has `sesscheck {line}`");
    }
    for command in ["cargo run --release", "cargo test --workspace"] {
        assert!(readme.lines().any(|line| line == command), "README lacks `{command}`");
    }
}

#[test]
fn the_readme_counts_the_scenarios_that_there_are() {
    let readme = fs::read_to_string(root().join("README.md")).expect("it is there");
    let there_are = sesscheck::suite::embedded().expect("the built-in scenarios are read").len();
    assert!(readme.contains(&format!("manual      {there_are} scenarios,")), "there are {there_are} scenarios");
}
