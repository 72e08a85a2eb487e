//! A plan becomes a blueprint.

use loadcase_catalog::Catalog;
use loadcase_model::{Blueprint, Horizon};

use crate::plan::Plan;

/// The blueprint of a plan with the sizing of `horizon`.
#[must_use]
pub fn compose(plan: &Plan, horizon: Horizon, catalog: &Catalog) -> Blueprint {
    let _ = (plan, horizon, catalog);
    unreachable!("written next")
}
