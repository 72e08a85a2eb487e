//! The deliverables of designs as resources: `loadcase://design/{design_id}/{path}`.

use std::sync::Arc;

use loadcase_model::Design;

use super::host::Host;
use super::refusal::Refusal;

/// What every address begins with.
const SCHEME: &str = "loadcase://design/";
/// The template of the addresses.
pub(crate) const TEMPLATE: &str = "loadcase://design/{design_id}/{+path}";
/// Designs whose resources are listed.
const LISTED_DESIGNS: usize = 4;
/// Resources that every design has beside its files: path, what it is.
const ALWAYS: [(&str, &str); 4] = [
    ("report.md", "The whole design as one document"),
    ("architecture.md", "Diagram, components, flows"),
    ("technology.md", "Versions with support dates, sources and advisories"),
    ("trade-offs.md", "Every decision: why, what lost, what would change it, risks"),
];

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// Its address.
    pub(crate) uri: String,
    /// The path below the design.
    pub(crate) name: String,
    /// What it is.
    pub(crate) title: String,
    /// Its media type.
    pub(crate) mime: &'static str,
}

/// Addresses of the main resources of a design, with what each is.
#[must_use]
pub(crate) fn links(design_id: &str) -> Vec<(String, String)> {
    ALWAYS.iter().map(|(path, title)| (format!("{SCHEME}{design_id}/{path}"), (*title).to_owned())).collect()
}

/// The resources of the designs made last.
#[must_use]
pub(crate) fn list(host: &Host) -> Vec<Resource> {
    let ids = host.kept().recent_ids();
    ids.iter()
        .take(LISTED_DESIGNS)
        .flat_map(|id| {
            ALWAYS
                .iter()
                .chain(&[("files", "List of all files"), ("design.json", "Everything, for programs")])
                .map(move |(path, title)| Resource {
                    uri: format!("{SCHEME}{id}/{path}"),
                    name: format!("{id}/{path}"),
                    title: (*title).to_owned(),
                    mime: mime(path),
                })
        })
        .collect()
}

/// The text of a resource, with its media type.
///
/// # Errors
/// When the address is none of ours, or names nothing.
pub(crate) fn read(host: &Host, uri: &str) -> Result<(String, &'static str), Refusal> {
    let unknown = || {
        Refusal::new(
            format!("there is no resource `{}`", uri.chars().take(200).collect::<String>()),
            format!("resources look like {TEMPLATE}; `files` as the path lists those of a design"),
        )
    };
    let (id, path) = uri.strip_prefix(SCHEME).and_then(|rest| rest.split_once('/')).ok_or_else(unknown)?;
    let design: Arc<Design> = host.design(id)?;
    let session = host.usual_session()?;
    let text = match path {
        "report.md" => loadcase_publish::markdown(&design, session.catalog()),
        "design.json" => loadcase_publish::json(&design),
        "answer.md" => session.answer(&design.brief.text, None, &design)?,
        "files" => {
            let files = loadcase_publish::deliverables(&design, session.catalog());
            let own = ["report.md", "answer.md", "design.json"].into_iter().map(str::to_owned);
            let all: Vec<String> = own.chain(files.into_iter().map(|f| f.path)).collect();
            all.iter().map(|p| format!("{SCHEME}{id}/{p}\n")).collect()
        }
        path => {
            let files = loadcase_publish::deliverables(&design, session.catalog());
            files.into_iter().find(|f| f.path == path).ok_or_else(unknown)?.text
        }
    };
    Ok((text, mime(path)))
}

fn mime(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("md") => "text/markdown",
        Some("json") => "application/json",
        Some("yaml" | "yml") => "application/yaml",
        Some("sql") => "application/sql",
        _ => "text/plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::host::Settings;
    use crate::server::roots::Roots;
    use crate::server::tools::{self, Silent};

    #[test]
    fn what_a_design_links_to_can_be_read_and_nothing_else() {
        let settings = Settings { roots: Roots::new(&[]).expect("none"), state: None, today: None };
        let host = Host::new(settings);
        let design = tools::find("design").expect("a tool");
        let brief = serde_json::json!({"brief": "A shop for used bikes, 20k monthly users, four engineers"});
        let reply = (design.run)(&host, brief, &Silent).expect("a design");
        let id = reply.structured["design_id"].as_str().expect("an identifier").to_owned();
        for (uri, _) in reply.links.iter().chain(&links(&id)) {
            assert!(read(&host, uri).expect("there").0.len() > 200, "{uri}");
        }
        for resource in list(&host) {
            assert!(!read(&host, &resource.uri).expect("there").0.is_empty(), "{}", resource.uri);
        }
        let (files, _) = read(&host, &format!("{SCHEME}{id}/files")).expect("there");
        assert!(files.lines().count() > 20);
        for uri in files.lines() {
            assert!(read(&host, uri).is_ok(), "{uri}");
        }
        for bad in ["", "file:///etc/passwd", "loadcase://design/", "loadcase://design/x/y"] {
            assert!(read(&host, bad).is_err(), "{bad}");
        }
        assert!(read(&host, &format!("{SCHEME}{id}/../../etc/passwd")).is_err());
    }
}
