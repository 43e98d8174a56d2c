//! New scenarios: whatever they are made of, they are read, laid out, hold, and tell what they are; and they never write
//! over a file.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sesscheck::author::{Draft, draft, verbs};
use sesscheck::scenario::format;
use sesscheck::suite::{self, vocabulary};
use session_model::{Clause, Edition};

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sesscheck-new-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    folder
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_draft_of_any_step_is_read_laid_out_and_holds() {
    let folder = folder("steps");
    let asked = [&[][..], &["OFF"], &["CLIENT", "NO_INTERNAL"], &["BOTH"]];
    let mut count = 0;
    for (verb, mode) in verbs().flat_map(|verb| asked.map(|mode| (verb, mode))) {
        let old = verb.starts_with("SSL_");
        let text = draft(&Draft {
            file: "t.yaml".to_owned(),
            title: format!("{verb}: \"{mode:?}\""),
            clauses: words(&["add.adds"]),
            mode: words(mode),
            sessions: words(if count % 2 == 0 { &[] } else { &["a:300", "b:10"] }),
            steps: words(&[verb, if old { "SSL_add_session" } else { "add_session" }, verb]),
            ..Draft::default()
        });
        let text = text.unwrap_or_else(|why| panic!("{verb} {mode:?}: {why}"));
        assert_eq!(format("t.yaml", &text, &vocabulary()).as_ref(), Ok(&text), "{verb}");
        assert_eq!(text.contains("editions:"), old, "{verb}");
        fs::write(folder.join(format!("{count}.yaml")), text).expect("it is written");
        count += 1;
    }
    let files = suite::of_paths(&[folder]).expect("they are scenarios");
    assert_eq!(files.len(), count);
    for file in files {
        for profile in file.claims_about() {
            assert_eq!(file.unmet(profile), [], "{}", file.text);
        }
    }
}

#[test]
fn every_verb_of_the_schema_but_the_hazards_can_be_a_step() {
    let schema: serde_json::Value =
        serde_json::from_str(&sesscheck::scenario::schema_text()).expect("the schema is JSON");
    let of_schema = schema["definitions"]["step"]["oneOf"].as_array().expect("a step is one of the verbs");
    let mut of_schema: Vec<_> = of_schema.iter().filter_map(|verb| verb["required"][0].as_str()).collect();
    of_schema.retain(|verb| !["set_id", "free_unowned"].contains(verb));
    let mut known: Vec<_> = verbs().collect();
    of_schema.sort_unstable();
    known.sort_unstable();
    assert_eq!(known, of_schema);
}

#[test]
fn a_draft_of_any_clause_says_what_it_is_and_names_editions_that_have_it() {
    for clause in Clause::all() {
        let asked = Draft {
            file: "t.yaml".to_owned(),
            title: "one sentence".to_owned(),
            clauses: words(&[clause.id()]),
            ..Draft::default()
        };
        let text = draft(&asked).unwrap_or_else(|why| panic!("{clause}: {why}"));
        let file = sesscheck::scenario::parse("t.yaml", &text, &vocabulary()).expect("a draft is a scenario");
        for edition in file.editions {
            let edition: Edition = edition.parse().expect("the parser knows them");
            assert!(clause.entry().editions().contains(&edition), "{clause}");
        }
        let flat: Vec<_> = text.split_whitespace().filter(|word| *word != "#").collect();
        let statement: Vec<_> = clause.entry().statement.split_whitespace().collect();
        assert!(flat.join(" ").contains(&statement.join(" ")), "{clause}\n{text}");
    }
}

fn new(arguments: &[&str], folder: &Path, input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sesscheck"));
    command.args(arguments).current_dir(folder);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // A command that asks nothing may have ended.
    let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the output is text")
}

