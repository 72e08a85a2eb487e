//! Where it runs: the area of the world that a brief names, and the provider's region there.

use std::cmp::Reverse;

use loadcase_catalog::{Area, Catalog};
use loadcase_model::{Brief, Id, Origin};

/// Signals that tie data to a place: what they say counts before anything else.
const BINDING: [&str; 2] = ["eu-hosting", "data-residency"];

/// The area a brief names: in the words that tie its data to a place, else anywhere. Of several, the one named first,
/// and of two that lie in one another the smaller.
pub(crate) fn area<'c>(brief: &Brief, catalog: &'c Catalog) -> Option<&'c Area> {
    let said = BINDING.iter().filter_map(|s| brief.signals.get(*s)).filter(|s| s.holds);
    let words = said.filter_map(|s| match &s.origin {
        Origin::Stated { text, .. } => Some(text.as_str()),
        _ => None,
    });
    let bound: Vec<&str> = words.collect();
    named(&bound.join(" . "), catalog).or_else(|| named(&brief.text, catalog))
}

/// The region of a provider in an area or in the one around it.
pub(crate) fn region(catalog: &Catalog, provider: &Id, area: &Area) -> Option<String> {
    let regions = &catalog.technologies.get(provider)?.regions;
    let around = area.within.as_ref().and_then(|w| regions.get(w));
    regions.get(&area.id).or(around).cloned()
}

fn named<'c>(text: &str, catalog: &'c Catalog) -> Option<&'c Area> {
    let written: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let lower: Vec<String> = written.iter().map(|w| w.to_lowercase()).collect();
    let at = |phrase: &str| {
        let words: Vec<&str> = phrase.split(' ').collect();
        let as_written = phrase.chars().all(char::is_uppercase);
        (0..written.len()).find(|&i| {
            words.iter().enumerate().all(|(n, word)| {
                if as_written {
                    written.get(i + n) == Some(word)
                } else {
                    lower.get(i + n).is_some_and(|w| w == word)
                }
            })
        })
    };
    let areas = catalog.lexicon.areas.values();
    let found: Vec<(usize, &Area)> =
        areas.filter_map(|a| Some((a.say.iter().filter_map(|p| at(p)).min()?, a))).collect();
    let (_, first) = found.iter().min_by_key(|(place, a)| (*place, Reverse(a.within.is_some())))?;
    let inside = found.iter().filter(|(_, a)| a.within.as_ref() == Some(&first.id));
    Some(inside.min_by_key(|(place, _)| *place).map_or(*first, |(_, a)| *a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_what_was_said() {
        let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is sound");
        for (text, wanted) in [
            ("merchants in the EU pay by card", Some("eu")),
            ("telemetry, hosted in Germany", Some("germany")),
            ("for shops in Europe, data stays in Germany", Some("germany")),
            ("tell us about clinics in the US", Some("us")),
            ("let us share photos", None),
            ("an English school in Japan", Some("japan")),
        ] {
            let found = named(text, &catalog).map(|a| a.id.as_str());
            assert_eq!(found, wanted, "{text}");
        }
    }

    #[test]
    fn every_provider_says_what_its_regions_are_called() {
        let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is sound");
        let eu = &catalog.lexicon.areas["eu"];
        let provider = catalog.decision("provider").expect("there is a provider");
        for option in &provider.options {
            let id = &option.technologies[0];
            if *id != *"cloudflare" {
                assert!(region(&catalog, id, eu).is_some(), "{id}");
            }
        }
        let germany = &catalog.lexicon.areas["germany"];
        assert_eq!(region(&catalog, &Id::slug("aws"), germany).as_deref(), Some("eu-central-1"));
    }
}
