//! Every advisory of the catalog, on repositories that use versions at, below and above its fixes. Expected verdicts
//! come from the listed versions and plain arithmetic on their numbers, not from the code that reads ranges.

use std::path::Path;

use loadcase_catalog::{Affected, Catalog};
use loadcase_facts::{Inventory, Knowledge, Options, verify};
use loadcase_model::Verification;

/// A version in a folder of its own, and whether an advisory names it.
struct Trial {
    advisory: String,
    ecosystem: String,
    name: String,
    version: String,
    affected: bool,
}

/// The image of a program.
const IMAGES: [(&str, &str); 9] = [
    ("nodejs", "node"),
    ("postgresql", "postgres"),
    ("redis", "redis"),
    ("valkey", "valkey/valkey"),
    ("mongodb", "mongo"),
    ("nginx", "nginx"),
    ("rabbitmq", "rabbitmq"),
    ("grafana", "grafana/grafana"),
    ("prometheus", "prom/prometheus"),
];

fn numbers(text: &str) -> Vec<i64> {
    text.split(['-', 'a']).next().unwrap_or_default().split('.').map(|n| n.parse().unwrap_or(0)).collect()
}

fn dotted(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// The version right below, by its numbers: the last number that is not zero goes down, those behind it are large.
fn below(text: &str) -> String {
    if let Some((front, last)) = text.rsplit_once('.').filter(|(front, _)| front.contains('-')) {
        return format!("{front}.{}", last.parse::<i64>().expect("a number") - 1);
    }
    let mut n = numbers(text);
    let at = n.iter().rposition(|x| *x > 0).expect("a version above zero");
    n[at] -= 1;
    n[at + 1..].fill(999);
    dotted(&n)
}

fn above(text: &str) -> String {
    let mut n = numbers(text);
    *n.last_mut().expect("a number") += i64::from(!text.contains('-'));
    dotted(&n)
}

/// Spellings of a version's pre-release, and of the version itself, in its ecosystem.
fn spellings(ecosystem: &str, version: &str) -> (Option<String>, Vec<String>) {
    let v = version;
    match ecosystem {
        "npm" | "cargo" => (Some(format!("{v}-rc.1")), vec![format!("{v}+build.5")]),
        "pypi" => (Some(format!("{v}rc1")), vec![format!("{v}.post1"), format!("{v}.0")]),
        "maven" => {
            (Some(format!("{v}-rc1")), vec![format!("{v}.Final"), format!("{v}.RELEASE"), format!("{v}-sp1")])
        }
        "go" => (Some(format!("{v}-0.20260101000000-0123456789ab")), vec![format!("{v}+incompatible")]),
        _ => (None, Vec::new()),
    }
}

/// The trials of one affected package.
fn trials(advisory: &str, of: &Affected) -> Vec<Trial> {
    let mut out = Vec::new();
    let mut add = |version: String, affected: bool| {
        out.push(Trial {
            advisory: advisory.to_owned(),
            ecosystem: of.ecosystem.clone(),
            name: of.name.clone(),
            version,
            affected,
        });
    };
    for range in &of.ranges {
        let first = numbers(&range.from);
        match (&range.fixed, &range.last) {
            (Some(fixed), _) => {
                add(fixed.clone(), false);
                let lower = below(fixed);
                if numbers(&lower) >= first {
                    add(lower, true);
                }
                if !fixed.contains('-') {
                    add(above(fixed), false);
                    let (before, same) = spellings(&of.ecosystem, fixed);
                    before.into_iter().for_each(|v| add(v, true));
                    same.into_iter().for_each(|v| add(v, false));
                }
            }
            (None, Some(last)) => {
                add(last.clone(), true);
                add(below(last), true);
                add(above(last), false);
            }
            (None, None) => add("0.9.10".to_owned(), true),
        }
    }
    out
}

/// Writes the manifest or lock file that names a version, as its ecosystem does.
fn write(folder: &Path, trial: &Trial) {
    let Trial { name, version, .. } = trial;
    let (file, text) = match trial.ecosystem.as_str() {
        "npm" => (
            "package-lock.json",
            format!(
                "{{\n  \"name\": \"app\",\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"node_modules/{name}\": {{\n      \"version\": \"{version}\"\n    }}\n  }}\n}}\n"
            ),
        ),
        "pypi" => ("requirements.txt", format!("# pinned\n{name}=={version}\n")),
        "maven" => {
            let (group, artifact) = name.split_once(':').expect("group and artifact");
            (
                "pom.xml",
                format!(
                    "<project>\n  <artifactId>app</artifactId>\n  <dependencies>\n    <dependency>\n      <groupId>{group}</groupId>\n      <artifactId>{artifact}</artifactId>\n      <version>{version}</version>\n    </dependency>\n  </dependencies>\n</project>\n"
                ),
            )
        }
        "go" => ("go.mod", format!("module example.com/app\n\ngo 1.24\n\nrequire {name} v{version}\n")),
        "cargo" => (
            "Cargo.lock",
            format!(
                "version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+index\"\nchecksum = \"0\"\n"
            ),
        ),
        _ => ("docker-compose.yml", {
            let program = if name == "node" { "nodejs" } else { name.trim_end_matches("-server") };
            let (_, image) = IMAGES.iter().find(|(of, _)| *of == program).expect("an image");
            format!("services:\n  it:\n    image: {image}:{version}\n")
        }),
    };
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(folder.join(file), text).expect("written");
}

fn verified(folder: &Path, catalog: &Catalog) -> Verification {
    let limits = loadcase_recover::Limits::default();
    let survey = loadcase_recover::recover(folder, catalog, &limits).expect("a repository");
    let known = Knowledge::new(catalog);
    verify(&Inventory::of_survey(&survey, &known, catalog), &known, &Options::on("2026-11-23"))
}

#[test]
fn advisories_are_decided_at_below_and_above_their_fixes() {
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
    let pairs: Vec<(&str, &Affected)> =
        catalog.advisories.values().flat_map(|a| a.affects.iter().map(|of| (a.id.as_str(), of))).collect();
    assert_eq!(pairs.len(), 60);
    let all: Vec<Trial> = pairs.iter().flat_map(|(id, of)| trials(id, of)).collect();
    let root = tempfile::tempdir().expect("a folder");
    for (i, trial) in all.iter().enumerate() {
        write(&root.path().join(format!("svc-{i}")), trial);
    }
    let verification = verified(root.path(), &catalog);
    let mut wrong = Vec::new();
    for (i, trial) in all.iter().enumerate() {
        let folder = format!("svc-{i}/");
        let here = |c: &&loadcase_model::CheckedVersion| c.places.iter().any(|p| p.path.starts_with(&folder));
        let seen: Vec<_> = verification.checked.iter().filter(here).collect();
        let named = seen
            .iter()
            .flat_map(|c| &c.statements)
            .any(|s| s.advisory.as_deref() == Some(&trial.advisory) && s.verdict == *"affected");
        if seen.is_empty() || named != trial.affected {
            let found = if seen.is_empty() {
                "not seen"
            } else if named {
                "affected"
            } else {
                "not affected"
            };
            wrong.push(format!(
                "{} {} {} {}: {found}, expected {}",
                trial.advisory, trial.ecosystem, trial.name, trial.version, trial.affected
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    assert!(all.len() > 400, "only {} trials", all.len());
}
