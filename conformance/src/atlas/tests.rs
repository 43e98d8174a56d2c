//! The table on releases that are made up: the model under two profiles, with recordings of the model itself.

use session_model::{Edition, Profile};

use super::*;
use crate::profiles::Named;
use crate::recording::{LibraryFacts, Recorded, Recording, fingerprint, trace_of};
use crate::render::atlas as render;
use crate::subject::Subject;
use crate::subjects::model;
use crate::suite::{self, File};
use crate::trace::Shown as Much;
use crate::transcript::Transcript;

const BOUNDARY: &str = "set-time-returns-time";

fn made_up(release: &str, profile: Profile) -> Named {
    let mut library = libraries()[0].library.clone().expect("it is a library's");
    library.version = release.to_owned();
    Named { name: format!("libssl-{release}"), profile, library: Some(library) }
}

/// 1.0.0 departs in one thing and reads another its own way; 1.0.10 is as the pages; 2.0.0 departs again.
fn three() -> Vec<Named> {
    let pages = Profile::manual(Edition::V3_0);
    let behaviour = |name: &str| Behaviour::all().find(|behaviour| behaviour.name() == name).expect("there is one");
    let departs = behaviour(BOUNDARY).set(&pages, "yes");
    let reads = behaviour("marks.flushed").set(&departs, "yes");
    vec![made_up("1.0.0", reads), made_up("1.0.10", pages), made_up("2.0.0", departs)]
}

fn recorded(release: &str, profile: &Profile, files: &[File]) -> Shown {
    let shown = files.iter().map(|file| {
        let trace = trace_of(file);
        let mut transcript = Transcript::default();
        model::subject("model", *profile).run(&trace, &mut transcript);
        let everything = trace.shown == Much::Everything;
        Recorded { scenario: file.path.clone(), fingerprint: fingerprint(&trace), everything, transcript }
    });
    let library = LibraryFacts {
        version: format!("OpenSSL {release} 1 Jan"),
        soname: "libssl.so.3".to_owned(),
        hash: "0".into(),
    };
    Shown { recording: Recording { library, shown: shown.collect() }, ran_now: false }
}

/// The scenarios of the pages that the two behaviours are on.
fn few() -> Vec<File> {
    let mut files = suite::embedded().expect("the built-in scenarios are read");
    files.retain(|file| file.path.contains("/flush_sessions/") || file.path.contains("/session_get_time/"));
    files
}

fn table(compared: Option<(&str, &str)>, transcripts: &[Shown], files: &[File]) -> Atlas {
    let compared = compared.map(|(from, to)| Compared { from: from.to_owned(), to: to.to_owned() });
    let asked = Asked { libraries: three(), ours: None, all: false, compared };
    let needed = needed(&asked, files, &|_| {});
    build(&asked, &needed, files, transcripts)
}

fn row<'a>(atlas: &'a Atlas, behaviour: &str) -> &'a Row {
    atlas.rows.iter().find(|row| row.behaviour == behaviour).expect("the row is there")
}

#[test]
fn a_row_says_since_when_until_when_and_what_is_between() {
    let atlas = table(None, &[], &few());
    let row = row(&atlas, BOUNDARY);
    assert_eq!((row.since.as_deref(), row.until.as_deref()), (Some("1.0.0"), Some("2.0.0")));
    let values: Vec<_> = row.spans.iter().map(|span| (span.first.as_str(), span.value.as_str())).collect();
    assert_eq!(values, [("1.0.0", "yes"), ("1.0.10", "no"), ("2.0.0", "yes")]);
    assert!(render::text(&atlas).contains("since 1.0.0, until 2.0.0, but not in 1.0.10"));
}

#[test]
fn an_upgrade_is_told_in_words_and_has_only_what_changes() {
    let atlas = table(Some(("1.0.0", "2.0.0")), &[], &few());
    assert_eq!(atlas.rows.len(), 1, "the departure is in both");
    assert_eq!(
        row(&atlas, "marks.flushed").words,
        "until 1.0.0: `yes`; from 1.0.10 on: `no`, as the pure manual is read"
    );
    assert_eq!(atlas.notes, [format!("alike in the two, and not in all releases between them: {BOUNDARY}")]);
    let atlas = table(Some(("1.0.0", "1.0.10")), &[], &few());
    assert_eq!(
        row(&atlas, BOUNDARY).words,
        "until 1.0.0: SSL_SESSION_set_time returns the time that was set; from 1.0.10 on: as the pages rule"
    );
    let nothing = Asked { libraries: three()[1..2].to_vec(), ours: None, all: false, compared: None };
    assert!(build(&nothing, &needed(&nothing, &few(), &|_| {}), &few(), &[]).rows.is_empty());
}

