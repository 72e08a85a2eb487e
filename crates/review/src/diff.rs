//! Two versions of an architecture held against each other.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use loadcase_model::{
    Blueprint, ChangedElement, Changes, Component, Entity, FieldChange, Finding, FindingChanges, Flow, Id,
    Operation, Place, Shape,
};

use crate::paths::without_names;

/// A version of an architecture.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// The architecture.
    pub blueprint: &'a Blueprint,
    /// Every name its components go by.
    pub names: &'a IndexMap<Id, Vec<String>>,
}

/// The components of two versions that are the same: by identifier, else by a name both go by.
#[must_use]
pub fn partners(before: &Version<'_>, after: &Version<'_>) -> BTreeMap<Id, Id> {
    let (old, new) = (&before.blueprint.components, &after.blueprint.components);
    let mut partners: BTreeMap<Id, Id> =
        old.keys().filter(|id| new.contains_key(*id)).map(|id| (id.clone(), id.clone())).collect();
    let mut free: Vec<(&Id, BTreeSet<Id>)> =
        new.keys().filter(|id| !old.contains_key(*id)).map(|id| (id, names(after, id))).collect();
    for id in old.keys().filter(|id| !new.contains_key(*id)) {
        let known = names(before, id);
        if let Some(at) = free.iter().position(|(_, others)| !others.is_disjoint(&known)) {
            partners.insert(id.clone(), free.remove(at).0.clone());
        }
    }
    partners
}

/// The names of a component, as identifiers.
fn names(version: &Version<'_>, id: &Id) -> BTreeSet<Id> {
    let component = version.blueprint.components.get(id).map(|c| Id::slug(&c.name));
    let also = version.names.get(id).into_iter().flatten().map(|n| Id::slug(n));
    std::iter::once(id.clone()).chain(component).chain(also).collect()
}

/// What has changed in the architecture. `strict` counts a property that only one side has as changed; without
/// it only what both sides state is compared, because a document and code do not tell the same things.
#[must_use]
pub fn shape(before: &Version<'_>, after: &Version<'_>, strict: bool) -> Shape {
    let partners = partners(before, after);
    let known = |id: &Id| partners.get(id).cloned().unwrap_or_else(|| id.clone());
    let (old, new) = (before.blueprint, after.blueprint);
    let compare = Compare { strict };
    Shape {
        system: compare.fields(&system(old), &system(new)),
        components: compare.changes(
            old.components.iter().map(|(id, c)| (known(id), component(c))).collect(),
            new.components.iter().map(|(id, c)| (id.clone(), component(c))).collect(),
        ),
        flows: compare.changes(flows(old, &known), flows(new, &Id::clone)),
        operations: compare.changes(operations(old, &known), operations(new, &Id::clone)),
        entities: compare.changes(entities(old), entities(new)),
    }
}

/// Findings that came and went, by rule and fingerprint.
#[must_use]
pub fn finding_changes(before: &[Finding], after: &[Finding]) -> FindingChanges {
    let old: BTreeSet<_> = before.iter().flat_map(keys).collect();
    let new: BTreeSet<_> = after.iter().flat_map(keys).collect();
    let was_there = |f: &&Finding| keys(f).iter().all(|k| old.contains(k));
    FindingChanges {
        new: after.iter().filter(|f| !was_there(f)).cloned().collect(),
        fixed: before.iter().filter(|f| !keys(f).iter().any(|k| new.contains(k))).cloned().collect(),
        unchanged: after.iter().filter(was_there).count(),
    }
}

/// What a finding is known by: its own fingerprint, or those of the findings that it stands for.
fn keys(finding: &Finding) -> Vec<(Id, Option<String>)> {
    let key = |fingerprint: Option<&String>| (finding.rule.clone(), fingerprint.cloned());
    match &finding.review {
        Some(detail) if !detail.folded.is_empty() => detail.folded.iter().map(|f| key(Some(f))).collect(),
        detail => vec![key(detail.as_ref().map(|d| &d.fingerprint))],
    }
}

/// An element as far as it is compared: its name, its properties, its places.
struct Element {
    name: String,
    fields: Fields,
    places: Vec<Place>,
}

