//! The table and its plots as one HTML page that needs nothing beside it.

use std::fmt::Write as _;

use crate::peer::{Less, Subject};
use crate::rounds::Line;
use crate::table::{letters, short};

/// The page.
#[must_use]
pub fn page(subjects: &[Subject], lines: &[Line], note: &str) -> String {
    let mut out = String::from(HEAD);
    let _ = write!(out, "<p>{}</p>", escaped(note));
    table(&mut out, subjects, lines);
    for line in lines {
        plot(&mut out, subjects, line);
    }
    out.push_str("</html>\n");
    out
}

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Session caches side by side</title>
<style>body{font:14px sans-serif;margin:2em;max-width:90em}table{border-collapse:collapse}td,th{padding:.2em .6em;\
text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}.good{color:#06662a}\
.bad{color:#a11}text{font:12px sans-serif}</style>
<h1>Session caches side by side</h1>
<p>Ours as a median; the others as how many times that they take, the median of the rounds. Above 1 ours takes less.\
</p>\n";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn table(out: &mut String, subjects: &[Subject], lines: &[Line]) {
    out.push_str("<table><tr><th>");
    for subject in subjects {
        let _ = write!(out, "<th>{}<br><small>{}</small>", subject.name, letters(subject));
    }
    for line in lines {
        let _ = write!(out, "<tr><td>{}", escaped(line.workload));
        for n in 0..subjects.len() {
            match (n, line.figure(n), line.ratio(n)) {
                (0, Some(figure), _) => {
                    let _ = write!(out, "<td>{} {}", short(figure / line.unit.0), line.unit.1);
                }
                (_, _, Some([least, ratio, most])) => {
                    let class = if ratio < 1.0 { "bad" } else { "good" };
                    let span = format!("{} to {}", short(least), short(most));
                    let _ = write!(out, "<td class=\"{class}\" title=\"{span}\">{}", short(ratio));
                }
                _ => out.push_str("<td>&ndash;"),
            }
        }
    }
    out.push_str("</table><p>");
    for less in Less::ALL {
        let _ = write!(out, "<b>{}</b> {}; ", less.letter(), less.meaning());
    }
    out.push_str("</p>\n");
}

const BAR: usize = 20;
const WIDTH: f64 = 600.0;

/// A bar for each subject on a logarithmic scale: the median of its figures, and a line from the least to the most.
fn plot(out: &mut String, subjects: &[Subject], line: &Line) {
    let all = || line.figures.iter().flatten().flatten().copied().filter(|figure| *figure > 0.0);
    let (least, most) = all().fold((f64::MAX, f64::MIN), |(least, most), figure| (least.min(figure), most.max(figure)));
    if least > most {
        return;
    }
    let (low, span) = (least.ln() - 0.3, (most / least).ln() + 0.6);
    let x = |figure: f64| 130.0 + (figure.max(least).ln() - low) / span * WIDTH;
    let height = BAR * subjects.len();
    let _ =
        write!(out, "<h2>{}</h2><svg width=\"{}\" height=\"{height}\">", escaped(line.workload), WIDTH as usize + 240);
    for (n, subject) in subjects.iter().enumerate() {
        let (Some(figure), Some(figures)) = (line.figure(n), &line.figures[n]) else { continue };
        let (top, middle) = (n * BAR + 3, n * BAR + BAR / 2);
        let fill = if n < 1 { "#2a7" } else { "#89b" };
        let from = figures.iter().copied().fold(f64::MAX, f64::min);
        let to = figures.iter().copied().fold(f64::MIN, f64::max);
        let _ = write!(
            out,
            "<text x=\"0\" y=\"{y}\">{}</text><rect x=\"130\" y=\"{top}\" width=\"{:.1}\" height=\"14\" \
             fill=\"{fill}\"/><path d=\"M{:.1} {middle}H{:.1}\" stroke=\"#222\"/><text x=\"{:.1}\" y=\"{y}\">{} {}\
             </text>",
            subject.name,
            x(figure) - 130.0,
            x(from),
            x(to),
            x(to) + 6.0,
            short(figure / line.unit.0),
            line.unit.1,
            y = top + 11,
        );
    }
    out.push_str("</svg>\n");
}
