//! The numbers of a text: what each measures, when it holds, and what they say together.

mod amount;
mod classify;
mod cue;
mod each;
mod growth;
mod horizon;
mod item;
mod measure;
mod merge;
mod ratio;
mod reading;
mod sanity;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use loadcase_catalog::Lexicon;
use loadcase_model::{Diagnostic, Given, Input};

use crate::lex::Text;
use crate::numbers::classify::{Classifier, Context};
use crate::numbers::cue::{Cue, Cues};
use crate::numbers::measure::{Measure, Units};
use crate::phrase::Effort;
use crate::quantity::{NumberWords, Quantity};

pub(crate) use crate::numbers::amount::{Amount, bare, check};
pub(crate) use crate::numbers::sanity::check_together;

/// Everything needed to read numbers, compiled.
#[derive(Debug)]
pub(crate) struct Numbers {
    words: NumberWords,
    units: Units,
    cues: Cues,
}

/// The numbers of a text.
#[derive(Debug, Default)]
pub(crate) struct NumbersFound {
    /// What was stated of each input.
    pub(crate) numbers: BTreeMap<Input, Given>,
    /// What to tell the user.
    pub(crate) notes: Vec<Diagnostic>,
}

impl Numbers {
    /// Compiles the lexicon.
    pub(crate) fn new(lexicon: &Lexicon) -> Self {
        Self { words: NumberWords::new(lexicon), units: Units::new(lexicon), cues: Cues::new() }
    }

    /// The numbers of a text, without their units.
    pub(crate) fn quantities(&self, text: &Text<'_>, effort: &mut Effort) -> Vec<Quantity> {
        self.words.find(text, effort)
    }

    /// Reads the numbers of a text.
    pub(crate) fn read(&self, text: &Text<'_>, quantities: &[Quantity], effort: &mut Effort) -> NumbersFound {
        let ends = number_ends(text, quantities);
        let units = self.units.find(text, effort);
        let cues = self.cues.find(text, &ends, effort);
        let items = item::items(text, quantities, &units, &cues);
        let whole = (0, text.tokens.len());
        let business = |i: usize| {
            matches!(
                text.word(i),
                "b2b"
                    | "saas"
                    | "tenant"
                    | "tenants"
                    | "companies"
                    | "enterprises"
                    | "businesses"
                    | "multitenant"
            )
        };
        let context = Context {
            businesses: items.iter().any(|i| i.measure() == Some(Measure::Tenants))
                || (0..text.tokens.len()).any(|i| business(i) || has_staff(text, i)),
            chat: cues.any(Cue::Chat, whole),
            sending: cues.any(Cue::Sending, whole),
            analytics: cues.any(Cue::Analytics, whole),
            lookups: (0..text.tokens.len()).any(|i| {
                matches!(
                    text.word(i),
                    "dns"
                        | "nameserver"
                        | "nameservers"
                        | "resolver"
                        | "resolvers"
                        | "ocsp"
                        | "revoked"
                        | "whois"
                )
            }),
        };
        let mut classifier = Classifier::new(text, &cues, &units, &items, context);
        classifier.run();
        let (mut readings, mut notes) = (classifier.readings, classifier.notes);
        growth::read(text, &cues, &units, &items, &mut readings);
        ratio::read(text, &cues, &items, &mut readings);
        let mut numbers = merge::merge(text, &readings, &mut notes);
        notes.extend(sanity::check(text, &mut numbers));
        NumbersFound { numbers, notes }
    }
}

/// "With 30 employees each": those who have staff are organisations.
fn has_staff(text: &Text<'_>, at: usize) -> bool {
    at > 0
        && matches!(text.word(at), "each" | "apiece")
        && matches!(text.word(at - 1), "employees" | "staff" | "seats" | "agents" | "workers" | "clerks")
}

/// For each token that begins a number, one past its last token; zero elsewhere.
pub(crate) fn number_ends(text: &Text<'_>, quantities: &[Quantity]) -> Vec<u32> {
    let mut ends = vec![0; text.tokens.len()];
    for quantity in quantities {
        ends[quantity.first] = u32::try_from(quantity.last).unwrap_or(u32::MAX);
    }
    ends
}
