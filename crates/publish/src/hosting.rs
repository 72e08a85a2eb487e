//! Who runs what a design leaves to others: the provider, or another company where the provider does not offer it.

use indexmap::IndexMap;
use loadcase_catalog::{Technology, TechnologyKind};
use loadcase_model::{Component, ComponentKind, Id};

use crate::text::listed;
use crate::text::markdown::{Doc, name};
use crate::view::View;

/// Who runs a managed component.
pub(crate) enum Host<'a> {
    /// A service of the provider itself.
    Provider(&'a str),
    /// Services of others, each with the clouds it is in.
    Others(Vec<(&'a str, Vec<String>)>),
    /// Nobody that is known of: the team, on a machine of its own.
    Team,
}

/// The provider of a design.
fn provider<'a>(view: &View<'a>) -> Option<&'a Technology> {
    let provider = view.blueprint().deployment.provider.as_ref()?;
    view.catalog.technology(provider.as_str())
}

/// Who runs a component that is not the team's to run; absent where the design names no provider, and for what has
/// no technology.
pub(crate) fn host<'a>(view: &View<'a>, component: &'a Component) -> Option<Host<'a>> {
    use ComponentKind as K;
    let kinds = [K::Store, K::Cache, K::Broker, K::Search, K::Analytics];
    let technology = subject(view, component)?;
    if !component.managed || !kinds.contains(&component.kind) {
        return None;
    }
    let provider = provider(view)?;
    if let Some(service) = technology.managed_as.get(&provider.id).filter(|_| !technology.has("extension")) {
        return Some(Host::Provider(service));
    }
    let mut others: IndexMap<&str, Vec<String>> = IndexMap::new();
    for (cloud, service) in &technology.managed_as {
        let cloud = view.catalog.technology(cloud.as_str()).filter(|t| t.kind == TechnologyKind::Provider);
        if let Some(cloud) = cloud {
            others.entry(service).or_default().push(cloud.name.clone());
        }
    }
    let own_machines = runs_machines(view);
    Some(if others.is_empty() || own_machines {
        Host::Team
    } else {
        Host::Others(others.into_iter().collect())
    })
}

/// What somebody has to offer: the technology of a component with the extension that the design needs of it.
fn subject<'a>(view: &View<'a>, component: &'a Component) -> Option<&'a Technology> {
    let technology = view.technology(component).filter(|t| !t.has("embedded") && !t.has("in-process"))?;
    let provider = view.blueprint().deployment.provider.as_ref();
    let extension =
        view.extension_of(component).filter(|t| provider.is_none_or(|p| !t.hosted_by.contains(p)));
    Some(extension.unwrap_or(technology))
}

/// Whether the team runs machines anyway.
fn runs_machines(view: &View<'_>) -> bool {
    let platform = &view.blueprint().deployment.platform;
    let options = view.catalog.decision("deployment").into_iter().flat_map(|d| &d.options);
    options
        .into_iter()
        .any(|o| o.has("self-operated") && (o.id == *platform || o.technologies.contains(platform)))
}

/// Whether a component runs outside of the provider's platform.
pub(crate) fn is_elsewhere<'a>(view: &View<'a>, component: &'a Component) -> bool {
    matches!(host(view, component), Some(Host::Others(_) | Host::Team)) && !runs_machines(view)
}

/// Where stores and queues run that a provider or another company may run, a line for each.
pub(crate) fn places(doc: &mut Doc, view: &View<'_>) {
    let components = view.blueprint().components.iter();
    let lines: Vec<String> = components.filter_map(|(id, c)| line(view, id, c)).collect();
    if !lines.is_empty() {
        doc.para("Where stores and queues run:");
        doc.list(lines);
    }
}

/// What does not run at the provider, a line for each; none where all does.
pub(crate) fn elsewhere(view: &View<'_>) -> Vec<String> {
    let components = view.blueprint().components.iter();
    components.filter(|(_, c)| is_elsewhere(view, c)).filter_map(|(id, c)| line(view, id, c)).collect()
}

/// What lies or goes where no file says, a line for each: regions that a person has to choose.
pub(crate) fn unset_regions(view: &View<'_>) -> Vec<String> {
    view.blueprint().components.iter().filter_map(|(id, c)| chosen_region(view, id, c)).collect()
}

/// What is bought from another company in a region that no file sets.
fn chosen_region<'a>(view: &View<'a>, id: &Id, component: &'a Component) -> Option<String> {
    let deployment = &view.blueprint().deployment;
    let provider = deployment.provider.as_ref()?;
    let region = deployment.regions.first().map_or_else(|| "the product's region".to_owned(), |r| name(r));
    let title = if component.name.is_empty() { name(id.as_str()) } else { name(&component.name) };
    match component.kind {
        ComponentKind::ObjectStore => {
            let technology = view.technology(component)?;
            let own = technology.managed_as.keys().any(|p| p == provider);
            (!own && component.managed).then(|| format!(
                "{title}: {} of another company. Make the bucket in the same country as {region}: its region is set when it is made, can never be changed, and no file here sets it.",
                name(&technology.name)
            ))
        }
        ComponentKind::Analytics | ComponentKind::Search if component.managed => {
            let service = view.technology(component)?.managed_as.get(provider)?;
            Some(format!(
                "{title}: {}, which no file here makes. Make it in {region}, with a copy in another zone, backups and only the addresses of the product's network let in; its address with user and password is the variable of the component. Where another company runs it, name that one among the processors of personal data.",
                name(service)
            ))
        }
        ComponentKind::External => Some(format!(
            "{title}: what is sent there leaves {region}. Choose a sender that keeps it in the same area, as a setting of the account or by contract, and name it among the processors of personal data."
        )),
        _ => None,
    }
}

fn line<'a>(view: &View<'a>, id: &Id, component: &'a Component) -> Option<String> {
    let provider = &provider(view)?.name;
    let technology = &subject(view, component)?.name;
    let title = if component.name.is_empty() { name(id.as_str()) } else { name(&component.name) };
    Some(match host(view, component)? {
        Host::Provider(service) => format!("{title}: {service}, on {provider}."),
        Host::Others(services) => {
            let each: Vec<String> =
                services.iter().map(|(service, clouds)| format!("{service} ({})", listed(clouds))).collect();
            format!(
                "{title}: {provider} does not offer {technology}. It runs as {}: an account and a bill of its own, in a region near the product's and under the same rules on where data lies. Each call leaves the platform's network: TLS, and a list of addresses that may connect.",
                each.join(", or ")
            )
        }
        Host::Team => format!(
            "{title}: {provider} does not offer {technology}. The team runs it on a machine of its own, from its image or package, with backups, updates and a standby."
        ),
    })
}
