//! The forms of a calibration, of numbers that are made up.

use super::*;
use crate::simulate::calibration::{Planted, SCHEMA};

fn case(name: &'static str, simulated: f64, noticed: bool) -> Calibrated {
    Calibrated {
        name,
        about: "somebody comes <now> & then",
        formula: "H/(1+H)",
        source: "somebody 1900",
        workload: "workload: \"it\"\nlasts: 1s\n".to_owned(),
        connections: 60_000,
        predicted: 0.5,
        simulated,
        standard_error: 0.001,
        bound: 0.0,
        allowed: 0.004,
        holds: (simulated - 0.5_f64).abs() <= 0.004,
        planted: vec![Planted { what: "a second more", predicted: 0.9, noticed }],
    }
}

fn of(cases: Vec<Calibrated>) -> Calibration {
    Calibration { schema: SCHEMA, again: "sesscheck calibrate --seed 1".to_owned(), seed: 1, times: 1, cases }
}

#[test]
fn a_case_that_does_not_hold_is_said_so_in_every_form() {
    let wrong = of(vec![case("right", 0.501, true), case("wrong", 0.51, true)]);
    assert_eq!(wrong.status(), 1);
    let [text, markdown, html] = [text(&wrong), markdown(&wrong), html(&wrong)];
    for form in [&text, &markdown, &html] {
        assert!(form.contains("1 of 2 cases hold; 2 of 2 planted mistakes are noticed"), "{form}");
        assert_eq!(form.matches("DOES NOT HOLD").count(), 1, "{form}");
        assert!(form.contains("+1.00 %") && form.contains("sesscheck calibrate --seed 1"), "{form}");
    }
    assert!(html.contains("&lt;now&gt; &amp; then") && !html.contains("<now>"));
    assert!(json(&wrong).starts_with("{\n  \"schema\": \"sesscheck-calibration-1\""));
}

#[test]
fn a_mistake_that_goes_unnoticed_is_wrong_too() {
    let blind = of(vec![case("blind", 0.5, false)]);
    assert_eq!(blind.status(), 1);
    assert!(text(&blind).contains("NOT NOTICED") && text(&blind).contains("holds, as would a mistake"));
    assert_eq!(of(vec![case("right", 0.5, true)]).status(), 0);
}

#[test]
fn a_page_is_within_100_columns() {
    let long = text(&of(vec![case("right", 0.501, true)]));
    assert!(long.lines().all(|line| line.chars().count() <= 100), "{long}");
}
