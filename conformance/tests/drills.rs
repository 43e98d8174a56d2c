//! Drills: their stories, that the manual bears them out, our cache holds them and each is worth something, and the
//! table of what each release does, from what was recorded, with no libssl at hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use sesscheck::atlas::{Evidence, Kind, libraries};
use sesscheck::drills::{
    Cell, Drills, Participant, Performed, SCHEMA, Stands, Told, build, by_name, participants, shipped,
    shipped_recordings, texts, unrecorded,
};
use sesscheck::profiles::{self, Named};
use sesscheck::recording::{self, trace_of};
use sesscheck::render::drills as render;
use sesscheck::subjects::Spec;
use sesscheck::trace::Shown;
use sesscheck::transcript::{Ending, Transcript};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("drills")
}

fn rules_nothing(told: &Told) -> bool {
    told.file.scenario.trace.setup.hazards
}

fn profile(name: &str) -> Named {
    profiles::by_name(name).expect("it is shipped")
}

fn shown_by(spec: &str, told: &Told) -> Transcript {
    let mut subject = spec.parse::<Spec>().expect("it is one").open().expect("it is always there").subject;
    let mut transcript = Transcript::default();
    subject.run(&trace_of(&told.file), &mut transcript);
    transcript
}

/// Somebody who is held to a profile and did this.
fn participant(name: &str, profile: Named, performed: BTreeMap<String, Performed>) -> Participant {
    let (about, hash) = (name.to_owned(), String::new());
    Participant { name: name.to_owned(), about, hash, profile, evidence: Evidence::Ran, ours: false, performed }
}

/// The cell of somebody of whom only the profile is known.
fn claimed(drill: &str, named: Named) -> Cell {
    let told = by_name(drill).expect("it is shipped");
    let mut table = build(&[told], &[participant("p", named, BTreeMap::new())]);
    table.drills.remove(0).cells.remove(0)
}

#[test]
fn the_folder_and_the_embedded_list_agree() {
    let entries = std::fs::read_dir(folder()).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter_map(|name| name.strip_suffix(".yaml").map(ToOwned::to_owned)).collect();
    names.sort();
    assert_eq!(shipped().iter().map(|told| told.name.clone()).collect::<Vec<_>>(), names);
    assert!(names.len() >= 18, "{}", names.len());
}

#[test]
fn a_drill_says_one_thing_in_a_name_that_fits_and_points_to_its_schema() {
    let drills = shipped();
    let mut titles: Vec<_> = drills.iter().map(|told| told.file.scenario.title.as_str()).collect();
    titles.sort_unstable();
    assert_eq!(titles.windows(2).find(|two| two[0] == two[1]), None, "two drills have one title");
    for told in &drills {
        let fits =
            told.name.len() <= 28 && told.name.chars().all(|c| c.is_ascii_lowercase() || "-0123456789".contains(c));
        assert!(fits, "{}", told.name);
        let modeline = "# yaml-language-server: $schema=../../scenarios/scenario.schema.json\n";
        assert!(told.file.whole.starts_with(modeline), "{}", told.name);
        assert!(told.story.len() > 150 && told.helps.len() > 20, "{}: a story in a few sentences", told.name);
        assert_eq!(trace_of(&told.file).shown, Shown::Everything, "{}: it is judged step by step", told.name);
    }
}

#[test]
fn every_drill_is_laid_out() {
    let vocabulary = sesscheck::suite::vocabulary();
    for told in shipped() {
        let (path, text) = (&told.file.path, told.file.whole);
        assert_eq!(sesscheck::scenario::format(path, &text, &vocabulary), Ok(text), "`sesscheck fmt` lays it out");
    }
}

#[test]
fn the_manual_bears_every_drill_out() {
    for told in shipped().iter().filter(|told| !rules_nothing(told)) {
        for profile in told.file.claims_about() {
            assert_eq!(told.file.unmet(profile), [], "{} under {}", told.name, profile.edition);
        }
    }
}

#[test]
fn our_cache_holds_every_drill() {
    let drills = shipped();
    let did = |told: &Told| (told.name.clone(), Performed::of(&shown_by("optimised", told)));
    let ours =
        Participant { ours: true, ..participant("optimised", profile("optimised"), drills.iter().map(did).collect()) };
    let table = build(&drills, &[ours]);
    assert!(!table.diverges());
    for (drill, told) in table.drills.iter().zip(&drills) {
        let stands = if rules_nothing(told) { Stands::NotRun } else { Stands::AsPages };
        assert_eq!(drill.cells[0].stands, stands, "{}: {:?}", drill.name, drill.cells[0].words());
    }
}

