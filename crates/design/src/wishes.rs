//! What became of the technologies that the brief asks for: a wish that is not granted is never passed over.

use loadcase_catalog::DecisionSpec;
use loadcase_model::{Decision, Stance, TechnologyMention, Unit, format_quantity};

use crate::choice::Choice;
use crate::context::Context;

/// One sentence for each technology that is required, and for each that was wanted and lost.
pub(crate) fn wishes(context: &Context, choice: &Choice, decisions: &[Decision]) -> Vec<String> {
    let told = |mention: &TechnologyMention| match mention.stance {
        Stance::Required | Stance::Wanted => decisions.iter().find_map(|d| wish(context, choice, d, mention)),
        _ => None,
    };
    context.brief.technologies.iter().filter_map(told).collect()
}

/// What a decision made of a wish; none when it is not about that technology, or simply granted it.
fn wish(
    context: &Context,
    choice: &Choice,
    decision: &Decision,
    mention: &TechnologyMention,
) -> Option<String> {
    let spec = context.catalog.decision(decision.id.as_str())?;
    let name = &context.catalog.technologies.get(&mention.id)?.name;
    let bring = |option: &str| brings(spec, option, mention);
    if bring(decision.verdict.option.as_str()) {
        let (other, less) = (mention.stance == Stance::Required).then(|| cheaper(choice, decision))??;
        let less = format_quantity(less, Unit::UsdPerMonth);
        return Some(format!("{name} is required: {other} would cost {less} less to own."));
    }
    let lost = decision.alternatives.iter().find(|a| bring(a.option.as_str()))?;
    let reason = first_lower(lost.reason.trim_end_matches('.'));
    if mention.stance == Stance::Required {
        return Some(format!("{name} was required and is not used: {reason}."));
    }
    let behind = lost.behind.as_ref().filter(|b| b.value > 0.0);
    let more = behind.map(|b| format!(" ({} more to own)", b.tagged())).unwrap_or_default();
    Some(format!("{name} was asked for and is not used: {reason}{more}."))
}

/// The option of a joint decision that would cost the least, and by how much less than the chosen one, in US
/// dollars a month.
fn cheaper<'c>(choice: &'c Choice, decision: &Decision) -> Option<(&'c str, f64)> {
    let d = choice.decisions.iter().position(|spec| spec.id == decision.id)?;
    let feasible = choice.rivals[d].iter().enumerate().filter_map(|(o, r)| Some((o, (*r)?)));
    let (o, best) = feasible
        .filter(|(_, r)| r.evaluation.feasible())
        .min_by(|(_, a), (_, b)| a.evaluation.ownership_usd.total_cmp(&b.evaluation.ownership_usd))?;
    let less = choice.winner.evaluation.ownership_usd - best.evaluation.ownership_usd;
    (less > 0.0).then(|| (choice.decisions[d].options[o].name.as_str(), less))
}

fn brings(spec: &DecisionSpec, option: &str, mention: &TechnologyMention) -> bool {
    spec.option(option).is_some_and(|o| o.technologies.contains(&mention.id))
}

pub(crate) fn first_lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
