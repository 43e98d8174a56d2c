//! The registry of clauses and the pages on record agree, and a page reads the same in every form.

use std::collections::BTreeSet;

use sesscheck::pages::{
    Comparison, CopyError, Fingerprint, Page, Recorded, compare, compare_all, draft, inventory, read, recorded,
};
use sesscheck::reached::{Figures, Reached};
use sesscheck::source::Lane;
use sesscheck::suite;
use session_model::clause::{Clause, Edition, FLUSH_BOUNDARY, Kind, LEAVING, REMOVE_REMOVES};

/// The pages that the registry started from.
const SEEDS: [&str; 3] = ["SSL_CTX_add_session", "SSL_CTX_flush_sessions", "SSL_CTX_set_session_cache_mode"];

#[test]
fn an_id_stands_for_one_clause() {
    let ids: BTreeSet<&str> = Clause::all().map(Clause::id).collect();
    assert_eq!(ids.len(), Clause::COUNT);
}

#[test]
fn every_sentence_on_record_became_at_least_one_clause() {
    for page in recorded() {
        assert!(!page.lines.is_empty(), "{} {}", page.edition, page.page);
        for line in &page.lines {
            let place = format!("{} {}, {} {}", page.page, page.edition, line.section, line.position);
            assert!(!line.fingerprints.is_empty() && !line.section.is_empty(), "{place}");
            assert!(!line.ids.is_empty() && line.clauses().count() == line.ids.len(), "{place}: {:?}", line.ids);
        }
    }
}

#[test]
fn a_sentence_became_clauses_of_its_edition() {
    for page in recorded() {
        for clause in page.lines.iter().flat_map(|line| line.clauses()) {
            let editions = clause.entry().editions();
            // The pages that the seeds point to are recorded as of 3.0; an older sentence may bear on their clauses.
            let is_pointed_to = !SEEDS.contains(&clause.entry().page);
            assert!(is_pointed_to || editions.contains(&page.edition), "{clause} in {} {}", page.page, page.edition);
        }
    }
}

#[test]
fn every_clause_of_a_page_is_reached_by_a_sentence() {
    let reached: BTreeSet<Clause> = recorded()
        .iter()
        .flat_map(|page| page.lines.iter().flat_map(|line| line.clauses()).collect::<Vec<_>>())
        .collect();
    for clause in Clause::all().filter(|clause| !clause.entry().page.is_empty()) {
        assert!(reached.contains(&clause), "{clause}");
    }
}

#[test]
fn a_clause_stands_where_the_registry_says() {
    let recorded = recorded();
    for clause in Clause::all().filter(|clause| !clause.entry().page.is_empty()) {
        let entry = clause.entry();
        let last = recorded.iter().rfind(|page| page.page == entry.page && page.edition <= entry.last);
        let page = last.unwrap_or_else(|| panic!("{clause}: {} is not on record", entry.page));
        for sentence in entry.sentences {
            let stands = page.lines.iter().filter(|line| !line.is_earlier).any(|line| {
                line.section == entry.section
                    && line.position == usize::from(*sentence)
                    && line.clauses().any(|other| other == clause)
            });
            assert!(stands, "{clause}: {} {} {sentence}", page.page, entry.section);
        }
    }
}

#[test]
fn what_no_page_has_a_word_on_is_silent_or_a_fact_of_tls() {
    for clause in Clause::all().filter(|clause| clause.entry().page.is_empty()) {
        assert!(clause.entry().kind == Kind::Silent || clause.id() == "protocol.must-match", "{clause}");
    }
}

#[test]
fn an_effect_of_leaving_is_decided_by_a_clause_that_decides_something() {
    for way in LEAVING {
        for clause in [way.callback, way.mark, way.counter, way.reference] {
            assert_ne!(clause.entry().kind, Kind::Background, "{}: {clause}", way.way);
        }
    }
}