#[test]
fn a_cell_without_a_transcript_is_only_claimed() {
    let files = few();
    let [first, second, third] = [0, 1, 2].map(|n| three()[n].profile);
    let atlas = table(None, &[recorded("1.0.0", &first, &files), recorded("2.0.0", &third, &files)], &files);
    let evidence: Vec<_> = row(&atlas, BOUNDARY).cells.iter().map(|cell| cell.evidence).collect();
    assert_eq!(evidence, [Evidence::Recorded, Evidence::Claimed, Evidence::Recorded]);
    // A transcript of a release that shows what its profile does not have.
    let atlas = table(None, &[recorded("1.0.0", &second, &files)], &files);
    assert_eq!(row(&atlas, BOUNDARY).cells[0].evidence, Evidence::Contradicted);
    assert!(atlas.is_contradicted());
    // One of a release that has no profile is told.
    let atlas = table(None, &[recorded("3.0.0", &second, &files)], &files);
    assert_eq!(atlas.notes.len(), 1, "{:?}", atlas.notes);
}

#[test]
fn a_transcript_that_agrees_with_either_value_is_no_evidence() {
    let (files, profile) = (few(), three()[0].profile);
    let mut shown = recorded("1.0.0", &profile, &files);
    for recorded in &mut shown.recording.shown {
        recorded.transcript.ending = crate::transcript::Ending::Refused("has not the op".to_owned());
        recorded.transcript.steps.clear();
    }
    let atlas = table(None, &[shown], &files);
    assert_eq!(row(&atlas, BOUNDARY).cells[0].evidence, Evidence::Claimed);
}

#[test]
fn the_ledger_tells_what_rots() {
    let (files, named) = (few(), three().swap_remove(0));
    let shown = recorded("1.0.0", &named.profile, &files);
    let mut separator = Separator::new(&files);
    assert_eq!(stale(&shown.recording, &files), Vec::<String>::new());
    assert_eq!(differing(&named, &shown.recording, &files), Vec::<String>::new());
    assert_eq!(idle(&named, &mut separator, &files, std::slice::from_ref(&shown)), Vec::<String>::new());

    let mut other = shown.clone();
    other.recording.shown[0].fingerprint += 1;
    let told = stale(&other.recording, &files);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("sesscheck atlas --record conformance/recordings --subject libssl:PATH/libssl.so.3"));
    other.recording.shown.remove(0);
    assert!(stale(&other.recording, &files)[0].contains("was never recorded"));
    assert!(stale(&shown.recording, &files[1..])[0].contains("is no scenario"));

    let without = Named { profile: three()[1].profile, ..named.clone() };
    assert!(!differing(&without, &shown.recording, &files).is_empty(), "an entry is missing");
    assert_eq!(idle(&named, &mut separator, &files, &[]).len(), 2, "no transcript shows its two entries");
    let none_of_it: Vec<File> = files.iter().filter(|file| file.path.contains("/none/")).cloned().collect();
    let told = idle(&named, &mut Separator::new(&none_of_it), &none_of_it, &[shown]);
    assert_eq!(told.len(), 2, "no scenario shows its two entries: {told:?}");
}

#[test]
fn the_forms_say_the_same_and_need_nothing_else() {
    let files = few();
    let shown = [recorded("1.0.0", &three()[0].profile, &files)];
    for compared in [None, Some(("1.0.0", "1.0.10"))] {
        let atlas = table(compared, &shown, &files);
        let text = render::text(&atlas);
        let wide: Vec<_> = text.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, Vec::<&str>::new());
        assert_eq!(serde_json::from_str::<Atlas>(&render::json(&atlas)).expect("it reads back"), atlas);
        let html = render::html(&atlas);
        for outside in ["http:", "https:", "src=", "@import", "url(", "<script", "<link"] {
            assert!(!html.contains(outside), "the page has {outside}");
        }
        for row in &atlas.rows {
            assert!(text.contains(&row.behaviour));
            assert_eq!(html.matches(&format!("id=\"row-{}\"", row.behaviour)).count(), 1);
        }
        let opened = html.matches("<section").count();
        assert_eq!((opened, html.matches("</section>").count()), (atlas.rows.len(), atlas.rows.len()));
    }
}

/// The releases that a drill tells apart, in groups, of the shipped ones from here to there.
fn apart(drill: &str, from: &str, to: &str) -> Vec<Vec<String>> {
    let compared = Some(Compared { from: from.to_owned(), to: to.to_owned() });
    let asked = Asked { libraries: libraries(), ours: None, all: false, compared };
    let atlas = build(&asked, &[], &[], &[]);
    let beyond = atlas.beyond.iter().find(|beyond| beyond.drill == drill);
    assert_eq!(render::text(&atlas).contains(drill), beyond.is_some());
    beyond.map_or_else(Vec::new, |beyond| beyond.seen.iter().map(|seen| seen.releases.clone()).collect())
}

#[test]
fn where_the_pages_rule_nothing_recorded_drills_tell_releases_apart() {
    let another_id = |from, to| apart("external-answers-another-id", from, to);
    assert_eq!(another_id("3.0.22", "4.0.3"), [["3.0.22"], ["4.0.3"]]);
    assert!(another_id("1.1.1w", "3.0.22").is_empty(), "both fail that handshake");
    assert!(apart("copy-flag-0-freed-twice", "3.3.1", "3.5.5").is_empty(), "both go down, each in its own way");
}
