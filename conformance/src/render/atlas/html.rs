//! The atlas as one page that needs nothing else: no network, no script.

use maud::{Markup, html as markup};

use super::table::table;
use super::{scenarios, weak};
use crate::atlas::{Atlas, Beyond, Row, Seen, Side, Upgrade, of_pages};
use crate::render::page::{LINE, anchor, code, page};

/// The style of the page, beside that of all pages.
const STYLE: &str = include_str!("atlas.css");

/// The atlas as a page of HTML.
#[must_use]
pub fn html(atlas: &Atlas) -> String {
    let title = match &atlas.compared {
        Some(compared) => format!("Session cache: from {} to {}", compared.from, compared.to),
        None => "Session cache: behaviour by release".to_owned(),
    };
    let body = markup! {
        h1 { (title) }
        p { "What each release of OpenSSL’s libssl does to the session cache, held against the man pages." } (LINE)
        @if !atlas.upgrades.is_empty() {
            h2 #upgrades { "What an upgrade changes" } (LINE)
            @for of in &atlas.upgrades { (upgrade(of)) }
        }
        h2 #table { "Behaviour by release" } (LINE)
        (table(atlas, &|row| link(&row.behaviour)))
        h2 { "Row by row" } (LINE)
        @for row in &atlas.rows { (section(row)) }
        @if !atlas.beyond.is_empty() {
            h2 { "Where the pages rule nothing" } (LINE)
            @for of in &atlas.beyond { (beyond(of)) }
        }
        @for note in &atlas.notes { p { "Note: " (note) } }
        h2 { "Transcripts that were at hand" } (LINE)
        (sources(atlas))
    };
    page(&title, STYLE, ("#table", "To the table"), &body)
}

fn upgrade(upgrade: &Upgrade) -> Markup {
    let Upgrade { from, to, server, client } = upgrade;
    markup! {
        @if server.is_empty() && client.is_empty() {
            p.same { (from) " to " (to) ": nothing that is known." } (LINE)
        } @else {
            details open {
                summary { (from) " to " (to) ": " (server.len() + client.len()) " in all" }
                ul {
                    @for (behaviour, becomes) in server { li { (link(behaviour)) ": " (code(becomes)) } (LINE) }
                    @for (behaviour, becomes) in client {
                        li { (link(behaviour)) " " (client_only()) ": " (code(becomes)) } (LINE)
                    }
                }
            }
        }
    }
}

fn section(row: &Row) -> Markup {
    let pages = format!("{}; {}", row.statement, of_pages(row));
    markup! {
        section id=(anchor("row", &row.behaviour)) {
            h3 { (row.behaviour) @if row.side == Side::Client { " " (client_only()) } }
            p { (code(&sentence(&row.words))) "." }
            dl {
                dt { "The pages" } dd { (code(&pages)) }
                @if let (Some(since), Some(until)) = (&row.since, &row.until) {
                    dt { "Otherwise than the pages" } dd { "since " (since) ", until " (until) }
                }
                @for (scenario, releases) in scenarios(row) {
                    dt { "Shown by" } dd { code { (scenario) } " (" (releases.join(", ")) ")" }
                }
                @for (why, releases) in weak(row) {
                    dt { "Evidence" } dd { (releases.join(", ")) ": " (code(&why)) }
                }
            }
        }
        (LINE)
    }
}

/// What a drill tells apart of which no page has a word.
fn beyond(Beyond { drill, title, seen, unrecorded }: &Beyond) -> Markup {
    markup! {
        section id=(anchor("drill", drill)) {
            h3 { (drill) }
            p { (code(&sentence(title))) "." }
            dl {
                @for Seen { does, releases } in seen { dt { (releases.join(", ")) } dd { (code(does)) } }
                @if !unrecorded.is_empty() { dt { (unrecorded.join(", ")) } dd { "not recorded" } }
            }
        }
        (LINE)
    }
}

fn sources(atlas: &Atlas) -> Markup {
    markup! {
        ul.sources {
            @for of in &atlas.releases {
                li {
                    (of.release) ": profile " (of.profile) ", pages of " (of.edition)
                    @if of.transcripts.is_empty() { "; none" }
                    @for source in &of.transcripts {
                        "; " (source.version) " (" @if source.ran_now { "run now" } @else { "recorded" } ") "
                        code { (source.hash) }
                    }
                }
                (LINE)
            }
        }
    }
}

fn link(behaviour: &str) -> Markup {
    markup! { a href={ "#" (anchor("row", behaviour)) } { (behaviour) } }
}

fn client_only() -> Markup {
    markup! { span.client { "client only" } }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
