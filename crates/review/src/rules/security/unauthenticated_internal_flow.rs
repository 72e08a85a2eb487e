//! `unauthenticated-internal-flow`: components trust each other because they share a network.

use loadcase_model::{Aspect, Component, Id, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unauthenticated-internal-flow",
    family: Family::Security,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Components trust each other because they share a network.",
    why: "One taken component, a mistaken rule or a forwarded request then speaks with the voice of all of them.",
    fires: "A store, cache or broker is reached without user and password, or it is a cache on Kubernetes that takes any command by default and no network policy stands before it; or services are called without a token, a credential or mutual TLS, where the files would show one.",
    silent: "Flows whose client could not be read are unknown; manifests among documents or put aside. A mesh with mutual TLS counts as a credential.",
    fix: "Give each caller an identity: mutual TLS by a mesh, or a signed token with this component as audience; credentials for stores and brokers.",
    references: &["ASVS 12.3.5", "ASVS 13.2.1", "CWE-306", "Schneider et al. 2024, R7"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mutual = subject.in_state(Aspect::Tls, State::Present).any(|p| p.detail.contains("mutual"));
    if mutual {
        return answers.kept();
    }
    let mut open: Vec<_> = subject
        .in_state(Aspect::Authentication, State::Absent)
        .filter(|p| p.component.as_ref().is_some_and(|c| subject.is_data(c)))
        .collect();
    open.dedup_by_key(|p| p.component.as_ref());
    for practice in open {
        let Some(component) = &practice.component else { continue };
        let message = format!("{} takes commands from whoever reaches it", subject.name(component));
        answers.broken(
            Broken::at(component, message)
                .seen(&practice.place, practice.detail.as_str())
                .sure(Confidence::Medium),
        );
    }
    open_caches(subject, answers);
    for flow in subject.sync_calls() {
        let guarded = subject.of(&flow.to, Aspect::Authentication).any(|p| p.state == State::Present);
        if guarded {
            answers.kept();
        } else {
            answers.unknown(&flow.to, format!("how {} proves to it who it is", subject.name(&flow.from)));
        }
    }
}

/// Caches that take any command by default, on Kubernetes, with neither a password nor a network policy in sight.
fn open_caches(subject: &Subject<'_>, answers: &mut Answers) {
    const OPEN_BY_DEFAULT: &[&str] = &["redis", "valkey", "memcached"];
    let policy =
        subject.in_state(Aspect::Exposure, State::Absent).any(|p| p.subject.contains("NetworkPolicy"));
    if policy || subject.blueprint().deployment.platform.as_str() != "kubernetes" {
        return;
    }
    let open: Vec<(&Id, &Component)> = subject
        .components()
        .filter(|(id, c)| {
            let open = c.technology.as_ref().is_some_and(|t| OPEN_BY_DEFAULT.contains(&t.as_str()));
            let guarded = [
                Aspect::Authentication,
                Aspect::SecretStore,
                Aspect::LiteralSecret,
                Aspect::DefaultCredentials,
            ]
            .into_iter()
            .any(|aspect| subject.of(id, aspect).next().is_some());
            open && !guarded && !c.managed && c.evidence.iter().any(|p| is_manifest(&p.path))
        })
        .collect();
    let Some((first, _)) = open.first() else { return };
    let names: Vec<String> = open.iter().take(4).map(|(id, _)| subject.name(id)).collect();
    let message = format!(
        "every pod of the cluster may command {}: no password and no network policy is seen",
        names.join(", ")
    );
    let mut broken = Broken::at(first, message).sure(Confidence::Medium);
    for (id, component) in &open {
        broken = broken.and(id);
        for place in component.evidence.iter().filter(|p| is_manifest(&p.path)).take(3) {
            broken = broken.seen(place, "started without a password");
        }
    }
    answers.broken(broken);
}

/// Whether a file is a manifest of a cluster.
fn is_manifest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    // What lies among documents or put aside is no deployment any more.
    let put_aside = ["docs", "deprecated", "archive", "legacy", "old"];
    let aside = path.split('/').any(|folder| folder.split(['-', '_']).any(|word| put_aside.contains(&word)));
    (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.contains("compose") && !aside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_cache_without_a_password_is_found() {
        let draft = Draft::new().component("redis", loadcase_model::ComponentKind::Cache, "redis").practice(
            "redis",
            Aspect::Authentication,
            State::Absent,
            "redis",
        );
        assert_eq!(
            draft.find("unauthenticated-internal-flow")[0].message,
            "redis takes commands from whoever reaches it"
        );
    }

    #[test]
    fn a_cache_of_a_cluster_needs_a_password_or_a_policy() {
        let cache = || {
            let mut draft = Draft::new().component("redis", loadcase_model::ComponentKind::Cache, "redis");
            draft.survey.blueprint.deployment.platform = Id::slug("kubernetes");
            let place = loadcase_model::Place { path: "k8s/redis.yaml".into(), line: 3 };
            draft.survey.blueprint.components[&Id::slug("redis")].evidence = vec![place];
            draft
        };
        assert!(cache().breaks("unauthenticated-internal-flow"));
        let mut aside = cache();
        aside.survey.blueprint.components[&Id::slug("redis")].evidence[0].path =
            "old-docs/k8s/redis.yaml".into();
        assert!(!aside.breaks("unauthenticated-internal-flow"));
        let guarded = cache().practice("redis", Aspect::SecretStore, State::Present, "REDIS_PASSWORD");
        assert!(!guarded.breaks("unauthenticated-internal-flow"));
    }

    #[test]
    fn a_mesh_with_mutual_tls_is_enough() {
        let mut draft = Draft::new()
            .component("redis", loadcase_model::ComponentKind::Cache, "redis")
            .practice("redis", Aspect::Authentication, State::Absent, "redis")
            .practice("redis", Aspect::Tls, State::Present, "mesh");
        draft.survey.practices[1].detail = "mutual TLS".to_owned();
        assert!(!draft.breaks("unauthenticated-internal-flow"));
    }
}
