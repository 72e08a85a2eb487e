//! What can be reached, what is seen, and what the system is built from.

use loadcase_model::{ComponentKind, Flow, FlowStyle, Id, OperationKind, Sensitivity};

use super::data::fields_of;
use super::{Answer, Check, check, component_names, operation_names, processes, several};
use crate::text::markdown::name;
use crate::view::{INSIDE, View};

pub(super) fn exposure(view: &View<'_>) -> Vec<Check> {
    let blueprint = view.blueprint();
    let mut checks = Vec::new();
    let level = |id: &Id| {
        let zone = blueprint.components.get(id).and_then(|c| c.zone.as_ref());
        zone.and_then(|z| blueprint.zones.get(z)).map(|z| z.level)
    };
    let inner = [
        ComponentKind::Store,
        ComponentKind::Cache,
        ComponentKind::Broker,
        ComponentKind::Search,
        ComponentKind::Analytics,
    ];
    let stores = view.components(&inner);
    let reached: Vec<&Flow> = blueprint
        .flows
        .iter()
        .filter(|f| stores.iter().any(|(id, _)| **id == f.to))
        .filter(|f| blueprint.actors.contains_key(&f.from) || level(&f.from) == Some(0))
        .collect();
    if !stores.is_empty() {
        let (applies, answer) = if reached.is_empty() {
            (component_names(&stores), Answer::Has)
        } else {
            (flow_names(view, &reached), Answer::Lacks)
        };
        checks.push(check(
            "Nothing outside reaches stores, caches and brokers directly",
            applies,
            answer,
            "A02:2025, ASVS 13.2.1",
        ));
    }
    let entry = view.components(&[ComponentKind::Edge, ComponentKind::Gateway]);
    let at = if entry.is_empty() { processes(view) } else { component_names(&entry) };
    checks.push(check(
        "Requests are limited by caller and operation, harder for sign-in, search and money",
        at.clone(),
        Answer::Team,
        "API4:2023, ASVS 2.4.1",
    ));
    checks.push(check(
        "Bodies, headers and request times have limits",
        at,
        Answer::Team,
        "API4:2023, ASVS 4.3.1",
    ));
    let waits: Vec<&Flow> = blueprint
        .flows
        .iter()
        .filter(|f| {
            f.style == FlowStyle::Sync && f.protocol != INSIDE && !blueprint.actors.contains_key(&f.from)
        })
        .collect();
    let (limited, unlimited): (Vec<&Flow>, Vec<&Flow>) =
        waits.into_iter().partition(|f| f.timeout_ms.is_some());
    for (flows, answer) in [(limited, Answer::Has), (unlimited, Answer::Lacks)] {
        if !flows.is_empty() {
            checks.push(check(
                "Whoever calls waits for a limited time",
                flow_names(view, &flows),
                answer,
                "A10:2025, ASVS 13.2.6",
            ));
        }
    }
    let admin: Vec<_> = view
        .operations(&[OperationKind::Request])
        .into_iter()
        .filter(|(_, o)| o.path.as_deref().is_some_and(|p| p.contains("/admin")))
        .collect();
    if !admin.is_empty() {
        checks.push(check(
            "Staff operations are reachable from staff networks or with a second factor only",
            operation_names(admin),
            Answer::Team,
            "API5:2023, ASVS 8.4.2",
        ));
    }
    checks
}

