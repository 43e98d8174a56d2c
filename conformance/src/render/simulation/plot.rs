//! Plots over virtual time as SVG: steps, since a figure is of a whole stretch, on one axis of time, with what happened
//! as marks through all of them. Not here: which figures are drawn, and colours, which are classes of the style.

use maud::{Markup, html};

use super::words::{RARE, short, time};
use crate::render::page::{LINE, scroll};
use crate::simulate::answers::Answers;

const WIDTH: f64 = 1040.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 22.0;
const HEIGHT: f64 = 150.0;
const BOTTOM: f64 = 24.0;
/// How wide a letter of a label is, about.
const LETTER: f64 = 6.4;
/// How many rows of labels there are above the first plot.
const ROWS: usize = 5;
const ROW: f64 = 17.0;

/// What is drawn over time.
pub(super) struct Plot {
    /// What it is called.
    pub(super) title: String,
    /// What is to be read in it, in a sentence or two.
    pub(super) about: String,
    /// What the numbers at the left are.
    pub(super) unit: &'static str,
    /// How they rise.
    pub(super) scale: Scale,
    /// The lines or areas, the first at the bottom.
    pub(super) layers: Vec<Layer>,
}

impl Plot {
    /// A plot of rates in a second, told by the hour where all of them are small.
    pub(super) fn of_rates(mut self) -> Self {
        let points = self.layers.iter().flat_map(|layer| &layer.points);
        let most = points.flatten().copied().fold(0.0, f64::max);
        let rare = most > 0.0 && most < RARE;
        self.unit = if rare { "an hour" } else { "a second" };
        if rare {
            let points = self.layers.iter_mut().flat_map(|layer| &mut layer.points);
            points.flatten().for_each(|point| *point *= 3600.0);
        }
        self
    }
}

/// How figures become heights.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Lines from 0 to 100 per cent.
    Share,
    /// Lines from 0 to the most.
    Lines,
    /// Areas on top of each other.
    Stacked,
    /// Lines, each power of ten as high as any other.
    Log,
}

/// A line or an area.
pub(super) struct Layer {
    /// What it is called.
    pub(super) name: String,
    /// The class of its colour.
    pub(super) class: String,
    /// What the legend says beside the name; empty: nothing.
    pub(super) told: String,
    /// A figure for each stretch; none where there is nothing to say.
    pub(super) points: Vec<Option<f64>>,
}

/// The axis of time: where each stretch begins and ends, and what happened.
pub(super) struct Axis {
    /// The end of the run, in microseconds.
    ran: u64,
    /// The borders of the stretches, one more than there are stretches.
    borders: Vec<u64>,
    /// Marks, with numbers that begin at 1; those that are too near each other are one.
    marks: Vec<Mark>,
    /// Stretches of time that are out of the ordinary.
    spells: Vec<(u64, u64, String)>,
}

struct Mark {
    x: f64,
    numbers: (usize, usize),
    words: String,
}

impl Axis {
    pub(super) fn of(answers: &Answers) -> Self {
        let borders = answers.series.iter().map(|stretch| stretch.from).chain([answers.ran]).collect();
        let spells = answers.facts.spells.iter().filter(|spell| spell.from < answers.ran);
        let spells = spells.map(|spell| (spell.from, spell.to.min(answers.ran), spell.what.clone())).collect();
        let mut axis = Self { ran: answers.ran.max(1), borders, marks: Vec::new(), spells };
        for (n, happening) in answers.happenings.iter().enumerate() {
            let (x, number) = (axis.x(happening.at), n + 1);
            match axis.marks.last_mut() {
                Some(last) if x - last.x < 16.0 => last.numbers.1 = number,
                _ => axis.marks.push(Mark { x, numbers: (number, number), words: happening.what.clone() }),
            }
        }
        axis
    }

    /// Whether there is anything that the strip above the plots would say.
    pub(super) fn is_eventful(&self) -> bool {
        !self.marks.is_empty() || !self.spells.is_empty()
    }

    fn x(&self, at: u64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (at.min(self.ran) as f64 / self.ran as f64)
    }

    /// Moments with a label below them: at most nine, a round length apart.
    fn ticks(&self) -> impl Iterator<Item = u64> {
        let step = STEPS.into_iter().find(|step| self.ran / step <= 8).unwrap_or(self.ran);
        (0..=self.ran / step).map(move |n| n * step)
    }
}

