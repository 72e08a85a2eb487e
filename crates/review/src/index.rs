//! Where things stand in a survey, by what rules ask for: a rule that looks through everything for each component
//! would take time quadratic in the size of the repository.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Aspect, Entity, Flow, Id, Operation, Practice, Survey};

/// The elements of a survey by what they belong to, each list in the order of the survey.
#[derive(Debug)]
pub struct Index<'a> {
    survey: &'a Survey,
    aspects: BTreeMap<Aspect, Vec<&'a Practice>>,
    of_component: BTreeMap<(Aspect, &'a Id), Vec<&'a Practice>>,
    of_operation: BTreeMap<(Aspect, &'a Id), Vec<&'a Practice>>,
    operations: BTreeMap<&'a Id, Vec<(&'a Id, &'a Operation)>>,
    from: BTreeMap<&'a Id, Vec<&'a Flow>>,
    to: BTreeMap<&'a Id, Vec<&'a Flow>>,
    /// Places of entities by their store, and by their identifier.
    stores: BTreeMap<&'a Id, Vec<usize>>,
    entities: BTreeMap<&'a str, usize>,
}

impl<'a> Index<'a> {
    /// Indexes a survey.
    #[must_use]
    pub fn new(survey: &'a Survey) -> Self {
        let mut index = Self {
            survey,
            aspects: BTreeMap::new(),
            of_component: BTreeMap::new(),
            of_operation: BTreeMap::new(),
            operations: BTreeMap::new(),
            from: BTreeMap::new(),
            to: BTreeMap::new(),
            stores: BTreeMap::new(),
            entities: BTreeMap::new(),
        };
        for practice in &survey.practices {
            index.aspects.entry(practice.aspect).or_default().push(practice);
            if let Some(component) = &practice.component {
                index.of_component.entry((practice.aspect, component)).or_default().push(practice);
            }
            if let Some(operation) = &practice.operation {
                index.of_operation.entry((practice.aspect, operation)).or_default().push(practice);
            }
        }
        for (id, operation) in &survey.blueprint.operations {
            if let Some(step) = operation.steps.first() {
                index.operations.entry(&step.component).or_default().push((id, operation));
            }
        }
        for flow in &survey.blueprint.flows {
            index.from.entry(&flow.from).or_default().push(flow);
            index.to.entry(&flow.to).or_default().push(flow);
        }
        for (at, (id, entity)) in survey.blueprint.entities.iter().enumerate() {
            index.entities.insert(id.as_str(), at);
            if let Some(store) = &entity.store {
                index.stores.entry(store).or_default().push(at);
            }
        }
        index
    }

    /// Practices of an aspect.
    pub(crate) fn practices(&self, aspect: Aspect) -> impl Iterator<Item = &'a Practice> {
        each(self.aspects.get(&aspect))
    }

    /// Practices of an aspect that belong to a component.
    pub(crate) fn of_component(&self, aspect: Aspect, id: &'a Id) -> impl Iterator<Item = &'a Practice> {
        each(self.of_component.get(&(aspect, id)))
    }

    /// Practices of an aspect that belong to an operation.
    pub(crate) fn of_operation(&self, aspect: Aspect, id: &'a Id) -> impl Iterator<Item = &'a Practice> {
        each(self.of_operation.get(&(aspect, id)))
    }

    /// Operations that a component answers.
    pub(crate) fn operations(&self, id: &Id) -> impl Iterator<Item = (&'a Id, &'a Operation)> {
        each(self.operations.get(id))
    }

    /// Flows from a component.
    pub(crate) fn from(&self, id: &Id) -> impl Iterator<Item = &'a Flow> {
        each(self.from.get(id))
    }

    /// Flows to a component.
    pub(crate) fn to(&self, id: &Id) -> impl Iterator<Item = &'a Flow> {
        each(self.to.get(id))
    }

    /// Entities of a store, and those that are called after a component.
    pub(crate) fn entities(&self, id: &Id) -> impl Iterator<Item = (&'a Id, &'a Entity)> {
        let prefix = format!("{id}-");
        let named = self.entities.range(prefix.as_str()..).take_while(|(name, _)| name.starts_with(&prefix));
        let stored = self.stores.get(id).into_iter().flatten();
        let places: BTreeSet<usize> = named.map(|(_, at)| *at).chain(stored.copied()).collect();
        let entities = &self.survey.blueprint.entities;
        places.into_iter().filter_map(move |at| entities.get_index(at))
    }
}

/// The elements of a list that may be missing.
fn each<'i, T: Copy + 'i>(list: Option<&'i Vec<T>>) -> impl Iterator<Item = T> + use<'i, T> {
    list.into_iter().flatten().copied()
}
