//! Gradle: build scripts with what the root of the build shares.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::common::{self, Dependency, SEES, file_name, folder_of};
use super::gradle_script::{self as script, Declared, What};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source, join};

/// Reads `build.gradle` and `build.gradle.kts`.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "gradle",
    reads: |path| matches!(file_name(path), "build.gradle" | "build.gradle.kts"),
    sees: SEES,
    extract,
};

/// Reads `settings.gradle` of builds whose root has no build script.
pub(super) const SETTINGS: Extractor = Extractor {
    id: "gradle-settings",
    reads: |path| matches!(file_name(path), "settings.gradle" | "settings.gradle.kts"),
    sees: &[],
    extract: settings,
};

/// The plugin by which Spring Boot's version is chosen.
const BOOT: &str = "org.springframework.boot";

static ROOT_NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"rootProject\.name\s*=\s*["']([^"']+)"#).expect("a constant pattern"));
static INCLUDE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?m)^\s*include\b[\s(]*["']"#).expect("a constant pattern"));
static JAVA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?:sourceCompatibility|targetCompatibility|jvmTarget|jvmToolchain|JavaLanguageVersion\.of)\s*[=(]?\s*["']?(?:JavaVersion\.VERSION_)?([\d._]+)"#,
    )
    .expect("a constant pattern")
});

fn settings(source: &Source<'_>, out: &mut Sightings) {
    let script = |name: &str| source.relative(name).is_some_and(|p| source.tree.has(&p));
    if INCLUDE.is_match(source.text) && !script("build.gradle") && !script("build.gradle.kts") {
        common::unit(out, 1, Unit { ecosystem: "gradle", aggregates: true, ..Unit::default() });
    }
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let build = Build::of(source);
    let own = script::declared(source.text, &build.variables);
    let inherited = build.shared.clone();
    let mut unit = Unit {
        name: build.name(source),
        ecosystem: "gradle",
        language: None,
        aggregates: build.is_root && build.includes && !has_sources(source),
        includes: Vec::new(),
        ..Unit::default()
    };
    if !unit.aggregates {
        unit.language = Some(language(source));
    }
    let boot = boot_version(&own).or_else(|| boot_version(&inherited));
    let boot = boot.or_else(|| boot_version(&build.at_root));
    // What the root declares for its projects is none of its own when it has no code.
    let gathers = unit.aggregates;
    for declared in own.iter().filter(|d| !(d.shared && gathers)).chain(&inherited) {
        tell(source, out, declared, boot.as_deref(), &build.root, &mut unit);
    }
    for (configuration, accessor, line) in script::accessors(source.text) {
        for (name, version) in build.catalog.get(&accessor).into_iter().flatten() {
            let (name, version) = (name.clone(), version.clone());
            let seen = Dependency {
                name,
                version,
                dev: is_dev(&configuration),
                locked: false,
                line,
                ..Dependency::default()
            };
            common::library(source, out, "maven", seen);
        }
    }
    if let Some(version) = &boot {
        let name = format!("{BOOT}:spring-boot");
        let seen = Dependency {
            name,
            version: Some(version.clone()),
            dev: false,
            locked: false,
            line: 1,
            ..Dependency::default()
        };
        common::library(source, out, "maven", seen);
    }
    if let Some(found) = JAVA.captures(source.text)
        && let Some(version) = found.get(1)
    {
        common::runtime(out, source.line_of(version.start()), "java", &version.as_str().replace('_', "."));
    }
    common::unit(out, 1, unit);
}

/// Tells of one dependency.
fn tell(
    source: &Source<'_>,
    out: &mut Sightings,
    declared: &Declared,
    boot: Option<&str>,
    root: &str,
    unit: &mut Unit,
) {
    let dev = is_dev(&declared.configuration);
    match &declared.what {
        What::Project(path) => {
            let path = path.trim_start_matches(':').replace(':', "/");
            unit.includes.extend(join(root, &path).filter(|_| !dev));
        }
        What::Library(group, name, version) if declared.configuration != "classpath" => {
            let version = version.clone().or_else(|| boot.filter(|_| group == BOOT).map(str::to_owned));
            let name = format!("{group}:{name}");
            let seen = Dependency {
                name,
                version,
                dev,
                locked: false,
                line: declared.line,
                ..Dependency::default()
            };
            common::library(source, out, "maven", seen);
        }
        What::Library(..) | What::Plugin(..) => {}
    }
}

/// Configurations of tests, of tools and of annotation processors.
fn is_dev(configuration: &str) -> bool {
    let lower = configuration.to_ascii_lowercase();
    lower.contains("test")
        || matches!(
            lower.as_str(),
            "annotationprocessor" | "kapt" | "ksp" | "developmentonly" | "checkstyle" | "classpath"
        )
}

