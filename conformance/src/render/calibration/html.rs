//! A calibration as one page that needs nothing else: no network, no script.

use maud::{Markup, html as markup};

use super::{about, difference, percent, sum, verdict};
use crate::render::page::{LINE, anchor, page, scroll};
use crate::simulate::calibration::{Calibrated, Calibration};

/// The style of the page, beside that of all pages.
const STYLE: &str = include_str!("calibration.css");

/// The picture of a case reaches so many times as far as it may be off, to each side.
const REACH: f64 = 3.0;
/// Half of its width, and how high it is.
const HALF: f64 = 110.0;
const HEIGHT: f64 = 18.0;
/// How much room there is beyond the reach, for what is further off.
const BEYOND: f64 = 10.0;

/// A calibration as a page of HTML.
#[must_use]
pub fn html(calibration: &Calibration) -> String {
    let body = markup! {
        h1 { "Calibration of the simulator" } (LINE)
        p { strong { (sum(calibration)) "." } " Seed " (calibration.seed) "." } (LINE)
        p.about { (about()) } (LINE)
        p.about {
            "In the pictures, what was simulated is in the middle, the band is how far off it may be, the point is the \
             formula, and crosses are planted mistakes; those at an edge are further off."
        }
        (LINE)
        p { "Again: " code { (calibration.again) } } (LINE)
        h2 #cases { "Cases" } (LINE)
        (scroll("Cases", &table(&calibration.cases)))
        h2 { "One by one" } (LINE)
        @for case in &calibration.cases { (section(case)) }
    };
    page("Calibration of the simulator", STYLE, ("#cases", "To the cases"), &body)
}

fn table(cases: &[Calibrated]) -> Markup {
    let heads = ["Connections", "Predicted", "Simulated", "Difference", "Allowed"];
    markup! {
        table {
            thead {
                tr {
                    th scope="col" { "Case" }
                    @for head in heads { th.number scope="col" { (head) } }
                    th scope="col" { "How far off" }
                    th scope="col" { "Verdict" }
                }
            }
            tbody {
                @for case in cases {
                    tr {
                        th scope="row" { a href={ "#" (anchor("case", case.name)) } { (case.name) } }
                        td.number { (case.connections) }
                        td.number { (percent(case.predicted)) }
                        td.number { (percent(case.simulated)) }
                        td.number { (difference(case)) }
                        td.number { (percent(case.allowed)) }
                        td { (picture(case)) }
                        td class=(if case.is_well() { "well" } else { "wrong" }) { (verdict(case)) }
                    }
                    (LINE)
                }
            }
        }
    }
}

fn section(case: &Calibrated) -> Markup {
    markup! {
        section id=(anchor("case", case.name)) {
            h3 { (case.name) }
            p { (case.about) "." }
            dl {
                dt { "Formula" } dd { code { (case.formula) } }
                dt { "Source" } dd { (case.source) }
                dt { "Standard error" } dd { (percent(case.standard_error)) }
                dt { "Of the formula itself" } dd {
                    @if case.bound > 0.0 { "at most " (percent(case.bound)) } @else { "none: it is exact" }
                }
                @for planted in &case.planted {
                    dt { (percent(planted.predicted)) }
                    dd { (planted.what) ": " @if planted.noticed { "noticed" } @else { strong { "not noticed" } } }
                }
            }
            details { summary { "Workload" } pre { code { (case.workload) } } }
        }
        (LINE)
    }
}

/// How far the formula and the planted mistakes are from what was simulated.
fn picture(case: &Calibrated) -> Markup {
    let wide = HALF + BEYOND;
    let band = HALF / REACH;
    let places = case.planted.iter().map(|planted| place(case, planted.predicted));
    let words = format!("{} from what is predicted, of {} that are allowed", difference(case), percent(case.allowed));
    markup! {
        svg viewBox=(format!("{} 0 {} {HEIGHT}", -wide, 2.0 * wide)) role="img" aria-label=(words) {
            rect.band x=(-band) y="1" width=(2.0 * band) height=(HEIGHT - 2.0) {}
            line.middle x1="0" x2="0" y1="0" y2=(HEIGHT) {}
            @for x in places {
                path.planted d=(format!("M{:.1} {:.1}l8 8m0 -8l-8 8", x - 4.0, HEIGHT / 2.0 - 4.0)) {}
            }
            circle.formula cx=(format!("{:.1}", place(case, case.predicted))) cy=(HEIGHT / 2.0) r="4" {}
        }
    }
}

/// Where a prediction is drawn.
fn place(case: &Calibrated, predicted: f64) -> f64 {
    let off = (predicted - case.simulated) / case.allowed * HALF / REACH;
    off.clamp(-HALF - BEYOND / 2.0, HALF + BEYOND / 2.0)
}
