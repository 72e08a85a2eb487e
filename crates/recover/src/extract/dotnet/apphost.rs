//! Application hosts of .NET Aspire: what is deployed, and who is told the address of whom.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use loadcase_model::ComponentKind;
use tree_sitter::Node;

use crate::extract::dotnet::apphost_kinds::{CHILDREN, KINDS, Kind, NOT_USES};
use crate::extract::dotnet::csharp::{Call, Code, bare};
use crate::sighting::{Address, Deployed, Platform, Port, Reach, ReachKind, Seen, Setting};
use crate::source::{Lines, Sightings, Source};
use crate::syntax;
use crate::walk::Tree;

/// A thing the host starts.
struct Resource {
    line: usize,
    deployed: Deployed,
}

/// Somebody is told an address.
struct Edge {
    from: String,
    to: String,
    line: usize,
    /// Whether it is only an endpoint in a variable of the environment.
    by_variable: Option<(String, String)>,
    path: Option<String>,
}

/// Reads an application host.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    let text = code.source.text;
    if !text.contains("DistributedApplication.CreateBuilder")
        && !text.contains("IDistributedApplicationBuilder")
    {
        return;
    }
    let mut resources: IndexMap<String, Resource> = IndexMap::new();
    for call in &code.calls {
        if let Some((name, resource)) = added(code, call) {
            resources.entry(name).or_insert(resource);
        }
    }
    let mut edges = Vec::new();
    for call in &code.calls {
        configure(code, call, &mut resources, &mut edges);
        if call.name == "WithExternalHttpEndpoints"
            && let Some(name) = owner(code, call)
        {
            let address = Address { name: name.clone(), of: Some(name), exposed: true, ..Address::default() };
            out.add(call.line(), Seen::Address(address));
        }
    }
    let kinds: IndexMap<String, Option<ComponentKind>> =
        resources.iter().map(|(name, r)| (name.clone(), r.deployed.kind)).collect();
    emit_edges(&kinds, edges, &mut resources, out);
    for resource in resources.into_values() {
        out.add(resource.line, Seen::Deployed(Box::new(resource.deployed)));
    }
}

/// The resource a call adds.
fn added<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>) -> Option<(String, Resource)> {
    let receiver = bare(call.receiver?);
    let kind = if call.name == "AddDatabase" {
        // A database of a server: a store of its own, of the server's technology.
        let server = resource_of(code, receiver, 0)?;
        kind_of(code, &server.1)
    } else {
        if !is_builder(code, receiver) {
            return None;
        }
        kind_of(code, call)
    }?;
    let name = code.literal(call.argument(0)?).filter(|n| !n.is_empty())?;
    let mut deployed = Deployed {
        name: name.clone(),
        platform: Some(Platform::AppHost),
        kind: kind.component,
        technology: kind.technology.filter(|t| !t.is_empty()).map(str::to_owned),
        managed: kind.managed,
        optional: is_optional(code, call.node),
        ..Deployed::default()
    };
    if let Some(image) = kind.image {
        describe(code.source, image, &mut deployed);
    }
    build(code, call, &mut deployed);
    Some((name, Resource { line: call.line(), deployed }))
}

/// What a method of the builder adds.
fn kind_of(code: &Code<'_, '_>, call: &Call<'_, '_>) -> Option<Kind> {
    if !call.name.starts_with("Add") || call.arguments.is_empty() {
        return None;
    }
    if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == call.name) {
        return Some(*kind);
    }
    // `AddNodeApp`, `AddSpringApp`, `AddUvicornApp`: anything built from a folder.
    let has_path = call.argument(1).and_then(|a| code.literal(a)).is_some_and(|p| p.starts_with('.'));
    (call.name.ends_with("App") && has_path).then_some(Kind::PROCESS)
}

fn describe(source: &Source<'_>, image: &str, deployed: &mut Deployed) {
    if let Some(sign) = source.signs.image(image) {
        deployed.kind = deployed.kind.or(sign.component);
        deployed.technology = deployed.technology.take().or_else(|| Some(sign.technology.to_string()));
    }
}

/// Where a process is built from, and what it runs.
fn build<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, deployed: &mut Deployed) {
    let second = call.argument(1).and_then(|a| code.literal(a));
    match call.name {
        "AddContainer" => {
            let tag = call.argument(2).and_then(|a| code.literal(a));
            let image = second.map(|image| tag.map_or_else(|| image.clone(), |tag| format!("{image}:{tag}")));
            if let Some(image) = &image {
                describe(code.source, image, deployed);
            }
            deployed.image = image;
        }
        "AddProject" | "AddAzureFunctionsProject" | "AddAwsLambdaFunction" | "AddAWSLambdaFunction" => {
            let by_type = call.types.first().and_then(|t| project(code.source, t));
            let by_path = second.filter(|p| p.contains('/') || p.contains('\\'));
            let by_path = by_path.and_then(|p| code.source.relative(&p));
            let by_path =
                by_path.map(|p| p.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()));
            deployed.build = by_type.or(by_path);
        }
        "AddExternalService" => {
            if let Some(url) = second {
                deployed.hosts.extend(host(&url));
            }
        }
        _ => {
            if let Some(path) = second.filter(|p| p.starts_with('.')) {
                deployed.build = code.source.relative(&path);
            }
        }
    }
}

