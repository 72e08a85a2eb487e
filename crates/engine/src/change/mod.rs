//! Changes of a system, as people and remedies write them: `app.copies=6`, `cache=off`, `client.retries=0`.
//!
//! A name is looked for among the components (by identifier, technology, kind or name), the flows (`app->store`),
//! the operations and `client`; what a change makes of it is an [`Edit`], which says what was there before.

mod apply;
mod system;
mod value;

use loadcase_model::{Blueprint, Component, ComponentKind, Figure, Id, Origin, Understood, Unit};

pub(crate) use apply::Edit;
pub(crate) use value::Value;

/// Why a change cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ChangeError {
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub help: String,
}

impl ChangeError {
    pub(crate) fn new(problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self { problem: problem.into(), help: help.into() }
    }
}

/// A change taken apart: what, which of its properties, and what it should be.
#[derive(Clone, Debug)]
pub(crate) struct Given<'a> {
    pub(crate) text: &'a str,
    pub(crate) name: &'a str,
    pub(crate) property: Option<&'a str>,
    pub(crate) value: &'a str,
}

/// Longest change that is read.
const LONGEST: usize = 200;

impl<'a> Given<'a> {
    /// Takes `NAME=VALUE` or `NAME.PROPERTY=VALUE` apart.
    pub(crate) fn read(text: &'a str) -> Result<Self, ChangeError> {
        let form = || {
            ChangeError::new(
                format!("`{}` is no change", text.chars().take(60).collect::<String>()),
                "write NAME=VALUE, such as `users=5M`, `app.copies=6` or `cache=off`",
            )
        };
        if text.len() > LONGEST || text.contains(char::is_control) {
            return Err(form());
        }
        let (what, value) = text.split_once('=').ok_or_else(form)?;
        let (what, value) = (what.trim(), value.trim());
        if what.is_empty() || value.is_empty() {
            return Err(form());
        }
        let (name, property) = what.rsplit_once('.').map_or((what, None), |(n, p)| (n, Some(p)));
        Ok(Self { text, name, property, value })
    }

    /// The value, where it must be a quantity, a factor or a switch.
    pub(crate) fn parsed(&self) -> Result<Value, ChangeError> {
        Value::parse(self.value).ok_or_else(|| {
            ChangeError::new(
                format!("`{}` is no value", self.value),
                "write a number (`6`, `30k`), a factor (`2x`), a difference (`+1`), a share (`50%`), a time \
                 (`200ms`), `on` or `off`",
            )
        })
    }
}

/// Whether a name stands for something of a blueprint, rather than for an input of a brief.
pub(crate) fn names_element(blueprint: &Blueprint, given: &Given<'_>) -> bool {
    given.name == "load"
        || given.name == "client"
        || given.name == apply::EVERY
        || given.name.contains("->")
        || blueprint.operations.contains_key(given.name)
        || is_kind(given.name)
        || !called(blueprint, given.name).is_empty()
}

/// Whether a word is that of a kind of component.
pub(crate) fn is_kind(word: &str) -> bool {
    let kind = serde_json::from_value::<ComponentKind>(serde_json::Value::String(word.to_owned()));
    kind.is_ok()
}

/// Components that a name may mean: the one with this identifier, else those with this name, this technology, or
/// of this kind.
fn called<'a>(blueprint: &'a Blueprint, name: &str) -> Vec<(&'a Id, &'a Component)> {
    if let Some(found) = blueprint.components.get_key_value(name) {
        return vec![found];
    }
    let slug = Id::slug(name);
    // `postgres` is short for `postgresql`.
    let short = |t: &Id| slug.as_str().len() >= SHORTEST && t.as_str().starts_with(slug.as_str());
    let ways: [&dyn Fn(&Component) -> bool; 3] =
        [&|c| Id::slug(&c.name) == slug, &|c| c.technology.as_ref().is_some_and(short), &|c| {
            c.kind.word() == slug.as_str()
        }];
    let by = |way: &&dyn Fn(&Component) -> bool| -> Vec<_> {
        blueprint.components.iter().filter(|(_, c)| way(c)).collect()
    };
    ways.iter().map(by).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Shortest beginning of a technology's name that stands for it.
const SHORTEST: usize = 3;

/// Finds the component that a name means.
pub(crate) fn component<'a>(
    blueprint: &'a Blueprint,
    name: &str,
) -> Result<(&'a Id, &'a Component), ChangeError> {
    match called(blueprint, name).as_slice() {
        [one] => Ok(*one),
        [] => Err(unknown(name, &names(blueprint))),
        several => {
            let ids: Vec<&str> = several.iter().map(|(id, _)| id.as_str()).collect();
            Err(ChangeError::new(
                format!("`{name}` may mean {} components", several.len()),
                format!("say which one: {}", ids.join(", ")),
            ))
        }
    }
}

/// Every name that a change of a blueprint may begin with.
pub(crate) fn names(blueprint: &Blueprint) -> Vec<String> {
    let sized = blueprint.components.iter().filter(|(_, c)| c.capacity.is_some());
    let mut names: Vec<String> = sized.map(|(id, _)| id.to_string()).collect();
    names.extend(["load", "client", apply::EVERY].map(str::to_owned));
    names
}

/// An error for a name that nothing has, with the nearest one.
pub(crate) fn unknown(name: &str, known: &[String]) -> ChangeError {
    let near = |other: &String| strsim::jaro_winkler(name, other);
    let best = known.iter().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|b| near(b) > 0.75);
    let meant = best.map_or(String::new(), |b| format!("did you mean `{b}`? "));
    let (inputs, elements): (Vec<&str>, Vec<&str>) =
        known.iter().map(String::as_str).partition(|k| loadcase_model::Input::from_slug(k).is_some());
    let inputs = if inputs.is_empty() {
        String::new()
    } else {
        format!("\n  inputs of the brief: {}", inputs.join(", "))
    };
    ChangeError::new(
        format!("there is nothing called `{name}` to change"),
        format!("{meant}what can be changed\n  parts: {}{inputs}", elements.join(", ")),
    )
}

/// A number before or after a change, as a figure.
pub(crate) fn figure(value: f64, unit: Unit, origin: Origin) -> Figure {
    Figure { value, unit, origin }
}

/// What was understood of a change of a number.
pub(crate) fn understood(
    given: &str,
    what: String,
    unit: Unit,
    before: Option<f64>,
    after: Option<f64>,
) -> Understood {
    Understood {
        given: given.to_owned(),
        what,
        before: before.map(|v| figure(v, unit, Origin::computed("as the blueprint says"))),
        after: after.map(|v| figure(v, unit, Origin::answered(given))),
    }
}
