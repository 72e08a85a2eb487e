//! The code behind endpoints that another file declares: views of Django, functions a contract names.

use std::collections::BTreeMap;

use loadcase_model::Place;

use crate::merge::parts::Parts;
use crate::sighting::{Endpoint, HandlerSeen, Seen, Sighting};
use crate::source::is_test_path;

/// Handlers of all files.
pub(crate) struct Handlers<'a> {
    /// By the name of the handler and the part it runs in.
    by_name: BTreeMap<(&'a str, usize), Vec<(&'a Sighting, &'a HandlerSeen)>>,
}

/// The code of one method of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Body {
    /// The HTTP method, when the handler says it.
    pub(crate) method: Option<String>,
    /// Where it begins.
    pub(crate) place: Place,
    /// Its last line.
    pub(crate) until: usize,
}

impl<'a> Handlers<'a> {
    /// Gathers them.
    pub(crate) fn new(sightings: &'a [Sighting], parts: &Parts) -> Self {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for sighting in sightings.iter().filter(|s| !is_test_path(&s.place.path)) {
            let Seen::Handler(handler) = &sighting.seen else { continue };
            for part in parts.owners(&sighting.place.path, None) {
                by_name.entry((handler.name.as_str(), part)).or_default().push((sighting, handler));
            }
        }
        Self { by_name }
    }

    /// The code that answers an endpoint which a file declares for a part; nothing when its name is not clear.
    pub(crate) fn of(&self, file: &str, endpoint: &Endpoint, part: usize) -> Vec<Body> {
        let Some(name) = endpoint.handler.as_deref().filter(|n| !n.is_empty()) else { return Vec::new() };
        let segments: Vec<&str> = name.split(['.', ':', '/']).filter(|s| !s.is_empty()).collect();
        let Some((last, module)) = segments.split_last() else { return Vec::new() };
        let found = self.by_name.get(&(*last, part)).into_iter().flatten();
        let mut named: Vec<_> =
            found.map(|(s, handler)| (closeness(&s.place.path, file, module), *s, *handler)).collect();
        let Some(best) = named.iter().map(|(closeness, ..)| *closeness).max() else { return Vec::new() };
        named.retain(|(closeness, ..)| *closeness == best);
        // The same name in several files, equally near: it cannot be told which.
        if named.iter().any(|(_, s, _)| s.place.path != named[0].1.place.path) {
            return Vec::new();
        }
        let fits = |h: &HandlerSeen| match (&h.method, &endpoint.method) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        named
            .into_iter()
            .filter(|(_, _, h)| fits(h))
            .map(|(_, s, h)| Body { method: h.method.clone(), place: s.place.clone(), until: s.until })
            .collect()
    }
}

/// How well a file fits a handler's module: segments of the module its path ends with, then the same folder.
fn closeness(path: &str, file: &str, module: &[&str]) -> (usize, bool) {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let ends = stem.rsplit('/').zip(module.iter().rev()).take_while(|(a, b)| a == *b).count();
    let folder = |p: &str| p.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    (ends, folder(path) == folder(file))
}
