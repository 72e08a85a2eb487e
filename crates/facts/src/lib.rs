//! What is known of versions, and what that says of those in use on a day.
//!
//! Four parts: [`version`] orders versions as their ecosystems do, [`Knowledge`] is what sources say (the catalog's
//! lifecycles, packages and advisories, with fresher records on top), [`Inventory`] is what a repository, a blueprint or
//! a design names, [`verify`] holds one against the other. Everything is a function of its arguments: the day is one of
//! them, nothing is fetched here. Reviews and designs use the same functions, so that no two of them order versions or
//! read ranges in ways of their own.

mod check;
mod day;
mod inventory;
mod knowledge;
mod verify;
pub mod version;

pub use check::{Ending, Hit, ending, hits};
pub use day::{days_between, days_later};
pub use inventory::{Inventory, Use};
pub use knowledge::{Answered, Knowledge, Line, Subject, suggestions};
pub use verify::{Ages, Options, verify};
