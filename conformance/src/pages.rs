//! The reader's own copies of the man pages, held against the registry of clauses.
//!
//! The project does not carry the pages. It carries, per edition and page, an ordered list of fingerprints, one a
//! sentence, with the clauses that the sentence became ([`Recorded`]). A copy in whatever form it was come by (pod,
//! roff, rendered, scraped from a site or a PDF) is read into sentences ([`read`]), fingerprinted the same way and
//! compared ([`compare`]), so that a reader sees that no sentence was passed over and which ones a release changed.
//!
//! Not here: what a clause means. That is `session_model::clause`.

mod compare;
mod copies;
mod form;
mod inventory;
mod page;
mod recorded;
mod sentence;

pub use compare::{Comparison, Moved, compare};
pub use copies::{Copies, CopyError, compare_all};
pub use inventory::{Inventory, Row, inventory};
pub use page::{Page, read};
pub use recorded::{Line, Recorded, draft, recorded};
pub(crate) use sentence::fnv1a;
pub use sentence::{Fingerprint, Sentence, sentences};
