//! Operations: endpoints under the prefixes of the routers they hang on.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::Place;

use crate::merge::flows::Flows;
use crate::merge::handlers::{Body, Handlers};
use crate::merge::parts::Parts;
use crate::sighting::{Endpoint, Mount, ReachKind, Seen, Sighting};
use crate::source::is_test_path;

/// An operation of a part.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The part that answers.
    pub(crate) part: usize,
    /// HTTP method; absent when any.
    pub(crate) method: Option<String>,
    /// Whole path.
    pub(crate) path: String,
    /// Whether it is only the path of a class of handlers.
    pub(crate) prefix_only: bool,
    /// Roles or scopes.
    pub(crate) roles: Vec<String>,
    /// Where.
    pub(crate) place: Place,
    /// Last line of the handler.
    pub(crate) until: usize,
    /// The code that answers, when it stands in another place.
    pub(crate) code: Vec<(Place, usize)>,
}

impl Asked {
    /// Whether a line belongs to the operation: of its declaration or of the code that answers.
    pub(crate) fn holds(&self, path: &str, line: usize) -> bool {
        let holds = |place: &Place, until: usize| place.path == path && place.line <= line && line <= until;
        holds(&self.place, self.until) || self.code.iter().any(|(place, until)| holds(place, *until))
    }
}

/// Deepest chain of routers that is followed.
const DEPTH: usize = 6;

/// The operations of every part, in the order of part, path and method.
pub(crate) fn operations(sightings: &[Sighting], parts: &Parts, flows: &Flows) -> Vec<Asked> {
    let mounts = Mounts::new(sightings);
    let handlers = Handlers::new(sightings, parts);
    let mut found = Vec::new();
    for sighting in sightings.iter().filter(|s| !is_test_path(&s.place.path)) {
        let Seen::Endpoint(endpoint) = &sighting.seen else { continue };
        for part in parts.owners(&sighting.place.path, endpoint.of.as_deref()) {
            let bodies = handlers.of(&sighting.place.path, endpoint, part);
            for path in paths(&sighting.place.path, endpoint, &mounts) {
                for (method, code) in by_method(endpoint, &bodies) {
                    found.push(Asked {
                        part,
                        method,
                        path: path.clone(),
                        prefix_only: endpoint.prefix_only,
                        roles: endpoint.roles.clone(),
                        place: sighting.place.clone(),
                        until: sighting.until,
                        code,
                    });
                }
            }
        }
    }
    found.extend(asked_elsewhere(&found, parts, flows));
    found.sort_by(|a, b| {
        (a.part, &a.path, &a.method, &a.place.path, a.place.line).cmp(&(
            b.part,
            &b.path,
            &b.method,
            &b.place.path,
            b.place.line,
        ))
    });
    found.dedup_by(|b, a| {
        a.part == b.part && a.path == b.path && a.method == b.method && a.prefix_only == b.prefix_only
    });
    found
}

/// What others ask of a part by method and path and the part's own files do not show: its path below a context,
/// a handler that a library brings. The evidence is the call.
fn asked_elsewhere(found: &[Asked], parts: &Parts, flows: &Flows) -> Vec<Asked> {
    let mut more: Vec<Asked> = Vec::new();
    // The shapes of the paths that each part is known to answer.
    let mut shapes: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for asked in found {
        shapes.entry(asked.part).or_default().insert(shape(&asked.path));
    }
    for edge in flows.edges.iter().filter(|e| e.kind == ReachKind::Call && e.protocol == "http") {
        // Without a single handler of its own its code is not understood, and a call may miss the mark.
        let Some(known) = shapes.get_mut(&edge.to).filter(|_| parts.parts[edge.to].has_code()) else {
            continue;
        };
        for call in &edge.asked {
            let Some((method, path)) = call.split_once(' ') else { continue };
            let path = path.split('?').next().unwrap_or(path);
            let plain =
                path.starts_with('/') && path.len() > 1 && !path.contains("${") && !path.contains('*');
            let Some((place, until)) = edge.places.first().filter(|_| plain && method != "*") else {
                continue;
            };
            if !known.insert(shape(path)) {
                continue;
            }
            more.push(Asked {
                part: edge.to,
                method: Some(method.to_owned()),
                path: path.to_owned(),
                prefix_only: false,
                roles: Vec::new(),
                place: place.clone(),
                until: *until,
                code: Vec::new(),
            });
        }
    }
    more
}

/// A path whose parameters have no names.
fn shape(path: &str) -> String {
    let parts = path
        .trim_matches('/')
        .split('/')
        .map(|p| if p.contains(['{', '<']) || p.starts_with(':') { "{}" } else { p });
    parts.collect::<Vec<_>>().join("/").to_ascii_lowercase()
}

/// Places of code, each with its last line.
type Lines = Vec<(Place, usize)>;

