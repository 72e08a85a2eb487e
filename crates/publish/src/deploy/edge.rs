//! What a content delivery network in front keeps and what it holds back: from the contract and the capacity model.

use std::collections::BTreeSet;

use loadcase_model::{ComponentKind, Figure, Horizon, Id, Operation, Tag, Unit};
use serde_json::{Value, json};

use super::plan::{Part, Plan, whole};
use crate::honesty::{tagged, tagged_text};
use crate::text::listed;
use crate::text::markdown::{Doc, code, name};

/// Paths that one distribution may tell apart, with room for those that a team adds.
const MOST_PATHS: usize = 20;

/// Share of the capacity left at the peak that one address may take: ten at once at their limit saturate nothing.
const SHARE_OF_ONE: f64 = 0.1;

/// Days that the module keeps logs: those of the processes, the network and the firewall.
pub(crate) const LOG_DAYS: u32 = 30;

/// Seconds that requests of an address are counted over.
const WINDOW_S: f64 = 300.0;

/// The network of the design, where its provider runs one that the files can describe.
pub(crate) fn part<'p, 'a>(plan: &'p Plan<'a>) -> Option<&'p Part<'a>> {
    let provider = plan.provider()?;
    let by_provider = |part: &&Part<'_>| {
        let technology = plan.view.technology(part.component);
        technology.is_some_and(|t| t.managed_as.keys().any(|by| *by == *provider))
    };
    plan.parts
        .iter()
        .filter(|p| p.component.kind == ComponentKind::Edge && p.component.managed)
        .find(by_provider)
}

/// Its settings, as the module of Terraform takes them.
pub(crate) fn settings(plan: &Plan<'_>, edge: &Part<'_>) -> Value {
    let (cached, not_cached) = paths(plan, edge);
    json!({"address_limit": address_limit(plan), "cached": cached, "not_cached": not_cached})
}

/// Requests that one address may send in five minutes: its share of what the design carries beyond the peak.
pub(crate) fn address_limit(plan: &Plan<'_>) -> u32 {
    let forecast = plan.forecast();
    let full = forecast.saturation.rate.value;
    let left = (full - forecast.arrivals.value).max(full * 0.1);
    whole(left * SHARE_OF_ONE * WINDOW_S, 300, 2_000_000)
}

/// Paths whose answers are kept, the most asked first, and those below them that are not, all as patterns.
pub(crate) fn paths(plan: &Plan<'_>, edge: &Part<'_>) -> (Vec<String>, Vec<String>) {
    let operations = &plan.view.blueprint().operations;
    let rates = plan.view.design.forecasts.at(Horizon::Later);
    let rate = |id: &Id| rates.operations.get(id).map_or(0.0, |f| f.rate.value);
    let is_kept =
        |id: &Id| plan.open.contains(id) && operations.get(id).is_some_and(|o| is_answered(o, edge.id));
    let (mut kept, others): (Vec<_>, Vec<_>) = plan.routes.iter().partition(|(id, _)| is_kept(id));
    // A pattern knows no methods: a path that is written to as well is passed on.
    kept.retain(|(_, path)| {
        is_plain(path) && others.iter().all(|(_, other)| pattern(other) != pattern(path))
    });
    kept.sort_by(|a, b| rate(b.0).total_cmp(&rate(a.0)).then(a.0.cmp(b.0)));
    let (mut cached, mut not_cached) = (Vec::new(), BTreeSet::new());
    for (_, path) in kept {
        let wanted = pattern(path);
        let below: BTreeSet<String> = others
            .iter()
            .filter(|(_, other)| fits(&wanted, &sample(other)))
            .map(|(_, other)| pattern(other))
            .collect();
        if cached.contains(&wanted) || not_cached.union(&below).count() + cached.len() + 1 > MOST_PATHS {
            continue;
        }
        cached.push(wanted);
        not_cached.extend(below);
    }
    (cached, not_cached.into_iter().collect())
}