/// The host of a URL.
fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    Some(rest.split(['/', ':', '?']).next()?.to_owned())
}

/// The folder of the project behind a generated type: `Projects.Catalog_API` is of `Catalog.API.csproj`.
fn project(source: &Source<'_>, class: &str) -> Option<String> {
    let wanted = class.rsplit('.').next()?;
    source.tree.facts.projects.get_or_init(|| projects(source.tree)).get(wanted).cloned()
}

/// The folders of projects by their name as an identifier; the first file wins.
fn projects(tree: &Tree) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in &tree.files {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        if let Some(stem) = name.strip_suffix(".csproj").or_else(|| name.strip_suffix(".fsproj")) {
            let plain = stem.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
            found.entry(plain).or_insert_with(|| folder.to_owned());
        }
    }
    found
}

/// Whether an expression is the builder of the host.
fn is_builder(code: &Code<'_, '_>, node: Node<'_>) -> bool {
    let text = code.text(node);
    if text.ends_with("builder") || text.ends_with("Builder") {
        return true;
    }
    code.given(text).is_some_and(|g| code.text(g).contains("DistributedApplication.CreateBuilder"))
}

/// The resource an expression stands for: its name, and the call that added it.
fn resource_of<'s, 't>(code: &Code<'s, 't>, node: Node<'t>, depth: usize) -> Option<(String, Call<'s, 't>)> {
    if depth > 12 {
        return None;
    }
    let (chain, root) = code.chain(node);
    for call in &chain {
        let on_builder = call.receiver.is_some_and(|r| is_builder(code, bare(r)));
        if call.name == "AddDatabase" || on_builder && kind_of(code, call).is_some() {
            return Some((code.literal(call.argument(0)?)?, call.clone()));
        }
    }
    let mut at = bare(root?);
    // `api.Resource`, `api.Resource.PrimaryEndpoint`
    while at.kind() == "member_access_expression" {
        at = bare(syntax::field(at, "expression")?);
    }
    if at.kind() == "invocation_expression" {
        return resource_of(code, at, depth + 1);
    }
    let given = code.given_at(code.text(at), at).filter(|g| g.end_byte() <= at.start_byte())?;
    resource_of(code, given, depth + 1)
}

/// Whether a resource is only there under a condition.
fn is_optional(code: &Code<'_, '_>, node: Node<'_>) -> bool {
    if syntax::ancestor(node, &["if_statement", "switch_statement", "conditional_expression"]).is_some() {
        return true;
    }
    let Some(method) = syntax::ancestor(node, &["method_declaration"]) else { return false };
    let Some(name) = syntax::field_text(method, "name", code.source.text) else { return false };
    let folder = code.source.folder();
    ["Program.cs", "AppHost.cs"].iter().any(|main| {
        let path = if folder.is_empty() { (*main).to_owned() } else { format!("{folder}/{main}") };
        let Some(text) = code.source.read(&path) else { return false };
        let Some(tree) = syntax::parse(&tree_sitter_c_sharp::LANGUAGE.into(), &text) else { return false };
        let lines = Lines::new(&text);
        let other = Source { path: &path, text: &text, lines: &lines, ..*code.source };
        let other = Code::new(&other, tree.root_node());
        other.called(name).any(|c| syntax::ancestor(c.node, &["if_statement"]).is_some())
    })
}

