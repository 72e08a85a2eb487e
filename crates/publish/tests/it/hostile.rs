//! Names that try to break out: no output may change its structure because of them.

use loadcase_model::{Blueprint, Design, yaml};
use loadcase_publish::{Deliverable, Screen, deliverables, markdown, terminal, untagged_numbers};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser as Markdown, Tag, TagEnd};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser as Sql;

use crate::fixture;
use crate::schema::declarative;

const NASTY: &[&str] = &[
    "a\"b'c`d",
    "x | y || z",
    "line\nbreak\r\n# heading",
    "--> B; C --- D",
    "<script>alert(1)</script>",
    "]]> -- */ ; DROP TABLE user; --",
    "```\nfence\n```",
    "{{ template }} {% raw %}",
    "%% comment %%{init: {}}%%",
    "[link](javascript:alert(1)) ![i](x)",
    "end",
    "\u{202E}reversed\u{200B}",
    "\u{1b}[31mred\u{1b}[0m\u{7}",
    "größer ≥ 5 % & <b>",
    "*** __bold__ ~~no~~",
    "-----",
    "1. first 2) second",
    "12 servers, 99.9%",
    "$$; $x$ $1",
    "null",
    "{a: [1, 2",
    "subgraph x",
    "",
    "   ",
    "://www.example.org http://x.invalid/1",
    "\\",
    "#",
];

/// Puts `names` wherever a design holds words of somebody else's.
fn disguised(mut design: Design, names: &[String]) -> Design {
    let mut next = names.iter().cycle();
    let mut name = || next.next().cloned().unwrap_or_default();
    let blueprint = &mut design.blueprint;
    blueprint.name = name();
    blueprint.summary = name();
    blueprint.actors.values_mut().for_each(|a| a.name = name());
    for module in blueprint.modules.values_mut() {
        module.name = name();
        module.summary = name();
    }
    for component in blueprint.components.values_mut() {
        component.name = name();
        if let Some(capacity) = &mut component.capacity {
            capacity.basis = name();
        }
    }
    blueprint.zones.values_mut().for_each(|z| z.name = name());
    for flow in &mut blueprint.flows {
        flow.purpose = name();
        flow.protocol = name();
    }
    for entity in blueprint.entities.values_mut() {
        entity.name = name();
        entity.summary = name();
        entity.basis = name();
        entity.fields.iter_mut().for_each(|f| f.values.iter_mut().for_each(|v| *v = name()));
    }
    for operation in blueprint.operations.values_mut() {
        operation.name = name();
        if operation.path.is_some() {
            operation.path = Some(format!("/{}", name()));
        }
    }
    for region in &mut blueprint.deployment.regions {
        *region = name();
    }
    words_of_the_design(&mut design, &mut name);
    design
}

fn words_of_the_design(design: &mut Design, name: &mut dyn FnMut() -> String) {
    design.recommendation.headline = name();
    design.recommendation.reasons.iter_mut().for_each(|r| *r = name());
    design.targets.iter_mut().for_each(|t| t.name = name());
    for decision in &mut design.decisions {
        decision.question = name();
        decision.verdict.name = name();
        decision.verdict.summary = name();
        decision.drivers.iter_mut().for_each(|d| d.because = name());
        for option in &mut decision.alternatives {
            option.name = name();
            option.reason = name();
        }
        decision.flips.iter_mut().for_each(|f| f.to_name = name());
    }
    for risk in &mut design.risks {
        risk.risk = name();
        risk.mitigation = name();
    }
    for line in &mut design.gate {
        line.check = name();
        line.evidence.iter_mut().for_each(|e| *e = name());
    }
    for step in &mut design.growth {
        step.trigger = name();
        step.action = name();
    }
    for finding in &mut design.findings {
        finding.message = name();
        finding.reference = Some(name());
    }
}

/// The structure of a Markdown text: kinds of blocks, rows and cells, without their words.
fn structure(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for event in Markdown::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => out.push(format!("heading {level}")),
            Event::Start(Tag::Table(columns)) => out.push(format!("table {}", columns.len())),
            Event::Start(Tag::CodeBlock(_)) => out.push("fence".to_owned()),
            Event::Start(Tag::List(_)) => out.push("list".to_owned()),
            Event::Start(Tag::Item) => out.push("item".to_owned()),
            Event::End(TagEnd::TableRow) => out.push("row".to_owned()),
            Event::Start(Tag::Image { .. }) => out.push("IMAGE".to_owned()),
            Event::Start(Tag::Link { dest_url, .. }) => out.push(format!("link {dest_url}")),
            Event::Html(html) | Event::InlineHtml(html) if &*html != "<br>" => {
                out.push(format!("HTML {html}"));
            }
            _ => {}
        }
    }
    out
}

