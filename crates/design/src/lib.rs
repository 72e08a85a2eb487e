//! Brief becomes blueprint and decisions: enumerate, size, choose, flip, grow.
//!
//! The steps are modules, in the order data flows through them: [`context`] completes the brief with
//! assumptions, [`prepare`] evaluates the catalog's conditions, [`evaluate`] sizes and prices a candidate,
//! `search` enumerates and ranks, `sway` says what would change the answer, [`compose`] turns the winner
//! into a blueprint, `growth` raises its load, `report` puts the result together.

pub mod compose;
pub mod context;
pub mod evaluate;
pub mod facts;
pub mod plan;
pub mod prepare;
pub mod search;
pub mod sway;

pub use compose::compose;