/// What stands before the balancer, for the document of the deployment.
pub(crate) fn describe(doc: &mut Doc, plan: &Plan<'_>) {
    let has = |kind| plan.parts.iter().any(|p| p.component.kind == kind);
    if !has(ComponentKind::Edge) {
        return;
    }
    if !super::terraform::has_module(plan) {
        doc.para(format!(
            "The content delivery network is in none of these files, and is set up beside them: let it ask the platform's \
             address of what answers{}, keep only answers whose `Cache-Control` is `public`, and pass no cookie on for those. \
             What a law or a decision of the house takes away the worker purges there by its address, with a key of its own \
             that is kept among the secrets; the link to a file is signed for a day at most.",
            if has(ComponentKind::ObjectStore) { " and, with signed links or an access of its own, the private store of files" } else { "" }
        ));
        return;
    }
    let Some(edge) = super::terraform::edge(plan) else {
        doc.para(format!(
            "The content delivery network is in none of these files: let it ask the balancer{}, with a firewall for web \
             requests in front.",
            if has(ComponentKind::ObjectStore) { " and, with an access of its own to the private bucket, the store of files" } else { "" }
        ));
        return;
    };
    let limit = Figure::computed(
        f64::from(address_limit(plan)),
        Unit::One,
        "a tenth of what is left between the peak in 24 months and saturation, for 300 s",
    );
    doc.para(format!(
        "[terraform/edge.tf](terraform/edge.tf) puts the content delivery network before the balancer, which has no address \
         in the internet any more, and before both a firewall with the provider's own rules. One address may send {} requests \
         in five minutes: a tenth of what the design carries beyond its peak.",
        tagged(&limit)
    ));
    let (cached, _) = paths(plan, edge);
    let kept: Vec<String> = cached.iter().map(|path| code(path)).collect();
    doc.para(if kept.is_empty() {
        "No operation has an answer that it may keep: it shortens the way and keeps floods away.".to_owned()
    } else {
        format!(
            "It keeps answers of {}, which the contract leaves open to anybody, for as long as their `Cache-Control` says, \
             such as `public, s-maxage=60`; tokens and cookies are not passed on there. An answer without that header is not kept.",
            listed(&kept)
        )
    });
    doc.para(
        "Nothing is purged when something changes or is removed: an answer is as old as its `s-maxage` at most, and a file \
         that no link is signed for any more is out of reach when the last link ends. What must be gone at once, because a \
         law or a decision of the house says so, the worker purges by its address (`cloudfront:CreateInvalidation`, a right \
         it has on this distribution alone). At CloudFront the first thousand addresses of a month are free and each further \
         one costs half a cent: a purge for every edit and deletion would be a line of the bill.",
    );
    files_at_edge(doc, plan);
    doc.para(format!(
        "The logs of the network and of the firewall hold addresses of people and what they asked for: personal data. They \
         lie in a bucket in the region of the design, without cookies and without the query, and go after {} \
         (`log_days`, which is that of the processes' own logs, too).",
        tagged_text(&format!("{LOG_DAYS} days"), Tag::Assumed)
    ));
}

/// How files reach whoever looks at them.
fn files_at_edge(doc: &mut Doc, plan: &Plan<'_>) {
    let stores = plan.parts.iter().filter(|p| p.component.kind == ComponentKind::ObjectStore);
    for store in stores {
        let (label, variable) = (&store.label, store.variable());
        doc.para(format!(
            "Files that are shown pass through it: what lies below {} in {} is read at the same path of the host name, and \
             the network alone may read it there, with an identity of its own (origin access control). Originals and \
             uploads lie outside of that folder, and go by links to the store itself. A file gets a name of its own that \
             is never used again, and `Cache-Control: public, max-age=31536000, immutable` when it is stored: with `private` \
             the network would keep none and fetch each from the store. Public it is not: the network checks each link \
             before it looks among what it keeps.",
            code(&format!("{label}/")),
            name(&store.component.name),
        ));
        doc.para(format!(
            "The network takes signed links only. Make a key (`openssl genrsa 2048`), give its public half as \
             `files_public_key`, and put the key into the secret of the process as {}; {} and {} are set. Sign each link \
             until the end of the next day, the same second for everybody: then a file has one address for a whole day, and \
             browsers and apps find it in their own memory, as the bill counts on. A link made new for each request would be \
             fetched each time. The network leaves the signature out of its own key. A link that was given away works until \
             its time is over: where that is too long, round to hours. A signature takes about {} of a processor, and a page \
             of a list has one for each file and size: keep what was signed in memory until its time is over, so that a file \
             is signed once a day in each process and not once for each look at it. The forecast counts on that.",
            code(&format!("{variable}_EDGE_KEY")),
            code(&format!("{variable}_EDGE_URL")),
            code(&format!("{variable}_EDGE_KEY_ID")),
            tagged_text("0.2 to 1 ms", Tag::Assumed),
        ));
    }
}

/// Whether the edge answers some of the requests of an operation itself.
fn is_answered(operation: &Operation, edge: &Id) -> bool {
    let at_edge = operation.steps.iter().position(|s| s.component == *edge);
    let next = at_edge.and_then(|n| Some((&operation.steps[n], operation.steps.get(n + 1)?)));
    operation.method.as_deref() == Some("GET") && next.is_some_and(|(own, next)| next.visits < own.visits)
}

/// Whether a path has only characters that patterns can hold.
fn is_plain(path: &str) -> bool {
    path.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'{' | b'}' | b':'))
}

/// A path with something else in place of each parameter.
fn replaced(path: &str, by: &str) -> String {
    let mut out = String::new();
    for (n, piece) in path.split('{').enumerate() {
        match piece.split_once('}').filter(|_| n > 0) {
            Some((_, rest)) => out.extend([by, rest]),
            None => out.push_str(piece),
        }
    }
    out
}

fn pattern(path: &str) -> String {
    replaced(path, "*")
}

fn sample(path: &str) -> String {
    replaced(path, "x")
}

/// Whether a text fits a pattern, in which `*` stands for any characters, slashes too.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    (0..=text.len()).any(|n| text.is_char_boundary(n) && fits(rest, &text[n..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_know_what_lies_below_them() {
        assert_eq!(pattern("/v1/posts/{post_id}/comments"), "/v1/posts/*/comments");
        assert!(fits("/v1/posts/*", &sample("/v1/posts/{id}/drafts/{draft}")));
        assert!(!fits("/v1/posts/*/comments", &sample("/v1/posts/{id}")));
        assert!(!fits("/v1/posts", "/v1/posts/x"));
    }
}
