//! How the events of a load come in: one to a call where the brief says that each device sends at an interval, several
//! where it says that devices gather them, else as many as the domain assumes.

use std::borrow::Cow;

use loadcase_catalog::{Catalog, Domain};
use loadcase_model::{Brief, Id, Input};

/// Circumstance that devices gather what they send.
const BATCHES: &str = "batched-events";

/// How many events a call brings where the brief speaks of it: one where each device was said to send at an interval,
/// a planning number where it gathers what it sends, unless the domain has one.
pub(crate) fn events_per_call(brief: &Brief, catalog: &Catalog) -> Option<f64> {
    if brief.signals.get(BATCHES).is_some_and(|s| s.holds) {
        return Some(catalog.lexicon.plan("events-per-batch").max(1.0));
    }
    is_single(brief).then_some(1.0)
}

/// Whether one call brings one event: each device was said to send at an interval, and nobody spoke of batches.
pub(crate) fn is_single(brief: &Brief) -> bool {
    let each = brief.numbers.get(&Input::EventsPerS).is_some_and(|given| given.each);
    each && !brief.signals.get(BATCHES).is_some_and(|s| s.holds)
}

/// The domain as such calls use it; `None` where its own intake is like that. What waited because nobody answered
/// comes together in any case, so the contract takes several.
fn with(domain: &Domain, wanted: f64) -> Option<Domain> {
    let (id, call) = domain.operations.get_key_value(domain.intake.as_ref()?)?;
    let events = domain.events_per_call(call);
    let is_so = (events - wanted).abs() < 1e-9 || wanted > 1.0 && events > 1.0;
    if is_so {
        return None;
    }
    let factor = wanted / events;
    let mut adapted = domain.clone();
    let operation = adapted.operations.get_mut(id)?;
    operation.batch = true;
    for access in operation.accesses.iter_mut().filter(|a| domain.adds_events(a)) {
        access.rows *= factor;
    }
    // Of more events more often one starts a job, and one job is for all of a call.
    for job in operation.follows.iter_mut().filter(|_| factor > 1.0) {
        job.count = job.count.max((job.count * factor).min(1.0));
    }
    Some(adapted)
}

/// The domain of a catalog as a brief uses it.
pub(crate) fn domain_of<'a>(
    catalog: &'a Catalog,
    id: &Id,
    events_per_call: Option<f64>,
) -> Option<Cow<'a, Domain>> {
    let domain = catalog.domains.get(id)?;
    let adapted = events_per_call.and_then(|wanted| with(domain, wanted));
    Some(adapted.map_or(Cow::Borrowed(domain), Cow::Owned))
}
