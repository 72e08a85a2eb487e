//! Stored things: models of Prisma, Mongoose, TypeORM and Sequelize, and tables named in SQL.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use super::module::{Js, is_script, read};
use super::nest::decorators;
use super::words::is_money;
use crate::extract::Extractor;
use crate::sighting::{EntitySeen, Reach, ReachKind, Seen, TableSeen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads models in code.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "javascript-entities",
    reads: is_script,
    sees: &[Aspect::MoneyAsFloat, Aspect::TenantKey],
    extract,
};

/// Reads schemas of Prisma.
pub(super) const PRISMA: Extractor = Extractor {
    id: "prisma-schema",
    reads: |path| path.ends_with(".prisma"),
    sees: &[Aspect::MoneyAsFloat, Aspect::TenantKey],
    extract: prisma,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        for call in js.calls() {
            of_call(js, call, out);
        }
        for class in js.all("class_declaration") {
            of_class(js, class, out);
        }
        for node in js.nodes.iter().filter(|n| matches!(n.kind(), "string" | "template_string")) {
            let text = js.literal(*node);
            for (table, writes) in tables(text) {
                out.add(syntax::line(*node), Seen::Table(TableSeen { table, writes }));
            }
        }
    });
}

/// `new Schema({...})`, `sequelize.define('x', {...})`
fn of_call<'t>(js: &Js<'t>, call: Node<'t>, out: &mut Sightings) {
    let arguments = js.arguments(call);
    let (name, fields) = match js.called(call) {
        "Schema" if js.uses("mongoose") => (model_name(js, call), arguments.first().copied()),
        "define" if js.uses("sequelize") => {
            (arguments.first().map(|n| js.value(*n)), arguments.get(1).copied())
        }
        "pgTable" | "mysqlTable" | "sqliteTable" => {
            (arguments.first().map(|n| js.value(*n)), arguments.get(1).copied())
        }
        _ => return,
    };
    let (Some(name), Some(fields)) = (name, fields.and_then(|f| js.object(f))) else { return };
    let each = syntax::children(fields).into_iter().filter(|p| p.kind() == "pair").filter_map(|pair| {
        let key = js.literal(syntax::field(pair, "key")?);
        let value = syntax::field(pair, "value")?;
        let kind = js.property(value, "type").unwrap_or(value);
        let kind = js.of(kind).chars().take(60).collect::<String>();
        Some((key.to_owned(), kind, syntax::line(pair)))
    });
    entity(name, None, each.take(200).collect(), syntax::line(call), syntax::last_line(call), out);
}

/// The name under which a schema becomes a model: `mongoose.model('Order', orderSchema)`.
fn model_name<'t>(js: &Js<'t>, schema: Node<'t>) -> Option<String> {
    let variable = js.parent(schema).filter(|p| p.kind() == "variable_declarator")?;
    let variable = js.of(syntax::field(variable, "name")?);
    let given = js.calls().take(2000).find_map(|call| {
        let arguments = js.arguments(call);
        let is_it = js.called(call) == "model" && arguments.get(1).is_some_and(|s| js.of(*s) == variable);
        is_it.then(|| arguments.first().and_then(|n| js.string(*n)).map(str::to_owned)).flatten()
    });
    given.or_else(|| Some(variable.trim_end_matches("Schema").to_owned()))
}

/// `@Entity('orders') class Order { @Column() ... }`
fn of_class<'t>(js: &Js<'t>, class: Node<'t>, out: &mut Sightings) {
    let own = decorators(js, class);
    let Some((_, arguments)) =
        own.iter().find(|(n, _)| matches!(*n, "Entity" | "Table" | "Schema" | "ObjectType"))
    else {
        return;
    };
    if own.iter().any(|(n, _)| *n == "ObjectType") {
        return;
    }
    let table = arguments.first().and_then(|a| match js.object(*a) {
        Some(object) => js.first_property(object, &["name", "tableName", "collection"]).map(|n| js.value(n)),
        None => js.string(*a).map(str::to_owned),
    });
    let Some(body) = syntax::field(class, "body") else { return };
    let mut fields = Vec::new();
    for field in
        syntax::children(body).into_iter().filter(|f| f.kind() == "public_field_definition").take(200)
    {
        let Some(name) = syntax::field_text(field, "name", js.text) else { continue };
        let column: Vec<&str> = decorators(js, field)
            .iter()
            .filter(|(n, _)| n.contains("Column") || *n == "Prop" || *n == "Property")
            .flat_map(|(_, a)| a.iter().map(|a| js.of(*a)))
            .collect();
        let typed = syntax::field_text(field, "type", js.text).unwrap_or("").trim_start_matches([':', ' ']);
        let kind = if column.is_empty() { typed.to_owned() } else { format!("{typed} {}", column.join(" ")) };
        fields.push((name.to_owned(), kind.chars().take(80).collect(), syntax::line(field)));
    }
    let name = syntax::field_text(class, "name", js.text).unwrap_or("").to_owned();
    entity(name, table, fields, syntax::line(class), syntax::last_line(class), out);
}

