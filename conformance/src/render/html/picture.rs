//! The cache over time, drawn: a row a session, with a bar for as long as it is in the cache, by the manual above and by
//! the subject below; once over the steps and once over the clock.
//!
//! What it says is in the table beside it as well.

use maud::{Markup, html};

use super::nothing;
use crate::course::{Beat, Call, Course, Resident, Showed};
use crate::render::page::{LINE, code};
use crate::report::Found;

/// Width of a step, in pixels.
const STEP: usize = 64;
/// Height of a session's row.
const ROW: usize = 34;
/// Height of a bar.
const BAR: usize = 12;
/// Height of what stands above the rows.
const HEAD: usize = 40;
/// Width of a letter of the labels.
const LETTER: usize = 8;
/// The longest label, in letters.
const LABEL: usize = 16;
/// Width of the clock's axis.
const AXIS: i128 = 420;

pub(super) fn picture(course: &Course, found: &Found, subject: &str, place: &str) -> Markup {
    let Some(last) = course.beats.last() else { return nothing() };
    let parted = &found.parted;
    let in_words = format!(
        "The cache over {} steps; at {} ({}) the manual rules: {}; seen of {subject}: {}.",
        course.beats.len(),
        parted.place,
        parted.op,
        parted.ruled,
        parted.seen
    );
    let callbacks = course.beats.iter().map(|beat| &beat.ruled).chain(&course.instead);
    let callbacks = callbacks.into_iter().any(|showed| !showed.callbacks.is_empty());
    html! {
        figure {
            figcaption {
                "Who is in the cache: upper bars by the manual, lower bars by " (subject) ". They part at "
                strong { (last.place) } ", " code { (last.op) } ": the manual rules: " (code(&parted.ruled)) "; seen: "
                (code(&parted.seen)) "."
                @if callbacks { " N, G and R: new, get and remove callback." }
                @if course.sessions.is_empty() { " No session is ever in it." }
                @match (&course.instead, &course.not_shown) {
                    (Some(_), _) => {}
                    (None, Some(why)) => { " What the subject did in that step could not be shown: " (code(why)) "." }
                    (None, None) => { " The subject did not get through that step." }
                }
                @if course.left_out > 0 {
                    " Not drawn: " (course.left_out) " earlier steps, and rounds in which nothing happens."
                }
                @if course.more_sessions > 0 { " Not drawn: " (course.more_sessions) " further sessions." }
            }
            (LINE)
            div.scroll role="region" aria-label={ "The cache, drawn, " (place) } tabindex="0" {
                (over_steps(course, &in_words))
                @if !course.sessions.is_empty() { (over_time(course)) }
            }
            (LINE)
        }
    }
}

/// The rows begin behind the longest label.
fn left(course: &Course) -> usize {
    let longest = course.sessions.iter().map(|name| name.chars().count().min(LABEL)).max().unwrap_or(0);
    12 + LETTER * longest.max(5)
}

/// A label that is not too long.
fn short(name: &str) -> String {
    match name.chars().count() {
        letters if letters > LABEL => name.chars().take(LABEL - 1).chain(['…']).collect(),
        _ => name.to_owned(),
    }
}

/// What the manual rules and what the subject did, of a step: all but the last are alike.
fn both<'c>(course: &'c Course, step: usize, beat: &'c Beat) -> [Option<&'c Showed>; 2] {
    let instead = if step + 1 == course.beats.len() { course.instead.as_ref() } else { Some(&beat.ruled) };
    [Some(&beat.ruled), instead]
}

