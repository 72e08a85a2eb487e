//! Where a process in C# starts, and the things it stores.

use crate::extract::dotnet::csharp::Code;
use crate::extract::dotnet::declaration::{Attribute, attributes, bases, is_declared};
use crate::sighting::{EntitySeen, Entry, HandlerSeen, Seen};
use crate::source::Sightings;
use crate::syntax;

/// Calls that build a host, and whether it answers requests.
const HOSTS: &[(&str, &str, bool)] = &[
    ("WebApplication", "CreateBuilder", true),
    ("WebApplication", "CreateSlimBuilder", true),
    ("WebApplication", "CreateEmptyBuilder", true),
    ("WebApplication", "Create", true),
    ("WebHost", "CreateDefaultBuilder", true),
    ("Host", "CreateDefaultBuilder", false),
    ("Host", "CreateApplicationBuilder", false),
    ("Host", "CreateEmptyApplicationBuilder", false),
    ("FunctionsApplication", "CreateBuilder", false),
    ("WebAssemblyHostBuilder", "CreateDefault", false),
    ("MauiApp", "CreateBuilder", false),
];

/// Reads entries.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    // An application host starts the others; it is no part of the system.
    if code.source.text.contains("DistributedApplication.CreateBuilder") {
        return;
    }
    let text = code.source.text;
    for call in &code.calls {
        let receiver = call.receiver.map(|r| code.text(r)).unwrap_or("");
        let class = receiver.rsplit('.').next().unwrap_or(receiver);
        let Some((.., web)) = HOSTS.iter().find(|(c, name, _)| *c == class && *name == call.name) else {
            continue;
        };
        let web = *web || text.contains("ConfigureWebHostDefaults") || text.contains("ConfigureWebHost(");
        let framework = web.then(|| "aspnet-core".to_owned());
        out.add(call.line(), Seen::Entry(Entry { framework }));
        return;
    }
    let main = syntax::of_kind(code.root, "method_declaration")
        .find(|m| syntax::field_text(*m, "name", text) == Some("Main") && is_declared(*m, "static", text));
    if let Some(main) = main {
        out.add(syntax::line(main), Seen::Entry(Entry::default()));
    }
}

/// Folders in which the things of a domain stand.
const FOLDERS: &[&str] =
    &["model", "models", "entities", "entity", "domain", "aggregatesmodel", "aggregates"];

/// Ends of names of classes that are shapes of requests and answers, not stored things.
const SHAPES: &[&str] = &[
    "Dto",
    "DTO",
    "ViewModel",
    "Request",
    "Response",
    "Command",
    "Query",
    "Options",
    "Settings",
    "Event",
    "Handler",
    "Service",
    "Repository",
    "Exception",
    "Extensions",
    "Validator",
    "Configuration",
    "Context",
    "Model",
    "Result",
    "Attribute",
    "Profile",
];

/// Reads stored things, and the handlers that other files map.
pub(crate) fn things(code: &Code<'_, '_>, out: &mut Sightings) {
    let folder = code.source.folder().to_ascii_lowercase();
    let is_model = folder.split(['/', '.']).any(|p| FOLDERS.contains(&p));
    for class in syntax::of_kind(code.root, "class_declaration") {
        let Some(name) = syntax::field_text(class, "name", code.source.text) else { continue };
        let own = attributes(class, code.source.text);
        let table = own.iter().find(|a| a.name == "Table").and_then(Attribute::first).map(|t| code.value(t));
        let is_entity = bases(class, code.source.text)
            .iter()
            .any(|(b, _)| matches!(*b, "Entity" | "BaseEntity" | "AggregateRoot" | "IAggregateRoot"));
        let is_shape = SHAPES.iter().any(|s| name.ends_with(s));
        let fields = fields(code, class);
        if table.is_some() || is_entity || (is_model && !is_shape && fields.len() > 1) {
            let entity = EntitySeen { name: name.to_owned(), table, fields };
            out.span(syntax::line(class), syntax::last_line(class), Seen::Entity(entity));
        }
        handlers(code, class, out);
    }
}

fn fields(code: &Code<'_, '_>, class: tree_sitter::Node<'_>) -> Vec<(String, String, usize)> {
    let body = syntax::field(class, "body").map(syntax::children).unwrap_or_default();
    body.into_iter()
        .filter(|n| n.kind() == "property_declaration" && is_declared(*n, "public", code.source.text))
        .filter_map(|n| {
            let name = syntax::field_text(n, "name", code.source.text)?;
            let kind = syntax::field_text(n, "type", code.source.text)?;
            Some((name.to_owned(), kind.to_owned(), syntax::line(n)))
        })
        .collect()
}

/// Static methods that answer requests: other files may map them.
fn handlers(code: &Code<'_, '_>, class: tree_sitter::Node<'_>, out: &mut Sightings) {
    for method in syntax::of_kind(class, "method_declaration") {
        let returns = syntax::field_text(method, "returns", code.source.text).unwrap_or("");
        let answers = ["IResult", "Results<", "Ok<", "Created", "NoContent", "IActionResult", "ActionResult"];
        let Some(name) = syntax::field_text(method, "name", code.source.text) else { continue };
        if !is_declared(method, "static", code.source.text) || !answers.iter().any(|a| returns.contains(a)) {
            continue;
        }
        let parameters = syntax::field(method, "parameters").map(syntax::children).unwrap_or_default();
        let parameters =
            parameters.into_iter().filter_map(|p| syntax::field_text(p, "name", code.source.text));
        let handler = HandlerSeen {
            name: name.to_owned(),
            method: None,
            parameters: parameters.map(str::to_owned).collect(),
        };
        out.span(syntax::line(method), syntax::last_line(method), Seen::Handler(handler));
    }
}
