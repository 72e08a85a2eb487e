//! What the parts of a system ask of each other by gRPC: whatever an operation of one part does with the rows of
//! another becomes a call of the part that owns them.

use indexmap::IndexMap;
use loadcase_model::{Access, AccessKind, Id};

use super::contract::{Access as May, Answer, Call, CallKind, Effect, Form, Language, Page};
use super::draft::{Draft, MOST_ROWS, USUAL_ROWS};
use super::entity::{Setting, is_bookkeeping, keys};
use super::filter;
use super::naming::{camel, plural};
use super::rows::plain;
use crate::text::words;

/// What is done to rows of another part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Verb {
    Get,
    BatchGet,
    List,
    Summarize,
    Create,
    Update,
    Delete,
}

fn verb(access: &Access) -> Verb {
    match access.kind {
        AccessKind::ReadOne if keys(access) == ["id"] => Verb::Get,
        AccessKind::ReadMany if keys(access) == ["id"] => Verb::BatchGet,
        AccessKind::ReadOne | AccessKind::ReadMany => Verb::List,
        AccessKind::Aggregate => Verb::Summarize,
        AccessKind::Insert => Verb::Create,
        AccessKind::Update => Verb::Update,
        AccessKind::Delete => Verb::Delete,
    }
}

/// Calls between parts, each once, with the operations that need it.
pub(crate) fn calls(draft: &mut Draft<'_>) -> Vec<Call> {
    let blueprint = draft.blueprint;
    let mut needs: IndexMap<(Id, Verb), (Vec<Id>, Access)> = IndexMap::new();
    for (id, operation) in &blueprint.operations {
        for access in &operation.accesses {
            let Some(owner) = blueprint.entities.get(&access.entity).and_then(|e| e.module.as_ref()) else {
                continue;
            };
            if operation.module.as_ref() == Some(owner)
                || operation.module.is_none()
                || is_bookkeeping(&access.entity)
            {
                continue;
            }
            let verb = verb(access);
            let key = (access.entity.clone(), verb);
            let (ids, all) = needs.entry(key).or_insert_with(|| (Vec::new(), access.clone()));
            if !ids.contains(id) {
                ids.push(id.clone());
            }
            all.by.extend(access.by.iter().filter(|k| !all.by.contains(k)).cloned().collect::<Vec<_>>());
        }
    }
    needs
        .into_iter()
        .map(|((entity, verb), (ids, access))| call(draft, &entity, verb, &ids, &access))
        .collect()
}

/// Name and title of a call.
fn named(verb: Verb, one: &str, many: &str, subject: &str) -> (String, String) {
    match verb {
        Verb::Get => (format!("get-{one}"), format!("Get a {subject}")),
        Verb::BatchGet => {
            (format!("batch-get-{many}"), format!("Get many {subject} rows by their identifiers"))
        }
        Verb::List => (format!("list-{many}"), format!("List {subject} rows")),
        Verb::Summarize => (format!("summarize-{many}"), format!("Count {subject} rows")),
        Verb::Create => (format!("create-{one}"), format!("Make a {subject}")),
        Verb::Update => (format!("update-{one}"), format!("Change a {subject}")),
        Verb::Delete => (format!("delete-{one}"), format!("Remove {subject} rows")),
    }
}

fn call(draft: &mut Draft<'_>, id: &Id, verb: Verb, needed: &[Id], access: &Access) -> Call {
    let one = id.as_str();
    let many = plural(one);
    let subject = words(id.as_str());
    let (name, title) = named(verb, one, &many, &subject);
    let owner = draft.blueprint.entities.get(id).and_then(|e| e.module.clone());
    let area = draft.area(owner.as_ref());
    let row = draft.records.row(id, false);
    let identifier =
        || plain("id", Form::Uuid(id.as_str().to_owned()), true, &format!("Identifier of the {subject}."));
    let (answer, effect, body) = match verb {
        Verb::Get | Verb::Delete => (Answer::One(row.clone()), Effect::None, None),
        Verb::BatchGet => (
            Answer::One(draft.records.page(&name, &row, MOST_ROWS, &[])),
            Effect::None,
            Some(draft.records.choice(id)),
        ),
        Verb::List => {
            (Answer::Page(draft.records.page(&name, &row, MOST_ROWS, &[]), row.clone()), Effect::None, None)
        }
        Verb::Summarize => {
            (Answer::One(draft.records.view(&camel(&name), &title, &[access], false)), Effect::None, None)
        }
        Verb::Create => (
            Answer::Created(row.clone()),
            Effect::Create,
            draft.records.input(id, Setting::Report, &[], Vec::new()),
        ),
        Verb::Update => (
            Answer::One(row.clone()),
            Effect::Change,
            draft.records.input(id, Setting::Change, &[], Vec::new()),
        ),
    };
    let answer = if verb == Verb::Delete { Answer::Done } else { answer };
    let effect = if verb == Verb::Delete { Effect::Remove } else { effect };
    let query = matches!(verb, Verb::Get | Verb::BatchGet | Verb::List | Verb::Summarize);
    let list: Vec<String> = needed.iter().map(|n| words(n.as_str())).collect();
    let filters = if matches!(verb, Verb::List | Verb::Summarize) {
        filter::of_access(draft.blueprint, access)
    } else {
        Vec::new()
    };
    Call {
        operation: None,
        name: draft.names.free(&camel(&name)),
        about: format!("{title}. Needed to: {}.", crate::text::listed(&list)),
        title,
        area,
        language: Language::Proto,
        kind: if query { CallKind::Query } else { CallKind::Command },
        method: if query { "GET" } else { "POST" },
        path: String::new(),
        path_fields: if matches!(verb, Verb::Get | Verb::Update | Verb::Delete) {
            vec![identifier()]
        } else {
            Vec::new()
        },
        filters,
        sorts: Vec::new(),
        page: (verb == Verb::List).then_some(Page { usual: USUAL_ROWS, most: MOST_ROWS }),
        parts: Vec::new(),
        body: body.map(|b| (b, true)),
        answer,
        effect,
        subject: Some(id.clone()),
        keyed: verb == Verb::Create,
        guarded: verb == Verb::Update,
        versioned: matches!(verb, Verb::Get | Verb::Update),
        signs_in: false,
        access: May::default(),
        batch: verb == Verb::BatchGet,
    }
}