#[test]
fn pages_that_differ_by_edition_differ_on_record() {
    let prints = |edition| -> Vec<Fingerprint> {
        let recorded = recorded();
        let page = recorded.iter().find(|page| page.page == "SSL_CTX_add_session" && page.edition == edition);
        page.expect("a seed").lines.iter().flat_map(|line| line.fingerprints.clone()).collect()
    };
    assert_eq!(prints(Edition::V0_9_8), prints(Edition::V1_0_1));
    assert_eq!(prints(Edition::V3_0), prints(Edition::V3_3));
    assert_ne!(prints(Edition::V1_0_1), prints(Edition::V3_0));
}

/// An invented page in every form that the pages are found in.
const POD: &str = "\
=pod

=head1 NAME

door_open, door_shut - move a door

=head1 SYNOPSIS

 #include <house/door.h>

 int door_open(DOOR *d);

=head1 DESCRIPTION

door_open() opens the door B<d>, if
I<nobody> holds it (see L<door_hold(3)|door_hold(3)>).
door_shut() shuts a half-open
door.

=head1 NOTES

The following states are known:

=over 4

=item DOOR_AJAR

The door is ajar. A cat passes, i.e. a small one.

=item DOOR_OPEN

Anybody passes.

=back

=head1 RETURN VALUES

The following values are returned:

=over 4

=item Z<>0

The door's lock held; E<lt>d> did not move.

=item Z<>1

The door moved.

=back

=head1 SEE ALSO

L<house(7)>, L<door_hold(3)>

=cut
";

const ROFF: &str = r#".de Sp
..
.ds L" ""
.TH DOOR_OPEN 3HOUSE "2021-02-03" "3.0.9" "House"
.SH "NAME"
door_open, door_shut \- move a door
.SH "SYNOPSIS"
.IX Header "SYNOPSIS"
.Vb 1
\& int door_open(DOOR *d);
.Ve
.SH "DESCRIPTION"
\&\fBdoor_open()\fR opens the door \fBd\fR, if \fInobody\fR holds it (see \fBdoor_hold\fR\|(3)).
door_shut() shuts a half\-open door.
.SH "NOTES"
The following states are known:
.IP "\s-1DOOR_AJAR\s0" 4
.IX Item "DOOR_AJAR"
The door is ajar. A cat passes, i.e. a small one.
.IP "\s-1DOOR_OPEN\s0" 4
Anybody passes.
.SH "RETURN VALUES"
The following values are returned:
.IP "0" 4
The door's lock held; <d> did not move.
.IP "1" 4
The door moved.
.SH "SEE ALSO"
\&\fBhouse\fR\|(7)
"#;

const TERMINAL: &str = "\
DOOR_OPEN(3HOUSE)            OpenHouse            DOOR_OPEN(3HOUSE)

N\u{8}NA\u{8}AM\u{8}ME\u{8}E
       door_open, door_shut - move a door

SYNOPSIS
        int door_open(DOOR *d);

DESCRIPTION
       door_open() opens the door d, if nobody holds it (see door_hold(3)).
       door_shut() shuts a half-
       open door.

NOTES
       The following states are known:

       DOOR_AJAR
           The door is ajar. A cat passes, i.e. a small one.

       DOOR_OPEN
           Anybody passes.

RETURN VALUES
       The following values are returned:

       0   The door's lock held; <d> did not move.

       1   The door moved.

SEE ALSO
       house(7), door_hold(3)

3.0.9                          2021-02-03          DOOR_OPEN(3HOUSE)
";

const PDF: &str = "\
Full credit to whoever printed this!

`$ man door_open.3house`

NAME

`door_open`, `door_shut` - move a door

SYNOPSIS

```
int door_open(DOOR *d);
```

DESCRIPTION

`door_open()` opens the door `d`, if nobody holds

it (see `door_hold(3house)`). `door_shut()` shuts a half-open door.

NOTES

The following states are known:

DOOR_AJAR

The door is ajar. A cat passes,

i.e. a small one.

`DOOR_OPEN`

Anybody passes.

RETURN VALUES

The following values are returned:

0

The door’s lock held; d did not move.

1

The door moved.

SEE ALSO

`house(7)`

3.0.9 2021-02`DOOR_OPEN(3house)`";