fn over_steps(course: &Course, in_words: &str) -> Markup {
    let left = left(course);
    let steps = course.beats.len();
    let (width, bottom) = (left + STEP * steps + 20, HEAD + ROW * course.sessions.len().max(1));
    let height = bottom + 26;
    let parts = left + STEP * (steps - 1);
    html! {
        svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(in_words) {
            (LINE)
            rect.parting x=(parts) y="2" width=(STEP) height=(bottom - 2) {}
            text.word x=(parts + STEP / 2) y="16" text-anchor="middle" { "✗ parts" }
            @for (n, beat) in course.beats.iter().enumerate() {
                @let x = left + STEP * n;
                line.grid x1=(x) y1=(HEAD - 6) x2=(x) y2=(bottom) {}
                text x=(x + STEP / 2) y=(HEAD - 10) text-anchor="middle" { (number(&beat.place)) }
                @let before = n.checked_sub(1).map_or(course.clock, |before| course.beats[before].clock);
                @if n == 0 || beat.clock != before {
                    text x=(x + STEP / 2) y=(bottom + 18) text-anchor="middle" { (clock(course, n, beat.clock)) }
                }
                (LINE)
            }
            text x="6" y=(HEAD - 10) { "step" }
            text x="6" y=(bottom + 18) { "clock" }
            (LINE)
            @for (row, name) in course.sessions.iter().enumerate() {
                @let y = HEAD + ROW * row;
                line.grid x1="0" y1=(y + ROW) x2=(width) y2=(y + ROW) {}
                text x="6" y=(y + 21) { (short(name)) }
                (bars(course, row, left, y))
                @if unlike(course, row) { text.word x=(width - 14) y=(y + 21) { "≠" } }
            }
            (calls(course, left))
        }
        (LINE)
    }
}

/// The bars of a session over the steps: one from its coming to its going, by the manual and by the subject.
fn bars(course: &Course, row: usize, left: usize, y: usize) -> Markup {
    let member = |side: usize, step: usize| of(both(course, step, &course.beats[step])[side]?, row);
    html! {
        @for (side, class) in ["ruled-bar", "seen-bar"].into_iter().enumerate() {
            @for (from, to) in runs((0..course.beats.len()).map(|step| member(side, step).map(|m| m.resumable))) {
                @let marked = member(side, from).is_some_and(|m| !m.resumable);
                rect .(class) .marked[marked] x=(left + STEP * from + 3) y=(y + 4 + side * (BAR + 2))
                    width=(STEP * (to - from) - 6) height=(BAR) rx="2" {}
                (LINE)
            }
        }
    }
}

/// Whether a session is there by both at the last step, and not the same.
fn unlike(course: &Course, row: usize) -> bool {
    let Some(last) = course.beats.last() else { return false };
    let [ruled, seen] = both(course, course.beats.len() - 1, last).map(|showed| of(showed?, row));
    ruled.is_some() && seen.is_some() && ruled != seen
}

/// A session as it is in the cache.
fn of(showed: &Showed, session: usize) -> Option<Resident> {
    showed.members.iter().find(|m| m.session == session).copied()
}

/// Where something is and stays the same: from which step, and before which one it ends.
fn runs<T: PartialEq>(steps: impl Iterator<Item = Option<T>>) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut open: Option<(usize, T)> = None;
    let mut end = 0;
    for (step, here) in steps.enumerate() {
        end = step + 1;
        if let Some((from, was)) = open.take() {
            if here.as_ref() == Some(&was) {
                open = Some((from, was));
                continue;
            }
            runs.push((from, step));
        }
        open = here.map(|here| (step, here));
    }
    runs.extend(open.map(|(from, _)| (from, end)));
    runs
}

/// Letters for the callbacks: in the row of their session, or above all rows.
fn calls(course: &Course, left: usize) -> Markup {
    html! {
        @for (step, beat) in course.beats.iter().enumerate() {
            @let [ruled, seen] = both(course, step, beat);
            @if step + 1 < course.beats.len() { (letters(ruled, left + STEP * step, Some(8))) } @else {
                (letters(ruled, left + STEP * step, Some(2)))
                (letters(seen, left + STEP * step, Some(BAR + 4)))
            }
        }
    }
}

fn letters(showed: Option<&Showed>, x: usize, down: Option<usize>) -> Markup {
    let calls: &[Call] = showed.map_or(&[], |showed| &showed.callbacks);
    html! {
        @for (n, call) in calls.iter().enumerate().take(3) {
            @if let (Some(session), Some(down)) = (call.session, down) {
                @let (x, y) = (x + 6 + 18 * n, HEAD + ROW * session + down);
                rect.call x=(x) y=(y) width="15" height="15" rx="3" {}
                text.call x=(x + 7) y=(y + 12) text-anchor="middle" { (letter(&call.callback)) }
                (LINE)
            }
        }
    }
}

fn letter(callback: &str) -> &'static str {
    match callback {
        "new" => "N",
        "get" => "G",
        _ => "R",
    }
}

