//! What is printed: the table of ratios, and that of a series.

use std::fmt::Write as _;

use crate::peer::{Less, Subject};
use crate::rounds::Line;
use crate::series::{Says, Series};

/// How long the name of a workload may be.
pub const NAME: usize = 40;

/// The first line: whose figures the columns are, with letters for what they do less.
#[must_use]
pub fn head(subjects: &[Subject]) -> String {
    let mut out = format!("{:<NAME$}", "");
    for subject in subjects {
        let _ = write!(out, " {:>13}", subject.name);
    }
    let _ = write!(out, "\n{:<NAME$}", "");
    for subject in subjects {
        let _ = write!(out, " {:>13}", letters(subject));
    }
    out
}

/// The letters of what a subject does less.
#[must_use]
pub fn letters(subject: &Subject) -> String {
    let letters = Less::ALL.iter().filter(|less| subject.less.contains(less)).map(|less| less.letter());
    letters.map(String::from).collect::<Vec<_>>().join(" ")
}

/// One workload: our figure with its unit, and for the others how many times ours they take.
#[must_use]
pub fn line(line: &Line) -> String {
    let mut out = format!("{:<NAME$}", line.workload);
    for n in 0..line.figures.len() {
        let _ = write!(out, " {:>13}", cell(line, n).unwrap_or_else(|| "-".to_owned()));
    }
    for remark in &line.remarks {
        let _ = write!(out, "\n  ! {remark}");
    }
    out
}

/// One figure of a line, as it is shown.
pub(crate) fn cell(line: &Line, n: usize) -> Option<String> {
    match n {
        0 => line.figure(0).map(|figure| with_unit(figure, line.measure.unit())),
        _ => line.ratio(n).map(|[_, ratio, _]| format!("{} x", short(ratio))),
    }
}

/// A series: a row for each subject that takes part.
#[must_use]
pub fn series(series: &Series<'_>, subjects: &[Subject]) -> String {
    let mut out = format!("{:<NAME$}", series.name);
    for (caption, line) in &series.points {
        let _ = write!(out, " {:>18}", format!("{caption}, {}", line.measure.unit()));
    }
    out.push_str(if series.says == Says::Growth { "   of hash map's\n" } else { "\n" });
    for row in series.rows(subjects) {
        let _ = write!(out, "  {:<1$}", subjects[row.subject].name, NAME - 2);
        for cell in &row.cells {
            let figure = cell.map_or("-".to_owned(), |(figure, _)| short(figure));
            let times = cell.and_then(|(_, times)| times).map(|times| format!("{} x", short(times)));
            let _ = write!(out, " {figure:>8} {:>9}", times.unwrap_or_default());
        }
        let beside = row.beside.map(|beside| format!("{} x", short(beside)));
        let _ = write!(out, " {:>16}", beside.unwrap_or_default());
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    series.remarks().for_each(|remark| out.push_str(&format!("  ! {remark}\n")));
    out
}

/// A figure and its unit; a long time in a larger one.
#[must_use]
pub fn with_unit(figure: f64, unit: &str) -> String {
    match figure {
        9_999.5.. if unit == "ns" && figure < 999_500.0 => format!("{} µs", short(figure / 1e3)),
        9_999.5.. if unit == "ns" => format!("{} ms", short(figure / 1e6)),
        _ => format!("{} {unit}", short(figure)),
    }
}

/// What is to be known of two peers.
pub(crate) const TOLD: &str = "Where there is no limit, quick_cache and rustls are told beforehand how many come.";

/// What the letters stand for.
#[must_use]
pub fn legend() -> String {
    let mut out = String::from("The first column is ours; the others are how many times that they take.\n");
    let _ = writeln!(out, "{TOLD}");
    for less in Less::ALL {
        let _ = writeln!(out, "  {}  {}", less.letter(), less.meaning());
    }
    out
}

/// Three digits.
#[must_use]
pub fn short(figure: f64) -> String {
    match figure.abs() {
        0.0..9.995 => format!("{figure:.2}"),
        0.0..99.95 => format!("{figure:.1}"),
        0.0..9999.5 => format!("{figure:.0}"),
        // In groups: a ratio of 50,000 is one of the things to see.
        _ => {
            let digits = format!("{figure:.0}");
            let group = |(n, digit): (usize, char)| {
                let comma = n > 0 && (digits.len() - n).is_multiple_of(3);
                comma.then_some(',').into_iter().chain([digit])
            };
            digits.chars().enumerate().flat_map(group).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::tests::{line as made, subjects};

    #[test]
    fn figures_have_three_digits_and_large_ones_are_in_groups() {
        let shown = [0.0, 0.123, 9.99, 10.0, 99.94, 99.96, 9999.0, 12_345.6, 1_234_567.0].map(short);
        assert_eq!(shown, ["0.00", "0.12", "9.99", "10.0", "99.9", "100", "9999", "12,346", "1,234,567"]);
    }

    #[test]
    fn a_long_time_has_a_larger_unit() {
        let shown = [50.0, 9_999.0, 10_000.0, 999_000.0, 9_150_000.0].map(|figure| with_unit(figure, "ns"));
        assert_eq!(shown, ["50.0 ns", "9999 ns", "10.0 µs", "999 µs", "9.15 ms"]);
        assert_eq!(with_unit(12_000.0, "B"), "12,000 B");
    }

    #[test]
    fn a_line_has_our_figure_and_ratios_for_the_others() {
        let text = line(&made("hit", &[Some(50.0), Some(125.0), None]));
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["hit", "50.0", "ns", "2.50", "x", "-"]);
    }

    #[test]
    fn remarks_stand_below_the_line() {
        let with = Line { remarks: vec!["libssl was gone".to_owned()], ..made("hit", &[Some(1.0)]) };
        assert!(line(&with).ends_with("\n  ! libssl was gone"));
    }

    #[test]
    fn a_series_shows_figures_their_growth_and_the_hash_map_beside() {
        let (small, large) = (made("hit", &[Some(10.0), Some(20.0)]), made("hit", &[Some(30.0), None]));
        let of = Series { name: "growth, hit", points: vec![("1 k", &small), ("1 M", &large)], says: Says::Growth };
        let text = series(&of, &subjects());
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[1], ["session-cache", "10.0", "30.0", "3.00", "x"]);
        assert_eq!(rows[2], ["hash", "map", "20.0", "-"]);
    }

    #[test]
    fn the_head_stands_above_the_columns() {
        let (head, line) = (head(&subjects()), line(&made("hit", &[Some(1.0), Some(2.0)])));
        assert!(head.lines().all(|row| row.len() == line.len()));
    }
}