/// An endpoint is one operation for each method its code tells apart.
fn by_method(endpoint: &Endpoint, bodies: &[Body]) -> Vec<(Option<String>, Lines)> {
    let mut methods: BTreeMap<Option<String>, Lines> = BTreeMap::new();
    for body in bodies {
        let method = endpoint.method.clone().or_else(|| body.method.clone());
        methods.entry(method).or_default().push((body.place.clone(), body.until));
    }
    if methods.is_empty() {
        methods.insert(endpoint.method.clone(), Vec::new());
    }
    methods.into_iter().collect()
}

/// Most mounts that are followed for one endpoint.
const STEPS: usize = 500;

/// The mounts by what they hang: a router of the same file, or a file without its extension.
struct Mounts<'a> {
    all: Vec<(&'a Sighting, &'a Mount)>,
    of: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Mounts<'a> {
    fn new(sightings: &'a [Sighting]) -> Self {
        let mut mounts = Self { all: Vec::new(), of: BTreeMap::new() };
        for sighting in sightings {
            let Seen::Mount(mount) = &sighting.seen else { continue };
            let at = mounts.all.len();
            mounts.all.push((sighting, mount));
            let hung = mount.file.as_deref().unwrap_or(&sighting.place.path);
            mounts.of.entry(hung).or_default().push(at);
            let stem = without_extension(hung);
            if stem != hung {
                mounts.of.entry(stem).or_default().push(at);
            }
        }
        mounts
    }

    /// The mounts that may hang a router of a file.
    fn of(&self, file: &str) -> impl Iterator<Item = &(&'a Sighting, &'a Mount)> {
        let (stem, index) = stems(file);
        let keys = [Some(file), Some(stem).filter(|s| *s != file), index];
        let found = keys.into_iter().flatten().filter_map(|k| self.of.get(k)).flatten();
        let found: BTreeSet<usize> = found.copied().collect();
        found.into_iter().filter_map(|at| self.all.get(at))
    }
}

/// The whole paths of an endpoint: one for each way its router is mounted.
fn paths(file: &str, endpoint: &Endpoint, mounts: &Mounts<'_>) -> Vec<String> {
    let mut climb = Climb { mounts, left: STEPS, prefixes: BTreeSet::new() };
    climb.from(file, endpoint.router.as_deref(), String::new(), 0);
    climb.prefixes.into_iter().map(|prefix| join(&prefix, &endpoint.path)).collect()
}

/// The search for the prefixes of an endpoint.
struct Climb<'a> {
    mounts: &'a Mounts<'a>,
    left: usize,
    prefixes: BTreeSet<String>,
}

impl Climb<'_> {
    fn from(&mut self, file: &str, router: Option<&str>, below: String, depth: usize) {
        let mut mounted = false;
        let mounts = self.mounts;
        for (sighting, mount) in mounts.of(file).filter(|_| depth < DEPTH) {
            if self.left == 0 {
                break;
            }
            if is_mounted(file, router, &sighting.place.path, mount) {
                self.left -= 1;
                mounted = true;
                let prefix = join(&mount.prefix, &below);
                if sighting.place.path == file {
                    // A router of this file hung on another of this file.
                    self.prefixes.insert(prefix);
                } else {
                    self.from(&sighting.place.path, None, prefix, depth + 1);
                }
            }
        }
        if !mounted {
            self.prefixes.insert(below);
        }
    }
}

/// A path without its extension, and the folder whose index file it is.
fn stems(file: &str) -> (&str, Option<&str>) {
    let stem = without_extension(file);
    (stem, stem.strip_suffix("/index").or_else(|| stem.strip_suffix("/__init__")))
}

fn is_mounted(file: &str, router: Option<&str>, at: &str, mount: &Mount) -> bool {
    match &mount.file {
        Some(of) => {
            let (stem, index) = stems(file);
            file != at
                && (stem == without_extension(of) || stem == of || index == Some(of))
                && (mount.router.is_none() || router.is_none() || mount.router.as_deref() == router)
        }
        None => file == at && mount.router.is_some() && mount.router.as_deref() == router,
    }
}

/// A path without the extension of its file name.
fn without_extension(path: &str) -> &str {
    let start = path.rfind('/').map_or(0, |i| i + 1);
    path[start..].rfind('.').filter(|dot| *dot > 0).map_or(path, |dot| &path[..start + dot])
}

/// Joins two paths with one slash between them.
fn join(prefix: &str, path: &str) -> String {
    let (prefix, path) = (prefix.trim_end_matches('/'), path.trim_start_matches('/'));
    match (prefix.is_empty(), path.is_empty()) {
        (true, _) => format!("/{path}"),
        (false, true) => {
            if prefix.starts_with('/') {
                prefix.to_owned()
            } else {
                format!("/{prefix}")
            }
        }
        (false, false) => format!("{}{prefix}/{path}", if prefix.starts_with('/') { "" } else { "/" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_with_one_slash() {
        assert_eq!(join("", "orders"), "/orders");
        assert_eq!(join("/api/", "/orders"), "/api/orders");
        assert_eq!(join("api", ""), "/api");
        assert_eq!(without_extension("a.b/routes.v1.js"), "a.b/routes.v1");
        assert_eq!(without_extension("a.b/.env"), "a.b/.env");
    }
}
