//! Numbers that cannot be meant: beyond what exists, or at odds with each other.

use std::collections::BTreeMap;

use loadcase_model::{Diagnostic, Estimate, Given, Input, Origin, Span, Unit, format_quantity};

use crate::lex::Text;

/// The values of an input that can be meant: wide enough for the largest systems in the world.
pub(crate) fn plausible(input: Input) -> (f64, f64) {
    match input {
        Input::MonthlyUsers | Input::DailyUsers | Input::Connections => (0.0, 1e10),
        Input::ReadShare | Input::EdgeCacheableShare | Input::DailyShare | Input::LargestTenantShare => {
            (0.0, 1.0)
        }
        Input::Availability => (0.5, 0.999_999_999),
        Input::Growth => (0.01, 1_000.0),
        Input::PeakFactor => (1.0, 10_000.0),
        Input::Engineers | Input::Operators => (0.0, 1e6),
        Input::Teams | Input::ServicesNow => (0.0, 1e5),
        Input::Regions => (0.0, 100.0),
        Input::Consumers => (0.0, 1e5),
        Input::Tenants => (0.0, 1e9),
        Input::DataGb => (0.0, 1e10),
        Input::BudgetUsdMonth | Input::BillUsdMonth | Input::EngineerUsdMonth => (0.0, 1e10),
        Input::DeadlineMonths => (0.0, 240.0),
        Input::LatencyP99Ms => (0.1, 3.6e6),
        Input::RecoveryPointS | Input::RecoveryTimeS => (0.0, 3.2e7),
        Input::RequestsPerUserDay | Input::QueriesPerRequest => (0.0, 1e6),
        Input::CpuMsPerRequest => (0.0, 3.6e6),
        Input::ResponseKb => (0.0, 1e8),
        Input::AverageRps
        | Input::PeakRps
        | Input::QueriesPerS
        | Input::WritesPerS
        | Input::JobsPerS
        | Input::EventsPerS
        | Input::HotKeyWritesPerS => (0.0, 1e11),
    }
}

/// Removes values that cannot be meant and reports what contradicts itself.
pub(crate) fn check(text: &Text<'_>, numbers: &mut BTreeMap<Input, Given>) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for (input, given) in numbers.iter_mut() {
        for slot in [&mut given.now, &mut given.later] {
            if let Some(diagnostic) = slot.as_mut().and_then(|e| bound(*input, e)) {
                notes.push(diagnostic);
                *slot = None;
            }
        }
    }
    numbers.retain(|_, given| given.now.is_some() || given.later.is_some());
    notes.extend(check_together(numbers));
    notes.retain(|d| d.label.as_ref().is_none_or(|l| l.span.end <= text.source.len()));
    notes
}

/// Keeps the range inside what can be meant; a value outside is reported.
fn bound(input: Input, estimate: &mut Estimate) -> Option<Diagnostic> {
    let (least, most) = plausible(input);
    if !(least..=most).contains(&estimate.value) {
        let value = format_quantity(estimate.value, input.unit());
        let (least, most) = (format_quantity(least, input.unit()), format_quantity(most, input.unit()));
        let message = format!("{value} cannot be the {}: it was left out", input.label());
        return Some(place(
            Diagnostic::warning("absurd-number", message)
                .help(format!("state a value from {least} to {most}")),
            &estimate.origin,
        ));
    }
    estimate.low = estimate.low.clamp(least, estimate.value);
    estimate.high = estimate.high.clamp(estimate.value, most);
    None
}

/// Points a diagnostic at the words of an origin.
fn place(diagnostic: Diagnostic, origin: &Origin) -> Diagnostic {
    match origin {
        Origin::Stated { text, at: Some(at) } => diagnostic.at(Span::new(*at, at + text.len()), ""),
        _ => diagnostic,
    }
}

/// Pairs of numbers that cannot both be meant. Both are kept: which one is wrong is for the user to say.
pub(crate) fn check_together(numbers: &BTreeMap<Input, Given>) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for later in [false, true] {
        let value = |input: Input| {
            let given = numbers.get(&input)?;
            if later { given.later.as_ref() } else { given.now.as_ref() }
        };
        let users = value(Input::MonthlyUsers).or_else(|| value(Input::DailyUsers));
        let rps = value(Input::AverageRps).or_else(|| value(Input::PeakRps));
        if let (Some(users), Some(rps)) = (users, rps) {
            let each = rps.value * 86_400.0 / users.high.max(1e-9);
            // A million requests a day is twelve each second, round the clock, from every single user.
            if each > 1e6 {
                notes.push(contradiction(
                    format!(
                        "{} from {} is {} requests a day from each of them",
                        format_quantity(rps.value, Unit::RequestsPerSecond),
                        format_quantity(users.value, Unit::Users),
                        loadcase_model::format_number(each)
                    ),
                    &rps.origin,
                ));
            }
        }
        let pairs = [
            (Input::DailyUsers, Input::MonthlyUsers),
            (Input::AverageRps, Input::PeakRps),
            (Input::HotKeyWritesPerS, Input::WritesPerS),
        ];
        for (part, whole) in pairs {
            if let (Some(a), Some(b)) = (value(part), value(whole))
                && a.value > b.value * 1.0001
            {
                notes.push(contradiction(
                    format!(
                        "{} ({}) cannot exceed {} ({})",
                        part.label(),
                        format_quantity(a.value, part.unit()),
                        whole.label(),
                        format_quantity(b.value, whole.unit())
                    ),
                    &a.origin,
                ));
            }
        }
    }
    notes
}

fn contradiction(message: String, origin: &Origin) -> Diagnostic {
    place(
        Diagnostic::warning("contradictory-numbers", message)
            .help("check both numbers; the design keeps to them as they stand"),
        origin,
    )
}
