//! A design in a few lines and as a small record.

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Feasibility, Horizon, Tag};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Number, letters};
use crate::lost::Stock;
use crate::technology::currency;
use crate::terminal::{nearest_flips, ranked_risks, telling};
use crate::text::plain::{clip, prose};
use crate::text::{capital, clean, sentence};
use crate::view::View;

/// Entries of each list: enough to argue about, few enough to read.
const MOST: Lists = Lists { reasons: 3, flips: 4, risks: 3, assumed: 3, versions: 6, questions: 6 };

struct Lists {
    reasons: usize,
    flips: usize,
    risks: usize,
    assumed: usize,
    versions: usize,
    questions: usize,
}

/// A design: the answer first, then the numbers, then what they rest on.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DesignOutline {
    /// What to build, in one line.
    pub answer: String,
    /// Whether the design meets every requirement.
    pub meets_every_requirement: bool,
    /// Requirements that no design meets; this one misses them the least.
    pub missed: Vec<String>,
    /// The reasons that weigh most.
    pub reasons: Vec<String>,
    /// How many times the peak in 24 months it carries before something is full.
    pub carries: Number,
    /// The component that is full first.
    pub full_first: String,
    /// Share of the sampled assumptions under which the main choices hold.
    pub holds: Number,
    /// Requirements with what is forecast in 24 months.
    pub targets: Vec<TargetOutline>,
    /// Infrastructure each month now.
    pub cost_now: Number,
    /// Infrastructure each month in 24 months.
    pub cost_later: Number,
    /// Each month with the people to build and run it.
    pub cost_of_ownership: Number,
    /// What would change the answer, the nearest first.
    pub flips: Vec<FlipOutline>,
    /// What could go wrong, the worst first.
    pub risks: Vec<RiskOutline>,
    /// Inputs nobody stated, those that change the answer most often first.
    pub assumed: Vec<AssumedInput>,
    /// Questions whose answers could change the design; answer them with `answers`.
    pub questions: Vec<OpenQuestion>,
    /// Versions to use, each a dated fact.
    pub versions: Vec<VersionOutline>,
    /// Day by which to look at this again.
    pub look_again_by: String,
}

/// A requirement and its forecast.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TargetOutline {
    /// The requirement.
    pub name: String,
    /// What is wanted.
    pub wanted: Number,
    /// What is forecast.
    pub forecast: Number,
    /// Whether it is met.
    pub met: bool,
}

/// A value of one input at which another option wins.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FlipOutline {
    /// The decision that changes.
    pub decision: String,
    /// When: the input and the value.
    pub when: String,
    /// What then wins.
    pub then: String,
    /// The value in this design.
    pub planned: Number,
}

/// Something that could go wrong.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RiskOutline {
    /// `high`, `medium` or `low`.
    pub severity: String,
    /// What.
    pub risk: String,
    /// What to do about it.
    pub mitigation: String,
}

/// An input nobody stated.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssumedInput {
    /// The name to use in `answers`.
    pub input: String,
    /// The input in words.
    pub name: String,
    /// Today.
    pub now: Number,
    /// In 24 months.
    pub later: Number,
    /// Share of samples in which it changes a main choice.
    pub sways: Number,
}

/// A question whose answer could change the design.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OpenQuestion {
    /// The name to use in `answers`.
    pub input: String,
    /// The question.
    pub ask: String,
    /// Why it matters.
    pub why: String,
    /// What is assumed while it is not answered.
    pub assumed: Number,
}

/// A version to use.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VersionOutline {
    /// The technology.
    pub technology: String,
    /// Its name for `explain`.
    pub id: String,
    /// The version.
    pub version: String,
    /// Day on which fixes end, when one is announced.
    pub fixes_until: Option<String>,
    /// Day of this knowledge.
    pub as_of: String,
}

/// The record of a design.
#[must_use]
pub fn design(design: &Design, catalog: &Catalog) -> DesignOutline {
    let view = View::new(design, catalog);
    let stock = Stock::new(design, catalog);
    let said = &design.recommendation;
    let told = |text: &str| prose(text, Tag::Computed);
    DesignOutline {
        answer: sentence(&told(&said.headline)),
        meets_every_requirement: design.feasibility == Feasibility::Met,
        missed: match &design.feasibility {
            Feasibility::Met => Vec::new(),
            Feasibility::Missed(missed) => missed.iter().map(|m| told(m)).collect(),
        },
        reasons: said
            .reasons
            .iter()
            .take(MOST.reasons)
            .map(|r| sentence(&capital(&told(stock.trimmed(r)))))
            .collect(),
        carries: Number::of(&said.margin.headroom),
        full_first: clean(view.label(&said.margin.station)),
        holds: Number::of(&said.margin.holds),
        targets: targets(design),
        cost_now: Number::of(&design.forecasts.now.cost_total),
        cost_later: Number::of(&design.forecasts.later.cost_total),
        cost_of_ownership: Number::of(&said.cost_of_ownership),
        flips: flips(design),
        risks: risks(design),
        assumed: assumed(design),
        questions: questions(design),
        versions: versions(&view),
        look_again_by: clean(&said.review_by),
    }
}

