//! `unbounded-request`: a caller decides how much work one request costs.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unbounded-request",
    family: Family::Api,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "A caller decides how much work one request costs.",
    why: "One request for everything, or one upload without end, takes the memory and the time of all others.",
    fires: "A list has no limit of its page, a body or an upload no limit of its size, a GraphQL query no limit of depth or cost, where the code shows one would stand.",
    silent: "Lists that are small by nature; limits at a gateway.",
    fix: "Give every list a page with a largest size, every body a limit, every query a cost.",
    references: &["API4:2023", "ASVS 4.3.1", "AIP-158", "CWE-770"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    const BOUNDS: &[Aspect] = &[Aspect::PageLimit, Aspect::BodyLimit, Aspect::QueryLimit];
    let open =
        BOUNDS.iter().flat_map(|a| subject.in_state(*a, State::Absent)).filter(|p| !is_lookup(&p.subject));
    let found = per_component(subject, open, Confidence::Medium, |name, all| {
        format!("{name} lets one request ask for everything: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    BOUNDS.iter().flat_map(|a| subject.in_state(*a, State::Present)).for_each(|_| answers.kept());
}

/// Whether a path gives a list that is short by its nature: kinds, countries, roles.
fn is_lookup(path: &str) -> bool {
    const SHORT: &[&str] = &[
        "types",
        "kinds",
        "brands",
        "categories",
        "countries",
        "currencies",
        "languages",
        "roles",
        "statuses",
        "genres",
        "units",
        "tags",
        "regions",
        "timezones",
        "locales",
        "permissions",
        "codes",
    ];
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    SHORT.iter().any(|w| last.ends_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_list_without_pages_is_found() {
        let draft = Draft::new().service("a").practice("a", Aspect::PageLimit, State::Absent, "GET /orders");
        assert_eq!(
            draft.find("unbounded-request")[0].message,
            "a lets one request ask for everything: GET /orders"
        );
    }

    #[test]
    fn a_list_of_kinds_is_short() {
        let draft =
            Draft::new().service("a").practice("a", Aspect::PageLimit, State::Absent, "/api/petTypes");
        assert!(!draft.breaks("unbounded-request"));
    }

    #[test]
    fn pages_are_kept() {
        let draft = Draft::new().service("a").practice("a", Aspect::PageLimit, State::Present, "GET /orders");
        assert!(!draft.breaks("unbounded-request"));
    }
}