const SECOND: u64 = 1_000_000;
const HOUR: u64 = 3600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// Lengths of time between two labels.
const STEPS: [u64; 31] = [
    100,
    1000,
    5000,
    10_000,
    50_000,
    100_000,
    200_000,
    500_000,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    60 * SECOND,
    120 * SECOND,
    300 * SECOND,
    600 * SECOND,
    1800 * SECOND,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
    182 * DAY,
    365 * DAY,
];

/// With one decimal, and none where it is 0, as coordinates are written.
fn px(at: f64) -> String {
    let text = format!("{at:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), ToOwned::to_owned)
}

/// Heights from figures.
struct Heights {
    scale: Scale,
    top: f64,
}

impl Heights {
    fn of(plot: &Plot) -> Self {
        let figures = || plot.layers.iter().flat_map(|layer| layer.points.iter().flatten().copied());
        let most = match plot.scale {
            Scale::Share => 1.0,
            Scale::Lines | Scale::Log => figures().fold(0.0, f64::max),
            Scale::Stacked => sums(&plot.layers).into_iter().fold(0.0, f64::max),
        };
        let top = match plot.scale {
            Scale::Share => 1.0,
            Scale::Log => 10f64.powf(most.max(10.0).log10().ceil()),
            _ if most > 0.0 => step(most) * (most / step(most)).ceil(),
            _ => 1.0,
        };
        Self { scale: plot.scale, top }
    }

    /// The place of a figure, from the top.
    fn y(&self, figure: f64) -> f64 {
        let part = match self.scale {
            // Half of one is where nothing is.
            Scale::Log => (figure.max(0.5) / 0.5).ln() / (self.top / 0.5).ln(),
            _ => figure / self.top,
        };
        TOP + HEIGHT * (1.0 - part.clamp(0.0, 1.0))
    }

    /// Figures with a label at the left.
    fn ticks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Share => vec![0.0, 0.25, 0.5, 0.75, 1.0],
            Scale::Log => {
                let powers = self.top.log10().round() as i32;
                let every = 1 + powers / 5;
                let tens = (0..=powers).filter(|power| power % every == 0).map(|power| 10f64.powi(power));
                [0.0].into_iter().chain(tens).collect()
            }
            _ => {
                let step = step(self.top);
                (0..=(self.top / step).round() as u32).map(|n| step * f64::from(n)).collect()
            }
        }
    }

    fn label(&self, figure: f64) -> String {
        if self.scale == Scale::Share { format!("{:.0} %", 100.0 * figure) } else { short(figure) }
    }
}

/// The distance of labels up to this: 1, 2 or 5 times a power of ten, of which five are enough.
fn step(most: f64) -> f64 {
    let power = 10f64.powf((most / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|times| most / (power * times) <= 5.0 + 1e-9);
    power * step.unwrap_or(10.0)
}

/// What all layers come to, stretch by stretch.
fn sums(layers: &[Layer]) -> Vec<f64> {
    let stretches = layers.iter().map(|layer| layer.points.len()).max().unwrap_or_default();
    let at = |n: usize| layers.iter().filter_map(|layer| layer.points.get(n).copied().flatten()).sum();
    (0..stretches).map(at).collect()
}

/// A plot with its title, its legend and what it is about.
pub(super) fn figure(axis: &Axis, plot: &Plot) -> Markup {
    html! {
        figure.plot {
            figcaption { h3 { (plot.title) } p { (plot.about) } }
            (legend(plot))
            (scroll(&plot.title, &drawn(axis, plot)))
        }
        (LINE)
    }
}

fn legend(plot: &Plot) -> Markup {
    // Areas are named from the top, as they lie.
    let named: Vec<&Layer> = match plot.scale {
        Scale::Stacked => plot.layers.iter().rev().collect(),
        _ => plot.layers.iter().collect(),
    };
    html! {
        ul.keys {
            @for layer in named {
                li {
                    span class={ "key " (layer.class) } {}
                    (layer.name)
                    @if !layer.told.is_empty() { " " b { (layer.told) } }
                }
            }
        }
    }
}

fn drawn(axis: &Axis, plot: &Plot) -> Markup {
    let heights = Heights::of(plot);
    let (height, ground) = (TOP + HEIGHT + BOTTOM, TOP + HEIGHT);
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label={ (plot.title) ": " (plot.about) } {
            (LINE)
            @for (from, to, _) in &axis.spells {
                rect.spell x=(px(axis.x(*from))) y=(TOP) width=(px((axis.x(*to) - axis.x(*from)).max(1.0))) height=(HEIGHT) {}
            }
            @for tick in heights.ticks() {
                line.grid x1=(LEFT) y1=(px(heights.y(tick))) x2=(WIDTH - RIGHT) y2=(px(heights.y(tick))) {}
                text.tick x=(LEFT - 6.0) y=(px(heights.y(tick) + 4.0)) text-anchor="end" { (heights.label(tick)) }
            }
            text.tick x="2" y="12" { (plot.unit) }
            (LINE)
            @if plot.scale == Scale::Stacked { (areas(axis, plot, &heights)) } @else { (lines(axis, plot, &heights)) }
            line.axis x1=(LEFT) y1=(ground) x2=(WIDTH - RIGHT) y2=(ground) {}
            (times(axis, ground))
            @for mark in &axis.marks {
                line.mark x1=(px(mark.x)) y1=(TOP - 4.0) x2=(px(mark.x)) y2=(ground) {}
                text.tick x=(px(mark.x)) y=(TOP - 8.0) text-anchor="middle" { (numbers(mark)) }
            }
            (LINE)
        }
    }
}

