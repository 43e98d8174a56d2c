//! A sweep side by side: a row for each setting, as text, CSV and one page. The first row is the workload as it is; what
//! others have more or less is told against it.

use std::fmt::Write as _;

use maud::{Markup, html as markup};

use super::csv;
use super::html::{STYLE, table};
use super::plot::{Axis, Layer, Plot, Scale, figure};
use super::words::{bytes, checked, date, grouped, percent, time, verdict};
use crate::render::page::{LINE, count, page};
use crate::simulate::answers::{Answers, Cache, Handshakes, Outside, Stretch};
use crate::simulate::sweep::{Run, Swept};

/// The most lines in a plot.
const LINES: usize = 12;

/// The most seeds that are listed.
const SEEDS: usize = 6;

/// What of a run stands side by side, with how it is called.
const HEADS: [&str; 9] = [
    "hit rate",
    "of all",
    "sessions",
    "tables, about",
    "missed: expired",
    "dropped",
    "largest flush",
    "look, ours",
    "look, 1.1.1",
];

fn cells(answers: &Answers) -> [String; 9] {
    let (of, peaks) = (&answers.of_clients(), &answers.peaks);
    [
        percent(of.rate_of_proposed()),
        percent(of.rate_of_all()),
        grouped(peaks.sessions.most),
        if peaks.bytes.most > 0 { bytes(peaks.bytes.most) } else { "–".to_owned() },
        grouped(of.miss_expired),
        grouped(of.miss_dropped),
        grouped(peaks.flush.most),
        grouped(peaks.looked_at[0].most),
        grouped(peaks.looked_at[1].most),
    ]
}

/// A sweep as text, within 100 columns: what all runs have in common, and a line for each.
///
/// # Panics
///
/// Never: it writes to memory.
#[must_use]
pub fn sweep_text(swept: &Swept) -> String {
    let mut out = String::new();
    let mut put = |line: String| writeln!(out, "{}", line.trim_end()).expect("memory");
    for run in &swept.settings {
        for breach in &run.answers.checked.found {
            put(format!("{}: {}", run.setting, breach.headline));
            put(format!("  at {} of virtual time\n{}", time(breach.at), breach.told));
        }
    }
    if let Some(Run { answers, .. }) = swept.settings.first() {
        let facts = &answers.facts;
        put(format!("workload    {}", facts.workload));
        put(format!("cache       {}", facts.cache()));
        put(format!("ran         {} each from {}, {}", time(facts.lasts), date(facts.clock), seeds(swept)));
    }
    put(format!("again       {}", swept.again));
    put(String::new());
    put(format!(
        "{:<28}{:>9}{:>9}{:>10}{:>11}{:>11}{:>11}{:>10}",
        "setting", "hit rate", "of all", "sessions", "expired", "dropped", "flush", "look"
    ));
    for run in &swept.settings {
        let [proposed, all, sessions, _, expired, dropped, flush, ours, _] = cells(&run.answers);
        let name = lines_of(&run.setting, 27);
        put(format!(
            "{:<28}{proposed:>9}{all:>9}{sessions:>10}{expired:>11}{dropped:>11}{flush:>11}{ours:>10}",
            name[0]
        ));
        name[1..].iter().for_each(|more| put(format!("  {more}")));
    }
    let clients = if swept.settings.iter().any(|run| run.answers.facts.attackers > 0) { " by clients" } else { "" };
    put(format!(
        "\nhit rate: of what was proposed{clients}; sessions, flush and look at most; expired and dropped: misses for it"
    ));
    for run in &swept.settings {
        put(format!("{}: {}; model {}", run.setting, verdict(&run.answers), checked(&run.answers)));
    }
    super::plain(&out)
}