/// Reads what is said about a resource.
fn configure<'t>(
    code: &Code<'_, 't>,
    call: &Call<'_, 't>,
    resources: &mut IndexMap<String, Resource>,
    edges: &mut Vec<Edge>,
) {
    let Some(owner) = owner(code, call) else { return };
    let line = call.line();
    let told = |at: usize| call.argument(at).and_then(|a| resource_of(code, a, 0)).map(|(name, _)| name);
    let Some(resource) = resources.get_mut(&owner) else { return };
    match call.name {
        "WaitFor" | "WaitForCompletion" | "WaitForStart" => {
            resource.deployed.depends_on.extend(told(0).map(|name| (name, line)));
        }
        "WithImage" => {
            resource.deployed.image = call.argument(0).and_then(|a| code.literal(a));
        }
        "WithImageTag" => {
            let tag = call.argument(0).and_then(|a| code.literal(a));
            if let (Some(image), Some(tag)) = (&mut resource.deployed.image, tag) {
                *image = format!("{}:{tag}", image.split(':').next().unwrap_or(image));
            }
        }
        "WithReplicas" => {
            resource.deployed.replicas = call.argument(0).and_then(|a| code.value(a).parse().ok());
        }
        "WithHttpEndpoint" | "WithEndpoint" | "WithHttpsEndpoint" => {
            ports(code, call, &mut resource.deployed);
        }
        "WithEnvironment" => {
            let Some(key) = call.argument(0).and_then(|a| code.literal(a)) else { return };
            if let Some(to) = told(1) {
                let value = format!("http://{to}");
                edges.push(Edge { from: owner, to, line, by_variable: Some((key, value)), path: None });
            } else if let Some(value) = call.argument(1).and_then(|a| code.literal(a)) {
                let value = crate::secret::hidden(&key, &value);
                resource.deployed.env.push((key, value, line));
            }
        }
        "WithExternalHttpEndpoints" => {}
        name if NOT_USES.contains(&name)
            || CHILDREN.contains(&name)
            || name.starts_with("Add") && name != "AddRoute" && name != "AddCluster" => {}
        _ => {
            let path =
                (call.name == "AddRoute").then(|| call.argument(0).and_then(|a| code.literal(a))).flatten();
            for (_, argument) in &call.arguments {
                if let Some((to, _)) = resource_of(code, *argument, 0) {
                    edges.push(Edge { from: owner.clone(), to, line, by_variable: None, path: path.clone() });
                }
            }
        }
    }
}

/// The resource a call is about: what it is called on, or the one whose configuration it stands in.
fn owner<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>) -> Option<String> {
    if let Some((name, _)) = call.receiver.and_then(|r| resource_of(code, r, 0)) {
        return Some(name);
    }
    if !matches!(call.name, "AddRoute" | "AddCluster") {
        return None;
    }
    let mut at = call.node;
    while let Some(outer) = syntax::ancestor(at, &["invocation_expression"]) {
        let outer_call = code.call_of(outer)?;
        if outer_call.name == "WithConfiguration" {
            return outer_call.receiver.and_then(|r| resource_of(code, r, 0)).map(|(name, _)| name);
        }
        at = outer;
    }
    None
}

fn ports(code: &Code<'_, '_>, call: &Call<'_, '_>, deployed: &mut Deployed) {
    let number = |name: &str| call.named(name).and_then(|a| code.value(a).parse::<u16>().ok());
    let first = call.argument(0).and_then(|a| code.value(a).parse::<u16>().ok());
    let outside = number("port").or(first);
    if let Some(inside) = number("targetPort").or(outside) {
        deployed.ports.push(Port { inside, published: outside.map(|p| p.to_string()), bind: None });
    }
}

/// Emits who uses whom. An address handed back to what one depends on oneself is where it calls or redirects
/// back to, not a use.
fn emit_edges(
    kinds: &IndexMap<String, Option<ComponentKind>>,
    edges: Vec<Edge>,
    resources: &mut IndexMap<String, Resource>,
    out: &mut Sightings,
) {
    let known: Vec<(String, String, usize)> =
        edges.iter().map(|e| (e.from.clone(), e.to.clone(), e.line)).collect();
    for edge in edges {
        let back = edge.by_variable.is_some()
            && known.iter().any(|(from, to, line)| *from == edge.to && *to == edge.from && *line < edge.line);
        if edge.from == edge.to || back {
            continue;
        }
        let gateway = kinds.get(&edge.from).copied().flatten() == Some(ComponentKind::Gateway);
        let kind = kinds.get(&edge.to).copied().flatten();
        let (kind, protocol) = match kind {
            Some(ComponentKind::Store) => (ReachKind::Data, "sql"),
            Some(ComponentKind::Cache | ComponentKind::Search | ComponentKind::ObjectStore) => {
                (ReachKind::Data, "tcp")
            }
            Some(ComponentKind::Broker) => (ReachKind::Unknown, "amqp"),
            _ if gateway => (ReachKind::Route, "http"),
            _ => (ReachKind::Call, "http"),
        };
        let mut reach = Reach::new(kind, edge.to.clone(), protocol);
        reach.of = Some(edge.from.clone());
        reach.path = edge.path;
        out.add(edge.line, Seen::Reach(Box::new(reach)));
        if let Some((key, value)) = edge.by_variable {
            let setting = Setting {
                of: Some(edge.from.clone()),
                profile: None,
                key: key.replace("__", "."),
                value: value.clone(),
            };
            out.add(edge.line, Seen::Setting(setting));
            if let Some(resource) = resources.get_mut(&edge.from) {
                resource.deployed.env.push((key, value, edge.line));
            }
        }
    }
}
