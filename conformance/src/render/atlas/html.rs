//! The atlas as one page that needs nothing else: no network, no script.

use std::fmt::Write;

use super::{marks, scenarios, weak};
use crate::atlas::{Atlas, Cell, Evidence, Kind, Release, Row, Side, Upgrade};

/// The style of the page; it stands within.
const STYLE: &str = include_str!("atlas.css");

/// The atlas as a page of HTML.
#[must_use]
pub fn html(atlas: &Atlas) -> String {
    let mut page = Page(String::new());
    page.head(atlas);
    page.upgrades(atlas);
    page.table(atlas);
    page.rows(atlas);
    page.sources(atlas);
    page.put(format_args!("</main>\n</body>\n</html>\n"));
    page.0
}

struct Page(String);

impl Page {
    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        self.0.write_fmt(what).expect("a string takes it all");
    }

    fn head(&mut self, atlas: &Atlas) {
        let title = match &atlas.compared {
            Some(compared) => format!("Session cache: from {} to {}", escaped(&compared.from), escaped(&compared.to)),
            None => "Session cache: behaviour by release".to_owned(),
        };
        self.put(format_args!("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"));
        self.put(format_args!("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"));
        self.put(format_args!("<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n"));
        self.put(format_args!("<style>\n{STYLE}</style>\n</head>\n<body>\n"));
        self.put(format_args!("<a class=\"skip\" href=\"#table\">To the table</a>\n<main>\n<h1>{title}</h1>\n"));
        self.put(format_args!(
            "<p>What each release of OpenSSL’s libssl does to the session cache, held against the man pages.</p>\n"
        ));
    }

    fn upgrades(&mut self, atlas: &Atlas) {
        let changing = |upgrade: &&Upgrade| !upgrade.server.is_empty() || !upgrade.client.is_empty();
        if atlas.upgrades.is_empty() {
            return;
        }
        self.put(format_args!("<h2 id=\"upgrades\">What an upgrade changes</h2>\n"));
        for upgrade in &atlas.upgrades {
            let (from, to) = (escaped(&upgrade.from), escaped(&upgrade.to));
            let count = upgrade.server.len() + upgrade.client.len();
            if !changing(&upgrade) {
                self.put(format_args!("<p class=\"same\">{from} to {to}: nothing that is known.</p>\n"));
                continue;
            }
            self.put(format_args!("<details open>\n<summary>{from} to {to}: {count} in all</summary>\n<ul>\n"));
            for (changes, client) in [(&upgrade.server, false), (&upgrade.client, true)] {
                for (behaviour, becomes) in changes {
                    let client = if client { " <span class=\"client\">client only</span>" } else { "" };
                    let becomes = code(becomes);
                    self.put(format_args!("<li>{}{client}: {becomes}</li>\n", link(behaviour)));
                }
            }
            self.put(format_args!("</ul>\n</details>\n"));
        }
    }

    fn table(&mut self, atlas: &Atlas) {
        self.put(format_args!("<h2 id=\"table\">Behaviour by release</h2>\n<ul class=\"legend\">\n"));
        self.put(format_args!("<li><span class=\"pages\">·</span> as the pages rule, or as the pure manual</li>\n"));
        for (evidence, cells) in marks(atlas) {
            let mark = evidence.mark();
            self.put(format_args!("<li><span class=\"mark\">{mark}</span> {} ({cells})</li>\n", evidence.means()));
        }
        self.put(format_args!(
            "</ul>\n<div class=\"scroll\" role=\"region\" aria-labelledby=\"table\" tabindex=\"0\">\n<table>\n<thead>\n\
             <tr><th scope=\"col\">Behaviour</th><th scope=\"col\">Pages</th>"
        ));
        for release in &atlas.releases {
            self.put(format_args!("<th scope=\"col\">{}</th>", escaped(&release.release)));
        }
        self.put(format_args!("</tr>\n</thead>\n"));
        for side in [Side::Server, Side::Client, Side::Unknown] {
            self.body(atlas, side);
        }
        self.put(format_args!("</table>\n</div>\n"));
    }

    fn body(&mut self, atlas: &Atlas, side: Side) {
        if !atlas.rows.iter().any(|row| row.side == side) {
            return;
        }
        let columns = atlas.releases.len() + 2;
        let title = heading(side);
        self.put(format_args!(
            "<tbody>\n<tr class=\"side\"><th colspan=\"{columns}\" scope=\"rowgroup\">{title}</th></tr>\n"
        ));
        for row in atlas.rows.iter().filter(|row| row.side == side) {
            self.put(format_args!("<tr><th scope=\"row\">{}</th>", link(&row.behaviour)));
            let pages = if row.kind == Kind::Departure { "rule" } else { &row.pages };
            self.put(format_args!("<td class=\"ruled\">{}</td>", escaped(pages)));
            let mut before: Option<&Cell> = None;
            for cell in &row.cells {
                self.cell(row, cell, before);
                before = Some(cell);
            }
            self.put(format_args!("</tr>\n"));
        }
        self.put(format_args!("</tbody>\n"));
    }

    fn cell(&mut self, row: &Row, cell: &Cell, before: Option<&Cell>) {
        let value = match (row.kind, cell.as_pages) {
            (_, true) => "·",
            (Kind::Departure, false) => "departs",
            (Kind::Reading, false) => &cell.value,
        };
        let class = if cell.as_pages { "pages" } else { "otherwise" };
        // Our own cache is no later release than the one beside it.
        let is_release = cell.release.starts_with(|c: char| c.is_ascii_digit());
        let changes = is_release && before.is_some_and(|before| before.value != cell.value);
        let changes = if changes { " changes" } else { "" };
        let wrong = if cell.evidence == Evidence::Contradicted { " contradicted" } else { "" };
        let said = if cell.as_pages { "as the pages" } else { "otherwise" };
        let (mark, means) = (cell.evidence.mark(), cell.evidence.means());
        self.put(format_args!(
            "<td class=\"{class}{changes}{wrong}\" title=\"{}\">{} \
             <span class=\"mark\" aria-hidden=\"true\">{mark}</span><span class=\"said\">{said}; {means}</span></td>",
            escaped(&format!("{}: {}; {means}", cell.release, cell.value)),
            escaped(value),
        ));
    }

    fn rows(&mut self, atlas: &Atlas) {
        self.put(format_args!("<h2>Row by row</h2>\n"));
        for row in &atlas.rows {
            let client = if row.side == Side::Client { " <span class=\"client\">client only</span>" } else { "" };
            let name = escaped(&row.behaviour);
            self.put(format_args!("<section id=\"{}\">\n<h3>{name}{client}</h3>\n", anchor(&row.behaviour)));
            self.put(format_args!("<p>{}.</p>\n<dl>\n", sentence(&code(&row.words))));
            let pages = format!("{}; {}", row.statement, crate::atlas::of_pages(row));
            self.term("The pages", &code(&pages));
            if let (Some(since), Some(until)) = (&row.since, &row.until) {
                self.term("Otherwise than the pages", &escaped(&format!("since {since}, until {until}")));
            }
            for (scenario, releases) in scenarios(row) {
                let of = escaped(&releases.join(", "));
                self.term("Shown by", &format!("<code>{}</code> ({of})", escaped(scenario)));
            }
            for (why, releases) in weak(row) {
                self.term("Evidence", &format!("{}: {}", escaped(&releases.join(", ")), code(&why)));
            }
            self.put(format_args!("</dl>\n</section>\n"));
        }
        for note in &atlas.notes {
            self.put(format_args!("<p>Note: {}</p>\n", escaped(note)));
        }
    }

    fn term(&mut self, term: &str, said: &str) {
        self.put(format_args!("<dt>{term}</dt><dd>{said}</dd>\n"));
    }

    fn sources(&mut self, atlas: &Atlas) {
        self.put(format_args!("<h2>Transcripts that were at hand</h2>\n<ul class=\"sources\">\n"));
        for Release { release, profile, edition, transcripts } in &atlas.releases {
            let said = transcripts.iter().map(|source| {
                let how = if source.ran_now { "run now" } else { "recorded" };
                format!("{} ({how}) <code>{}</code>", escaped(&source.version), escaped(&source.hash))
            });
            let said: Vec<_> = said.collect();
            let said = if said.is_empty() { "none".to_owned() } else { said.join("; ") };
            let of = escaped(&format!("{release}: profile {profile}, pages of {edition}"));
            self.put(format_args!("<li>{of}; {said}</li>\n"));
        }
        self.put(format_args!("</ul>\n"));
    }
}

fn heading(side: Side) -> &'static str {
    match side {
        Side::Server => "For a server’s cache",
        Side::Client => "For clients only",
        Side::Unknown => "No scenario shows a difference",
    }
}

fn link(behaviour: &str) -> String {
    format!("<a href=\"#{}\">{}</a>", anchor(behaviour), escaped(behaviour))
}

/// The name of a row's section: no page has another element of that id.
fn anchor(behaviour: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    format!("row-{}", behaviour.chars().map(word).collect::<String>())
}

/// Text with what stands between backticks set as code.
fn code(text: &str) -> String {
    let mut out = String::new();
    for (n, part) in text.split('`').enumerate() {
        let part = escaped(part);
        out += &if n % 2 == 1 { format!("<code>{part}</code>") } else { part };
    }
    out
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