/// The seed of all runs, or those that they have.
fn seeds(swept: &Swept) -> String {
    match swept.seeds().as_slice() {
        several if several.len() > SEEDS => format!("{} seeds", several.len()),
        [one] => format!("seed {one}"),
        several => format!("seeds {}", several.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// A setting in lines of at most so many letters, broken where a value ends.
fn lines_of(setting: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for part in setting.split_inclusive(", ") {
        let last = lines.last_mut().expect("there is one");
        if !last.is_empty() && last.chars().count() + part.trim_end().chars().count() > most {
            lines.push(part.to_owned());
        } else {
            last.push_str(part);
        }
    }
    lines
}

/// A sweep as CSV: a row for each setting, with all that was counted.
#[must_use]
pub fn sweep_csv(swept: &Swept) -> String {
    let counts = [Handshakes::NAMES, Cache::NAMES, Outside::NAMES].concat();
    let peaks = [
        "sessions_most",
        "tables_bytes_about_most",
        "open_most",
        "flush_most",
        "looked_ours",
        "looked_1_1_1",
        "looked_3",
    ];
    let mut out = ["setting"].into_iter().chain(counts).chain(peaks).collect::<Vec<_>>().join(",") + "\n";
    for run in &swept.settings {
        let (of, peaks) = (&run.answers.counts, &run.answers.peaks);
        let counts = [of.handshakes.values(), of.cache.values(), of.external.values()].concat();
        let most = [peaks.sessions, peaks.bytes, peaks.open, peaks.flush].map(|peak| peak.most);
        let looked = peaks.looked_at.map(|peak| peak.most);
        let figures = counts.into_iter().chain(most).chain(looked).map(|figure| figure.to_string());
        let row: Vec<_> = [csv::field(&run.setting)].into_iter().chain(figures).collect();
        out.push_str(&(row.join(",") + "\n"));
    }
    out
}

/// A sweep as a page of HTML.
#[must_use]
pub fn sweep_html(swept: &Swept) -> String {
    let Some(first) = swept.settings.first() else {
        return page("A sweep", STYLE, ("#table", "To the table"), &markup! {});
    };
    let facts = &first.answers.facts;
    let found = swept.settings.iter().flat_map(|run| run.answers.checked.found.iter().map(move |breach| (run, breach)));
    let found: Vec<_> = found.collect();
    let title = format!("{}: {}", facts.workload, count(swept.settings.len(), "setting", "settings"));
    let same = swept.seeds().len() == 1;
    let comes =
        if same { "the same clients come at the same moments" } else { "with another seed, other clients come" };
    let body = markup! {
        h1 { (title) } (LINE)
        @if !facts.teaches.is_empty() { p.teaches { (facts.teaches) } (LINE) }
        @if found.is_empty() {
            div.verdict { p { "Every run went to its end." } }
        }
        @for (run, breach) in &found {
            div.verdict.red { p { strong { (run.setting) } ": " (breach.headline) } }
            pre { code { (breach.told) } }
        }
        dl {
            dt { "Cache" } dd { (facts.cache()) }
            dt { "Ran" } dd { (time(facts.lasts)) " each from " (date(facts.clock)) ", " (seeds(swept)) ": " (comes) }
            dt { "Model" } dd { (model(swept)) }
            dt { "Run again" } dd { code { (swept.again) } }
        }
        h2 #table { "Side by side" } (LINE)
        (side_by_side(swept))
        h2 { "Over time" } (LINE)
        @if swept.settings.len() > LINES {
            p { "Drawn are the first " (LINES) " of " (swept.settings.len()) " settings." } (LINE)
        }
        @let axis = Axis::of(&first.answers);
        @for plot in plots(swept) { (figure(&axis, &plot)) }
    };
    page(&title, STYLE, ("#table", "To the table"), &body)
}

/// What was checked in each run; said once where it is the same in all.
fn model(swept: &Swept) -> Markup {
    let told: Vec<String> = swept.settings.iter().map(|run| checked(&run.answers)).collect();
    markup! {
        @if told.windows(2).all(|two| two[0] == two[1]) {
            (told[0]) @if told.len() > 1 { ", in each run" }
        } @else {
            ul { @for (run, told) in swept.settings.iter().zip(&told) { li { (run.setting) ": " (told) } (LINE) } }
        }
    }
}

fn side_by_side(swept: &Swept) -> Markup {
    let rate = |run: &Run| run.answers.of_clients().rate_of_proposed();
    let best = swept.settings.iter().filter_map(rate).fold(0.0, f64::max);
    let is_best = |run: &Run| rate(run).is_some_and(|rate| rate >= best);
    let rows = markup! {
        @for run in &swept.settings {
            tr {
                th scope="row" { (run.setting) }
                @for (n, cell) in cells(&run.answers).iter().enumerate() {
                    td.number .best[n == 0 && is_best(run)] { (cell) }
                }
            }
            (LINE)
        }
    };
    let heads: Vec<&str> = ["Setting"].into_iter().chain(HEADS).collect();
    table(
        "Hit rates of clients; sessions, tables, flush and look at most; misses of clients for two causes",
        &heads,
        &rows,
    )
}

fn plots(swept: &Swept) -> Vec<Plot> {
    let plot = |title: &str, about: &str, unit, scale, of: &dyn Fn(&Stretch) -> Option<f64>| Plot {
        title: title.to_owned(),
        about: about.to_owned(),
        unit,
        scale,
        layers: layers(swept, of),
    };
    vec![
        plot("Hit rate", "Of what was proposed.", "", Scale::Share, &|one| one.clients.rate_of_proposed()),
        plot("Sessions", "The most in all internal caches in each stretch.", "sessions", Scale::Lines, &|one| {
            Some(one.sessions as f64)
        }),
        plot("Dropped for size", "Sessions that made room for others.", "a second", Scale::Lines, &|one| {
            Some(one.counts().cache.dropped as f64 * 1e6 / one.lasts() as f64)
        })
        .of_rates(),
        plot(
            "The longest look of one call",
            "The most sessions that one call had to look at, in the cache at hand.",
            "sessions",
            Scale::Log,
            &|one| Some(one.looked_at[0] as f64),
        ),
    ]
}

fn layers(swept: &Swept, of: &dyn Fn(&Stretch) -> Option<f64>) -> Vec<Layer> {
    // As many stretches as the first run has: one that ended early is drawn as far as it came.
    let stretches = swept.settings.first().map_or(0, |run| run.answers.series.len());
    let layer = |(n, run): (usize, &Run)| Layer {
        name: run.setting.clone(),
        class: if n == 0 { "c3 dashed".to_owned() } else { format!("c{}", [1, 4, 0, 5, 6, 2, 7, 8, 9, 10, 11][n - 1]) },
        told: percent(run.answers.of_clients().rate_of_proposed()),
        points: run.answers.series.iter().map(of).take(stretches).collect(),
    };
    swept.settings.iter().take(LINES).enumerate().map(layer).collect()
}
