//! Folders that are not what they seem: links, devices, huge files, huge numbers of files, odd names.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use crate::{repository, says, survey, survey_of};

const COMPOSE: &str = "services:\n  web:\n    image: nginx:1.27\n";

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = repository(&[("docker-compose.yml", "services:\n  stolen:\n    image: redis\n")]);
    let inside = repository(&[("a/docker-compose.yml", COMPOSE), ("b/x.txt", "")]);
    let root = inside.path();
    symlink(outside.path().join("docker-compose.yml"), root.join("docker-compose.yml")).expect("a link");
    symlink(outside.path(), root.join("outside")).expect("a link");
    symlink(root, root.join("b/circle")).expect("a link");
    symlink("itself", root.join("itself")).expect("a link");
    symlink("/dev/zero", root.join("application.yml")).expect("a link");
    // What is left out by name is not read through a link either.
    symlink("/dev/zero", root.join(".gitignore")).expect("a link");
    let survey = survey(root);
    let json = serde_json::to_string(&survey).expect("JSON");
    assert!(survey.blueprint.components.contains_key("web"), "{:?}", survey.blueprint.components);
    assert!(!json.contains("stolen"));
}

#[test]
fn paths_in_files_do_not_lead_out() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("stolen.yml"), "services:\n  stolen:\n    image: redis\n").expect("written");
    fs::write(folder.path().join("stolen.env"), "STOLEN_HOST=stolen\n").expect("written");
    let root = folder.path().join("repository");
    fs::create_dir(&root).expect("a folder");
    let absolute = folder.path().join("stolen.yml");
    let compose = format!(
        "include: [../stolen.yml, {0}]\nservices:\n  web:\n    extends: {{file: ../stolen.yml, service: stolen}}\n    \
         env_file: [../stolen.env, /proc/self/environ]\n    build: ../\n  api:\n    extends: {{file: {0}, service: stolen}}\n",
        absolute.display()
    );
    let kustomization = "resources: [../stolen.yml, ../../../../etc/passwd]\n";
    let terraform = "module \"m\" {\n  source = \"../..\"\n}\n";
    let pom = "<project><parent><relativePath>../../pom.xml</relativePath></parent></project>";
    for (name, text) in [
        ("docker-compose.yml", compose.as_str()),
        ("kustomization.yaml", kustomization),
        ("main.tf", terraform),
        ("pom.xml", pom),
    ] {
        fs::write(root.join(name), text).expect("written");
    }
    let json = serde_json::to_string(&survey(&root)).expect("JSON");
    assert!(!json.contains("STOLEN_HOST") && !json.contains("redis"), "{json}");
}

#[test]
fn huge_files_are_reported_and_not_read() {
    let folder = repository(&[("web/docker-compose.yml", COMPOSE)]);
    for name in ["docker-compose.yml", ".gitignore", "values.yaml", "Main.java"] {
        File::create(folder.path().join(name)).and_then(|f| f.set_len(1 << 30)).expect("a sparse file");
    }
    let survey = survey(folder.path());
    assert!(survey.blueprint.components.contains_key("web"));
    let told = |name: &str| survey.failed.iter().any(|f| f.path.as_deref() == Some(name));
    assert!(told("docker-compose.yml") && told("Main.java"), "{:?}", survey.failed);
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_are_no_files() {
    let folder = repository(&[("a/docker-compose.yml", COMPOSE)]);
    for name in ["docker-compose.yml", ".gitignore", ".ignore", "pom.xml", "Dockerfile"] {
        let made = Command::new("mkfifo").arg(folder.path().join(name)).status();
        assert!(made.is_ok_and(|s| s.success()), "mkfifo is part of every Unix");
    }
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("app.js")).expect("a socket");
    assert!(survey(folder.path()).blueprint.components.contains_key("web"));
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_reported() {
    use std::os::unix::fs::PermissionsExt;
    let folder = repository(&[("a/docker-compose.yml", COMPOSE), ("b/docker-compose.yml", COMPOSE)]);
    let locked = folder.path().join("b");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).expect("it is ours");
    let is_told = survey(folder.path()).failed.iter().any(|f| f.path.as_deref() == Some("b"));
    // The administrator may read everything.
    let may_read = fs::read_dir(&locked).is_ok();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).expect("it is ours");
    assert!(is_told || may_read);
}

