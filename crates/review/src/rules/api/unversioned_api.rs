//! `unversioned-api`: a public contract carries no version.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unversioned-api",
    family: Family::Api,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "A public contract carries no version.",
    why: "The first change that breaks a caller needs a second contract beside the first, and there is no name for it.",
    fires: "No operation that people or other systems outside call has a version in its path, header or media type, and no contract states one.",
    silent: "Systems whose only client is their own front end; a single page that one component serves.",
    fix: "Put the major version into the path or the media type of public operations before the first stranger calls them.",
    references: &["Taibi et al. 2020, API versioning", "AIP-185"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let versioned = |path: &str| {
        path.split('/').any(|part| {
            let rest = part.strip_prefix(['v', 'V']).unwrap_or("");
            !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '.')
        })
    };
    if subject.in_state(Aspect::ApiVersion, State::Present).next().is_some() {
        return answers.kept();
    }
    let reachable = subject.reachable();
    let public: Vec<_> = subject
        .blueprint()
        .operations
        .values()
        .filter(|o| subject.answers(o).is_some_and(|c| reachable.contains(c)))
        .filter(|o| o.path.as_deref().is_some_and(|p| p.trim_matches('/').contains('/')))
        .collect();
    let without: Vec<_> = public.iter().filter(|o| !o.path.as_deref().is_some_and(versioned)).collect();
    let [first, ..] = without.as_slice() else { return };
    if without.len() < public.len() || public.len() < 5 {
        return answers.kept();
    }
    let Some(component) = subject.answers(first) else { return };
    let message = format!("none of {} public operations carries a version", public.len());
    let mut broken = Broken::at(component, message).sure(Confidence::Low);
    for operation in without.iter().take(4) {
        if let Some(place) = operation.evidence.first() {
            broken = broken.seen(place, operation.name.as_str());
        }
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    fn system(prefix: &str) -> Draft {
        let draft = Draft::new().service("a").used_by_people("a");
        (0..6).fold(draft, |d, i| d.operation("a", "GET", &format!("{prefix}/things/{i}")))
    }

    #[test]
    fn operations_without_a_version_are_found() {
        assert_eq!(
            system("/api").find("unversioned-api")[0].message,
            "none of 6 public operations carries a version"
        );
    }

    #[test]
    fn a_version_in_the_path_is_kept() {
        assert!(!system("/api/v1").breaks("unversioned-api"));
    }
}
