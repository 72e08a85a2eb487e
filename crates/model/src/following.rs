//! Scheduled operations that come after others: what they name must be there, and no chain may lead back to itself.

use std::collections::BTreeMap;

use crate::blueprint::OperationKind;
use crate::id::Id;

/// What is wrong with what operations come after: the operation, and what is wrong with it, to be read after its name.
#[must_use]
pub fn following_faults<'a>(
    operations: impl IntoIterator<Item = (&'a Id, OperationKind, Option<&'a Id>)>,
) -> Vec<(&'a Id, String)> {
    let known: BTreeMap<&Id, (OperationKind, Option<&Id>)> =
        operations.into_iter().map(|(id, kind, after)| (id, (kind, after))).collect();
    let clock = |id: &Id| known.get(id).is_some_and(|(kind, _)| *kind == OperationKind::Scheduled);
    let next = |id: &Id| known.get(id).and_then(|(_, after)| *after);
    let mut found = Vec::new();
    for (id, (_, after)) in &known {
        let Some(other) = *after else { continue };
        let chain: Vec<&Id> = std::iter::successors(Some(other), |id| next(id)).take(known.len()).collect();
        if !clock(id) {
            found.push((*id, "has `after`, which is for scheduled operations".to_owned()));
        } else if !clock(other) {
            found.push((*id, format!("comes after `{other}`, which is no scheduled operation")));
        } else if let Some(back) = chain.iter().position(|c| c == id) {
            let through: Vec<String> = chain[..=back].iter().map(|c| format!("`{c}`")).collect();
            found.push((*id, format!("comes after itself: after {}", through.join(", after "))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(operations: &[(&str, OperationKind, &str)]) -> Vec<String> {
        let ids: Vec<(Id, OperationKind, Option<Id>)> = operations
            .iter()
            .map(|(id, kind, after)| (Id::slug(id), *kind, (!after.is_empty()).then(|| Id::slug(after))))
            .collect();
        let told = following_faults(ids.iter().map(|(id, kind, after)| (id, *kind, after.as_ref())));
        told.into_iter().map(|(id, fault)| format!("{id} {fault}")).collect()
    }

    #[test]
    fn a_chain_ends_with_scheduled_work_that_comes_after_nothing() {
        let (clock, job) = (OperationKind::Scheduled, OperationKind::Job);
        assert!(faults(&[("a", clock, ""), ("b", clock, "a"), ("c", clock, "b")]).is_empty());
        let wrong = [("a", clock, "c"), ("b", clock, "a"), ("c", clock, "b"), ("d", clock, "a")];
        let told = faults(&wrong);
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0], "a comes after itself: after `c`, after `b`, after `a`");
        let wrong = [("a", job, ""), ("b", clock, "a"), ("c", job, "b"), ("d", clock, "e")];
        let told = faults(&wrong);
        assert_eq!(told[0], "b comes after `a`, which is no scheduled operation");
        assert_eq!(told[1], "c has `after`, which is for scheduled operations");
        assert_eq!(told[2], "d comes after `e`, which is no scheduled operation");
    }
}