/// Each line of a diagram must be one that this program writes.
fn is_sound_diagram(line: &str) -> bool {
    let quoted = line.split('"').skip(1).step_by(2);
    let safe = |c: char| c.is_alphanumeric() || " .,:/-_+×'()#;<>".contains(c);
    let outside: String = line.split('"').step_by(2).collect();
    quoted.clone().all(|text| text.replace("<br/>", "").chars().all(|c| safe(c) && !matches!(c, '<' | '>')))
        && line.matches('"').count().is_multiple_of(2)
        && !outside.contains("%%")
        && !outside.contains("<script")
}

fn diagrams(file: &Deliverable) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for event in Markdown::new_ext(&file.text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(kind))) => {
                inside = &*kind == "mermaid";
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => found.push(text.into_string()),
            _ => {}
        }
    }
    found
}

fn check(designs: &[Design], names: &[String]) {
    let catalog = fixture::catalog();
    for plain in designs {
        let design = disguised(plain.clone(), names);
        let (expected, files) = (deliverables(plain, &catalog), deliverables(&design, &catalog));
        for file in &files {
            check_file(file, names);
        }
        check_structure(&expected, &files, names);
        let text = &files.iter().find(|f| f.path == "blueprint.yaml").expect("a blueprint").text;
        let back: Blueprint =
            yaml::read(text).unwrap_or_else(|e| panic!("{}\n{text}", e.one_line("b", text)));
        assert_eq!(back, design.blueprint);
        assert_eq!(untagged_numbers(&markdown(&design, &catalog)), Vec::<String>::new(), "{names:?}");
        for (unicode, color) in [(true, true), (false, false)] {
            let text = terminal(&design, &catalog, Screen { color, unicode, width: 80, full: true });
            let bare = text.replace("\u{1b}[0m", "").replace("\u{1b}[1m", "").replace("\u{1b}[2m", "");
            let bare = bare.replace("\u{1b}[31m", "").replace("\u{1b}[32m", "");
            assert!(bare.chars().all(|c| !c.is_control() || c == '\n'), "{names:?}");
            assert!(unicode || bare.is_ascii(), "{names:?}");
        }
    }
}

fn check_file(file: &Deliverable, names: &[String]) {
    if file.path.ends_with(".md") {
        assert_eq!(untagged_numbers(&file.text), Vec::<String>::new(), "{} {names:?}", file.path);
        for diagram in diagrams(file) {
            for line in diagram.lines() {
                assert!(is_sound_diagram(line), "{}: {line}", file.path);
            }
        }
    }
    if file.path.ends_with(".sql") {
        Sql::parse_sql(&PostgreSqlDialect {}, &declarative(&file.text))
            .unwrap_or_else(|e| panic!("{}: {e}\n{}", file.path, file.text));
    }
    if file.path.ends_with(".yaml") {
        let value = yaml::read::<serde_json::Value>(&file.text);
        assert!(value.is_ok(), "{}: {:?}", file.path, value.err().map(|e| e.one_line("f", &file.text)));
    }
}

/// Documents keep their headings, tables, lists and links, whatever the names say.
fn check_structure(expected: &[Deliverable], files: &[Deliverable], names: &[String]) {
    const STEADY: &[&str] =
        &["architecture.md", "data-design.md", "security.md", "scaling.md", "trade-offs.md", "technology.md"];
    for path in STEADY {
        let text = |files: &[Deliverable]| {
            files.iter().find(|f| f.path == *path).map(|f| f.text.clone()).expect("there")
        };
        let only_blocks = |text: String| {
            let shape = structure(&text);
            shape
                .into_iter()
                .filter(|s| s != "row" && !s.starts_with("item") && s != "list")
                .collect::<Vec<_>>()
        };
        assert_eq!(only_blocks(text(files)), only_blocks(text(expected)), "{path} {names:?}");
    }
    for file in files.iter().filter(|f| f.path.ends_with(".md")) {
        let shape = structure(&file.text);
        assert!(shape.iter().all(|s| !s.starts_with("HTML") && s != "IMAGE"), "{}: {shape:?}", file.path);
        assert!(shape.iter().all(|s| !s.contains("javascript")), "{}", file.path);
    }
}

#[test]
fn known_tricks_break_nothing() {
    for trick in NASTY {
        check(&[fixture::social()], &[(*trick).to_owned()]);
    }
    check(
        &[fixture::social(), fixture::multi_tenant()],
        &NASTY.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn random_names_break_nothing(names in proptest::collection::vec("\\PC{0,24}|[\"'`|<>\\[\\](){}#;:%&*_~$\\\\\n\t -]{0,12}", 1..6)) {
        check(&[fixture::multi_tenant()], &names);
    }
}