fn targets(design: &Design) -> Vec<TargetOutline> {
    let horizon = format!(" {}", Horizon::Later.label());
    let one = |t: &loadcase_model::TargetCheck| TargetOutline {
        name: prose(t.name.strip_suffix(&horizon).unwrap_or(&t.name), t.target.origin.tag()),
        wanted: Number::of(&t.target),
        forecast: Number::of(&t.forecast),
        met: t.met,
    };
    design.targets.iter().map(one).collect()
}

fn flips(design: &Design) -> Vec<FlipOutline> {
    nearest_flips(design)
        .into_iter()
        .take(MOST.flips)
        .map(|(decision, flip)| {
            let side = if flip.above { "above" } else { "below" };
            let now = if flip.horizon == Horizon::Now { " now" } else { "" };
            FlipOutline {
                decision: decision.id.to_string(),
                when: format!("{} {side} {}{now}", flip.input.label(), Number::of(&flip.at).tagged()),
                then: clean(&flip.to_name),
                planned: Number::of(&flip.present),
            }
        })
        .collect()
}

fn risks(design: &Design) -> Vec<RiskOutline> {
    let one = |r: crate::terminal::RankedRisk| RiskOutline {
        severity: r.severity,
        risk: clip(&r.text, 220),
        mitigation: clip(&r.mitigation, 160),
    };
    ranked_risks(design).into_iter().take(MOST.risks).map(one).collect()
}

fn assumed(design: &Design) -> Vec<AssumedInput> {
    let one = |r: &loadcase_model::Reading| AssumedInput {
        input: r.input.slug().to_owned(),
        name: r.input.label().to_owned(),
        now: Number::of(&r.now),
        later: Number::of(&r.later),
        sways: Number::of(&r.sways),
    };
    telling(design).take(MOST.assumed).map(one).collect()
}

fn questions(design: &Design) -> Vec<OpenQuestion> {
    let one = |q: &loadcase_model::Question| OpenQuestion {
        input: q.input.slug().to_owned(),
        ask: prose(&q.ask, Tag::Computed),
        why: prose(&q.why, Tag::Computed),
        assumed: Number::of(&q.default),
    };
    design.questions.iter().take(MOST.questions).map(one).collect()
}

fn versions(view: &View<'_>) -> Vec<VersionOutline> {
    let used = view.technologies();
    let dated = used.iter().filter_map(|used| {
        let facts = currency(used.technology);
        let release = facts.release?;
        Some(VersionOutline {
            technology: clean(&used.technology.name),
            id: used.technology.id.to_string(),
            version: clean(&release.latest),
            fixes_until: facts.until.map(clean),
            as_of: clean(&release.as_of),
        })
    });
    dated.take(MOST.versions).collect()
}

impl DesignOutline {
    /// The record in lines.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![self.answer.clone()];
        lines.extend(self.reasons.iter().map(|r| format!("- {r}")));
        if !self.meets_every_requirement {
            let missed = self.missed.join("; ");
            lines.push(format!("No design meets every requirement; this one misses: {missed}."));
        }
        lines.push(format!(
            "Carries {} the peak in 24 months; {} is full first. Holds in {} of the sampled assumptions, all that the answer names.",
            self.carries.tagged(),
            self.full_first,
            self.holds.tagged()
        ));
        if !self.targets.is_empty() {
            lines.push(format!("Targets in 24 months: {}.", self.target_text()));
        }
        lines.push(format!(
            "Cost: {} now, {} in 24 months; {} with people, on average.",
            self.cost_now.tagged(),
            self.cost_later.tagged(),
            self.cost_of_ownership.tagged()
        ));
        let flips =
            self.flips.iter().map(|f| format!("{} (planned {}): {}", f.when, f.planned.tagged(), f.then));
        listed(&mut lines, "Would change it", flips);
        listed(
            &mut lines,
            "Risks",
            self.risks.iter().map(|r| format!("{}: {}", r.severity, clip(&r.risk, 140))),
        );
        let assumed = self.assumed.iter().map(|a| {
            let (now, later) = (a.now.tagged(), a.later.tagged());
            let value = if now == later { now } else { format!("{now} now, {later} in 24 months") };
            format!("{} {value} (changes the answer in {} of samples)", a.name, a.sways.tagged())
        });
        listed(&mut lines, "Assumed", assumed);
        let versions = self.versions.iter().map(|v| {
            let until = v.fixes_until.as_ref().map_or_else(String::new, |day| format!(" until {day}"));
            format!("{} {} f{until}", v.technology, v.version)
        });
        listed(&mut lines, "Versions", versions);
        lines.push(format!("Look at this again by {}.", self.look_again_by));
        lines.push(letters());
        lines.join("\n")
    }

    fn target_text(&self) -> String {
        let one = |t: &TargetOutline| {
            let mark = if t.met { "met" } else { "MISSED" };
            format!("{} {} (wanted {}, {mark})", t.name, t.forecast.tagged(), t.wanted.tagged())
        };
        self.targets.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

fn listed(lines: &mut Vec<String>, title: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.map(|i| i.trim_end_matches('.').to_owned()).collect();
    if !items.is_empty() {
        lines.push(sentence(&format!("{title}: {}", items.join("; "))));
    }
}
