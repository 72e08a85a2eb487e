//! Which call an address belongs to.

use std::collections::BTreeMap;

use loadcase_publish::contracts::{Answer, Call, Contract, Language};

use super::wire::decoded;

/// What was found at an address.
pub(crate) enum Found {
    /// A call by its index, with its parameters by name.
    Call(usize, BTreeMap<String, String>),
    /// A browser asks whether it may call.
    Preflight(String),
    /// Calls with other methods: the value of `Allow`.
    OtherMethods(String),
    /// Nothing.
    Nothing,
}

struct Route {
    segments: Vec<String>,
    method: &'static str,
    call: usize,
}

/// The addresses of a contract.
pub(crate) struct Routes {
    routes: Vec<Route>,
    /// Path of the call that reads a row by its key, by subject.
    readers: BTreeMap<String, String>,
}

impl Routes {
    pub(crate) fn new(contract: &Contract) -> Self {
        let http = contract.calls.iter().enumerate().filter(|(_, c)| c.language == Language::OpenApi);
        let mut routes: Vec<Route> = http
            .clone()
            .map(|(index, call)| Route {
                segments: call.path.split('/').skip(1).map(str::to_owned).collect(),
                method: call.method,
                call: index,
            })
            .collect();
        // Fixed segments win over parameters, from the left.
        routes.sort_by_key(|r| r.segments.iter().map(|s| s.starts_with('{')).collect::<Vec<_>>());
        let reads = |c: &Call| {
            matches!(c.answer, Answer::One(_))
                && c.method == "GET"
                && c.path_fields.len() == 1
                && c.path.ends_with('}')
        };
        let readers = http
            .filter(|(_, c)| reads(c))
            .filter_map(|(_, c)| Some((c.subject.as_ref()?.as_str().to_owned(), c.path.clone())))
            .collect();
        Self { routes, readers }
    }

    pub(crate) fn find(&self, method: &str, path: &str) -> Found {
        let segments: Vec<String> = path.split('/').skip(1).map(|s| decoded(s, false)).collect();
        let matching: Vec<&Route> = self.routes.iter().filter(|r| fits(&r.segments, &segments)).collect();
        let Some(first) = matching.first() else { return Found::Nothing };
        let same: Vec<&&Route> = matching.iter().filter(|r| r.segments == first.segments).collect();
        if let Some(route) = same.iter().find(|r| r.method == method) {
            let parameters = route
                .segments
                .iter()
                .zip(&segments)
                .filter_map(|(r, s)| Some((r.strip_prefix('{')?.strip_suffix('}')?.to_owned(), s.clone())))
                .collect();
            return Found::Call(route.call, parameters);
        }
        let mut methods: Vec<&str> = same.iter().map(|r| r.method).collect();
        methods.sort_unstable();
        methods.dedup();
        let allow = methods.join(", ");
        if method == "OPTIONS" { Found::Preflight(allow) } else { Found::OtherMethods(allow) }
    }

    /// Where a row is read, when a call reads rows of its kind by their key alone.
    pub(crate) fn reader(&self, subject: &str, id: &str) -> Option<String> {
        let path = self.readers.get(subject)?;
        let start = path.find('{')?;
        Some(format!("{}{id}", &path[..start]))
    }
}

fn fits(route: &[String], segments: &[String]) -> bool {
    route.len() == segments.len()
        && route.iter().zip(segments).all(|(r, s)| if r.starts_with('{') { !s.is_empty() } else { r == s })
}
