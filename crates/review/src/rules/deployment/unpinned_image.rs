//! `unpinned-image`: what runs depends on the day it was pulled.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::cite;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unpinned-image",
    family: Family::Deployment,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "What runs depends on the day it was pulled.",
    why: "Two machines run different versions under one name, and nobody chose when to change.",
    fires: "An image has no tag, `latest` or another floating one.",
    silent: "Images of the project itself that the pipeline tags.",
    fix: "Pin the version, and the digest for what faces the internet; let a bot propose updates.",
    references: &["A08:2025", "NIST SSDF PS.3"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut open: Vec<_> = subject
        .in_state(Aspect::ImagePin, State::Absent)
        .filter_map(|p| p.component.as_ref().map(|c| (c, p)))
        .collect();
    open.sort_by_key(|(c, p)| (*c, &p.place));
    open.dedup_by_key(|(c, _)| *c);
    subject.in_state(Aspect::ImagePin, State::Present).for_each(|_| answers.kept());
    let Some((first, practice)) = open.first() else { return };
    let message = match open.len() {
        1 => format!("{} runs whatever its tag means today: {}", subject.name(first), practice.subject),
        n => format!("{n} components run whatever their tag means today"),
    };
    let mut broken = Broken::at(first, message).sure(Confidence::High);
    for (component, practice) in open.iter().take(12) {
        broken = cite(broken.and(component), practice);
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_once_for_the_system() {
        let draft = Draft::new()
            .service("a")
            .service("b")
            .practice("a", Aspect::ImagePin, State::Absent, "x")
            .practice("b", Aspect::ImagePin, State::Absent, "x");
        let found = draft.find("unpinned-image");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("2 "), "{}", found[0].message);
    }

    #[test]
    fn where_it_is_set_it_is_kept() {
        let draft = Draft::new().service("a").practice("a", Aspect::ImagePin, State::Present, "x");
        assert!(!draft.breaks("unpinned-image"));
    }
}
