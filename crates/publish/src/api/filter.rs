//! Filters and orders of lists: only fields that an access pattern declares, so that an index serves each.

use loadcase_model::{Access, AccessKind, Blueprint, FieldType, Operation};

use super::contract::{Field, Filter, Form, Test, Text};
use super::entity::{is_account, keys, names, readable};
use super::form::of_column;
use super::naming::{Taken, snake};
use super::path::parameters;
use super::rows::token;
use crate::data::columns::Column;
use crate::data::is_searched;
use crate::text::words;

/// Parameters that every list has.
const OWN: &[&str] = &["cursor", "limit", "sort", "fields", "q", "id"];

/// The orders that indexes serve, the usual one first.
pub(crate) fn sorts(operation: &Operation, main: &Access) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let reads =
        operation.accesses.iter().filter(|a| a.entity == main.entity && a.kind == AccessKind::ReadMany);
    for access in reads {
        if let Some(first) = access.order.first() {
            let name = snake(first.as_str());
            // An index is read in both directions.
            let both = if access.descending {
                [format!("-{name}"), name]
            } else {
                [name.clone(), format!("-{name}")]
            };
            for word in both {
                if !found.contains(&word) {
                    found.push(word);
                }
            }
        }
    }
    found
}

/// The filters of a page of rows.
pub(crate) fn of_page(
    blueprint: &Blueprint,
    operation: &Operation,
    main: &Access,
    path: &str,
) -> Vec<Filter> {
    let accesses =
        operation.accesses.iter().filter(|a| a.entity == main.entity && a.kind == AccessKind::ReadMany);
    let mut filters = Filters::new(blueprint, path);
    accesses.clone().for_each(|a| filters.add(a, true));
    let all: Vec<&Access> = accesses.collect();
    let mut list = filters.list;
    for filter in &mut list {
        filter.field.required = is_needed(blueprint, operation, &all, filter);
    }
    list
}

/// Whether a list cannot be had without a filter: what the caller may see is asked by it, or every index begins with it
/// and something follows.
fn is_needed(blueprint: &Blueprint, operation: &Operation, all: &[&Access], filter: &Filter) -> bool {
    let has = |a: &Access| keys(a).iter().any(|k| snake(k) == filter.on);
    let follows =
        |a: &Access| !a.order.is_empty() || keys(a).last().is_some_and(|last| snake(last) != filter.on);
    let asked =
        |a: &Access| a.kind == AccessKind::ReadOne && super::entity::is_permission(blueprint, a) && has(a);
    match filter.test {
        Test::Equal => {
            all.iter().all(|a| has(a)) && all.iter().any(|a| follows(a))
                || operation.accesses.iter().any(asked)
        }
        Test::Begins => all.iter().all(|a| has(a)),
        _ => false,
    }
}

/// The filters of a view of several things.
pub(crate) fn of_view(blueprint: &Blueprint, parts: &[&Access], path: &str) -> Vec<Filter> {
    let mut filters = Filters::new(blueprint, path);
    parts.iter().filter(|a| a.kind != AccessKind::ReadOne).for_each(|a| filters.add(a, true));
    filters.list.retain(|f| !matches!(f.field.form, Form::Uuid(_)));
    filters.list
}

/// The filters of one access, whatever the path.
pub(crate) fn of_access(blueprint: &Blueprint, access: &Access) -> Vec<Filter> {
    let mut filters = Filters::new(blueprint, "");
    filters.accounts = true;
    filters.add(access, false);
    filters.list
}

/// The filters of all reads, as fields of a body.
pub(crate) fn as_fields(blueprint: &Blueprint, operation: &Operation, path: &str) -> Vec<Field> {
    let mut filters = Filters::new(blueprint, path);
    let reads = operation.accesses.iter().filter(|a| a.kind != AccessKind::Insert);
    let mut reads = reads.filter(|a| !super::entity::is_permission(blueprint, a) && keys(a) != ["id"]);
    // The first says what is asked; the others follow from it.
    if let Some(first) = reads.find(|a| a.kind != AccessKind::ReadOne) {
        filters.add(first, false);
    }
    let mut fields: Vec<Field> = filters.list.into_iter().map(|f| f.field).collect();
    fields.iter_mut().for_each(|f| f.required |= matches!(f.form, Form::Uuid(_)));
    for access in operation.accesses.iter().filter(|a| a.kind == AccessKind::ReadOne && keys(a) == ["id"]) {
        let own = format!("{}_id", snake(access.entity.as_str()));
        let in_path = parameters(path).contains(&own) || path.contains(&format!("/{}s/", access.entity));
        if !in_path && !is_account(blueprint, &access.entity) && !fields.iter().any(|f| f.name == own) {
            fields.push(super::rows::plain(
                &own,
                Form::Uuid(access.entity.as_str().to_owned()),
                true,
                &format!("Identifier of the {}.", words(access.entity.as_str())),
            ));
        }
    }
    fields
}

