//! Liquibase changelogs in XML, YAML and JSON.

use loadcase_model::Aspect;

use crate::extract::Extractor;
use crate::extract::contract::table::{self, Table};
use crate::source::{Sightings, Source};
use crate::xml::{self, Element};
use crate::yaml::{self, Node};

/// Reads changelogs.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "liquibase",
    reads: |path| [".xml", ".yaml", ".yml", ".json"].iter().any(|e| path.ends_with(e)),
    sees: &[Aspect::MoneyAsFloat, Aspect::CardData],
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() || !source.text.contains("databaseChangeLog") {
        out.passed = true;
        return;
    }
    if source.path.ends_with(".xml") {
        let Some(root) = xml::document(source.text) else { return };
        for change in root.descendants().filter(|e| matches!(e.name.as_str(), "createTable" | "addColumn")) {
            from_xml(change, out);
        }
        return;
    }
    let Some(document) = yaml::document(&source.text.replace('\t', " ")) else { return };
    let sets = document.get("databaseChangeLog").map(Node::list).unwrap_or_default();
    for change in sets.iter().filter_map(|s| s.at(&["changeSet", "changes"])).flat_map(Node::list) {
        for (_, table) in
            change.pairs().iter().filter(|(k, _)| matches!(k.as_str(), "createTable" | "addColumn"))
        {
            from_yaml(table, out);
        }
    }
}

fn kind(kind: &str, unique: Option<&str>, primary: Option<&str>) -> String {
    let mut kind = kind.to_owned();
    if unique == Some("true") {
        kind.push_str(" UNIQUE");
    }
    if primary == Some("true") {
        kind.push_str(" PRIMARY KEY");
    }
    kind
}

fn from_xml(change: &Element, out: &mut Sightings) {
    let column = |c: &Element| {
        let constraints = c.get("constraints");
        let said = |name: &str| constraints.and_then(|k| k.attribute(name));
        let kind = kind(c.attribute("type").unwrap_or(""), said("unique"), said("primaryKey"));
        Some((c.attribute("name")?.to_owned(), kind, c.line))
    };
    let columns: Vec<_> = change.all("column").filter_map(column).collect();
    let last = columns.last().map_or(change.line, |c| c.2);
    let name = change.attribute("tableName").unwrap_or("").to_owned();
    table::add(Table { name, columns, lines: (change.line, last) }, out);
}

fn from_yaml(change: &Node, out: &mut Sightings) {
    let column = |c: &Node| {
        let c = c.get("column")?;
        let said = |name: &str| c.at(&["constraints", name]).and_then(Node::text);
        let kind = kind(c.text_of("type").unwrap_or(""), said("unique"), said("primaryKey"));
        Some((c.text_of("name")?.to_owned(), kind, c.line))
    };
    let columns: Vec<_> =
        change.get("columns").map(Node::list).unwrap_or_default().iter().filter_map(column).collect();
    let last = columns.last().map_or(change.line, |c| c.2);
    let name = change.text_of("tableName").unwrap_or("").to_owned();
    table::add(Table { name, columns, lines: (change.line, last) }, out);
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn xml_and_yaml_changes_are_tables() {
        let xml = "<databaseChangeLog><changeSet id=\"1\" author=\"a\"><createTable tableName=\"invoice\">\n<column name=\"amount\" type=\"double\"/>\n</createTable></changeSet></databaseChangeLog>";
        assert_eq!(practices(&see("db/changelog.xml", xml)), ["MoneyAsFloat Present invoice.amount"]);
        let yaml = "databaseChangeLog:\n  - changeSet:\n      id: 1\n      changes:\n        - createTable:\n            tableName: invoice\n            columns:\n              - column:\n                  name: amount\n                  type: float8\n";
        assert_eq!(practices(&see("db/changelog.yaml", yaml)), ["MoneyAsFloat Present invoice.amount"]);
    }
}