/// The bars over the clock: a stroke where a session comes to the end of its time.
fn over_time(course: &Course) -> Markup {
    let left = left(course);
    let first = i128::from(course.clock);
    let clocks = || course.beats.iter().map(|beat| i128::from(beat.clock)).chain([first]);
    let (from, latest) = (clocks().min().unwrap_or(first), clocks().max().unwrap_or(first));
    // A clock may be set back.
    let now = course.beats.last().map_or(first, |beat| i128::from(beat.clock));
    let ends: Vec<_> =
        (0..course.sessions.len()).map(|session| [0, 1].map(|side| end(course, session, side))).collect();
    // Far ends would leave no room for what happened.
    let far = if latest > from { latest + 2 * (latest - from) } else { i128::MAX };
    let until =
        ends.iter().flatten().flatten().copied().filter(|end| *end <= far).chain([latest]).max().unwrap_or(latest);
    if until <= from {
        return nothing();
    }
    let at =
        |time: i128| left + usize::try_from((time - from).clamp(0, until - from) * AXIS / (until - from)).unwrap_or(0);
    let bottom = 24 + ROW * course.sessions.len();
    let (width, height) = (left + 420 + 120, bottom + 26);
    let words = format!("The same over the clock, from {from} to {until} seconds.");
    html! {
        svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(words) {
            (LINE)
            text x="6" y="14" { "over the clock, in seconds; │ a session’s time plus timeout" }
            (LINE)
            @for (row, name) in course.sessions.iter().enumerate() {
                @let y = 24 + ROW * row;
                line.grid x1="0" y1=(y + ROW) x2=(width) y2=(y + ROW) {}
                text x="6" y=(y + 21) { (short(name)) }
                @for (side, class) in ["ruled-bar", "seen-bar"].into_iter().enumerate() {
                    @for (came, went) in stays(course, row, side) {
                        @let (x, end) = (at(came), went.map_or(at(now), &at));
                        rect .(class) x=(x) y=(y + 4 + side * (BAR + 2)) width=((end.max(x + 3)) - x) height=(BAR) rx="2" {}
                        @if went.is_none() {
                            text x=(end.max(x + 3) + 3) y=(y + 14 + side * (BAR + 2)) { "▸" }
                        }
                        (LINE)
                    }
                }
                @for (side, end) in ends[row].iter().enumerate() {
                    @if let Some(end) = end {
                        @let y = y + 3 + side * (BAR + 2);
                        @if *end <= until {
                            line.expiry x1=(at(*end)) y1=(y) x2=(at(*end)) y2=(y + BAR + 2) {}
                        } @else {
                            text x=(left + 430) y=(y + 11) { "│ at " (end) }
                        }
                    }
                }
            }
            (LINE)
            line.axis x1=(left) y1=(bottom) x2=(left + 420) y2=(bottom) {}
            text x=(left) y=(bottom + 18) { (from) }
            @if now > from && now < until { text x=(at(now)) y=(bottom + 18) text-anchor="middle" { "now" } }
            text x=(left + 420) y=(bottom + 18) text-anchor="end" { (until) }
        }
        (LINE)
    }
}

/// The last time plus timeout that a session had in the cache, by one of the two.
fn end(course: &Course, session: usize, side: usize) -> Option<i128> {
    let showed = course.beats.iter().enumerate().filter_map(|(step, beat)| both(course, step, beat)[side]);
    let mut there = showed.filter_map(|showed| of(showed, session));
    there.next_back().map(|m| i128::from(m.time) + i128::from(m.timeout))
}

/// When a session came into the cache and when it went, by one of the two; `None`: it is still there.
fn stays(course: &Course, session: usize, side: usize) -> Vec<(i128, Option<i128>)> {
    let there = |step: usize| of(both(course, step, &course.beats[step])[side]?, session).map(drop);
    let steps = course.beats.len();
    let clock = |step: usize| i128::from(course.beats[step].clock);
    let runs = runs((0..steps).map(there)).into_iter();
    runs.map(|(from, to)| (clock(from), (to < steps).then(|| clock(to)))).collect()
}

/// `2` of `step 2`; `3.2` of a round and an op within.
fn number(place: &str) -> String {
    let numbers = place.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
    numbers.collect::<Vec<_>>().join(".")
}

/// The clock at the first step, and how far it went since then.
fn clock(course: &Course, step: usize, clock: i64) -> String {
    let since = i128::from(clock) - i128::from(course.beats[0].clock);
    if step == 0 { clock.to_string() } else { format!("{since:+} s") }
}
