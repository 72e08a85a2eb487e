//! NuGet: project files with central package versions.

use std::collections::BTreeMap;

use super::common::{self, Dependency, SEES, folder_of};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source, join};
use crate::xml::{self, Element};

/// Reads `*.csproj`, `*.fsproj`, `*.vbproj`.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "nuget",
    reads: |path| [".csproj", ".fsproj", ".vbproj"].iter().any(|e| path.ends_with(e)),
    sees: SEES,
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let Some(project) = xml::document(source.text).filter(|e| e.name == "Project") else { return };
    let central = central(source);
    let file = source.name();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let assembly = property(&project, "AssemblyName").filter(|n| !n.text.contains("$("));
    let references = project.descendants().filter(|e| e.name == "ProjectReference");
    let unit = Unit {
        name: Some(assembly.map_or(stem, |a| a.text.as_str()).to_owned()),
        ecosystem: "nuget",
        language: Some("csharp"),
        aggregates: false,
        includes: references
            .filter_map(|r| r.attribute("Include"))
            .filter_map(|path| source.relative(path))
            .map(|path| folder_of(&path).to_owned())
            .collect(),
        ..Unit::default()
    };
    common::unit(out, assembly.map_or(1, |a| a.line), unit);
    let framework = ["TargetFramework", "TargetFrameworks", "TargetFrameworkVersion"];
    if let Some(target) = framework.iter().find_map(|name| property(&project, name)) {
        common::runtime(out, target.line, "csharp", &target.text);
    }
    let test = is_test(&project);
    for reference in project.descendants().filter(|e| e.name == "PackageReference") {
        let Some(name) = reference.attribute("Include") else { continue };
        let written = ["Version", "VersionOverride"]
            .iter()
            .find_map(|a| reference.attribute(a).or_else(|| reference.text_of(a)))
            .map(str::to_owned);
        let version = written.or_else(|| central.get(&name.to_ascii_lowercase()).cloned());
        let assets = reference.attribute("PrivateAssets").or_else(|| reference.text_of("PrivateAssets"));
        let dev = test || assets.is_some_and(|a| a.eq_ignore_ascii_case("all"));
        let seen = Dependency {
            name: name.to_owned(),
            version,
            dev,
            locked: false,
            line: reference.line,
            ..Dependency::default()
        };
        common::library(source, out, "nuget", seen);
    }
    framework_references(source, &project, out);
}

/// What the kind of project brings along without a package: the web framework.
fn framework_references(source: &Source<'_>, project: &Element, out: &mut Sightings) {
    let web = project.attribute("Sdk").is_some_and(|s| s.starts_with("Microsoft.NET.Sdk.Web"));
    let reference = project.descendants().find(|e| {
        e.name == "FrameworkReference" && e.attribute("Include") == Some("Microsoft.AspNetCore.App")
    });
    if web || reference.is_some() {
        let line = reference.map_or(project.line, |r| r.line);
        let seen = Dependency { name: "Microsoft.AspNetCore.App".to_owned(), line, ..Dependency::default() };
        common::library(source, out, "nuget", seen);
    }
}

fn property<'a>(project: &'a Element, name: &str) -> Option<&'a Element> {
    project.all("PropertyGroup").filter_map(|g| g.get(name)).find(|e| !e.text.is_empty())
}

fn is_test(project: &Element) -> bool {
    property(project, "IsTestProject").is_some_and(|p| p.text.eq_ignore_ascii_case("true"))
        || project
            .descendants()
            .any(|e| e.name == "PackageReference" && e.attribute("Include") == Some("Microsoft.NET.Test.Sdk"))
}

/// Versions of `Directory.Packages.props`, the nearest upwards, by name in lower case.
fn central(source: &Source<'_>) -> BTreeMap<String, String> {
    let mut folder = source.folder();
    loop {
        let path = join(folder, "Directory.Packages.props");
        if let Some(root) = path.and_then(|p| source.read(&p)).and_then(|t| xml::document(&t)) {
            return versions(&root);
        }
        if folder.is_empty() {
            return BTreeMap::new();
        }
        folder = folder_of(folder);
    }
}

fn versions(root: &Element) -> BTreeMap<String, String> {
    let groups = || root.all("PropertyGroup").flat_map(|g| &g.children);
    let resolved = |version: &str| match version.strip_prefix("$(").and_then(|v| v.strip_suffix(')')) {
        Some(name) => groups().find(|p| p.name == name).map(|p| p.text.clone()),
        None => Some(version.to_owned()),
    };
    root.descendants()
        .filter(|e| e.name == "PackageVersion")
        .filter_map(|e| {
            let version = e.attribute("Version").or_else(|| e.text_of("Version"))?;
            Some((e.attribute("Include")?.to_ascii_lowercase(), resolved(version)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::see_all;

    #[test]
    fn versions_are_central_and_projects_are_paths() {
        let project = "<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n<PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>\n<ItemGroup><PackageReference Include=\"Npgsql\" />\n<PackageReference Include=\"Tool\" Version=\"1\"><PrivateAssets>all</PrivateAssets></PackageReference>\n<ProjectReference Include=\"..\\Core\\Core.csproj\" /></ItemGroup></Project>";
        let seen = see_all(&[
            (
                "Directory.Packages.props",
                "<Project><PropertyGroup><V>8.0.1</V></PropertyGroup><ItemGroup><PackageVersion Include=\"Npgsql\" Version=\"$(V)\" /></ItemGroup></Project>",
            ),
            ("src/Api/Api.csproj", project),
        ]);
        let api = unit(&seen, "src/Api/Api.csproj");
        assert_eq!(
            (api.name.as_deref(), api.includes.as_slice()),
            (Some("Api"), &["src/Core".to_owned()][..])
        );
        assert_eq!(libraries(&seen), ["Npgsql 8.0.1", "Tool 1 dev", "Microsoft.AspNetCore.App -"]);
        assert!(format!("{seen:?}").contains("net8.0"));
    }
}
