//! Stored things: models of Django, SQLAlchemy, SQLModel, Peewee, MongoEngine and Beanie, with their fields.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test};
use crate::sighting::{EntitySeen, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads stored things.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-entity",
    reads: is_python,
    sees: &[Aspect::MoneyAsFloat, Aspect::TenantKey],
    extract,
};

/// Words in names of money.
const MONEY: &[&str] = &[
    "price", "amount", "balance", "cost", "total", "credit", "fee", "salary", "payment", "wallet", "revenue",
    "subtotal",
];

/// Whether a name is one of money.
pub(crate) fn is_money(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.split('_').any(|p| MONEY.contains(&p.trim_end_matches('s')) || MONEY.contains(&p))
        && !["count", "rate", "percent", "limit", "id", "number", "time", "type"]
            .iter()
            .any(|w| lower.ends_with(w))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) || source.path.contains("/migrations/") {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    let mut tenants = Vec::new();
    for class in syntax::of_kind(code.root(), "class_definition") {
        let is_table = table_kind(&code, class);
        let is_shape = code.bases(class).iter().any(|b| b.ends_with("BaseModel") || b.ends_with("Schema"));
        if !is_table && !is_shape {
            continue;
        }
        let fields = fields(&code, class);
        for (name, kind, line) in &fields {
            let is_float = kind.contains("Float")
                || kind.starts_with("float")
                || kind.contains("[float]")
                || kind.contains("DOUBLE")
                || kind.contains("REAL");
            if is_money(name) && is_float {
                out.practice(
                    *line,
                    Aspect::MoneyAsFloat,
                    State::Present,
                    name,
                    format!("{kind}: a binary float"),
                );
            }
        }
        if !is_table || fields.is_empty() {
            continue;
        }
        let name = code.field(class, "name").to_owned();
        let tenant = fields.iter().any(|(f, _, _)| is_tenant(f));
        tenants.push((name.clone(), tenant, syntax::line(class)));
        let table = table(source, &code, class);
        let entity = EntitySeen { name, table, fields };
        out.span(syntax::line(class), syntax::last_line(class), Seen::Entity(entity));
    }
    // only where some tell their tenant are those that do not worth a word
    if tenants.iter().any(|(_, t, _)| *t) {
        for (name, tenant, line) in tenants {
            let state = if tenant { State::Present } else { State::Absent };
            let detail =
                if tenant { "carries its tenant" } else { "does not carry its tenant, its neighbours do" };
            out.practice(line, Aspect::TenantKey, state, name, detail);
        }
    }
}

/// Whether a field tells the tenant.
fn is_tenant(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("tenant")
        || matches!(lower.as_str(), "organization_id" | "organisation_id" | "org_id" | "workspace_id")
}

/// Whether a class is a table or a document.
fn table_kind(code: &Code, class: Node<'_>) -> bool {
    if code.attribute(class, "__tablename__").is_some() || code.attribute(class, "__table__").is_some() {
        return true;
    }
    let list = syntax::field(class, "superclasses").map_or("", |s| code.text_of(s));
    let by_base = code.bases(class).iter().any(|base| {
        let short = base.rsplit('.').next().unwrap_or(base);
        base.ends_with("models.Model")
            || base.ends_with("db.Model")
            || matches!(
                short,
                "Document" | "EmbeddedDocument" | "TimeStampedModel" | "AbstractUser" | "AbstractBaseUser"
            )
            || (short == "Model" && (code.uses("peewee") || code.uses("tortoise")))
    });
    by_base || list.contains("table=True")
}

fn table(source: &Source<'_>, code: &Code, class: Node<'_>) -> Option<String> {
    if let Some(name) = code.attribute(class, "__tablename__").and_then(|n| code.literal(n)) {
        return Some(name);
    }
    let inner = |name: &'static str| {
        syntax::of_kind(class, "class_definition")
            .skip(1)
            .find(|c| code.field(*c, "name") == "Meta")
            .and_then(|m| code.attribute(m, name))
    };
    if let Some(name) = inner("db_table").or_else(|| inner("table_name")).and_then(|n| code.literal(n)) {
        return Some(name);
    }
    let is_django = code.uses("django") && code.bases(class).iter().any(|b| b.ends_with("models.Model"));
    let app = source.folder().trim_end_matches("/models").rsplit('/').next().unwrap_or("");
    (is_django && !app.is_empty())
        .then(|| format!("{app}_{}", code.field(class, "name").to_ascii_lowercase()))
}

/// The fields of a class with their types as written.
fn fields(code: &Code, class: Node<'_>) -> Vec<(String, String, usize)> {
    let Some(body) = syntax::field(class, "body") else { return Vec::new() };
    let mut found = Vec::new();
    for statement in syntax::children(body) {
        let Some(assign) = statement.named_child(0).filter(|a| a.kind() == "assignment") else { continue };
        let name = code.field(assign, "left");
        let written = code.field(assign, "type");
        let value = syntax::field(assign, "right");
        let kind = match value {
            // `Column(Integer)`, `CharField()`, `mapped_column(Float)`
            Some(value) if value.kind() == "call" => {
                let callee = code.field(value, "function").to_owned();
                let short = callee.rsplit('.').next().unwrap_or(&callee).to_owned();
                let first = code.arg(value, Some(0), "type_").map_or("", |f| code.text_of(f));
                let is_column = matches!(short.as_str(), "Column" | "mapped_column");
                if is_column && !first.is_empty() && !first.starts_with(['"', '\'']) {
                    first.rsplit('.').next().unwrap_or(first).to_owned()
                } else if written.is_empty() {
                    short
                } else {
                    written.to_owned()
                }
            }
            _ if !written.is_empty() => written.to_owned(),
            _ => continue,
        };
        if name.starts_with("__") || name == "objects" || matches!(kind.as_str(), "Manager" | "ConfigDict") {
            continue;
        }
        let kind: String = kind.chars().take(60).collect();
        found.push((name.to_owned(), kind, syntax::line(assign)));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see};

    #[test]
    fn tables_fields_and_money() {
        let text = "from django.db import models\nclass Order(models.Model):\n    price = models.FloatField()\n    user = models.ForeignKey('User', on_delete=models.CASCADE)\n    class Meta:\n        db_table = 'orders'\nclass Item(models.Model):\n    name = models.CharField(max_length=3)\n";
        let seen = see("svc/shop/models.py", text);
        let entities: Vec<_> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Entity(e) => Some((e.name.as_str(), e.table.as_deref(), e.fields.len())),
                _ => None,
            })
            .collect();
        assert_eq!(entities, [("Order", Some("orders"), 2), ("Item", Some("shop_item"), 1)]);
        assert_eq!(practices(&seen), ["MoneyAsFloat Present price"]);
    }
}
