//! Whether a version is deprecated or withdrawn. A source without such marks proves nothing by not having one.

use loadcase_model::{FactSource, VersionAnswer as A, VersionClaim, VersionStatement, Weight};

use super::{Case, statement};

const CLAIM: VersionClaim = VersionClaim::Maintained;

pub(super) fn statements(case: &Case<'_>) -> Vec<VersionStatement> {
    let mut found = Vec::new();
    if let Some(why) = case.deprecated {
        let mut told = statement(
            CLAIM,
            A::Contradicted,
            // What others bring in is theirs to replace.
            if case.direct { Weight::Warning } else { Weight::Note },
            "deprecated",
            format!("deprecated by its maintainers, as the lock file says: {why}"),
        );
        told.todo = Some("replace it, or move to a version that is not".to_owned());
        found.push(told);
    }
    let package = case.members.iter().find_map(|m| case.known.package(m));
    let (Some(package), Some(version)) = (package, case.version.as_deref()) else { return found };
    let evidence =
        vec![FactSource { source: package.source.clone(), day: package.as_of.clone(), fetched: None }];
    let withdrawn = package.withdrawn.iter().any(|v| v == version)
        || package.yanked == Some(true) && package.latest == version;
    if withdrawn {
        let text = format!("withdrawn by its maintainers, as seen on {}", package.as_of);
        let mut told = statement(CLAIM, A::Contradicted, Weight::Fault, "withdrawn", text);
        told.todo = Some(format!("move to {}", package.latest));
        told.evidence.clone_from(&evidence);
        found.push(told);
    }
    if let Some(why) = package.deprecated.get(version).or_else(|| package.deprecated.get("*")) {
        let text = format!("deprecated by its maintainers: {why}");
        let mut told = statement(CLAIM, A::Contradicted, Weight::Warning, "deprecated", text);
        told.todo = Some("replace it, or move to a version that is not".to_owned());
        told.evidence.clone_from(&evidence);
        found.push(told);
    }
    if let Some(rest) = &package.maintenance {
        let note = rest.note.as_deref().map_or_else(String::new, |n| format!(" ({n})"));
        let text = format!(
            "its newest stable version is of {}, the last change of its repository of {}{note}",
            rest.newest_stable, rest.repository_last_commit
        );
        let mut told = statement(CLAIM, A::Contradicted, Weight::Note, "dormant", text);
        told.evidence =
            vec![FactSource { source: rest.source.clone(), day: package.as_of.clone(), fetched: None }];
        found.push(told);
    }
    if found.is_empty()
        && (package.tells_deprecated || package.yanked == Some(false) && package.latest == version)
    {
        let what =
            if package.tells_deprecated { "neither deprecated nor withdrawn" } else { "not withdrawn" };
        let text = format!("{what}, as seen on {}", package.as_of);
        let mut told = statement(CLAIM, A::Verified, Weight::Fine, "maintained", text);
        told.evidence = evidence;
        found.push(told);
    }
    found
}