struct Filters<'a> {
    blueprint: &'a Blueprint,
    path: &'a str,
    parameters: Vec<String>,
    taken: Taken,
    list: Vec<Filter>,
    /// Whether references to accounts are filters, too: the caller is not a person.
    accounts: bool,
}

impl<'a> Filters<'a> {
    fn new(blueprint: &'a Blueprint, path: &'a str) -> Self {
        Self {
            blueprint,
            path,
            parameters: parameters(path),
            taken: Taken::with(OWN),
            list: Vec::new(),
            accounts: false,
        }
    }

    fn add(&mut self, access: &Access, words: bool) {
        let Some(entity) = self.blueprint.entities.get(&access.entity) else { return };
        let columns = readable(entity);
        for key in keys(access) {
            let column = columns.iter().find(|c| c.name == key);
            if let Some(column) = column.filter(|c| !self.is_known(c)) {
                let typed = words && is_searched(access, key, column.kind);
                self.column(column, access.entity.as_str(), typed);
            }
        }
    }

    /// Whether the path or the caller says it already.
    fn is_known(&self, column: &Column) -> bool {
        let name = snake(&column.name);
        let callers_own =
            !self.accounts && column.to.as_ref().is_some_and(|to| is_account(self.blueprint, to));
        // `/categories/{slug}/products` says which category.
        let said = column.to.as_ref().is_some_and(|to| {
            let segments: Vec<&str> = self.path.split('/').collect();
            segments.windows(2).any(|pair| pair[1].starts_with('{') && names(pair[0], to.as_str()))
        });
        callers_own || said || self.parameters.contains(&name) || !self.accounts && name == "visitor_key"
    }

    fn column(&mut self, column: &Column, entity: &str, typed: bool) {
        let name = snake(&column.name);
        let about = words(&name);
        let form = of_column(column, entity);
        match column.kind {
            FieldType::Json | FieldType::Bytes => {}
            FieldType::Point => self.push(
                "near",
                token(80, "^-?[0-9]{1,2}([.][0-9]+)?,-?[0-9]{1,3}([.][0-9]+)?$", "52.52,13.405"),
                &name,
                Test::Near,
                "Only rows near this position: latitude and longitude.",
                entity,
            ),
            FieldType::Timestamp | FieldType::Date => {
                let stem = name.trim_end_matches("_at").trim_end_matches("_on");
                self.push(
                    &format!("{stem}_from"),
                    form.clone(),
                    &name,
                    Test::From,
                    &format!("Only rows whose {about} is this or later."),
                    entity,
                );
                self.push(
                    &format!("{stem}_before"),
                    form,
                    &name,
                    Test::Before,
                    &format!("Only rows whose {about} is earlier than this."),
                    entity,
                );
            }
            FieldType::String if typed => {
                let form = Form::Text(Text { least: 1, most: 200, pattern: "^[^\\r\\n]*$", example: "har" });
                if !self.list.iter().any(|f| f.field.name == "q") {
                    let about = format!(
                        "The beginning of the {about}: a prefix, compared as it is written, capitals as capitals. Words inside are not found."
                    );
                    let field = super::rows::plain("q", form, false, &about);
                    self.list.push(Filter { field, on: name, test: Test::Begins });
                }
            }
            _ => self.push(&name, form, &name, Test::Equal, &format!("Only rows with this {about}."), entity),
        }
    }

    fn push(&mut self, wanted: &str, form: Form, on: &str, test: Test, about: &str, owner: &str) {
        if self.taken.has(wanted) {
            return;
        }
        let name = self.taken.free(wanted);
        let mut field = super::rows::plain(&name, form, false, about);
        field.owner = owner.to_owned();
        self.list.push(Filter { field, on: on.to_owned(), test });
    }
}