#[test]
fn every_drill_turns_red_when_a_rule_that_it_lists_is_not_kept() {
    for told in shipped() {
        let listed = told.file.scenario.clauses.iter();
        let listed = listed.map(|listed| session_model::Clause::by_id(&listed.value).expect("the parser knows it"));
        let bites = listed.filter(|clause| told.file.bites(*clause)).count();
        // Where the pages rule nothing, there is nothing to be kept: what is told is how a subject ends.
        assert_eq!(bites == 0, rules_nothing(&told), "{}", told.name);
    }
}

#[test]
fn what_is_otherwise_is_laid_to_the_entry_that_does_it() {
    let cell = claimed("flush-at-zero", profile("libssl-3.0.22"));
    assert_eq!((cell.stands, cell.evidence), (Stands::Otherwise, Evidence::Claimed));
    for claim in &cell.claims {
        let causes: Vec<_> = claim.causes.iter().map(|cause| (cause.behaviour.as_str(), cause.kind)).collect();
        assert_eq!(causes, [("flush-zero-empties", Kind::Departure)], "{}", claim.words());
    }
    let absent = &claimed("mode-off-under-load-and-back", profile("libssl-3.0.22")).claims[1];
    let causes: Vec<_> = absent.causes.iter().map(|cause| cause.behaviour.as_str()).collect();
    assert_eq!((absent.ruled.as_str(), absent.seen.as_str()), ("full", "is absent"));
    assert_eq!(causes, ["off.lookup", "off.session_id"], "each of them alone is enough");
    let words = "step 4 (handshake): resumed by the pages; full here: flush-zero-empties [flush.zero]";
    assert_eq!(cell.claims.last().map(|claim| claim.words()).as_deref(), Some(words));
    let cell = claimed("mode-off-under-load-and-back", profile("libssl-3.0.22"));
    let causes: Vec<_> = cell.claims[0].causes.iter().map(|cause| (cause.behaviour.as_str(), cause.kind)).collect();
    assert_eq!(causes, [("off.lookup", Kind::Reading)]);
}

#[test]
fn what_the_drill_does_not_state_is_told_apart() {
    let cell = claimed("flush-during-a-handshake", profile("libssl-3.0.22"));
    assert_eq!((cell.stands, cell.claims.len()), (Stands::Holds, 0));
    assert_eq!(cell.words(), ["in what the drill does not state: read marks.flushed: yes"]);
    let cell = claimed("flush-during-a-handshake", profile("manual"));
    assert_eq!((cell.stands, cell.words()), (Stands::AsPages, Vec::new()));
}

#[test]
fn what_comes_after_damage_is_not_told() {
    let cell = claimed("replica-adds-it-again", profile("libssl-3.2.0"));
    assert!(cell.claims.iter().all(|claim| claim.step == "step 4"), "{:?}", cell.claims);
    assert_eq!(cell.said.as_deref(), Some("step 4 damages its memory: what comes after it means nothing"));
    let sound = claimed("replica-adds-it-again", profile("libssl-3.3.1"));
    assert!(sound.said.is_none() && sound.claims.iter().any(|claim| claim.step == "step 6"), "{:?}", sound.claims);
}

#[test]
fn where_the_pages_are_open_the_readings_are_named() {
    let open = |drill: &str| {
        let told = by_name(drill).expect("it is shipped");
        let table = build(&[told], &[]);
        table.drills[0].open.iter().map(|open| (open.axis.clone(), open.stated)).collect::<Vec<_>>()
    };
    assert!(open("mode-off-under-load-and-back").contains(&("off.lookup".to_owned(), true)));
    assert!(open("flush-during-a-handshake").contains(&("marks.flushed".to_owned(), false)));
    assert_eq!(open("balancer-without-affinity"), []);
}

#[test]
fn what_no_profile_explains_is_red_whoever_does_it() {
    let told = by_name("flush-at-zero").expect("it is shipped");
    let table = |spec: &str| {
        let did = BTreeMap::from([(told.name.clone(), Performed::of(&shown_by(spec, &told)))]);
        build(std::slice::from_ref(&told), &[participant(spec, profile("manual"), did)])
    };
    let faulty = table("faulty:flush.zero");
    let cell = &faulty.drills[0].cells[0];
    assert_eq!((cell.stands, cell.evidence), (Stands::Unexplained, Evidence::Contradicted));
    assert!(faulty.diverges() && !table("model").diverges());
}

