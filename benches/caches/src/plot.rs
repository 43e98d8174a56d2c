//! Plots of figures as SVG, on logarithmic scales. Not here: the page around them.

use maud::{Markup, html};

use crate::peer::Subject;
use crate::rounds::Line;
use crate::series::Series;
use crate::table::with_unit;

/// A logarithmic scale from a span of figures to one of pixels.
#[derive(Clone, Copy)]
struct Scale {
    figures: [f64; 2],
    pixels: [f64; 2],
}

impl Scale {
    fn at(self, figure: f64) -> f64 {
        let [least, most] = self.figures;
        let [from, to] = self.pixels;
        let part = if most > least { (figure.max(least) / least).ln() / (most / least).ln() } else { 0.5 };
        from + part * (to - from)
    }

    /// The powers of ten in it.
    fn tens(self) -> impl Iterator<Item = f64> {
        let [least, most] = self.figures;
        let exponents = least.log10().ceil() as i32..=most.log10().floor() as i32;
        exponents.map(|exponent| 10f64.powi(exponent))
    }
}

/// The least and the most of those that have a logarithm.
fn span(figures: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let figures = figures.filter(|figure| figure.is_finite() && *figure > 0.0);
    figures.fold(None, |span, figure| match span {
        None => Some([figure; 2]),
        Some([least, most]) => Some([figure.min(least), figure.max(most)]),
    })
}

/// With one decimal, as coordinates are written.
fn px(at: f64) -> String {
    format!("{at:.1}")
}

const OURS: &str = "#1a7f4b";
const OTHERS: [&str; 9] =
    ["#d1495b", "#c77700", "#8a5a9e", "#b08fc0", "#2a6fdb", "#7a5230", "#4f9aa8", "#93a832", "#5f6b76"];
const PLAIN: &str = "#222222";

fn colour(subjects: &[Subject], n: usize) -> &'static str {
    match (n, subjects[n].name) {
        (0, _) | (_, "ours, no lock") => OURS,
        (_, "hash map") => PLAIN,
        _ => OTHERS[n % OTHERS.len()],
    }
}

const BAR: usize = 20;

/// A bar for each subject: its figure, and a line from the least to the most of its rounds.
pub(crate) fn bars(subjects: &[Subject], line: &Line) -> Markup {
    let Some([least, most]) = span(line.figures.iter().flatten().flatten().copied()) else { return html! {} };
    // Room to the left of the least, so that every bar is seen.
    let scale = Scale { figures: [least / 1.4, most], pixels: [110.0, 400.0] };
    let taking_part: Vec<usize> = (0..subjects.len()).filter(|n| line.figure(*n).is_some()).collect();
    html! {
        svg width="520" height=(BAR * taking_part.len()) role="img" {
            @for (row, n) in taking_part.iter().enumerate() {
                @let figure = line.figure(*n).unwrap_or(least);
                @let rounds = line.figures[*n].iter().flatten().copied();
                @let [from, to] = span(rounds).unwrap_or([figure; 2]);
                @let (end, top) = (scale.at(figure), row * BAR);
                text x="104" y=(top + 14) text-anchor="end" { (subjects[*n].name) }
                rect x="110" y=(top + 3) width=(px(end - 110.0)) height="14" fill=(colour(subjects, *n)) opacity="0.75" {}
                path d={ "M" (px(scale.at(from))) " " (top + 10) "H" (px(scale.at(to))) } stroke="#111" {}
                text x=(px(scale.at(to).max(end) + 6.0)) y=(top + 14) { (with_unit(figure, line.measure.unit())) }
            }
        }
    }
}

const WIDTH: f64 = 470.0;
const HEIGHT: f64 = 300.0;
/// How far apart names at the ends of lines are at least.
const NAMES: f64 = 14.0;

