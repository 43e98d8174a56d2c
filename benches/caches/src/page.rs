//! The tables and their plots as one HTML page that needs nothing beside it. Not here: the plots (`plot`).

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::peer::{Less, Subject};
use crate::plot;
use crate::rounds::Line;
use crate::series::{self, Says, Series};
use crate::table::{TOLD, cell, letters, short};

const STYLE: &str = "
body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;padding:0 1.5em;max-width:96em;color:#1b1f23}
h1{font-size:1.6em}h2{font-size:1.25em;margin:2.2em 0 .4em}h3{font-size:1em;margin:1.4em 0 .3em}
p{max-width:60em;margin:.4em 0}.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;white-space:nowrap}
td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #e1e4e8}th{font-weight:600;vertical-align:bottom}
td:first-child,th:first-child{text-align:left;position:sticky;left:0;background:#fff}
tr:hover td{background:#f6f8fa}small{color:#6a737d;font-weight:400}.worse{color:#a40e26}.better{color:#0b6b2e}
.remark{color:#a40e26}.plots{display:flex;flex-wrap:wrap;gap:1em 3em}figure{margin:0}
figcaption{font-weight:600;margin:.8em 0 .2em}svg text{font:12px system-ui,sans-serif;fill:#1b1f23}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1em;margin:.6em 0}dt{font-weight:600}dd{margin:0}
";

/// The page: the lines of the table, and the series that were measured for themselves.
#[must_use]
pub fn page(subjects: &[Subject], lines: &[Line], growth: &[Series<'_>], note: &str) -> String {
    let drawn = series::ALL.iter().filter_map(|drawn| Some((drawn.about, drawn.series(lines)?)));
    let drawn: Vec<(&str, Series<'_>)> = drawn.collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { "Session caches side by side" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Session caches side by side" }
                @for line in note.lines() { p { (line) } }
                @if !lines.is_empty() { (side_by_side(subjects, lines)) }
                @for group in drawn.chunk_by(|(one, _), (other, _)| one == other) {
                    h2 { (capital(group[0].1.name.split(',').next().unwrap_or_default())) }
                    p { (group[0].0) }
                    div.plots {
                        @for (_, series) in group {
                            figure.wide {
                                @if group.len() > 1 { figcaption { (series.name) } }
                                (rows(series, subjects))
                            }
                        }
                    }
                }
                @if !growth.is_empty() { (growths(subjects, growth)) }
                @if !lines.is_empty() {
                    h2 { "Workload by workload" }
                    p { "Medians on logarithmic scales, each with a line from the least to the most of the rounds. Of \
                         the longest calls it is the least that counts." }
                    div.plots {
                        @for line in lines {
                            figure { figcaption { (line.workload) } (plot::bars(subjects, line)) }
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// As a heading begins.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn side_by_side(subjects: &[Subject], lines: &[Line]) -> Markup {
    html! {
        h2 { "The table" }
        p {
            "The first column is ours; the others are how many times that they take, the median of the rounds, but of \
             the longest calls the least. What is above 1 takes longer, or more bytes, than ours. Letters say what a \
             cache does less than it is asked to. " (TOLD)
        }
        div.wide {
            table {
                tr { th {} @for subject in subjects { th { (subject.name) br; small { (letters(subject)) "\u{a0}" } } } }
                @for line in lines {
                    tr {
                        td { (line.workload) }
                        @for n in 0..subjects.len() { (ratio(line, n)) }
                    }
                    @for remark in &line.remarks { tr { td.remark colspan=(subjects.len() + 1) { (remark) } } }
                }
            }
        }
        dl { @for less in Less::ALL { dt { (less.letter()) } dd { (less.meaning()) } } }
    }
}

fn ratio(line: &Line, n: usize) -> Markup {
    let Some(text) = cell(line, n) else { return html! { td { "–" } } };
    match line.ratio(n) {
        Some([least, ratio, most]) if n > 0 => {
            let class = if ratio < 1.0 { "worse" } else { "better" };
            html! { td class=(class) title={ (short(least)) " to " (short(most)) } { (text) } }
        }
        _ => html! { td { (text) } },
    }
}

fn growths(subjects: &[Subject], growth: &[Series<'_>]) -> Markup {
    html! {
        h2 { "Growth" }
        p {
            "Nanoseconds an op in caches of more and more sessions, and how many times those of the smallest that is. \
             No cache is flat, since the larger it is, the less of it the processor has at hand; the last column says \
             how many times as much it grew as the plain hash map, and in the plots that is the dashed line. Both \
             axes are logarithmic: what walks through all sessions goes up by a power of ten from size to size."
        }
        @for series in growth {
            h3 { (series.name) }
            div.plots { (plot::lines(subjects, series)) div.wide { (rows(series, subjects)) } }
        }
    }
}

fn rows(series: &Series<'_>, subjects: &[Subject]) -> Markup {
    html! {
        table {
            tr {
                th {}
                @for (caption, line) in &series.points { th { (caption) br; small { (line.measure.unit()) } } th {} }
                @if series.says == Says::Growth { th { "of the" br; "hash map's" } }
            }
            @for row in series.rows(subjects) {
                tr {
                    td { (subjects[row.subject].name) }
                    @for cell in &row.cells {
                        td { @match cell { Some((figure, _)) => (short(*figure)), None => "–" } }
                        td { @if let Some((_, Some(times))) = cell { small { (short(*times)) " x" } } }
                    }
                    @if series.says == Says::Growth {
                        td { @if let Some(beside) = row.beside { (short(beside)) " x" } }
                    }
                }
            }
        }
        @for remark in series.remarks() { p.remark { (remark) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::tests::{line, subjects};

    fn of(lines: &[Line], growth: &[Series<'_>], note: &str) -> String {
        page(&subjects(), lines, growth, note)
    }

    #[test]
    fn what_is_not_ours_is_escaped() {
        let page = of(&[line("a < b & \"c\"", &[Some(1.0), Some(2.0)])], &[], "<script>alert(1)</script>");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script"));
        assert!(page.contains("a &lt; b &amp; &quot;c&quot;") && !page.contains("a < b"));
    }

    #[test]
    fn it_needs_nothing_beside_it() {
        let (small, large) = (line("hit", &[Some(1.0), Some(2.0)]), line("hit", &[Some(2.0), Some(5.0)]));
        let growth = [Series { name: "hit", points: vec![("1 k", &small), ("1 M", &large)], says: Says::Growth }];
        let page = of(&[line("hit", &[Some(1.0), None])], &growth, "");
        for outside in ["http:", "https:", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<svg").count(), 2);
    }

    #[test]
    fn a_ratio_below_one_is_where_a_peer_is_better() {
        let page = of(&[line("hit", &[Some(2.0), Some(1.0)])], &[], "");
        assert!(page.contains("<td class=\"worse\" title=\"0.50 to 0.50\">0.50 x</td>"));
    }
}