pub(super) fn audit(view: &View<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let trails = |only_grows: bool| -> Vec<String> {
        let entities = view.blueprint().entities.iter().filter(|(id, _)| id.as_str().contains("audit"));
        entities.filter(|(_, e)| e.append_only == only_grows).map(|(_, e)| name(&e.name)).collect()
    };
    let (kept, changeable) = (trails(true), trails(false));
    if !changeable.is_empty() {
        checks.push(check(
            "What is recorded of who did what cannot be changed later",
            several(&changeable),
            Answer::Lacks,
            "A09:2025, ASVS 16.4.2",
        ));
    }
    let critical: Vec<_> = view.blueprint().operations.iter().filter(|(_, o)| o.critical).collect();
    let wanted = view.signal(&["audit-trail", "compliance-heavy", "soc2", "hipaa", "pci-dss", "iso-27001"]);
    if !kept.is_empty() {
        checks.push(check(
            "Who did what and when is recorded and cannot be changed",
            several(&kept),
            Answer::Has,
            "A09:2025, ASVS 16.3.1",
        ));
    } else if trails(false).is_empty() && (wanted || !critical.is_empty()) {
        let applies = if critical.is_empty() { processes(view) } else { operation_names(critical) };
        checks.push(check(
            "Who did what and when is recorded and cannot be changed",
            applies,
            Answer::Lacks,
            "A09:2025, ASVS 16.3.1",
        ));
    }
    let watching: Vec<_> = view
        .components(&[ComponentKind::External])
        .into_iter()
        .filter(|(id, c)| {
            let kind =
                c.technology.as_ref().and_then(|t| view.catalog.technology(t.as_str())).map(|t| t.kind);
            id.as_str().contains("observability")
                || kind == Some(loadcase_catalog::TechnologyKind::Observability)
        })
        .collect();
    let running = view.components(&[ComponentKind::Service, ComponentKind::Worker, ComponentKind::Function]);
    let (applies, answer) = if watching.is_empty() {
        (component_names(&running), Answer::Lacks)
    } else {
        (component_names(&watching), Answer::Has)
    };
    checks.push(check(
        "Logs, metrics and traces of all components come together in one place",
        applies,
        answer,
        "A09:2025, ASVS 16.4.3",
    ));
    checks.push(check(
        "Refused sign-ins, refused permissions and changed roles are logged and raise alarms",
        component_names(&running),
        Answer::Team,
        "A09:2025, ASVS 16.3.1, 16.3.2",
    ));
    let private = fields_of(view, |s| s >= Sensitivity::Personal);
    if !private.is_empty() {
        checks.push(check("These never appear in logs", several(&private), Answer::Team, "ASVS 16.2.5"));
    }
    checks.push(check(
        "Errors tell callers nothing about the inside; details go to the log under the problem's instance",
        processes(view),
        Answer::Team,
        "A10:2025, ASVS 16.5.1",
    ));
    checks
}

pub(super) fn supply_chain(view: &View<'_>) -> Vec<Check> {
    let used = view.technologies();
    let dated: Vec<String> = used
        .iter()
        .filter(|u| u.technology.release().is_some())
        .map(|u| crate::technology::versioned(u.technology))
        .collect();
    let mut checks = Vec::new();
    if !dated.is_empty() {
        checks.push(check(
            "Versions are dated facts with a support window ([technology](technology.md))",
            several(&dated),
            Answer::Has,
            "A03:2025, ASVS 15.2.1",
        ));
    }
    let running = view.components(&[ComponentKind::Service, ComponentKind::Worker, ComponentKind::Function]);
    let points: [(&str, &'static str); 3] = [
        (
            "Dependencies are pinned with hashes, scanned for advisories on each build, and updated every week",
            "A03:2025, ASVS 15.1.2",
        ),
        (
            "Images are built from pinned bases, signed, and run without root and with a read-only file system",
            "A08:2025, ASVS 13.4.2",
        ),
        (
            "Only reviewed code reaches production, through a pipeline that holds no long-lived keys",
            "A08:2025, ASVS 13.3.1",
        ),
    ];
    for (point, reference) in points {
        checks.push(check(point, component_names(&running), Answer::Team, reference));
    }
    checks
}

pub(super) fn flow_names(view: &View<'_>, flows: &[&Flow]) -> String {
    several(
        &flows
            .iter()
            .map(|f| format!("{} to {}", name(view.label(&f.from)), name(view.label(&f.to))))
            .collect::<Vec<_>>(),
    )
}