const ONE_LINE: &str = "\
door_open(3) [man page]
DOOR_OPEN(3) House DOOR_OPEN(3) NAME
door_open, door_shut - move a door SYNOPSIS
int door_open(DOOR *d); DESCRIPTION
door_open() opens the door d, if nobody holds it (see door_hold(3)). door_shut() shuts a half-open door. NOTES
The following states are known: DOOR_AJAR The door is ajar. A cat passes, i.e. a small one. DOOR_OPEN Anybody passes. \
RETURN VALUES
The following values are returned: 0 The door's lock held; <d> did not move. 1 The door moved. SEE ALSO
house(7), door_hold(3) 3.0.9 2021-02-03 DOOR_OPEN(3)";

const WITHOUT_HEADINGS: &str = "\
Scroll to navigation

door_open, door_shut - move a door

 #include <house/door.h>
 int door_open(DOOR *d);

door_open() opens the door d, if nobody holds it (see door_hold(3)). door_shut() shuts a half-open door.

The following states are known:

The door is ajar. A cat passes, i.e. a small one.
Anybody passes.

The following values are returned:

The door's lock held; <d> did not move.
The door moved.

house(7), door_hold(3)

Copyright 2021 The Carpenters. All doors reserved.

2021-02-03 3.0.9";

fn one(text: &str) -> Page {
    let mut pages = read(text);
    assert_eq!(pages.len(), 1, "one page in {text}");
    pages.remove(0)
}

fn prints(page: &Page) -> Vec<Fingerprint> {
    page.sentences.iter().map(|sentence| sentence.fingerprint).collect()
}

#[test]
fn a_sentence_has_the_same_fingerprint_in_every_form() {
    let pod = one(POD);
    assert_eq!(pod.sentences.len(), 9);
    for form in [ROFF, TERMINAL, PDF, ONE_LINE, WITHOUT_HEADINGS] {
        let page = one(form);
        assert_eq!(page.names, ["door_open", "door_shut"]);
        let texts: Vec<&str> = page.sentences.iter().map(|sentence| sentence.text.as_str()).collect();
        assert_eq!(prints(&page), prints(&pod), "{texts:#?}");
    }
}

#[test]
fn a_sentence_is_known_to_its_section_where_the_form_has_headings() {
    let sections = |text| one(text).sentences.iter().map(|sentence| sentence.section.clone()).collect::<Vec<_>>();
    for form in [ROFF, TERMINAL, PDF, ONE_LINE] {
        assert_eq!(sections(form), sections(POD));
    }
    assert_eq!(sections(POD)[0], "DESCRIPTION");
    assert_eq!(sections(WITHOUT_HEADINGS), [""; 9]);
}

#[test]
fn the_edition_is_told_by_the_foot_or_the_title_and_is_else_unknown() {
    for form in [ROFF, TERMINAL, PDF, ONE_LINE, WITHOUT_HEADINGS] {
        assert_eq!(one(form).edition(), Some(Edition::V3_0));
    }
    assert_eq!(one(POD).edition(), None);
}

#[test]
fn two_editions_in_one_text_are_two_pages() {
    let older = ONE_LINE.replace("3.0.9", "0.9.8");
    let editions: Vec<_> = read(&format!("{older}\n{ONE_LINE}")).iter().map(Page::edition).collect();
    assert_eq!(editions, [Some(Edition::V0_9_8), Some(Edition::V3_0)]);
}

#[test]
fn a_changed_sentence_is_another() {
    let changed = one(&POD.replace("The door moved.", "The door may have moved."));
    let (changed, pod) = (prints(&changed), prints(&one(POD)));
    assert_eq!(changed[..8], pod[..8]);
    assert_ne!(changed[8], pod[8]);
}

fn compared(text: &str) -> Comparison {
    compare("copy.txt".as_ref(), &one(text), &recorded())
}

/// Compares with the page of [`POD`], as if it were on record.
fn compared_with_pod(text: &str) -> Comparison {
    let file = draft(&one(POD)).replace('?', "add.adds").leak();
    compare("copy.txt".as_ref(), &one(text), &[Recorded::parse(Edition::V3_0, "door_open", file)])
}

