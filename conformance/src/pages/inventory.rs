//! The clauses as a table, and how many of each kind a page has.

use std::fmt;

use session_model::clause::{Clause, Kind};

/// All clauses, page by page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inventory {
    /// One row a page, in the order of the registry; the last is for what no page has a word on.
    pub rows: Vec<Row>,
}

/// The clauses of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The page; empty for what no page has a word on.
    pub page: &'static str,
    /// Its clauses, in the order of the page.
    pub clauses: Vec<Clause>,
}

impl Row {
    /// How many clauses of this kind the page has.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.clauses.iter().filter(|clause| clause.entry().kind == kind).count()
    }
}

/// The inventory of the registry.
#[must_use]
pub fn inventory() -> Inventory {
    let mut rows: Vec<Row> = Vec::new();
    for clause in Clause::all() {
        let page = clause.entry().page;
        match rows.last_mut() {
            Some(row) if row.page == page => row.clauses.push(clause),
            _ => rows.push(Row { page, clauses: vec![clause] }),
        }
    }
    Inventory { rows }
}

impl fmt::Display for Inventory {
    /// The clauses of each page, then the counts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))?;
        write!(f, "{:<32}", "")?;
        Kind::ALL.iter().try_for_each(|kind| write!(f, "{kind:>15}"))?;
        for row in &self.rows {
            write!(f, "\n{:<32}", title(row.page))?;
            Kind::ALL.iter().try_for_each(|kind| write!(f, "{:>15}", row.count(*kind)))?;
        }
        write!(f, "\n{:<32}", "in all")?;
        let in_all = |kind: &Kind| self.rows.iter().map(|row| row.count(*kind)).sum::<usize>();
        Kind::ALL.iter().try_for_each(|kind| write!(f, "{:>15}", in_all(kind)))?;
        writeln!(f)
    }
}

impl fmt::Display for Row {
    /// The title of the page, then a line a clause: id, kind, editions, statement.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", title(self.page))?;
        for clause in &self.clauses {
            let entry = clause.entry();
            let editions = format!("{} to {}", entry.first, entry.last);
            write!(f, "  {clause:<36}  {:<13}  {editions:<14}  {}", entry.kind, entry.statement)?;
            match entry.against {
                Some(other) => writeln!(f, " (against {other})")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

fn title(page: &str) -> String {
    if page.is_empty() { "on no page".to_owned() } else { format!("{page}(3)") }
}
