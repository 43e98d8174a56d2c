//! Mistakes in the layout: indentation, keys twice, tabs, colons, quotes, brackets, anchors and aliases.

use crate::made::{Die, Made, Wants};
use crate::sites::{Good, Kind, Site};

fn pick<'g>(good: &'g Good, die: &mut Die, holds: impl Fn(&Site) -> bool) -> Option<&'g Site> {
    let sites: Vec<&Site> = good.sites.iter().filter(|site| holds(site)).collect();
    die.pick(&sites).copied()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A line that stands further left or right than the line above it which it belongs beside.
pub(crate) fn indentation(good: &Good, die: &mut Die) -> Option<Made> {
    let lines: Vec<(usize, &str)> = good.lines().collect();
    let n = 1 + die.below(lines.len() - 1);
    let (start, line) = lines[n];
    let indent = indent_of(line);
    // A line whose block has begun above: else it is the others that stand wrong. Keys stand beside those after a dash.
    let beside = |line: &str| {
        let indent = indent_of(line);
        let dash = line.trim_start().starts_with("- ");
        [Some(indent), dash.then_some(indent + 2)]
    };
    let mut above = lines[..n].iter().rev().map(|(_, line)| *line);
    let has_sibling = above.find(|above| indent_of(above) <= indent).is_some_and(|above| {
        let is_item = |line: &str| line.trim_start().starts_with("- ");
        beside(above).contains(&Some(indent)) && (!is_item(line) || is_item(above))
    });
    let moved = [1, 2, 3, 4].map(|by| indent + by);
    let left = (1..=indent.min(3)).map(|by| indent - by);
    let to: Vec<usize> = moved.into_iter().chain(left).collect();
    let to = *die.pick(&to)?;
    let says = Wants::Says(&["indent"]);
    has_sibling.then(|| Made::edited(good, &(start..start + indent), &" ".repeat(to), start + to, says))
}

pub(crate) fn twice(good: &Good, die: &mut Die) -> Option<Made> {
    let key = pick(good, die, |site| site.kind == Kind::Key)?;
    let value = good.sites.iter().find(|site| site.kind != Kind::Key && site.path == key.path)?;
    let entry = format!("{}: {}", good.text_of(key), good.text_of(value));
    let says = Wants::Says(&["stands here a second time"]);
    let line = good.text[..key.at.start].rfind('\n').map_or(0, |at| at + 1);
    if entry.contains('\n') {
        return None;
    }
    if good.text[line..key.at.start].trim_start_matches([' ', '-']).is_empty() {
        let column = key.at.start - line;
        let end = value.at.end + good.text[value.at.end..].find('\n')? + 1;
        let added = format!("{}{entry}\n", " ".repeat(column));
        return Some(Made::edited(good, &(end..end), &added, end + column, says));
    }
    let added = format!(", {entry}");
    Some(Made::edited(good, &(value.at.end..value.at.end), &added, value.at.end + 2, says))
}

pub(crate) fn tab(good: &Good, die: &mut Die) -> Option<Made> {
    let spaces: Vec<usize> =
        good.lines().flat_map(|(start, line)| line.match_indices(' ').map(move |(at, _)| start + at)).collect();
    let at = *die.pick(&spaces)?;
    let title = good.text[..at].rfind('\n').map_or(0, |at| at + 1);
    // A run of spaces becomes one tab, as an editor would have it.
    let run = good.text[at..].len() - good.text[at..].trim_start_matches(' ').len();
    let is_title = good.text[title..].starts_with("scenario:");
    (!is_title).then(|| Made::instead(good, &(at..at + run), "\t", Wants::Says(&["a tab"])))
}

pub(crate) fn no_colon(good: &Good, die: &mut Die) -> Option<Made> {
    let key = pick(good, die, |site| site.kind == Kind::Key)?;
    let colon = key.at.end..key.at.end + 1;
    let gone = if die.below(3) == 0 && good.text[colon.end..].starts_with(' ') {
        // `returns:1`
        colon.end..colon.end + 1
    } else {
        colon
    };
    (good.text[..gone.start].len() > 1)
        .then(|| Made::edited(good, &gone, "", key.at.start, Wants::Says(&["colon", "`:`"])))
}

pub(crate) fn quote(good: &Good, die: &mut Die) -> Option<Made> {
    let site = pick(good, die, |site| site.kind == Kind::Quoted)?;
    let says = Wants::Says(&["quot"]);
    if die.below(4) == 0 {
        return Some(Made::edited(good, &(site.at.start..site.at.start + 1), "", site.at.start, says));
    }
    Some(Made::edited(good, &(site.at.end - 1..site.at.end), "", site.at.start, says))
}

/// A bracket that is not closed; of several on a line it is the one that is left over.
pub(crate) fn bracket(good: &Good, die: &mut Die) -> Option<Made> {
    let is_flow =
        |site: &Site| matches!(site.kind, Kind::List | Kind::Map) && good.text_of(site).starts_with(['[', '{']);
    let site = pick(good, die, is_flow)?;
    let (start, end) = (site.at.start, site.at.end);
    let text = format!("{}{}", &good.text[..end - 1], &good.text[end..]);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut in_quotes = false;
    let mut left_over = None;
    for (at, c) in text[line..].char_indices().take_while(|(_, c)| *c != '\n') {
        match c {
            '"' => in_quotes = !in_quotes,
            '[' | '{' if !in_quotes => open.push((line + at, c)),
            ']' | '}' if !in_quotes => match open.pop() {
                Some((_, with)) if (with == '[') == (c == ']') => {}
                Some((at, _)) => {
                    left_over = Some(at);
                    break;
                }
                None => return None,
            },
            _ => {}
        }
    }
    let at = left_over.or_else(|| open.pop().map(|(at, _)| at))?;
    Some(Made { text, at, wants: Wants::Says(&["closed", "closes"]) })
}

/// Anchors, aliases and merge keys, alone and by the dozen.
pub(crate) fn bomb(good: &Good, die: &mut Die) -> Option<Made> {
    let (list, levels) = (pick(good, die, |site| site.kind == Kind::List && !site.path.is_empty())?, 2 + die.below(30));
    if good.text_of(list).contains('\n') {
        return None;
    }
    let says = Wants::Says(&["an anchor", "an alias", "a merge key"]);
    let at = list.at.start;
    match die.below(5) {
        // Each list is nine times the one before.
        0 => {
            let mut bomb = "bomb:\n  - &l0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
            for level in 1..levels {
                let nine = vec![format!("*l{}", level - 1); 9].join(", ");
                bomb += &format!("  - &l{level} [{nine}]\n");
            }
            let end = good.text.len();
            let from = end + bomb.find('&').expect("it has one");
            Some(Made::edited(good, &(end..end), &bomb, from, says))
        }
        1 => {
            let words = format!("&all {}", good.text_of(list));
            Some(Made::instead(good, &list.at, &words, says))
        }
        2 => Some(Made::instead(good, &list.at, "*all", says)),
        // A list that holds itself.
        3 => Some(Made::instead(good, &list.at, "&self [*self, *self]", says)),
        _ => {
            let map = pick(good, die, |site| site.kind == Kind::Map && good.text_of(site).starts_with('{'))?;
            let at_key = map.at.start + 1;
            let entry = if good.text_of(map) == "{}" { "<<: *all" } else { "<<: *all, " };
            Some(Made::edited(good, &(at_key..at_key), entry, at_key, says))
        }
    }
    .filter(|made| made.at >= at || made.at != 0)
}
