//! Migrations written in code, as far as they are static: Alembic, Django, Rails, EF Core.

use loadcase_model::Aspect;

use crate::extract::Extractor;
use crate::extract::contract::table::{self, Table};
use crate::source::{Sightings, Source};

/// Reads migrations in Python, Ruby and C#.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "migrations",
    reads: |path| {
        let lower = path.to_ascii_lowercase();
        let code =
            [".py", ".rb", ".cs"].iter().any(|e| lower.ends_with(e)) && !lower.ends_with(".designer.cs");
        code && ["migrat", "/versions/", "alembic", "db/schema.rb"].iter().any(|p| lower.contains(p))
    },
    sees: &[Aspect::MoneyAsFloat, Aspect::CardData],
    extract,
};

/// Ways to begin a table: what stands before its name.
const BEGINS: &[&str] = &[
    "op.create_table(",
    "create_table ",
    "create_table(",
    "migrations.CreateModel(",
    "migrationBuilder.CreateTable(",
];

/// Ends of what a migration does forward.
const BACK: &[&str] = &["def downgrade", "def down", "protected override void Down"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let mut current: Option<Table> = None;
    // The name of a table may stand on the line after the call.
    let mut waits = false;
    for (i, text) in source.text.lines().enumerate() {
        let (number, line) = (i + 1, text.trim());
        if BACK.iter().any(|b| line.starts_with(b)) {
            break;
        }
        let begun = BEGINS.iter().find_map(|b| line.split_once(b)).map(|(_, rest)| rest);
        if begun.is_some() {
            if let Some(table) = current.take() {
                table::add(table, out);
            }
            current = Some(Table { lines: (number, number), ..Table::default() });
            waits = true;
        }
        let Some(table) = &mut current else { continue };
        let rest = begun.unwrap_or(line);
        if waits {
            let rest = rest.trim_start().trim_start_matches("name=").trim_start_matches("name:").trim_start();
            if let Some(name) = first_name(rest) {
                table.name = name;
                waits = false;
            }
            if begun.is_some() || !waits {
                continue;
            }
        }
        table.lines.1 = number;
        if let Some((name, kind)) = column(line) {
            table.columns.push((name, kind, number));
        } else if matches!(line, "end" | ")" | ");" | "}," | "});")
            && !table.columns.is_empty()
            && !source.path.ends_with(".py")
            && let Some(table) = current.take()
        {
            table::add(table, out);
        }
    }
    if let Some(table) = current {
        table::add(table, out);
    }
}

/// The name in quotes (or after a colon, as in Ruby) that a text begins with.
fn first_name(text: &str) -> Option<String> {
    let rest = text.strip_prefix(['"', '\'', ':'])?;
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// A column: `sa.Column("a", sa.Float())`, `("a", models.FloatField())`, `t.float "a"`, `A = table.Column<double>(...)`.
fn column(line: &str) -> Option<(String, String)> {
    if let Some((_, rest)) = line.split_once("sa.Column(").or_else(|| line.split_once("Column(")) {
        let name = first_name(rest.trim_start())?;
        let kind = rest.split_once(',')?.1.trim();
        return Some((name, plain(kind.trim_start_matches("sa."), line)));
    }
    if let Some((before, rest)) = line.split_once("models.") {
        let name = first_name(before.trim_start_matches('(').trim_start())?;
        let kind = rest.split('(').next()?;
        return Some((name, plain(kind.trim_end_matches("Field"), line)));
    }
    if let Some(rest) = line.strip_prefix("t.") {
        let (kind, rest) = rest.split_once(' ')?;
        return Some((first_name(rest.trim_start())?, plain(kind, line)));
    }
    let (before, rest) = line.split_once("table.Column<")?;
    let name = before.split('=').next()?.trim();
    Some((name.to_owned(), plain(rest.split('>').next()?, line)))
}

/// The type's word, with what the line says about uniqueness.
fn plain(kind: &str, line: &str) -> String {
    let word: String = kind.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let dense = line.replace(' ', "").to_ascii_lowercase();
    if dense.contains("unique=true") || dense.contains("unique:true") {
        format!("{word} UNIQUE")
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    fn money(path: &str, text: &str) -> Vec<String> {
        practices(&see(path, text)).into_iter().filter(|p| p.starts_with("MoneyAsFloat")).collect()
    }

    #[test]
    fn four_tools_are_read() {
        let alembic = "def upgrade():\n    op.create_table(\n        'bills',\n        sa.Column('amount', sa.Float(), nullable=False),\n    )\n\ndef downgrade():\n    op.create_table('no', sa.Column('fee', sa.Float()))\n";
        assert_eq!(money("alembic/versions/1.py", alembic), ["MoneyAsFloat Present bills.amount"]);
        let django = "class Migration(migrations.Migration):\n  operations = [\n    migrations.CreateModel(\n      name='Bill',\n      fields=[\n        ('amount', models.FloatField()),\n      ],\n    ),\n  ]\n";
        assert_eq!(money("shop/migrations/0001_initial.py", django), ["MoneyAsFloat Present Bill.amount"]);
        let rails = "create_table \"bills\", force: :cascade do |t|\n  t.float \"amount\"\nend\n";
        assert_eq!(money("db/migrate/1_x.rb", rails), ["MoneyAsFloat Present bills.amount"]);
        let ef = "migrationBuilder.CreateTable(\n  name: \"Bills\",\n  columns: table => new\n  {\n    Amount = table.Column<double>(nullable: false)\n  });\n";
        assert_eq!(money("Migrations/1_Init.cs", ef), ["MoneyAsFloat Present Bills.Amount"]);
    }
}