fn times(axis: &Axis, ground: f64) -> Markup {
    html! {
        @for tick in axis.ticks() {
            @let x = axis.x(tick);
            // The last label stays on the picture.
            @let anchor = if x > WIDTH - RIGHT - 24.0 { "end" } else { "middle" };
            line.axis x1=(px(x)) y1=(ground) x2=(px(x)) y2=(ground + 4.0) {}
            text.tick x=(px(x)) y=(ground + 17.0) text-anchor=(anchor) { (if tick == 0 { "0".to_owned() } else { time(tick) }) }
        }
        (LINE)
    }
}

fn numbers(mark: &Mark) -> String {
    match mark.numbers {
        (one, other) if one == other => one.to_string(),
        (one, other) => format!("{one}–{other}"),
    }
}

/// A line of steps for each layer, interrupted where there is no figure.
fn lines(axis: &Axis, plot: &Plot, heights: &Heights) -> Markup {
    let path = |layer: &Layer| {
        let (mut path, mut drawing) = (String::new(), false);
        for (n, point) in layer.points.iter().enumerate() {
            let Some(figure) = point else {
                drawing = false;
                continue;
            };
            let (from, to) = (axis.x(axis.borders[n]), axis.x(axis.borders[n + 1]));
            let y = px(heights.y(*figure));
            match drawing {
                true => path.push_str(&format!("V{y}H{}", px(to))),
                false => path.push_str(&format!("M{} {y}H{}", px(from), px(to))),
            }
            drawing = true;
        }
        path
    };
    html! {
        // The first, which matters most, is drawn last.
        @for layer in plot.layers.iter().rev() { path class={ "line " (layer.class) } d=(path(layer)) {} (LINE) }
    }
}

/// An area of steps for each layer, on those below.
fn areas(axis: &Axis, plot: &Plot, heights: &Heights) -> Markup {
    let stretches = axis.borders.len() - 1;
    let mut below = vec![0.0; stretches];
    let mut paths = Vec::new();
    for layer in &plot.layers {
        let above: Vec<f64> = (0..stretches).map(|n| below[n] + layer.points[n].unwrap_or_default()).collect();
        paths.push((&layer.class, area(axis, heights, &below, &above)));
        below = above;
    }
    html! { @for (class, path) in paths { path class={ "area " (class) } d=(path) {} (LINE) } }
}

fn area(axis: &Axis, heights: &Heights, below: &[f64], above: &[f64]) -> String {
    let x = |border: usize| px(axis.x(axis.borders[border]));
    let mut path = format!("M{} {}", x(0), px(heights.y(below[0])));
    for (n, figure) in above.iter().enumerate() {
        path.push_str(&format!("V{}H{}", px(heights.y(*figure)), x(n + 1)));
    }
    for (n, figure) in below.iter().enumerate().rev() {
        path.push_str(&format!("V{}H{}", px(heights.y(*figure)), x(n)));
    }
    path + "Z"
}

/// The strip above the plots: what happened, in words, as far as there is room for them.
pub(super) fn strip(axis: &Axis) -> Markup {
    let spells = axis.spells.iter().map(|(from, to, what)| (axis.x(*from), axis.x(*to), cut(what)));
    let marks = axis.marks.iter().map(|mark| (mark.x, mark.x, format!("{} {}", numbers(mark), cut(&mark.words))));
    let labels: Vec<_> = spells.chain(marks).collect();
    let places = places(&labels);
    let rows = places.iter().flatten().map(|(row, _)| row + 1).max().unwrap_or(1);
    let height = ROW * rows as f64 + 8.0;
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (px(height)) } role="img" aria-label="What happened, over time; it is in the list below as well" {
            @for ((from, to, words), place) in labels.iter().zip(&places) {
                @if to > from { rect.spell x=(px(*from)) y="0" width=(px((to - from).max(1.0))) height=(px(height)) {} }
                @else { line.mark x1=(px(*from)) y1="0" x2=(px(*from)) y2=(px(height)) {} }
                @if let Some((row, left)) = place {
                    text.label x=(px(*left)) y=(px(ROW * (*row as f64) + 14.0)) { (words) }
                }
            }
        }
        (LINE)
    }
}

