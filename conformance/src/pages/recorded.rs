//! The fingerprints of the pages that the registry was made from.
//!
//! One file an edition and page in `conformance/pages/`; one line a sentence, in the order of the page: fingerprint,
//! section, ids of the clauses, two spaces or more between them. Where the patch releases of an edition word a
//! sentence differently, its fingerprints stand side by side with a `/` between; `earlier` in a fourth column is for a
//! sentence that later patch releases left out.

use session_model::clause::{Clause, Edition};

use super::compare::nearest;
use super::page::Page;
use super::sentence::Fingerprint;

/// The sentences of a page in one edition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// The edition.
    pub edition: Edition,
    /// The page.
    pub page: &'static str,
    /// Its sentences, in order.
    pub lines: Vec<Line>,
}

/// A sentence of a page: where it stands and which clauses it became.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// One fingerprint for each wording that the edition had.
    pub fingerprints: Vec<Fingerprint>,
    /// The section.
    pub section: &'static str,
    /// The place in the section, counted from 1 in the last patch release; of an earlier sentence, where it stood.
    pub position: usize,
    /// Whether later patch releases of the edition left it out.
    pub is_earlier: bool,
    /// The ids of the clauses, as the file has them.
    pub ids: Vec<&'static str>,
}

impl Line {
    /// The clauses that the sentence became.
    pub fn clauses(&self) -> impl Iterator<Item = Clause> + '_ {
        self.ids.iter().filter_map(|id| Clause::by_id(id))
    }
}

macro_rules! files {
    ($($edition:ident $folder:literal: $($page:literal)*;)*) => {
        [$($((
            Edition::$edition,
            $page,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/", $folder, "/", $page, ".txt")),
        ),)*)*]
    };
}

#[rustfmt::skip]
const FILES: [(Edition, &str, &str); 24] = files! {
    V0_9_8 "0.9.8": "SSL_CTX_add_session" "SSL_CTX_flush_sessions";
    V1_0_1 "1.0.1": "SSL_CTX_add_session" "SSL_CTX_flush_sessions";
    V3_0 "3.0": "SSL_CTX_add_session" "SSL_CTX_flush_sessions" "SSL_CTX_set_session_cache_mode"
        "SSL_CTX_sess_set_cache_size" "SSL_CTX_sess_number" "SSL_CTX_sess_set_get_cb" "SSL_CTX_set_timeout"
        "SSL_SESSION_get_time" "SSL_CTX_set_session_id_context" "SSL_SESSION_free" "SSL_set_session"
        "SSL_session_reused" "SSL_SESSION_is_resumable" "SSL_get_session" "SSL_CTX_free" "SSL_set_shutdown"
        "SSL_CTX_set_num_tickets" "SSL_CTX_set_options" "SSL_key_update";
    V3_3 "3.3": "SSL_CTX_add_session";
};

/// Every page on record, oldest edition first.
#[must_use]
pub fn recorded() -> Vec<Recorded> {
    FILES.iter().map(|(edition, page, text)| Recorded::parse(*edition, page, text)).collect()
}

impl Recorded {
    /// The page in the text of its file.
    #[must_use]
    pub fn parse(edition: Edition, page: &'static str, text: &'static str) -> Self {
        Self { edition, page, lines: lines(text) }
    }
}

fn lines(text: &'static str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for text in text.lines() {
        let mut columns = text.split("  ").map(str::trim).filter(|column| !column.is_empty());
        let mut column = || columns.next().unwrap_or("");
        let (fingerprints, section, ids, note) = (column(), column(), column(), column());
        lines.push(Line {
            fingerprints: fingerprints.split('/').filter_map(|digits| digits.parse().ok()).collect(),
            section,
            position: 1 + lines.iter().filter(|line| line.section == section && !line.is_earlier).count(),
            is_earlier: note == "earlier",
            ids: ids.split_whitespace().collect(),
        });
    }
    lines
}

/// The file to commit for a copy of a page: what the nearest edition on record knows is filled in, `?` stands for what
/// someone has to read.
#[must_use]
pub fn draft(page: &Page) -> String {
    let on_record = recorded();
    let known: Vec<&Line> = nearest(page, &on_record).into_iter().flat_map(|recorded| &recorded.lines).collect();
    let mut file = String::new();
    for sentence in &page.sentences {
        let line = known.iter().find(|line| line.fingerprints.contains(&sentence.fingerprint));
        let ids = line.map_or_else(|| "?".to_owned(), |line| line.ids.join(" "));
        let section = line.map_or(sentence.section.as_str(), |line| line.section);
        file.push_str(&format!("{}  {section:<13}  {ids}\n", sentence.fingerprint));
    }
    file
}
