//! Rights: policies with wildcards, roles of administrators.

use loadcase_model::{Aspect, State};

use super::{About, Resource, kinds, name_of};
use crate::extract::deployment::hcl::inline;
use crate::source::Sightings;
use crate::yaml::{Node, Value};

/// Managed policies and roles that allow everything or nearly.
const BROAD: &[&str] = &[
    "AdministratorAccess",
    "PowerUserAccess",
    "IAMFullAccess",
    "roles/owner",
    "roles/editor",
    "Owner",
    "Contributor",
    "User Access Administrator",
    "cluster-admin",
];

/// Tells the rights that a resource grants.
pub(super) fn practices(resource: &Resource<'_>, out: &mut Sightings) {
    let name = kinds::find(resource.of).map(|_| name_of(resource.of, resource.label));
    let mut about = About { out, of: name.as_deref() };
    for (key, node) in resource.body.pairs() {
        match key.as_str() {
            "policy" | "assume_role_policy" | "access_policy" | "policy_document" | "inline_policy" => {
                let parsed = inline(node);
                let policy = parsed.as_ref().unwrap_or(node);
                let policy = policy.get("policy").or_else(|| policy.get("policy_document")).unwrap_or(policy);
                if key != "assume_role_policy" {
                    document(policy, resource, &mut about);
                }
            }
            "policies" => {
                for policy in node.list() {
                    if let Some(inner) =
                        policy.get("policy_document").or_else(|| policy.get("statement").map(|_| policy))
                    {
                        document(inner, resource, &mut about);
                    }
                    managed(policy, resource, &mut about);
                }
            }
            "statement" if resource.of == "aws_iam_policy_document" => statement(node, resource, &mut about),
            "policy_arn" | "managed_policy_arns" | "role" | "role_definition_name" | "roles" => {
                for value in node.list() {
                    managed(value, resource, &mut about);
                }
            }
            "role_ref" if node.text_of("name") == Some("cluster-admin") => {
                about.practice(
                    node.line,
                    Aspect::GrantedRights,
                    State::Weak,
                    resource.label,
                    "cluster-admin",
                );
            }
            _ => {}
        }
    }
}

fn managed(value: &Node, resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let is_role =
        resource.of.contains("iam") || resource.of.contains("role") || resource.of.contains("policy");
    let Some(text) = value.text().filter(|_| is_role || resource.of == "aws_lambda_function") else { return };
    let last = text.rsplit('/').next().unwrap_or(text);
    if BROAD.iter().any(|b| *b == text || *b == last) {
        about.practice(value.line, Aspect::GrantedRights, State::Weak, resource.label, text);
    }
}

/// A policy document.
fn document(policy: &Node, resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let statements = policy.get("Statement").or_else(|| policy.get("statement"));
    let Some(node) = statements else { return };
    match &node.value {
        Value::List(list) => list.iter().for_each(|s| statement(s, resource, about)),
        _ => statement(node, resource, about),
    }
}

fn statement(node: &Node, resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let any = |keys: &[&str]| keys.iter().find_map(|k| node.get(k));
    let denies = any(&["Effect", "effect"]).and_then(Node::text) == Some("Deny");
    let Some(actions) = any(&["Action", "actions", "action"]).filter(|_| !denies) else { return };
    let everything = any(&["Resource", "resources", "resource"])
        .is_some_and(|r| r.list().iter().any(|t| t.text() == Some("*")));
    let list = actions.list();
    let star = list.iter().find(|a| matches!(a.text(), Some("*" | "*:*")));
    let service = list.iter().find(|a| a.text().is_some_and(|t| t.ends_with(":*")));
    let (state, detail, line) = match (star, service) {
        (Some(found), _) => (State::Weak, "every action".to_owned(), found.line),
        (None, Some(found)) if everything => {
            (State::Weak, format!("{} on every resource", found.text().unwrap_or("")), found.line)
        }
        (None, Some(found)) => (State::Weak, found.text().unwrap_or("").to_owned(), found.line),
        (None, None) => (State::Present, "named actions".to_owned(), actions.line),
    };
    // A policy on the thing itself (a bucket's, a queue's) also says who may come.
    let principal = any(&["Principal", "principals", "principal"]);
    let anybody = principal
        .is_some_and(|p| p.text() == Some("*") || p.flat().iter().any(|(_, value, _)| *value == "*"));
    if anybody && any(&["Condition", "condition"]).is_none() {
        about.practice(node.line, Aspect::Exposure, State::Present, resource.label, "anybody may use it");
    }
    about.practice(line, Aspect::GrantedRights, state, resource.label, detail);
}