/// Not longer than a label may be.
fn cut(words: &str) -> String {
    if words.chars().count() <= 32 { words.to_owned() } else { words.chars().take(31).chain(['…']).collect() }
}

/// A row and a place for each label, or none: in the first row in which no other is in its way, beside its mark.
fn places(labels: &[(f64, f64, String)]) -> Vec<Option<(usize, f64)>> {
    let mut taken: Vec<(usize, f64, f64)> = Vec::new();
    let place = |(from, _, words): &(f64, f64, String)| {
        let wide = LETTER * words.chars().count() as f64 + 8.0;
        // At the right end a label stands before its mark.
        let left = if from + 4.0 + wide > WIDTH { from - wide } else { from + 4.0 };
        let free = |row: &usize| taken.iter().all(|(of, l, r)| of != row || left + wide <= *l || *r <= left);
        let row = (0..ROWS).find(free)?;
        taken.push((row, left, left + wide));
        Some((row, left))
    };
    labels.iter().map(place).collect()
}

/// Bars beside each other, each with a name below and a number above.
pub(super) fn columns(title: &str, bars: &[(String, u64)]) -> Markup {
    let most = bars.iter().map(|(_, number)| *number).max().unwrap_or_default().max(1);
    let (wide, high) = (64.0, 120.0);
    let width = wide * bars.len() as f64 + 20.0;
    let svg = html! {
        svg.columns width=(width) height=(high + 44.0) viewBox={ "0 0 " (width) " " (high + 44.0) } role="img" aria-label=(title) {
            @for (n, (name, number)) in bars.iter().enumerate() {
                @let x = 10.0 + wide * n as f64;
                @let tall = high * *number as f64 / most as f64;
                rect.area.c1 x=(px(x + 6.0)) y=(px(18.0 + high - tall)) width=(px(wide - 12.0)) height=(px(tall)) {}
                text.tick x=(px(x + wide / 2.0)) y=(px(14.0 + high - tall)) text-anchor="middle" { (short(*number as f64)) }
                text.tick x=(px(x + wide / 2.0)) y=(px(high + 34.0)) text-anchor="middle" { (name) }
            }
            line.axis x1="10" y1=(px(18.0 + high)) x2=(px(width - 10.0)) y2=(px(18.0 + high)) {}
        }
    };
    scroll(title, &svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_a_round_distance_apart_and_few() {
        for most in [0.3, 1.0, 7.0, 10.0, 11.0, 20_480.0, 1e6] {
            let distance = step(most);
            assert!(most / distance <= 5.0 + 1e-9, "{most}: {distance}");
            assert!(
                [1.0, 2.0, 5.0]
                    .iter()
                    .any(|digit| (distance / 10f64.powf(distance.log10().floor()) - digit).abs() < 1e-9)
            );
        }
    }

    #[test]
    fn labels_that_would_lie_on_each_other_lie_in_rows_or_not_at_all() {
        let label = |x: f64| (x, x, "restart".to_owned());
        assert_eq!(places(&[label(100.0), label(500.0)]), [Some((0, 104.0)), Some((0, 504.0))]);
        assert_eq!(places(&[label(100.0), label(110.0)]), [Some((0, 104.0)), Some((1, 114.0))]);
        let crowd: Vec<_> = (0..9).map(|n| label(100.0 + f64::from(n))).collect();
        assert_eq!(places(&crowd).iter().flatten().count(), ROWS);
        let (_, left) = places(&[label(WIDTH - 5.0)])[0].expect("there is room");
        assert!(left + LETTER * 7.0 < WIDTH);
    }

    #[test]
    fn on_a_logarithmic_scale_nothing_is_at_the_ground_and_ten_times_as_much_as_far_up_anywhere() {
        let heights = Heights { scale: Scale::Log, top: 1000.0 };
        assert!((heights.y(0.0) - (TOP + HEIGHT)).abs() < 1e-9 && (heights.y(1000.0) - TOP).abs() < 1e-9);
        let up = |figure: f64| heights.y(figure) - heights.y(figure * 10.0);
        assert!((up(1.0) - up(10.0)).abs() < 1e-9 && (up(10.0) - up(100.0)).abs() < 1e-9);
    }
}
