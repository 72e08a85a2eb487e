//! Endpoints that follow from where a file stands: Next.js, Nuxt, SvelteKit.

use super::module::{Js, is_script, read};
use crate::extract::Extractor;
use crate::sighting::{Endpoint, Entry, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "javascript-folder-routes", reads, sees: &[], extract };

/// Names of exports that answer one method.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

fn reads(path: &str) -> bool {
    is_next_config(path) || is_script(path) && kind(path).is_some()
}

fn is_next_config(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "next.config.js" | "next.config.mjs" | "next.config.ts")
}

/// How a file's place becomes a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `pages/api/orders/[id].ts`: one handler for every method.
    Pages,
    /// `app/orders/route.ts`: an export per method.
    App,
    /// `server/api/orders.get.ts`: the method in the name.
    Nuxt,
    /// `routes/orders/+server.ts`: an export per method.
    Svelte,
}

/// What kind of file a path is, and the part of it that becomes the route.
fn kind(path: &str) -> Option<(Kind, &str)> {
    let slashed = |marker: &str| match path.strip_prefix(marker) {
        Some(rest) => Some(rest),
        None => path.split_once(&format!("/{marker}")).map(|(_, rest)| rest),
    };
    let name = path.rsplit('/').next()?;
    let stem = name.split('.').next().unwrap_or(name);
    if let Some(rest) = slashed("pages/api/") {
        return (!stem.starts_with('_')).then_some((Kind::Pages, rest));
    }
    if stem == "route"
        && let Some(rest) = slashed("app/")
    {
        return Some((Kind::App, rest));
    }
    if stem == "+server" {
        return slashed("routes/").map(|rest| (Kind::Svelte, rest));
    }
    if let Some(rest) = slashed("server/api/") {
        return Some((Kind::Nuxt, rest));
    }
    None
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_next_config(source.path) {
        out.add(1, Seen::Entry(Entry { framework: Some("nextjs".to_owned()) }));
        return;
    }
    let Some((kind, rest)) = kind(source.path) else { return };
    read(source, |js| {
        let mut parts: Vec<&str> = rest.split('/').collect();
        let last = parts.pop().unwrap_or("");
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        let words: Vec<&str> = if kind == Kind::Nuxt { stem.split('.').collect() } else { vec![stem] };
        let mut path = match kind {
            Kind::Pages | Kind::Nuxt => "/api".to_owned(),
            Kind::App | Kind::Svelte => String::new(),
        };
        for part in parts {
            push(&mut path, part);
        }
        if matches!(kind, Kind::Pages | Kind::Nuxt) && words.first().is_some_and(|w| *w != "index") {
            push(&mut path, words.first().copied().unwrap_or(""));
        }
        let path = if path.is_empty() { "/".to_owned() } else { path };
        match kind {
            Kind::App | Kind::Svelte => exported(js, &path, out),
            Kind::Pages if has_default(js) => by_condition(js, &path, out),
            Kind::Nuxt if source.text.contains("EventHandler") => {
                let method =
                    words.get(1).map(|w| w.to_ascii_uppercase()).filter(|w| METHODS.contains(&w.as_str()));
                whole(js, method, &path, out);
            }
            _ => {}
        }
    });
}

/// Adds a folder to a path: `[id]` is a parameter, `(group)` and `@slot` leave no trace.
fn push(path: &mut String, part: &str) {
    if part.starts_with('(') || part.starts_with('@') {
        return;
    }
    let inside = part.trim_start_matches('[').trim_end_matches(']');
    path.push('/');
    if inside.len() < part.len() {
        path.push_str(&format!(
            "{{{}}}",
            inside.trim_start_matches("...").split('=').next().unwrap_or(inside)
        ));
    } else {
        path.push_str(part);
    }
}

fn has_default(js: &Js<'_>) -> bool {
    js.text.contains("export default") || js.text.contains("module.exports")
}

fn whole(js: &Js<'_>, method: Option<String>, path: &str, out: &mut Sightings) {
    let endpoint = Endpoint { method, path: path.to_owned(), ..Endpoint::default() };
    out.span(1, syntax::last_line(js.root()), Seen::Endpoint(endpoint));
}

/// `export async function GET(request) {}`, `export const POST = withAuth(...)`
fn exported(js: &Js<'_>, path: &str, out: &mut Sightings) {
    for statement in js.all("export_statement") {
        for node in js.below(statement) {
            let name = match node.kind() {
                "function_declaration" | "variable_declarator" => syntax::field_text(*node, "name", js.text),
                "export_specifier" => syntax::field_text(*node, "alias", js.text)
                    .or_else(|| syntax::field_text(*node, "name", js.text)),
                _ => None,
            };
            let Some(name) = name.filter(|n| METHODS.contains(n)) else { continue };
            let endpoint = Endpoint {
                method: Some(name.to_owned()),
                path: path.to_owned(),
                handler: Some(name.to_owned()),
                ..Endpoint::default()
            };
            out.span(syntax::line(*node), syntax::last_line(*node), Seen::Endpoint(endpoint));
        }
    }
}

/// `if (req.method === 'POST')` tells the methods of a handler for all of them.
fn by_condition(js: &Js<'_>, path: &str, out: &mut Sightings) {
    let about_method = js.text.contains(".method");
    let mut methods: Vec<&str> =
        js.all("string").map(|s| js.literal(s)).filter(|s| about_method && METHODS.contains(s)).collect();
    methods.sort_unstable();
    methods.dedup();
    if methods.is_empty() {
        whole(js, None, path, out);
    }
    for method in methods {
        whole(js, Some(method.to_owned()), path, out);
    }
}
