//! Brief becomes blueprint and decisions: enumerate, size, choose, flip, grow.
//!
//! The steps are modules, in the order data flows through them: [`context`] completes the brief with
//! assumptions, `space` enumerates, `size` sizes, `choose` ranks, `flip` and `sample` say what would change
//! the answer, `compose` turns the winner into a blueprint, `grow` raises its load, `report` puts the result
//! together.

pub mod compose;
pub mod plan;

pub use compose::compose;
