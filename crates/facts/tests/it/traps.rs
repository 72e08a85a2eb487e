//! Traps of lifecycle and advisory data, each met in the wild.

use loadcase_facts::version::{Pin, pin};
use loadcase_facts::{Inventory, Knowledge, Options, Subject, Use, verify};
use loadcase_model::{CheckedVersion, Id, Verification, VersionAnswer as A, VersionClaim as C, Weight};

fn known() -> Knowledge {
    Knowledge::new(&loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests"))
}

fn of(ecosystem: &str, name: &str, version: &str) -> Use {
    let exact = Pin::Exact(version.to_owned());
    let version =
        if ecosystem == "technology" { exact } else { pin(ecosystem, version, ecosystem == "docker") };
    Use::new(Subject::new(ecosystem, name), version)
}

fn all(uses: Vec<Use>, today: &str) -> Verification {
    let inventory = Inventory { name: "it".to_owned(), uses, unversioned: 0 };
    verify(&inventory, &known(), &Options::on(today))
}

fn one(ecosystem: &str, name: &str, version: &str, today: &str) -> CheckedVersion {
    all(vec![of(ecosystem, name, version)], today).checked.remove(0)
}

/// Statements of a claim as `answer verdict: text`.
fn told(checked: &CheckedVersion, claim: C) -> Vec<String> {
    let of = checked.statements.iter().filter(|s| s.claim == claim);
    of.map(|s| format!("{:?} {}: {}", s.answer, s.verdict, s.text)).collect()
}

fn says(checked: &CheckedVersion, claim: C, words: &[&str]) {
    let told = told(checked, claim);
    for word in words {
        assert!(told.iter().any(|t| t.contains(word)), "no `{word}` in {told:#?}");
    }
}

const TODAY: &str = "2026-11-23";

#[test]
fn supported_is_not_patched() {
    // Redis 8.0 ends on 2026-12-01, but its newest patch got neither of two fixes that its sisters got.
    let redis = one("technology", "redis", "8.0.6", TODAY);
    says(&redis, C::Patched, &["CVE-2026-23479", "redis-2026-07-23"]);
    says(&redis, C::Supported, &["ending: Security Support of line 8.0 ends on 2026-12-01", "left-out"]);
    let way_out: Vec<_> = redis.statements.iter().filter_map(|s| s.todo.as_deref()).collect();
    assert!(way_out.iter().any(|t| t.contains("8.2.8") && t.contains("its line got none")), "{way_out:?}");
    let sister = one("technology", "redis", "7.4.11", TODAY);
    assert!(!told(&sister, C::Supported).iter().any(|t| t.contains("left-out")));
}

#[test]
fn ranges_are_kept_by_line() {
    let named = |version: &str| {
        let redis = one("technology", "redis", version, TODAY);
        redis.statements.iter().any(|s| s.advisory.as_deref() == Some("CVE-2026-23479"))
    };
    for fixed in ["7.2.14", "7.4.9", "8.2.6", "8.4.3", "8.6.3"] {
        assert!(!named(fixed), "{fixed} came out fixed on the same day");
    }
    for affected in ["7.2.13", "7.4.8", "8.0.6", "8.2.5", "8.6.2"] {
        assert!(named(affected), "{affected}");
    }
}

#[test]
fn the_way_out_has_all_fixes() {
    let next = one("npm", "next", "15.2.2", TODAY);
    let ways: Vec<_> =
        next.statements.iter().filter(|s| s.advisory.is_some()).map(|s| s.todo.as_deref()).collect();
    assert_eq!(ways, [Some("move to 15.2.6 or newer"); 2], "15.2.3 has one fix of two");
}

#[test]
fn a_phase_has_the_name_that_the_product_gives_it() {
    for (name, version, words) in [
        ("kubernetes", "1.34.9", "Maintenance Support of line 1.34 ended on 2026-10-27"),
        (
            "pulsar",
            "4.0.13",
            "Active Support of line 4.0 ended on 2026-10-21; Security Support runs until 2027-10-21",
        ),
        (
            "spring-boot",
            "3.5.16",
            "OSS support of line 3.5 ended on 2026-06-30; Commercial Support runs until 2032-06-30, for those who pay",
        ),
        ("nodejs", "24.21.0", "Security Support of line 24 until 2028-04-30, announced, read on 2026-08-22"),
        ("nodejs", "24.21.0", "Active Support ended on 2026-10-20"),
    ] {
        says(&one("technology", name, version, TODAY), C::Supported, &[words]);
    }
}

#[test]
fn who_still_gets_fixes_for_nothing_is_warned_and_who_does_not_has_a_fault() {
    let weight = |name: &str, version: &str| one("technology", name, version, TODAY).statements[0].weight;
    assert_eq!(weight("pulsar", "4.0.13"), Weight::Warning);
    assert_eq!(weight("debian", "12"), Weight::Warning, "long-term support is for everybody");
    assert_eq!(weight("spring-boot", "3.5.16"), Weight::Fault);
}

#[test]
fn no_day_announced_is_not_for_ever() {
    let go = one("technology", "go", "1.27.3", "2026-09-01");
    says(
        &go,
        C::Supported,
        &["Verified supported: line 1.27 gets fixes, no end announced, read on 2026-08-22"],
    );
}

#[test]
fn a_line_is_over_from_the_day_after_its_end() {
    let on = |today: &str| told(&one("technology", "postgresql", "14.24", today), C::Supported).remove(0);
    assert!(on("2026-11-12").contains("ending"), "{}", on("2026-11-12"));
    assert!(on("2026-11-13").contains("ended on 2026-11-12"), "{}", on("2026-11-13"));
}

#[test]
fn data_without_a_living_line_is_too_old_to_say() {
    let pulsar = one("technology", "pulsar", "4.2.4", TODAY);
    let todo = pulsar.statements[0].todo.as_deref().unwrap_or_default();
    assert!(todo.contains("too old to say") && todo.contains("2026-08-22"), "{todo}");
}

#[test]
fn versions_newer_than_the_data_are_not_covered() {
    let newer = one("technology", "kubernetes", "1.37.0", TODAY);
    says(&newer, C::Supported, &["NotCovered newer: 1.37.0 is newer than every line this data knows"]);
    let patch = one("technology", "postgresql", "18.9", TODAY);
    says(&patch, C::Newest, &["NotCovered newer: newer than 18.6"]);
    assert!(patch.not_covered.contains(&C::Exists), "that it is not listed is no proof that it is not there");
    says(&one("technology", "java", "1.8.0", "2026-08-30"), C::Supported, &["line 8 until"]);
    assert!(
        one("technology", "postgresql", "8.1", TODAY).statements[0].text.contains("older than every line")
    );
}

#[test]
fn newer_patches_seen_elsewhere_count() {
    says(&one("docker", "node", "22.23.2", TODAY), C::Newest, &["behind: 22.23.3 is newer in the same line"]);
    says(
        &one("docker", "node", "22.23.3", TODAY),
        C::Newest,
        &["Verified newest: newest of its line known on 2026-11-22"],
    );
}

#[test]
fn services_end_on_days_of_their_own() {
    let aws = Use { provider: Some(Id::slug("aws")), ..of("technology", "postgresql", "14.23") };
    let managed = all(vec![aws], TODAY).checked.remove(0);
    assert_eq!(managed.name, "Amazon RDS for PostgreSQL");
    says(&managed, C::Supported, &["ending: Security Support of line 14 ends on 2027-02-28"]);
    says(&one("technology", "postgresql", "14.23", TODAY), C::Supported, &["ended on 2026-11-12"]);
}

#[test]
fn versions_of_distributions_hide_backports() {
    let nginx = one("technology", "nginx", "1.22.1-9+deb12u3", TODAY);
    says(&nginx, C::Patched, &["NotCovered backport"]);
    assert!(nginx.statements.iter().all(|s| s.advisory.is_none()));
}

#[test]
fn what_was_only_retold_says_so() {
    says(&one("technology", "postgresql", "18.3", TODAY), C::Patched, &["Second-hand"]);
    assert!(!told(&one("npm", "next", "15.2.2", TODAY), C::Patched)[0].contains("Second-hand"));
}

#[test]
fn a_source_that_drops_marks_of_deprecation_proves_nothing() {
    let express = one("npm", "express", "5.3.0", TODAY);
    assert!(express.not_covered.contains(&C::Maintained), "{express:#?}");
    says(&express, C::Newest, &["Verified newest"]);
}

#[test]
fn nothing_known_is_never_clean() {
    let unknown = all(vec![of("npm", "left-pad-of-nobody", "1.0.0")], TODAY);
    assert_eq!((unknown.tally.verified, unknown.tally.not_covered), (0, 6));
    assert_eq!(unknown.checked[0].not_covered, C::ALL);
}

#[test]
fn no_advisory_is_worth_its_list_and_its_day() {
    let patched = |today: &str| {
        let told = one("pypi", "Django", "5.2.19", today);
        told.statements.into_iter().find(|s| s.claim == C::Patched).expect("a statement")
    };
    let fresh = patched("2026-08-30");
    assert_eq!((fresh.answer, fresh.verdict.as_str()), (A::Verified, "listed-fixes"));
    assert!(fresh.text.contains("CVE-2025-64459") && fresh.text.contains("chosen one"), "{}", fresh.text);
    assert_eq!(patched(TODAY).answer, A::Stale, "three months are not covered");
}

#[test]
fn a_tag_without_a_patch_depends_on_the_day_it_was_pulled() {
    let tag = |name: &str, version: &str| {
        let floating = Use { floats: true, ..of("docker", name, version) };
        all(vec![floating], TODAY).checked.remove(0)
    };
    says(&tag("postgres", "18"), C::Patched, &["NotCovered floating", "18.4 and newer"]);
    says(&tag("redis", "8.0"), C::Patched, &["Contradicted affected", "Even 8.0.6"]);
    says(&tag("redis", "8"), C::Supported, &["can be any line up to 8.10"]);
}

#[test]
fn ranges_are_judged_by_what_they_let_in_and_lead_to() {
    let range = one("npm", "next", "^15.2.0", TODAY);
    says(&range, C::Patched, &["the range lets in 15.2.0, and nothing is locked. CVE-2025-29927"]);
    let whole = one("npm", "jsonwebtoken", "^8.5.1", TODAY);
    says(&whole, C::Patched, &["affected: CVE-2022-23540"]);
    assert!(whole.statements.iter().all(|s| s.weight != Weight::Fault), "{whole:#?}");
    assert!(range.statements.iter().all(|s| s.weight != Weight::Fault), "{range:#?}");
    let ended = one("pypi", "django", ">=4.2,<5", TODAY);
    says(&ended, C::Supported, &["ended: Security Support of line 4.2"]);
}

#[test]
fn versions_that_do_not_work_together_are_found() {
    let node = |version: &str| Use { runtime: Some("nodejs".to_owned()), ..of("docker", "node", version) };
    let needs = |range: &str| Use { requires: Some(range.to_owned()), ..of("npm", "some-lib", "3.0.0") };
    let compatible = |uses: Vec<Use>, name: &str| {
        let verification = all(uses, TODAY);
        let checked = verification.checked.into_iter().find(|c| c.name == name).expect("it is there");
        told(&checked, C::Compatible).join("\n")
    };
    let old = compatible(vec![node("16.20.2"), needs(">=18")], "some-lib");
    assert!(old.contains("Contradicted incompatible") && old.contains("runs on 16.20.2"), "{old}");
    let new = compatible(vec![node("22"), needs("^18.12 || >=20")], "some-lib");
    assert!(new.contains("Verified compatible"), "{new}");
    let java =
        Use { runtime: Some("eclipse-temurin".to_owned()), ..of("docker", "eclipse-temurin", "11.0.20") };
    let boot = of("maven", "org.springframework.boot:spring-boot-starter-web", "3.5.16");
    let told = compatible(vec![java, boot], "Spring Boot");
    assert!(told.contains("incompatible: Spring Boot 3.5 works on"), "{told}");
    let alone = all(vec![needs(">=18")], TODAY).checked.remove(0);
    assert!(alone.not_covered.contains(&C::Compatible), "nothing says what it runs on");
}

#[test]
fn a_year_later_what_held_is_stale_and_what_ended_has_ended() {
    let uses = || {
        vec![
            of("technology", "nodejs", "24.21.0"),
            of("technology", "postgresql", "18.6"),
            of("technology", "python", "3.10.22"),
        ]
    };
    let now = all(uses(), "2026-11-23");
    let later = all(uses(), "2027-11-23");
    let answers = |v: &Verification, name: &str| -> Vec<A> {
        let checked = v.checked.iter().find(|c| c.name == name).expect("it is there");
        checked
            .statements
            .iter()
            .filter(|s| matches!(s.claim, C::Supported | C::Newest))
            .map(|s| s.answer)
            .collect()
    };
    assert!(answers(&now, "Node.js").iter().all(|a| *a == A::Verified), "{:?}", answers(&now, "Node.js"));
    assert!(answers(&later, "Node.js").iter().all(|a| *a == A::Stale), "{:?}", answers(&later, "Node.js"));
    assert!(answers(&later, "PostgreSQL").contains(&A::Stale));
    assert!(answers(&later, "Python").contains(&A::Contradicted), "an end in the past stays one");
    assert!(later.tally.stale > now.tally.stale && later.tally.verified < now.tally.verified);
}

#[test]
fn look_again_before_a_line_ends_or_the_data_does() {
    let again = |name: &str, version: &str, today: &str| {
        all(vec![of("technology", name, version)], today).look_again.expect("a day").by
    };
    assert_eq!(again("postgresql", "18.6", TODAY), "2027-02-18", "180 days after the data");
    assert_eq!(again("postgresql", "15.20", "2026-08-23"), "2027-02-18");
    assert_eq!(again("redis", "8.0.6", TODAY), TODAY, "its end is nearer than the lead");
}

#[test]
fn artifacts_of_one_technology_are_told_once() {
    let boot = |artifact: &str| of("maven", &format!("org.springframework.boot:{artifact}"), "2.7.18");
    let verification =
        all(vec![boot("spring-boot-starter-web"), boot("spring-boot-starter-data-jpa")], TODAY);
    assert_eq!(verification.checked.len(), 1);
    assert_eq!(verification.checked[0].members.len(), 2);
}

#[test]
fn the_catalog_does_not_contradict_itself() {
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
    let mut wrong = Vec::new();
    for technology in catalog.technologies.values() {
        for release in &technology.releases {
            let own = technology.ids.endoflife.as_deref().and_then(|id| catalog.lifecycles.get(id));
            let cycle = own.and_then(|l| l.cycles.iter().find(|c| c.cycle == release.cycle));
            let (Some(cycle), Some(eol)) = (cycle, &release.eol) else { continue };
            let ends = [&cycle.active, &cycle.fixes, &cycle.extended];
            let same = ends.iter().any(|e| matches!(e, Some(loadcase_catalog::End::On(day)) if day == eol));
            if !same {
                wrong.push(format!("{} {}: {eol}, {ends:?}", technology.id, release.cycle));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