#[test]
fn flags_make_a_file_that_replay_and_check_run_at_once() {
    let folder = folder("flags");
    fs::write(folder.join("scenario.schema.json"), "{}").expect("it is written");
    let asked =
        ["new", "mine/a-flush.yaml", "--clause", "flush.expired", "--step", "add_session,flush_sessions:now+301"];
    let out = new(&asked, &folder, "");
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let written = fs::read_to_string(folder.join("mine/a-flush.yaml")).expect("it is written");
    assert!(written.starts_with("# yaml-language-server: $schema=../scenario.schema.json\n"), "{written}");
    assert!(
        written.contains("scenario: \"a flush\"\n") && written.contains("  - flush_sessions: now+301\n"),
        "{written}"
    );
    for run in [&["replay", "mine/a-flush.yaml"][..], &["check", "--scenarios", "mine"], &["lint", "mine"]] {
        let out = new(run, &folder, "");
        assert_eq!(out.status.code(), Some(0), "{run:?}: {}", text(&out.stderr));
    }
    let again = new(&asked, &folder, "");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("mine/a-flush.yaml: it is there; `--force`"), "{}", text(&again.stderr));
    let forced = new(&[&asked[..], &["--mode", "OFF", "--force"]].concat(), &folder, "");
    assert_eq!(forced.status.code(), Some(0));
    let written = fs::read_to_string(folder.join("mine/a-flush.yaml")).expect("it is there");
    assert!(written.contains("mode: [\"OFF\"]"), "{written}");
}

#[test]
fn a_word_that_is_not_known_comes_back_with_the_nearest_and_nothing_is_written() {
    let folder = folder("unknown");
    for (flags, said) in [
        (&["--clause", "add.ads"][..], "`add.ads` is not a clause; did you mean `add.adds`?"),
        (&["--clause", "add.adds", "--step", "ad_session"], "`ad_session` is not a step; did you mean `add_session`?"),
        (
            &["--clause", "add.adds", "--mode", "NO_INTERN"],
            "`NO_INTERN` is not a flag of the mode; did you mean `NO_INTERNAL`?",
        ),
        (
            &["--clause", "add.adds", "--session", "a:soon"],
            "`a:soon` is not a session; a name and seconds are, such as a:300",
        ),
        (&["--step", "add_session"], "a scenario shows at least one clause"),
        (
            &["--clause", "synonyms", "--clause", "remove.not-resumable", "--step", "SSL_add_session"],
            "no edition of the pages has all",
        ),
        (&["--clause", "add.adds", "--step", "add_session:b"], "`b` is not a session of this scenario"),
    ] {
        let out = new(&[&["new", "x.yaml"], flags].concat(), &folder, "");
        assert_eq!(out.status.code(), Some(2), "{flags:?}");
        assert!(text(&out.stderr).contains(said), "{flags:?}: {}", text(&out.stderr));
        assert!(!folder.join("x.yaml").exists());
    }
}

#[test]
fn without_flags_it_asks_until_each_answer_is_one() {
    let folder = folder("questions");
    let answers = "q.yaml\na removed session: gone\n?twin\nremove.remove\nremove.removes\nSERVER, NO_AUTO_CLEAR\na:10\n\
                   add_session, remove_session\n";
    let out = new(&["new"], &folder, answers);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let asked = text(&out.stderr);
    assert!(asked.contains("remove.twin  "), "{asked}");
    assert!(asked.contains("`remove.remove` is not a clause; did you mean `remove.removes`?"), "{asked}");
    let written = fs::read_to_string(folder.join("q.yaml")).expect("it is written");
    for part in [
        "scenario: \"a removed session: gone\"\n",
        "clauses: [remove.removes]\n",
        "  server: {mode: [SERVER, NO_AUTO_CLEAR]}\n",
        "  a: {id: \"01\", timeout: 10}\n",
        "  - add_session: a\n",
        "  - remove_session: a\n",
    ] {
        assert!(written.contains(part), "{part}\n{written}");
    }
    // The file is there: nothing is asked.
    let again = new(&["new", "q.yaml"], &folder, answers);
    assert_eq!(again.status.code(), Some(2));
    let said = text(&again.stderr);
    assert!(said.contains("q.yaml: it is there") && !said.contains("The behaviour"), "{said}");
    let early = new(&["new", "r.yaml"], &folder, "a title\n");
    assert_eq!(early.status.code(), Some(2));
    assert!(text(&early.stderr).contains("the answers end at `Clauses"), "{}", text(&early.stderr));
    assert!(!folder.join("r.yaml").exists());
}
