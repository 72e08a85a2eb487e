//! Paths of operations: cleaned, told apart, with typed parameters.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Blueprint, FieldType, Id, Operation};

use super::contract::{Field, Form, Text};
use super::entity::readable;
use super::form::of_column;
use super::naming::{kebab, snake};
use crate::text::{capital, words};

/// The version of the contract, the first segment of its paths.
const VERSION: &str = "v1";
/// Most characters of a segment.
const SEGMENT: usize = 80;

/// The path in the characters a path may have: one version first, braces only around whole segments.
pub(crate) fn clean_path(path: &str) -> String {
    let mut out = format!("/{VERSION}");
    let mut known = BTreeSet::new();
    for (n, segment) in path.split('/').filter(|s| !s.is_empty()).enumerate() {
        let inner = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
        let text: String = inner
            .unwrap_or(segment)
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
            .take(SEGMENT)
            .collect();
        if text.chars().all(|c| c == '.') || n == 0 && is_version(&text) {
            continue;
        }
        out.push('/');
        if inner.is_some() {
            let mut name = parameter_name(&text);
            while !known.insert(name.clone()) {
                name.push('2');
            }
            out.push_str(&format!("{{{name}}}"));
        } else {
            out.push_str(&text);
        }
    }
    out
}

/// A parameter's name: nothing in an address is called a credential, because addresses are logged.
fn parameter_name(text: &str) -> String {
    let mut name = snake(text);
    for (word, other) in
        [("token", "code"), ("secret", "code"), ("password", "code"), ("api_key", "key"), ("apikey", "key")]
    {
        name = name.replace(word, other);
    }
    name
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Names of the parameters of a path.
pub(crate) fn parameters(path: &str) -> Vec<String> {
    path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).map(str::to_owned).collect()
}

/// Paths that are taken.
#[derive(Default)]
pub(crate) struct Paths {
    /// A path with anonymous parameters, and the first with names.
    names: BTreeMap<String, String>,
    used: BTreeSet<(String, &'static str)>,
}

impl Paths {
    /// The path of an operation: parameters of the same path get the same names, and each method and path is used
    /// once; a second operation there gets its own segment.
    pub(crate) fn place(&mut self, id: &Id, path: &str, method: &'static str) -> String {
        let mut wanted = clean_path(path);
        if wanted == format!("/{VERSION}") {
            wanted = format!("/{VERSION}/{}", kebab(id.as_str()));
        }
        let mut n = 1;
        loop {
            let anonymous: Vec<&str> =
                wanted.split('/').map(|s| if s.starts_with('{') { "{}" } else { s }).collect();
            let anonymous = anonymous.join("/").to_ascii_lowercase();
            let path = self.names.entry(anonymous.clone()).or_insert_with(|| wanted.clone()).clone();
            if self.used.insert((anonymous, method)) {
                return path;
            }
            let suffix = if n == 1 { String::new() } else { n.to_string() };
            wanted = format!("{path}/{}{suffix}", kebab(id.as_str()));
            n += 1;
        }
    }
}

/// The type of a parameter: that of the column or entity it names, else a word.
pub(crate) fn parameter(
    blueprint: &Blueprint,
    operation: &Operation,
    subject: Option<&Id>,
    path: &str,
    name: &str,
) -> Field {
    // In `/categories/{slug}/products` the slug is that of a category.
    let segments: Vec<&str> = path.split('/').collect();
    let before = segments.windows(2).find(|w| w[1] == format!("{{{name}}}")).map_or("", |w| w[0]);
    let accessed = || operation.accesses.iter().map(|a| &a.entity);
    let named = accessed().find(|id| super::entity::names(before, id.as_str()));
    let entities = named.into_iter().chain(subject).chain(accessed());
    let column =
        entities.filter_map(|id| Some((id, blueprint.entities.get(id)?))).find_map(|(id, entity)| {
            let column = readable(entity).into_iter().find(|c| snake(&c.name) == name)?;
            Some((id.clone(), column))
        });
    let target = name.strip_suffix("_id").map(|stem| stem.replace('_', "-")).and_then(|stem| {
        blueprint.entities.keys().find(|id| id.as_str() == stem).or_else(|| {
            // `item_id` where the operation is about a `reconciliation-item`.
            subject.filter(|s| s.as_str().ends_with(&format!("-{stem}")))
        })
    });
    let (form, owner) = match (target, column) {
        (Some(id), _) => (Form::Uuid(id.as_str().to_owned()), id.as_str().to_owned()),
        (None, Some((id, column)))
            if !matches!(column.kind, FieldType::Json | FieldType::Point | FieldType::Bytes) =>
        {
            (in_path(of_column(&column, id.as_str())), id.as_str().to_owned())
        }
        _ if name == "id" || name.ends_with("_id") => {
            let owner = subject.map_or("reference", Id::as_str).to_owned();
            (Form::Uuid(owner.clone()), owner)
        }
        _ => (in_path(Form::Text(super::known::text(name))), String::new()),
    };
    Field { name: name.to_owned(), form, required: true, about: format!("{}.", capital(&words(name))), owner }
}

/// A type that fits into one segment.
fn in_path(form: Form) -> Form {
    const SEGMENT: &str = "^[A-Za-z0-9._~-]+$";
    let word = |example| Form::Text(Text { least: 1, most: 120, pattern: SEGMENT, example });
    match form {
        Form::Text(text) if text.pattern.contains(['/', ' ', ':']) || text.pattern.contains("[^") => {
            let fits = !text.example.is_empty()
                && text.example.chars().all(|c| c.is_ascii_alphanumeric() || "._~-".contains(c));
            word(if fits { text.example } else { "main" })
        }
        Form::Text(text) => Form::Text(Text { least: text.least.max(1), ..text }),
        Form::Url | Form::Email => word("ada.lovelace"),
        Form::Money(..) | Form::Decimal | Form::Float(..) | Form::Boolean => word("main"),
        Form::Words(words)
            if words.iter().all(|w| w.chars().all(|c| c.is_ascii_alphanumeric() || "._~-".contains(c))) =>
        {
            Form::Words(words)
        }
        Form::Words(_) => word("main"),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        let cases = [
            ("/v1/posts/{post_id}", "/v1/posts/{post_id}"),
            ("/v1/posts/{post-id}/..//x y", "/v1/posts/{post_id}/xy"),
            ("/{}/a{b}c", "/v1/abc"),
            ("/v1", "/v1"),
            ("/v1/v2/x", "/v1/v2/x"),
            ("/links/{token}", "/v1/links/{code}"),
            ("/a/{b}/{b}/{c}", "/v1/a/{b}/{b2}/{c}"),
        ];
        for (path, clean) in cases {
            assert_eq!(clean_path(path), clean, "{path}");
        }
        assert_eq!(parameters("/a/{b}/{c}"), ["b", "c"]);
    }

    #[test]
    fn two_operations_never_share_a_place() {
        let mut paths = Paths::default();
        let id = |text| Id::new(text).expect("an identifier");
        assert_eq!(paths.place(&id("a"), "/x/{one}", "GET"), "/v1/x/{one}");
        assert_eq!(paths.place(&id("b"), "/X/{two}", "GET"), "/v1/x/{one}/b");
        assert_eq!(paths.place(&id("c"), "/x/{two}", "PUT"), "/v1/x/{one}");
        assert_eq!(paths.place(&id("d"), "", "GET"), "/v1/d");
    }
}