#[test]
fn many_small_files_take_time_in_proportion() {
    // Units, deployed things, endpoints, names and links between them, all by the thousand.
    let mut files = Vec::new();
    for at in 0..4000 {
        let next = (at + 1) % 4000;
        files.push((
            format!("s{at}/package.json"),
            format!("{{\"name\":\"s{at}\",\"dependencies\":{{\"s{next}\":\"file:../s{next}\",\"express\":\"4\",\"pg\":\"8\"}}}}"),
        ));
        files.push((
            format!("s{at}/index.js"),
            format!("const app = require('express')();\napp.get('/a{at}', f);\napp.listen(1);\naxios.get('http://s{next}/a');\n"),
        ));
        files.push((
            format!("s{at}/docker-compose.yml"),
            format!("services:\n  s{at}:\n    build: .\n    depends_on: [s{next}]\n    environment:\n      X_URL: http://s{next}:80\n"),
        ));
        files.push((format!("s{at}/application.yml"), format!("spring:\n  application:\n    name: s{at}\n")));
    }
    let survey = survey_of(&files);
    assert!(survey.blueprint.components.len() >= 4000);
}

#[test]
fn more_files_than_the_limit_are_reported() {
    let files: Vec<(String, &str)> =
        (0..50).map(|at| (format!("d{at:02}/Dockerfile"), "FROM scratch\n")).collect();
    let limits = loadcase_recover::Limits { files: 20, ..Default::default() };
    let folder = repository(&files);
    let survey = loadcase_recover::recover(folder.path(), crate::catalog(), &limits).expect("a folder");
    assert!(says(&survey, "more than 20 files") && survey.files == 20);
}

#[test]
fn folders_in_folders_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep: String = (0..400).map(|_| "d/").collect();
    fs::create_dir_all(folder.path().join(&deep)).expect("folders");
    fs::write(folder.path().join(deep).join("docker-compose.yml"), COMPOSE).expect("written");
    assert!(says(&survey(folder.path()), "deeper than"));
}

#[cfg(unix)]
#[test]
fn odd_names_are_names() {
    use std::os::unix::ffi::OsStrExt;
    let names = [
        "a\nb/docker-compose.yml",
        "\u{1b}[31mred/Dockerfile",
        "tab\there/package.json",
        "back\\slash/pom.xml",
        "\u{202e}txt.exe/main.go",
        "*?[!]/main.tf",
        "-rf/application.yml",
        "$(touch pwned)/serverless.yml",
        " /Chart.yaml",
        "é/values.yaml",
    ];
    let files: Vec<(&str, &str)> = names.iter().map(|n| (*n, COMPOSE)).collect();
    let folder = repository(&files);
    let invalid = folder.path().join(std::ffi::OsStr::from_bytes(b"docker-compose.\xff.yml"));
    fs::write(invalid, COMPOSE).expect("written");
    let survey = survey(folder.path());
    let json = serde_json::to_string(&survey).expect("JSON");
    assert!(json.contains("a\\nb/docker-compose.yml") && !json.contains('\u{1b}'));
    assert!(says(&survey, "no UTF-8"));
    assert!(!Path::new("pwned").exists());
}

#[test]
fn ignored_names_leave_out_what_git_leaves_out() {
    let survey = survey_of(&[
        (".gitignore", "build-*/\n/top.yml\n!keep\n"),
        ("build-1/docker-compose.yml", "services: {built: {image: a}}"),
        ("sub/.gitignore", "*.yml\n!docker-compose.yml\n"),
        ("sub/docker-compose.yml", "services: {kept: {image: b}}"),
        ("sub/inner/compose.yml", "services: {left: {image: c}}"),
    ]);
    let names: Vec<&str> = survey.blueprint.components.keys().map(loadcase_model::Id::as_str).collect();
    assert_eq!(names, ["kept"]);
}

#[test]
fn names_that_begin_alike_are_different_things() {
    // Longer than identifiers may be: what tells them apart is cut off.
    let name = |end: &str| format!("{}-{end}", "orders".repeat(20));
    let services: String = ["a", "b", "c"].map(|end| format!("  {}: {{image: x}}\n", name(end))).concat();
    let survey = survey_of(&[("docker-compose.yml", format!("services:\n{services}"))]);
    let names: Vec<&str> = survey.blueprint.components.values().map(|c| c.name.as_str()).collect();
    assert_eq!(names, [name("a"), name("b"), name("c")]);
}
