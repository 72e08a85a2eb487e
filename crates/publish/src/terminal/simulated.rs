//! What a simulation of the design says, in a line; with `--full`, where the two disagree.

use loadcase_model::{Figure, ScenarioRun, SecondOpinion, Tag, Unit};

use super::Page;
use crate::text::plain::prose;
use crate::text::{clean, listed};

impl Page<'_> {
    /// How far simulation and formula are apart, and how many scenarios break a target; all of it with `--full`.
    pub(super) fn simulated(&mut self) {
        let Some(opinion) = &self.view.design.simulated else { return };
        let overall = &opinion.overall;
        let text = if self.full {
            format!(
                "Simulated, p95 is {} (by formula {}){}. {}",
                overall.simulated.tagged(),
                overall.formula.tagged(),
                self.furthest(opinion),
                scenarios(opinion)
            )
        } else {
            let (simulated, formula) = (overall.simulated.tagged(), overall.formula.tagged());
            format!(
                "Simulated p95 {simulated}, by formula {formula}{}; {}.",
                most(opinion),
                in_short(opinion)
            )
        };
        self.section("TRIED", text.trim_end());
    }

    /// The operation where the two are furthest apart.
    fn furthest(&self, opinion: &SecondOpinion) -> String {
        let apart = opinion.apart();
        let Some((id, worst)) = apart.first() else { return String::new() };
        let name = self.view.blueprint().operations.get(*id).map_or(id.as_str(), |o| o.name.as_str());
        let way = if worst.apart.value > 0.0 { "above" } else { "below" };
        let by = distance(&worst.apart);
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

/// How far an operation is apart at most, where one is too far.
fn most(opinion: &SecondOpinion) -> String {
    let apart = opinion.apart();
    let worst = apart.first().map(|(_, o)| distance(&o.apart));
    worst.map_or_else(String::new, |w| format!(", an operation up to {} off", w.tagged()))
}

/// How far the two are apart, without the way, in whole percents: the runs are no finer.
fn distance(apart: &Figure) -> Figure {
    Figure { value: (apart.value.abs() * 100.0).round() / 100.0, ..apart.clone() }
}

/// How many scenarios break a target, and what would have held.
fn in_short(opinion: &SecondOpinion) -> String {
    let count = |n: usize| Figure::computed(n as f64, Unit::One, "counted").tagged();
    let all = opinion.scenarios.len();
    let broken: Vec<&ScenarioRun> = opinion.scenarios.iter().filter(|s| !s.holds).collect();
    match broken.as_slice() {
        _ if all == 0 => "`loadcase simulate` runs scenarios".to_owned(),
        // One that was run is told by name.
        [] if all == 1 => {
            format!("holds: {}{}", clean(&opinion.scenarios[0].name).to_lowercase(), longer(opinion))
        }
        [] => format!("holds in {} scenarios{}", count(all), longer(opinion)),
        some => {
            let told: Vec<String> = some.iter().map(|run| why(run)).collect();
            format!("breaks in {} of {} scenarios: {}", count(some.len()), count(all), told.join("; "))
        }
    }
}

/// How many scenarios are left to a run of their own.
fn longer(opinion: &SecondOpinion) -> String {
    let many = opinion.skipped.iter().filter(|s| s.reason.contains("`loadcase simulate`")).count();
    if many == 0 {
        return String::new();
    }
    let many = Figure::computed(many as f64, Unit::One, "counted").tagged();
    format!("; `loadcase simulate` runs {many} that take longer")
}

/// What would have held in a scenario that broke a target, or the part that was full first.
fn why(run: &ScenarioRun) -> String {
    let found = run.remedy.as_ref().and_then(|r| r.found.as_ref());
    let told = match (found, &run.saturated) {
        (Some(change), _) => {
            let price = change.monthly.as_ref().filter(|m| m.value > 0.0);
            let price = price.map_or(String::new(), |m| format!(" for {} more", m.tagged()));
            format!("{}{price} would hold", prose(&change.change, Tag::Computed))
        }
        (None, Some(part)) => format!("{} is full first", clean(&part.part)),
        (None, None) => "`loadcase simulate` looks for what would hold".to_owned(),
    };
    format!("{} ({told})", clean(&run.name).to_lowercase())
}

/// Which scenarios break a target.
fn scenarios(opinion: &SecondOpinion) -> String {
    if opinion.scenarios.is_empty() {
        return "Scenarios take longer at this load: `loadcase simulate` runs them.".to_owned();
    }
    let broken: Vec<String> =
        opinion.scenarios.iter().filter(|s| !s.holds).map(|s| clean(&s.name).to_lowercase()).collect();
    let all = Figure::computed(opinion.scenarios.len() as f64, Unit::One, "counted");
    if broken.is_empty() {
        return format!("Targets hold in all of {} scenarios{}.", all.tagged(), longer(opinion));
    }
    let many = Figure { value: broken.len() as f64, ..all.clone() };
    format!("Targets break in {} of {} scenarios: {}.", many.tagged(), all.tagged(), listed(&broken))
}
