//! `tenant-key-missing`: rows, cache keys or messages of tenants are not told apart.

use loadcase_model::Sensitivity;

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "tenant-key-missing",
    family: Family::Tenancy,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Rows, cache keys or messages of tenants are not told apart.",
    why: "One forgotten condition shows the rows of one customer to another. Without a key there is not even a condition to forget.",
    fires: "In a system whose other entities carry a tenant, an entity with data of customers carries none, and neither a schema nor a database for each tenant is seen.",
    silent: "Systems in which no entity carries a tenant; entities that are shared by design: plans, currencies, countries.",
    fix: "Add the tenant to the key of every row, cache entry and message, and let the database enforce it by a row policy.",
    references: &["ASVS 8.4.1", "CWE-566"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let entities: Vec<_> = subject.blueprint().entities.iter().collect();
    let scoped = entities.iter().filter(|(_, e)| e.tenant_scoped).count();
    // A system is multi-tenant when most of what it keeps says so.
    if scoped < 2 || scoped * 2 < entities.len() {
        return;
    }
    for (id, entity) in &entities {
        if entity.tenant_scoped {
            answers.kept();
            continue;
        }
        let personal = entity.fields.iter().any(|f| f.sensitivity >= Sensitivity::Personal);
        if !personal {
            continue;
        }
        let message = format!(
            "{} holds customers' data without a tenant, and {scoped} other entities have one",
            entity.name
        );
        answers.broken(Broken::at(id, message).because(entity.basis.clone()).sure(Confidence::Medium));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system(scoped: bool) -> Draft {
        let fields = [("email", Sensitivity::Personal)];
        let mut draft = Draft::new()
            .service("a")
            .entity("a", "x", None, &fields)
            .entity("a", "y", None, &fields)
            .entity("a", "z", None, &fields);
        for (i, entity) in draft.survey.blueprint.entities.values_mut().enumerate() {
            entity.tenant_scoped = scoped && i < 2;
        }
        draft
    }

    #[test]
    fn the_one_without_a_tenant_is_found() {
        assert_eq!(system(true).find("tenant-key-missing").len(), 1);
    }

    #[test]
    fn a_system_without_tenants_has_none_missing() {
        assert!(!system(false).breaks("tenant-key-missing"));
    }
}
