//! Brief becomes blueprint and decisions: enumerate, size, choose, flip, grow.
//!
//! The steps are modules, in the order data flows through them: [`context`] completes the brief with
//! assumptions, [`prepare`] evaluates the catalog's conditions, [`evaluate`] sizes and prices a candidate,
//! `search` enumerates and ranks, `sway` says what would change the answer, [`compose`] turns the winner
//! into a blueprint, `growth` raises its load, `report` puts the result together.

pub mod actions;
pub mod choice;
pub mod compose;
pub mod context;
mod counted;
pub mod evaluate;
pub mod facts;
mod fit;
mod forces;
pub mod gate;
pub mod growth;
mod intake;
mod memory;
pub mod mix;
mod place;
pub mod plan;
pub mod prepare;
pub mod report;
pub mod search;
pub mod settle;
pub mod sway;
pub mod verdict;
mod wishes;

pub use choice::DesignOptions;
pub use compose::compose;
pub use report::{IncompleteCatalog, design};