/// Properties by name; none for what is not known.
type Fields = Vec<(&'static str, Option<String>)>;

struct Compare {
    strict: bool,
}

impl Compare {
    fn changes<K: Ord>(&self, old: BTreeMap<K, Element>, mut new: BTreeMap<K, Element>) -> Changes {
        let mut changes = Changes::default();
        for (key, was) in old {
            let Some(is) = new.remove(&key) else {
                changes.removed.push(told(was, Vec::new()));
                continue;
            };
            let fields = self.fields(&was.fields, &is.fields);
            if !fields.is_empty() {
                changes.changed.push(told(is, fields));
            }
        }
        changes.added = new.into_values().map(|e| told(e, Vec::new())).collect();
        changes
    }

    fn fields(&self, old: &Fields, new: &Fields) -> Vec<FieldChange> {
        let differ = |was: &Option<String>, is: &Option<String>| {
            was != is && (self.strict || (was.is_some() && is.is_some()))
        };
        let pairs = old.iter().zip(new).filter(|((_, was), (_, is))| differ(was, is));
        pairs
            .map(|((field, was), (_, is))| FieldChange {
                field: (*field).to_owned(),
                before: was.clone().unwrap_or_default(),
                after: is.clone().unwrap_or_default(),
            })
            .collect()
    }
}

fn told(element: Element, fields: Vec<FieldChange>) -> ChangedElement {
    ChangedElement { name: element.name, fields, places: element.places }
}

fn text(id: Option<&Id>) -> Option<String> {
    id.map(Id::to_string)
}

/// Words in order, each once; none when there is none.
fn joined(words: impl IntoIterator<Item = String>) -> Option<String> {
    let words: BTreeSet<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
    (!words.is_empty()).then(|| words.into_iter().collect::<Vec<_>>().join(", "))
}

/// The word of an enumeration, as files write it.
fn word<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn system(blueprint: &Blueprint) -> Fields {
    let deployment = &blueprint.deployment;
    vec![
        ("topology", Some(blueprint.topology.to_string())),
        ("platform", Some(deployment.platform.to_string())),
        ("provider", text(deployment.provider.as_ref())),
        ("regions", joined(deployment.regions.iter().cloned())),
        ("rollout", text(deployment.rollout.as_ref())),
    ]
}

fn component(component: &Component) -> Element {
    let capacity = component.capacity.as_ref();
    let fields = vec![
        ("kind", word(&component.kind)),
        ("technology", text(component.technology.as_ref())),
        ("version", component.version.clone()),
        ("framework", text(component.framework.as_ref())),
        ("zone", text(component.zone.as_ref())),
        ("replicas", capacity.map(|c| c.replicas.to_string())),
        ("standbys", capacity.map(|c| c.standbys.to_string())),
        ("vcpu", capacity.map(|c| c.vcpu.to_string())),
        ("memory_gb", capacity.map(|c| c.memory_gb.to_string())),
    ];
    Element { name: component.name.clone(), fields, places: component.evidence.clone() }
}

/// Flows by their ends: what several flows between the same two say is said together.
fn flows(blueprint: &Blueprint, known: &dyn Fn(&Id) -> Id) -> BTreeMap<(Id, Id), Element> {
    let mut groups: BTreeMap<(Id, Id), Vec<&Flow>> = BTreeMap::new();
    for flow in &blueprint.flows {
        groups.entry((known(&flow.from), known(&flow.to))).or_default().push(flow);
    }
    groups.into_iter().map(|(ends, of)| (ends, flow(blueprint, &of))).collect()
}

fn flow(blueprint: &Blueprint, of: &[&Flow]) -> Element {
    let name = |id: &Id| blueprint.components.get(id).map_or_else(|| id.to_string(), |c| c.name.clone());
    let each = |value: &dyn Fn(&Flow) -> Option<String>| joined(of.iter().filter_map(|f| value(f)));
    let fields = vec![
        ("style", each(&|f| word(&f.style))),
        ("protocol", each(&|f| Some(f.protocol.clone()))),
        ("timeout_ms", each(&|f| f.timeout_ms.map(|t| t.to_string()))),
        ("retries", each(&|f| f.retries.map(|r| r.to_string()))),
        ("encrypted", each(&|f| f.encrypted.map(|e| if e { "yes" } else { "no" }.to_owned()))),
    ];
    let ends = of.first().map_or_else(String::new, |f| format!("{} -> {}", name(&f.from), name(&f.to)));
    Element { name: ends, fields, places: of.iter().flat_map(|f| f.evidence.clone()).collect() }
}

/// What tells operations apart: component, method and shape of the path, or the identifier.
type OperationKey = (Option<Id>, String, String);

fn operations(blueprint: &Blueprint, known: &dyn Fn(&Id) -> Id) -> BTreeMap<OperationKey, Element> {
    let mut found = BTreeMap::new();
    for (id, operation) in &blueprint.operations {
        let owner = operation.steps.first().map(|s| known(&s.component));
        let key = match &operation.path {
            Some(path) => (owner, operation.method.clone().unwrap_or_default(), without_names(path)),
            None => (owner, word(&operation.kind).unwrap_or_default(), id.to_string()),
        };
        found.entry(key).or_insert_with(|| self::operation(blueprint, operation));
    }
    found
}

fn operation(blueprint: &Blueprint, operation: &Operation) -> Element {
    let owner = operation.steps.first().and_then(|s| blueprint.components.get(&s.component));
    let asked = match (&operation.method, &operation.path) {
        (Some(method), Some(path)) => format!("{method} {path}"),
        (None, Some(path)) => path.clone(),
        _ => operation.name.clone(),
    };
    let fields = vec![
        ("kind", word(&operation.kind)),
        ("roles", joined(operation.roles.iter().map(Id::to_string))),
        ("idempotent", operation.idempotent.then(|| "yes".to_owned())),
        ("critical", operation.critical.then(|| "yes".to_owned())),
    ];
    let name = owner.map_or_else(|| asked.clone(), |c| format!("{}: {asked}", c.name));
    Element { name, fields, places: operation.evidence.clone() }
}

fn entities(blueprint: &Blueprint) -> BTreeMap<Id, Element> {
    let element = |e: &Entity| Element {
        name: e.name.clone(),
        fields: vec![
            ("fields", joined(e.fields.iter().map(|f| f.name.to_string()))),
            ("store", text(e.store.as_ref())),
        ],
        places: Vec::new(),
    };
    blueprint.entities.iter().map(|(id, e)| (id.clone(), element(e))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn differ(before: &Draft, after: &Draft) -> Shape {
        let none = IndexMap::new();
        let (old, new) = (&before.survey, &after.survey);
        let before = Version { blueprint: &old.blueprint, names: &none };
        shape(&before, &Version { blueprint: &new.blueprint, names: &none }, true)
    }

    #[test]
    fn nothing_differs_from_itself() {
        let draft = Draft::new().service("a").operation("a", "GET", "/x/{id}");
        assert!(differ(&draft, &draft).is_empty());
    }

    #[test]
    fn a_parameter_may_change_its_name() {
        let old = Draft::new().service("a").operation("a", "GET", "/x/{id}");
        let new = Draft::new().service("a").operation("a", "GET", "/x/{key}");
        assert!(differ(&old, &new).operations.is_empty());
    }

    #[test]
    fn what_came_and_went_is_told() {
        let old = Draft::new().service("a").operation("a", "GET", "/x");
        let new = Draft::new().service("a").service("b").operation("a", "POST", "/x");
        let shape = differ(&old, &new);
        assert_eq!(shape.components.added[0].name, "b");
        assert_eq!(shape.operations.added[0].name, "a: POST /x");
        assert_eq!(shape.operations.removed[0].name, "a: GET /x");
    }

    #[test]
    fn components_are_found_again_under_another_name() {
        let (old, new) = (Draft::new().service("orders"), Draft::new().service("order-api"));
        let (old, new) = (&old.survey, &new.survey);
        let none = IndexMap::new();
        let mut names = IndexMap::new();
        names.insert(Id::slug("order-api"), vec!["Order API".to_owned(), "orders".to_owned()]);
        let before = Version { blueprint: &old.blueprint, names: &none };
        let after = Version { blueprint: &new.blueprint, names: &names };
        assert!(shape(&before, &after, false).components.is_empty());
    }
}
