//! Rights: roles and who has them.

use loadcase_model::{Aspect, State};

use crate::source::Sightings;
use crate::yaml::Node;

use super::super::container::About;
use super::{Manifest, name, workload};

/// Roles of the platform that may change nearly everything.
const POWERFUL: &[&str] = &["cluster-admin", "admin", "edit", "system:masters"];

/// Tells what a role allows.
pub(super) fn role(manifest: &Manifest<'_>, out: &mut Sightings) {
    if manifest.optional {
        return;
    }
    // Workloads of this file whose account a binding of this file joins with the role.
    let of = manifest.set.documents.iter().find_map(|d| {
        let joined = d.at(&["roleRef", "name"]).and_then(Node::text) == Some(manifest.name());
        joined.then(|| accounts(d)).and_then(|a| a.first().map(|a| user_of(manifest, a)))
    });
    let mut about = About { out, of: of.as_deref() };
    for rule in manifest.node.get("rules").map(Node::list).unwrap_or_default() {
        let words = |key: &str| {
            rule.get(key)
                .map(Node::list)
                .unwrap_or_default()
                .iter()
                .filter_map(Node::text)
                .collect::<Vec<_>>()
        };
        let (verbs, resources) = (words("verbs"), words("resources"));
        let reads_secrets = resources.iter().any(|r| *r == "secrets" || *r == "*")
            && verbs.iter().any(|v| matches!(*v, "get" | "list" | "watch" | "*"));
        let starts_pods =
            resources.iter().any(|r| matches!(*r, "pods/exec" | "pods/attach")) && !verbs.is_empty();
        let escalates = verbs.iter().any(|v| matches!(*v, "escalate" | "bind" | "impersonate"));
        let detail = if verbs.contains(&"*") || resources.contains(&"*") {
            "wildcards"
        } else if reads_secrets {
            "may read every secret"
        } else if starts_pods || escalates {
            "may act as others"
        } else {
            about.practice(rule.line, Aspect::GrantedRights, State::Present, manifest.name(), "named rights");
            continue;
        };
        let subject = format!("{}: {} on {}", manifest.name(), verbs.join(","), resources.join(","));
        about.practice(rule.line, Aspect::GrantedRights, State::Weak, subject, detail);
    }
}

/// The service accounts of a binding.
fn accounts(node: &Node) -> Vec<String> {
    let subjects = node.get("subjects").map(Node::list).unwrap_or_default();
    subjects
        .iter()
        .filter(|s| s.text_of("kind") == Some("ServiceAccount"))
        .filter_map(|s| s.text_of("name").map(str::to_owned))
        .collect()
}

/// The workload of this file that runs under an account, else the account.
fn user_of(manifest: &Manifest<'_>, account: &str) -> String {
    let runs = |d: &&Node| {
        workload::pod_spec(d)
            .and_then(|s| s.text_of("serviceAccountName").or_else(|| s.text_of("serviceAccount")))
            == Some(account)
    };
    manifest.set.documents.iter().find(runs).and_then(name).unwrap_or(account).to_owned()
}

/// Tells who is bound to a powerful role.
pub(super) fn binding(manifest: &Manifest<'_>, out: &mut Sightings) {
    let Some(role) = manifest.node.get("roleRef") else { return };
    let Some(role_name) = role.text_of("name").filter(|r| POWERFUL.contains(r) && !manifest.optional) else {
        return;
    };
    let who = accounts(manifest.node);
    let of = who.first().map(|a| user_of(manifest, a));
    let mut about = About { out, of: of.as_deref() };
    let line = role.get("name").map_or(role.line, |n| n.line);
    let detail = format!("bound to {role_name}");
    about.practice(line, Aspect::GrantedRights, State::Weak, who.join(","), detail);
}