#[test]
fn our_own_cache_may_not_do_what_a_library_is_known_to_do() {
    let told = by_name("flush-at-zero").expect("it is shipped");
    let library = participant("p", profile("libssl-3.0.22"), BTreeMap::new());
    let ours = Participant { ours: true, ..library.clone() };
    assert!(!build(std::slice::from_ref(&told), &[library]).diverges());
    assert!(build(&[told], &[ours]).diverges());
}

#[test]
fn a_subject_that_goes_down_or_is_not_run_is_told() {
    let drills = [by_name("flush-at-zero"), by_name("copy-flag-0-freed-twice")].map(|told| told.expect("shipped"));
    let all = |performed: &Performed| drills.iter().map(|told| (told.name.clone(), performed.clone())).collect();
    let stands = |performed: Performed| {
        let table = build(&drills, &[participant("p", profile("libssl-3.0.22"), all(&performed))]);
        let stands: Vec<_> = table.drills.iter().map(|drill| drill.cells[0].stands).collect();
        (stands, table.diverges())
    };
    let down = Performed::Down("crashed at step 3 (free)".to_owned());
    assert_eq!(stands(down), (vec![Stands::Unexplained, Stands::GoesDown], true));
    let not_run = Performed::NotRun("it has no handshakes".to_owned());
    assert_eq!(stands(not_run), (vec![Stands::NotRun, Stands::NotRun], false));
    let unstable = Performed::Unstable("once".to_owned());
    assert_eq!(stands(unstable), (vec![Stands::Unexplained, Stands::Unexplained], true));
}

/// What `external-answers-another-id` cannot say of our cache, in which a session's id never changes.
#[test]
fn our_cache_resumes_nothing_that_the_external_cache_answers_with_another_id() {
    use session_cache::{Begun, Context, NewSession, Proposal, Protocol, Session, SessionId};

    let [asked, other] = [b"1", b"2"].map(|id| SessionId::new(id).expect("1 to 32 bytes"));
    let context = Context::new();
    let proposal = Proposal::new(Protocol::TLS1_2, Some(asked));
    let Begun::AskExternal(asking) = context.begin_accept(proposal, 1000, &mut ()) else {
        panic!("it is not cached");
    };
    let answer = Session::new(NewSession::new(other, Protocol::TLS1_2, 1000, 300), "somebody else's secret");
    assert!(matches!(context.external(asking, Some(Arc::new(answer)), &mut ()), Begun::Full(_)));
    assert_eq!(context.number(), 0);
}

/// The table of what comes with the harness: what was recorded, and profiles.
fn table() -> Drills {
    let drills = shipped();
    let all = participants(Vec::new(), &drills);
    build(&drills, &all)
}

#[test]
fn the_table_of_what_is_recorded_reads_so() {
    insta::assert_snapshot!(render::text(&table()));
}

#[test]
fn a_story_reads_so() {
    let drills = [by_name("mode-off-under-load-and-back").expect("it is shipped")];
    let all = participants(Vec::new(), &drills);
    insta::assert_snapshot!(render::stories(&build(&drills, &all)));
}

#[test]
fn every_release_with_a_profile_has_a_column_and_every_recording_is_explained() {
    let table = table();
    let names: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
    let releases = libraries().iter().map(|named| sesscheck::atlas::release_of(named).to_owned()).collect::<Vec<_>>();
    assert_eq!(names, releases);
    assert!(!table.diverges());
    for cell in table.cells() {
        assert_ne!(cell.stands, Stands::Unexplained, "{}: {:?}", cell.column, cell.said);
        assert!(cell.claims.iter().all(|claim| !claim.causes.is_empty()), "{}: {:?}", cell.column, cell.claims);
    }
}

#[test]
fn the_shipped_recordings_are_as_they_were_written_and_of_the_drills_of_today() {
    let drills = shipped();
    for (name, text) in texts() {
        let recording = recording::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*name, recording.file_name());
        assert!(recording::write(&recording) == *text, "{name} is not as it is written");
        let again = "sesscheck drills --record conformance/drills/recorded --subject libssl:PATH";
        assert_eq!(unrecorded(&recording, &drills), Vec::<String>::new(), "{name}: record it again: {again}");
    }
    assert_eq!(shipped_recordings().len(), texts().len());
}