#[test]
fn a_copy_in_another_form_agrees_with_the_page_on_record() {
    for form in [POD, ROFF, TERMINAL, PDF, ONE_LINE, WITHOUT_HEADINGS] {
        let comparison = compared_with_pod(form);
        assert!(comparison.agrees() && comparison.matched == 9, "{comparison}");
    }
}

#[test]
fn a_sentence_left_out_is_missing_and_one_put_in_is_unknown() {
    let comparison = compared_with_pod(&TERMINAL.replace("The door is ajar.", "The door stands wide."));
    assert_eq!(
        comparison.to_string().lines().map(|line| line.split("  ").skip(1).collect()).collect::<Vec<Vec<_>>>()[1..],
        [
            vec!["unknown", &comparison.unknown[0].fingerprint.to_string(), "The door stands wide."],
            vec!["missing", "NOTES 2 (add.adds)"],
        ]
    );
    assert_eq!((comparison.matched, comparison.moved.len()), (8, 0));
}

#[test]
fn a_sentence_in_another_place_has_moved() {
    let moved = |text: &str| {
        let comparison = compared_with_pod(text);
        assert_eq!((comparison.matched, comparison.unknown.len(), comparison.missing.len()), (9, 0, 0));
        comparison.moved.into_iter().map(|moved| moved.sentence.text).collect::<Vec<_>>()
    };
    let earlier = POD.replace("=item DOOR_OPEN\n\nAnybody passes.\n", "");
    let earlier = earlier.replace("The following states are known:", "Anybody passes. The following states are known:");
    assert_eq!(moved(&earlier), ["Anybody passes."]);
    assert_eq!(moved(&POD.replace("=head1 NOTES\n", "").replace("=head1 RETURN VALUES", "=head1 NOTES")).len(), 7);
}

#[test]
fn a_page_that_is_not_on_record_is_said_to_be_so() {
    let comparison = compared(POD);
    assert_eq!((comparison.edition, comparison.unknown.len()), (None, 9));
    assert_eq!(comparison.to_string(), "copy.txt: door_open of an unknown release: not a page on record\n");
}

#[test]
fn a_copy_with_other_sentences_misses_all_those_on_record() {
    let comparison = compared(&TERMINAL.replace("door_open, door_shut", "SSL_SESSION_is_resumable"));
    assert_eq!(comparison.edition, Some(Edition::V3_0));
    assert!(comparison.is_own_edition && !comparison.agrees());
    assert_eq!((comparison.matched, comparison.unknown.len(), comparison.missing.len()), (0, 9, 4));
    let head = "copy.txt: SSL_SESSION_is_resumable 3.0.9, against 3.0: 0 matched, 0 moved, 9 unknown, 4 missing\n";
    assert!(comparison.to_string().starts_with(head), "{comparison}");
}

#[test]
fn what_a_draft_does_not_know_is_left_to_a_reader() {
    let draft = draft(&one(POD));
    assert_eq!(draft.lines().count(), 9);
    assert!(draft.lines().all(|line| line.ends_with("  ?")), "{draft}");
}

