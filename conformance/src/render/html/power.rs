//! How many of the known faults the main job finds, engine by engine, and which it misses.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::gate::{MISSED, Record};
use crate::render::page::{LINE, scroll};

/// The table of a record; `this_run`: the report is of the very run that was measured.
pub(super) fn power(record: &Record, this_run: bool) -> Markup {
    let finds = record.finds();
    let of = finds.faults;
    let share = finds.share();
    let (first, seeds) = record.seeds;
    let lanes: Vec<_> = record.lanes.iter().map(|(lane, count)| format!("{count} of {lane}")).collect();
    let engines = [
        ("scenarios", finds.scenarios, "under any seed".to_owned()),
        ("random traces, beyond those", finds.always, format!("under each of {seeds} seeds")),
        ("random traces, now and then", finds.sometimes.len(), format!("under some of {seeds} seeds")),
        ("all together", finds.scenarios + finds.always, format!("each under {share} % of all seeds, 95 % sure")),
    ];
    let table = html! {
        table {
            caption { "Known faults that are found" }
            thead {
                tr {
                    th scope="col" { "Engine" } th.number scope="col" { "Found" } th.number scope="col" { "Of" }
                    th scope="col" { "How surely" }
                }
            }
            tbody {
                @for (engine, found, surely) in &engines {
                    tr { th scope="row" { (engine) } td.number { (found) } td.number { (of) } td { (surely) } } (LINE)
                }
            }
        }
    };
    html! {
        h2 #power { "What such a run finds" } (LINE)
        p {
            "The main job was measured beforehand on a zoo of " (of) " known faults: all scenarios, then random traces ("
            (lanes.join(", ")) "), under " (seeds) " seeds from " (first) " on. "
            @if this_run { "This run was that one." } @else { "This run was another one." }
        }
        (scroll("Known faults that are found", &table))
        @if finds.never.is_empty() { p { "Missed: none." } }
        @for missed in &finds.never {
            p {
                "Missed: " code { (missed) }
                @for (_, why) in MISSED.iter().filter(|(fault, _)| fault == missed) { ": " (why) }
            }
        }
        details {
            summary { (finds.always + finds.sometimes.len()) " faults that random traces alone find" }
            (scroll("Faults that random traces alone find", &at_random(record)))
        }
        (LINE)
    }
}

fn at_random(record: &Record) -> Markup {
    html! {
        table {
            caption { "Faults that random traces alone find, and the lanes in which they came up" }
            thead { tr { th scope="col" { "Fault" } th.number scope="col" { "Seeds" } th scope="col" { "Lanes" } } }
            tbody {
                @for (fault, hits) in record.random.iter().filter(|(_, hits)| hits.iter().any(Option::is_some)) {
                    tr {
                        th scope="row" { (fault) }
                        td.number { (hits.iter().flatten().count()) " of " (hits.len()) }
                        td { (lanes(hits)) }
                    }
                    (LINE)
                }
            }
        }
    }
}

/// The lanes of what was found, with how often.
fn lanes(hits: &[Option<String>]) -> String {
    let mut lanes: BTreeMap<&str, usize> = BTreeMap::new();
    for origin in hits.iter().flatten() {
        let lane = origin.split("--lane ").nth(1).and_then(|rest| rest.split(' ').next());
        *lanes.entry(lane.unwrap_or("?")).or_default() += 1;
    }
    lanes.into_iter().map(|(lane, times)| format!("{lane} {times}")).collect::<Vec<_>>().join(", ")
}
