//! Two lines on what a simulation of the design says.

use loadcase_model::{Figure, SecondOpinion, Unit};

use super::Page;
use crate::text::{clean, listed};

impl Page<'_> {
    /// Where simulation and formula disagree most, and which scenarios break a target.
    pub(super) fn simulated(&mut self) {
        let Some(opinion) = &self.view.design.simulated else { return };
        let overall = &opinion.overall;
        let text = format!(
            "Simulated, p95 is {} (by formula {}){}. {}",
            overall.simulated.tagged(),
            overall.formula.tagged(),
            self.furthest(opinion),
            scenarios(opinion)
        );
        self.section("TRIED", text.trim_end());
        self.blank();
    }

    /// The operation where the two are furthest apart.
    fn furthest(&self, opinion: &SecondOpinion) -> String {
        let apart = opinion.apart();
        let Some((id, worst)) = apart.first() else { return String::new() };
        let name = self.view.blueprint().operations.get(*id).map_or(id.as_str(), |o| o.name.as_str());
        let way = if worst.apart.value > 0.0 { "above" } else { "below" };
        let by = Figure { value: worst.apart.value.abs(), ..worst.apart.clone() };
        let many = Figure::computed(apart.len() as f64, Unit::One, "counted");
        let all = Figure::computed(opinion.operations.len() as f64, Unit::One, "counted");
        format!(
            "; they disagree on {} of {} operations, most on {}: the formula lies {} {way}",
            many.tagged(),
            all.tagged(),
            clean(name),
            by.tagged()
        )
    }
}

/// Which scenarios break a target.
fn scenarios(opinion: &SecondOpinion) -> String {
    if opinion.scenarios.is_empty() {
        return String::new();
    }
    let broken: Vec<String> =
        opinion.scenarios.iter().filter(|s| !s.holds).map(|s| clean(&s.name).to_lowercase()).collect();
    let all = Figure::computed(opinion.scenarios.len() as f64, Unit::One, "counted");
    if broken.is_empty() {
        return format!("Targets hold in all of {} scenarios.", all.tagged());
    }
    let many = Figure { value: broken.len() as f64, ..all.clone() };
    format!("Targets break in {} of {} scenarios: {}.", many.tagged(), all.tagged(), listed(&broken))
}