/// Adds an entity, and what its fields tell of money and tenants.
fn entity(
    name: String,
    table: Option<String>,
    fields: Vec<(String, String, usize)>,
    line: usize,
    until: usize,
    out: &mut Sightings,
) {
    for (field, kind, line) in &fields {
        let lower = kind.to_ascii_lowercase();
        let exact =
            ["decimal", "numeric", "bigint", "int", "string", "money"].iter().any(|w| lower.contains(w));
        let binary = ["number", "float", "double", "real"].iter().any(|w| lower.contains(w));
        if is_money(field) && binary && !exact {
            let subject = format!("{name}.{field}");
            out.practice(*line, Aspect::MoneyAsFloat, State::Present, subject, kind.clone());
        }
        if matches!(
            field.to_ascii_lowercase().replace('_', "").as_str(),
            "tenantid" | "tenant" | "organizationid" | "workspaceid"
        ) {
            out.practice(*line, Aspect::TenantKey, State::Present, name.clone(), field.clone());
        }
    }
    out.span(line, until, Seen::Entity(EntitySeen { name, table, fields }));
}

/// The tables a statement of SQL names, and whether it writes them.
fn tables(sql: &str) -> Vec<(String, bool)> {
    let lower: String = sql.trim_start().chars().take(4000).collect::<String>().to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let starts =
        matches!(words.as_slice(), ["select" | "insert" | "update" | "delete" | "with" | "merge", _, _, ..]);
    // A sentence may begin with the same words: SQL is shouted or names its columns.
    let shouts = sql.contains("FROM") || sql.contains("INTO") || sql.contains("SET") || sql.contains('*');
    if !starts || !shouts && !sql.contains('=') || !["from", "into", "set"].iter().any(|w| words.contains(w))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for pair in words.windows(2) {
        let writes = match pair[0] {
            "into" => true,
            "update" if words.contains(&"set") => true,
            "from" => words[0] == "delete",
            "join" => false,
            _ => continue,
        };
        let table: String = pair[1]
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '`'))
            .collect();
        let table = table.replace(['"', '`'], "");
        if !table.is_empty() && found.len() < 16 {
            found.push((table, writes));
        }
    }
    found
}

/// A schema of Prisma: the address of its database, its models.
fn prisma(source: &Source<'_>, out: &mut Sightings) {
    let (mut provider, mut url) = (String::new(), None);
    let mut block = "";
    let mut model: Option<(usize, EntitySeen)> = None;
    for (at, text) in source.text.lines().enumerate() {
        let (line, text) = (at + 1, text.trim());
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            [kind @ ("datasource" | "generator"), ..] if text.ends_with('{') => block = kind,
            ["model", name, ..] if text.ends_with('{') => {
                block = "model";
                model =
                    Some((line, EntitySeen { name: (*name).to_owned(), table: None, fields: Vec::new() }));
            }
            ["}"] => {
                if let Some((from, EntitySeen { name, table, fields })) = model.take() {
                    entity(name, table, fields, from, line, out);
                }
                block = "";
            }
            ["provider", "=", value, ..] if block == "datasource" => {
                provider = value.trim_matches('"').to_owned();
            }
            ["url", "=", ..] if block == "datasource" => {
                let inside = text.split('"').nth(1).unwrap_or("");
                let value = if text.contains("env(") {
                    format!("${{{inside}}}")
                } else {
                    crate::secret::masked(inside)
                };
                url = Some((value, line));
            }
            [first, ..] if first.starts_with("@@map") => {
                if let Some((_, model)) = &mut model {
                    model.table = text.split('"').nth(1).map(str::to_owned);
                }
            }
            [name, kind, ..] if block == "model" && !name.starts_with(['@', '/']) => {
                if let Some((_, model)) = model.as_mut().filter(|m| m.1.fields.len() < 400) {
                    model.fields.push(((*name).to_owned(), (*kind).to_owned(), line));
                }
            }
            _ => {}
        }
    }
    let Some((url, line)) = url.filter(|_| provider != "sqlite") else { return };
    let mut reach = Reach::new(ReachKind::Data, url, if provider == "mongodb" { "mongodb" } else { "sql" });
    reach.technology = Some(provider).filter(|p| !p.is_empty());
    out.add(line, Seen::Reach(Box::new(reach)));
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, reaches, see};

    #[test]
    fn schemas_tell_stores_models_and_money() {
        let seen = see(
            "svc/prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n\nmodel Order {\n  id    Int @id\n  \
             total Float\n  @@map(\"orders\")\n}\n",
        );
        assert_eq!(reaches(&seen), ["Data ${DATABASE_URL}"]);
        assert!(practices(&seen).contains(&"MoneyAsFloat Present Order.total".to_owned()));
        let table = seen.iter().find_map(|s| match &s.seen {
            Seen::Entity(e) => e.table.clone(),
            _ => None,
        });
        assert_eq!(table.as_deref(), Some("orders"));
    }

    #[test]
    fn tables_of_statements() {
        let seen = see(
            "svc/db.js",
            "db.query('INSERT INTO orders (id) VALUES ($1)');\nconst t = 'select a page from the list';\n",
        );
        let tables: Vec<_> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Table(t) => Some((t.table.as_str(), t.writes)),
                _ => None,
            })
            .collect();
        assert_eq!(tables.first(), Some(&("orders", true)));
    }
}
