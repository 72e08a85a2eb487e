//! `money-as-float`: amounts are binary floats or have no currency.

use loadcase_model::{Aspect, Practice, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "money-as-float",
    family: Family::Payments,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Amounts are binary floats or have no currency.",
    why: "Tenths have no exact binary form. Sums drift by cents, comparisons fail, and nobody can say which side is right.",
    fires: "A field, column or variable that names an amount, price, balance or fee is a float or double.",
    silent: "Rates, percentages and measurements; contracts of a component whose code is read.",
    fix: "Keep whole minor units in an integer, or a decimal of fixed scale, beside a currency code.",
    references: &["CWE-682", "AIP Money type"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    // A contract is often made from the code and only knows fewer types: where the code is read, it decides.
    let is_contract = |path: &str| [".json", ".yaml", ".yml"].iter().any(|e| path.ends_with(e));
    let has_code = |p: &Practice| {
        let component = p.component.as_ref().and_then(|c| subject.component(c));
        component.is_some_and(|c| c.framework.is_some())
    };
    let seen = subject
        .in_state(Aspect::MoneyAsFloat, State::Present)
        .filter(|p| !(is_contract(&p.place.path) && has_code(p)));
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} keeps money in binary floating point: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::MoneyAsFloat, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::MoneyAsFloat,
            State::Present,
            "subject",
        );
        let found = draft.find("money-as-float");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn a_contract_beside_its_code_decides_nothing() {
        let mut draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::MoneyAsFloat,
            State::Present,
            "Item.price",
        );
        draft.survey.practices[0].place.path = "orders/openapi.json".into();
        draft.survey.blueprint.components[0].framework = None;
        assert!(draft.breaks("money-as-float"));
        draft.survey.blueprint.components[0].framework = Some(loadcase_model::Id::slug("spring-boot"));
        assert!(!draft.breaks("money-as-float"));
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::MoneyAsFloat, State::Absent, "subject");
        assert!(!draft.breaks("money-as-float"));
    }
}