#[test]
fn a_folder_without_copies_is_an_error() {
    let folder = std::env::temp_dir().join(format!("sesscheck-no-copies-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files can be written");
    let error = compare_all(&folder).expect_err("nothing to compare");
    std::fs::remove_dir(&folder).expect("made above, and empty");
    assert!(matches!(error, CopyError::Empty { .. }), "{error}");
}

#[test]
fn the_table_has_every_clause_once() {
    let inventory = inventory();
    assert_eq!(inventory.rows.iter().map(|row| row.clauses.len()).sum::<usize>(), Clause::COUNT);
    let table = inventory.to_string();
    for clause in Clause::all() {
        let lines = table.lines().filter(|line| line.split_whitespace().next() == Some(clause.id())).count();
        assert_eq!(lines, 1, "{clause}");
    }
}

#[test]
fn every_rule_is_cited_by_the_manual() {
    let rules = Clause::all().filter(|clause| clause.entry().kind == Kind::Rule);
    let not_cited = rules.filter(|clause| sesscheck::evidence::cited(*clause).is_empty()).map(Clause::id);
    // That two names are one function is the driver's to do.
    assert_eq!(not_cited.collect::<Vec<_>>(), ["synonyms"]);
    let boundary = Clause::by_id("flush.boundary").expect("it is a clause");
    assert_eq!(sesscheck::evidence::cited(boundary), ["flush_sessions.rs: is_expired_at"]);
}

#[test]
fn the_evidence_of_a_clause_is_what_the_run_showed() {
    use sesscheck::{evidence::Evidence, render};
    let mut files = suite::embedded().expect("the built-in scenarios are read");
    files.retain(|file| file.path == "scenarios/flush_sessions/last-second.yaml");
    assert_eq!(files.len(), 1);
    let evidence = Evidence::gather(&files).expect("faults are subjects");
    let row = |id: &str| evidence.clauses.iter().find(|row| row.clause == id).expect("it is a clause");
    let boundary = row("flush.boundary");
    assert_eq!(boundary.bite, ["scenarios/flush_sessions/last-second.yaml"]);
    assert!(boundary.died.iter().any(|fault| fault == "flush.boundary"), "{:?}", boundary.died);
    // Nothing of it is looked up, so no fault of a lookup shows.
    let hits = row("hits.server-retrieved");
    assert!(hits.bite.is_empty() && hits.died.is_empty() && !hits.survive.is_empty(), "{hits:?}");
    let text = render::evidence(&evidence);
    assert!(text.contains("flush.boundary                       rule          1 cite, 1 scenarios bite"), "{text}");
}

#[test]
fn scenarios_execute_every_rule_of_the_manual() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let figures = Figures::gather(&files, 1, &[]);
    assert_eq!(figures.rules_not_executed, Vec::<String>::new());
    assert_eq!(figures.clauses_not_executed, Vec::<String>::new());
    assert_eq!(figures.pairs_reached, figures.pairs_by_scenarios);
}

#[test]
fn a_pair_is_reached_when_one_trace_executes_both_clauses() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let reached = |paths: &[&str]| {
        let mut reached = Reached::default();
        for path in paths {
            let file = files.iter().find(|file| file.path.ends_with(path)).expect("there is this scenario");
            file.claims_about().for_each(|profile| reached.trace(&file.scenario.trace, &profile));
        }
        reached
    };
    let count = |reached: &Reached| Clause::all().filter(|clause| reached.executed(*clause)).count() as u64;
    let [removed, flushed] = [["add_session/remove-takes-the-session-out.yaml"], ["flush_sessions/last-second.yaml"]];
    let (one, other) = (reached(&removed), reached(&flushed));
    for alone in [&one, &other] {
        assert!(count(alone) > 3);
        assert_eq!(alone.pairs(), count(alone) * (count(alone) - 1) / 2);
    }
    let both = reached(&[removed, flushed].concat());
    assert!(both.together(FLUSH_BOUNDARY, FLUSH_BOUNDARY) && both.executed(REMOVE_REMOVES));
    assert!(!both.together(FLUSH_BOUNDARY, REMOVE_REMOVES));
    assert!(both.pairs() < one.pairs() + other.pairs() + count(&one) * count(&other));
}

#[test]
fn what_random_traces_reach_is_counted_with_what_scenarios_do() {
    let figures = Figures::gather(&[], 1, &[(Lane::Direct, 2)]);
    assert_eq!((figures.scenarios, figures.pairs_by_scenarios), (0, 0));
    assert!(figures.pairs_reached > 0 && figures.pairs_reached < figures.pairs, "{figures}");
    assert_eq!(figures, Figures::gather(&[], 1, &[(Lane::Direct, 2)]));
    assert_eq!(serde_json::from_str::<Figures>(&figures.json()).expect("it reads back"), figures);
    assert!(figures.to_string().starts_with("0 scenarios; random traces: direct:2, seed 1\n"), "{figures}");
}