fn boot_version(declared: &[Declared]) -> Option<String> {
    declared.iter().find_map(|d| match &d.what {
        What::Plugin(id, version) if id == BOOT => version.clone(),
        What::Library(group, name, version)
            if group == BOOT
                && matches!(name.as_str(), "spring-boot-gradle-plugin" | "spring-boot-dependencies") =>
        {
            version.clone()
        }
        _ => None,
    })
}

fn has_sources(source: &Source<'_>) -> bool {
    source.relative("src").is_some_and(|p| source.tree.has_folder(&p))
}

fn language(source: &Source<'_>) -> &'static str {
    let kotlin = source.relative("src/main/kotlin").is_some_and(|p| source.tree.has_folder(&p));
    let java = source.relative("src/main/java").is_some_and(|p| source.tree.has_folder(&p));
    if kotlin && !java { "kotlin" } else { "java" }
}

/// The build a script belongs to.
#[derive(Default)]
struct Build {
    /// The folder of its settings.
    root: String,
    /// Its settings.
    settings: String,
    /// Whether the script stands at the root.
    is_root: bool,
    /// Whether the settings name projects.
    includes: bool,
    variables: BTreeMap<String, String>,
    /// What the root shares with all projects, on line one of theirs.
    shared: Vec<Declared>,
    /// What the root declares for itself.
    at_root: Vec<Declared>,
    catalog: BTreeMap<String, Vec<(String, Option<String>)>>,
}

impl Build {
    fn of(source: &Source<'_>) -> Self {
        let read = |folder: &str, name: &str| join(folder, name).and_then(|p| source.read(&p));
        let mut build = Self::default();
        let mut folder = source.folder();
        loop {
            let settings = read(folder, "settings.gradle").or_else(|| read(folder, "settings.gradle.kts"));
            if let Some(settings) = settings {
                build.settings = settings;
                break;
            }
            if folder.is_empty() {
                folder = source.folder();
                break;
            }
            folder = folder_of(folder);
        }
        build.root = folder.to_owned();
        build.is_root = build.root == source.folder();
        build.includes = INCLUDE.is_match(&build.settings);
        script::variables(source.text, &mut build.variables);
        for place in [source.folder(), folder] {
            script::properties(&read(place, "gradle.properties").unwrap_or_default(), &mut build.variables);
        }
        if let Some(text) = read(folder, "gradle/libs.versions.toml") {
            build.catalog = script::catalog(&text);
        }
        if !build.is_root
            && let Some(text) = read(folder, "build.gradle").or_else(|| read(folder, "build.gradle.kts"))
        {
            script::variables(&text, &mut build.variables);
            let (shared, own) = script::declared(&text, &build.variables).into_iter().partition(|d| d.shared);
            build.shared = shared;
            build.at_root = own;
            build.shared.iter_mut().for_each(|d| d.line = 1);
        }
        build
    }

    fn name(&self, source: &Source<'_>) -> Option<String> {
        let of_root =
            || ROOT_NAME.captures(&self.settings).and_then(|c| c.get(1)).map(|m| m.as_str().to_owned());
        let folder = Some(file_name(source.folder()).to_owned()).filter(|f| !f.is_empty());
        if self.is_root { of_root().or(folder) } else { folder }
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::see_all;

    #[test]
    fn a_project_takes_what_the_root_shares() {
        let seen = see_all(&[
            ("settings.gradle", "rootProject.name = 'shop'\ninclude 'orders'\ninclude(':core')\n"),
            (
                "build.gradle",
                "buildscript {\n ext { bv = '2.3.1' }\n dependencies { \n classpath \"org.springframework.boot:spring-boot-gradle-plugin:${bv}\"\n }\n}\nsubprojects {\n dependencies {\n  compile 'org.springframework.boot:spring-boot-starter-actuator'\n }\n}\n",
            ),
            ("gradle/libs.versions.toml", "[libraries]\npg = 'org.postgresql:postgresql:42'\n"),
            (
                "orders/build.gradle",
                "dependencies {\n implementation project(':core')\n implementation libs.pg\n testImplementation 'junit:junit:4'\n}\nsourceCompatibility = 1.8\n",
            ),
            ("orders/src/main/java/A.java", ""),
        ]);
        assert!(unit(&seen, "build.gradle").aggregates);
        let orders = unit(&seen, "orders/build.gradle");
        assert_eq!((orders.name.as_deref(), orders.language), (Some("orders"), Some("java")));
        assert_eq!(orders.includes, ["core"]);
        let of_orders: Vec<_> = seen.into_iter().filter(|s| s.place.path.starts_with("orders")).collect();
        assert_eq!(
            libraries(&of_orders),
            [
                "junit:junit 4 dev",
                "org.springframework.boot:spring-boot-starter-actuator 2.3.1",
                "org.postgresql:postgresql 42",
                "org.springframework.boot:spring-boot 2.3.1",
            ]
        );
        assert!(format!("{of_orders:?}").contains("runtime.java"));
    }
}