#[test]
fn what_ran_goes_before_what_was_recorded_of_the_release() {
    let drills = [by_name("flush-at-zero").expect("it is shipped")];
    let ran = participant("OpenSSL 3.3.1 4 Jun 2024", profile("libssl-3.3.1"), BTreeMap::new());
    let other = participant("OpenSSL 3.0.19 27 Jan 2026", profile("libssl-3.0.22"), BTreeMap::new());
    let ours = participant("optimised", profile("optimised"), BTreeMap::new());
    let all = participants(vec![ran, other, ours], &drills);
    let names: Vec<_> = all.iter().map(|one| one.name.split(' ').nth(1).unwrap_or(&one.name).to_owned()).collect();
    assert_eq!(names, ["optimised", "1.1.1w", "3.0.7", "3.0.19", "3.0.22", "3.2.0", "3.3.1", "3.5.5", "4.0.3"]);
}

#[test]
fn a_recording_of_another_form_of_a_drill_is_no_evidence() {
    let mut drills = [by_name("flush-at-zero").expect("it is shipped")];
    drills[0].file.scenario.trace.ops.pop();
    let recorded =
        |drills: &[Told]| participants(Vec::new(), drills).iter().filter(|one| !one.performed.is_empty()).count();
    assert_eq!(recorded(&drills), 0);
    drills[0] = by_name("flush-at-zero").expect("it is shipped");
    assert_eq!(recorded(&drills), texts().len());
}

#[test]
fn who_went_down_is_recorded_so() {
    let down = Performed::Down("crashed at step 3 (free): signal 6".to_owned());
    let transcript = down.transcript().expect("it can be recorded");
    assert_eq!(transcript.ending, Ending::Crashed("crashed at step 3 (free): signal 6".to_owned()));
    assert_eq!(Performed::of(&transcript), down);
    assert_eq!(Performed::Unstable("once".to_owned()).transcript(), None);
}

#[test]
fn every_form_tells_every_drill() {
    let table = table();
    let forms = [render::text(&table), render::markdown(&table), render::html(&table), render::json(&table)];
    for drill in &table.drills {
        for form in &forms {
            assert!(form.contains(&drill.name), "{}", drill.name);
        }
    }
    assert!(forms[0].lines().all(|line| line.chars().count() <= 100));
    assert!(!forms[2].contains("<script"));
    let again: Drills = serde_json::from_str(&forms[3]).expect("it is a table");
    assert_eq!((again.schema.as_str(), &again), (SCHEMA, &table));
}

fn sesscheck(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sesscheck"));
    let out = command.arg("drills").args(arguments).env("CI", "true").output().expect("the command runs");
    (out.status.code(), String::from_utf8([out.stdout, out.stderr].concat()).expect("it prints text"))
}

#[test]
fn our_cache_goes_through_the_drills_on_the_command_line() {
    let (status, text) = sesscheck(&["--subject", "optimised", "--format", "json"]);
    assert_eq!(status, Some(0), "{text}");
    let table: Drills = serde_json::from_str(&text).expect("it is a table");
    assert!(table.columns[0].ours && table.columns[0].evidence == Evidence::Ran, "{:?}", table.columns[0]);
    assert_eq!(table.drills.len(), shipped().len());
}

#[test]
fn a_fault_is_red_on_the_command_line_and_named() {
    let (status, text) = sesscheck(&["flush-at-zero", "--subject", "faulty:flush.zero"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("faulty:flush.zero") && text.contains("otherwise, and not explained"), "{text}");
}

#[test]
fn a_drill_of_ones_own_is_told_with_its_steps() {
    let path = folder().join("flush-at-zero.yaml");
    let path = path.to_str().expect("it is text");
    let (status, text) = sesscheck(&[path, "--subject", "optimised", "--steps"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("What helps:") && text.contains("step by step") && text.contains("flush_sessions"), "{text}");
}

#[test]
fn what_cannot_be_gone_through_is_status_2_and_says_why() {
    for (arguments, why) in [
        (&["flush-at-zer"][..], "did you mean `flush-at-zero`?"),
        (&["nowhere.yaml"], "nowhere.yaml"),
        (&["--subject", "libssl:/nowhere/libssl.so.3"], "cannot be loaded"),
        (&["--record", "nowhere"], "--subject"),
        (&["--record", "/dev/null/nowhere", "--subject", "libssl"], "sesscheck:"),
        (&["--steps"], "<DRILL>"),
    ] {
        let (status, text) = sesscheck(arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(why), "{arguments:?}: {text}");
    }
}