/// A line for each subject, from point to point, with its name at the end.
pub(crate) fn lines(subjects: &[Subject], series: &Series<'_>) -> Markup {
    let rows = series.rows(subjects);
    let figures = rows.iter().flat_map(|row| row.cells.iter().flatten().map(|(figure, _)| *figure));
    let Some([least, most]) = span(figures) else { return html! {} };
    let y = Scale { figures: [least / 1.3, most * 1.3], pixels: [HEIGHT - 30.0, 10.0] };
    let step = 290.0 / series.points.len().saturating_sub(1).max(1) as f64;
    let x = |point: usize| 50.0 + step * point as f64;
    let points = |row: &crate::series::Row| -> Vec<[f64; 2]> {
        let there = row.cells.iter().enumerate().filter_map(|(n, cell)| cell.map(|(figure, _)| [x(n), y.at(figure)]));
        there.collect()
    };
    let ends: Vec<f64> = rows.iter().map(|row| points(row).last().map_or(0.0, |[_, y]| *y)).collect();
    let names = spread(&ends, NAMES, HEIGHT - 30.0);
    html! {
        svg width=(WIDTH) height=(HEIGHT) role="img" {
            @for ten in y.tens() {
                path d={ "M50 " (px(y.at(ten))) "H" (px(x(series.points.len() - 1))) } stroke="#e1e4e8" {}
                text x="44" y=(px(y.at(ten) + 4.0)) text-anchor="end" { (short_axis(ten)) }
            }
            @for (n, (caption, _)) in series.points.iter().enumerate() {
                text x=(px(x(n))) y=(HEIGHT - 10.0) text-anchor="middle" { (caption) }
            }
            @for (row, name) in rows.iter().zip(&names) {
                @let path: Vec<String> = points(row).iter().map(|[x, y]| format!("{x:.1} {y:.1}")).collect();
                @let [end_x, end_y] = *points(row).last().unwrap_or(&[0.0; 2]);
                @let (stroke, own) = (colour(subjects, row.subject), row.subject == 0);
                @let dashes = match subjects[row.subject].name { "hash map" => "5 3", "ours, no lock" => "2 3", _ => "none" };
                path d={ "M" (path.join("L")) } fill="none" stroke=(stroke) stroke-dasharray=(dashes)
                    stroke-width=(if own { "2.5" } else { "1.4" }) {}
                @for [x, y] in points(row) { circle cx=(px(x)) cy=(px(y)) r=(if own { "3" } else { "2" }) fill=(stroke) {} }
                path d={ "M" (px(end_x + 4.0)) " " (px(end_y)) "L" (px(end_x + 16.0)) " " (px(*name)) } stroke=(stroke)
                    stroke-width="0.6" {}
                text x=(px(end_x + 20.0)) y=(px(name + 4.0)) style={ "fill:" (stroke) } { (subjects[row.subject].name) }
            }
        }
    }
}

/// A power of ten of nanoseconds.
fn short_axis(nanos: f64) -> String {
    match nanos {
        1e9.. => format!("{:.0} s", nanos / 1e9),
        1e6.. => format!("{:.0} ms", nanos / 1e6),
        1e3.. => format!("{:.0} µs", nanos / 1e3),
        _ => format!("{nanos:.0} ns"),
    }
}

/// Places as near as may be to those that are wanted, so far apart at least, and none past the end.
fn spread(wanted: &[f64], apart: f64, end: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut places = wanted.to_vec();
    for two in order.windows(2) {
        places[two[1]] = places[two[1]].max(places[two[0]] + apart);
    }
    let mut free = end;
    for n in order.into_iter().rev() {
        places[n] = places[n].min(free);
        free = places[n] - apart;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Says;
    use crate::series::tests::{line, subjects};

    #[test]
    fn names_keep_their_order_and_their_distance() {
        assert_eq!(spread(&[10.0, 11.0, 90.0], 14.0, 100.0), [10.0, 24.0, 90.0]);
        assert_eq!(spread(&[99.0, 98.0, 10.0], 14.0, 100.0), [100.0, 86.0, 10.0]);
    }

    #[test]
    fn a_logarithmic_scale_has_as_much_room_for_each_power_of_ten() {
        let scale = Scale { figures: [1.0, 1000.0], pixels: [0.0, 300.0] };
        assert_eq!([1.0, 10.0, 100.0, 1000.0].map(|figure| scale.at(figure).round()), [0.0, 100.0, 200.0, 300.0]);
        assert_eq!(scale.tens().collect::<Vec<_>>(), [1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn figures_that_nobody_has_leave_no_plot() {
        assert_eq!(bars(&subjects(), &line("hit", &[None, None])).into_string(), "");
    }

    #[test]
    fn who_takes_no_part_has_neither_bar_nor_line() {
        let (one, two) = (line("hit", &[Some(1.0), None]), line("hit", &[Some(9.0), None]));
        let bars = bars(&subjects(), &one).into_string();
        let series = Series { name: "hit", points: vec![("1 k", &one), ("10 k", &two)], says: Says::Growth };
        let lines = lines(&subjects(), &series).into_string();
        assert!(bars.contains("session-cache") && !bars.contains("hash map"));
        assert!(lines.contains("session-cache") && !lines.contains("hash map") && !lines.contains("NaN"));
    }
}
