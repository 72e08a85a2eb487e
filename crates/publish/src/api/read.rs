//! How the reads of an operation are understood: a page of rows, one row, or a view of several things.

use loadcase_model::{Access, AccessKind, Blueprint, Id, Operation};

use super::entity::{is_permission, is_related, names};

/// What a read gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read<'a> {
    /// Rows in an order, with the rows they belong to.
    Page(&'a Access, Vec<&'a Access>),
    /// A row with what belongs to it.
    One(&'a Access, Vec<&'a Access>),
    /// Several things at once.
    View(Vec<&'a Access>),
    /// Nothing that can be shown.
    Nothing,
}

/// Understands the reads of an operation by its path.
pub(crate) fn understand<'a>(blueprint: &'a Blueprint, operation: &'a Operation, path: &str) -> Read<'a> {
    let reads: Vec<&Access> = operation
        .accesses
        .iter()
        .filter(|a| matches!(a.kind, AccessKind::ReadOne | AccessKind::ReadMany | AccessKind::Aggregate))
        .filter(|a| blueprint.entities.contains_key(&a.entity))
        .collect();
    let shown: Vec<&Access> = reads.iter().copied().filter(|a| !is_permission(blueprint, a)).collect();
    let by_key = path.ends_with('}');
    let last = path.rsplit('/').find(|s| !s.starts_with('{')).unwrap_or_default();
    let named: Vec<&Access> = reads.iter().copied().filter(|a| names(last, a.entity.as_str())).collect();
    let of = |kind: AccessKind| move |a: &&&Access| a.kind == kind;
    if by_key {
        let one =
            named.iter().find(of(AccessKind::ReadOne)).or_else(|| shown.iter().find(of(AccessKind::ReadOne)));
        if let Some(main) = one {
            return Read::One(main, related(blueprint, main, &shown));
        }
    } else if let Some(main) = main_of(blueprint, &named, last) {
        return match main.kind {
            AccessKind::ReadMany => {
                Read::Page(main, related(blueprint, main, &with_marks(main, &shown, &reads)))
            }
            AccessKind::ReadOne => Read::One(main, related(blueprint, main, &shown)),
            _ => Read::View(shown),
        };
    }
    let lists: Vec<&Access> = shown.iter().copied().filter(|a| a.kind == AccessKind::ReadMany).collect();
    let ordered: Vec<&Access> = lists.iter().copied().filter(|a| !a.order.is_empty()).collect();
    let roots: Vec<&Access> = lists.iter().copied().filter(|a| a.by.iter().all(|k| *k != *"id")).collect();
    let sums = shown.iter().any(|a| a.kind == AccessKind::Aggregate);
    match (&ordered[..], &shown[..]) {
        ([main], _) if !sums && (last != "search" || roots.len() == 1) => {
            Read::Page(main, related(blueprint, main, &with_marks(main, &shown, &reads)))
        }
        (_, [only]) if only.kind == AccessKind::ReadMany => Read::Page(only, Vec::new()),
        (_, [only]) if only.kind == AccessKind::ReadOne => Read::One(only, Vec::new()),
        (_, []) => reads
            .iter()
            .find(|a| a.kind == AccessKind::ReadOne)
            .map_or(Read::Nothing, |only| Read::One(only, Vec::new())),
        _ => Read::View(shown),
    }
}

/// What is shown, with what the caller left on the rows of a page, such as his own reactions: many rows at once that are
/// found by those rows and by whose they are.
fn with_marks<'a>(main: &Access, shown: &[&'a Access], reads: &[&'a Access]) -> Vec<&'a Access> {
    let refers = |a: &Access| {
        a.by.iter().any(|k| k.as_str() == format!("{}_id", main.entity.as_str().replace('-', "_")))
    };
    let marks =
        |a: &&&Access| a.kind == AccessKind::ReadMany && a.by.len() == 2 && refers(a) && !shown.contains(*a);
    shown.iter().chain(reads.iter().filter(marks)).copied().collect()
}

/// What a collection is about, of the accesses that its path names: what the caller may do is asked of the same rows at
/// times, such as one's own membership before those of all.
fn main_of<'a>(blueprint: &Blueprint, named: &[&'a Access], last: &str) -> Option<&'a Access> {
    let plural = |a: &&&Access| a.kind == AccessKind::ReadMany && last.replace('_', "-") != a.entity.as_str();
    let asked = |a: &&&Access| !is_permission(blueprint, a);
    let found = named.iter().find(plural).or_else(|| named.iter().find(asked));
    found.or_else(|| named.first()).copied()
}

/// The accesses whose rows belong to the main one's, directly or through another.
fn related<'a>(blueprint: &Blueprint, main: &Access, shown: &[&'a Access]) -> Vec<&'a Access> {
    let mut known: Vec<&Id> = vec![&main.entity];
    let mut found: Vec<&'a Access> = Vec::new();
    for _ in 0..3 {
        for access in shown {
            let new = !known.contains(&&access.entity) && access.kind != AccessKind::Aggregate;
            if new && known.iter().any(|k| is_related(blueprint, k, access)) {
                known.push(&access.entity);
                found.push(access);
            }
        }
    }
    found
}
